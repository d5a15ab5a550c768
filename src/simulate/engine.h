/* One simulation: requests from a source, served by containers under given settings. */
#ifndef COLDSPOT_SIMULATE_ENGINE_H
#define COLDSPOT_SIMULATE_ENGINE_H

#include "simulate/outcome.h"
#include "simulate/settings.h"
#include "simulate/source.h"

/* How the function behaves, apart from its settings. */
struct model {
    struct dist service; /* of one call, where the source brings none */
    struct dist cold;    /* from asking for a container until it takes its first request */
    struct dist snapshot_cold;
    bool has_snapshot;
    const double *batch_s; /* [b - 1]: a call with b inputs, b = 1..n_batch; NULL: the inputs one after another */
    size_t n_batch;
    double service_factor;  /* on every service and batch time; 0: 1 */
    const double *slowdown; /* [k - 1]: service with k inputs at once over service alone; NULL: 1 */
    size_t n_slowdown;
};

struct engine;

struct engine *engine_new(void);
void engine_free(struct engine *engine);

/* Simulates all requests of the source, which the call rewinds with the seed.  The same seed gives the same requests, service and
 * start-up times whatever the settings.  At one instant ends of calls come first, then containers that are ready, then
 * arrivals, then ends of idle windows.  Containers above the minimum run out their last idle window; the minimum's are
 * counted until the arrivals' span ends.  outcome_out is reset first.  Fails only where the source does. */
int engine_run(struct engine *engine, const struct settings *settings, const struct model *model,
               struct arrivals *source, uint64_t seed, struct outcome *outcome_out, struct err *err);

/* The same through the general loop, even where the fast one would do: for the tests, which compare the two. */
int engine_run_full(struct engine *engine, const struct settings *settings, const struct model *model,
                    struct arrivals *source, uint64_t seed, struct outcome *outcome_out, struct err *err);

#endif
