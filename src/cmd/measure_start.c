/* One start: the private directory, the request, the sandbox; then what the recordings and the harness say. */
#include "cmd/measure_start.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/units.h"
#include "record/activity.h"
#include "store/ingest.h"

enum { RSS_HZ = 20 };
#define RECORDING_BYTES (1ull << 30)

extern char **environ;

struct str measure_shown(const struct measure *m, struct str path)
{
    return path_below(path, m->cwd);
}

/* What is under way, for the callback while the sandbox waits. */
struct watch {
    struct measure *m;
    const struct rundir_start *start;
    uint32_t index;
    double limit_s; /* --max-time's end for this start, in seconds since it was asked for; 0: none */
    bool out_of_time;
};

/* The oldest recording is the function's own process, as far as progress cares. */
static bool current_activity(struct arena *arena, const struct rundir_start *start, struct activity *activity_out)
{
    struct rundir_recordings recordings = {0};
    if (rundir_recordings(arena, start, &recordings, NULL) != 0 || !recordings.paths.len)
        return false;
    return activity_read(arena, recordings.paths.items[0], activity_out);
}

static void show_progress(const struct watch *watch)
{
    struct measure *m = watch->m;
    if (!progress_due(&m->progress))
        return;
    struct arena arena = {0};
    struct buf line = {0};
    struct activity activity;
    buf_addf(&line, "%s %u of %u", m->command ? "run" : "cold start", watch->index + 1, m->options->cold);
    const struct run_start *median = run_median_start(m->run, false);
    if (median) {
        buf_add(&line, STR(" · median so far "));
        units_add_duration(&line, median->wall_s);
    }
    if (current_activity(&arena, watch->start, &activity)) {
        buf_add(&line, STR(" · "));
        activity_add(&line, &activity);
    }
    progress_show(&m->progress, buf_str(&line));
    buf_release(&line);
    arena_release(&arena);
}

static int on_tick(void *ctx, uint64_t elapsed_ns)
{
    struct watch *watch = ctx;
    if (measure_interrupted())
        return 1;
    watch->out_of_time = watch->limit_s > 0 && (double)elapsed_ns * 1e-9 > watch->limit_s;
    if (watch->out_of_time)
        return 1;
    show_progress(watch);
    return 0;
}

static struct str write_request(const struct measure *m, const struct rundir_start *start, uint32_t calls,
                                const struct harness_curve *curve)
{
    struct harness_request request = {
        .target = &m->target,
        .result = start->result,
        .input = m->input,
        .inputs = m->inputs,
        .input_from = m->options->input_from,
        .web = m->options->request,
        .web_body = m->body,
        .web_headers = m->headers.items,
        .web_header_count = m->headers.len,
        .batch = m->batch,
        .curve = curve,
        .params = m->params,
        .calls = calls,
        .remote_is_error = strcmp(m->options->remote, "error") == 0,
        .import_modal = m->import_modal,
    };
    return harness_write_request(m->arena, &request);
}

/* The time-out of this start: --timeout, else the function's own as the first start told it, else five minutes. */
static double timeout_s(const struct measure *m)
{
    if (m->options->timeout_s > 0)
        return m->options->timeout_s;
    if (m->command)
        return 0;
    return m->run->target.timeout_s > 0 ? m->run->target.timeout_s : 300;
}

static double sizes_of(const struct harness_curve *curve)
{
    return (double)(curve->batch.len + curve->concurrency.len);
}

static int run_sandbox(struct measure *m, const struct rundir_start *start, uint32_t calls,
                       const struct harness_curve *curve, struct watch *watch, struct sandbox_result *result_out,
                       struct err *err)
{
    double limit_bytes = m->run->target.memory_limit_bytes;
    struct sandbox_spec spec = {
        .argv = m->command ? m->command : harness_argv(m->arena, &m->python, m->package_dir.ptr),
        .env = env_build(m->arena, environ, &m->env, start->agent),
        .input = m->stdin_bytes,
        .request = m->command ? (struct str){0} : write_request(m, start, calls, curve),
        .output = m->quiet ? SANDBOX_OUTPUT_HIDDEN : SANDBOX_OUTPUT_STDERR,
        .mounts = m->mounts.mounts.len ? &m->mounts : NULL,
        .memory_limit_bytes = limit_bytes > 0 ? (uint64_t)limit_bytes : 0,
        .timeout_ns = (uint64_t)(timeout_s(m) * 1e9 * (curve ? sizes_of(curve) : 1)),
        .clock = m->call->clock,
        .tick = on_tick,
        .tick_ctx = watch,
        .keeper = &m->rundir.keeper,
    };
    return m->backend->run(m->arena, &spec, result_out, err);
}

