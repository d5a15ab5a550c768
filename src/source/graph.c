/* Edges are made once, times spread along them until nothing changes: each unit takes each time once, so that the whole is
 * linear in edges. */
#include "source/graph.h"

#include <stdlib.h>
#include <string.h>

struct builder {
    struct arena *arena;
    struct graph *graph;
    struct arena scratch;
    array_of(uint32_t) queue;
};

static void add_edge(struct builder *builder, const struct module *module, node_id node, def_id scope, struct ref to,
                     bool callback)
{
    struct graph *graph = builder->graph;
    const struct def *def = module_def(to.module, to.def);
    def_id target = to.def;
    const struct module *where = to.module;
    if (def->kind == DEF_CLASS && !callback) {
        target = resolve_method(graph->project, to.module, to.def, to.instance ? STR("__call__") : STR("__init__"),
                                &where);
        if (!target)
            return;
    }
    *array_push(builder->arena, &graph->edges) = (struct edge){
        graph_unit(graph, module, scope), graph_unit(graph, where, target), node, module->where[node], callback};
}

static const struct str remote_methods[] = {{"remote", 6},
                                            {"map", 3},
                                            {"starmap", 7},
                                            {"spawn", 5},
                                            {"for_each", 8},
                                            {"remote_gen", 10},
                                            {"spawn_map", 9},
                                            {"aio", 3},
                                            {"get_web_url", 11},
                                            {"with_options", 12},
                                            {"update_autoscaler", 17},
                                            {"web_url", 7},
                                            {"keep_warm", 9}};

static bool is_remote_method(struct str name)
{
    for (size_t i = 0; i < sizeof(remote_methods) / sizeof(remote_methods[0]); i++)
        if (str_equals(name, remote_methods[i]))
            return true;
    return false;
}

static void add_call(struct builder *builder, const struct module *module, const struct call *call)
{
    const struct tree *tree = &module->tree;
    node_id function = tree_field(tree, call->node, FIELD_FUNCTION);
    struct ref ref = resolve(builder->graph->project, &builder->scratch, module, function);
    if (ref.kind == REF_DEF)
        add_edge(builder, module, call->node, call->scope, ref, false);
    arena_reset(&builder->scratch);
}

/* A function's name that is handed on: an argument, an element of a table, a value that is kept. */
static void add_reference(struct builder *builder, const struct module *module, node_id node)
{
    const struct tree *tree = &module->tree;
    node_id parent = tree->nodes[node].parent;
    enum kind kind = tree_kind(tree, parent);
    bool is_function_field = kind == KIND_CALL && tree->nodes[node].field == FIELD_FUNCTION;
    if (is_function_field || kind == KIND_DECORATOR || kind == KIND_TYPE || (module->where[node] & WHERE_ANNOTATION))
        return;
    if (kind == KIND_ATTRIBUTE && tree_kind(tree, node) == KIND_IDENTIFIER)
        return;
    if (kind == KIND_ATTRIBUTE && is_remote_method(tree_text(tree, tree_field(tree, parent, FIELD_ATTRIBUTE))))
        return;
    struct ref ref = resolve(builder->graph->project, &builder->scratch, module, node);
    if (ref.kind == REF_DEF && module_def(ref.module, ref.def)->kind == DEF_FUNCTION)
        add_edge(builder, module, node, module->scopes[node], ref, true);
    arena_reset(&builder->scratch);
}

static void add_references(struct builder *builder, const struct module *module)
{
    const struct tree *tree = &module->tree;
    for (node_id id = 1; id < tree->len; id++) {
        enum kind kind = tree_kind(tree, id);
        if (kind == KIND_IDENTIFIER && module->bound[id] != NO_BINDING &&
            module->bindings.items[module->bound[id]].kind != BIND_DEF &&
            module->bindings.items[module->bound[id]].kind != BIND_IMPORT)
            continue;
        enum kind around = tree_kind(tree, tree->nodes[id].parent);
        bool argument = around == KIND_ARGUMENTS || around == KIND_KEYWORD_ARGUMENT || around == KIND_LIST ||
                        around == KIND_TUPLE || around == KIND_PAIR || around == KIND_RETURN ||
                        around == KIND_ASSIGNMENT || around == KIND_EXPRESSION_LIST;
        if (!argument || (around == KIND_KEYWORD_ARGUMENT && tree->nodes[id].field == FIELD_NAME) ||
            (around == KIND_ASSIGNMENT && tree->nodes[id].field != FIELD_RIGHT))
            continue;
        if (kind == KIND_IDENTIFIER || kind == KIND_ATTRIBUTE)
            add_reference(builder, module, id);
    }
}

