/* The agent recorded how long a loop's thread did not poll; samples of that thread say whether the loop was running meanwhile, and
 * which function of the user's ran.  A stretch without a sample cannot be told from the time between two runs of a loop: it is left
 * out. */
#include "store/loops.h"

#include <stdlib.h>

#include "store/timeline.h"

/* The longest are looked at: of these, those are kept in which the loop ran. */
enum { LOOKED_AT_MOST = 200, KEPT_MOST = 50 };

/* Frames of these are the loop itself. */
static const char *const loop_files[] = {"/asyncio/base_events.py", "/asyncio/events.py", "/asyncio/runners.py",
                                         "/uvloop/__init__.py"};

struct stretch {
    uint32_t tid;
    const struct event_stretch *event;
};

/* A function that ran in a stretch, and its line that did most. */
struct suspect {
    int32_t frame; /* index into the start's frames */
    double samples, most;
};

struct loops {
    struct arena *arena;
    const struct recording *recording;
    const struct stacks_nodes *nodes;
    struct str root;
    struct run_start *start;
    array_of(struct suspect) lines, functions;
    double waits[RUN_WAITS]; /* samples by state */
    double seen, inside;     /* samples of the stretch; those of them in which the loop ran */
};

static bool is_loop(const struct run_frame *frame)
{
    for (size_t i = 0; i < sizeof(loop_files) / sizeof(loop_files[0]); i++) {
        if (str_ends_with(frame->file, str_of(loop_files[i])))
            return true;
    }
    return false;
}

static bool is_users(const struct loops *loops, const struct run_frame *frame)
{
    struct str file = frame->file, root = loops->root;
    bool in_app = root.len && str_starts_with(file, root) && file.len > root.len && file.ptr[root.len] == '/';
    return (run_is_users(frame) || in_app) && !str_contains(file, STR("-packages/"));
}

/* The frame to blame for a sample: the innermost of the user's that the loop called, else the innermost of all.  RUN_NONE where no
 * loop is on the stack. */
static int32_t find_blamed(const struct loops *loops, int32_t frame, bool in_task)
{
    const struct run_frame *frames = loops->start->frames.items;
    int32_t users = RUN_NONE;
    for (int32_t at = frame; at != RUN_NONE; at = frames[at].parent) {
        if (is_loop(&frames[at]))
            return users == RUN_NONE ? frame : users;
        if (users == RUN_NONE && is_users(loops, &frames[at]))
            users = at;
    }
    return !in_task ? RUN_NONE : users == RUN_NONE ? frame : users;
}

static bool is_same_function(const struct run_frame *a, const struct run_frame *b)
{
    return str_equals(a->file, b->file) && str_equals(a->function, b->function);
}

/* How many of a record's samples fall into the stretch: they are spread evenly over its time. */
static double samples_within(const struct event_stack_sample *sample, const struct event_stretch *stretch)
{
    if (sample->last_ns < stretch->began_ns || sample->first_ns > stretch->ended_ns)
        return 0;
    if (sample->last_ns <= sample->first_ns)
        return sample->samples;
    uint64_t from = sample->first_ns > stretch->began_ns ? sample->first_ns : stretch->began_ns;
    uint64_t to = sample->last_ns < stretch->ended_ns ? sample->last_ns : stretch->ended_ns;
    return sample->samples * (double)(to - from) / (double)(sample->last_ns - sample->first_ns);
}

/* Adds to the line's samples; the frames of one function are one suspect, whose line is the one with the most. */
static void suspect(struct loops *loops, int32_t frame, double samples)
{
    const struct run_frame *frames = loops->start->frames.items;
    size_t line = 0, function = 0;
    while (line < loops->lines.len && !(frames[loops->lines.items[line].frame].line == frames[frame].line &&
                                        is_same_function(&frames[loops->lines.items[line].frame], &frames[frame])))
        line++;
    if (line == loops->lines.len)
        *array_push(loops->arena, &loops->lines) = (struct suspect){.frame = frame};
    while (function < loops->functions.len &&
           !is_same_function(&frames[loops->functions.items[function].frame], &frames[frame]))
        function++;
    if (function == loops->functions.len)
        *array_push(loops->arena, &loops->functions) = (struct suspect){.frame = frame};
    loops->lines.items[line].samples += samples;
    struct suspect *whole = &loops->functions.items[function];
    whole->samples += samples;
    if (loops->lines.items[line].samples > whole->most) {
        whole->most = loops->lines.items[line].samples;
        whole->frame = frame;
    }
}

