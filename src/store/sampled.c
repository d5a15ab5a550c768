/* A sample inside a warm call counts for the function that the target called on the way to it, and for the target's own lines
 * where there is none. */
#include "store/sampled.h"

#include <stdlib.h>

enum { STAGES_MOST = 12, SAMPLES_LEAST = 10 };

/* Smaller stages than this share of a call are left in the rest. */
#define SHARE_LEAST 0.01

/* "Class.method" as a qualified name; "method" is all that a Python before 3.11 says. */
static bool is_target(const struct run *run, const struct run_frame *frame)
{
    const struct run_target *target = &run->target;
    struct str name = target->function;
    if (target->file.len && frame->file.len && !str_equals(target->file, frame->file))
        return false;
    if (str_equals(frame->function, name))
        return true;
    for (size_t i = name.len; i > 0; i--) {
        if (name.ptr[i - 1] == '.')
            return str_equals(frame->function, str_slice(name, i, name.len));
    }
    return false;
}

/* The frame that the target's outermost frame called on the way to `frame`, or the target's own; RUN_NONE outside it. */
static int32_t find_callee(const struct run *run, const struct run_start *start, int32_t frame)
{
    int32_t callee = RUN_NONE, below = RUN_NONE;
    for (int32_t at = frame; at != RUN_NONE; at = start->frames.items[at].parent) {
        if (is_target(run, &start->frames.items[at]))
            callee = below == RUN_NONE ? at : below;
        below = at;
    }
    return callee;
}

static void add(struct arena *arena, struct summary *summary, struct str name, double wall_s)
{
    for (size_t i = 0; i < summary->stages.len; i++) {
        if (str_equals(summary->stages.items[i].name, name)) {
            summary->stages.items[i].wall_s += wall_s;
            return;
        }
    }
    *array_push(arena, &summary->stages) = (struct summary_stage){.name = name, .wall_s = wall_s, .sampled = true};
}

/* All samples inside warm calls of one start; answers their time, and adds to the number of those inside the target. */
static double add_start(struct arena *arena, const struct run *run, const struct run_start *start,
                        struct summary *summary, uint64_t *samples)
{
    double whole_s = 0;
    for (size_t i = 0; i < start->stacks.len; i++) {
        const struct run_stack *stack = &start->stacks.items[i];
        if (!stack->in_call || stack->phase != RUN_EXEC)
            continue;
        whole_s += stack->wall_s;
        int32_t callee = find_callee(run, start, stack->frame);
        if (callee == RUN_NONE)
            continue;
        const struct run_frame *frame = &start->frames.items[callee];
        add(arena, summary, is_target(run, frame) ? STR("(own lines)") : frame->function, stack->wall_s);
        *samples += stack->samples;
    }
    return whole_s;
}

static int by_wall(const void *a, const void *b)
{
    double x = ((const struct summary_stage *)a)->wall_s, y = ((const struct summary_stage *)b)->wall_s;
    return (x < y) - (x > y);
}

double sampled_stages(struct arena *arena, const struct run *run, struct summary *summary)
{
    double whole_s = 0, inside_s = 0, call_s = summary->warm.mean_s;
    uint64_t samples = 0;
    for (size_t i = 0; i < run->starts.len; i++)
        whole_s += add_start(arena, run, &run->starts.items[i], summary, &samples);
    if (samples < SAMPLES_LEAST || whole_s <= 0) {
        summary->stages.len = 0;
        return 0;
    }
    qsort(summary->stages.items, summary->stages.len, sizeof(summary->stages.items[0]), by_wall);
    size_t kept = 0;
    for (size_t i = 0; i < summary->stages.len && kept < STAGES_MOST; i++) {
        struct summary_stage *stage = &summary->stages.items[i];
        stage->fraction = stage->wall_s / whole_s;
        stage->wall_s = stage->fraction * call_s;
        if (stage->fraction < SHARE_LEAST)
            break;
        inside_s += stage->wall_s;
        kept++;
    }
    summary->stages.len = kept;
    return inside_s;
}
