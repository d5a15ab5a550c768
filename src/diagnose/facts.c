/* From the source's model of an app to the few answers that the measured rules need. */
#include "diagnose/facts.h"

#include "source/source.h"

static bool has_user(const struct source_import *import, struct str name)
{
    for (size_t i = 0; i < import->n_users; i++) {
        if (str_equals(import->users[i], name))
            return true;
    }
    return false;
}

static bool is_needed_by_app_function(const struct source_import *import, struct str name)
{
    for (size_t i = 0; i < import->n_needed_by; i++) {
        if (str_equals(import->needed_by[i], name))
            return true;
    }
    return false;
}

/* Whether one of the class's hooks uses the import: what runs once in each of its containers, whichever method is called. */
static bool hooks_use(const struct source_app *app, const struct source_import *import, struct str class_name)
{
    for (size_t i = 0; i < app->source.app.functions.len; i++) {
        const struct app_function *function = &app->source.app.functions.items[i];
        if (!str_equals(function->name, class_name))
            continue;
        for (size_t k = 0; k < function->methods.len; k++) {
            const struct method *method = &function->methods.items[k];
            bool on_call = method->kind == METHOD_CALL || method->kind == METHOD_BATCHED || method->kind == METHOD_WEB;
            if (!on_call && has_user(import, module_def(method->module, method->def)->qualname))
                return true;
        }
    }
    return false;
}

static enum facts_need need_of(const struct source_app *app, const struct source_import *import, struct str function)
{
    struct str rest = function, class_name;
    bool is_method = str_cut(&rest, '.', &class_name) && rest.ptr;
    if (import->used_at_import || has_user(import, function) || str_equals(import->function, function))
        return NEED_TARGET;
    if (is_method && is_needed_by_app_function(import, class_name))
        return hooks_use(app, import, class_name) ? NEED_TARGET : NEED_SIBLING;
    if (source_import_needed_by(import, function))
        return NEED_TARGET;
    return import->n_users ? NEED_OTHERS : NEED_NOBODY;
}

static struct str users_of(struct arena *arena, const struct source_import *import)
{
    const struct str *users = import->users;
    if (import->n_users == 0)
        return STR("");
    if (import->n_users == 1)
        return arena_printf(arena, "%.*s()", STR_ARG(users[0]));
    if (import->n_users == 2)
        return arena_printf(arena, "%.*s() and %.*s()", STR_ARG(users[0]), STR_ARG(users[1]));
    return arena_printf(arena, "%.*s() and %zu more", STR_ARG(users[0]), import->n_users - 1);
}

static struct facts_place place_of(struct arena *arena, const struct module *module, node_id node)
{
    return (struct facts_place){arena_copy(arena, module->path), tree_node(&module->tree, node)->row + 1};
}

static struct facts_place setting_place(struct arena *arena, const struct app_function *function, enum setting setting)
{
    const struct setting_value *value = &function->settings[setting];
    if (value->value && value->node && !value->from_app)
        return place_of(arena, value->module, value->node);
    if (function->decorator)
        return place_of(arena, function->module, function->decorator);
    return place_of(arena, function->module, module_def(function->module, function->def)->node);
}

static void add_places(struct arena *arena, const struct app *app, struct str target, struct facts *facts)
{
    struct str rest = target, name = target;
    str_cut(&rest, '.', &name);
    for (size_t i = 0; i < app->functions.len; i++) {
        const struct app_function *function = &app->functions.items[i];
        if (!str_equals(function->name, name) && !str_equals(function->name, target))
            continue;
        facts->memory = setting_place(arena, function, SETTING_MEMORY);
        facts->cpu = setting_place(arena, function, SETTING_CPU);
    }
}

static void add_import(struct arena *arena, const struct source_app *app, const struct source_import *import,
                       uint32_t line, struct str function, struct facts *facts)
{
    if (import->place == IMPORT_IN_MAIN || import->place == IMPORT_FOR_TYPES)
        return;
    *array_push(arena, &facts->imports) = (struct facts_import){
        .file = arena_copy(arena, import->file),
        .line = line,
        .module = arena_copy(arena, import->module),
        .member = arena_copy(arena, import->member),
        .at_module = import->place != IMPORT_IN_FUNCTION,
        .need = need_of(app, import, function),
        .users = users_of(arena, import),
    };
}

int facts_read(struct arena *arena, const char *path, struct str function, struct facts *facts_out, struct err *err)
{
    struct source_app app;
    int rc = source_app_read(arena, path, &app, err);
    if (rc)
        return rc;
    *facts_out = (struct facts){0};
    add_places(arena, &app.source.app, function, facts_out);
    const struct source_import *import = app.imports; /* in the order of modules and their imports */
    for (size_t i = 0; i < app.source.project.modules.len; i++) {
        const struct module *module = app.source.project.modules.items[i];
        *array_push(arena, &facts_out->texts) = arena_copy(arena, module->tree.text);
        for (size_t k = 0; k < module->imports.len; k++, import++) {
            uint32_t line = tree_node(&module->tree, module->imports.items[k].statement)->row + 1;
            add_import(arena, &app, import, line, function, facts_out);
        }
    }
    source_app_release(&app);
    return 0;
}

/* Whether the `len` bytes of text at `at` end a string literal and begin it or follow a slash in it. */
static bool is_literal_end(struct str text, size_t at, size_t len)
{
    if (at == 0 || at + len >= text.len)
        return false;
    char before = text.ptr[at - 1], after = text.ptr[at + len];
    return (before == '"' || before == '\'' || before == '/') && (after == '"' || after == '\'');
}

bool facts_mention(const struct facts *facts, struct str name)
{
    for (size_t i = 0; name.len && i < facts->texts.len; i++) {
        struct str text = facts->texts.items[i];
        for (size_t from = 0; from < text.len;) {
            ptrdiff_t found = str_find(str_slice(text, from, text.len), name);
            if (found < 0)
                break;
            if (is_literal_end(text, from + (size_t)found, name.len))
                return true;
            from += (size_t)found + 1;
        }
    }
    return false;
}
