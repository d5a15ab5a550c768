/* "app.py:4:1  CS101 heavy-import-unused  message", the source line, and what to do instead. */
#include "present/findings.h"

#include "base/units.h"
#include "present/mask.h"

enum { LINE_MOST = 200, CARETS_MOST = 60 };

static void add_bound(struct buf *out, double value, void (*add)(struct buf *out, double value))
{
    buf_add(out, value < 0 ? STR("-") : STR("+"));
    add(out, value < 0 ? -value : value);
}

/* "  [-1.9 s cold, -$212/mo, measured in run a5e8]" */
static void add_saving(struct buf *out, const struct estimate *estimate)
{
    const char *gap = "  [";
    if (!estimate->known)
        return;
    if (estimate->cold_s.known) {
        buf_add(out, str_of(gap));
        add_bound(out, (estimate->cold_s.low + estimate->cold_s.high) / 2, units_add_duration);
        buf_add(out, STR(" cold"));
        gap = ", ";
    }
    if (estimate->warm_s.known) {
        buf_add(out, str_of(gap));
        add_bound(out, range_typical(&estimate->warm_s), units_add_duration);
        buf_add(out, STR(" warm"));
        gap = ", ";
    }
    if (estimate->usd_per_month.known) {
        buf_add(out, str_of(gap));
        buf_add(out, STR("up to "));
        add_bound(out, estimate->usd_per_month.low, units_add_usd);
        buf_add(out, STR("/mo"));
        gap = ", ";
    }
    buf_addf(out, "%s%s", gap, estimate->confidence);
    if (estimate->run.len)
        buf_addf(out, " in run %.*s", STR_ARG(estimate->run));
    buf_add_char(out, ']');
}

/* Whether the text can be printed as it is. */
static void add_plain(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        buf_add_char(out, (unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f ? ' ' : text.ptr[i]);
}

static size_t digits_of(uint32_t number)
{
    size_t n = 1;
    for (; number >= 10; number /= 10)
        n++;
    return n;
}

static void add_excerpt(struct buf *out, const struct module *module, const struct finding *finding)
{
    const struct location *at = &finding->location;
    struct str line = str_slice(tree_line(&module->tree, at->line - 1), 0, LINE_MOST);
    size_t margin = digits_of(at->line) + 2, indent = 0;
    uint32_t end = at->end_line == at->line && at->end_column > at->column ? at->end_column : (uint32_t)line.len + 1;
    while (indent < line.len && indent + 1 < at->column && (line.ptr[indent] == ' ' || line.ptr[indent] == '\t'))
        indent++;
    struct str shown = str_slice(line, indent, line.len);
    size_t before = str_columns(str_slice(line, indent, at->column - 1)),
           carets = str_columns(str_slice(line, at->column - 1, end - 1));
    carets = carets < 1 ? 1 : carets > CARETS_MOST ? CARETS_MOST : carets;
    buf_add_repeated(out, STR(" "), margin);
    buf_addf(out, "|\n %u | ", at->line);
    size_t from = out->len;
    add_plain(out, shown);
    mask_secrets(out->ptr + from, out->len - from);
    buf_add_char(out, '\n');
    buf_add_repeated(out, STR(" "), margin);
    buf_add(out, STR("| "));
    buf_add_repeated(out, STR(" "), before);
    buf_add_repeated(out, STR("^"), carets);
    if (finding->excerpt.len)
        buf_addf(out, " %.*s", STR_ARG(finding->excerpt));
    buf_add_char(out, '\n');
}

static void add_advice(struct buf *out, const struct finding *finding, size_t margin)
{
    const char *fix = fix_kind_name(finding->fix);
    if (!finding->advice.len)
        return;
    buf_add_repeated(out, STR(" "), margin);
    if (finding->fix == FIX_SAFE || finding->fix == FIX_UNSAFE)
        buf_addf(out, "= %.*s  [fix: %s]\n", STR_ARG(finding->advice), fix);
    else
        buf_addf(out, "= %.*s\n", STR_ARG(finding->advice));
}

void findings_sections(struct document *document, const struct project *project, const struct findings *findings)
{
    struct buf text = {0};
    for (size_t i = 0; i < findings->len; i++) {
        const struct finding *finding = &findings->items[i];
        const struct location *at = &finding->location;
        struct section *section = document_section(document, "");
        const struct module *module = project_at(project, at->file);
        buf_reset(&text);
        add_plain(&text, at->file);
        struct str file = arena_copy(document->arena, buf_str(&text));
        buf_reset(&text);
        add_saving(&text, &finding->estimate);
        struct block *head = section_line(document, section, false, STYLE_ANSWER, "%.*s:%u:%u  %.*s %.*s  %.*s%s",
                                          STR_ARG(file), at->line, at->column, STR_ARG(finding->code),
                                          STR_ARG(finding->name), STR_ARG(finding->message), buf_cstr(&text));
        head->whole = true;
        buf_reset(&text);
        if (module && at->line && at->line <= module->tree.lines.len)
            add_excerpt(&text, module, finding);
        add_advice(&text, finding, digits_of(at->line) + 2);
        buf_add_char(&text, '\n');
        section_verbatim(document, section, arena_copy(document->arena, buf_str(&text)));
    }
    buf_release(&text);
}
