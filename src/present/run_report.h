/* The document of a run: what `coldspot run` answers, and the ground of what diagnose does. */
#ifndef COLDSPOT_PRESENT_RUN_REPORT_H
#define COLDSPOT_PRESENT_RUN_REPORT_H

#include "diagnose/budget.h"
#include "present/document.h"
#include "price/price.h"
#include "store/summary.h"

/* The money of a run, computed once. */
struct run_money {
    struct price_rate rate;
    double cold_usd, warm_usd, idle_usd;
    double billed_s, used_s, idle_s; /* of the p50 cold invocation: billed, on the CPU; the idle window after it */
    double memory_request_mib, cpu_request; /* what is billed for as asked, defaults filled in */
    double memory_recommended_mib, cpu_recommended;
};

/* Prices the run.  Fails with ERR_INPUT for a GPU or provider that no table has. */
int run_money_make(struct arena *arena, const struct catalogue *catalogue, const struct price_settings *settings,
                   const struct summary *summary, struct run_money *money_out, struct err *err);

struct run_report {
    const struct run *run;
    const struct summary *summary;
    const struct run_money *money;        /* NULL: a command, which nothing is asked for */
    const struct findings *findings;      /* NULL: not looked for */
    const struct budget_results *budgets; /* NULL: not looked for */
    const struct str *warnings;           /* sentences */
    size_t n_warnings;
    struct str next[4]; /* lines of "Next:", empty ones left out */
};

/* Fills in title and sections as mockups have them for `run`. */
void run_report_sections(struct document *document, const struct run_report *report);

/* The section of the budgets, where there are any. */
void budgets_section(struct document *document, const struct budget_results *budgets);
void budgets_json(struct jsonw *json, const struct budget_results *budgets);

/* Writes the members of the run contract into an open object, findings included; more members may be added after it. */
void run_report_json(struct jsonw *json, const struct run_report *report);

/* How a measure stands against the field's targets. */
enum standing { STANDING_GOOD, STANDING_BETWEEN, STANDING_INVESTIGATE };
enum target_metric { TARGET_INIT, TARGET_WARM, TARGET_GPU, TARGET_MEMORY };
enum standing target_standing(enum target_metric metric, double value);
struct str target_words(enum target_metric metric, double value); /* "good (< 10 s)"; empty in between */

#endif
