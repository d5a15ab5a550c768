/* A sweep over many machines: each writes the figures of its points, and one reads them all.  Figures travel as all the doubles of a
 * struct result, in the order of one table, so that a merge gives what one run would have given, to the last digit. */
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/jsonw.h"
#include "cmd/plan.h"

enum { FILE_MOST = 1 << 30 };

#define AT(field) offsetof(struct result, field)
static const size_t figures[] = {
    AT(p50),
    AT(p90),
    AT(p95),
    AT(p99),
    AT(p999),
    AT(mean),
    AT(max),
    AT(cold),
    AT(waited),
    AT(errors),
    AT(cost_usd),
    AT(cost_per_1k),
    AT(usd_per_month),
    AT(start_usd),
    AT(busy_usd),
    AT(idle_usd),
    AT(container_s),
    AT(busy_s),
    AT(start_s),
    AT(utilization),
    AT(queue_s),
    AT(cold_wait_s),
    AT(batch_wait_s),
    AT(service_s),
    AT(starts),
    AT(peak_containers),
    AT(mean_containers),
    AT(requests),
    AT(batch_size),
    AT(span_s),
    AT(p99_interval.low),
    AT(p99_interval.high),
    AT(cost_interval.low),
    AT(cost_interval.high),
    AT(mean_interval.low),
    AT(mean_interval.high),
    AT(cold_interval.low),
    AT(cold_interval.high),
    AT(needs_containers),
};

enum { FIGURES = sizeof(figures) / sizeof(figures[0]) };

static void add_settings(const struct settings *settings, struct buf *out)
{
    const char *key;
    for (size_t i = 0; (key = settings_key(i)); i++) {
        buf_addf(out, "%s=", key);
        settings_print_one(settings, str_of(key), out);
        buf_add_char(out, ';');
    }
}

static void add_generator(const struct generator *g, struct buf *out)
{
    buf_addf(out, "%d %.17g %.17g %.17g %.17g %.17g %.17g %llu %.17g|", (int)g->kind, g->rate, g->cv, g->peak,
             g->busy_share, g->dwell_s, g->period_s, (unsigned long long)g->requests, g->span_s);
}

static void add_numbers(const double *values, size_t n, struct buf *out)
{
    for (size_t i = 0; i < n; i++)
        buf_addf(out, "%.17g ", values[i]);
    buf_add_char(out, '|');
}

static void add_model(const struct model *model, struct buf *out)
{
    const struct dist *dists[] = {&model->service, &model->cold, &model->snapshot_cold};
    for (size_t i = 0; i < sizeof(dists) / sizeof(dists[0]); i++) {
        buf_addf(out, "%d ", (int)dists[i]->kind);
        add_numbers((const double[]){dists[i]->a, dists[i]->b, dists[i]->mean, dists[i]->sd}, 4, out);
    }
    add_numbers(model->batch_s, model->n_batch, out);
    add_numbers(model->slowdown, model->n_slowdown, out);
}

/* Everything that figures depend on. */
struct str plan_digest(struct arena *arena, const struct plan_setup *setup)
{
    const struct plan_question *question = &setup->question;
    const struct workload *workload = &question->workload;
    struct buf text = {0};
    buf_addf(&text, "%.*s|%.*s|%.*s|%llu|%u|", STR_ARG(setup->source), STR_ARG(setup->model), STR_ARG(setup->basis),
             (unsigned long long)question->seed, question->replications);
    buf_addf(&text, "%.17g %.17g|", workload->rate_scale, workload->time_scale);
    add_generator(&workload->generator, &text);
    for (size_t i = 0; i < workload->n_parts; i++)
        add_generator(&workload->parts[i], &text);
    add_model(&question->model, &text);
    add_settings(&question->baseline, &text);
    for (size_t i = 0; i < question->n_axes; i++) {
        buf_addf(&text, "|%.*s", STR_ARG(question->axes[i].key));
        for (size_t k = 0; k < question->axes[i].n; k++)
            buf_addf(&text, ",%.*s", STR_ARG(question->axes[i].values[k]));
    }
    for (size_t i = 0; i < question->n_hardware; i++)
        buf_addf(&text, "|%.17g %.17g", question->hardware[i].usd_per_s, question->hardware[i].speed);
    struct str digest = arena_printf(arena, "%016llx", (unsigned long long)str_hash(buf_str(&text)));
    buf_release(&text);
    return digest;
}

void plan_write_shard(const struct plan_setup *setup, const struct plan *plan, struct arena *arena, struct buf *out)
{
    struct jsonw json;
    jsonw_init(&json, out, false);
    jsonw_object(&json);
    jsonw_key_u64(&json, "schema_version", 1);
    jsonw_key_object(&json, "shard");
    jsonw_key_u64(&json, "k", setup->question.shard);
    jsonw_key_u64(&json, "n", setup->question.shards);
    jsonw_key_string(&json, "digest", plan_digest(arena, setup));
    jsonw_key_u64(&json, "grid", plan->searched.grid);
    jsonw_key_u64(&json, "contradictory", plan->searched.contradictory);
    jsonw_end(&json);
    jsonw_key_array(&json, "points");
    for (size_t i = 0; i < plan->searched.found.len; i++) {
        const struct searched *found = &plan->searched.found.items[i];
        jsonw_array(&json);
        jsonw_u64(&json, found->point);
        jsonw_u64(&json, found->result.replications);
        jsonw_bool(&json, found->result.overloaded);
        for (size_t k = 0; k < FIGURES; k++)
            jsonw_f64(&json, *(const double *)((const char *)&found->result + figures[k]));
        for (size_t k = 0; k < found->result.replications; k++) {
            jsonw_f64(&json, found->result.costs[k]);
            jsonw_f64(&json, found->result.values[k]);
        }
        jsonw_end(&json);
    }
    jsonw_end(&json);
    jsonw_end(&json);
    buf_add_char(out, '\n');
}

