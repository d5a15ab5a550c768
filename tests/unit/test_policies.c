/* Each policy on a few requests, worked out by hand event by event. */
#include "unit.h"

#include <math.h>
#include <stdlib.h>

#include "simulate/bound.h"
#include "simulate/engine.h"
#include "simulate/policy.h"
#include "simulate/scaler.h"

struct scene {
    struct engine *engine;
    struct settings settings;
    struct model model;
    struct outcome outcome;
};

static void scene_init(struct scene *scene, const char *policy, double cold_s)
{
    *scene = (struct scene){.engine = engine_new(), .settings = policy_settings(policy_find(str_of(policy)))};
    scene->model.service = dist_const(1);
    scene->model.cold = dist_const(cold_s);
}

static void scene_release(struct scene *scene)
{
    engine_free(scene->engine);
    outcome_release(&scene->outcome);
}

static void play(struct scene *scene, const double *times, const double *services, size_t n, bool full)
{
    struct memory_source source;
    memory_source_init(&source, times, services, n, 0);
    int rc = full
                 ? engine_run_full(scene->engine, &scene->settings, &scene->model, &source.source, 1, &scene->outcome,
                                   NULL)
                 : engine_run(scene->engine, &scene->settings, &scene->model, &source.source, 1, &scene->outcome, NULL);
    assert_int_equal(rc, 0);
}

#define assert_near(actual, expected) assert_near_at((actual), (expected), __LINE__)

static void assert_near_at(double actual, double expected, int line)
{
    if (fabs(actual - expected) < 1e-6)
        return;
    print_error("line %d: %.9g is not %.9g\n", line, actual, expected);
    fail();
}

/* At 0 the first container A is asked for, at 1 a second, B.  A is ready at 2 and serves the first request until 3, then takes the
 * second, which never sees B: ready at 3, idle until 8.  A idles from 4 to 9.  At 10 a third starts, serves 12 to 13, goes at 18. */
static void modal_starts_what_is_missing_and_keeps_it_for_its_window(void **state)
{
    (void)state;
    struct scene scene;
    const double times[] = {0, 1, 10};
    scene_init(&scene, "modal", 2);
    scene.settings.scaledown_window = dist_const(5);
    for (int full = 0; full < 2; full++) {
        play(&scene, times, NULL, 3, full);
        const struct outcome *o = &scene.outcome;
        assert_int_equal(o->starts, 3);
        assert_int_equal(o->cold, 2);
        assert_int_equal(o->waited, 3);
        assert_near(tally_mean(&scene.outcome.latency), 3);
        assert_near(o->container_s, 9 + 7 + 8);
        assert_near(o->container_by_end_s, 9 + 7 + 3);
        assert_near(o->start_s, 6);
        assert_near(o->busy_s, 3);
        assert_near(o->wait_cold_s, 4);
        assert_near(o->wait_queue_s, 2);
    }
    scene_release(&scene);
}

/* One for the request and one to spare, both ready at 2; the spare idles from 2 to 7.  The other serves 2 to 3 and, as the newest
 * idle one, the request at 4; it goes at 10. */
static void a_buffer_is_started_with_the_first_request(void **state)
{
    (void)state;
    struct scene scene;
    const double times[] = {0, 4};
    scene_init(&scene, "modal", 2);
    scene.settings.scaledown_window = dist_const(5);
    scene.settings.buffer_containers = 1;
    play(&scene, times, NULL, 2, false);
    assert_int_equal(scene.outcome.starts, 2);
    assert_int_equal(scene.outcome.cold, 1);
    assert_near(scene.outcome.container_s, 10 + 7);
    assert_near(tally_mean(&scene.outcome.latency), (3 + 1) / 2.0);
    scene_release(&scene);
}

