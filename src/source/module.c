/* Reading a module in two passes over its nodes, both in the order of the text: the first finds scopes and circumstances and makes
 * the defs, the second binds names and notes who reads them.  Each node inherits from its parent, so neither pass recurses. */
#include "source/module.h"

#include <string.h>

struct reader {
    struct arena *arena;
    struct module *module;
    const struct tree *tree;
};

static const struct {
    struct str text;
    uint32_t where;
} with_texts[] = {
    {{".imports()", 10}, WHERE_IMPORTS},
    {{"no_grad", 7}, WHERE_NO_GRAD},
    {{"inference_mode", 14}, WHERE_NO_GRAD},
    {{"lock", 4}, WHERE_LOCK},
    {{"Lock", 4}, WHERE_LOCK},
    {{"semaphore", 9}, WHERE_LOCK},
    {{"Semaphore", 9}, WHERE_LOCK},
    {{"mutex", 5}, WHERE_LOCK},
    {{"guard", 5}, WHERE_LOCK},
    {{"_sem", 4}, WHERE_LOCK},
    {{"autocast", 8}, WHERE_AUTOCAST},
    {{"set_grad_enabled(False", 22}, WHERE_NO_GRAD},
};

/* Conditions that hold only until something is there. */
static const struct str guards[] = {
    {"is None", 7},  {"not in ", 7},   {"not hasattr", 11}, {".exists(", 8},
    {".isfile(", 8}, {".is_file(", 9}, {".isdir(", 7},      {".is_dir(", 8},
};

static bool has_guard(struct str condition)
{
    for (size_t i = 0; i < sizeof(guards) / sizeof(guards[0]); i++)
        if (str_contains(condition, guards[i]))
            return true;
    return str_starts_with(condition, STR("not self.")) || str_starts_with(condition, STR("not _"));
}

static uint32_t with_where(const struct tree *tree, node_id with)
{
    struct str head = str_slice(tree->text, tree->nodes[with].start,
                                tree->nodes[tree_field(tree, with, FIELD_BODY)].start);
    uint32_t where = 0;
    head = str_slice(head, 0, 512);
    for (size_t i = 0; i < sizeof(with_texts) / sizeof(with_texts[0]); i++)
        if (str_contains(head, with_texts[i].text))
            where |= with_texts[i].where;
    return where;
}

static uint32_t condition_where(struct str condition, bool holds)
{
    condition = str_slice(condition, 0, 512);
    if (str_contains(condition, STR("__name__")) && str_contains(condition, STR("__main__")))
        return holds ? WHERE_MAIN : 0;
    if (str_contains(condition, STR("TYPE_CHECKING")))
        return holds ? WHERE_TYPE_CHECKING : 0;
    if (str_contains(condition, STR("is_local()")))
        return holds != str_starts_with(condition, STR("not ")) ? WHERE_MAIN : WHERE_NOT_LOCAL;
    return has_guard(condition) && holds ? WHERE_GUARD : 0;
}

static bool is_comprehension(enum kind kind)
{
    return kind == KIND_LIST_COMPREHENSION || kind == KIND_SET_COMPREHENSION || kind == KIND_DICT_COMPREHENSION ||
           kind == KIND_GENERATOR;
}

/* What the node adds to its parent's circumstances. */
static uint32_t where_added(const struct tree *tree, node_id id, node_id parent)
{
    const struct node *node = &tree->nodes[id];
    switch (tree_kind(tree, parent)) {
    case KIND_FOR:
        return node->field == FIELD_BODY ? WHERE_LOOP | WHERE_CONDITIONAL : 0;
    case KIND_WHILE:
        return node->field == FIELD_BODY ? WHERE_LOOP | WHERE_WHILE | WHERE_CONDITIONAL : 0;
    case KIND_IF:
    case KIND_ELIF:
        if (node->field == FIELD_CONSEQUENCE)
            return WHERE_CONDITIONAL |
                   condition_where(tree_text(tree, tree_field(tree, parent, FIELD_CONDITION)), true);
        if (node->field == FIELD_ALTERNATIVE)
            return WHERE_CONDITIONAL |
                   condition_where(tree_text(tree, tree_field(tree, parent, FIELD_CONDITION)), false);
        return 0;
    case KIND_TRY:
        return node->field == FIELD_BODY ? WHERE_TRY : node->kind == KIND_EXCEPT ? WHERE_EXCEPT | WHERE_CONDITIONAL : 0;
    case KIND_CASE:
        return WHERE_CONDITIONAL;
    case KIND_WITH:
        return node->field == FIELD_BODY ? with_where(tree, parent) : 0;
    case KIND_LAMBDA:
        return node->field == FIELD_BODY ? WHERE_LAMBDA : 0;
    case KIND_TYPE:
        return WHERE_ANNOTATION;
    default:
        if (is_comprehension(tree_kind(tree, parent)) && node->kind != KIND_FOR_IN_CLAUSE)
            return WHERE_LOOP | WHERE_COMPREHENSION;
        return 0;
    }
}

