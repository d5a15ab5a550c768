/* Where a plan's requests come from, as a value: a trace or a generator, scaled and cut; each thread opens its own source of it. */
#ifndef COLDSPOT_SIMULATE_WORKLOAD_H
#define COLDSPOT_SIMULATE_WORKLOAD_H

#include "simulate/generate.h"
#include "simulate/trace.h"

enum { WORKLOAD_TRACES_MOST = 16 };

struct workload {
    struct trace *traces[WORKLOAD_TRACES_MOST]; /* borrowed; several are mixed */
    size_t n_traces;
    struct generator generator; /* where there is no trace */
    struct generator *parts;    /* what it is made of, each with its own rate; NULL: of itself */
    size_t n_parts;
    double rate_scale, time_scale; /* 0: 1 */
    double from_s, to_s;           /* the part that is used; to_s 0: all */
};

/* A source in the arena, for one thread. */
int workload_open(struct arena *arena, const struct workload *workload, struct arrivals **source_out, struct err *err);

/* Whether its times depend on the seed. */
bool workload_is_random(const struct workload *workload);

/* What traffic is like. */
struct traffic {
    uint64_t requests;
    double span_s, rate, peak_per_s; /* peak_per_s: the most in a second that begins at a whole one */
    double peak_per_minute;
    double cv;                           /* of the gaps */
    double dispersion;                   /* variance over mean of the counts a minute; 0 below ten minutes */
    double service_mean_s, service_sd_s; /* 0 where the trace has none */
    double hours[24]; /* share of the requests in each hour of 24, from the first request on; all 0 below a day */
};

/* Reads the workload once, with the seed.  Fails with ERR_INPUT where it is empty. */
int traffic_measure(const struct workload *workload, uint64_t seed, struct traffic *traffic_out, struct err *err);

/* "very bursty (CV 13.2)", "even (CV 0.3)", "like chance (CV 1.0)", "in waves (CV 1.1)". */
const char *traffic_word(const struct traffic *traffic);

#endif
