/* What the store knows of findings that the text alone can only guess the cost of: the newest run of a function of the file that
 * has the statement says what it took. */
#include "cmd/check.h"

#include <inttypes.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/map.h"
#include "diagnose/imports.h"
#include "diagnose/measured.h"
#include "store/store.h"
#include "store/summary.h"

enum { RUNS_TRIED = 4 }; /* of a file: older ones speak of another text */

/* A run of the file that findings are about, loaded when it is first asked for. */
struct known_run {
    struct str id;
    bool loaded, usable;
    struct run run;
    struct summary summary;
    const struct facts *facts; /* NULL: the text could not be read */
};

struct joining {
    struct arena *arena;
    struct store *store;
    const struct project *project;
    struct str file; /* whose runs these are */
    struct known_run runs[RUNS_TRIED];
    size_t n;
};

static struct str store_file(struct arena *arena, const char *suffix)
{
    struct str directory = store_directory(arena, NULL);
    return directory.len ? arena_printf(arena, "%.*s/store.sqlite%s", STR_ARG(directory), suffix) : STR("");
}

void check_joined_state(struct arena *arena, struct buf *out)
{
    static const char *const suffixes[] = {"", "-wal"};
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        struct stat status;
        struct str path = store_file(arena, suffixes[i]);
        if (path.len && !stat(arena_cstr(arena, path), &status) && status.st_size > 0)
            buf_addf(out, "%.*s %ju %jd %jd.%09ld\n", STR_ARG(path), (uintmax_t)status.st_ino, (intmax_t)status.st_size,
                     (intmax_t)status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
    }
}

/* The store, where there is one: none is made for the question. */
static struct store *open_store(struct arena *arena)
{
    struct store *store = NULL;
    struct str directory = store_directory(arena, NULL);
    return directory.len && !store_open_to_read(directory.ptr, &store, NULL) ? store : NULL;
}

static const struct known_run *load(struct joining *joining, struct known_run *known)
{
    struct facts *facts = arena_new(joining->arena, struct facts);
    if (known->loaded)
        return known->usable ? known : NULL;
    known->loaded = true;
    if (store_load_run(joining->store, joining->arena, known->id, STORE_ALL, &known->run, NULL) || !known->run.finished)
        return NULL;
    summary_make(joining->arena, &known->run, &known->summary);
    if (!facts_read(joining->arena, arena_cstr(joining->arena, joining->file), known->run.target.function, facts, NULL))
        known->facts = facts;
    known->usable = known->summary.start != NULL;
    return known->usable ? known : NULL;
}

static void use_file(struct joining *joining, struct str file)
{
    struct store_ids ids = {0};
    if (str_equals(joining->file, file))
        return;
    joining->file = file;
    joining->n = 0;
    if (store_list_runs(joining->store, joining->arena, file, RUNS_TRIED, &ids, NULL))
        return;
    for (size_t i = 0; i < ids.len; i++)
        joining->runs[joining->n++] = (struct known_run){.id = ids.items[i]};
}

/* Whether a statement of the run is one that the finding is about; lines may have moved since, so the module's name counts. */
static bool is_statement_of(const struct run_start *start, const struct import_statement *statement, struct str file,
                            const struct finding *finding)
{
    struct str module = start->imports.items[statement->first].module;
    return str_equals(statement->file, file) &&
           (imports_is_within(module, finding->subject) ||
            (statement->line == finding->location.line && imports_is_within(finding->subject, module)));
}

static void say_import(struct arena *arena, const struct known_run *known, double seconds, struct finding *finding)
{
    struct evidence evidence;
    struct str took = measured_duration(arena, seconds);
    evidence_begin(&evidence);
    jsonw_key_string(&evidence.json, "module", finding->subject);
    jsonw_key_f64(&evidence.json, "import_ms", seconds * 1000);
    jsonw_key_string(&evidence.json, "confidence", STR("measured"));
    jsonw_key_string(&evidence.json, "run", known->run.id);
    finding->evidence = evidence_end(arena, &evidence);
    finding->estimate = (struct estimate){.known = true,
                                          .cold_s = {true, -seconds, -seconds},
                                          .confidence = "measured",
                                          .run = known->run.id,
                                          .assumption = arena_printf(arena, "importing %.*s took %.*s in run %.*s",
                                                                     STR_ARG(finding->subject), STR_ARG(took),
                                                                     STR_ARG(known->run.id))};
    finding->excerpt = arena_printf(arena, "%.*s of the cold start of %.*s (measured in run %.*s)", STR_ARG(took),
                                    STR_ARG(known->run.target.function), STR_ARG(known->run.id));
}

static void say_setup(struct arena *arena, const struct known_run *known, double seconds, size_t calls,
                      struct finding *finding)
{
    struct evidence evidence;
    struct str took = measured_duration(arena, seconds);
    evidence_begin(&evidence);
    jsonw_key_f64(&evidence.json, "call_s", seconds);
    jsonw_key_u64(&evidence.json, "calls", calls);
    jsonw_key_string(&evidence.json, "confidence", STR("measured"));
    jsonw_key_string(&evidence.json, "run", known->run.id);
    finding->evidence = evidence_end(arena, &evidence);
    finding->estimate = (struct estimate){
        .known = true,
        .warm_s = {true, -seconds, -seconds},
        .confidence = "measured",
        .run = known->run.id,
        .assumption = arena_printf(arena, "reading its files took %.*s of each call in run %.*s", STR_ARG(took),
                                   STR_ARG(known->run.id))};
    finding->excerpt = arena_printf(arena, "%.*s of each call of %.*s (measured in run %.*s)", STR_ARG(took),
                                    STR_ARG(known->run.target.function), STR_ARG(known->run.id));
}

