/* From options to a question: traffic, function, prices, settings, objectives. */
#include <math.h>
#include <string.h>

#include "base/stats.h"
#include "base/units.h"
#include "cmd/plan.h"
#include "present/plan_report.h"
#include "simulate/expr.h"
#include "simulate/fit.h"
#include "simulate/policy.h"
#include "store/store.h"

enum { ENOUGH_REQUESTS = 400000, CALLS_MOST = 1000000 };

void plan_note(struct arena *arena, struct plan_setup *setup, const char *format, ...)
{
    struct buf text = {0};
    va_list args;
    va_start(args, format);
    buf_addv(&text, format, args);
    va_end(args);
    *array_push(arena, &setup->notes) = arena_copy(arena, buf_str(&text));
    buf_release(&text);
}

/* --- traffic --- */

/* "8.5/s", "3/min", "100/h"; a bare number is a second's. */
static int parse_rate(const char *text, double *rate_out, struct err *err)
{
    static const struct {
        const char *unit;
        double seconds;
    } units[] = {{"s", 1},       {"sec", 1},  {"second", 1},  {"m", 60},    {"min", 60},
                 {"minute", 60}, {"h", 3600}, {"hour", 3600}, {"d", 86400}, {"day", 86400}};
    struct str rest = str_of(text), number;
    double rate;
    str_cut(&rest, '/', &number);
    double seconds = rest.ptr ? 0 : 1;
    for (size_t i = 0; rest.ptr && i < sizeof(units) / sizeof(units[0]); i++) {
        if (str_equals(str_trim(rest), str_of(units[i].unit)))
            seconds = units[i].seconds;
    }
    if (!str_to_f64(str_trim(number), &rate) || seconds == 0)
        return err_set(err, ERR_USAGE, "--rate takes requests a time, such as 8.5/s or 200/min, not '%s'", text);
    if (!(rate > 0) || rate > 1e9)
        return err_set(err, ERR_USAGE, "--rate must be above 0 and at most 1e9 a second, not %s", text);
    *rate_out = rate / seconds;
    return 0;
}

static int parse_span(const struct plan_args *args, struct generator *generator, struct err *err)
{
    if (args->span && (!units_parse_duration(str_of(args->span), &generator->span_s) || !(generator->span_s > 0) ||
                       generator->span_s > 366 * 86400.0))
        return err_set(err, ERR_USAGE, "--span takes a duration of at most a year, such as 1h, not '%s'", args->span);
    if (args->requests > 0 && generator->span_s > 0)
        return err_set(err, ERR_USAGE, "--requests and --span exclude each other");
    if (args->requests > 0)
        generator->requests = (uint64_t)args->requests;
    return 0;
}

/* "Poisson arrivals, 8.5/s", "Poisson arrivals, 20,000/day", "Poisson 5/s + daily 3/s arrivals". */
static struct str describe_generators(struct arena *arena, const struct plan_args *args,
                                      const struct workload *workload)
{
    struct buf text = {0};
    for (size_t i = 0; i < workload->n_parts; i++) {
        buf_addf(&text, "%s%s ", i ? " + " : "", generator_words(&workload->parts[i]));
        units_add_frequency(&text, workload->parts[i].rate);
    }
    if (workload->n_parts == 0)
        buf_addf(&text, "%s", generator_words(&workload->generator));
    buf_add(&text, STR(" arrivals"));
    if (!args->rate) {
        buf_add(&text, STR(", "));
        units_add_frequency_in(&text, args->per_day, "day");
    } else if (workload->n_parts == 0) {
        buf_add(&text, STR(", "));
        units_add_frequency(&text, workload->generator.rate);
    }
    struct str words = arena_copy(arena, buf_str(&text));
    buf_release(&text);
    return words;
}

/* What --arrivals says: one kind, or the parts of a mix. */
static int set_kind(struct arena *arena, const struct plan_args *args, struct workload *workload, struct err *err)
{
    struct generator *whole = &workload->generator;
    if (!args->arrivals) {
        if (args->cv >= 0 && args->cv != 1)
            whole->kind = GENERATE_GAMMA;
        return 0;
    }
    struct generator *parts = arena_array(arena, struct generator, GENERATORS_MOST);
    size_t n;
    int rc = generator_parse_mix(str_of(args->arrivals), whole, parts, &n, err);
    if (rc)
        return rc;
    if (n == 1) {
        *whole = parts[0];
    } else {
        workload->parts = parts;
        workload->n_parts = n;
    }
    return 0;
}

