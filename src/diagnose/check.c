/* What all checks stand on: the facts of every call, what every function does through all that it calls, and reporting. */
#include "diagnose/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"

const struct check checks[] = {
#define CHECK(name) {#name, check_##name},
#include "diagnose/checks.def"
#undef CHECK
    {0},
};

/* ---- reporting */

/* From [row:column) on, counted from 0, to the byte `end` of the text. */
static struct location place_of(const struct module *module, uint32_t row, uint32_t column, uint32_t end)
{
    uint32_t end_row, end_column;
    tree_position(&module->tree, end, &end_row, &end_column);
    return (struct location){.file = module->path,
                             .line = row + 1,
                             .column = column + 1,
                             .end_line = end_row + 1,
                             .end_column = end_column + 1,
                             .character = tree_characters(&module->tree, row, column) + 1,
                             .end_character = tree_characters(&module->tree, end_row, end_column) + 1};
}

static struct finding *add_finding(struct checker *checker, const char *rule_name, const struct module *module,
                                   node_id node)
{
    const struct rule *rule = rules_find(checker->rules, str_of(rule_name));
    if (!rule || rule->severity == SEVERITY_OFF || module->failed)
        return NULL;
    const struct node *at = tree_node(&module->tree, node);
    struct finding *finding = array_push(checker->arena, &checker->findings);
    finding->code = rule->code;
    finding->name = rule->name;
    finding->severity = rule->severity;
    finding->fix = FIX_MANUAL;
    finding->location = place_of(module, at->row, at->column, at->end);
    finding->command = arena_printf(checker->arena, "coldspot rule %.*s", STR_ARG(rule->name));
    return finding;
}

/* An expression that is quoted may be written over several lines. */
static struct str on_one_line(struct arena *arena, struct str text)
{
    struct buf out = {0};
    bool broken = false;
    if (!str_contains(text, STR("\n")))
        return text;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool bend = c == '\n' || c == '\r' || (c == '\\' && i + 1 < text.len && text.ptr[i + 1] == '\n');
        broken = bend || (broken && c == ' ');
        if (!broken)
            buf_add(&out, str_slice(text, i, i + 1));
    }
    struct str kept = arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return kept;
}

static struct str format_text(struct checker *checker, const char *format, va_list args)
{
    struct buf text = {0};
    buf_addv(&text, format, args);
    struct str kept = arena_copy(checker->arena, buf_str(&text));
    buf_release(&text);
    return on_one_line(checker->arena, kept);
}

struct finding *check_report(struct checker *checker, const char *rule, const struct module *module, node_id node,
                             const char *format, ...)
{
    struct finding *finding = add_finding(checker, rule, module, node);
    va_list args;
    if (!finding)
        return NULL;
    va_start(args, format);
    finding->message = format_text(checker, format, args);
    va_end(args);
    finding->subject = check_name_of(checker, module, module->scopes[node]);
    return finding;
}

/* A function's place: the name in its def or class line. */
static node_id name_node(const struct app_function *function)
{
    return tree_field(&function->module->tree, module_def(function->module, function->def)->node, FIELD_NAME);
}

struct finding *check_report_setting(struct checker *checker, const char *rule, const struct app_function *function,
                                     enum setting setting, const char *format, ...)
{
    const struct setting_value *value = &function->settings[setting];
    bool given = value->value && value->node && !value->from_app;
    struct finding *finding = given ? add_finding(checker, rule, value->module, value->node)
                                    : add_finding(checker, rule, function->module, name_node(function));
    va_list args;
    if (!finding)
        return NULL;
    va_start(args, format);
    finding->message = format_text(checker, format, args);
    va_end(args);
    finding->subject = function->name;
    return finding;
}

struct finding *check_report_function(struct checker *checker, const char *rule, const struct app_function *function,
                                      const char *format, ...)
{
    struct finding *finding = add_finding(checker, rule, function->module, name_node(function));
    va_list args;
    if (!finding)
        return NULL;
    va_start(args, format);
    finding->message = format_text(checker, format, args);
    va_end(args);
    finding->subject = function->name;
    return finding;
}

void check_advice(struct checker *checker, struct finding *finding, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    finding->advice = format_text(checker, format, args);
    va_end(args);
}

void check_excerpt(struct checker *checker, struct finding *finding, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    finding->excerpt = format_text(checker, format, args);
    va_end(args);
}

void check_edit(struct checker *checker, struct finding *finding, const struct module *module, uint32_t start,
                uint32_t end, struct str text)
{
    uint32_t row, column;
    tree_position(&module->tree, start, &row, &column);
    *array_push(checker->arena, &finding->edits) = (struct edit){place_of(module, row, column, end), text};
}

/* ---- questions */