/* Class bodies run with what they stand in; decorated functions inside functions are callbacks of whatever decorates them. */
static void add_nesting(struct builder *builder, const struct module *module)
{
    struct graph *graph = builder->graph;
    for (def_id i = 1; i < module->defs.len; i++) {
        const struct def *def = module_def(module, i);
        bool decorated = def->outer != def->node && module_def(module, def->parent)->kind == DEF_FUNCTION &&
                         def->kind == DEF_FUNCTION;
        if (def->kind == DEF_CLASS || decorated)
            *array_push(builder->arena, &graph->edges) = (struct edge){graph_unit(graph, module, def->parent),
                                                                       graph_unit(graph, module, i), def->node,
                                                                       module->where[def->node], decorated};
    }
}

/* ---- routes: @web.get("/x") over a function of a file, where the app's function gives back `web` */

enum { ROUTE_FILES_MOST = 64, WEB_APPS_MOST = 8 };

/* Whether a decorator is a method of a web framework's object: @web.get("/"), @router.websocket("/ws"). */
static bool is_route(struct builder *builder, const struct module *module, node_id decorator)
{
    static const char *const frameworks[] = {
        "fastapi.FastAPI()", "fastapi.APIRouter()", "fastapi.routing.APIRouter()", "flask.Flask()",
        "flask.Blueprint()", "quart.Quart()",       "litestar.Router()",           "starlette.applications.Starlette()",
        "sanic.Sanic()",     "bottle.Bottle()"};
    const struct tree *tree = &module->tree;
    node_id call = tree->nodes[decorator].child;
    node_id function = call && tree_kind(tree, call) == KIND_CALL ? tree_field(tree, call, FIELD_FUNCTION) : 0;
    bool found = false;
    if (!function || tree_kind(tree, function) != KIND_ATTRIBUTE)
        return false;
    struct ref ref = resolve(builder->graph->project, &builder->scratch, module,
                             tree_field(tree, function, FIELD_OBJECT));
    for (size_t i = 0; ref.kind == REF_PATH && i < sizeof(frameworks) / sizeof(frameworks[0]); i++)
        found = found || str_equals(ref.path, str_of(frameworks[i]));
    arena_reset(&builder->scratch);
    return found;
}

/* What a route depends on runs before it: def search(model=Depends(get_model)). */
static void add_dependencies(struct builder *builder, const struct module *module, def_id route)
{
    const struct tree *tree = &module->tree;
    struct graph *graph = builder->graph;
    node_id list = tree_field(tree, module_def(module, route)->node, FIELD_PARAMETERS);
    for (node_id id = list; list && id < tree->nodes[list].past; id++) {
        if (tree_kind(tree, id) != KIND_CALL ||
            !str_ends_with(tree_text(tree, tree_field(tree, id, FIELD_FUNCTION)), STR("Depends")))
            continue;
        node_id argument = call_argument(tree, id, 0);
        struct ref ref = argument ? resolve(graph->project, &builder->scratch, module, argument) : (struct ref){0};
        if (ref.kind == REF_DEF && module_def(ref.module, ref.def)->kind == DEF_FUNCTION)
            *array_push(builder->arena, &graph->edges) = (struct edge){
                graph_unit(graph, module, route), graph_unit(graph, ref.module, ref.def), id, 0, false};
        arena_reset(&builder->scratch);
    }
}

