/* mounts=[modal.Mount.from_local_dir(...)] becomes image=IMAGE.add_local_dir(...): the same files at the same places, added when a
 * container starts, as mounts were. */
#include "diagnose/api_fix.h"

#include <string.h>

#include "diagnose/names.h"

/* The node's text where it is a name, or text that names can follow as it is. */
static bool is_primary(const struct tree *tree, node_id node)
{
    enum kind kind = tree_kind(tree, node);
    return kind == KIND_IDENTIFIER || kind == KIND_CALL || kind == KIND_ATTRIBUTE || kind == KIND_SUBSCRIPT ||
           kind == KIND_PARENTHESIZED;
}

static node_id argument_of(const struct tree *tree, node_id call, uint32_t position, const char *name)
{
    node_id node = call_argument(tree, call, position);
    return node ? node : call_keyword(tree, call, str_of(name));
}

/* Where the mount puts a file or folder: remote_path=, as it is written; "/" and its name where there is none. */
static struct str remote_of(struct checker *checker, const struct module *module, node_id call, node_id local)
{
    const struct tree *tree = &module->tree;
    node_id remote = call_keyword(tree, call, STR("remote_path"));
    const struct value *path = value_likely(check_fold(checker, module, remote ? remote : local));
    if (remote && !(path->kind == VALUE_STR && !str_starts_with(path->text, STR("/"))))
        return tree_text(tree, remote);
    if (path->kind != VALUE_STR || !path->text.len)
        return STR("");
    struct str text = path->text;
    while (text.len > 1 && text.ptr[text.len - 1] == '/')
        text.len--;
    ptrdiff_t slash = str_find_last(text, '/');
    if (!remote && slash >= 0)
        text = str_slice(text, (size_t)slash + 1, text.len);
    bool plain = text.len && !str_contains(text, STR("\"")) && !str_contains(text, STR("\\")) &&
                 text.ptr[text.len - 1] != '.';
    return plain ? arena_printf(checker->arena, "\"/%.*s\"", STR_ARG(text)) : STR("");
}

/* The call of modal.Mount that the node is, or names: a name of the file that only lists of mounts read. */
static node_id mount_call(struct checker *checker, const struct module *module, node_id node, node_id *statement_out)
{
    const struct tree *tree = &module->tree;
    *statement_out = 0;
    if (tree_kind(tree, node) == KIND_CALL)
        return node;
    uint32_t number = tree_kind(tree, node) == KIND_IDENTIFIER ? module_lookup(module, node) : NO_BINDING;
    const struct binding *binding = number == NO_BINDING ? NULL : &module->bindings.items[number];
    if (!binding || binding->kind != BIND_VALUE || binding->scope || binding->older != NO_BINDING ||
        module_binding(module, 0, binding->name) != number || tree_kind(tree, binding->value) != KIND_CALL ||
        names_are_used_elsewhere(checker, module, binding->name))
        return 0;
    for (node_id id = names_first(checker, module, binding->name); id; id = names_next(checker, module, id)) {
        node_id list = tree->nodes[id].parent;
        if (id == binding->node || !names_is_variable(module, id))
            continue;
        if (tree_kind(tree, list) == KIND_LIST)
            list = tree->nodes[list].parent;
        if (tree_kind(tree, list) != KIND_KEYWORD_ARGUMENT ||
            !str_starts_with(tree_text(tree, tree_field(tree, list, FIELD_NAME)), STR("mount")))
            return 0;
    }
    *statement_out = tree_statement(tree, binding->node);
    return binding->value;
}

