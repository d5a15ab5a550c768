/* A constructor becomes declared parameters, and an enter hook for what else it does.  Where it only keeps what it is given, that
 * is all there is to say; what else it does ran on the caller's machine, too, and now runs in the container alone. */
#include "diagnose/api_fix.h"

#include <string.h>

#include "diagnose/names.h"

enum { PARAMETERS_MOST = 16 };

struct parameter {
    struct str name, type, value; /* value: of the default; empty: none */
    node_id node;                 /* of the name in the list */
};

struct constructor {
    const struct module *module;
    const struct def *def;
    def_id number;
    struct parameter parameters[PARAMETERS_MOST];
    size_t n;
    bool does_more; /* than keeping its parameters under their names */
};

/* What modal.parameter() takes, by the text of an annotation or the kind of a default. */
static struct str type_of(const struct tree *tree, node_id type, node_id value)
{
    static const char *const types[] = {"str", "int", "bool", "bytes"};
    struct str text = type ? tree_text(tree, type) : STR("");
    for (size_t i = 0; type && i < sizeof(types) / sizeof(types[0]); i++)
        if (str_equals(text, str_of(types[i])))
            return text;
    if (type || !value)
        return STR("");
    switch (tree_kind(tree, value)) {
    case KIND_STRING:
        return str_starts_with(tree_text(tree, value), STR("b")) ? STR("bytes") : STR("str");
    case KIND_INTEGER:
        return STR("int");
    case KIND_TRUE:
    case KIND_FALSE:
        return STR("bool");
    default:
        return STR("");
    }
}

static bool read_parameter(struct constructor *init, node_id node)
{
    const struct tree *tree = &init->module->tree;
    enum kind kind = tree_kind(tree, node);
    bool typed = kind == KIND_TYPED_PARAMETER || kind == KIND_TYPED_DEFAULT_PARAMETER;
    bool with_default = kind == KIND_DEFAULT_PARAMETER || kind == KIND_TYPED_DEFAULT_PARAMETER;
    if ((!typed && !with_default) || init->n == PARAMETERS_MOST)
        return false;
    node_id name = kind == KIND_TYPED_PARAMETER ? tree->nodes[node].child : tree_field(tree, node, FIELD_NAME);
    node_id value = with_default ? tree_field(tree, node, FIELD_VALUE) : 0;
    struct str type = type_of(tree, typed ? tree_field(tree, node, FIELD_TYPE) : 0, value);
    if (tree_kind(tree, name) != KIND_IDENTIFIER || !type.len || (value && tree_kind(tree, value) == KIND_NONE))
        return false;
    init->parameters[init->n++] = (struct parameter){tree_text(tree, name), type,
                                                     value ? tree_text(tree, value) : STR(""), name};
    return true;
}

/* Which of the parameters the statement keeps under its name: self.NAME = NAME; -1: it does something else. */
static int kept_by(const struct constructor *init, node_id statement)
{
    const struct tree *tree = &init->module->tree;
    node_id assignment = tree->nodes[statement].child;
    if (!assignment || tree_kind(tree, assignment) != KIND_ASSIGNMENT)
        return -1;
    node_id left = tree_field(tree, assignment, FIELD_LEFT), right = tree_field(tree, assignment, FIELD_RIGHT);
    if (!right || tree_kind(tree, left) != KIND_ATTRIBUTE || tree_kind(tree, right) != KIND_IDENTIFIER ||
        !str_equals(tree_text(tree, tree_field(tree, left, FIELD_OBJECT)), STR("self")))
        return -1;
    for (size_t i = 0; i < init->n; i++)
        if (str_equals(tree_text(tree, right), init->parameters[i].name) &&
            str_equals(tree_text(tree, tree_field(tree, left, FIELD_ATTRIBUTE)), init->parameters[i].name))
            return (int)i;
    return -1;
}