struct merge {
    struct arena *arena;
    const struct plan_setup *setup;
    struct search search;
    struct search_outcome outcome;
    bool *seen; /* shards */
    uint64_t shards;
};

static int read_point(struct merge *merge, const json_t *row, const char *path, struct err *err)
{
    size_t n = json_array_size(row);
    struct searched found = {.is_exact = true};
    double replications = json_number_value(json_array_get(row, 1));
    bool fits = replications >= 1 && replications <= REPLICATIONS && n == 3 + FIGURES + 2 * (size_t)replications;
    double point = json_number_value(json_array_get(row, 0));
    if (!fits || point < 0 || point >= (double)merge->outcome.grid)
        return err_set(err, ERR_INPUT, "'%s' is damaged: a point of it is not what --shard writes", path);
    found.point = (uint64_t)point;
    int rc = search_settings(merge->arena, &merge->search, found.point, &found.result.settings, err);
    if (rc)
        return rc;
    found.result.replications = (unsigned)replications;
    found.result.overloaded = json_is_true(json_array_get(row, 2));
    for (size_t k = 0; k < FIGURES; k++)
        *(double *)((char *)&found.result + figures[k]) = json_number_value(json_array_get(row, 3 + k));
    for (size_t k = 0; k < found.result.replications; k++) {
        found.result.costs[k] = json_number_value(json_array_get(row, 3 + FIGURES + 2 * k));
        found.result.values[k] = json_number_value(json_array_get(row, 4 + FIGURES + 2 * k));
    }
    *array_push(merge->arena, &merge->outcome.found) = found;
    return 0;
}

/* Whether the file answers this very question, and a shard that was not read yet. */
static int check_head(struct merge *merge, const json_t *head, const char *path, struct err *err)
{
    int64_t k = json_get_i64(head, "k", 0), n = json_get_i64(head, "n", 0);
    if (k < 1 || n < k || n > 1000000)
        return err_set(err, ERR_INPUT, "'%s' was not written by plan --shard", path);
    if (!str_equals(json_get_str(head, "digest", STR("")), plan_digest(merge->arena, merge->setup))) {
        err_set(err, ERR_INPUT,
                "'%s' answers another question: traffic, model, prices, settings, seed or --search differ", path);
        return err_hint(err, "give --merge the same options as --shard had");
    }
    if (!merge->seen) {
        merge->shards = (uint64_t)n;
        merge->seen = arena_array(merge->arena, bool, (size_t)n + 1);
    }
    if ((uint64_t)n != merge->shards)
        return err_set(err, ERR_INPUT, "'%s' is one of %lld shards, another file is one of %llu", path, (long long)n,
                       (unsigned long long)merge->shards);
    if (merge->seen[k])
        return err_set(err, ERR_INPUT, "'%s': shard %lld was given twice", path, (long long)k);
    merge->seen[k] = true;
    merge->outcome.contradictory += (uint64_t)json_get_i64(head, "contradictory", 0);
    return 0;
}

static int read_file(struct merge *merge, const char *path, struct err *err)
{
    struct str bytes;
    json_t *file = NULL;
    int rc = file_read(merge->arena, path, FILE_MOST, &bytes, err);
    if (!rc)
        rc = json_parse(bytes, path, &file, err);
    if (rc)
        return rc;
    const json_t *points = json_object_get(file, "points");
    rc = check_head(merge, json_object_get(file, "shard"), path, err);
    for (size_t i = 0; !rc && i < json_array_size(points); i++)
        rc = read_point(merge, json_array_get(points, i), path, err);
    json_decref(file);
    return rc;
}

static int by_point(const void *a, const void *b)
{
    const struct searched *x = a, *y = b;
    return (x->point > y->point) - (x->point < y->point);
}

int plan_read_shards(struct arena *arena, const struct plan_setup *setup, const struct opt_strs *files,
                     struct search_outcome *outcome_out, struct err *err)
{
    struct merge merge = {.arena = arena, .setup = setup};
    merge.search = (struct search){
        .base = setup->question.baseline, .axes = setup->question.axes, .n_axes = setup->question.n_axes};
    if (setup->question.n_axes == 0)
        return err_set(err, ERR_USAGE, "--merge needs the --search that the shards had");
    int rc = search_grid(setup->question.axes, setup->question.n_axes, &merge.outcome.grid, err);
    for (size_t i = 0; !rc && i < files->len; i++)
        rc = read_file(&merge, files->items[i], err);
    if (rc)
        return rc;
    for (uint64_t k = 1; k <= merge.shards; k++) {
        if (!merge.seen[k])
            return err_set(err, ERR_INPUT, "shard %llu of %llu is missing", (unsigned long long)k,
                           (unsigned long long)merge.shards);
    }
    merge.outcome.evaluated = merge.outcome.found.len;
    merge.outcome.proven = merge.outcome.evaluated + merge.outcome.contradictory == merge.outcome.grid;
    qsort(merge.outcome.found.items, merge.outcome.found.len, sizeof(struct searched), by_point);
    *outcome_out = merge.outcome;
    return 0;
}
