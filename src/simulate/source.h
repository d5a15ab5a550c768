/* Requests in the order of their arrival, a chunk at a time: from memory, a file or a generator.  The simulator never sees more. */
#ifndef COLDSPOT_SIMULATE_SOURCE_H
#define COLDSPOT_SIMULATE_SOURCE_H

#include "base/arena.h"
#include "base/err.h"
#include "simulate/dist.h"

enum { SOURCE_CHUNK = 2048 };

/* Times are seconds since the source's own beginning and never fall, neither in a chunk nor from one to the next. */
struct chunk {
    size_t n; /* 0: no more */
    double time[SOURCE_CHUNK];
    double service[SOURCE_CHUNK];
};

/* A kind of source starts with this struct; read fills a chunk.  Without its own service times it leaves `service` alone,
 * and they are drawn. */
struct arrivals {
    int (*read)(struct arrivals *source, struct chunk *chunk, struct err *err);
    int (*rewind)(struct arrivals *source, uint64_t seed,
                  struct err *err); /* back to the beginning; the seed chooses the random ones */
    double span_s;                  /* how long it lasts, where that is known before; else 0: until the last arrival */
    uint64_t requests;              /* how many, where that is known before; else 0 */
    bool has_service, is_random;
};

/* Arrivals held in memory.  Keeps times and services (may be NULL). */
struct memory_source {
    struct arrivals source;
    /* private */
    const double *times, *services;
    size_t n, next;
};
void memory_source_init(struct memory_source *memory, const double *times, const double *services, size_t n,
                        double span_s);

/* Reads all of a source into the arena, at most `most` requests (then *complete_out is false). */
int source_load(struct arena *arena, struct arrivals *source, size_t most, struct memory_source *memory_out,
                bool *complete_out, struct err *err);

/* Another source with time stretched, or its rate multiplied.  Keeps inner.  A rate of 2 gives every request a twin at a time
 * drawn between it and its successor; 0.5 leaves out every other one by chance. */
struct scaled_source {
    struct arrivals source;
    /* private */
    struct arrivals *inner;
    double rate, time;
    struct rng rng;
    struct chunk chunk;
    size_t next;
    bool primed, has_next;
    double next_time, next_service;
    double at, until, service; /* of the request whose copies are being made */
    unsigned copies;
};
void scaled_source_init(struct scaled_source *scaled, struct arrivals *inner, double rate, double time);

/* Two or more sources at once, at most `most` requests of them (0: all).  Keeps parts. */
struct mixed_source {
    struct arrivals source;
    /* private */
    uint64_t most, made;
    struct arrivals **parts;
    struct chunk *chunks;
    size_t *next;
    size_t n;
};
void mixed_source_init(struct arena *arena, struct mixed_source *mixed, struct arrivals **parts, size_t n,
                       uint64_t most);

/* Part of another source: requests that arrive in [from_s, to_s), times counted from from_s.  Keeps inner. */
struct cut_source {
    struct arrivals source;
    /* private */
    struct arrivals *inner;
    double from_s, to_s;
    bool over;
};
void cut_source_init(struct cut_source *cut, struct arrivals *inner, double from_s, double to_s);

#endif
