/* The JSON contract of a run, schema version 1: names are fixed, seconds, bytes and USD are plain numbers. */
#include "present/run_report.h"

#include <time.h>

#include "base/map.h"
#include "present/run_rows.h"
#include "store/held.h"

#ifndef COLDSPOT_VERSION
#define COLDSPOT_VERSION "0"
#endif

static void key_or_null(struct jsonw *json, const char *key, struct str text)
{
    if (text.len)
        jsonw_key_string(json, key, text);
    else
        jsonw_key_null(json, key);
}

static void key_number_or_null(struct jsonw *json, const char *key, double value)
{
    if (value >= 0)
        jsonw_key_f64(json, key, value);
    else
        jsonw_key_null(json, key);
}

static void key_line(struct jsonw *json, uint32_t line)
{
    key_number_or_null(json, "line", line ? (double)line : -1);
}

static void write_run(struct jsonw *json, const struct run *run)
{
    time_t seconds = (time_t)(run->started_at_ns / 1000000000u);
    struct tm utc;
    char text[32];
    gmtime_r(&seconds, &utc);
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
    jsonw_key_object(json, "run");
    jsonw_key_string(json, "id", run->id);
    jsonw_key_string(json, "started_at", str_of(text));
    key_or_null(json, "commit", run->commit);
    key_or_null(json, "input_digest", run->input_digest);
    jsonw_end(json);
}

static void write_target(struct jsonw *json, const struct run_target *target)
{
    jsonw_key_object(json, "target");
    key_or_null(json, "file", target->file);
    jsonw_key_string(json, "function", target->function);
    jsonw_key_string(json, "provider", target->provider.len ? target->provider : STR("none"));
    key_or_null(json, "gpu", target->gpu);
    jsonw_key_u64(json, "gpu_count", target->gpu_count);
    key_number_or_null(json, "cpu", target->cpu);
    key_number_or_null(json, "memory_bytes", target->memory_bytes);
    jsonw_key_string(json, "kind", target->kind);
    jsonw_end(json);
}

static void write_environment(struct jsonw *json, const struct run_environment *environment)
{
    jsonw_key_object(json, "environment");
    key_or_null(json, "python", environment->python);
    jsonw_key_string(json, "sandbox", environment->sandbox);
    jsonw_key_string(json, "cache", environment->cache);
    jsonw_key_string(json, "kernel", environment->kernel);
    jsonw_key_u64(json, "cpus", environment->cpus);
    jsonw_key_array(json, "lacks");
    for (size_t i = 0; i < environment->lacks.len; i++)
        jsonw_string(json, environment->lacks.items[i]);
    jsonw_end(json);
    jsonw_end(json);
}

static void write_times(struct jsonw *json, const struct summary_times *times)
{
    jsonw_key_u64(json, "n", times->n);
    jsonw_key_f64(json, "p50_s", times->p50_s);
    jsonw_key_f64(json, "p90_s", times->p90_s);
    jsonw_key_f64(json, "p99_s", times->p99_s);
    jsonw_key_f64(json, "mean_s", times->mean_s);
}

static void write_cold_and_warm(struct jsonw *json, const struct summary *summary)
{
    jsonw_key(json, "cold");
    if (!summary->cold.n) {
        jsonw_null(json);
    } else {
        jsonw_object(json);
        write_times(json, &summary->cold);
        key_number_or_null(json, "init_s", summary->has_init ? summary->init_s : -1);
        jsonw_end(json);
    }
    jsonw_key_null(json, "snapshot");
    jsonw_key(json, "warm");
    if (!summary->has_warm) {
        jsonw_null(json);
        return;
    }
    jsonw_object(json);
    write_times(json, &summary->warm);
    jsonw_key_array(json, "outliers");
    for (size_t i = 0; i < summary->n_outliers; i++)
        jsonw_u64(json, summary->outliers[i].call);
    jsonw_end(json);
    jsonw_end(json);
}

