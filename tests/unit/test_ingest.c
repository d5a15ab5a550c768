#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "recording_builder.h"
#include "store/ingest.h"

static struct arena arena;
static struct builder builder;

static void assert_s(double actual, double expected)
{
    if (fabs(actual - expected) > 1e-9)
        fail_msg("%.9f s != %.9f s", actual, expected);
}

static struct run_start ingest(double asked_ms, double ended_ms, bool command)
{
    char path[] = "/tmp/coldspot-test-ingest-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, builder.bytes, sizeof(builder.bytes)) == (ssize_t)sizeof(builder.bytes));
    close(fd);
    const char *paths[] = {path};
    struct ingest_input input = {.paths = paths,
                                 .n_paths = 1,
                                 .asked_ns = MS(asked_ms),
                                 .ended_ns = MS(ended_ms),
                                 .root = STR("/app"),
                                 .cwd = STR("/app"),
                                 .command = command};
    struct run_start start;
    ingest_start(&arena, &input, &start);
    unlink(path);
    return start;
}

static double sum(const double *values, int n)
{
    double total = 0;
    for (int i = 0; i < n; i++)
        total += values[i];
    return total;
}

/* Asked at 1000 ms; the interpreter runs from 1010, the app's file from 1100 to 1300, enter to 1400, the call to 1500. */
static void build_start(void)
{
    builder_init(&builder, MS(1010));
    builder_phase(&builder, EVENT_PHASE_INTERPRETER_START, 1010, 8, 0);
    builder_phase(&builder, EVENT_PHASE_HARNESS, 1030, 28, 0);
    builder_phase(&builder, EVENT_PHASE_PLATFORM_INIT, 1040, 38, 0);
    builder_phase(&builder, EVENT_PHASE_IMPORT, 1100, 98, 0);
    builder_import(&builder, 1, 0, "pandas", 1110);
    builder_import(&builder, 2, 1, "numpy", 1120);
    builder_import_end(&builder, 2, "/x/site-packages/numpy/__init__.py", 1150);
    builder_import_end(&builder, 1, "/x/site-packages/pandas/__init__.py", 1200);
    builder_import(&builder, 3, 0, "helper", 1210);
    builder_import_end(&builder, 3, "/app/helper.py", 1230);
    builder_phase(&builder, EVENT_PHASE_ENTER, 1300, 298, 0);
}

static void phases_and_waits_each_sum_to_the_cold_start(void **state)
{
    (void)state;
    build_start();
    uint32_t file = builder_string(&builder, "/app/model.onnx");
    builder_io(&builder, EVENT_IO_READ, EVENT_OBJECT_FILE, EVENT_PHASE_ENTER, 1310, 20, file)->bytes = 5000;
    builder_io(&builder, EVENT_IO_SLEEP, EVENT_OBJECT_NONE, EVENT_PHASE_ENTER, 1340, 50, 0);
    builder_phase(&builder, EVENT_PHASE_FIRST_CALL, 1400, 328, 0);
    builder_call(&builder, 0, 1400, 1500, 328);
    builder_phase(&builder, EVENT_PHASE_EXEC, 1501, 430, 0);
    builder_call(&builder, 1, 1502, 1552, 431);
    struct run_start start = ingest(1000, 1700, false);
    assert_s(start.wall_s, 0.5);
    assert_s(sum(start.phases_s, RUN_COLD_PHASES), 0.5);
    assert_s(sum(start.waits_s, RUN_WAITS), 0.5);
    assert_s(start.phases_s[RUN_CONTAINER_START], 0.010);
    assert_s(start.phases_s[RUN_INTERPRETER_START], 0.020);
    assert_s(start.phases_s[RUN_PLATFORM_INIT], 0.070);
    assert_s(start.harness_s, 0.010);
    assert_s(start.phases_s[RUN_IMPORT], 0.110);
    assert_s(start.phases_s[RUN_GLOBAL_INIT], 0.090);
    assert_s(start.phases_s[RUN_ENTER], 0.100);
    assert_s(start.phases_s[RUN_FIRST_CALL], 0.100);
    assert_s(start.waits_s[RUN_DISK], 0.020);
    assert_s(start.waits_s[RUN_SLEEP], 0.050);
    assert_s(start.waits_s[RUN_UNKNOWN], 0.002); /* container_start: 10 ms, 8 of them on the CPU */
    assert_s(start.attributed_s, 0.498);
    assert_int_equal(start.invocations.len, 2);
    assert_s(start.invocations.items[1].wall_s, 0.050);
    assert_int_equal(start.ios.len, 2);
    assert_str(start.ios.items[0].target, "model.onnx");
    assert_int_equal(start.ios.items[0].bytes_in, 5000);
    assert_int_equal(start.peak_bytes, 2000);
}

