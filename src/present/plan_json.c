/* The plan object of the JSON contract, and the same figures as CSV: two tables of fields. */
#include <math.h>
#include <string.h>

#include "base/jsonw.h"
#include "present/plan_report.h"
#include "recommend/scaling.h"
#include "simulate/policy.h"

static void write_settings(struct jsonw *json, const struct settings *s)
{
    jsonw_key_object(json, "settings");
    if (s->gpu)
        jsonw_key_string(json, "gpu", str_of(s->gpu));
    else
        jsonw_key_null(json, "gpu");
    jsonw_key_u64(json, "min_containers", s->min_containers);
    if (s->max_containers < CONTAINERS_MOST)
        jsonw_key_u64(json, "max_containers", s->max_containers);
    else
        jsonw_key_null(json, "max_containers");
    jsonw_key_u64(json, "buffer_containers", s->buffer_containers);
    jsonw_key_f64(json, "scaledown_window", s->scaledown_window.mean);
    jsonw_key_u64(json, "max_inputs", s->max_inputs);
    jsonw_key_u64(json, "target_inputs", settings_target(s));
    jsonw_key_u64(json, "max_batch_size", s->max_batch_size);
    jsonw_key_f64(json, "wait_ms", s->wait_s * 1000);
    jsonw_key_bool(json, "enable_memory_snapshot", s->snapshot);
    jsonw_key_string(json, "policy", str_of(s->policy->name));
    struct settings plain = policy_settings(s->policy);
    struct buf mine = {0}, usual = {0};
    const char *key;
    for (size_t i = 0; (key = settings_key(i)); i++) {
        static const char *const written[] = {
            "gpu",           "min_containers", "max_containers", "buffer_containers",     "max_inputs",
            "target_inputs", "max_batch_size", "wait_ms",        "enable_memory_snapshot"};
        bool done = strcmp(key, "scaledown_window") == 0 && dist_is_const(&s->scaledown_window);
        for (size_t k = 0; k < sizeof(written) / sizeof(written[0]); k++)
            done = done || strcmp(key, written[k]) == 0;
        buf_reset(&mine);
        buf_reset(&usual);
        settings_print_one(s, str_of(key), &mine);
        settings_print_one(&plain, str_of(key), &usual);
        if (done || (str_equals(buf_str(&mine), buf_str(&usual)) && strcmp(key, "scaledown_window") != 0))
            continue;
        jsonw_key_string(json, strcmp(key, "scaledown_window") == 0 ? "scaledown_window_distribution" : key,
                         buf_str(&mine));
    }
    buf_release(&mine);
    buf_release(&usual);
    jsonw_end(json);
}

/* Not a number where the queue only grows: there is no such latency. */
static void key_latency(struct jsonw *json, const char *key, const struct result *result, double value)
{
    if (result->overloaded)
        jsonw_key_null(json, key);
    else
        jsonw_key_f64(json, key, value);
}

static void key_interval(struct jsonw *json, const char *key, const struct interval *interval)
{
    jsonw_key_array(json, key);
    jsonw_f64(json, interval->low);
    jsonw_f64(json, interval->high);
    jsonw_end(json);
}

static void write_latencies(struct jsonw *json, const struct result *r)
{
    jsonw_key_object(json, "latency_s");
    key_latency(json, "p50", r, r->p50);
    key_latency(json, "p90", r, r->p90);
    key_latency(json, "p95", r, r->p95);
    key_latency(json, "p99", r, r->p99);
    key_latency(json, "p999", r, r->p999);
    key_latency(json, "mean", r, r->mean);
    key_latency(json, "max", r, r->max);
    jsonw_end(json);
    jsonw_key_object(json, "wait_s"); /* mean parts of a latency */
    key_latency(json, "queue", r, r->queue_s);
    jsonw_key_f64(json, "cold_start", r->cold_wait_s);
    jsonw_key_f64(json, "batch", r->batch_wait_s);
    jsonw_key_f64(json, "service", r->service_s);
    jsonw_end(json);
}

