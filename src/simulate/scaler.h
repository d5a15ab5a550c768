/* The rules by which autoscalers decide how many containers they want, apart from any simulation: numbers in, a number out. */
#ifndef COLDSPOT_SIMULATE_SCALER_H
#define COLDSPOT_SIMULATE_SCALER_H

#include <stdbool.h>
#include <stdint.h>

#include "simulate/settings.h"

enum { SCALER_TICKS = 32, SCALER_BINS = 240 };

struct scaler {
    /* private */
    double averages[SCALER_TICKS];    /* KPA: mean load of the latest ticks, a ring */
    uint32_t decisions[SCALER_TICKS]; /* Flash: what was wanted, a ring */
    double decided_at[SCALER_TICKS];
    unsigned n, next;
    double panic_since; /* KPA: the last time that it was over the threshold; -1: not in panic */
    uint32_t panic_most;
    uint32_t gaps[SCALER_BINS]; /* histogram policy: idle times by the minute */
    uint32_t n_gaps, n_beyond;
    double forecast_s; /* of the next gap beyond the histogram */
};

struct scaler_view {
    double now;
    double load;         /* requests in containers and waiting, at this moment */
    double average_load; /* the same, in the mean since the last tick */
    uint32_t ready, starting;
};

void scaler_reset(struct scaler *scaler);

/* How many containers the policy of settings wants now; called every policy->tick_s. */
uint32_t scaler_tick(struct scaler *scaler, const struct settings *settings, const struct scaler_view *view);

/* Histogram policy: a function that stood idle for gap_s was called again. */
void scaler_add_gap(struct scaler *scaler, double gap_s);

/* Histogram policy: from the end of the last call, when to have a container again (0: keep it), and until when. */
void scaler_windows(const struct scaler *scaler, double *start_after_s_out, double *keep_until_s_out);

#endif
