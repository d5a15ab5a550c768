/* The tables behind alloc.h: sites, and what is live of each.  Private to alloc.c, alloc_maps.c and alloc_peak.c. */
#ifndef COLDSPOT_AGENT_ALLOC_TABLE_H
#define COLDSPOT_AGENT_ALLOC_TABLE_H

#include "agent/alloc.h"
#include "agent/stacktree.h"

enum {
    ALLOC_MEAN_BYTES = 512 << 10,
    ALLOC_SITES = 1 << 13,
    ALLOC_MAPS = 1 << 12,
    ALLOC_BLOCKS = 1 << 12,
    ALLOC_PAGES = 4096,           /* asked for in one mincore */
    ALLOC_BLOCK_BYTES = 64 << 10, /* smaller allocations count as touched */
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
    uint32_t block; /* its index in `blocks`, plus 1; 0: it has none */
};

/* How much of a mapping or a large block is not in memory: pages that were never touched.  Once all is there it stays so. */
struct alloc_touch {
    uint64_t untouched_bytes; /* of what the sample stands for */
    bool whole;
};

/* A sampled allocation of ALLOC_BLOCK_BYTES or more, in no order. */
struct alloc_block {
    uint64_t bytes; /* asked for */
    uint32_t live;  /* its index in `live` */
    struct alloc_touch touch;
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
    struct alloc_touch touch;
};

struct alloc {
    const void *lock;    /* agent_self of the thread that holds it; NULL: nobody */
    uint32_t generation; /* of the recording */
    uint32_t sites_used, maps_used, blocks_used;
    uint64_t epoch, calls, live_bytes, lost;
    uint64_t python_bytes, native_bytes;         /* parts of live_bytes */
    uint64_t python_untouched, native_untouched; /* parts of those */
    uint64_t most_rss;                           /* ever read */
    uint64_t peak_rss, peak_bytes;  /* when this epoch began: the resident set, and what was live and touched */
    uint64_t asked_bytes, asked_ns; /* live_bytes when the resident set was last read before a free, and when */
    struct event_alloc_peak *record;
    struct frames frames;
    struct frames_stack stack;
    struct stacktree_kept kept;
    struct alloc_live live[AGENT_ALLOCS];
    struct alloc_site sites[ALLOC_SITES];
    struct alloc_map maps[ALLOC_MAPS];
    struct alloc_block blocks[ALLOC_BLOCKS];
    unsigned char there[ALLOC_PAGES]; /* what mincore said last; not on the stack, which is the program's */
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

/* So much more (or less) of what the site holds is known to be untouched.  Under the lock, as all that follows. */
void alloc_set_touch(struct alloc *alloc, uint32_t site, struct alloc_touch *touch, struct alloc_touch now);

/* Before something is freed: where the heap stands higher than when it was last asked, the resident set is read, so that a peak
 * between two samples is seen. */
void alloc_before_free(struct alloc *alloc, uint64_t bytes);

/* The resident set was read. */
void alloc_look(struct alloc *alloc, uint64_t rss_bytes, uint64_t file_bytes);

/* Whether the kernel says of a page that it was never touched. */
bool alloc_knows_untouched(const struct alloc *alloc);

#endif