static void write_result(struct jsonw *json, const struct plan_report *report, const struct result *r)
{
    jsonw_object(json);
    write_settings(json, &r->settings);
    write_latencies(json, r);
    jsonw_key_f64(json, "cold_fraction", r->cold);
    jsonw_key_f64(json, "waited_fraction", r->waited);
    jsonw_key_f64(json, "error_fraction", r->errors);
    jsonw_key_f64(json, "cost_usd", r->cost_usd);
    jsonw_key_f64(json, "cost_per_1k", r->cost_per_1k);
    jsonw_key_f64(json, "cost_per_month", r->usd_per_month);
    jsonw_key_object(json, "cost_parts_usd");
    jsonw_key_f64(json, "start", r->start_usd);
    jsonw_key_f64(json, "busy", r->busy_usd);
    jsonw_key_f64(json, "idle", r->idle_usd);
    jsonw_end(json);
    jsonw_key_f64(json, "container_s", r->container_s);
    jsonw_key_f64(json, "busy_s", r->busy_s);
    jsonw_key_f64(json, "start_s", r->start_s);
    jsonw_key_f64(json, "utilization", r->utilization);
    jsonw_key_f64(json, "starts", r->starts);
    jsonw_key_f64(json, "mean_containers", r->mean_containers);
    jsonw_key_f64(json, "peak_containers", r->peak_containers);
    jsonw_key_f64(json, "mean_batch_size", r->batch_size);
    jsonw_key_bool(json, "meets_slo", objective_meets(&report->question->objective, r));
    jsonw_key_bool(json, "overloaded", r->overloaded);
    if (r->overloaded)
        jsonw_key_f64(json, "needs_containers", r->needs_containers);
    jsonw_key_u64(json, "replications", r->replications);
    jsonw_key_object(json, "intervals");
    key_interval(json, "p99_s", &r->p99_interval);
    key_interval(json, "cost_usd", &r->cost_interval);
    key_interval(json, "mean_s", &r->mean_interval);
    key_interval(json, "cold_fraction", &r->cold_interval);
    jsonw_end(json);
    jsonw_end(json);
}

static void key_result(struct jsonw *json, const char *key, const struct plan_report *report,
                       const struct result *result)
{
    jsonw_key(json, key);
    if (result)
        write_result(json, report, result);
    else
        jsonw_null(json);
}

static void write_trace(struct jsonw *json, const struct plan_report *report)
{
    const struct traffic *traffic = &report->plan->traffic;
    jsonw_key_object(json, "trace");
    jsonw_key_u64(json, "requests", traffic->requests);
    jsonw_key_f64(json, "span_s", traffic->span_s);
    jsonw_key_f64(json, "rate_per_s", traffic->rate);
    jsonw_key_f64(json, "peak_per_s", traffic->peak_per_s);
    jsonw_key_f64(json, "peak_per_minute", traffic->peak_per_minute);
    jsonw_key_f64(json, "cv", traffic->cv);
    jsonw_key_f64(json, "dispersion", traffic->dispersion);
    jsonw_key_array(json, "hours");
    for (int i = 0; i < 24 && traffic->hours[0] + traffic->hours[12] > 0; i++)
        jsonw_f64(json, traffic->hours[i]);
    jsonw_end(json);
    jsonw_key_string(json, "source", report->source);
    jsonw_end(json);
}

static void key_dist(struct jsonw *json, const char *key, const struct dist *dist)
{
    struct buf text = {0};
    dist_print(dist, &text);
    jsonw_key_string(json, key, buf_str(&text));
    buf_release(&text);
}

static void write_model(struct jsonw *json, const struct plan_report *report)
{
    const struct model *model = &report->question->model;
    jsonw_key_object(json, "model");
    jsonw_key_string(json, "text", report->model);
    key_dist(json, "cold", &model->cold);
    if (model->has_snapshot)
        key_dist(json, "snapshot", &model->snapshot_cold);
    if (report->plan->traffic.service_mean_s > 0)
        jsonw_key_f64(json, "service_mean_s", report->plan->traffic.service_mean_s);
    else
        key_dist(json, "service", &model->service);
    jsonw_key_f64(json, "rate_usd_per_s", report->question->hardware[0].usd_per_s);
    jsonw_key_string(json, "basis", report->basis);
    jsonw_key_u64(json, "seed", report->question->seed);
    jsonw_end(json);
}

static void write_objective(struct jsonw *json, const struct objective *objective)
{
    struct buf text = {0};
    jsonw_key_array(json, "slo");
    for (size_t i = 0; i < objective->n; i++) {
        buf_reset(&text);
        slo_print(&objective->slos[i], &text);
        jsonw_string(json, buf_str(&text));
    }
    jsonw_end(json);
    jsonw_key_string(json, "minimize", str_of(objective->minimize->name));
    buf_release(&text);
}