/* `if self.model is not None: return`, `if path.exists(): return` near the top of a function. */
static bool is_early_return(const struct tree *tree, node_id id)
{
    node_id consequence = tree_field(tree, id, FIELD_CONSEQUENCE);
    struct str condition = str_slice(tree_text(tree, tree_field(tree, id, FIELD_CONDITION)), 0, 256);
    node_id first = tree->nodes[consequence].child, last = first;
    for (node_id child = first; child; child = tree->nodes[child].next)
        last = child;
    if (!last || tree_kind(tree, last) != KIND_RETURN || tree_field(tree, id, FIELD_ALTERNATIVE))
        return false;
    return str_contains(condition, STR("is not None")) || str_contains(condition, STR("hasattr(")) ||
           str_contains(condition, STR(" in ")) ||
           (!str_starts_with(condition, STR("not ")) &&
            (str_contains(condition, STR("exists(")) || str_contains(condition, STR("is_file(")) ||
             str_starts_with(condition, STR("self.")) || str_contains(condition, STR("isfile("))));
}

static def_id add_def(struct reader *reader, node_id id, def_id parent)
{
    const struct tree *tree = reader->tree;
    struct module *module = reader->module;
    const struct node *node = &tree->nodes[id];
    node_id name = tree_field(tree, id, FIELD_NAME);
    struct def def = {.kind = node->kind == KIND_CLASS ? DEF_CLASS : DEF_FUNCTION,
                      .name = name ? tree_text(tree, name) : STR("?"),
                      .node = id,
                      .outer = tree_kind(tree, node->parent) == KIND_DECORATED ? node->parent : id,
                      .body = tree_field(tree, id, FIELD_BODY),
                      .parent = parent,
                      .is_async = node->is_async};
    struct str outer = module->defs.items[parent].qualname;
    def.qualname = outer.len && outer.len < 256
                       ? arena_printf(reader->arena, "%.*s.%.*s", STR_ARG(outer), STR_ARG(def.name))
                       : def.name;
    def_id number = (def_id)module->defs.len;
    *array_push(reader->arena, &module->defs) = def;
    module->def_of[id] = number;
    return number;
}

static void find_scopes(struct reader *reader)
{
    const struct tree *tree = reader->tree;
    struct module *module = reader->module;
    for (node_id id = 1; id < tree->len; id++) {
        const struct node *node = &tree->nodes[id];
        node_id parent = node->parent;
        def_id scope = module->scopes[parent];
        uint32_t where = module->where[parent];
        enum kind parent_kind = tree_kind(tree, parent);
        if ((parent_kind == KIND_FUNCTION || parent_kind == KIND_CLASS) && node->field == FIELD_BODY) {
            scope = module->def_of[parent];
            where &= WHERE_MAIN | WHERE_IMPORTS | WHERE_TYPE_CHECKING;
        } else {
            where |= where_added(tree, id, parent);
        }
        module->scopes[id] = scope;
        module->where[id] = where;
        if (node->kind == KIND_FUNCTION || node->kind == KIND_CLASS)
            add_def(reader, id, scope);
        else if (node->kind == KIND_RETURN && !module->defs.items[scope].returns)
            module->defs.items[scope].returns = node->child;
        else if (node->kind == KIND_YIELD)
            module->defs.items[scope].is_generator = true;
        else if (node->kind == KIND_IF && scope && parent == module->defs.items[scope].body &&
                 !module->defs.items[scope].returns_early && is_early_return(tree, id))
            module->defs.items[scope].returns_early = id;
    }
}

/* A map's key: the scope's number before the name. */
struct key {
    char bytes[260];
    size_t len;
};

