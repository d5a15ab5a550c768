/* `coldspot history`: the runs of a target, newest last, with what changed from one to the next. */
#include <math.h>
#include <string.h>
#include <time.h>

#include "base/jsonw.h"
#include "cmd/run.h"
#include "store/store.h"

struct args {
    struct cmd_money money;
    struct cmd_output output;
    const char *store;
    uint32_t most;
};

static const struct opt history_opts[] = {
    {'n', "most", OPT_U32, offsetof(struct args, most), "N", "so many runs, the newest (default 20)", 1, 100000},
    {0, "store", OPT_STR, offsetof(struct args, store), "DIR", "where runs are kept", 0, 0},
    {0},
};

struct row {
    struct run run;
    struct summary summary;
    struct run_money money;
    bool priced;
    const struct row *before; /* the run of the same target before it; NULL: none */
};

struct rows {
    struct row **items;
    size_t len, cap;
};

static bool is_same_target(const struct run *a, const struct run *b)
{
    return str_equals(a->target.file, b->target.file) && str_equals(a->target.function, b->target.function);
}

/* Runs come newest first; each one's predecessor is the next older one of its target. */
static void link_rows(struct rows *rows)
{
    for (size_t i = 0; i < rows->len; i++) {
        for (size_t older = i + 1; older < rows->len && !rows->items[i]->before; older++) {
            if (is_same_target(&rows->items[i]->run, &rows->items[older]->run))
                rows->items[i]->before = rows->items[older];
        }
    }
}

static int load_rows(struct cmd_call *call, struct store *store, struct str target, const struct args *args,
                     struct rows *rows, struct err *err)
{
    struct store_ids ids;
    struct catalogue catalogue;
    int rc = store_list_runs(store, call->arena, target, args->most, &ids, err);
    if (!rc)
        rc = cmd_load_prices(call->arena, &args->money, &catalogue, err);
    for (size_t i = 0; !rc && i < ids.len; i++) {
        struct row *row = arena_new(call->arena, struct row);
        rc = store_load_run(store, call->arena, ids.items[i], STORE_FIGURES, &row->run, err);
        if (rc)
            break;
        summary_make(call->arena, &row->run, &row->summary);
        struct price_settings settings = cmd_price_settings(&row->run.target, &args->money);
        bool command = str_equals(row->run.target.kind, STR("command"));
        row->priced = !command &&
                      run_money_make(call->arena, &catalogue, &settings, &row->summary, &row->money, NULL) == 0;
        *array_push(call->arena, rows) = row;
    }
    link_rows(rows);
    return rc;
}

static struct str time_text(struct arena *arena, uint64_t ns)
{
    time_t seconds = (time_t)(ns / 1000000000u);
    struct tm local;
    char text[32];
    localtime_r(&seconds, &local);
    strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &local);
    return arena_copy(arena, str_of(text));
}

/* The change of the cold start from the run before: "-610 ms, -15 %"; empty where there is nothing to compare. */
static struct str change_text(struct document *document, const struct row *row)
{
    if (!row->before || !row->summary.start || !row->before->summary.start)
        return STR("");
    double before_s = row->before->summary.cold.p50_s, change_s = row->summary.cold.p50_s - before_s;
    const char *sign = change_s > 0 ? "+" : "";
    return arena_printf(document->arena, "%s%.*s, %+.0f %%", sign, STR_ARG(document_duration(document, change_s)),
                        before_s > 0 ? 100 * change_s / before_s : 0);
}

static const struct column columns[] = {
    {"run", COLUMN_LEFT, 0},   {"when", COLUMN_LEFT, 0, 3},         {"target", COLUMN_LEFT, 44},
    {"cold", COLUMN_RIGHT, 0}, {"change", COLUMN_RIGHT, 0},         {"warm", COLUMN_RIGHT, 0},
    {"peak", COLUMN_RIGHT, 0}, {"a cold call", COLUMN_RIGHT, 0, 1}, {"a warm call", COLUMN_RIGHT, 0, 2}};
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static struct str target_text(struct arena *arena, const struct run *run)
{
    struct str file = run->target.file;
    if (!file.len)
        return run->target.function;
    return arena_printf(arena, "%.*s::%.*s", STR_ARG(file), STR_ARG(run->target.function));
}

