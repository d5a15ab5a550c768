/* Replications share random numbers: the same seed gives the same arrivals, calls and starts whatever the settings, so that
 * differences between settings are larger than their noise. */
#include "simulate/result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "simulate/bound.h"
#include "simulate/policy.h"

enum { LONG_RUN = 400000, OVERLOAD_LEAST = 200 };

static const double month_s = 30 * 86400.0;

struct evaluator {
    const struct evaluation *evaluation;
    struct arena arena;
    struct arrivals *source;
    struct engine *engine;
    struct outcome outcome;
};

int evaluator_new(const struct evaluation *evaluation, struct evaluator **evaluator_out, struct err *err)
{
    struct evaluator *evaluator = xcalloc(1, sizeof(*evaluator));
    evaluator->evaluation = evaluation;
    evaluator->engine = engine_new();
    int rc = workload_open(&evaluator->arena, evaluation->workload, &evaluator->source, err);
    if (rc) {
        evaluator_free(evaluator);
        return rc;
    }
    *evaluator_out = evaluator;
    return 0;
}

void evaluator_free(struct evaluator *evaluator)
{
    if (!evaluator)
        return;
    engine_free(evaluator->engine);
    outcome_release(&evaluator->outcome);
    arena_release(&evaluator->arena);
    free(evaluator);
}

