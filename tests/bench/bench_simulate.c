/* How many requests a second the simulator handles on one core: bench_simulate [REQUESTS]. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "simulate/engine.h"
#include "simulate/generate.h"

struct row {
    const char *name;
    double rate;
    uint32_t containers;
    bool full;
};

static const struct row rows[] = {
    {"plain, 10 containers", 8.5, 10, false},
    {"plain, 2,000 containers", 1900, 2000, false},
    {"full (8 inputs, batches of 4, buffer 2, retries), 10 containers", 120, 10, true},
    {"full (8 inputs, batches of 4, buffer 2, retries), 2,000 containers", 24000, 2000, true},
};

static void set_up(const struct row *row, struct settings *settings, struct model *model, double *batch_s)
{
    *settings = settings_default();
    *model = (struct model){.service = dist_exp(1), .cold = dist_of_moments(DIST_LOGNORMAL, 4, 2)};
    settings->max_containers = row->containers;
    if (!row->full)
        return;
    for (int b = 0; b < 4; b++)
        batch_s[b] = 0.8 + 0.2 * b;
    model->batch_s = batch_s;
    model->n_batch = 4;
    settings->max_inputs = 8;
    settings->max_batch_size = 4;
    settings->wait_s = 0.05;
    settings->buffer_containers = 2;
    settings->retries = 2;
    settings->timeout_s = 1.5;
}

int main(int argc, char **argv)
{
    uint64_t requests = argc > 1 ? strtoull(argv[1], NULL, 10) : 5000000;
    struct engine *engine = engine_new();
    struct outcome outcome = {0};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct settings settings;
        struct model model;
        double batch_s[4];
        set_up(&rows[i], &settings, &model, batch_s);
        struct generated_source source;
        struct generator arrivals = {.kind = GENERATE_POISSON, .rate = rows[i].rate, .requests = requests};
        if (generated_source_init(&source, &arrivals, NULL))
            return 2;
        uint64_t from = clock_monotonic_ns(&clock_system);
        if (engine_run(engine, &settings, &model, &source.source, 1, &outcome, NULL))
            return 2;
        double took = (double)(clock_monotonic_ns(&clock_system) - from) / 1e9;
        printf("%-68s %6.2f M requests/s (mean latency %.3f s, %.1f %% cold)\n", rows[i].name,
               (double)requests / took / 1e6, tally_mean(&outcome.latency),
               100.0 * (double)outcome.cold / (double)requests);
    }
    outcome_release(&outcome);
    engine_free(engine);
    return 0;
}
