/* Calls that wait: blocking ones in async functions, remote ones one after the other, tasks too small to be worth a call. */
#include "diagnose/check.h"

#include <string.h>

static struct str attribute_of_call(const struct fact *fact)
{
    const struct tree *tree = &fact->module->tree;
    node_id function = tree_field(tree, fact->node, FIELD_FUNCTION);
    return tree_kind(tree, function) == KIND_ATTRIBUTE ? tree_text(tree, tree_field(tree, function, FIELD_ATTRIBUTE))
                                                       : STR("");
}

/* The app function that a call like f.remote(...) or Class().method.map(...) is for; NULL: none that is known. */
static const struct app_function *remote_target(const struct checker *checker, const struct fact *fact,
                                                struct ref *ref_out)
{
    const struct tree *tree = &fact->module->tree;
    node_id function = tree_field(tree, fact->node, FIELD_FUNCTION);
    if (tree_kind(tree, function) != KIND_ATTRIBUTE)
        return NULL;
    *ref_out = resolve(&checker->source->project, checker->arena, fact->module,
                       tree_field(tree, function, FIELD_OBJECT));
    if (ref_out->kind != REF_DEF)
        return NULL;
    uint32_t index =
        checker->source->graph.units[graph_unit(&checker->source->graph, ref_out->module, ref_out->def)].function;
    return index == NO_UNIT ? NULL : &checker->source->app.functions.items[index];
}

/* ---- blocking in async */

/* The function whose body the node is directly in; lambdas are not it. */
static const struct def *function_around(const struct fact *fact)
{
    def_id scope = fact->scope;
    while (scope && module_def(fact->module, scope)->kind != DEF_FUNCTION)
        scope = module_def(fact->module, scope)->parent;
    return scope ? module_def(fact->module, scope) : NULL;
}

static bool is_awaited(const struct fact *fact)
{
    node_id parent = fact->module->tree.nodes[fact->node].parent;
    return tree_kind(&fact->module->tree, parent) == KIND_AWAIT;
}

/* while True: time.sleep(10), and nothing else: the container is kept while others work with it. */
static bool only_keeps_alive(const struct fact *fact)
{
    const struct tree *tree = &fact->module->tree;
    node_id statement = tree_statement(tree, fact->node), block = tree->nodes[statement].parent;
    return str_equals(fact->path, STR("time.sleep")) && tree->nodes[block].child == statement &&
           !tree->nodes[statement].next && tree_kind(tree, tree->nodes[block].parent) == KIND_WHILE &&
           str_equals(tree_text(tree, tree_field(tree, tree->nodes[block].parent, FIELD_CONDITION)), STR("True"));
}

static bool blocks(const struct checker *checker, const struct fact *fact, const struct about *about)
{
    bool program = str_starts_with(fact->path, STR("subprocess.")) || str_equals(fact->path, STR("os.system"));
    bool shared = about && (about->is_web || about->function->concurrent);
    struct ref ref;
    if (is_awaited(fact) || fact->where & WHERE_LAMBDA || only_keeps_alive(fact))
        return false;
    if (program)
        return shared;
    if (fact->flags & KNOWN_BLOCKING)
        return !str_contains(fact->path, STR("generate_presigned")) && !str_ends_with(fact->path, STR(".close"));
    struct str attribute = attribute_of_call(fact);
    return str_equals(attribute, STR("remote")) && remote_target(checker, fact, &ref) != NULL;
}

/* A plain function that blocks, called as it is from a coroutine: found at that call. */
static void report_blocking_helper(struct checker *checker, const struct fact *fact)
{
    const struct graph *graph = &checker->source->graph;
    const uint32_t times = WHEN_CALL | WHEN_ITEM | WHEN_ONCE;
    for (uint32_t k = graph->in_first[fact->unit]; k < graph->in_first[fact->unit + 1]; k++) {
        const struct edge *edge = &graph->edges.items[graph->in_edges[k]];
        const struct unit *from = &graph->units[edge->from];
        const struct def *caller = module_def(from->module, from->def);
        uint32_t function = graph_function_behind(graph, edge->from, times);
        if (edge->callback || edge->where & WHERE_LAMBDA || caller->kind != DEF_FUNCTION || !caller->is_async ||
            !(from->when & times) || function == NO_UNIT || tree_kind(&from->module->tree, edge->node) != KIND_CALL ||
            !blocks(checker, fact, &checker->abouts[function]))
            continue;
        struct finding *finding = check_report(
            checker, "blocking-in-async", from->module, edge->node,
            "%.*s() blocks the event loop with %.*s: no other call of the container goes on meanwhile",
            STR_ARG(module_def(fact->module, graph->units[fact->unit].def)->name),
            STR_ARG(str_slice(fact->path, 0, 60)));
        if (finding)
            check_advice(checker, finding, "await asyncio.to_thread(...), or an async client in it");
    }
}