static void add_routes(struct builder *builder, const struct module *module, const struct method *method)
{
    const struct tree *tree = &module->tree;
    struct graph *graph = builder->graph;
    for (def_id i = 1; i < module->defs.len; i++) {
        const struct def *def = module_def(module, i);
        bool route = false;
        for (node_id child = def->outer != def->node && def->kind == DEF_FUNCTION ? tree->nodes[def->outer].child : 0;
             child; child = tree->nodes[child].next)
            route = route || (tree_kind(tree, child) == KIND_DECORATOR && is_route(builder, module, child));
        if (!route || (module == method->module && def->parent == method->def))
            continue; /* add_nesting() has those inside the app's function */
        *array_push(builder->arena, &graph->edges) = (struct edge){
            graph_unit(graph, method->module, method->def), graph_unit(graph, module, i),
            module_def(method->module, method->def)->node, 0, true};
        add_dependencies(builder, module, i);
    }
}

/* Routes in the file of the app's function, and in those that it imports. */
static void add_web_app(struct builder *builder, const struct method *method)
{
    const struct module *files[ROUTE_FILES_MOST] = {method->module};
    size_t n = 1;
    for (size_t i = 0; i < n; i++) {
        add_routes(builder, files[i], method);
        for (size_t k = 0; k < files[i]->imports.len; k++) {
            const struct module *targets[] = {files[i]->imports.items[k].target, files[i]->imports.items[k].submodule};
            for (size_t t = 0; t < 2; t++) {
                bool known = !targets[t];
                for (size_t at = 0; at < n; at++)
                    known = known || files[at] == targets[t];
                if (!known && n < ROUTE_FILES_MOST)
                    files[n++] = targets[t];
            }
        }
    }
}

/* Apps beyond the first few of a file have no routes of their own: else routes times apps would be edges. */
static void add_web_apps(struct builder *builder, const struct app *app)
{
    uint8_t *apps = arena_array(&builder->scratch, uint8_t, builder->graph->project->modules.len + 1);
    array_of(const struct method *) methods = {0};
    for (size_t i = 0; i < app->functions.len; i++)
        for (size_t k = 0; k < app->functions.items[i].methods.len; k++) {
            const struct method *method = &app->functions.items[i].methods.items[k];
            if (method->kind != METHOD_WEB_APP || apps[method->module->index] == WEB_APPS_MOST)
                continue;
            apps[method->module->index]++;
            *array_push(builder->arena, &methods) = method;
        }
    arena_reset(&builder->scratch);
    for (size_t i = 0; i < methods.len; i++)
        add_web_app(builder, methods.items[i]);
}

static int by_from(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;
    return x->from != y->from ? (x->from < y->from ? -1 : 1) : (x->node > y->node) - (x->node < y->node);
}

static void index_edges(struct arena *arena, struct graph *graph)
{
    if (graph->edges.len)
        qsort(graph->edges.items, graph->edges.len, sizeof(struct edge), by_from);
    for (uint32_t i = 0; i < graph->edges.len; i++) {
        struct unit *unit = &graph->units[graph->edges.items[i].from];
        if (!unit->n_out++)
            unit->first_out = i;
    }
    graph->in_first = arena_array(arena, uint32_t, graph->n_units + 2);
    graph->in_edges = arena_array(arena, uint32_t, graph->edges.len + 1);
    for (size_t i = 0; i < graph->edges.len; i++)
        graph->in_first[graph->edges.items[i].to + 2]++;
    for (uint32_t i = 2; i < graph->n_units + 2; i++)
        graph->in_first[i] += graph->in_first[i - 1];
    for (uint32_t i = 0; i < graph->edges.len; i++)
        graph->in_edges[graph->in_first[graph->edges.items[i].to + 1]++] = i;
}

/* ---- when */

static void reach(struct builder *builder, uint32_t number, uint32_t when, uint32_t from)
{
    struct unit *unit = &builder->graph->units[number];
    uint32_t fresh = when & ~unit->when;
    if (!fresh)
        return;
    unit->when |= fresh;
    for (unsigned i = 0; i < WHEN_TIMES; i++)
        if (fresh & (1u << i))
            unit->from[i] = from;
    *array_push(builder->arena, &builder->queue) = number;
}

