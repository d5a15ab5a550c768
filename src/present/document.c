/* Building a document: everything is copied into its arena and kept in the order it was added. */
#include "present/document.h"

#include <stdarg.h>

#include "base/units.h"

void document_init(struct document *document, struct arena *arena)
{
    *document = (struct document){.arena = arena};
}

void document_release(struct document *document)
{
    buf_release(&document->json);
}

static struct str format_text(struct arena *arena, const char *format, va_list args)
{
    struct buf text = {0};
    buf_addv(&text, format, args);
    struct str copy = arena_copy(arena, buf_str(&text));
    buf_release(&text);
    return copy;
}

struct section *document_section(struct document *document, const char *label)
{
    struct section *section = arena_new(document->arena, struct section);
    section->label = arena_copy(document->arena, str_of(label));
    *array_push(document->arena, &document->sections) = section;
    return section;
}

void section_head(struct document *document, struct section *section, enum style style, const char *format, ...)
{
    struct cell *head = arena_array(document->arena, struct cell, section->n_head + 1);
    for (size_t i = 0; i < section->n_head; i++)
        head[i] = section->head[i];
    va_list args;
    va_start(args, format);
    head[section->n_head++] = (struct cell){format_text(document->arena, format, args), style};
    va_end(args);
    section->head = head;
}

void section_verdict(struct document *document, struct section *section, enum style style, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    section->verdict = (struct cell){format_text(document->arena, format, args), style};
    va_end(args);
}

struct block *section_line(struct document *document, struct section *section, bool beside, enum style style,
                           const char *format, ...)
{
    struct block *block = array_push(document->arena, &section->blocks);
    va_list args;
    va_start(args, format);
    struct cell *cell = arena_new(document->arena, struct cell);
    *cell = (struct cell){format_text(document->arena, format, args), style};
    va_end(args);
    *block = (struct block){.kind = BLOCK_LINE, .beside = beside, .cells = cell, .n_cells = 1};
    return block;
}

void block_verdict(struct document *document, struct block *block, enum style style, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    block->verdict = (struct cell){format_text(document->arena, format, args), style};
    va_end(args);
}

void section_verbatim(struct document *document, struct section *section, struct str text)
{
    struct block *block = array_push(document->arena, &section->blocks);
    struct cell *cell = arena_new(document->arena, struct cell);
    cell->text = arena_copy(document->arena, text);
    *block = (struct block){.kind = BLOCK_VERBATIM, .cells = cell, .n_cells = 1};
}

struct table *section_table(struct document *document, struct section *section, bool beside,
                            const struct column *columns, size_t n_columns)
{
    struct block *block = array_push(document->arena, &section->blocks);
    struct table *table = arena_new(document->arena, struct table);
    table->columns = columns;
    table->n_columns = n_columns;
    *block = (struct block){.kind = BLOCK_TABLE, .beside = beside, .table = table};
    return table;
}

void table_add_str(struct document *document, struct table *table, enum style style, struct str text)
{
    *array_push(document->arena, &table->cells) = (struct cell){arena_copy(document->arena, text), style};
}

void table_add(struct document *document, struct table *table, enum style style, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    table_add_str(document, table, style, format_text(document->arena, format, args));
    va_end(args);
}

void table_add_bar(struct document *document, struct table *table, double fraction)
{
    table_add(document, table, STYLE_PLAIN, "%.6f", fraction);
}

void table_end_row(struct document *document, struct table *table)
{
    while (table->cells.len % table->n_columns)
        table_add_str(document, table, STYLE_PLAIN, STR(""));
}

static struct str unit_text(struct document *document, void (*add)(struct buf *, double), double value)
{
    struct buf text = {0};
    add(&text, value);
    struct str copy = arena_copy(document->arena, buf_str(&text));
    buf_release(&text);
    return copy;
}

struct str document_duration(struct document *document, double seconds)
{
    return unit_text(document, units_add_duration, seconds);
}

struct str document_size(struct document *document, double bytes)
{
    return unit_text(document, units_add_size, bytes);
}

struct str document_usd(struct document *document, double usd)
{
    return unit_text(document, units_add_usd, usd);
}

struct str document_share(struct document *document, double fraction)
{
    return unit_text(document, units_add_share, fraction);
}

struct str document_change(struct document *document, double fraction)
{
    return arena_printf(document->arena, "%+.1f %%", 100 * fraction);
}

struct str document_count(struct document *document, uint64_t n)
{
    struct buf text = {0};
    units_add_count(&text, n);
    struct str copy = arena_copy(document->arena, buf_str(&text));
    buf_release(&text);
    return copy;
}
