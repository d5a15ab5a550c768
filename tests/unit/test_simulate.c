/* The simulator against answers that are known exactly, each within three standard errors of its own run. */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "simulate/engine.h"
#include "simulate/generate.h"
#include "simulate/policy.h"

struct sim {
    struct engine *engine;
    struct settings settings;
    struct model model;
    struct generator arrivals;
    struct outcome outcome;
};

static void sim_init(struct sim *sim, double rate, uint64_t requests, struct dist service, struct dist cold)
{
    memset(sim, 0, sizeof(*sim));
    sim->engine = engine_new();
    sim->settings = settings_default();
    sim->model.service = service;
    sim->model.cold = cold;
    sim->arrivals = (struct generator){.kind = GENERATE_POISSON, .rate = rate, .requests = requests};
}

static void sim_release(struct sim *sim)
{
    engine_free(sim->engine);
    outcome_release(&sim->outcome);
}

static void run(struct sim *sim, uint64_t seed, bool full)
{
    struct generated_source source;
    assert_int_equal(generated_source_init(&source, &sim->arrivals, NULL), 0);
    int rc = full ? engine_run_full(sim->engine, &sim->settings, &sim->model, &source.source, seed, &sim->outcome, NULL)
                  : engine_run(sim->engine, &sim->settings, &sim->model, &source.source, seed, &sim->outcome, NULL);
    assert_int_equal(rc, 0);
}

typedef double (*figure_of)(struct outcome *);

static double mean_wait(struct outcome *o)
{
    return (o->wait_queue_s + o->wait_cold_s + o->wait_batch_s) / (double)o->completed;
}
static double mean_latency(struct outcome *o)
{
    return tally_mean(&o->latency);
}
static double waited_share(struct outcome *o)
{
    return (double)o->waited / (double)o->requests;
}
static double cold_share(struct outcome *o)
{
    return (double)o->cold / (double)o->requests;
}
static double rejected_share(struct outcome *o)
{
    return (double)o->rejected / (double)o->requests;
}
static double idle_a_request(struct outcome *o)
{
    return (o->container_s - o->busy_s - o->start_s) / (double)o->requests;
}
static double batch_size(struct outcome *o)
{
    return (double)o->completed / (double)o->batches;
}
static double busy_containers(struct outcome *o)
{
    return o->busy_s / o->end_s;
}
static double starting_containers(struct outcome *o)
{
    return o->start_s / o->end_s;
}
static double p99_latency(struct outcome *o)
{
    double values[TALLY_QUANTILES];
    tally_read(&o->latency, values);
    return values[3];
}

/* Sixteen runs give a mean and its standard error. */
static void assert_figure(struct sim *sim, const char *name, figure_of figure, double exact)
{
    enum { RUNS = 16 };
    double sum = 0, squares = 0;
    for (uint64_t seed = 1; seed <= RUNS; seed++) {
        run(sim, seed, false);
        double value = figure(&sim->outcome);
        sum += value;
        squares += value * value;
    }
    double mean = sum / RUNS, error = sqrt((squares / RUNS - mean * mean) / (RUNS - 1));
    if (fabs(mean - exact) <= 3 * error + 1e-12)
        return;
    print_error("%s: %.6f, exactly %.6f, standard error %.6f\n", name, mean, exact, error);
    fail();
}

static void a_full_house_waits_as_erlang_c_says(void **state)
{
    (void)state;
    struct sim sim;
    sim_init(&sim, 8.5, 100000, dist_exp(1), dist_const(3));
    sim.settings.min_containers = sim.settings.max_containers = 10;
    assert_figure(&sim, "P(wait)", waited_share, 0.529914);
    assert_figure(&sim, "mean wait", mean_wait, 0.353276);
    sim_release(&sim);
}

static void a_full_house_turns_away_as_erlang_b_says(void **state)
{
    (void)state;
    struct sim sim;
    sim_init(&sim, 8.5, 100000, dist_exp(1), dist_const(3));
    sim.settings.min_containers = sim.settings.max_containers = 10;
    sim.settings.max_queue = 0;
    assert_figure(&sim, "rejected", rejected_share, 0.144606);
    sim_release(&sim);
}