static enum run_outcome outcome_of(const struct sandbox_result *sandbox, const struct harness_result *harness,
                                   const struct watch *watch)
{
    if (sandbox->end == SANDBOX_STOPPED)
        return watch->out_of_time ? RUN_TIMEOUT : RUN_INTERRUPTED;
    if (sandbox->end == SANDBOX_TIMED_OUT)
        return RUN_TIMEOUT;
    if (sandbox->oom_killed)
        return RUN_OOM;
    if (sandbox->end == SANDBOX_SIGNALLED)
        return RUN_KILLED;
    if (watch->m->command)
        return sandbox->exit_code ? RUN_FAILED : RUN_OK;
    if (harness->error)
        return str_equals(json_get_str(harness->error, "kind", STR("")), STR("exited")) ? RUN_EXITED : RUN_FAILED;
    return harness->done ? RUN_OK : RUN_EXITED;
}

static void ingest(struct measure *m, const struct rundir_start *start, const struct sandbox_result *sandbox,
                   struct run_start *out)
{
    struct rundir_recordings recordings = {0};
    rundir_recordings(m->arena, start, &recordings, NULL);
    struct ingest_input input = {
        .paths = recordings.paths.items,
        .n_paths = recordings.paths.len,
        .asked_ns = sandbox->asked_ns,
        .ended_ns = sandbox->ended_ns,
        .root = str_of(m->target.app_dir),
        .cwd = m->cwd,
        .private_dir = str_of(m->rundir.path),
        .app_module = str_of(m->target.module),
        .command = m->command != NULL,
    };
    ingest_start(m->arena, &input, out);
    double cpu_s = (double)(sandbox->user_ns + sandbox->system_ns) * 1e-9;
    if (cpu_s >= out->cpu_s || out->span_s == 0) {
        out->cpu_s = cpu_s;
        out->span_s = (double)(sandbox->ended_ns - sandbox->asked_ns) * 1e-9;
        double mean = out->span_s > 0 ? out->cpu_s / out->span_s : 0;
        out->cpu_peak_cores = out->cpu_peak_cores > mean ? out->cpu_peak_cores : mean;
    }
    if (sandbox->max_rss_bytes > out->peak_bytes)
        out->peak_bytes = sandbox->max_rss_bytes;
}

/* Without a recording (no agent in it, a full disk) the harness still timed the calls. */
static void add_calls(struct measure *m, const struct harness_result *harness, struct run_start *start)
{
    for (size_t i = 0; start->invocations.len < harness->call_wall_ns.len && i < harness->call_wall_ns.len; i++)
        *array_push(m->arena, &start->invocations) = (struct run_invocation){
            (uint32_t)i, (double)harness->call_wall_ns.items[i] * 1e-9, 0};
}

/* ---- what the app asks for ---- */

/* "cpu": 2.0 or [request, limit]; -1 where it is absent. */
static void read_pair(const json_t *settings, const char *key, double scale, double *request_out, double *limit_out)
{
    const json_t *value = json_object_get(settings, key);
    const json_t *request = json_is_array(value) ? json_array_get(value, 0) : value;
    const json_t *limit = json_is_array(value) ? json_array_get(value, 1) : NULL;
    *request_out = json_is_number(request) ? json_number_value(request) * scale : -1;
    *limit_out = json_is_number(limit) ? json_number_value(limit) * scale : -1;
}

static struct str gpu_text(struct measure *m, const json_t *settings)
{
    const json_t *gpu = json_object_get(settings, "gpu");
    if (json_is_array(gpu))
        gpu = json_array_get(gpu, 0);
    return json_is_string(gpu) ? arena_copy(m->arena, str_of(json_string_value(gpu))) : STR("");
}

/* "H100:8" are eight. */
static uint32_t gpu_count(struct str gpu)
{
    ptrdiff_t colon = str_find_last(gpu, ':');
    uint64_t count;
    if (colon >= 0 && str_to_u64(str_slice(gpu, (size_t)colon + 1, gpu.len), &count) && count <= 64)
        return (uint32_t)count;
    return gpu.len > 0;
}

/* "regions" with commas between them. */
static struct str region_text(struct measure *m, const json_t *settings)
{
    const json_t *regions = json_object_get(settings, "regions");
    struct buf text = {0};
    for (size_t i = 0; i < json_array_size(regions); i++) {
        const char *name = json_string_value(json_array_get(regions, i));
        buf_addf(&text, "%s%s", text.len ? "," : "", name ? name : "");
    }
    struct str copy = arena_copy(m->arena, buf_str(&text));
    buf_release(&text);
    return copy;
}

