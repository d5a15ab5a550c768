/* `coldspot run`: measure a target and say where its cold start and its warm calls go, in time and money. */
#include "cmd/run.h"

#include "base/jsonw.h"
#include "base/units.h"
#include "cmd/budgets.h"
#include "cmd/findings.h"

struct args {
    const char *fail_on;
    struct measure_options measure;
    struct cmd_money money;
    struct cmd_output output;
};

static const struct opt run_opts[] = {
    {0, "fail-on", OPT_CHOICE, offsetof(struct args, fail_on), "error|warn|info|never",
     "exit 1 with findings of this severity or above (default never)", 0, 0},
    {0},
};

static void add_warnings(struct arena *arena, struct measured *measured)
{
    if (measured->calls_is_local)
        *array_push(arena, &measured->warnings) = STR(
            "the app asks modal.is_local(): here it is True, on the platform it is not");
}

int run_report_make(struct cmd_call *call, struct measured *measured, const struct cmd_money *options,
                    struct run_answer *answer, struct err *err)
{
    bool command = str_equals(measured->run.target.kind, STR("command"));
    add_warnings(call->arena, measured);
    summary_make(call->arena, &measured->run, &answer->summary);
    answer->report = (struct run_report){.run = &measured->run,
                                         .summary = &answer->summary,
                                         .warnings = measured->warnings.items,
                                         .n_warnings = measured->warnings.len};
    if (command) {
        budgets_make(call, measured, answer);
        return 0;
    }
    int rc = cmd_load_prices(call->arena, options, &answer->catalogue, err);
    if (rc)
        return rc;
    answer->settings = cmd_price_settings(&measured->run.target, options);
    rc = run_money_make(call->arena, &answer->catalogue, &answer->settings, &answer->summary, &answer->money, err);
    answer->report.money = rc ? NULL : &answer->money;
    budgets_make(call, measured, answer);
    return rc;
}

/* What to do next: the costliest finding, and where the rest is. */
static void add_next(struct cmd_call *call, struct run_answer *answer, const char *store)
{
    struct str *next = answer->report.next, id = answer->report.run->id;
    const struct findings *findings = answer->report.findings;
    if (!findings || !findings->len || findings->items[0].severity < SEVERITY_WARN)
        return;
    const struct finding *first = &findings->items[0];
    struct buf line = {0};
    buf_add(&line, first->message);
    if (finding_saving_s(first) > 0) {
        buf_add(&line, STR(": "));
        units_add_duration(&line, finding_saving_s(first));
        buf_add(&line, STR(" of each cold start"));
    }
    next[0] = arena_copy(call->arena, buf_str(&line));
    next[1] = arena_printf(call->arena, "coldspot diagnose --run %.*s%s%s", STR_ARG(id), store ? " --store " : "",
                           store ? store : "");
    buf_release(&line);
}

static int answer_run(struct cmd_call *call, struct measured *measured, const struct args *args, struct err *err)
{
    struct run_answer answer = {0};
    struct document document;
    document_init(&document, call->arena);
    int rc = run_report_make(call, measured, &args->money, &answer, err);
    struct run_findings found = {0};
    if (!rc && answer.summary.start)
        rc = run_find(call, &answer, 0, NULL, true, &found, err);
    if (!rc && answer.summary.start)
        add_next(call, &answer, args->measure.store);
    if (!rc) {
        document.findings = answer.report.findings;
        document.budgets = answer.report.budgets;
        struct jsonw json;
        jsonw_init(&json, &document.json, true);
        jsonw_object(&json);
        run_report_json(&json, &answer.report);
        jsonw_end(&json);
        run_report_sections(&document, &answer.report);
        rc = cmd_answer(&args->output, &document, err);
    }
    document_release(&document);
    run_findings_release(&found);
    if (!rc && args->fail_on && answer.report.findings && findings_fail(answer.report.findings, args->fail_on))
        return EXIT_FINDINGS;
    return budgets_exit_code(&answer, rc);
}

static int run_run(struct cmd_call *call, struct err *err)
{
    struct args args = {.measure = measure_defaults()};
    struct opt_words words;
    struct measured measured;
    int rc = cmd_parse(call, (void *const[]){&args, &args.measure, &args.money, &args.output}, 4, &words, err);
    if (rc)
        return rc;
    int measure_rc = measure(call, &args.measure, &words, args.output.quiet, &measured, err);
    if (!measured.has_run)
        return measure_rc;
    struct err answer_err = {0};
    rc = answer_run(call, &measured, &args, measure_rc ? &answer_err : err);
    err_release(&answer_err);
    return measure_rc ? measure_rc : rc;
}

const struct command command_run = {
    .name = "run",
    .summary = "measure a function: where its cold start and its warm calls go",
    .usage = "[OPTIONS] TARGET | [OPTIONS] -- COMMAND ARGS",
    .details =
        "TARGET is app.py::function, app.py::Class.method, module:function, or app.py alone when it has one function.\n"
        "Each cold start is a fresh process. What was measured is kept in the store, also when the function fails.",
    .examples = "  coldspot run examples/embed/app.py::Embedder.embed --cold 5 --warm 20 --input '[\"hello\"]'\n"
                "  coldspot run --cold 3 -- python3 -c 'import json'",
    .tables = {{NULL, run_opts}, {"Measuring", measure_opts}, {"Money", cmd_money_opts}, {"Output", cmd_output_opts}},
    .run = run_run,
};
