/* A run by tasks: its stacks are cut where a task's coroutine begins and hang below the task's name. */
#include "base/map.h"
#include "present/export.h"

struct view {
    struct arena *arena;
    bool found; /* any task */
    const struct run_start *from;
    struct run_start *to;
    struct map frames; /* of `to`, by parent and the frame of `from` */
};

/* The frame of `to` below `parent` that is as this one. */
static int32_t frame_below(struct view *view, int32_t parent, const struct run_frame *frame, struct str key)
{
    bool fresh;
    uint64_t *place = map_put(view->arena, &view->frames, key, &fresh);
    if (fresh) {
        *place = view->to->frames.len;
        struct run_frame *copy = array_push(view->arena, &view->to->frames);
        *copy = *frame;
        copy->parent = parent;
    }
    return (int32_t)*place;
}

/* The frames from `outermost` (RUN_NONE: all) to `innermost` below the task's name. */
static int32_t hang(struct view *view, struct str task, int32_t outermost, int32_t innermost)
{
    int32_t path[EXPORT_DEPTH_MOST];
    size_t n = 0;
    for (int32_t at = innermost; at != RUN_NONE && n < EXPORT_DEPTH_MOST; at = view->from->frames.items[at].parent) {
        path[n++] = at;
        if (at == outermost)
            break;
    }
    struct run_frame root = {.parent = RUN_NONE, .function = arena_printf(view->arena, "task %.*s", STR_ARG(task))};
    int32_t below = frame_below(view, RUN_NONE, &root, root.function);
    while (n > 0) {
        int32_t at = path[--n];
        below = frame_below(view, below, &view->from->frames.items[at], arena_printf(view->arena, "%d %d", below, at));
    }
    return below;
}

static void add_running(struct view *view, const struct run_stack *stack)
{
    struct run_stack row = *stack;
    row.frame = hang(view, stack->task, stack->task_frame, stack->frame);
    *array_push(view->arena, &view->to->stacks) = row;
}

static void add_suspended(struct view *view, const struct run_task *task)
{
    *array_push(view->arena, &view->to->stacks) = (struct run_stack){
        .frame = hang(view, task->name, RUN_NONE, task->frame),
        .phase = task->phase,
        .wait = RUN_UNKNOWN,
        .in_call = task->phase == RUN_FIRST_CALL || task->phase == RUN_EXEC,
        .wall_s = task->wall_s,
        .samples = task->samples,
        .task = task->name,
        .suspended = true,
    };
}

static void add_start(struct view *view, const struct run_start *from, struct run_start *to)
{
    *to = *from;
    to->frames.items = NULL;
    to->stacks.items = NULL;
    to->frames.len = to->frames.cap = to->stacks.len = to->stacks.cap = 0;
    to->memory.len = 0; /* no task's */
    view->from = from;
    view->to = to;
    view->frames = (struct map){0};
    for (size_t i = 0; i < from->stacks.len; i++) {
        if (from->stacks.items[i].task.len)
            add_running(view, &from->stacks.items[i]);
    }
    for (size_t i = 0; i < from->tasks.len; i++)
        add_suspended(view, &from->tasks.items[i]);
    view->found = view->found || to->stacks.len;
}

struct run *export_by_task(struct arena *arena, const struct run *run)
{
    struct view view = {.arena = arena};
    struct run *copy = arena_new(arena, struct run);
    *copy = *run;
    copy->starts.items = arena_array(arena, struct run_start, run->starts.len + 1);
    for (size_t i = 0; i < run->starts.len; i++)
        add_start(&view, &run->starts.items[i], &copy->starts.items[i]);
    return view.found ? copy : NULL;
}
