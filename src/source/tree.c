/* From tree-sitter's tree to ours: only named nodes, operators and `async` are kept, comments stand apart. */
#include "source/tree.h"

#include <stdlib.h>
#include <string.h>
#include <tree_sitter/api.h>

#include "base/mem.h"

const TSLanguage *tree_sitter_python(void);

/* Error recovery on garbage can take long; a file of the greatest size takes 3 s. */
enum { PARSE_MOST_US = 20 * 1000 * 1000 };

/* Fewer than most code has. */
enum { BYTES_A_NODE = 4 };

static const struct {
    const char *text;
    uint8_t kind;
} kind_names[] = {
#define KIND(name, text) {text, KIND_##name},
#include "source/kinds.def"
#undef KIND
};

static const struct {
    const char *text;
    uint8_t field;
} field_names[] = {
#define FIELD(name, text) {text, FIELD_##name},
#include "source/fields.def"
#undef FIELD
};

static uint8_t kind_of_symbol(const TSLanguage *language, uint32_t symbol)
{
    const char *name = ts_language_symbol_name(language, (TSSymbol)symbol);
    TSSymbolType type = ts_language_symbol_type(language, (TSSymbol)symbol);
    if (type == TSSymbolTypeAnonymous)
        return KIND_TOKEN;
    for (size_t i = 0; type == TSSymbolTypeRegular && name && i < sizeof(kind_names) / sizeof(kind_names[0]); i++)
        if (!strcmp(kind_names[i].text, name))
            return kind_names[i].kind;
    return KIND_OTHER;
}

void grammar_init(struct grammar *grammar)
{
    const TSLanguage *language = tree_sitter_python();
    memset(grammar, 0, sizeof(*grammar));
    for (uint32_t i = 0; i < ts_language_symbol_count(language) && i < 512; i++)
        grammar->kinds[i] = kind_of_symbol(language, i);
    for (size_t i = 0; i < sizeof(field_names) / sizeof(field_names[0]); i++) {
        TSFieldId id = ts_language_field_id_for_name(language, field_names[i].text,
                                                     (uint32_t)strlen(field_names[i].text));
        if (id < 64)
            grammar->fields[id] = field_names[i].field;
    }
}

/* The length of the UTF-8 sequence at text[i], 0 where there is none. */
static size_t utf8_length(struct str text, size_t i)
{
    unsigned char c = (unsigned char)text.ptr[i];
    size_t n = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    if (n > 1 && (c < 0xc2 || c > 0xf4 || i + n > text.len))
        return 0;
    for (size_t k = 1; k < n; k++)
        if (((unsigned char)text.ptr[i + k] & 0xc0) != 0x80)
            return 0;
    return n;
}

static int check_text(struct str text, struct err *err)
{
    if (text.len > TREE_TEXT_MOST)
        return err_set(err, ERR_INPUT, "too long to be read as Python: %zu bytes, the most is %d", text.len,
                       TREE_TEXT_MOST);
    const char *nul = text.len ? memchr(text.ptr, 0, text.len) : NULL;
    if (nul)
        return err_set(err, ERR_INPUT, "no Python source: a NUL byte at offset %zu", (size_t)(nul - text.ptr));
    for (size_t i = 0; i < text.len;) {
        size_t n = utf8_length(text, i);
        if (!n)
            return err_set(err, ERR_INPUT, "not UTF-8: byte 0x%02x at offset %zu", (unsigned char)text.ptr[i], i);
        i += n;
    }
    return 0;
}

struct walk {
    struct arena *arena;
    const struct grammar *grammar;
    struct tree *tree;
    uint32_t error_length; /* of the stretch that tree->error_row is about */
    struct {
        struct node *items;
        size_t len, cap;
    } nodes; /* on the heap while it is not known how many they are: never cleared, and given back at once */
};

static struct node *push_node(struct walk *walk)
{
    if (walk->nodes.len == walk->nodes.cap) {
        walk->nodes.cap *= 2;
        walk->nodes.items = xrealloc(walk->nodes.items, walk->nodes.cap * sizeof(struct node));
    }
    return &walk->nodes.items[walk->nodes.len++];
}

