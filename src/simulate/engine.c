/* Prepares a run, chooses the loop and sums up. */
#include "simulate/engine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "simulate/run.h"

struct engine {
    struct plain *plain;
    struct full *full;
    struct run run;
};

enum { START_ATTEMPTS_MOST = 100, SLICE_LEAST = 8 * SOURCE_CHUNK };

struct engine *engine_new(void)
{
    struct engine *engine = xcalloc(1, sizeof(*engine));
    engine->plain = plain_new();
    engine->full = full_new();
    return engine;
}

void engine_free(struct engine *engine)
{
    if (!engine)
        return;
    plain_free(engine->plain);
    full_free(engine->full);
    free(engine);
}

int run_read(struct run *run, struct err *err)
{
    int rc = run->source->read(run->source, &run->chunk, err);
    if (rc)
        return rc;
    if (!run->source->has_service)
        dist_fill(&run->model->service, &run->service_rng, run->chunk.service, run->chunk.n);
    double factor = run->model->service_factor;
    for (size_t i = 0; factor > 0 && factor != 1 && i < run->chunk.n; i++)
        run->chunk.service[i] *= factor;
    return 0;
}

void run_slice(struct run *run, double now, uint64_t live)
{
    if (!run->slice_every || run->outcome->requests < run->slice_next)
        return;
    outcome_close_slice(run->outcome, now, live);
    run->slice_next += run->slice_every;
}

double run_draw_start(struct run *run)
{
    const struct settings *settings = run->settings;
    const struct dist *cold = settings->snapshot && run->model->has_snapshot ? &run->model->snapshot_cold
                                                                             : &run->model->cold;
    double sum = 0;
    for (int attempt = 0; attempt < START_ATTEMPTS_MOST; attempt++) {
        double takes = dist_draw(cold, &run->start_rng);
        bool failed = settings->start_failure > 0 && rng_f64(&run->other_rng) < settings->start_failure;
        if (takes <= settings->startup_timeout_s && !failed)
            return sum + takes;
        run->outcome->starts_failed++;
        sum += fmin(takes, settings->startup_timeout_s);
    }
    return sum;
}

void queue_grow(struct queue *queue)
{
    size_t cap = queue->cap ? 2 * queue->cap : 64;
    struct waiting *items = xmalloc(xmultiply(cap, sizeof(*items)));
    for (size_t i = 0; i < queue->len; i++)
        items[i] = queue->items[(queue->head + i) & (queue->cap - 1)];
    free(queue->items);
    *queue = (struct queue){items, 0, queue->len, cap};
}

static int prepare(struct engine *engine, const struct settings *settings, const struct model *model,
                   struct arrivals *source, uint64_t seed, struct outcome *outcome, struct err *err)
{
    struct run *run = &engine->run;
    run->settings = settings;
    run->model = model;
    run->source = source;
    run->outcome = outcome;
    rng_init(&run->service_rng, seed + 0x51);
    rng_init(&run->start_rng, seed + 0x52000);
    rng_init(&run->window_rng, seed + 0x53000000);
    rng_init(&run->other_rng, seed + 0x5400000000);
    run->slice_every = source->requests / SLICES;
    if (run->slice_every < SLICE_LEAST)
        run->slice_every = 0;
    run->slice_next = run->slice_every;
    outcome_reset(outcome);
    return source->rewind(source, seed, err);
}

int engine_run_full(struct engine *engine, const struct settings *settings, const struct model *model,
                    struct arrivals *source, uint64_t seed, struct outcome *outcome_out, struct err *err)
{
    int rc = prepare(engine, settings, model, source, seed, outcome_out, err);
    if (!rc)
        rc = full_run(engine->full, &engine->run, err);
    outcome_finish(outcome_out);
    return rc;
}

int engine_run(struct engine *engine, const struct settings *settings, const struct model *model,
               struct arrivals *source, uint64_t seed, struct outcome *outcome_out, struct err *err)
{
    if (!plain_fits(settings, model, outcome_out))
        return engine_run_full(engine, settings, model, source, seed, outcome_out, err);
    int rc = prepare(engine, settings, model, source, seed, outcome_out, err);
    if (!rc)
        rc = plain_run(engine->plain, &engine->run, err);
    outcome_finish(outcome_out);
    return rc;
}
