/* The terminal's form: labels in a column of their own, numbers right-aligned, bars in eighths of a column, and nothing wider
 * than the terminal: lines are broken between words, tables leave out the columns that matter least.  What is meant to be
 * copied stays whole. */
#include <string.h>

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

/* A line of words that may have to be broken: where it is, and where its further lines begin. */
struct flow {
    struct page *page;
    size_t at;     /* the column reached */
    size_t margin; /* of further lines */
    bool fresh;    /* nothing but the margin is on this line */
};

static void flow_on(struct flow *flow)
{
    end_line(flow->page);
    add_spaces(flow->page, flow->margin);
    flow->at = flow->margin;
    flow->fresh = true;
}

/* What further lines are indented by: blanks, and the number or "Next:" that a text begins with. */
static size_t hanging(struct str text)
{
    size_t blanks = 0, at;
    while (blanks < text.len && text.ptr[blanks] == ' ')
        blanks++;
    if (text.len > 6 && (str_starts_with(text, STR("Next: ")) || str_starts_with(text, STR("Note: "))))
        return 6;
    for (at = blanks; at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9';)
        at++;
    return at > blanks && at + 2 < text.len && text.ptr[at] == ' ' && text.ptr[at + 1] == ' ' ? at + 2 : blanks;
}

/* A command to copy is never broken. */
static bool is_command(struct str text)
{
    size_t blanks = 0;
    while (blanks < text.len && text.ptr[blanks] == ' ')
        blanks++;
    return str_starts_with(str_slice(text, blanks, text.len), STR("coldspot "));
}

/* As much of the cell as fits goes on this line, and so on. */
static void flow_cell(struct flow *flow, const struct cell *cell)
{
    struct str rest = cell->text;
    while (rest.len) {
        size_t room = flow->page->width > flow->at ? flow->page->width - flow->at : 0, end = rest.len;
        if (str_columns(rest) > room && !is_command(cell->text)) {
            end = 0;
            for (size_t i = 1; i < rest.len; i++) {
                if (rest.ptr[i] != ' ' || rest.ptr[i - 1] == ' ')
                    continue;
                if (end && str_columns(str_slice(rest, 0, i)) > room)
                    break;
                if (str_columns(str_slice(rest, 0, i)) <= room || flow->fresh)
                    end = i;
            }
            end = end || !flow->fresh ? end : rest.len;
        }
        add_styled(flow->page, &(struct cell){str_slice(rest, 0, end), cell->style});
        flow->at += str_columns(str_slice(rest, 0, end));
        flow->fresh = flow->fresh && !end;
        rest = str_slice(rest, end, rest.len);
        while (rest.len && end && rest.ptr[0] == ' ')
            rest = str_slice(rest, 1, rest.len);
        if (rest.len)
            flow_on(flow);
    }
}

/* At the right edge where there is room, else behind two spaces, else on a line of its own. */
static void flow_verdict(struct flow *flow, const struct cell *verdict)
{
    size_t needed = str_columns(verdict->text), edge = flow->page->width < 96 ? flow->page->width : 96;
    if (needed && flow->at + 2 + needed > flow->page->width)
        flow_on(flow);
    if (needed) {
        add_spaces(flow->page, flow->at + needed + 2 <= edge ? edge - needed - flow->at : flow->fresh ? 0 : 2);
        add_styled(flow->page, verdict);
    }
    end_line(flow->page);
}

/* Words from column `at` on, and a verdict behind them; further lines begin at `margin`. */
static void add_words(struct page *page, size_t at, size_t margin, const struct cell *cells, size_t n, const char *gap,
                      const struct cell *verdict)
{
    struct flow flow = {page, at, margin, n == 0};
    for (size_t i = 0; i < n; i++) {
        if (i && flow.at + strlen(gap) + str_columns(cells[i].text) > page->width && !flow.fresh &&
            flow.margin + str_columns(cells[i].text) <= page->width) {
            flow_on(&flow);
        } else if (i) {
            buf_add(page->out, str_of(gap));
            flow.at += strlen(gap);
        }
        flow_cell(&flow, &cells[i]);
    }
    flow_verdict(&flow, verdict);
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

/* What a table needs to be laid out: how wide each column is and which of them are shown. */
struct layout {
    size_t widths[COLUMNS_MOST];
    bool hidden[COLUMNS_MOST];
    size_t n;
};

static size_t cell_width(const struct table *table, size_t column, const struct cell *cell)
{
    if (table->columns[column].kind == COLUMN_BAR)
        return str_columns(cell->text) ? BAR_WIDTH : 0;
    size_t width = str_columns(cell->text), most = table->columns[column].most;
    return most && width > most ? most : width;
}

static void measure(const struct table *table, struct layout *layout)
{
    for (size_t i = 0; i < table->cells.len; i++) {
        size_t column = i % table->n_columns;
        size_t width = column < COLUMNS_MOST ? cell_width(table, column, &table->cells.items[i]) : 0;
        if (column < COLUMNS_MOST && width > layout->widths[column])
            layout->widths[column] = width;
    }
    for (size_t i = 0; table->show_titles && i < layout->n; i++) {
        size_t width = str_columns(str_of(table->columns[i].title));
        if (width > layout->widths[i])
            layout->widths[i] = width;
    }
}

static size_t total_width(const struct layout *layout)
{
    size_t total = 0;
    for (size_t i = 0; i < layout->n; i++)
        total += layout->hidden[i] ? 0 : layout->widths[i] + (i ? 2 : 0);
    return total;
}

/* The column that is left out next: the one that may go first, of equal ones the right-most; never the first. */
static size_t least_wanted(const struct table *table, const struct layout *layout)
{
    size_t least = 0;
    for (size_t i = 1; i < layout->n; i++) {
        if (!layout->hidden[i] && (!least || table->columns[i].drop >= table->columns[least].drop))
            least = i;
    }
    return least;
}

static struct layout lay_out(const struct table *table, size_t room)
{
    struct layout layout = {.n = table->n_columns < COLUMNS_MOST ? table->n_columns : COLUMNS_MOST};
    measure(table, &layout);
    size_t total, last = layout.n - 1, goes;
    while ((total = total_width(&layout)) > room && (goes = least_wanted(table, &layout))) {
        /* a last column of words is cut before it is dropped */
        bool can_cut = table->columns[last].kind == COLUMN_LEFT && layout.widths[last] > total - room + LEAST_WORDS;
        if (goes == last && can_cut)
            layout.widths[last] -= total - room;
        else
            layout.hidden[goes] = true;
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
    if (layout->hidden[column])
        return;
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
    for (size_t column = 0; column < layout->n; column++) {
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
        for (size_t column = 0; column < layout.n; column++)
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
    if (block->whole) {
        add_styled(page, &block->cells[0]);
        end_line(page);
        return;
    }
    size_t hang = block->hang ? block->hang : block->n_cells ? hanging(block->cells[0].text) : 0;
    add_words(page, indent, indent + hang, block->cells, block->n_cells, " ", &block->verdict);
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
    size_t at = label_open ? LABEL_WIDTH : 0;
    if (head)
        add_words(page, at, at + (section->n_head ? hanging(section->head[0].text) : 0), section->head, section->n_head,
                  "   ", &section->verdict);
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
        struct cell title = {document->title, STYLE_ANSWER}, none = {STR(""), STYLE_PLAIN};
        add_words(&page, 0, hanging(title.text), &title, 1, "", &none);
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
