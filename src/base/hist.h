/* A histogram of positive values over many magnitudes, with a fixed relative error: for millions of latencies in little memory. */
#ifndef COLDSPOT_BASE_HIST_H
#define COLDSPOT_BASE_HIST_H

#include <stdint.h>

/* Buckets are 1/64 of an octave wide (about 1.1 %), from 2^-30 (1 ns, as seconds) to 2^34. */
enum {
    HIST_OCTAVES = 64,
    HIST_PER_OCTAVE = 64,
    HIST_LOWEST_EXPONENT = -30,
    HIST_BUCKETS = HIST_OCTAVES * HIST_PER_OCTAVE + 1
};

struct hist {
    uint64_t counts[HIST_BUCKETS]; /* private: [0] is 0 and all below the lowest bucket */
    uint64_t n;
    double sum, most;
};

void hist_reset(struct hist *hist);
void hist_add(struct hist *hist, double value);
void hist_merge(struct hist *into, const struct hist *from);

/* The q-quantile, interpolated within its bucket; 0 when empty. */
double hist_quantile(const struct hist *hist, double q);
double hist_mean(const struct hist *hist);

#endif