static bool has_comments(const struct tree *tree, uint32_t start, uint32_t end)
{
    end = tree_line_end(tree, end);
    for (size_t i = 0; i < tree->comments.len; i++)
        if (tree->comments.items[i].start >= start && tree->comments.items[i].start < end)
            return true;
    return false;
}

/* Whether the constructor is of a kind that can be taken apart, and what it consists of. */
static bool read_constructor(const struct method *method, struct constructor *init)
{
    *init = (struct constructor){
        .module = method->module, .def = module_def(method->module, method->def), .number = method->def};
    const struct tree *tree = &init->module->tree;
    node_id list = tree_field(tree, init->def->node, FIELD_PARAMETERS);
    node_id self = list ? tree->nodes[list].child : 0;
    if (!self || !str_equals(tree_text(tree, self), STR("self")) || init->def->outer != init->def->node ||
        has_comments(tree, tree->nodes[list].start, tree->nodes[list].end) ||
        str_contains(tree_text(tree, init->def->body), STR("super(")))
        return false;
    for (node_id node = tree->nodes[self].next; node; node = tree->nodes[node].next)
        if (!read_parameter(init, node))
            return false;
    for (node_id node = tree->nodes[init->def->body].child; node; node = tree->nodes[node].next) {
        enum kind kind = tree_kind(tree, node);
        init->does_more |= (kind != KIND_PASS && kept_by(init, node) < 0) ||
                           has_comments(tree, tree->nodes[node].start, tree->nodes[node].end);
    }
    return true;
}

/* Callers name what they give: Model("a") becomes Model(name="a").  false where one gives what can't be named. */
static bool name_arguments(struct checker *checker, struct finding *finding, const struct constructor *init,
                           struct str class_name)
{
    const struct module *module = init->module;
    const struct tree *tree = &module->tree;
    for (node_id id = names_first(checker, module, class_name); id; id = names_next(checker, module, id)) {
        node_id call = tree->nodes[id].parent;
        if (!names_is_variable(module, id) || tree_kind(tree, call) != KIND_CALL ||
            tree_field(tree, call, FIELD_FUNCTION) != id)
            continue;
        node_id list = tree_field(tree, call, FIELD_ARGUMENTS);
        size_t n = 0;
        for (node_id argument = list ? tree->nodes[list].child : 0; argument; argument = tree->nodes[argument].next) {
            if (tree_kind(tree, argument) == KIND_KEYWORD_ARGUMENT || tree_kind(tree, argument) == KIND_DICT_SPLAT)
                continue;
            if (tree_kind(tree, argument) == KIND_LIST_SPLAT || n == init->n)
                return false;
            check_edit(checker, finding, module, tree->nodes[argument].start, tree->nodes[argument].start,
                       arena_printf(checker->arena, "%.*s=", STR_ARG(init->parameters[n].name)));
            n++;
        }
    }
    return true;
}

/* NAME becomes self.NAME wherever the rest of the body reads a parameter. */
static void read_from_self(struct checker *checker, struct finding *finding, const struct constructor *init)
{
    const struct tree *tree = &init->module->tree;
    node_id body = init->def->body;
    for (node_id id = body; id < tree->nodes[body].past; id++) {
        if (tree_kind(tree, id) != KIND_IDENTIFIER || !names_is_variable(init->module, id))
            continue;
        uint32_t number = module_lookup(init->module, id);
        const struct binding *binding = number == NO_BINDING ? NULL : &init->module->bindings.items[number];
        if (!binding || binding->kind != BIND_PARAMETER || binding->scope != init->number ||
            str_equals(binding->name, STR("self")))
            continue;
        node_id statement = tree_statement(tree, id);
        if (tree->nodes[statement].parent == body && kept_by(init, statement) >= 0 &&
            !has_comments(tree, tree->nodes[statement].start, tree->nodes[statement].end))
            continue; /* the statement goes */
        check_edit(checker, finding, init->module, tree->nodes[id].start, tree->nodes[id].start, STR("self."));
    }
}

