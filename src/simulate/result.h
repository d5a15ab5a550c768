/* What one setting does to the traffic: figures that are means over replications, with intervals. */
#ifndef COLDSPOT_SIMULATE_RESULT_H
#define COLDSPOT_SIMULATE_RESULT_H

#include "base/stats.h"
#include "simulate/engine.h"
#include "simulate/workload.h"

enum { REPLICATIONS = 20 };

/* What a container costs on each GPU that is considered, and how fast it is. */
struct hardware {
    const char *gpu; /* as settings.gpu; NULL: none */
    double usd_per_s, usd_per_request;
    bool startup_billed, idle_billed;
    double speed; /* service is divided by it; 1: as measured */
};

struct result {
    struct settings settings;
    double p50, p90, p95, p99, p999, mean, max; /* latency, seconds */
    double cold, waited, errors;                /* shares of the requests */
    double cost_usd, cost_per_1k, usd_per_month;
    double start_usd, busy_usd, idle_usd; /* parts of cost_usd; what is not billed is 0; fees are the rest */
    double container_s, busy_s, start_s, utilization;
    double queue_s, cold_wait_s, batch_wait_s, service_s; /* mean parts of a latency */
    double starts, peak_containers, mean_containers;
    double requests, batch_size, span_s;
    struct interval p99_interval, cost_interval, mean_interval, cold_interval;
    double costs[REPLICATIONS], values[REPLICATIONS]; /* per replication: cost, p99; for paired comparison */
    unsigned replications;
    bool overloaded;
    double needs_containers; /* overloaded: at least so many would be busy all the time */
};

struct evaluator; /* an engine and sources of one thread */

struct evaluation {
    const struct workload *workload;
    const struct model *model; /* service and batch times at speed 1 */
    const struct hardware *hardware;
    size_t n_hardware;
    uint64_t seed;
    unsigned replications; /* 0: REPLICATIONS where anything is random and the traffic is short, else 1 */
};

/* Keeps evaluation. */
int evaluator_new(const struct evaluation *evaluation, struct evaluator **evaluator_out, struct err *err);
void evaluator_free(struct evaluator *evaluator);

/* Simulates one setting, as often as it takes.  Fails where the source fails or no hardware row has the settings' GPU. */
int evaluator_run(struct evaluator *evaluator, const struct settings *settings, struct result *result_out,
                  struct err *err);

/* The same once more with the seed of the first replication, for the series over time; valid until the next call. */
int evaluator_series(struct evaluator *evaluator, const struct settings *settings, double span_s,
                     const struct series **series_out, struct err *err);

/* 95 % interval of the mean difference b - a, paired by replication; a point where there is one replication only. */
struct interval result_cost_difference(const struct result *a, const struct result *b);

#endif
