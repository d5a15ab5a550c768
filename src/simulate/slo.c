/* One table of metrics; everything that is limited, minimised or printed by name reads it. */
#include "simulate/slo.h"

#include <math.h>
#include <stddef.h>
#include <strings.h>

#include "base/units.h"

#define AT(field) offsetof(struct result, field)

static const struct metric metrics[] = {
    {"p50", METRIC_SECONDS, AT(p50), "half of the latencies are below it"},
    {"p90", METRIC_SECONDS, AT(p90), "nine of ten latencies are below it"},
    {"p95", METRIC_SECONDS, AT(p95), "95 % of the latencies are below it"},
    {"p99", METRIC_SECONDS, AT(p99), "99 % of the latencies are below it"},
    {"p999", METRIC_SECONDS, AT(p999), "99.9 % of the latencies are below it"},
    {"mean", METRIC_SECONDS, AT(mean), "the mean latency"},
    {"max", METRIC_SECONDS, AT(max), "the longest latency"},
    {"cold", METRIC_SHARE, AT(cold), "share of the requests that met a cold start"},
    {"waited", METRIC_SHARE, AT(waited), "share of the requests that waited at all"},
    {"errors", METRIC_SHARE, AT(errors), "share of the requests that failed, were given up or turned away"},
    {"cost", METRIC_USD, AT(cost_usd), "USD for the traffic as it is given"},
    {"cost_per_1k", METRIC_USD, AT(cost_per_1k), "USD for 1,000 requests"},
    {"cost_per_month", METRIC_USD, AT(usd_per_month), "USD for 30 days of such traffic"},
};

enum { METRICS = sizeof(metrics) / sizeof(metrics[0]) };

static const struct {
    const char *other, *name;
} synonyms[] = {
    {"p99.9", "p999"},        {"latency", "p99"},           {"cold_fraction", "cold"}, {"waited_fraction", "waited"},
    {"error_rate", "errors"}, {"error_fraction", "errors"}, {"cost_usd", "cost"},
};

const struct metric *metric_find(struct str name)
{
    for (size_t i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++) {
        if (str_equals(name, str_of(synonyms[i].other)))
            name = str_of(synonyms[i].name);
    }
    for (size_t i = 0; i < METRICS; i++) {
        if (str_equals(name, str_of(metrics[i].name)))
            return &metrics[i];
    }
    return NULL;
}

double metric_value(const struct metric *metric, const struct result *result)
{
    return *(const double *)((const char *)result + metric->offset);
}

void metric_print(const struct metric *metric, double value, struct buf *out)
{
    if (metric->unit == METRIC_SECONDS)
        units_add_duration(out, value);
    else if (metric->unit == METRIC_USD)
        units_add_usd(out, value);
    else
        buf_addf(out, value < 0.0095 && value > 0 ? "%.2g %%" : "%.1f %%", value * 100);
}

static int unknown_metric(struct str name, struct err *err)
{
    struct buf known = {0};
    for (size_t i = 0; i < METRICS; i++)
        buf_addf(&known, "%s%s", i ? ", " : "", metrics[i].name);
    err_set(err, ERR_USAGE, "there is nothing called '%.*s' to hold or to minimise", STR_ARG(name));
    int rc = err_hint(err, "there are: %s", buf_cstr(&known));
    buf_release(&known);
    return rc;
}

/* 2s, 500ms; 1 %, 0.01; $20, 20. */
static bool parse_limit(const struct metric *metric, struct str text, double *limit_out)
{
    if (metric->unit == METRIC_SECONDS)
        return units_parse_duration(text, limit_out);
    if (metric->unit == METRIC_USD)
        return str_to_f64(str_trim(str_starts_with(text, STR("$")) ? str_slice(text, 1, text.len) : text), limit_out);
    bool percent = str_ends_with(text, STR("%"));
    if (!str_to_f64(str_trim(percent ? str_slice(text, 0, text.len - 1) : text), limit_out))
        return false;
    *limit_out /= percent ? 100 : 1;
    return true;
}