/* What a time becomes along an edge. */
static uint32_t along(const struct edge *edge, const struct unit *from, const struct unit *to)
{
    uint32_t when = from->when & ~(uint32_t)WHEN_IMPORT;
    const struct def *def = module_def(from->module, from->def);
    if (from->when & WHEN_IMPORT && !(edge->where & (WHERE_MAIN | WHERE_TYPE_CHECKING)) &&
        (from->def == 0 || def->kind == DEF_CLASS || from->when))
        when |= WHEN_IMPORT;
    if (edge->where & WHERE_MAIN)
        when = WHEN_LOCAL;
    if (from->def == 0 && edge->callback)
        return 0;
    /* Handed over while the file is imported, called later; or run in the image's containers only. */
    if (edge->callback || edge->where & WHERE_IMPORTS)
        when &= ~(uint32_t)WHEN_IMPORT;
    if (edge->callback && from->method == METHOD_WEB_APP && from->function != NO_UNIT)
        return (when & ~(uint32_t)(WHEN_ENTER | WHEN_ITEM)) | WHEN_CALL;
    bool once = (edge->where & WHERE_GUARD) || to->cached || (def->returns_early && edge->node > def->returns_early);
    if (once && (when & WHEN_PER_CALL))
        when = (when & ~(uint32_t)WHEN_PER_CALL) | WHEN_ONCE;
    else if ((edge->where & WHERE_LOOP) && (when & WHEN_CALL))
        when |= WHEN_ITEM;
    return when;
}

static void spread(struct builder *builder)
{
    struct graph *graph = builder->graph;
    for (size_t i = 0; i < builder->queue.len; i++) {
        const struct unit *from = &graph->units[builder->queue.items[i]];
        for (uint32_t k = 0; k < from->n_out; k++) {
            const struct edge *edge = &graph->edges.items[from->first_out + k];
            reach(builder, edge->to, along(edge, from, &graph->units[edge->to]), edge->from);
        }
    }
}

static uint32_t when_of_method(enum method_kind kind)
{
    switch (kind) {
    case METHOD_ENTER:
    case METHOD_WEB_APP:
    case METHOD_WEB_SERVER:
        return WHEN_ENTER;
    case METHOD_ENTER_SNAP:
        return WHEN_ENTER_SNAP;
    case METHOD_EXIT:
        return WHEN_EXIT;
    case METHOD_CALL:
    case METHOD_BATCHED:
    case METHOD_WEB:
        return WHEN_CALL;
    case METHOD_PLAIN:
        break;
    }
    return 0;
}

static void seed_functions(struct builder *builder, const struct app *app)
{
    struct graph *graph = builder->graph;
    for (uint32_t i = 0; i < app->functions.len; i++) {
        const struct app_function *function = &app->functions.items[i];
        graph->units[graph_unit(graph, function->module, function->def)].function = i;
        for (size_t k = 0; k < function->methods.len; k++) {
            const struct method *method = &function->methods.items[k];
            uint32_t unit = graph_unit(graph, method->module, method->def);
            graph->units[unit].function = i;
            graph->units[unit].method = (uint8_t)method->kind;
            bool init = method->kind == METHOD_PLAIN &&
                        str_equals(module_def(method->module, method->def)->name, STR("__init__"));
            reach(builder, unit, init ? WHEN_ENTER : when_of_method(method->kind), NO_UNIT);
        }
    }
    for (size_t i = 0; i < app->local.len; i++)
        reach(builder, graph_unit(graph, app->local.items[i].module, app->local.items[i].def), WHEN_LOCAL, NO_UNIT);
}

