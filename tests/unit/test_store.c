#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "store/store.h"

static struct arena arena;
static struct err err;
static char directory[] = "/tmp/coldspot-test-store-XXXXXX";

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(directory) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    struct buf command = {0};
    buf_addf(&command, "rm -rf '%s'", directory);
    int rc = system(buf_cstr(&command));
    buf_release(&command);
    arena_release(&arena);
    err_release(&err);
    return rc;
}

static struct run example_run(void)
{
    struct run run = {.started_at_ns = 1790000000000000000u, .input_digest = STR("ab")};
    run.target = (struct run_target){
        .file = STR("app.py"), .function = STR("f"), .gpu = STR("L4"), .gpu_count = 1, .cpu = 2, .memory_bytes = -1};
    run.target.scaling = (struct run_scaling){.min_containers = 2, .max_batch_size = 8, .batch = 4};
    run.environment.python = STR("3.11.2");
    const struct run_point points[] = {{RUN_CURVE_BATCH, 4, 0.5},
                                       {RUN_CURVE_BATCH, 1, 0.25},
                                       {RUN_CURVE_BATCH, 1, 0.75},
                                       {RUN_CURVE_CONCURRENCY, 2, 3},
                                       {RUN_CURVE_BATCH, 1, 0.375}};
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++)
        *array_push(&arena, &run.points) = points[i];
    *array_push(&arena, &run.environment.lacks) = STR("no GPU");
    return run;
}

static struct run_start example_start(void)
{
    struct run_start start = {.wall_s = 1.5, .peak_bytes = 1 << 20, .outcome = RUN_OK};
    start.phases_s[RUN_IMPORT] = 1.25;
    start.waits_s[RUN_DISK] = 0.25;
    *array_push(&arena, &start.imports) = (struct run_import){.module = STR("pandas"),
                                                              .parent = RUN_NONE,
                                                              .phase = RUN_IMPORT,
                                                              .origin = RUN_DEPENDENCY,
                                                              .file = STR("app.py"),
                                                              .line = 4,
                                                              .self_s = 0.5,
                                                              .total_s = 1,
                                                              .rss_bytes = -5,
                                                              .used = -1};
    *array_push(&arena, &start.imports) = (struct run_import){
        .module = STR("numpy"), .parent = 0, .phase = RUN_IMPORT, .origin = RUN_DEPENDENCY, .used = 1};
    *array_push(&arena, &start.ios) = (struct run_io){.kind = RUN_IO_NETWORK,
                                                      .phase = RUN_ENTER,
                                                      .import = RUN_NONE,
                                                      .invocation = RUN_NONE,
                                                      .target = STR("127.0.0.1:80"),
                                                      .bytes_in = 7,
                                                      .mapped_bytes = 9,
                                                      .wall_s = 0.25,
                                                      .first_s = 0.5,
                                                      .last_s = 0.875,
                                                      .starting = true};
    *array_push(&arena, &start.stages) = (struct run_stage){STR("infer"), STR(""), RUN_EXEC, 2, 0.5};
    *array_push(&arena, &start.invocations) = (struct run_invocation){0, 0.125, 3, 4};
    *array_push(&arena, &start.samples) = (struct run_sample){0.5, 9, 0.25, 5, 6, 7};
    *array_push(&arena, &start.frames) = (struct run_frame){RUN_NONE, STR("main"), STR("a.py"), 1};
    *array_push(&arena, &start.frames) = (struct run_frame){0, STR("f"), STR("a.py"), 7};
    *array_push(&arena, &start.stacks) = (struct run_stack){
        1, RUN_EXEC, RUN_LOCK, .gil = true, .thread = 3, .interpreter = 2, .wall_s = 0.5, .samples = 50};
    *array_push(&arena, &start.stacks) = (struct run_stack){1, RUN_EXEC, .task = STR("main"), .task_frame = 1};
    *array_push(&arena, &start.tasks) = (struct run_task){STR("worker"), 1, RUN_EXEC, 2.5, 50, 3};
    *array_push(&arena, &start.stretches) = (struct run_stretch){RUN_EXEC, 2,      0.5,       0.25, 0.125,
                                                                 1,        0.0625, RUN_SLEEP, 12};
    *array_push(&arena, &start.memory) = (struct run_memory){1, STR("heap"), 300, 200, 100, 0.5, 9, 11, 1.5};
    *array_push(&arena, &start.memory) = (struct run_memory){.frame = RUN_NONE, .kind = STR("map"), .peak_bytes = 30};
    *array_push(&arena, &start.notes) = STR("a note");
    return start;
}

