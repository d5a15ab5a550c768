/* `coldspot compare A B`: two runs of the store, or two targets or commands measured now, interleaved. */
#include <string.h>

#include "base/jsonw.h"
#include "cmd/budgets.h"
#include "cmd/run.h"
#include "diagnose/compare.h"
#include "store/store.h"

struct args {
    struct measure_options measure;
    struct cmd_money money;
    struct cmd_output output;
    struct opt_strs commands;
    bool strict;
    uint32_t seed;
};

static const struct opt compare_opts[] = {
    {0, "command", OPT_STRS, offsetof(struct args, commands), "'COMMAND'", "a command line in place of a target; twice",
     0, 0},
    {0, "strict", OPT_FLAG, offsetof(struct args, strict), NULL,
     "exit 4 when a verdict is inconclusive, 1 when one is worse", 0, 0},
    {0, "seed", OPT_U32, offsetof(struct args, seed), "N", "of the resampling (default 1)", 0, 4294967295.0},
    {0},
};

struct side {
    struct measured measured;
    struct run_answer answer;
    struct opt_words words;
    struct measure *measure;
};

/* ---- measuring both, in turn ---- */

static void set_words(struct cmd_call *call, struct side *side, const char *target, const char *command)
{
    const char **items = arena_array(call->arena, const char *, 2);
    items[0] = target;
    side->words = (struct opt_words){items, target != NULL, NULL};
    if (!command)
        return;
    char **argv = arena_array(call->arena, char *, 4);
    argv[0] = (char *)"/bin/sh";
    argv[1] = (char *)"-c";
    argv[2] = (char *)command;
    side->words.command = argv;
}

/* A pair a round, the first of it taking turns, so that a drift of the machine favours neither. */
static int measure_rounds(struct side sides[2], struct err *err)
{
    for (unsigned round = 0; measure_wants_more(sides[0].measure) && measure_wants_more(sides[1].measure); round++) {
        for (unsigned i = 0; i < 2; i++) {
            int rc = measure_next(sides[(round + i) % 2].measure, err);
            if (rc)
                return rc;
        }
    }
    return 0;
}

static int measure_both(struct cmd_call *call, const struct args *args, struct side sides[2], struct err *err)
{
    struct measure_signals signals;
    measure_catch_signals(&signals);
    int rc = 0;
    unsigned opened = 0;
    for (; opened < 2 && !rc; opened++)
        rc = measure_open(call, &args->measure, &sides[opened].words, args->output.quiet, &sides[opened].measured,
                          &sides[opened].measure, err);
    if (!rc)
        rc = measure_rounds(sides, err);
    while (opened-- > 0)
        rc = measure_close(sides[opened].measure, rc, err);
    measure_restore_signals(&signals);
    return rc;
}

/* ---- runs of the store ---- */

static int load_both(struct cmd_call *call, const struct args *args, const struct opt_words *words,
                     struct side sides[2], struct err *err)
{
    struct store *store;
    int rc = store_open(store_directory(call->arena, args->measure.store).ptr, &store, err);
    if (rc)
        return rc;
    for (unsigned i = 0; i < 2 && !rc; i++)
        rc = store_load_run(store, call->arena, str_of(words->items[i]), STORE_ALL, &sides[i].measured.run, err);
    store_close(store);
    return rc;
}

/* A word that names a file or a module's function is a target, anything else a run. */
static bool is_target(const char *word)
{
    return strchr(word, ':') || strchr(word, '/') || str_ends_with(str_of(word), STR(".py"));
}

static int get_sides(struct cmd_call *call, const struct args *args, const struct opt_words *words,
                     struct side sides[2], struct err *err)
{
    size_t given = words->len + args->commands.len;
    if (given != 2 || words->command) {
        err_set(err, ERR_USAGE, "compare needs two runs, two targets, or --command twice");
        return err_hint(err, "two runs of the store: coldspot history lists them");
    }
    if (words->len == 2 && !is_target(words->items[0]) && !is_target(words->items[1]))
        return load_both(call, args, words, sides, err);
    for (size_t i = 0; i < 2; i++) {
        const char *target = i < words->len ? words->items[i] : NULL;
        set_words(call, &sides[i], target, target ? NULL : args->commands.items[i - words->len]);
    }
    return measure_both(call, args, sides, err);
}

/* ---- the answer ---- */

static struct str value_text(struct document *document, enum compare_unit unit, double value)
{
    switch (unit) {
    case COMPARE_SECONDS:
        return document_duration(document, value);
    case COMPARE_BYTES:
        return document_size(document, value);
    default:
        return document_usd(document, value);
    }
}

