/* The whole of source/ in one call, and the question that measured rules ask of it: who needs this import? */
#include "source/source.h"

#include <string.h>

#include "base/file.h"

void source_read(struct arena *arena, const struct project_file *files, size_t n, struct source *source_out)
{
    project_read(arena, files, n, &source_out->project);
    project_link(&source_out->project);
    app_find(arena, &source_out->project, &source_out->app);
    graph_build(arena, &source_out->project, &source_out->app, &source_out->graph);
}

void source_release(struct source *source)
{
    project_release(&source->project);
}

static enum import_place place_of(const struct import *import)
{
    if (import->where & WHERE_TYPE_CHECKING)
        return IMPORT_FOR_TYPES;
    if (import->where & WHERE_MAIN)
        return IMPORT_IN_MAIN;
    if (import->scope)
        return IMPORT_IN_FUNCTION;
    return import->where & WHERE_IMPORTS ? IMPORT_IN_IMAGES : IMPORT_AT_MODULE;
}

struct names {
    array_of(struct str) items;
};

static void add_name(struct arena *arena, struct names *names, struct str name)
{
    for (size_t i = 0; i < names->items.len; i++)
        if (str_equals(names->items.items[i], name))
            return;
    *array_push(arena, &names->items) = name;
}

/* All functions that come to one of the units through calls; names by which they are known. */
static void find_users(struct arena *arena, const struct graph *graph, const uint32_t *units, size_t n,
                       struct names *users)
{
    struct arena scratch = {0};
    uint8_t *seen = arena_array(&scratch, uint8_t, graph->n_units + 1);
    array_of(uint32_t) queue = {0};
    for (size_t i = 0; i < n; i++)
        *array_push(&scratch, &queue) = units[i];
    for (size_t i = 0; i < queue.len; i++) {
        uint32_t number = queue.items[i];
        if (seen[number] || !graph->units[number].def)
            continue;
        seen[number] = 1;
        add_name(arena, users, module_def(graph->units[number].module, graph->units[number].def)->qualname);
        for (uint32_t k = graph->in_first[number]; k < graph->in_first[number + 1]; k++)
            *array_push(&scratch, &queue) = graph->edges.items[graph->in_edges[k]].from;
    }
    arena_release(&scratch);
}

static bool is_import_time(const struct module *module, const struct use *use)
{
    uint32_t where = module->where[use->node];
    if (where & (WHERE_MAIN | WHERE_TYPE_CHECKING | WHERE_LAMBDA))
        return false;
    return !module_unit_of(module, use->scope) && !(where & WHERE_ANNOTATION && module->future_annotations);
}

static void read_users(struct arena *arena, const struct source *source, const struct module *module,
                       const struct import *import, struct source_import *out)
{
    const struct graph *graph = &source->graph;
    struct names users = {0}, functions = {0};
    array_of(uint32_t) units = {0};
    bool build = false;
    for (uint32_t i = import->first_use; i != NO_BINDING; i = module->uses.items[i].next) {
        const struct use *use = &module->uses.items[i];
        def_id unit = module_unit_of(module, use->scope);
        out->used = true;
        out->used_at_import |= is_import_time(module, use);
        out->used_locally |= (module->where[use->node] & WHERE_MAIN) != 0;
        if (unit && units.len < 10000)
            *array_push(arena, &units) = graph_unit(graph, module, unit);
    }
    find_users(arena, graph, units.items, units.len, &users);
    uint64_t *reached = arena_array(arena, uint64_t, graph_words(graph));
    graph_reaching(graph, arena, units.items, units.len, reached, &out->used_locally, &build);
    for (size_t i = 0; i < source->app.functions.len; i++)
        if (reached[i / 64] >> (i % 64) & 1)
            add_name(arena, &functions, source->app.functions.items[i].name);
    out->users = users.items.items;
    out->n_users = users.items.len;
    out->needed_by = functions.items.items;
    out->n_needed_by = functions.items.len;
}

static struct source_import read_import(struct arena *arena, const struct source *source, const struct module *module,
                                        const struct import *import)
{
    const struct node *node = tree_node(&module->tree, import->node);
    struct source_import out = {.module = import->module,
                                .member = import->member,
                                .name = import->name,
                                .file = module->path,
                                .line = node->row + 1,
                                .column = node->column + 1,
                                .end_column = node->column + 1 + (node->end - node->start),
                                .place = place_of(import)};
    if (import->scope)
        out.function = module_def(module, import->scope)->qualname;
    read_users(arena, source, module, import, &out);
    return out;
}

int source_app_read(struct arena *arena, const char *path, struct source_app *app_out, struct err *err)
{
    struct str text;
    *app_out = (struct source_app){0};
    if (file_read(arena, path, TREE_TEXT_MOST, &text, err))
        return -(int)err->code;
    struct project_file file = {str_of(path), str_of(path), text};
    source_read(arena, &file, 1, &app_out->source);
    const struct project *project = &app_out->source.project;
    if (project->modules.items[0]->failed) {
        int rc = err_set(err, ERR_INPUT, "cannot read '%s': %.*s", path, STR_ARG(project->modules.items[0]->error));
        source_release(&app_out->source);
        return rc;
    }
    array_of(struct source_import) imports = {0};
    for (size_t i = 0; i < project->modules.len; i++)
        for (size_t k = 0; k < project->modules.items[i]->imports.len; k++)
            *array_push(arena, &imports) = read_import(arena, &app_out->source, project->modules.items[i],
                                                       &project->modules.items[i]->imports.items[k]);
    app_out->imports = imports.items;
    app_out->n_imports = imports.len;
    return 0;
}

void source_app_release(struct source_app *app)
{
    source_release(&app->source);
}

bool source_import_needed_by(const struct source_import *import, struct str function)
{
    struct str class_name = function, rest = function;
    str_cut(&rest, '.', &class_name);
    if (import->used_at_import || (import->function.len && str_equals(import->function, function)))
        return true;
    for (size_t i = 0; i < import->n_users; i++)
        if (str_equals(import->users[i], function))
            return true;
    for (size_t i = 0; i < import->n_needed_by; i++)
        if (str_equals(import->needed_by[i], class_name))
            return true;
    return false;
}
