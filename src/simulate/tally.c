/* Values gather in an array; when it is full they are counted into log-linear buckets and it starts anew. */
#include "simulate/tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

const double tally_quantiles[TALLY_QUANTILES] = {0.5, 0.9, 0.95, 0.99, 0.999};

/* From 2^-30 s (1 ns) to 2^34 s. */
enum { OCTAVES = 64, PER_OCTAVE = 512, LOWEST_EXPONENT = -30, BUCKETS = OCTAVES * PER_OCTAVE + 2 };

void tally_release(struct tally *tally)
{
    if (!tally)
        return;
    free(tally->recent);
    free(tally->buckets);
    *tally = (struct tally){0};
}

void tally_reset(struct tally *tally)
{
    if (!tally->recent)
        tally->recent = xmalloc(TALLY_EXACT * sizeof(*tally->recent));
    if (tally->spilled)
        memset(tally->buckets, 0, BUCKETS * sizeof(*tally->buckets));
    tally->len = 0;
    tally->spilled = 0;
    tally->sum = tally->most = 0;
}

static size_t bucket_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    int exponent = (int)(bits >> 52 & 0x7ff) - 1023;
    if (!(value > 0) || exponent < LOWEST_EXPONENT)
        return 0;
    if (exponent >= LOWEST_EXPONENT + OCTAVES)
        return BUCKETS - 1;
    return 1 + (size_t)(exponent - LOWEST_EXPONENT) * PER_OCTAVE + ((bits >> 43) & (PER_OCTAVE - 1));
}

static double bucket_start(size_t bucket)
{
    if (bucket == 0)
        return 0;
    return ldexp(1 + (double)((bucket - 1) % PER_OCTAVE) / PER_OCTAVE,
                 (int)((bucket - 1) / PER_OCTAVE) + LOWEST_EXPONENT);
}

static void summarise(const struct tally *tally, double *sum, double *most)
{
    for (size_t i = 0; i < tally->len; i++) {
        *sum += tally->recent[i];
        *most = fmax(*most, tally->recent[i]);
    }
}

void tally_spill(struct tally *tally)
{
    if (!tally->recent)
        tally->recent = xmalloc(TALLY_EXACT * sizeof(*tally->recent));
    if (!tally->buckets)
        tally->buckets = xcalloc(BUCKETS, sizeof(*tally->buckets));
    summarise(tally, &tally->sum, &tally->most);
    for (size_t i = 0; i < tally->len; i++)
        tally->buckets[bucket_of(tally->recent[i])]++;
    tally->spilled += tally->len;
    tally->len = 0;
}

uint64_t tally_n(const struct tally *tally)
{
    return tally->spilled + tally->len;
}

double tally_mean(struct tally *tally)
{
    double sum = tally->sum, most = 0;
    summarise(tally, &sum, &most);
    return tally_n(tally) ? sum / (double)tally_n(tally) : 0;
}

double tally_max(struct tally *tally)
{
    double sum = 0, most = tally->most;
    summarise(tally, &sum, &most);
    return most;
}

/* Hoare's selection: brings the k-th smallest of values[from..to) to its place, smaller ones before it. */
static double select_kth(double *values, size_t from, size_t to, size_t k)
{
    while (to - from > 1) {
        double pivot = values[from + (to - from - 1) / 2];
        size_t i = from, j = to - 1;
        for (;; i++, j--) {
            while (values[i] < pivot)
                i++;
            while (values[j] > pivot)
                j--;
            if (i >= j)
                break;
            double swap = values[i];
            values[i] = values[j];
            values[j] = swap;
        }
        if (k <= j)
            to = j + 1;
        else
            from = j + 1;
    }
    return values[from];
}

/* Type 7: linear between order statistics.  Quantiles rise, so each selection works on what is right of the last. */
static void read_exact(struct tally *tally, double *values_out)
{
    size_t from = 0, n = tally->len;
    for (int q = 0; q < TALLY_QUANTILES; q++) {
        double at = tally_quantiles[q] * (double)(n - 1);
        size_t k = (size_t)at;
        double value = select_kth(tally->recent, from, n, k), next = value;
        from = k;
        if (k + 1 < n && at > (double)k) {
            next = tally->recent[k + 1];
            for (size_t i = k + 2; i < n; i++)
                next = tally->recent[i] < next ? tally->recent[i] : next;
        }
        values_out[q] = value + (at - (double)k) * (next - value);
    }
}

static double bucket_quantile(const struct tally *tally, double q)
{
    double wanted = q * (double)tally->spilled, seen = 0;
    for (size_t i = 0; i < BUCKETS; i++) {
        double here = (double)tally->buckets[i];
        if (here > 0 && seen + here >= wanted) {
            double start = bucket_start(i), end = i + 1 < BUCKETS ? bucket_start(i + 1) : start;
            return fmin(start + (end - start) * (wanted - seen) / here, tally->most);
        }
        seen += here;
    }
    return tally->most;
}

void tally_read(struct tally *tally, double *values_out)
{
    memset(values_out, 0, TALLY_QUANTILES * sizeof(*values_out));
    if (tally->spilled == 0) {
        if (tally->len)
            read_exact(tally, values_out);
        return;
    }
    tally_spill(tally);
    for (int q = 0; q < TALLY_QUANTILES; q++)
        values_out[q] = bucket_quantile(tally, tally_quantiles[q]);
}

double tally_share_within(struct tally *tally, double limit)
{
    uint64_t within = 0, n = tally_n(tally);
    for (size_t i = 0; i < tally->len; i++)
        within += tally->recent[i] <= limit;
    for (size_t i = 0; tally->spilled && i <= bucket_of(limit); i++)
        within += tally->buckets[i];
    return n ? (double)within / (double)n : 1;
}

void tally_merge(struct tally *into, struct tally *from)
{
    if (from->spilled) {
        tally_spill(into);
        for (size_t i = 0; i < BUCKETS; i++)
            into->buckets[i] += from->buckets[i];
        into->spilled += from->spilled;
        into->sum += from->sum;
        into->most = fmax(into->most, from->most);
    }
    for (size_t i = 0; i < from->len; i++)
        tally_add(into, from->recent[i]);
}
