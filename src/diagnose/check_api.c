/* Names that Modal's client no longer takes: renamed parameters, removed methods, each with the version and the exact edit. */
#include "diagnose/check.h"

#include <string.h>

/* ---- parameters of app.function and app.cls */

static const struct {
    enum setting old;
    const char *now, *since;
} renamed[] = {
    {SETTING_KEEP_WARM, "min_containers", "0.73.76 (2025-02-24)"},
    {SETTING_CONCURRENCY_LIMIT, "max_containers", "0.73.76 (2025-02-24)"},
    {SETTING_CONTAINER_IDLE_TIMEOUT, "scaledown_window", "0.73.76 (2025-02-24)"},
};

static void replace_node(struct checker *checker, struct finding *finding, const struct module *module, node_id node,
                         struct str text)
{
    check_edit(checker, finding, module, module->tree.nodes[node].start, module->tree.nodes[node].end, text);
    finding->fix = FIX_SAFE;
}

/* A limit that was meant as inputs per container is another rule's. */
static bool is_reported(const struct checker *checker, const struct setting_value *value)
{
    const struct node *node = tree_node(&value->module->tree, value->node);
    for (size_t i = 0; i < checker->findings.len; i++) {
        const struct finding *finding = &checker->findings.items[i];
        if (str_equals(finding->name, STR("limit-is-containers")) &&
            str_equals(finding->location.file, value->module->path) && finding->location.line == node->row + 1 &&
            finding->location.column == node->column + 1)
            return true;
    }
    return false;
}

static void report_renamed(struct checker *checker, const struct app_function *function)
{
    for (size_t i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++) {
        const struct setting_value *value = &function->settings[renamed[i].old];
        if (!value->value || (renamed[i].old == SETTING_CONCURRENCY_LIMIT && is_reported(checker, value)))
            continue;
        struct finding *finding = check_report_setting(checker, "renamed-parameter", function, renamed[i].old,
                                                       "%s= is called %s= since modal %s",
                                                       setting_names[renamed[i].old], renamed[i].now, renamed[i].since);
        if (!finding)
            continue;
        check_advice(checker, finding, "%s=", renamed[i].now);
        node_id name = tree_kind(&value->module->tree, value->node) == KIND_KEYWORD_ARGUMENT
                           ? tree_field(&value->module->tree, value->node, FIELD_NAME)
                           : 0;
        if (name)
            replace_node(checker, finding, value->module, name, str_of(renamed[i].now));
    }
}

/* Takes a keyword argument out of its call, with the comma beside it. */
static void remove_keyword(struct checker *checker, struct finding *finding, const struct module *module,
                           node_id keyword)
{
    struct str text = module->tree.text;
    uint32_t start = module->tree.nodes[keyword].start, end = module->tree.nodes[keyword].end, at = end;
    while (at < text.len && strchr(" \t\r\n", text.ptr[at]))
        at++;
    if (at < text.len && text.ptr[at] == ',') {
        at++;
        while (at < text.len && strchr(" \t\r\n", text.ptr[at]))
            at++;
        end = at;
    } else {
        while (start > 0 && strchr(" \t\r\n", text.ptr[start - 1]))
            start--;
        if (start > 0 && text.ptr[start - 1] == ',')
            start--;
        else
            start = module->tree.nodes[keyword].start;
    }
    check_edit(checker, finding, module, start, end, STR(""));
}

/* allow_concurrent_inputs=N became a decorator. */
static void report_concurrent_inputs(struct checker *checker, const struct app_function *function)
{
    const struct setting_value *value = &function->settings[SETTING_ALLOW_CONCURRENT_INPUTS];
    if (!value->value)
        return;
    struct finding *finding = check_report_setting(
        checker, "allow-concurrent-inputs", function, SETTING_ALLOW_CONCURRENT_INPUTS,
        "allow_concurrent_inputs= is the decorator @modal.concurrent: modal 1.4.0 refuses the parameter");
    if (!finding)
        return;
    check_advice(checker, finding, "@modal.concurrent(max_inputs=...) under the app's decorator");
    if (tree_kind(&value->module->tree, value->node) != KIND_KEYWORD_ARGUMENT || !function->decorator ||
        function->concurrent || module_binding(function->module, 0, STR("modal")) == NO_BINDING)
        return;
    const struct node *def = tree_node(&function->module->tree, module_def(function->module, function->def)->node);
    struct str count = tree_text(&value->module->tree, tree_field(&value->module->tree, value->node, FIELD_VALUE));
    remove_keyword(checker, finding, value->module, value->node);
    check_edit(
        checker, finding, function->module, def->start, def->start,
        arena_printf(checker->arena, "@modal.concurrent(max_inputs=%.*s)\n%*s", STR_ARG(count), (int)def->column, ""));
    finding->fix = FIX_SAFE;
}