static int set_generator(struct cmd_call *call, const struct plan_args *args, struct plan_setup *setup, struct err *err)
{
    struct workload *workload = &setup->question.workload;
    workload->generator = (struct generator){.kind = GENERATE_POISSON, .cv = args->cv >= 0 ? args->cv : 1};
    int rc = args->rate ? parse_rate(args->rate, &workload->generator.rate, err) : 0;
    if (!args->rate)
        workload->generator.rate = args->per_day / 86400;
    if (!rc)
        rc = parse_span(args, &workload->generator, err);
    if (!rc)
        rc = set_kind(call->arena, args, workload, err);
    if (rc)
        return rc;
    struct generator generator = workload->generator;
    if (generator.requests == 0 && generator.span_s == 0) {
        double most = ENOUGH_REQUESTS / generator.rate;
        if (!args->rate && most > 86400)
            generator.span_s = 86400;
        else
            generator.requests = ENOUGH_REQUESTS;
    }
    workload->generator = generator;
    setup->source = describe_generators(call->arena, args, workload);
    struct arrivals *trial;
    return workload_open(call->arena, workload, &trial, err);
}

/* Logs whose cold requests are marked: their service times hold the start, which is taken out and becomes the start-up time. */
static int separate_starts(struct arena *arena, struct trace *trace, struct plan_setup *setup, bool *found_out,
                           struct err *err)
{
    struct trace_arrays arrays;
    *found_out = false;
    if (!trace_arrays(trace, &arrays) || !arrays.cold || !arrays.services)
        return 0;
    size_t n_cold = 0;
    for (size_t i = 0; i < arrays.n; i++)
        n_cold += arrays.cold[i];
    if (n_cold == 0 || n_cold == arrays.n)
        return 0;
    struct fit_log log = {"trace",           arrays.times,        arrays.services, arrays.cold,
                          arrays.containers, arrays.n_containers, arrays.n};
    struct fit_times times;
    int rc = fit_times(arena, &log, &times, err);
    if (rc)
        return rc;
    trace_set_services(trace, times.services);
    setup->question.model.cold = times.cold;
    setup->n_cold = times.cold.n;
    *found_out = true;
    return 0;
}

static void note_unordered(struct arena *arena, struct plan_setup *setup, size_t n, const char *path)
{
    plan_note(arena, setup, "%zu row%s of %s %s out of order and %s been sorted", n, n == 1 ? "" : "s", path,
              n == 1 ? "was" : "were", n == 1 ? "has" : "have");
}

static int set_traces(struct cmd_call *call, const struct plan_args *args, struct plan_setup *setup, bool *has_cold,
                      struct err *err)
{
    struct workload *workload = &setup->question.workload;
    struct trace_options options = {
        .columns = args->columns,
        .service_expr = args->service_expr,
        .only = args->only,
        .within_minute = args->within_minute,
        .no_service = args->service || args->batch_time || args->run,
    };
    struct buf source = {0};
    int rc = 0;
    for (size_t i = 0; !rc && i < args->traces.len; i++) {
        if (i == WORKLOAD_TRACES_MOST)
            return err_set(err, ERR_USAGE, "--trace: at most %d traces are mixed", WORKLOAD_TRACES_MOST);
        struct trace *trace;
        rc = trace_open(args->traces.items[i], &options, &trace, err);
        if (rc)
            break;
        workload->traces[workload->n_traces++] = trace;
        buf_add(&source, i ? STR(" and ") : STR(""));
        trace_describe(trace, &source);
        if (trace_unordered(trace))
            note_unordered(call->arena, setup, trace_unordered(trace), args->traces.items[i]);
        rc = args->service_expr ? 0 : separate_starts(call->arena, trace, setup, has_cold, err);
    }
    setup->source = arena_copy(call->arena, buf_str(&source));
    buf_release(&source);
    return rc;
}

