/* A container that falls free is matched with the next request that finds none, the latest one first: an exchange argument shows
 * that no other matching has a smaller sum of min(gap, start). */
#include "simulate/bound.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "simulate/heap.h"

struct stack {
    double *items;
    size_t len, cap;
};

static void push(struct stack *stack, double value)
{
    if (stack->len == stack->cap) {
        stack->cap = stack->cap ? 2 * stack->cap : 64;
        stack->items = xrealloc(stack->items, xmultiply(stack->cap, sizeof(double)));
    }
    stack->items[stack->len++] = value;
}

static void serve(struct bound *bound, struct stack *free_since, double now, double start_s)
{
    double gap = free_since->len ? now - free_since->items[--free_since->len] : HUGE_VAL;
    if (gap <= start_s) {
        bound->container_s += gap;
        return;
    }
    bound->container_s += start_s;
    bound->start_s += start_s;
    bound->starts++;
}

int bound_compute(struct arrivals *source, const struct model *model, double start_s, uint64_t seed,
                  struct bound *bound_out, struct err *err)
{
    struct bound bound = {0};
    struct heap busy = {0};
    struct stack free_since = {0};
    struct chunk *chunk = xmalloc(sizeof(*chunk));
    struct rng rng;
    rng_init(&rng, seed + 0x51); /* the same calls as the simulation of this seed */
    int rc = source->rewind(source, seed, err);
    while (!rc) {
        rc = source->read(source, chunk, err);
        if (rc || chunk->n == 0)
            break;
        if (!source->has_service)
            dist_fill(&model->service, &rng, chunk->service, chunk->n);
        for (size_t i = 0; i < chunk->n; i++) {
            double now = chunk->time[i];
            for (; busy.len && busy.events[0].time <= now; heap_pop(&busy))
                push(&free_since, busy.events[0].time);
            serve(&bound, &free_since, now, start_s);
            bound.busy_s += chunk->service[i];
            heap_push(&busy, (struct event){now + chunk->service[i], 0, 0});
        }
        bound.requests += chunk->n;
        bound.span_s = chunk->time[chunk->n - 1];
    }
    bound.container_s += bound.busy_s;
    bound.span_s = fmax(bound.span_s, source->span_s);
    heap_release(&busy);
    free(free_since.items);
    free(chunk);
    if (!rc)
        *bound_out = bound;
    return rc;
}
