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

/* The median of n >= 1 values, which it puts in another order: Hoare's FIND for the middle, the smaller neighbour by a look. */
static double median_in_place(double *values, size_t n)
{
    ptrdiff_t low = 0, high = (ptrdiff_t)n - 1, middle = (ptrdiff_t)(n / 2);
    while (low < high) {
        double pivot = values[middle];
        ptrdiff_t i = low, j = high;
        while (i <= j) {
            while (values[i] < pivot)
                i++;
            while (pivot < values[j])
                j--;
            if (i <= j) {
                double swap = values[i];
                values[i++] = values[j];
                values[j--] = swap;
            }
        }
        if (j < middle)
            low = i;
        if (middle < i)
            high = j;
    }
    if (n % 2)
        return values[middle];
    double below = values[0];
    for (ptrdiff_t i = 1; i < middle; i++)
        below = values[i] > below ? values[i] : below;
    return (below + values[middle]) / 2;
}

/* The 97.5 % quantile of Student's t with n - 1 degrees of freedom, within 0.2 % for n >= 3 (Cornish and Fisher's expansion). */
static double student_t(size_t n)
{
    static const double few[] = {0, 0, 12.706, 4.303, 3.182};
    if (n < sizeof(few) / sizeof(few[0]))
        return few[n];
    double z = 1.959964, df = (double)(n - 1), z3 = z * z * z, z5 = z3 * z * z, z7 = z5 * z * z;
    return z + (z3 + z) / (4 * df) + (5 * z5 + 16 * z3 + 3 * z) / (96 * df * df) +
           (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * df * df * df);
}

/* Sorted bootstrap differences to an interval.  Plain percentiles of n values cover less than they say; expanded as Hesterberg
 * advises (What Teachers Should Know About the Bootstrap, 2015, section 5.3): alpha' = Phi(-sqrt(n/(n-1)) t). */
static struct interval expanded_interval(double *differences, size_t rounds, size_t n)
{
    stats_sort(differences, rounds);
    double tail = 0;
    if (n >= 2)
        tail = 0.5 * erfc(sqrt((double)n / (double)(n - 1)) * student_t(n) / sqrt(2));
    return (struct interval){stats_quantile(differences, rounds, tail), stats_quantile(differences, rounds, 1 - tail)};
}

/* The median of n values drawn with replacement; `room` holds n doubles. */
static double resampled_median(const double *values, size_t n, double *room, struct rng *rng)
{
    for (size_t i = 0; i < n; i++)
        room[i] = values[rng_below(rng, n)];
    return median_in_place(room, n);
}

struct interval stats_median_difference(const double *a, size_t na, const double *b, size_t nb, size_t rounds,
                                        struct rng *rng)
{
    assert(na >= 1 && nb >= 1 && rounds >= 1);
    double *room = xmalloc(xmultiply((na > nb ? na : nb) + rounds, sizeof(*room)));
    double *differences = room + (na > nb ? na : nb);
    for (size_t i = 0; i < rounds; i++)
        differences[i] = resampled_median(b, nb, room, rng) - resampled_median(a, na, room, rng);
    struct interval interval = expanded_interval(differences, rounds, na < nb ? na : nb);
    free(room);
    return interval;
}

struct interval stats_median_interval(const double *values, size_t n, size_t rounds, struct rng *rng)
{
    assert(n >= 1 && rounds >= 1);
    double *room = xmalloc(xmultiply(n + rounds, sizeof(*room)));
    double *medians = room + n;
    for (size_t i = 0; i < rounds; i++)
        medians[i] = resampled_median(values, n, room, rng);
    struct interval interval = expanded_interval(medians, rounds, n);
    free(room);
    return interval;
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
    return median_in_place(room, n);
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
    size_t n = a->n_groups < b->n_groups ? a->n_groups : b->n_groups;
    struct interval interval = expanded_interval(differences, rounds, n);
    free(room);
    return interval;
}
