/* The terminal's form: labels in a column of their own, numbers right-aligned, bars in eighths of a column, and nothing wider
 * than the terminal: tables drop their right-most columns first. */
#include "present/present.h"

enum { LABEL_WIDTH = 13, INDENT = 2, BAR_WIDTH = 40, WIDTH_DEFAULT = 100, COLUMNS_MOST = 16, LEAST_WORDS = 12 };

struct page {
    struct buf *out;
    uint32_t width;
    bool color;
};

static const char *const style_codes[] = {
    [STYLE_PLAIN] = "", [STYLE_ANSWER] = "1", [STYLE_DETAIL] = "2", [STYLE_GOOD] = "32", [STYLE_INVESTIGATE] = "33",
};

static void add_styled(struct page *page, const struct cell *cell)
{
    const char *code = style_codes[cell->style];
    if (page->color && code[0])
        buf_addf(page->out, "\033[%sm%.*s\033[0m", code, STR_ARG(cell->text));
    else
        buf_add(page->out, cell->text);
}

static void add_spaces(struct page *page, size_t n)
{
    buf_add_repeated(page->out, STR(" "), n);
}

static void end_line(struct page *page)
{
    while (page->out->len && page->out->ptr[page->out->len - 1] == ' ')
        page->out->len--;
    buf_add_char(page->out, '\n');
}

/* Words from column `at` on, and a verdict at the right edge when there is room, else behind two spaces. */
static void add_words(struct page *page, size_t at, const struct cell *cells, size_t n, const char *gap,
                      const struct cell *verdict)
{
    for (size_t i = 0; i < n; i++) {
        if (i) {
            buf_add(page->out, str_of(gap));
            at += str_columns(str_of(gap));
        }
        add_styled(page, &cells[i]);
        at += str_columns(cells[i].text);
    }
    size_t needed = str_columns(verdict->text);
    if (needed) {
        size_t edge = page->width < 96 ? page->width : 96;
        add_spaces(page, at + needed + 2 <= edge ? edge - needed - at : 2);
        add_styled(page, verdict);
    }
    end_line(page);
}

/* A bar of fraction x BAR_WIDTH columns, in eighths; anything above nothing shows at least an eighth. */
static void add_bar(struct buf *out, double fraction)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    double clipped = fraction < 0 ? 0 : fraction > 1 ? 1 : fraction;
    unsigned n = (unsigned)(clipped * BAR_WIDTH * 8 + 0.5);
    if (n == 0 && fraction > 0)
        n = 1;
    buf_add_repeated(out, STR("█"), n / 8);
    buf_add(out, str_of(eighths[n % 8]));
}

/* What a table needs to be laid out: how wide each column is and how many of them fit. */
struct layout {
    size_t widths[COLUMNS_MOST];
    size_t shown;
};

static size_t cell_width(const struct table *table, size_t column, const struct cell *cell)
{
    if (table->columns[column].kind == COLUMN_BAR)
        return 0;
    size_t width = str_columns(cell->text), most = table->columns[column].most;
    return most && width > most ? most : width;
}

static struct layout lay_out(const struct table *table, size_t room)
{
    struct layout layout = {.shown = table->n_columns < COLUMNS_MOST ? table->n_columns : COLUMNS_MOST};
    for (size_t i = 0; i < table->cells.len; i++) {
        size_t column = i % table->n_columns;
        size_t width = column < COLUMNS_MOST ? cell_width(table, column, &table->cells.items[i]) : 0;
        if (column < COLUMNS_MOST && width > layout.widths[column])
            layout.widths[column] = width;
    }
    for (size_t i = 0; table->show_titles && i < layout.shown; i++) {
        size_t width = str_columns(str_of(table->columns[i].title));
        if (width > layout.widths[i])
            layout.widths[i] = width;
    }
    size_t total = 0;
    for (size_t i = 0; i < layout.shown; i++)
        total += layout.widths[i] + (table->columns[i].kind == COLUMN_BAR ? BAR_WIDTH : 0) + (i ? 2 : 0);
    size_t last = layout.shown - 1; /* a last column of words is cut before it is dropped */
    if (total > room && table->columns[last].kind == COLUMN_LEFT && layout.widths[last] > total - room + LEAST_WORDS) {
        layout.widths[last] -= total - room;
        total = room;
    }
    while (layout.shown > 1 && total > room) {
        layout.shown--;
        bool is_bar = table->columns[layout.shown].kind == COLUMN_BAR;
        total -= layout.widths[layout.shown] + (is_bar ? BAR_WIDTH : 0) + 2;
    }
    return layout;
}

