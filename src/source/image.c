/* Following a chain of image methods from its end to its beginning, through names, and reading what its steps install. */
#include "source/image.h"

#include <string.h>

enum { STEPS_MOST = 200 };

static bool is_image_class(struct str path)
{
    return str_equals(path, STR("modal.Image")) || str_equals(path, STR("modal.image.Image"));
}

/* Where the expression behind a name is: a call, or 0. */
static node_id follow(struct arena *arena, const struct project *project, const struct module **module, node_id node)
{
    node = tree_unwrap(&(*module)->tree, node);
    if (tree_kind(&(*module)->tree, node) == KIND_CALL)
        return node;
    const struct value *value = value_likely(value_fold(project, arena, *module, node));
    if (value->kind != VALUE_OBJECT || !value->node)
        return 0;
    if (tree_kind(&value->module->tree, value->node) != KIND_CALL && value->ref.kind == REF_PATH && value->ref.made) {
        *module = value->ref.module;
        return value->ref.made;
    }
    *module = value->module;
    return tree_kind(&value->module->tree, value->node) == KIND_CALL ? value->node : 0;
}

/* A function of the project that returns an image: its return value. */
static bool into_function(struct arena *arena, const struct project *project, const struct module **module,
                          node_id *node)
{
    struct ref ref = resolve(project, arena, *module, tree_field(&(*module)->tree, *node, FIELD_FUNCTION));
    if (ref.kind != REF_DEF || !module_def(ref.module, ref.def)->returns)
        return false;
    *module = ref.module;
    *node = module_def(ref.module, ref.def)->returns;
    return true;
}

void image_read(struct arena *arena, const struct project *project, const struct module *module, node_id node,
                struct image *image_out)
{
    *image_out = (struct image){0};
    for (unsigned n = 0; n < STEPS_MOST && node; n++) {
        node = follow(arena, project, &module, node);
        if (!node)
            break;
        const struct tree *tree = &module->tree;
        node_id function = tree_field(tree, node, FIELD_FUNCTION);
        if (tree_kind(tree, function) != KIND_ATTRIBUTE) {
            if (!into_function(arena, project, &module, &node))
                break;
            continue;
        }
        node_id object = tree_field(tree, function, FIELD_OBJECT);
        *array_push(arena, &image_out->steps) = (struct image_step){
            tree_text(tree, tree_field(tree, function, FIELD_ATTRIBUTE)), module, node};
        struct ref ref = resolve(project, arena, module, object);
        if (ref.kind == REF_PATH && is_image_class(ref.path)) {
            image_out->complete = true;
            break;
        }
        node = object;
    }
    for (size_t i = 0, k = image_out->steps.len; k-- > i; i++) {
        struct image_step step = image_out->steps.items[i];
        image_out->steps.items[i] = image_out->steps.items[k];
        image_out->steps.items[k] = step;
    }
}

bool image_installs(const struct image_step *step)
{
    return str_equals(step->name, STR("pip_install")) || str_equals(step->name, STR("uv_pip_install"));
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
}

/* "git+https://host/owner/name.git@v1", ".../name-1.0-py3-none-any.whl": from the name on. */
static struct str name_in_url(struct str url)
{
    struct str rest = url, path = url;
    str_cut(&rest, '#', &path);
    ptrdiff_t at = str_find_last(path, '@'), slash = str_find_last(path, '/');
    if (at > slash)
        path = str_slice(path, 0, (size_t)at);
    slash = str_find_last(path, '/');
    struct str name = str_slice(path, (size_t)(slash + 1), path.len);
    if (str_ends_with(name, STR(".git")))
        return str_slice(name, 0, name.len - 4);
    ptrdiff_t dash = str_find(name, STR("-"));
    return str_ends_with(name, STR(".whl")) && dash > 0 ? str_slice(name, 0, (size_t)dash) : name;
}

