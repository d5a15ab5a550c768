/* Parameters of decorators that Modal's client no longer takes, each with the version and the edit.  A setting that several
 * functions share (in a dict, a partial) is reported and mended once, at its place. */
#include "diagnose/api_fix.h"

#include <string.h>

#include "base/map.h"

struct outdated {
    struct checker *checker;
    struct map seen; /* places of settings that were reported */
};

/* Whether the setting's place comes here for the first time. */
static bool is_new(struct outdated *outdated, const struct setting_value *value)
{
    bool fresh;
    map_put(outdated->checker->arena, &outdated->seen,
            arena_printf(outdated->checker->arena, "%u:%u", value->module->index, value->node), &fresh);
    return fresh;
}

/* The word that names the setting: of a keyword argument, or the key of a dict. */
static node_id word_of(const struct setting_value *value)
{
    const struct tree *tree = &value->module->tree;
    enum kind kind = tree_kind(tree, value->node);
    node_id key = kind == KIND_PAIR ? tree_field(tree, value->node, FIELD_KEY) : 0;
    if (kind == KIND_KEYWORD_ARGUMENT)
        return tree_field(tree, value->node, FIELD_NAME);
    return key && tree_kind(tree, key) == KIND_STRING ? key : 0;
}

/* Another word in its place, in the quotes that are there. */
static void rename_word(struct checker *checker, struct finding *finding, const struct setting_value *value,
                        const char *old, const char *now)
{
    const struct tree *tree = &value->module->tree;
    node_id word = word_of(value);
    if (!word || !api_is_for_decorators(checker, value->module, value->node))
        return;
    struct str text = tree_text(tree, word);
    ptrdiff_t at = str_find(text, str_of(old));
    if (at < 0)
        return;
    uint32_t start = tree->nodes[word].start + (uint32_t)at;
    check_edit(checker, finding, value->module, start, start + (uint32_t)strlen(old), str_of(now));
    finding->fix = FIX_SAFE;
}

/* ---- renamed ones */

static const struct {
    enum setting old;
    const char *now, *since;
} renamed[] = {
    {SETTING_KEEP_WARM, "min_containers", "0.73.76 (2025-02-24)"},
    {SETTING_CONCURRENCY_LIMIT, "max_containers", "0.73.76 (2025-02-24)"},
    {SETTING_CONTAINER_IDLE_TIMEOUT, "scaledown_window", "0.73.76 (2025-02-24)"},
};

static void report_renamed(struct outdated *outdated, const struct app_function *function)
{
    struct checker *checker = outdated->checker;
    for (size_t i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++) {
        const struct setting_value *value = &function->settings[renamed[i].old];
        if (!value->value || !is_new(outdated, value))
            continue;
        const char *old = setting_names[renamed[i].old];
        struct finding *finding = check_report_setting(checker, "renamed-parameter", function, renamed[i].old,
                                                       "%s= is called %s= since modal %s", old, renamed[i].now,
                                                       renamed[i].since);
        if (!finding)
            continue;
        check_advice(checker, finding, "%s=", renamed[i].now);
        rename_word(checker, finding, value, old, renamed[i].now);
    }
}

/* Class.with_options(concurrency_limit=2): the same names, of a method. */
static void report_options(struct outdated *outdated, const struct fact *fact)
{
    struct checker *checker = outdated->checker;
    const struct tree *tree = &fact->module->tree;
    node_id function = tree_field(tree, fact->node, FIELD_FUNCTION);
    if (tree_kind(tree, function) != KIND_ATTRIBUTE ||
        !str_equals(tree_text(tree, tree_field(tree, function, FIELD_ATTRIBUTE)), STR("with_options")))
        return;
    for (size_t i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++) {
        const char *old = setting_names[renamed[i].old];
        node_id given = call_keyword(tree, fact->node, str_of(old));
        struct finding *finding = given ? check_report(checker, "renamed-parameter", fact->module,
                                                       tree->nodes[given].parent, "%s= is called %s= since modal %s",
                                                       old, renamed[i].now, renamed[i].since)
                                        : NULL;
        if (!finding)
            continue;
        check_advice(checker, finding, "%s=", renamed[i].now);
        api_replace(checker, finding, fact->module, tree_field(tree, tree->nodes[given].parent, FIELD_NAME),
                    str_of(renamed[i].now));
        finding->fix = FIX_SAFE;
    }
    node_id inputs = call_keyword(tree, fact->node, STR("allow_concurrent_inputs"));
    struct finding *finding = inputs ? check_report(checker, "allow-concurrent-inputs", fact->module,
                                                    tree->nodes[inputs].parent,
                                                    "allow_concurrent_inputs= is .with_concurrency(max_inputs=...): "
                                                    "modal 1.4.0 refuses the parameter")
                                     : NULL;
    if (!finding)
        return;
    check_advice(checker, finding, ".with_concurrency(max_inputs=...)");
    api_remove_item(checker, finding, fact->module, tree->nodes[inputs].parent);
    check_edit(checker, finding, fact->module, tree->nodes[fact->node].end, tree->nodes[fact->node].end,
               arena_printf(checker->arena, ".with_concurrency(max_inputs=%.*s)", STR_ARG(tree_text(tree, inputs))));
    finding->fix = FIX_SAFE;
}

