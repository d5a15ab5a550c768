/* The sections of a run as mockups.md draws them: the answer first, then where it goes, then what it costs. */
#include "present/run_report.h"

#include <math.h>
#include <stdlib.h>

#include "base/units.h"
#include "present/run_rows.h"
#include "store/held.h"

struct sections {
    struct document *document;
    const struct run_report *report;
    const struct run *run;
    const struct summary *summary;
    const struct run_start *start; /* the p50 one; may be NULL */
    bool command;
};

static enum style style_of(enum standing standing)
{
    return standing == STANDING_GOOD ? STYLE_GOOD : standing == STANDING_INVESTIGATE ? STYLE_INVESTIGATE : STYLE_PLAIN;
}

static void add_verdict(struct sections *s, struct section *section, enum target_metric metric, double value)
{
    struct str words = target_words(metric, value);
    if (words.len)
        section_verdict(s->document, section, style_of(target_standing(metric, value)), "%.*s", STR_ARG(words));
}

#define DURATION(value) STR_ARG(document_duration(s->document, (value)))
#define SIZE(value) STR_ARG(document_size(s->document, (value)))
#define USD(value) STR_ARG(document_usd(s->document, (value)))
#define SHARE(value) STR_ARG(document_share(s->document, (value)))
#define COUNT(value) STR_ARG(document_count(s->document, (value)))

/* ---- title ---- */

static void add_part(struct buf *title, const char *separator, struct str part)
{
    if (part.len)
        buf_addf(title, "%s%.*s", separator, STR_ARG(part));
}

static void add_settings(struct sections *s, struct buf *title)
{
    const struct run_target *target = &s->run->target;
    const char *separator = " · ";
    if (target->gpu.len) {
        add_part(title, separator, target->gpu);
        separator = ", ";
    }
    if (target->cpu > 0) {
        buf_addf(title, "%s%g CPU", separator, target->cpu);
        separator = ", ";
    }
    if (target->memory_bytes > 0)
        add_part(title, separator, document_size(s->document, target->memory_bytes));
}

static void add_title(struct sections *s)
{
    struct buf title = {0};
    const struct run_environment *environment = &s->run->environment;
    buf_add(&title, s->run->target.function);
    add_settings(s, &title);
    if (environment->python.len)
        buf_addf(&title, " · Python %.*s", STR_ARG(environment->python));
    buf_addf(&title, " · %.*s sandbox, page cache %.*s · run %.*s", STR_ARG(environment->sandbox),
             STR_ARG(environment->cache), STR_ARG(s->run->id));
    s->document->title = arena_copy(s->document->arena, buf_str(&title));
    buf_release(&title);
    for (size_t i = 0; i < s->report->n_warnings; i++) {
        struct section *section = document_section(s->document, "");
        section_line(s->document, section, false, STYLE_DETAIL, "%.*s", STR_ARG(s->report->warnings[i]));
    }
}

/* ---- cold start ---- */

static const struct column phase_columns[] = {
    {"phase", COLUMN_LEFT, 0}, {"time", COLUMN_RIGHT, 0}, {"share", COLUMN_RIGHT, 0}, {"", COLUMN_BAR, 0}};

static void add_phases(struct sections *s, struct section *section, const struct run_start *start)
{
    struct table *table = section_table(s->document, section, false, phase_columns, 4);
    double whole = start->wall_s;
    for (int i = 0; i < (s->command ? RUN_PHASES : RUN_COLD_PHASES); i++) {
        double wall_s = start->phases_s[i];
        if (wall_s <= 0)
            continue;
        struct str name = rows_words(s->document->arena, run_phase_name(i));
        name = i == RUN_INTERPRETER_START ? STR("interpreter") : i == RUN_PLATFORM_INIT ? STR("platform") : name;
        table_add(s->document, table, STYLE_PLAIN, "%-16.*s", STR_ARG(name));
        table_add_str(s->document, table, STYLE_PLAIN, document_duration(s->document, wall_s));
        table_add_str(s->document, table, STYLE_PLAIN, document_share(s->document, wall_s / whole));
        table_add_bar(s->document, table, wall_s / whole);
    }
}

static void add_waits_line(struct sections *s, struct section *section)
{
    static const struct {
        enum run_wait wait;
        const char *words;
    } order[] = {{RUN_DISK, "disk"},
                 {RUN_NETWORK, "network"},
                 {RUN_LOCK, "lock"},
                 {RUN_GPU, "GPU"},
                 {RUN_SLEEP, "sleep"},
                 {RUN_CHILD, "children"},
                 {RUN_RUNNABLE, "waiting for a CPU"},
                 {RUN_UNKNOWN, "unknown"}};
    struct buf line = {0};
    buf_addf(&line, "spent %.*s on CPU", DURATION(s->start->waits_s[RUN_ON_CPU]));
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        double wall_s = s->start->waits_s[order[i].wait];
        if (wall_s >= 0.0005)
            buf_addf(&line, ", %.*s %s", DURATION(wall_s), order[i].words);
    }
    struct block *block = section_line(s->document, section, false, STYLE_DETAIL, "%s", buf_cstr(&line));
    block_verdict(s->document, block, STYLE_DETAIL, "%.*s attributed", SHARE(s->summary->attributed_fraction));
    buf_release(&line);
}

