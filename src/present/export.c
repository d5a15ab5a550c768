/* The table of export formats, and what they share: which rows count, a stack's path, and the timeline of a start. */
#include "present/export.h"

#include <math.h>
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

/* How much of the front is UTF-8. */
static size_t utf8_prefix(struct str text)
{
    size_t at = 0, n;
    while (at < text.len && (n = str_utf8_length(str_slice(text, at, text.len))) > 0)
        at += n;
    return at;
}

struct str export_utf8(struct arena *arena, struct str text)
{
    size_t good = utf8_prefix(text);
    if (good == text.len)
        return text;
    struct buf out = {0};
    for (; text.len; good = utf8_prefix(text)) {
        buf_add(&out, str_slice(text, 0, good));
        if (good < text.len)
            buf_add(&out, STR("\xef\xbf\xbd"));
        text = str_slice(text, good < text.len ? good + 1 : good, text.len);
    }
    struct str kept = arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return kept;
}

struct str export_label(struct arena *arena, const struct run_frame *frame)
{
    struct str function = frame->function.len ? frame->function : STR("(no name)");
    struct buf out = {0};
    if (!frame->file.len)
        return function;
    buf_add(&out, function); /* a name may have a NUL in it */
    buf_add(&out, STR(" ("));
    buf_add(&out, frame->file);
    buf_addf(&out, ":%u)", frame->line);
    struct str kept = arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return kept;
}

const char *export_thread(const struct profile *profile, const struct run_stack *stack)
{
    struct arena *arena = profile->arena;
    if (profile->by_task)
        return arena_printf(arena, "task %.*s", STR_ARG(stack->task)).ptr;
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

/* Where the imports of one span go. */
struct stretch {
    double from_s, to_s;
    double shift_s; /* what their times are moved by */
};

/* The imports below `parent`, each inside the stretch and after its elder; of RUN_NONE those of the phase. */
static void add_imports(const struct profile *profile, const struct run_start *start, int32_t parent,
                        enum run_phase phase, struct stretch stretch, uint32_t depth, struct export_spans *spans)
{
    enum { DEPTH_MOST = 200 };
    double free_s = stretch.from_s;
    for (size_t i = 0; depth < DEPTH_MOST && i < start->imports.len; i++) {
        const struct run_import *import = &start->imports.items[i];
        if (import->parent != parent || (parent == RUN_NONE && import->phase != phase))
            continue;
        double begin_s = fmax(import->start_s + stretch.shift_s, free_s);
        double end_s = fmin(import->start_s + import->total_s + stretch.shift_s, stretch.to_s);
        if (!(end_s > begin_s))
            continue;
        add_span(profile, spans,
                 (struct export_span){.name = import->module,
                                      .file = import->path,
                                      .from_s = begin_s,
                                      .to_s = end_s,
                                      .depth = depth,
                                      .import = true,
                                      .self_s = import->self_s});
        add_imports(profile, start, (int32_t)i, phase, (struct stretch){begin_s, end_s, stretch.shift_s}, depth + 1,
                    spans);
        free_s = end_s;
    }
}

/* A phase is a sum and may have been in pieces, so that its span lies a little beside where it was; its imports are moved with it. */
static void add_phase_imports(const struct profile *profile, const struct run_start *start, enum run_phase phase,
                              double from_s, double to_s, struct export_spans *spans)
{
    double first_s = INFINITY, last_s = -INFINITY;
    for (size_t i = 0; i < start->imports.len; i++) {
        const struct run_import *import = &start->imports.items[i];
        if (import->parent == RUN_NONE && import->phase == phase) {
            first_s = fmin(first_s, import->start_s);
            last_s = fmax(last_s, import->start_s + import->total_s);
        }
    }
    double early_s = from_s - first_s, late_s = to_s - last_s;
    double shift_s = early_s > 0 ? early_s : late_s < 0 ? fmax(late_s, early_s) : 0;
    if (isfinite(shift_s))
        add_imports(profile, start, RUN_NONE, phase, (struct stretch){from_s, to_s, shift_s}, 1, spans);
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
            add_phase_imports(profile, start, (enum run_phase)phase, at_s, at_s + wall_s, &spans);
        at_s += wall_s;
    }
    *spans_out = spans;
}
