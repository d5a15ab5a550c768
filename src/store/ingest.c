/* Which recording is the function's own, and its records as rows. */
#include "store/ingest.h"

#include <math.h>
#include <stdlib.h>

#include "base/map.h"
#include "store/loops.h"
#include "store/stacks.h"
#include "store/timeline.h"

struct ingest {
    struct arena *arena;
    const struct ingest_input *input;
    const struct recording *recording;
    struct timeline timeline;
    struct run_start *start;
    array_of(int32_t) imports;                         /* index into start->imports + 1 by the recording's import id */
    array_of(const struct event_stage_begin *) stages; /* by id */
    double import_s;                                   /* inside imports of other modules while the app's file ran */
    const struct event_alloc_peak *peak;               /* NULL: memory was not followed */
    uint64_t children_seen;
};

static void add_note(struct arena *arena, struct run_start *start, struct str text)
{
    *array_push(arena, &start->notes) = text;
}

static struct str shown(const struct ingest *ingest, struct str path)
{
    return path_below(path, ingest->input->cwd);
}

static struct str string(const struct ingest *ingest, uint32_t id)
{
    return recording_string(ingest->recording, id);
}

static double since_asked(const struct ingest *ingest, uint64_t t_ns)
{
    return t_ns > ingest->input->asked_ns ? (double)(t_ns - ingest->input->asked_ns) * 1e-9 : 0;
}

/* ---- imports ---- */

static bool is_installed(struct str path)
{
    return str_contains(path, STR("/site-packages/")) || str_contains(path, STR("/dist-packages/"));
}

static enum run_origin origin_of(const struct ingest *ingest, const struct run_import *import)
{
    struct str path = import->path, root = ingest->input->root;
    if (str_equals(import->module, STR("coldspot")) || str_starts_with(import->module, STR("coldspot.")))
        return RUN_HARNESS;
    bool installed = is_installed(path);
    if (import->phase == RUN_PLATFORM_INIT && (installed || str_starts_with(import->module, STR("modal"))))
        return RUN_PLATFORM;
    if (installed)
        return RUN_DEPENDENCY;
    if (root.len && str_starts_with(path, root) && path.len > root.len && path.ptr[root.len] == '/')
        return RUN_USER;
    if (!path.len || path.ptr[0] != '/' || str_contains(path, STR("/lib/python")) ||
        str_contains(path, STR("/lib64/python")))
        return RUN_STDLIB;
    return RUN_USER;
}

static int32_t import_index(const struct ingest *ingest, uint32_t id)
{
    return id < ingest->imports.len ? ingest->imports.items[id] - 1 : RUN_NONE;
}

static void begin_import(struct ingest *ingest, const struct event_import_begin *begin)
{
    enum { IDS_MOST = 1 << 22 };
    if (begin->id == 0 || begin->id > IDS_MOST)
        return;
    while (ingest->imports.len <= begin->id)
        *array_push(ingest->arena, &ingest->imports) = 0;
    struct run_import *import = array_push(ingest->arena, &ingest->start->imports);
    *import = (struct run_import){
        .module = string(ingest, begin->module),
        .parent = import_index(ingest, begin->parent),
        .phase = timeline_phase(&ingest->timeline, begin->t_ns),
        .file = shown(ingest, string(ingest, begin->file)),
        .line = begin->line,
        .start_s = since_asked(ingest, begin->t_ns),
        .self_s = -1, /* not ended */
        .used = -1,
    };
    ingest->imports.items[begin->id] = (int32_t)ingest->start->imports.len;
}

static void end_import(struct ingest *ingest, const struct event_import_end *end)
{
    int32_t index = import_index(ingest, end->id);
    if (index < 0)
        return;
    struct run_import *import = &ingest->start->imports.items[index];
    import->total_s = since_asked(ingest, end->t_ns) - import->start_s;
    import->self_s = import->total_s;
    import->path = string(ingest, end->file);
    import->rss_bytes = end->rss_self_bytes;
    import->read_bytes = end->read_self_bytes;
}

/* Whether this import is the app's own file, imported by name. */
static bool is_app(const struct ingest *ingest, const struct run_import *import)
{
    return ingest->input->app_module.len && str_equals(import->module, ingest->input->app_module);
}

