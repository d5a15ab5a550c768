/* Markdown: sections become headings, tables become pipe tables, bars are left to their numbers. */
#include "present/present.h"

/* Text whose own pipes and line breaks cannot end a cell. */
static void add_cell(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '|')
            buf_add_char(out, '\\');
        buf_add_char(out, text.ptr[i] == '\n' ? ' ' : text.ptr[i]);
    }
}

static void add_table(struct buf *out, const struct table *table)
{
    const char *separator = "\n|";
    for (size_t i = 0; i < table->n_columns; i++) {
        if (table->columns[i].kind != COLUMN_BAR)
            buf_addf(out, "%s %s |", i ? "" : separator, table->columns[i].title);
    }
    for (size_t i = 0; i < table->n_columns; i++) {
        if (table->columns[i].kind != COLUMN_BAR)
            buf_addf(out, "%s %s |", i ? "" : separator, table->columns[i].kind == COLUMN_RIGHT ? "---:" : "---");
    }
    for (size_t i = 0; i < table->cells.len; i++) {
        if (table->columns[i % table->n_columns].kind == COLUMN_BAR)
            continue;
        buf_addf(out, "%s ", i % table->n_columns ? "" : separator);
        add_cell(out, str_trim(table->cells.items[i].text));
        buf_addf(out, " |");
    }
    buf_add(out, STR("\n\n"));
}

static void add_words(struct buf *out, const struct cell *cells, size_t n, const struct cell *verdict)
{
    for (size_t i = 0; i < n; i++)
        buf_addf(out, "%s%s%.*s%s", i ? " " : "", cells[i].style == STYLE_ANSWER ? "**" : "", STR_ARG(cells[i].text),
                 cells[i].style == STYLE_ANSWER ? "**" : "");
    if (verdict->text.len)
        buf_addf(out, "%s*%.*s*", n ? " " : "", STR_ARG(verdict->text));
}

static void add_block(struct buf *out, const struct block *block)
{
    switch (block->kind) {
    case BLOCK_TABLE:
        add_table(out, block->table);
        break;
    case BLOCK_VERBATIM:
        buf_addf(out, "```\n%.*s```\n\n", STR_ARG(block->cells[0].text));
        break;
    case BLOCK_LINE:
        add_words(out, block->cells, block->n_cells, &block->verdict);
        buf_add(out, STR("\n\n"));
        break;
    }
}

int present_markdown(const struct document *document, const struct present_options *options, struct buf *out,
                     struct err *err)
{
    (void)options;
    (void)err;
    if (document->title.len)
        buf_addf(out, "%.*s\n\n", STR_ARG(document->title));
    for (size_t i = 0; i < document->sections.len; i++) {
        const struct section *section = document->sections.items[i];
        if (section->label.len)
            buf_addf(out, "### %.*s\n\n", STR_ARG(section->label));
        if (section->n_head || section->verdict.text.len) {
            add_words(out, section->head, section->n_head, &section->verdict);
            buf_add(out, STR("\n\n"));
        }
        for (size_t b = 0; b < section->blocks.len; b++)
            add_block(out, &section->blocks.items[b]);
    }
    return 0;
}
