/* Six measured runs against AWS Lambda (tests/data/traces): each predicted by what the others teach. */
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "simulate/engine.h"
#include "simulate/fit.h"
#include "simulate/policy.h"
#include "simulate/trace.h"

static const char *const names[] = {"2020-04-24", "2020-05-23", "2020-05-28", "2020-06-06", "2020-06-10", "2020-06-18"};

enum { LOGS = 6 };

static void open_logs(struct arena *arena, struct trace **traces, struct fit_log *logs)
{
    struct str here = path_dir(str_of(__FILE__));
    struct trace_options options = {0};
    for (int i = 0; i < LOGS; i++) {
        const char *path = arena_printf(arena, "%.*s/../data/traces/lambda/%s.csv.gz", STR_ARG(here), names[i]).ptr;
        struct trace_arrays arrays;
        assert_int_equal(trace_open(path, &options, &traces[i], NULL), 0);
        assert_true(trace_arrays(traces[i], &arrays) && arrays.cold && arrays.services && arrays.containers);
        logs[i] = (struct fit_log){names[i],          arrays.times,        arrays.services, arrays.cold,
                                   arrays.containers, arrays.n_containers, arrays.n};
    }
}

static void a_run_is_predicted_by_the_other_five(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct trace *traces[LOGS];
    struct fit_log logs[LOGS];
    struct fit fits[LOGS];
    open_logs(&arena, traces, logs);
    assert_int_equal(fit_leave_one_out(&arena, logs, LOGS, 1, fits, NULL), 0);
    double error = 0, floor = 0;
    for (int i = 0; i < LOGS; i++) {
        const struct fit_score *s = fits[i].scores;
        error += fits[i].error / LOGS;
        floor += fits[i].floor / LOGS;
        bool is_long = logs[i].n > 5000;
        assert_true(fabs(s->latency_s[0] / s->observed_latency_s[0] - 1) < 0.05);
        /* the shorter runs have two to eight requests beyond their p99 */
        assert_true(fabs(s->latency_s[1] / s->observed_latency_s[1] - 1) < (is_long ? 0.05 : 0.10));
        assert_int_equal(fits[i].guess.dispatch, DISPATCH_NEWEST);
    }
    print_message("mean absolute error of cold starts %.1f %%, by chance alone %.1f %%\n", error * 100, floor * 100);
    assert_true(error < 0.08);
    for (int i = 0; i < LOGS; i++)
        trace_close(traces[i]);
    arena_release(&arena);
}

/* What the policy of that name has by default is what all six together teach. */
static void the_defaults_of_aws_lambda_are_the_fitted_ones(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct trace *traces[LOGS];
    struct fit_log logs[LOGS];
    struct fit fit;
    struct settings fitted = settings_default(), usual = policy_settings(policy_find(STR("aws-lambda")));
    open_logs(&arena, traces, logs);
    assert_int_equal(fit_logs(&arena, logs, LOGS, 1, &fit, NULL), 0);
    fit_apply(&fit.guess, &fitted);
    assert_true(fabs(fitted.scaledown_window.mean / usual.scaledown_window.mean - 1) < 0.01);
    assert_true(fabs(fitted.surplus_window.mean / usual.surplus_window.mean - 1) < 0.01);
    assert_true(fabs(fitted.lifetime.mean / usual.lifetime.mean - 1) < 0.01);
    assert_true(fit.error < 0.05);
    for (int i = 0; i < LOGS; i++)
        trace_close(traces[i]);
    arena_release(&arena);
}

/* A log that the simulator made itself gives its window back, with names of containers or without. */
static void a_made_up_window_is_found_again(void **state)
{
    (void)state;
    enum { N = 3000 };
    struct arena arena = {0};
    double *times = arena_array(&arena, double, N), *services = arena_array(&arena, double, N);
    uint8_t *cold = arena_array(&arena, uint8_t, N);
    struct rng rng;
    rng_init(&rng, 4);
    double now = 0, free_at = -1e9;
    for (int i = 0; i < N; i++) {
        now += 200 * rng_exp(&rng);
        if (i == 0 || now < free_at)
            now = fmax(now, free_at + 0.1);
        times[i] = now;
        cold[i] = now - free_at > 240;
        services[i] = cold[i] ? 3 : 1;
        free_at = now + services[i];
    }
    struct fit_log log = {"made up", times, services, cold, NULL, 0, N};
    struct fit fit;
    assert_int_equal(fit_logs(&arena, &log, 1, 1, &fit, NULL), 0);
    assert_true(fabs(fit.guess.window.mean_s / 240 - 1) < 0.02);
    assert_true(fit.error < 0.02);
    for (int i = 0; i < N; i++)
        cold[i] = 0;
    assert_true(fit_logs(&arena, &log, 1, 1, &fit, NULL) < 0); /* nothing to learn from */
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_is_predicted_by_the_other_five),
        cmocka_unit_test(the_defaults_of_aws_lambda_are_the_fitted_ones),
        cmocka_unit_test(a_made_up_window_is_found_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
