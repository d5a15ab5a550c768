/* Heavy imports: what every container of a file imports although no function, or only some, needs it; and what a call pays
 * for although enter could. */
#include "diagnose/import_fix.h"

#include <string.h>

enum { UNUSED_LEAST_MS = 100, SOME_LEAST_MS = 200, LATE_LEAST_MS = 400 };

struct groups {
    array_of(struct import_group) items;
    struct map by_row;
};

static bool is_plain(const struct module *module, const struct import *import)
{
    uint32_t outside = WHERE_MAIN | WHERE_TYPE_CHECKING | WHERE_IMPORTS | WHERE_TRY | WHERE_CONDITIONAL;
    return !import->scope && !(import->where & outside) && !str_equals(import->member, STR("*")) &&
           !str_starts_with(tree_text(&module->tree, import->statement), STR("lazy ")) &&
           !str_contains(tree_line(&module->tree, tree_node(&module->tree, import->statement)->row), STR("noqa"));
}

static void find_groups(const struct checker *checker, const struct module *module, struct groups *groups)
{
    for (uint32_t i = 0; i < module->imports.len; i++) {
        const struct import *import = &module->imports.items[i];
        const struct known_module *row = known_module(checker->known, import->module);
        if (!row || row->import_ms < UNUSED_LEAST_MS || !is_plain(module, import) || import->target)
            continue;
        uint64_t *index = map_put(checker->arena, &groups->by_row, row->name, NULL);
        if (!*index) {
            array_push(checker->arena, &groups->items)->row = row;
            *index = groups->items.len;
        }
        *array_push(checker->arena, &groups->items.items[*index - 1].imports) = i;
    }
}

static void find_users(const struct checker *checker, const struct module *module, const struct import_group *group,
                       struct import_users *users)
{
    const struct graph *graph = &checker->source->graph;
    users->reached = arena_array(checker->arena, uint64_t, graph_words(graph));
    for (size_t i = 0; i < group->imports.len; i++) {
        const struct import *import = &module->imports.items[group->imports.items[i]];
        users->at_import |= check_is_exported(checker, module, import->name);
        for (uint32_t k = import->first_use; k != NO_BINDING; k = module->uses.items[k].next) {
            const struct use *use = &module->uses.items[k];
            uint32_t where = module->where[use->node];
            def_id unit = module_unit_of(module, use->scope);
            if (where & WHERE_MAIN)
                users->local = true;
            else if (where & WHERE_TYPE_CHECKING || (where & WHERE_ANNOTATION && module->future_annotations))
                continue;
            else if (unit && !(graph->units[graph_unit(graph, module, unit)].when & WHEN_IMPORT))
                *array_push(checker->arena, &users->units) = graph_unit(graph, module, unit);
            else
                users->at_import = true;
        }
    }
    struct arena scratch = {0};
    graph_reaching(graph, &scratch, users->units.items, users->units.len, users->reached, &users->local, &users->build);
    arena_release(&scratch);
}

/* ---- the findings */

static void add_name(struct buf *out, struct str name, size_t at, size_t n)
{
    if (at)
        buf_add(out, at + 1 == n ? STR(" and ") : STR(", "));
    buf_add(out, name);
}

/* "Embedder and search": the functions of the module that are (not) in the set. */
static size_t name_functions(const struct checker *checker, const struct module *module, const uint64_t *set,
                             bool in_set, struct buf *out)
{
    size_t n = 0, at = 0;
    for (unsigned pass = 0; pass < 2; pass++)
        for (size_t i = checker->first_function[module->index]; i < checker->source->app.functions.len; i++) {
            const struct app_function *function = &checker->source->app.functions.items[i];
            if (function->module->index > module->index)
                break;
            if (function->module != module || (set[i / 64] >> (i % 64) & 1) != in_set)
                continue;
            if (pass == 0)
                n++;
            else if (at < 4)
                add_name(out, at == 3 && n > 4 ? STR("others") : function->name, at, n > 4 ? 4 : n), at++;
        }
    return n;
}

static void finish(struct checker *checker, struct finding *finding, const struct module *module,
                   const struct import_group *group, const struct import_users *users, struct str paying)
{
    double s = group->row->import_ms / 1000.0;
    finding->estimate = (struct estimate){.known = true,
                                          .cold_s = {true, -1.6 * s, -0.5 * s},
                                          .confidence = "assumed",
                                          .assumption = arena_printf(checker->arena,
                                                                     "importing %.*s takes about %u ms on one core",
                                                                     STR_ARG(group->row->name), group->row->import_ms)};
    finding->evidence = arena_printf(checker->arena,
                                     "{\"module\":\"%.*s\",\"import_ms\":%u,\"confidence\":\"assumed\"}",
                                     STR_ARG(group->row->name), group->row->import_ms);
    check_excerpt(checker, finding, "about %u ms of each cold start of %.*s (assumed; coldspot run measures it)",
                  group->row->import_ms, STR_ARG(paying));
    finding->subject = group->row->name;
    import_fix_add(checker, finding, module, group, users);
}

