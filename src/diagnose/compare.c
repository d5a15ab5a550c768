/* The figures of two runs and what can be said about their difference. */
#include "diagnose/compare.h"

#include <math.h>

enum { BOOTSTRAP_ROUNDS = 2000 };

/* The values of one figure in one run, in groups: a start's calls belong together, starts stand alone. */
struct series {
    array_of(double) values;
    array_of(size_t) starts;
};

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {"better", "worse", "same", "inconclusive"};
    return names[verdict];
}

enum verdict compare_judge(double before, double difference, struct interval interval)
{
    bool excludes_zero = interval.low > 0 || interval.high < 0;
    if (excludes_zero && fabs(difference) >= 0.02 * fabs(before))
        return difference < 0 ? VERDICT_BETTER : VERDICT_WORSE;
    double margin = 0.03 * fabs(before);
    return interval.low >= -margin && interval.high <= margin ? VERDICT_SAME : VERDICT_INCONCLUSIVE;
}

static double cold_s(const struct compare_side *side, const struct run_start *start)
{
    (void)side;
    return start->wall_s;
}

static double init_s(const struct compare_side *side, const struct run_start *start)
{
    double first_s = start->phases_s[RUN_FIRST_CALL], warm_s = side->summary->warm.p50_s;
    return start->wall_s - fmin(first_s, warm_s);
}

static double peak_bytes(const struct compare_side *side, const struct run_start *start)
{
    (void)side;
    return (double)start->peak_bytes;
}

/* The rate with this start's own use of CPU, where that is billed: with the mean of all starts the money of each would move
 * with that mean, and no interval over starts would know of its chance. */
static struct price_rate rate_of(const struct compare_side *side, const struct run_start *start)
{
    struct price_rate rate = *side->rate;
    const struct run_target *target = &side->run->target;
    if (!rate.table || !rate.table->bills_use || !(rate.cpu_cores > 0) || !(start->span_s > 0))
        return rate;
    double use = start->cpu_s / start->span_s, request = target->cpu > 0 ? target->cpu : rate.table->cpu_default;
    if (target->cpu_limit > 0)
        use = fmin(use, target->cpu_limit);
    double cpu_usd_per_s = rate.cpu_usd_per_s / rate.cpu_cores * fmax(request, use);
    rate.usd_per_s += cpu_usd_per_s - rate.cpu_usd_per_s;
    return rate;
}

static double cold_usd(const struct compare_side *side, const struct run_start *start)
{
    struct price_rate rate = rate_of(side, start);
    double first_s = start->phases_s[RUN_FIRST_CALL];
    return price_cold(&rate, start->wall_s - first_s, first_s);
}

static double warm_s(const struct compare_side *side, const struct run_start *start, double wall_s)
{
    (void)side, (void)start;
    return wall_s;
}

static double warm_usd(const struct compare_side *side, const struct run_start *start, double wall_s)
{
    struct price_rate rate = rate_of(side, start);
    return price_warm(&rate, wall_s);
}

/* A figure is one value a start, or one a warm call. */
static const struct {
    const char *name, *words;
    enum compare_unit unit;
    double (*of_start)(const struct compare_side *side, const struct run_start *start);
    double (*of_call)(const struct compare_side *side, const struct run_start *start, double wall_s);
    bool needs_warm, needs_rate;
} figures[] = {
    {"cold_p50_s", "cold p50", COMPARE_SECONDS, cold_s, NULL, false, false},
    {"init_s", "init", COMPARE_SECONDS, init_s, NULL, true, false},
    {"warm_p50_s", "warm p50", COMPARE_SECONDS, NULL, warm_s, true, false},
    {"memory_peak_bytes", "memory peak", COMPARE_BYTES, peak_bytes, NULL, false, false},
    {"cost_cold_usd", "cost, cold", COMPARE_USD, cold_usd, NULL, false, true},
    {"cost_warm_usd", "cost, warm", COMPARE_USD, NULL, warm_usd, true, true},
};

static void collect(struct arena *arena, const struct compare_side *side, size_t figure, struct series *series)
{
    for (size_t i = 0; i < side->run->starts.len; i++) {
        const struct run_start *start = &side->run->starts.items[i];
        if (!run_start_counts(start))
            continue;
        *array_push(arena, &series->starts) = series->values.len;
        if (figures[figure].of_start)
            *array_push(arena, &series->values) = figures[figure].of_start(side, start);
        for (size_t k = 0; figures[figure].of_call && k < start->invocations.len; k++) {
            if (start->invocations.items[k].number > 0)
                *array_push(arena, &series->values) = figures[figure].of_call(side, start,
                                                                              start->invocations.items[k].wall_s);
        }
    }
    *array_push(arena, &series->starts) = series->values.len;
}

static double median_of(struct arena *arena, const struct series *series)
{
    double *sorted = arena_array(arena, double, series->values.len + 1);
    for (size_t i = 0; i < series->values.len; i++)
        sorted[i] = series->values.items[i];
    stats_sort(sorted, series->values.len);
    return stats_quantile(sorted, series->values.len, 0.5);
}

static struct stats_groups groups_of(const struct series *series)
{
    return (struct stats_groups){series->values.items, series->starts.items, series->starts.len - 1};
}

static bool is_wanted(size_t figure, const struct compare_side *before, const struct compare_side *after)
{
    if (figures[figure].needs_warm && !(before->summary->has_warm && after->summary->has_warm))
        return false;
    return !figures[figure].needs_rate || (before->rate && after->rate);
}

/* Two or three values have no spread that could be trusted. */
enum { VALUES_LEAST = 4 };

struct compare_metrics compare_runs(struct arena *arena, const struct compare_side *before,
                                    const struct compare_side *after, struct rng *rng)
{
    struct compare_metrics metrics = {0};
    for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
        struct series a = {0}, b = {0};
        if (!is_wanted(i, before, after))
            continue;
        collect(arena, before, i, &a);
        collect(arena, after, i, &b);
        if (!a.values.len || !b.values.len)
            continue;
        struct stats_groups before_groups = groups_of(&a), after_groups = groups_of(&b);
        struct compare_metric metric = {.name = figures[i].name, .words = figures[i].words, .unit = figures[i].unit};
        metric.before = median_of(arena, &a);
        metric.after = median_of(arena, &b);
        metric.difference = metric.after - metric.before;
        metric.interval = stats_grouped_difference(&before_groups, &after_groups, BOOTSTRAP_ROUNDS, rng);
        metric.is_enough = a.values.len >= VALUES_LEAST && b.values.len >= VALUES_LEAST;
        metric.verdict = metric.is_enough ? compare_judge(metric.before, metric.difference, metric.interval)
                                          : VERDICT_INCONCLUSIVE;
        *array_push(arena, &metrics) = metric;
    }
    return metrics;
}
