/* What traffic adds to a diagnosis: the settings that it asks for, simulated from the run and from what the app sets today. */
#ifndef COLDSPOT_CMD_DIAGNOSE_PLAN_H
#define COLDSPOT_CMD_DIAGNOSE_PLAN_H

#include "cmd/diagnose_app.h"
#include "cmd/money.h"
#include "present/plan_report.h"
#include "recommend/scaling.h"

struct diagnose_traffic {
    double per_day;   /* calls, 0: not known */
    const char *rate; /* the same as "3/s" */
    struct opt_strs traces, slos;
    const char *columns;
};

struct diagnose_scaling {
    struct plan_report *report;       /* all settings together; NULL: no traffic is given, or the run is of a command */
    struct scaling_verdicts verdicts; /* each group alone */
    struct findings findings;
};

/* The settings that the traffic asks for.  Without a promise (--slo) the latency that is kept is today's p99. */
int diagnose_plan(struct cmd_call *call, const struct diagnose_traffic *traffic, const struct run *run,
                  const char *store, const struct cmd_money *money, const struct diagnose_app *app, bool quiet,
                  struct diagnose_scaling *scaling_out, struct err *err);

/* The function of the app that a run is of; NULL: not known. */
const struct app_function *diagnose_function(const struct diagnose_app *app, struct str target);

/* "coldspot plan --run 3f2a --per-day 20000". */
struct str diagnose_plan_command(struct arena *arena, const struct diagnose_traffic *traffic, const struct run *run);

#endif