struct str check_import_text(struct checker *checker, const struct module *module, const struct import *import)
{
    struct str name = tree_text(&module->tree, import->node);
    if (import->member.len)
        return arena_printf(checker->arena, "from %.*s import %.*s", STR_ARG(import->module), STR_ARG(name));
    return arena_printf(checker->arena, "import %.*s", STR_ARG(name));
}

struct str check_name_of(const struct checker *checker, const struct module *module, def_id def)
{
    def_id unit = module_unit_of(module, def);
    return unit ? module_def(module, unit)->qualname : def ? module_def(module, def)->qualname : STR("");
}

struct str check_path(const struct checker *checker, const struct module *module, node_id node)
{
    struct ref ref = resolve(&checker->source->project, checker->arena, module, node);
    return ref.kind == REF_PATH ? ref.path : (struct str){0};
}

const struct value *check_fold(const struct checker *checker, const struct module *module, node_id node)
{
    return value_fold(&checker->source->project, checker->arena, module, node);
}

const struct value *check_keyword(const struct checker *checker, const struct module *module, node_id call,
                                  const char *name)
{
    node_id value = call_keyword(&module->tree, call, str_of(name));
    return value ? value_likely(check_fold(checker, module, value)) : NULL;
}

enum { DEPENDS_DEPTH = 5, CALLERS_MOST = 4, NODES_MOST = 400 };

static bool depends(const struct checker *checker, const struct module *module, node_id node, unsigned depth);

/* What a caller gives for a parameter of a helper. */
static bool caller_depends(const struct checker *checker, const struct module *module, const struct binding *parameter,
                           unsigned depth)
{
    const struct graph *graph = &checker->source->graph;
    const struct tree *tree = &module->tree;
    uint32_t unit = graph_unit(graph, module, parameter->scope), position = 0;
    node_id list = tree_field(tree, module_def(module, parameter->scope)->node, FIELD_PARAMETERS);
    for (node_id child = list ? tree->nodes[list].child : 0; child && !tree_within(tree, parameter->node, child);
         child = tree->nodes[child].next)
        position += !str_equals(tree_text(tree, child), STR("self"));
    for (uint32_t k = graph->in_first[unit]; k < graph->in_first[unit + 1] && k < graph->in_first[unit] + CALLERS_MOST;
         k++) {
        const struct edge *edge = &graph->edges.items[graph->in_edges[k]];
        const struct module *caller = graph->units[edge->from].module;
        if (edge->callback)
            return true;
        node_id given = call_keyword(&caller->tree, edge->node, parameter->name);
        if (!given)
            given = call_argument(&caller->tree, edge->node, position);
        if (given && depends(checker, caller, given, depth - 1))
            return true;
    }
    return false;
}

static bool binding_depends(const struct checker *checker, const struct module *module, const struct binding *binding,
                            unsigned depth)
{
    const struct graph *graph = &checker->source->graph;
    if (binding->kind == BIND_LOOP)
        return true;
    if (binding->kind == BIND_PARAMETER) {
        const struct unit *unit = &graph->units[graph_unit(graph, module, module_unit_of(module, binding->scope))];
        bool own_input = unit->function != NO_UNIT && unit->method != METHOD_PLAIN;
        return !str_equals(binding->name, STR("self")) &&
               (own_input || caller_depends(checker, module, binding, depth));
    }
    bool local = module_unit_of(module, binding->scope) != 0;
    return local && binding->value &&
           (binding->kind == BIND_VALUE || binding->kind == BIND_WITH || binding->kind == BIND_UNPACK) &&
           depends(checker, module, binding->value, depth - 1);
}

static bool depends(const struct checker *checker, const struct module *module, node_id node, unsigned depth)
{
    const struct tree *tree = &module->tree;
    for (node_id id = node; depth && id < tree->nodes[node].past && id < node + NODES_MOST; id++) {
        if (tree_kind(tree, id) != KIND_IDENTIFIER)
            continue;
        node_id parent = tree->nodes[id].parent;
        bool named = (tree_kind(tree, parent) == KIND_ATTRIBUTE && tree->nodes[id].field == FIELD_ATTRIBUTE) ||
                     (tree_kind(tree, parent) == KIND_KEYWORD_ARGUMENT && tree->nodes[id].field == FIELD_NAME);
        uint32_t number = named ? NO_BINDING : module_lookup(module, id);
        if (number != NO_BINDING && binding_depends(checker, module, &module->bindings.items[number], depth))
            return true;
    }
    return false;
}

bool check_depends_on_loop(const struct checker *checker, const struct module *module, node_id call)
{
    node_id list = tree_field(&module->tree, call, FIELD_ARGUMENTS);
    return list && depends(checker, module, list, DEPENDS_DEPTH);
}

const struct about *check_owner(const struct checker *checker, const struct fact *fact, uint32_t when)
{
    uint32_t function = graph_function_behind(&checker->source->graph, fact->unit, when);
    return function == NO_UNIT ? NULL : &checker->abouts[function];
}