static struct str signed_text(struct document *document, enum compare_unit unit, double value)
{
    struct str text = value_text(document, unit, value);
    return value > 0 ? arena_printf(document->arena, "+%.*s", STR_ARG(text)) : text;
}

static const struct column columns[] = {{"", COLUMN_LEFT, 0},
                                        {"before", COLUMN_RIGHT, 0},
                                        {"after", COLUMN_RIGHT, 0},
                                        {"difference", COLUMN_RIGHT, 0},
                                        {"95 % interval", COLUMN_LEFT, 0, 1},
                                        {"verdict", COLUMN_LEFT, 0}};
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static void add_metric(struct document *document, struct table *table, const struct compare_metric *metric)
{
    static const enum style styles[] = {[VERDICT_BETTER] = STYLE_GOOD,
                                        [VERDICT_WORSE] = STYLE_INVESTIGATE,
                                        [VERDICT_SAME] = STYLE_PLAIN,
                                        [VERDICT_INCONCLUSIVE] = STYLE_DETAIL};
    table_add(document, table, STYLE_PLAIN, "%s", metric->words);
    table_add_str(document, table, STYLE_PLAIN, value_text(document, metric->unit, metric->before));
    table_add_str(document, table, STYLE_PLAIN, value_text(document, metric->unit, metric->after));
    table_add_str(document, table, STYLE_ANSWER, signed_text(document, metric->unit, metric->difference));
    table_add(document, table, STYLE_DETAIL, "[%.*s, %.*s]",
              STR_ARG(signed_text(document, metric->unit, metric->interval.low)),
              STR_ARG(signed_text(document, metric->unit, metric->interval.high)));
    table_add(document, table, styles[metric->verdict], "%s", verdict_name(metric->verdict));
}

static void add_reasons(struct document *document, const struct compare_reasons *reasons, bool inputs_differ)
{
    enum { SHOWN_MOST = 5 };
    struct section *section = NULL;
    for (size_t i = 0; i < reasons->len && i < SHOWN_MOST; i++) {
        section = section ? section : document_section(document, "Why");
        section_line(document, section, true, STYLE_PLAIN, "%.*s: %.*s", STR_ARG(reasons->items[i].text),
                     STR_ARG(signed_text(document, COMPARE_SECONDS, reasons->items[i].difference_s)));
    }
    if (inputs_differ)
        section_line(document, document_section(document, "Note"), true, STYLE_INVESTIGATE,
                     "the inputs differ: the two sides did not do the same work");
}

static void write_metric(struct jsonw *json, const struct compare_metric *metric)
{
    jsonw_object(json);
    jsonw_key_string(json, "name", str_of(metric->name));
    jsonw_key_f64(json, "before", metric->before);
    jsonw_key_f64(json, "after", metric->after);
    jsonw_key_f64(json, "difference", metric->difference);
    jsonw_key_array(json, "interval");
    jsonw_f64(json, metric->interval.low);
    jsonw_f64(json, metric->interval.high);
    jsonw_end(json);
    jsonw_key_string(json, "verdict", str_of(verdict_name(metric->verdict)));
    jsonw_end(json);
}

/* What is said of two runs. */
struct compared {
    struct compare_metrics metrics;
    struct compare_reasons reasons;
    struct budget_results budgets;
    bool inputs_differ;
};

static void write_json(struct document *document, const struct side sides[2], const struct compared *compared)
{
    const struct compare_metrics *metrics = &compared->metrics;
    const struct compare_reasons *reasons = &compared->reasons;
    struct jsonw json;
    jsonw_init(&json, &document->json, true);
    jsonw_object(&json);
    jsonw_key_u64(&json, "schema_version", 1);
    jsonw_key_string(&json, "before", sides[0].measured.run.id);
    jsonw_key_string(&json, "after", sides[1].measured.run.id);
    jsonw_key_array(&json, "metrics");
    for (size_t i = 0; i < metrics->len; i++)
        write_metric(&json, &metrics->items[i]);
    jsonw_end(&json);
    jsonw_key_array(&json, "why");
    for (size_t i = 0; i < reasons->len; i++) {
        jsonw_object(&json);
        jsonw_key_string(&json, "what", reasons->items[i].text);
        jsonw_key_f64(&json, "difference_s", reasons->items[i].difference_s);
        jsonw_end(&json);
    }
    jsonw_end(&json);
    jsonw_key_bool(&json, "inputs_differ", compared->inputs_differ);
    budgets_json(&json, &compared->budgets);
    jsonw_end(&json);
}

