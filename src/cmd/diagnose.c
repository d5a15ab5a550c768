/* `coldspot diagnose`: measure a target (or take a run from the store), find what is worth changing, and say what it saves. */
#include "cmd/budgets.h"
#include "cmd/diagnose_plan.h"
#include "cmd/findings.h"
#include "present/checklist.h"
#include "present/diagnosis.h"
#include "store/store.h"

struct diagnose_options {
    const char *run;
    struct diagnose_traffic traffic;
    bool checklist;
};

static const struct opt diagnose_opts[] = {
    {0, "run", OPT_STR, offsetof(struct diagnose_options, run), "ID",
     "judge this run of the store instead of measuring", 0, 0},
    {0, "per-day", OPT_F64, offsetof(struct diagnose_options, traffic.per_day), "N",
     "calls a day: what a month costs, and which settings are best for it", 0, 1e12},
    {0, "rate", OPT_STR, offsetof(struct diagnose_options, traffic.rate), "RATE", "the same as 8.5/s or 200/min", 0, 0},
    {0, "trace", OPT_STRS, offsetof(struct diagnose_options, traffic.traces), "FILE",
     "arrivals, as for plan: which settings are best for them", 0, 0},
    {0, "columns", OPT_STR, offsetof(struct diagnose_options, traffic.columns), "MAP",
     "which column of the trace is what: time=A", 0, 0},
    {0, "slo", OPT_STRS, offsetof(struct diagnose_options, traffic.slos), "PROMISE",
     "what settings must keep: 'p99 < 2s' (default: today's p99)", 0, 0},
    {0, "checklist", OPT_FLAG, offsetof(struct diagnose_options, checklist), NULL,
     "every item of the optimization checklist for this function", 0, 0},
    {0},
};

struct args {
    struct diagnose_options diagnose;
    struct check_options check;
    struct measure_options measure;
    struct cmd_money money;
    struct cmd_output output;
};

/* What one answer is made of. */
struct parts {
    struct diagnosis diagnosis;
    struct diagnose_scaling scaling;
    struct checklist checklist;
    struct str plan_command;
};

/* The settings for the traffic, as a member "plan" and as a section. */
static void add_plan(const struct parts *parts, struct jsonw *json, struct document *document)
{
    struct buf text = {0};
    plan_report_json(parts->scaling.report, &text);
    jsonw_key(json, "plan");
    jsonw_raw(json, buf_str(&text));
    plan_report_brief(parts->scaling.report, parts->plan_command.ptr, document);
    buf_release(&text);
}

/* "Checklist: 13 ok, 4 findings, 2 not measured (--checklist)." */
static void add_counts(const struct checklist *checklist, struct document *document)
{
    size_t counts[CHECKLIST_NOT_APPLICABLE + 1] = {0};
    for (size_t i = 0; i < checklist->len; i++)
        counts[checklist->items[i].status]++;
    if (checklist->len)
        section_line(document, document_section(document, ""), false, STYLE_DETAIL,
                     "Checklist: %zu ok, %zu finding%s, %zu not measured (--checklist).", counts[CHECKLIST_OK],
                     counts[CHECKLIST_FINDING], counts[CHECKLIST_FINDING] == 1 ? "" : "s",
                     counts[CHECKLIST_NOT_MEASURED]);
}

static int print(const struct args *args, const struct parts *parts, struct document *document, struct err *err)
{
    const struct diagnosis *diagnosis = &parts->diagnosis;
    struct jsonw json;
    document->findings = diagnosis->report->findings;
    document->budgets = diagnosis->report->budgets;
    jsonw_init(&json, &document->json, true);
    jsonw_object(&json);
    run_report_json(&json, diagnosis->report);
    diagnosis_json(&json, diagnosis);
    diagnosis_sections(document, diagnosis);
    checklist_json(&json, &parts->checklist);
    if (parts->scaling.report)
        add_plan(parts, &json, document);
    if (args->diagnose.checklist)
        checklist_sections(document, &parts->checklist);
    else
        add_counts(&parts->checklist, document);
    jsonw_end(&json);
    return cmd_answer(&args->output, document, err);
}

/* The rows of the function that was measured; the app's other functions are not what was asked about. */
static void make_checklist(struct cmd_call *call, const struct run *run, const struct run_findings *found,
                           struct parts *parts)
{
    const struct app_function *function = diagnose_function(&found->app, run->target.function);
    struct findings all = {0};
    struct checklist whole;
    if (!function)
        return;
    struct checklist_known known = {
        .function = function->name,
        .measured = arena_printf(call->arena, "measured, run %.*s", STR_ARG(run->id)),
        .traffic = parts->scaling.report
                       ? arena_printf(call->arena, "simulated: %.*s", STR_ARG(parts->scaling.report->source))
                       : STR(""),
    };
    for (size_t i = 0; i < found->findings.len; i++)
        *array_push(call->arena, &all) = found->findings.items[i];
    for (size_t i = 0; i < found->app.others.len; i++)
        *array_push(call->arena, &all) = found->app.others.items[i];
    checklist_make(call->arena, &found->app.checked.source, &all, &known, NULL, &whole);
    for (size_t i = 0; i < whole.len; i++) {
        if (str_equals(whole.items[i].function, function->name))
            *array_push(call->arena, &parts->checklist) = whole.items[i];
    }
}