static struct str export_key(struct arena *arena, const struct module *module, struct str name)
{
    return arena_printf(arena, "%u:%.*s", module->index, STR_ARG(name));
}

bool check_mentions(const struct checker *checker, const struct module *module, struct str word)
{
    bool fresh;
    uint64_t *found = map_put(checker->arena, checker->mentions, export_key(checker->arena, module, word), &fresh);
    if (fresh)
        *found = str_contains(module->tree.text, word);
    return *found;
}

bool check_is_exported(const struct checker *checker, const struct module *module, struct str name)
{
    return map_get(&checker->exported, export_key(checker->arena, module, name)) ||
           map_get(&checker->exported, export_key(checker->arena, module, STR("*")));
}

/* Which modules are part of an app, and what they give to others. */
static void read_modules(struct checker *checker)
{
    const struct project *project = &checker->source->project;
    checker->first_function = arena_array(checker->arena, uint32_t, project->modules.len + 1);
    checker->is_app_module = arena_array(checker->arena, bool, project->modules.len + 1);
    for (size_t i = 0; i < project->modules.len; i++)
        checker->first_function[i] = NO_UNIT;
    for (size_t i = checker->source->app.functions.len; i > 0; i--) {
        uint32_t module = checker->source->app.functions.items[i - 1].module->index;
        checker->first_function[module] = (uint32_t)(i - 1);
        checker->is_app_module[module] = true;
    }
    for (size_t i = 0; i < project->modules.len; i++)
        for (size_t k = 0; k < project->modules.items[i]->imports.len; k++) {
            const struct import *import = &project->modules.items[i]->imports.items[k];
            const struct module *target = import->target;
            bool runs = checker->first_function[i] != NO_UNIT && !import->scope &&
                        !(import->where & (WHERE_MAIN | WHERE_TYPE_CHECKING));
            if (import->submodule && runs)
                checker->is_app_module[import->submodule->index] = true;
            if (!target || target == project->modules.items[i])
                continue;
            if (import->member.len)
                *map_put(checker->arena, &checker->exported, export_key(checker->arena, target, import->member),
                         NULL) = 1;
            if (runs)
                checker->is_app_module[target->index] = true;
        }
}

/* ---- facts */

struct fact_work {
    struct checker *checker;
    struct fact **facts; /* a module's */
    size_t *lens;
    struct arena *arenas; /* a worker's */
};

static const char builtins[] = " abs all any ascii bin bool breakpoint bytearray bytes callable chr classmethod "
                               "compile complex delattr dict dir divmod enumerate eval exec filter float format "
                               "frozenset getattr globals hasattr hash help hex id input int isinstance issubclass "
                               "iter len list locals map max memoryview min next object oct open ord pow "
                               "print property range repr reversed round set setattr slice sorted staticmethod str sum "
                               "super tuple type vars zip Exception ValueError TypeError KeyError "
                               "RuntimeError NotImplementedError FileNotFoundError OSError StopIteration "
                               "AssertionError IndexError SystemExit KeyboardInterrupt TimeoutError PermissionError ";

static bool is_builtin(struct str name)
{
    struct str all = str_of(builtins);
    for (ptrdiff_t at; name.len && (at = str_find(all, name)) >= 0;) {
        size_t end = (size_t)at + name.len;
        if (at > 0 && all.ptr[at - 1] == ' ' && end < all.len && all.ptr[end] == ' ')
            return true;
        all = str_slice(all, end, all.len);
    }
    return false;
}

/* Whether any name may come from elsewhere: from x import *. */
static bool has_star_import(const struct module *module)
{
    for (size_t i = 0; i < module->imports.len; i++)
        if (str_equals(module->imports.items[i].member, STR("*")))
            return true;
    return false;
}

/* A name that nothing binds: code as people write it in examples. */
static bool is_undefined_name(const struct module *module, node_id function)
{
    struct str name = tree_text(&module->tree, function);
    return tree_kind(&module->tree, function) == KIND_IDENTIFIER && name.len < 100 &&
           module_lookup(module, function) == NO_BINDING && !is_builtin(name);
}

/* The path of a call, with "?" before the name of a method of something unknown, and "undefined" before a name that nothing
 * binds, unless any may come from elsewhere. */
static struct str call_path(const struct project *project, struct arena *arena, const struct module *module,
                            node_id call, bool any_name, bool *of_project)
{
    const struct tree *tree = &module->tree;
    node_id function = tree_field(tree, call, FIELD_FUNCTION);
    struct ref ref = resolve(project, arena, module, function);
    *of_project = ref.kind == REF_DEF;
    if (ref.kind != REF_DEF && !any_name && is_undefined_name(module, function))
        return arena_printf(arena, "undefined.%.*s", STR_ARG(tree_text(tree, function)));
    if (ref.kind == REF_PATH)
        return ref.path;
    if (ref.kind == REF_UNKNOWN && tree_kind(tree, function) == KIND_ATTRIBUTE) {
        struct str name = tree_text(tree, tree_field(tree, function, FIELD_ATTRIBUTE));
        return name.len < 100 ? arena_printf(arena, "?.%.*s", STR_ARG(name)) : (struct str){0};
    }
    return (struct str){0};
}

