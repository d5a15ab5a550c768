/* From a run's report to what is worth changing; what run and diagnose share. */
#ifndef COLDSPOT_CMD_FINDINGS_H
#define COLDSPOT_CMD_FINDINGS_H

#include "cmd/diagnose_app.h"
#include "cmd/run.h"
#include "recommend/estimate.h"

/* Cold ones among the calls, where no trace says better. */
#define RUN_COLD_FRACTION 0.04

struct run_findings {
    struct findings findings; /* the largest saving first */
    struct estimate_joint joint;
    struct str app_path; /* empty: there is none */
    struct diagnose_app app;
};

/* Finds, estimates, and puts the findings into answer->report; answer->summary.start must not be NULL.  per_day: calls, 0 when
 * not known.  rules: which of them, NULL: all.  Fails for a misspelt rule; found_out is to be released in any case. */
int run_find(struct cmd_call *call, struct run_answer *answer, double per_day, const struct check_options *rules,
             bool quiet, struct run_findings *found_out, struct err *err);
void run_findings_release(struct run_findings *found);

/* Whether a finding is as severe as --fail-on says ("error", "warn", "info"; NULL is error, "never" none). */
bool findings_fail(const struct findings *findings, const char *fail_on);

#endif