static void imports_nest_and_know_where_they_come_from(void **state)
{
    (void)state;
    build_start();
    struct run_start start = ingest(1000, 1400, false);
    assert_int_equal(start.imports.len, 3);
    const struct run_import *pandas = &start.imports.items[0], *numpy = &start.imports.items[1],
                            *helper = &start.imports.items[2];
    assert_s(pandas->total_s, 0.090);
    assert_s(pandas->self_s, 0.060);
    assert_s(numpy->self_s, 0.030);
    assert_int_equal(numpy->parent, 0);
    assert_int_equal(pandas->origin, RUN_DEPENDENCY);
    assert_int_equal(helper->origin, RUN_USER);
    assert_str(helper->path, "helper.py");
    assert_int_equal(pandas->phase, RUN_IMPORT);
}

static void what_the_scheduler_delayed_is_runnable_and_a_page_fault_is_disk(void **state)
{
    (void)state;
    builder_init(&builder, MS(1000));
    builder_phase(&builder, EVENT_PHASE_INTERPRETER_START, 1000, 0, 0);
    builder_phase(&builder, EVENT_PHASE_IMPORT, 1100, 60, 40);
    struct event_phase_begin *enter = builder_phase(&builder, EVENT_PHASE_ENTER, 1200, 130, 40);
    enter->usage.major_faults = 3;
    builder_phase(&builder, EVENT_PHASE_FIRST_CALL, 1300, 200, 40)->usage.major_faults = 3;
    builder_call(&builder, 0, 1300, 1300, 200);
    struct run_start start = ingest(1000, 1300, false);
    assert_s(start.waits_s[RUN_RUNNABLE], 0.040);
    assert_s(start.waits_s[RUN_DISK], 0.030);
    assert_s(start.waits_s[RUN_UNKNOWN], 0.030);
    assert_s(start.waits_s[RUN_ON_CPU], 0.200);
}

static void a_thread_that_never_gave_up_the_cpu_was_ready_to_run(void **state)
{
    (void)state;
    builder_init(&builder, MS(1000));
    builder_phase(&builder, EVENT_PHASE_INTERPRETER_START, 1000, 0, 0)->usage.voluntary_switches = 0;
    builder_phase(&builder, EVENT_PHASE_FIRST_CALL, 1100, 30, 20)->usage.voluntary_switches = 0;
    builder_call(&builder, 0, 1100, 1100, 30);
    struct run_start start = ingest(1000, 1100, false);
    assert_s(start.waits_s[RUN_RUNNABLE], 0.070);
    assert_s(start.waits_s[RUN_UNKNOWN], 0);
}

static void a_killed_process_keeps_what_it_was_doing(void **state)
{
    (void)state;
    builder_init(&builder, MS(1010));
    builder_phase(&builder, EVENT_PHASE_INTERPRETER_START, 1010, 10, 0);
    builder_phase(&builder, EVENT_PHASE_IMPORT, 1020, 20, 0);
    builder_import(&builder, 1, 0, "slow", 1030);
    struct event_io *io = builder_io(&builder, EVENT_IO_RECV, EVENT_OBJECT_SOCKET, EVENT_PHASE_IMPORT, 1050, 0,
                                     builder_string(&builder, "10.0.0.1:80"));
    io->busy_since_ns = MS(1050);
    struct run_start start = ingest(1000, 3000, false);
    assert_s(start.wall_s, 2);
    assert_s(start.imports.items[0].total_s, 1.97);
    assert_s(start.phases_s[RUN_IMPORT], 1.97);
    assert_s(start.waits_s[RUN_NETWORK], 1.95);
    assert_s(start.ios.items[0].wall_s, 1.95);
    assert_int_equal(start.invocations.len, 0);
}

