#include "unit.h"

#include <math.h>

#include "store/summary.h"

static struct arena arena;

static struct run_start *add_start(struct run *run, double first_call_s, double before_s)
{
    struct run_start *start = array_push(&arena, &run->starts);
    start->number = (uint32_t)run->starts.len - 1;
    start->phases_s[RUN_FIRST_CALL] = first_call_s;
    start->phases_s[RUN_IMPORT] = before_s;
    start->wall_s = first_call_s + before_s;
    start->attributed_s = start->wall_s;
    start->complete = true;
    return start;
}

static void add_call(struct run_start *start, uint32_t number, double wall_s)
{
    *array_push(&arena, &start->invocations) = (struct run_invocation){number, wall_s, 0};
}

static int done(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static void the_median_start_is_a_real_one(void **state)
{
    (void)state;
    struct run run = {0};
    add_start(&run, 0.1, 3);
    add_start(&run, 0.1, 1);
    add_start(&run, 0.1, 2);
    add_start(&run, 0.1, 4);
    struct summary summary;
    summary_make(&arena, &run, &summary);
    assert_int_equal(summary.start->number, 2);
    assert_true(fabs(summary.cold.p50_s - 2.1) < 1e-12);
    assert_int_equal(summary.cold.n, 4);
    assert_false(summary.has_warm);
    assert_false(summary.has_init);
}

static void init_is_all_before_the_call_and_what_it_took_beyond_a_warm_one(void **state)
{
    (void)state;
    struct run run = {0};
    struct run_start *start = add_start(&run, 0.5, 2);
    add_call(start, 0, 0.5);
    for (uint32_t i = 1; i <= 9; i++)
        add_call(start, i, 0.1 + 0.001 * i);
    add_call(start, 10, 0.9);
    struct summary summary;
    summary_make(&arena, &run, &summary);
    assert_int_equal(summary.warm.n, 10);
    assert_true(fabs(summary.init_s - (2 + 0.5 - summary.warm.p50_s)) < 1e-12);
    assert_int_equal(summary.n_outliers, 1);
    assert_int_equal(summary.outliers[0].call, 10);
}

static void stages_are_means_over_warm_calls(void **state)
{
    (void)state;
    struct run run = {0};
    struct run_start *start = add_start(&run, 0.1, 1);
    add_call(start, 0, 0.1);
    add_call(start, 1, 0.1);
    add_call(start, 2, 0.1);
    *array_push(&arena, &start->stages) = (struct run_stage){STR("infer"), STR(""), RUN_EXEC, 2, 0.14};
    *array_push(&arena, &start->stages) = (struct run_stage){STR("inner"), STR("infer"), RUN_EXEC, 2, 0.1};
    *array_push(&arena, &start->stages) = (struct run_stage){STR("load"), STR(""), RUN_ENTER, 1, 9};
    struct summary summary;
    summary_make(&arena, &run, &summary);
    assert_int_equal(summary.stages.len, 2);
    assert_true(fabs(summary.stages.items[0].wall_s - 0.07) < 1e-12);
    assert_true(fabs(summary.stages.items[0].fraction - 0.7) < 1e-9);
    assert_true(fabs(summary.not_in_a_stage_s - 0.03) < 1e-12);
}

/* handler (at two lines of its own) calls load and infer; infer calls dot. */
static void without_named_stages_what_the_function_calls_is_sampled(void **state)
{
    (void)state;
    struct run run = {.target = {.file = STR("app.py"), .function = STR("Model.handler")}};
    struct run_start *start = add_start(&run, 0.1, 1);
    add_call(start, 1, 0.1);
    static const struct run_frame frames[] = {
        {RUN_NONE, STR("main"), STR("harness.py"), 1},
        {0, STR("Model.handler"), STR("app.py"), 5},
        {1, STR("load"), STR("app.py"), 9},
        {1, STR("infer"), STR("app.py"), 20},
        {3, STR("dot"), STR("numpy.py"), 3},
        {0, STR("Model.handler"), STR("other.py"), 5},
    };
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
        *array_push(&arena, &start->frames) = frames[i];
    static const struct run_stack stacks[] = {
        {1, RUN_EXEC, RUN_ON_CPU, .in_call = true, .wall_s = 1, .samples = 10},
        {2, RUN_EXEC, RUN_DISK, .in_call = true, .wall_s = 2, .samples = 20},
        {3, RUN_EXEC, RUN_ON_CPU, .in_call = true, .wall_s = 1, .samples = 10},
        {4, RUN_EXEC, RUN_ON_CPU, .in_call = true, .wall_s = 5, .samples = 50},
        {5, RUN_EXEC, RUN_ON_CPU, .in_call = true, .wall_s = 1, .samples = 10},
        {4, RUN_FIRST_CALL, RUN_ON_CPU, .in_call = true, .wall_s = 100, .samples = 1000},
        {4, RUN_EXEC, RUN_ON_CPU, .thread = 1, .wall_s = 100, .samples = 1000},
    };
    for (size_t i = 0; i < sizeof(stacks) / sizeof(stacks[0]); i++)
        *array_push(&arena, &start->stacks) = stacks[i];
    struct summary summary;
    summary_make(&arena, &run, &summary);
    assert_int_equal(summary.stages.len, 3);
    assert_str(summary.stages.items[0].name, "infer");
    assert_true(fabs(summary.stages.items[0].fraction - 0.6) < 1e-12 && summary.stages.items[0].sampled);
    assert_true(fabs(summary.stages.items[0].wall_s - 0.06) < 1e-12);
    assert_str(summary.stages.items[1].name, "load");
    assert_str(summary.stages.items[2].name, "(own lines)");
    assert_true(fabs(summary.not_in_a_stage_s - 0.01) < 1e-12);
}

static void starts_without_a_first_call_do_not_count(void **state)
{
    (void)state;
    struct run run = {0};
    add_start(&run, 0.1, 1)->complete = false;
    struct summary summary;
    summary_make(&arena, &run, &summary);
    assert_null(summary.start);
    assert_int_equal(summary.cold.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_median_start_is_a_real_one),
        cmocka_unit_test(init_is_all_before_the_call_and_what_it_took_beyond_a_warm_one),
        cmocka_unit_test(stages_are_means_over_warm_calls),
        cmocka_unit_test(without_named_stages_what_the_function_calls_is_sampled),
        cmocka_unit_test(starts_without_a_first_call_do_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