static void write_phase_list(struct jsonw *json, const struct run_start *start, bool command)
{
    jsonw_key_array(json, "phases");
    for (int i = 0; start && i < (command ? RUN_PHASES : RUN_COLD_PHASES); i++) {
        if (command && start->phases_s[i] == 0)
            continue;
        jsonw_object(json);
        jsonw_key_string(json, "name", str_of(run_phase_name(i)));
        jsonw_key_f64(json, "wall_s", start->phases_s[i]);
        jsonw_end(json);
    }
    jsonw_end(json);
}

static void write_waits(struct jsonw *json, const struct run_start *start)
{
    jsonw_key_object(json, "waits");
    for (int i = 0; i < RUN_WAITS; i++) {
        struct buf key = {0};
        buf_addf(&key, "%s_s", run_wait_name(i));
        jsonw_key_f64(json, buf_cstr(&key), start ? start->waits_s[i] : 0);
        buf_release(&key);
    }
    jsonw_end(json);
}

/* Whose the peak was, and what each further call leaves. */
static void write_held(struct jsonw *json, const struct run_report *report)
{
    struct held_split split;
    struct held_growth growth;
    struct arena arena = {0};
    jsonw_key(json, "peak");
    if (report->summary->start && held_split(report->summary->start, &split)) {
        jsonw_object(json);
        jsonw_key_f64(json, "python_bytes", split.python_bytes);
        jsonw_key_f64(json, "native_bytes", split.native_bytes);
        key_number_or_null(json, "file_bytes", split.file_bytes > 0 ? split.file_bytes : -1);
        jsonw_key_f64(json, "explained_fraction", split.explained);
        jsonw_key_f64(json, "error_bytes", split.error_bytes);
        jsonw_end(json);
    } else {
        jsonw_null(json);
    }
    jsonw_key(json, "growth");
    if (held_growth(&arena, report->run, &growth)) {
        jsonw_object(json);
        jsonw_key_f64(json, "bytes_per_call", growth.bytes);
        jsonw_key_array(json, "interval");
        jsonw_f64(json, growth.low_bytes);
        jsonw_f64(json, growth.high_bytes);
        jsonw_end(json);
        jsonw_key_u64(json, "calls", growth.calls);
        jsonw_end(json);
    } else {
        jsonw_null(json);
    }
    arena_release(&arena);
}

static void write_resources(struct jsonw *json, const struct run_report *report)
{
    const struct summary *summary = report->summary;
    const struct run_money *money = report->money;
    jsonw_key_object(json, "cpu");
    jsonw_key_f64(json, "mean_cores", summary->cpu_mean_cores);
    jsonw_key_f64(json, "peak_cores", summary->cpu_peak_cores);
    key_number_or_null(json, "requested", money ? money->cpu_request : -1);
    key_number_or_null(json, "recommended", money ? money->cpu_recommended : -1);
    jsonw_end(json);
    jsonw_key_object(json, "memory");
    jsonw_key_u64(json, "peak_bytes", summary->peak_bytes);
    jsonw_key_u64(json, "end_bytes", summary->end_bytes);
    key_number_or_null(json, "requested_bytes", money ? money->memory_request_mib * 1048576 : -1);
    key_number_or_null(json, "recommended_bytes", money ? money->memory_recommended_mib * 1048576 : -1);
    write_held(json, report);
    jsonw_end(json);
    jsonw_key_null(json, "gpu");
}

static void write_cost(struct jsonw *json, const struct run_report *report)
{
    const struct run_money *money = report->money;
    jsonw_key(json, "cost");
    if (!money) {
        jsonw_null(json);
        return;
    }
    jsonw_object(json);
    jsonw_key_string(json, "currency", STR("USD"));
    key_number_or_null(json, "per_cold_invocation", report->summary->start ? money->cold_usd : -1);
    key_number_or_null(json, "per_warm_invocation", report->summary->has_warm ? money->warm_usd : -1);
    jsonw_key_f64(json, "idle_after_at_most", money->idle_usd);
    jsonw_key_f64(json, "rate_per_s", money->rate.usd_per_s);
    jsonw_key_string(json, "basis", money->rate.basis);
    jsonw_key_f64(json, "billed_s", money->billed_s);
    jsonw_key_f64(json, "used_s", money->used_s);
    jsonw_key_f64(json, "idle_s", money->idle_s);
    jsonw_end(json);
}

