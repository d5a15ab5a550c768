/* The comparison of runs on samples that a machine gave (tests/data/compare). */
#include "unit.h"

#include <math.h>
#include <stdio.h>

#include "base/file.h"
#include "diagnose/compare.h"

static struct arena arena;

enum { WARM = 3, STARTS = 20, POOL_MOST = 400, TRIALS = 100, METRICS = 4 };

struct sample {
    double wall_s, first_s, peak_bytes, warm_s[WARM];
};

static size_t read_pool(const char *name, struct sample *pool)
{
    struct str text, line;
    const char *path = arena_printf(&arena, "%s/%s.tsv", COMPARE_DATA, name).ptr;
    assert_int_equal(file_read(&arena, path, 1 << 20, &text, NULL), 0);
    size_t n = 0;
    while (str_cut(&text, '\n', &line) && n < POOL_MOST) {
        struct sample *s = &pool[n];
        if (line.len && line.ptr[0] != '#' &&
            sscanf(line.ptr, "%lf %lf %lf %lf %lf %lf", &s->wall_s, &s->first_s, &s->peak_bytes, &s->warm_s[0],
                   &s->warm_s[1], &s->warm_s[2]) == 3 + WARM)
            n++;
    }
    return n;
}

static void add_sample(struct run *run, const struct sample *sample, double factor)
{
    struct run_start *start = array_push(&arena, &run->starts);
    *start = (struct run_start){.number = (uint32_t)run->starts.len - 1,
                                .complete = true,
                                .wall_s = sample->wall_s * factor,
                                .peak_bytes = (uint64_t)(sample->peak_bytes * factor)};
    start->phases_s[RUN_FIRST_CALL] = sample->first_s * factor;
    *array_push(&arena, &start->invocations) = (struct run_invocation){0, sample->first_s * factor, 0};
    for (uint32_t k = 0; k < WARM; k++)
        *array_push(&arena, &start->invocations) = (struct run_invocation){k + 1, sample->warm_s[k] * factor, 0};
}

static struct compare_metrics compare(struct run *a, struct run *b, struct rng *rng)
{
    struct summary *summaries = arena_array(&arena, struct summary, 2);
    summary_make(&arena, a, &summaries[0]);
    summary_make(&arena, b, &summaries[1]);
    struct compare_side before = {a, &summaries[0], NULL}, after = {b, &summaries[1], NULL};
    return compare_runs(&arena, &before, &after, rng);
}

/* As compare measures: neighbours in time are a pair, and which of the two is before is drawn. */
static void count_recorded(const char *name, double factor, unsigned counts[METRICS][4])
{
    static struct sample pool[POOL_MOST];
    struct rng rng;
    rng_init(&rng, 11);
    size_t n = read_pool(name, pool);
    assert_true(n >= 4 * STARTS);
    for (int trial = 0; trial < TRIALS; trial++) {
        struct run sides[2] = {0};
        size_t at = rng_below(&rng, n - 2 * STARTS + 1);
        for (size_t i = 0; i < STARTS; i++) {
            size_t first = rng_below(&rng, 2);
            add_sample(&sides[0], &pool[at + 2 * i + first], 1);
            add_sample(&sides[1], &pool[at + 2 * i + 1 - first], factor);
        }
        struct compare_metrics metrics = compare(&sides[0], &sides[1], &rng);
        assert_int_equal(metrics.len, METRICS);
        for (size_t i = 0; i < METRICS; i++)
            counts[i][metrics.items[i].verdict]++;
        arena_reset(&arena);
    }
}

static const char *const pools[] = {"small", "data", "waiting", "busy"};
static const char *const figures[METRICS] = {"cold_p50_s", "init_s", "warm_p50_s", "memory_peak_bytes"};
enum { POOLS = sizeof(pools) / sizeof(*pools) };

/* 1.4826 x the median deviation from the median, over the median. */
static double spread_of(double *values, size_t n)
{
    stats_sort(values, n);
    return 1.4826 * stats_mad(values, n) / stats_quantile(values, n, 0.5);
}

static void measure_spreads(const char *name, double spreads_out[METRICS])
{
    static struct sample pool[POOL_MOST];
    static double values[METRICS][POOL_MOST * WARM];
    size_t n = read_pool(name, pool);
    for (size_t i = 0; i < n * WARM; i++)
        values[2][i] = pool[i / WARM].warm_s[i % WARM];
    spreads_out[2] = spread_of(values[2], n * WARM);
    double warm_s = stats_quantile(values[2], n * WARM, 0.5);
    for (size_t i = 0; i < n; i++) {
        values[0][i] = pool[i].wall_s;
        values[1][i] = pool[i].wall_s - fmin(pool[i].first_s, warm_s);
        values[3][i] = pool[i].peak_bytes;
    }
    const size_t of_start[] = {0, 1, 3};
    for (size_t i = 0; i < sizeof(of_start) / sizeof(*of_start); i++)
        spreads_out[of_start[i]] = spread_of(values[of_start[i]], n);
}

static void the_same_recorded_function_is_hardly_ever_called_different(void **state)
{
    (void)state;
    for (size_t k = 0; k < POOLS; k++) {
        unsigned counts[METRICS][4] = {0};
        count_recorded(pools[k], 1, counts);
        for (size_t i = 0; i < METRICS; i++) {
            unsigned right = counts[i][VERDICT_SAME] + counts[i][VERDICT_INCONCLUSIVE];
            print_message("# %s, %s: %u of %d same or inconclusive\n", pools[k], figures[i], right, TRIALS);
            assert_true(right >= 95);
        }
    }
}

/* What spreads by more than 3 % (the machine was busy) is only printed. */
static void five_per_cent_are_found_in_what_spreads_by_three_at_most(void **state)
{
    (void)state;
    unsigned quiet[METRICS] = {0};
    for (size_t k = 0; k < POOLS; k++) {
        double spreads[METRICS];
        unsigned five[METRICS][4] = {0}, ten[METRICS][4] = {0};
        measure_spreads(pools[k], spreads);
        count_recorded(pools[k], 1.05, five);
        count_recorded(pools[k], 1.10, ten);
        for (size_t i = 0; i < METRICS; i++) {
            print_message("# %s, %s: spread %.1f %%, 5 %% worse found %u of %d, 10 %% worse %u\n", pools[k], figures[i],
                          100 * spreads[i], five[i][VERDICT_WORSE], TRIALS, ten[i][VERDICT_WORSE]);
            if (spreads[i] > 0.03)
                continue;
            quiet[i]++;
            assert_true(five[i][VERDICT_WORSE] >= 90);
            assert_true(ten[i][VERDICT_WORSE] >= five[i][VERDICT_WORSE]);
        }
    }
    for (size_t i = 0; i < METRICS; i++)
        assert_true(quiet[i] > 0);
}

static int done(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_recorded_function_is_hardly_ever_called_different),
        cmocka_unit_test(five_per_cent_are_found_in_what_spreads_by_three_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
