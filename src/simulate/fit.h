/* What a platform does, found from logs that tell which requests met a cold start: how long idle containers are kept, how old they
 * get, which one is taken first. */
#ifndef COLDSPOT_SIMULATE_FIT_H
#define COLDSPOT_SIMULATE_FIT_H

#include "base/arena.h"
#include "base/err.h"
#include "simulate/settings.h"

/* One log; arrays are borrowed.  Services are as the log has them: cold ones include the start. */
struct fit_log {
    const char *name;
    const double *times, *services;
    const uint8_t *cold;
    const uint32_t *containers; /* below n_containers; NULL: not known */
    size_t n_containers, n;
};

/* Mean, and standard deviation over the mean, of a time that is drawn; mean 0: does not apply. */
struct fit_time {
    double mean_s, spread;
};

struct fit_guess {
    struct fit_time window;   /* of the only container */
    struct fit_time surplus;  /* of one that has others beside it */
    struct fit_time lifetime; /* of a container, whatever it does */
    uint32_t dispatch;
};

/* How a guess does on one log. */
struct fit_score {
    double observed, predicted;                 /* cold starts; predicted is a mean over runs */
    double spread;                              /* the standard deviation from run to run: what chance alone does */
    double latency_s[2], observed_latency_s[2]; /* p50 and p99 */
};

struct fit {
    struct fit_guess guess;
    struct fit_score *scores; /* one a log */
    double error;             /* mean over the logs of |predicted - observed| / observed */
    double floor;             /* the same, were the guess the truth: what chance leaves */
    double log_likelihood;
    size_t observations;
};

/* Service times of a log without its starts (cold requests get a warm one), and how much longer cold requests took. */
struct fit_times {
    double *services;
    struct dist warm, cold;
};
int fit_times(struct arena *arena, const struct fit_log *log, struct fit_times *times_out, struct err *err);

/* The guess that explains the logs best.  Deterministic by seed.  Fails with ERR_INPUT where a log has no cold start or no warm
 * request. */
int fit_logs(struct arena *arena, const struct fit_log *logs, size_t n, uint64_t seed, struct fit *fit_out,
             struct err *err);

/* n >= 2 times: out[i] is fitted on all logs but i, and its one score is of log i, with the others' start-up times. */
int fit_leave_one_out(struct arena *arena, const struct fit_log *logs, size_t n, uint64_t seed, struct fit *fits_out,
                      struct err *err);

/* Puts a guess into settings. */
void fit_apply(const struct fit_guess *guess, struct settings *settings);

#endif
