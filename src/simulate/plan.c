/* Search, then doubt: the chosen setting is tried on traffic that it was not chosen on, and on twice as much. */
#include "simulate/plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "simulate/bound.h"

enum { CANDIDATES = 16, HOLDOUT_LEAST = 200 };

static const double train_share = 0.6, simulated_most = 4e8;
static const double least_gain = 0.005; /* of the cost: less is not worth a change, however certain */

struct evaluation plan_evaluation(const struct plan_question *question)
{
    return (struct evaluation){
        .workload = &question->workload,
        .model = &question->model,
        .hardware = question->hardware,
        .n_hardware = question->n_hardware,
        .seed = question->seed,
        .replications = question->replications,
    };
}

/* Fewer replications while searching where the grid is large; what may be chosen gets them all afterwards. */
static unsigned replications_for_search(const struct plan_question *question, const struct traffic *traffic,
                                        uint64_t grid)
{
    double settings = question->exhaustive ? (double)grid : fmin((double)grid, 400);
    double affordable = simulated_most / (settings * (double)traffic->requests);
    if (question->replications || affordable >= REPLICATIONS)
        return question->replications;
    return affordable < 1 ? 1 : (unsigned)affordable;
}

/* Searches, or takes what shards have found. */
static int search(struct arena *arena, const struct plan_question *question, struct plan *plan, struct err *err)
{
    struct evaluation evaluation = plan_evaluation(question);
    uint64_t grid;
    int rc = search_grid(question->axes, question->n_axes, &grid, err);
    if (rc)
        return rc;
    evaluation.replications = replications_for_search(question, &plan->traffic, grid);
    struct search wanted = {
        .evaluation = &evaluation,
        .base = question->baseline,
        .axes = question->axes,
        .n_axes = question->n_axes,
        .objective = question->objective,
        .exhaustive = question->exhaustive,
        .shard = question->shard,
        .shards = question->shards,
        .progress = question->progress,
        .ctx = question->ctx,
    };
    if (!question->merged)
        return search_run(arena, &wanted, &plan->searched, err);
    plan->searched = *question->merged;
    return search_refine(&wanted, &plan->searched, err);
}

static void choose(struct arena *arena, const struct plan_question *question, struct plan *plan)
{
    struct objective cheapest = {.minimize = metric_find(STR("cost"))};
    const struct metric *latency = objective_latency(&question->objective);
    struct objective fastest = {.minimize = latency};
    plan->best = search_best(&plan->searched, &question->objective);
    plan->cheapest = search_best(&plan->searched, &cheapest);
    plan->fastest = search_best(&plan->searched, &fastest);
    plan->frontier = arena_array(arena, const struct searched *, plan->searched.found.len + 1);
    plan->n_frontier = search_frontier(&plan->searched, latency, plan->frontier);
    if (!plan->best)
        return;
    plan->meets = objective_meets(&question->objective, &plan->best->result);
    struct interval difference = result_cost_difference(&plan->best->result, &plan->baseline);
    plan->gain_usd = difference;
    bool base_meets = objective_meets(&question->objective, &plan->baseline);
    bool by_cost = question->objective.minimize->unit == METRIC_USD;
    plan->is_worth_it = objective_better(&question->objective, &plan->best->result, &plan->baseline);
    if (base_meets && by_cost)
        plan->is_worth_it = plan->is_worth_it && difference.low > least_gain * plan->baseline.cost_usd;
}

static int by_objective(const void *a, const void *b, void *ctx)
{
    const struct searched *x = *(const struct searched *const *)a, *y = *(const struct searched *const *)b;
    if (objective_better(ctx, &x->result, &y->result))
        return -1;
    return objective_better(ctx, &y->result, &x->result) ? 1 : (x->point > y->point) - (x->point < y->point);
}

/* The likeliest settings by the whole traffic, to be chosen from again. */
static size_t list_candidates(const struct plan_question *question, const struct plan *plan, struct settings *out)
{
    size_t n = plan->searched.found.len;
    const struct searched **sorted = xcalloc(n + 1, sizeof(*sorted));
    for (size_t i = 0; i < n; i++)
        sorted[i] = &plan->searched.found.items[i];
    qsort_r(sorted, n, sizeof(*sorted), by_objective, (void *)&question->objective);
    size_t kept = n < CANDIDATES ? n : CANDIDATES;
    for (size_t i = 0; i < kept; i++)
        out[i] = sorted[i]->result.settings;
    free(sorted);
    return kept;
}

