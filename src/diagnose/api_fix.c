/* Edits keep what is written: a line goes only where nothing else stands on it, and comments stay. */
#include "diagnose/api_fix.h"

#include <string.h>

#include "diagnose/names.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_at_top(const struct import *import)
{
    return !import->scope && !(import->where & (WHERE_MAIN | WHERE_TYPE_CHECKING | WHERE_TRY | WHERE_CONDITIONAL));
}

struct str api_modal_name(const struct module *module)
{
    for (size_t i = 0; i < module->imports.len; i++) {
        const struct import *import = &module->imports.items[i];
        if (!import->scope && str_equals(import->module, STR("modal")) && !import->member.len)
            return import->name;
    }
    return STR("");
}

void api_replace(struct checker *checker, struct finding *finding, const struct module *module, node_id node,
                 struct str text)
{
    check_edit(checker, finding, module, module->tree.nodes[node].start, module->tree.nodes[node].end, text);
}

/* ---- names */

/* The last `from modal import ...` of the file's top; 0: there is none. */
static node_id names_of_modal(const struct module *module)
{
    node_id found = 0;
    for (size_t i = 0; i < module->imports.len; i++) {
        const struct import *import = &module->imports.items[i];
        if (is_at_top(import) && str_equals(import->module, STR("modal")) && import->member.len &&
            !str_equals(import->member, STR("*")))
            found = import->statement;
    }
    return found;
}

/* Adds a name behind the last of an import, on a line of its own where that has one. */
static void extend_import(struct checker *checker, struct finding *finding, const struct module *module,
                          node_id statement, struct str name)
{
    const struct tree *tree = &module->tree;
    node_id last = 0;
    for (node_id child = tree->nodes[statement].child; child; child = tree->nodes[child].next)
        if (tree->nodes[child].field == FIELD_NAME)
            last = child;
    const struct node *node = &tree->nodes[last];
    struct str indent = str_slice(tree->text, node->start - node->column, node->start);
    bool own_line = node->row != tree->nodes[statement].row && !str_trim(indent).len;
    check_edit(checker, finding, module, node->end, node->end,
               own_line ? arena_printf(checker->arena, ",\n%.*s%.*s", STR_ARG(indent), STR_ARG(name))
                        : arena_printf(checker->arena, ", %.*s", STR_ARG(name)));
}

struct str api_name(struct checker *checker, struct finding *finding, const struct module *module, const char *name)
{
    struct str whole = {0};
    for (size_t i = 0; i < module->imports.len; i++) {
        const struct import *import = &module->imports.items[i];
        if (!is_at_top(import) || !str_equals(import->module, STR("modal")))
            continue;
        if (str_equals(import->member, str_of(name)))
            return import->name;
        if (str_equals(import->member, STR("*")))
            return str_of(name);
        if (!import->member.len)
            whole = import->name;
    }
    if (whole.len)
        return arena_printf(checker->arena, "%.*s.%s", STR_ARG(whole), name);
    node_id statement = names_of_modal(module);
    if (!statement)
        return whole;
    bool taken = names_first(checker, module, str_of(name)) != 0;
    struct str called = taken ? arena_printf(checker->arena, "modal_%s", name) : str_of(name);
    extend_import(checker, finding, module, statement,
                  taken ? arena_printf(checker->arena, "%s as %.*s", name, STR_ARG(called)) : called);
    return called;
}

/* ---- taking out */

static uint32_t line_start(struct str text, uint32_t at)
{
    while (at > 0 && text.ptr[at - 1] != '\n')
        at--;
    return at;
}

static uint32_t skip_blanks(struct str text, uint32_t at)
{
    while (at < text.len && is_blank(text.ptr[at]))
        at++;
    return at;
}

static bool ends_line(struct str text, uint32_t at)
{
    return at >= text.len || text.ptr[at] == '\n' || text.ptr[at] == '\r';
}

/* Past the end of the line that `at` is in. */
static uint32_t next_line(const struct tree *tree, uint32_t at)
{
    uint32_t end = tree_line_end(tree, at);
    return end < tree->text.len ? end + 1 : end;
}

void api_remove_item(struct checker *checker, struct finding *finding, const struct module *module, node_id item)
{
    struct str text = module->tree.text;
    uint32_t start = module->tree.nodes[item].start, end = module->tree.nodes[item].end;
    uint32_t first = line_start(text, start), at = end;
    bool leads = skip_blanks(text, first) == start;
    while (at < text.len && strchr(" \t\r\n", text.ptr[at]))
        at++;
    bool comma = at < text.len && text.ptr[at] == ',';
    uint32_t after = skip_blanks(text, comma ? at + 1 : end);
    if (leads && ends_line(text, after)) {
        check_edit(checker, finding, module, first, next_line(&module->tree, after), STR(""));
        return;
    }
    if (comma) {
        check_edit(checker, finding, module, start, after, STR(""));
        return;
    }
    uint32_t before = start;
    while (before > 0 && strchr(" \t\r\n", text.ptr[before - 1]))
        before--;
    bool behind_comma = before > 0 && text.ptr[before - 1] == ',';
    check_edit(checker, finding, module, behind_comma ? before - 1 : start, end, STR(""));
}