static void write_summary(struct jsonw *json, const struct run_report *report)
{
    const struct summary *summary = report->summary;
    bool command = str_equals(report->run->target.kind, STR("command"));
    jsonw_key_object(json, "summary");
    write_cold_and_warm(json, summary);
    write_phase_list(json, summary->start, command);
    write_waits(json, summary->start);
    jsonw_key_f64(json, "attributed_fraction", summary->attributed_fraction);
    write_resources(json, report);
    write_cost(json, report);
    jsonw_end(json);
}

static void write_import(struct jsonw *json, const struct run_start *start, const struct run_import *import)
{
    jsonw_object(json);
    jsonw_key_string(json, "module", import->module);
    key_or_null(json, "parent", import->parent >= 0 ? start->imports.items[import->parent].module : STR(""));
    jsonw_key_string(json, "phase", str_of(run_phase_name(import->phase)));
    jsonw_key_f64(json, "start_s", import->start_s);
    jsonw_key_f64(json, "self_s", import->self_s);
    jsonw_key_f64(json, "total_s", import->total_s);
    jsonw_key(json, "rss_bytes");
    jsonw_i64(json, import->rss_bytes);
    jsonw_key_u64(json, "read_bytes", import->read_bytes);
    jsonw_key_string(json, "origin", str_of(run_origin_name(import->origin)));
    if (import->used < 0)
        jsonw_key_null(json, "used");
    else
        jsonw_key_bool(json, "used", import->used);
    key_or_null(json, "file", import->file);
    key_line(json, import->line);
    jsonw_end(json);
}

static void write_imports(struct jsonw *json, const struct run_start *start)
{
    jsonw_key_array(json, "imports");
    for (size_t i = 0; start && i < start->imports.len; i++)
        write_import(json, start, &start->imports.items[i]);
    jsonw_end(json);
}

static void write_stages(struct jsonw *json, const struct summary *summary)
{
    jsonw_key_array(json, "stages");
    for (size_t i = 0; i < summary->stages.len; i++) {
        const struct summary_stage *stage = &summary->stages.items[i];
        jsonw_object(json);
        jsonw_key_string(json, "name", stage->name);
        key_or_null(json, "parent", stage->parent);
        jsonw_key_f64(json, "wall_s", stage->wall_s);
        jsonw_key_f64(json, "fraction", stage->fraction);
        if (stage->sampled)
            jsonw_key_null(json, "calls");
        else
            jsonw_key_f64(json, "calls", stage->calls);
        jsonw_key_string(json, "source", stage->sampled ? STR("sampled") : STR("named"));
        jsonw_end(json);
    }
    jsonw_end(json);
}

static void write_files(struct jsonw *json, const struct touched_list *rows)
{
    for (size_t i = 0; i < rows->len; i++) {
        const struct touched *row = &rows->items[i];
        uint64_t bytes = row->bytes_in + row->bytes_out;
        jsonw_object(json);
        jsonw_key_string(json, "path", row->target);
        jsonw_key_u64(json, "bytes", bytes);
        jsonw_key_f64(json, "wall_s", row->wall_s);
        key_number_or_null(json, "bytes_per_s", row->wall_s > 0 ? (double)bytes / row->wall_s : -1);
        jsonw_key_string(json, "phase", str_of(run_phase_name(row->phase)));
        key_or_null(json, "file", row->file);
        key_line(json, row->line);
        jsonw_end(json);
    }
}

static void write_hosts(struct jsonw *json, const struct touched_list *rows)
{
    for (size_t i = 0; i < rows->len; i++) {
        const struct touched *row = &rows->items[i];
        jsonw_object(json);
        jsonw_key_string(json, "host", row->target);
        jsonw_key_u64(json, "bytes_in", row->bytes_in);
        jsonw_key_u64(json, "bytes_out", row->bytes_out);
        jsonw_key_f64(json, "wall_s", row->wall_s);
        jsonw_key_string(json, "phase", str_of(run_phase_name(row->phase)));
        key_or_null(json, "file", row->file);
        key_line(json, row->line);
        jsonw_end(json);
    }
}