static struct str key_of(struct key *key, def_id scope, struct str name)
{
    size_t len = name.len < 256 ? name.len : 256;
    memcpy(key->bytes, &scope, 4);
    if (len)
        memcpy(key->bytes + 4, name.ptr, len);
    return str_from(key->bytes, 4 + len);
}

static uint32_t bind_in(struct reader *reader, struct map *map, struct binding binding)
{
    struct key key;
    uint64_t *newest = map_put(reader->arena, map, key_of(&key, binding.scope, binding.name), NULL);
    uint32_t number = (uint32_t)reader->module->bindings.len;
    binding.older = *newest ? (uint32_t)(*newest - 1) : NO_BINDING;
    *newest = (uint64_t)number + 1;
    *array_push(reader->arena, &reader->module->bindings) = binding;
    return number;
}

static uint32_t bind(struct reader *reader, def_id scope, enum binding_kind kind, node_id node, struct str name,
                     node_id value)
{
    return bind_in(reader, &reader->module->names,
                   (struct binding){.name = name, .kind = (uint8_t)kind, .scope = scope, .node = node, .value = value});
}

static void add_import(struct reader *reader, node_id statement, node_id node, struct str from)
{
    const struct tree *tree = reader->tree;
    struct module *module = reader->module;
    bool aliased = tree_kind(tree, node) == KIND_ALIASED_IMPORT;
    struct str full = tree_kind(tree, node) == KIND_WILDCARD_IMPORT
                          ? STR("*")
                          : tree_text(tree, aliased ? tree_field(tree, node, FIELD_NAME) : node);
    struct import import = {.node = node,
                            .statement = statement,
                            .scope = module->scopes[statement],
                            .where = module->where[statement],
                            .has_alias = aliased,
                            .first_use = NO_BINDING};
    if (from.len) {
        import.module = from;
        import.member = full;
        import.name = full;
    } else {
        struct str rest = full, first = full;
        str_cut(&rest, '.', &first);
        import.module = full;
        import.name = first;
    }
    if (aliased)
        import.name = tree_text(tree, tree_field(tree, node, FIELD_ALIAS));
    uint32_t number = (uint32_t)module->imports.len;
    import.binding = bind(reader, import.scope, BIND_IMPORT, node, import.name, 0);
    module->bindings.items[import.binding].import = number;
    *array_push(reader->arena, &module->imports) = import;
}

static void add_imports(struct reader *reader, node_id statement)
{
    const struct tree *tree = reader->tree;
    node_id from = tree_field(tree, statement, FIELD_MODULE_NAME);
    struct str module = from ? tree_text(tree, from) : (struct str){0};
    for (node_id child = tree->nodes[statement].child; child; child = tree->nodes[child].next)
        if (child != from && (tree->nodes[child].field == FIELD_NAME || tree_kind(tree, child) == KIND_WILDCARD_IMPORT))
            add_import(reader, statement, child, module);
}

/* Binds every name of a target: x, (a, b), [a, *b]; attributes of self go to the class; x[...] changes x. */
static void bind_target(struct reader *reader, node_id target, enum binding_kind kind, node_id value, def_id scope)
{
    const struct tree *tree = reader->tree;
    for (node_id id = target; id < tree->nodes[target].past;) {
        enum kind node_kind = tree_kind(tree, id);
        enum binding_kind as = id == target || kind != BIND_VALUE ? kind : BIND_UNPACK;
        if (node_kind == KIND_IDENTIFIER) {
            bind(reader, scope, as, id, tree_text(tree, id), value);
        } else if (node_kind == KIND_ATTRIBUTE) {
            node_id object = tree_field(tree, id, FIELD_OBJECT);
            def_id class_def = module_class_of(reader->module, scope);
            if (class_def && str_equals(tree_text(tree, object), STR("self")))
                bind_in(reader, &reader->module->attributes,
                        (struct binding){.name = tree_text(tree, tree_field(tree, id, FIELD_ATTRIBUTE)),
                                         .kind = (uint8_t)as,
                                         .scope = class_def,
                                         .node = id,
                                         .value = value});
        } else if (node_kind == KIND_SUBSCRIPT) {
            node_id object = tree_field(tree, id, FIELD_VALUE);
            if (tree_kind(tree, object) == KIND_IDENTIFIER)
                bind(reader, scope, BIND_CHANGED, object, tree_text(tree, object), 0);
        }
        id = node_kind == KIND_ATTRIBUTE || node_kind == KIND_SUBSCRIPT || node_kind == KIND_IDENTIFIER
                 ? tree->nodes[id].past
                 : id + 1;
    }
}

