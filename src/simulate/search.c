/* The grid is searched by whole lines: from several places, all values of one setting are tried with the others held, the best is
 * kept, and so on in turn until nothing changes.  Whole lines, since cost is not monotone in a window: a step to the next value
 * may lead nowhere.  Then pairs of neighbours of the best are tried.  A minimum of containers costs so much by itself; a point
 * that this alone makes dearer than a found one that meets all objectives need not be simulated. */
#include "simulate/search.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"

enum { ALL_MOST = 48, LINE_MOST = 64, FINALISTS = 24 };

/* --- many settings at once --- */

struct batch {
    const struct settings *settings;
    struct result *results;
    struct evaluator **evaluators;
    pthread_mutex_t lock;
    struct err *err;
    int rc;
    size_t done, before, all; /* before: in earlier batches; all: of the grid */
    void (*progress)(size_t done, size_t all, void *ctx);
    void *ctx;
};

static void evaluate_one(size_t i, unsigned worker, void *ctx)
{
    struct batch *batch = ctx;
    struct err err = {0};
    int rc = evaluator_run(batch->evaluators[worker], &batch->settings[i], &batch->results[i], &err);
    pthread_mutex_lock(&batch->lock);
    if (rc && !batch->rc) {
        batch->rc = rc;
        err_set(batch->err, err.code, "%s", buf_cstr(&err.message));
    }
    batch->done++;
    if (batch->progress && worker == 0)
        batch->progress(batch->before + batch->done, batch->all, batch->ctx);
    pthread_mutex_unlock(&batch->lock);
    err_release(&err);
}

struct pool {
    struct evaluator **evaluators;
    unsigned n;
};

static void pool_release(struct pool *pool)
{
    for (unsigned i = 0; i < pool->n; i++)
        evaluator_free(pool->evaluators[i]);
    free(pool->evaluators);
}

static int pool_init(struct pool *pool, const struct evaluation *evaluation, unsigned workers, struct err *err)
{
    unsigned n = workers ? workers : parallel_workers();
    *pool = (struct pool){xcalloc(n, sizeof(struct evaluator *)), 0};
    for (; pool->n < n; pool->n++) {
        int rc = evaluator_new(evaluation, &pool->evaluators[pool->n], err);
        if (rc) {
            pool_release(pool);
            return rc;
        }
    }
    return 0;
}

/* search and known may be NULL: without telling how far it is. */
static int pool_evaluate(struct pool *pool, const struct search *search, const struct search_outcome *known,
                         const struct settings *settings, size_t n, struct result *results, struct err *err)
{
    struct batch batch = {.settings = settings, .results = results, .evaluators = pool->evaluators, .err = err};
    if (search) {
        batch.progress = search->progress;
        batch.ctx = search->ctx;
        batch.before = known->evaluated;
        batch.all = known->grid;
    }
    pthread_mutex_init(&batch.lock, NULL);
    parallel_for(n, pool->n, evaluate_one, &batch);
    pthread_mutex_destroy(&batch.lock);
    return batch.rc;
}

int search_evaluate(const struct evaluation *evaluation, const struct settings *settings, size_t n, unsigned workers,
                    struct result *results_out, struct err *err)
{
    struct pool pool;
    int rc = pool_init(&pool, evaluation, workers && workers < n ? workers : n < 2 ? 1 : workers, err);
    if (rc)
        return rc;
    rc = pool_evaluate(&pool, NULL, NULL, settings, n, results_out, err);
    pool_release(&pool);
    return rc;
}

/* --- the grid --- */

int search_grid(const struct settings_axis *axes, size_t n, uint64_t *points_out, struct err *err)
{
    uint64_t points = 1;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++) {
            if (str_equals(axes[i].key, axes[k].key))
                return err_set(err, ERR_USAGE, "--search: %.*s is named twice", STR_ARG(axes[i].key));
        }
        points *= axes[i].n;
        if (points > SEARCH_GRID_MOST)
            return err_set(err, ERR_USAGE, "--search: more than %d settings; take fewer values", SEARCH_GRID_MOST);
    }
    *points_out = points;
    return 0;
}

static void split(const struct search *search, uint64_t point, size_t *at)
{
    for (size_t i = search->n_axes; i-- > 0;) {
        at[i] = point % search->axes[i].n;
        point /= search->axes[i].n;
    }
}

static uint64_t join(const struct search *search, const size_t *at)
{
    uint64_t point = 0;
    for (size_t i = 0; i < search->n_axes; i++)
        point = point * search->axes[i].n + at[i];
    return point;
}

