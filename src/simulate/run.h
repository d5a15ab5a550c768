/* What the two loops of the simulator share.  Private to simulate/. */
#ifndef COLDSPOT_SIMULATE_RUN_H
#define COLDSPOT_SIMULATE_RUN_H

#include "simulate/engine.h"

/* One run's inputs, and where its arrivals are. */
struct run {
    const struct settings *settings;
    const struct model *model;
    struct arrivals *source;
    struct outcome *outcome;
    struct chunk chunk;
    struct rng service_rng, start_rng, window_rng, other_rng;
    uint64_t slice_every,
        slice_next; /* a slice is closed at the end of the chunk that brings it so many requests; 0: never */
};

/* Gets the next chunk, with service times drawn where the source has none; n = 0 at the end. */
int run_read(struct run *run, struct err *err);

/* Closes a slice when it is time, at `now` with so many containers. */
void run_slice(struct run *run, double now, uint64_t live);

/* How long a container takes until it is ready, failed starts included. */
double run_draw_start(struct run *run);

/* A queue of waiting requests: a ring that grows. */
struct waiting {
    double first; /* when the request arrived */
    double since; /* when it began to wait, this time */
    double service;
    uint32_t attempts;
    uint32_t number; /* of the request, from 0; only for outcome->cold_hits */
};

struct queue {
    struct waiting *items;
    size_t head, len, cap; /* cap is a power of two */
};

enum { QUEUE_MOST = 1 << 23 }; /* where more wait, the run is called overloaded and stops */

void queue_grow(struct queue *queue);

static inline struct waiting *queue_head(struct queue *queue)
{
    return &queue->items[queue->head & (queue->cap - 1)];
}

static inline void queue_push(struct queue *queue, struct waiting waiting)
{
    if (queue->len == queue->cap)
        queue_grow(queue);
    queue->items[(queue->head + queue->len++) & (queue->cap - 1)] = waiting;
}

static inline struct waiting queue_pop(struct queue *queue)
{
    queue->len--;
    return queue->items[queue->head++ & (queue->cap - 1)];
}

/* The loops.  plain_fits says whether settings need nothing that the plain one lacks. */
struct plain;
struct plain *plain_new(void);
void plain_free(struct plain *plain);
bool plain_fits(const struct settings *settings, const struct model *model, const struct outcome *outcome);
int plain_run(struct plain *plain, struct run *run, struct err *err);

struct full;
struct full *full_new(void);
void full_free(struct full *full);
int full_run(struct full *full, struct run *run, struct err *err);

#endif
