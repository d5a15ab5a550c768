/* Which imported modules ran any code after the imports were done: EVENT_USE records.
 *
 * Only for a run whose phases are named: the imports are done when enter, the first call or exec begins. */
#ifndef COLDSPOT_AGENT_USES_H
#define COLDSPOT_AGENT_USES_H

#include <stdbool.h>
#include <stdint.h>

struct agent_thread;
struct object;

enum {
    USES_STRINGS = 32768 + 1, /* ids of strings */
    USES_MODULES = 16384,
    USES_CODES = 131072,
};

enum uses_state { USES_UNTRIED, USES_IMPORTS, USES_RUNNING, USES_DONE, USES_OFF };

struct uses {
    uint32_t state;           /* enum uses_state */
    bool checked;             /* code objects are laid out as we think */
    uint32_t monitoring_tool; /* our id in sys.monitoring (3.12 and later) */
    struct object *disable;   /* sys.monitoring.DISABLE */
    uint32_t module_count, code_count;
    struct uses_code *codes; /* functions whose counters are compared (3.9 to 3.11) */
    struct {
        uint32_t name, file; /* strings */
    } modules[USES_MODULES];
    uint8_t ran[USES_STRINGS / 8 + 1];           /* files, or names of frozen modules, whose code ran */
    uint8_t has_functions[USES_STRINGS / 8 + 1]; /* files that define any function */
    uint8_t unsure[USES_STRINGS / 8 + 1];        /* files with functions whose counter is at its end */
};

/* The interpreter runs: begins to watch, where this version has the means. */
void uses_start(struct agent_thread *self);

/* A module's code is about to be executed. */
void uses_module_code(struct agent_thread *self, struct object *code);

void uses_imported(uint32_t name, uint32_t file);

/* The app's imports are done: what runs from here on is use. */
void uses_imports_done(struct agent_thread *self);

/* What runs from here on is not use any more: the process ends. */
void uses_stop(struct agent_thread *self);

/* The end of the process: writes the records. */
void uses_write(struct agent_thread *self);

#endif
