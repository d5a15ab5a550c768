/* Latencies of any number of requests in bounded memory.  Up to TALLY_EXACT of them quantiles are exact; beyond that they
 * come from buckets 1/512 of an octave wide (0.14 %). */
#ifndef COLDSPOT_SIMULATE_TALLY_H
#define COLDSPOT_SIMULATE_TALLY_H

#include <stddef.h>
#include <stdint.h>

enum { TALLY_EXACT = 1 << 15, TALLY_QUANTILES = 5 };

/* The quantiles that are reported: p50, p90, p95, p99, p999. */
extern const double tally_quantiles[TALLY_QUANTILES];

struct tally {
    /* private */
    double *recent; /* values not in the buckets yet */
    size_t len;
    uint64_t *buckets; /* NULL until the first TALLY_EXACT values */
    uint64_t spilled;
    double sum, most;
};

void tally_release(struct tally *tally);
void tally_reset(struct tally *tally);

uint64_t tally_n(const struct tally *tally);
double tally_mean(struct tally *tally);
double tally_max(struct tally *tally);

/* The quantiles of tally_quantiles; all 0 when empty. */
void tally_read(struct tally *tally, double *values_out);

/* The share of values that are at most `limit`. */
double tally_share_within(struct tally *tally, double limit);

void tally_merge(struct tally *into, struct tally *from);

/* private: makes room in recent */
void tally_spill(struct tally *tally);

static inline void tally_add(struct tally *tally, double value)
{
    if (tally->len == TALLY_EXACT)
        tally_spill(tally);
    tally->recent[tally->len++] = value;
}

#endif