/* The name that a parameter node declares. */
static node_id parameter_name(const struct tree *tree, node_id id)
{
    switch (tree_kind(tree, id)) {
    case KIND_IDENTIFIER:
        return id;
    case KIND_DEFAULT_PARAMETER:
    case KIND_TYPED_DEFAULT_PARAMETER:
        return tree_field(tree, id, FIELD_NAME);
    case KIND_TYPED_PARAMETER:
    case KIND_LIST_SPLAT_PATTERN:
    case KIND_DICT_SPLAT_PATTERN: {
        node_id child = tree->nodes[id].child;
        return child && tree_kind(tree, child) != KIND_IDENTIFIER ? tree->nodes[child].child : child;
    }
    default:
        return 0;
    }
}

static void bind_parameters(struct reader *reader, node_id function)
{
    const struct tree *tree = reader->tree;
    def_id def = reader->module->def_of[function];
    node_id list = tree_field(tree, function, FIELD_PARAMETERS);
    for (node_id child = list ? tree->nodes[list].child : 0; child; child = tree->nodes[child].next) {
        node_id name = parameter_name(tree, child);
        if (name)
            bind(reader, def, BIND_PARAMETER, name, tree_text(tree, name), tree_field(tree, child, FIELD_VALUE));
    }
}

/* Whether an identifier is read here, rather than named: attributes, keywords, parameters and what is bound are not. */
static bool is_read(const struct tree *tree, node_id id)
{
    const struct node *node = &tree->nodes[id];
    enum kind parent = tree_kind(tree, node->parent);
    switch (parent) {
    case KIND_ATTRIBUTE:
        return node->field == FIELD_OBJECT;
    case KIND_KEYWORD_ARGUMENT:
        return node->field != FIELD_NAME;
    case KIND_FUNCTION:
    case KIND_CLASS:
    case KIND_DEFAULT_PARAMETER:
    case KIND_TYPED_DEFAULT_PARAMETER:
        return node->field != FIELD_NAME;
    case KIND_PARAMETERS:
    case KIND_LAMBDA_PARAMETERS:
    case KIND_TYPED_PARAMETER:
    case KIND_DOTTED_NAME:
    case KIND_ALIASED_IMPORT:
    case KIND_GLOBAL:
    case KIND_NONLOCAL:
    case KIND_LIST_SPLAT_PATTERN:
    case KIND_DICT_SPLAT_PATTERN:
        return false;
    default:
        return true;
    }
}

static void add_use(struct reader *reader, uint32_t binding, node_id id)
{
    struct module *module = reader->module;
    struct import *import = &module->imports.items[module->bindings.items[binding].import];
    uint32_t number = (uint32_t)module->uses.len;
    *array_push(reader->arena, &module->uses) = (struct use){id, module->scopes[id], import->first_use};
    import->first_use = number;
}

static const struct str changing_methods[] = {{"update", 6},      {"append", 6}, {"extend", 6},
                                              {"setdefault", 10}, {"pop", 3},    {"insert", 6},
                                              {"clear", 5},       {"remove", 6}, {"add", 3}};

/* name.update(...) as a statement. */
static void note_change(struct reader *reader, node_id call)
{
    const struct tree *tree = reader->tree;
    node_id function = tree_field(tree, call, FIELD_FUNCTION);
    if (tree_kind(tree, tree->nodes[call].parent) != KIND_EXPRESSION_STATEMENT ||
        tree_kind(tree, function) != KIND_ATTRIBUTE)
        return;
    node_id object = tree_field(tree, function, FIELD_OBJECT);
    struct str name = tree_text(tree, tree_field(tree, function, FIELD_ATTRIBUTE));
    if (tree_kind(tree, object) != KIND_IDENTIFIER)
        return;
    for (size_t i = 0; i < sizeof(changing_methods) / sizeof(changing_methods[0]); i++)
        if (str_equals(name, changing_methods[i]) &&
            module_binding(reader->module, reader->module->scopes[call], tree_text(tree, object)) != NO_BINDING)
            bind(reader, reader->module->scopes[call], BIND_CHANGED, object, tree_text(tree, object), 0);
}