/* Two at once in a warm container; the third waits until the first is done at 3, since its own container takes until 4. */
static void inputs_share_a_container_up_to_the_maximum(void **state)
{
    (void)state;
    struct scene scene;
    const double times[] = {0, 1, 2}, services[] = {3, 3, 3};
    scene_init(&scene, "modal", 2);
    scene.settings.min_containers = 1;
    scene.settings.max_inputs = 2;
    scene.settings.scaledown_window = dist_const(5);
    play(&scene, times, services, 3, false);
    assert_int_equal(scene.outcome.starts, 1);
    assert_int_equal(scene.outcome.cold, 0);
    assert_int_equal(scene.outcome.waited, 1);
    assert_near(tally_mean(&scene.outcome.latency), (3 + 3 + 4) / 3.0);
    assert_near(scene.outcome.busy_s, 6);
    assert_near(scene.outcome.input_s, 9);
    assert_near(scene.outcome.container_s,
                6 + (9 - 2)); /* the minimum until the last end; the other until its window ends */
    scene_release(&scene);
}

/* Slowed by half with two at once: the second call, begun beside the first, takes 4.5 s. */
static void company_slows_a_call(void **state)
{
    (void)state;
    struct scene scene;
    const double times[] = {0, 1}, services[] = {3, 3}, slowdown[] = {1, 1.5};
    scene_init(&scene, "modal", 2);
    scene.settings.min_containers = 1;
    scene.settings.max_inputs = 2;
    scene.model.slowdown = slowdown;
    scene.model.n_slowdown = 2;
    play(&scene, times, services, 2, false);
    assert_near(tally_max(&scene.outcome.latency), 4.5);
    scene_release(&scene);
}

/* Three fill a batch at 0.2 s: 0.5 s together.  The fourth waits its full half second for company until 0.8, then for the end of
 * the first batch: no, that ended at 0.7.  It is done at 0.8 + 0.3. */
static void a_batch_goes_when_it_is_full_or_its_time_is_up(void **state)
{
    (void)state;
    struct scene scene;
    const double times[] = {0, 0.1, 0.2, 0.3}, batch_s[] = {0.3, 0.4, 0.5};
    scene_init(&scene, "modal", 2);
    scene.settings.min_containers = scene.settings.max_containers = 1;
    scene.settings.max_batch_size = 3;
    scene.settings.wait_s = 0.5;
    scene.model.batch_s = batch_s;
    scene.model.n_batch = 3;
    play(&scene, times, NULL, 4, false);
    assert_int_equal(scene.outcome.batches, 2);
    assert_near(tally_mean(&scene.outcome.latency), (0.7 + 0.6 + 0.5 + 0.8) / 4);
    /* the fourth waits 0.4 for the busy container and 0.1 for company */
    assert_near(scene.outcome.wait_batch_s, 0.2 + 0.1 + 0 + 0.1);
    assert_near(scene.outcome.wait_queue_s, 0.4);
    scene_release(&scene);
}

/* A call of 5 s is cut at 2 s, tried again 1 s and then 2 s later, and given up: 2 + 1 + 2 + 2 + 2 = 9 s of nothing. */
static void a_call_that_is_too_long_is_retried_and_given_up(void **state)
{
    (void)state;
    struct scene scene;
    const double times[] = {0}, services[] = {5};
    scene_init(&scene, "modal", 2);
    scene.settings.min_containers = 1;
    scene.settings.timeout_s = 2;
    scene.settings.retries = 2;
    play(&scene, times, services, 1, false);
    assert_int_equal(scene.outcome.timed_out, 1);
    assert_int_equal(scene.outcome.retried, 2);
    assert_int_equal(scene.outcome.completed, 0);
    assert_near(scene.outcome.busy_s, 6);
    assert_near(scene.outcome.end_s, 9);
    scene_release(&scene);
}

/* Three at 0 and one container that takes a second each: the third would begin at 2 and gives up at 1.5. */
static void who_waits_too_long_gives_up(void **state)
{
    (void)state;
    struct scene scene;
    const double times[] = {0, 0, 0};
    scene_init(&scene, "modal", 2);
    scene.settings.min_containers = scene.settings.max_containers = 1;
    scene.settings.queue_timeout_s = 1.5;
    play(&scene, times, NULL, 3, false);
    assert_int_equal(scene.outcome.given_up, 1);
    assert_int_equal(scene.outcome.completed, 2);
    scene_release(&scene);
}