static void report_max_inputs(struct checker *checker, const struct app_function *function)
{
    node_id keyword = function->call ? call_keyword(&function->call_module->tree, function->call, STR("max_inputs"))
                                     : 0;
    if (!keyword)
        return;
    node_id argument = function->call_module->tree.nodes[keyword].parent;
    const struct value *value = check_fold(checker, function->call_module, keyword);
    struct finding *finding = check_report(checker, "max-inputs-one", function->call_module, argument,
                                           "max_inputs= is single_use_containers= since modal 1.3.0 (2025-12-16)");
    if (!finding)
        return;
    check_advice(checker, finding, "single_use_containers=True");
    if (value->kind == VALUE_INT && value->integer == 1)
        replace_node(checker, finding, function->call_module, argument, STR("single_use_containers=True"));
}

static void report_init(struct checker *checker, const struct app_function *function)
{
    if (function->kind != FUNCTION_CLASS || !function->custom_init)
        return;
    for (size_t i = 0; i < function->methods.len; i++) {
        const struct method *method = &function->methods.items[i];
        const struct def *def = module_def(method->module, method->def);
        if (!str_equals(def->name, STR("__init__")))
            continue;
        struct finding *finding = check_report(checker, "custom-init", method->module,
                                               tree_field(&method->module->tree, def->node, FIELD_NAME),
                                               "a constructor of %.*s is not taken by modal 1.6.0 and later: "
                                               "parameters are modal.parameter(), set-up is @modal.enter()",
                                               STR_ARG(function->name));
        if (finding)
            check_advice(checker, finding, "name: str = modal.parameter(), and an @modal.enter() hook for the rest");
        return;
    }
}

static void report_mount(struct checker *checker, const struct app_function *function)
{
    static const char *const names[] = {"mount", "mounts"};
    for (size_t i = 0; function->call && i < 2; i++) {
        node_id keyword = call_keyword(&function->call_module->tree, function->call, str_of(names[i]));
        if (!keyword)
            continue;
        struct finding *finding = check_report(
            checker, "local-files", function->call_module, function->call_module->tree.nodes[keyword].parent,
            "%s= is gone since modal 1.0 (2025-05): files are added to the image", names[i]);
        if (finding)
            check_advice(checker, finding,
                         "image.add_local_dir(...), .add_local_file(...) or .add_local_python_source(...)");
    }
}

/* ---- methods and classes */

static struct str last_name(struct str path)
{
    ptrdiff_t dot = str_find_last(path, '.');
    return dot >= 0 ? str_slice(path, (size_t)dot + 1, path.len) : path;
}

static node_id attribute_node(const struct fact *fact)
{
    node_id function = tree_field(&fact->module->tree, fact->node, FIELD_FUNCTION);
    return tree_kind(&fact->module->tree, function) == KIND_ATTRIBUTE
               ? tree_field(&fact->module->tree, function, FIELD_ATTRIBUTE)
               : function;
}

static const struct renamed_call {
    const char *pattern, *rule, *now, *message, *advice;
} renamed_calls[] = {
    {"modal.*.lookup", "lookup-call", "from_name", "lookup() is from_name(): gone since modal 1.2.0",
     "from_name(), which also waits until it is used"},
    {"modal.web_endpoint", "web-endpoint", "fastapi_endpoint",
     "web_endpoint is fastapi_endpoint: modal 1.4.0 refuses the old name", "fastapi_endpoint"},
    {"modal.Image*.copy_local_dir", "local-files", NULL, "copy_local_dir() is gone since modal 1.1.0",
     "add_local_dir(..., copy=True), or without copy= at the end of the chain"},
    {"modal.Image*.copy_local_file", "local-files", NULL, "copy_local_file() is gone since modal 1.1.0",
     "add_local_file(..., copy=True), or without copy= at the end of the chain"},
    {"modal.Image*.copy_mount", "local-files", NULL, "copy_mount() is gone since modal 1.0 (2025-05)",
     "add_local_dir(...), add_local_file(...) or add_local_python_source(...)"},
    {"modal.Mount.*", "local-files", NULL, "modal.Mount is gone since modal 1.0 (2025-05)",
     "add files to the image: add_local_dir(...), add_local_file(...)"},
    {"modal.Stub", "stub", "App", "modal.Stub is modal.App since modal 0.62 (2024-04)", "modal.App"},
    {"modal.build", "build-hook", NULL, "@modal.build is gone since modal 1.1.0",
     "image.run_function(...), or a Volume that the enter hook fills once"},
};