static void read_settings(struct measure *m, const json_t *target)
{
    struct run_target *out = &m->run->target;
    const json_t *settings = json_object_get(target, "settings");
    out->function = arena_copy(m->arena, json_get_str(target, "name", out->function));
    out->kind = arena_copy(m->arena, json_get_str(target, "kind", STR("plain")));
    out->provider = arena_copy(m->arena, json_get_str(target, "provider", STR("none")));
    out->gpu = gpu_text(m, settings);
    read_pair(settings, "cpu", 1, &out->cpu, &out->cpu_limit);
    read_pair(settings, "memory", 1048576.0, &out->memory_bytes, &out->memory_limit_bytes);
    out->timeout_s = json_get_f64(settings, "timeout", -1);
    out->region = region_text(m, settings);
    out->nonpreemptible = json_get_bool(settings, "nonpreemptible", false);
    out->memory_snapshot = json_get_bool(settings, "enable_memory_snapshot", false);
    out->scaledown_window_s = json_get_f64(settings, "scaledown_window", -1);
    for (size_t i = 0; i < RUN_SCALING_FIELDS; i++)
        *(double *)((char *)&out->scaling + run_scaling_fields[i].offset) = json_get_f64(settings,
                                                                                         run_scaling_fields[i].key, 0);
    if (out->scaling.max_batch_size > 1)
        out->scaling.batch = m->batch ? m->batch : out->scaling.max_batch_size;
    m->measured->calls_is_local = json_get_bool(target, "calls_is_local", false);
}

/* The options that price with other settings than the app's. */
static void apply_overrides(struct measure *m)
{
    struct run_target *target = &m->run->target;
    if (m->options->gpu)
        target->gpu = str_of(m->options->gpu);
    if (m->options->cpu > 0)
        target->cpu = m->options->cpu;
    if (m->options->memory_mib > 0)
        target->memory_bytes = m->options->memory_mib * 1048576.0;
    target->gpu_count = gpu_count(target->gpu);
}

/* ---- how it ended ---- */

static int time_out_error(struct measure *m, const struct watch *watch, const struct run_start *start, struct err *err)
{
    struct buf limit = {0}, doing = {0};
    units_add_duration(&limit, watch->out_of_time ? m->options->max_time_s : timeout_s(m));
    struct activity activity;
    if (current_activity(m->arena, watch->start, &activity)) {
        buf_add(&doing, STR(", in "));
        activity_add(&doing, &activity);
        if (activity.file.len)
            buf_addf(&doing, " (%.*s:%u)", STR_ARG(measure_shown(m, activity.file)), activity.line);
    }
    err_set(err, ERR_FUNCTION, "%.*s did not end within %s%s", STR_ARG(m->run->target.function), buf_cstr(&limit),
            buf_cstr(&doing));
    err_hint(err, watch->out_of_time ? "give it longer with --max-time 10m" : "give it longer with --timeout 10m");
    buf_release(&limit);
    buf_release(&doing);
    return -(int)ERR_FUNCTION;
}

static int ended_error(struct measure *m, const struct sandbox_result *sandbox, const struct run_start *start,
                       struct err *err)
{
    struct str name = m->run->target.function;
    if (start->outcome == RUN_OOM) {
        err_set(err, ERR_FUNCTION, "%.*s was killed for want of memory (limit %.0f MiB)", STR_ARG(name),
                m->run->target.memory_limit_bytes / 1048576.0);
        return err_hint(err, "raise the limit in the app, or find what holds it: coldspot run keeps what was measured");
    }
    if (start->outcome == RUN_KILLED) {
        err_set(err, ERR_FUNCTION, "%.*s was ended by signal %d (%s)", STR_ARG(name), sandbox->signal,
                strsignal(sandbox->signal));
        if (sandbox->signal == SIGKILL)
            err_hint(err, "nobody here sent it: most often that is the kernel's answer to too little memory");
        return -(int)ERR_FUNCTION;
    }
    if (m->command)
        return err_set(err, ERR_FUNCTION, "%.*s ended with exit code %d", STR_ARG(name), sandbox->exit_code);
    return err_set(err, ERR_FUNCTION, "%.*s ended its process (exit code %d) before it had returned", STR_ARG(name),
                   sandbox->exit_code);
}

static int judge_end(struct measure *m, const struct sandbox_result *sandbox, const struct harness_result *harness,
                     const struct watch *watch, const struct run_start *start, struct err *err)
{
    progress_clear(&m->progress);
    switch (start->outcome) {
    case RUN_OK:
        return 0;
    case RUN_INTERRUPTED:
        return err_set(err, ERR_INTERRUPTED, "interrupted; %zu starts were measured", m->run->starts.len);
    case RUN_TIMEOUT:
        if (watch->out_of_time && m->run->starts.len > 0)
            return 0; /* --max-time came in the middle of a later start: what there is stands */
        return time_out_error(m, watch, start, err);
    default:
        if (harness->error)
            return harness_error(harness->error, &m->target, &m->python, err);
        return ended_error(m, sandbox, start, err);
    }
}

