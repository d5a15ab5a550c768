/* Arrivals that are made up: renewal processes, modulated and daily ones, and those of published per-window descriptions. */
#ifndef COLDSPOT_SIMULATE_GENERATE_H
#define COLDSPOT_SIMULATE_GENERATE_H

#include "simulate/source.h"

enum generator_kind { GENERATE_POISSON, GENERATE_GAMMA, GENERATE_WEIBULL, GENERATE_MMPP, GENERATE_DIURNAL };

struct generator {
    enum generator_kind kind;
    double rate;       /* requests a second, in the mean */
    double cv;         /* of the gaps: gamma and weibull */
    double peak;       /* mmpp: rate of the busy state over the mean; diurnal: the busiest moment over the mean, 1..2 */
    double busy_share; /* mmpp: share of time in the busy state */
    double dwell_s;    /* mmpp: mean length of a busy spell */
    double period_s;   /* diurnal */
    uint64_t requests; /* 0: until span_s */
    double span_s;     /* 0: until `requests` */
};

struct generated_source {
    struct arrivals source;
    /* private */
    struct generator generator;
    struct dist gap;
    struct rng rng;
    double now, state_ends;
    bool busy;
    uint64_t made;
};

/* Fails with ERR_USAGE where the numbers contradict each other. */
int generated_source_init(struct generated_source *generated, const struct generator *generator, struct err *err);

/* "poisson", "gamma(cv)", "weibull(cv)", "mmpp(peak,share,dwell)", "diurnal(peak,period)": fills kind and what the text gives. */
int generator_parse(struct str text, struct generator *generator, struct err *err);

enum { GENERATORS_MOST = 16 };

/* Several kinds at once: "6*poisson + 3*diurnal(1.8,24h) + mmpp(20,0.02,30s)".  The factors are shares of the whole's rate, 1 where
 * there is none.  What a part does not say it has from the whole; parts_out has room for GENERATORS_MOST. */
int generator_parse_mix(struct str text, const struct generator *whole, struct generator *parts_out, size_t *n_out,
                        struct err *err);

/* "Poisson", "daily". */
const char *generator_words(const struct generator *generator);

/* Windows of constant rate and law, one after another: Alibaba's ServeGen traces, and counts a minute (Azure Functions 2019). */
struct window {
    double start_s, length_s;
    double count; /* how many requests; a law that is not exact makes them in the mean */
    enum window_law { WINDOW_GAMMA, WINDOW_WEIBULL, WINDOW_POISSON, WINDOW_UNIFORM, WINDOW_EVEN } law;
    double cv;
};

struct windowed_source {
    struct arrivals source;
    /* private */
    const struct window *windows;
    size_t n, at;
    struct rng rng;
    struct dist gap;
    bool is_open; /* the window at hand */
    double now;
    uint64_t made, left;
};

/* Keeps windows. */
void windowed_source_init(struct windowed_source *windowed, const struct window *windows, size_t n);

#endif