void check_async_calls(struct checker *checker)
{
    uint32_t times = WHEN_CALL | WHEN_ITEM | WHEN_ONCE;
    for (size_t i = 0; i < checker->n_facts; i++) {
        const struct fact *fact = &checker->facts[i];
        const struct def *def = fact->when & times ? function_around(fact) : NULL;
        if (def && !def->is_async && fact->flags & KNOWN_BLOCKING)
            report_blocking_helper(checker, fact);
        if (!def || !def->is_async)
            continue;
        const struct about *about = check_owner(checker, fact, times);
        if (!about || !blocks(checker, fact, about))
            continue;
        struct str name = str_starts_with(fact->path, STR("?."))
                              ? tree_text(&fact->module->tree,
                                          tree_field(&fact->module->tree, fact->node, FIELD_FUNCTION))
                              : fact->path;
        struct finding *finding = check_report(
            checker, "blocking-in-async", fact->module, fact->node,
            "%.*s blocks the event loop: no other call of the container goes on meanwhile",
            STR_ARG(str_slice(name, 0, 60)));
        if (!finding)
            continue;
        if (str_equals(fact->path, STR("time.sleep")))
            check_advice(checker, finding, "await asyncio.sleep(...)");
        else if (str_ends_with(name, STR(".remote")))
            check_advice(checker, finding, "await %.*s.aio(...)", STR_ARG(str_slice(name, 0, 60)));
        else
            check_advice(checker, finding,
                         "use an async client (httpx.AsyncClient, aiohttp), or await asyncio.to_thread(...)");
    }
}

/* ---- remote calls in loops */

/* while urls: f.remote(urls.pop()), where nothing in the loop adds to what is left: a list of calls, too. */
static bool empties_list(const struct fact *fact, node_id loop)
{
    static const char *const adders[] = {"append(", "extend(", "add(", "put(", "push(", "insert(", "update("};
    const struct tree *tree = &fact->module->tree;
    struct str taken = tree_text(tree, tree_field(tree, fact->node, FIELD_ARGUMENTS));
    struct str text = str_slice(tree_text(tree, loop), 0, 4000);
    if (!str_contains(taken, STR(".pop(")) && !str_contains(taken, STR(".popleft(")))
        return false;
    for (size_t i = 0; i < sizeof(adders) / sizeof(adders[0]); i++)
        if (str_contains(text, str_of(adders[i])))
            return false;
    return true;
}

static node_id loop_around(const struct fact *fact)
{
    const struct tree *tree = &fact->module->tree;
    for (node_id below = fact->node, id = tree->nodes[below].parent; id; below = id, id = tree->nodes[id].parent) {
        enum kind kind = tree_kind(tree, id);
        /* for link in links.remote(url): runs once for this loop, and each round of the one around it. */
        if (kind == KIND_FOR && tree->nodes[below].field == FIELD_RIGHT)
            continue;
        if (kind == KIND_FOR || kind == KIND_LIST_COMPREHENSION || kind == KIND_SET_COMPREHENSION ||
            kind == KIND_DICT_COMPREHENSION || kind == KIND_GENERATOR)
            return id;
        if (kind == KIND_WHILE)
            return empties_list(fact, id) ? id : 0;
        if (kind == KIND_FUNCTION || kind == KIND_LAMBDA)
            return 0;
    }
    return 0;
}

