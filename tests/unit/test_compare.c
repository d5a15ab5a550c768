#include "unit.h"

#include <math.h>
#include <stdio.h>

#include "base/file.h"
#include "diagnose/compare.h"

static struct arena arena;

/* A normal deviate by Box and Muller. */
static double deviate(struct rng *rng)
{
    return sqrt(-2 * log(1 - rng_f64(rng))) * cos(2 * M_PI * rng_f64(rng));
}

/* 20 starts of 2 s with `spread`, 60 warm calls of 80 ms with it too and as much again between starts. */
static struct run make_run(struct rng *rng, double spread, double factor)
{
    struct run run = {0};
    for (uint32_t i = 0; i < 20; i++) {
        struct run_start *start = array_push(&arena, &run.starts);
        *start = (struct run_start){
            .number = i, .complete = true, .peak_bytes = (uint64_t)(1e8 * factor * (1 + spread * deviate(rng)))};
        start->wall_s = 2 * factor * (1 + spread * deviate(rng));
        start->phases_s[RUN_FIRST_CALL] = 0.1;
        double own = 1 + spread * deviate(rng);
        *array_push(&arena, &start->invocations) = (struct run_invocation){0, 0.1, 0};
        for (uint32_t k = 1; k <= 3; k++)
            *array_push(&arena, &start->invocations) = (struct run_invocation){
                k, 0.08 * factor * own * (1 + spread * deviate(rng)), 0};
    }
    return run;
}

static struct compare_metrics compare(struct run *a, struct run *b, struct rng *rng)
{
    struct summary *summaries = arena_array(&arena, struct summary, 2);
    summary_make(&arena, a, &summaries[0]);
    summary_make(&arena, b, &summaries[1]);
    struct compare_side before = {a, &summaries[0], NULL}, after = {b, &summaries[1], NULL};
    return compare_runs(&arena, &before, &after, rng);
}

/* How many of 100 trials have such a verdict, of the figure that has fewest or most. */
static void count(double spread, double factor, unsigned counts[4][4])
{
    struct rng rng;
    rng_init(&rng, 7);
    for (int trial = 0; trial < 100; trial++) {
        struct run a = make_run(&rng, spread, 1), b = make_run(&rng, spread, factor);
        struct compare_metrics metrics = compare(&a, &b, &rng);
        assert_int_equal(metrics.len, 4);
        for (size_t i = 0; i < metrics.len; i++)
            counts[i][metrics.items[i].verdict]++;
        arena_reset(&arena);
    }
}

static void the_same_is_hardly_ever_called_different(void **state)
{
    (void)state;
    const double spreads[] = {0.03, 0.1};
    for (size_t k = 0; k < 2; k++) {
        unsigned counts[4][4] = {0};
        count(spreads[k], 1, counts);
        for (size_t i = 0; i < 4; i++)
            assert_true(counts[i][VERDICT_SAME] + counts[i][VERDICT_INCONCLUSIVE] >= 95);
    }
}

static void five_per_cent_are_found_where_the_spread_is_three(void **state)
{
    (void)state;
    unsigned counts[4][4] = {0};
    count(0.03, 1.05, counts);
    for (size_t i = 0; i < 4; i++)
        assert_true(counts[i][VERDICT_WORSE] >= 90);
}

/* ---- on samples that a machine gave (tests/data/compare) ---- */

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

static const char *const pools[] = {"small", "data"};
enum { POOLS = sizeof(pools) / sizeof(*pools) };

static void the_same_recorded_function_is_hardly_ever_called_different(void **state)
{
    (void)state;
    for (size_t k = 0; k < POOLS; k++) {
        unsigned counts[METRICS][4] = {0};
        count_recorded(pools[k], 1, counts);
        for (size_t i = 0; i < METRICS; i++) {
            unsigned right = counts[i][VERDICT_SAME] + counts[i][VERDICT_INCONCLUSIVE];
            print_message("# %s, figure %zu: %u of %d same or inconclusive\n", pools[k], i, right, TRIALS);
            assert_true(right >= 95);
        }
    }
}

/* Only memory's samples spread by less than 3 %: the machine they are from was busy.  The rest is printed. */
static void a_recorded_function_made_five_per_cent_worse_is_found_out(void **state)
{
    (void)state;
    const double factors[] = {1.05, 1.10};
    for (size_t k = 0; k < 2 * POOLS; k++) {
        unsigned counts[METRICS][4] = {0};
        count_recorded(pools[k / 2], factors[k % 2], counts);
        for (size_t i = 0; i < METRICS; i++)
            print_message("# %s x %.2f, figure %zu: %u of %d found\n", pools[k / 2], factors[k % 2], i,
                          counts[i][VERDICT_WORSE], TRIALS);
        assert_true(counts[3][VERDICT_WORSE] >= 90);
    }
}

static void verdicts_follow_interval_and_size(void **state)
{
    (void)state;
    assert_int_equal(compare_judge(10, -1, (struct interval){-1.2, -0.8}), VERDICT_BETTER);
    assert_int_equal(compare_judge(10, 1, (struct interval){0.8, 1.2}), VERDICT_WORSE);
    assert_int_equal(compare_judge(10, 0.1, (struct interval){0.05, 0.15}), VERDICT_SAME);
    assert_int_equal(compare_judge(10, 0.1, (struct interval){-0.3, 0.3}), VERDICT_SAME);
    assert_int_equal(compare_judge(10, 0.1, (struct interval){-0.5, 0.6}), VERDICT_INCONCLUSIVE);
}

static void what_is_gone_is_named_with_its_line(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 1);
    struct run a = make_run(&rng, 0.01, 1), b = make_run(&rng, 0.01, 1);
    for (size_t i = 0; i < a.starts.len; i++)
        *array_push(&arena, &a.starts.items[i].imports) = (struct run_import){.module = STR("pandas"),
                                                                              .parent = RUN_NONE,
                                                                              .phase = RUN_IMPORT,
                                                                              .file = STR("examples/app.py"),
                                                                              .line = 4,
                                                                              .total_s = 0.61};
    struct compare_reasons reasons = compare_explain(&arena, &a, &b);
    assert_int_equal(reasons.len, 1);
    assert_str(reasons.items[0].text, "import pandas (app.py:4) is gone");
    assert_true(fabs(reasons.items[0].difference_s + 0.61) < 1e-9);
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
        cmocka_unit_test(the_same_is_hardly_ever_called_different),
        cmocka_unit_test(five_per_cent_are_found_where_the_spread_is_three),
        cmocka_unit_test(the_same_recorded_function_is_hardly_ever_called_different),
        cmocka_unit_test(a_recorded_function_made_five_per_cent_worse_is_found_out),
        cmocka_unit_test(verdicts_follow_interval_and_size),
        cmocka_unit_test(what_is_gone_is_named_with_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
