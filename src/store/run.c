/* The words of a run, and which of its starts stands for it. */
#include "store/run.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/stats.h"

static const char *const phases[RUN_PHASES] = {
    "container_start", "interpreter_start", "platform_init", "import", "global_init",
    "enter",           "first_call",        "exec",          "exit",
};
static const char *const waits[RUN_WAITS] = {"on_cpu", "runnable", "disk",  "network", "lock",
                                             "gpu",    "sleep",    "child", "unknown"};
static const char *const origins[RUN_ORIGINS] = {"user", "stdlib", "dependency", "platform", "harness"};
static const char *const io_kinds[RUN_IO_KINDS] = {"file", "network", "sleep", "lock", "child", "other"};
static const char *const outcomes[RUN_OUTCOMES] = {"ok", "failed", "timeout", "exited", "killed", "oom", "interrupted"};

static const char *const curves[RUN_CURVES] = {"batch", "concurrency"};

const struct run_scaling_field run_scaling_fields[RUN_SCALING_FIELDS] = {
    {"min_containers", offsetof(struct run_scaling, min_containers)},
    {"max_containers", offsetof(struct run_scaling, max_containers)},
    {"buffer_containers", offsetof(struct run_scaling, buffer_containers)},
    {"max_inputs", offsetof(struct run_scaling, max_inputs)},
    {"target_inputs", offsetof(struct run_scaling, target_inputs)},
    {"max_batch_size", offsetof(struct run_scaling, max_batch_size)},
    {"wait_ms", offsetof(struct run_scaling, wait_ms)},
    {"batch", offsetof(struct run_scaling, batch)},
};

static int index_of(const char *const *names, int n, struct str name)
{
    for (int i = 0; i < n; i++) {
        if (str_equals(str_of(names[i]), name))
            return i;
    }
    return -1;
}

const char *run_phase_name(enum run_phase phase)
{
    return phases[phase];
}

const char *run_wait_name(enum run_wait wait)
{
    return waits[wait];
}

const char *run_origin_name(enum run_origin origin)
{
    return origins[origin];
}

const char *run_io_name(enum run_io_kind kind)
{
    return io_kinds[kind];
}

const char *run_outcome_name(enum run_outcome outcome)
{
    return outcomes[outcome];
}

const char *run_curve_name(unsigned kind)
{
    return curves[kind];
}

int run_phase_of(struct str name)
{
    return index_of(phases, RUN_PHASES, name);
}

int run_wait_of(struct str name)
{
    return index_of(waits, RUN_WAITS, name);
}

int run_origin_of(struct str name)
{
    return index_of(origins, RUN_ORIGINS, name);
}

int run_io_of(struct str name)
{
    return index_of(io_kinds, RUN_IO_KINDS, name);
}

int run_outcome_of(struct str name)
{
    return index_of(outcomes, RUN_OUTCOMES, name);
}

int run_curve_of(struct str name)
{
    return index_of(curves, RUN_CURVES, name);
}

static int by_size(const void *a, const void *b)
{
    const struct run_point *x = a, *y = b;
    if (x->size != y->size)
        return x->size > y->size ? 1 : -1;
    return (x->wall_s > y->wall_s) - (x->wall_s < y->wall_s);
}

size_t run_curve(struct arena *arena, const struct run *run, enum run_curve_kind kind, struct run_size **sizes_out)
{
    struct run_point *sorted = arena_array(arena, struct run_point, run->points.len + 1);
    struct run_size *sizes = arena_array(arena, struct run_size, run->points.len + 1);
    size_t n = 0, n_sizes = 0;
    for (size_t i = 0; i < run->points.len; i++) {
        if (run->points.items[i].kind == kind)
            sorted[n++] = run->points.items[i];
    }
    if (n)
        qsort(sorted, n, sizeof(*sorted), by_size);
    for (size_t from = 0, to; from < n; from = to) {
        double sum = 0;
        for (to = from; to < n && sorted[to].size == sorted[from].size; to++)
            sum += sorted[to].wall_s;
        double median = (sorted[from + (to - from - 1) / 2].wall_s + sorted[from + (to - from) / 2].wall_s) / 2;
        sizes[n_sizes++] = (struct run_size){sorted[from].size, to - from, sum / (double)(to - from), median};
    }
    *sizes_out = sizes;
    return n_sizes;
}

bool run_start_counts(const struct run_start *start)
{
    return start->complete && start->wall_s > 0 && start->outcome != RUN_INTERRUPTED;
}

static int by_wall(const void *a, const void *b)
{
    const struct run_start *x = *(const struct run_start *const *)a, *y = *(const struct run_start *const *)b;
    return (x->wall_s > y->wall_s) - (x->wall_s < y->wall_s);
}

const struct run_start *run_median_start(const struct run *run, bool snapshot)
{
    const struct run_start **sorted = xcalloc(run->starts.len + 1, sizeof(*sorted));
    size_t n = 0;
    for (size_t i = 0; i < run->starts.len; i++) {
        const struct run_start *start = &run->starts.items[i];
        if (run_start_counts(start) && start->snapshot == snapshot)
            sorted[n++] = start;
    }
    const struct run_start *median = NULL;
    if (n) {
        qsort(sorted, n, sizeof(*sorted), by_wall);
        median = sorted[stats_lower_median_index(n)];
    }
    free(sorted);
    return median;
}

double run_stretch_s(const struct run_stretch *stretch)
{
    return stretch->wall_s - stretch->runnable_s;
}

bool run_is_blocked(const struct run_stretch *stretch)
{
    bool served = stretch->phase >= RUN_IMPORT && stretch->phase <= RUN_EXEC;
    return served && run_stretch_s(stretch) >= RUN_BLOCKED_S;
}

static bool is_same_function(const struct run_frame *a, const struct run_frame *b)
{
    return str_equals(a->file, b->file) && str_equals(a->function, b->function);
}

struct run_blockers run_blockers(struct arena *arena, const struct run_start *start)
{
    struct run_blockers found = {0};
    for (size_t i = 0; i < start->stretches.len; i++) {
        const struct run_stretch *stretch = &start->stretches.items[i];
        const struct run_frame *frame = &start->frames.items[stretch->frame];
        if (!run_is_blocked(stretch))
            continue;
        size_t k = 0;
        while (k < found.len && !is_same_function(found.items[k].frame, frame))
            k++;
        if (k == found.len)
            *array_push(arena, &found) = (struct run_blocker){.frame = frame, .longest = stretch};
        found.items[k].times++;
        found.items[k].all_s += run_stretch_s(stretch);
    }
    return found;
}

bool run_is_users(const struct run_frame *frame)
{
    return frame->file.len && frame->file.ptr[0] != '/' && frame->file.ptr[0] != '<';
}

const struct run_frame *run_users_frame(const struct run_start *start, int32_t frame)
{
    for (int32_t at = frame; at != RUN_NONE; at = start->frames.items[at].parent) {
        if (run_is_users(&start->frames.items[at]))
            return &start->frames.items[at];
    }
    return NULL;
}
