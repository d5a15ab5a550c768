/* Measuring a target: options, starts in fresh sandboxes, and the run that comes of it, in the store.  What run, diagnose and
 * compare share. */
#ifndef COLDSPOT_CMD_MEASURE_H
#define COLDSPOT_CMD_MEASURE_H

#include <signal.h>

#include "cmd/cmd.h"
#include "store/run.h"

/* What to run and with which input. */
struct measure_options {
    uint32_t cold, warm;
    double max_time_s, timeout_s; /* timeout_s 0: the function's own */
    const char *input, *input_from, *inputs, *request, *body;
    struct opt_strs params, headers, env, env_files, mounts;
    const char *batch, *concurrency;
    const char *python, *sandbox, *remote, *observe;
    uint32_t sample_hz;
    const char *gpu;
    double cpu, memory_mib; /* 0: what the app asks for */
    const char *store;
    bool redact_paths;
};

extern const struct opt measure_opts[];

/* The defaults of run and diagnose. */
struct measure_options measure_defaults(void);

struct measured {
    struct run run;
    bool has_run;                  /* something was measured and is in the store, also when the function failed */
    struct str app_file;           /* absolute path of the app's file; empty for commands and modules */
    bool calls_is_local;           /* the app asks modal.is_local() */
    array_of(struct str) warnings; /* sentences for the reader, also stored with the run */
};

/* Measures the words' TARGET or their command.  Negative with *err set when the function failed (ERR_FUNCTION), was
 * interrupted, or could not be started; measured_out is valid then too, with has_run telling whether anything was kept. */
int measure(struct cmd_call *call, const struct measure_options *options, const struct opt_words *words, bool quiet,
            struct measured *measured_out, struct err *err);

/* The same in steps, so that two targets can be measured in turn: open, next while it wants more, close.  close takes the
 * result so far and must be called also after a failed open; options, words' strings and *measured must live until then. */
struct measure;
int measure_open(struct cmd_call *call, const struct measure_options *options, const struct opt_words *words,
                 bool quiet, struct measured *measured, struct measure **measure_out, struct err *err);
bool measure_wants_more(const struct measure *measure);
int measure_next(struct measure *measure, struct err *err);
int measure_close(struct measure *measure, int rc, struct err *err);

/* From here to the end Ctrl-C, SIGTERM and SIGHUP end the start under way instead of coldspot; measure does it by itself. */
struct measure_signals {
    struct sigaction old[3]; /* private */
};
void measure_catch_signals(struct measure_signals *signals);
void measure_restore_signals(const struct measure_signals *signals);

#endif
