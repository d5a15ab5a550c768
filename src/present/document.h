/* What a command answers, once, for every output format: sections of words, tables and bars for people, the JSON contract for
 * programs, and findings for formats that carry nothing else.  A command fills it; a format walks it and knows no command.
 *
 *   section          "Cold start   4.12 s   p90 4.31 s, 5 starts                good (< 10 s)"
 *     table            "  import            1.92 s   47 %  ██████████████████▋"
 *     line             "  spent 2.89 s on CPU, ..."
 */
#ifndef COLDSPOT_PRESENT_DOCUMENT_H
#define COLDSPOT_PRESENT_DOCUMENT_H

#include "base/arena.h"
#include "diagnose/budget.h"
#include "diagnose/finding.h"

/* Marks for the eye; each also has words, colour never stands alone. */
enum style { STYLE_PLAIN, STYLE_ANSWER, STYLE_DETAIL, STYLE_GOOD, STYLE_INVESTIGATE };

struct cell {
    struct str text;
    enum style style;
};

enum column_kind { COLUMN_LEFT, COLUMN_RIGHT, COLUMN_BAR };

struct column {
    const char *title; /* the heading of markdown tables, and of text tables with show_titles */
    enum column_kind kind;
    uint32_t most; /* cut longer texts to so many columns with "..."; 0: never */
    uint32_t drop; /* what goes first where the table is too wide: the highest, of equal ones the right-most */
};

/* Cells in row-major order; a bar's text is its share as a decimal fraction ("0.47") made by document_bar(). */
struct table {
    const struct column *columns; /* keeps; usually a const table */
    size_t n_columns;
    array_of(struct cell) cells;
    bool show_titles;
};

enum block_kind { BLOCK_LINE, BLOCK_TABLE, BLOCK_VERBATIM };

/* A block starts at the section's text column when beside is set (its first line on the label's own line when there is no
 * head), else it is indented by two under the label. */
struct block {
    enum block_kind kind;
    bool beside;
    struct cell *cells; /* BLOCK_LINE: joined by spaces; BLOCK_VERBATIM: one, printed as it is */
    size_t n_cells;
    struct cell verdict; /* BLOCK_LINE: at the right edge */
    bool whole;          /* BLOCK_LINE of one cell: never broken, programs read it */
    uint8_t hang;        /* BLOCK_LINE: columns that its further lines are indented by; 0: as its text begins */
    struct table *table;
};

struct section {
    struct str label; /* empty: the blocks stand alone */
    struct cell *head;
    size_t n_head;
    struct cell verdict; /* at the right edge of the head's line */
    array_of(struct block) blocks;
};

struct document {
    struct arena *arena; /* borrowed; all text that is put in must live as long */
    struct str title;    /* first line */
    array_of(struct section *) sections;
    struct buf json;                      /* the contract as JSON text, written by the command */
    const struct findings *findings;      /* for sarif, github, junit...; borrowed */
    const struct budget_results *budgets; /* for junit; NULL: none; borrowed */
    const struct str *fingerprints;       /* by finding: what it is known by as lines move; NULL: not known */
};

void document_init(struct document *document, struct arena *arena);
void document_release(struct document *document);

/* A new section.  label "" for one without. */
struct section *document_section(struct document *document, const char *label);

/* The words after the label; called again, adds more, three spaces apart. */
void section_head(struct document *document, struct section *section, enum style style, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void section_verdict(struct document *document, struct section *section, enum style style, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* A line of words under the section, indented or beside the label. */
struct block *section_line(struct document *document, struct section *section, bool beside, enum style style,
                           const char *format, ...) __attribute__((format(printf, 5, 6)));
void block_verdict(struct document *document, struct block *block, enum style style, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Text that is printed as it is, newlines included (diffs, source excerpts). */
void section_verbatim(struct document *document, struct section *section, struct str text);

/* A table under the section; fill it row by row with table_add. */
struct table *section_table(struct document *document, struct section *section, bool beside,
                            const struct column *columns, size_t n_columns);

/* The next cell, left to right, top to bottom. */
void table_add(struct document *document, struct table *table, enum style style, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void table_add_str(struct document *document, struct table *table, enum style style, struct str text);
void table_add_bar(struct document *document, struct table *table, double fraction);

/* Fills up the row with empty cells. */
void table_end_row(struct document *document, struct table *table);

/* Texts of units in the document's arena. */
struct str document_duration(struct document *document, double seconds);
struct str document_size(struct document *document, double bytes);
struct str document_usd(struct document *document, double usd);
struct str document_share(struct document *document, double fraction);
struct str document_change(struct document *document, double fraction); /* 0.05: "+5.0 %" */
struct str document_count(struct document *document, uint64_t n);

#endif
