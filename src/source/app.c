/* From decorators to functions with settings.  What counts is who is called: App().function, .cls, .server and .local_entrypoint
 * through any alias, functools.partial, or a wrapper of the project. */
#include "source/app.h"

#include <string.h>

const char *const setting_names[SETTINGS] = {
#define SETTING(name, text) text,
#include "source/settings.def"
#undef SETTING
};

struct finder {
    struct arena *arena;
    const struct project *project;
    struct app *app;
};

static void app_defaults(const struct finder *finder, struct app_function *function, const struct module *module,
                         node_id call);

/* What the setting was called before; SETTINGS: it has no older name. */
static enum setting older_name(enum setting setting)
{
    switch (setting) {
    case SETTING_MIN_CONTAINERS:
        return SETTING_KEEP_WARM;
    case SETTING_MAX_CONTAINERS:
        return SETTING_CONCURRENCY_LIMIT;
    case SETTING_SCALEDOWN_WINDOW:
        return SETTING_CONTAINER_IDLE_TIMEOUT;
    case SETTING_MAX_INPUTS:
        return SETTING_ALLOW_CONCURRENT_INPUTS;
    default:
        return SETTINGS;
    }
}

enum setting app_setting_name(const struct app_function *function, enum setting setting)
{
    enum setting older = older_name(setting);
    return older != SETTINGS && !function->settings[setting].value && function->settings[older].value ? older : setting;
}

const struct value *app_setting(const struct app_function *function, enum setting setting)
{
    const struct value *value = function->settings[app_setting_name(function, setting)].value;
    if (!value)
        return NULL;
    value = value_likely(value);
    return value->kind == VALUE_NONE ? NULL : value;
}

double app_number(const struct app_function *function, enum setting setting, double fallback)
{
    const struct value *value = app_setting(function, setting);
    if (value && value->kind == VALUE_LIST && value->len)
        value = value->items[0];
    return value && value_is_number(value) ? value_number(value) : fallback;
}

bool app_flag(const struct app_function *function, enum setting setting)
{
    const struct value *value = app_setting(function, setting);
    return value && value->kind != VALUE_UNKNOWN && value_truth(value);
}

/* modal.gpu.A100(count=2, size="80GB"): what it means as a string. */
static bool gpu_object(struct arena *arena, const struct project *project, const struct value *value,
                       struct str *type_out, int64_t *count_out)
{
    static const struct str prefix = {"modal.gpu.", 10};
    struct str path = value->ref.path;
    if (value->ref.kind != REF_PATH || !str_starts_with(path, prefix) || !str_ends_with(path, STR("()")))
        return false;
    struct str type = str_slice(path, prefix.len, path.len - 2);
    node_id count = call_keyword(&value->module->tree, value->node, STR("count"));
    node_id size = call_keyword(&value->module->tree, value->node, STR("size"));
    node_id memory = call_keyword(&value->module->tree, value->node, STR("memory"));
    if (!count)
        count = call_argument(&value->module->tree, value->node, 0);
    *count_out = 1;
    if (count) {
        const struct value *number = value_fold(project, arena, value->module, count);
        *count_out = number->kind == VALUE_INT ? number->integer : 1;
    }
    if (size) {
        const struct value *name = value_fold(project, arena, value->module, size);
        if (name->kind == VALUE_STR)
            type = arena_printf(arena, "%.*s-%.*s", STR_ARG(type), STR_ARG(name->text));
    }
    if (memory) { /* gigabytes, of the A100 only: modal.gpu.A100(memory=80) */
        const struct value *number = value_fold(project, arena, value->module, memory);
        if (number->kind == VALUE_INT && number->integer > 0)
            type = arena_printf(arena, "%.*s-%lldGB", STR_ARG(type), (long long)number->integer);
    }
    *type_out = type;
    return true;
}