static void bind_assignment(struct reader *reader, node_id id)
{
    const struct tree *tree = reader->tree;
    enum kind kind = tree_kind(tree, id);
    node_id left = tree_field(tree, id, kind == KIND_NAMED_EXPRESSION ? FIELD_NAME : FIELD_LEFT);
    node_id value = tree_field(tree, id, kind == KIND_NAMED_EXPRESSION ? FIELD_VALUE : FIELD_RIGHT);
    while (value && kind == KIND_ASSIGNMENT && tree_kind(tree, value) == KIND_ASSIGNMENT)
        value = tree_field(tree, value, FIELD_RIGHT);
    if (left && (value || kind == KIND_AUGMENTED))
        bind_target(reader, left, kind == KIND_AUGMENTED ? BIND_CHANGED : BIND_VALUE, value,
                    reader->module->scopes[id]);
}

static void bind_with_item(struct reader *reader, node_id id)
{
    const struct tree *tree = reader->tree;
    node_id target = tree_field(tree, id, FIELD_ALIAS), value = tree->nodes[id].child;
    if (target && value)
        bind_target(reader, target,
                    tree_kind(tree, tree->nodes[id].parent) == KIND_WITH_ITEM ? BIND_WITH : BIND_CHANGED, value,
                    reader->module->scopes[id]);
}

static void bind_node(struct reader *reader, node_id id)
{
    const struct tree *tree = reader->tree;
    struct module *module = reader->module;
    switch (tree_kind(tree, id)) {
    case KIND_FUTURE_IMPORT:
        module->future_annotations |= str_contains(tree_text(tree, id), STR("annotations"));
        break;
    case KIND_IMPORT:
    case KIND_IMPORT_FROM:
        add_imports(reader, id);
        break;
    case KIND_FUNCTION:
        bind_parameters(reader, id);
        /* fall through */
    case KIND_CLASS: {
        uint32_t number = bind(reader, module->scopes[id], BIND_DEF, id, module->defs.items[module->def_of[id]].name,
                               0);
        module->bindings.items[number].def = module->def_of[id];
        break;
    }
    case KIND_FOR:
    case KIND_FOR_IN_CLAUSE: {
        node_id left = tree_field(tree, id, FIELD_LEFT);
        if (left)
            bind_target(reader, left, BIND_LOOP, tree_field(tree, id, FIELD_RIGHT), module->scopes[id]);
        break;
    }
    case KIND_AS_PATTERN:
        bind_with_item(reader, id);
        break;
    case KIND_CALL:
        *array_push(reader->arena, &module->calls) = (struct call){id, module->scopes[id]};
        note_change(reader, id);
        break;
    default:
        break;
    }
}

/* A statement's names are bound after what it reads: assignments are bound when the walk has left them. */
static void bind_names(struct reader *reader)
{
    const struct tree *tree = reader->tree;
    struct module *module = reader->module;
    node_id pending[TREE_DEPTH_MOST + 2];
    uint32_t n = 0;
    for (node_id id = 1; id <= tree->len; id++) {
        while (n && (id == tree->len || id >= tree->nodes[pending[n - 1]].past))
            bind_assignment(reader, pending[--n]);
        if (id == tree->len)
            break;
        enum kind kind = tree_kind(tree, id);
        if (kind == KIND_ASSIGNMENT || kind == KIND_AUGMENTED || kind == KIND_NAMED_EXPRESSION)
            pending[n++] = id;
        else if (kind == KIND_IDENTIFIER)
            module->bound[id] = is_read(tree, id) ? module_binding(module, module->scopes[id], tree_text(tree, id))
                                                  : NO_BINDING;
        else
            bind_node(reader, id);
    }
}

static void find_uses(struct reader *reader)
{
    const struct tree *tree = reader->tree;
    struct module *module = reader->module;
    for (node_id id = 1; id < tree->len; id++) {
        if (tree_kind(tree, id) != KIND_IDENTIFIER || !is_read(tree, id))
            continue;
        uint32_t binding = module_lookup(module, id);
        if (binding != NO_BINDING && module->bindings.items[binding].kind == BIND_IMPORT)
            add_use(reader, binding, id);
    }
}