static int set_traffic(struct cmd_call *call, const struct plan_args *args, struct plan_setup *setup, bool *has_cold,
                       struct err *err)
{
    int kinds = (args->traces.len > 0) + (args->rate != NULL) + (args->per_day > 0);
    if (kinds != 1) {
        err_set(err, ERR_USAGE,
                kinds ? "--trace, --rate and --per-day exclude each other"
                      : "plan needs the traffic that the function gets");
        return err_hint(err, "--trace FILE, --rate 8.5/s or --per-day 20000");
    }
    if (!args->traces.len && (args->columns || args->only || args->service_expr))
        return err_set(err, ERR_USAGE, "%s needs a trace: --trace FILE",
                       args->service_expr ? "--service-expr"
                       : args->columns    ? "--columns"
                                          : "--only");
    setup->question.workload.rate_scale = args->scale_rate;
    setup->question.workload.time_scale = args->scale_time;
    return args->traces.len ? set_traces(call, args, setup, has_cold, err) : set_generator(call, args, setup, err);
}

/* --- the function --- */

/* A handful of starts says little about their shape: a lognormal of their moments; one alone is a constant. */
static struct dist dist_of_starts(const double *values, size_t n)
{
    double mean = stats_mean(values, n), squares = 0;
    for (size_t i = 0; i < n; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    return dist_of_moments(DIST_LOGNORMAL, mean, n > 1 ? sqrt(squares / (double)(n - 1)) : 0);
}

struct samples {
    array_of(double) calls, cold, snapshot;
};

static void gather(struct arena *arena, const struct run *run, struct samples *samples)
{
    for (size_t i = 0; i < run->starts.len; i++) {
        const struct run_start *start = &run->starts.items[i];
        for (size_t k = 0; k < start->invocations.len; k++) {
            if (start->invocations.items[k].number > 0 && samples->calls.len < CALLS_MOST)
                *array_push(arena, &samples->calls) = start->invocations.items[k].wall_s;
        }
    }
    stats_sort(samples->calls.items, samples->calls.len);
    double warm = samples->calls.len ? stats_quantile(samples->calls.items, samples->calls.len, 0.5) : 0;
    for (size_t i = 0; i < run->starts.len; i++) {
        const struct run_start *start = &run->starts.items[i];
        if (!run_start_counts(start))
            continue;
        double takes = fmax(0, start->wall_s - warm);
        if (start->snapshot)
            *array_push(arena, &samples->snapshot) = takes;
        else
            *array_push(arena, &samples->cold) = takes;
    }
}

/* Today's settings are the app's. */
static void set_scaling(struct arena *arena, const struct run_target *target, struct settings *settings)
{
    if (target->scaledown_window_s > 0)
        settings->scaledown_window = dist_const(target->scaledown_window_s);
    for (size_t i = 0; i < RUN_SCALING_FIELDS; i++) {
        double value = *(const double *)((const char *)&target->scaling + run_scaling_fields[i].offset);
        if (value > 0) /* "batch" is no setting and is refused */
            settings_set_one(arena, settings, str_of(run_scaling_fields[i].key), arena_printf(arena, "%.9g", value),
                             NULL);
    }
}

static int set_run(struct cmd_call *call, const struct plan_args *args, struct plan_setup *setup, struct run *run,
                   bool *has_cold, bool *has_service, struct err *err)
{
    struct store *store;
    int rc = store_open(store_directory(call->arena, args->store).ptr, &store, err);
    if (rc)
        return rc;
    rc = store_load_run(store, call->arena, str_of(args->run), STORE_FIGURES, run, err);
    store_close(store);
    if (rc)
        return rc;
    struct samples samples = {0};
    struct model *model = &setup->question.model;
    gather(call->arena, run, &samples);
    setup->target = run->target.function;
    setup->is_method = str_equals(run->target.kind, STR("method"));
    if (samples.calls.len) {
        model->service = dist_empirical(samples.calls.items, samples.calls.len);
        *has_service = true;
    }
    if (samples.cold.len) {
        model->cold = dist_of_starts(samples.cold.items, samples.cold.len);
        *has_cold = true;
    }
    if (samples.snapshot.len) {
        model->snapshot_cold = dist_of_starts(samples.snapshot.items, samples.snapshot.len);
        model->has_snapshot = true;
    }
    set_scaling(call->arena, &run->target, &setup->question.baseline);
    setup->batch.n = run_curve(call->arena, run, RUN_CURVE_BATCH, &setup->batch.sizes);
    setup->together.n = run_curve(call->arena, run, RUN_CURVE_CONCURRENCY, &setup->together.sizes);
    if (setup->batch.n == 0 && run->target.scaling.batch > 1 && samples.calls.len) {
        setup->batch.sizes[0] = (struct run_size){(uint32_t)run->target.scaling.batch, samples.calls.len,
                                                  stats_mean(samples.calls.items, samples.calls.len),
                                                  stats_quantile(samples.calls.items, samples.calls.len, 0.5)};
        setup->batch.n = 1;
    }
    setup->question.baseline.snapshot = run->target.memory_snapshot && model->has_snapshot;
    setup->n_cold = samples.cold.len;
    setup->n_snapshot = samples.snapshot.len;
    setup->n_calls = samples.calls.len;
    return 0;
}

static int parse_dist(struct arena *arena, const char *text, const char *what, struct dist *out, bool *given,
                      struct err *err)
{
    if (!text)
        return 0;
    *given = true;
    return dist_parse(arena, str_of(text), what, out, err);
}

static bool traces_have_service(const struct workload *workload)
{
    for (size_t i = 0; i < workload->n_traces; i++) {
        if (!trace_has_service(workload->traces[i]))
            return false;
    }
    return workload->n_traces > 0;
}

/* As people say it: "lognormal(4.10 s, 400 ms)", "83 ms (20 values)", "5.00 s". */
static void add_words(const struct dist *dist, struct buf *out)
{
    struct buf text = {0};
    dist_print(dist, &text);
    ptrdiff_t open = str_find(buf_str(&text), STR("("));
    bool is_plain = dist_is_const(dist) || dist->kind == DIST_EMPIRICAL;
    if (!is_plain) {
        buf_add(out, str_slice(buf_str(&text), 0, (size_t)open + 1));
        units_add_duration(out, dist->kind == DIST_UNIFORM ? dist->a : dist->mean);
        if (dist->kind != DIST_EXP) {
            buf_add(out, STR(", "));
            units_add_duration(out, dist->kind == DIST_UNIFORM ? dist->b : dist->sd);
        }
        buf_add_char(out, ')');
    } else {
        units_add_duration(out, dist->mean);
    }
    buf_release(&text);
}

static void add_source(size_t n, const char *what, struct buf *out)
{
    if (n)
        buf_addf(out, " from %zu %s%s", n, what, n == 1 ? "" : "s");
}

/* "24 ms with 1 input, 52 ms with 8". */
static void add_sizes(const struct plan_curve *curve, struct buf *out)
{
    const struct run_size *ends[] = {&curve->sizes[0], &curve->sizes[curve->n - 1]};
    for (size_t i = 0; i < (curve->n > 1 ? 2 : 1); i++) {
        buf_add(out, i ? STR(", ") : STR(""));
        units_add_duration(out, ends[i]->p50_s);
        buf_addf(out, " with %u%s", ends[i]->size, i ? "" : ends[i]->size == 1 ? " input" : " inputs");
    }
    if (curve->n > 2)
        buf_addf(out, " (%zu sizes measured)", curve->n);
}

static void describe_model(struct arena *arena, const struct plan_args *args, struct plan_setup *setup, bool has_cold)
{
    struct buf text = {0};
    const struct model *model = &setup->question.model;
    buf_add(&text, STR("cold "));
    if (has_cold)
        add_words(&model->cold, &text);
    else
        buf_add(&text, STR("not given"));
    add_source(args->cold_time ? 0 : setup->n_cold, "start", &text);
    if (model->has_snapshot) {
        buf_add(&text, STR(", snapshot "));
        add_words(&model->snapshot_cold, &text);
        add_source(args->snapshot_time ? 0 : setup->n_snapshot, "start", &text);
    }
    buf_add(&text, STR(", service "));
    if (args->batch_time)
        buf_addf(&text, "%s a batch of b", args->batch_time);
    else if (model->batch_s)
        add_sizes(&setup->batch, &text);
    else if (traces_have_service(&setup->question.workload))
        buf_add(&text, STR("from the trace"));
    else
        add_words(&model->service, &text);
    if (!args->service && !args->batch_time && !model->batch_s)
        add_source(setup->n_calls, "call", &text);
    if (args->run)
        buf_addf(&text, " (run %s)", args->run);
    setup->model = arena_copy(arena, buf_str(&text));
    buf_release(&text);
}

static int set_model(struct cmd_call *call, const struct plan_args *args, struct plan_setup *setup, bool has_cold,
                     bool has_service, struct err *err)
{
    struct model *model = &setup->question.model;
    int rc = parse_dist(call->arena, args->service, "--service", &model->service, &has_service, err);
    if (!rc)
        rc = parse_dist(call->arena, args->cold_time, "--cold-time", &model->cold, &has_cold, err);
    if (!rc)
        rc = parse_dist(call->arena, args->snapshot_time, "--snapshot-time", &model->snapshot_cold,
                        &model->has_snapshot, err);
    if (!rc)
        rc = plan_set_curves(call->arena, args, setup, err);
    if (rc)
        return rc;
    if (!has_service && !args->batch_time && !traces_have_service(&setup->question.workload)) {
        err_set(err, ERR_USAGE, "plan needs to know how long a call takes");
        return err_hint(
            err, "--run ID, --service 'lognormal(0.5s,0.2s)', --service-expr FORMULA or --columns service=COLUMN");
    }
    setup->has_cold = has_cold;
    describe_model(call->arena, args, setup, has_cold);
    return 0;
}

/* --- settings and objectives --- */

static int set_policy(const struct plan_args *args, struct settings *baseline, struct err *err)
{
    if (!args->policy)
        return 0;
    const struct policy *policy = policy_find(str_of(args->policy));
    if (policy) {
        *baseline = policy_settings(policy);
        return 0;
    }
    struct buf known = {0};
    for (size_t i = 0; (policy = policy_at(i)); i++)
        buf_addf(&known, "%s%s", i ? ", " : "", policy->name);
    err_set(err, ERR_USAGE, "there is no policy '%s'", args->policy);
    int rc = err_hint(err, "there are: %s", buf_cstr(&known));
    buf_release(&known);
    return rc;
}

enum { SEARCHED_MOST = 5000000 };

/* What is searched when nothing is said: what changes cost and waiting on every app, whatever it does inside. */
static const char *const usual_axes[] = {"min_containers=0,1,2,3,4,6,8",
                                         "scaledown_window=30s,60s,120s,300s,600s,1200s", "buffer_containers=0..2"};

/* The arrivals are few enough to be simulated dozens of times. */
static bool is_searchable(const struct workload *workload)
{
    const struct generator *generator = &workload->generator;
    double requests = generator->requests ? (double)generator->requests : generator->rate * generator->span_s;
    for (size_t i = 0; i < workload->n_traces; i++)
        requests = trace_is_streamed(workload->traces[i]) ? HUGE_VAL : requests;
    return requests <= SEARCHED_MOST;
}

static int set_axes(struct arena *arena, const struct plan_args *args, struct plan_question *question, struct err *err)
{
    const char *const *texts = args->searches.items;
    size_t n = args->searches.len;
    enum scaling scaling = question->baseline.policy->scaling;
    if (args->no_search)
        return 0;
    if (n == 0 && scaling != SCALE_BOUND && is_searchable(&question->workload)) {
        texts = usual_axes;
        n = scaling == SCALE_ON_DEMAND && !question->baseline.bind_starts ? 3 : 1;
    }
    if (n == 0)
        return 0;
    if (n > SEARCH_AXES_MOST)
        return err_set(err, ERR_USAGE, "--search: at most %d settings can be searched", SEARCH_AXES_MOST);
    struct settings_axis *axes = arena_array(arena, struct settings_axis, n);
    for (size_t i = 0; i < n; i++) {
        int rc = settings_parse_axis(arena, str_of(texts[i]), &axes[i], err);
        if (rc)
            return rc;
    }
    question->axes = axes;
    question->n_axes = n;
    uint64_t points;
    return search_grid(axes, n, &points, err);
}

static int set_objective(const struct plan_args *args, struct objective *objective, struct err *err)
{
    for (size_t i = 0; i < args->slos.len; i++) {
        int rc = slo_parse(str_of(args->slos.items[i]), objective, err);
        if (rc)
            return rc;
    }
    objective->minimize = metric_find(str_of(args->minimize ? args->minimize : "cost"));
    if (objective->minimize)
        return 0;
    err_set(err, ERR_USAGE, "--minimize: there is no '%s'", args->minimize);
    return err_hint(err, "cost, cost_per_month, mean, p50, p95, p99, p999, cold, waited, ...");
}

static int set_shard(const struct plan_args *args, struct plan_question *question, struct err *err)
{
    if (!args->shard)
        return 0;
    struct str all = str_of(args->shard), part;
    uint64_t k, n;
    str_cut(&all, '/', &part);
    if (!all.ptr || !str_to_u64(part, &k) || !str_to_u64(all, &n) || k < 1 || k > n || n > 1000000)
        return err_set(err, ERR_USAGE, "--shard takes K/N with 1 <= K <= N, such as 3/16, not '%s'", args->shard);
    if (question->n_axes == 0)
        return err_set(err, ERR_USAGE, "--shard needs something to search: --search KEY=VALUES");
    question->shard = (uint32_t)k;
    question->shards = (uint32_t)n;
    return 0;
}

static int set_settings(struct arena *arena, const struct plan_args *args, struct plan_question *question,
                        struct err *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < args->sets.len; i++)
        rc = settings_set(arena, &question->baseline, str_of(args->sets.items[i]), err);
    if (!rc)
        rc = set_axes(arena, args, question, err);
    if (!rc)
        rc = set_objective(args, &question->objective, err);
    if (!rc)
        rc = set_shard(args, question, err);
    if (!rc)
        rc = settings_check(&question->baseline, err);
    question->exhaustive = args->exhaustive || args->shard || args->merges.len;
    question->replications = args->replications;
    question->seed = (uint64_t)args->seed;
    return rc;
}