/* The method of an image that does the same, with its arguments, behind what the text has; false where there is none. */
static bool add_method(struct checker *checker, const struct module *module, node_id call, struct buf *text)
{
    const struct tree *tree = &module->tree;
    struct str path = check_path(checker, module, tree_field(tree, call, FIELD_FUNCTION));
    node_id list = tree_field(tree, call, FIELD_ARGUMENTS);
    bool dir = str_equals(path, STR("modal.Mount.from_local_dir"));
    if (call_has_splat(tree, call))
        return false;
    if (str_equals(path, STR("modal.Mount.from_local_python_packages"))) {
        if (call_keyword(tree, call, STR("condition")))
            return false;
        buf_addf(text, ".add_local_python_source%.*s", STR_ARG(tree_text(tree, list)));
        return true;
    }
    if (!dir && !str_equals(path, STR("modal.Mount.from_local_file")))
        return false;
    node_id local = argument_of(tree, call, 0, "local_path");
    struct str remote = local ? remote_of(checker, module, call, local) : STR("");
    if (!remote.len || call_keyword(tree, call, STR("condition")) || call_keyword(tree, call, STR("recursive")) ||
        call_argument(tree, call, 1))
        return false;
    buf_addf(text, ".add_local_%s(%.*s, remote_path=%.*s)", dir ? "dir" : "file", STR_ARG(tree_text(tree, local)),
             STR_ARG(remote));
    return true;
}

/* The methods for all mounts of the keyword, and the statements that name them. */
static bool read_mounts(struct checker *checker, struct finding *finding, const struct module *module, node_id value,
                        struct buf *text)
{
    const struct tree *tree = &module->tree;
    bool is_list = tree_kind(tree, value) == KIND_LIST;
    for (node_id item = is_list ? tree->nodes[value].child : value; item; item = is_list ? tree->nodes[item].next : 0) {
        node_id statement = 0, call = mount_call(checker, module, item, &statement);
        if (!call || !add_method(checker, module, call, text) ||
            (statement && !api_remove_statement(checker, finding, module, statement)))
            return false;
    }
    return true;
}

static bool has_comment(const struct tree *tree, node_id node)
{
    for (size_t i = 0; i < tree->comments.len; i++)
        if (tree->comments.items[i].start >= tree->nodes[node].start &&
            tree->comments.items[i].end <= tree->nodes[node].end)
            return true;
    return false;
}

/* What the image is called that the function has without naming one: the app's, or Modal's own default. */
static struct str default_image(struct checker *checker, struct finding *finding, const struct app_function *function)
{
    const struct setting_value *image = &function->settings[SETTING_IMAGE];
    if (image->value)
        return image->from_app && image->module == function->call_module &&
                       tree_kind(&image->module->tree, image->node) == KIND_IDENTIFIER
                   ? tree_text(&image->module->tree, image->node)
                   : STR("");
    struct str name = api_name(checker, finding, function->call_module, "Image");
    return name.len ? arena_printf(checker->arena, "%.*s.debian_slim()", STR_ARG(name)) : name;
}

static bool put_into_image(struct checker *checker, struct finding *finding, const struct app_function *function,
                           node_id keyword, struct str methods)
{
    const struct module *module = function->call_module;
    const struct tree *tree = &module->tree;
    node_id image = call_keyword(tree, function->call, STR("image"));
    if (!image) {
        struct str name = function->unknown_why ? STR("") : default_image(checker, finding, function);
        if (!name.len)
            return false;
        api_replace(checker, finding, module, keyword,
                    arena_printf(checker->arena, "image=%.*s%.*s", STR_ARG(name), STR_ARG(methods)));
        return true;
    }
    if (!is_primary(tree, image))
        return false;
    check_edit(checker, finding, module, tree->nodes[image].end, tree->nodes[image].end, methods);
    api_remove_item(checker, finding, module, keyword);
    return true;
}

void mount_fix_add(struct checker *checker, struct finding *finding, const struct app_function *function,
                   node_id keyword)
{
    const struct module *module = function->call_module;
    const struct tree *tree = &module->tree;
    struct buf text = {0};
    if (!has_comment(tree, keyword) &&
        read_mounts(checker, finding, module, tree_field(tree, keyword, FIELD_VALUE), &text) &&
        put_into_image(checker, finding, function, keyword, arena_copy(checker->arena, buf_str(&text))))
        finding->fix = FIX_SAFE;
    else
        finding->edits = (struct edits){0};
    buf_release(&text);
}