/* Whether everything above this import is the app's own file. */
static bool is_outermost(const struct ingest *ingest, const struct run_import *import)
{
    while (import->parent != RUN_NONE) {
        import = &ingest->start->imports.items[import->parent];
        if (!is_app(ingest, import))
            return false;
    }
    return true;
}

/* What a killed process was still importing ends with the start. */
static void close_imports(struct ingest *ingest)
{
    double end_s = since_asked(ingest, ingest->timeline.end_ns);
    for (size_t i = 0; i < ingest->start->imports.len; i++) {
        struct run_import *import = &ingest->start->imports.items[i];
        if (import->self_s < 0) {
            import->total_s = end_s > import->start_s ? end_s - import->start_s : 0;
            import->self_s = import->total_s;
        }
    }
}

static void settle_imports(struct ingest *ingest)
{
    close_imports(ingest);
    for (size_t i = 0; i < ingest->start->imports.len; i++) {
        struct run_import *import = &ingest->start->imports.items[i];
        import->origin = origin_of(ingest, import);
        if (import->parent != RUN_NONE)
            ingest->start->imports.items[import->parent].self_s -= import->total_s;
        if (import->phase == RUN_IMPORT && !is_app(ingest, import) && is_outermost(ingest, import))
            ingest->import_s += import->total_s;
    }
    for (size_t i = 0; i < ingest->start->imports.len; i++) {
        struct run_import *import = &ingest->start->imports.items[i];
        if (import->self_s < 0) /* imports of other threads that waited for this one */
            import->self_s = 0;
        import->path = shown(ingest, import->path);
    }
}

static void add_imports(struct ingest *ingest)
{
    const struct recording *recording = ingest->recording;
    for (size_t i = 0; i < recording->records.len; i++) {
        const struct recorded *recorded = &recording->records.items[i];
        const struct event_import_begin *begin = recorded_as(recorded, EVENT_IMPORT_BEGIN);
        const struct event_import_end *end = recorded_as(recorded, EVENT_IMPORT_END);
        if (begin)
            begin_import(ingest, begin);
        if (end)
            end_import(ingest, end);
    }
    settle_imports(ingest);
}

static bool is_extension(const struct run_import *import)
{
    return str_ends_with(import->path, STR(".so")) || str_equals(import->path, STR("built-in"));
}

/* What is known of a package with one of its modules: used when that was, unknown when that is. */
static int either_used(int a, int b)
{
    if (a == 1 || b == 1)
        return 1;
    return a < 0 || b < 0 ? -1 : 0;
}

/* A package is used when anything in it was; code in C cannot be seen running, so that what holds some is unknown at best. */
static void spread_use(struct ingest *ingest, const struct map *by_module)
{
    for (size_t i = 0; i < ingest->start->imports.len; i++) {
        const struct run_import *import = &ingest->start->imports.items[i];
        struct str package = import->module;
        for (ptrdiff_t dot; (dot = str_find_last(package, '.')) > 0;) {
            package = str_slice(package, 0, (size_t)dot);
            const uint64_t *index = map_get(by_module, package);
            if (index && *index != i)
                ingest->start->imports.items[*index].used = either_used(ingest->start->imports.items[*index].used,
                                                                        import->used);
        }
    }
}

static void add_uses(struct ingest *ingest)
{
    struct map by_module = {0};
    for (size_t i = 0; i < ingest->start->imports.len; i++)
        *map_put(ingest->arena, &by_module, ingest->start->imports.items[i].module, NULL) = i;
    for (size_t i = 0; i < ingest->recording->records.len; i++) {
        const struct event_use *use = recorded_as(&ingest->recording->records.items[i], EVENT_USE);
        const uint64_t *index = use ? map_get(&by_module, string(ingest, use->module)) : NULL;
        if (!index)
            continue;
        struct run_import *import = &ingest->start->imports.items[*index];
        import->used = use->used == EVENT_USE_YES ? 1 : use->used == EVENT_USE_NO ? 0 : -1;
        if (is_extension(import))
            import->used = -1;
    }
    spread_use(ingest, &by_module);
}

/* ---- calls, stages, samples ---- */

static void add_stage_begin(struct ingest *ingest, const struct event_stage_begin *begin)
{
    enum { IDS_MOST = 1 << 22 };
    if (begin->id == 0 || begin->id > IDS_MOST)
        return;
    while (ingest->stages.len <= begin->id)
        *array_push(ingest->arena, &ingest->stages) = NULL;
    ingest->stages.items[begin->id] = begin;
}

