/* Memory and data: requests far from the work, whole files where a stream serves, objects kept for nothing. */
#include "diagnose/check.h"

#include <string.h>

/* ---- requests */

/* Many processes or jobs, which one default core can't run. */
static bool uses_many_cores(const struct checker *checker, const struct about *about)
{
    for (uint32_t i = about->first_fact; i != NO_UNIT; i = checker->facts[i].next) {
        const struct fact *fact = &checker->facts[i];
        bool pool = (known_matches(STR("multiprocessing.*Pool"), fact->path) &&
                     !str_contains(fact->path, STR("Thread"))) ||
                    str_equals(fact->path, STR("concurrent.futures.ProcessPoolExecutor")) ||
                    str_equals(fact->path, STR("joblib.Parallel"));
        const struct value *jobs = check_keyword(checker, fact->module, fact->node, "n_jobs");
        bool parallel = jobs && jobs->kind == VALUE_INT && (jobs->integer < 0 || jobs->integer > 2) &&
                        resolve(&checker->source->project, checker->arena, fact->module,
                                tree_field(&fact->module->tree, fact->node, FIELD_FUNCTION))
                                .kind != REF_DEF;
        if (pool || parallel)
            return true;
    }
    return false;
}

/* Tables that came with the code are small; those of a volume or an address need not be. */
static bool reads_large_tables(const struct checker *checker, const struct about *about)
{
    if (!(about->does & DOES_READ_TABLE) || !(about->does & DOES_HEAVY_IMPORT))
        return false;
    if (about->mounts.len || about->mounts_unknown)
        return true;
    for (uint32_t i = about->first_fact; i != NO_UNIT; i = checker->facts[i].next) {
        const struct fact *fact = &checker->facts[i];
        node_id argument = fact->flags & KNOWN_DATA ? call_argument(&fact->module->tree, fact->node, 0) : 0;
        const struct value *value = argument ? value_likely(check_fold(checker, fact->module, argument)) : NULL;
        if (value && value->kind == VALUE_STR && str_contains(value->text, STR("://")))
            return true;
    }
    return false;
}

static void report_absent(struct checker *checker, const struct about *about)
{
    const struct app_function *function = about->function;
    struct finding *finding;
    bool heavy = about->does & DOES_LOAD_MODEL || reads_large_tables(checker, about);
    if (about->has_gpu || function->unknown_why || function->kind == FUNCTION_SERVER || about->is_job)
        return;
    if (heavy && !function->settings[SETTING_MEMORY].value) {
        finding = check_report_function(
            checker, "memory-request-far", function,
            "%.*s %s and asks for no memory: the default is 128 MiB, and a busy machine may end it",
            STR_ARG(function->name), about->does & DOES_LOAD_MODEL ? "loads a model" : "reads tables");
        if (finding)
            check_advice(checker, finding, "memory= the peak x 1.2: coldspot run measures it");
    }
    if (!function->settings[SETTING_CPU].value && uses_many_cores(checker, about)) {
        finding = check_report_function(checker, "cpu-request-far", function,
                                        "%.*s starts many processes and asks for no CPU: the default is 0.125 cores",
                                        STR_ARG(function->name));
        if (finding)
            check_advice(checker, finding, "cpu= as many cores as it keeps busy: coldspot run measures it");
    }
}

/* asgi_app and wsgi_app: what answers requests is another file's. */
static bool gives_web_app(const struct app_function *function)
{
    for (size_t i = 0; i < function->methods.len; i++)
        if (function->methods.items[i].kind == METHOD_WEB_APP)
            return true;
    return false;
}

static bool is_file_read(const struct fact *fact)
{
    return str_equals(fact->path, STR("open().read")) || str_equals(fact->path, STR("open().readlines")) ||
           str_equals(fact->path, STR("gzip.open().read")) || str_equals(fact->path, STR("gzip.open().readlines")) ||
           str_ends_with(fact->path, STR(".read_text"));
}

