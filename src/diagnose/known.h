/* What checks know of libraries: how long a module takes to import, and what a call does.  Rows in data/diagnose. */
#ifndef COLDSPOT_DIAGNOSE_KNOWN_H
#define COLDSPOT_DIAGNOSE_KNOWN_H

#include "base/map.h"

enum {
    KNOWN_LOAD = 1,
    KNOWN_DOWNLOAD = 2,
    KNOWN_FETCH = 4,
    KNOWN_SETUP = 8,
    KNOWN_MODEL = 16,
    KNOWN_TORCH = 32,
    KNOWN_BLOCKING = 64,
    KNOWN_DATA = 128,
    KNOWN_TRAIN = 256,
    KNOWN_COMPILE = 512,
    KNOWN_GPU = 1024,
    KNOWN_NET = 2048,
    KNOWN_RANDOM = 4096,
    KNOWN_LIGHT = 8192,
};

struct known_module {
    struct str name;
    uint32_t import_ms;
    uint32_t flags; /* KNOWN_GPU, KNOWN_LIGHT */
};

struct known {
    struct map by_last; /* private: a pattern's last name -> its first row, plus 1 */
    uint32_t *next;     /* private */
    struct map modules; /* private: name -> row, plus 1 */
};

void known_init(struct arena *arena, struct known *known);

/* What a call of that path does: KNOWN_ flags of the most exact row; 0: nothing known. */
uint32_t known_call(const struct known *known, struct str path);

/* The row of an imported module: of "sklearn.svm" that of "sklearn"; NULL: nothing known. */
const struct known_module *known_module(const struct known *known, struct str module);

/* Whether text matches a pattern in which "*" is any text. */
bool known_matches(struct str pattern, struct str text);

/* Modules of Python's own library that matter here: those that never use a GPU nor hide work. */
bool known_is_stdlib(struct str module);

#endif
