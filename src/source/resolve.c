/* Names to things.  Every step goes down a limit, and a binding that is asked for while it is being resolved is unknown, so
 * that neither `x = x.f()` nor a chain of ten thousand calls does harm. */
#include "source/resolve.h"

#include <string.h>

enum { STEPS_MOST = 40, PATH_MOST = 200, OLDER_MOST = 8 };

struct resolver {
    const struct project *project;
    struct arena *arena;
};

static struct ref resolve_node(const struct resolver *r, const struct module *module, node_id node, unsigned steps);

static const struct ref unknown = {REF_UNKNOWN};

/* Methods that give back the object itself. */
static const struct str same_object[] = {{"to", 2},        {"cuda", 4},         {"cpu", 3},
                                         {"eval", 4},      {"half", 4},         {"float", 5},
                                         {"bfloat16", 8},  {"train", 5},        {"requires_grad_", 14},
                                         {"to_device", 9}, {"share_memory", 12}};

static bool gives_itself(struct str method)
{
    for (size_t i = 0; i < sizeof(same_object) / sizeof(same_object[0]); i++)
        if (str_equals(method, same_object[i]))
            return true;
    return false;
}

static struct ref path_ref(const struct resolver *r, struct str head, const char *joint, struct str tail)
{
    size_t gap = strlen(joint);
    if (head.len + tail.len > PATH_MOST)
        return unknown;
    char *path = arena_alloc(r->arena, head.len + gap + tail.len + 1);
    if (head.len)
        memcpy(path, head.ptr, head.len);
    memcpy(path + head.len, joint, gap);
    if (tail.len)
        memcpy(path + head.len + gap, tail.ptr, tail.len);
    return (struct ref){.kind = REF_PATH, .path = {path, head.len + gap + tail.len}};
}

static struct ref resolve_binding(const struct resolver *r, const struct module *module, uint32_t number,
                                  unsigned steps);

/* A name of a file of the project. */
static struct ref resolve_member(const struct resolver *r, const struct module *module, struct str name, unsigned steps)
{
    uint32_t binding = module_binding(module, 0, name);
    return binding == NO_BINDING ? unknown : resolve_binding(r, module, binding, steps);
}

/* "package.member" of `from package import member`. */
static struct ref member_path(const struct resolver *r, const struct import *import)
{
    return path_ref(r, import->module, str_ends_with(import->module, STR(".")) ? "" : ".", import->member);
}

static struct ref resolve_import(const struct resolver *r, const struct import *import, unsigned steps)
{
    const struct module *target = import->target;
    if (import->member.len) {
        if (target) {
            struct ref ref = resolve_member(r, target, import->member, steps);
            if (ref.kind != REF_UNKNOWN)
                return ref;
        }
        return import->submodule ? (struct ref){.kind = REF_MODULE, .module = import->submodule}
                                 : member_path(r, import);
    }
    if (target && (import->has_alias || str_equals(import->module, import->name)))
        return (struct ref){.kind = REF_MODULE, .module = target};
    return (struct ref){.kind = REF_PATH, .path = import->has_alias ? import->module : import->name};
}

static bool is_none(const struct module *module, node_id node)
{
    return node && tree_kind(&module->tree, node) == KIND_NONE;
}

/* self and cls are the class; an annotated parameter is an object of its type. */
static struct ref resolve_parameter(const struct resolver *r, const struct module *module,
                                    const struct binding *binding, unsigned steps)
{
    const struct tree *tree = &module->tree;
    def_id owner = module_def(module, binding->scope)->parent;
    if (module_def(module, owner)->kind == DEF_CLASS &&
        (str_equals(binding->name, STR("self")) || str_equals(binding->name, STR("cls"))))
        return (struct ref){.kind = REF_DEF, .module = module, .def = owner, .instance = true};
    node_id type = tree_field(tree, tree->nodes[binding->node].parent, FIELD_TYPE);
    if (!type || !tree->nodes[type].child)
        return unknown;
    struct ref ref = resolve_node(r, module, tree->nodes[type].child, steps);
    if (ref.kind == REF_DEF && module_def(ref.module, ref.def)->kind == DEF_CLASS)
        ref.instance = true;
    else if (ref.kind == REF_PATH)
        ref = path_ref(r, ref.path, "()", STR(""));
    else
        ref = unknown;
    return ref;
}

static struct ref compute_binding(const struct resolver *r, const struct module *module, const struct binding *binding,
                                  unsigned steps)
{
    struct ref ref;
    switch ((enum binding_kind)binding->kind) {
    case BIND_IMPORT:
        return resolve_import(r, &module->imports.items[binding->import], steps);
    case BIND_DEF:
        return (struct ref){.kind = REF_DEF, .module = module, .def = binding->def};
    case BIND_VALUE:
    case BIND_WITH:
        return resolve_node(r, module, binding->value, steps);
    case BIND_UNPACK:
    case BIND_LOOP:
        ref = resolve_node(r, module, binding->value, steps);
        return ref.kind == REF_PATH ? path_ref(r, ref.path, "[]", STR("")) : unknown;
    case BIND_PARAMETER:
        return resolve_parameter(r, module, binding, steps);
    case BIND_CHANGED:
        return binding->older != NO_BINDING ? resolve_binding(r, module, binding->older, steps) : unknown;
    }
    return unknown;
}