static void add_row(struct document *document, struct table *table, const struct row *row)
{
    const struct summary *summary = &row->summary;
    struct str none = STR("");
    table_add_str(document, table, STYLE_ANSWER, row->run.id);
    table_add_str(document, table, STYLE_DETAIL, time_text(document->arena, row->run.started_at_ns));
    table_add_str(document, table, STYLE_PLAIN, target_text(document->arena, &row->run));
    table_add_str(document, table, STYLE_PLAIN,
                  summary->start ? document_duration(document, summary->cold.p50_s) : STR("failed"));
    table_add_str(document, table, STYLE_DETAIL, change_text(document, row));
    table_add_str(document, table, STYLE_PLAIN,
                  summary->has_warm ? document_duration(document, summary->warm.p50_s) : none);
    table_add_str(document, table, STYLE_PLAIN, document_size(document, (double)summary->peak_bytes));
    table_add_str(document, table, STYLE_PLAIN,
                  row->priced && summary->start ? document_usd(document, row->money.cold_usd) : none);
    table_add_str(document, table, STYLE_PLAIN,
                  row->priced && summary->has_warm ? document_usd(document, row->money.warm_usd) : none);
}

static void key_if(struct jsonw *json, const char *key, bool known, double value)
{
    jsonw_key_f64(json, key, known ? value : NAN);
}

static void write_row(struct jsonw *json, const struct row *row)
{
    const struct summary *summary = &row->summary;
    const struct row *before = row->before;
    jsonw_object(json);
    jsonw_key_string(json, "id", row->run.id);
    jsonw_key_f64(json, "started_at", (double)(row->run.started_at_ns / 1000000) / 1000);
    jsonw_key_string(json, "file", row->run.target.file);
    jsonw_key_string(json, "function", row->run.target.function);
    jsonw_key_bool(json, "finished", row->run.finished);
    key_if(json, "cold_p50_s", summary->start, summary->cold.p50_s);
    key_if(json, "warm_p50_s", summary->has_warm, summary->warm.p50_s);
    jsonw_key_u64(json, "memory_peak_bytes", summary->peak_bytes);
    key_if(json, "cost_cold_usd", row->priced && summary->start, row->money.cold_usd);
    key_if(json, "cost_warm_usd", row->priced && summary->has_warm, row->money.warm_usd);
    bool comparable = before && summary->start && before->summary.start;
    key_if(json, "cold_change_s", comparable, comparable ? summary->cold.p50_s - before->summary.cold.p50_s : 0);
    jsonw_end(json);
}

static int answer(struct cmd_call *call, const struct args *args, const struct rows *rows, struct err *err)
{
    struct document document;
    document_init(&document, call->arena);
    struct jsonw json;
    jsonw_init(&json, &document.json, true);
    jsonw_object(&json);
    jsonw_key_u64(&json, "schema_version", 1);
    jsonw_key_array(&json, "runs");
    struct section *section = document_section(&document, "");
    struct table *table = section_table(&document, section, false, columns, COLUMNS);
    table->show_titles = true;
    for (size_t i = rows->len; i-- > 0;) {
        add_row(&document, table, rows->items[i]);
        write_row(&json, rows->items[i]);
    }
    jsonw_end(&json);
    jsonw_end(&json);
    int rc = cmd_answer(&args->output, &document, err);
    document_release(&document);
    return rc;
}

static int no_runs(const struct opt_words *words, struct err *err)
{
    if (words->len)
        err_set(err, ERR_INPUT, "there are no runs of '%s' in the store", words->items[0]);
    else
        err_set(err, ERR_INPUT, "there are no runs in the store yet");
    bool is_target = words->len && strchr(words->items[0], ':');
    return err_hint(err, "measure one: coldspot run %s", is_target ? words->items[0] : "app.py::function");
}

static int run_history(struct cmd_call *call, struct err *err)
{
    struct args args = {.most = 20};
    struct opt_words words;
    int rc = cmd_parse(call, (void *const[]){&args, &args.money, &args.output}, 3, &words, err);
    if (rc)
        return rc;
    if (words.len > 1)
        return err_set(err, ERR_USAGE, "one target at a time, not %zu", words.len);
    struct store *store;
    rc = store_open(store_directory(call->arena, args.store).ptr, &store, err);
    if (rc)
        return rc;
    struct rows rows = {0};
    rc = load_rows(call, store, words.len ? str_of(words.items[0]) : STR(""), &args, &rows, err);
    store_close(store);
    if (!rc && !rows.len)
        return no_runs(&words, err);
    return rc ? rc : answer(call, &args, &rows, err);
}

const struct command command_history = {
    .name = "history",
    .summary = "the runs of a target, and what changed from one to the next",
    .usage = "[OPTIONS] [TARGET]",
    .details = "TARGET is app.py::function, app.py, or a function's name as a run printed it; without one, all runs.",
    .examples = "  coldspot history examples/embed/app.py::Embedder.embed",
    .tables = {{NULL, history_opts}, {"Money", cmd_money_opts}, {"Output", cmd_output_opts}},
    .run = run_history,
};