static int parse_one(struct str text, struct objective *objective, struct err *err)
{
    ptrdiff_t less = str_find(text, STR("<"));
    if (less < 0) {
        err_set(err, ERR_USAGE, "--slo: '%.*s' has no <", STR_ARG(text));
        return err_hint(err, "such as: --slo 'p99 < 2s'   --slo 'cold < 1%%'   --slo 'errors < 0.1%%'");
    }
    struct str name = str_trim(str_slice(text, 0, (size_t)less)), limit = str_slice(text, (size_t)less + 1, text.len);
    struct slo slo = {.metric = metric_find(name), .or_equal = str_starts_with(limit, STR("="))};
    if (!slo.metric) {
        unknown_metric(name, err);
        return err_wrap(err, "--slo");
    }
    limit = str_trim(slo.or_equal ? str_slice(limit, 1, limit.len) : limit);
    if (!parse_limit(slo.metric, limit, &slo.limit) || !isfinite(slo.limit) || slo.limit < 0)
        return err_set(err, ERR_USAGE, "--slo: '%.*s' is no limit for %s", STR_ARG(limit), slo.metric->name);
    if (objective->n == SLOS_MOST)
        return err_set(err, ERR_USAGE, "--slo: more than %d objectives", SLOS_MOST);
    objective->slos[objective->n++] = slo;
    return 0;
}

int slo_parse(struct str text, struct objective *objective, struct err *err)
{
    while (text.ptr) {
        ptrdiff_t comma = str_find(text, STR(",")), word = str_find(text, STR(" and "));
        bool by_word = word >= 0 && (comma < 0 || word < comma);
        size_t end = by_word ? (size_t)word : comma >= 0 ? (size_t)comma : text.len;
        int rc = parse_one(str_trim(str_slice(text, 0, end)), objective, err);
        if (rc)
            return rc;
        size_t next = end + (by_word ? 5 : 1);
        text = next <= text.len ? str_slice(text, next, text.len) : (struct str){0};
    }
    return 0;
}

void slo_print(const struct slo *slo, struct buf *out)
{
    buf_addf(out, "%s %s ", slo->metric->name, slo->or_equal ? "<=" : "<");
    switch (slo->metric->unit) { /* as it was given: no more figures than that */
    case METRIC_SECONDS:
        buf_addf(out, slo->limit < 1 ? "%.6g ms" : "%.6g s", slo->limit < 1 ? slo->limit * 1000 : slo->limit);
        return;
    case METRIC_SHARE:
        buf_addf(out, "%.6g %%", slo->limit * 100);
        return;
    default:
        buf_addf(out, "$%.6g", slo->limit);
    }
}

double objective_violation(const struct objective *objective, const struct result *result)
{
    double sum = 0;
    if (result->overloaded)
        return HUGE_VAL;
    for (size_t i = 0; i < objective->n; i++) {
        const struct slo *slo = &objective->slos[i];
        double value = metric_value(slo->metric, result), scale = fmax(slo->limit, 1e-9);
        bool met = slo->or_equal ? value <= slo->limit : value < slo->limit;
        if (!met)
            sum += (value - slo->limit) / scale + 1e-9;
    }
    return sum;
}

bool objective_meets(const struct objective *objective, const struct result *result)
{
    return objective_violation(objective, result) == 0;
}

bool objective_better(const struct objective *objective, const struct result *a, const struct result *b)
{
    double excess_a = objective_violation(objective, a), excess_b = objective_violation(objective, b);
    if (excess_a != excess_b)
        return excess_a < excess_b;
    double value_a = metric_value(objective->minimize, a), value_b = metric_value(objective->minimize, b);
    if (value_a != value_b)
        return value_a < value_b;
    if (a->cost_usd != b->cost_usd)
        return a->cost_usd < b->cost_usd;
    return a->p99 < b->p99;
}

const struct metric *objective_latency(const struct objective *objective)
{
    for (size_t i = 0; i < objective->n; i++) {
        if (objective->slos[i].metric->unit == METRIC_SECONDS)
            return objective->slos[i].metric;
    }
    if (objective->minimize && objective->minimize->unit == METRIC_SECONDS)
        return objective->minimize;
    return metric_find(STR("p99"));
}
