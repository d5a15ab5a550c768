#include "unit.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/err.h"
#include "export_run.h"
#include "present/export.h"

static struct arena arena;
static struct err err;
static struct buf out;
static struct run run;
static struct profile profile;

static int begin(void **state)
{
    (void)state;
    export_run_init(&arena, &run);
    profile = (struct profile){.arena = &arena, .run = &run, .rate_per_s = 1e-6};
    return 0;
}

static int end(void **state)
{
    (void)state;
    buf_release(&out);
    arena_release(&arena);
    err_release(&err);
    return 0;
}

static const char *text_of(const char *format)
{
    buf_reset(&out);
    assert_int_equal(export_find(str_of(format))->write(&profile, &out, &err), 0);
    return buf_cstr(&out);
}

static void collapsed_stacks_leave_out_the_harness_and_escape_their_separators(void **state)
{
    (void)state;
    assert_string_equal(text_of("collapsed"), "(interpreter 1);Thread.run (threading.py:3) 250000\n"
                                              "Thread.run (threading.py:3) 1000000\n"
                                              "f (a.py:5) 500000\n"
                                              "f (a.py:5);g:<lambda>? (a.py:9) 500000\n");
    profile.cpu_only = true;
    assert_string_equal(text_of("collapsed"), "(interpreter 1);Thread.run (threading.py:3) 250000\n"
                                              "f (a.py:5) 500000\n"
                                              "f (a.py:5);g:<lambda>? (a.py:9) 250000\n");
    profile.cpu_only = false;
    profile.part = EXPORT_COLD;
    assert_string_equal(text_of("collapsed"), "f (a.py:5) 125000\n"
                                              "f (a.py:5);g:<lambda>? (a.py:9) 250000\n");
    profile.part = EXPORT_CALLS;
}

static void by_task_a_stack_begins_with_the_name_of_its_task(void **state)
{
    (void)state;
    struct run_start *start = &run.starts.items[0];
    for (size_t i = 0; i < start->stacks.len; i++) {
        bool in_g = start->stacks.items[i].frame == 2; /* g, called by f */
        start->stacks.items[i].task = in_g ? STR("one;") : STR("");
        start->stacks.items[i].task_frame = in_g ? 2 : RUN_NONE;
    }
    *array_push(&arena, &start->tasks) = (struct run_task){STR("two"), 3, RUN_EXEC, 2.5, 50, 3};
    *array_push(&arena, &start->tasks) = (struct run_task){STR("two"), 3, RUN_IMPORT, 0.5, 10, 3};
    profile.run = export_by_task(&arena, &run);
    profile.by_task = true;
    assert_string_equal(text_of("collapsed"), "task one:;g:<lambda>? (a.py:9) 500000\n"
                                              "task two;Thread.run (threading.py:3) 2500000\n");
    json_t *root = json_loads(text_of("speedscope"), 0, NULL);
    json_t *profiles = json_object_get(root, "profiles");
    assert_int_equal(json_array_size(profiles), 3);
    assert_string_equal(json_string_value(json_object_get(json_array_get(profiles, 0), "name")), "task one;");
    assert_string_equal(json_string_value(json_object_get(json_array_get(profiles, 1), "name")), "task two");
    json_decref(root);
}

static double sum_of(const json_t *numbers)
{
    double sum = 0;
    for (size_t i = 0; i < json_array_size(numbers); i++)
        sum += json_number_value(json_array_get(numbers, i));
    return sum;
}

static void speedscope_has_a_profile_a_thread_and_a_timeline(void **state)
{
    (void)state;
    json_t *root = json_loads(text_of("speedscope"), 0, NULL);
    json_t *profiles = json_object_get(root, "profiles");
    size_t frames = json_array_size(json_object_get(json_object_get(root, "shared"), "frames"));
    static const struct {
        const char *name;
        double seconds;
    } threads[] = {{"starting thread", 1}, {"thread 2", 1}, {"thread 2, interpreter 1", 0.25}};
    assert_int_equal(json_array_size(profiles), 4);
    for (size_t i = 0; i < 3; i++) {
        json_t *thread = json_array_get(profiles, i), *samples = json_object_get(thread, "samples");
        assert_string_equal(json_string_value(json_object_get(thread, "name")), threads[i].name);
        assert_int_equal(json_array_size(samples), json_array_size(json_object_get(thread, "weights")));
        assert_true(fabs(sum_of(json_object_get(thread, "weights")) - threads[i].seconds) < 1e-9);
        for (size_t k = 0; k < json_array_size(samples); k++)
            for (size_t f = 0; f < json_array_size(json_array_get(samples, k)); f++)
                assert_true((size_t)json_integer_value(json_array_get(json_array_get(samples, k), f)) < frames);
    }
    json_t *events = json_object_get(json_array_get(profiles, 3), "events");
    json_int_t open[8];
    size_t depth = 0;
    double at_s = 0;
    for (size_t i = 0; i < json_array_size(events); i++) {
        json_t *event = json_array_get(events, i);
        json_int_t frame = json_integer_value(json_object_get(event, "frame"));
        assert_true(json_number_value(json_object_get(event, "at")) >= at_s);
        at_s = json_number_value(json_object_get(event, "at"));
        if (json_string_value(json_object_get(event, "type"))[0] == 'O')
            open[depth++] = frame;
        else
            assert_int_equal(open[--depth], frame);
    }
    assert_int_equal(depth, 0);
    assert_int_equal(json_array_size(events), 10);
    json_decref(root);
}

