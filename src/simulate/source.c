/* Sources that stand on other sources or on arrays. */
#include "simulate/source.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static int read_memory(struct arrivals *source, struct chunk *chunk, struct err *err)
{
    (void)err;
    struct memory_source *memory = (struct memory_source *)source;
    size_t left = memory->n - memory->next, n = left < SOURCE_CHUNK ? left : SOURCE_CHUNK;
    chunk->n = n;
    if (n)
        memcpy(chunk->time, memory->times + memory->next, n * sizeof(double));
    if (n && memory->services)
        memcpy(chunk->service, memory->services + memory->next, n * sizeof(double));
    memory->next += n;
    return 0;
}

static int rewind_memory(struct arrivals *source, uint64_t seed, struct err *err)
{
    (void)seed, (void)err;
    ((struct memory_source *)source)->next = 0;
    return 0;
}

void memory_source_init(struct memory_source *memory, const double *times, const double *services, size_t n,
                        double span_s)
{
    *memory = (struct memory_source){
        .source = {read_memory, rewind_memory, span_s, n, services != NULL, false},
        .times = times,
        .services = services,
        .n = n,
    };
}

int source_load(struct arena *arena, struct arrivals *source, size_t most, struct memory_source *memory_out,
                bool *complete_out, struct err *err)
{
    struct chunk *chunk = arena_new(arena, struct chunk);
    size_t cap = SOURCE_CHUNK, n = 0;
    double *times = arena_array(arena, double, cap), *services = arena_array(arena, double, cap);
    bool complete = false;
    while (n < most) {
        int rc = source->read(source, chunk, err);
        if (rc)
            return rc;
        complete = chunk->n == 0;
        if (complete)
            break;
        if (n + chunk->n > cap) {
            double *old_times = times, *old_services = services;
            cap *= 2;
            times = arena_array(arena, double, cap);
            services = arena_array(arena, double, cap);
            memcpy(times, old_times, n * sizeof(double));
            memcpy(services, old_services, n * sizeof(double));
        }
        memcpy(times + n, chunk->time, chunk->n * sizeof(double));
        memcpy(services + n, chunk->service, chunk->n * sizeof(double));
        n += chunk->n;
    }
    memory_source_init(memory_out, times, source->has_service ? services : NULL, n, source->span_s);
    *complete_out = complete;
    return 0;
}

/* Takes the next request of the inner source, where there is one. */
static int pull(struct scaled_source *scaled, struct err *err)
{
    if (scaled->next == scaled->chunk.n) {
        int rc = scaled->inner->read(scaled->inner, &scaled->chunk, err);
        if (rc)
            return rc;
        scaled->next = 0;
    }
    scaled->has_next = scaled->chunk.n > 0;
    if (!scaled->has_next)
        return 0;
    scaled->next_time = scaled->chunk.time[scaled->next] * scaled->time;
    scaled->next_service = scaled->chunk.service[scaled->next++];
    return 0;
}

/* The next request and how many stand for it. */
static int advance(struct scaled_source *scaled, struct err *err)
{
    int rc = scaled->primed ? 0 : pull(scaled, err);
    scaled->primed = true;
    if (rc || !scaled->has_next)
        return rc;
    scaled->at = scaled->next_time;
    scaled->service = scaled->next_service;
    rc = pull(scaled, err);
    scaled->until = scaled->has_next ? scaled->next_time : scaled->at;
    double whole = floor(scaled->rate);
    scaled->copies = (unsigned)whole + (rng_f64(&scaled->rng) < scaled->rate - whole);
    return rc;
}

static int read_scaled(struct arrivals *source, struct chunk *chunk, struct err *err)
{
    struct scaled_source *scaled = (struct scaled_source *)source;
    chunk->n = 0;
    while (chunk->n < SOURCE_CHUNK) {
        if (scaled->copies == 0) {
            if (scaled->primed && !scaled->has_next)
                break;
            int rc = advance(scaled, err);
            if (rc)
                return rc;
            continue;
        }
        chunk->time[chunk->n] = scaled->at;
        chunk->service[chunk->n++] = scaled->service;
        scaled->copies--;
        if (scaled->copies) /* the least of that many uniform numbers in what is left */
            scaled->at += (scaled->until - scaled->at) * (1 - pow(1 - rng_f64(&scaled->rng), 1.0 / scaled->copies));
    }
    return 0;
}

static int rewind_scaled(struct arrivals *source, uint64_t seed, struct err *err)
{
    struct scaled_source *scaled = (struct scaled_source *)source;
    rng_init(&scaled->rng, seed ^ 0x5ca1ed);
    scaled->chunk.n = scaled->next = 0;
    scaled->primed = scaled->has_next = false;
    scaled->copies = 0;
    return scaled->inner->rewind(scaled->inner, seed, err);
}