int search_settings(struct arena *arena, const struct search *search, uint64_t point, struct settings *settings_out,
                    struct err *err)
{
    size_t at[SEARCH_AXES_MOST];
    struct settings settings = search->base;
    split(search, point, at);
    for (size_t i = 0; i < search->n_axes; i++) {
        int rc = settings_set_one(arena, &settings, search->axes[i].key, search->axes[i].values[at[i]], err);
        if (rc)
            return rc;
    }
    *settings_out = settings;
    return 0;
}

/* --- what is known --- */

struct walk {
    struct arena *arena;
    const struct search *search;
    struct pool pool;
    struct search_outcome *outcome;
    uint64_t *seen; /* a bit a point: simulated, pruned or contradictory */
    uint64_t grid;
    double span_s; /* known once something was simulated */
    struct err *err;
};

static bool is_seen(const struct walk *walk, uint64_t point)
{
    return walk->seen[point / 64] >> (point % 64) & 1;
}

static void see(struct walk *walk, uint64_t point)
{
    walk->seen[point / 64] |= (uint64_t)1 << (point % 64);
}

static struct searched *find(const struct walk *walk, uint64_t point)
{
    for (size_t i = 0; i < walk->outcome->found.len; i++) {
        if (walk->outcome->found.items[i].point == point)
            return &walk->outcome->found.items[i];
    }
    return NULL;
}

/* USD that the minimum alone costs, whatever happens. */
static double least_cost(const struct walk *walk, const struct settings *settings)
{
    for (size_t i = 0; i < walk->search->evaluation->n_hardware; i++) {
        const struct hardware *hardware = &walk->search->evaluation->hardware[i];
        bool same = hardware->gpu == settings->gpu ||
                    (hardware->gpu && settings->gpu && strcmp(hardware->gpu, settings->gpu) == 0);
        if (same)
            return hardware->idle_billed ? hardware->usd_per_s * settings->min_containers * walk->span_s : 0;
    }
    return 0;
}

static bool is_hopeless(const struct walk *walk, const struct settings *settings)
{
    const struct objective *objective = &walk->search->objective;
    if (walk->search->exhaustive || !objective->minimize || strcmp(objective->minimize->name, "cost") != 0)
        return false;
    const struct searched *best = search_best(walk->outcome, objective);
    return best && objective_meets(objective, &best->result) && least_cost(walk, settings) > best->result.cost_usd;
}

/* Simulates those of the points that are new. */
static int look_at(struct walk *walk, const uint64_t *points, size_t n)
{
    struct settings *settings = xcalloc(n, sizeof(*settings));
    uint64_t *numbers = xcalloc(n, sizeof(*numbers));
    size_t fresh = 0;
    int rc = 0;
    for (size_t i = 0; !rc && i < n; i++) {
        if (is_seen(walk, points[i]))
            continue;
        rc = search_settings(walk->arena, walk->search, points[i], &settings[fresh], walk->err);
        if (rc)
            break;
        see(walk, points[i]);
        if (settings_check(&settings[fresh], NULL))
            walk->outcome->contradictory++;
        else if (is_hopeless(walk, &settings[fresh]))
            walk->outcome->pruned++;
        else
            numbers[fresh++] = points[i];
    }
    struct result *results = xcalloc(fresh + 1, sizeof(*results));
    if (!rc)
        rc = pool_evaluate(&walk->pool, walk->search, walk->outcome, settings, fresh, results, walk->err);
    for (size_t i = 0; !rc && i < fresh; i++) {
        *array_push(walk->arena, &walk->outcome->found) = (struct searched){numbers[i], true, results[i]};
        walk->outcome->evaluated++;
        walk->span_s = results[i].span_s;
    }
    free(settings);
    free(numbers);
    free(results);
    return rc;
}

/* --- lines --- */

/* Up to LINE_MOST values of a line, evenly spread and with the ends; on longer ones the neighbours of the best follow. */
static int look_along(struct walk *walk, size_t *at, size_t axis)
{
    size_t n = walk->search->axes[axis].n, step = (n + LINE_MOST - 1) / LINE_MOST;
    uint64_t points[2 * LINE_MOST + 2];
    const struct objective *objective = &walk->search->objective;
    size_t best = at[axis];
    for (;;) {
        size_t count = 0, from = step == (n + LINE_MOST - 1) / LINE_MOST ? 0
                                 : best > LINE_MOST / 2 * step           ? best - LINE_MOST / 2 * step
                                                                         : 0;
        size_t line[2 * LINE_MOST + 2];
        for (size_t i = from; i < n && count < LINE_MOST; i += step)
            line[count++] = i;
        line[count++] = n - 1;
        line[count++] = best;
        for (size_t i = 0; i < count; i++) {
            at[axis] = line[i];
            points[i] = join(walk->search, at);
        }
        int rc = look_at(walk, points, count);
        if (rc)
            return rc;
        for (size_t i = 0; i < count; i++) {
            at[axis] = best;
            const struct searched *kept = find(walk, join(walk->search, at)), *here = find(walk, points[i]);
            if (here && (!kept || objective_better(objective, &here->result, &kept->result)))
                best = line[i];
        }
        at[axis] = best;
        if (step <= 1)
            return 0;
        step = (step + 3) / 4;
    }
}

