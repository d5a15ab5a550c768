/* Imports that every container pays for and the target does not need: what the app's text says about the names, against what
 * was measured of the modules. */
#include "diagnose/imports.h"
#include "diagnose/measured.h"

/* Below these an import is not worth a change. */
#define HEAVY_S 0.030
#define HEAVY_SHARE 0.02

/* What the run saw of the package below one statement. */
struct package_use {
    size_t known, used; /* modules of the package whose use is known; of those, used after the imports */
    bool has_native;    /* code that the agent cannot see run */
};

static struct package_use use_of(const struct run_start *start, struct str package)
{
    struct package_use use = {0};
    for (size_t i = 0; i < start->imports.len; i++) {
        const struct run_import *import = &start->imports.items[i];
        if (!imports_is_within(import->module, package))
            continue;
        use.known += import->used >= 0;
        use.used += import->used == 1;
        use.has_native |= str_ends_with(import->path, STR(".so"));
    }
    return use;
}

/* What a rule says about one statement. */
struct import_verdict {
    const struct import_statement *statement;
    const struct run_import *import;
    const struct facts_import *fact; /* NULL: the text says nothing */
    struct package_use use;
    struct import_cost cost;
    const struct change *change;
};

/* Whether the target can do without the statement.  Without the text, only where all of the package is Python that was seen
 * not to run.  Code of the package that did run speaks against the text: something else needs it.  A module of the app's own
 * whose name nobody reads is imported for what it does as it is imported. */
static bool is_unneeded(const struct import_verdict *verdict)
{
    if (verdict->use.used)
        return false;
    if (verdict->import->origin == RUN_USER && !(verdict->fact && verdict->fact->users.len))
        return false;
    if (verdict->fact)
        return verdict->fact->need != NEED_TARGET;
    return verdict->use.known && !verdict->use.has_native;
}

static bool is_heavy(const struct import_verdict *verdict, const struct run_start *start)
{
    return verdict->cost.wall_s >= HEAVY_S && verdict->cost.wall_s >= HEAVY_SHARE * start->wall_s;
}

static struct import_verdict judge(struct arena *arena, const struct measured_input *input,
                                   const struct import_statement *statement)
{
    const struct run_start *start = input->summary->start;
    struct change *change = measured_change(arena, CHANGE_IMPORT);
    change->file = statement->file;
    change->line = statement->line;
    const struct change *changes[] = {change};
    struct import_verdict verdict = {
        .statement = statement,
        .import = &start->imports.items[statement->first],
        .fact = input->facts ? imports_fact(input->facts, statement->file, statement->line) : NULL,
        .cost = imports_cost(start, input->facts, &(struct changes){changes, 1, 1}),
        .change = change,
    };
    verdict.use = use_of(start, imports_package(verdict.import->module));
    return verdict;
}

static struct str evidence_of(struct arena *arena, const struct import_verdict *verdict)
{
    struct evidence evidence;
    evidence_begin(&evidence);
    jsonw_key_string(&evidence.json, "module", verdict->import->module);
    jsonw_key_f64(&evidence.json, "total_s", verdict->import->total_s);
    jsonw_key_f64(&evidence.json, "saved_s", verdict->cost.wall_s);
    jsonw_key(&evidence.json, "rss_bytes");
    jsonw_i64(&evidence.json, verdict->cost.rss_bytes);
    jsonw_key_u64(&evidence.json, "read_bytes", verdict->cost.read_bytes);
    jsonw_key_u64(&evidence.json, "modules", verdict->cost.modules);
    jsonw_key_u64(&evidence.json, "modules_used", verdict->use.used);
    jsonw_key_u64(&evidence.json, "modules_known", verdict->use.known);
    jsonw_key_string(&evidence.json, "users", verdict->fact ? verdict->fact->users : STR(""));
    return evidence_end(arena, &evidence);
}

/* "pandas", or "sklearn.ensemble": what the statement names. */
static struct str subject_of(const struct import_verdict *verdict)
{
    return verdict->import->module;
}

static void add(struct arena *arena, const struct measured_rule *rule, const struct import_verdict *verdict,
                struct findings *findings)
{
    struct str name = subject_of(verdict), users = verdict->fact ? verdict->fact->users : STR("");
    struct finding *finding = measured_add(arena, rule, findings);
    finding->location = (struct location){
        .file = verdict->statement->file, .line = verdict->statement->line, .column = 1};
    finding->subject = name;
    finding->message = users.len
                           ? arena_printf(arena, "%.*s is imported in every container; only %.*s %s it", STR_ARG(name),
                                          STR_ARG(users), str_contains(users, STR(" and ")) ? "use" : "uses")
                           : arena_printf(arena, "%.*s is imported in every container and never used", STR_ARG(name));
    finding->advice = users.len ? arena_printf(arena, "import it inside %.*s", STR_ARG(users))
                                : STR("remove the import");
    finding->evidence = evidence_of(arena, verdict);
    finding->change = verdict->change;
    if (verdict->cost.rss_bytes > 0)
        finding->estimate.memory_bytes = (struct range){true, -(double)verdict->cost.rss_bytes,
                                                        -(double)verdict->cost.rss_bytes};
}

/* Whether the statement stands in a file that only a statement already found to be unneeded imports. */
static bool is_below_a_finding(const struct import_statements *statements, size_t index, const bool *found)
{
    for (int32_t outer = statements->items[index].outer; outer != RUN_NONE; outer = statements->items[outer].outer) {
        if (found[outer])
            return true;
    }
    return false;
}

static bool is_platform(const struct run_import *import)
{
    return import->origin == RUN_PLATFORM || import->origin == RUN_HARNESS;
}

static void find(struct arena *arena, const struct measured_rule *rule, const struct measured_input *input,
                 bool siblings, struct findings *findings)
{
    const struct run_start *start = input->summary->start;
    struct import_statements statements;
    imports_find_statements(arena, input->run, start, &statements);
    bool *found = arena_array(arena, bool, statements.len + 1);
    for (size_t i = 0; i < statements.len; i++) {
        struct import_verdict verdict = judge(arena, input, &statements.items[i]);
        if (is_platform(verdict.import) || !is_unneeded(&verdict) || !is_heavy(&verdict, start))
            continue;
        bool sibling = verdict.fact && verdict.fact->need == NEED_SIBLING;
        found[i] = true;
        if (sibling == siblings && !is_below_a_finding(&statements, i, found))
            add(arena, rule, &verdict, findings);
    }
}

void measured_unused_imports(struct arena *arena, const struct measured_rule *rule, const struct measured_input *input,
                             struct findings *findings)
{
    find(arena, rule, input, false, findings);
}

void measured_some_imports(struct arena *arena, const struct measured_rule *rule, const struct measured_input *input,
                           struct findings *findings)
{
    find(arena, rule, input, true, findings);
}