static node_id place_of(const struct module *module, const struct import_group *group)
{
    const struct import *import = &module->imports.items[group->imports.items[0]];
    size_t all, ours;
    import_fix_count(module, group, import->statement, &all, &ours);
    return all == ours ? import->statement : import->node;
}

static void report_group(struct checker *checker, const struct module *module, const struct import_group *group)
{
    struct import_users users = {0};
    struct buf need = {0}, rest = {0};
    struct finding *finding = NULL;
    find_users(checker, module, group, &users);
    if (users.at_import)
        return;
    size_t n_need = name_functions(checker, module, users.reached, true, &need);
    size_t n_rest = name_functions(checker, module, users.reached, false, &rest);
    node_id place = place_of(module, group);
    if (!n_need && n_rest) {
        finding = check_report(checker, "heavy-import-unused", module, place, "%.*s is imported in every container; %s",
                               STR_ARG(group->row->name),
                               users.local       ? "only code that runs on your machine uses it"
                               : users.build     ? "only the image's build uses it"
                               : users.units.len ? "no function that runs in one uses it"
                                                 : "nothing uses it");
        if (finding)
            check_advice(checker, finding,
                         users.units.len ? "import it inside the function that uses it" : "remove the import");
    } else if (n_need && n_need <= n_rest && group->row->import_ms >= SOME_LEAST_MS) {
        finding = check_report(checker, "heavy-import-some", module, place,
                               "%.*s is imported in every container; only %s need%s it", STR_ARG(group->row->name),
                               buf_cstr(&need), n_need == 1 ? "s" : "");
        if (finding)
            check_advice(checker, finding, "import it inside the functions that use it");
    }
    if (finding)
        finish(checker, finding, module, group, &users, buf_str(&rest));
    buf_release(&need);
    buf_release(&rest);
}

void check_heavy_imports(struct checker *checker)
{
    const struct project *project = &checker->source->project;
    for (size_t i = 0; i < project->modules.len; i++) {
        const struct module *module = project->modules.items[i];
        struct groups groups = {0};
        if (checker->first_function[i] == NO_UNIT)
            continue;
        find_groups(checker, module, &groups);
        for (size_t k = 0; k < groups.items.len; k++)
            report_group(checker, module, &groups.items.items[k]);
    }
}

/* ---- imports that calls pay for */

/* Whether the module, or a heavier one of its kind that probably brings it along, is imported where it costs no call: at the
 * top, in image.imports(), in an enter hook. */
static bool imported_earlier(const struct checker *checker, const struct module *module, const struct known_module *row)
{
    for (size_t i = 0; i < module->imports.len; i++) {
        const struct import *import = &module->imports.items[i];
        const struct known_module *other = known_module(checker->known, import->module);
        bool brings = other && other != row && other->flags & row->flags && other->import_ms > row->import_ms;
        if (other != row && !brings)
            continue;
        uint32_t when = checker->source->graph.units[graph_unit(&checker->source->graph, module, import->scope)].when;
        if (!import->scope || when & (WHEN_ENTER | WHEN_ENTER_SNAP | WHEN_IMPORT))
            return true;
    }
    return false;
}

static bool has_enter(const struct app_function *function)
{
    for (size_t i = 0; i < function->methods.len; i++)
        if (function->methods.items[i].kind == METHOD_ENTER || function->methods.items[i].kind == METHOD_ENTER_SNAP)
            return true;
    return false;
}

static void report_late(struct checker *checker, const struct module *module, const struct import *import)
{
    const struct known_module *row = known_module(checker->known, import->module);
    uint32_t when = graph_when(&checker->source->graph, module, import->statement);
    struct fact fact = {
        .module = module, .scope = import->scope, .unit = graph_unit(&checker->source->graph, module, import->scope)};
    if (!row || row->import_ms < SOME_LEAST_MS || !(when & WHEN_PER_CALL) || (import->where & WHERE_TRY))
        return;
    const struct about *about = check_owner(checker, &fact, WHEN_CALL);
    bool loop = import->where & WHERE_LOOP;
    /* What enter imports and we do not know may well bring it along. */
    if (about && !loop && (row->import_ms < LATE_LEAST_MS || about->does_start & DOES_UNKNOWN_IMPORT))
        return;
    if (!about || (!loop && (about->function->kind == FUNCTION_FUNCTION || !has_enter(about->function) ||
                             imported_earlier(checker, module, row))))
        return;
    struct finding *finding = check_report(checker, "import-in-hot-path", module, import->statement,
                                           "%.*s is imported %s: the first call of each container waits for it",
                                           STR_ARG(row->name), loop ? "inside a loop" : "by a call, not by enter");
    if (!finding)
        return;
    check_excerpt(checker, finding, "about %u ms of the first call (assumed)", row->import_ms);
    check_advice(checker, finding,
                 loop ? "import it before the loop" : "import it in the enter hook, or at the top of the file");
}

void check_late_imports(struct checker *checker)
{
    const struct project *project = &checker->source->project;
    for (size_t i = 0; i < project->modules.len; i++)
        for (size_t k = 0; k < project->modules.items[i]->imports.len; k++)
            if (project->modules.items[i]->imports.items[k].scope)
                report_late(checker, project->modules.items[i], &project->modules.items[i]->imports.items[k]);
}