static int climb(struct walk *walk, uint64_t from, uint64_t *to_out)
{
    size_t at[SEARCH_AXES_MOST];
    uint64_t here = from;
    split(walk->search, from, at);
    for (;;) {
        for (size_t axis = 0; axis < walk->search->n_axes; axis++) {
            int rc = look_along(walk, at, axis);
            if (rc)
                return rc;
        }
        uint64_t next = join(walk->search, at);
        if (next == here)
            break;
        here = next;
    }
    *to_out = here;
    return 0;
}

/* All points that differ from `point` by one step on one or two axes. */
static int look_around(struct walk *walk, uint64_t point)
{
    size_t at[SEARCH_AXES_MOST], n = 0, axes = walk->search->n_axes;
    uint64_t *points = xcalloc(axes * axes * 9 + 1, sizeof(*points));
    for (size_t a = 0; a < axes; a++) {
        for (size_t b = a; b < axes; b++) {
            for (int step = 0; step < 9; step++) {
                split(walk->search, point, at);
                ptrdiff_t x = (ptrdiff_t)at[a] + step % 3 - 1, y = (ptrdiff_t)at[b] + (b == a ? 0 : step / 3 - 1);
                if (x < 0 || y < 0 || (size_t)x >= walk->search->axes[a].n || (size_t)y >= walk->search->axes[b].n)
                    continue;
                at[a] = (size_t)x;
                if (b != a)
                    at[b] = (size_t)y;
                points[n++] = join(walk->search, at);
            }
        }
    }
    int rc = look_at(walk, points, n);
    free(points);
    return rc;
}

/* The point nearest to the settings that the search begins with. */
static uint64_t base_point(const struct search *search)
{
    size_t at[SEARCH_AXES_MOST] = {0};
    struct buf base = {0};
    for (size_t i = 0; i < search->n_axes; i++) {
        buf_reset(&base);
        settings_print_one(&search->base, search->axes[i].key, &base);
        struct arena arena = {0};
        for (size_t k = 0; k < search->axes[i].n; k++) {
            struct settings settings = search->base;
            struct buf text = {0};
            settings_set_one(&arena, &settings, search->axes[i].key, search->axes[i].values[k], NULL);
            settings_print_one(&settings, search->axes[i].key, &text);
            if (str_equals(buf_str(&text), buf_str(&base)))
                at[i] = k;
            buf_release(&text);
        }
        arena_release(&arena);
    }
    buf_release(&base);
    return join(search, at);
}

/* From today's settings, from the far end, and from where every other setting is at its end. */
static int walk_lines(struct walk *walk)
{
    const struct search *search = walk->search;
    size_t last[SEARCH_AXES_MOST], mixed[SEARCH_AXES_MOST];
    for (size_t i = 0; i < search->n_axes; i++) {
        last[i] = search->axes[i].n - 1;
        mixed[i] = i % 2 ? last[i] : 0;
    }
    uint64_t starts[] = {base_point(search), join(search, last), join(search, mixed)};
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        uint64_t to;
        int rc = climb(walk, starts[i], &to);
        if (rc)
            return rc;
    }
    for (;;) {
        const struct searched *best = search_best(walk->outcome, &search->objective);
        if (!best)
            return 0;
        uint64_t point = best->point, to;
        int rc = look_around(walk, point);
        if (!rc)
            rc = climb(walk, search_best(walk->outcome, &search->objective)->point, &to);
        if (rc || search_best(walk->outcome, &search->objective)->point == point)
            return rc;
    }
}

static int walk_all(struct walk *walk)
{
    uint64_t shards = walk->search->shards ? walk->search->shards : 1,
             first = walk->search->shards ? walk->search->shard - 1 : 0;
    enum { AT_ONCE = 4096 };
    uint64_t points[AT_ONCE];
    int rc = 0;
    for (uint64_t point = first; !rc && point < walk->grid;) {
        size_t n = 0;
        for (; n < AT_ONCE && point < walk->grid; point += shards)
            points[n++] = point;
        rc = look_at(walk, points, n);
    }
    return rc;
}