static void write_touched(struct jsonw *json, const struct run_start *start)
{
    struct arena arena = {0};
    struct touched_list none = {0};
    struct touched_list files = start ? rows_touched(&arena, start, RUN_IO_FILE) : none;
    struct touched_list hosts = start ? rows_touched(&arena, start, RUN_IO_NETWORK) : none;
    jsonw_key_array(json, "files");
    write_files(json, &files);
    jsonw_end(json);
    jsonw_key_array(json, "hosts");
    write_hosts(json, &hosts);
    jsonw_end(json);
    arena_release(&arena);
}

static void write_memory_site(struct jsonw *json, struct arena *arena, const struct run_start *start,
                              const struct run_memory *memory)
{
    const struct run_frame *frame = memory->frame == RUN_NONE ? NULL : &start->frames.items[memory->frame];
    jsonw_object(json);
    jsonw_key_string(json, "stack", rows_stack(arena, start, memory->frame));
    jsonw_key_u64(json, "bytes", memory->peak_bytes);
    key_or_null(json, "function", frame ? frame->function : STR(""));
    key_or_null(json, "file", frame ? frame->file : STR(""));
    jsonw_key_u64(json, "line", frame ? frame->line : 0);
    jsonw_key_string(json, "kind", memory->kind);
    jsonw_key_u64(json, "samples", memory->samples);
    jsonw_key_f64(json, "error_bytes", memory->error_bytes);
    jsonw_key_u64(json, "held_bytes", memory->held_bytes);
    jsonw_key_u64(json, "total_bytes", memory->total_bytes);
    jsonw_key_u64(json, "early_bytes", memory->early_bytes);
    jsonw_key_f64(json, "growth_error_bytes", memory->growth_error_bytes);
    jsonw_end(json);
}

static void write_memory_sites(struct jsonw *json, const struct run_start *start)
{
    enum { SITES_MOST = 50 };
    struct arena arena = {0};
    jsonw_key_array(json, "memory_sites");
    for (size_t i = 0; start && i < start->memory.len && i < SITES_MOST; i++) {
        if (start->memory.items[i].peak_bytes)
            write_memory_site(json, &arena, start, &start->memory.items[i]);
    }
    jsonw_end(json);
    arena_release(&arena);
}

static void write_stretch(struct jsonw *json, struct arena *arena, const struct run_start *start,
                          const struct run_stretch *stretch)
{
    const struct run_frame *frame = &start->frames.items[stretch->frame];
    jsonw_object(json);
    jsonw_key_f64(json, "start_s", stretch->at_s);
    jsonw_key_f64(json, "wall_s", stretch->wall_s);
    jsonw_key_f64(json, "runnable_s", stretch->runnable_s);
    jsonw_key_string(json, "phase", str_of(run_phase_name(stretch->phase)));
    key_number_or_null(json, "call", stretch->invocation);
    jsonw_key_string(json, "function", frame->function);
    jsonw_key_f64(json, "function_s", stretch->frame_s);
    key_or_null(json, "file", frame->file);
    key_line(json, frame->line);
    jsonw_key_string(json, "state", str_of(run_wait_name(stretch->wait)));
    jsonw_key_string(json, "stack", rows_stack(arena, start, stretch->frame));
    jsonw_key_u64(json, "samples", stretch->samples);
    jsonw_end(json);
}