static const struct event_stage_begin *stage_of(const struct ingest *ingest, uint32_t id)
{
    return id < ingest->stages.len ? ingest->stages.items[id] : NULL;
}

static struct str stage_name(const struct ingest *ingest, uint32_t id)
{
    const struct event_stage_begin *stage = stage_of(ingest, id);
    return stage ? string(ingest, stage->name) : STR("");
}

static void add_stage_end(struct ingest *ingest, const struct event_stage_end *end)
{
    const struct event_stage_begin *begin = stage_of(ingest, end->id);
    if (!begin)
        return;
    enum run_phase phase = begin->call > 0 ? RUN_EXEC : timeline_phase(&ingest->timeline, begin->t_ns);
    struct str name = string(ingest, begin->name), parent = stage_name(ingest, begin->parent);
    double wall_s = end->t_ns > begin->t_ns ? (double)(end->t_ns - begin->t_ns) * 1e-9 : 0;
    for (size_t i = 0; i < ingest->start->stages.len; i++) {
        struct run_stage *stage = &ingest->start->stages.items[i];
        if (stage->phase == phase && str_equals(stage->name, name) && str_equals(stage->parent, parent)) {
            stage->calls++;
            stage->wall_s += wall_s;
            return;
        }
    }
    *array_push(ingest->arena, &ingest->start->stages) = (struct run_stage){name, parent, phase, 1, wall_s};
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* A reading of the process's memory: phases, calls and samples all give one. */
static void add_reading(struct ingest *ingest, uint64_t t_ns, uint64_t rss_bytes, uint64_t hwm_bytes, uint64_t cpu_ns)
{
    struct run_start *start = ingest->start;
    start->peak_bytes = larger(start->peak_bytes,
                               hwm_bytes == EVENT_UNKNOWN ? rss_bytes : larger(hwm_bytes, rss_bytes));
    *array_push(ingest->arena, &start->samples) = (struct run_sample){
        .at_s = since_asked(ingest, t_ns), .rss_bytes = rss_bytes, .cpu_s = (double)cpu_ns * 1e-9};
}

static uint64_t known(uint64_t bytes)
{
    return bytes == EVENT_UNKNOWN ? 0 : bytes;
}

static void add_sample(struct ingest *ingest, const struct event_sample *sample)
{
    add_reading(ingest, sample->t_ns, sample->rss_bytes, EVENT_UNKNOWN, sample->process_cpu_ns);
    struct run_sample *row = &ingest->start->samples.items[ingest->start->samples.len - 1];
    row->file_bytes = known(sample->file_bytes);
    row->python_bytes = known(sample->python_bytes);
    row->native_bytes = known(sample->native_bytes);
}

static void add_call_end(struct ingest *ingest, const struct event_call *end, const struct event_usage *begin)
{
    if (!begin || end->index < 0)
        return;
    *array_push(ingest->arena, &ingest->start->invocations) = (struct run_invocation){
        .number = (uint32_t)end->index,
        .wall_s = end->usage.t_ns > begin->t_ns ? (double)(end->usage.t_ns - begin->t_ns) * 1e-9 : 0,
        .peak_bytes = larger(begin->rss_bytes, end->usage.rss_bytes),
        .end_bytes = end->usage.rss_bytes,
    };
    ingest->start->end_bytes = end->usage.rss_bytes;
}

static void add_usage(struct ingest *ingest, const struct event_usage *usage)
{
    add_reading(ingest, usage->t_ns, usage->rss_bytes, usage->hwm_bytes, usage->process_cpu_ns);
}

static void add_spans(struct ingest *ingest)
{
    const struct event_usage *call_began = NULL;
    for (size_t i = 0; i < ingest->recording->records.len; i++) {
        const struct event *event = ingest->recording->records.items[i].event;
        switch (event->type) {
        case EVENT_PHASE:
            add_usage(ingest, &((const struct event_phase_begin *)event)->usage);
            break;
        case EVENT_CALL_BEGIN:
            call_began = &((const struct event_call *)event)->usage;
            add_usage(ingest, call_began);
            break;
        case EVENT_CALL_END:
            add_call_end(ingest, (const struct event_call *)event, call_began);
            add_usage(ingest, &((const struct event_call *)event)->usage);
            call_began = NULL;
            break;
        case EVENT_STAGE_BEGIN:
            add_stage_begin(ingest, (const struct event_stage_begin *)event);
            break;
        case EVENT_STAGE_END:
            add_stage_end(ingest, (const struct event_stage_end *)event);
            break;
        case EVENT_SAMPLE:
            add_sample(ingest, (const struct event_sample *)event);
            break;
        case EVENT_ALLOC_PEAK:
            ingest->peak = (const struct event_alloc_peak *)event;
            break;
        default:
            break;
        }
    }
}

static int by_time(const void *a, const void *b)
{
    double x = ((const struct run_sample *)a)->at_s, y = ((const struct run_sample *)b)->at_s;
    return (x > y) - (x < y);
}

/* What is known of the memory's peak, and what is not.  It may lie between two samples, at a reading that does not tell what of it
 * is of files: the agent asked then. */
static void settle_peak(struct ingest *ingest)
{
    if (ingest->peak && ingest->peak->peak_bytes && !ingest->peak->knows_untouched)
        add_note(
            ingest->arena, ingest->start,
            STR("memory that was asked for and never touched counts as held: this kernel (gVisor's) does not tell"));
    if (!ingest->peak || !known(ingest->peak->file_bytes))
        return;
    double at_s = since_asked(ingest, ingest->peak->t_ns);
    struct run_sample *nearest = NULL;
    for (size_t i = 0; i < ingest->start->samples.len; i++) {
        struct run_sample *sample = &ingest->start->samples.items[i];
        if (!nearest || fabs(sample->at_s - at_s) < fabs(nearest->at_s - at_s))
            nearest = sample;
    }
    if (nearest && !nearest->file_bytes)
        nearest->file_bytes = ingest->peak->file_bytes;
}

/* Samples in order; from them the span, the most cores used over a quarter of a second, and each call's peak. */
static void settle_samples(struct ingest *ingest)
{
    struct run_start *start = ingest->start;
    const struct run_sample *samples = start->samples.items;
    size_t n = start->samples.len;
    if (n > 1)
        qsort(start->samples.items, n, sizeof(*samples), by_time);
    start->cpu_s = n ? samples[n - 1].cpu_s : 0;
    start->span_s = n ? samples[n - 1].at_s - samples[0].at_s : 0;
    for (size_t from = 0, to = 0; to < n; to++) {
        while (samples[to].at_s - samples[from].at_s >= 0.25) {
            double cores = (samples[to].cpu_s - samples[from].cpu_s) / (samples[to].at_s - samples[from].at_s);
            if (cores > start->cpu_peak_cores)
                start->cpu_peak_cores = cores;
            from++;
        }
    }
    if (start->cpu_peak_cores == 0 && start->span_s > 0)
        start->cpu_peak_cores = start->cpu_s / start->span_s;
    if (!start->end_bytes && n)
        start->end_bytes = samples[n - 1].rss_bytes;
}

/* The resident set at a time: the last reading before it, or with `after` the first one from it on. */
static int64_t rss_at(const struct run_start *start, double at_s, bool after)
{
    const struct run_sample *samples = start->samples.items;
    size_t low = 0, high = start->samples.len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (samples[middle].at_s < at_s)
            low = middle + 1;
        else
            high = middle;
    }
    size_t index = after || low == 0 ? low : low - 1;
    if (index >= start->samples.len)
        index = start->samples.len ? start->samples.len - 1 : 0;
    return start->samples.len ? (int64_t)samples[index].rss_bytes : 0;
}

