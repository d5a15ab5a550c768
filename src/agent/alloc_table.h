/* The tables behind alloc.h: sites, and what is live of each.  Private to alloc.c and alloc_maps.c. */
#ifndef COLDSPOT_AGENT_ALLOC_TABLE_H
#define COLDSPOT_AGENT_ALLOC_TABLE_H

#include "agent/alloc.h"
#include "agent/stacktree.h"

enum {
    ALLOC_MEAN_BYTES = 512 << 10,
    ALLOC_SITES = 1 << 13,
    ALLOC_MAPS = 1 << 12,
};

/* What a sample stands for. */
struct alloc_weight {
    uint64_t bytes, variance; /* KiB squared */
    uint32_t samples;
};

struct alloc_live {
    uint64_t place; /* 0: a free slot */
    uint64_t bytes;
    uint64_t variance;
    uint32_t site;
};

struct alloc_site {
    uint32_t node, kind; /* kind 0: a free slot */
    struct event_alloc_site *record;
    struct event_alloc_site now;
};

/* A sampled mapping, or what is left of one.  Few, and rarely asked for: in no order. */
struct alloc_map {
    uint64_t from, to;
    struct alloc_weight weight;
    uint32_t site;
};

struct alloc {
    const void *lock;    /* agent_self of the thread that holds it; NULL: nobody */
    uint32_t generation; /* of the recording */
    uint32_t sites_used, maps_used;
    uint64_t epoch, calls, live_bytes, peak_bytes, lost;
    uint64_t python_bytes, native_bytes; /* parts of live_bytes */
    struct event_alloc_peak *record;
    struct frames frames;
    struct frames_stack stack;
    struct stacktree_kept kept;
    struct alloc_live live[AGENT_ALLOCS];
    struct alloc_site sites[ALLOC_SITES];
    struct alloc_map maps[ALLOC_MAPS];
    struct stacktree tree;
};

/* The tables, if they are this process's; NULL: nothing is followed. */
struct alloc *alloc_current(void);

/* False where this thread holds the lock already: a signal handler came in between. */
bool alloc_lock(struct alloc *alloc);
void alloc_unlock(struct alloc *alloc);

/* Whether memory may be forgotten here: not in a child that shares or copied the tables and has no recording of its own. */
bool alloc_may_forget(const struct alloc *alloc);

/* Whether so much is sampled: counts down, and draws the next distance. */
bool alloc_is_due(struct agent_thread *self, size_t bytes);
struct alloc_weight alloc_weigh(size_t bytes);

/* The site of this thread's stack; NULL where there is no room for it. */
struct alloc_site *alloc_find_site(struct alloc *alloc, struct agent_thread *self, enum event_alloc kind);
void alloc_add(struct alloc *alloc, struct alloc_site *site, struct alloc_weight weight);
void alloc_take(struct alloc *alloc, struct alloc_site *site, struct alloc_weight weight);
void alloc_lose(struct alloc *alloc);

#endif
