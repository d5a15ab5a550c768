#include "unit.h"

#include "store/held.h"

static struct arena arena;

/* A start whose calls from 0 on ended with these MiB resident. */
static void add_start(struct run *run, const double *mib, size_t n)
{
    struct run_start *start = array_push(&arena, &run->starts);
    *start = (struct run_start){.complete = true, .wall_s = 1};
    for (size_t i = 0; i < n; i++)
        *array_push(&arena, &start->invocations) = (struct run_invocation){.number = (uint32_t)i,
                                                                           .end_bytes = (uint64_t)(mib[i] * 1048576)};
}

static void what_each_call_adds_is_found_in_spite_of_noise(void **state)
{
    (void)state;
    struct run run = {0};
    struct held_growth growth;
    const double first[] = {100, 140, 143, 145, 149, 152, 154}, second[] = {100, 141, 144, 147, 190, 153, 156};
    add_start(&run, first, 7);
    add_start(&run, second, 7);
    assert_true(held_growth(&arena, &run, &growth));
    assert_int_equal(growth.calls, 12);
    assert_true(growth.bytes > 2.5 * 1048576 && growth.bytes < 3.5 * 1048576);
    assert_true(growth.low_bytes > 0 && growth.low_bytes <= growth.bytes && growth.bytes <= growth.high_bytes);
}

static void what_the_first_calls_build_and_what_goes_up_and_down_is_no_growth(void **state)
{
    (void)state;
    struct run run = {0};
    struct held_growth growth;
    const double flat[] = {100, 300, 300.5, 299.5, 300.5, 300}, other[] = {90, 280, 279, 281, 280, 279.5};
    add_start(&run, flat, 6);
    add_start(&run, other, 6);
    assert_true(held_growth(&arena, &run, &growth));
    assert_true(growth.low_bytes <= 0 && growth.high_bytes >= 0);
}

static void few_calls_say_nothing(void **state)
{
    (void)state;
    struct run run = {0};
    struct held_growth growth;
    const double few[] = {1, 2, 3, 4, 5};
    add_start(&run, few, 5);
    assert_false(held_growth(&arena, &run, &growth)); /* four calls after the first, of eight */
    add_start(&run, few, 5);
    run.starts.items[1].complete = false;
    assert_false(held_growth(&arena, &run, &growth));
    run.starts.items[1].complete = true;
    assert_true(held_growth(&arena, &run, &growth));
    assert_true(growth.bytes == 1048576 && growth.low_bytes == 1048576);
}

static void the_peak_is_split_by_who_asked_for_it(void **state)
{
    (void)state;
    struct run_start start = {.peak_bytes = 1000, .heap_peak_bytes = 700};
    struct held_split split;
    static const struct {
        const char *kind;
        uint64_t bytes;
        double error;
    } rows[] = {{"heap", 100, 3}, {"map", 50, 0}, {"arena", 300, 4}, {"python", 200, 12}, {"object", 50, 0}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        *array_push(&arena, &start.memory) = (struct run_memory){
            .kind = str_of(rows[i].kind), .peak_bytes = rows[i].bytes, .error_bytes = rows[i].error};
    *array_push(&arena, &start.samples) = (struct run_sample){.rss_bytes = 900, .file_bytes = 120};
    *array_push(&arena,
                &start.samples) = (struct run_sample){.rss_bytes = 990}; /* not by the sampler: no share of files */
    *array_push(&arena, &start.samples) = (struct run_sample){.rss_bytes = 500, .file_bytes = 110};
    assert_true(held_split(&start, &split));
    assert_true(split.native_bytes == 150 && split.python_bytes == 550 && split.file_bytes == 120);
    assert_true(split.error_bytes == 13 && split.explained == 0.7);
    start.heap_peak_bytes = 0;
    assert_false(held_split(&start, &split));
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
        cmocka_unit_test(what_each_call_adds_is_found_in_spite_of_noise),
        cmocka_unit_test(what_the_first_calls_build_and_what_goes_up_and_down_is_no_growth),
        cmocka_unit_test(few_calls_say_nothing),
        cmocka_unit_test(the_peak_is_split_by_who_asked_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