/* Loops that end early, sleep, wait or take the time of each round are more than a list of calls. */
static bool loop_is_plain(const struct module *module, node_id loop)
{
    const struct tree *tree = &module->tree;
    struct str text = str_slice(tree_text(tree, loop), 0, 4000);
    if (str_contains(text, STR("latenc")) || str_contains(text, STR("elapsed")) || str_contains(text, STR("duration")))
        return false;
    for (node_id id = loop; id < tree->nodes[loop].past; id++) {
        enum kind kind = tree_kind(tree, id);
        if (kind == KIND_BREAK || kind == KIND_RETURN || kind == KIND_YIELD)
            return false;
        struct str name = kind == KIND_CALL ? tree_text(tree, tree_field(tree, id, FIELD_FUNCTION)) : STR("");
        if (str_ends_with(name, STR("sleep")) || str_starts_with(name, STR("time.")) ||
            str_ends_with(name, STR("perf_counter")))
            return false;
    }
    return true;
}

/* Whether what the call gives back goes into a later round of it: state = step.remote(state). */
static bool feeds_itself(const struct fact *fact, node_id loop)
{
    const struct tree *tree = &fact->module->tree;
    const struct module *module = fact->module;
    node_id list = tree_field(tree, fact->node, FIELD_ARGUMENTS);
    for (node_id id = list; list && id < tree->nodes[list].past; id++) {
        if (tree_kind(tree, id) != KIND_IDENTIFIER ||
            (tree->nodes[id].field == FIELD_NAME && tree_kind(tree, tree->nodes[id].parent) == KIND_KEYWORD_ARGUMENT))
            continue;
        uint32_t number = module_binding(module, module->scopes[id], tree_text(tree, id));
        for (unsigned n = 0; number != NO_BINDING && n < 8; n++, number = module->bindings.items[number].older) {
            const struct binding *binding = &module->bindings.items[number];
            if ((binding->kind == BIND_VALUE || binding->kind == BIND_UNPACK || binding->kind == BIND_CHANGED) &&
                tree_within(tree, binding->node, loop) &&
                (binding->kind == BIND_CHANGED || tree_within(tree, fact->node, binding->value)))
                return true;
        }
    }
    return false;
}

/* await f.remote.aio(x): one call after the other as well, unlike a list of them for gather(). */
static bool is_awaited_remote(const struct fact *fact)
{
    struct str name = tree_text(&fact->module->tree, tree_field(&fact->module->tree, fact->node, FIELD_FUNCTION));
    return str_ends_with(name, STR(".remote.aio")) && is_awaited(fact);
}

/* f.remote() in `for step in steps`: not one call for each item, but a look at something now and then. */
static bool ignores_items(const struct fact *fact, node_id loop)
{
    const struct tree *tree = &fact->module->tree;
    node_id list = tree_field(tree, fact->node, FIELD_ARGUMENTS), left = tree_field(tree, loop, FIELD_LEFT);
    return list && !tree->nodes[list].child && left && !str_starts_with(tree_text(tree, left), STR("_"));
}

/* for round in range(n): what goes on in time, each round on what the last one left. */
static bool goes_in_rounds(const struct module *module, node_id loop)
{
    static const char *const words[] = {"round", "epoch", "step", "generation", "iteration", "attempt", "turn", NULL};
    const struct tree *tree = &module->tree;
    node_id left = tree_field(tree, loop, FIELD_LEFT);
    return left && check_has_word(tree_text(tree, left), words);
}

static void report_remote(struct checker *checker, const struct fact *fact)
{
    struct ref ref = {0};
    node_id loop = fact->where & WHERE_LOOP && !(fact->where & WHERE_EXCEPT) ? loop_around(fact) : 0;
    if (!loop || !loop_is_plain(fact->module, loop) || feeds_itself(fact, loop) || ignores_items(fact, loop) ||
        goes_in_rounds(fact->module, loop))
        return;
    const struct app_function *target = remote_target(checker, fact, &ref);
    bool known = target || check_mentions(checker, fact->module, STR("modal"));
    if (!known || str_starts_with(fact->path, STR("ray.")) ||
        (target && target->kind == FUNCTION_CLASS && ref.kind == REF_DEF &&
         module_def(ref.module, ref.def)->kind == DEF_CLASS))
        return;
    const struct tree *tree = &fact->module->tree;
    struct str name = tree_text(tree, tree_field(tree, tree_field(tree, fact->node, FIELD_FUNCTION), FIELD_OBJECT));
    if (str_ends_with(name, STR(".remote")))
        name = str_slice(name, 0, name.len - 7);
    struct finding *finding = check_report(checker, "remote-in-loop", fact->module, fact->node,
                                           "each round of the loop waits for %.*s.remote() before the next begins",
                                           STR_ARG(str_slice(name, 0, 60)));
    if (finding)
        check_advice(checker, finding, "%.*s.map(...) runs them in parallel; .spawn() where the results are not needed",
                     STR_ARG(str_slice(name, 0, 60)));
}

