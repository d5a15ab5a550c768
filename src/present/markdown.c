/* Markdown: sections become headings, tables become pipe tables, bars are left to their numbers. */
#include "present/present.h"

/* Text that markdown would take for a mark of its own. */
static void add_text(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i], next = i + 1 < text.len ? text.ptr[i + 1] : ' ';
        if (c == '|' || c == '<' || c == '*' || (c == '_' && next == '_') || (c == '_' && i && text.ptr[i - 1] == '_'))
            buf_add_char(out, '\\');
        buf_add_char(out, c == '\n' ? ' ' : c);
    }
}

/* Words as they are, a command as code, the answer in bold. */
static void add_cell(struct buf *out, const struct cell *cell)
{
    struct str text = str_trim(cell->text);
    bool is_command = str_starts_with(text, STR("coldspot "));
    const char *mark = is_command ? "`" : cell->style == STYLE_ANSWER && text.len ? "**" : "";
    buf_add(out, str_of(mark));
    if (is_command)
        buf_add(out, text);
    else
        add_text(out, text);
    buf_add(out, str_of(mark));
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
        add_text(out, str_trim(table->cells.items[i].text));
        buf_addf(out, " |");
    }
    buf_add(out, STR("\n\n"));
}

static void add_words(struct buf *out, const struct cell *cells, size_t n, const struct cell *verdict)
{
    for (size_t i = 0; i < n; i++) {
        buf_add(out, i ? STR(" ") : STR(""));
        add_cell(out, &cells[i]);
    }
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
        if (block->n_cells == 1 && block->cells[0].text.len == 0 && block->verdict.text.len == 0)
            break;
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