/* ---- input and output ---- */

static enum run_io_kind kind_of(enum run_wait wait)
{
    static const enum run_io_kind kinds[RUN_WAITS] = {
        [RUN_DISK] = RUN_IO_FILE,      [RUN_NETWORK] = RUN_IO_NETWORK, [RUN_LOCK] = RUN_IO_LOCK,
        [RUN_SLEEP] = RUN_IO_SLEEP,    [RUN_CHILD] = RUN_IO_CHILD,     [RUN_ON_CPU] = RUN_IO_OTHER,
        [RUN_RUNNABLE] = RUN_IO_OTHER, [RUN_GPU] = RUN_IO_OTHER,       [RUN_UNKNOWN] = RUN_IO_OTHER,
    };
    return kinds[wait];
}

static bool is_outward(uint16_t kind)
{
    return kind == EVENT_IO_WRITE || kind == EVENT_IO_SEND;
}

static struct run_io io_row(const struct ingest *ingest, const struct recorded *recorded, const struct event_io *io)
{
    uint64_t end_ns = io->busy_since_ns ? ingest->timeline.end_ns : 0;
    struct run_io row = {
        .kind = kind_of(timeline_wait(io, ingest->children_seen > 0)),
        .phase = io->call > 0 ? RUN_EXEC : timeline_phase_of(io->phase),
        .import = import_index(ingest, io->import),
        .invocation = io->call >= 0 ? io->call : RUN_NONE,
        .stage = stage_name(ingest, io->stage),
        .target = shown(ingest, string(ingest, io->target)),
        .file = shown(ingest, string(ingest, io->site_file)),
        .line = io->site_line,
        .starting = recorded->tid == ingest->recording->header.tid,
        .calls = io->calls,
        .wall_s = (double)io->wall_ns * 1e-9,
        .first_s = since_asked(ingest, io->first_ns),
        .last_s = since_asked(ingest, io->last_ns),
    };
    if (end_ns > io->busy_since_ns)
        row.wall_s += (double)(end_ns - io->busy_since_ns) * 1e-9;
    if (io->kind == EVENT_IO_MMAP)
        row.mapped_bytes = io->bytes;
    else
        *(is_outward(io->kind) ? &row.bytes_out : &row.bytes_in) = io->bytes;
    return row;
}