bool api_remove_statement(struct checker *checker, struct finding *finding, const struct module *module,
                          node_id statement)
{
    const struct tree *tree = &module->tree;
    struct str text = tree->text;
    uint32_t start = tree->nodes[statement].start, end = tree->nodes[statement].end;
    uint32_t first = line_start(text, start);
    if (skip_blanks(text, first) != start || !ends_line(text, skip_blanks(text, end)))
        return false;
    node_id block = tree->nodes[statement].parent;
    if (tree_kind(tree, block) == KIND_BLOCK && tree->nodes[block].child == statement && !tree->nodes[statement].next) {
        check_edit(checker, finding, module, start, end, STR("pass"));
        return true;
    }
    for (size_t i = 0; i < tree->comments.len; i++)
        if (tree->comments.items[i].start >= start && tree->comments.items[i].end <= end)
            return false;
    check_edit(checker, finding, module, first, next_line(tree, end), STR(""));
    return true;
}

bool api_remove_import(struct checker *checker, struct finding *finding, const struct module *module,
                       const struct import *import)
{
    size_t names = 0;
    for (node_id child = module->tree.nodes[import->statement].child; child; child = module->tree.nodes[child].next)
        names += module->tree.nodes[child].field == FIELD_NAME;
    if (names == 1)
        return api_remove_statement(checker, finding, module, import->statement);
    api_remove_item(checker, finding, module, import->node);
    return true;
}

void api_add_decorator(struct checker *checker, struct finding *finding, const struct app_function *function,
                       struct str text)
{
    const struct module *module = function->module;
    node_id below = function->decorator ? module->tree.nodes[function->decorator].next : 0;
    const struct node *node = tree_node(&module->tree, below ? below : module_def(module, function->def)->node);
    struct str indent = str_slice(module->tree.text, node->start - node->column, node->start);
    check_edit(checker, finding, module, node->start, node->start,
               arena_printf(checker->arena, "@%.*s\n%.*s", STR_ARG(text), STR_ARG(indent)));
}

/* ---- whose settings they are */

enum { HOLDERS_MOST = 8, READERS_MOST = 200 };

static bool is_for_decorators(struct checker *checker, const struct module *module, node_id holder, unsigned depth);

/* Whether the call is app.function(...) and the like, or functools.partial of it. */
static bool is_decorator_call(struct checker *checker, const struct module *module, node_id call, unsigned depth)
{
    const struct tree *tree = &module->tree;
    struct str path = check_path(checker, module, tree_field(tree, call, FIELD_FUNCTION));
    if (app_is_registration(path))
        return true;
    if (str_equals(path, STR("dict")))
        return is_for_decorators(checker, module, call, depth);
    node_id target = str_equals(path, STR("functools.partial")) ? call_argument(tree, call, 0) : 0;
    return target && app_is_registration(check_path(checker, module, target)) &&
           is_for_decorators(checker, module, call, depth);
}

/* Whether all that reads the name is a decorator. */
static bool name_is_for_decorators(struct checker *checker, const struct module *module, node_id name, unsigned depth)
{
    struct str text = tree_text(&module->tree, name);
    uint32_t number = module_binding(module, 0, text);
    unsigned n = 0;
    if (number == NO_BINDING || module->bindings.items[number].node != name ||
        module->bindings.items[number].older != NO_BINDING || names_are_used_elsewhere(checker, module, text))
        return false;
    for (node_id id = names_first(checker, module, text); id; id = names_next(checker, module, id)) {
        if (id == name || !names_is_variable(module, id))
            continue;
        if (n++ == READERS_MOST || module_lookup(module, id) != number ||
            !is_for_decorators(checker, module, id, depth))
            return false;
    }
    return true;
}

/* The same of a dict, a partial, or a name of one, where it stands. */
static bool is_for_decorators(struct checker *checker, const struct module *module, node_id holder, unsigned depth)
{
    const struct tree *tree = &module->tree;
    node_id parent = tree->nodes[holder].parent;
    if (!depth)
        return false;
    switch (tree_kind(tree, parent)) {
    case KIND_PARENTHESIZED:
    case KIND_BINARY: /* BASE | {"keep_warm": 1} */
        return is_for_decorators(checker, module, parent, depth - 1);
    case KIND_DICT_SPLAT:
        return tree_kind(tree, tree->nodes[parent].parent) == KIND_ARGUMENTS
                   ? is_decorator_call(checker, module, tree->nodes[tree->nodes[parent].parent].parent, depth - 1)
                   : is_for_decorators(checker, module, tree->nodes[parent].parent, depth - 1);
    case KIND_CALL: /* @gpu_function(timeout=60), of a partial */
    case KIND_DECORATOR:
        return tree_kind(tree, parent) == KIND_DECORATOR || is_for_decorators(checker, module, parent, depth - 1);
    case KIND_ASSIGNMENT: {
        node_id left = tree_field(tree, parent, FIELD_LEFT);
        return tree_kind(tree, left) == KIND_IDENTIFIER && tree_field(tree, parent, FIELD_RIGHT) == holder &&
               name_is_for_decorators(checker, module, left, depth - 1);
    }
    default:
        return false;
    }
}

bool api_is_for_decorators(struct checker *checker, const struct module *module, node_id item)
{
    const struct tree *tree = &module->tree;
    node_id parent = tree->nodes[item].parent;
    if (tree_kind(tree, parent) == KIND_ARGUMENTS)
        return is_decorator_call(checker, module, tree->nodes[parent].parent, HOLDERS_MOST);
    return tree_kind(tree, item) == KIND_PAIR && tree_kind(tree, parent) == KIND_DICT &&
           is_for_decorators(checker, module, parent, HOLDERS_MOST);
}
