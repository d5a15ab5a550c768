/* What one simulation counted. */
#ifndef COLDSPOT_SIMULATE_OUTCOME_H
#define COLDSPOT_SIMULATE_OUTCOME_H

#include <stdbool.h>

#include "simulate/tally.h"

enum { SLICES = 20, SERIES_BINS = 96 };

/* One of SLICES equal parts of a long run, for intervals by batch means. */
struct slice {
    double n, mean, p50, p99, container_s, cold;
};

/* Means over equal pieces of time. */
struct series {
    double bin_s;                                                       /* 0: not wanted; else set before the run */
    double starting[SERIES_BINS], busy[SERIES_BINS], idle[SERIES_BINS]; /* container-seconds, then containers */
    double waiting[SERIES_BINS];                                        /* the most that waited */
    double arrivals[SERIES_BINS];
};

struct outcome {
    uint64_t requests, completed, rejected, timed_out, given_up, retried;
    uint64_t cold, waited, batches;
    uint64_t starts, starts_failed, starts_cancelled, preempted;
    double wait_queue_s, wait_cold_s, wait_batch_s, service_s; /* sums over completed requests */
    double container_s, start_s, busy_s; /* container-seconds; what is neither start nor busy is idle */
    double container_by_end_s;           /* those until end_s: without the last idle windows */
    double input_s;                      /* seconds of calls: more than busy_s where several run at once */
    double span_s;                       /* from 0 to the end of the arrivals */
    double end_s;                        /* the last request's end, or span_s when that is later */
    uint64_t peak_containers, peak_waiting;
    bool overloaded; /* stopped, because the queue only grew */
    struct tally latency;
    struct slice slices[SLICES];
    unsigned n_slices;
    struct series series;
    uint32_t *cold_hits; /* where set: [i] is raised when request i meets a cold start; kept by outcome_reset */
    /* private */
    struct tally part;
    double sum_starts, sum_ends, slice_from_s; /* container-seconds up to T: ends - starts + T x live ones */
    uint64_t slice_cold;
};

void outcome_release(struct outcome *outcome);

/* Empty again; keeps memory and series.bin_s. */
void outcome_reset(struct outcome *outcome);

static inline void outcome_record(struct outcome *outcome, double latency)
{
    tally_add(&outcome->part, latency);
}

static inline void outcome_count_cold(struct outcome *outcome, uint32_t number)
{
    outcome->cold++;
    if (outcome->cold_hits)
        outcome->cold_hits[number]++;
}

/* Closes a slice at time now, when `live` containers run. */
void outcome_close_slice(struct outcome *outcome, double now, uint64_t live);

/* At end_s, when `live` containers run. */
void outcome_mark_end(struct outcome *outcome, uint64_t live);

/* Brings everything recorded together after the last event. */
void outcome_finish(struct outcome *outcome);

#endif
