/* A Python file as a tree of small nodes in one array, in the order of the text (a parent before its children), made from
 * tree-sitter's in one pass.  Walking children, parents and neighbours is a step each, so that analyses stay linear. */
#ifndef COLDSPOT_SOURCE_TREE_H
#define COLDSPOT_SOURCE_TREE_H

#include "base/arena.h"
#include "base/err.h"

enum kind {
    KIND_OTHER,
    KIND_ERROR,
    KIND_TOKEN, /* an operator, or the word async */
#define KIND(name, text) KIND_##name,
#include "source/kinds.def"
#undef KIND
    KINDS
};

enum field {
    FIELD_NONE,
#define FIELD(name, text) FIELD_##name,
#include "source/fields.def"
#undef FIELD
    FIELDS
};

/* Indices into the tree's nodes; 0 is the module, and stands for "none" wherever the module can't be meant. */
typedef uint32_t node_id;

struct node {
    uint32_t start, end;  /* bytes of the text */
    uint32_t row, column; /* of start, from 0; columns count bytes */
    node_id parent, child, next;
    node_id past; /* the first node after this one's descendants, in the array's order */
    uint16_t kind;
    uint8_t field;
    bool is_async;
};

struct comment {
    uint32_t start, end, row, column;
    node_id before; /* the node that follows it in the array; the array's length at the end */
};

struct tree {
    struct str text;
    struct node *nodes;
    uint32_t len;
    array_of(struct comment) comments;
    array_of(uint32_t) lines; /* where each line begins */
    uint32_t error_row;       /* of the first place that is no Python, counted from 1; 0: there is none */
    uint32_t error_column;
};

/* What the grammar's numbers mean to us; made once, then only read, by any number of threads. */
struct grammar {
    uint8_t kinds[512];
    uint8_t fields[64];
};

void grammar_init(struct grammar *grammar);

enum { TREE_TEXT_MOST = 16 << 20, TREE_DEPTH_MOST = 500 };

/* Reads text as Python, as far as it is; what lies deeper than TREE_DEPTH_MOST is left out.  Keeps text.
 * Fails with ERR_INPUT when it is not UTF-8, has NUL bytes or is too long to be read. */
int tree_parse(struct arena *arena, const struct grammar *grammar, struct str text, struct tree *tree_out,
               struct err *err);

static inline const struct node *tree_node(const struct tree *tree, node_id id)
{
    return &tree->nodes[id];
}
static inline enum kind tree_kind(const struct tree *tree, node_id id)
{
    return (enum kind)tree->nodes[id].kind;
}

/* The node's text. */
struct str tree_text(const struct tree *tree, node_id id);

/* Its first child in that role; 0 where it has none. */
node_id tree_field(const struct tree *tree, node_id id, enum field field);

/* Its nth child, from 0; 0 where it has fewer. */
node_id tree_child(const struct tree *tree, node_id id, uint32_t n);

/* Out of parentheses, await and (for values) the statement around an expression. */
node_id tree_unwrap(const struct tree *tree, node_id id);

/* The statement that the node is in: the child of a block or module. */
node_id tree_statement(const struct tree *tree, node_id id);

/* Whether id is `ancestor` or inside it. */
bool tree_within(const struct tree *tree, node_id id, node_id ancestor);

/* The nearest node of the kind around id (id itself included); 0 where there is none. */
node_id tree_around(const struct tree *tree, node_id id, enum kind kind);

/* Where the line that `at` is in ends: at its newline, or where the text does. */
uint32_t tree_line_end(const struct tree *tree, uint32_t at);

/* The text of a line, counted from 0, without its newline. */
struct str tree_line(const struct tree *tree, uint32_t row);

/* Row and column of a byte. */
void tree_position(const struct tree *tree, uint32_t offset, uint32_t *row_out, uint32_t *column_out);

/* How many code points of the row stand before the byte column. */
uint32_t tree_characters(const struct tree *tree, uint32_t row, uint32_t column);

/* Arguments of a call. */
node_id call_argument(const struct tree *tree, node_id call,
                      uint32_t position); /* the nth positional one's value; 0: none */
node_id call_keyword(const struct tree *tree, node_id call, struct str name); /* that keyword's value; 0: not given */
bool call_has_splat(const struct tree *tree, node_id call);                   /* *args or **kwargs are given */

#endif