static void read_facts(size_t i, unsigned worker, void *ctx)
{
    struct fact_work *work = ctx;
    const struct source *source = work->checker->source;
    const struct module *module = source->project.modules.items[i];
    struct arena *arena = &work->arenas[worker];
    struct fact *facts = arena_array(arena, struct fact, module->calls.len + 1);
    bool any_name = has_star_import(module);
    for (size_t k = 0; k < module->calls.len; k++) {
        const struct call *call = &module->calls.items[k];
        bool of_project;
        struct str path = call_path(&source->project, arena, module, call->node, any_name, &of_project);
        facts[k] = (struct fact){.module = module,
                                 .node = call->node,
                                 .scope = call->scope,
                                 .unit = graph_unit(&source->graph, module, call->scope),
                                 .path = path,
                                 .flags = of_project ? 0 : known_call(work->checker->known, path),
                                 .when = graph_when(&source->graph, module, call->node),
                                 .where = module->where[call->node]};
    }
    work->facts[i] = facts;
    work->lens[i] = module->calls.len;
}

/* Whether nobody can say what the call runs: a name that nothing here binds, or one that a caller hands in. */
static bool calls_unknown(const struct fact *fact)
{
    const struct module *module = fact->module;
    node_id function = tree_field(&module->tree, fact->node, FIELD_FUNCTION);
    bool method = tree_kind(&module->tree, function) == KIND_ATTRIBUTE;
    while (tree_kind(&module->tree, function) == KIND_ATTRIBUTE)
        function = tree_field(&module->tree, function, FIELD_OBJECT);
    if (tree_kind(&module->tree, function) != KIND_IDENTIFIER)
        return false;
    uint32_t binding = module_lookup(module, function);
    if (binding == NO_BINDING)
        return !is_builtin(tree_text(&module->tree, function));
    return !method && module->bindings.items[binding].kind == BIND_PARAMETER;
}

static const struct {
    const char *pattern;
    uint32_t does;
} doings[] = {
    {"subprocess.*", DOES_SUBPROCESS},
    {"os.system", DOES_SUBPROCESS},
    {"os.exec*", DOES_SUBPROCESS},
    {"os.popen", DOES_SUBPROCESS},
    {"asyncio.create_subprocess*", DOES_SUBPROCESS},
    {"runpy.*", DOES_SUBPROCESS},
    {"exec", DOES_SUBPROCESS},
    {"importlib.import_module", DOES_SUBPROCESS},
    {"pandas.read_*", DOES_READ_TABLE},
    {"polars.read_*", DOES_READ_TABLE},
    {"pyarrow.parquet.read_*", DOES_READ_TABLE},
    {"?.commit", DOES_COMMIT},
    {"modal.Volume*.commit", DOES_COMMIT},
    {"*.backward", DOES_BACKWARD},
    {"torch.optim.*", DOES_BACKWARD},
    {"concurrent.futures.*", DOES_THREADS},
    {"multiprocessing.*", DOES_THREADS},
    {"threading.Thread", DOES_THREADS},
    {"joblib.Parallel", DOES_THREADS},
    {"time.perf_counter*", DOES_TIMING},
    {"time.monotonic*", DOES_TIMING},
    {"time.time*", DOES_TIMING},
    {"coldspot.*", DOES_TIMING},
    {"timeit.*", DOES_TIMING},
    {"torch.cuda.Event*", DOES_TIMING},
    {"prometheus_client.*", DOES_TIMING},
    {"wandb.*", DOES_TIMING},
    {"torch.profiler.*", DOES_TIMING},
    {"opentelemetry.*", DOES_TIMING},
    {"threading.Lock", DOES_GUARDED_LOCK},
    {"asyncio.Lock", DOES_GUARDED_LOCK},
    {"asyncio.Semaphore", DOES_GUARDED_LOCK},
    {"threading.Semaphore", DOES_GUARDED_LOCK},
    {"*.remote", DOES_REMOTE},
    {"*.spawn", DOES_REMOTE},
    {"*.generate", DOES_MODEL_CALL},
    {"?.encode", 0},
    {"*.predict", DOES_MODEL_CALL},
    {"*.transcribe", DOES_MODEL_CALL},
};

static uint32_t own_doings(struct str path)
{
    uint32_t does = 0;
    for (size_t i = 0; path.len && i < sizeof(doings) / sizeof(doings[0]); i++)
        if (known_matches(str_of(doings[i].pattern), path))
            does |= doings[i].does;
    return does;
}