static void add_failed(struct sections *s, struct section *section)
{
    size_t failed = 0;
    for (size_t i = 0; i < s->run->starts.len; i++)
        failed += s->run->starts.items[i].outcome != RUN_OK;
    if (failed)
        section_line(s->document, section, false, STYLE_INVESTIGATE, "%zu of %zu starts did not end well", failed,
                     s->run->starts.len);
}

static void add_cold(struct sections *s)
{
    struct section *section = document_section(s->document, s->command ? "Run" : "Cold start");
    const struct summary_times *cold = &s->summary->cold;
    if (!s->start) {
        const struct run_start *last = &s->run->starts.items[s->run->starts.len - 1];
        section_head(s->document, section, STYLE_PLAIN, "no first call came to its end; the last start took %.*s",
                     DURATION(last->wall_s));
        add_phases(s, section, last);
        add_failed(s, section);
        return;
    }
    section_head(s->document, section, STYLE_ANSWER, "%.*s", DURATION(cold->p50_s));
    struct buf words = {0};
    buf_addf(&words, "p90 %.*s, %zu %s%s", DURATION(cold->p90_s), cold->n, s->command ? "run" : "start",
             cold->n == 1 ? "" : "s");
    if (s->summary->has_init)
        buf_addf(&words, "; init %.*s", DURATION(s->summary->init_s));
    section_head(s->document, section, STYLE_PLAIN, "%s", buf_cstr(&words));
    buf_release(&words);
    if (s->summary->has_init)
        add_verdict(s, section, TARGET_INIT, s->summary->init_s);
    add_phases(s, section, s->start);
    add_waits_line(s, section);
    if (!s->command)
        section_line(s->document, section, false, STYLE_DETAIL,
                     "image pull: not measured here; of platform, %.*s is coldspot's own harness",
                     DURATION(s->start->harness_s));
    add_failed(s, section);
}

/* ---- imports ---- */

static const struct column import_columns[] = {{"module", COLUMN_LEFT, 40}, {"imported at", COLUMN_LEFT, 28},
                                               {"total", COLUMN_RIGHT, 0},  {"self", COLUMN_RIGHT, 0},
                                               {"memory", COLUMN_RIGHT, 0}, {"read", COLUMN_RIGHT, 0}};
enum { IMPORT_COLUMNS = 6, IMPORT_ROWS_MOST = 12, IMPORT_ROOTS_MOST = 8, IMPORT_DEPTH_MOST = 3 };

/* What the walk over the import tree needs. */
struct import_tree {
    struct sections *s;
    struct table *table;
    const struct run_import *imports;
    size_t n;
    struct import_total *totals;
    size_t rows;
    double shown_s;
};

/* An import of the user's own that no other import of the user's caused. */
static bool is_root(const struct run_import *imports, const struct run_import *import)
{
    if (import->phase < RUN_IMPORT || import->phase >= RUN_EXEC || import->origin == RUN_HARNESS)
        return false;
    return import->parent == RUN_NONE || imports[import->parent].phase == RUN_PLATFORM_INIT;
}

static void add_import_row(struct import_tree *tree, size_t index, unsigned depth)
{
    struct document *document = tree->s->document;
    const struct run_import *import = &tree->imports[index];
    struct table *table = tree->table;
    table_add(document, table, STYLE_PLAIN, "%*s%.*s", (int)(2 * depth), "", STR_ARG(import->module));
    struct str unused = import->used == 0 && depth == 0 ? STR("  never used") : STR("");
    if (depth == 0 && import->file.len)
        table_add(document, table, unused.len ? STYLE_INVESTIGATE : STYLE_DETAIL, "%.*s:%u%.*s",
                  STR_ARG(path_base(import->file)), import->line, STR_ARG(unused));
    else
        table_add_str(document, table, STYLE_PLAIN, STR(""));
    table_add_str(document, table, STYLE_PLAIN, document_duration(document, import->total_s));
    table_add_str(document, table, STYLE_DETAIL, document_duration(document, import->self_s));
    table_add_str(document, table, STYLE_PLAIN, document_size(document, (double)tree->totals[index].rss_bytes));
    table_add_str(document, table, STYLE_DETAIL, document_size(document, (double)tree->totals[index].read_bytes));
    tree->rows++;
}

