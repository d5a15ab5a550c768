/* `coldspot diagnose`: measure a target (or take a run from the store), find what is worth changing, and say what it saves. */
#include <string.h>

#include "cmd/run.h"
#include "diagnose/measured.h"
#include "present/diagnosis.h"
#include "recommend/estimate.h"
#include "store/store.h"

/* Of the calls, where no trace says better. */
#define COLD_FRACTION 0.04

struct diagnose_options {
    const char *run, *fail_on;
    double per_day;
};

static const struct opt diagnose_opts[] = {
    {0, "run", OPT_STR, offsetof(struct diagnose_options, run), "ID",
     "judge this run of the store instead of measuring", 0, 0},
    {0, "per-day", OPT_F64, offsetof(struct diagnose_options, per_day), "N", "calls a day, for what a month costs", 0,
     1e12},
    {0, "fail-on", OPT_CHOICE, offsetof(struct diagnose_options, fail_on), "error|warn|info|never",
     "exit 1 with findings of this severity or above (default error)", 0, 0},
    {0},
};

struct args {
    struct diagnose_options diagnose;
    struct measure_options measure;
    struct cmd_money money;
    struct cmd_output output;
};

/* ---- where the app's text is ---- */

/* A target MODULE:FUNCTION is known by its module: the file is where that was imported from. */
static struct str app_path(const struct run *run, const struct run_start *start)
{
    if (str_ends_with(run->target.file, STR(".py")))
        return run->target.file;
    for (size_t i = 0; i < start->imports.len; i++) {
        const struct run_import *import = &start->imports.items[i];
        if (str_equals(import->module, run->target.file) && str_ends_with(import->path, STR(".py")))
            return import->path;
    }
    return STR("");
}

/* The app's text, or NULL with a note: then only what was measured speaks. */
static const struct facts *read_facts(struct cmd_call *call, const struct run *run, const struct run_start *start,
                                      bool quiet)
{
    struct str path = app_path(run, start);
    struct facts *facts = arena_new(call->arena, struct facts);
    struct err err = {0};
    if (!path.len)
        return NULL;
    int rc = facts_read(call->arena, arena_cstr(call->arena, path), run->target.function, facts, &err);
    if (rc)
        cmd_note(quiet, "%s: judging without the app's text", buf_cstr(&err.message));
    err_release(&err);
    return rc ? NULL : facts;
}

/* ---- the answer ---- */

static void find(struct cmd_call *call, const struct args *args, const struct run_answer *answer,
                 const struct facts *facts, struct findings *findings_out, struct estimate_joint *joint_out)
{
    const struct run *run = answer->report.run;
    bool has_requests = !str_equals(run->target.provider, STR("none")) || args->money.provider ||
                        run->target.memory_bytes >= 0;
    struct measured_input input = {
        .run = run,
        .summary = &answer->summary,
        .facts = facts,
        .table = answer->report.money && has_requests ? answer->money.rate.table : NULL,
    };
    struct estimate_input estimate = {
        .run = run,
        .summary = &answer->summary,
        .facts = facts,
        .catalogue = answer->report.money ? &answer->catalogue : NULL,
        .settings = &answer->settings,
        .calls_per_day = args->diagnose.per_day,
        .cold_fraction = COLD_FRACTION,
    };
    measured_find(call->arena, &input, findings_out);
    estimate_findings(call->arena, &estimate, findings_out);
    estimate_together(call->arena, &estimate, findings_out, joint_out);
}

/* Whether the severities ask for exit code 1. */
static bool fails(const struct findings *findings, const char *fail_on)
{
    enum severity least = SEVERITY_ERROR;
    if (fail_on && strcmp(fail_on, "never") == 0)
        return false;
    for (enum severity severity = SEVERITY_INFO; fail_on && severity <= SEVERITY_ERROR; severity++) {
        if (strcmp(fail_on, severity_name(severity)) == 0)
            least = severity;
    }
    for (size_t i = 0; i < findings->len; i++) {
        if (findings->items[i].severity >= least)
            return true;
    }
    return false;
}

static int answer_with(struct cmd_call *call, const struct args *args, struct run_answer *answer, struct err *err)
{
    struct findings findings;
    struct estimate_joint joint;
    const struct facts *facts = read_facts(call, answer->report.run, answer->summary.start, args->output.quiet);
    find(call, args, answer, facts, &findings, &joint);
    answer->report.findings = &findings;
    struct diagnosis diagnosis = {&answer->report, &joint, args->diagnose.per_day, COLD_FRACTION};
    struct document document;
    struct jsonw json;
    document_init(&document, call->arena);
    document.findings = &findings;
    jsonw_init(&json, &document.json, true);
    jsonw_object(&json);
    run_report_json(&json, &answer->report);
    diagnosis_json(&json, &diagnosis);
    jsonw_end(&json);
    diagnosis_sections(&document, &diagnosis);
    int rc = cmd_answer(&args->output, &document, err);
    document_release(&document);
    if (rc)
        return rc;
    return fails(&findings, args->diagnose.fail_on) ? EXIT_FINDINGS : EXIT_FINE;
}

static int answer(struct cmd_call *call, const struct args *args, struct measured *measured, struct err *err)
{
    struct run_answer answer = {0};
    int rc = run_report_make(call, measured, &args->money, &answer, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < answer.report.n_warnings; i++)
        cmd_note(args->output.quiet, "%.*s", STR_ARG(answer.report.warnings[i]));
    if (!answer.summary.start)
        return err_set(err, ERR_INPUT, "no start of run %.*s got to the end of its first call",
                       STR_ARG(measured->run.id));
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
    int rc = cmd_parse(call, (void *const[]){&args.diagnose, &args.measure, &args.money, &args.output}, 4, &words, err);
    if (rc)
        return rc;
    if (args.diagnose.run && (words.len || words.command))
        return err_set(err, ERR_USAGE, "either --run ID or a target to measure, not both");
    int measure_rc = args.diagnose.run ? from_store(call, &args, &measured, err)
                                       : measure(call, &args.measure, &words, args.output.quiet, &measured, err);
    if (!measured.has_run)
        return measure_rc;
    struct err answer_err = {0};
    rc = answer(call, &args, &measured, measure_rc ? &answer_err : err);
    err_release(&answer_err);
    return measure_rc ? measure_rc : rc;
}

const struct command command_diagnose = {
    .name = "diagnose",
    .summary = "measure a function and say what to change, and what that saves",
    .usage = "[OPTIONS] TARGET | --run ID",
    .details =
        "TARGET is as for run. What is worth changing is numbered, the largest saving first; a function with nothing "
        "to\n"
        "change is told so in the first line. Savings come from playing the measured starts back without what the\n"
        "change takes away; all changes together are played back apart from that, since their savings overlap.",
    .examples = "  coldspot diagnose examples/embed/app.py::Embedder.embed --input '[\"hello\"]' --per-day 20000\n"
                "  coldspot diagnose examples/plain/stats.py::summary --input '[[3, 1, 4]]' --fail-on warn",
    .tables = {{NULL, diagnose_opts},
               {"Measuring", measure_opts},
               {"Money", cmd_money_opts},
               {"Output", cmd_output_opts}},
    .run = run_diagnose,
};