bool app_gpu(struct arena *arena, const struct project *project, const struct value *value, struct str *type_out,
             int64_t *count_out)
{
    value = value_likely(value);
    if (value->kind == VALUE_LIST && value->len)
        return app_gpu(arena, project, value->items[0], type_out, count_out);
    if (value->kind == VALUE_OBJECT)
        return gpu_object(arena, project, value, type_out, count_out);
    if (value->kind != VALUE_STR || !value->text.len)
        return false;
    struct str rest = value->text, type = {0};
    uint64_t count = 1;
    str_cut(&rest, ':', &type);
    if (rest.ptr && !str_to_u64(rest, &count))
        count = 1;
    char *bytes = arena_alloc(arena, type.len + 1);
    for (size_t i = 0; i < type.len; i++)
        bytes[i] = type.ptr[i] >= 'a' && type.ptr[i] <= 'z' ? (char)(type.ptr[i] - 32) : type.ptr[i];
    *type_out = str_from(bytes, type.len);
    *count_out = count > 64 ? 64 : (int64_t)count;
    return true;
}

bool app_has_gpu(struct arena *arena, const struct project *project, const struct app_function *function,
                 struct str *type_out, int64_t *count_out)
{
    const struct value *value = app_setting(function, SETTING_GPU);
    if (!value || (value->kind == VALUE_BOOL && !value->truth))
        return false;
    if (!app_gpu(arena, project, value, type_out, count_out)) {
        *type_out = STR("?");
        *count_out = 1;
    }
    return true;
}

/* ---- settings */

static int setting_of(struct str name)
{
    for (int i = 0; i < SETTINGS; i++)
        if (str_equals(name, str_of(setting_names[i])))
            return i;
    return -1;
}

static void put_setting(struct app_function *function, int setting, const struct value *value,
                        const struct module *module, node_id node)
{
    if (setting >= 0)
        function->settings[setting] = (struct setting_value){value, module, node, false, false};
}

/* One setting under its name; max_inputs= of a function is the old name of single_use_containers=, not what @modal.concurrent
 * calls so. */
static void put_named(const struct finder *finder, struct app_function *function, struct str name,
                      const struct value *value, const struct module *module, node_id node)
{
    int setting = setting_of(name);
    if (setting == SETTING_MAX_INPUTS && value->kind == VALUE_INT) {
        struct value *single = arena_new(finder->arena, struct value);
        *single = (struct value){
            .kind = VALUE_BOOL, .truth = value->integer == 1, .module = value->module, .node = value->node};
        put_setting(function, SETTING_SINGLE_USE_CONTAINERS, single, module, node);
        function->settings[SETTING_SINGLE_USE_CONTAINERS].is_max_inputs = true;
    } else {
        put_setting(function, setting, value, module, node);
    }
}

/* The dict behind **something, entry by entry. */
static void put_splat(const struct finder *finder, struct app_function *function, const struct module *module,
                      node_id splat)
{
    const struct value *dict = value_fold(finder->project, finder->arena, module, module->tree.nodes[splat].child);
    const struct value *likely = value_likely(dict);
    if (dict->kind != VALUE_DICT)
        function->unknown_why = dict->kind == VALUE_UNKNOWN ? dict->why : "a ** of something that is no dict";
    for (size_t i = 0; likely->kind == VALUE_DICT && i < likely->len; i++) {
        const struct value *key = likely->keys[i], *item = likely->items[i];
        node_id entry = key->node ? key->module->tree.nodes[key->node].parent : 0;
        bool is_entry = entry && (tree_kind(&key->module->tree, entry) == KIND_PAIR ||
                                  tree_kind(&key->module->tree, entry) == KIND_KEYWORD_ARGUMENT);
        if (key->kind == VALUE_STR)
            put_named(finder, function, key->text, item, is_entry ? key->module : item->module,
                      is_entry ? entry : item->node);
    }
}

static void put_arguments(const struct finder *finder, struct app_function *function, const struct module *module,
                          node_id call)
{
    const struct tree *tree = &module->tree;
    node_id list = tree_field(tree, call, FIELD_ARGUMENTS);
    for (node_id child = list ? tree->nodes[list].child : 0; child; child = tree->nodes[child].next) {
        if (tree_kind(tree, child) == KIND_KEYWORD_ARGUMENT) {
            put_named(finder, function, tree_text(tree, tree_field(tree, child, FIELD_NAME)),
                      value_fold(finder->project, finder->arena, module, tree_field(tree, child, FIELD_VALUE)), module,
                      child);
        } else if (tree_kind(tree, child) == KIND_DICT_SPLAT) {
            put_splat(finder, function, module, child);
        }
    }
}