/* The costliest child of `parent` (RUN_NONE: root) that costs less than `below_s`, or n. */
static size_t next_costly(const struct import_tree *tree, int32_t parent, double below_s, size_t after)
{
    size_t best = tree->n;
    for (size_t i = 0; i < tree->n; i++) {
        const struct run_import *import = &tree->imports[i];
        bool fits = parent == RUN_NONE ? is_root(tree->imports, import) : import->parent == parent;
        bool later = import->total_s < below_s || (import->total_s == below_s && i > after);
        if (fits && later && (best == tree->n || import->total_s > tree->imports[best].total_s))
            best = i;
    }
    return best;
}

static void add_import_branch(struct import_tree *tree, size_t index, unsigned depth, double least_s)
{
    add_import_row(tree, index, depth);
    double below_s = INFINITY;
    size_t last = 0;
    for (unsigned i = 0; i < 2 && depth + 1 < IMPORT_DEPTH_MOST && tree->rows < IMPORT_ROWS_MOST; i++) {
        size_t child = next_costly(tree, (int32_t)index, below_s, last);
        if (child == tree->n || tree->imports[child].total_s < least_s ||
            tree->imports[child].total_s < 0.2 * tree->imports[index].total_s)
            return;
        below_s = tree->imports[child].total_s;
        last = child;
        add_import_branch(tree, child, depth + 1, least_s);
    }
}

static void add_plain_row(struct import_tree *tree, const char *text, struct str words, double total_s)
{
    struct document *document = tree->s->document;
    table_add(document, tree->table, STYLE_DETAIL, "%s%.*s", text, STR_ARG(words));
    table_add_str(document, tree->table, STYLE_PLAIN, STR(""));
    table_add_str(document, tree->table, STYLE_DETAIL, document_duration(document, total_s));
}

static void add_platform_row(struct import_tree *tree)
{
    double total_s = 0;
    int64_t rss = 0;
    uint64_t read = 0;
    for (size_t i = 0; i < tree->n; i++) {
        const struct run_import *import = &tree->imports[i];
        if (import->phase != RUN_PLATFORM_INIT || import->origin == RUN_HARNESS)
            continue;
        total_s += import->self_s;
        rss += import->rss_bytes;
        read += import->read_bytes;
    }
    if (total_s < 0.001)
        return;
    struct document *document = tree->s->document;
    add_plain_row(tree, "not yours: the platform's client, modal", STR(""), total_s);
    table_add_str(document, tree->table, STYLE_DETAIL, STR(""));
    table_add_str(document, tree->table, STYLE_DETAIL, document_size(document, (double)rss));
    table_add_str(document, tree->table, STYLE_DETAIL, document_size(document, (double)read));
    table_end_row(document, tree->table);
}

static void add_import_rows(struct import_tree *tree, double all_s, size_t modules)
{
    double least_s = fmax(0.005, 0.01 * tree->s->start->wall_s), below_s = INFINITY;
    size_t last = 0, roots = 0, first_rows;
    for (; roots < IMPORT_ROOTS_MOST && tree->rows < IMPORT_ROWS_MOST; roots++) {
        size_t root = next_costly(tree, RUN_NONE, below_s, last);
        if (root == tree->n || (roots >= 2 && tree->imports[root].total_s < least_s))
            break;
        below_s = tree->imports[root].total_s;
        last = root;
        tree->shown_s += below_s;
        add_import_branch(tree, root, 0, least_s);
    }
    first_rows = tree->rows;
    if (modules > first_rows && all_s - tree->shown_s >= 0.0005) {
        struct document *document = tree->s->document;
        add_plain_row(tree, "others", STR(""), all_s - tree->shown_s);
        table_end_row(document, tree->table);
    }
    add_platform_row(tree);
}

static void add_imports(struct sections *s)
{
    struct import_tree tree = {.s = s, .imports = s->start->imports.items, .n = s->start->imports.len};
    double all_s = 0;
    size_t modules = 0;
    for (size_t i = 0; i < tree.n; i++) {
        const struct run_import *import = &tree.imports[i];
        bool counts = import->phase >= RUN_IMPORT && import->phase < RUN_EXEC && import->origin != RUN_HARNESS;
        modules += counts;
        all_s += counts && is_root(tree.imports, import) ? import->total_s : 0;
    }
    if (!modules)
        return;
    struct section *section = document_section(s->document, "Imports");
    section_head(s->document, section, STYLE_ANSWER, "%.*s", DURATION(all_s));
    section_head(s->document, section, STYLE_PLAIN, "in %.*s module%s", COUNT(modules), modules == 1 ? "" : "s");
    tree.totals = rows_import_totals(s->document->arena, s->start);
    tree.table = section_table(s->document, section, false, import_columns, IMPORT_COLUMNS);
    tree.table->show_titles = true;
    add_import_rows(&tree, all_s, modules);
}