static void what_is_put_is_read_back(void **state)
{
    (void)state;
    struct store *store;
    assert_int_equal(store_open(directory, &store, &err), 0);
    struct run run = example_run(), back;
    struct run_start start = example_start();
    assert_int_equal(store_begin_run(store, &arena, &run, &err), 0);
    *array_push(&arena, &run.starts) = start;
    assert_int_equal(store_add_start(store, &run, &start, &err), 0);
    assert_int_equal(store_finish_run(store, &run, &err), 0);
    assert_int_equal(store_load_run(store, &arena, str_slice(run.id, 0, 3), STORE_ALL, &back, &err), 0);
    assert_str(back.id, run.id.ptr);
    assert_true(back.finished && back.target.cpu == 2 && back.target.memory_bytes == -1);
    assert_str(back.environment.lacks.items[0], "no GPU");
    assert_true(back.target.scaling.min_containers == 2 && back.target.scaling.max_containers == 0);
    assert_true(back.target.scaling.max_batch_size == 8 && back.target.scaling.batch == 4);
    struct run_size *sizes;
    assert_int_equal(run_curve(&arena, &back, RUN_CURVE_BATCH, &sizes), 2);
    assert_true(sizes[0].size == 1 && sizes[0].n == 3 && sizes[0].p50_s == 0.375);
    assert_true(sizes[0].mean_s == (0.25 + 0.75 + 0.375) / 3);
    assert_true(sizes[1].size == 4 && sizes[1].n == 1 && sizes[1].p50_s == 0.5);
    assert_int_equal(run_curve(&arena, &back, RUN_CURVE_CONCURRENCY, &sizes), 1);
    assert_true(sizes[0].size == 2 && sizes[0].p50_s == 3);
    assert_int_equal(back.starts.len, 1);
    const struct run_start *read = &back.starts.items[0];
    assert_true(read->phases_s[RUN_IMPORT] == 1.25 && read->waits_s[RUN_DISK] == 0.25 && read->wall_s == 1.5);
    assert_int_equal(read->imports.len, 2);
    assert_str(read->imports.items[0].module, "pandas");
    assert_int_equal(read->imports.items[0].used, -1);
    assert_int_equal(read->imports.items[1].parent, 0);
    assert_int_equal(read->imports.items[0].rss_bytes, -5);
    assert_str(read->ios.items[0].target, "127.0.0.1:80");
    assert_true(read->ios.items[0].first_s == 0.5 && read->ios.items[0].last_s == 0.875);
    assert_int_equal(read->ios.items[0].mapped_bytes, 9);
    assert_true(read->ios.items[0].starting && read->ios.items[0].phase == RUN_ENTER);
    assert_true(read->stages.items[0].wall_s == 0.5 && read->invocations.items[0].peak_bytes == 3);
    assert_int_equal(read->invocations.items[0].end_bytes, 4);
    const struct run_sample *sample = &read->samples.items[0];
    assert_true(sample->rss_bytes == 9 && sample->file_bytes == 5 && sample->python_bytes == 6 &&
                sample->native_bytes == 7);
    assert_true(read->memory.items[0].early_bytes == 11 && read->memory.items[0].growth_error_bytes == 1.5);
    assert_int_equal(read->frames.len, 2);
    assert_true(read->frames.items[0].parent == RUN_NONE && read->frames.items[1].parent == 0);
    assert_str(read->frames.items[1].function, "f");
    const struct run_stack *stack = &read->stacks.items[0];
    assert_true(stack->frame == 1 && stack->phase == RUN_EXEC && stack->wait == RUN_LOCK && stack->gil &&
                !stack->in_call);
    assert_true(stack->thread == 3 && stack->interpreter == 2 && stack->wall_s == 0.5 && stack->samples == 50);
    assert_str(read->stacks.items[1].task, "main");
    assert_int_equal(read->stacks.items[1].task_frame, 1);
    assert_true(stack->task.len == 0 && read->tasks.len == 1);
    const struct run_task *task = &read->tasks.items[0];
    assert_str(task->name, "worker");
    assert_true(task->frame == 1 && task->phase == RUN_EXEC && task->wall_s == 2.5 && task->samples == 50 &&
                task->most == 3);
    assert_int_equal(read->stretches.len, 1);
    const struct run_stretch *stretch = &read->stretches.items[0];
    assert_true(stretch->phase == RUN_EXEC && stretch->invocation == 2 && stretch->at_s == 0.5 &&
                stretch->wall_s == 0.25);
    assert_true(stretch->runnable_s == 0.125 && stretch->frame == 1 && stretch->frame_s == 0.0625);
    assert_true(stretch->wait == RUN_SLEEP && stretch->samples == 12);
    const struct run_memory *memory = read->memory.items;
    assert_true(memory[0].frame == 1 && memory[0].peak_bytes == 300 && memory[0].held_bytes == 200);
    assert_true(memory[0].total_bytes == 100 && memory[0].error_bytes == 0.5 && memory[0].samples == 9);
    assert_true(memory[1].frame == RUN_NONE && read->heap_peak_bytes == 330);
    assert_str(memory[1].kind, "map");
    assert_str(read->notes.items[0], "a note");
    store_close(store);
}

