/* A finding's names, its JSON and its order. */
#include "diagnose/finding.h"

#include <stdlib.h>

const char *severity_name(enum severity severity)
{
    static const char *const names[] = {"off", "info", "warn", "error"};
    return names[severity];
}

const char *fix_kind_name(enum fix_kind fix)
{
    static const char *const names[] = {"none", "manual", "unsafe", "safe"};
    return names[fix];
}

static void write_location(struct jsonw *json, const struct location *location)
{
    jsonw_key(json, "location");
    if (!location->file.len) {
        jsonw_null(json);
        return;
    }
    jsonw_object(json);
    jsonw_key_string(json, "file", location->file);
    jsonw_key_u64(json, "line", location->line);
    jsonw_key_u64(json, "column", location->column);
    jsonw_key_u64(json, "end_line", location->end_line ? location->end_line : location->line);
    jsonw_end(json);
}

void range_write_json(struct jsonw *json, const char *key, const struct range *range)
{
    jsonw_key(json, key);
    if (!range->known) {
        jsonw_null(json);
        return;
    }
    jsonw_array(json);
    jsonw_f64(json, range->low);
    jsonw_f64(json, range->high);
    jsonw_end(json);
}

static void write_estimate(struct jsonw *json, const struct estimate *estimate)
{
    jsonw_key(json, "estimate");
    if (!estimate->known) {
        jsonw_null(json);
        return;
    }
    jsonw_object(json);
    range_write_json(json, "cold_s", &estimate->cold_s);
    range_write_json(json, "warm_s", &estimate->warm_s);
    range_write_json(json, "usd_per_month", &estimate->usd_per_month);
    range_write_json(json, "usd_per_1k_calls", &estimate->usd_per_1k_calls);
    range_write_json(json, "memory_bytes", &estimate->memory_bytes);
    jsonw_key_string(json, "confidence", str_of(estimate->confidence));
    jsonw_key_string(json, "assumption", estimate->assumption);
    jsonw_end(json);
}

static void write_edit(struct jsonw *json, const struct edit *edit)
{
    jsonw_object(json);
    jsonw_key_string(json, "file", edit->place.file);
    jsonw_key_u64(json, "line", edit->place.line);
    jsonw_key_u64(json, "column", edit->place.column);
    jsonw_key_u64(json, "end_line", edit->place.end_line);
    jsonw_key_u64(json, "end_column", edit->place.end_column);
    jsonw_key_string(json, "text", edit->text);
    jsonw_end(json);
}

static void write_fix(struct jsonw *json, const struct finding *finding)
{
    jsonw_key(json, "fix");
    if (finding->fix == FIX_NONE) {
        jsonw_null(json);
        return;
    }
    jsonw_object(json);
    jsonw_key_string(json, "applicability", str_of(fix_kind_name(finding->fix)));
    jsonw_key_array(json, "edits");
    for (size_t i = 0; i < finding->edits.len; i++)
        write_edit(json, &finding->edits.items[i]);
    jsonw_end(json);
    jsonw_end(json);
}

void finding_write_json(struct jsonw *json, const struct finding *finding)
{
    jsonw_object(json);
    jsonw_key_string(json, "code", finding->code);
    jsonw_key_string(json, "name", finding->name);
    jsonw_key_string(json, "severity", str_of(severity_name(finding->severity)));
    jsonw_key_string(json, "message", finding->message);
    write_location(json, &finding->location);
    jsonw_key_string(json, "subject", finding->subject);
    jsonw_key(json, "evidence");
    jsonw_raw(json, finding->evidence.len ? finding->evidence : STR("{}"));
    write_estimate(json, &finding->estimate);
    write_fix(json, finding);
    if (finding->advice.len)
        jsonw_key_string(json, "advice", finding->advice);
    jsonw_end(json);
}

double range_typical(const struct range *range)
{
    if (!range->known)
        return 0;
    return range->typical != 0 ? range->typical : (range->low + range->high) / 2;
}

static double saving(const struct finding *finding, const struct range *range)
{
    return finding->estimate.known ? -range_typical(range) : 0;
}

double finding_saving_s(const struct finding *finding)
{
    return saving(finding, &finding->estimate.cold_s);
}

static int descending(double a, double b)
{
    return (a < b) - (a > b);
}

static int by_saving(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    const struct estimate *p = &x->estimate, *q = &y->estimate;
    int order = descending(p->known ? p->share : 0, q->known ? q->share : 0);
    if (!order)
        order = descending(saving(x, &p->cold_s) + saving(x, &p->warm_s),
                           saving(y, &q->cold_s) + saving(y, &q->warm_s));
    if (!order)
        order = descending(saving(x, &p->usd_per_month), saving(y, &q->usd_per_month));
    if (!order)
        order = (int)y->severity - (int)x->severity;
    if (!order)
        order = str_compare(x->code, y->code);
    if (!order)
        order = str_compare(x->location.file, y->location.file);
    return order ? order : (x->location.line > y->location.line) - (x->location.line < y->location.line);
}

void findings_sort(struct findings *findings)
{
    if (findings->len > 1)
        qsort(findings->items, findings->len, sizeof(*findings->items), by_saving);
}
