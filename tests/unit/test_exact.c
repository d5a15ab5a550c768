/* The exact answers at many parameters: what a formula or a small chain gives, and what the simulator says, within three standard
 * errors of its own runs. */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "simulate/engine.h"
#include "simulate/generate.h"
#include "simulate/policy.h"

enum { RUNS = 24 };

struct sim {
    struct engine *engine;
    struct settings settings;
    struct model model;
    struct generator arrivals;
    struct outcome outcome;
};

static void sim_init(struct sim *sim, double rate, uint64_t requests, struct dist service, struct dist cold)
{
    *sim = (struct sim){.engine = engine_new(), .settings = settings_default()};
    sim->model.service = service;
    sim->model.cold = cold;
    sim->arrivals = (struct generator){.kind = GENERATE_POISSON, .rate = rate, .requests = requests};
}

static void sim_release(struct sim *sim)
{
    engine_free(sim->engine);
    outcome_release(&sim->outcome);
}

enum figure { WAITED, MEAN_WAIT, MEAN_LATENCY, REJECTED, COLD, IDLE, BATCH, BUSY, STARTING, FIGURES };

static void read_figures(struct outcome *o, double *values)
{
    double requests = (double)o->requests, completed = (double)o->completed;
    values[WAITED] = (double)o->waited / requests;
    values[MEAN_WAIT] = (o->wait_queue_s + o->wait_cold_s + o->wait_batch_s) / completed;
    values[MEAN_LATENCY] = tally_mean(&o->latency);
    values[REJECTED] = (double)o->rejected / requests;
    values[COLD] = (double)o->cold / requests;
    values[IDLE] = (o->container_s - o->busy_s - o->start_s) / requests;
    values[BATCH] = completed / (double)o->batches;
    values[BUSY] = o->busy_s / o->end_s;
    values[STARTING] = o->start_s / o->end_s;
}

struct expected {
    enum figure figure;
    double exact;
};

/* All figures of one point, from the same runs. */
static void assert_point(struct sim *sim, const char *name, const struct expected *expected, size_t n)
{
    double sums[FIGURES] = {0}, squares[FIGURES] = {0}, values[FIGURES];
    for (uint64_t seed = 1; seed <= RUNS; seed++) {
        struct generated_source source;
        assert_int_equal(generated_source_init(&source, &sim->arrivals, NULL), 0);
        assert_int_equal(
            engine_run(sim->engine, &sim->settings, &sim->model, &source.source, seed, &sim->outcome, NULL), 0);
        read_figures(&sim->outcome, values);
        for (int i = 0; i < FIGURES; i++) {
            sums[i] += values[i];
            squares[i] += values[i] * values[i];
        }
    }
    for (size_t i = 0; i < n; i++) {
        double mean = sums[expected[i].figure] / RUNS;
        double variance = fmax(0, squares[expected[i].figure] / RUNS - mean * mean);
        double error = sqrt(variance / (RUNS - 1));
        if (fabs(mean - expected[i].exact) <= 3 * error + 1e-9)
            continue;
        print_error("%s: figure %d is %.6f, exactly %.6f, standard error %.6f\n", name, (int)expected[i].figure, mean,
                    expected[i].exact, error);
        fail();
    }
}

static double erlang_b(double load, uint32_t c)
{
    double b = 1;
    for (uint32_t k = 1; k <= c; k++)
        b = load * b / (k + load * b);
    return b;
}

static void erlang_c_and_b(void **state)
{
    (void)state;
    static const struct {
        double rate, service_s;
        uint32_t containers;
    } points[] = {{0.5, 1, 1}, {1.6, 1, 2}, {3, 0.8, 4},     {9, 0.5, 5},   {40, 0.2, 10},
                  {18, 1, 20}, {2, 20, 50}, {150, 0.6, 100}, {0.05, 30, 2}, {700, 0.01, 8}};
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        double load = points[i].rate * points[i].service_s, c = points[i].containers, rho = load / c;
        double b = erlang_b(load, points[i].containers), waits = b / (1 - rho + rho * b);
        struct sim sim;
        sim_init(&sim, points[i].rate, 100000, dist_exp(points[i].service_s), dist_const(3));
        sim.settings.min_containers = sim.settings.max_containers = points[i].containers;
        const struct expected waiting[] = {{WAITED, waits}, {MEAN_WAIT, waits * points[i].service_s / (c - load)}};
        assert_point(&sim, "Erlang C", waiting, 2);
        sim.settings.max_queue = 0;
        assert_point(&sim, "Erlang B", &(struct expected){REJECTED, b}, 1);
        sim_release(&sim);
    }
}