/* The constructor becomes def set_up(self), without the statements that only keep parameters. */
static void make_hook(struct checker *checker, struct finding *finding, const struct constructor *init,
                      struct str declared, struct str enter)
{
    const struct tree *tree = &init->module->tree;
    const struct node *node = tree_node(tree, init->def->node);
    struct str indent = str_slice(tree->text, node->start - node->column, node->start);
    node_id name = tree_field(tree, init->def->node, FIELD_NAME);
    node_id list = tree_field(tree, init->def->node, FIELD_PARAMETERS);
    check_edit(checker, finding, init->module, node->start, node->start,
               arena_printf(checker->arena, "%.*s%s%.*s@%.*s()\n%.*s", STR_ARG(declared), declared.len ? "\n" : "",
                            STR_ARG(declared.len ? indent : STR("")), STR_ARG(enter), STR_ARG(indent)));
    api_replace(checker, finding, init->module, name, STR("set_up"));
    api_replace(checker, finding, init->module, list, STR("(self)"));
    read_from_self(checker, finding, init);
    for (node_id id = tree->nodes[init->def->body].child; id; id = tree->nodes[id].next)
        if (kept_by(init, id) >= 0 && !has_comments(tree, tree->nodes[id].start, tree->nodes[id].end))
            api_remove_statement(checker, finding, init->module, id);
}

/* One line a parameter, each behind the indentation of the class's body. */
static struct str declarations(struct checker *checker, const struct constructor *init, struct str parameter)
{
    const struct node *node = tree_node(&init->module->tree, init->def->node);
    struct str indent = str_slice(init->module->tree.text, node->start - node->column, node->start);
    struct buf text = {0};
    for (size_t i = 0; i < init->n; i++) {
        const struct parameter *each = &init->parameters[i];
        buf_addf(&text, "%.*s: %.*s = %.*s(%s%.*s)\n", STR_ARG(each->name), STR_ARG(each->type), STR_ARG(parameter),
                 each->value.len ? "default=" : "", STR_ARG(each->value));
        if (i + 1 < init->n)
            buf_add(&text, indent);
    }
    struct str kept = arena_copy(checker->arena, buf_str(&text));
    buf_release(&text);
    return kept;
}

/* Whether something else of the class has one of the parameters' names, or the hook's. */
static bool is_taken(const struct constructor *init)
{
    for (size_t i = 0; i < init->n; i++)
        if (module_binding(init->module, init->def->parent, init->parameters[i].name) != NO_BINDING)
            return true;
    return module_binding(init->module, init->def->parent, STR("set_up")) != NO_BINDING;
}

void init_fix_add(struct checker *checker, struct finding *finding, const struct app_function *function,
                  const struct method *method)
{
    struct constructor init;
    struct edits none = {0};
    if (method->module != function->module || !read_constructor(method, &init) || init.def->parent != function->def ||
        is_taken(&init))
        return;
    const struct tree *tree = &init.module->tree;
    struct str parameter = init.n ? api_name(checker, finding, init.module, "parameter") : STR("-");
    struct str enter = init.does_more ? api_name(checker, finding, init.module, "enter") : STR("-");
    struct str class_name = module_def(init.module, function->def)->name;
    if (!parameter.len || !enter.len || !name_arguments(checker, finding, &init, class_name)) {
        finding->edits = none;
        return;
    }
    struct str declared = declarations(checker, &init, parameter);
    if (init.does_more) {
        make_hook(checker, finding, &init, declared, enter);
    } else if (init.n) {
        uint32_t end = tree->nodes[init.def->node].end;
        check_edit(checker, finding, init.module, tree->nodes[init.def->node].start, end,
                   str_slice(declared, 0, declared.len - 1));
    } else if (!api_remove_statement(checker, finding, init.module, init.def->node)) {
        finding->edits = none;
        return;
    }
    bool elsewhere = names_are_used_elsewhere(checker, init.module, class_name);
    finding->fix = init.does_more || elsewhere ? FIX_UNSAFE : FIX_SAFE;
}