static void put_concurrency(const struct finder *finder, struct app_function *function, const struct module *module,
                            node_id call, bool batched)
{
    static const int concurrent_settings[] = {SETTING_MAX_INPUTS, SETTING_TARGET_INPUTS},
                     batched_settings[] = {SETTING_MAX_BATCH_SIZE, SETTING_WAIT_MS};
    const int *settings = batched ? batched_settings : concurrent_settings;
    const struct tree *tree = &module->tree;
    for (uint32_t i = 0; i < 2; i++) {
        node_id value = call_keyword(tree, call, str_of(setting_names[settings[i]]));
        if (!value)
            value = call_argument(tree, call, i);
        if (value)
            put_setting(function, settings[i], value_fold(finder->project, finder->arena, module, value), module,
                        tree_kind(tree, tree->nodes[value].parent) == KIND_KEYWORD_ARGUMENT ? tree->nodes[value].parent
                                                                                            : value);
    }
    if (call_has_splat(tree, call))
        function->unknown_why = "a ** of a decorator";
    if (!batched)
        function->concurrent = call;
}

/* ---- decorators */

/* The last name of a path, without "()". */
static struct str last_name(struct str path)
{
    ptrdiff_t dot = str_find_last(path, '.');
    return dot >= 0 ? str_slice(path, (size_t)dot + 1, path.len) : path;
}

static const struct {
    struct str name;
    enum method_kind kind;
} method_names[] = {
    {{"enter", 5}, METHOD_ENTER},       {{"exit", 4}, METHOD_EXIT},
    {{"method", 6}, METHOD_CALL},       {{"fastapi_endpoint", 16}, METHOD_WEB},
    {{"web_endpoint", 12}, METHOD_WEB}, {{"asgi_app", 8}, METHOD_WEB_APP},
    {{"wsgi_app", 8}, METHOD_WEB_APP},  {{"web_server", 10}, METHOD_WEB_SERVER},
    {{"batched", 7}, METHOD_BATCHED},
};

/* The path of what a decorator calls; *call_out: the call, 0 for a bare name. */
static struct str decorator_path(const struct finder *finder, const struct module *module, node_id decorator,
                                 node_id *call_out, struct ref *ref_out)
{
    const struct tree *tree = &module->tree;
    node_id expression = tree_unwrap(tree, tree->nodes[decorator].child);
    bool is_call = tree_kind(tree, expression) == KIND_CALL;
    *call_out = is_call ? expression : 0;
    *ref_out = resolve(finder->project, finder->arena, module,
                       is_call ? tree_field(tree, expression, FIELD_FUNCTION) : expression);
    return ref_out->kind == REF_PATH ? ref_out->path : (struct str){0};
}

static bool is_modal(struct str path)
{
    return str_starts_with(path, STR("modal."));
}

/* Whether the path is a registration: what kind; -1 none, -2 a local entrypoint. */
static int registration_of(struct str path)
{
    struct str name = last_name(path);
    if (name.len == path.len || str_contains(path, STR("fastapi")) || str_contains(path, STR("typer")))
        return -1;
    if (str_equals(name, STR("local_entrypoint")))
        return -2;
    struct str object = str_slice(path, 0, path.len - name.len - 1);
    bool app = str_equals(object, STR("modal.App()")) || str_equals(object, STR("modal.Stub()")) ||
               str_ends_with(object, STR("app")) || str_ends_with(object, STR("stub")) ||
               str_ends_with(object, STR("modal.App.lookup()"));
    if (!app)
        return -1;
    return str_equals(name, STR("function")) ? FUNCTION_FUNCTION
           : str_equals(name, STR("cls"))    ? FUNCTION_CLASS
           : str_equals(name, STR("server")) ? FUNCTION_SERVER
                                             : -1;
}

bool app_is_registration(struct str path)
{
    return registration_of(path) >= 0;
}

