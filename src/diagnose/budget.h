/* Budgets: what a function may take at most, as its settings say, held against what was measured. */
#ifndef COLDSPOT_DIAGNOSE_BUDGET_H
#define COLDSPOT_DIAGNOSE_BUDGET_H

#include "base/arena.h"
#include "base/err.h"
#include "diagnose/compare.h"

enum budget_metric {
    BUDGET_COLD_P50,
    BUDGET_COLD_P90,
    BUDGET_INIT,
    BUDGET_WARM_P50,
    BUDGET_WARM_P90,
    BUDGET_WARM_P99,
    BUDGET_COST_COLD,
    BUDGET_COST_PER_1K,
    BUDGET_MEMORY_PEAK,
    BUDGET_COLD_P50_VS_BASE, /* these are held against another version, by `compare` */
    BUDGET_INIT_VS_BASE,
    BUDGET_WARM_P50_VS_BASE,
    BUDGET_COST_COLD_VS_BASE,
    BUDGET_COST_PER_1K_VS_BASE,
    BUDGET_MEMORY_PEAK_VS_BASE,
    BUDGET_METRICS
};

enum budget_unit { BUDGET_SECONDS, BUDGET_USD, BUDGET_BYTES, BUDGET_SHARE, BUDGET_CHANGE };

struct budget {
    struct str file;     /* absolute path of the app's file; empty: target is MODULE:FUNCTION */
    struct str function; /* empty: every function of the file */
    struct str target;   /* as the settings have it: "app.py::fn" */
    enum budget_metric metric;
    enum budget_unit unit;
    double limit;    /* seconds, USD, bytes, a share of the memory request, or of what the base takes */
    bool or_equal;   /* the limit itself is fine */
    struct str text; /* as the settings have it: "< 8s" */
};

struct budgets {
    struct budget *items;
    size_t len, cap;
};

/* What was measured; NAN: it was not. */
struct budget_actuals {
    double values[BUDGET_METRICS]; /* seconds, USD, bytes */
    double memory_request_bytes;
};

/* A budget and how it stands; what was not measured is broken.  A change is kept when its whole interval is, broken when none of
 * it is, and unsure otherwise. */
enum budget_state { BUDGET_BROKEN, BUDGET_KEPT, BUDGET_UNSURE };

struct budget_result {
    const struct budget *budget;
    double actual; /* in the budget's unit; NAN: not measured */
    enum budget_state state;
    struct interval interval; /* of a change; else 0 */
};

struct budget_results {
    struct budget_result *items;
    size_t len, cap;
};

const char *budget_name(enum budget_metric metric); /* "cold_p50" */
const char *budget_unit_name(enum budget_unit unit);

/* Takes a name and a limit apart: "cold_p50" and "< 8s", "<= 800 ms", "< $0.42", "< 80%", "< 512 MiB"; "cold_p50_vs_base" and
 * "< +10%", "< -5%"; a bare value is a "<=".
 * Fills in metric, unit, limit, or_equal and text, which is kept.  Fails with ERR_USAGE. */
int budget_parse(struct str name, struct str text, struct budget *budget_out, struct err *err);

/* A function: the absolute path of its file, or empty; and MODULE:FUNCTION, as on the command line. */
struct budget_target {
    struct str file, function, name;
};

/* The budgets of a function, in the order of the settings, but for those against another version. */
void budget_judge(struct arena *arena, const struct budgets *budgets, const struct budget_target *target,
                  const struct budget_actuals *actuals, struct budget_results *results_out);

/* Those against another version. */
void budget_judge_compared(struct arena *arena, const struct budgets *budgets, const struct budget_target *target,
                           const struct compare_metrics *metrics, struct budget_results *results_out);

/* Whether the function, or for a class one of its methods, has a budget. */
bool budget_exists(const struct budgets *budgets, struct str file, struct str function);

size_t budget_count(const struct budget_results *results, enum budget_state state);

#endif