/* ---- files, network, waits ---- */

static const struct column touched_columns[] = {{"what", COLUMN_LEFT, 40},
                                                {"bytes", COLUMN_RIGHT, 0},
                                                {"time", COLUMN_RIGHT, 0},
                                                {"rate", COLUMN_RIGHT, 0},
                                                {"where", COLUMN_LEFT, 60}};
enum { TOUCHED_COLUMNS = 5, TOUCHED_MOST = 6 };

static void add_touched_row(struct sections *s, struct table *table, const struct touched *row, struct str name)
{
    uint64_t bytes = row->bytes_in + row->bytes_out;
    table_add_str(s->document, table, STYLE_PLAIN, name);
    table_add(s->document, table, STYLE_PLAIN, "%.*s",
              STR_ARG(bytes ? document_size(s->document, (double)bytes) : STR("")));
    table_add_str(s->document, table, STYLE_PLAIN, document_duration(s->document, row->wall_s));
    struct buf rate = {0};
    if (bytes >= 1 << 16 && row->wall_s > 0.0005)
        units_add_rate(&rate, (double)bytes / row->wall_s);
    table_add(s->document, table, STYLE_DETAIL, "%s", buf_cstr(&rate));
    buf_release(&rate);
    struct str place = rows_place(s->document->arena, row->phase, row->file, row->line);
    table_add_str(s->document, table, STYLE_DETAIL, place);
}

/* Worth a line: a millisecond, or a megabyte. */
static bool is_notable(const struct touched *row)
{
    return row->wall_s >= 0.001 || row->bytes_in + row->bytes_out >= 1 << 20;
}

static struct table *touched_table(struct sections *s, struct table *table, const char *label)
{
    if (table)
        return table;
    struct section *section = document_section(s->document, label);
    return section_table(s->document, section, true, touched_columns, TOUCHED_COLUMNS);
}

static void add_files(struct sections *s)
{
    struct arena *arena = s->document->arena;
    struct touched_list files = rows_touched(arena, s->start, RUN_IO_FILE), modules = rows_modules(arena, s->start);
    struct table *table = NULL;
    for (size_t i = 0, shown = 0; i < files.len && shown < TOUCHED_MOST; i++) {
        const struct touched *row = &files.items[i];
        if (!is_notable(row) || row->phase == RUN_INTERPRETER_START || row->phase == RUN_PLATFORM_INIT)
            continue;
        table = touched_table(s, table, "Files");
        add_touched_row(s, table, row, path_base(row->target));
        shown++;
    }
    for (size_t i = 0; i < modules.len; i++) {
        const struct touched *row = &modules.items[i];
        if (!is_notable(row))
            continue;
        table = touched_table(s, table, "Files");
        add_touched_row(s, table, row, arena_printf(arena, "%.*s %.*s", COUNT(row->count), STR_ARG(row->target)));
    }
}

/* Whether every start that counts had traffic with this host in this phase; ports may differ. */
static bool is_in_every_start(const struct run *run, const struct touched *row)
{
    struct str host = str_slice(row->target, 0, (size_t)(str_find_last(row->target, ':') + 1));
    size_t counted = 0;
    for (size_t i = 0; i < run->starts.len; i++) {
        const struct run_start *start = &run->starts.items[i];
        if (!run_start_counts(start))
            continue;
        counted++;
        bool found = false;
        for (size_t k = 0; k < start->ios.len && !found; k++) {
            const struct run_io *io = &start->ios.items[k];
            found = io->kind == RUN_IO_NETWORK && io->phase == row->phase && io->bytes_in > 0 &&
                    str_starts_with(io->target, host);
        }
        if (!found)
            return false;
    }
    return counted > 1;
}

static void add_network(struct sections *s)
{
    struct touched_list hosts = rows_touched(s->document->arena, s->start, RUN_IO_NETWORK);
    struct table *table = NULL;
    bool fetched = false;
    for (size_t i = 0, shown = 0; i < hosts.len && shown < TOUCHED_MOST; i++) {
        const struct touched *row = &hosts.items[i];
        if (!is_notable(row))
            continue;
        table = touched_table(s, table, "Network");
        add_touched_row(s, table, row, row->target);
        fetched = fetched || (row->bytes_in >= 1 << 16 && !s->command && is_in_every_start(s->run, row));
        shown++;
    }
    if (fetched)
        section_line(s->document, s->document->sections.items[s->document->sections.len - 1], true, STYLE_INVESTIGATE,
                     "fetched on every cold start");
}