/* text cut to `most` columns, the cut shown by an ellipsis; code points are never split. */
static struct str clip(struct buf *room, struct str text, size_t most)
{
    if (str_columns(text) <= most)
        return text;
    size_t at = 0;
    for (size_t columns = 0; at < text.len && columns + 1 < most; columns++) {
        do
            at++;
        while (at < text.len && ((unsigned char)text.ptr[at] & 0xc0) == 0x80);
    }
    buf_reset(room);
    buf_add(room, str_slice(text, 0, at));
    buf_add(room, STR("…"));
    return buf_str(room);
}

static void add_cell(struct page *page, const struct table *table, const struct layout *layout, size_t column,
                     const struct cell *cell)
{
    if (column)
        add_spaces(page, 2);
    if (table->columns[column].kind == COLUMN_BAR) {
        double fraction = 0;
        if (str_to_f64(cell->text, &fraction))
            add_bar(page->out, fraction);
        return;
    }
    struct buf room = {0};
    struct cell shown = {clip(&room, cell->text, layout->widths[column]), cell->style};
    size_t padding = layout->widths[column] - str_columns(shown.text);
    bool right = table->columns[column].kind == COLUMN_RIGHT;
    add_spaces(page, right ? padding : 0);
    add_styled(page, &shown);
    add_spaces(page, right ? 0 : padding);
    buf_release(&room);
}

static void add_titles(struct page *page, const struct table *table, const struct layout *layout)
{
    for (size_t column = 0; column < layout->shown; column++) {
        struct cell title = {str_of(table->columns[column].title), STYLE_DETAIL};
        struct cell none = {STR(""), STYLE_PLAIN};
        add_cell(page, table, layout, column, table->columns[column].kind == COLUMN_BAR ? &none : &title);
    }
    end_line(page);
}

static void add_table(struct page *page, const struct table *table, size_t indent, bool first_is_indented)
{
    struct layout layout = lay_out(table, page->width > indent ? page->width - indent : 1);
    bool indented = first_is_indented;
    if (table->show_titles) {
        add_spaces(page, indented ? 0 : indent);
        indented = false;
        add_titles(page, table, &layout);
    }
    for (size_t row = 0; row * table->n_columns < table->cells.len; row++) {
        add_spaces(page, indented ? 0 : indent);
        indented = false;
        for (size_t column = 0; column < layout.shown; column++)
            add_cell(page, table, &layout, column, &table->cells.items[row * table->n_columns + column]);
        end_line(page);
    }
}

static void add_block(struct page *page, const struct section *section, const struct block *block, bool on_label_line)
{
    size_t indent = section->label.len ? (block->beside ? LABEL_WIDTH : INDENT) : block->beside ? INDENT : 0;
    if (block->kind == BLOCK_VERBATIM) {
        buf_add(page->out, block->cells[0].text);
        return;
    }
    if (block->kind == BLOCK_TABLE) {
        add_table(page, block->table, indent, on_label_line);
        return;
    }
    add_spaces(page, on_label_line ? 0 : indent);
    add_words(page, indent, block->cells, block->n_cells, " ", &block->verdict);
}

static void add_section(struct page *page, const struct section *section)
{
    bool label_open = false;
    if (section->label.len) {
        struct cell label = {section->label, STYLE_ANSWER};
        add_styled(page, &label);
        size_t used = str_columns(section->label);
        add_spaces(page, used < LABEL_WIDTH ? LABEL_WIDTH - used : 1);
        label_open = true;
    }
    bool head = section->n_head || section->verdict.text.len;
    bool joins = label_open && !head && section->blocks.len && section->blocks.items[0].beside;
    if (head)
        add_words(page, label_open ? LABEL_WIDTH : 0, section->head, section->n_head, "   ", &section->verdict);
    else if (label_open && !joins)
        end_line(page);
    for (size_t i = 0; i < section->blocks.len; i++)
        add_block(page, section, &section->blocks.items[i], joins && i == 0);
}

int present_text(const struct document *document, const struct present_options *options, struct buf *out,
                 struct err *err)
{
    (void)err;
    struct page page = {out, options->width ? options->width : WIDTH_DEFAULT, options->color};
    if (document->title.len) {
        struct cell title = {document->title, STYLE_ANSWER};
        add_styled(&page, &title);
        buf_add_char(out, '\n');
    }
    for (size_t i = 0; i < document->sections.len; i++) {
        const struct section *section = document->sections.items[i];
        bool after_label = i && document->sections.items[i - 1]->label.len;
        if (section->label.len ? i || document->title.len : after_label)
            buf_add_char(out, '\n');
        add_section(&page, section);
    }
    return 0;
}