static void other_service_times_wait_as_allen_and_cunneen_say(void **state)
{
    (void)state;
    struct sim sim;
    sim_init(&sim, 8.5, 400000, dist_of_moments(DIST_GAMMA, 1, 0.5), dist_const(3));
    sim.settings.min_containers = sim.settings.max_containers = 10;
    run(&sim, 1, false);
    double expected = 0.353276 * (1 + 0.25) / 2;
    assert_true(fabs(mean_wait(&sim.outcome) / expected - 1) < 0.1);
    sim_release(&sim);
}

static void a_window_loses_what_comes_after_it(void **state)
{
    (void)state;
    struct sim sim;
    sim_init(&sim, 1.0 / 300, 20000, dist_const(0), dist_const(0));
    sim.settings.scaledown_window = dist_const(600);
    assert_figure(&sim, "P(cold)", cold_share, exp(-2));
    assert_figure(&sim, "idle a request", idle_a_request, 300 * (1 - exp(-2)));
    sim_release(&sim);
}

static void one_container_with_set_up_adds_it_to_mm1(void **state)
{
    (void)state;
    struct sim sim;
    sim_init(&sim, 0.7, 100000, dist_exp(1), dist_exp(4));
    sim.settings.max_containers = 1;
    sim.settings.scaledown_window = dist_const(0);
    assert_figure(&sim, "E[T]", mean_latency, 1 / 0.3 + 4);
    sim_release(&sim);
}

static void surplus_starts_that_are_cancelled_leave_mm_inf_with_set_up(void **state)
{
    (void)state;
    struct sim sim;
    sim_init(&sim, 5, 50000, dist_exp(2), dist_exp(10));
    sim.settings = policy_settings(policy_find(STR("scale-to-zero")));
    assert_figure(&sim, "busy", busy_containers, 10);
    assert_figure(&sim, "starting", starting_containers, 5.428);
    assert_figure(&sim, "E[T]", mean_latency, 3.0856);
    sim_release(&sim);
}

static void batches_fill_as_a_poisson_process_fills_them(void **state)
{
    (void)state;
    struct sim sim;
    sim_init(&sim, 20, 100000, dist_const(0), dist_const(0));
    double batch_s[16];
    for (int i = 0; i < 16; i++)
        batch_s[i] = 1;
    sim.model.batch_s = batch_s;
    sim.model.n_batch = 16;
    sim.settings.min_containers = 100;
    sim.settings.wait_s = 0.2;
    sim.settings.max_batch_size = 4;
    assert_figure(&sim, "mean wait, at most 4", mean_wait, 0.0696);
    sim.settings.max_batch_size = 16;
    assert_figure(&sim, "size, at most 16", batch_size, 5.000);
    sim_release(&sim);
}

static void one_gpu_takes_all_that_waits(void **state)
{
    (void)state;
    struct sim sim;
    sim_init(&sim, 150, 200000, dist_const(0), dist_const(0));
    double batch_s[1000];
    for (int i = 0; i < 1000; i++)
        batch_s[i] = 0.020 + 0.004 * (i + 1);
    sim.model.batch_s = batch_s;
    sim.model.n_batch = 1000;
    sim.settings.min_containers = sim.settings.max_containers = 1;
    sim.settings.max_batch_size = 1000;
    assert_figure(&sim, "mean latency", mean_latency, 0.08311);
    sim_release(&sim);
}

static void littles_law_and_the_sums_hold(void **state)
{
    (void)state;
    struct sim sim;
    sim_init(&sim, 2, 50000, dist_of_moments(DIST_GAMMA, 1.5, 0.9), dist_of_moments(DIST_LOGNORMAL, 4, 3));
    sim.settings.max_containers = 6;
    sim.settings.scaledown_window = dist_const(20);
    run(&sim, 5, false);
    struct outcome *o = &sim.outcome;
    assert_int_equal(o->completed, 50000);
    assert_true(fabs(o->busy_s - o->service_s) < 1e-6 * o->busy_s);
    assert_true(fabs(mean_wait(o) + o->service_s / 50000 - mean_latency(o)) < 1e-9);
    assert_true(o->container_s >= o->busy_s + o->start_s);
    double latency = mean_latency(o), container_s = o->container_s;
    uint64_t cold = o->cold;
    /* all times seven times longer */
    sim.arrivals.rate /= 7;
    sim.model.service = dist_of_moments(DIST_GAMMA, 1.5 * 7, 0.9 * 7);
    sim.model.cold = dist_of_moments(DIST_LOGNORMAL, 4 * 7, 3 * 7);
    sim.settings.scaledown_window = dist_const(140);
    run(&sim, 5, false);
    assert_int_equal(sim.outcome.cold, cold);
    assert_true(fabs(mean_latency(&sim.outcome) / latency / 7 - 1) < 1e-9);
    assert_true(fabs(sim.outcome.container_s / container_s / 7 - 1) < 1e-9);
    sim_release(&sim);
}

