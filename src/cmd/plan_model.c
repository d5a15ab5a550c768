/* The function of a plan: how long starts and calls take, from a run of the store or as the options say. */
#include <math.h>

#include "base/stats.h"
#include "base/units.h"
#include "cmd/plan.h"
#include "store/store.h"

enum { CALLS_MOST = 1000000 };

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

int plan_set_run(struct cmd_call *call, const struct plan_args *args, struct plan_setup *setup, struct run *run,
                 struct err *err)
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
        setup->has_service = true;
    }
    if (samples.cold.len) {
        model->cold = dist_of_starts(samples.cold.items, samples.cold.len);
        setup->has_cold = true;
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

static void describe_model(struct arena *arena, const struct plan_args *args, struct plan_setup *setup)
{
    struct buf text = {0};
    const struct model *model = &setup->question.model;
    buf_add(&text, STR("cold "));
    if (setup->has_cold)
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

int plan_set_model(struct cmd_call *call, const struct plan_args *args, struct plan_setup *setup, struct err *err)
{
    struct model *model = &setup->question.model;
    int rc = parse_dist(call->arena, args->service, "--service", &model->service, &setup->has_service, err);
    if (!rc)
        rc = parse_dist(call->arena, args->cold_time, "--cold-time", &model->cold, &setup->has_cold, err);
    if (!rc)
        rc = parse_dist(call->arena, args->snapshot_time, "--snapshot-time", &model->snapshot_cold,
                        &model->has_snapshot, err);
    if (!rc)
        rc = plan_set_curves(call->arena, args, setup, err);
    if (rc)
        return rc;
    if (!setup->has_service && !args->batch_time && !traces_have_service(&setup->question.workload)) {
        err_set(err, ERR_USAGE, "plan needs to know how long a call takes");
        return err_hint(
            err, "--run ID, --service 'lognormal(0.5s,0.2s)', --service-expr FORMULA or --columns service=COLUMN");
    }
    describe_model(call->arena, args, setup);
    return 0;
}
