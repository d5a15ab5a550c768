#include "measured_fixture.h"

/* Ten calls in each start, of which each leaves so many MiB more; one line of app.py and what it held, early and late. */
static void calls(struct fixture *fixture, double mib, const struct run_memory *memory)
{
    for (size_t i = 0; i < fixture->run.starts.len; i++) {
        struct run_start *start = &fixture->run.starts.items[i];
        start->invocations.len = 0;
        for (uint32_t k = 0; k < 10; k++)
            *array_push(&fixture->arena, &start->invocations) = (struct run_invocation){
                .number = k, .wall_s = k ? 0.05 : 0.1, .end_bytes = (uint64_t)((50 + mib * k) * FIXTURE_MIB)};
        *array_push(&fixture->arena, &start->frames) = (struct run_frame){RUN_NONE, STR("embed"), STR("app.py"), 7};
        *array_push(&fixture->arena, &start->frames) = (struct run_frame){0, STR("copy"), STR("/lib/copy.py"), 90};
        *array_push(&fixture->arena, &start->memory) = *memory;
    }
}

static void what_grows_is_found_with_its_line(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    calls(&fixture, 2,
          &(struct run_memory){.frame = 1,
                               .kind = STR("heap"),
                               .early_bytes = 4 * FIXTURE_MIB,
                               .held_bytes = 20 * FIXTURE_MIB,
                               .total_bytes = 20 * FIXTURE_MIB,
                               .growth_error_bytes = 3 * FIXTURE_MIB});
    const struct finding *finding = fixture_find(&fixture, "memory-grows");
    assert_non_null(finding);
    assert_str(finding->message, "memory grows by 2.00 MiB with each call, most of it in embed");
    assert_str(finding->location.file, "app.py");
    assert_int_equal(finding->location.line, 7);
    assert_str(finding->evidence, "{\"bytes_per_call\":2097152,\"interval\":[2097152,2097152],\"calls\":27,"
                                  "\"site_bytes\":16777216,\"site_error_bytes\":3145728}");
    assert_null(fixture_find(&fixture, "held-after-use"));
    fixture_release(&fixture);
}

static void growth_within_two_standard_errors_names_no_line(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    calls(&fixture, 1,
          &(struct run_memory){.frame = 1,
                               .kind = STR("heap"),
                               .early_bytes = 4 * FIXTURE_MIB,
                               .held_bytes = 9 * FIXTURE_MIB,
                               .growth_error_bytes = 3 * FIXTURE_MIB});
    const struct finding *finding = fixture_find(&fixture, "memory-grows");
    assert_non_null(finding);
    assert_str(finding->message, "memory grows by 1.00 MiB with each call");
    assert_int_equal(finding->location.line, 0);
    fixture_release(&fixture);
}

static void what_each_call_makes_anew_and_leaves_is_held_after_use(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    calls(&fixture, 0,
          &(struct run_memory){.frame = 1,
                               .kind = STR("heap"),
                               .early_bytes = 40 * FIXTURE_MIB,
                               .held_bytes = 40 * FIXTURE_MIB,
                               .total_bytes = 400 * FIXTURE_MIB});
    assert_null(fixture_find(&fixture, "memory-grows"));
    const struct finding *finding = fixture_find(&fixture, "held-after-use");
    assert_non_null(finding);
    assert_str(finding->message, "40.0 MiB that each call makes anew are still held when it has ended");
    assert_int_equal(finding->location.line, 7);
    fixture_release(&fixture);
}

static void what_is_made_once_and_kept_is_no_finding(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    calls(&fixture, 0.01,
          &(struct run_memory){.frame = 1,
                               .kind = STR("heap"),
                               .early_bytes = 40 * FIXTURE_MIB,
                               .held_bytes = 40 * FIXTURE_MIB,
                               .total_bytes = 40 * FIXTURE_MIB});
    assert_null(fixture_find(&fixture, "memory-grows"));
    assert_null(fixture_find(&fixture, "held-after-use"));
    fixture_release(&fixture);
}

static void arenas_that_stay_are_nobodys_objects(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    calls(&fixture, 0,
          &(struct run_memory){.frame = 1,
                               .kind = STR("arena"),
                               .early_bytes = 40 * FIXTURE_MIB,
                               .held_bytes = 40 * FIXTURE_MIB,
                               .total_bytes = 400 * FIXTURE_MIB});
    assert_null(fixture_find(&fixture, "held-after-use"));
    fixture_release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_grows_is_found_with_its_line),
        cmocka_unit_test(growth_within_two_standard_errors_names_no_line),
        cmocka_unit_test(what_each_call_makes_anew_and_leaves_is_held_after_use),
        cmocka_unit_test(what_is_made_once_and_kept_is_no_finding),
        cmocka_unit_test(arenas_that_stay_are_nobodys_objects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
