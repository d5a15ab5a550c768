/* The whole answer: today's settings, the best ones, the frontier, and how the best holds elsewhere. */
#ifndef COLDSPOT_SIMULATE_PLAN_H
#define COLDSPOT_SIMULATE_PLAN_H

#include "simulate/search.h"

struct plan_question {
    struct workload workload;
    struct model model;
    const struct hardware *hardware;
    size_t n_hardware;
    struct settings baseline;
    const struct settings_axis *axes;
    size_t n_axes; /* 0: today's settings only */
    struct objective objective;
    uint64_t seed;
    unsigned replications; /* 0: as many as it takes */
    bool exhaustive;
    bool is_brief; /* the best only: no hold-out, no other load, no bound */
    uint32_t shard, shards;
    const struct search_outcome *merged; /* instead of searching: what shards found; NULL: search */
    void (*progress)(size_t done, size_t all, void *ctx);
    void *ctx;
};

struct plan {
    struct traffic traffic;
    struct result baseline;
    struct search_outcome searched;
    const struct searched *best, *cheapest, *fastest; /* NULL without a search */
    const struct searched **frontier;
    size_t n_frontier;
    struct interval gain_usd; /* what best saves against the baseline, 95 % */
    bool is_worth_it;         /* the best is better than today's by more than its noise */
    bool meets;               /* the best meets the objectives */
    struct result holdout;    /* the setting that the first part of the trace chooses, on the rest of it */
    struct result doubled;    /* the best at twice the load */
    bool has_holdout, holdout_is_best, has_doubled;
    double bound_usd, bound_usd_per_month; /* the least that any policy could cost; NAN: not known */
};

/* Fails with ERR_INPUT or ERR_USAGE where the traffic cannot be read or the settings contradict each other. */
int plan_make(struct arena *arena, const struct plan_question *question, struct plan *plan_out, struct err *err);

/* The evaluation that the question asks for. */
struct evaluation plan_evaluation(const struct plan_question *question);

#endif
