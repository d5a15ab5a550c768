/* The figures of a run, computed from its starts: what `summary` of the JSON contract holds, but for money. */
#ifndef COLDSPOT_STORE_SUMMARY_H
#define COLDSPOT_STORE_SUMMARY_H

#include "store/run.h"

struct summary_times {
    size_t n;
    double p50_s, p90_s, p99_s, mean_s; /* cold p50: the lower median, one real start */
};

struct summary_outlier {
    uint32_t call; /* counted over all warm calls of the run, from 1 */
    double wall_s;
};

struct summary_stage {
    struct str name, parent;
    double wall_s;   /* of one warm call, on average */
    double fraction; /* of a warm call */
    double calls;    /* in one warm call, on average; of a sampled one not known: 0 */
    bool sampled;    /* the user named none: what the function calls, by samples */
};

struct summary {
    const struct run_start *start; /* the p50 start; NULL when no start got to the end of its first call */
    struct summary_times cold, warm;
    bool has_warm, has_init;
    double init_s;
    struct summary_outlier *outliers;
    size_t n_outliers;
    double attributed_fraction;
    double cpu_mean_cores, cpu_peak_cores;
    uint64_t peak_bytes, end_bytes; /* the largest over the starts; of the p50 start */
    array_of(struct summary_stage) stages;
    double not_in_a_stage_s;
};

/* Everything lives in the arena; run is borrowed. */
void summary_make(struct arena *arena, const struct run *run, struct summary *summary_out);

#endif
