/* Objectives: 'p99 < 2s', 'cold < 1 %', 'errors <= 0.1%', 'cost < $20'; and what is minimised under them. */
#ifndef COLDSPOT_SIMULATE_SLO_H
#define COLDSPOT_SIMULATE_SLO_H

#include "base/err.h"
#include "simulate/result.h"

/* A figure of a result that can be limited or minimised. */
struct metric {
    const char *name;
    enum metric_unit { METRIC_SECONDS, METRIC_SHARE, METRIC_USD } unit;
    size_t offset; /* into struct result, a double */
    const char *meaning;
};

struct slo {
    const struct metric *metric;
    bool or_equal;
    double limit;
};

enum { SLOS_MOST = 16 };

struct objective {
    struct slo slos[SLOS_MOST];
    size_t n;
    const struct metric *minimize;
};

/* The metric called name ("p99.9" and "p999" are one), or NULL. */
const struct metric *metric_find(struct str name);
double metric_value(const struct metric *metric, const struct result *result);
void metric_print(const struct metric *metric, double value, struct buf *out);

/* One or several, separated by commas or "and": adds to the objective. */
int slo_parse(struct str text, struct objective *objective, struct err *err);
void slo_print(const struct slo *slo, struct buf *out);

/* How far a result is from meeting all: the sum of excesses over limits, relative; 0 when it meets them.  Overload is infinity. */
double objective_violation(const struct objective *objective, const struct result *result);
bool objective_meets(const struct objective *objective, const struct result *result);

/* Whether a is better than b: nearer to meeting all, then less of what is minimised; then less cost, then less p99. */
bool objective_better(const struct objective *objective, const struct result *a, const struct result *b);

/* The latency that matters: that of the first objective on a latency, else p99. */
const struct metric *objective_latency(const struct objective *objective);

#endif
