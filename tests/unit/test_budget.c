#include "unit.h"

#include <math.h>

#include "diagnose/budget.h"

static struct arena arena;
static struct err err;

static const struct {
    const char *name, *text;
    enum budget_unit unit;
    double limit;
    bool or_equal;
} good[] = {
    {"cold_p50", "< 8s", BUDGET_SECONDS, 8, false},      {"cold_p90", "<=1.5 min", BUDGET_SECONDS, 90, true},
    {"init", "800ms", BUDGET_SECONDS, 0.8, true},        {"warm_p99", "3", BUDGET_SECONDS, 3, true},
    {"cost_per_1k", "< $0.42", BUDGET_USD, 0.42, false}, {"cost_cold", "<= 0.01", BUDGET_USD, 0.01, true},
    {"memory_peak", "< 80%", BUDGET_SHARE, 0.8, false},  {"memory_peak", "<= 512 MiB", BUDGET_BYTES, 536870912, true},
};

static const char *const bad[][3] = {
    {"cold_p5", "< 8s", "there is no budget of that name"},
    {"cold_p50_vs_base", "< +10%", "a budget against another version is not built yet"},
    {"cold_p50", "fast", "'fast' is no limit; one is written \"< 8s\""},
    {"cold_p50", "> 8s", "'> 8s' is no limit; one is written \"< 8s\""},
    {"cold_p50", "", "'' is no limit; one is written \"< 8s\""},
    {"cost_per_1k", "< $", "'< $' is no limit; one is written \"< $0.42\""},
    {"memory_peak", "< %", "'< %' is no limit; one is written \"< 80%\""},
    {"memory_peak", "< -1%", "'< -1%' is no limit; one is written \"< 80%\""},
};

static void limits_are_read_with_their_units(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct budget budget = {0};
        if (budget_parse(str_of(good[i].name), str_of(good[i].text), &budget, &err))
            fail_msg("%s: %s", good[i].text, buf_cstr(&err.message));
        assert_string_equal(budget_name(budget.metric), good[i].name);
        assert_int_equal(budget.unit, good[i].unit);
        assert_true(fabs(budget.limit - good[i].limit) < 1e-12 && budget.or_equal == good[i].or_equal);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct budget budget = {0};
        assert_int_equal(budget_parse(str_of(bad[i][0]), str_of(bad[i][1]), &budget, &err), -ERR_USAGE);
        assert_string_equal(buf_cstr(&err.message), bad[i][2]);
    }
}

static void add(struct budgets *budgets, const char *file, const char *function, const char *name, const char *text)
{
    struct budget budget = {.file = str_of(file), .function = str_of(function), .target = STR("pkg:f")};
    assert_int_equal(budget_parse(str_of(name), str_of(text), &budget, &err), 0);
    *array_push(&arena, budgets) = budget;
}

static void a_function_gets_its_own_budgets_and_those_of_its_file(void **state)
{
    (void)state;
    struct budgets budgets = {0};
    struct budget_results results;
    struct budget_actuals actuals = {.memory_request_bytes = 1000};
    actuals.values[BUDGET_COLD_P50] = 8;
    actuals.values[BUDGET_MEMORY_PEAK] = 790;
    actuals.values[BUDGET_WARM_P50] = NAN;
    add(&budgets, "/a/app.py", "f", "cold_p50", "< 8s");
    add(&budgets, "/a/app.py", "g", "cold_p50", "< 1s");
    add(&budgets, "/a/app.py", "", "memory_peak", "< 80%");
    add(&budgets, "/b/app.py", "f", "cold_p50", "< 1s");
    add(&budgets, "", "", "cold_p50", "<= 8s");
    add(&budgets, "/a/app.py", "f", "warm_p50", "< 1s");
    budget_judge(&arena, &budgets, STR("/a/app.py"), STR("f"), STR("app.py:f"), &actuals, &results);
    assert_int_equal(results.len, 3);
    assert_false(results.items[0].ok);
    assert_true(results.items[1].ok && fabs(results.items[1].actual - 0.79) < 1e-12);
    assert_false(results.items[2].ok);
    assert_int_equal(budget_count_broken(&results), 2);
    assert_true(budget_exists(&budgets, STR("/b/app.py"), STR("f")));
    assert_false(budget_exists(&budgets, STR("/b/app.py"), STR("g")));
    budget_judge(&arena, &budgets, STR(""), STR("f"), STR("pkg:f"), &actuals, &results);
    assert_int_equal(results.len, 1);
    assert_int_equal(budget_count_broken(&results), 0);
}

static int done(void **state)
{
    (void)state;
    arena_release(&arena);
    err_release(&err);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_are_read_with_their_units),
        cmocka_unit_test(a_function_gets_its_own_budgets_and_those_of_its_file),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
