/* Looks through settings for the best: all of them, or as few as lead there. */
#ifndef COLDSPOT_SIMULATE_SEARCH_H
#define COLDSPOT_SIMULATE_SEARCH_H

#include "base/arena.h"
#include "simulate/slo.h"

enum { SEARCH_AXES_MOST = 12, SEARCH_GRID_MOST = 20000000 };

struct search {
    const struct evaluation *evaluation;
    struct settings base; /* what the axes change; also where the search begins */
    const struct settings_axis *axes;
    size_t n_axes;
    struct objective objective;
    bool exhaustive;
    uint32_t shard, shards; /* exhaustive only: every shards-th point from shard - 1 on; 0: all */
    unsigned workers;       /* 0: one a core */
    void (*progress)(size_t done, size_t all, void *ctx); /* called by one thread now and then; may be NULL */
    void *ctx;
};

struct searched {
    uint64_t point; /* number in the grid, the last axis fastest */
    bool is_exact;  /* simulated with all replications */
    struct result result;
};

struct search_outcome {
    array_of(struct searched) found; /* by point */
    uint64_t grid, contradictory;    /* points; those whose settings contradict each other */
    uint64_t evaluated, pruned;      /* pruned: proven dearer than what was found, without simulating */
    bool proven;                     /* every point was simulated or pruned */
};

/* Evaluates.  Deterministic: neither the number of workers nor the order in which they finish changes anything. */
int search_run(struct arena *arena, const struct search *search, struct search_outcome *outcome_out, struct err *err);

/* What a search does at its end: where settings were simulated a few times only, those that may be chosen are simulated as often
 * as it takes.  For what was put together from shards. */
int search_refine(const struct search *search, struct search_outcome *outcome, struct err *err);

/* How many points the axes make; fails with ERR_USAGE beyond SEARCH_GRID_MOST or on an axis named twice. */
int search_grid(const struct settings_axis *axes, size_t n, uint64_t *points_out, struct err *err);

/* The settings of a point. */
int search_settings(struct arena *arena, const struct search *search, uint64_t point, struct settings *settings_out,
                    struct err *err);

/* Evaluates a list of settings in parallel. */
int search_evaluate(const struct evaluation *evaluation, const struct settings *settings, size_t n, unsigned workers,
                    struct result *results_out, struct err *err);

/* The best one under the objective; NULL when there is none. */
const struct searched *search_best(const struct search_outcome *outcome, const struct objective *objective);

/* Those that no other beats in both cost and latency, by rising cost; returns how many were put into out (room for all). */
size_t search_frontier(const struct search_outcome *outcome, const struct metric *latency, const struct searched **out);

#endif