/* app.function behind functools.partial or a wrapper of the project that returns app.function(...): fills in its settings. */
static int indirect_registration(const struct finder *finder, struct app_function *function, struct ref callee,
                                 struct str path)
{
    const struct module *module = callee.module;
    if (callee.kind == REF_PATH && str_equals(path, STR("functools.partial()")) && callee.made) {
        node_id target = call_argument(&module->tree, callee.made, 0);
        struct ref ref = target ? resolve(finder->project, finder->arena, module, target) : (struct ref){0};
        int kind = ref.kind == REF_PATH ? registration_of(ref.path) : -1;
        if (kind >= 0)
            put_arguments(finder, function, module, callee.made);
        return kind;
    }
    if (callee.kind != REF_DEF || module_def(module, callee.def)->kind != DEF_FUNCTION ||
        !module_def(module, callee.def)->returns)
        return -1;
    node_id returned = tree_unwrap(&module->tree, module_def(module, callee.def)->returns);
    if (tree_kind(&module->tree, returned) != KIND_CALL)
        return -1;
    struct ref ref = resolve(finder->project, finder->arena, module,
                             tree_field(&module->tree, returned, FIELD_FUNCTION));
    int kind = ref.kind == REF_PATH ? registration_of(ref.path) : -1;
    if (kind >= 0) {
        put_arguments(finder, function, module, returned);
        function->unknown_why = "a wrapper around the decorator";
    }
    return kind;
}

static void add_method(const struct finder *finder, struct app_function *function, enum method_kind kind,
                       const struct module *module, def_id def)
{
    *array_push(finder->arena, &function->methods) = (struct method){kind, module, def};
}

static enum method_kind kind_of_method(const struct finder *finder, struct app_function *function,
                                       const struct module *module, const struct def *def)
{
    const struct tree *tree = &module->tree;
    enum method_kind kind = METHOD_PLAIN;
    for (node_id child = tree->nodes[def->outer].child; def->outer != def->node && child;
         child = tree->nodes[child].next) {
        node_id call;
        struct ref ref;
        if (tree_kind(tree, child) != KIND_DECORATOR)
            continue;
        struct str path = decorator_path(finder, module, child, &call, &ref), name = last_name(path);
        if (!is_modal(path))
            continue;
        for (size_t i = 0; i < sizeof(method_names) / sizeof(method_names[0]); i++)
            if (str_equals(name, method_names[i].name) && (kind == METHOD_PLAIN || method_names[i].kind != METHOD_CALL))
                kind = method_names[i].kind;
        node_id snap = call ? call_keyword(tree, call, STR("snap")) : 0;
        if (kind == METHOD_ENTER && snap && tree_kind(tree, snap) == KIND_TRUE)
            kind = METHOD_ENTER_SNAP;
        if (str_equals(name, STR("batched")) && call)
            put_concurrency(finder, function, module, call, true);
        if (str_equals(name, STR("concurrent")) && call)
            put_concurrency(finder, function, module, call, false);
    }
    return kind;
}

/* The methods of a class and of its bases in the project. */
static void add_methods(const struct finder *finder, struct app_function *function)
{
    const struct module *module = function->module;
    def_id class_def = function->def;
    for (unsigned base = 0; base < 4; base++) {
        def_id past = class_def + 1;
        for (; past < module->defs.len &&
               tree_within(&module->tree, module_def(module, past)->node, module_def(module, class_def)->node);
             past++) {
            const struct def *def = module_def(module, past);
            if (def->parent != class_def || def->kind != DEF_FUNCTION)
                continue;
            enum method_kind kind = kind_of_method(finder, function, module, def);
            if (str_equals(def->name, STR("__enter__")) || str_equals(def->name, STR("__aenter__")))
                kind = METHOD_ENTER;
            function->custom_init |= str_equals(def->name, STR("__init__"));
            add_method(finder, function, kind, module, past);
        }
        node_id bases = tree_field(&module->tree, module_def(module, class_def)->node, FIELD_SUPERCLASSES);
        node_id first = bases ? module->tree.nodes[bases].child : 0;
        struct ref ref = first ? resolve(finder->project, finder->arena, module, first) : (struct ref){0};
        if (ref.kind != REF_DEF || module_def(ref.module, ref.def)->kind != DEF_CLASS)
            break;
        module = ref.module;
        class_def = ref.def;
    }
}