/* --- hardware --- */

static int find_speed(const struct plan_args *args, const char *gpu, const char *measured_on, double *speed_out,
                      struct err *err)
{
    *speed_out = 1;
    if (gpu == measured_on || (gpu && measured_on && strcmp(gpu, measured_on) == 0))
        return 0;
    const char *name = gpu ? gpu : "none";
    for (size_t i = 0; i < args->gpu_speeds.len; i++) {
        struct str value = str_of(args->gpu_speeds.items[i]), key;
        str_cut(&value, '=', &key);
        if (!value.ptr || !str_to_f64(value, speed_out) || !(*speed_out > 0))
            return err_set(err, ERR_USAGE, "--gpu-speed takes GPU=FACTOR, such as H100=2.5, not '%s'",
                           args->gpu_speeds.items[i]);
        if (str_equals(key, str_of(name)))
            return 0;
    }
    err_set(err, ERR_USAGE, "how fast the function is on %s is not known", name);
    return err_hint(err, "measure it there, or give a factor: --gpu-speed %s=2.5", name);
}

struct gpus {
    const char *items[64];
    size_t n;
};

static void add_gpu(struct gpus *gpus, const char *gpu)
{
    for (size_t i = 0; i < gpus->n; i++) {
        if (gpus->items[i] == gpu || (gpu && gpus->items[i] && strcmp(gpus->items[i], gpu) == 0))
            return;
    }
    if (gpus->n < 64)
        gpus->items[gpus->n++] = gpu;
}

