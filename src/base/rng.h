/* Random numbers from a seed that is passed in, so that every run can be repeated. */
#ifndef COLDSPOT_BASE_RNG_H
#define COLDSPOT_BASE_RNG_H

#include <stdint.h>

struct rng {
    uint64_t state[4]; /* private */
};

void rng_init(struct rng *rng, uint64_t seed);
uint64_t rng_u64(struct rng *rng);

/* Uniform in [0, 1), 53 bits. */
double rng_f64(struct rng *rng);

/* Uniform in [0, bound), without bias; bound > 0. */
uint64_t rng_below(struct rng *rng, uint64_t bound);

#endif