static void add_other_waits(struct sections *s)
{
    struct touched_list waits = rows_waits(s->document->arena, s->start);
    struct table *table = NULL;
    for (size_t i = 0, shown = 0; i < waits.len && shown < TOUCHED_MOST; i++) {
        if (waits.items[i].wall_s < 0.005)
            break;
        table = touched_table(s, table, "Waits");
        add_touched_row(s, table, &waits.items[i], waits.items[i].target);
        shown++;
    }
}

/* ---- warm calls ---- */

static void add_outliers(struct sections *s, struct buf *words)
{
    enum { NAMED_MOST = 3 };
    size_t n = s->summary->n_outliers;
    if (n)
        buf_addf(words, "; outlier%s: ", n == 1 ? "" : "s");
    for (size_t i = 0; i < n && i < NAMED_MOST; i++)
        buf_addf(words, "%scall %u, %.*s", i ? "; " : "", s->summary->outliers[i].call,
                 DURATION(s->summary->outliers[i].wall_s));
    if (n > NAMED_MOST)
        buf_addf(words, "; %zu more", n - NAMED_MOST);
}

static void add_stage_rows(struct sections *s, struct table *table)
{
    for (size_t i = 0; i < s->summary->stages.len; i++) {
        const struct summary_stage *stage = &s->summary->stages.items[i];
        table_add(s->document, table, STYLE_PLAIN, "%s%-16.*s", stage->parent.len ? "  " : "", STR_ARG(stage->name));
        table_add_str(s->document, table, STYLE_PLAIN, document_duration(s->document, stage->wall_s));
        table_add_str(s->document, table, STYLE_PLAIN, document_share(s->document, stage->fraction));
        table_add_bar(s->document, table, stage->fraction);
    }
    double rest_s = s->summary->not_in_a_stage_s, mean_s = s->summary->warm.mean_s;
    if (rest_s < 0.001 * mean_s)
        return;
    table_add(s->document, table, STYLE_DETAIL, "not in a stage");
    table_add_str(s->document, table, STYLE_DETAIL, document_duration(s->document, rest_s));
    table_add_str(s->document, table, STYLE_DETAIL, document_share(s->document, mean_s > 0 ? rest_s / mean_s : 0));
    table_add_bar(s->document, table, mean_s > 0 ? rest_s / mean_s : 0);
}

static void add_warm(struct sections *s)
{
    if (!s->summary->has_warm)
        return;
    const struct summary_times *warm = &s->summary->warm;
    struct section *section = document_section(s->document, "Warm call");
    section_head(s->document, section, STYLE_ANSWER, "%.*s", DURATION(warm->p50_s));
    struct buf words = {0};
    buf_addf(&words, "p90 %.*s, p99 %.*s, %zu call%s", DURATION(warm->p90_s), DURATION(warm->p99_s), warm->n,
             warm->n == 1 ? "" : "s");
    add_outliers(s, &words);
    section_head(s->document, section, STYLE_PLAIN, "%s", buf_cstr(&words));
    buf_release(&words);
    add_verdict(s, section, TARGET_WARM, warm->p50_s);
    if (s->summary->stages.len && s->summary->stages.items[0].sampled)
        section_line(s->document, section, false, STYLE_DETAIL, "what it calls, by samples");
    if (s->summary->stages.len)
        add_stage_rows(s, section_table(s->document, section, false, phase_columns, 4));
}

/* ---- the event loop ---- */

static const char *waiting_words(enum run_wait wait)
{
    static const char *const words[RUN_WAITS] = {
        [RUN_ON_CPU] = "on CPU",   [RUN_RUNNABLE] = "waiting for a CPU", [RUN_DISK] = "files",
        [RUN_NETWORK] = "network", [RUN_LOCK] = "waiting for a lock",    [RUN_GPU] = "GPU",
        [RUN_SLEEP] = "sleeping",  [RUN_CHILD] = "a child process",      [RUN_UNKNOWN] = "not known",
    };
    return words[wait];
}

static const struct column blocked_columns[] = {{"longest", COLUMN_RIGHT, 0},
                                                {"times", COLUMN_RIGHT, 0},
                                                {"all", COLUMN_RIGHT, 0},
                                                {"where", COLUMN_LEFT, 0},
                                                {"doing", COLUMN_LEFT, 0}};
enum { BLOCKED_COLUMNS = 5, BLOCKED_MOST = 4 };

/* "app.py:12 parse()" */
static struct str blocking_place(struct sections *s, const struct run_blocker *row)
{
    return arena_printf(s->document->arena, "%.*s:%u %.*s()", STR_ARG(rows_file(row->frame->file)), row->frame->line,
                        STR_ARG(row->frame->function));
}