/* A binding's meaning is kept once it is known; before project_link() is done only one thread comes here. */
static struct ref resolve_binding(const struct resolver *r, const struct module *module, uint32_t number,
                                  unsigned steps)
{
    struct binding *binding = &module->bindings.items[number];
    if (binding->ref)
        return *binding->ref;
    if (binding->resolving || !steps)
        return unknown;
    binding->resolving = true;
    struct ref ref = compute_binding(r, module, binding, steps - 1);
    for (uint32_t older = binding->older, n = 0;
         binding->kind == BIND_VALUE && is_none(module, binding->value) && older != NO_BINDING && n < OLDER_MOST;
         n++, older = module->bindings.items[older].older)
        if (!is_none(module, module->bindings.items[older].value)) {
            ref = resolve_binding(r, module, older, steps - 1);
            break;
        }
    binding->resolving = false;
    struct ref *kept = arena_new(r->arena, struct ref);
    *kept = ref;
    binding->ref = kept;
    return ref;
}

def_id resolve_method(const struct project *project, const struct module *module, def_id class_def, struct str name,
                      const struct module **module_out)
{
    for (unsigned i = 0; i < OLDER_MOST; i++) {
        uint32_t binding = module_binding(module, class_def, name);
        if (binding != NO_BINDING && module->bindings.items[binding].kind == BIND_DEF) {
            *module_out = module;
            return module->bindings.items[binding].def;
        }
        node_id bases = tree_field(&module->tree, module_def(module, class_def)->node, FIELD_SUPERCLASSES);
        node_id base = bases ? module->tree.nodes[bases].child : 0;
        if (!base || tree_kind(&module->tree, base) != KIND_IDENTIFIER)
            return 0;
        uint32_t base_binding = module_lookup(module, base);
        const struct ref *ref = base_binding == NO_BINDING ? NULL : module->bindings.items[base_binding].ref;
        if (!ref || ref->kind != REF_DEF || module_def(ref->module, ref->def)->kind != DEF_CLASS)
            return 0;
        module = ref->module;
        class_def = ref->def;
    }
    return 0;
}

static struct ref resolve_attribute_of_class(const struct resolver *r, struct ref owner, struct str name,
                                             unsigned steps)
{
    const struct module *module = owner.module;
    uint32_t attribute = module_attribute(module, owner.def, name);
    for (unsigned i = 0; attribute != NO_BINDING && i < OLDER_MOST;
         i++, attribute = module->bindings.items[attribute].older) {
        struct binding *binding = &module->bindings.items[attribute];
        if (!is_none(module, binding->value)) {
            struct ref ref = resolve_binding(r, module, attribute, steps);
            if (ref.kind != REF_UNKNOWN)
                return ref;
        }
    }
    const struct module *where = NULL;
    def_id method = resolve_method(r->project, module, owner.def, name, &where);
    if (method)
        return (struct ref){.kind = REF_DEF, .module = where, .def = method};
    uint32_t binding = module_binding(module, owner.def, name);
    return binding == NO_BINDING ? unknown : resolve_binding(r, module, binding, steps);
}

static struct ref resolve_attribute(const struct resolver *r, const struct module *module, node_id node, unsigned steps)
{
    const struct tree *tree = &module->tree;
    struct ref object = resolve_node(r, module, tree_field(tree, node, FIELD_OBJECT), steps);
    node_id attribute = tree_field(tree, node, FIELD_ATTRIBUTE);
    struct str name = attribute ? tree_text(tree, attribute) : STR("");
    switch (object.kind) {
    case REF_PATH: {
        struct ref ref = path_ref(r, object.path, ".", name);
        const struct module *submodule = ref.kind == REF_PATH && !str_contains(ref.path, STR("("))
                                             ? project_module(r->project, module, ref.path)
                                             : NULL;
        return submodule ? (struct ref){.kind = REF_MODULE, .module = submodule} : ref;
    }
    case REF_MODULE:
        return resolve_member(r, object.module, name, steps);
    case REF_DEF:
        if (module_def(object.module, object.def)->kind == DEF_FUNCTION &&
            (str_equals(name, STR("local")) || str_equals(name, STR("raw_f"))))
            return object;
        return module_def(object.module, object.def)->kind == DEF_CLASS
                   ? resolve_attribute_of_class(r, object, name, steps)
                   : unknown;
    default:
        return unknown;
    }
}