/* ---- allow_concurrent_inputs=N became a decorator */

/* The decorator for one function that has the setting; false where the count means nothing there. */
static bool add_concurrent(struct checker *checker, struct finding *finding, const struct app_function *function,
                           const struct setting_value *value, struct str count)
{
    if (function->concurrent)
        return true;
    bool literal = value_is_number(value_likely(value->value)) && count.len && count.ptr[0] >= '0' &&
                   count.ptr[0] <= '9';
    if ((function->module != value->module && !literal) || !function->decorator)
        return false;
    struct str concurrent = api_name(checker, finding, function->module, "concurrent");
    if (!concurrent.len)
        return false;
    api_add_decorator(checker, finding, function,
                      arena_printf(checker->arena, "%.*s(max_inputs=%.*s)", STR_ARG(concurrent), STR_ARG(count)));
    return true;
}

static void fix_concurrent_inputs(struct checker *checker, struct finding *finding, const struct app_function *function,
                                  const struct setting_value *value)
{
    const struct tree *tree = &value->module->tree;
    const struct app *app = &checker->source->app;
    bool own = value->module == function->call_module && function->call &&
               tree_within(tree, value->node, function->call);
    if (!word_of(value) || !api_is_for_decorators(checker, value->module, value->node))
        return;
    struct str count = tree_text(tree, tree_field(tree, value->node, FIELD_VALUE));
    bool done = true;
    for (size_t i = 0; done && i < (own ? 1 : app->functions.len); i++) {
        const struct app_function *each = own ? function : &app->functions.items[i];
        const struct setting_value *shared = &each->settings[SETTING_ALLOW_CONCURRENT_INPUTS];
        if (shared->node == value->node && shared->module == value->module &&
            value_likely(value->value)->kind != VALUE_NONE)
            done = add_concurrent(checker, finding, each, value, count);
    }
    if (!done) {
        finding->edits = (struct edits){0};
        return;
    }
    api_remove_item(checker, finding, value->module, value->node);
    finding->fix = FIX_SAFE;
}

static void report_concurrent_inputs(struct outdated *outdated, const struct app_function *function)
{
    struct checker *checker = outdated->checker;
    const struct setting_value *value = &function->settings[SETTING_ALLOW_CONCURRENT_INPUTS];
    if (!value->value || !is_new(outdated, value))
        return;
    struct finding *finding = check_report_setting(
        checker, "allow-concurrent-inputs", function, SETTING_ALLOW_CONCURRENT_INPUTS,
        "allow_concurrent_inputs= is the decorator @modal.concurrent: modal 1.4.0 refuses the parameter");
    if (!finding)
        return;
    check_advice(checker, finding, "@modal.concurrent(max_inputs=...) under the app's decorator");
    fix_concurrent_inputs(checker, finding, function, value);
}

/* ---- max_inputs=1 */

static void report_max_inputs(struct outdated *outdated, const struct app_function *function)
{
    struct checker *checker = outdated->checker;
    const struct setting_value *value = &function->settings[SETTING_SINGLE_USE_CONTAINERS];
    if (!value->value || !value->is_max_inputs || !is_new(outdated, value))
        return;
    struct finding *finding = check_report_setting(
        checker, "max-inputs-one", function, SETTING_SINGLE_USE_CONTAINERS,
        "max_inputs= is single_use_containers= since modal 1.3.0 (2025-12-16)");
    if (!finding)
        return;
    check_advice(checker, finding, "single_use_containers=True");
    if (!value->value->truth)
        return;
    rename_word(checker, finding, value, "max_inputs", "single_use_containers");
    if (finding->fix == FIX_SAFE)
        api_replace(checker, finding, value->module, tree_field(&value->module->tree, value->node, FIELD_VALUE),
                    STR("True"));
}

/* ---- constructors */

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
        if (!finding)
            return;
        check_advice(checker, finding, "name: str = modal.parameter(), and an @modal.enter() hook for the rest");
        init_fix_add(checker, finding, function, method);
        return;
    }
}

void check_outdated(struct checker *checker)
{
    struct outdated outdated = {checker, {0}};
    for (size_t i = 0; i < checker->source->app.functions.len; i++) {
        const struct app_function *function = &checker->source->app.functions.items[i];
        if (function->provider != PROVIDER_MODAL)
            continue;
        report_renamed(&outdated, function);
        report_concurrent_inputs(&outdated, function);
        report_max_inputs(&outdated, function);
        report_init(checker, function);
    }
    for (size_t i = 0; i < checker->n_facts; i++)
        report_options(&outdated, &checker->facts[i]);
}
