#include "unit.h"

#include <math.h>

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

/* Gives each start its own use of CPU; the rate is that of their mean, as a run's is. */
static struct price_rate use_cpu(struct run *run, struct rng *rng)
{
    static const struct price_table table = {.bills_use = true, .cpu_default = 0.125};
    double sum = 0;
    for (size_t i = 0; i < run->starts.len; i++) {
        run->starts.items[i].span_s = 1;
        run->starts.items[i].cpu_s = 0.5 * (1 + 0.3 * deviate(rng));
        sum += run->starts.items[i].cpu_s;
    }
    run->target.cpu = run->target.cpu_limit = -1;
    double cores = sum / (double)run->starts.len;
    return (struct price_rate){.table = &table,
                               .cpu_cores = cores,
                               .cpu_usd_per_s = 1e-5 * cores,
                               .usd_per_s = 1e-5 * cores + 1e-7,
                               .startup_billed = true};
}

static void money_that_follows_use_is_hardly_ever_called_different(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 3);
    unsigned right[2] = {0};
    for (int trial = 0; trial < 100; trial++) {
        struct run runs[2] = {make_run(&rng, 0.005, 1), make_run(&rng, 0.005, 1)};
        struct summary summaries[2] = {0};
        struct compare_side sides[2];
        struct price_rate rates[2];
        for (size_t i = 0; i < 2; i++) {
            rates[i] = use_cpu(&runs[i], &rng);
            summary_make(&arena, &runs[i], &summaries[i]);
            sides[i] = (struct compare_side){&runs[i], &summaries[i], &rates[i]};
        }
        struct compare_metrics metrics = compare_runs(&arena, &sides[0], &sides[1], &rng);
        assert_int_equal(metrics.len, 6);
        for (size_t i = 0; i < 2; i++)
            right[i] += metrics.items[4 + i].verdict == VERDICT_SAME ||
                        metrics.items[4 + i].verdict == VERDICT_INCONCLUSIVE;
        arena_reset(&arena);
    }
    assert_true(right[0] >= 95);
    assert_true(right[1] >= 95);
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
        cmocka_unit_test(money_that_follows_use_is_hardly_ever_called_different),
        cmocka_unit_test(verdicts_follow_interval_and_size),
        cmocka_unit_test(what_is_gone_is_named_with_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