static uint32_t doings_of(const struct fact *fact)
{
    bool loads = fact->flags & KNOWN_LOAD && fact->flags & KNOWN_MODEL && !(fact->flags & KNOWN_LIGHT) &&
                 !check_is_undefined(fact->path);
    return fact->flags | own_doings(fact->path) | (loads ? DOES_LOAD_MODEL : 0) |
           (calls_unknown(fact) ? DOES_UNKNOWN_IMPORT : 0);
}

static uint32_t import_doings(const struct checker *checker, const struct module *module, const struct import *import)
{
    const struct known_module *row = known_module(checker->known, import->module);
    if (row && (str_equals(row->name, STR("streamlit")) || str_equals(row->name, STR("gradio"))))
        return DOES_UNKNOWN_IMPORT | DOES_HEAVY_IMPORT;
    bool tokenizer = str_equals(import->module, STR("transformers")) &&
                     (str_contains(import->member, STR("Tokenizer")) || str_ends_with(import->member, STR("Config")));
    bool web_app = str_equals(import->member, STR("FastAPI")) || str_equals(import->member, STR("APIRouter"));
    if (row && !row->import_ms && (web_app || (str_equals(row->name, STR("fastapi")) && !import->member.len)))
        return DOES_UNKNOWN_IMPORT; /* what its routes run may be handed to it anywhere */
    if (row && !row->import_ms)
        return DOES_PLAIN_IMPORT;
    if (row)
        return (row->flags & KNOWN_GPU && !tokenizer ? DOES_GPU_IMPORT : 0) |
               (row->import_ms >= 300 ? DOES_HEAVY_IMPORT : 0);
    if (known_is_stdlib(import->module) || str_equals(import->module, STR("modal")) ||
        str_starts_with(import->module, STR("modal.")))
        return 0;
    return import->target || import->submodule ? 0 : DOES_UNKNOWN_IMPORT;
}

/* What imports bring to the units that use them; those at module level count for the module. */
static void add_import_doings(struct checker *checker, const struct module *module, uint32_t *does)
{
    const struct graph *graph = &checker->source->graph;
    for (size_t i = 0; i < module->imports.len; i++) {
        const struct import *import = &module->imports.items[i];
        uint32_t doing = import_doings(checker, module, import);
        if (!doing || (import->where & (WHERE_MAIN | WHERE_TYPE_CHECKING)))
            continue;
        if (import->scope)
            does[graph_unit(graph, module, import->scope)] |= doing;
        for (uint32_t k = import->first_use; k != NO_BINDING; k = module->uses.items[k].next)
            if (!(module->where[module->uses.items[k].node] & WHERE_ANNOTATION))
                does[graph_unit(graph, module, module->uses.items[k].scope)] |= doing;
    }
}

/* Spreads what units do to those that call them, until nothing changes. */
static void spread_doings(struct checker *checker)
{
    const struct graph *graph = &checker->source->graph;
    array_of(uint32_t) queue = {0};
    for (uint32_t i = 0; i < graph->n_units; i++)
        if (checker->does[i])
            *array_push(checker->arena, &queue) = i;
    for (size_t i = 0; i < queue.len; i++) {
        uint32_t number = queue.items[i];
        for (uint32_t k = graph->in_first[number]; k < graph->in_first[number + 1]; k++) {
            uint32_t from = graph->edges.items[graph->in_edges[k]].from;
            if (!graph->units[from].def || (checker->does[from] | checker->does[number]) == checker->does[from])
                continue;
            checker->does[from] |= checker->does[number];
            *array_push(checker->arena, &queue) = from;
        }
    }
}

static void find_facts(struct checker *checker, struct arena *arenas)
{
    const struct project *project = &checker->source->project;
    size_t n = project->modules.len, total = 0;
    struct fact_work work = {checker, arena_array(checker->arena, struct fact *, n + 1),
                             arena_array(checker->arena, size_t, n + 1), arenas};
    parallel_for(n, 0, read_facts, &work);
    for (size_t i = 0; i < n; i++)
        total += work.lens[i];
    checker->facts = arena_array(checker->arena, struct fact, total + 1);
    for (size_t i = 0; i < n; i++) {
        if (work.lens[i])
            memcpy(checker->facts + checker->n_facts, work.facts[i], work.lens[i] * sizeof(struct fact));
        checker->n_facts += work.lens[i];
    }
    checker->does = arena_array(checker->arena, uint32_t, checker->source->graph.n_units + 1);
    for (size_t i = 0; i < checker->n_facts; i++)
        if (!(checker->facts[i].where & WHERE_MAIN))
            checker->does[checker->facts[i].unit] |= doings_of(&checker->facts[i]);
    for (size_t i = 0; i < n; i++)
        add_import_doings(checker, project->modules.items[i], checker->does);
    spread_doings(checker);
}

/* ---- functions */

