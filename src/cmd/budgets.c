/* Which budgets are those of a run, and what was measured for each. */
#include "cmd/budgets.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

static struct budget_actuals actuals_of(const struct run_answer *answer)
{
    const struct summary *summary = &answer->summary;
    const struct run_money *money = answer->report.money;
    bool cold = summary->cold.n > 0, warm = summary->has_warm;
    return (struct budget_actuals){
        .values =
            {
                [BUDGET_COLD_P50] = cold ? summary->cold.p50_s : NAN,
                [BUDGET_COLD_P90] = cold ? summary->cold.p90_s : NAN,
                [BUDGET_INIT] = summary->has_init ? summary->init_s : NAN,
                [BUDGET_WARM_P50] = warm ? summary->warm.p50_s : NAN,
                [BUDGET_WARM_P90] = warm ? summary->warm.p90_s : NAN,
                [BUDGET_WARM_P99] = warm ? summary->warm.p99_s : NAN,
                [BUDGET_COST_COLD] = money && cold ? money->cold_usd : NAN,
                [BUDGET_COST_PER_1K] = money && warm ? money->warm_usd * 1000 : NAN,
                [BUDGET_MEMORY_PEAK] = summary->peak_bytes ? (double)summary->peak_bytes : NAN,
            },
        .memory_request_bytes = money ? money->memory_request_mib * 1048576 : NAN,
    };
}

static struct budget_target target_of(struct cmd_call *call, const struct measured *measured)
{
    const struct run_target *target = &measured->run.target;
    struct str file = measured->app_file;
    char real[PATH_MAX];
    /* A run of the store has the path as it was shown. */
    const char *path = arena_cstr(call->arena, file.len ? file : target->file);
    file = realpath(path, real) ? arena_copy(call->arena, str_of(real)) : STR("");
    struct str name = arena_printf(call->arena, "%.*s:%.*s", STR_ARG(target->file), STR_ARG(target->function));
    return (struct budget_target){file, target->function, name};
}

void budgets_make(struct cmd_call *call, const struct measured *measured, struct run_answer *answer)
{
    if (!call->budgets)
        return;
    struct budget_actuals actuals = actuals_of(answer);
    struct budget_target target = target_of(call, measured);
    budget_judge(call->arena, call->budgets, &target, &actuals, &answer->budgets);
    answer->report.budgets = &answer->budgets;
}

void budgets_compare(struct cmd_call *call, const struct measured *measured, const struct measured *other,
                     const struct compare_metrics *metrics, struct budget_results *results_out)
{
    const struct measured *const sides[] = {measured, other};
    *results_out = (struct budget_results){0};
    for (size_t i = 0; call->budgets && !results_out->len && i < 2; i++) {
        struct budget_target target = target_of(call, sides[i]);
        budget_judge_compared(call->arena, call->budgets, &target, metrics, results_out);
    }
}

int budgets_exit_code(const struct run_answer *answer, int code)
{
    return code == EXIT_FINE && budget_count(&answer->budgets, BUDGET_BROKEN) ? EXIT_FINDINGS : code;
}