static void report_copy(struct checker *checker, struct finding *finding, const struct fact *fact)
{
    struct str name = last_name(fact->path);
    node_id attribute = attribute_node(fact), list = tree_field(&fact->module->tree, fact->node, FIELD_ARGUMENTS);
    if (!str_starts_with(name, STR("copy_local_")) || !list || !call_argument(&fact->module->tree, fact->node, 1))
        return;
    node_id last = 0;
    for (node_id child = fact->module->tree.nodes[list].child; child; child = fact->module->tree.nodes[child].next)
        last = child;
    replace_node(checker, finding, fact->module, attribute,
                 str_equals(name, STR("copy_local_dir")) ? STR("add_local_dir") : STR("add_local_file"));
    check_edit(checker, finding, fact->module, fact->module->tree.nodes[last].end, fact->module->tree.nodes[last].end,
               STR(", copy=True"));
}

static void report_call(struct checker *checker, const struct fact *fact)
{
    for (size_t i = 0; i < sizeof(renamed_calls) / sizeof(renamed_calls[0]); i++) {
        const struct renamed_call *row = &renamed_calls[i];
        if (!known_matches(str_of(row->pattern), fact->path) || str_starts_with(fact->path, STR("modal.App.lookup")))
            continue;
        struct finding *finding = check_report(checker, row->rule, fact->module, attribute_node(fact), "%s",
                                               row->message);
        if (!finding)
            return;
        check_advice(checker, finding, "%s", row->advice);
        if (row->now && tree_kind(&fact->module->tree, tree_field(&fact->module->tree, fact->node, FIELD_FUNCTION)) ==
                            KIND_ATTRIBUTE)
            replace_node(checker, finding, fact->module, attribute_node(fact), str_of(row->now));
        report_copy(checker, finding, fact);
        return;
    }
}

/* modal.gpu.A100(count=2) as the string that it means. */
static void report_gpu_object(struct checker *checker, const struct fact *fact)
{
    static const struct str prefix = {"modal.gpu.", 10};
    struct value value = {.kind = VALUE_OBJECT, .ref = {.kind = REF_PATH}, .module = fact->module, .node = fact->node};
    struct str type;
    int64_t count;
    if (!str_starts_with(fact->path, prefix))
        return;
    value.ref.path = arena_printf(checker->arena, "%.*s()", STR_ARG(fact->path));
    struct finding *finding = check_report(checker, "gpu-object", fact->module, fact->node,
                                           "modal.gpu objects are gone since modal 1.4.0: a GPU is a string");
    if (!finding || !app_gpu(checker->arena, &checker->source->project, &value, &type, &count))
        return;
    struct str text = count > 1 ? arena_printf(checker->arena, "\"%.*s:%lld\"", STR_ARG(type), (long long)count)
                                : arena_printf(checker->arena, "\"%.*s\"", STR_ARG(type));
    check_advice(checker, finding, "gpu=%.*s", STR_ARG(text));
    if (!str_equals(type, STR("Any")) && !call_has_splat(&fact->module->tree, fact->node))
        replace_node(checker, finding, fact->module, fact->node, text);
}

/* Decorators without parentheses, and imports of what is gone. */
static void report_imports(struct checker *checker, const struct module *module)
{
    static const struct {
        const char *name, *rule, *message, *advice;
    } gone[] = {
        {"Stub", "stub", "modal.Stub is modal.App since modal 0.62 (2024-04)", "modal.App"},
        {"Mount", "local-files", "modal.Mount is gone since modal 1.0 (2025-05)",
         "add files to the image: add_local_dir(...), add_local_file(...)"},
        {"build", "build-hook", "@modal.build is gone since modal 1.1.0",
         "image.run_function(...), or a Volume that the enter hook fills once"},
        {"web_endpoint", "web-endpoint", "web_endpoint is fastapi_endpoint: modal 1.4.0 refuses the old name",
         "fastapi_endpoint"},
    };
    for (size_t i = 0; i < module->imports.len; i++) {
        const struct import *import = &module->imports.items[i];
        for (size_t k = 0; str_equals(import->module, STR("modal")) && k < sizeof(gone) / sizeof(gone[0]); k++) {
            if (!str_equals(import->member, str_of(gone[k].name)))
                continue;
            struct finding *finding = check_report(checker, gone[k].rule, module, import->node, "%s", gone[k].message);
            if (finding)
                check_advice(checker, finding, "%s", gone[k].advice);
        }
    }
}

void check_outdated(struct checker *checker)
{
    const struct project *project = &checker->source->project;
    for (size_t i = 0; i < checker->source->app.functions.len; i++) {
        const struct app_function *function = &checker->source->app.functions.items[i];
        if (function->provider != PROVIDER_MODAL)
            continue;
        report_renamed(checker, function);
        report_concurrent_inputs(checker, function);
        report_max_inputs(checker, function);
        report_init(checker, function);
        report_mount(checker, function);
    }
    for (size_t i = 0; i < checker->n_facts; i++)
        if (str_starts_with(checker->facts[i].path, STR("modal."))) {
            report_call(checker, &checker->facts[i]);
            report_gpu_object(checker, &checker->facts[i]);
        }
    for (size_t i = 0; i < project->modules.len; i++)
        report_imports(checker, project->modules.items[i]);
}
