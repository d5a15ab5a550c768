/* Log-linear buckets: the exponent of a double picks the octave, the first bits of its fraction the bucket in it. */
#include "base/hist.h"

#include <math.h>
#include <string.h>

void hist_reset(struct hist *hist)
{
    memset(hist, 0, sizeof(*hist));
}

static unsigned bucket_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    int exponent = (int)(bits >> 52 & 0x7ff) - 1023;
    if (!(value > 0) || exponent < HIST_LOWEST_EXPONENT)
        return 0;
    if (exponent >= HIST_LOWEST_EXPONENT + HIST_OCTAVES)
        return HIST_BUCKETS - 1;
    unsigned within = (unsigned)(bits >> 46) & (HIST_PER_OCTAVE - 1);
    return 1 + (unsigned)(exponent - HIST_LOWEST_EXPONENT) * HIST_PER_OCTAVE + within;
}

static double bucket_start(unsigned bucket)
{
    if (bucket == 0)
        return 0;
    unsigned octave = (bucket - 1) / HIST_PER_OCTAVE, within = (bucket - 1) % HIST_PER_OCTAVE;
    return ldexp(1 + within / (double)HIST_PER_OCTAVE, (int)octave + HIST_LOWEST_EXPONENT);
}

void hist_add(struct hist *hist, double value)
{
    hist->counts[bucket_of(value)]++;
    hist->n++;
    hist->sum += value;
    if (value > hist->most)
        hist->most = value;
}

void hist_merge(struct hist *into, const struct hist *from)
{
    for (unsigned i = 0; i < HIST_BUCKETS; i++)
        into->counts[i] += from->counts[i];
    into->n += from->n;
    into->sum += from->sum;
    if (from->most > into->most)
        into->most = from->most;
}

double hist_quantile(const struct hist *hist, double q)
{
    double wanted = q * (double)hist->n, seen = 0;
    for (unsigned i = 0; i < HIST_BUCKETS; i++) {
        double here = (double)hist->counts[i];
        if (here > 0 && seen + here >= wanted) {
            double start = bucket_start(i), width = i == 0 ? 0 : bucket_start(i + 1) - start;
            double value = start + width * (wanted - seen) / here;
            return value < hist->most ? value : hist->most;
        }
        seen += here;
    }
    return hist->most;
}

double hist_mean(const struct hist *hist)
{
    return hist->n ? hist->sum / (double)hist->n : 0;
}
