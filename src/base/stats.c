/* Quantiles, deviations and the bootstrap, for samples of tens to thousands. */
#include "base/stats.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void stats_sort(double *values, size_t n)
{
    if (n > 1)
        qsort(values, n, sizeof(*values), by_value);
}

double stats_quantile(const double *sorted, size_t n, double q)
{
    assert(n >= 1 && q >= 0 && q <= 1);
    double at = q * (double)(n - 1);
    size_t below = (size_t)at;
    if (below + 1 >= n)
        return sorted[n - 1];
    return sorted[below] + (at - (double)below) * (sorted[below + 1] - sorted[below]);
}

size_t stats_lower_median_index(size_t n)
{
    assert(n >= 1);
    return (n - 1) / 2;
}

double stats_mean(const double *values, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return n ? sum / (double)n : 0;
}

double stats_mad(const double *sorted, size_t n)
{
    double median = stats_quantile(sorted, n, 0.5);
    double *distances = xmalloc(xmultiply(n, sizeof(*distances)));
    for (size_t i = 0; i < n; i++)
        distances[i] = fabs(sorted[i] - median);
    stats_sort(distances, n);
    double mad = stats_quantile(distances, n, 0.5);
    free(distances);
    return mad;
}

bool stats_is_outlier(const double *sorted, size_t n, double value)
{
    double spread = 1.4826 * stats_mad(sorted, n);
    return spread > 0 && fabs(value - stats_quantile(sorted, n, 0.5)) > 10 * spread;
}

/* The median of n values drawn with replacement; `room` holds n doubles. */
static double resampled_median(const double *values, size_t n, double *room, struct rng *rng)
{
    for (size_t i = 0; i < n; i++)
        room[i] = values[rng_below(rng, n)];
    stats_sort(room, n);
    return stats_quantile(room, n, 0.5);
}

struct interval stats_median_difference(const double *a, size_t na, const double *b, size_t nb, size_t rounds,
                                        struct rng *rng)
{
    assert(na >= 1 && nb >= 1 && rounds >= 1);
    double *room = xmalloc(xmultiply((na > nb ? na : nb) + rounds, sizeof(*room)));
    double *differences = room + (na > nb ? na : nb);
    for (size_t i = 0; i < rounds; i++)
        differences[i] = resampled_median(b, nb, room, rng) - resampled_median(a, na, room, rng);
    stats_sort(differences, rounds);
    struct interval interval = {stats_quantile(differences, rounds, 0.025), stats_quantile(differences, rounds, 0.975)};
    free(room);
    return interval;
}

struct interval stats_median_interval(const double *values, size_t n, size_t rounds, struct rng *rng)
{
    double zero = 0;
    return stats_median_difference(&zero, 1, values, n, rounds, rng);
}

/* The median of groups drawn with replacement and of as many values drawn from each; room holds what the longest drawing
 * can give: n_groups times the longest group. */
static double regrouped_median(const struct stats_groups *groups, double *room, struct rng *rng)
{
    size_t n = 0;
    while (n == 0) {
        for (size_t g = 0; g < groups->n_groups; g++) {
            size_t drawn = rng_below(rng, groups->n_groups), start = groups->starts[drawn];
            size_t len = groups->starts[drawn + 1] - start;
            for (size_t i = 0; i < len; i++)
                room[n++] = groups->values[start + rng_below(rng, len)];
        }
    }
    stats_sort(room, n);
    return stats_quantile(room, n, 0.5);
}

static size_t most_drawn(const struct stats_groups *groups)
{
    size_t longest = 0;
    for (size_t g = 0; g < groups->n_groups; g++) {
        size_t len = groups->starts[g + 1] - groups->starts[g];
        longest = len > longest ? len : longest;
    }
    assert(longest > 0);
    return xmultiply(longest, groups->n_groups);
}

struct interval stats_grouped_difference(const struct stats_groups *a, const struct stats_groups *b, size_t rounds,
                                         struct rng *rng)
{
    size_t most_a = most_drawn(a), most_b = most_drawn(b);
    double *room = xmalloc(xmultiply((most_a > most_b ? most_a : most_b) + rounds, sizeof(*room)));
    double *differences = room + (most_a > most_b ? most_a : most_b);
    for (size_t i = 0; i < rounds; i++)
        differences[i] = regrouped_median(b, room, rng) - regrouped_median(a, room, rng);
    stats_sort(differences, rounds);
    struct interval interval = {stats_quantile(differences, rounds, 0.025), stats_quantile(differences, rounds, 0.975)};
    free(room);
    return interval;
}