static const char *const job_words[] = {
    "train", "finetune", "fine",     "eval",    "download", "prepare", "build",     "convert",  "export",
    "bench", "profile",  "backfill", "setup",   "populate", "ingest",  "preload",   "quantize", "compile",
    "test",  "tune",     "pretrain", "migrate", "ensure",   "import",  "transform", NULL};

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* Whether a word of the name begins like that: "train_model", "downloadWeights", "Trainer", not "constraint". */
static bool has_word(struct str name, struct str word)
{
    for (size_t i = 0; i + word.len <= name.len; i++) {
        bool begins = !i || name.ptr[i - 1] == '_' || (is_upper(name.ptr[i]) && !is_upper(name.ptr[i - 1]));
        size_t k = 0;
        while (begins && k < word.len && (name.ptr[i + k] | 32) == word.ptr[k])
            k++;
        if (begins && k == word.len)
            return true;
    }
    return false;
}

bool check_has_word(struct str name, const char *const *words)
{
    for (; *words; words++)
        if (has_word(name, str_of(*words)))
            return true;
    return false;
}

/* Whether the function is run for its own sake, now and then, rather than called by users. */
static bool is_job(const struct about *about)
{
    struct str name = str_slice(about->function->name, 0, 64);
    if (check_has_word(name, job_words))
        return true;
    return app_setting(about->function, SETTING_SCHEDULE) || (about->does & (KNOWN_TRAIN | DOES_BACKWARD));
}

static void read_volumes(struct checker *checker, struct about *about)
{
    const struct setting_value *setting = &about->function->settings[SETTING_VOLUMES];
    if (!setting->value)
        return;
    const struct value *value = value_likely(setting->value);
    about->mounts_unknown = value->kind != VALUE_DICT;
    for (size_t i = 0; value->kind == VALUE_DICT && i < value->len; i++) {
        const struct value *key = value_likely(value->keys[i]);
        if (key->kind == VALUE_STR)
            *array_push(checker->arena, &about->mounts) = key->text;
        else
            about->mounts_unknown = true;
    }
}

/* Whether a function that the image runs, or a command, fetches models. */
static bool step_downloads(struct checker *checker, const struct image_step *step, struct str text)
{
    static const char *const words[] = {"huggingface-cli", "hf download",     "snapshot_download",
                                        "from_pretrained", "wget ",           "curl ",
                                        "git clone",       "gsutil",          "s3 cp",
                                        "load_model",      "YOLO(",           "SentenceTransformer(",
                                        "pipeline(",       "WhisperModel(",   "python -m spacy download",
                                        "nltk.download",   "hf_hub_download", "git lfs"};
    if (str_equals(step->name, STR("run_function")))
        return true;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (str_contains(text, str_of(words[i])))
            return true;
    return str_equals(step->name, STR("add_local_dir")) || str_equals(step->name, STR("add_local_file")) ||
           str_equals(step->name, STR("copy_local_dir")) || str_equals(step->name, STR("copy_local_file")) ||
           str_equals(step->name, STR("from_dockerfile"));
}

static struct about_image *image_at(struct checker *checker, const struct module *module, node_id node)
{
    struct str key = arena_printf(checker->arena, "%u:%u", module->index, node);
    uint64_t *index = map_put(checker->arena, &checker->images_by_place, key, NULL);
    if (*index)
        return checker->images.items[*index - 1];
    struct about_image *image = arena_new(checker->arena, struct about_image);
    *array_push(checker->arena, &checker->images) = image;
    *index = checker->images.len;
    image_read(checker->arena, &checker->source->project, module, node, &image->image);
    image->step_texts = arena_array(checker->arena, struct str, image->image.steps.len + 1);
    image->step_packages = arena_array(checker->arena, size_t, image->image.steps.len + 1);
    struct buf text = {0};
    for (size_t i = 0; i < image->image.steps.len; i++) {
        const struct image_step *step = &image->image.steps.items[i];
        image->step_texts[i] = image_step_text(checker->arena, &checker->source->project, step);
        image_step_packages(checker->arena, &checker->source->project, step, &image->packages);
        image->step_packages[i + 1] = image->packages.items.len;
        image->downloads |= step_downloads(checker, step, image->step_texts[i]);
        buf_add(&text, image->step_texts[i]);
    }
    image->downloads |= !image->image.complete;
    image->text = arena_copy(checker->arena, buf_str(&text));
    buf_release(&text);
    return image;
}

/* Functions that name the same expression, through whatever names, share the image. */
static void read_image(struct checker *checker, struct about *about)
{
    static const struct about_image none;
    const struct setting_value *setting = &about->function->settings[SETTING_IMAGE];
    about->image = &none;
    if (!setting->value)
        return;
    const struct value *value = value_likely(setting->value);
    const struct module *module = value->kind == VALUE_OBJECT && value->node ? value->module : setting->module;
    node_id node = value->kind == VALUE_OBJECT && value->node ? value->node : setting->node;
    if (tree_kind(&module->tree, node) == KIND_KEYWORD_ARGUMENT || tree_kind(&module->tree, node) == KIND_PAIR)
        node = tree_field(&module->tree, node, FIELD_VALUE);
    struct about_image *image = image_at(checker, module, node);
    image->serves_gpu |= about->has_gpu || about->function->unknown_why;
    if (!image->first)
        image->first = about;
    about->image = image;
}