static int answer_with(struct cmd_call *call, const struct args *args, struct run_answer *answer, struct err *err)
{
    struct run_findings found;
    struct parts parts = {0};
    const struct diagnose_traffic *traffic = &args->diagnose.traffic;
    const struct run *run = answer->report.run;
    int rc = run_find(call, answer, traffic->per_day, &args->check, args->output.quiet, &found, err);
    if (!rc)
        rc = diagnose_plan(call, traffic, run, args->measure.store, &args->money, &found.app, args->output.quiet,
                           &parts.scaling, err);
    if (!rc) {
        diagnose_app_add(call->arena, &found.app, &parts.scaling.findings, &found.findings);
        make_checklist(call, run, &found, &parts);
        parts.plan_command = diagnose_plan_command(call->arena, traffic, run);
        parts.diagnosis = (struct diagnosis){&answer->report, &found.joint,     &found.app.others,
                                             found.app_path,  traffic->per_day, RUN_COLD_FRACTION};
        struct document document;
        document_init(&document, call->arena);
        rc = print(args, &parts, &document, err);
        document_release(&document);
    }
    run_findings_release(&found);
    return rc ? rc : budgets_exit_code(answer, check_exit_code(&args->check, &found.findings));
}

static int answer(struct cmd_call *call, const struct args *args, struct measured *measured, struct err *err)
{
    struct run_answer answer = {0};
    int rc = run_report_make(call, measured, &args->money, &answer, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < answer.report.n_warnings; i++)
        cmd_note(args->output.quiet, "%.*s", STR_ARG(answer.report.warnings[i]));
    const struct run_start *start = answer.summary.start;
    if (!start || (start->outcome != RUN_OK && start->invocations.len < 2))
        return err_set(err, ERR_INPUT, "no start of run %.*s got through its first call", STR_ARG(measured->run.id));
    return answer_with(call, args, &answer, err);
}

static int from_store(struct cmd_call *call, const struct args *args, struct measured *measured_out, struct err *err)
{
    struct store *store;
    *measured_out = (struct measured){0};
    int rc = store_open(store_directory(call->arena, args->measure.store).ptr, &store, err);
    if (rc)
        return rc;
    rc = store_load_run(store, call->arena, str_of(args->diagnose.run), STORE_ALL, &measured_out->run, err);
    measured_out->has_run = rc == 0;
    store_close(store);
    return rc;
}

static int run_diagnose(struct cmd_call *call, struct err *err)
{
    struct args args = {.measure = measure_defaults()};
    struct opt_words words;
    struct measured measured;
    int rc = cmd_parse(call, (void *const[]){&args.diagnose, &args.check, &args.measure, &args.money, &args.output}, 5,
                       &words, err);
    if (rc)
        return rc;
    if (args.diagnose.run && (words.len || words.command))
        return err_set(err, ERR_USAGE, "either --run ID or a target to measure, not both");
    struct rules rules; /* a misspelt one is known before anything is measured */
    rc = check_rules(call->arena, &args.check, &rules, err);
    if (rc && call->settings)
        err_hint(err, "settings come from %s", call->settings);
    if (!rc)
        rc = args.diagnose.run ? from_store(call, &args, &measured, err)
                               : measure(call, &args.measure, &words, args.output.quiet, &measured, err);
    return rc ? rc : answer(call, &args, &measured, err);
}

const struct command command_diagnose = {
    .name = "diagnose",
    .summary = "measure a function and say what to change, and what that saves",
    .usage = "[OPTIONS] TARGET | --run ID",
    .details =
        "TARGET is as for run. What is worth changing is numbered, the largest saving first; a function with\n"
        "nothing to change is told so in the first line. Savings come from playing the measured starts back without\n"
        "what the change takes away; all changes together are played back apart from that: their savings overlap.",
    .examples = "  coldspot diagnose examples/embed/app.py::Embedder.embed --input '[\"hello\"]' --per-day 20000\n"
                "  coldspot diagnose examples/plain/stats.py::summary --input '[[3, 1, 4]]' --fail-on warn",
    .also_settings = "check run",
    .tables = {{NULL, diagnose_opts},
               {"Rules", check_options_opts},
               {"Measuring", measure_opts},
               {"Money", cmd_money_opts},
               {"Output", cmd_output_opts}},
    .run = run_diagnose,
};