/* Functions that kept the event loop from everything else it had to do. */
static void add_event_loop(struct sections *s)
{
    struct run_blockers rows = run_blockers(s->document->arena, s->start);
    if (!rows.len)
        return;
    const struct run_stretch *longest = rows.items[0].longest;
    bool alone = longest->frame_s >= 0.9 * longest->wall_s;
    struct section *section = document_section(s->document, "Event loop");
    section_head(s->document, section, STYLE_ANSWER, "blocked %.*s", DURATION(run_stretch_s(longest)));
    section_head(s->document, section, STYLE_PLAIN, "at a stretch%s in %.*s", alone ? "" : ", most of it",
                 STR_ARG(blocking_place(s, &rows.items[0])));
    section_verdict(s->document, section, STYLE_INVESTIGATE, "investigate (< %.*s)", DURATION(RUN_BLOCKED_S));
    if (rows.len == 1 && rows.items[0].times == 1)
        return;
    struct table *table = section_table(s->document, section, true, blocked_columns, BLOCKED_COLUMNS);
    table->show_titles = true;
    for (size_t i = 0; i < rows.len && i < BLOCKED_MOST; i++) {
        const struct run_blocker *row = &rows.items[i];
        table_add_str(s->document, table, STYLE_PLAIN, document_duration(s->document, run_stretch_s(row->longest)));
        table_add_str(s->document, table, STYLE_PLAIN, document_count(s->document, row->times));
        table_add_str(s->document, table, STYLE_PLAIN, document_duration(s->document, row->all_s));
        table_add_str(s->document, table, STYLE_PLAIN, blocking_place(s, row));
        table_add(s->document, table, STYLE_DETAIL, "%s", waiting_words(row->longest->wait));
    }
}

static const struct column waiting_columns[] = {
    {"waited", COLUMN_RIGHT, 0}, {"at once", COLUMN_RIGHT, 0}, {"task", COLUMN_LEFT, 28}, {"in", COLUMN_LEFT, 0}};
enum { WAITING_COLUMNS = 4, WAITING_MOST = 5 };

/* What else the loop had to do: where tasks of the user's waited.  One task alone says no more than Waits does. */
static void add_tasks(struct sections *s)
{
    struct waiting_list rows = rows_waiting(s->document->arena, s->start);
    struct table *table = NULL;
    uint64_t most = 0;
    for (size_t i = 0; i < rows.len; i++)
        most += rows.items[i].users ? rows.items[i].tasks : 0;
    for (size_t i = 0, shown = 0; most > 1 && i < rows.len && shown < WAITING_MOST; i++) {
        const struct waiting *row = &rows.items[i];
        if (!row->users || row->wall_s < 0.005)
            continue;
        if (!table) {
            table = section_table(s->document, document_section(s->document, "Tasks"), true, waiting_columns,
                                  WAITING_COLUMNS);
            table->show_titles = true;
        }
        table_add_str(s->document, table, STYLE_PLAIN, document_duration(s->document, row->wall_s));
        table_add_str(s->document, table, STYLE_PLAIN, document_count(s->document, row->most));
        table_add_str(s->document, table, STYLE_PLAIN, row->names);
        table_add(s->document, table, STYLE_DETAIL, "%.*s:%u  %.*s", STR_ARG(rows_file(row->users->file)),
                  row->users->line, STR_ARG(row->chain));
        shown++;
    }
}

/* ---- other sizes ---- */

static const struct column curve_columns[] = {
    {"", COLUMN_RIGHT, 0}, {"a call", COLUMN_RIGHT, 0}, {"inputs", COLUMN_RIGHT, 0}, {"per 1,000", COLUMN_RIGHT, 0}};

/* What a second of one container does at this size; both kinds have `size` inputs under way. */
static void add_size(struct sections *s, struct table *table, const struct run_size *size)
{
    double per_s = size->p50_s > 0 ? size->size / size->p50_s : 0;
    struct buf rate = {0};
    units_add_frequency(&rate, per_s);
    table_add(s->document, table, STYLE_PLAIN, "%u", size->size);
    table_add_str(s->document, table, STYLE_ANSWER, document_duration(s->document, size->p50_s));
    table_add_str(s->document, table, STYLE_PLAIN, arena_copy(s->document->arena, buf_str(&rate)));
    if (s->report->money && per_s > 0)
        table_add_str(s->document, table, STYLE_PLAIN,
                      document_usd(s->document, s->report->money->rate.usd_per_s / per_s * 1000));
    table_end_row(s->document, table);
    buf_release(&rate);
}