/* The longest first; null where no event loop ran for EVENT_STRETCH_NS without a poll. */
static void write_event_loop(struct jsonw *json, const struct run_start *start)
{
    struct arena arena = {0};
    jsonw_key(json, "event_loop");
    if (!start || !start->stretches.len) {
        jsonw_null(json);
        return;
    }
    double blocked_s = 0;
    for (size_t i = 0; i < start->stretches.len; i++)
        blocked_s += run_is_blocked(&start->stretches.items[i]) ? run_stretch_s(&start->stretches.items[i]) : 0;
    jsonw_object(json);
    jsonw_key_f64(json, "threshold_s", RUN_BLOCKED_S);
    jsonw_key_f64(json, "blocked_s", blocked_s);
    jsonw_key_array(json, "stretches");
    for (size_t i = 0; i < start->stretches.len; i++)
        write_stretch(json, &arena, start, &start->stretches.items[i]);
    jsonw_end(json);
    jsonw_end(json);
    arena_release(&arena);
}

static void write_waiting(struct jsonw *json, struct arena *arena, const struct run_start *start,
                          const struct waiting *row)
{
    jsonw_object(json);
    jsonw_key_string(json, "chain", row->chain);
    jsonw_key_string(json, "stack", rows_stack(arena, start, row->frame));
    key_or_null(json, "file", row->users ? row->users->file : STR(""));
    key_line(json, row->users ? row->users->line : 0);
    jsonw_key_f64(json, "wall_s", row->wall_s);
    jsonw_key_u64(json, "at_once", row->most);
    jsonw_key_u64(json, "samples", row->samples);
    jsonw_key_array(json, "tasks");
    struct intern names = {0};
    for (size_t i = 0; i < start->tasks.len; i++) {
        if (start->tasks.items[i].frame == row->frame)
            intern_id(arena, &names, start->tasks.items[i].name);
    }
    for (size_t i = 0; i < names.names.len; i++)
        jsonw_string(json, names.names.items[i]);
    jsonw_end(json);
    jsonw_end(json);
}

/* How long a task of that name ran, over all threads. */
static void write_running(struct jsonw *json, struct str name, double wall_s)
{
    jsonw_object(json);
    jsonw_key_string(json, "name", name);
    jsonw_key_f64(json, "wall_s", wall_s);
    jsonw_end(json);
}

/* Tasks that ran, by name, and the places where tasks waited. */
static void write_tasks(struct jsonw *json, const struct run_start *start)
{
    enum { PLACES_MOST = 100 };
    struct arena arena = {0};
    struct waiting_list none = {0}, waiting = start ? rows_waiting(&arena, start) : none;
    struct intern names = {0};
    array_of(double) walls = {0};
    for (size_t i = 0; start && i < start->stacks.len; i++) {
        const struct run_stack *stack = &start->stacks.items[i];
        uint32_t id = stack->task.len ? intern_id(&arena, &names, stack->task) : 0;
        if (stack->task.len && id == walls.len)
            *array_push(&arena, &walls) = 0;
        if (stack->task.len)
            walls.items[id] += stack->wall_s;
    }
    jsonw_key_object(json, "tasks");
    jsonw_key_array(json, "running");
    for (size_t i = 0; i < walls.len; i++)
        write_running(json, names.names.items[i], walls.items[i]);
    jsonw_end(json);
    jsonw_key_array(json, "waiting");
    for (size_t i = 0; i < waiting.len && i < PLACES_MOST; i++)
        write_waiting(json, &arena, start, &waiting.items[i]);
    jsonw_end(json);
    jsonw_end(json);
    arena_release(&arena);
}

/* Of the median start, at most so many readings, evenly taken. */
static void write_memory_over_time(struct jsonw *json, const struct run_start *start)
{
    enum { READINGS_MOST = 500 };
    size_t n = start ? start->samples.len : 0, step = n / READINGS_MOST + 1;
    jsonw_key_array(json, "memory_over_time");
    for (size_t i = 0; i < n; i += step) {
        const struct run_sample *sample = &start->samples.items[i];
        jsonw_object(json);
        jsonw_key_f64(json, "at_s", sample->at_s);
        jsonw_key_u64(json, "rss_bytes", sample->rss_bytes);
        key_number_or_null(json, "file_bytes", sample->file_bytes ? (double)sample->file_bytes : -1);
        bool followed = sample->python_bytes || sample->native_bytes;
        key_number_or_null(json, "python_bytes", followed ? (double)sample->python_bytes : -1);
        key_number_or_null(json, "native_bytes", followed ? (double)sample->native_bytes : -1);
        jsonw_end(json);
    }
    jsonw_end(json);
}