static void a_command_is_one_cold_start_up_to_its_end(void **state)
{
    (void)state;
    builder_init(&builder, MS(1010));
    builder_phase(&builder, EVENT_PHASE_INTERPRETER_START, 1010, 10, 0);
    builder_phase(&builder, EVENT_PHASE_IMPORT, 1020, 20, 0);
    builder_import(&builder, 1, 0, "json", 1030);
    builder_import_end(&builder, 1, "/usr/lib/python3.11/json/__init__.py", 1040);
    builder_phase(&builder, EVENT_PHASE_EXIT, 1100, 100, 0);
    builder_header(&builder)->ended_ns = MS(1110);
    builder_header(&builder)->python_hex = 0x030b02f0;
    struct run_start start = ingest(1000, 1120, true);
    assert_s(start.wall_s, 0.120);
    assert_s(start.phases_s[RUN_IMPORT], 0.010);
    assert_s(start.phases_s[RUN_GLOBAL_INIT], 0.090);
    assert_s(sum(start.phases_s, RUN_PHASES), 0.120);
    assert_int_equal(start.imports.items[0].origin, RUN_STDLIB);
}

static void without_a_recording_all_of_the_time_is_unknown(void **state)
{
    (void)state;
    struct ingest_input input = {.asked_ns = MS(1000), .ended_ns = MS(1500)};
    struct run_start start;
    ingest_start(&arena, &input, &start);
    assert_s(start.wall_s, 0.5);
    assert_s(start.waits_s[RUN_UNKNOWN], 0.5);
    assert_s(start.attributed_s, 0);
    assert_int_equal(start.notes.len, 1);
}