static int exit_code(const struct args *args, const struct compared *compared)
{
    const struct compare_metrics *metrics = &compared->metrics;
    if (budget_count(&compared->budgets, BUDGET_BROKEN))
        return EXIT_FINDINGS;
    int code = args->strict && budget_count(&compared->budgets, BUDGET_UNSURE) ? EXIT_INCONCLUSIVE : EXIT_FINE;
    for (size_t i = 0; args->strict && i < metrics->len; i++) {
        if (metrics->items[i].verdict == VERDICT_WORSE)
            return EXIT_FINDINGS;
        if (metrics->items[i].verdict == VERDICT_INCONCLUSIVE)
            code = EXIT_INCONCLUSIVE;
    }
    return code;
}

static int compare_sides(struct cmd_call *call, const struct args *args, struct side sides[2],
                         struct compared *compared_out, struct err *err)
{
    struct compare_side of[2];
    for (unsigned i = 0; i < 2; i++) {
        int rc = run_report_make(call, &sides[i].measured, &args->money, &sides[i].answer, err);
        if (rc)
            return rc;
        const struct run_report *report = &sides[i].answer.report;
        of[i] = (struct compare_side){report->run, report->summary, report->money ? &report->money->rate : NULL};
        if (!report->summary->start)
            return err_set(err, ERR_INPUT, "run %.*s has no start that got to the end of its first call",
                           STR_ARG(report->run->id));
    }
    struct rng rng;
    rng_init(&rng, args->seed);
    compared_out->metrics = compare_runs(call->arena, &of[0], &of[1], &rng);
    compared_out->reasons = compare_explain(call->arena, of[0].run, of[1].run);
    compared_out->inputs_differ = !str_equals(of[0].run->input_digest, of[1].run->input_digest);
    budgets_compare(call, &sides[1].measured, &sides[0].measured, &compared_out->metrics, &compared_out->budgets);
    return 0;
}

static int answer(struct cmd_call *call, const struct args *args, struct side sides[2], struct err *err)
{
    struct compared compared;
    int rc = compare_sides(call, args, sides, &compared, err);
    if (rc)
        return rc;
    struct document document;
    document_init(&document, call->arena);
    struct table *table = section_table(&document, document_section(&document, ""), false, columns, COLUMNS);
    table->show_titles = true;
    for (size_t i = 0; i < compared.metrics.len; i++)
        add_metric(&document, table, &compared.metrics.items[i]);
    budgets_section(&document, &compared.budgets);
    document.budgets = &compared.budgets;
    add_reasons(&document, &compared.reasons, compared.inputs_differ);
    write_json(&document, sides, &compared);
    rc = cmd_answer(&args->output, &document, err);
    document_release(&document);
    return rc ? rc : exit_code(args, &compared);
}

static int run_compare(struct cmd_call *call, struct err *err)
{
    struct args args = {.measure = measure_defaults(), .seed = 1};
    args.measure.cold = 20;
    args.measure.warm = 60;
    args.measure.max_time_s = 600;
    struct opt_words words;
    struct side *sides = arena_array(call->arena, struct side, 2);
    int rc = cmd_parse(call, (void *const[]){&args, &args.measure, &args.money, &args.output}, 4, &words, err);
    if (!rc)
        rc = get_sides(call, &args, &words, sides, err);
    return rc ? rc : answer(call, &args, sides, err);
}

const struct command command_compare = {
    .name = "compare",
    .summary = "two runs, targets or commands side by side: what changed, by how much, and why",
    .usage = "[OPTIONS] A B | [OPTIONS] --command 'A' --command 'B'",
    .details =
        "A and B are two runs of the store, or two targets, which are measured now, in turn (20 cold starts and 60 "
        "warm\n"
        "calls each). Better or worse: the 95 % interval excludes 0 and the difference is at least 2 %; same: the\n"
        "interval lies within 3 % of before; else inconclusive.",
    .examples = "  coldspot compare examples/embed/app.py::Embedder.embed examples/embed_fast/app.py::Embedder.embed "
                "--input '[\"hello\"]'\n"
                "  coldspot compare --command 'python3 -c pass' --command 'python3 -S -c pass' --cold 5",
    .tables = {{NULL, compare_opts},
               {"Measuring", measure_opts},
               {"Money", cmd_money_opts},
               {"Output", cmd_output_opts}},
    .run = run_compare,
};
