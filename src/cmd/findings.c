/* The rules over a measured run, with the app's text where that can be read. */
#include "cmd/findings.h"

#include <string.h>

#include "diagnose/measured.h"

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
static const struct facts *read_facts(struct cmd_call *call, const struct run *run, struct str path, bool quiet)
{
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

static bool has_command(const struct cmd_call *call, const char *name)
{
    for (const struct command *command = call->commands; command->name; command++) {
        if (strcmp(command->name, name) == 0)
            return true;
    }
    return false;
}

/* Findings without a command that mends them get the one that explains them. */
static void add_commands(const struct cmd_call *call, struct findings *findings)
{
    for (size_t i = 0; i < findings->len; i++) {
        struct finding *finding = &findings->items[i];
        bool mends = finding->command.len && has_command(call, "fix");
        if (!mends && has_command(call, "rule"))
            finding->command = arena_printf(call->arena, "coldspot rule %.*s", STR_ARG(finding->name));
        else if (!mends)
            finding->command = STR("");
    }
}

static void find(struct cmd_call *call, struct run_answer *answer, double per_day, const struct facts *facts,
                 struct run_findings *found)
{
    const struct run *run = answer->report.run;
    bool has_requests = !str_equals(run->target.provider, STR("none")) || answer->settings.provider.len ||
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
        .calls_per_day = per_day,
        .cold_fraction = RUN_COLD_FRACTION,
    };
    measured_find(call->arena, &input, &found->findings);
    diagnose_app_join(call->arena, &found->app, &found->findings);
    estimate_findings(call->arena, &estimate, &found->findings);
    estimate_together(call->arena, &estimate, &found->findings, &found->joint);
}

int run_find(struct cmd_call *call, struct run_answer *answer, double per_day, const struct check_options *rules,
             bool quiet, struct run_findings *found_out, struct err *err)
{
    static const struct check_options all = {0};
    const struct run *run = answer->report.run;
    *found_out = (struct run_findings){.app_path = app_path(run, answer->summary.start)};
    int rc = diagnose_app_read(call, rules ? rules : &all, found_out->app_path, quiet, &found_out->app, err);
    if (rc)
        return rc;
    find(call, answer, per_day, read_facts(call, run, found_out->app_path, quiet), found_out);
    add_commands(call, &found_out->findings);
    answer->report.findings = &found_out->findings;
    return 0;
}

void run_findings_release(struct run_findings *found)
{
    diagnose_app_release(&found->app);
}

bool findings_fail(const struct findings *findings, const char *fail_on)
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