static void more_minimum_never_makes_anyone_wait_longer(void **state)
{
    (void)state;
    struct sim sim;
    sim_init(&sim, 6, 20000, dist_exp(1), dist_const(5));
    sim.settings.max_containers = 12;
    sim.settings.scaledown_window = dist_const(30);
    double last = HUGE_VAL;
    for (uint32_t least = 0; least <= 12; least++) {
        sim.settings.min_containers = least;
        run(&sim, 3, false);
        assert_true(mean_wait(&sim.outcome) <= last + 1e-9);
        last = mean_wait(&sim.outcome);
    }
    sim_release(&sim);
}

static void both_loops_give_the_same(void **state)
{
    (void)state;
    struct sim sim;
    sim_init(&sim, 3, 20000, dist_exp(1.2), dist_of_moments(DIST_LOGNORMAL, 3, 2));
    sim.settings.max_containers = 7;
    sim.settings.scaledown_window = dist_const(4);
    for (int variant = 0; variant < 8; variant++) {
        sim.settings.min_containers = variant & 1 ? 2 : 0;
        sim.settings.dispatch = variant & 2 ? DISPATCH_OLDEST : DISPATCH_NEWEST;
        sim.settings.bind_starts = variant & 4;
        sim.settings.timeout_s = variant & 1 ? 3 : HUGE_VAL;
        run(&sim, 9, false);
        double latency = mean_latency(&sim.outcome), p99 = p99_latency(&sim.outcome), used = sim.outcome.container_s;
        double by_end = sim.outcome.container_by_end_s, busy = sim.outcome.busy_s, cold_s = sim.outcome.wait_cold_s;
        uint64_t cold = sim.outcome.cold, waited = sim.outcome.waited, starts = sim.outcome.starts,
                 late = sim.outcome.timed_out;
        run(&sim, 9, true);
        assert_int_equal(sim.outcome.cold, cold);
        assert_int_equal(sim.outcome.waited, waited);
        assert_int_equal(sim.outcome.starts, starts);
        assert_int_equal(sim.outcome.timed_out, late);
        assert_true(fabs(mean_latency(&sim.outcome) - latency) < 1e-9);
        assert_true(fabs(p99_latency(&sim.outcome) - p99) < 1e-9);
        assert_true(fabs(sim.outcome.container_s - used) < 1e-6);
        assert_true(fabs(sim.outcome.container_by_end_s - by_end) < 1e-6);
        assert_true(fabs(sim.outcome.busy_s - busy) < 1e-6);
        assert_true(variant & 1 || fabs(sim.outcome.wait_cold_s - cold_s) < 1e-6);
    }
    sim_release(&sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_house_waits_as_erlang_c_says),
        cmocka_unit_test(a_full_house_turns_away_as_erlang_b_says),
        cmocka_unit_test(other_service_times_wait_as_allen_and_cunneen_say),
        cmocka_unit_test(a_window_loses_what_comes_after_it),
        cmocka_unit_test(one_container_with_set_up_adds_it_to_mm1),
        cmocka_unit_test(surplus_starts_that_are_cancelled_leave_mm_inf_with_set_up),
        cmocka_unit_test(batches_fill_as_a_poisson_process_fills_them),
        cmocka_unit_test(one_gpu_takes_all_that_waits),
        cmocka_unit_test(littles_law_and_the_sums_hold),
        cmocka_unit_test(more_minimum_never_makes_anyone_wait_longer),
        cmocka_unit_test(both_loops_give_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
