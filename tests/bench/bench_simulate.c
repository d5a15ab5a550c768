/* How many requests a second the simulator handles on one core: bench_simulate [REQUESTS]. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

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
    {"full (8 inputs, batches of 4, buffer 2, retries), 10 containers", 200, 10, true},
    {"full (8 inputs, batches of 4, buffer 2, retries), 2,000 containers", 40000, 2000, true},
};

/* Seconds of CPU: what else the machine does is not the simulator's. */
static double cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void set_up(const struct row *row, struct settings *settings, struct model *model)
{
    *settings = settings_default();
    *model = (struct model){.service = dist_exp(1), .cold = dist_of_moments(DIST_LOGNORMAL, 4, 2)};
    settings->max_containers = row->containers;
    if (!row->full)
        return;
    model->service = dist_exp(0.25); /* a batch takes its inputs one after another */
    settings->max_inputs = 8;
    settings->max_batch_size = 4;
    settings->wait_s = 0.05;
    settings->buffer_containers = 2;
    settings->retries = 2;
    settings->timeout_s = 3; /* some batches are longer: they are tried again */
}

int main(int argc, char **argv)
{
    uint64_t requests = argc > 1 ? strtoull(argv[1], NULL, 10) : 5000000;
    struct engine *engine = engine_new();
    struct outcome outcome = {0};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct settings settings;
        struct model model;
        set_up(&rows[i], &settings, &model);
        struct generated_source source;
        struct generator arrivals = {.kind = GENERATE_POISSON, .rate = rows[i].rate, .requests = requests};
        if (generated_source_init(&source, &arrivals, NULL))
            return 2;
        double from = cpu_s();
        if (engine_run(engine, &settings, &model, &source.source, 1, &outcome, NULL))
            return 2;
        printf("%-68s %6.2f M requests a second (mean latency %.3f s, %llu cold, %llu retried)\n", rows[i].name,
               (double)requests / (cpu_s() - from) / 1e6, tally_mean(&outcome.latency),
               (unsigned long long)outcome.cold, (unsigned long long)outcome.retried);
    }
    outcome_release(&outcome);
    engine_free(engine);
    return 0;
}