static void look_into(struct loops *loops, uint32_t tid, const struct event_stretch *stretch)
{
    loops->lines.len = loops->functions.len = 0;
    loops->seen = loops->inside = 0;
    for (int i = 0; i < RUN_WAITS; i++)
        loops->waits[i] = 0;
    for (size_t i = 0; i < loops->recording->records.len; i++) {
        const struct event_stack_sample *sample = recorded_as(&loops->recording->records.items[i], EVENT_STACK_SAMPLE);
        double samples = sample && sample->tid == tid ? samples_within(sample, stretch) : 0;
        if (samples <= 0)
            continue;
        loops->seen += samples;
        int32_t blamed = find_blamed(loops, stacks_frame(loops->nodes, sample->node), sample->task != 0);
        if (blamed == RUN_NONE)
            continue;
        loops->inside += samples;
        loops->waits[stacks_wait(sample->state)] += samples;
        suspect(loops, blamed, samples);
    }
}

static const struct suspect *most_suspect(const struct loops *loops)
{
    const struct suspect *most = &loops->functions.items[0];
    for (size_t i = 1; i < loops->functions.len; i++)
        most = loops->functions.items[i].samples > most->samples ? &loops->functions.items[i] : most;
    return most;
}

static void add_stretch(struct loops *loops, uint32_t tid, const struct event_stretch *event, uint64_t asked_ns)
{
    look_into(loops, tid, event);
    if (loops->inside <= 0)
        return;
    double wall_s = (double)(event->ended_ns - event->began_ns) * 1e-9 * loops->inside / loops->seen;
    const struct suspect *most = most_suspect(loops);
    enum run_wait wait = RUN_ON_CPU;
    for (int i = 0; i < RUN_WAITS; i++)
        wait = loops->waits[i] > loops->waits[wait] ? (enum run_wait)i : wait;
    *array_push(loops->arena, &loops->start->stretches) = (struct run_stretch){
        .phase = event->call > 0 ? RUN_EXEC : timeline_phase_of(event->phase),
        .invocation = event->call >= 0 ? event->call : RUN_NONE,
        .at_s = event->began_ns > asked_ns ? (double)(event->began_ns - asked_ns) * 1e-9 : 0,
        .wall_s = wall_s,
        .runnable_s = wall_s * loops->waits[RUN_RUNNABLE] / loops->inside,
        .frame = most->frame,
        .frame_s = wall_s * most->samples / loops->inside,
        .wait = wait,
        .samples = (uint64_t)(loops->inside + 0.5),
    };
}

static uint64_t length_of(const struct stretch *stretch)
{
    return stretch->event->ended_ns - stretch->event->began_ns;
}

static int by_length(const void *a, const void *b)
{
    uint64_t x = length_of(a), y = length_of(b);
    return (x < y) - (x > y);
}

static int by_wall(const void *a, const void *b)
{
    double x = ((const struct run_stretch *)a)->wall_s, y = ((const struct run_stretch *)b)->wall_s;
    return (x < y) - (x > y);
}

void loops_read(struct arena *arena, const struct recording *recording, const struct stacks_nodes *nodes,
                struct str root, uint64_t asked_ns, struct run_start *start)
{
    struct loops loops = {.arena = arena, .recording = recording, .nodes = nodes, .root = root, .start = start};
    array_of(struct stretch) all = {0};
    for (size_t i = 0; i < recording->records.len; i++) {
        const struct recorded *recorded = &recording->records.items[i];
        const struct event_stretch *event = recorded_as(recorded, EVENT_STRETCH);
        if (event && event->ended_ns > event->began_ns)
            *array_push(arena, &all) = (struct stretch){recorded->tid, event};
    }
    if (!all.len)
        return;
    qsort(all.items, all.len, sizeof(all.items[0]), by_length);
    for (size_t i = 0; i < all.len && i < LOOKED_AT_MOST; i++)
        add_stretch(&loops, all.items[i].tid, all.items[i].event, asked_ns);
    if (start->stretches.len)
        qsort(start->stretches.items, start->stretches.len, sizeof(start->stretches.items[0]), by_wall);
    if (start->stretches.len > KEPT_MOST)
        start->stretches.len = KEPT_MOST;
}