/* Idle since 2, from then on 600 s: a request at 602 is served, one at 1203.5, more than 600 s after 603, is not. */
static void a_fixed_ttl_counts_from_the_end_of_the_call(void **state)
{
    (void)state;
    struct scene scene;
    const double times[] = {0, 602, 1203.5};
    scene_init(&scene, "fixed-ttl", 1);
    play(&scene, times, NULL, 3, false);
    assert_int_equal(scene.outcome.cold, 2);
    assert_near(scene.outcome.container_s, 1203 + (1205.5 - 1203.5 + 600));
    scene_release(&scene);
}

/* Each of the first two starts its own container and waits for it, though the first is free at 3 already.  At 3.5 the first one
 * serves, at 3.6 both are busy: a third start. */
static void lambda_binds_a_request_to_its_start(void **state)
{
    (void)state;
    struct scene scene;
    const double times[] = {0, 1, 3.5, 3.6};
    scene_init(&scene, "aws-lambda", 2);
    scene.settings.scaledown_window = dist_const(5);
    scene.settings.surplus_window = scene.settings.lifetime = (struct dist){.mean = -1};
    for (int full = 0; full < 2; full++) {
        play(&scene, times, NULL, 4, full);
        assert_int_equal(scene.outcome.cold, 3);
        assert_near(tally_mean(&scene.outcome.latency), (3 + 3 + 1 + 3) / 4.0);
        /* A: 0 to 4.5 + 5, B: 1 to 4 + 5, C: 3.6 to 6.6 + 5 */
        assert_near(scene.outcome.container_s, 9.5 + 8 + 8);
    }
    scene.settings.max_containers = 1; /* reserved concurrency: the others are turned away */
    play(&scene, times, NULL, 4, false);
    assert_int_equal(scene.outcome.rejected, 2);
    scene.settings.max_containers = CONTAINERS_MOST;
    scene.settings.min_containers = 3; /* provisioned concurrency */
    play(&scene, times, NULL, 4, false);
    assert_int_equal(scene.outcome.cold, 0);
    scene_release(&scene);
}

/* Alone, a container is gone 5 s after its call; beside another it stays 20 s; 30 s after it was born it goes in any case. */
static void lambda_keeps_the_surplus_longer_but_nobody_for_ever(void **state)
{
    (void)state;
    struct scene scene;
    const double lonely[] = {0, 7.5}, two[] = {0, 0, 10, 10}, old[] = {0, 0, 12, 24, 33};
    scene_init(&scene, "aws-lambda", 1);
    scene.settings.scaledown_window = dist_const(5);
    scene.settings.surplus_window = dist_const(20);
    scene.settings.lifetime = dist_const(30);
    play(&scene, lonely, NULL, 2, false);
    assert_int_equal(scene.outcome.cold, 2);
    play(&scene, two, NULL, 4, false);
    assert_int_equal(scene.outcome.cold, 2);
    play(&scene, old, NULL, 5, false);
    assert_int_equal(scene.outcome.cold, 3);
    scene_release(&scene);
}

/* The second request's container is given up at 3, when the first one takes the request: started at 1.5, half a second to go. */
static void scale_to_zero_gives_up_starts_that_nobody_waits_for(void **state)
{
    (void)state;
    struct scene scene;
    const double times[] = {0, 1.5};
    scene_init(&scene, "scale-to-zero", 2);
    play(&scene, times, NULL, 2, false);
    assert_int_equal(scene.outcome.starts_cancelled, 1);
    assert_near(scene.outcome.container_s, 4 + 1.5);
    assert_near(scene.outcome.start_s, 2 + 1.5);
    assert_near(tally_mean(&scene.outcome.latency), (3 + 2.5) / 2);
    scene_release(&scene);
}

