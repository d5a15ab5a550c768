/* `coldspot prices`: the rates that all money is computed from, with their sources; and whether price files are right. */
#include <string.h>

#include "base/jsonw.h"
#include "cmd/cmd.h"
#include "cmd/money.h"

struct args {
    struct cmd_output output;
    const char *prices;
    uint32_t max_age_days;
};

static const struct opt prices_opts[] = {
    {0, "prices", OPT_STR, offsetof(struct args, prices), "FILE", "price file to use besides the built-in ones", 0, 0},
    {0, "max-age", OPT_U32, offsetof(struct args, max_age_days), "DAYS",
     "check warns of prices older than this (default 180)", 1, 36500},
    {0},
};

/* The amounts of a table that are no GPU. */
static const struct {
    const char *label, *key;
    size_t offset;
} amounts[] = {
    {"CPU", "cpu", offsetof(struct price_table, cpu)},
    {"memory", "memory", offsetof(struct price_table, memory)},
    {"disk", "disk", offsetof(struct price_table, disk)},
    {"request", "request", offsetof(struct price_table, request)},
    {"volume", "volume", offsetof(struct price_table, volume)},
};

static const struct price_amount *amount_of(const struct price_table *table, size_t i)
{
    return (const struct price_amount *)((const char *)table + amounts[i].offset);
}

enum { AMOUNTS = sizeof(amounts) / sizeof(amounts[0]) };

static double now_s(const struct cmd_call *call)
{
    return (double)clock_real_ns(call->clock) / 1e9;
}

/* JSON */

static void write_source(struct jsonw *json, const char *key, const struct price_source *source)
{
    if (!source)
        return;
    jsonw_key_object(json, key);
    jsonw_key_string(json, "where", source->where);
    jsonw_key_string(json, "date", source->date);
    jsonw_end(json);
}

static void write_amount(struct jsonw *json, const struct price_amount *amount)
{
    jsonw_key_f64(json, "usd", amount->as_written);
    jsonw_key_string(json, "unit", amount->unit);
    write_source(json, "source", amount->source);
}

static void write_gpus(struct jsonw *json, const struct catalogue *catalogue, const struct price_table *table)
{
    jsonw_key_array(json, "gpus");
    for (size_t i = 0; i < table->gpus.len; i++) {
        const struct price_gpu *row = &table->gpus.items[i];
        const struct gpu *gpu = catalogue_gpu(catalogue, row->name);
        jsonw_object(json);
        jsonw_key_string(json, "name", row->name);
        write_amount(json, &row->amount);
        jsonw_key_u64(json, "memory_bytes", gpu ? gpu->memory_bytes : 0);
        jsonw_key_u64(json, "most", row->most);
        jsonw_end(json);
    }
    jsonw_end(json);
}

static void write_rules(struct jsonw *json, const struct price_table *table)
{
    jsonw_key_object(json, "rules");
    jsonw_key_bool(json, "use_counts", table->bills_use);
    jsonw_key_f64(json, "time_step_s", table->time_step_s);
    jsonw_key_bool(json, "startup_billed", table->startup_billed);
    jsonw_key_bool(json, "idle_billed", table->idle_billed);
    jsonw_key_f64(json, "idle_window_s", table->idle_window_s);
    jsonw_key_f64(json, "cpu_least", table->cpu_least);
    jsonw_key_f64(json, "memory_least_mib", table->memory_least_mib);
    jsonw_key_f64(json, "memory_most_mib", table->memory_most_mib);
    jsonw_key_f64(json, "mib_per_vcpu", table->mib_per_vcpu);
    jsonw_key_f64(json, "region_broad", table->region_broad);
    jsonw_key_f64(json, "region_narrow", table->region_narrow);
    jsonw_key_f64(json, "nonpreemptible", table->nonpreemptible);
    jsonw_key_f64(json, "disk_per_memory", table->disk_per_memory);
    write_source(json, "startup_source", table->startup_rule.source);
    jsonw_end(json);
}

