/* Latencies are gathered in `part`, which is one slice's, and merged into `latency` when the slice closes. */
#include "simulate/outcome.h"

#include <string.h>

void outcome_release(struct outcome *outcome)
{
    if (!outcome)
        return;
    tally_release(&outcome->latency);
    tally_release(&outcome->part);
}

void outcome_reset(struct outcome *outcome)
{
    struct tally latency = outcome->latency, part = outcome->part;
    double bin_s = outcome->series.bin_s;
    uint32_t *cold_hits = outcome->cold_hits;
    memset(outcome, 0, sizeof(*outcome));
    outcome->latency = latency;
    outcome->part = part;
    outcome->series.bin_s = bin_s;
    outcome->cold_hits = cold_hits;
    tally_reset(&outcome->latency);
    tally_reset(&outcome->part);
}

void outcome_close_slice(struct outcome *outcome, double now, uint64_t live)
{
    if (outcome->n_slices == SLICES)
        return;
    double values[TALLY_QUANTILES], used = outcome->sum_ends - outcome->sum_starts + now * (double)live;
    struct slice *slice = &outcome->slices[outcome->n_slices++];
    slice->n = (double)tally_n(&outcome->part);
    slice->mean = tally_mean(&outcome->part);
    tally_read(&outcome->part, values);
    slice->p50 = values[0];
    slice->p99 = values[3];
    slice->container_s = used - outcome->slice_from_s;
    slice->cold = (double)(outcome->cold - outcome->slice_cold);
    outcome->slice_from_s = used;
    outcome->slice_cold = outcome->cold;
    tally_merge(&outcome->latency, &outcome->part);
    tally_reset(&outcome->part);
}

void outcome_mark_end(struct outcome *outcome, uint64_t live)
{
    outcome->container_by_end_s = outcome->sum_ends - outcome->sum_starts + outcome->end_s * (double)live;
}

void outcome_finish(struct outcome *outcome)
{
    outcome->container_s = outcome->sum_ends - outcome->sum_starts;
    outcome->completed = tally_n(&outcome->latency) + tally_n(&outcome->part);
    if (tally_n(&outcome->latency) == 0) {
        struct tally swap = outcome->latency;
        outcome->latency = outcome->part;
        outcome->part = swap;
    } else {
        tally_merge(&outcome->latency, &outcome->part);
    }
}
