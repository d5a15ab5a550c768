/* Budgets.  What they are called and measured in is the table `metrics`. */
#include "diagnose/budget.h"

#include <math.h>
#include <string.h>

#include "base/units.h"

static const struct {
    const char *name;
    enum budget_unit unit;
    const char *example;
    const char *figure; /* of compare: the budget is of its change against another version; else NULL */
} metrics[BUDGET_METRICS] = {
    [BUDGET_COLD_P50] = {"cold_p50", BUDGET_SECONDS, "< 8s", NULL},
    [BUDGET_COLD_P90] = {"cold_p90", BUDGET_SECONDS, "< 10s", NULL},
    [BUDGET_INIT] = {"init", BUDGET_SECONDS, "< 6s", NULL},
    [BUDGET_WARM_P50] = {"warm_p50", BUDGET_SECONDS, "< 200ms", NULL},
    [BUDGET_WARM_P90] = {"warm_p90", BUDGET_SECONDS, "< 300ms", NULL},
    [BUDGET_WARM_P99] = {"warm_p99", BUDGET_SECONDS, "< 500ms", NULL},
    [BUDGET_COST_COLD] = {"cost_cold", BUDGET_USD, "< $0.01", NULL},
    [BUDGET_COST_PER_1K] = {"cost_per_1k", BUDGET_USD, "< $0.42", NULL},
    [BUDGET_MEMORY_PEAK] = {"memory_peak", BUDGET_BYTES, "< 80%", NULL},
    [BUDGET_COLD_P50_VS_BASE] = {"cold_p50_vs_base", BUDGET_CHANGE, "< +10%", "cold_p50_s"},
    [BUDGET_INIT_VS_BASE] = {"init_vs_base", BUDGET_CHANGE, "< +10%", "init_s"},
    [BUDGET_WARM_P50_VS_BASE] = {"warm_p50_vs_base", BUDGET_CHANGE, "< +10%", "warm_p50_s"},
    [BUDGET_COST_COLD_VS_BASE] = {"cost_cold_vs_base", BUDGET_CHANGE, "< +10%", "cost_cold_usd"},
    [BUDGET_COST_PER_1K_VS_BASE] = {"cost_per_1k_vs_base", BUDGET_CHANGE, "< +10%", "cost_warm_usd"},
    [BUDGET_MEMORY_PEAK_VS_BASE] = {"memory_peak_vs_base", BUDGET_CHANGE, "< +10%", "memory_peak_bytes"},
};

const char *budget_name(enum budget_metric metric)
{
    return metrics[metric].name;
}

const char *budget_unit_name(enum budget_unit unit)
{
    static const char *const names[] = {"s", "usd", "bytes", "fraction", "change"};
    return names[unit];
}

static int find_metric(struct str name, enum budget_metric *metric_out, struct err *err)
{
    const char *nearest = NULL;
    unsigned least = 4;
    for (int i = 0; i < BUDGET_METRICS; i++) {
        unsigned distance = str_distance(str_of(metrics[i].name), name);
        if (distance < least) {
            least = distance;
            nearest = metrics[i].name;
        }
        if (distance == 0) {
            *metric_out = (enum budget_metric)i;
            return 0;
        }
    }
    err_set(err, ERR_USAGE, "there is no budget of that name");
    if (nearest)
        return err_hint(err, "did you mean: %s", nearest);
    struct buf names = {0};
    for (int i = 0; i < BUDGET_METRICS; i++)
        buf_addf(&names, "%s%s", i ? ", " : "", metrics[i].name);
    int rc = err_hint(err, "budgets: %s", buf_cstr(&names));
    buf_release(&names);
    return rc;
}

/* "80%" as 0.8. */
static bool parse_share(struct str text, double *share_out)
{
    double percent;
    if (!str_ends_with(text, STR("%")) || !str_to_f64(str_trim(str_slice(text, 0, text.len - 1)), &percent))
        return false;
    *share_out = percent / 100;
    return true;
}

static bool parse_limit(struct str text, struct budget *budget)
{
    switch (budget->unit) {
    case BUDGET_SECONDS:
        return units_parse_duration(text, &budget->limit);
    case BUDGET_USD:
        return str_to_f64(str_starts_with(text, STR("$")) ? str_slice(text, 1, text.len) : text, &budget->limit);
    case BUDGET_CHANGE:
        return parse_share(str_starts_with(text, STR("+")) ? str_slice(text, 1, text.len) : text, &budget->limit);
    default:
        budget->unit = str_ends_with(text, STR("%")) ? BUDGET_SHARE : BUDGET_BYTES;
        return budget->unit == BUDGET_SHARE ? parse_share(text, &budget->limit)
                                            : units_parse_size(text, &budget->limit);
    }
}