static int done(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static void add_node(uint32_t id, uint32_t parent, const char *function, const char *path, uint32_t line)
{
    uint32_t name = builder_string(&builder, function), file = builder_string(&builder, path);
    struct event_stack_node *node = builder_add(&builder, EVENT_STACK_NODE, sizeof(*node));
    node->id = id;
    node->parent = parent;
    node->function = name;
    node->file = file;
    node->line = line;
}

static void add_stack(uint32_t tid, uint32_t node, uint8_t state, int32_t call, double weight_ms, uint32_t samples)
{
    struct event_stack_sample *sample = builder_add(&builder, EVENT_STACK_SAMPLE, sizeof(*sample));
    sample->tid = tid;
    sample->node = node;
    sample->state = state;
    sample->phase = EVENT_PHASE_FIRST_CALL;
    sample->call = call;
    sample->weight_ns = MS(weight_ms);
    sample->samples = samples;
}

static void stacks_are_gathered_by_thread_and_state(void **state)
{
    (void)state;
    build_start();
    add_node(1, 0, "main", "/app/app.py", 3);
    add_node(2, 1, "f", "/app/app.py", 9);
    add_node(2, 1, "twice", "/app/app.py", 9);
    add_node(0, 1, "no id", "/app/app.py", 9);
    add_stack(BUILDER_TID, 2, EVENT_STATE_ON_CPU, 0, 20, 2);
    add_stack(BUILDER_TID, 2, EVENT_STATE_ON_CPU, 0, 10, 1);
    add_stack(BUILDER_TID, 2, EVENT_STATE_GIL, 1, 10, 1);
    add_stack(99, 1, EVENT_STATE_LOCK, EVENT_NO_CALL, 30, 3);
    add_stack(99, 77, EVENT_STATE_LOCK, EVENT_NO_CALL, 30, 3);
    struct run_start start = ingest(1000, 1700, false);
    assert_int_equal(start.frames.len, 2);
    assert_str(start.frames.items[1].function, "f");
    assert_str(start.frames.items[1].file, "app.py");
    assert_int_equal(start.frames.items[1].parent, 0);
    assert_int_equal(start.stacks.len, 3);
    const struct run_stack *stacks = start.stacks.items;
    assert_s(stacks[0].wall_s, 0.03);
    assert_true(stacks[0].samples == 3 && stacks[0].in_call && stacks[0].phase == RUN_FIRST_CALL &&
                stacks[0].thread == 0);
    assert_true(stacks[1].wait == RUN_LOCK && stacks[1].gil && stacks[1].phase == RUN_EXEC);
    assert_true(stacks[2].thread == 1 && !stacks[2].in_call && !stacks[2].gil && stacks[2].frame == 0);
}

static struct event_tasks *add_tasks(const char *name, uint32_t node, double weight_ms)
{
    uint32_t string = builder_string(&builder, name);
    struct event_tasks *tasks = builder_add(&builder, EVENT_TASKS, sizeof(*tasks));
    tasks->name = string;
    tasks->node = node;
    tasks->phase = EVENT_PHASE_EXEC;
    tasks->weight_ns = MS(weight_ms);
    tasks->samples = 4;
    tasks->most = 2;
    return tasks;
}

static void tasks_that_run_and_tasks_that_wait_have_their_names(void **state)
{
    (void)state;
    build_start();
    add_node(1, 0, "Handle._run", "/usr/lib/python3.11/asyncio/events.py", 80);
    add_node(2, 1, "main", "/app/app.py", 9);
    add_node(3, 2, "f", "/app/app.py", 21);
    add_node(4, 0, "fetch", "/app/app.py", 30);
    uint32_t name = builder_string(&builder, "main task");
    for (uint32_t task_node = 2; task_node < 8; task_node += 5) { /* the second names a node that is missing */
        add_stack(BUILDER_TID, 3, EVENT_STATE_ON_CPU, 0, 20, 2);
        struct event_stack_sample *sample = (void *)(builder.bytes + builder.used - sizeof(*sample));
        sample->task = name;
        sample->task_node = task_node;
    }
    add_tasks("worker", 4, 250);
    add_tasks("nowhere", 9, 250);
    add_tasks("never", 4, 0)->samples = 0;
    struct run_start start = ingest(1000, 1700, false);
    assert_int_equal(start.stacks.len, 2);
    assert_str(start.stacks.items[0].task, "main task");
    assert_int_equal(start.stacks.items[0].task_frame, 1);
    assert_int_equal(start.stacks.items[1].task.len, 0);
    assert_int_equal(start.tasks.len, 1);
    const struct run_task *task = &start.tasks.items[0];
    assert_str(task->name, "worker");
    assert_true(task->frame == 3 && task->phase == RUN_EXEC && task->samples == 4 && task->most == 2);
    assert_s(task->wall_s, 0.25);
}

/* Samples every 10 ms from `from_ms` on. */
static void add_samples(uint32_t node, uint8_t state, double from_ms, uint32_t samples)
{
    struct event_stack_sample *sample = builder_add(&builder, EVENT_STACK_SAMPLE, sizeof(*sample));
    *sample = (struct event_stack_sample){.event = sample->event, .tid = BUILDER_TID, .node = node, .state = state};
    sample->first_ns = MS(from_ms);
    sample->last_ns = MS(from_ms + 10.0 * (samples - 1));
    sample->samples = samples;
    sample->call = 0;
}

static void add_stretch(double from_ms, double wall_ms)
{
    struct event_stretch *stretch = builder_add(&builder, EVENT_STRETCH, sizeof(*stretch));
    stretch->began_ns = MS(from_ms);
    stretch->ended_ns = MS(from_ms + wall_ms);
    stretch->phase = EVENT_PHASE_FIRST_CALL;
    stretch->call = 0;
}

static void build_loop(void)
{
    build_start();
    add_node(1, 0, "Handle._run", "/usr/lib/python3.11/asyncio/events.py", 80);
    add_node(2, 1, "handler", "/app/app.py", 9);
    add_node(3, 2, "parse", "/app/app.py", 21);
    add_node(4, 2, "parse", "/app/app.py", 22);
    add_node(5, 4, "loads", "/usr/lib/python3.11/json/__init__.py", 3);
    add_node(6, 0, "main", "/app/app.py", 3);
}

static void a_stretch_without_a_poll_is_blamed_on_the_function_of_most_samples(void **state)
{
    (void)state;
    build_loop();
    add_samples(2, EVENT_STATE_SLEEP, 1405, 3);
    add_samples(3, EVENT_STATE_ON_CPU, 1435, 2);
    add_samples(5, EVENT_STATE_ON_CPU, 1455, 3);
    add_samples(4, EVENT_STATE_RUNNABLE, 1485, 2);
    add_stretch(1401, 100);
    struct run_start start = ingest(1000, 1700, false);
    assert_int_equal(start.stretches.len, 1);
    const struct run_stretch *stretch = &start.stretches.items[0];
    assert_s(stretch->wall_s, 0.1);
    assert_s(stretch->at_s, 0.401);
    assert_s(stretch->frame_s, 0.07);
    assert_s(stretch->runnable_s, 0.02);
    assert_true(stretch->wait == RUN_ON_CPU && stretch->samples == 10 && stretch->phase == RUN_FIRST_CALL);
    assert_str(start.frames.items[stretch->frame].function, "parse");
    assert_int_equal(start.frames.items[stretch->frame].line, 22);
    assert_false(run_is_blocked(stretch));
}

static void time_between_two_runs_of_a_loop_blocks_nobody(void **state)
{
    (void)state;
    build_loop();
    add_samples(6, EVENT_STATE_ON_CPU, 1405, 40);
    add_stretch(1401, 400); /* no loop in any sample */
    add_samples(2, EVENT_STATE_ON_CPU, 1905, 15);
    add_samples(6, EVENT_STATE_ON_CPU, 2055, 5);
    add_stretch(1901, 200); /* a loop in three of four */
    add_stretch(2201, 500); /* no sample */
    struct run_start start = ingest(1000, 2900, false);
    assert_int_equal(start.stretches.len, 1);
    assert_s(start.stretches.items[0].wall_s, 0.15);
    assert_true(run_is_blocked(&start.stretches.items[0]));
}

static void add_site(uint32_t node, uint64_t epoch, uint64_t calls, uint64_t live, uint64_t peak, uint64_t held)
{
    struct event_alloc_site *site = builder_add(&builder, EVENT_ALLOC_SITE, sizeof(*site));
    site->node = node;
    site->kind = EVENT_ALLOC_HEAP;
    site->epoch = epoch;
    site->calls = calls;
    site->live_bytes = live;
    site->peak_bytes = peak;
    site->held_bytes = held;
    site->live_variance = 4;
    site->peak_variance = 9;
}

static void a_site_that_did_not_change_since_the_peak_held_what_it_holds(void **state)
{
    (void)state;
    build_start();
    add_node(1, 0, "main", "/app/app.py", 3);
    add_site(1, 7, 2, 10, 500, 30);
    add_site(0, 6, 1, 900, 1, 40);
    struct event_alloc_peak *sum = builder_add(&builder, EVENT_ALLOC_PEAK, sizeof(*sum));
    sum->epoch = 7;
    sum->calls = 2;
    struct run_start start = ingest(1000, 1700, false);
    assert_int_equal(start.memory.len, 2);
    const struct run_memory *memory = start.memory.items;
    assert_true(memory[0].peak_bytes == 900 && memory[0].frame == RUN_NONE && memory[0].held_bytes == 900);
    assert_s(memory[0].error_bytes, 2048);
    assert_true(memory[1].peak_bytes == 500 && memory[1].frame == 0 && memory[1].held_bytes == 30);
    assert_s(memory[1].error_bytes, 3072);
    assert_str(memory[1].kind, "heap");
    assert_int_equal(start.heap_peak_bytes, 1400);
}

static void untouched_pages_are_no_part_of_the_peak_and_growth_counts_from_the_second_call(void **state)
{
    (void)state;
    build_start();
    add_site(0, 7, 2, 600, 500, 300);
    struct event_alloc_site *site = (void *)(builder.bytes + builder.used - sizeof(*site));
    site->untouched_epoch = 7;
    site->untouched_bytes = 120;
    site->early_bytes = 100;
    site->held_variance = 9;
    site->early_variance = 16;
    struct event_alloc_peak *sum = builder_add(&builder, EVENT_ALLOC_PEAK, sizeof(*sum));
    sum->epoch = 7;
    sum->calls = 2;
    struct run_start start = ingest(1000, 1700, false);
    const struct run_memory *memory = start.memory.items;
    assert_true(memory->peak_bytes == 380 && start.heap_peak_bytes == 380);
    assert_true(memory->held_bytes == 300 && memory->early_bytes == 100);
    assert_s(memory->growth_error_bytes, 5120);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(untouched_pages_are_no_part_of_the_peak_and_growth_counts_from_the_second_call),
        cmocka_unit_test(a_site_that_did_not_change_since_the_peak_held_what_it_holds),
        cmocka_unit_test(stacks_are_gathered_by_thread_and_state),
        cmocka_unit_test(tasks_that_run_and_tasks_that_wait_have_their_names),
        cmocka_unit_test(a_stretch_without_a_poll_is_blamed_on_the_function_of_most_samples),
        cmocka_unit_test(time_between_two_runs_of_a_loop_blocks_nobody),
        cmocka_unit_test(phases_and_waits_each_sum_to_the_cold_start),
        cmocka_unit_test(imports_nest_and_know_where_they_come_from),
        cmocka_unit_test(what_the_scheduler_delayed_is_runnable_and_a_page_fault_is_disk),
        cmocka_unit_test(a_thread_that_never_gave_up_the_cpu_was_ready_to_run),
        cmocka_unit_test(a_killed_process_keeps_what_it_was_doing),
        cmocka_unit_test(a_command_is_one_cold_start_up_to_its_end),
        cmocka_unit_test(without_a_recording_all_of_the_time_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