static void read_gpu(struct checker *checker, struct about *about)
{
    about->has_gpu = app_has_gpu(checker->arena, &checker->source->project, about->function, &about->gpu,
                                 &about->gpu_count);
    const struct setting_value *setting = &about->function->settings[SETTING_GPU];
    if (!about->has_gpu && setting->value && setting->value->kind == VALUE_UNKNOWN) {
        /* gpu=os.environ.get("GPU"): there may be one. */
        about->has_gpu = true;
        about->gpu = STR("?");
        about->gpu_count = 1;
    }
    if (!about->has_gpu || !checker->catalogue || str_equals(about->gpu, STR("?")))
        return;
    const struct gpu *gpu = catalogue_gpu(checker->catalogue, about->gpu);
    about->gpu_known = gpu != NULL;
    about->gpu_gb = gpu ? (double)gpu->memory_bytes / 1e9 : 0;
    for (size_t i = 0; gpu && checker->prices && i < checker->prices->gpus.len; i++)
        if (str_equals(checker->prices->gpus.items[i].name, gpu->name))
            about->gpu_usd_s = checker->prices->gpus.items[i].amount.usd * (double)about->gpu_count;
}

static void read_does(struct checker *checker, struct about *about)
{
    const struct graph *graph = &checker->source->graph;
    const struct app_function *function = about->function;
    for (size_t i = 0; i < function->methods.len; i++) {
        const struct method *method = &function->methods.items[i];
        uint32_t does = checker->does[graph_unit(graph, method->module, method->def)];
        about->does |= does;
        about->is_web |= method->kind == METHOD_WEB || method->kind == METHOD_WEB_APP ||
                         method->kind == METHOD_WEB_SERVER;
        about->is_server_process |= method->kind == METHOD_WEB_SERVER;
        if (method->kind == METHOD_CALL || method->kind == METHOD_BATCHED || method->kind == METHOD_WEB)
            about->does_call |= does;
        else if (method->kind == METHOD_ENTER || method->kind == METHOD_ENTER_SNAP || method->kind == METHOD_WEB_APP ||
                 method->kind == METHOD_WEB_SERVER)
            about->does_start |= does;
    }
    about->is_web |= function->kind == FUNCTION_SERVER;
    about->does |= checker->does[about->unit];
    about->does_start |= checker->does[graph->base[function->module->index]] & (KNOWN_LOAD | DOES_LOAD_MODEL);
}

/* Class.with_options(gpu=...): the function may run with a GPU, whatever its own settings say. */
static void read_options(struct checker *checker)
{
    for (size_t i = 0; i < checker->n_facts; i++) {
        const struct fact *fact = &checker->facts[i];
        const struct tree *tree = &fact->module->tree;
        node_id function = tree_field(tree, fact->node, FIELD_FUNCTION);
        if (tree_kind(tree, function) != KIND_ATTRIBUTE ||
            !str_equals(tree_text(tree, tree_field(tree, function, FIELD_ATTRIBUTE)), STR("with_options")) ||
            (!call_keyword(tree, fact->node, STR("gpu")) && !call_has_splat(tree, fact->node)))
            continue;
        struct ref ref = resolve(&checker->source->project, checker->arena, fact->module,
                                 tree_field(tree, function, FIELD_OBJECT));
        uint32_t target =
            ref.kind == REF_DEF
                ? checker->source->graph.units[graph_unit(&checker->source->graph, ref.module, ref.def)].function
                : NO_UNIT;
        if (target != NO_UNIT && !checker->abouts[target].has_gpu) {
            checker->abouts[target].has_gpu = true;
            checker->abouts[target].gpu = STR("?");
            checker->abouts[target].gpu_count = 1;
        }
    }
}

static void read_functions(struct checker *checker)
{
    const struct app *app = &checker->source->app;
    checker->abouts = arena_array(checker->arena, struct about, app->functions.len + 1);
    for (size_t i = 0; i < app->functions.len; i++) {
        struct about *about = &checker->abouts[i];
        about->function = &app->functions.items[i];
        about->unit = graph_unit(&checker->source->graph, about->function->module, about->function->def);
        read_does(checker, about);
        read_gpu(checker, about);
        read_volumes(checker, about);
        about->is_job = is_job(about);
    }
    read_options(checker);
    for (size_t i = 0; i < app->functions.len; i++)
        read_image(checker, &checker->abouts[i]);
}

