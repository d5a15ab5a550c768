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

void run_find(struct cmd_call *call, struct run_answer *answer, double per_day, bool quiet,
              struct run_findings *found_out)
{
    const struct run *run = answer->report.run;
    const struct facts *facts = read_facts(call, run, answer->summary.start, quiet);
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
    *found_out = (struct run_findings){0};
    measured_find(call->arena, &input, &found_out->findings);
    estimate_findings(call->arena, &estimate, &found_out->findings);
    estimate_together(call->arena, &estimate, &found_out->findings, &found_out->joint);
    answer->report.findings = &found_out->findings;
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