int budget_parse(struct str name, struct str text, struct budget *budget_out, struct err *err)
{
    struct budget budget = *budget_out;
    int rc = find_metric(name, &budget.metric, err);
    if (rc)
        return rc;
    bool strict = str_starts_with(text, STR("<")) && !str_starts_with(text, STR("<="));
    struct str value = str_trim(str_slice(text, strict ? 1 : str_starts_with(text, STR("<=")) ? 2 : 0, text.len));
    budget.unit = metrics[budget.metric].unit;
    budget.or_equal = !strict;
    budget.text = text;
    if (!parse_limit(value, &budget) || !isfinite(budget.limit) || (budget.limit < 0 && budget.unit != BUDGET_CHANGE))
        return err_set(err, ERR_USAGE, "'%.*s' is no limit; one is written \"%s\"", STR_ARG(text),
                       metrics[budget.metric].example);
    *budget_out = budget;
    return 0;
}

static bool is_of(const struct budget *budget, const struct budget_target *target)
{
    if (!budget->file.len)
        return str_equals(budget->target, target->name);
    return str_equals(budget->file, target->file) &&
           (!budget->function.len || str_equals(budget->function, target->function));
}

static bool is_within(const struct budget *budget, double actual)
{
    return budget->or_equal ? actual <= budget->limit : actual < budget->limit;
}

void budget_judge(struct arena *arena, const struct budgets *budgets, const struct budget_target *target,
                  const struct budget_actuals *actuals, struct budget_results *results_out)
{
    *results_out = (struct budget_results){0};
    for (size_t i = 0; i < budgets->len; i++) {
        const struct budget *budget = &budgets->items[i];
        if (metrics[budget->metric].figure || !is_of(budget, target))
            continue;
        double actual = actuals->values[budget->metric];
        if (budget->unit == BUDGET_SHARE)
            actual /= actuals->memory_request_bytes;
        enum budget_state state = is_within(budget, actual) ? BUDGET_KEPT : BUDGET_BROKEN;
        *array_push(arena, results_out) = (struct budget_result){.budget = budget, .actual = actual, .state = state};
    }
}

static struct budget_result judge_change(const struct budget *budget, const struct compare_metric *metric)
{
    struct budget_result result = {.budget = budget, .actual = NAN, .interval = {NAN, NAN}};
    if (!metric || !(metric->before > 0))
        return result;
    result.actual = metric->difference / metric->before;
    result.interval = (struct interval){metric->interval.low / metric->before, metric->interval.high / metric->before};
    bool low = is_within(budget, result.interval.low), high = is_within(budget, result.interval.high);
    if (!metric->is_enough || low != high)
        result.state = BUDGET_UNSURE;
    else
        result.state = high ? BUDGET_KEPT : BUDGET_BROKEN;
    return result;
}

void budget_judge_compared(struct arena *arena, const struct budgets *budgets, const struct budget_target *target,
                           const struct compare_metrics *compared, struct budget_results *results_out)
{
    *results_out = (struct budget_results){0};
    for (size_t i = 0; i < budgets->len; i++) {
        const char *figure = metrics[budgets->items[i].metric].figure;
        const struct compare_metric *metric = NULL;
        if (!figure || !is_of(&budgets->items[i], target))
            continue;
        for (size_t k = 0; k < compared->len; k++) {
            if (strcmp(compared->items[k].name, figure) == 0)
                metric = &compared->items[k];
        }
        *array_push(arena, results_out) = judge_change(&budgets->items[i], metric);
    }
}

bool budget_exists(const struct budgets *budgets, struct str file, struct str function)
{
    for (size_t i = 0; i < budgets->len; i++) {
        struct str name = budgets->items[i].function;
        bool method = str_starts_with(name, function) &&
                      str_starts_with(str_slice(name, function.len, name.len), STR("."));
        if (str_equals(budgets->items[i].file, file) && (!name.len || method || str_equals(name, function)))
            return true;
    }
    return false;
}

size_t budget_count(const struct budget_results *results, enum budget_state state)
{
    size_t count = 0;
    for (size_t i = 0; i < results->len; i++)
        count += results->items[i].state == state;
    return count;
}
