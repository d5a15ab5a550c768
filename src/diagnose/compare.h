/* Two runs side by side: each figure with its difference, an interval and a verdict, and what explains it. */
#ifndef COLDSPOT_DIAGNOSE_COMPARE_H
#define COLDSPOT_DIAGNOSE_COMPARE_H

#include "base/rng.h"
#include "base/stats.h"
#include "price/price.h"
#include "store/summary.h"

enum verdict { VERDICT_BETTER, VERDICT_WORSE, VERDICT_SAME, VERDICT_INCONCLUSIVE };
const char *verdict_name(enum verdict verdict);

enum compare_unit { COMPARE_SECONDS, COMPARE_BYTES, COMPARE_USD };

struct compare_metric {
    const char *name;  /* cold_p50_s ... of the contract */
    const char *words; /* "cold p50" */
    enum compare_unit unit;
    double before, after, difference;
    struct interval interval; /* 95 %, of the difference of medians */
    bool is_enough;           /* both sides have values enough for a spread that could be trusted */
    enum verdict verdict;
};

struct compare_metrics {
    struct compare_metric *items;
    size_t len, cap;
};

/* A run with what is needed to put money on it; rate NULL: no money. */
struct compare_side {
    const struct run *run;
    const struct summary *summary;
    const struct price_rate *rate;
};

/* Figures that both sides have; less is better in all of them.  Better or worse: the interval excludes 0 and the difference is
 * at least 2 %; same: the interval lies within 3 % of before; else inconclusive. */
struct compare_metrics compare_runs(struct arena *arena, const struct compare_side *before,
                                    const struct compare_side *after, struct rng *rng);

enum verdict compare_judge(double before, double difference, struct interval interval);

/* One reason for a change of the cold start or the warm call. */
struct compare_reason {
    struct str text;     /* "import pandas (app.py:4) is gone" */
    double difference_s; /* after - before */
};

struct compare_reasons {
    struct compare_reason *items;
    size_t len, cap;
};

/* Imports, files, hosts and stages whose medians differ by at least 5 ms and 1 % of before; the largest difference first. */
struct compare_reasons compare_explain(struct arena *arena, const struct run *before, const struct run *after);

#endif