static struct ref resolve_result(const struct resolver *r, const struct module *module, node_id call, unsigned steps)
{
    const struct tree *tree = &module->tree;
    node_id function = tree_field(tree, call, FIELD_FUNCTION);
    if (tree_kind(tree, function) == KIND_ATTRIBUTE &&
        str_equals(tree_text(tree, tree_field(tree, function, FIELD_ATTRIBUTE)), STR("get_raw_f")))
        return resolve_node(r, module, tree_field(tree, function, FIELD_OBJECT), steps);
    struct ref callee = resolve_node(r, module, function, steps);
    if (callee.kind == REF_DEF) {
        const struct def *def = module_def(callee.module, callee.def);
        if (def->kind == DEF_CLASS)
            callee.instance = true;
        else
            callee = def->returns && !def->is_generator ? resolve_node(r, callee.module, def->returns, steps) : unknown;
        return callee;
    }
    if (callee.kind != REF_PATH)
        return unknown;
    ptrdiff_t dot = str_find_last(callee.path, '.');
    struct str method = dot >= 0 ? str_slice(callee.path, (size_t)dot + 1, callee.path.len) : callee.path;
    struct str object = dot >= 0 ? str_slice(callee.path, 0, (size_t)dot) : STR("");
    if (gives_itself(method) && str_ends_with(object, STR(")")))
        return resolve_node(r, module, tree_field(tree, function, FIELD_OBJECT), steps);
    struct ref result = path_ref(r, callee.path, "()", STR(""));
    result.module = module;
    result.made = call;
    return result;
}

static struct ref resolve_node(const struct resolver *r, const struct module *module, node_id node, unsigned steps)
{
    const struct tree *tree = &module->tree;
    if (!node || !steps)
        return unknown;
    node = tree_unwrap(tree, node);
    struct ref ref;
    switch (tree_kind(tree, node)) {
    case KIND_IDENTIFIER: {
        uint32_t binding = module_lookup(module, node);
        if (binding != NO_BINDING)
            return resolve_binding(r, module, binding, steps - 1);
        return (struct ref){.kind = REF_PATH, .path = tree_text(tree, node)};
    }
    case KIND_ATTRIBUTE:
        return resolve_attribute(r, module, node, steps - 1);
    case KIND_CALL:
        return resolve_result(r, module, node, steps - 1);
    case KIND_SUBSCRIPT:
        ref = resolve_node(r, module, tree_field(tree, node, FIELD_VALUE), steps - 1);
        return ref.kind == REF_PATH ? path_ref(r, ref.path, "[]", STR("")) : unknown;
    case KIND_CONDITIONAL:
        return resolve_node(r, module, tree_child(tree, node, 0), steps - 1);
    case KIND_NAMED_EXPRESSION:
        return resolve_node(r, module, tree_field(tree, node, FIELD_VALUE), steps - 1);
    case KIND_AS_PATTERN:
        return resolve_node(r, module, tree->nodes[node].child, steps - 1);
    case KIND_BOOLEAN:
        return resolve_node(r, module, tree_field(tree, node, FIELD_RIGHT), steps - 1);
    default:
        return unknown;
    }
}

struct ref resolve(const struct project *project, struct arena *arena, const struct module *module, node_id node)
{
    struct resolver r = {project, arena};
    return resolve_node(&r, module, node, STEPS_MOST);
}

struct ref resolve_callee(const struct project *project, struct arena *arena, const struct module *module, node_id call)
{
    struct ref ref = resolve(project, arena, module, tree_field(&module->tree, call, FIELD_FUNCTION));
    if (ref.kind != REF_DEF)
        return unknown;
    if (module_def(ref.module, ref.def)->kind == DEF_CLASS) {
        const struct module *where = NULL;
        def_id init = resolve_method(project, ref.module, ref.def, ref.instance ? STR("__call__") : STR("__init__"),
                                     &where);
        return init ? (struct ref){.kind = REF_DEF, .module = where, .def = init} : unknown;
    }
    return ref;
}

struct str resolve_call_path(const struct project *project, struct arena *arena, const struct module *module,
                             node_id call)
{
    struct ref ref = resolve(project, arena, module, tree_field(&module->tree, call, FIELD_FUNCTION));
    return ref.kind == REF_PATH ? ref.path : (struct str){0};
}

void project_link(struct project *project)
{
    struct resolver r = {project, project->arena};
    for (size_t i = 0; i < project->modules.len; i++)
        for (size_t k = 0; k < project->modules.items[i]->imports.len; k++) {
            struct import *import = &project->modules.items[i]->imports.items[k];
            import->target = project_module(project, project->modules.items[i], import->module);
            struct ref whole = import->member.len ? member_path(&r, import) : unknown;
            if (whole.kind == REF_PATH)
                import->submodule = project_module(project, project->modules.items[i], whole.path);
        }
    for (size_t i = 0; i < project->modules.len; i++) {
        struct module *module = project->modules.items[i];
        for (size_t k = 0; k < module->bindings.len; k++)
            resolve_binding(&r, module, (uint32_t)k, STEPS_MOST);
    }
}
