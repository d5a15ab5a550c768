/* The event queue: a heap with four children a node, so that the children of one node share a cache line.  Among events of
 * the same instant the one with the smaller tag comes first.  Inline, because this is what the simulator does all day. */
#ifndef COLDSPOT_SIMULATE_HEAP_H
#define COLDSPOT_SIMULATE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"

struct event {
    double time;
    uint32_t tag; /* kind of event, and order among equals */
    uint32_t id;  /* of what it happens to */
};

struct heap {
    struct event *events;
    size_t len, cap;
};

static inline void heap_release(struct heap *heap)
{
    free(heap->events);
    *heap = (struct heap){0};
}

static inline bool event_before(const struct event *a, const struct event *b)
{
    return a->time < b->time || (a->time == b->time && a->tag < b->tag);
}

static inline void heap_grow(struct heap *heap)
{
    heap->cap = heap->cap ? heap->cap * 2 : 64;
    heap->events = xrealloc(heap->events, xmultiply(heap->cap, sizeof(struct event)));
}

static inline void heap_push(struct heap *heap, struct event event)
{
    if (heap->len == heap->cap)
        heap_grow(heap);
    struct event *events = heap->events;
    size_t at = heap->len++;
    while (at > 0) {
        size_t parent = (at - 1) / 4;
        if (!event_before(&event, &events[parent]))
            break;
        events[at] = events[parent];
        at = parent;
    }
    events[at] = event;
}

/* The earliest of the children first..end. */
static inline size_t heap_least(const struct event *events, size_t first, size_t end)
{
    size_t least = first;
    for (size_t child = first + 1; child < end; child++)
        least = event_before(&events[child], &events[least]) ? child : least;
    return least;
}

/* Puts event in the place of the earliest one. */
static inline void heap_replace(struct heap *heap, struct event event)
{
    struct event *events = heap->events;
    size_t at = 0, len = heap->len;
    for (;;) {
        size_t first = 4 * at + 1;
        if (first >= len)
            break;
        size_t least = first + 4 <= len ? heap_least(events, first, first + 4) : heap_least(events, first, len);
        if (!event_before(&events[least], &event))
            break;
        events[at] = events[least];
        at = least;
    }
    events[at] = event;
}

static inline void heap_pop(struct heap *heap)
{
    struct event last = heap->events[--heap->len];
    if (heap->len)
        heap_replace(heap, last);
}

#endif
