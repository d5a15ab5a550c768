/* Budgets: a line each, what was measured beside what is allowed. */
#include <math.h>

#include "present/run_report.h"

static const struct column columns[] = {
    {"budget", COLUMN_LEFT, 0}, {"measured", COLUMN_RIGHT, 0}, {"limit", COLUMN_LEFT, 0}, {"", COLUMN_LEFT, 0}};

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
    default:
        return document_share(document, value);
    }
}

void budgets_section(struct document *document, const struct budget_results *budgets)
{
    if (!budgets || !budgets->len)
        return;
    size_t broken = budget_count_broken(budgets);
    struct section *section = document_section(document, "Budgets");
    if (broken)
        section_head(document, section, STYLE_INVESTIGATE, "%zu of %zu broken", broken, budgets->len);
    else
        section_head(document, section, STYLE_GOOD, "all %zu kept", budgets->len);
    struct table *table = section_table(document, section, false, columns, 4);
    for (size_t i = 0; i < budgets->len; i++) {
        const struct budget_result *result = &budgets->items[i];
        const struct budget *budget = result->budget;
        table_add(document, table, STYLE_PLAIN, "%s", budget_name(budget->metric));
        table_add_str(document, table, STYLE_PLAIN, amount(document, budget->unit, result->actual));
        struct str limit = amount(document, budget->unit, budget->limit);
        table_add(document, table, STYLE_DETAIL, "%s %.*s", budget->or_equal ? "<=" : "<", STR_ARG(limit));
        table_add(document, table, result->ok ? STYLE_GOOD : STYLE_INVESTIGATE, result->ok ? "kept" : "broken");
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
        jsonw_key_bool(json, "ok", result->ok);
        jsonw_key_string(json, "unit", str_of(budget_unit_name(result->budget->unit)));
        jsonw_key_string(json, "text", result->budget->text);
        jsonw_end(json);
    }
    jsonw_end(json);
}
