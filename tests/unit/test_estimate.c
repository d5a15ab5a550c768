#include "measured_fixture.h"

#include <math.h>

#include "recommend/estimate.h"
#include "recommend/whatif.h"

static bool near(double a, double b)
{
    return fabs(a - b) < 1e-9;
}

/* pandas and sklearn, both unneeded, both of which need numpy; numpy was imported by the first. */
static void add_overlap(struct fixture *fixture)
{
    fixture_init(fixture);
    int32_t pandas = fixture_import(fixture, "pandas", RUN_NONE, 4, 0.3, 0);
    fixture_import(fixture, "numpy", pandas, 0, 0.2, 0);
    fixture_import(fixture, "sklearn", RUN_NONE, 5, 0.4, 0);
    fixture_fact(fixture, "pandas", 4, NEED_OTHERS, "report()");
    fixture_fact(fixture, "sklearn", 5, NEED_OTHERS, "report()");
    fixture_find(fixture, "");
}

static struct estimate_input input_of(const struct fixture *fixture)
{
    return (struct estimate_input){
        .run = &fixture->run, .summary = &fixture->summary, .facts = &fixture->facts, .cold_fraction = 0.04};
}

static void estimates_come_from_every_start_and_sort_by_saving(void **state)
{
    (void)state;
    struct fixture fixture;
    add_overlap(&fixture);
    fixture.run.starts.items[0].imports.items[0].self_s = 0.28;
    fixture.run.starts.items[2].imports.items[0].self_s = 0.35;
    struct estimate_input input = input_of(&fixture);
    estimate_findings(&fixture.arena, &input, &fixture.findings);
    assert_int_equal(fixture.findings.len, 2);
    const struct finding *first = &fixture.findings.items[0];
    assert_str(first->subject, "pandas");
    assert_true(first->estimate.known && first->estimate.cold_s.known && !first->estimate.warm_s.known);
    assert_true(near(first->estimate.cold_s.low, -0.55) && near(first->estimate.cold_s.high, -0.28));
    assert_false(first->estimate.usd_per_1k_calls.known);
    assert_true(fixture.findings.items[1].estimate.share < first->estimate.share);
    fixture_release(&fixture);
}

static void together_is_played_back_not_added(void **state)
{
    (void)state;
    struct fixture fixture;
    add_overlap(&fixture);
    fixture_fact(&fixture, "numpy", 6, NEED_TARGET, "f()"); /* so that numpy stays, whichever goes */
    struct run_io io = {.kind = RUN_IO_NETWORK,
                        .phase = RUN_ENTER,
                        .import = RUN_NONE,
                        .invocation = RUN_NONE,
                        .starting = true,
                        .target = STR("hub:443"),
                        .bytes_in = 100000000,
                        .wall_s = 0.5};
    fixture_io(&fixture, &io);
    fixture_find(&fixture, "");
    struct estimate_input input = input_of(&fixture);
    struct estimate_joint joint;
    estimate_findings(&fixture.arena, &input, &fixture.findings);
    estimate_together(&fixture.arena, &input, &fixture.findings, &joint);
    assert_int_equal(joint.n, 3);
    assert_true(near(joint.cold_before_s, 2.1));
    /* 100 MB are read from the image at 500 MB/s, since this run read no large file itself */
    assert_true(near(joint.cold_after_s, 2.1 - 0.3 - 0.4 - (0.5 - 0.2)));
    assert_true(near(joint.cold_interval_s.low, 1.0) && near(joint.cold_interval_s.high, 1.2));
    assert_false(joint.has_money);
    fixture_release(&fixture);
}