/* The shortest stretch that is no Python says most; of equal ones the first. */
static void note_error(struct walk *walk, TSNode node)
{
    TSPoint point = ts_node_start_point(node);
    uint32_t length = ts_node_end_byte(node) - ts_node_start_byte(node);
    if (walk->tree->error_row && length >= walk->error_length)
        return;
    walk->error_length = length;
    walk->tree->error_row = point.row + 1;
    walk->tree->error_column = point.column + 1;
}

static void add_comment(struct walk *walk, TSNode node)
{
    TSPoint point = ts_node_start_point(node);
    *array_push(walk->arena, &walk->tree->comments) = (struct comment){
        ts_node_start_byte(node), ts_node_end_byte(node), point.row, point.column, (node_id)walk->nodes.len};
}

static bool is_kept_token(const struct tree *tree, TSNode node, uint8_t field)
{
    uint32_t start = ts_node_start_byte(node), end = ts_node_end_byte(node);
    return field == FIELD_OPERATOR || field == FIELD_OPERATORS ||
           (end - start == 5 && !memcmp(tree->text.ptr + start, "async", 5));
}

/* Adds the node as the last child of parent; `last` is that child's elder neighbour, 0 where it is the first.
 * Returns its number, or 0 when it is not kept. */
static node_id add_node(struct walk *walk, TSNode node, uint8_t field, node_id parent, node_id last)
{
    TSSymbol symbol = ts_node_symbol(node);
    uint8_t kind = symbol < 512 ? walk->grammar->kinds[symbol] : KIND_ERROR;
    if (ts_node_is_missing(node) || kind == KIND_ERROR)
        note_error(walk, node);
    if (kind == KIND_COMMENT) {
        add_comment(walk, node);
        return 0;
    }
    if (kind == KIND_TOKEN && !is_kept_token(walk->tree, node, field))
        return 0;
    node_id id = (node_id)walk->nodes.len;
    TSPoint point = ts_node_start_point(node);
    *push_node(walk) = (struct node){.start = ts_node_start_byte(node),
                                     .end = ts_node_end_byte(node),
                                     .row = point.row,
                                     .column = point.column,
                                     .parent = parent,
                                     .kind = kind,
                                     .field = field};
    if (kind == KIND_TOKEN && field == FIELD_NONE)
        walk->nodes.items[parent].is_async = true;
    if (id && last)
        walk->nodes.items[last].next = id;
    else if (id)
        walk->nodes.items[parent].child = id;
    return id;
}

/* Depth first with tree-sitter's cursor; the stack holds, a level, the node that children go to and its last child so far. */
static void walk_tree(struct walk *walk, TSNode root)
{
    struct level {
        node_id parent, last;
    } levels[TREE_DEPTH_MOST + 2];
    uint32_t depth = 0;
    TSTreeCursor cursor = ts_tree_cursor_new(root);
    add_node(walk, root, FIELD_NONE, 0, 0);
    levels[0] = (struct level){0, 0};
    bool down = ts_tree_cursor_goto_first_child(&cursor);
    while (down) {
        TSNode node = ts_tree_cursor_current_node(&cursor);
        TSFieldId field = ts_tree_cursor_current_field_id(&cursor);
        node_id id = add_node(walk, node, field < 64 ? walk->grammar->fields[field] : 0, levels[depth].parent,
                              levels[depth].last);
        if (id)
            levels[depth].last = id;
        if (id && depth < TREE_DEPTH_MOST && ts_tree_cursor_goto_first_child(&cursor)) {
            levels[++depth] = (struct level){id, 0};
            continue;
        }
        while (!ts_tree_cursor_goto_next_sibling(&cursor)) {
            down = depth > 0 && ts_tree_cursor_goto_parent(&cursor);
            if (!down)
                break;
            walk->nodes.items[levels[depth].parent].past = (node_id)walk->nodes.len;
            depth--;
        }
    }
    ts_tree_cursor_delete(&cursor);
}

