/* One way to use all cores: a loop whose rounds share nothing. */
#ifndef COLDSPOT_BASE_PARALLEL_H
#define COLDSPOT_BASE_PARALLEL_H

#include <stddef.h>

/* Calls body(i, worker, ctx) once for each i in [0, n), from `workers` threads at most (0: one a core); worker is the
 * thread's number, from 0, for per-worker arenas and results.  Returns when all are done. */
void parallel_for(size_t n, unsigned workers, void (*body)(size_t i, unsigned worker, void *ctx), void *ctx);

/* How many workers parallel_for uses for workers = 0. */
unsigned parallel_workers(void);

#endif