static void what_a_library_that_stays_may_need_is_not_promised(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    int32_t pandas = fixture_import(&fixture, "pandas", RUN_NONE, 4, 0.3, 0);
    fixture_import(&fixture, "numpy", pandas, 0, 0.2, 0);
    fixture_import(&fixture, "sklearn", RUN_NONE, 5, 0.4, 0);
    fixture_fact(&fixture, "pandas", 4, NEED_OTHERS, "report()");
    fixture_fact(&fixture, "sklearn", 5, NEED_TARGET, "f()");
    fixture_find(&fixture, "");
    struct estimate_input input = input_of(&fixture);
    estimate_findings(&fixture.arena, &input, &fixture.findings);
    const struct estimate *estimate = &fixture.findings.items[0].estimate;
    assert_int_equal(fixture.findings.len, 1);
    assert_true(near(estimate->cold_s.low, -0.5) && near(estimate->cold_s.high, -0.3));
    fixture_release(&fixture);
}

static void what_a_call_reads_again_is_taken_out_of_it(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    struct run_io io = {.kind = RUN_IO_FILE,
                        .phase = RUN_EXEC,
                        .import = RUN_NONE,
                        .invocation = 1,
                        .starting = true,
                        .target = STR("m.joblib"),
                        .bytes_in = 3 << 20,
                        .wall_s = 0.01,
                        .first_s = 3,
                        .last_s = 3.04};
    fixture_io(&fixture, &io);
    io.invocation = 0;
    io.phase = RUN_FIRST_CALL;
    fixture_io(&fixture, &io);
    assert_non_null(fixture_find(&fixture, "setup-repeated"));
    struct estimate_input input = input_of(&fixture);
    struct estimate_joint joint;
    estimate_findings(&fixture.arena, &input, &fixture.findings);
    estimate_together(&fixture.arena, &input, &fixture.findings, &joint);
    const struct estimate *estimate = &fixture.findings.items[0].estimate;
    assert_true(near(estimate->warm_s.low, -0.04) && near(estimate->warm_s.high, -0.04) && !estimate->cold_s.known);
    assert_true(near(estimate->share, 0.8));
    assert_true(near(joint.warm_after_s, 0.01) && near(joint.cold_after_s, joint.cold_before_s));
    fixture_release(&fixture);
}

static void requests_are_priced_anew(void **state)
{
    (void)state;
    struct fixture fixture;
    struct catalogue catalogue;
    struct err err = {0};
    fixture_init(&fixture);
    fixture.run.target.cpu = 8;
    fixture.run.target.memory_bytes = 16384.0 * FIXTURE_MIB;
    assert_non_null(fixture_find(&fixture, "cpu-request-far"));
    assert_int_equal(catalogue_load(&fixture.arena, NULL, NULL, &catalogue, &err), 0);
    struct price_settings settings = {.provider = STR("modal"), .cpu = 8, .memory_mib = 16384};
    struct estimate_input input = input_of(&fixture);
    input.catalogue = &catalogue;
    input.settings = &settings;
    input.calls_per_day = 1000;
    estimate_findings(&fixture.arena, &input, &fixture.findings);
    const struct finding *cpu = &fixture.findings.items[0];
    assert_str(cpu->name, "cpu-request-far");
    assert_str(fixture.findings.items[1].name, "memory-request-far");
    /* 6.75 cores less, in 40 cold calls of 2.1 s and 960 warm ones of 0.05 s */
    double per_1k = -6.75 * catalogue_table(&catalogue, STR("modal"))->cpu.usd * (40 * 2.1 + 960 * 0.05);
    assert_true(fabs(cpu->estimate.usd_per_1k_calls.low / per_1k - 1) < 1e-6);
    assert_true(near(cpu->estimate.usd_per_month.low, cpu->estimate.usd_per_1k_calls.low * 30));
    struct estimate_joint joint;
    estimate_together(&fixture.arena, &input, &fixture.findings, &joint);
    assert_true(joint.has_money && joint.usd_after < 0.25 * joint.usd_before);
    fixture_release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(estimates_come_from_every_start_and_sort_by_saving),
        cmocka_unit_test(together_is_played_back_not_added),
        cmocka_unit_test(what_a_library_that_stays_may_need_is_not_promised),
        cmocka_unit_test(what_a_call_reads_again_is_taken_out_of_it),
        cmocka_unit_test(requests_are_priced_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