static void write_findings(struct jsonw *json, const struct findings *findings)
{
    jsonw_key_array(json, "findings");
    for (size_t i = 0; findings && i < findings->len; i++)
        finding_write_json(json, &findings->items[i]);
    jsonw_end(json);
}

static void write_starts(struct jsonw *json, const struct run *run)
{
    bool command = str_equals(run->target.kind, STR("command"));
    jsonw_key_array(json, "starts");
    for (size_t i = 0; i < run->starts.len; i++) {
        const struct run_start *start = &run->starts.items[i];
        jsonw_object(json);
        jsonw_key_string(json, "kind", start->snapshot ? STR("snapshot") : STR("cold"));
        jsonw_key_f64(json, "wall_s", start->wall_s);
        write_phase_list(json, start, command);
        jsonw_key_string(json, "outcome", str_of(run_outcome_name(start->outcome)));
        jsonw_key_array(json, "notes");
        for (size_t k = 0; k < start->notes.len; k++)
            jsonw_string(json, start->notes.items[k]);
        jsonw_end(json);
        jsonw_end(json);
    }
    jsonw_end(json);
}

static void write_invocations(struct jsonw *json, const struct run *run)
{
    jsonw_key_array(json, "invocations");
    for (size_t i = 0; i < run->starts.len; i++) {
        const struct run_start *start = &run->starts.items[i];
        for (size_t k = 0; k < start->invocations.len; k++) {
            jsonw_object(json);
            jsonw_key_u64(json, "start", start->number);
            jsonw_key_u64(json, "number", start->invocations.items[k].number);
            jsonw_key_f64(json, "wall_s", start->invocations.items[k].wall_s);
            jsonw_key_u64(json, "peak_bytes", start->invocations.items[k].peak_bytes);
            jsonw_key_u64(json, "end_bytes", start->invocations.items[k].end_bytes);
            jsonw_end(json);
        }
    }
    jsonw_end(json);
}

static void write_curves(struct jsonw *json, const struct run *run)
{
    struct arena arena = {0};
    jsonw_key_object(json, "curves");
    for (unsigned kind = 0; kind < RUN_CURVES; kind++) {
        struct run_size *sizes;
        size_t n = run_curve(&arena, run, kind, &sizes);
        jsonw_key_array(json, run_curve_name(kind));
        for (size_t i = 0; i < n; i++) {
            jsonw_object(json);
            jsonw_key_u64(json, "size", sizes[i].size);
            jsonw_key_u64(json, "n", sizes[i].n);
            jsonw_key_f64(json, "p50_s", sizes[i].p50_s);
            jsonw_key_f64(json, "mean_s", sizes[i].mean_s);
            jsonw_end(json);
        }
        jsonw_end(json);
    }
    jsonw_end(json);
    arena_release(&arena);
}

void run_report_json(struct jsonw *json, const struct run_report *report)
{
    jsonw_key_u64(json, "schema_version", 1);
    jsonw_key_object(json, "tool");
    jsonw_key_string(json, "name", STR("coldspot"));
    jsonw_key_string(json, "version", STR(COLDSPOT_VERSION));
    jsonw_end(json);
    write_run(json, report->run);
    write_target(json, &report->run->target);
    write_environment(json, &report->run->environment);
    write_summary(json, report);
    write_imports(json, report->summary->start);
    write_stages(json, report->summary);
    write_touched(json, report->summary->start);
    write_memory_sites(json, report->summary->start);
    write_memory_over_time(json, report->summary->start);
    write_event_loop(json, report->summary->start);
    write_tasks(json, report->summary->start);
    write_curves(json, report->run);
    write_findings(json, report->findings);
    budgets_json(json, report->budgets);
    write_starts(json, report->run);
    write_invocations(json, report->run);
}