/* image.run_function(f), @modal.build methods, functions that are cached. */
static void seed_builds(struct builder *builder, const struct module *module)
{
    struct graph *graph = builder->graph;
    const struct tree *tree = &module->tree;
    for (size_t i = 0; i < module->calls.len; i++) {
        node_id function = tree_field(tree, module->calls.items[i].node, FIELD_FUNCTION);
        if (tree_kind(tree, function) != KIND_ATTRIBUTE ||
            !str_equals(tree_text(tree, tree_field(tree, function, FIELD_ATTRIBUTE)), STR("run_function")))
            continue;
        node_id argument = call_argument(tree, module->calls.items[i].node, 0);
        struct ref ref = argument ? resolve(graph->project, &builder->scratch, module, argument) : (struct ref){0};
        if (ref.kind == REF_DEF)
            reach(builder, graph_unit(graph, ref.module, ref.def), WHEN_BUILD, NO_UNIT);
        arena_reset(&builder->scratch);
    }
    for (def_id i = 1; i < module->defs.len; i++) {
        const struct def *def = module_def(module, i);
        for (node_id child = def->outer != def->node ? tree->nodes[def->outer].child : 0; child;
             child = tree->nodes[child].next) {
            if (tree_kind(tree, child) != KIND_DECORATOR)
                continue;
            struct str text = str_slice(tree_text(tree, child), 0, 80);
            if (str_contains(text, STR("cache")) || str_contains(text, STR("singleton")))
                graph->units[graph_unit(graph, module, i)].cached = true;
            if (str_contains(text, STR("modal.build")) || str_equals(text, STR("@build()")) ||
                str_equals(text, STR("@build")))
                reach(builder, graph_unit(graph, module, i), WHEN_BUILD, NO_UNIT);
        }
    }
}

/* Which units come from a function of the app, the user's machine or an image's build: told onwards along the calls, module-level
 * code left out. */
static void find_reached(struct builder *builder)
{
    struct graph *graph = builder->graph;
    array_of(uint32_t) queue = {0};
    graph->reached = arena_array(builder->arena, bool, graph->n_units + 1);
    for (uint32_t i = 0; i < graph->n_units; i++) {
        const struct unit *unit = &graph->units[i];
        bool from_outside = unit->function != NO_UNIT || (unit->when & WHEN_LOCAL && unit->from[8] == NO_UNIT) ||
                            (unit->when & WHEN_BUILD && unit->from[7] == NO_UNIT);
        for (uint32_t k = graph->in_first[i]; !from_outside && k < graph->in_first[i + 1]; k++)
            from_outside = graph->edges.items[graph->in_edges[k]].where & WHERE_MAIN;
        graph->reached[i] = from_outside;
        if (from_outside)
            *array_push(builder->arena, &queue) = i;
    }
    for (size_t i = 0; i < queue.len; i++) {
        const struct unit *from = &graph->units[queue.items[i]];
        for (uint32_t k = from->def ? 0 : from->n_out; k < from->n_out; k++) {
            const struct edge *edge = &graph->edges.items[from->first_out + k];
            if (graph->reached[edge->to] || edge->where & WHERE_MAIN)
                continue;
            graph->reached[edge->to] = true;
            *array_push(builder->arena, &queue) = edge->to;
        }
    }
}

void graph_build(struct arena *arena, const struct project *project, const struct app *app, struct graph *graph_out)
{
    struct graph *graph = graph_out;
    *graph = (struct graph){.project = project, .app = app};
    struct builder builder = {.arena = arena, .graph = graph};
    graph->base = arena_array(arena, uint32_t, project->modules.len + 1);
    for (size_t i = 0; i < project->modules.len; i++) {
        graph->base[i] = graph->n_units;
        graph->n_units += (uint32_t)project->modules.items[i]->defs.len;
    }
    graph->units = arena_array(arena, struct unit, graph->n_units + 1);
    for (size_t i = 0; i < project->modules.len; i++) {
        const struct module *module = project->modules.items[i];
        for (def_id k = 0; k < module->defs.len; k++)
            graph->units[graph->base[i] + k] = (struct unit){.module = module, .def = k, .function = NO_UNIT};
        for (size_t k = 0; k < module->calls.len; k++)
            add_call(&builder, module, &module->calls.items[k]);
        add_references(&builder, module);
        add_nesting(&builder, module);
    }
    add_web_apps(&builder, app);
    index_edges(arena, graph);
    for (size_t i = 0; i < project->modules.len; i++) {
        seed_builds(&builder, project->modules.items[i]);
        reach(&builder, graph->base[i], WHEN_IMPORT, NO_UNIT);
    }
    seed_functions(&builder, app);
    spread(&builder);
    find_reached(&builder);
    arena_release(&builder.scratch);
}

