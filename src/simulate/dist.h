/* Distributions of times and sizes: what --service and --cold-time take, what gaps between arrivals are drawn from. */
#ifndef COLDSPOT_SIMULATE_DIST_H
#define COLDSPOT_SIMULATE_DIST_H

#include "base/arena.h"
#include "base/err.h"
#include "base/rng.h"

enum dist_kind {
    DIST_CONST,
    DIST_EXP,
    DIST_LOGNORMAL,
    DIST_GAMMA,
    DIST_WEIBULL,
    DIST_UNIFORM,
    DIST_NORMAL,
    DIST_EMPIRICAL
};

struct dist {
    enum dist_kind kind;
    double a, b;          /* as drawing wants them: the value, the mean, mu and sigma, shape and scale, the two ends */
    double mean, sd;      /* of what is drawn */
    const double *values; /* empirical: sorted, borrowed */
    size_t n;
};

struct dist dist_const(double value);
struct dist dist_exp(double mean);
/* kind is one of lognormal, gamma, weibull, normal; a standard deviation of 0 gives the constant. */
struct dist dist_of_moments(enum dist_kind kind, double mean, double sd);
/* Keeps values, which must be sorted; n >= 1. */
struct dist dist_empirical(const double *values, size_t n);
/* All that is drawn, times factor (> 0); empirical values are copied into the arena. */
struct dist dist_scaled(struct arena *arena, const struct dist *dist, double factor);

/* "exp(0.5s)", "lognormal(4.1s, 400ms)", "empirical(@file)", "empirical(1,2,3)", or a bare number.  what names it in errors.
 * Refuses what could be negative in the mean, not finite, or longer than a hundred years. */
int dist_parse(struct arena *arena, struct str text, const char *what, struct dist *dist_out, struct err *err);

/* As dist_parse reads it; an empirical one only says what it is like. */
void dist_print(const struct dist *dist, struct buf *out);

bool dist_is_const(const struct dist *dist);

/* Never negative: the normal distribution is cut at 0. */
double dist_draw(const struct dist *dist, struct rng *rng);
void dist_fill(const struct dist *dist, struct rng *rng, double *values, size_t n);

static inline double rng_exp(struct rng *rng)
{
    return -__builtin_log(1 - rng_f64(rng));
}

#endif
