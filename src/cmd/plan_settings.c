/* The settings of a plan: the policy, today's settings, what is searched, and for what. */
#include <math.h>

#include "base/units.h"
#include "cmd/plan.h"
#include "simulate/policy.h"

int plan_set_policy(const struct plan_args *args, struct settings *baseline, struct err *err)
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

int plan_set_settings(struct arena *arena, const struct plan_args *args, struct plan_question *question,
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