uint32_t graph_when(const struct graph *graph, const struct module *module, node_id node)
{
    uint32_t where = module->where[node];
    def_id scope = module->scopes[node];
    const struct def *def = module_def(module, scope);
    const struct unit *unit = &graph->units[graph_unit(graph, module, scope)];
    uint32_t when = unit->when;
    if (where & WHERE_MAIN)
        return WHEN_LOCAL;
    bool once = (where & WHERE_GUARD) || (def->returns_early && node > def->returns_early);
    if (once && (when & WHEN_PER_CALL))
        when = (when & ~(uint32_t)WHEN_PER_CALL) | WHEN_ONCE;
    else if ((where & WHERE_LOOP) && (when & WHEN_CALL))
        when |= WHEN_ITEM;
    return when;
}

uint32_t graph_function_behind(const struct graph *graph, uint32_t number, uint32_t when)
{
    for (unsigned i = 0; i < WHEN_TIMES; i++) {
        uint32_t bit = 1u << i, at = number;
        if (!(when & bit) || !(graph->units[number].when & bit))
            continue;
        for (unsigned steps = 0; steps < 1000 && at != NO_UNIT; steps++) {
            const struct unit *unit = &graph->units[at];
            if (unit->function != NO_UNIT &&
                (unit->from[i] == NO_UNIT || module_def(unit->module, unit->def)->kind == DEF_FUNCTION))
                return unit->function;
            at = unit->when & bit ? unit->from[i] : unit->from[3]; /* per item comes from per call */
            if (bit == WHEN_ITEM && at != NO_UNIT && !(graph->units[at].when & bit))
                return graph_function_behind(graph, at, WHEN_CALL);
            if (bit == WHEN_ONCE && at != NO_UNIT && !(graph->units[at].when & bit))
                return graph_function_behind(graph, at, WHEN_CALL);
        }
    }
    return NO_UNIT;
}

bool graph_is_reached(const struct graph *graph, uint32_t unit)
{
    return graph->reached[unit];
}

size_t graph_words(const struct graph *graph)
{
    return graph->app->functions.len / 64 + 1;
}

/* All functions of the app whose file is imported with the module: its own, and those of files that import it. */
static void note_unit(const struct graph *graph, uint32_t number, uint64_t *reached, bool *local_out, bool *build_out)
{
    const struct unit *unit = &graph->units[number];
    if (unit->function != NO_UNIT)
        reached[unit->function / 64] |= 1ull << (unit->function % 64);
    if (unit->when & WHEN_LOCAL && unit->from[8] == NO_UNIT)
        *local_out = true;
    if (unit->when & WHEN_BUILD && unit->from[7] == NO_UNIT)
        *build_out = true;
}

void graph_reaching(const struct graph *graph, struct arena *scratch, const uint32_t *units, size_t n,
                    uint64_t *reached_out, bool *local_out, bool *build_out)
{
    uint8_t *seen = arena_array(scratch, uint8_t, graph->n_units + 1);
    array_of(uint32_t) queue = {0};
    for (size_t i = 0; i < n; i++)
        *array_push(scratch, &queue) = units[i];
    for (size_t i = 0; i < queue.len; i++) {
        uint32_t number = queue.items[i];
        if (seen[number])
            continue;
        seen[number] = 1;
        note_unit(graph, number, reached_out, local_out, build_out);
        for (uint32_t k = graph->in_first[number]; k < graph->in_first[number + 1]; k++) {
            const struct edge *edge = &graph->edges.items[graph->in_edges[k]];
            if (edge->where & WHERE_MAIN)
                *local_out = true;
            else if (graph->units[edge->from].def)
                *array_push(scratch, &queue) = edge->from;
        }
    }
}