static bool same_gpu(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static int find_hardware(const struct evaluation *evaluation, const struct settings *settings,
                         const struct hardware **hardware_out, struct err *err)
{
    for (size_t i = 0; i < evaluation->n_hardware; i++) {
        if (same_gpu(evaluation->hardware[i].gpu, settings->gpu)) {
            *hardware_out = &evaluation->hardware[i];
            return 0;
        }
    }
    return err_set(err, ERR_USAGE, "nothing is known of a container with the GPU %s",
                   settings->gpu ? settings->gpu : "none");
}

static bool is_random(const struct evaluator *evaluator, const struct settings *settings)
{
    const struct model *model = evaluator->evaluation->model;
    const struct dist *cold = settings->snapshot && model->has_snapshot ? &model->snapshot_cold : &model->cold;
    bool calls = !evaluator->source->has_service && !model->batch_s && !dist_is_const(&model->service);
    bool windows = !dist_is_const(&settings->scaledown_window) || settings->surplus_window.sd > 0 ||
                   settings->lifetime.sd > 0;
    bool accidents = settings->start_failure > 0 || settings->preempt_every_s > 0 ||
                     settings->dispatch == DISPATCH_RANDOM;
    return evaluator->source->is_random || calls || windows || accidents || !dist_is_const(cold);
}

/* Container-seconds that are paid for. */
static double billed_s(const struct hardware *hardware, double start_s, double busy_s, double idle_s)
{
    return (hardware->startup_billed ? start_s : 0) + busy_s + (hardware->idle_billed ? idle_s : 0);
}

static double cost_of(const struct hardware *hardware, const struct outcome *o)
{
    double idle_s = fmax(0, o->container_s - o->start_s - o->busy_s);
    return hardware->usd_per_s * billed_s(hardware, o->start_s, o->busy_s, idle_s) +
           hardware->usd_per_request * (double)(o->requests - o->rejected);
}

static void add_latencies(struct result *result, struct outcome *o, double weight)
{
    double quantiles[TALLY_QUANTILES];
    double *fields[TALLY_QUANTILES] = {&result->p50, &result->p90, &result->p95, &result->p99, &result->p999};
    tally_read(&o->latency, quantiles);
    for (int i = 0; i < TALLY_QUANTILES; i++)
        *fields[i] += quantiles[i] * weight;
    result->mean += tally_mean(&o->latency) * weight;
    result->max += tally_max(&o->latency) * weight;
}

static void add_parts(struct result *result, const struct outcome *o, double weight)
{
    double completed = fmax(1, (double)o->completed), requests = fmax(1, (double)o->requests);
    result->requests += (double)o->requests * weight;
    result->span_s += o->span_s * weight;
    result->cold += (double)o->cold / requests * weight;
    result->waited += (double)o->waited / requests * weight;
    result->errors += (double)(o->rejected + o->timed_out + o->given_up) / requests * weight;
    result->queue_s += o->wait_queue_s / completed * weight;
    result->cold_wait_s += o->wait_cold_s / completed * weight;
    result->batch_wait_s += o->wait_batch_s / completed * weight;
    result->service_s += o->service_s / completed * weight;
    result->starts += (double)o->starts * weight;
    result->peak_containers += (double)o->peak_containers * weight;
    result->mean_containers += o->end_s > 0 ? o->container_by_end_s / o->end_s * weight : 0;
    result->batch_size += o->batches ? completed / (double)o->batches * weight : weight;
}

static void add_money(struct result *result, const struct hardware *hardware, const struct outcome *o, double weight)
{
    double idle_s = fmax(0, o->container_s - o->start_s - o->busy_s), cost = cost_of(hardware, o);
    double after_end_s = o->container_s - o->container_by_end_s; /* last idle windows: other traffic would use them */
    double lasting = cost - (hardware->idle_billed ? hardware->usd_per_s * fmin(after_end_s, idle_s) : 0);
    result->container_s += o->container_s * weight;
    result->busy_s += o->busy_s * weight;
    result->start_s += o->start_s * weight;
    result->utilization += o->container_s > 0 ? o->busy_s / o->container_s * weight : 0;
    result->start_usd += hardware->startup_billed ? hardware->usd_per_s * o->start_s * weight : 0;
    result->busy_usd += hardware->usd_per_s * o->busy_s * weight;
    result->idle_usd += hardware->idle_billed ? hardware->usd_per_s * idle_s * weight : 0;
    result->cost_usd += cost * weight;
    result->cost_per_1k += o->requests ? 1000 * cost / (double)o->requests * weight : 0;
    result->usd_per_month += o->end_s > 0 ? lasting * month_s / o->end_s * weight : 0;
}

/* More work than all containers can do in the time that the traffic takes: a queue that only grows. */
static void note_overload(struct result *result, const struct outcome *o)
{
    const struct settings *settings = &result->settings;
    double offered = o->span_s > 0 ? o->input_s / o->span_s : 0;
    bool queues = isinf(settings->queue_timeout_s) && settings->max_queue == UINT32_MAX && !settings->bind_starts;
    bool too_much = o->requests >= OVERLOAD_LEAST && offered > (double)settings->max_containers * settings->max_inputs;
    if (!o->overloaded && !(too_much && queues))
        return;
    result->overloaded = true;
    result->needs_containers = fmax(result->needs_containers, floor(offered / settings->max_inputs) + 1);
}

static struct interval interval_of(const double *values, unsigned n)
{
    double mean = stats_mean(values, n), squares = 0;
    if (n < 2)
        return (struct interval){mean, mean};
    for (unsigned i = 0; i < n; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    double student = 1.96 + 2.5 / (n - 1); /* the 97.5 % point of Student's t, within 1 % from n = 5 on */
    double half = student * sqrt(squares / (n - 1) / n);
    return (struct interval){mean - half, mean + half};
}

struct interval result_cost_difference(const struct result *a, const struct result *b)
{
    double differences[REPLICATIONS];
    unsigned n = a->replications < b->replications ? a->replications : b->replications;
    for (unsigned i = 0; i < n; i++)
        differences[i] = b->costs[i] - a->costs[i];
    return interval_of(differences, n);
}

/* Intervals of one long run, by batch means. */
static void set_slice_intervals(struct result *result, const struct hardware *hardware, const struct outcome *o)
{
    double p99[SLICES], mean[SLICES], cost[SLICES], cold[SLICES];
    unsigned n = o->n_slices;
    double whole = n ? cost_of(hardware, o) / fmax(o->container_s, 1e-12) : 0;
    for (unsigned i = 0; i < n; i++) {
        p99[i] = o->slices[i].p99;
        mean[i] = o->slices[i].mean;
        cold[i] = o->slices[i].cold / fmax(1, o->slices[i].n);
        cost[i] = o->slices[i].container_s * whole * n;
    }
    struct interval *out[] = {&result->p99_interval, &result->mean_interval, &result->cost_interval,
                              &result->cold_interval};
    const double *values[] = {p99, mean, cost, cold},
                 points[] = {result->p99, result->mean, result->cost_usd, result->cold};
    for (int i = 0; i < 4; i++) {
        struct interval spread = n >= 5 ? interval_of(values[i], n) : (struct interval){0, 0};
        double half = (spread.high - spread.low) / 2;
        *out[i] = (struct interval){fmax(0, points[i] - half), points[i] + half};
    }
}

static int run_bound(struct evaluator *evaluator, const struct hardware *hardware, struct model *model,
                     struct result *result, struct err *err)
{
    struct bound bound;
    struct outcome *o = &evaluator->outcome;
    double start_s = hardware->startup_billed ? model->cold.mean : 0;
    int rc = bound_compute(evaluator->source, model, start_s, evaluator->evaluation->seed, &bound, err);
    if (rc)
        return rc;
    outcome_reset(o);
    o->requests = bound.requests;
    o->starts = bound.starts;
    o->container_s = o->container_by_end_s = bound.container_s;
    o->busy_s = bound.busy_s;
    o->start_s = bound.start_s;
    o->end_s = o->span_s = bound.span_s;
    add_parts(result, o, 1);
    add_money(result, hardware, o, 1);
    result->p50 = result->p90 = result->p95 = result->p99 = result->p999 = result->mean = result->max =
        bound.requests ? bound.busy_s / (double)bound.requests
                       : 0; /* the mean: who waits for nothing has his service time */
    result->costs[0] = result->cost_usd;
    result->replications = 1;
    result->p99_interval = (struct interval){result->p99, result->p99};
    result->cost_interval = (struct interval){result->cost_usd, result->cost_usd};
    return 0;
}

static unsigned replications_of(const struct evaluator *evaluator, const struct settings *settings)
{
    if (!is_random(evaluator, settings) || evaluator->source->requests >= LONG_RUN)
        return 1;
    unsigned wanted = evaluator->evaluation->replications;
    return wanted ? wanted : REPLICATIONS;
}

static int run_replications(struct evaluator *evaluator, const struct hardware *hardware, const struct model *model,
                            struct result *result, struct err *err)
{
    struct outcome *o = &evaluator->outcome;
    unsigned n = result->replications;
    double means[REPLICATIONS], colds[REPLICATIONS];
    o->series.bin_s = 0;
    for (unsigned i = 0; i < n; i++) {
        int rc = engine_run(evaluator->engine, &result->settings, model, evaluator->source,
                            evaluator->evaluation->seed + i * 0x9e3779b97f4a7c15u, o, err);
        if (rc)
            return rc;
        add_latencies(result, o, 1.0 / n);
        add_parts(result, o, 1.0 / n);
        add_money(result, hardware, o, 1.0 / n);
        note_overload(result, o);
        double quantiles[TALLY_QUANTILES];
        tally_read(&o->latency, quantiles);
        result->costs[i] = cost_of(hardware, o);
        result->values[i] = quantiles[3];
        means[i] = tally_mean(&o->latency);
        colds[i] = o->requests ? (double)o->cold / (double)o->requests : 0;
    }
    result->p99_interval = interval_of(result->values, n);
    result->cost_interval = interval_of(result->costs, n);
    result->mean_interval = interval_of(means, n);
    result->cold_interval = interval_of(colds, n);
    if (n == 1)
        set_slice_intervals(result, hardware, o);
    return 0;
}

int evaluator_run(struct evaluator *evaluator, const struct settings *settings, struct result *result_out,
                  struct err *err)
{
    const struct hardware *hardware;
    int rc = find_hardware(evaluator->evaluation, settings, &hardware, err);
    if (rc)
        return rc;
    struct model model = *evaluator->evaluation->model;
    model.service_factor = 1 / hardware->speed;
    struct result result = {.settings = *settings};
    if (settings->policy->scaling == SCALE_BOUND) {
        model.service = dist_scaled(&evaluator->arena, &model.service, model.service_factor);
        rc = run_bound(evaluator, hardware, &model, &result, err);
    } else {
        result.replications = replications_of(evaluator, settings);
        rc = run_replications(evaluator, hardware, &model, &result, err);
    }
    if (!rc)
        *result_out = result;
    return rc;
}

/* Container-seconds become containers. */
static void normalise(struct series *series)
{
    for (int i = 0; i < SERIES_BINS; i++) {
        series->starting[i] /= series->bin_s;
        series->busy[i] /= series->bin_s;
        series->idle[i] /= series->bin_s;
    }
}

int evaluator_series(struct evaluator *evaluator, const struct settings *settings, double span_s,
                     const struct series **series_out, struct err *err)
{
    const struct hardware *hardware;
    int rc = find_hardware(evaluator->evaluation, settings, &hardware, err);
    if (rc)
        return rc;
    struct model model = *evaluator->evaluation->model;
    model.service_factor = 1 / hardware->speed;
    struct outcome *o = &evaluator->outcome;
    o->series.bin_s = fmax(span_s, 1e-3) * (1 + 1e-9) / SERIES_BINS;
    rc = engine_run(evaluator->engine, settings, &model, evaluator->source, evaluator->evaluation->seed, o, err);
    if (rc)
        return rc;
    normalise(&o->series);
    *series_out = &o->series;
    return 0;
}
