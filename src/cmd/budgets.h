/* The budgets of the settings file, held against a run. */
#ifndef COLDSPOT_CMD_BUDGETS_H
#define COLDSPOT_CMD_BUDGETS_H

#include "cmd/run.h"

/* Judges the budgets of the run's function; answer->report.budgets has them then.  What could not be measured is broken. */
void budgets_make(struct cmd_call *call, const struct measured *measured, struct run_answer *answer);

/* The budgets of the function against another version: of `measured`, or where that has none, of the other one. */
void budgets_compare(struct cmd_call *call, const struct measured *measured, const struct measured *other,
                     const struct compare_metrics *metrics, struct budget_results *results_out);

/* `code`, or EXIT_FINDINGS where that is EXIT_FINE and a budget is broken. */
int budgets_exit_code(const struct run_answer *answer, int code);

#endif