/* `global x` makes what the function binds the module's. */
static void move_globals(struct reader *reader)
{
    const struct tree *tree = reader->tree;
    struct module *module = reader->module;
    for (node_id id = 1; id < tree->len; id++) {
        if (tree_kind(tree, id) != KIND_GLOBAL)
            continue;
        for (node_id child = tree->nodes[id].child; child; child = tree->nodes[child].next) {
            uint32_t own = module_binding(module, module->scopes[id], tree_text(tree, child));
            if (own == NO_BINDING || !module->scopes[id])
                continue;
            struct binding bound = module->bindings.items[own];
            if (bound.scope && (bound.kind == BIND_VALUE || bound.kind == BIND_CHANGED))
                bind(reader, 0, bound.kind, bound.node, tree_text(tree, child), bound.value);
        }
    }
}

void module_read(struct arena *arena, const struct grammar *grammar, struct str path, struct str text,
                 struct module *module_out)
{
    struct module *module = module_out;
    struct reader reader = {arena, module, &module->tree};
    struct err err = {0};
    module->path = path;
    if (tree_parse(arena, grammar, text, &module->tree, &err)) {
        module->failed = true;
        module->error = arena_copy(arena, buf_str(&err.message));
        module->tree = (struct tree){.nodes = arena_new(arena, struct node), .len = 1};
    }
    err_release(&err);
    module->scopes = arena_array(arena, uint32_t, module->tree.len);
    module->where = arena_array(arena, uint32_t, module->tree.len);
    module->bound = arena_array(arena, uint32_t, module->tree.len);
    module->def_of = arena_array(arena, uint32_t, module->tree.len);
    *array_push(arena, &module->defs) = (struct def){.kind = DEF_MODULE};
    find_scopes(&reader);
    bind_names(&reader);
    move_globals(&reader);
    find_uses(&reader);
}

uint32_t module_binding(const struct module *module, def_id scope, struct str name)
{
    struct key key;
    const uint64_t *newest = map_get(&module->names, key_of(&key, scope, name));
    return newest && *newest ? (uint32_t)(*newest - 1) : NO_BINDING;
}

uint32_t module_lookup_name(const struct module *module, def_id scope, struct str name)
{
    def_id from = scope;
    for (unsigned steps = 0; steps < TREE_DEPTH_MOST; steps++) {
        if (scope == from || module->defs.items[scope].kind != DEF_CLASS) {
            uint32_t binding = module_binding(module, scope, name);
            if (binding != NO_BINDING)
                return binding;
        }
        if (!scope)
            break;
        scope = module->defs.items[scope].parent;
    }
    return NO_BINDING;
}

/* @enter() over `def enter(self)`: while a class body runs, a name that it binds further down is still the outer one. */
static uint32_t bound_before(const struct module *module, node_id identifier, uint32_t number)
{
    const struct binding *binding = &module->bindings.items[number];
    def_id scope = binding->scope;
    if (binding->kind != BIND_DEF || binding->node < identifier || scope != module->scopes[identifier] ||
        module->defs.items[scope].kind != DEF_CLASS)
        return number;
    for (unsigned n = 0; n < 64 && number != NO_BINDING; n++, number = module->bindings.items[number].older)
        if (module->bindings.items[number].node < identifier)
            return number;
    return module_lookup_name(module, module->defs.items[scope].parent, binding->name);
}

uint32_t module_lookup(const struct module *module, node_id identifier)
{
    uint32_t number = module->bound[identifier];
    if (number == NO_BINDING)
        number = module_lookup_name(module, module->scopes[identifier], tree_text(&module->tree, identifier));
    return number == NO_BINDING ? number : bound_before(module, identifier, number);
}

uint32_t module_attribute(const struct module *module, def_id class_def, struct str name)
{
    struct key key;
    const uint64_t *newest = map_get(&module->attributes, key_of(&key, class_def, name));
    return newest && *newest ? (uint32_t)(*newest - 1) : NO_BINDING;
}

def_id module_class_of(const struct module *module, def_id def)
{
    for (; def; def = module->defs.items[def].parent)
        if (module->defs.items[def].kind == DEF_CLASS)
            return def;
    return 0;
}

def_id module_unit_of(const struct module *module, def_id def)
{
    def_id unit = 0;
    for (; def; def = module->defs.items[def].parent)
        if (module->defs.items[def].kind == DEF_FUNCTION)
            unit = def;
    return unit;
}

bool module_inside(const struct module *module, def_id def, def_id ancestor)
{
    for (; def && def != ancestor; def = module->defs.items[def].parent)
        ;
    return def == ancestor;
}
