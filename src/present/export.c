/* The table of export formats, and what they share: which rows count, a stack's path, and the timeline of a start. */
#include "present/export.h"

#include <string.h>

static const struct export_format formats[] = {
    {"pprof", ".pb.gz|.pprof", export_pprof},
    {"speedscope", ".speedscope.json|.speedscope", export_speedscope},
    {"collapsed", ".collapsed|.folded|.txt", export_collapsed},
    {"chrome", ".trace.json|.json", export_chrome},
};

const char export_choices[] = "pprof|speedscope|collapsed|chrome";
const char export_part_choices[] = "calls|cold|all";

enum { FORMATS = sizeof(formats) / sizeof(formats[0]) };

const struct export_format *export_find(struct str name)
{
    for (size_t i = 0; i < FORMATS; i++) {
        if (str_equals(str_of(formats[i].name), name))
            return &formats[i];
    }
    return NULL;
}

const struct export_format *export_find_by_path(struct str path)
{
    for (size_t i = 0; i < FORMATS; i++) {
        struct str rest = str_of(formats[i].suffixes), suffix;
        while (str_cut(&rest, '|', &suffix)) {
            if (str_ends_with(path, suffix))
                return &formats[i];
        }
    }
    return NULL;
}

enum export_part export_part_of(struct str name)
{
    struct str rest = str_of(export_part_choices), word;
    for (int part = 0; str_cut(&rest, '|', &word); part++) {
        if (str_equals(word, name))
            return (enum export_part)part;
    }
    return EXPORT_CALLS;
}

bool export_wants(const struct profile *profile, const struct run_stack *stack)
{
    if (profile->cpu_only && stack->wait != RUN_ON_CPU && stack->wait != RUN_RUNNABLE)
        return false;
    bool in_calls = stack->in_call || stack->phase == RUN_FIRST_CALL || stack->phase == RUN_EXEC;
    return profile->part == EXPORT_ALL ||
           (profile->part == EXPORT_CALLS ? in_calls : (int)stack->phase < RUN_COLD_PHASES);
}

/* Our own frames, around the call. */
static bool is_harness(const struct run_frame *frame)
{
    return str_ends_with(frame->file, STR("/coldspot/harness.py")) ||
           str_ends_with(frame->file, STR("/coldspot/_harness.py"));
}

size_t export_path(const struct run_start *start, int32_t frame, int32_t path_out[EXPORT_DEPTH_MOST])
{
    size_t n = 0;
    for (int32_t at = frame; at != RUN_NONE && n < EXPORT_DEPTH_MOST; at = start->frames.items[at].parent)
        path_out[n++] = at;
    while (n > 0 && is_harness(&start->frames.items[path_out[n - 1]]))
        n--;
    for (size_t i = 0; i < n / 2; i++) {
        int32_t other = path_out[i];
        path_out[i] = path_out[n - 1 - i];
        path_out[n - 1 - i] = other;
    }
    return n;
}

struct str export_label(struct arena *arena, const struct run_frame *frame)
{
    if (!frame->file.len)
        return frame->function;
    return arena_printf(arena, "%.*s (%.*s:%u)", STR_ARG(frame->function), STR_ARG(frame->file), frame->line);
}

const char *export_thread(struct arena *arena, const struct run_stack *stack)
{
    struct str thread = stack->thread ? arena_printf(arena, "thread %u", stack->thread) : STR("starting thread");
    if (stack->interpreter == 0)
        return thread.ptr;
    return arena_printf(arena, "%.*s, interpreter %u", STR_ARG(thread), stack->interpreter).ptr;
}

const struct run_start *export_start(const struct profile *profile)
{
    const struct run_start *start = run_median_start(profile->run, false);
    return start ? start : run_median_start(profile->run, true);
}

/* ---- the timeline ---- */

static void add_span(const struct profile *profile, struct export_spans *spans, struct export_span span)
{
    if (span.to_s > span.from_s)
        *array_push(profile->arena, spans) = span;
}

/* Imports below `parent` that began within [from_s, to_s), each inside what holds it and after its elder. */
static void add_imports(const struct profile *profile, const struct run_start *start, int32_t parent, double from_s,
                        double to_s, uint32_t depth, struct export_spans *spans)
{
    enum { DEPTH_MOST = 200 };
    double free_s = from_s;
    for (size_t i = 0; depth < DEPTH_MOST && i < start->imports.len; i++) {
        const struct run_import *import = &start->imports.items[i];
        if (import->parent != parent || import->start_s < from_s || import->start_s >= to_s)
            continue;
        double begin_s = import->start_s > free_s ? import->start_s : free_s;
        double end_s = import->start_s + import->total_s < to_s ? import->start_s + import->total_s : to_s;
        if (end_s <= begin_s)
            continue;
        add_span(profile, spans,
                 (struct export_span){.name = import->module,
                                      .file = import->path,
                                      .from_s = begin_s,
                                      .to_s = end_s,
                                      .depth = depth,
                                      .import = true,
                                      .self_s = import->self_s});
        add_imports(profile, start, (int32_t)i, begin_s, end_s, depth + 1, spans);
        free_s = end_s;
    }
}

void export_timeline(const struct profile *profile, const struct run_start *start, struct export_spans *spans_out)
{
    struct export_spans spans = {0};
    double at_s = 0;
    for (int phase = 0; start && phase < RUN_COLD_PHASES; phase++) {
        double wall_s = start->phases_s[phase];
        struct str name = str_of(run_phase_name((enum run_phase)phase));
        /* import and global_init are sums over one stretch: the app's file running. */
        if (phase == RUN_GLOBAL_INIT)
            continue;
        if (phase == RUN_IMPORT) {
            wall_s += start->phases_s[RUN_GLOBAL_INIT];
            name = STR("import and global_init");
        }
        add_span(profile, &spans, (struct export_span){.name = name, .from_s = at_s, .to_s = at_s + wall_s});
        if (wall_s > 0)
            add_imports(profile, start, RUN_NONE, at_s, at_s + wall_s, 1, &spans);
        at_s += wall_s;
    }
    *spans_out = spans;
}
