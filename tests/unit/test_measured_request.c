#include "measured_fixture.h"

static void ask(struct fixture *fixture, double request_mib, double peak_mib)
{
    fixture_init(fixture);
    fixture->run.target.memory_bytes = request_mib < 0 ? -1 : request_mib * FIXTURE_MIB;
    for (size_t i = 0; i < 3; i++)
        fixture->run.starts.items[i].peak_bytes = (uint64_t)(peak_mib * FIXTURE_MIB);
}

static void much_more_memory_than_used_is_found(void **state)
{
    (void)state;
    struct fixture fixture;
    ask(&fixture, 1024, 130);
    fixture.facts.memory = (struct facts_place){STR("app.py"), 12};
    const struct finding *finding = fixture_find(&fixture, "memory-request-far");
    assert_non_null(finding);
    assert_str(finding->message, "1.00 GiB of memory are asked for and 130 MiB used at most, 13 %");
    assert_true(finding->change->amount == 156.0 * FIXTURE_MIB);
    assert_int_equal(finding->severity, SEVERITY_WARN);
    assert_int_equal(finding->location.line, 12);
    fixture_release(&fixture);
}

static void a_request_that_fits_is_left_alone(void **state)
{
    (void)state;
    const double fits[][2] = {{256, 130}, {144, 120}, {128, 20}, {-1, 60}, {-1, 20}};
    for (size_t i = 0; i < 5; i++) {
        struct fixture fixture;
        ask(&fixture, fits[i][0], fits[i][1]);
        assert_null(fixture_find(&fixture, "memory-request-far"));
        fixture_release(&fixture);
    }
}

static void a_request_that_is_used_up_is_found_and_a_default_that_is_only_noted(void **state)
{
    (void)state;
    struct fixture fixture;
    ask(&fixture, 256, 250);
    const struct finding *finding = fixture_find(&fixture, "memory-request-far");
    assert_non_null(finding);
    assert_int_equal(finding->severity, SEVERITY_WARN);
    assert_true(finding->change->amount == 300.0 * FIXTURE_MIB);
    fixture_release(&fixture);
    ask(&fixture, -1, 250);
    assert_int_equal(fixture_find(&fixture, "memory-request-far")->severity, SEVERITY_INFO);
    fixture_release(&fixture);
}

static void many_more_cores_than_used_are_found(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    fixture.run.target.cpu = 8;
    const struct finding *finding = fixture_find(&fixture, "cpu-request-far");
    assert_non_null(finding);
    assert_str(finding->message, "8 CPU cores are asked for and 1 used at most");
    assert_true(finding->change->amount == 1.25);
    fixture_release(&fixture);
}

static void cores_that_this_machine_lacks_cannot_be_judged(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    fixture.run.target.cpu = 8;
    fixture.run.environment.cpus = 2;
    for (size_t i = 0; i < 3; i++)
        fixture.run.starts.items[i].cpu_peak_cores = 1.9;
    assert_null(fixture_find(&fixture, "cpu-request-far"));
    fixture_release(&fixture);
}

static void cores_that_others_had_count_as_wanted(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    fixture.run.target.cpu = 8;
    for (size_t i = 0; i < 3; i++) {
        fixture.run.starts.items[i].cpu_peak_cores = 0.5;
        fixture.run.starts.items[i].waits_s[RUN_ON_CPU] = 0.5;
        fixture.run.starts.items[i].waits_s[RUN_RUNNABLE] = 1;
    }
    const struct finding *finding = fixture_find(&fixture, "cpu-request-far");
    assert_non_null(finding);
    assert_true(finding->change->amount == 2);
    for (size_t i = 0; i < 3; i++) { /* one thread never wants more than one */
        fixture.run.starts.items[i].phases_cpu_s[RUN_IMPORT] = 0.48;
        *array_push(&fixture.arena, &fixture.run.starts.items[i].samples) = (struct run_sample){1, 1, 0.5};
    }
    finding = fixture_find(&fixture, "cpu-request-far");
    assert_true(finding->change->amount == 1.25);
    fixture_release(&fixture);
}

static void a_core_that_is_used_is_left_alone(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    fixture.run.target.cpu = 1;
    assert_null(fixture_find(&fixture, "cpu-request-far"));
    fixture_release(&fixture);
}

static void nothing_is_asked_for_without_a_platform(void **state)
{
    (void)state;
    struct fixture fixture;
    ask(&fixture, 1024, 130);
    summary_make(&fixture.arena, &fixture.run, &fixture.summary);
    struct measured_input input = {&fixture.run, &fixture.summary, NULL, NULL};
    measured_find(&fixture.arena, &input, &fixture.findings);
    assert_int_equal(fixture.findings.len, 0);
    fixture_release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(much_more_memory_than_used_is_found),
        cmocka_unit_test(a_request_that_fits_is_left_alone),
        cmocka_unit_test(a_request_that_is_used_up_is_found_and_a_default_that_is_only_noted),
        cmocka_unit_test(many_more_cores_than_used_are_found),
        cmocka_unit_test(cores_that_this_machine_lacks_cannot_be_judged),
        cmocka_unit_test(cores_that_others_had_count_as_wanted),
        cmocka_unit_test(a_core_that_is_used_is_left_alone),
        cmocka_unit_test(nothing_is_asked_for_without_a_platform),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