void scaled_source_init(struct scaled_source *scaled, struct arrivals *inner, double rate, double time)
{
    bool whole = rate == floor(rate);
    memset(scaled, 0, sizeof(*scaled));
    scaled->source = (struct arrivals){read_scaled, rewind_scaled, inner->span_s * time, 0, inner->has_service, true};
    if (whole)
        scaled->source.requests = inner->requests * (uint64_t)rate;
    scaled->source.is_random = inner->is_random || rate != 1;
    scaled->inner = inner;
    scaled->rate = rate;
    scaled->time = time;
    rng_init(&scaled->rng, 0x5ca1ed);
}

static int refill(struct mixed_source *mixed, size_t i, struct err *err)
{
    mixed->next[i] = 0;
    return mixed->parts[i]->read(mixed->parts[i], &mixed->chunks[i], err);
}

/* The part whose next request comes first, or -1 when all are over. */
static ptrdiff_t earliest(const struct mixed_source *mixed)
{
    ptrdiff_t best = -1;
    double least = HUGE_VAL;
    for (size_t i = 0; i < mixed->n; i++) {
        if (mixed->next[i] < mixed->chunks[i].n && mixed->chunks[i].time[mixed->next[i]] < least) {
            least = mixed->chunks[i].time[mixed->next[i]];
            best = (ptrdiff_t)i;
        }
    }
    return best;
}

static int read_mixed(struct arrivals *source, struct chunk *chunk, struct err *err)
{
    struct mixed_source *mixed = (struct mixed_source *)source;
    for (chunk->n = 0; chunk->n < SOURCE_CHUNK && mixed->made < mixed->most; chunk->n++, mixed->made++) {
        ptrdiff_t i = earliest(mixed);
        if (i < 0)
            break;
        size_t next = mixed->next[i]++;
        chunk->time[chunk->n] = mixed->chunks[i].time[next];
        chunk->service[chunk->n] = mixed->chunks[i].service[next];
        int rc = mixed->next[i] == mixed->chunks[i].n ? refill(mixed, (size_t)i, err) : 0;
        if (rc)
            return rc;
    }
    return 0;
}

static int rewind_mixed(struct arrivals *source, uint64_t seed, struct err *err)
{
    struct mixed_source *mixed = (struct mixed_source *)source;
    mixed->made = 0;
    for (size_t i = 0; i < mixed->n; i++) {
        int rc = mixed->parts[i]->rewind(mixed->parts[i], seed + i * 0x9e3779b9, err);
        if (!rc)
            rc = refill(mixed, i, err);
        if (rc)
            return rc;
    }
    return 0;
}

void mixed_source_init(struct arena *arena, struct mixed_source *mixed, struct arrivals **parts, size_t n,
                       uint64_t most)
{
    *mixed = (struct mixed_source){
        .source = {read_mixed, rewind_mixed, 0, most, true, false},
        .parts = parts,
        .n = n,
        .most = most ? most : UINT64_MAX,
    };
    mixed->chunks = arena_array(arena, struct chunk, n);
    mixed->next = arena_array(arena, size_t, n);
    for (size_t i = 0; i < n; i++) {
        mixed->source.span_s = fmax(mixed->source.span_s, parts[i]->span_s);
        mixed->source.has_service = mixed->source.has_service && parts[i]->has_service;
        mixed->source.is_random = mixed->source.is_random || parts[i]->is_random;
    }
}

static int read_cut(struct arrivals *source, struct chunk *chunk, struct err *err)
{
    struct cut_source *cut = (struct cut_source *)source;
    size_t kept = 0;
    while (kept == 0 && !cut->over) {
        int rc = cut->inner->read(cut->inner, chunk, err);
        if (rc)
            return rc;
        cut->over = chunk->n == 0;
        for (size_t i = 0; i < chunk->n; i++) {
            if (chunk->time[i] >= cut->to_s)
                cut->over = true;
            if (chunk->time[i] < cut->from_s || chunk->time[i] >= cut->to_s)
                continue;
            chunk->time[kept] = chunk->time[i] - cut->from_s;
            chunk->service[kept++] = chunk->service[i];
        }
    }
    chunk->n = kept;
    return 0;
}

static int rewind_cut(struct arrivals *source, uint64_t seed, struct err *err)
{
    struct cut_source *cut = (struct cut_source *)source;
    cut->over = false;
    return cut->inner->rewind(cut->inner, seed, err);
}

void cut_source_init(struct cut_source *cut, struct arrivals *inner, double from_s, double to_s)
{
    *cut = (struct cut_source){
        .source = {read_cut, rewind_cut, to_s - from_s, 0, inner->has_service, inner->is_random},
        .inner = inner,
        .from_s = from_s,
        .to_s = to_s,
    };
}