/* ---- tiny tasks */

enum { TINY_NODES = 40, TINY_ITEMS = 100 };

/* Whether a function does next to nothing: a few operators on its input. */
static bool is_tiny(const struct module *module, const struct def *def)
{
    static const char *const cheap[] = {"print", "len", "int", "float", "str",   "abs", "round",
                                        "sum",   "min", "max", "pow",   "range", "math"};
    const struct tree *tree = &module->tree;
    if (tree->nodes[def->body].past - def->body > TINY_NODES || def->is_async || def->is_generator)
        return false;
    for (node_id id = def->body; id < tree->nodes[def->body].past; id++) {
        enum kind kind = tree_kind(tree, id);
        if (kind == KIND_FOR || kind == KIND_FOR_IN_CLAUSE || kind == KIND_WHILE || kind == KIND_WITH ||
            kind == KIND_TRY || kind == KIND_IMPORT || kind == KIND_IMPORT_FROM || kind == KIND_RAISE)
            return false;
        if (kind != KIND_CALL)
            continue;
        struct str name = tree_text(tree, tree_field(tree, id, FIELD_FUNCTION));
        bool known = str_starts_with(name, STR("math."));
        for (size_t i = 0; i < sizeof(cheap) / sizeof(cheap[0]); i++)
            known = known || str_equals(name, str_of(cheap[i]));
        if (!known)
            return false;
    }
    return def->returns != 0;
}

/* Whether the items are known to be few. */
static bool is_few(const struct checker *checker, const struct fact *fact)
{
    node_id items = call_argument(&fact->module->tree, fact->node, 0);
    const struct tree *tree = &fact->module->tree;
    if (!items)
        return false;
    if (tree_kind(tree, items) == KIND_CALL &&
        str_equals(tree_text(tree, tree_field(tree, items, FIELD_FUNCTION)), STR("range"))) {
        node_id last = call_argument(tree, items, 1) ? call_argument(tree, items, 1) : call_argument(tree, items, 0);
        const struct value *end = last ? value_likely(check_fold(checker, fact->module, last)) : NULL;
        return end && value_is_number(end) && value_number(end) < TINY_ITEMS;
    }
    const struct value *value = value_likely(check_fold(checker, fact->module, items));
    return value->kind == VALUE_LIST && value->len < TINY_ITEMS;
}

static void report_tiny(struct checker *checker, const struct fact *fact)
{
    struct ref ref = {0};
    const struct app_function *target = remote_target(checker, fact, &ref);
    if (!target || target->kind != FUNCTION_FUNCTION || module_def(ref.module, ref.def)->kind != DEF_FUNCTION ||
        !is_tiny(ref.module, module_def(ref.module, ref.def)) || is_few(checker, fact))
        return;
    struct finding *finding = check_report(
        checker, "tiny-tasks", fact->module, fact->node,
        "%.*s does next to nothing for each item: the call costs far more than the work", STR_ARG(target->name));
    if (finding)
        check_advice(checker, finding, "let each call take a list of some hundred items");
}

void check_remote_loops(struct checker *checker)
{
    for (size_t i = 0; i < checker->n_facts; i++) {
        const struct fact *fact = &checker->facts[i];
        struct str attribute = attribute_of_call(fact);
        if (str_equals(attribute, STR("remote")) || is_awaited_remote(fact))
            report_remote(checker, fact);
        else if (str_equals(attribute, STR("map")) || str_equals(attribute, STR("starmap")) ||
                 str_equals(attribute, STR("for_each")) || str_equals(attribute, STR("spawn_map")))
            report_tiny(checker, fact);
    }
}