/* The app's volumes and the function's own. */
static const struct value *merge_volumes(const struct finder *finder, const struct value *app, const struct value *own)
{
    if (app->kind != VALUE_DICT || own->kind != VALUE_DICT)
        return own->kind == VALUE_DICT ? app : own;
    struct value *merged = arena_new(finder->arena, struct value);
    *merged = *own;
    merged->len = app->len + own->len;
    merged->keys = arena_array(finder->arena, const struct value *, merged->len + 1);
    merged->items = arena_array(finder->arena, const struct value *, merged->len + 1);
    for (size_t i = 0; i < merged->len; i++) {
        bool first = i < app->len;
        merged->keys[i] = first ? app->keys[i] : own->keys[i - app->len];
        merged->items[i] = first ? app->items[i] : own->items[i - app->len];
    }
    return merged;
}

/* image and volumes that modal.App was given hold for functions that name none. */
static void app_defaults(const struct finder *finder, struct app_function *function, const struct module *module,
                         node_id call)
{
    node_id callee = tree_field(&module->tree, call, FIELD_FUNCTION);
    if (tree_kind(&module->tree, callee) != KIND_ATTRIBUTE)
        return;
    struct ref app = resolve(finder->project, finder->arena, module, tree_field(&module->tree, callee, FIELD_OBJECT));
    if (app.kind != REF_PATH || !app.made)
        return;
    static const int settings[] = {SETTING_IMAGE, SETTING_VOLUMES, SETTING_SECRETS};
    for (size_t i = 0; i < 3; i++) {
        node_id value = call_keyword(&app.module->tree, app.made, str_of(setting_names[settings[i]]));
        struct setting_value *own = &function->settings[settings[i]];
        if (value && !own->value) {
            put_setting(function, settings[i], value_fold(finder->project, finder->arena, app.module, value),
                        app.module, value);
            own->from_app = true;
        } else if (value && settings[i] == SETTING_VOLUMES) {
            own->value = merge_volumes(finder, value_fold(finder->project, finder->arena, app.module, value),
                                       own->value);
        }
    }
}

static void finish_function(const struct finder *finder, struct app_function *function)
{
    const struct value *name = app_setting(function, SETTING_NAME);
    if (function->kind == FUNCTION_FUNCTION && name && name->kind == VALUE_STR)
        function->name = name->text;
    if (function->kind != FUNCTION_FUNCTION)
        add_methods(finder, function);
    if (function->call)
        app_defaults(finder, function, function->call_module, function->call);
}

/* A decorated def or class: the function it registers, if it does. */
static void read_decorated(const struct finder *finder, const struct module *module, def_id number)
{
    const struct tree *tree = &module->tree;
    const struct def *def = module_def(module, number);
    struct app_function function = {.module = module, .call_module = module, .def = number, .name = def->name};
    int kind = -1;
    for (node_id child = tree->nodes[def->outer].child; child; child = tree->nodes[child].next) {
        node_id call;
        struct ref ref;
        if (tree_kind(tree, child) != KIND_DECORATOR)
            continue;
        struct str path = decorator_path(finder, module, child, &call, &ref);
        int found = path.len ? registration_of(path) : -1;
        if (found == -2)
            *array_push(finder->arena, &finder->app->local) = (struct method){METHOD_CALL, module, number};
        if (found < 0)
            found = indirect_registration(finder, &function, ref, path);
        if (found >= 0) {
            kind = found;
            function.decorator = child;
            function.call = call;
            if (call)
                put_arguments(finder, &function, module, call);
        }
        if (is_modal(path) && call &&
            (str_equals(last_name(path), STR("concurrent")) || str_equals(last_name(path), STR("batched"))))
            put_concurrency(finder, &function, module, call, str_equals(last_name(path), STR("batched")));
    }
    if (kind < 0)
        return;
    function.kind = def->kind == DEF_CLASS && kind == FUNCTION_FUNCTION ? FUNCTION_CLASS : (enum function_kind)kind;
    if (function.kind == FUNCTION_FUNCTION) {
        enum method_kind method = kind_of_method(finder, &function, module, def);
        add_method(finder, &function, method == METHOD_PLAIN ? METHOD_CALL : method, module, number);
    }
    finish_function(finder, &function);
    *array_push(finder->arena, &finder->app->functions) = function;
}