/* Buffers and tables of the code's own, and files, which need no library to be large. */
static bool allocates(const struct checker *checker, const struct about *about)
{
    static const char *const makers[] = {"bytearray",
                                         "array.array",
                                         "mmap.mmap",
                                         "sqlite3.connect",
                                         "shelve.open",
                                         "ctypes.create_string_buffer",
                                         "multiprocessing.shared_memory.SharedMemory"};
    for (uint32_t i = about->first_fact; i != NO_UNIT; i = checker->facts[i].next) {
        if (is_file_read(&checker->facts[i]) || str_ends_with(checker->facts[i].path, STR(".read_bytes")))
            return true;
        for (size_t k = 0; k < sizeof(makers) / sizeof(makers[0]); k++)
            if (str_equals(checker->facts[i].path, str_of(makers[k])))
                return true;
    }
    return false;
}

static void report_far(struct checker *checker, const struct about *about)
{
    const struct app_function *function = about->function;
    double memory = app_number(function, SETTING_MEMORY, 0), cpu = app_number(function, SETTING_CPU, 0);
    uint32_t heavy = DOES_HEAVY_IMPORT | DOES_UNKNOWN_IMPORT | DOES_PLAIN_IMPORT | DOES_SUBPROCESS | KNOWN_LOAD |
                     KNOWN_DATA | DOES_GPU_IMPORT | DOES_THREADS | KNOWN_FETCH;
    if (about->has_gpu || about->does & heavy || function->kind == FUNCTION_SERVER || function->unknown_why ||
        gives_web_app(function))
        return;
    struct finding *finding = NULL;
    if (memory >= 8192 && !allocates(checker, about)) {
        finding = check_report_setting(checker, "memory-request-far", function, SETTING_MEMORY,
                                       "%g MiB for code that holds next to nothing", memory);
        if (finding)
            check_advice(checker, finding, "memory= the peak x 1.2: coldspot run measures it");
    }
    if (cpu >= 4) {
        finding = check_report_setting(checker, "cpu-request-far", function, SETTING_CPU,
                                       "%g cores for code that runs on one", cpu);
        if (finding)
            check_advice(checker, finding, "cpu= what it keeps busy: coldspot run measures it");
    }
}

void check_requests(struct checker *checker)
{
    for (size_t i = 0; i < checker->source->app.functions.len; i++)
        if (checker->abouts[i].function->provider == PROVIDER_MODAL) {
            report_absent(checker, &checker->abouts[i]);
            report_far(checker, &checker->abouts[i]);
        }
}

/* ---- whole files */

