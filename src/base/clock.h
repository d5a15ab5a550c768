/* Time as a value that is passed in, so that tests can stand still. */
#ifndef COLDSPOT_BASE_CLOCK_H
#define COLDSPOT_BASE_CLOCK_H

#include <stdint.h>

struct clock {
    uint64_t (*monotonic_ns)(const struct clock *clock);
    uint64_t (*real_ns)(const struct clock *clock); /* since 1970, UTC */
};

extern const struct clock clock_system;

uint64_t clock_monotonic_ns(const struct clock *clock);
uint64_t clock_real_ns(const struct clock *clock);

#endif