static void find_lines(struct arena *arena, struct tree *tree)
{
    *array_push(arena, &tree->lines) = 0;
    for (size_t i = 0; i < tree->text.len; i++)
        if (tree->text.ptr[i] == '\n')
            *array_push(arena, &tree->lines) = (uint32_t)i + 1;
}

/* Python 3.15's `lazy import x` and `lazy from x import y`, which the grammar does not know, as plain statements with the blanks
 * behind their first word, so that every byte behind it stays where it is.  The text itself where it has none. */
static struct str without_lazy(struct arena *scratch, struct str text)
{
    static const struct {
        struct str lazy;
        const char *plain;
    } rows[] = {{STR("lazy import "), "import      "}, {STR("lazy from "), "from      "}};
    char *copy = NULL;
    const char *at = text.ptr, *end = text.ptr + text.len;
    for (; text.len && (at = memmem(at, (size_t)(end - at), "lazy ", 5)); at += 5)
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
            struct str rest = {at, (size_t)(end - at)};
            if ((at > text.ptr && at[-1] != '\n') || !str_starts_with(rest, rows[i].lazy))
                continue;
            if (!copy) {
                copy = arena_array(scratch, char, text.len);
                memcpy(copy, text.ptr, text.len);
            }
            memcpy(copy + (at - text.ptr), rows[i].plain, rows[i].lazy.len);
        }
    return copy ? (struct str){copy, text.len} : text;
}

int tree_parse(struct arena *arena, const struct grammar *grammar, struct str text, struct tree *tree_out,
               struct err *err)
{
    if (check_text(text, err))
        return -ERR_INPUT;
    struct tree tree = {.text = text};
    struct arena scratch = {0};
    struct walk walk = {.arena = arena, .grammar = grammar, .tree = &tree};
    struct str plain = without_lazy(&scratch, text);
    TSParser *parser = ts_parser_new();
    ts_parser_set_timeout_micros(parser, PARSE_MOST_US);
    TSTree *parsed = ts_parser_set_language(parser, tree_sitter_python())
                         ? ts_parser_parse_string(parser, NULL, plain.len ? plain.ptr : "", (uint32_t)plain.len)
                         : NULL;
    walk.nodes.cap = text.len / BYTES_A_NODE + 64;
    walk.nodes.items = xrealloc(NULL, walk.nodes.cap * sizeof(struct node));
    if (parsed)
        walk_tree(&walk, ts_tree_root_node(parsed));
    ts_tree_delete(parsed);
    ts_parser_delete(parser);
    tree.nodes = arena_array(arena, struct node, walk.nodes.len + 1);
    tree.len = (uint32_t)walk.nodes.len;
    if (tree.len)
        memcpy(tree.nodes, walk.nodes.items, tree.len * sizeof(struct node));
    free(walk.nodes.items);
    arena_release(&scratch);
    if (!parsed)
        return err_set(err, ERR_INPUT, "no Python source: could not be read within %d s", PARSE_MOST_US / 1000000);
    tree.nodes[0].past = tree.len;
    for (node_id i = 1; i < tree.len; i++)
        if (!tree.nodes[i].past)
            tree.nodes[i].past = i + 1;
    find_lines(arena, &tree);
    *tree_out = tree;
    return 0;
}

struct str tree_text(const struct tree *tree, node_id id)
{
    const struct node *node = &tree->nodes[id];
    return str_slice(tree->text, node->start, node->end);
}

node_id tree_field(const struct tree *tree, node_id id, enum field field)
{
    for (node_id child = tree->nodes[id].child; child; child = tree->nodes[child].next)
        if (tree->nodes[child].field == field)
            return child;
    return 0;
}

node_id tree_child(const struct tree *tree, node_id id, uint32_t n)
{
    node_id child = tree->nodes[id].child;
    for (; child && n; n--)
        child = tree->nodes[child].next;
    return child;
}