/* One request at 1 that takes 10 s, target 0.7.  No container: one is started at once.  Tick at 2: mean load 0.5, one is enough.  Tick
 * at 4: (0.5 + 1) / 2 over 0.7 makes 2, twice what is ready: panic, a second one starts, never fewer for 60 s.  At 66 the
 * panic is over and 3 / 30 asks for one; at 72 nothing is left in the window. */
static void kpa_panics_and_shrinks_after_a_minute(void **state)
{
    (void)state;
    struct scene scene;
    const double times[] = {1}, services[] = {10};
    scene_init(&scene, "knative-kpa", 1);
    play(&scene, times, services, 1, false);
    assert_int_equal(scene.outcome.starts, 2);
    assert_int_equal(scene.outcome.peak_containers, 2);
    assert_near(tally_mean(&scene.outcome.latency), 11);
    assert_near(scene.outcome.container_s, (66 - 4) + (72 - 1));
    scene_release(&scene);
}

/* Four at 1 with one warm container: at 15 the load is four times the target, three start and are ready at 20.  From 60 on all is
 * quiet, but the most that was wanted in 300 s counts: 4 until 330, 3 at 345, then the minimum. */
static void flash_grows_at_once_and_shrinks_after_five_minutes(void **state)
{
    (void)state;
    struct scene scene;
    const double times[] = {1, 1, 1, 1}, services[] = {40, 40, 40, 40};
    scene_init(&scene, "modal-flash", 5);
    scene.settings.min_containers = 1;
    play(&scene, times, services, 4, false);
    assert_int_equal(scene.outcome.starts, 3);
    assert_near(tally_mean(&scene.outcome.latency), (40 + 3 * 59) / 4.0);
    assert_near(scene.outcome.container_s, 345 + 2 * (360 - 15) + (60 - 15));
    scene_release(&scene);
}

/* A request each half hour.  The first gap is kept through; it falls into minute 29, so that from then on the container goes at
 * once and another is asked for 0.9 x 29 minutes later: at 3366, ready at 3376, in time for 3600. */
static void the_histogram_policy_stops_at_once_and_starts_ahead(void **state)
{
    (void)state;
    struct scene scene;
    const double times[] = {0, 1800, 3600}, services[] = {0, 0, 0};
    scene_init(&scene, "hybrid-histogram", 10);
    play(&scene, times, services, 3, false);
    assert_int_equal(scene.outcome.cold, 1);
    assert_int_equal(scene.outcome.starts, 2);
    assert_near(scene.outcome.container_s, 1800 + (3600 - 3366));
    scene_release(&scene);
}

static void the_histogram_policy_forecasts_beyond_its_range(void **state)
{
    (void)state;
    struct scaler scaler;
    double from, until;
    scaler_reset(&scaler);
    scaler_windows(&scaler, &from, &until);
    assert_near(from, 0);
    assert_near(until, 4 * 3600);
    scaler_add_gap(&scaler, 20000);
    scaler_windows(&scaler, &from, &until);
    assert_near(from, 17000);
    assert_near(until, 23000);
    for (int i = 0; i < 240; i++) /* evenly spread: nothing to learn, the whole range is kept */
        scaler_add_gap(&scaler, i * 60 + 1);
    scaler_windows(&scaler, &from, &until);
    assert_near(from, 0);
}

/* A start for the first; 3 s bridged to the second; 93 s are dearer than a start of 10. */
static void the_bound_bridges_short_gaps_only(void **state)
{
    (void)state;
    const double times[] = {0, 5, 100}, services[] = {2, 2, 2};
    struct memory_source source;
    struct model model = {.cold = dist_const(10)};
    struct bound bound;
    memory_source_init(&source, times, services, 3, 0);
    assert_int_equal(bound_compute(&source.source, &model, 10, 1, &bound, NULL), 0);
    assert_int_equal(bound.starts, 2);
    assert_near(bound.container_s, 6 + 10 + 3 + 10);
    /* two fall free at 2 and 4; the one at 6 takes the latest, which leaves the gap of 8 to the other: both are bridged */
    const double crossed[] = {0, 0, 6, 10}, calls[] = {2, 4, 1, 1};
    memory_source_init(&source, crossed, calls, 4, 0);
    assert_int_equal(bound_compute(&source.source, &model, 10, 1, &bound, NULL), 0);
    assert_near(bound.container_s, 8 + 20 + 2 + 3);
}

