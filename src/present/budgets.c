/* Budgets: a line each, what was measured beside what is allowed. */
#include <math.h>

#include "present/run_report.h"

static const struct column columns[] = {
    {"budget", COLUMN_LEFT, 0}, {"measured", COLUMN_RIGHT, 0}, {"limit", COLUMN_LEFT, 0}, {"", COLUMN_LEFT, 0}};

static const char *const states[] = {"broken", "kept", "inconclusive"};

static struct str amount(struct document *document, enum budget_unit unit, double value)
{
    if (isnan(value))
        return STR("not measured");
    switch (unit) {
    case BUDGET_SECONDS:
        return document_duration(document, value);
    case BUDGET_USD:
        return document_usd(document, value);
    case BUDGET_BYTES:
        return document_size(document, value);
    case BUDGET_CHANGE:
        return document_change(document, value);
    default:
        return document_share(document, value);
    }
}

static struct str measured(struct document *document, const struct budget_result *result)
{
    enum budget_unit unit = result->budget->unit;
    struct str actual = amount(document, unit, result->actual);
    if (unit != BUDGET_CHANGE || isnan(result->actual))
        return actual;
    return arena_printf(document->arena, "%.*s [%.*s, %.*s]", STR_ARG(actual),
                        STR_ARG(amount(document, unit, result->interval.low)),
                        STR_ARG(amount(document, unit, result->interval.high)));
}

static void add_head(struct document *document, struct section *section, const struct budget_results *budgets)
{
    size_t broken = budget_count(budgets, BUDGET_BROKEN), unsure = budget_count(budgets, BUDGET_UNSURE);
    if (broken)
        section_head(document, section, STYLE_INVESTIGATE, "%zu of %zu broken", broken, budgets->len);
    else if (unsure)
        section_head(document, section, STYLE_DETAIL, "%zu of %zu inconclusive", unsure, budgets->len);
    else
        section_head(document, section, STYLE_GOOD, "all %zu kept", budgets->len);
}

void budgets_section(struct document *document, const struct budget_results *budgets)
{
    if (!budgets || !budgets->len)
        return;
    static const enum style styles[] = {STYLE_INVESTIGATE, STYLE_GOOD, STYLE_DETAIL};
    struct section *section = document_section(document, "Budgets");
    add_head(document, section, budgets);
    struct table *table = section_table(document, section, false, columns, 4);
    for (size_t i = 0; i < budgets->len; i++) {
        const struct budget_result *result = &budgets->items[i];
        const struct budget *budget = result->budget;
        table_add(document, table, STYLE_PLAIN, "%s", budget_name(budget->metric));
        table_add_str(document, table, STYLE_PLAIN, measured(document, result));
        struct str limit = amount(document, budget->unit, budget->limit);
        table_add(document, table, STYLE_DETAIL, "%s %.*s", budget->or_equal ? "<=" : "<", STR_ARG(limit));
        table_add(document, table, styles[result->state], "%s", states[result->state]);
    }
}

void budgets_json(struct jsonw *json, const struct budget_results *budgets)
{
    jsonw_key_array(json, "budgets");
    for (size_t i = 0; budgets && i < budgets->len; i++) {
        const struct budget_result *result = &budgets->items[i];
        jsonw_object(json);
        jsonw_key_string(json, "name", str_of(budget_name(result->budget->metric)));
        jsonw_key_f64(json, "limit", result->budget->limit);
        jsonw_key_f64(json, "actual", result->actual);
        if (result->state == BUDGET_UNSURE)
            jsonw_key_null(json, "ok");
        else
            jsonw_key_bool(json, "ok", result->state == BUDGET_KEPT);
        jsonw_key_string(json, "unit", str_of(budget_unit_name(result->budget->unit)));
        jsonw_key_string(json, "text", result->budget->text);
        if (result->budget->unit == BUDGET_CHANGE) {
            jsonw_key_array(json, "interval");
            jsonw_f64(json, result->interval.low);
            jsonw_f64(json, result->interval.high);
            jsonw_end(json);
        }
        jsonw_end(json);
    }
    jsonw_end(json);
}
