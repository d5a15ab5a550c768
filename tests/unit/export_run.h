/* A run made by hand for tests of exports. */
#ifndef COLDSPOT_TESTS_EXPORT_RUN_H
#define COLDSPOT_TESTS_EXPORT_RUN_H

#include "store/run.h"

static inline void export_run_init(struct arena *arena, struct run *run)
{
    static const struct run_frame frames[] = {
        {RUN_NONE, STR("main"), STR("/x/coldspot/harness.py"), 1},
        {0, STR("f"), STR("a.py"), 5},
        {1, STR("g;<lambda>\n"), STR("a.py"), 9},
        {RUN_NONE, STR("Thread.run"), STR("threading.py"), 3},
    };
    static const struct run_stack stacks[] = {
        {1, RUN_EXEC, RUN_ON_CPU, .in_call = true, .wall_s = 0.5, .samples = 50},
        {2, RUN_EXEC, RUN_LOCK, .gil = true, .in_call = true, .wall_s = 0.25, .samples = 25},
        {2, RUN_FIRST_CALL, RUN_ON_CPU, .in_call = true, .wall_s = 0.25, .samples = 25},
        {3, RUN_EXEC, RUN_SLEEP, .thread = 2, .wall_s = 1, .samples = 100},
        {0, RUN_EXEC, RUN_ON_CPU, .in_call = true, .wall_s = 7, .samples = 700},
        {1, RUN_IMPORT, RUN_DISK, .wall_s = 0.125, .samples = 12},
        {3, RUN_EXEC, RUN_ON_CPU, .in_call = true, .thread = 2, .interpreter = 1, .wall_s = 0.25, .samples = 25},
    };
    *run = (struct run){.id = STR("0f1e"), .started_at_ns = 5, .target = {.file = STR("a.py"), .function = STR("f")}};
    struct run_start *start = array_push(arena, &run->starts);
    start->phases_s[RUN_CONTAINER_START] = 0.5;
    start->phases_s[RUN_IMPORT] = 1;
    start->phases_s[RUN_GLOBAL_INIT] = 0.5;
    start->phases_s[RUN_FIRST_CALL] = 0.25;
    start->complete = true;
    start->wall_s = 2.25;
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
        *array_push(arena, &start->frames) = frames[i];
    for (size_t i = 0; i < sizeof(stacks) / sizeof(stacks[0]); i++)
        *array_push(arena, &start->stacks) = stacks[i];
    *array_push(arena, &start->imports) = (struct run_import){.module = STR("pandas"),
                                                              .parent = RUN_NONE,
                                                              .phase = RUN_IMPORT,
                                                              .start_s = 0.75,
                                                              .self_s = 0.25,
                                                              .total_s = 0.75};
    /* It says that it ended after its parent did. */
    *array_push(arena, &start->imports) = (struct run_import){
        .module = STR("numpy"), .parent = 0, .phase = RUN_IMPORT, .start_s = 1, .self_s = 0.5, .total_s = 0.625};
    *array_push(arena, &start->ios) = (struct run_io){
        .kind = RUN_IO_FILE, .target = STR("m.onnx"), .first_s = 1, .last_s = 1.5, .wall_s = 0.25, .bytes_in = 10};
    *array_push(arena, &start->ios) = (struct run_io){
        .kind = RUN_IO_FILE, .target = STR("n.onnx"), .first_s = 1.25, .last_s = 1.75, .wall_s = 0.25, .bytes_in = 10};
    *array_push(arena, &start->memory) = (struct run_memory){2, STR("heap"), 500, 10, 900, 1.5, 7};
    *array_push(arena, &start->samples) = (struct run_sample){1.5, 4096, 0.5};
}

#endif