/* The text's facts without the statements that the finding would take away: it may have lines that the run's text had not. */
static const struct facts *facts_without(const struct joining *joining, const struct known_run *known,
                                         const struct finding *finding)
{
    if (!known->facts)
        return NULL;
    struct facts *facts = arena_new(joining->arena, struct facts);
    for (size_t i = 0; i < known->facts->imports.len; i++) {
        const struct facts_import *import = &known->facts->imports.items[i];
        bool goes = import->at_module && str_equals(import->file, joining->file) &&
                    (import->line == finding->location.line || imports_is_within(import->module, finding->subject));
        if (!goes)
            *array_push(joining->arena, &facts->imports) = *import;
    }
    return facts;
}

static bool join_import(struct joining *joining, const struct known_run *known, struct finding *finding)
{
    struct arena *arena = joining->arena;
    const struct run_start *start = known->summary.start;
    struct import_statements statements;
    struct changes changes = {0};
    imports_find_statements(arena, &known->run, start, &statements);
    for (size_t i = 0; i < statements.len; i++) {
        if (!is_statement_of(start, &statements.items[i], joining->file, finding))
            continue;
        struct change *change = measured_change(arena, CHANGE_IMPORT);
        change->file = statements.items[i].file;
        change->line = statements.items[i].line;
        *array_push(arena, &changes) = change;
    }
    struct import_cost cost = imports_cost(start, facts_without(joining, known, finding), &changes);
    if (!changes.len || !cost.modules)
        return false;
    say_import(arena, known, cost.wall_s, finding);
    return true;
}

static size_t indent_of(struct str line)
{
    size_t n = 0;
    while (n < line.len && (line.ptr[n] == ' ' || line.ptr[n] == '\t'))
        n++;
    return n;
}

/* The line of the `with` that the place stands in, where that is the block around it: the file is opened there.  Else its own. */
static uint32_t opening_line(const struct project *project, const struct location *place)
{
    const struct module *module = project_at(project, place->file);
    if (!module || !place->line)
        return place->line;
    size_t indent = indent_of(tree_line(&module->tree, place->line - 1));
    for (uint32_t line = place->line; line-- > 1;) {
        struct str text = tree_line(&module->tree, line - 1);
        if (indent_of(text) >= indent || !str_trim(text).len)
            continue;
        text = str_trim(text);
        return str_starts_with(text, STR("with ")) || str_starts_with(text, STR("async with ")) ? line : place->line;
    }
    return place->line;
}

/* What reading the file took in that call, if it was opened on a line of the finding and is the same for every input. */
static double reading_s(const struct joining *joining, const struct known_run *known, const struct run_io *io,
                        const struct finding *finding)
{
    uint32_t last = finding->location.end_line > finding->location.line ? finding->location.end_line
                                                                        : finding->location.line;
    uint32_t first = opening_line(joining->project, &finding->location);
    if (io->invocation <= 0 || io->kind != RUN_IO_FILE || !str_equals(io->file, joining->file) || io->line < first ||
        io->line > last)
        return 0;
    if (!measured_is_model(io->target) && !(known->facts && facts_mention(known->facts, path_base(io->target))))
        return 0;
    return measured_reading_s(known->summary.start, io->invocation, io->target);
}

/* Set-up that reads files: what that took of a warm call, from opening to closing, what was made of the bytes meanwhile included. */
static bool join_setup(struct joining *joining, const struct known_run *known, struct finding *finding)
{
    const struct run_start *start = known->summary.start;
    struct map seen = {0}, calls = {0};
    double seconds = 0;
    for (size_t i = 0; i < start->ios.len; i++) {
        bool fresh;
        const struct run_io *io = &start->ios.items[i];
        double reading = reading_s(joining, known, io, finding);
        struct str call = arena_printf(joining->arena, "%d", io->invocation);
        if (reading <= 0)
            continue;
        map_put(joining->arena, &seen, arena_printf(joining->arena, "%.*s %.*s", STR_ARG(call), STR_ARG(io->target)),
                &fresh);
        seconds += fresh ? reading : 0;
        map_put(joining->arena, &calls, call, NULL);
    }
    if (!calls.len)
        return false;
    say_setup(joining->arena, known, seconds / (double)calls.len, calls.len, finding);
    return true;
}

void check_join_runs(struct cmd_call *call, const struct project *project, struct findings *findings)
{
    struct joining joining = {.arena = call->arena, .project = project};
    for (size_t i = 0; i < findings->len; i++) {
        struct finding *finding = &findings->items[i];
        struct str file = finding->location.file;
        bool import = str_starts_with(finding->name, STR("heavy-import-"));
        if (!import && !str_equals(finding->name, STR("setup-repeated")))
            continue;
        if (!joining.store && !(joining.store = open_store(call->arena)))
            return;
        use_file(&joining, str_starts_with(file, STR("./")) ? str_slice(file, 2, file.len) : file);
        bool done = false;
        for (size_t k = 0; !done && k < joining.n; k++) {
            const struct known_run *known = load(&joining, &joining.runs[k]);
            done = known && (import ? join_import : join_setup)(&joining, known, finding);
        }
    }
    store_close(joining.store);
}