/* Chooses again on the first part of the trace, and looks how that does on the rest. */
static int hold_out(const struct plan_question *question, struct plan *plan, struct err *err)
{
    if (question->workload.n_traces == 0 || plan->traffic.requests < HOLDOUT_LEAST || !plan->best ||
        question->workload.to_s > 0)
        return 0;
    struct plan_question part = *question;
    part.workload.to_s = plan->traffic.span_s * train_share;
    struct evaluation evaluation = plan_evaluation(&part);
    struct settings candidates[CANDIDATES];
    struct result results[CANDIDATES];
    size_t n = list_candidates(question, plan, candidates), best = 0;
    int rc = search_evaluate(&evaluation, candidates, n, 0, results, err);
    if (rc)
        return rc;
    for (size_t i = 1; i < n; i++)
        best = objective_better(&question->objective, &results[i], &results[best]) ? i : best;
    part.workload.from_s = part.workload.to_s;
    part.workload.to_s = plan->traffic.span_s * (1 + 1e-9) + 1e-9;
    rc = search_evaluate(&evaluation, &candidates[best], 1, 1, &plan->holdout, err);
    plan->has_holdout = !rc;
    plan->holdout_is_best = best == 0;
    return rc;
}

static int double_load(const struct plan_question *question, struct plan *plan, struct err *err)
{
    struct plan_question twice = *question;
    twice.workload.rate_scale = 2 * (question->workload.rate_scale > 0 ? question->workload.rate_scale : 1);
    struct evaluation evaluation = plan_evaluation(&twice);
    const struct settings *settings = plan->best ? &plan->best->result.settings : &plan->baseline.settings;
    int rc = search_evaluate(&evaluation, settings, 1, 1, &plan->doubled, err);
    plan->has_doubled = !rc;
    return rc;
}

/* With several requests at once in a container only their calls are a bound: as many at once, in as large batches, as allowed. */
static double bound_of_calls(const struct plan_question *question, const struct settings *settings,
                             const struct bound *bound)
{
    const struct model *model = &question->model;
    double seconds = bound->busy_s;
    if (model->batch_s && settings->max_batch_size > 1) {
        double least = HUGE_VAL;
        for (size_t b = 1; b <= settings->max_batch_size && b <= model->n_batch; b++)
            least = fmin(least, model->batch_s[b - 1] / (double)b);
        seconds = least * (double)bound->requests;
    }
    return seconds / settings->max_inputs;
}

static int find_bound(const struct plan_question *question, struct plan *plan, struct err *err)
{
    plan->bound_usd = plan->bound_usd_per_month = NAN;
    const struct settings *settings = plan->best ? &plan->best->result.settings : &plan->baseline.settings;
    const struct hardware *hardware = NULL;
    for (size_t i = 0; i < question->n_hardware; i++) {
        const char *gpu = question->hardware[i].gpu;
        if (gpu == settings->gpu || (gpu && settings->gpu && strcmp(gpu, settings->gpu) == 0))
            hardware = &question->hardware[i];
    }
    if (!hardware || plan->traffic.requests > 5000000)
        return 0;
    struct arena arena = {0};
    struct arrivals *source;
    struct bound bound;
    struct model model = question->model;
    model.service = dist_scaled(&arena, &model.service, 1 / hardware->speed);
    const struct dist *cold = settings->snapshot && model.has_snapshot ? &model.snapshot_cold : &model.cold;
    double start_s = hardware->startup_billed ? cold->mean : 0;
    int rc = workload_open(&arena, &question->workload, &source, err);
    if (!rc)
        rc = bound_compute(source, &model, start_s, question->seed, &bound, err);
    if (!rc) {
        bool simple = settings->max_inputs == 1 && settings->max_batch_size == 1;
        double seconds = simple ? bound.container_s : bound_of_calls(question, settings, &bound) / hardware->speed;
        if (!hardware->idle_billed && simple)
            seconds = bound.busy_s; /* keeping a container costs nothing, and so nobody starts one twice */
        plan->bound_usd = hardware->usd_per_s * seconds + hardware->usd_per_request * (double)bound.requests;
        plan->bound_usd_per_month = plan->bound_usd * 30 * 86400 / fmax(bound.span_s, 1e-9);
    }
    arena_release(&arena);
    return rc;
}

int plan_make(struct arena *arena, const struct plan_question *question, struct plan *plan_out, struct err *err)
{
    struct plan plan = {0};
    int rc = settings_check(&question->baseline, err);
    if (!rc)
        rc = traffic_measure(&question->workload, question->seed, &plan.traffic, err);
    if (rc)
        return rc;
    struct evaluation evaluation = plan_evaluation(question);
    rc = search_evaluate(&evaluation, &question->baseline, 1, 1, &plan.baseline, err);
    if (!rc && question->n_axes)
        rc = search(arena, question, &plan, err);
    if (!rc && question->n_axes)
        choose(arena, question, &plan);
    bool is_whole = !question->shards && !question->is_brief;
    if (!rc && plan.best && is_whole)
        rc = hold_out(question, &plan, err);
    if (!rc && plan.best && is_whole)
        rc = double_load(question, &plan, err);
    if (!rc && is_whole)
        rc = find_bound(question, &plan, err);
    if (!rc)
        *plan_out = plan;
    return rc;
}
