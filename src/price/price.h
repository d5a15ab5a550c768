/* From settings and use to money: what a second of a container costs, and what an invocation costs.
 *
 *   billed = request, or max(request, use) where the platform bills so (Modal's CPU and memory)
 *   rate   = (GPUs x gpu + cores x cpu x nonpreemptible + GiB x memory x nonpreemptible + disk) x region        USD a second
 *   cost   = rate x billed seconds + fee a request
 *
 * Money is a double made once, at the end, from summed seconds. */
#ifndef COLDSPOT_PRICE_PRICE_H
#define COLDSPOT_PRICE_PRICE_H

#include "price/catalogue.h"

enum price_region { REGION_ANY, REGION_BROAD, REGION_NARROW };
enum price_choice { CHOICE_PLATFORM, CHOICE_YES, CHOICE_NO }; /* as the platform's table says, or as the user says */

/* What the app asks for.  Zero-initialised is the platform's defaults, on Modal. */
struct price_settings {
    struct str provider;   /* "modal", "aws-lambda"; empty: modal */
    struct str gpu;        /* as the app has it: "H100:8", "a10g"; several, best first, with commas; empty: none */
    uint32_t gpu_count;    /* 0: what gpu says */
    double cpu, cpu_limit; /* cores; 0: the default, no limit */
    double memory_mib, memory_limit_mib;
    double disk_mib;
    enum price_region region;
    bool nonpreemptible;
    double scaledown_window_s; /* 0: the platform's */
    enum price_choice startup_billed;
};

/* What a container used while the seconds ran; 0: not known, or less than asked for. */
struct price_use {
    double cpu_cores;  /* mean */
    double memory_mib; /* mean; the peak gives an upper bound */
};

struct price_rate {
    double usd_per_s; /* the sum of the parts below */
    double gpu_usd_per_s, cpu_usd_per_s, memory_usd_per_s, disk_usd_per_s;
    double usd_per_request;
    double cpu_cores, memory_mib; /* as billed; cpu_cores 0 where CPU comes with the memory */
    struct str gpu;               /* its name in data/gpus.json; empty: none */
    uint32_t gpu_count;
    uint64_t gpu_memory_bytes; /* of all of them */
    double usd_per_s_most;     /* with the dearest GPU of a list; usd_per_s is with its first */
    double time_step_s;
    bool startup_billed, idle_billed;
    double idle_window_s; /* how long an idle container may be kept after its last call */
    struct str
        basis; /* "$0.000257/s = L4 0.000222 + 2 CPU 0.0000262 + 4 GiB 0.00000888 (Modal prices of 2026-09-01, start-up billed)" */
    const struct price_table *table;
};

/* The rate of a container with these settings; use may be NULL.  The basis is made in the arena.
 * Fails with ERR_INPUT: an unknown provider or GPU (named, with the nearest), more GPUs or memory than the platform sells. */
int price_rate(struct arena *arena, const struct catalogue *catalogue, const struct price_settings *settings,
               const struct price_use *use, struct price_rate *rate_out, struct err *err);

/* The seconds that are billed for so many seconds of a container's life. */
double price_billed_s(const struct price_rate *rate, double seconds);

/* USD for `seconds` of a container (summed by the caller, rounded here to what is billed) and the fees of `requests` requests. */
double price_cost(const struct price_rate *rate, double seconds, uint64_t requests);

/* USD of one invocation that had to start its container: start-up (where billed) and call. */
double price_cold(const struct price_rate *rate, double startup_s, double call_s);

/* USD of one invocation in a container that was there. */
double price_warm(const struct price_rate *rate, double call_s);

/* USD that the idle window after a burst may cost at most: the window at this rate; 0 where idle time is free.
 * Pass a rate made with the use of an idle container: no CPU, its memory. */
double price_idle(const struct price_rate *rate);

/* One GPU setting, "NAME" or "NAME:COUNT".  Fails with ERR_INPUT, naming the GPUs known and the nearest. */
int price_parse_gpu(const struct catalogue *catalogue, struct str text, const struct gpu **gpu_out, uint32_t *count_out,
                    struct err *err);

/* The request to make for a measured peak: peak x 1.2, rounded up to what the platform sells and within its limits.
 * Cores are 0 where CPU is not asked for on its own. */
double price_recommend_memory_mib(const struct price_table *table, double peak_bytes);
double price_recommend_cpu(const struct price_table *table, double peak_cores);

/* Cores (as the platform counts them) that a request brings: itself, or what comes with the memory. */
double price_cores(const struct price_table *table, double cpu, double memory_mib);

#endif