static void add_curves(struct sections *s)
{
    static const char *const titles[RUN_CURVES] = {"Batches", "At once"};
    static const char *const words[RUN_CURVES] = {"inputs in one call", "calls at once in one container"};
    for (unsigned kind = 0; kind < RUN_CURVES; kind++) {
        struct run_size *sizes;
        size_t n = run_curve(s->document->arena, s->run, kind, &sizes);
        if (n == 0)
            continue;
        struct section *section = document_section(s->document, titles[kind]);
        section_head(s->document, section, STYLE_PLAIN, "%s, median of %zu", words[kind], sizes[0].n);
        struct table *table = section_table(s->document, section, true, curve_columns, s->report->money ? 4 : 3);
        table->show_titles = true;
        for (size_t i = 0; i < n; i++)
            add_size(s, table, &sizes[i]);
    }
}

/* ---- memory, CPU, GPU, cost ---- */

static const struct column held_columns[] = {
    {"bytes", COLUMN_RIGHT, 0}, {"share", COLUMN_RIGHT, 0}, {"where", COLUMN_LEFT, 0}};
enum { HELD_COLUMNS = 3 };

/* Whose memory it was at the peak: lines that held a twentieth of it or more. */
static void add_held(struct sections *s, struct section *section)
{
    enum { ROWS_MOST = 6 };
    const struct run_start *start = s->summary->start;
    if (!start || !start->heap_peak_bytes)
        return;
    struct held_list rows = rows_held(s->document->arena, start);
    double peak = (double)(start->peak_bytes ? start->peak_bytes : 1);
    struct table *table = NULL;
    for (size_t i = 0; i < rows.len && i < ROWS_MOST; i++) {
        const struct held *held = &rows.items[i];
        if ((double)held->bytes < 0.05 * peak)
            break;
        if (!table)
            table = section_table(s->document, section, true, held_columns, HELD_COLUMNS);
        if (held->error_bytes < 0.01 * (double)held->bytes)
            table_add(s->document, table, STYLE_PLAIN, "%.*s", SIZE((double)held->bytes));
        else
            table_add(s->document, table, STYLE_PLAIN, "%.*s ± %.*s", SIZE((double)held->bytes),
                      SIZE(held->error_bytes));
        table_add_str(s->document, table, STYLE_PLAIN, document_share(s->document, (double)held->bytes / peak));
        if (held->frame && str_starts_with(held->frame->file, STR("<frozen importlib")))
            table_add(s->document, table, STYLE_DETAIL, "code of imported modules");
        else if (held->frame)
            table_add(s->document, table, STYLE_PLAIN, "%.*s:%u %.*s", STR_ARG(rows_file(held->frame->file)),
                      held->frame->line, STR_ARG(held->frame->function));
        else
            table_add(s->document, table, STYLE_DETAIL, "outside Python");
    }
}

/* Whose the peak was, and what each further call leaves behind, where that is not nothing. */
static void add_split(struct sections *s, struct section *section)
{
    struct held_split split;
    struct held_growth growth;
    if (s->start && held_split(s->start, &split)) {
        struct buf words = {0};
        buf_addf(&words, "Python %.*s, native %.*s", SIZE(split.python_bytes), SIZE(split.native_bytes));
        if (split.file_bytes > 0)
            buf_addf(&words, ", files %.*s", SIZE(split.file_bytes));
        buf_addf(&words, "; samples explain %.*s", SHARE(split.explained));
        section_line(s->document, section, true, STYLE_DETAIL, "%s", buf_cstr(&words));
        buf_release(&words);
    }
    if (held_growth(s->document->arena, s->run, &growth) && growth.low_bytes >= HELD_GROWTH_LEAST)
        section_line(s->document, section, true, STYLE_PLAIN, "grows by %.*s a call (%.*s to %.*s, %.*s calls)",
                     SIZE(growth.bytes), SIZE(growth.low_bytes), SIZE(growth.high_bytes), COUNT(growth.calls));
}

static void add_memory(struct sections *s)
{
    const struct run_money *money = s->report->money;
    double peak = (double)s->summary->peak_bytes;
    struct section *section = document_section(s->document, "Memory");
    if (!money) {
        section_head(s->document, section, STYLE_ANSWER, "%.*s peak", SIZE(peak));
        add_split(s, section);
        add_held(s, section);
        return;
    }
    double request = money->memory_request_mib * 1048576, share = peak / request;
    bool asked = s->run->target.memory_bytes > 0;
    section_head(s->document, section, STYLE_ANSWER, "%.*s peak", SIZE(peak));
    section_head(s->document, section, STYLE_PLAIN, "of %.*s%s, %.*s", SIZE(request),
                 asked ? "" : " (the platform's default)", SHARE(share));
    /* Below the least that is sold there is nothing to investigate. */
    bool least = share < 0.6 && money->memory_recommended_mib >= money->memory_request_mib;
    if (!least)
        add_verdict(s, section, TARGET_MEMORY, share);
    section_line(s->document, section, true, STYLE_PLAIN, "request %.*s MiB: %s",
                 COUNT((uint64_t)money->memory_recommended_mib), least ? "the least there is" : "peak x 1.2");
    add_split(s, section);
    add_held(s, section);
}