node_id tree_unwrap(const struct tree *tree, node_id id)
{
    while (id) {
        enum kind kind = tree_kind(tree, id);
        if (kind != KIND_PARENTHESIZED && kind != KIND_AWAIT && kind != KIND_EXPRESSION_STATEMENT)
            break;
        node_id child = tree->nodes[id].child;
        if (child && tree_kind(tree, child) == KIND_TOKEN)
            child = tree->nodes[child].next;
        if (!child || (kind == KIND_EXPRESSION_STATEMENT && tree->nodes[child].next))
            break;
        id = child;
    }
    return id;
}

node_id tree_statement(const struct tree *tree, node_id id)
{
    while (id) {
        node_id parent = tree->nodes[id].parent;
        if (!parent || tree_kind(tree, parent) == KIND_BLOCK)
            return id;
        id = parent;
    }
    return 0;
}

bool tree_within(const struct tree *tree, node_id id, node_id ancestor)
{
    return id >= ancestor && id < tree->nodes[ancestor].past;
}

node_id tree_around(const struct tree *tree, node_id id, enum kind kind)
{
    while (id && tree_kind(tree, id) != kind)
        id = tree->nodes[id].parent;
    return id;
}

uint32_t tree_line_end(const struct tree *tree, uint32_t at)
{
    while (at < tree->text.len && tree->text.ptr[at] != '\n')
        at++;
    return at;
}

struct str tree_line(const struct tree *tree, uint32_t row)
{
    if (row >= tree->lines.len)
        return (struct str){0};
    size_t end = row + 1 < tree->lines.len ? tree->lines.items[row + 1] - 1 : tree->text.len;
    struct str line = str_slice(tree->text, tree->lines.items[row], end);
    return line.len && line.ptr[line.len - 1] == '\r' ? str_slice(line, 0, line.len - 1) : line;
}

void tree_position(const struct tree *tree, uint32_t offset, uint32_t *row_out, uint32_t *column_out)
{
    size_t low = 0, high = tree->lines.len;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (tree->lines.items[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    *row_out = (uint32_t)low;
    *column_out = offset - tree->lines.items[low];
}

uint32_t tree_characters(const struct tree *tree, uint32_t row, uint32_t column)
{
    struct str line = row < tree->lines.len ? str_slice(tree->text, tree->lines.items[row], tree->text.len) : STR("");
    return (uint32_t)str_columns(str_slice(line, 0, column));
}

node_id call_argument(const struct tree *tree, node_id call, uint32_t position)
{
    node_id list = tree_field(tree, call, FIELD_ARGUMENTS);
    if (!list || tree_kind(tree, list) != KIND_ARGUMENTS)
        return 0;
    for (node_id child = tree->nodes[list].child; child; child = tree->nodes[child].next) {
        enum kind kind = tree_kind(tree, child);
        if (kind == KIND_KEYWORD_ARGUMENT || kind == KIND_DICT_SPLAT)
            continue;
        if (kind == KIND_LIST_SPLAT)
            return 0;
        if (!position--)
            return child;
    }
    return 0;
}

node_id call_keyword(const struct tree *tree, node_id call, struct str name)
{
    node_id list = tree_field(tree, call, FIELD_ARGUMENTS);
    if (!list)
        return 0;
    for (node_id child = tree->nodes[list].child; child; child = tree->nodes[child].next)
        if (tree_kind(tree, child) == KIND_KEYWORD_ARGUMENT &&
            str_equals(tree_text(tree, tree_field(tree, child, FIELD_NAME)), name))
            return tree_field(tree, child, FIELD_VALUE);
    return 0;
}

bool call_has_splat(const struct tree *tree, node_id call)
{
    node_id list = tree_field(tree, call, FIELD_ARGUMENTS);
    for (node_id child = list ? tree->nodes[list].child : 0; child; child = tree->nodes[child].next)
        if (tree_kind(tree, child) == KIND_LIST_SPLAT || tree_kind(tree, child) == KIND_DICT_SPLAT)
            return true;
    return false;
}
