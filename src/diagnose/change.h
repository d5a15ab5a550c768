/* What a fix takes away from a measured run, in terms that hold for every start of it, so that the run can be played back
 * without it (recommend/whatif.h). */
#ifndef COLDSPOT_DIAGNOSE_CHANGE_H
#define COLDSPOT_DIAGNOSE_CHANGE_H

#include "base/arena.h"

enum change_kind {
    CHANGE_IMPORT, /* the import statement at file:line no longer runs */
    CHANGE_HOST,   /* nothing is fetched from the host `target` before the end of the first call */
    CHANGE_READ,   /* the file `target` is no longer read in warm calls, but once before them */
    CHANGE_MEMORY, /* `amount` bytes are asked for */
    CHANGE_CPU,    /* `amount` cores are asked for */
    CHANGE_PEAK,   /* the peak is `amount` bytes lower */
};

struct change {
    enum change_kind kind;
    struct str file; /* CHANGE_IMPORT */
    uint32_t line;
    struct str target; /* CHANGE_HOST: without a port; CHANGE_READ: the path */
    double amount;
};

struct changes {
    const struct change **items;
    size_t len, cap;
};

#endif
