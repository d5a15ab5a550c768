/* What serving without waiting costs at least, whatever the policy: containers that are started just in time and stopped when
 * keeping them would cost more than starting them again. */
#ifndef COLDSPOT_SIMULATE_BOUND_H
#define COLDSPOT_SIMULATE_BOUND_H

#include "simulate/engine.h"

struct bound {
    double container_s; /* of which busy_s serve and start_s start; the rest bridges gaps */
    double busy_s, start_s;
    uint64_t requests, starts;
    double span_s;
};

/* start_s: what a start is billed for.  One request a container at a time.  Fails only where the source does. */
int bound_compute(struct arrivals *source, const struct model *model, double start_s, uint64_t seed,
                  struct bound *bound_out, struct err *err);

#endif