static bool names_much(struct str text)
{
    static const char *const words[] = {"huge",    "large",   "big",    "full",        "dump",
                                        "history", "events",  "logs",   "clickstream", "transactions",
                                        "all_",    "archive", "corpus", ".jsonl",      "raw_"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (str_contains(text, str_of(words[i])))
            return true;
    return false;
}

static bool asks_for_part(const struct fact *fact)
{
    static const char *const keywords[] = {"chunksize", "nrows",  "iterator",  "usecols",   "columns",
                                           "filters",   "n_rows", "streaming", "mmap_mode", "batch_size"};
    for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
        if (call_keyword(&fact->module->tree, fact->node, str_of(keywords[i])))
            return true;
    return call_has_splat(&fact->module->tree, fact->node);
}

/* The name that the call's result is bound to; NO_BINDING: none, or more is done to it at once. */
static uint32_t bound_to(const struct fact *fact)
{
    const struct module *module = fact->module;
    const struct tree *tree = &module->tree;
    node_id assignment = tree->nodes[fact->node].parent;
    while (tree_kind(tree, assignment) == KIND_AWAIT || tree_kind(tree, assignment) == KIND_PARENTHESIZED)
        assignment = tree->nodes[assignment].parent;
    node_id left = tree_kind(tree, assignment) == KIND_ASSIGNMENT ? tree_field(tree, assignment, FIELD_LEFT) : 0;
    if (!left || tree_kind(tree, left) != KIND_IDENTIFIER)
        return NO_BINDING;
    return module_binding(module, fact->scope, tree_text(tree, left));
}

static const char *const reductions[] = {"describe",   "sum",     "mean",         "count",    "max",
                                         "min",        "nunique", "value_counts", "iterrows", "itertuples",
                                         "splitlines", "split",   "to_dict",      "size",     "groupby",
                                         "group_by",   "filter",  "query",        "agg",      "height"};

static bool is_reduction(struct str name)
{
    for (size_t i = 0; i < sizeof(reductions) / sizeof(reductions[0]); i++)
        if (str_equals(name, str_of(reductions[i])))
            return true;
    return false;
}

/* frame["amount"].sum(): of one column only a sum is taken. */
static bool is_reduced_column(const struct tree *tree, node_id id)
{
    node_id column = tree->nodes[id].parent, attribute = tree->nodes[column].parent;
    return tree_kind(tree, column) == KIND_SUBSCRIPT && tree->nodes[column].child == id &&
           tree_kind(tree, attribute) == KIND_ATTRIBUTE &&
           is_reduction(tree_text(tree, tree_field(tree, attribute, FIELD_ATTRIBUTE)));
}

/* Whether a name of a function is only gone through or reduced: each use of it is a loop over it or df.sum() and the like. */
static bool is_only_streamed(const struct fact *fact, uint32_t number)
{
    const struct module *module = fact->module;
    const struct tree *tree = &module->tree;
    struct str name = module->bindings.items[number].name;
    node_id body = module_def(module, fact->scope)->body;
    size_t uses = 0;
    if (!body || module->bindings.items[number].older != NO_BINDING)
        return false;
    for (node_id id = tree->nodes[fact->node].past; id < tree->nodes[body].past && id < fact->node + 4000; id++) {
        if (tree_kind(tree, id) != KIND_IDENTIFIER || !str_equals(tree_text(tree, id), name))
            continue;
        node_id parent = tree->nodes[id].parent;
        enum kind kind = tree_kind(tree, parent);
        bool looped = (kind == KIND_FOR || kind == KIND_FOR_IN_CLAUSE) && tree->nodes[id].field == FIELD_RIGHT;
        bool reduced = kind == KIND_ATTRIBUTE && tree->nodes[id].field == FIELD_OBJECT &&
                       is_reduction(tree_text(tree, tree_field(tree, parent, FIELD_ATTRIBUTE)));
        if (!looped && !reduced && !is_reduced_column(tree, id))
            return false;
        uses++;
    }
    return uses > 0;
}

/* df = read(); or read().describe() at once. */
static bool result_streams(const struct fact *fact)
{
    const struct tree *tree = &fact->module->tree;
    node_id parent = tree->nodes[fact->node].parent;
    if (tree_kind(tree, parent) == KIND_ATTRIBUTE)
        return is_reduction(tree_text(tree, tree_field(tree, parent, FIELD_ATTRIBUTE)));
    if ((tree_kind(tree, parent) == KIND_FOR || tree_kind(tree, parent) == KIND_FOR_IN_CLAUSE) &&
        tree->nodes[fact->node].field == FIELD_RIGHT)
        return true;
    uint32_t number = bound_to(fact);
    return number != NO_BINDING && is_only_streamed(fact, number);
}

/* The text of what is read: the path given, or that of the open() behind it. */
static struct str named_source(const struct checker *checker, const struct fact *fact)
{
    const struct tree *tree = &fact->module->tree;
    node_id function = tree_field(tree, fact->node, FIELD_FUNCTION);
    node_id argument = call_argument(tree, fact->node, 0);
    if (!argument && tree_kind(tree, function) == KIND_ATTRIBUTE)
        argument = tree_field(tree, function, FIELD_OBJECT);
    const struct value *value = argument ? value_likely(check_fold(checker, fact->module, argument)) : NULL;
    if (value && value->kind == VALUE_STR)
        return value->text;
    if (value && value->kind == VALUE_OBJECT && value->ref.made) {
        node_id path = call_argument(&value->ref.module->tree, value->ref.made, 0);
        value = path ? value_likely(check_fold(checker, value->ref.module, path)) : NULL;
        if (value && value->kind == VALUE_STR)
            return value->text;
    }
    return STR("");
}

struct advice {
    const char *pattern, *advice;
};
static const struct advice streams[] = {
    {"pandas.read_csv", "read it in pieces: chunksize=100_000"},
    {"pandas.read_json", "read it in pieces: lines=True, chunksize=..."},
    {"pandas.read_parquet", "read row groups (pyarrow.parquet.ParquetFile.iter_batches), or only the columns= needed"},
    {"pandas.read_sql*", "read it in pieces: chunksize=..."},
    {"polars.read_*", "use scan_csv / scan_parquet and collect(streaming=True)"},
    {"pyarrow.parquet.read_table", "use ParquetFile.iter_batches"},
    {"json.load", "write one JSON object a line and read it line by line, or use ijson"},
    {"datasets.load_dataset", "load_dataset(..., streaming=True)"},
    {"list", "load_dataset(..., streaming=True), and go through it without list()"},
    {"numpy.load", "np.load(..., mmap_mode=\"r\")"},
    {"*", "read it line by line: for line in file"},
};

static void report_whole(struct checker *checker, const struct fact *fact, const char *what)
{
    struct finding *finding = check_report(checker, "whole-file-load", fact->module, fact->node,
                                           "%s is read into memory as a whole, and then only gone through", what);
    for (size_t i = 0; finding; i++)
        if (known_matches(str_of(streams[i].pattern), fact->path)) {
            check_advice(checker, finding, "%s", streams[i].advice);
            break;
        }
}

static void report_data(struct checker *checker, const struct fact *fact, const struct about *about)
{
    bool much = app_number(about->function, SETTING_MEMORY, 0) >= 8192;
    bool file = is_file_read(fact);
    if (str_equals(fact->path, STR("list")) && call_argument(&fact->module->tree, fact->node, 0)) {
        struct str inner = check_path(checker, fact->module, call_argument(&fact->module->tree, fact->node, 0));
        if (str_starts_with(inner, STR("datasets.load_dataset()")) && result_streams(fact))
            report_whole(checker, fact, "the data set");
        return;
    }
    if ((!(fact->flags & KNOWN_DATA) && !file) || asks_for_part(fact) || about->does & (KNOWN_TRAIN | DOES_BACKWARD))
        return;
    if (str_equals(fact->path, STR("pandas.read_excel")) || str_equals(fact->path, STR("pandas.read_feather")) ||
        str_equals(fact->path, STR("pandas.read_pickle")))
        return;
    struct str source = named_source(checker, fact);
    if (file) {
        node_id parent = fact->module->tree.nodes[fact->node].parent;
        bool split = tree_kind(&fact->module->tree, parent) == KIND_ATTRIBUTE &&
                     str_equals(
                         tree_text(&fact->module->tree, tree_field(&fact->module->tree, parent, FIELD_ATTRIBUTE)),
                         STR("splitlines"));
        if (split) { /* read_text().splitlines()[-20:] takes a part */
            node_id call = fact->module->tree.nodes[parent].parent;
            if (tree_kind(&fact->module->tree, fact->module->tree.nodes[call].parent) == KIND_SUBSCRIPT)
                return;
        }
        bool kernel = str_starts_with(source, STR("/proc/")) || str_starts_with(source, STR("/sys/"));
        if (!kernel && (split || result_streams(fact)) && (much || names_much(source)))
            report_whole(checker, fact, "the file");
        return;
    }
    bool streamed = result_streams(fact);
    if (streamed && (much || names_much(source) || str_equals(fact->path, STR("datasets.load_dataset"))))
        report_whole(checker, fact, source.len ? arena_cstr(checker->arena, str_slice(source, 0, 60)) : "the data set");
}

void check_whole_files(struct checker *checker)
{
    for (size_t i = 0; i < checker->n_facts; i++)
        if (checker->facts[i].owner != NO_UNIT)
            report_data(checker, &checker->facts[i], &checker->abouts[checker->facts[i].owner]);
}

/* ---- kept for nothing */

/* Read where it was loaded, to make something else of it: a column, a loaded state. */
static bool is_turned_over(const struct checker *checker, const struct fact *fact, node_id read)
{
    const struct tree *tree = &fact->module->tree;
    node_id parent = tree->nodes[read].parent, call = tree->nodes[parent].parent;
    uint32_t when = graph_when(&checker->source->graph, fact->module, read);
    bool handed = tree_kind(tree, call) == KIND_CALL &&
                  str_ends_with(tree_text(tree, tree_field(tree, call, FIELD_FUNCTION)), STR(".load_state_dict"));
    bool column = fact->flags & KNOWN_DATA && tree_kind(tree, parent) == KIND_SUBSCRIPT;
    return fact->module->scopes[read] == fact->scope && !(when & WHEN_PER_CALL) && (handed || column);
}

static bool is_attribute_read(const struct checker *checker, const struct fact *fact, def_id owner, struct str name)
{
    const struct module *module = fact->module;
    const struct tree *tree = &module->tree;
    for (node_id id = 1; id < tree->len; id++) {
        if (tree_kind(tree, id) != KIND_ATTRIBUTE ||
            !str_equals(tree_text(tree, tree_field(tree, id, FIELD_ATTRIBUTE)), name))
            continue;
        node_id parent = tree->nodes[id].parent;
        bool written = tree_kind(tree, parent) == KIND_ASSIGNMENT && tree->nodes[id].field == FIELD_LEFT;
        bool of_other = str_equals(tree_text(tree, tree_field(tree, id, FIELD_OBJECT)), STR("self")) &&
                        module_class_of(module, module->scopes[id]) != owner;
        if (!written && !of_other && !is_turned_over(checker, fact, id))
            return true;
    }
    return str_contains(tree->text, STR("getattr(")) || str_contains(tree->text, STR("__dict__")) ||
           str_contains(tree->text, STR("vars("));
}

enum { HELD_CHECKED_MOST = 200, USES_LOOKED_AT = 4000 };

/* The last place in the function, after the load, that reads the name; *kept_out: some use may keep a part of the object, which
 * a reduction (df.sum()) and len() do not.  0: nothing reads it. */
static node_id last_use(const struct fact *fact, struct str name, bool *kept_out)
{
    const struct tree *tree = &fact->module->tree;
    node_id body = module_def(fact->module, fact->scope)->body, last = 0;
    *kept_out = tree->nodes[body].past - fact->node > USES_LOOKED_AT;
    for (node_id id = tree->nodes[fact->node].past; id < tree->nodes[body].past && !*kept_out; id++) {
        if (tree_kind(tree, id) != KIND_IDENTIFIER || !str_equals(tree_text(tree, id), name))
            continue;
        node_id parent = tree->nodes[id].parent, call = tree->nodes[parent].parent;
        bool reduced = tree_kind(tree, parent) == KIND_ATTRIBUTE && tree->nodes[id].field == FIELD_OBJECT &&
                       is_reduction(tree_text(tree, tree_field(tree, parent, FIELD_ATTRIBUTE)));
        bool counted = tree_kind(tree, call) == KIND_CALL &&
                       str_equals(tree_text(tree, tree_field(tree, call, FIELD_FUNCTION)), STR("len"));
        *kept_out = !reduced && !counted;
        last = id;
    }
    return last;
}

/* A later whole load of the same block, which the object is in memory beside. */
static const struct fact *later_load(const struct checker *checker, const struct fact *fact, node_id after)
{
    const struct tree *tree = &fact->module->tree;
    const struct fact *end = checker->facts + checker->n_facts;
    node_id block = tree->nodes[tree_statement(tree, fact->node)].parent;
    node_id past = tree->nodes[module_def(fact->module, fact->scope)->body].past;
    for (const struct fact *other = fact + 1; other < end && other->module == fact->module && other->node < past;
         other++)
        if (other->scope == fact->scope && other->node > after && other->flags & (KNOWN_DATA | KNOWN_LOAD) &&
            !(other->flags & KNOWN_LIGHT) && tree->nodes[tree_statement(tree, other->node)].parent == block)
            return other;
    return NULL;
}

/* A table in a local name that nothing reads, or of which only sums are taken before the next big thing is loaded. */
static void report_local(struct checker *checker, const struct fact *fact)
{
    uint32_t number = bound_to(fact);
    if (!(fact->flags & KNOWN_DATA) || fact->flags & KNOWN_DOWNLOAD || str_starts_with(fact->path, STR("json.")) ||
        number == NO_BINDING || fact->module->bindings.items[number].older != NO_BINDING || !fact->scope ||
        fact->where & (WHERE_LOOP | WHERE_TRY | WHERE_CONDITIONAL))
        return;
    struct str name = fact->module->bindings.items[number].name;
    bool kept;
    node_id last = last_use(fact, name, &kept);
    const struct fact *other = last && !kept ? later_load(checker, fact, last) : NULL;
    struct finding *finding = NULL;
    if (kept || name.ptr[0] == '_')
        return;
    if (!last)
        finding = check_report(checker, "held-after-use", fact->module, fact->node,
                               "%.*s is read into memory, and nothing reads it", STR_ARG(name));
    else if (other)
        finding = check_report(checker, "held-after-use", fact->module, fact->node,
                               "%.*s is last used on line %u and stays in memory beside what line %u loads",
                               STR_ARG(name), tree_node(&fact->module->tree, last)->row + 1,
                               tree_node(&fact->module->tree, other->node)->row + 1);
    if (finding)
        check_advice(checker, finding,
                     last ? "del %.*s after its last use, or read it in a function of its own" : "leave %.*s out",
                     STR_ARG(name));
}

void check_held_objects(struct checker *checker)
{
    size_t checked = 0;
    for (size_t i = 0; i < checker->n_facts; i++) {
        const struct fact *fact = &checker->facts[i];
        const struct module *module = fact->module;
        if (fact->owner != NO_UNIT)
            report_local(checker, fact);
        if (!(fact->flags & (KNOWN_DATA | KNOWN_LOAD)) || fact->flags & KNOWN_LIGHT ||
            !(fact->when & (WHEN_ENTER | WHEN_ENTER_SNAP)))
            continue;
        node_id assignment = module->tree.nodes[fact->node].parent;
        node_id left = tree_kind(&module->tree, assignment) == KIND_ASSIGNMENT
                           ? tree_field(&module->tree, assignment, FIELD_LEFT)
                           : 0;
        if (!left || tree_kind(&module->tree, left) != KIND_ATTRIBUTE ||
            !str_equals(tree_text(&module->tree, tree_field(&module->tree, left, FIELD_OBJECT)), STR("self")))
            continue;
        struct str name = tree_text(&module->tree, tree_field(&module->tree, left, FIELD_ATTRIBUTE));
        if (++checked > HELD_CHECKED_MOST ||
            is_attribute_read(checker, fact, module_class_of(module, fact->scope), name) ||
            check_is_exported(checker, module, module_def(module, module_class_of(module, fact->scope))->name))
            continue;
        struct finding *finding = check_report(checker, "held-after-use", module, fact->node,
                                               "self.%.*s is loaded and kept, and nothing reads it", STR_ARG(name));
        if (finding)
            check_advice(checker, finding, "leave it out, or keep it in a local variable while it is needed");
    }
}
