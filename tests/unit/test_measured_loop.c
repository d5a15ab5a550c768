#include "measured_fixture.h"

/* In the median start, a stretch of that many seconds in `function`, which ran `share` of it. */
static void add(struct fixture *fixture, const char *function, double wall_s, double share, enum run_wait wait)
{
    struct run_start *start = &fixture->run.starts.items[1];
    *array_push(&fixture->arena, &start->frames) = (struct run_frame){RUN_NONE, str_of(function), STR("app.py"), 12};
    *array_push(&fixture->arena, &start->stretches) = (struct run_stretch){
        .phase = RUN_EXEC,
        .wall_s = wall_s,
        .frame = (int32_t)start->frames.len - 1,
        .frame_s = wall_s * share,
        .wait = wait,
        .samples = 40,
    };
}

static void a_blocked_loop_that_calls_share_is_a_warning(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    fixture.run.target.scaling.max_inputs = 50;
    add(&fixture, "parse", 0.412, 1, RUN_ON_CPU);
    add(&fixture, "parse", 0.2, 1, RUN_ON_CPU);
    const struct finding *finding = fixture_find(&fixture, "event-loop-blocked");
    assert_non_null(finding);
    assert_str(finding->message, "the event loop is blocked for 412 ms at a stretch in parse()");
    assert_str(finding->evidence, "{\"longest_s\":0.412,\"threshold_s\":0.1,\"stretches\":2,\"blocked_s\":0.612,"
                                  "\"state\":\"on_cpu\",\"phase\":\"exec\",\"samples\":40}");
    assert_int_equal(finding->severity, SEVERITY_WARN);
    assert_str(finding->location.file, "app.py");
    assert_int_equal(finding->location.line, 12);
    assert_true(str_contains(finding->advice, STR("a process")));
    assert_int_equal(fixture.findings.len, 1);
    fixture_release(&fixture);
}

static void where_a_container_takes_one_call_at_a_time_it_is_a_note(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    add(&fixture, "load", 1.5, 0.6, RUN_NETWORK);
    const struct finding *finding = fixture_find(&fixture, "event-loop-blocked");
    assert_non_null(finding);
    assert_str(finding->message, "the event loop is blocked for 1.50 s at a stretch, most of it in load()");
    assert_int_equal(finding->severity, SEVERITY_INFO);
    assert_true(str_contains(finding->advice, STR("asynchronous form")));
    fixture_release(&fixture);
}

static void a_machine_that_is_busy_and_short_stretches_block_nobody(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    add(&fixture, "f", 0.099, 1, RUN_ON_CPU);
    add(&fixture, "g", 0.8, 1, RUN_RUNNABLE);
    add(&fixture, "h", 0.8, 1, RUN_ON_CPU);
    fixture.run.starts.items[1].stretches.items[1].runnable_s = 0.75;
    fixture.run.starts.items[1].stretches.items[2].phase = RUN_PLATFORM_INIT;
    assert_null(fixture_find(&fixture, "event-loop-blocked"));
    fixture_release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blocked_loop_that_calls_share_is_a_warning),
        cmocka_unit_test(where_a_container_takes_one_call_at_a_time_it_is_a_note),
        cmocka_unit_test(a_machine_that_is_busy_and_short_stretches_block_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
