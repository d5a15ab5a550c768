#include "unit.h"

#include "base/rng.h"
#include "base/stats.h"

static void quantiles_interpolate_between_order_statistics(void **state)
{
    (void)state;
    const double values[] = {1, 2, 3, 4};
    assert_true(stats_quantile(values, 4, 0) == 1);
    assert_true(stats_quantile(values, 4, 0.5) == 2.5);
    assert_true(stats_quantile(values, 4, 1) == 4);
    assert_true(stats_quantile(values, 1, 0.9) == 1);
    assert_int_equal(stats_lower_median_index(5), 2);
    assert_int_equal(stats_lower_median_index(4), 1);
    assert_int_equal(stats_lower_median_index(1), 0);
}

static void only_far_values_are_outliers(void **state)
{
    (void)state;
    double values[] = {10, 10.1, 9.9, 10.2, 9.8, 14};
    stats_sort(values, 6);
    assert_true(stats_is_outlier(values, 6, 14));
    assert_false(stats_is_outlier(values, 6, 10.2));
    const double same[] = {1, 1, 1};
    assert_false(stats_is_outlier(same, 3, 2));
}

static void the_interval_of_a_difference_holds_it(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 1);
    double a[40], b[40];
    for (int i = 0; i < 40; i++) {
        a[i] = 1 + 0.1 * rng_f64(&rng);
        b[i] = 1.5 + 0.1 * rng_f64(&rng);
    }
    struct interval interval = stats_median_difference(a, 40, b, 40, 1000, &rng);
    assert_true(interval.low < 0.5 && 0.5 < interval.high);
    assert_true(interval.high - interval.low < 0.1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_interpolate_between_order_statistics),
        cmocka_unit_test(only_far_values_are_outliers),
        cmocka_unit_test(the_interval_of_a_difference_holds_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