static void the_idle_window(void **state)
{
    (void)state;
    static const double points[][2] = {{1.0 / 300, 600}, {1.0 / 60, 60},    {0.2, 10},
                                       {3, 0.1},         {1.0 / 3600, 300}, {1, 0}};
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        double rate = points[i][0], window = points[i][1], lost = exp(-rate * window);
        struct sim sim;
        sim_init(&sim, rate, 20000, dist_const(0), dist_const(0));
        sim.settings.scaledown_window = dist_const(window);
        const struct expected expected[] = {{COLD, lost}, {IDLE, (1 - lost) / rate}};
        assert_point(&sim, "window", expected, 2);
        sim_release(&sim);
    }
}

static void mm1_with_set_up(void **state)
{
    (void)state;
    static const double points[][3] = {{0.7, 1, 4}, {0.3, 1, 10}, {4, 0.2, 1}, {0.01, 60, 30}, {0.5, 1, 0.1}};
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        double rate = points[i][0], service = points[i][1], start = points[i][2];
        struct sim sim;
        sim_init(&sim, rate, 100000, dist_exp(service), dist_exp(start));
        sim.settings.max_containers = 1;
        sim.settings.scaledown_window = dist_const(0);
        assert_point(&sim, "M/M/1 with set-up", &(struct expected){MEAN_LATENCY, 1 / (1 / service - rate) + start}, 1);
        sim_release(&sim);
    }
}

enum { SIDE = 64 };

/* Mean of those that wait (and start) in the chain of M/M/inf with set-up: i busy, j waiting; a free one takes the next. */
static double mean_starting(double rate, double mu, double alpha)
{
    static double p[SIDE][SIDE];
    for (int i = 0; i < SIDE * SIDE; i++)
        p[i / SIDE][i % SIDE] = 1;
    for (int sweep = 0; sweep < 3000; sweep++) {
        double all = 0;
        for (int i = 0; i < SIDE; i++) {
            for (int j = 0; j < SIDE; j++) {
                double in = j > 0 ? rate * p[i][j - 1] : 0;
                in += j + 1 < SIDE ? i * mu * p[i][j + 1] : 0;
                in += i > 0 && j + 1 < SIDE ? (j + 1) * alpha * p[i - 1][j + 1] : 0;
                in += j == 0 && i + 1 < SIDE ? (i + 1) * mu * p[i + 1][0] : 0;
                p[i][j] = in / ((j + 1 < SIDE ? rate : 0) + i * mu + (i + 1 < SIDE ? j * alpha : 0) + 1e-300);
                all += p[i][j];
            }
        }
        for (int i = 0; i < SIDE; i++) {
            for (int j = 0; j < SIDE; j++)
                p[i][j] /= all;
        }
    }
    double mean = 0;
    for (int i = 0; i < SIDE; i++) {
        for (int j = 0; j < SIDE; j++)
            mean += j * p[i][j];
    }
    return mean;
}

static void mm_inf_with_set_up(void **state)
{
    (void)state;
    static const double points[][3] = {{5, 2, 10}, {2, 1, 5}, {3, 4, 2}, {1, 0.5, 20}};
    assert_true(fabs(mean_starting(5, 0.5, 0.1) - 5.428) < 0.001);
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        double rate = points[i][0], service = points[i][1], start = points[i][2];
        double starting = mean_starting(rate, 1 / service, 1 / start);
        struct sim sim;
        sim_init(&sim, rate, 40000, dist_exp(service), dist_exp(start));
        sim.settings = policy_settings(policy_find(STR("scale-to-zero")));
        const struct expected expected[] = {
            {BUSY, rate * service}, {STARTING, starting}, {MEAN_LATENCY, service + starting / rate}};
        assert_point(&sim, "M/M/inf with set-up", expected, 3);
        sim_release(&sim);
    }
}