/* app.function(...)(f) */
static void read_applied(const struct finder *finder, const struct module *module, node_id call)
{
    const struct tree *tree = &module->tree;
    node_id inner = tree_field(tree, call, FIELD_FUNCTION), argument = call_argument(tree, call, 0);
    if (!inner || tree_kind(tree, inner) != KIND_CALL || !argument ||
        tree_kind(tree, tree->nodes[call].parent) == KIND_DECORATOR)
        return;
    struct str path = resolve_call_path(finder->project, finder->arena, module, inner);
    int kind = path.len ? registration_of(path) : -1;
    if (kind < 0)
        return;
    struct ref target = resolve(finder->project, finder->arena, module, argument);
    if (target.kind != REF_DEF)
        return;
    const struct def *def = module_def(target.module, target.def);
    struct app_function function = {.module = target.module,
                                    .call_module = module,
                                    .def = target.def,
                                    .name = def->name,
                                    .kind = (enum function_kind)kind,
                                    .call = inner};
    put_arguments(finder, &function, module, inner);
    if (function.kind == FUNCTION_FUNCTION)
        add_method(finder, &function, METHOD_CALL, target.module, target.def);
    finish_function(finder, &function);
    *array_push(finder->arena, &finder->app->functions) = function;
}

/* handler(event, context) of a file that has nothing to do with Modal. */
static bool is_lambda_handler(const struct module *module, const struct def *def)
{
    const struct tree *tree = &module->tree;
    node_id list = tree_field(tree, def->node, FIELD_PARAMETERS);
    node_id first = list ? tree->nodes[list].child : 0, second = first ? tree->nodes[first].next : 0;
    if (def->kind != DEF_FUNCTION || def->parent || !second)
        return false;
    struct str one = tree_text(tree, first), two = tree_text(tree, second);
    bool named = str_contains(def->name, STR("handler")) || str_equals(def->name, STR("main"));
    return named && str_starts_with(one, STR("event")) &&
           (str_starts_with(two, STR("context")) || str_starts_with(two, STR("_")) || str_starts_with(two, STR("ctx")));
}

static bool imports_modal(const struct module *module)
{
    for (size_t i = 0; i < module->imports.len; i++)
        if (str_equals(module->imports.items[i].module, STR("modal")) ||
            str_starts_with(module->imports.items[i].module, STR("modal.")))
            return true;
    return false;
}

static void read_module(const struct finder *finder, const struct module *module)
{
    bool modal = imports_modal(module), any_app = modal || str_contains(module->tree.text, STR(".function(")) ||
                                                  str_contains(module->tree.text, STR(".cls("));
    for (def_id i = 1; i < module->defs.len; i++) {
        const struct def *def = module_def(module, i);
        if (any_app && def->outer != def->node && !module_unit_of(module, def->parent))
            read_decorated(finder, module, i);
        else if (!modal && is_lambda_handler(module, def)) {
            struct app_function *function = array_push(finder->arena, &finder->app->functions);
            *function = (struct app_function){
                .module = module, .call_module = module, .def = i, .name = def->name, .provider = PROVIDER_LAMBDA};
            add_method(finder, function, METHOD_CALL, module, i);
        }
    }
    for (size_t i = 0; any_app && i < module->calls.len; i++)
        read_applied(finder, module, module->calls.items[i].node);
}

void app_find(struct arena *arena, const struct project *project, struct app *app_out)
{
    *app_out = (struct app){0};
    struct finder finder = {arena, project, app_out};
    for (size_t i = 0; i < project->modules.len; i++)
        read_module(&finder, project->modules.items[i]);
}