/* Taken away at random every 5 s in the mean: all requests end all the same, and what was running begins again. */
static void preempted_calls_begin_again(void **state)
{
    (void)state;
    struct scene scene;
    double times[200];
    for (int i = 0; i < 200; i++)
        times[i] = i;
    scene_init(&scene, "modal", 1);
    scene.settings.preempt_every_s = 5;
    play(&scene, times, NULL, 200, false);
    assert_true(scene.outcome.preempted > 20);
    assert_int_equal(scene.outcome.completed, 200);
    assert_true(scene.outcome.input_s > 200);
    scene_release(&scene);
}

/* Half of the starts fail: twice as many, twice the time. */
static void failed_starts_are_repeated(void **state)
{
    (void)state;
    struct scene scene;
    double times[2000];
    for (int i = 0; i < 2000; i++)
        times[i] = 100.0 * i;
    scene_init(&scene, "modal", 2);
    scene.settings.scaledown_window = dist_const(1);
    scene.settings.start_failure = 0.5;
    play(&scene, times, NULL, 2000, false);
    assert_int_equal(scene.outcome.starts, 2000);
    assert_true(fabs((double)scene.outcome.starts_failed / 2000 - 1) < 0.1);
    assert_true(fabs(scene.outcome.start_s / 8000 - 1) < 0.1);
    scene_release(&scene);
}

static double pick(struct rng *rng, const double *values, size_t n)
{
    return values[rng_below(rng, n)];
}

#define PICK(rng, ...)                                                                                                 \
    pick((rng), (const double[]){__VA_ARGS__}, sizeof((const double[]){__VA_ARGS__}) / sizeof(double))

static void set_at_random(struct settings *settings, struct rng *rng)
{
    settings->min_containers = (uint32_t)PICK(rng, 0, 0, 1, 3);
    settings->max_containers = (uint32_t)PICK(rng, 3, 5, 20, CONTAINERS_MOST);
    settings->buffer_containers = (uint32_t)PICK(rng, 0, 0, 1, 4);
    settings->scaledown_window = rng_below(rng, 2) ? dist_const(PICK(rng, 0, 1, 10, 60)) : dist_exp(5);
    settings->surplus_window = rng_below(rng, 3) ? (struct dist){.mean = -1} : dist_exp(20);
    settings->lifetime = rng_below(rng, 3) ? (struct dist){.mean = -1} : dist_exp(30);
    settings->max_inputs = (uint32_t)PICK(rng, 1, 1, 2, 7);
    settings->target_inputs = rng_below(rng, 2) ? 0 : 1;
    settings->max_batch_size = (uint32_t)PICK(rng, 1, 1, 3, 8);
    settings->wait_s = PICK(rng, 0, 0.1, 2);
    settings->timeout_s = PICK(rng, HUGE_VAL, HUGE_VAL, 0.5, 3);
    settings->startup_timeout_s = PICK(rng, HUGE_VAL, 5);
    settings->queue_timeout_s = PICK(rng, HUGE_VAL, HUGE_VAL, 0, 4);
    settings->retries = (uint32_t)PICK(rng, 0, 0, 2);
    settings->max_queue = (uint32_t)PICK(rng, UINT32_MAX, UINT32_MAX, 0, 5);
    settings->start_failure = PICK(rng, 0, 0, 0.3);
    settings->preempt_every_s = PICK(rng, 0, 0, 20);
    settings->dispatch = (uint32_t)rng_below(rng, 4);
    settings->bind_starts = rng_below(rng, 3) == 0;
    settings->cancel_starts = rng_below(rng, 3) == 0;
}

