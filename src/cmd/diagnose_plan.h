/* What traffic adds to a diagnosis: the settings that it asks for, simulated from the run and from what the app sets today. */
#ifndef COLDSPOT_CMD_DIAGNOSE_PLAN_H
#define COLDSPOT_CMD_DIAGNOSE_PLAN_H

#include "cmd/diagnose_app.h"
#include "cmd/money.h"
#include "present/plan_report.h"

struct diagnose_traffic {
    double per_day; /* calls, 0: not known */
    struct opt_strs traces, slos;
    const char *columns;
};

/* *report_out is NULL where no traffic is given or the run is of a command.  Without a promise (--slo) the latency that is kept is
 * today's p99. */
int diagnose_plan(struct cmd_call *call, const struct diagnose_traffic *traffic, const struct run *run,
                  const char *store, const struct cmd_money *money, const struct diagnose_app *app, bool quiet,
                  struct plan_report **report_out, struct err *err);

#endif