/* The batch opens with its first input and closes after `window` or when it has `most`: mean size, and mean wait for it. */
static void batch_answers(double rate, double window, uint32_t most, double *size_out, double *wait_out)
{
    enum { STEPS = 4000 };
    double waits = 0, term = exp(-rate * window), below = 0, size = 1;
    for (uint32_t n = 0; n + 1 < most; n++) { /* E min(N, most - 1) is the sum of P(N > n) */
        below += term;
        size += 1 - below;
        term *= rate * window / (n + 1);
    }
    for (int step = 0; step < STEPS; step++) {
        double t = (step + 0.5) / STEPS * window, p = exp(-rate * t);
        for (uint32_t n = 0; n + 1 < most; n++) {
            waits += (1 + n) * p * window / STEPS;
            p *= rate * t / (n + 1);
        }
    }
    *size_out = size;
    *wait_out = waits / size;
}

static void batches_that_fill(void **state)
{
    (void)state;
    static const struct {
        double rate, window;
        uint32_t most;
    } points[] = {{20, 0.2, 4}, {20, 0.2, 16}, {5, 1, 8}, {100, 0.05, 2}, {2, 0.5, 32}, {50, 0.1, 6}};
    double size, wait, batch_s[32];
    batch_answers(20, 0.2, 4, &size, &wait);
    assert_true(fabs(size - 3.652) < 0.001 && fabs(wait - 0.0696) < 0.0001);
    for (int i = 0; i < 32; i++)
        batch_s[i] = 0.5;
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        batch_answers(points[i].rate, points[i].window, points[i].most, &size, &wait);
        struct sim sim;
        sim_init(&sim, points[i].rate, 50000, dist_const(0), dist_const(0));
        sim.model.batch_s = batch_s;
        sim.model.n_batch = 32;
        sim.settings.min_containers = 200;
        sim.settings.wait_s = points[i].window;
        sim.settings.max_batch_size = points[i].most;
        const struct expected expected[] = {{BATCH, size}, {MEAN_WAIT, wait}};
        assert_point(&sim, "batches", expected, 2);
        sim_release(&sim);
    }
}

enum { GREEDY_MOST = 120 };

/* Mean latency where one container takes all that waits, in base + each * b: the chain of its batches' sizes. */
static double greedy_latency(double rate, double base, double each)
{
    static double p[GREEDY_MOST + 1], next[GREEDY_MOST + 1];
    double latency = 0, inputs = 0;
    memset(p, 0, sizeof(p));
    p[1] = 1;
    for (int sweep = 0; sweep < 400; sweep++) {
        memset(next, 0, sizeof(next));
        latency = inputs = 0;
        for (int b = 1; b <= GREEDY_MOST; b++) {
            double takes = base + each * b, term = exp(-rate * takes);
            latency += p[b] * rate * takes * takes / 2;
            for (int n = 0; n <= GREEDY_MOST; n++) {
                int following = n > 0 ? n : 1;
                next[following] += p[b] * term;
                latency += p[b] * term * following * (base + each * following);
                inputs += p[b] * term * following;
                term *= rate * takes / (n + 1);
            }
        }
        memcpy(p, next, sizeof(p));
    }
    return latency / inputs;
}

static void one_container_that_takes_all(void **state)
{
    (void)state;
    static const double points[][3] = {
        {150, 0.02, 0.004}, {10, 0.1, 0.02}, {40, 0.05, 0.01}, {1, 0.3, 0.1}, {300, 0.01, 0.002}};
    double batch_s[1000];
    assert_true(fabs(greedy_latency(150, 0.02, 0.004) - 0.08311) < 0.00001);
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        for (int b = 0; b < 1000; b++)
            batch_s[b] = points[i][1] + points[i][2] * (b + 1);
        struct sim sim;
        sim_init(&sim, points[i][0], 100000, dist_const(0), dist_const(0));
        sim.model.batch_s = batch_s;
        sim.model.n_batch = 1000;
        sim.settings.min_containers = sim.settings.max_containers = 1;
        sim.settings.max_batch_size = 1000;
        assert_point(&sim, "greedy batches",
                     &(struct expected){MEAN_LATENCY, greedy_latency(points[i][0], points[i][1], points[i][2])}, 1);
        sim_release(&sim);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(erlang_c_and_b),    cmocka_unit_test(the_idle_window),
        cmocka_unit_test(mm1_with_set_up),   cmocka_unit_test(mm_inf_with_set_up),
        cmocka_unit_test(batches_that_fill), cmocka_unit_test(one_container_that_takes_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