/* Gives each fact that runs on calls to the function it runs for. */
static void own_facts(struct checker *checker)
{
    for (size_t i = 0; i < checker->source->app.functions.len; i++)
        checker->abouts[i].first_fact = NO_UNIT;
    for (size_t i = checker->n_facts; i > 0; i--) {
        struct fact *fact = &checker->facts[i - 1];
        fact->owner = fact->when & WHEN_PER_CALL
                          ? graph_function_behind(&checker->source->graph, fact->unit, WHEN_PER_CALL)
                          : NO_UNIT;
        fact->next = NO_UNIT;
        if (fact->owner == NO_UNIT)
            continue;
        fact->next = checker->abouts[fact->owner].first_fact;
        checker->abouts[fact->owner].first_fact = (uint32_t)(i - 1);
    }
}

/* ---- running */

static bool is_wanted(const struct rules *rules, const char *check)
{
    for (size_t i = 0; i < rules->len; i++)
        if (str_equals(rules->items[i].check, str_of(check)) && rules->items[i].severity != SEVERITY_OFF)
            return true;
    return false;
}

static int by_place(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    int files = str_compare(x->location.file, y->location.file);
    if (files)
        return files;
    if (x->location.line != y->location.line)
        return x->location.line < y->location.line ? -1 : 1;
    if (x->location.column != y->location.column)
        return x->location.column < y->location.column ? -1 : 1;
    int codes = str_compare(x->code, y->code);
    return codes ? codes : str_compare(x->message, y->message);
}

static bool is_same_place(const struct finding *a, const struct finding *b)
{
    return str_equals(a->location.file, b->location.file) && a->location.line == b->location.line &&
           a->location.column == b->location.column;
}

/* The same rule says a thing of a place once, however many functions share it; and a limit that was meant as inputs per container
 * is that rule's, not the one's of new names. */
static bool is_said(const struct findings *findings, size_t kept, const struct finding *finding)
{
    bool renamed = str_equals(finding->name, STR("renamed-parameter"));
    for (; kept && is_same_place(&findings->items[kept - 1], finding); kept--) {
        const struct finding *said = &findings->items[kept - 1];
        if (str_equals(said->code, finding->code) || (renamed && str_equals(said->name, STR("limit-is-containers"))))
            return true;
    }
    return false;
}

static void remove_doubles(struct findings *findings)
{
    size_t kept = 0;
    for (size_t i = 0; i < findings->len; i++)
        if (!is_said(findings, kept, &findings->items[i]))
            findings->items[kept++] = findings->items[i];
    findings->len = kept;
}

/* Checks only read the model, so that each worker runs them with a checker of its own: its arena, what it looked up, its
 * findings. */
struct check_work {
    struct checker *own;       /* by worker */
    struct findings *findings; /* by check */
};

static void run_one(size_t i, unsigned worker, void *ctx)
{
    struct check_work *work = ctx;
    struct checker *own = &work->own[worker];
    own->findings = (struct findings){0};
    if (is_wanted(own->rules, checks[i].name))
        checks[i].run(own);
    work->findings[i] = own->findings;
}

/* Findings in the order of the checks, whoever ran them. */
static void run_checks(struct checker *checker, struct arena *arenas, unsigned workers)
{
    size_t n = sizeof(checks) / sizeof(checks[0]) - 1;
    struct check_work work = {.own = arena_array(checker->arena, struct checker, workers),
                              .findings = arena_array(checker->arena, struct findings, n)};
    for (unsigned i = 0; i < workers; i++) {
        work.own[i] = *checker;
        work.own[i].arena = &arenas[i];
        work.own[i].mentions = arena_new(&arenas[i], struct map);
    }
    parallel_for(n, workers, run_one, &work);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < work.findings[i].len; k++)
            *array_push(checker->arena, &checker->findings) = work.findings[i].items[k];
}

void check_run(struct arena *arena, const struct source *source, const struct catalogue *catalogue,
               const struct rules *rules, const struct budgets *budgets, struct findings *findings_out)
{
    struct known known;
    unsigned workers = parallel_workers();
    struct arena *arenas = arena_array(arena, struct arena, workers);
    known_init(arena, &known);
    struct checker checker = {.arena = arena,
                              .source = source,
                              .catalogue = catalogue,
                              .known = &known,
                              .rules = rules,
                              .budgets = budgets,
                              .prices = catalogue ? catalogue_table(catalogue, STR("modal")) : NULL};
    checker.mentions = arena_new(arena, struct map);
    read_modules(&checker);
    find_facts(&checker, arenas);
    read_functions(&checker);
    own_facts(&checker);
    run_checks(&checker, arenas, workers);
    if (checker.findings.len)
        qsort(checker.findings.items, checker.findings.len, sizeof(struct finding), by_place);
    remove_doubles(&checker.findings);
    *findings_out = checker.findings;
    for (unsigned i = 0; i < workers; i++)
        arena_adopt(arena, &arenas[i]);
}