/* Rows that differ in nothing but their numbers are one. */
static void add_row(struct ingest *ingest, struct map *rows, const struct run_io *row)
{
    struct buf key = {0};
    buf_addf(&key, "%d %d %d %d %d %u ", row->kind, row->phase, row->import, row->invocation, row->starting, row->line);
    const struct str parts[] = {row->stage, row->target, row->file};
    for (size_t i = 0; i < 3; i++) {
        buf_add(&key, parts[i]);
        buf_add_char(&key, 0);
    }
    bool fresh;
    uint64_t *index = map_put(ingest->arena, rows, buf_str(&key), &fresh);
    buf_release(&key);
    if (fresh) {
        *index = ingest->start->ios.len;
        *array_push(ingest->arena, &ingest->start->ios) = *row;
        return;
    }
    struct run_io *sum = &ingest->start->ios.items[*index];
    sum->calls += row->calls;
    sum->bytes_in += row->bytes_in;
    sum->bytes_out += row->bytes_out;
    sum->mapped_bytes += row->mapped_bytes;
    sum->wall_s += row->wall_s;
    sum->first_s = row->first_s < sum->first_s ? row->first_s : sum->first_s;
    sum->last_s = row->last_s > sum->last_s ? row->last_s : sum->last_s;
}

static bool is_private(const struct ingest *ingest, struct str target)
{
    struct str directory = ingest->input->private_dir;
    return directory.len && str_starts_with(target, directory);
}

static void add_ios(struct ingest *ingest)
{
    struct map rows = {0};
    for (size_t i = 0; i < ingest->recording->records.len; i++) {
        const struct recorded *recorded = &ingest->recording->records.items[i];
        const struct event_io *io = recorded_as(recorded, EVENT_IO);
        ingest->children_seen += recorded->event->type == EVENT_CHILD;
        if (!io)
            continue;
        struct run_io row = io_row(ingest, recorded, io);
        if (!is_private(ingest, row.target))
            add_row(ingest, &rows, &row);
    }
    for (size_t i = 0; i < ingest->start->ios.len; i++) {
        struct run_io *row = &ingest->start->ios.items[i];
        if (row->bytes_in >= 1 << 20)
            row->rss_bytes = rss_at(ingest->start, row->last_s, true) - rss_at(ingest->start, row->first_s, false);
    }
    ingest->start->children = ingest->children_seen;
}

/* ---- notes and the choice of the recording ---- */