static void write_table(struct jsonw *json, const struct catalogue *catalogue, const struct price_table *table,
                        double now)
{
    int64_t days = 0;
    price_age_days(table->date, now, &days);
    jsonw_object(json);
    jsonw_key_string(json, "provider", table->provider);
    jsonw_key_string(json, "title", table->title);
    jsonw_key_string(json, "currency", STR("USD"));
    jsonw_key_string(json, "date", table->date);
    jsonw_key(json, "age_days");
    jsonw_i64(json, days);
    jsonw_key_string(json, "file", table->file);
    write_gpus(json, catalogue, table);
    for (size_t i = 0; i < AMOUNTS; i++) {
        if (!amount_of(table, i)->sold) {
            jsonw_key_null(json, amounts[i].key);
            continue;
        }
        jsonw_key_object(json, amounts[i].key);
        write_amount(json, amount_of(table, i));
        jsonw_end(json);
    }
    write_rules(json, table);
    jsonw_end(json);
}

/* Text */

static const struct column amount_columns[] = {
    {"", COLUMN_LEFT, 0},        {"USD", COLUMN_LEFT, 0},      {"unit", COLUMN_LEFT, 0},   {"an hour", COLUMN_RIGHT, 0},
    {"memory", COLUMN_RIGHT, 0}, {"at most", COLUMN_RIGHT, 0}, {"source", COLUMN_LEFT, 0},
};
enum { AMOUNT_COLUMNS = sizeof(amount_columns) / sizeof(amount_columns[0]) };

/* All digits that the file has: 0.001097, not 0.00110. */
static struct str exact(struct arena *arena, double usd)
{
    struct str text = arena_printf(arena, "%.12f", usd);
    while (text.len && text.ptr[text.len - 1] == '0')
        text.len--;
    if (text.len && text.ptr[text.len - 1] == '.')
        text.len--;
    return text;
}

static void add_amount(struct document *document, struct table *rows, struct str label,
                       const struct price_amount *amount, const struct gpu *gpu, uint32_t most)
{
    struct arena *arena = document->arena;
    bool by_time = str_ends_with(amount->unit, STR("-second")) || str_ends_with(amount->unit, STR("-hour"));
    struct str cells[AMOUNT_COLUMNS] = {
        label,
        exact(arena, amount->as_written),
        amount->unit,
        by_time ? document_usd(document, amount->usd * 3600) : STR(""),
        gpu ? arena_printf(arena, "%.0f GB", (double)gpu->memory_bytes / 1e9) : STR(""),
        most ? arena_printf(arena, "%u", most) : STR(""),
        amount->source->id,
    };
    for (size_t i = 0; i < AMOUNT_COLUMNS; i++)
        table_add_str(document, rows, STYLE_PLAIN, cells[i]);
}

static void show_amounts(struct document *document, struct section *section, const struct catalogue *catalogue,
                         const struct price_table *table)
{
    struct table *rows = section_table(document, section, false, amount_columns, AMOUNT_COLUMNS);
    rows->show_titles = true;
    for (size_t i = 0; i < table->gpus.len; i++) {
        const struct price_gpu *row = &table->gpus.items[i];
        add_amount(document, rows, row->name, &row->amount, catalogue_gpu(catalogue, row->name), row->most);
    }
    for (size_t i = 0; i < AMOUNTS; i++) {
        if (amount_of(table, i)->sold)
            add_amount(document, rows, str_of(amounts[i].label), amount_of(table, i), NULL, 0);
    }
}

static const struct column rule_columns[] = {
    {"rule", COLUMN_LEFT, 0}, {"", COLUMN_LEFT, 0}, {"source", COLUMN_LEFT, 0}};

struct rules {
    struct document *document;
    struct table *rows;
};