/* --- finish --- */

static int by_point(const void *a, const void *b)
{
    const struct searched *x = a, *y = b;
    return (x->point > y->point) - (x->point < y->point);
}

/* What was simulated a few times only and might be chosen is simulated as often as it takes. */
int search_refine(const struct search *search, struct search_outcome *outcome, struct err *err)
{
    struct evaluation full = *search->evaluation;
    if (full.replications == 0 || full.replications >= REPLICATIONS)
        return 0;
    full.replications = 0;
    size_t n = outcome->found.len, chosen = 0;
    const struct searched **frontier = xcalloc(n + 1, sizeof(*frontier));
    size_t *which = xcalloc(n + 1, sizeof(*which));
    bool *is_chosen = xcalloc(n + 1, sizeof(*is_chosen));
    size_t on_frontier = search_frontier(outcome, objective_latency(&search->objective), frontier);
    for (size_t i = 0; i < on_frontier; i++)
        is_chosen[frontier[i] - outcome->found.items] = true;
    for (int round = 0; round < FINALISTS; round++) {
        ptrdiff_t best = -1;
        for (size_t i = 0; i < n; i++) {
            const struct searched *items = outcome->found.items;
            if (!is_chosen[i] &&
                (best < 0 || objective_better(&search->objective, &items[i].result, &items[best].result)))
                best = (ptrdiff_t)i;
        }
        if (best >= 0)
            is_chosen[best] = true;
    }
    for (size_t i = 0; i < n; i++) {
        outcome->found.items[i].is_exact = is_chosen[i];
        if (is_chosen[i])
            which[chosen++] = i;
    }
    struct settings *settings = xcalloc(chosen + 1, sizeof(*settings));
    struct result *results = xcalloc(chosen + 1, sizeof(*results));
    for (size_t i = 0; i < chosen; i++)
        settings[i] = outcome->found.items[which[i]].result.settings;
    int rc = search_evaluate(&full, settings, chosen, search->workers, results, err);
    for (size_t i = 0; !rc && i < chosen; i++)
        outcome->found.items[which[i]].result = results[i];
    free(frontier);
    free(which);
    free(is_chosen);
    free(settings);
    free(results);
    return rc;
}

int search_run(struct arena *arena, const struct search *search, struct search_outcome *outcome_out, struct err *err)
{
    struct search_outcome outcome = {0};
    struct walk walk = {.arena = arena, .search = search, .outcome = &outcome, .err = err};
    assert(search->n_axes <= SEARCH_AXES_MOST);
    int rc = search_grid(search->axes, search->n_axes, &walk.grid, err);
    if (!rc)
        rc = pool_init(&walk.pool, search->evaluation, search->workers, err);
    if (rc)
        return rc;
    walk.seen = xcalloc(walk.grid / 64 + 1, sizeof(uint64_t));
    outcome.grid = walk.grid;
    rc = search->exhaustive || walk.grid <= ALL_MOST ? walk_all(&walk) : walk_lines(&walk);
    outcome.proven = outcome.evaluated + outcome.pruned + outcome.contradictory == walk.grid;
    pool_release(&walk.pool);
    free(walk.seen);
    if (!rc && !search->shards)
        rc = search_refine(search, &outcome, err);
    if (rc)
        return rc;
    qsort(outcome.found.items, outcome.found.len, sizeof(struct searched), by_point);
    *outcome_out = outcome;
    return 0;
}

const struct searched *search_best(const struct search_outcome *outcome, const struct objective *objective)
{
    const struct searched *best = NULL;
    for (size_t i = 0; i < outcome->found.len; i++) {
        const struct searched *here = &outcome->found.items[i];
        if (here->is_exact && (!best || objective_better(objective, &here->result, &best->result)))
            best = here;
    }
    return best;
}

static int by_cost(const void *a, const void *b)
{
    const struct result *x = &(*(const struct searched *const *)a)->result,
                        *y = &(*(const struct searched *const *)b)->result;
    return (x->cost_usd > y->cost_usd) - (x->cost_usd < y->cost_usd);
}

size_t search_frontier(const struct search_outcome *outcome, const struct metric *latency, const struct searched **out)
{
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < outcome->found.len; i++) {
        if (outcome->found.items[i].is_exact && !outcome->found.items[i].result.overloaded)
            out[n++] = &outcome->found.items[i];
    }
    qsort(out, n, sizeof(*out), by_cost);
    double least = HUGE_VAL;
    for (size_t i = 0; i < n; i++) {
        double value = metric_value(latency, &out[i]->result);
        if (value < least) {
            least = value;
            out[kept++] = out[i];
        }
    }
    return kept;
}