static void add_notes(struct ingest *ingest)
{
    const struct event_header *header = &ingest->recording->header;
    for (size_t i = 0; i < ingest->recording->records.len; i++) {
        const struct event_note *note = recorded_as(&ingest->recording->records.items[i], EVENT_NOTE);
        if (!note)
            continue;
        struct str text = string(ingest, note->text);
        add_note(
            ingest->arena, ingest->start,
            arena_printf(ingest->arena, "%s%s%.*s", event_note_text(note->code), text.len ? ": " : "", STR_ARG(text)));
    }
    ingest->start->dropped = header->dropped_records;
    if (header->full)
        add_note(ingest->arena, ingest->start,
                 arena_printf(ingest->arena, "the recording could not grow: %llu events are missing",
                              (unsigned long long)header->dropped_records));
}

struct recordings {
    struct recording *items;
    size_t len, cap;
};

static struct recordings read_all(struct arena *arena, const struct ingest_input *input, struct run_start *start)
{
    struct recordings recordings = {0};
    for (size_t i = 0; i < input->n_paths; i++) {
        struct err err = {0};
        struct recording recording;
        if (recording_read(arena, input->paths[i], &recording, &err) == 0)
            *array_push(arena, &recordings) = recording;
        else
            add_note(arena, start, arena_copy(arena, buf_str(&err.message)));
        err_release(&err);
    }
    return recordings;
}

/* The process that was asked for is the first that was started; where it became another program (a shim, a shell's last
 * command), that program's recording carries on. */
static const struct recording *find_main(const struct recordings *recordings)
{
    const struct recording *first = NULL;
    for (size_t i = 0; i < recordings->len; i++) {
        const struct recording *recording = &recordings->items[i];
        if (recording->header.why == EVENT_WHY_EXEC && (!first || recording->header.began_ns < first->header.began_ns))
            first = recording;
    }
    const struct recording *last = first;
    for (size_t i = 0; first && i < recordings->len; i++) {
        const struct recording *recording = &recordings->items[i];
        if (recording->header.pid == first->header.pid && recording->header.began_ns > last->header.began_ns)
            last = recording;
    }
    return last;
}

/* Programs that ran beside the function hold memory of their own: the peak of their sum at any sample of the function's. */
static void add_children_memory(const struct recordings *recordings, const struct ingest *ingest)
{
    uint64_t together = 0;
    for (size_t i = 0; i < recordings->len; i++) {
        const struct recording *recording = &recordings->items[i];
        if (recording == ingest->recording || recording->header.why != EVENT_WHY_EXEC ||
            recording->header.pid == ingest->recording->header.pid)
            continue;
        uint64_t most = 0;
        for (size_t k = 0; k < recording->records.len; k++) {
            const struct event_sample *sample = recorded_as(&recording->records.items[k], EVENT_SAMPLE);
            if (!sample)
                continue;
            double at_s = since_asked(ingest, sample->t_ns);
            most = larger(most, sample->rss_bytes + (uint64_t)rss_at(ingest->start, at_s, false));
        }
        together = larger(together, most);
    }
    ingest->start->peak_bytes = larger(ingest->start->peak_bytes, together);
}

void ingest_start(struct arena *arena, const struct ingest_input *input, struct run_start *start_out)
{
    *start_out = (struct run_start){0};
    struct recordings recordings = read_all(arena, input, start_out);
    const struct recording *recording = find_main(&recordings);
    if (!recording) {
        double wall_s = input->ended_ns > input->asked_ns ? (double)(input->ended_ns - input->asked_ns) * 1e-9 : 0;
        start_out->wall_s = start_out->phases_s[RUN_EXEC] = start_out->waits_s[RUN_UNKNOWN] = wall_s;
        add_note(arena, start_out, STR("the agent left no recording: nothing but the wall time is known"));
        return;
    }
    struct ingest ingest = {.arena = arena, .input = input, .recording = recording, .start = start_out};
    timeline_init(arena, recording, input->asked_ns, input->ended_ns, input->command, &ingest.timeline);
    add_imports(&ingest);
    add_uses(&ingest);
    add_spans(&ingest);
    settle_samples(&ingest);
    settle_peak(&ingest);
    add_ios(&ingest);
    struct stacks_nodes nodes;
    stacks_read(arena, recording, input->cwd, start_out, &nodes);
    loops_read(arena, recording, &nodes, input->root, input->asked_ns, start_out);
    add_children_memory(&recordings, &ingest);
    timeline_attribute(&ingest.timeline, ingest.import_s, start_out);
    start_out->complete = ingest.timeline.first_call_done;
    add_notes(&ingest);
}