static void check_sums(const struct scene *scene, size_t n)
{
    const struct outcome *o = &scene->outcome;
    const struct settings *settings = &scene->settings;
    assert_int_equal(o->completed + o->rejected + o->timed_out + o->given_up, o->requests);
    assert_int_equal(o->requests, n);
    assert_true(o->container_s >= o->busy_s + o->start_s - 1e-6 * (1 + o->container_s));
    assert_true(o->container_by_end_s <= o->container_s + 1e-6);
    assert_true(o->busy_s >= -1e-9 && o->start_s >= -1e-9 && o->wait_queue_s >= -1e-9 && o->wait_cold_s >= -1e-9);
    uint32_t extra = settings->policy->scaling == SCALE_FLASH ? settings->buffer_containers : 0;
    assert_true(o->peak_containers <= settings->max_containers + extra);
    assert_true(o->cold <= n && o->waited <= n);
}

static void play_at_random(struct scene *scene, struct rng *rng)
{
    static const double slowdown[] = {1, 1.2, 1.5};
    const struct policy *policy;
    do {
        policy = policy_at(rng_below(rng, 8));
    } while (policy->scaling == SCALE_BOUND);
    scene->settings = policy_settings(policy);
    set_at_random(&scene->settings, rng);
    scene->model.service = dist_exp(1);
    scene->model.cold = rng_below(rng, 2) ? dist_exp(3) : dist_const(0);
    scene->model.slowdown = rng_below(rng, 2) ? slowdown : NULL;
    scene->model.n_slowdown = 3;
    scene->outcome.series.bin_s = rng_below(rng, 4) ? 0 : 1.5;
    double times[60], now = 0;
    size_t n = rng_below(rng, 60);
    for (size_t i = 0; i < n; i++)
        times[i] = now += PICK(rng, 0, 0.1, 0.5, 3) * rng_exp(rng);
    play(scene, times, NULL, n, false);
    check_sums(scene, n);
}

/* Whatever is set, every request ends in one way, and the seconds add up.  SEEDS=5000 in the environment tries more. */
static void every_request_ends_once_under_any_settings(void **state)
{
    (void)state;
    struct scene scene;
    const char *wanted = getenv("SEEDS");
    long seeds = wanted ? strtol(wanted, NULL, 10) : 20;
    scene_init(&scene, "modal", 1);
    for (long seed = 1; seed <= seeds; seed++) {
        struct rng rng;
        rng_init(&rng, (uint64_t)seed);
        for (int round = 0; round < 200; round++)
            play_at_random(&scene, &rng);
    }
    scene_release(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_request_ends_once_under_any_settings),
        cmocka_unit_test(modal_starts_what_is_missing_and_keeps_it_for_its_window),
        cmocka_unit_test(a_buffer_is_started_with_the_first_request),
        cmocka_unit_test(inputs_share_a_container_up_to_the_maximum),
        cmocka_unit_test(company_slows_a_call),
        cmocka_unit_test(a_batch_goes_when_it_is_full_or_its_time_is_up),
        cmocka_unit_test(a_call_that_is_too_long_is_retried_and_given_up),
        cmocka_unit_test(who_waits_too_long_gives_up),
        cmocka_unit_test(a_fixed_ttl_counts_from_the_end_of_the_call),
        cmocka_unit_test(lambda_binds_a_request_to_its_start),
        cmocka_unit_test(lambda_keeps_the_surplus_longer_but_nobody_for_ever),
        cmocka_unit_test(scale_to_zero_gives_up_starts_that_nobody_waits_for),
        cmocka_unit_test(kpa_panics_and_shrinks_after_a_minute),
        cmocka_unit_test(flash_grows_at_once_and_shrinks_after_five_minutes),
        cmocka_unit_test(the_histogram_policy_stops_at_once_and_starts_ahead),
        cmocka_unit_test(the_histogram_policy_forecasts_beyond_its_range),
        cmocka_unit_test(the_bound_bridges_short_gaps_only),
        cmocka_unit_test(preempted_calls_begin_again),
        cmocka_unit_test(failed_starts_are_repeated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
