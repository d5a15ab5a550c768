/* What people say beside the code: comments, and names that nothing defines. */
#include "diagnose/check.h"

#include <string.h>

struct str check_comments(struct checker *checker, const struct module *module, uint32_t first, uint32_t last)
{
    struct buf text = {0};
    size_t low = 0, high = module->tree.comments.len;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (module->tree.comments.items[middle].row < first)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < module->tree.comments.len && module->tree.comments.items[low].row <= last; low++) {
        const struct comment *comment = &module->tree.comments.items[low];
        struct str bytes = str_slice(module->tree.text, comment->start, comment->end);
        for (size_t i = 0; i < bytes.len; i++)
            buf_add_char(&text, bytes.ptr[i] >= 'A' && bytes.ptr[i] <= 'Z' ? (char)(bytes.ptr[i] + 32) : bytes.ptr[i]);
        buf_add_char(&text, '\n');
    }
    struct str kept = arena_copy(checker->arena, buf_str(&text));
    buf_release(&text);
    return kept;
}

bool check_has_any(struct str text, const char *const *words)
{
    for (; *words; words++)
        if (str_contains(text, str_of(*words)))
            return true;
    return false;
}

struct str check_said_about(struct checker *checker, const struct app_function *function, enum setting setting)
{
    const struct setting_value *value = &function->settings[setting];
    uint32_t row = tree_node(&value->module->tree, value->node)->row;
    struct str here = check_comments(checker, value->module, row, row);
    struct str line = str_trim(row ? tree_line(&value->module->tree, row - 1) : STR(""));
    struct str above = str_starts_with(line, STR("#")) ? check_comments(checker, value->module, row - 1, row - 1)
                                                       : STR("");
    const struct def *def = module_def(function->module, function->def);
    uint32_t body = tree_node(&function->module->tree, def->body)->row;
    struct str inside = value->module == function->module
                            ? check_comments(checker, function->module,
                                             tree_node(&function->module->tree, def->node)->row, body)
                            : STR("");
    return arena_printf(checker->arena, "%.*s%.*s%.*s", STR_ARG(here), STR_ARG(above), STR_ARG(inside));
}

struct str check_said_in(struct checker *checker, const struct app_function *function)
{
    const struct tree *tree = &function->module->tree;
    const struct node *outer = tree_node(tree, module_def(function->module, function->def)->outer);
    uint32_t last, column, first = outer->row;
    tree_position(tree, outer->end, &last, &column);
    while (first > 0 && str_starts_with(str_trim(tree_line(tree, first - 1)), STR("#")))
        first--;
    return check_comments(checker, function->module, first, last);
}

bool check_is_undefined(struct str path)
{
    return str_starts_with(path, STR("undefined."));
}