static double time_left_s(const struct measure *m)
{
    double used = (double)(clock_monotonic_ns(m->call->clock) - m->began_ns) * 1e-9;
    double left = m->options->max_time_s - used;
    return left > 0.001 ? left : 0.001;
}

/* A function that failed is a measurement as well; what was cut short is one when its first call returned. */
static bool is_kept(const struct measure *m, const struct run_start *start, const struct watch *watch)
{
    if (start->outcome == RUN_INTERRUPTED || (watch->out_of_time && m->run->starts.len > 0))
        return start->invocations.len > 0 && start->outcome != RUN_INTERRUPTED;
    return start->wall_s > 0;
}

int measure_start(struct measure *m, uint32_t index, uint32_t calls, struct run_start *start_out, bool *kept_out,
                  struct err *err)
{
    struct rundir_agent agent = {.library = m->library.ptr,
                                 .observe = m->options->observe,
                                 .rss_hz = RSS_HZ,
                                 .sample_hz = m->options->sample_hz,
                                 .max_bytes = RECORDING_BYTES,
                                 .root = m->target.app_dir,
                                 .redact_paths = m->options->redact_paths};
    struct rundir_start dir;
    int rc = rundir_add_start(m->arena, &m->rundir, index, &agent, &dir, err);
    if (rc)
        return rc;
    struct watch watch = {m, &dir, index, time_left_s(m), false};
    struct sandbox_result sandbox = {0};
    struct harness_result harness = {0};
    rc = run_sandbox(m, &dir, calls, NULL, &watch, &sandbox, err);
    if (!rc && !m->command)
        rc = harness_read_result(m->arena, dir.result, &harness, err);
    if (rc)
        goto out;
    ingest(m, &dir, &sandbox, start_out);
    start_out->number = index;
    start_out->outcome = outcome_of(&sandbox, &harness, &watch);
    start_out->exit_code = sandbox.end == SANDBOX_EXITED ? sandbox.exit_code : 0;
    if (m->command || !start_out->complete)
        start_out->complete = m->command ? sandbox.end == SANDBOX_EXITED : harness.call_wall_ns.len > 0;
    start_out->signal = sandbox.end == SANDBOX_SIGNALLED ? sandbox.signal : 0;
    add_calls(m, &harness, start_out);
    if (harness.target)
        read_settings(m, harness.target);
    apply_overrides(m);
    rc = judge_end(m, &sandbox, &harness, &watch, start_out, err);
    bool users_own = rc == 0 || rc == -(int)ERR_FUNCTION || rc == -(int)ERR_INTERRUPTED;
    *kept_out = users_own && is_kept(m, start_out, &watch);
out:
    harness_result_release(&harness);
    rundir_remove_start(&dir);
    return rc;
}

static void take_points(struct measure *m, const struct harness_result *harness)
{
    for (size_t i = 0; i < harness->points.len; i++) {
        const struct harness_point *point = &harness->points.items[i];
        *array_push(m->arena, &m->run->points) = (struct run_point){
            point->is_batch ? RUN_CURVE_BATCH : RUN_CURVE_CONCURRENCY, point->size, (double)point->wall_ns * 1e-9};
    }
}

int measure_curve(struct measure *m, uint32_t index, struct err *err)
{
    if (sizes_of(&m->curve) == 0)
        return 0;
    struct rundir_agent agent = {0}; /* nothing watches: only the times of the calls are asked for */
    struct rundir_start dir;
    int rc = rundir_add_start(m->arena, &m->rundir, index, &agent, &dir, err);
    if (rc)
        return rc;
    struct watch watch = {m, &dir, index, time_left_s(m), false};
    struct sandbox_result sandbox = {0};
    struct harness_result harness = {0};
    rc = run_sandbox(m, &dir, 1, &m->curve, &watch, &sandbox, err);
    if (!rc)
        rc = harness_read_result(m->arena, dir.result, &harness, err);
    if (!rc) {
        struct run_start ended = {.outcome = outcome_of(&sandbox, &harness, &watch)};
        take_points(m, &harness);
        rc = judge_end(m, &sandbox, &harness, &watch, &ended, err);
        if (ended.outcome == RUN_TIMEOUT && !rc)
            *array_push(m->arena, &m->measured->warnings) = STR(
                "--max-time came before all sizes of --batch and --concurrency were measured");
    }
    harness_result_release(&harness);
    rundir_remove_start(&dir);
    return rc;
}
