#include "unit.h"

#include <math.h>

#include "base/hist.h"
#include "base/rng.h"

static void a_seed_repeats_its_numbers(void **state)
{
    (void)state;
    struct rng a, b;
    rng_init(&a, 42);
    rng_init(&b, 42);
    double sum = 0;
    for (int i = 0; i < 100000; i++) {
        assert_true(rng_u64(&a) == rng_u64(&b));
        sum += rng_f64(&a);
        rng_f64(&b);
    }
    assert_true(fabs(sum / 100000 - 0.5) < 0.005);
}

static void below_stays_below_and_reaches_all(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 1);
    unsigned seen[7] = {0};
    for (int i = 0; i < 7000; i++)
        seen[rng_below(&rng, 7)]++;
    for (int i = 0; i < 7; i++)
        assert_true(seen[i] > 800 && seen[i] < 1200);
}

static void quantiles_are_within_a_bucket(void **state)
{
    (void)state;
    static struct hist hist;
    hist_reset(&hist);
    assert_true(hist_quantile(&hist, 0.5) == 0);
    for (int i = 1; i <= 100000; i++)
        hist_add(&hist, i * 1e-3);
    for (double q = 0.01; q < 1; q += 0.01)
        assert_true(fabs(hist_quantile(&hist, q) / (q * 100) - 1) < 0.012);
    assert_true(hist_quantile(&hist, 1) <= 100);
    assert_true(fabs(hist_mean(&hist) - 50.0005) < 1e-6);
    hist_add(&hist, 0);
    hist_add(&hist, 1e300);
    assert_true(hist.n == 100002);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seed_repeats_its_numbers),
        cmocka_unit_test(below_stays_below_and_reaches_all),
        cmocka_unit_test(quantiles_are_within_a_bucket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