static void rule(struct rules *rules, const char *name, const struct price_rule *rule, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* A row, where the table has the rule. */
static void rule(struct rules *rules, const char *name, const struct price_rule *rule, const char *format, ...)
{
    if (!rule->source)
        return;
    struct buf text = {0};
    va_list args;
    va_start(args, format);
    buf_addv(&text, format, args);
    va_end(args);
    table_add(rules->document, rules->rows, STYLE_PLAIN, "%s", name);
    table_add_str(rules->document, rules->rows, STYLE_PLAIN, arena_copy(rules->document->arena, buf_str(&text)));
    table_add_str(rules->document, rules->rows, STYLE_PLAIN, rule->source->id);
    buf_release(&text);
}

static void show_rules(struct document *document, struct section *section, const struct price_table *table)
{
    struct rules rules = {document, section_table(document, section, false, rule_columns, 3)};
    const char *billed = table->bills_use ? "the larger of request and use" : "the request";
    rules.rows->show_titles = true;
    if (table->cpu.sold)
        rule(&rules, "CPU", &table->billed_rule, "%s, at least %g core", billed, table->cpu_least);
    if (table->memory_most_mib)
        rule(&rules, "memory", &table->billed_rule, "%s, %g to %g MiB", billed, table->memory_least_mib,
             table->memory_most_mib);
    else
        rule(&rules, "memory", &table->billed_rule, "%s, at least %g MiB", billed, table->memory_least_mib);
    if (table->mib_per_vcpu)
        rule(&rules, "CPU", &table->vcpu_rule, "comes with memory: a virtual CPU for each %g MiB", table->mib_per_vcpu);
    if (table->time_step_s > 0)
        rule(&rules, "time", &table->billed_rule, "rounded up to %g ms", table->time_step_s * 1e3);
    rule(&rules, "start-up", &table->startup_rule, table->startup_billed ? "billed" : "not billed");
    if (table->idle_billed)
        rule(&rules, "idle", &table->idle_rule, "billed, for %g s after the last call or as the app says",
             table->idle_window_s);
    else
        rule(&rules, "idle", &table->idle_rule, "not billed");
    if (table->disk_per_memory)
        rule(&rules, "disk", &table->disk_rule, "asking for %g MiB asks for 1 MiB of memory", table->disk_per_memory);
    else
        rule(&rules, "disk", &table->disk_rule, "the first %g MiB are free", table->disk_free_mib);
    rule(&rules, "region", &table->region_rule, "everything x %g when pinned broadly, x %g narrowly",
         table->region_broad, table->region_narrow);
    rule(&rules, "nonpreemptible", &table->nonpreemptible_rule, "CPU and memory x %g; not with a GPU",
         table->nonpreemptible);
}

/* Lines and no table: an address that is cut is none. */
static void show_sources(struct document *document, struct section *section, const struct price_table *table)
{
    for (size_t i = 0; i < table->sources.len; i++) {
        const struct price_source *source = &table->sources.items[i];
        section_line(document, section, false, STYLE_DETAIL, "%.*s, read %.*s: %.*s", STR_ARG(source->id),
                     STR_ARG(source->date), STR_ARG(source->where));
    }
}

static void show_table(struct document *document, const struct catalogue *catalogue, const struct price_table *table,
                       double now)
{
    int64_t days = 0;
    price_age_days(table->date, now, &days);
    struct section *section = document_section(document, arena_cstr(document->arena, table->title));
    section_head(document, section, STYLE_ANSWER, "prices of %.*s", STR_ARG(table->date));
    section_head(document, section, STYLE_PLAIN, "%lld days old, %.*s", (long long)days, STR_ARG(table->file));
    show_amounts(document, section, catalogue, table);
    show_rules(document, section, table);
    show_sources(document, section, table);
}

static int show(struct cmd_call *call, const struct args *args, const struct opt_words *words, struct err *err)
{
    struct cmd_money money = {.prices = args->prices};
    struct catalogue catalogue;
    int rc = cmd_load_prices(call->arena, &money, &catalogue, err);
    if (rc)
        return rc;
    struct str provider = words->len > 1 ? str_of(words->items[1]) : STR("");
    if (provider.len && !catalogue_table(&catalogue, provider)) {
        err_set(err, ERR_INPUT, "there are no prices of a provider '%.*s'", STR_ARG(provider));
        return err_hint(err, "coldspot prices show   lists all there are");
    }
    struct document document;
    struct jsonw json;
    document_init(&document, call->arena);
    jsonw_init(&json, &document.json, true);
    jsonw_object(&json);
    jsonw_key_u64(&json, "schema_version", 1);
    jsonw_key_array(&json, "prices");
    for (size_t i = 0; i < catalogue.tables.len; i++) {
        const struct price_table *table = catalogue.tables.items[i];
        if (provider.len && table != catalogue_table(&catalogue, provider))
            continue;
        show_table(&document, &catalogue, table, now_s(call));
        write_table(&json, &catalogue, table, now_s(call));
    }
    jsonw_end(&json);
    jsonw_end(&json);
    rc = cmd_answer(&args->output, &document, err);
    document_release(&document);
    return rc ? rc : EXIT_FINE;
}

/* What check has looked at. */
struct checker {
    struct cmd_call *call;
    const struct args *args;
    struct document *document;
    struct section *section;
    struct jsonw json;
    unsigned errors, warnings;
};

static void check_problem(struct checker *checker, bool is_warning, struct str text)
{
    *(is_warning ? &checker->warnings : &checker->errors) += 1;
    section_line(checker->document, checker->section, false, is_warning ? STYLE_DETAIL : STYLE_INVESTIGATE, "%s  %.*s",
                 is_warning ? "warning" : "error  ", STR_ARG(text));
    jsonw_object(&checker->json);
    jsonw_key_string(&checker->json, "severity", is_warning ? STR("warn") : STR("error"));
    jsonw_key_string(&checker->json, "message", text);
    jsonw_end(&checker->json);
}

static void check_age(struct checker *checker, struct str what, struct str date, struct str where)
{
    int64_t days;
    struct arena *arena = checker->call->arena;
    if (!price_age_days(date, now_s(checker->call), &days))
        return;
    if (days < 0)
        check_problem(checker, true,
                      arena_printf(arena, "%.*s: its date %.*s is in the future", STR_ARG(what), STR_ARG(date)));
    if (days > checker->args->max_age_days)
        check_problem(checker, true,
                      arena_printf(arena, "%.*s: read %lld days ago: compare it with %.*s", STR_ARG(what),
                                   (long long)days, STR_ARG(where)));
}

/* Sources of amounts and the table itself grow old; rules are announced when they change. */
static void check_ages(struct checker *checker, const struct price_table *table)
{
    for (size_t i = 0; i < table->sources.len; i++) {
        const struct price_source *source = &table->sources.items[i];
        bool of_amount = source == table->cpu.source || source == table->memory.source;
        for (size_t g = 0; g < table->gpus.len; g++)
            of_amount |= table->gpus.items[g].amount.source == source;
        if (of_amount)
            check_age(checker, arena_printf(checker->call->arena, "sources.%.*s", STR_ARG(source->id)), source->date,
                      source->where);
    }
}

static void check_table(struct checker *checker, const struct price_table *table, const struct price_problems *problems)
{
    unsigned errors = checker->errors;
    checker->section = document_section(checker->document, "");
    section_head(checker->document, checker->section, STYLE_ANSWER, "%.*s", STR_ARG(table->file));
    jsonw_object(&checker->json);
    jsonw_key_string(&checker->json, "file", table->file);
    jsonw_key_string(&checker->json, "provider", table->provider);
    jsonw_key_array(&checker->json, "problems");
    for (size_t i = 0; i < problems->len; i++)
        check_problem(checker, problems->items[i].is_warning, problems->items[i].text);
    check_ages(checker, table);
    jsonw_end(&checker->json);
    jsonw_key_bool(&checker->json, "usable", checker->errors == errors);
    jsonw_end(&checker->json);
    if (checker->errors == errors)
        section_head(checker->document, checker->section, STYLE_GOOD, "ok: %.*s, %zu GPUs, prices of %.*s",
                     STR_ARG(table->title), table->gpus.len, STR_ARG(table->date));
}

static int check_path(struct checker *checker, const struct catalogue *catalogue, const char *path, struct err *err)
{
    struct price_problems problems = {0};
    struct price_table *table;
    int rc = price_read_file(checker->call->arena, catalogue, path, &table, &problems, err);
    if (!rc)
        check_table(checker, table, &problems);
    return rc;
}

/* The files that were named; with none, the built-in tables and all of the user's directory. */
static int check_all(struct checker *checker, const struct opt_words *words, struct err *err)
{
    struct arena *arena = checker->call->arena;
    struct catalogue catalogue;
    int rc = catalogue_load(arena, NULL, NULL, &catalogue, err);
    if (rc)
        return rc;
    for (size_t i = 1; !rc && i < words->len; i++)
        rc = check_path(checker, &catalogue, words->items[i], err);
    if (words->len > 1)
        return rc;
    for (size_t i = 0; i < catalogue.tables.len; i++)
        check_table(checker, catalogue.tables.items[i], &(struct price_problems){0});
    struct price_paths paths = {0};
    const char *directory = catalogue_user_directory(arena);
    if (directory)
        rc = catalogue_list(arena, directory, &paths, err);
    for (size_t i = 0; !rc && i < paths.len; i++)
        rc = check_path(checker, &catalogue, paths.items[i], err);
    if (!rc && checker->args->prices)
        rc = check_path(checker, &catalogue, checker->args->prices, err);
    return rc;
}

static int check(struct cmd_call *call, const struct args *args, const struct opt_words *words, struct err *err)
{
    struct document document;
    document_init(&document, call->arena);
    struct checker checker = {.call = call, .args = args, .document = &document};
    jsonw_init(&checker.json, &document.json, true);
    jsonw_object(&checker.json);
    jsonw_key_u64(&checker.json, "schema_version", 1);
    jsonw_key_array(&checker.json, "files");
    int rc = check_all(&checker, words, err);
    jsonw_end(&checker.json);
    jsonw_key_u64(&checker.json, "errors", checker.errors);
    jsonw_key_u64(&checker.json, "warnings", checker.warnings);
    jsonw_end(&checker.json);
    if (!rc)
        rc = cmd_answer(&args->output, &document, err);
    document_release(&document);
    return rc ? rc : checker.errors ? EXIT_FINDINGS : EXIT_FINE;
}

static int run_prices(struct cmd_call *call, struct err *err)
{
    struct args args = {.max_age_days = 180};
    struct opt_words words;
    int rc = cmd_parse(call, (void *[]){&args, &args.output}, 2, &words, err);
    if (rc)
        return rc;
    const char *verb = words.len ? words.items[0] : "show";
    if (strcmp(verb, "show") == 0)
        return show(call, &args, &words, err);
    if (strcmp(verb, "check") == 0)
        return check(call, &args, &words, err);
    err_set(err, ERR_USAGE, "prices does not know '%s'", verb);
    return err_hint(err, "it knows: coldspot prices show [PROVIDER], coldspot prices check [FILE...]");
}

const struct command command_prices = {
    .name = "prices",
    .summary = "the rates that money is computed from, with their sources",
    .usage = "[OPTIONS] [show [PROVIDER] | check [FILE...]]",
    .details = "show lists every rate and billing rule with its source and the day it was read there.  check says what "
               "is wrong\n"
               "with price files: the named ones, or the built-in ones and those in $XDG_CONFIG_HOME/coldspot/prices; "
               "it ends\n"
               "with 1 when a file cannot be used.",
    .examples = "  coldspot prices\n"
                "  coldspot prices show modal --json\n"
                "  coldspot prices check",
    .words = "show|check",
    .tables = {{NULL, prices_opts}, {"Output", cmd_output_opts}},
    .run = run_prices,
};
