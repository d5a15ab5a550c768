/* Which lines hold the memory: allocations sampled by their bytes, with the stack that made them, until they are freed.
 *
 * The interposed functions (heap.c) call alloc_made after and alloc_gone before the real ones: a subtraction and a look into a
 * table of 64 KiB, unless the allocation is sampled. */
#ifndef COLDSPOT_AGENT_ALLOC_H
#define COLDSPOT_AGENT_ALLOC_H

#include <stddef.h>
#include <stdint.h>

#include "agent/agent.h"

enum {
    ALLOC_SURE_BYTES = 4 << 20, /* allocations of so much are always sampled */
};

struct alloc;

/* Whether memory is to be followed: begins it, in the constructor and in a forked child. */
void alloc_begin(struct agent_thread *self);

/* Nothing is counted from here on: what is live now is what the program held when it left. */
void alloc_end(void);

/* An invocation ended: what is live now is what it left behind. */
void alloc_call_end(uint64_t rss_bytes);

/* `caller`: whose call it was, which tells the interpreter's memory from native code's. */
void alloc_sample(struct agent_thread *self, const void *place, size_t bytes, enum event_alloc kind,
                  const void *caller);
void alloc_forget(const void *place);

static inline uint32_t alloc_home(const void *place)
{
    return (uint32_t)(((uint64_t)(uintptr_t)place >> 4) * 0x9e3779b97f4a7c15u >> 48);
}

static inline void alloc_made(const void *place, size_t bytes, enum event_alloc kind, const void *caller)
{
    struct agent_thread *self = &agent_self;
    if (!place || self->alloc_inside)
        return;
    self->alloc_left -= (int64_t)bytes;
    if (__builtin_expect(self->alloc_left < 0 || bytes >= ALLOC_SURE_BYTES, 0))
        alloc_sample(self, place, bytes, kind, caller);
}

/* Something was mapped: followed if it is anonymous, for writing and not merely reserved. */
void alloc_mapped(const void *place, size_t bytes, int protection, int flags);

/* A part of the address space is about to be given back, or was taken for something else. */
bool alloc_unmapped(const void *place, size_t bytes);

/* The resident set was just read: if it is above all before, what each site holds now is what it held at the peak.  Any thread. */
void alloc_resident(uint64_t rss_bytes, uint64_t file_bytes);

/* What is live now of Python's own allocations and of native code's, estimated, without pages that were never touched;
 * EVENT_UNKNOWN where nothing is followed. */
void alloc_families(uint64_t *python_bytes_out, uint64_t *native_bytes_out);

static inline void alloc_gone(const void *place)
{
    if (__builtin_expect(__atomic_load_n(&agent.alloc_homes[alloc_home(place)], __ATOMIC_RELAXED), 0))
        alloc_forget(place);
}

#endif