static void chrome_events_nest_within_their_thread(void **state)
{
    (void)state;
    json_t *root = json_loads(text_of("chrome"), 0, NULL);
    json_t *events = json_object_get(root, "traceEvents");
    double ends[64][8];
    size_t depth[64] = {0}, spans = 0;
    for (size_t i = 0; i < json_array_size(events); i++) {
        json_t *event = json_array_get(events, i);
        if (json_string_value(json_object_get(event, "ph"))[0] != 'X')
            continue;
        size_t tid = (size_t)json_integer_value(json_object_get(event, "tid"));
        double from = json_number_value(json_object_get(event, "ts"));
        double to = from + json_number_value(json_object_get(event, "dur"));
        while (depth[tid] && ends[tid][depth[tid] - 1] <= from)
            depth[tid]--;
        assert_true(!depth[tid] || to <= ends[tid][depth[tid] - 1] + 1e-6);
        ends[tid][depth[tid]++] = to;
        spans++;
    }
    assert_int_equal(spans, 7);
    json_decref(root);
    run.starts.items[0].complete = false;
    buf_reset(&out);
    assert_int_equal(export_find(STR("chrome"))->write(&profile, &out, &err), -ERR_INPUT);
    run.starts.items[0].complete = true;
}

static void imports_are_moved_with_a_phase_that_was_in_pieces(void **state)
{
    (void)state;
    struct export_spans spans;
    struct run_start *start = &run.starts.items[0];
    start->imports.items[0].start_s -= 0.375; /* 0.125 before the span of its phase */
    export_timeline(&profile, start, &spans);
    assert_int_equal(spans.len, 5);
    assert_string_equal(spans.items[2].name.ptr, "pandas");
    assert_true(fabs(spans.items[2].from_s - 0.5) < 1e-9 && fabs(spans.items[2].to_s - 1.25) < 1e-9);
    assert_string_equal(spans.items[3].name.ptr, "numpy");
    assert_true(fabs(spans.items[3].from_s - 1.125) < 1e-9 && fabs(spans.items[3].to_s - 1.25) < 1e-9);
    start->imports.items[0].start_s += 0.375;
}

static void names_that_are_no_text_become_text(void **state)
{
    (void)state;
    static const struct {
        struct str name;
        const char *collapsed;
    } names[] = {
        {STR("\xff\xc3"), "\xef\xbf\xbd\xef\xbf\xbd (a.py:5) 500000"}, {STR("a\0b\x1b"), "a?b? (a.py:5) 500000"},
        {STR("\xe2\x80\xa8\xc2\x85;"), "??: (a.py:5) 500000"},         {STR(""), "(no name) (a.py:5) 500000"},
        {STR("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80 (a.py:5) 500000"},
    };
    struct run_frame *frame = &run.starts.items[0].frames.items[1], before = *frame;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        frame->function = names[i].name;
        assert_non_null(strstr(text_of("collapsed"), names[i].collapsed));
    }
    *frame = before;
}

static void pprof_is_a_gzip_file(void **state)
{
    (void)state;
    assert_memory_equal(text_of("pprof"), "\x1f\x8b\x08", 3);
    assert_true(out.len > 100);
}

static void suffixes_name_their_format(void **state)
{
    (void)state;
    assert_string_equal(export_find_by_path(STR("a/p.pb.gz"))->name, "pprof");
    assert_string_equal(export_find_by_path(STR("s.speedscope.json"))->name, "speedscope");
    assert_string_equal(export_find_by_path(STR("t.trace.json"))->name, "chrome");
    assert_string_equal(export_find_by_path(STR("x.folded"))->name, "collapsed");
    assert_null(export_find_by_path(STR("x.svg")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(collapsed_stacks_leave_out_the_harness_and_escape_their_separators),
        cmocka_unit_test(speedscope_has_a_profile_a_thread_and_a_timeline),
        cmocka_unit_test(chrome_events_nest_within_their_thread),
        cmocka_unit_test(imports_are_moved_with_a_phase_that_was_in_pieces),
        cmocka_unit_test(names_that_are_no_text_become_text),
        cmocka_unit_test(pprof_is_a_gzip_file),
        cmocka_unit_test(suffixes_name_their_format),
        cmocka_unit_test(by_task_a_stack_begins_with_the_name_of_its_task),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
