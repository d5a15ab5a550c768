/* Budgets.  What they are called and measured in is the table `metrics`. */
#include "diagnose/budget.h"

#include <math.h>

#include "base/units.h"

static const struct {
    const char *name;
    enum budget_unit unit;
    const char *example;
} metrics[BUDGET_METRICS] = {
    [BUDGET_COLD_P50] = {"cold_p50", BUDGET_SECONDS, "< 8s"},
    [BUDGET_COLD_P90] = {"cold_p90", BUDGET_SECONDS, "< 10s"},
    [BUDGET_INIT] = {"init", BUDGET_SECONDS, "< 6s"},
    [BUDGET_WARM_P50] = {"warm_p50", BUDGET_SECONDS, "< 200ms"},
    [BUDGET_WARM_P90] = {"warm_p90", BUDGET_SECONDS, "< 300ms"},
    [BUDGET_WARM_P99] = {"warm_p99", BUDGET_SECONDS, "< 500ms"},
    [BUDGET_COST_COLD] = {"cost_cold", BUDGET_USD, "< $0.01"},
    [BUDGET_COST_PER_1K] = {"cost_per_1k", BUDGET_USD, "< $0.42"},
    [BUDGET_MEMORY_PEAK] = {"memory_peak", BUDGET_BYTES, "< 80%"},
};

const char *budget_name(enum budget_metric metric)
{
    return metrics[metric].name;
}

const char *budget_unit_name(enum budget_unit unit)
{
    static const char *const names[] = {"s", "usd", "bytes", "fraction"};
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
    if (str_ends_with(name, STR("_vs_base"))) {
        err_set(err, ERR_USAGE, "a budget against another version is not built yet");
        return err_hint(err, "coldspot compare holds two versions against each other");
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
    if (!parse_limit(value, &budget) || !isfinite(budget.limit) || budget.limit < 0)
        return err_set(err, ERR_USAGE, "'%.*s' is no limit; one is written \"%s\"", STR_ARG(text),
                       metrics[budget.metric].example);
    *budget_out = budget;
    return 0;
}

static bool is_of(const struct budget *budget, struct str file, struct str function, struct str target)
{
    if (!budget->file.len)
        return str_equals(budget->target, target);
    return str_equals(budget->file, file) && (!budget->function.len || str_equals(budget->function, function));
}

void budget_judge(struct arena *arena, const struct budgets *budgets, struct str file, struct str function,
                  struct str target, const struct budget_actuals *actuals, struct budget_results *results_out)
{
    *results_out = (struct budget_results){0};
    for (size_t i = 0; i < budgets->len; i++) {
        const struct budget *budget = &budgets->items[i];
        if (!is_of(budget, file, function, target))
            continue;
        double actual = actuals->values[budget->metric];
        if (budget->unit == BUDGET_SHARE)
            actual /= actuals->memory_request_bytes;
        bool ok = budget->or_equal ? actual <= budget->limit : actual < budget->limit;
        *array_push(arena, results_out) = (struct budget_result){budget, actual, ok};
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

size_t budget_count_broken(const struct budget_results *results)
{
    size_t broken = 0;
    for (size_t i = 0; i < results->len; i++)
        broken += !results->items[i].ok;
    return broken;
}
