/* Memory of a run beyond its rows: whose it was at the peak, and whether calls leave more and more of it behind. */
#ifndef COLDSPOT_STORE_HELD_H
#define COLDSPOT_STORE_HELD_H

#include "store/run.h"

/* The peak of one start.  Sampled: estimates, of pages that were in memory; together they may be above the resident set by no more
 * than their error. */
struct held_split {
    double python_bytes, native_bytes; /* sampled, by who asked for it */
    double file_bytes;                 /* pages of files and shared memory, from the kernel; 0: not known */
    double error_bytes;                /* standard error of python_bytes + native_bytes */
    double explained;                  /* the sampled share of the resident set at its peak */
};

/* False: allocations were not followed. */
bool held_split(const struct run_start *start, struct held_split *split_out);

/* What one more call adds to the resident set, after the second of each start (what is built on first use is there by then): the median
 * of the slopes between all pairs of calls of one start, over the starts, with its 95 % interval. */
struct held_growth {
    uint64_t calls;                      /* that it rests on */
    double bytes, low_bytes, high_bytes; /* a call */
};

/* Less a call than this is not worth a word. */
#define HELD_GROWTH_LEAST 65536.0

/* False: no start has four such calls, or all of them together fewer than eight. */
bool held_growth(struct arena *arena, const struct run *run, struct held_growth *growth_out);

#endif
