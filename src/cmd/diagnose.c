/* `coldspot diagnose`: measure a target (or take a run from the store), find what is worth changing, and say what it saves. */
#include "cmd/budgets.h"
#include "cmd/diagnose_plan.h"
#include "cmd/findings.h"
#include "present/diagnosis.h"
#include "store/store.h"

struct diagnose_options {
    const char *run;
    struct diagnose_traffic traffic;
};

static const struct opt diagnose_opts[] = {
    {0, "run", OPT_STR, offsetof(struct diagnose_options, run), "ID",
     "judge this run of the store instead of measuring", 0, 0},
    {0, "per-day", OPT_F64, offsetof(struct diagnose_options, traffic.per_day), "N",
     "calls a day: what a month costs, and which settings are best for it", 0, 1e12},
    {0, "trace", OPT_STRS, offsetof(struct diagnose_options, traffic.traces), "FILE",
     "arrivals, as for plan: which settings are best for them", 0, 0},
    {0, "columns", OPT_STR, offsetof(struct diagnose_options, traffic.columns), "MAP",
     "which column of the trace is what: time=A", 0, 0},
    {0, "slo", OPT_STRS, offsetof(struct diagnose_options, traffic.slos), "PROMISE",
     "what settings must keep: 'p99 < 2s' (default: today's p99)", 0, 0},
    {0},
};

struct args {
    struct diagnose_options diagnose;
    struct check_options check;
    struct measure_options measure;
    struct cmd_money money;
    struct cmd_output output;
};

/* The settings for the traffic, as a member "plan" and as a section. */
static void add_plan(const struct args *args, const struct diagnosis *diagnosis, const struct plan_report *plan,
                     struct jsonw *json, struct document *document)
{
    struct buf text = {0}, command = {0};
    plan_report_json(plan, &text);
    jsonw_key(json, "plan");
    jsonw_raw(json, buf_str(&text));
    buf_addf(&command, "coldspot plan --run %.*s", STR_ARG(diagnosis->report->run->id));
    for (size_t i = 0; i < args->diagnose.traffic.traces.len; i++)
        buf_addf(&command, " --trace %s", args->diagnose.traffic.traces.items[i]);
    if (!args->diagnose.traffic.traces.len)
        buf_addf(&command, " --per-day %.9g", args->diagnose.traffic.per_day);
    plan_report_brief(plan, buf_cstr(&command), document);
    buf_release(&text);
    buf_release(&command);
}

static int print(const struct args *args, const struct diagnosis *diagnosis, const struct plan_report *plan,
                 struct document *document, struct err *err)
{
    struct jsonw json;
    document->findings = diagnosis->report->findings;
    document->budgets = diagnosis->report->budgets;
    jsonw_init(&json, &document->json, true);
    jsonw_object(&json);
    run_report_json(&json, diagnosis->report);
    diagnosis_json(&json, diagnosis);
    diagnosis_sections(document, diagnosis);
    if (plan)
        add_plan(args, diagnosis, plan, &json, document);
    jsonw_end(&json);
    return cmd_answer(&args->output, document, err);
}

static int answer_with(struct cmd_call *call, const struct args *args, struct run_answer *answer, struct err *err)
{
    struct run_findings found;
    int rc = run_find(call, answer, args->diagnose.traffic.per_day, &args->check, args->output.quiet, &found, err);
    struct plan_report *plan = NULL;
    if (!rc)
        rc = diagnose_plan(call, &args->diagnose.traffic, answer->report.run, args->measure.store, &args->money,
                           &found.app, args->output.quiet, &plan, err);
    if (!rc) {
        struct diagnosis diagnosis = {
            &answer->report,  &found.joint, &found.app.others, found.app_path, args->diagnose.traffic.per_day,
            RUN_COLD_FRACTION};
        struct document document;
        document_init(&document, call->arena);
        rc = print(args, &diagnosis, plan, &document, err);
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
