/* Nodes become frames in the order in which they were written (a parent before its children); samples that agree in everything
 * but time are one row. */
#include "store/stacks.h"

#include <math.h>
#include <stdlib.h>

#include "base/map.h"
#include "store/timeline.h"

enum { IDS_MOST = 1 << 20 };

struct reading {
    struct arena *arena;
    const struct recording *recording;
    struct str cwd;
    struct run_start *start;
    struct stacks_nodes frames;
    array_of(uint32_t) threads; /* their ids: the index is the row's number */
    struct map rows;            /* index into start->stacks by what makes a row */
};

struct str stacks_shown(struct str path, struct str cwd)
{
    return path_below(path, cwd);
}

int32_t stacks_frame(const struct stacks_nodes *nodes, uint32_t node)
{
    return node && node < nodes->len ? nodes->items[node] - 1 : RUN_NONE;
}

static int32_t frame_of(const struct reading *reading, uint32_t id)
{
    return stacks_frame(&reading->frames, id);
}

static void add_frame(struct reading *reading, const struct event_stack_node *node)
{
    if (node->id == 0 || node->id >= IDS_MOST || frame_of(reading, node->id) != RUN_NONE)
        return;
    while (reading->frames.len <= node->id)
        *array_push(reading->arena, &reading->frames) = 0;
    struct run_start *start = reading->start;
    *array_push(reading->arena, &start->frames) = (struct run_frame){
        .parent = frame_of(reading, node->parent),
        .function = recording_string(reading->recording, node->function),
        .file = stacks_shown(recording_string(reading->recording, node->file), reading->cwd),
        .line = node->line,
    };
    reading->frames.items[node->id] = (int32_t)start->frames.len;
}

static uint32_t thread_number(struct reading *reading, uint32_t tid)
{
    for (uint32_t i = 0; i < reading->threads.len; i++) {
        if (reading->threads.items[i] == tid)
            return i;
    }
    *array_push(reading->arena, &reading->threads) = tid;
    return (uint32_t)reading->threads.len - 1;
}

enum run_wait stacks_wait(uint8_t event_state)
{
    static const enum run_wait waits[] = {
        [EVENT_STATE_UNKNOWN] = RUN_UNKNOWN, [EVENT_STATE_ON_CPU] = RUN_ON_CPU,   [EVENT_STATE_RUNNABLE] = RUN_RUNNABLE,
        [EVENT_STATE_DISK] = RUN_DISK,       [EVENT_STATE_NETWORK] = RUN_NETWORK, [EVENT_STATE_LOCK] = RUN_LOCK,
        [EVENT_STATE_GPU] = RUN_GPU,         [EVENT_STATE_SLEEP] = RUN_SLEEP,     [EVENT_STATE_CHILD] = RUN_CHILD,
        [EVENT_STATE_GIL] = RUN_LOCK,
    };
    return event_state < sizeof(waits) / sizeof(waits[0]) ? waits[event_state] : RUN_UNKNOWN;
}

static void add_sample(struct reading *reading, const struct event_stack_sample *sample)
{
    struct run_stack row = {
        .frame = frame_of(reading, sample->node),
        .phase = sample->call > 0 ? RUN_EXEC : timeline_phase_of(sample->phase),
        .wait = stacks_wait(sample->state),
        .gil = sample->state == EVENT_STATE_GIL,
        .in_call = sample->call >= 0,
        .thread = thread_number(reading, sample->tid),
        .interpreter = sample->interpreter,
        .task = recording_string(reading->recording, sample->task),
        .task_frame = frame_of(reading, sample->task_node),
    };
    if (row.frame == RUN_NONE)
        return;
    if (row.task_frame == RUN_NONE)
        row.task = STR("");
    struct buf key = {0};
    bool fresh;
    buf_addf(&key, "%d %d %u %d %u %u %u", row.frame, row.phase, sample->state, row.in_call, row.thread,
             row.interpreter, row.task.len ? sample->task : 0);
    uint64_t *index = map_put(reading->arena, &reading->rows, buf_str(&key), &fresh);
    buf_release(&key);
    if (fresh) {
        *index = reading->start->stacks.len;
        *array_push(reading->arena, &reading->start->stacks) = row;
    }
    struct run_stack *sum = &reading->start->stacks.items[*index];
    sum->wall_s += (double)sample->weight_ns * 1e-9;
    sum->samples += sample->samples;
}