static void write_search(struct jsonw *json, const struct plan_report *report)
{
    const struct plan *plan = report->plan;
    key_result(json, "best", report, plan->best ? &plan->best->result : NULL);
    key_result(json, "cheapest", report, plan->cheapest ? &plan->cheapest->result : NULL);
    key_result(json, "fastest", report, plan->fastest ? &plan->fastest->result : NULL);
    jsonw_key_array(json, "frontier");
    for (size_t i = 0; i < plan->n_frontier; i++)
        write_result(json, report, &plan->frontier[i]->result);
    jsonw_end(json);
    jsonw_key_u64(json, "evaluated", plan->best ? plan->searched.evaluated : 1);
    jsonw_key_u64(json, "grid", plan->best ? plan->searched.grid : 1);
    jsonw_key_bool(json, "proven", !plan->best || plan->searched.proven);
    jsonw_key_bool(json, "feasible",
                   plan->best ? plan->meets : objective_meets(&report->question->objective, &plan->baseline));
    if (plan->best) {
        jsonw_key_bool(json, "recommended", plan->is_worth_it);
        jsonw_key_string(
            json, "change",
            scaling_change(report->arena, &plan->baseline.settings, &plan->best->result.settings, report->is_method));
        key_interval(json, "saves_usd", &plan->gain_usd);
    }
    key_result(json, "holdout", report, plan->has_holdout ? &plan->holdout : NULL);
    key_result(json, "twice_the_load", report, plan->has_doubled ? &plan->doubled : NULL);
    jsonw_key_f64(json, "lower_bound_usd", plan->bound_usd);
    jsonw_key_f64(json, "lower_bound_usd_per_month", plan->bound_usd_per_month);
}

void plan_report_json(const struct plan_report *report, struct buf *out)
{
    struct jsonw json;
    jsonw_init(&json, out, true);
    jsonw_object(&json);
    jsonw_key_u64(&json, "schema_version", 1);
    write_trace(&json, report);
    write_model(&json, report);
    write_objective(&json, &report->question->objective);
    key_result(&json, "baseline", report, &report->plan->baseline);
    write_search(&json, report);
    jsonw_key_array(&json, "notes");
    for (size_t i = 0; i < report->n_notes; i++)
        jsonw_string(&json, report->notes[i]);
    jsonw_end(&json);
    jsonw_end(&json);
}

/* CSV */

#define AT(field) offsetof(struct result, field)
static const struct {
    const char *name;
    size_t offset;
} csv_fields[] = {
    {"p50_s", AT(p50)},
    {"p90_s", AT(p90)},
    {"p95_s", AT(p95)},
    {"p99_s", AT(p99)},
    {"p999_s", AT(p999)},
    {"mean_s", AT(mean)},
    {"max_s", AT(max)},
    {"cold_fraction", AT(cold)},
    {"waited_fraction", AT(waited)},
    {"error_fraction", AT(errors)},
    {"cost_usd", AT(cost_usd)},
    {"cost_per_1k", AT(cost_per_1k)},
    {"cost_per_month", AT(usd_per_month)},
    {"container_s", AT(container_s)},
    {"busy_s", AT(busy_s)},
    {"start_s", AT(start_s)},
    {"utilization", AT(utilization)},
    {"mean_containers", AT(mean_containers)},
    {"peak_containers", AT(peak_containers)},
};

enum { CSV_FIELDS = sizeof(csv_fields) / sizeof(csv_fields[0]) };

static void add_csv_row(const struct plan_report *report, const char *label, const struct result *result,
                        struct buf *out)
{
    const char *key;
    buf_addf(out, "%s", label);
    for (size_t i = 0; (key = settings_key(i)); i++) {
        struct buf value = {0};
        settings_print_one(&result->settings, str_of(key), &value);
        bool quoted = str_contains(buf_str(&value), STR(","));
        buf_addf(out, quoted ? ",\"%s\"" : ",%s", buf_cstr(&value));
        buf_release(&value);
    }
    for (size_t i = 0; i < CSV_FIELDS; i++) {
        double value = *(const double *)((const char *)result + csv_fields[i].offset);
        if (result->overloaded && i < 7)
            buf_add_char(out, ',');
        else
            buf_addf(out, ",%.9g", value);
    }
    buf_addf(out, ",%s\n", objective_meets(&report->question->objective, result) ? "true" : "false");
}

void plan_report_csv(const struct plan_report *report, struct buf *out)
{
    const char *key;
    buf_add(out, STR("label"));
    for (size_t i = 0; (key = settings_key(i)); i++)
        buf_addf(out, ",%s", key);
    for (size_t i = 0; i < CSV_FIELDS; i++)
        buf_addf(out, ",%s", csv_fields[i].name);
    buf_add(out, STR(",meets_slo\n"));
    add_csv_row(report, "today", &report->plan->baseline, out);
    const struct search_outcome *searched = &report->plan->searched;
    for (size_t i = 0; i < searched->found.len; i++) {
        const struct searched *found = &searched->found.items[i];
        const char *label = found == report->plan->best ? "best" : "";
        for (size_t k = 0; k < report->plan->n_frontier && !label[0]; k++)
            label = report->plan->frontier[k] == found ? "frontier" : "";
        add_csv_row(report, label, &found->result, out);
    }
}