static void list_gpus(struct arena *arena, const struct plan_question *question, struct gpus *gpus)
{
    add_gpu(gpus, question->baseline.gpu);
    for (size_t i = 0; i < question->n_axes; i++) {
        for (size_t k = 0; str_equals(question->axes[i].key, STR("gpu")) && k < question->axes[i].n; k++) {
            struct str value = question->axes[i].values[k];
            add_gpu(gpus, str_equals(value, STR("none")) ? NULL : arena_cstr(arena, value));
        }
    }
}

static int set_hardware(struct cmd_call *call, const struct plan_args *args, const struct run_target *target,
                        struct plan_setup *setup, struct err *err)
{
    struct catalogue catalogue;
    struct gpus gpus = {0};
    int rc = cmd_load_prices(call->arena, &args->money, &catalogue, err);
    if (rc)
        return rc;
    list_gpus(call->arena, &setup->question, &gpus);
    struct hardware *hardware = arena_array(call->arena, struct hardware, gpus.n);
    for (size_t i = 0; i < gpus.n; i++) {
        struct run_target asked = *target;
        struct price_rate rate;
        asked.gpu = str_of(gpus.items[i]);
        asked.gpu_count = i == 0 ? target->gpu_count : 0;
        struct price_settings settings = cmd_price_settings(&asked, &args->money);
        rc = price_rate(call->arena, &catalogue, &settings, NULL, &rate, err);
        if (!rc)
            rc = find_speed(args, gpus.items[i], setup->question.baseline.gpu, &hardware[i].speed, err);
        if (rc)
            return rc;
        hardware[i] = (struct hardware){gpus.items[i],       rate.usd_per_s,   rate.usd_per_request,
                                        rate.startup_billed, rate.idle_billed, hardware[i].speed};
        if (i == 0)
            setup->basis = rate.basis;
    }
    setup->question.hardware = hardware;
    setup->question.n_hardware = gpus.n;
    return 0;
}