static void add_package(struct arena *arena, struct image_packages *packages, struct str text,
                        const struct module *module, node_id node)
{
    text = str_trim(text);
    struct str whole = text;
    bool url = str_contains(text, STR("://"));
    size_t len = 0;
    if (url && !str_contains(text, STR(" @ ")))
        text = name_in_url(text);
    while (len < text.len && is_name_char(text.ptr[len]))
        len++;
    if (!len || text.ptr[0] == '-')
        return;
    char *name = arena_alloc(arena, len + 1);
    for (size_t i = 0; i < len; i++) {
        char c = text.ptr[i];
        name[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c == '_' ? '-' : c;
    }
    struct str rest = str_slice(text, len, text.len);
    url = url || str_contains(rest, STR("@"));
    *array_push(arena, &packages->items) = (struct image_package){
        whole,
        str_from(name, len),
        url || str_contains(rest, STR("==")) || str_contains(rest, STR("~=")),
        url || str_contains(rest, STR("=")) || str_contains(rest, STR("<")) || str_contains(rest, STR(">")),
        module,
        node};
}

static void add_value(struct arena *arena, struct image_packages *packages, const struct value *value,
                      const struct module *module, node_id node)
{
    const struct value *likely = value_likely(value);
    if (likely->kind == VALUE_STR)
        add_package(arena, packages, likely->text, module, node);
    else if (likely->kind == VALUE_LIST)
        for (size_t i = 0; i < likely->len; i++)
            add_value(arena, packages, likely->items[i], likely->items[i]->module ? likely->items[i]->module : module,
                      likely->items[i]->node ? likely->items[i]->node : node);
    else if (likely->kind != VALUE_NONE)
        packages->unknown = true;
}

/* "pip install a b" inside a shell command. */
static void add_command(struct arena *arena, struct image_packages *packages, struct str command,
                        const struct module *module, node_id node)
{
    static const struct str install = {"pip install ", 12};
    ptrdiff_t at;
    while ((at = str_find(command, install)) >= 0) {
        command = str_slice(command, (size_t)at + install.len, command.len);
        struct str rest = command, word;
        while (str_cut(&rest, ' ', &word)) {
            word = str_trim(word);
            if (str_equals(word, STR("&&")) || str_equals(word, STR(";")) || str_equals(word, STR("||")))
                break;
            if (str_equals(word, STR("-r")) || str_equals(word, STR(".")) || str_starts_with(word, STR("./")))
                packages->unknown = true;
            else if (word.len && word.ptr[0] != '-' &&
                     (!str_contains(word, STR("/")) || str_contains(word, STR("://"))))
                add_package(arena, packages,
                            word.len && (word.ptr[0] == '\'' || word.ptr[0] == '"') ? str_slice(word, 1, word.len - 1)
                                                                                    : word,
                            module, node);
        }
    }
}

void image_step_packages(struct arena *arena, const struct project *project, const struct image_step *step,
                         struct image_packages *packages)
{
    const struct tree *tree = &step->module->tree;
    node_id list = tree_field(tree, step->call, FIELD_ARGUMENTS);
    bool commands = str_equals(step->name, STR("run_commands"));
    if (!image_installs(step) && !commands) {
        bool other = str_starts_with(step->name, STR("pip_install_from")) ||
                     str_starts_with(step->name, STR("uv_sync")) || str_starts_with(step->name, STR("poetry")) ||
                     str_starts_with(step->name, STR("micromamba_install")) ||
                     str_starts_with(step->name, STR("dockerfile")) ||
                     str_starts_with(step->name, STR("from_dockerfile"));
        packages->unknown = packages->unknown || other;
        return;
    }
    for (node_id child = list ? tree->nodes[list].child : 0; child; child = tree->nodes[child].next) {
        enum kind kind = tree_kind(tree, child);
        if (kind == KIND_KEYWORD_ARGUMENT || kind == KIND_DICT_SPLAT)
            continue;
        node_id node = kind == KIND_LIST_SPLAT ? tree->nodes[child].child : child;
        const struct value *value = value_fold(project, arena, step->module, node);
        if (!commands) {
            add_value(arena, packages, value, step->module, node);
            continue;
        }
        value = value_likely(value);
        if (value->kind == VALUE_STR)
            add_command(arena, packages, value->text, step->module, node);
        for (size_t i = 0; value->kind == VALUE_LIST && i < value->len; i++)
            if (value->items[i]->kind == VALUE_STR)
                add_command(arena, packages, value->items[i]->text, step->module, node);
    }
}

static void add_texts(struct buf *out, const struct value *value, unsigned depth)
{
    value = value_likely(value);
    if (value->kind == VALUE_STR) {
        buf_add(out, value->text);
        buf_add_char(out, '\n');
    }
    for (size_t i = 0; depth && (value->kind == VALUE_LIST || value->kind == VALUE_DICT) && i < value->len; i++) {
        if (value->kind == VALUE_DICT)
            add_texts(out, value->keys[i], depth - 1);
        add_texts(out, value->items[i], depth - 1);
    }
}

struct str image_step_text(struct arena *arena, const struct project *project, const struct image_step *step)
{
    const struct tree *tree = &step->module->tree;
    node_id list = tree_field(tree, step->call, FIELD_ARGUMENTS);
    struct buf out = {0};
    for (node_id child = list ? tree->nodes[list].child : 0; child; child = tree->nodes[child].next) {
        node_id node = tree_kind(tree, child) == KIND_KEYWORD_ARGUMENT ? tree_field(tree, child, FIELD_VALUE)
                       : tree_kind(tree, child) == KIND_LIST_SPLAT     ? tree->nodes[child].child
                                                                       : child;
        add_texts(&out, value_fold(project, arena, step->module, node), 4);
    }
    struct str text = arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return text;
}
