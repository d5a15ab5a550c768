/* From a measured run to its report; what run and diagnose share. */
#ifndef COLDSPOT_CMD_RUN_H
#define COLDSPOT_CMD_RUN_H

#include "cmd/measure.h"
#include "cmd/money.h"
#include "present/run_report.h"

/* Everything that a report borrows. */
struct run_answer {
    struct summary summary;
    struct catalogue catalogue;
    struct price_settings settings;
    struct run_money money;
    struct budget_results budgets;
    struct run_report report;
};

/* Summarises and prices the run; answer->report is ready for findings and "Next:" lines to be added. */
int run_report_make(struct cmd_call *call, struct measured *measured, const struct cmd_money *options,
                    struct run_answer *answer, struct err *err);

#endif
