/* The optimization checklist as JSON and as tables, one a function. */
#include "present/checklist.h"

void checklist_json(struct jsonw *json, const struct checklist *checklist)
{
    jsonw_key_array(json, "checklist");
    for (size_t i = 0; i < checklist->len; i++) {
        jsonw_object(json);
        jsonw_key_string(json, "function", checklist->items[i].function);
        jsonw_key_string(json, "item", str_of(checklist->items[i].item));
        jsonw_key_string(json, "status", str_of(checklist_status_name(checklist->items[i].status)));
        jsonw_key_string(json, "evidence", checklist->items[i].evidence);
        jsonw_end(json);
    }
    jsonw_end(json);
}

void checklist_next(struct document *document, const struct checklist *checklist)
{
    for (size_t i = 0; i < checklist->len; i++) {
        const struct checklist_row *row = &checklist->items[i];
        if (row->status != CHECKLIST_NOT_MEASURED || !str_starts_with(row->evidence, STR("coldspot run")))
            continue;
        section_line(document, document_section(document, ""), false, STYLE_PLAIN, "\nNext: %.*s",
                     STR_ARG(row->evidence));
        return;
    }
}

/* "ok  use-lazy-imports-where-possible", all items under each function. */
void checklist_sections(struct document *document, const struct checklist *checklist)
{
    static const struct column columns[] = {
        {"status", COLUMN_LEFT, 0}, {"item", COLUMN_LEFT, 0}, {"evidence", COLUMN_LEFT, 0}};
    static const char *const words[] = {"ok", "finding", "not measured", "n/a"};
    static const enum style styles[] = {STYLE_GOOD, STYLE_INVESTIGATE, STYLE_DETAIL, STYLE_DETAIL};
    struct table *table = NULL;
    for (size_t i = 0; i < checklist->len; i++) {
        const struct checklist_row *row = &checklist->items[i];
        if (!i || !str_equals(row->function, checklist->items[i - 1].function)) {
            section_line(document, document_section(document, ""), false, STYLE_ANSWER, "%s%.*s", i ? "\n" : "",
                         STR_ARG(row->function));
            table = section_table(document, document_section(document, ""), true, columns, 3);
        }
        table_add(document, table, styles[row->status], "%s", words[row->status]);
        table_add(document, table, STYLE_PLAIN, "%s", row->item);
        table_add_str(document, table, STYLE_DETAIL, row->brief);
        table_end_row(document, table);
    }
}
