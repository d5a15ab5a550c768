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
    {"cold_p50", "< 8s", BUDGET_SECONDS, 8, false},
    {"cold_p90", "<=1.5 min", BUDGET_SECONDS, 90, true},
    {"init", "800ms", BUDGET_SECONDS, 0.8, true},
    {"warm_p99", "3", BUDGET_SECONDS, 3, true},
    {"cost_per_1k", "< $0.42", BUDGET_USD, 0.42, false},
    {"cost_cold", "<= 0.01", BUDGET_USD, 0.01, true},
    {"memory_peak", "< 80%", BUDGET_SHARE, 0.8, false},
    {"memory_peak", "<= 512 MiB", BUDGET_BYTES, 536870912, true},
    {"cold_p50_vs_base", "< +10%", BUDGET_CHANGE, 0.1, false},
    {"init_vs_base", "<= -5 %", BUDGET_CHANGE, -0.05, true},
    {"cost_per_1k_vs_base", "10%", BUDGET_CHANGE, 0.1, true},
};

static const char *const bad[][3] = {
    {"cold_p5", "< 8s", "there is no budget of that name"},
    {"cold_p90_vs_base", "< +10%", "there is no budget of that name"},
    {"cold_p50_vs_base", "< 8s", "'< 8s' is no limit; one is written \"< +10%\""},
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
    add(&budgets, "/a/app.py", "f", "cold_p50_vs_base", "< +10%"); /* not of one run */
    struct budget_target target = {STR("/a/app.py"), STR("f"), STR("app.py:f")};
    budget_judge(&arena, &budgets, &target, &actuals, &results);
    assert_int_equal(results.len, 3);
    assert_int_equal(results.items[0].state, BUDGET_BROKEN);
    assert_true(results.items[1].state == BUDGET_KEPT && fabs(results.items[1].actual - 0.79) < 1e-12);
    assert_int_equal(results.items[2].state, BUDGET_BROKEN);
    assert_int_equal(budget_count(&results, BUDGET_BROKEN), 2);
    assert_true(budget_exists(&budgets, STR("/b/app.py"), STR("f")));
    assert_false(budget_exists(&budgets, STR("/b/app.py"), STR("g")));
    target = (struct budget_target){STR(""), STR("f"), STR("pkg:f")};
    budget_judge(&arena, &budgets, &target, &actuals, &results);
    assert_int_equal(results.len, 1);
    assert_int_equal(budget_count(&results, BUDGET_BROKEN), 0);
}

static void a_change_is_judged_by_its_whole_interval(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double low, high;
        bool is_enough;
        enum budget_state state;
    } rows[] = {
        {"< +10%", 2, 9, true, BUDGET_KEPT},     {"< +10%", 11, 30, true, BUDGET_BROKEN},
        {"< +10%", 2, 11, true, BUDGET_UNSURE},  {"< +10%", 2, 9, false, BUDGET_UNSURE},
        {"< +10%", 10, 10, true, BUDGET_BROKEN}, {"<= +10%", 10, 10, true, BUDGET_KEPT},
        {"< -5%", -20, -6, true, BUDGET_KEPT},   {"< -5%", -4, 3, true, BUDGET_BROKEN},
        {"< -5%", -20, -4, true, BUDGET_UNSURE},
    };
    struct budget_target target = {STR("/a/app.py"), STR("f"), STR("app.py:f")};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct budgets budgets = {0};
        struct budget_results results;
        add(&budgets, "/a/app.py", "f", "init_vs_base", rows[i].text);
        add(&budgets, "/a/app.py", "f", "init", "< 1s"); /* not of two runs */
        struct compare_metric metric = {.name = "init_s",
                                        .before = 100,
                                        .difference = 7,
                                        .is_enough = rows[i].is_enough,
                                        .interval = {rows[i].low, rows[i].high}};
        struct compare_metrics compared = {&metric, 1, 1};
        budget_judge_compared(&arena, &budgets, &target, &compared, &results);
        assert_int_equal(results.len, 1);
        assert_int_equal(results.items[0].state, rows[i].state);
        assert_true(fabs(results.items[0].actual - 0.07) < 1e-12);
        metric.name = "cold_p50_s";
        budget_judge_compared(&arena, &budgets, &target, &compared, &results);
        assert_true(results.items[0].state == BUDGET_BROKEN && isnan(results.items[0].actual));
    }
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
        cmocka_unit_test(a_change_is_judged_by_its_whole_interval),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