static void add_tasks(struct reading *reading, const struct event_tasks *tasks)
{
    struct run_task row = {
        .name = recording_string(reading->recording, tasks->name),
        .frame = frame_of(reading, tasks->node),
        .phase = timeline_phase_of(tasks->phase),
        .wall_s = (double)tasks->weight_ns * 1e-9,
        .samples = tasks->samples,
        .most = tasks->most,
    };
    if (row.name.len && row.frame != RUN_NONE && row.samples)
        *array_push(reading->arena, &reading->start->tasks) = row;
}

/* ---- memory ---- */

static void add_site(struct reading *reading, const struct event_alloc_site *site, const struct event_alloc_peak *sum)
{
    bool changed = site->epoch == sum->epoch, left = sum->calls && site->calls == sum->calls;
    bool early = site->calls >= EVENT_EARLY_CALLS;
    uint64_t peak_bytes = changed ? site->peak_bytes : site->live_bytes;
    uint64_t untouched = site->untouched_epoch == sum->epoch ? site->untouched_bytes : 0;
    peak_bytes -= untouched < peak_bytes ? untouched : peak_bytes;
    *array_push(reading->arena, &reading->start->memory) = (struct run_memory){
        .frame = frame_of(reading, site->node),
        .kind = str_of(event_alloc_name(site->kind)),
        .peak_bytes = peak_bytes,
        .held_bytes = left ? site->held_bytes : site->live_bytes,
        .total_bytes = site->total_bytes,
        .error_bytes = sqrt((double)(changed ? site->peak_variance : site->live_variance)) * 1024,
        .samples = changed ? site->peak_samples : site->live_samples,
        .early_bytes = early ? site->early_bytes : site->live_bytes,
        .growth_error_bytes = sqrt((double)(left ? site->held_variance : site->live_variance) +
                                   (double)(early ? site->early_variance : site->live_variance)) *
                              1024,
    };
    reading->start->heap_peak_bytes += peak_bytes;
}

static int by_peak(const void *a, const void *b)
{
    uint64_t x = ((const struct run_memory *)a)->peak_bytes, y = ((const struct run_memory *)b)->peak_bytes;
    return (x < y) - (x > y);
}

/* Sites in the order of what they held at the peak; the smallest are one row without a frame. */
static void settle_memory(struct run_start *start)
{
    enum { SITES_MOST = 200 };
    if (!start->memory.len)
        return;
    qsort(start->memory.items, start->memory.len, sizeof(start->memory.items[0]), by_peak);
    for (size_t i = SITES_MOST; i < start->memory.len; i++) {
        struct run_memory *last = &start->memory.items[SITES_MOST - 1];
        const struct run_memory *small = &start->memory.items[i];
        last->frame = RUN_NONE;
        last->peak_bytes += small->peak_bytes;
        last->held_bytes += small->held_bytes;
        last->total_bytes += small->total_bytes;
        last->samples += small->samples;
        last->early_bytes += small->early_bytes;
        last->growth_error_bytes = hypot(last->growth_error_bytes, small->growth_error_bytes);
        last->error_bytes = sqrt(last->error_bytes * last->error_bytes + small->error_bytes * small->error_bytes);
    }
    if (start->memory.len > SITES_MOST)
        start->memory.len = SITES_MOST;
}

static void read_memory(struct reading *reading)
{
    const struct recording *recording = reading->recording;
    const struct event_alloc_peak *sum = NULL;
    for (size_t i = 0; i < recording->records.len && !sum; i++)
        sum = recorded_as(&recording->records.items[i], EVENT_ALLOC_PEAK);
    for (size_t i = 0; sum && i < recording->records.len; i++) {
        const struct event_alloc_site *site = recorded_as(&recording->records.items[i], EVENT_ALLOC_SITE);
        if (site)
            add_site(reading, site, sum);
    }
    settle_memory(reading->start);
}

void stacks_read(struct arena *arena, const struct recording *recording, struct str cwd, struct run_start *start,
                 struct stacks_nodes *nodes_out)
{
    struct reading reading = {.arena = arena, .recording = recording, .cwd = cwd, .start = start};
    thread_number(&reading, recording->header.tid);
    for (size_t i = 0; i < recording->records.len; i++) {
        const struct event_stack_node *node = recorded_as(&recording->records.items[i], EVENT_STACK_NODE);
        if (node)
            add_frame(&reading, node);
    }
    for (size_t i = 0; i < recording->records.len; i++) {
        const struct event_stack_sample *sample = recorded_as(&recording->records.items[i], EVENT_STACK_SAMPLE);
        const struct event_tasks *tasks = recorded_as(&recording->records.items[i], EVENT_TASKS);
        if (sample)
            add_sample(&reading, sample);
        if (tasks)
            add_tasks(&reading, tasks);
    }
    read_memory(&reading);
    *nodes_out = reading.frames;
}