static void add_cpu(struct sections *s)
{
    const struct run_money *money = s->report->money;
    struct section *section = document_section(s->document, "CPU");
    section_head(s->document, section, STYLE_ANSWER, "%.2f cores", s->summary->cpu_mean_cores);
    section_head(s->document, section, STYLE_PLAIN, "on average, %.2f at most", s->summary->cpu_peak_cores);
    if (!money)
        return;
    const char *whose = s->run->target.cpu > 0 ? "" : " (the platform's default)";
    if (money->cpu_recommended > 0)
        section_line(s->document, section, true, STYLE_PLAIN, "%.3g requested%s; the peak asks for %.3g",
                     money->cpu_request, whose, money->cpu_recommended);
    else
        section_line(s->document, section, true, STYLE_PLAIN, "%.3g, which come with the memory", money->cpu_request);
}

static void add_cost(struct sections *s)
{
    const struct run_money *money = s->report->money;
    struct section *section = document_section(s->document, "Cost");
    section_head(s->document, section, STYLE_ANSWER, "%.*s a cold call", USD(money->cold_usd));
    struct buf words = {0};
    if (s->summary->has_warm)
        buf_addf(&words, "%.*s a warm one, %.*s per 1,000 warm", USD(money->warm_usd), USD(money->warm_usd * 1000));
    section_head(s->document, section, STYLE_PLAIN, "%s", buf_cstr(&words));
    buf_release(&words);
    if (money->idle_usd > 0)
        section_line(s->document, section, true, STYLE_PLAIN, "up to %.*s idle after each burst (%g s window)",
                     USD(money->idle_usd), money->idle_s);
    section_line(s->document, section, true, STYLE_DETAIL, "%.*s", STR_ARG(money->rate.basis));
}

static void add_gpu(struct sections *s)
{
    if (!s->run->target.gpu.len)
        return;
    struct section *section = document_section(s->document, "GPU");
    section_head(s->document, section, STYLE_PLAIN, "not measured: no GPU here");
}

static void add_note(struct sections *s, struct section **section, struct str note)
{
    *section = *section ? *section : document_section(s->document, "Notes");
    section_line(s->document, *section, true, STYLE_DETAIL, "%.*s", STR_ARG(note));
}

/* A start that stood in line for a CPU this long says more about the machine than about the function. */
static const double BUSY_SHARE = 0.2, BUSY_S = 0.05;

static void add_busy(struct sections *s, struct section **section)
{
    double waited_s = s->start ? s->start->waits_s[RUN_RUNNABLE] : 0;
    if (waited_s < BUSY_S || waited_s < BUSY_SHARE * s->start->wall_s)
        return;
    struct buf note = {0};
    buf_addf(&note, "%.*s of the %.*s waited for a CPU: other programs, or its own threads, kept its %u busy",
             DURATION(waited_s), DURATION(s->start->wall_s), s->run->environment.cpus);
    add_note(s, section, buf_str(&note));
    buf_release(&note);
}

static void add_notes(struct sections *s)
{
    struct section *section = NULL;
    const struct run_environment *environment = &s->run->environment;
    for (size_t i = 0; i < environment->lacks.len; i++)
        if (!str_contains(environment->lacks.items[i], STR("GPU"))) /* has a section of its own */
            add_note(s, &section, environment->lacks.items[i]);
    for (size_t i = 0; s->start && i < s->start->notes.len; i++)
        add_note(s, &section, s->start->notes.items[i]);
    add_busy(s, &section);
}

static void add_next(struct sections *s)
{
    if (!s->report->next[0].len)
        return;
    struct section *section = document_section(s->document, "");
    for (size_t i = 0; i < 4 && s->report->next[i].len; i++)
        section_line(s->document, section, false, STYLE_PLAIN, "%s%.*s",
                     i ? "      " : "Next: ", STR_ARG(s->report->next[i]));
}

void run_report_sections(struct document *document, const struct run_report *report)
{
    struct sections sections = {document,
                                report,
                                report->run,
                                report->summary,
                                report->summary->start,
                                str_equals(report->run->target.kind, STR("command"))};
    struct sections *s = &sections;
    add_title(s);
    add_cold(s);
    if (s->start) {
        add_imports(s);
        add_files(s);
        add_network(s);
        add_other_waits(s);
        add_warm(s);
        add_event_loop(s);
        add_tasks(s);
        add_curves(s);
        add_memory(s);
        add_cpu(s);
        add_gpu(s);
        if (report->money)
            add_cost(s);
    }
    budgets_section(document, report->budgets);
    add_notes(s);
    add_next(s);
}