static void unknown_runs_are_named_with_what_to_do(void **state)
{
    (void)state;
    struct store *store;
    struct run run;
    assert_int_equal(store_open(directory, &store, &err), 0);
    assert_int_equal(store_load_run(store, &arena, STR("zzzz"), STORE_ALL, &run, &err), -ERR_INPUT);
    assert_string_equal(buf_cstr(&err.hint), "coldspot history lists them");
    assert_int_equal(store_load_run(store, &arena, STR(""), STORE_ALL, &run, &err), -ERR_INPUT);
    store_close(store);
}

static void processes_write_side_by_side(void **state)
{
    (void)state;
    enum { PROCESSES = 4, RUNS = 10 };
    for (int i = 0; i < PROCESSES; i++) {
        if (fork() == 0) {
            struct store *store;
            int rc = store_open(directory, &store, NULL);
            for (int k = 0; k < RUNS && !rc; k++) {
                struct run run = example_run();
                struct run_start start = example_start();
                rc = store_begin_run(store, &arena, &run, NULL);
                rc = rc ? rc : store_add_start(store, &run, &start, NULL);
                rc = rc ? rc : store_finish_run(store, &run, NULL);
            }
            _exit(rc ? 1 : 0);
        }
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status;
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    struct store *store;
    struct store_ids ids;
    assert_int_equal(store_open(directory, &store, &err), 0);
    assert_int_equal(store_list_runs(store, &arena, STR("app.py::f"), 1000, &ids, &err), 0);
    assert_true(ids.len >= PROCESSES * RUNS);
    store_close(store);
}

static void what_is_no_store_is_refused(void **state)
{
    (void)state;
    struct store *store;
    assert_int_equal(store_open("/dev/null/x", &store, &err), -ERR_SYSTEM);
    assert_true(str_contains(buf_str(&err.hint), STR("--store")));
    struct str path = arena_printf(&arena, "%s/bad/store.sqlite", directory);
    assert_int_equal(file_make_dirs(arena_printf(&arena, "%s/bad", directory).ptr, 0755, &err), 0);
    assert_int_equal(
        file_write(path.ptr, STR("this is not a database, and long enough to be read as a header of one"), &err), 0);
    assert_int_equal(store_open(arena_printf(&arena, "%s/bad", directory).ptr, &store, &err), -ERR_SYSTEM);
    assert_true(str_contains(buf_str(&err.message), STR("not a database")));
    unlink(path.ptr);
    struct str command = arena_printf(&arena, "sqlite3 %s 'CREATE TABLE theirs (x)' 2>/dev/null", path.ptr);
    if (system(command.ptr) != 0) /* no sqlite3 here */
        return;
    assert_int_equal(store_open(arena_printf(&arena, "%s/bad", directory).ptr, &store, &err), -ERR_INPUT);
    assert_true(str_ends_with(buf_str(&err.message), STR("is a database, but not a store of coldspot's")));
}

static void opening_to_read_makes_nothing(void **state)
{
    char own[] = "/tmp/coldspot-store-XXXXXX", path[64];
    struct store *store = NULL;
    assert_non_null(mkdtemp(own));
    snprintf(path, sizeof(path), "%s/store.sqlite", own);
    assert_int_not_equal(store_open_to_read(own, &store, &err), 0);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(store_open(own, &store, NULL), 0);
    store_close(store);
    uint64_t runs = 1, bytes;
    assert_int_equal(store_open_to_read(own, &store, NULL), 0);
    assert_int_equal(store_size(store, &runs, &bytes, NULL), 0);
    assert_int_equal(runs, 0);
    store_close(store);
    assert_int_equal(truncate(path, 0), 0);
    assert_int_not_equal(store_open_to_read(own, &store, NULL), 0);
    unlink(path);
    rmdir(own);
    err_release(&err);
    err = (struct err){0};
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opening_to_read_makes_nothing),
        cmocka_unit_test(what_is_put_is_read_back),
        cmocka_unit_test(unknown_runs_are_named_with_what_to_do),
        cmocka_unit_test(processes_write_side_by_side),
        cmocka_unit_test(what_is_no_store_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
