/* Stretches in which an event loop was blocked, as rows: one a function. */
#include "present/run_rows.h"

static bool is_same_function(const struct run_frame *a, const struct run_frame *b)
{
    return str_equals(a->file, b->file) && str_equals(a->function, b->function);
}

struct blocked_list rows_blocked(struct arena *arena, const struct run_start *start)
{
    struct blocked_list rows = {0};
    for (size_t i = 0; i < start->stretches.len; i++) {
        const struct run_stretch *stretch = &start->stretches.items[i];
        const struct run_frame *frame = &start->frames.items[stretch->frame];
        if (!run_is_blocked(stretch))
            continue;
        size_t k = 0;
        while (k < rows.len && !is_same_function(rows.items[k].frame, frame))
            k++;
        if (k == rows.len)
            *array_push(arena, &rows) = (struct blocked){
                .frame = frame,
                .place = arena_printf(arena, "%.*s:%u %.*s()", STR_ARG(rows_file(frame->file)), frame->line,
                                      STR_ARG(frame->function)),
                .longest_s = run_stretch_s(stretch),
                .share = stretch->frame_s / stretch->wall_s,
                .wait = stretch->wait,
            };
        rows.items[k].times++;
        rows.items[k].all_s += run_stretch_s(stretch);
    }
    return rows;
}