static void ask_for(const struct plan_args *args, struct run_target *target)
{
    if (args->gpu) {
        target->gpu = str_of(args->gpu);
        target->gpu_count = 0;
    }
    if (args->cpu > 0)
        target->cpu = args->cpu;
    if (args->memory_mib > 0)
        target->memory_bytes = args->memory_mib * 1048576;
    if (args->policy && strcmp(args->policy, "aws-lambda") == 0 && !target->provider.len)
        target->provider = STR("aws-lambda");
}

int plan_setup(struct cmd_call *call, const struct plan_args *args, struct plan_setup *setup_out, struct err *err)
{
    struct plan_setup setup = {.question = {.baseline = settings_default()}};
    struct run run = {.target = {.cpu = -1, .cpu_limit = -1, .memory_bytes = -1, .memory_limit_bytes = -1}};
    bool has_cold = false, has_service = false;
    int rc = set_policy(args, &setup.question.baseline, err);
    if (!rc)
        rc = set_traffic(call, args, &setup, &has_cold, err);
    if (!rc && args->run)
        rc = set_run(call, args, &setup, &run, &has_cold, &has_service, err);
    ask_for(args, &run.target);
    if (!rc && run.target.gpu.len)
        setup.question.baseline.gpu = arena_cstr(call->arena, run.target.gpu);
    if (!rc)
        rc = set_settings(call->arena, args, &setup.question, err);
    if (!rc)
        rc = set_model(call, args, &setup, has_cold, has_service, err);
    if (!rc)
        rc = set_hardware(call, args, &run.target, &setup, err);
    if (rc)
        plan_release(&setup);
    else
        *setup_out = setup;
    return rc;
}

void plan_release(struct plan_setup *setup)
{
    for (size_t i = 0; i < setup->question.workload.n_traces; i++)
        trace_close(setup->question.workload.traces[i]);
    setup->question.workload.n_traces = 0;
}

struct plan_report *plan_report_of(struct arena *arena, const struct plan_setup *setup, const struct plan *plan)
{
    struct plan_report *report = arena_new(arena, struct plan_report);
    *report = (struct plan_report){
        .arena = arena,
        .question = &setup->question,
        .plan = plan,
        .source = setup->source,
        .model = setup->model,
        .basis = setup->basis,
        .target = setup->target,
        .is_method = setup->is_method,
        .notes = setup->notes.items,
        .n_notes = setup->notes.len,
    };
    return report;
}
