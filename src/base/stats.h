/* Order statistics and intervals of a handful of measurements. */
#ifndef COLDSPOT_BASE_STATS_H
#define COLDSPOT_BASE_STATS_H

#include <stdbool.h>
#include <stddef.h>

struct rng;

/* Sorts in place, ascending; NaN is not allowed. */
void stats_sort(double *values, size_t n);

/* The q-quantile of n >= 1 sorted values, linear between order statistics (Hyndman and Fan's type 7, numpy's default). */
double stats_quantile(const double *sorted, size_t n, double q);

/* The index of the lower median of n >= 1 values: the largest value with at most half of them below it, a real measurement. */
size_t stats_lower_median_index(size_t n);

double stats_mean(const double *values, size_t n);

/* Median absolute deviation from the median, of n >= 1 sorted values. */
double stats_mad(const double *sorted, size_t n);

/* Whether value is further than 10 MADs (scaled by 1.4826 to a standard deviation) from the median of the sorted values. */
bool stats_is_outlier(const double *sorted, size_t n, double value);

struct interval {
    double low, high;
};

/* 95 % bootstrap interval of median(b) - median(a), from `rounds` resamplings, widened for small samples; na, nb >= 1. */
struct interval stats_median_difference(const double *a, size_t na, const double *b, size_t nb, size_t rounds,
                                        struct rng *rng);

/* Values that came in groups (calls of one start): group g is values[starts[g]] up to values[starts[g + 1]), starts has
 * n_groups + 1 entries.  Values of a group resemble each other, so groups are drawn, then values in them. */
struct stats_groups {
    const double *values;
    const size_t *starts;
    size_t n_groups;
};

/* 95 % interval of median(b) - median(a) by a bootstrap of two levels; each side needs a group that is not empty. */
struct interval stats_grouped_difference(const struct stats_groups *a, const struct stats_groups *b, size_t rounds,
                                         struct rng *rng);

/* The same for the median of n >= 1 values. */
struct interval stats_median_interval(const double *values, size_t n, size_t rounds, struct rng *rng);

#endif
