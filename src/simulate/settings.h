/* What one can choose about a function: every knob that the simulator knows, as rows that parse, print and search them. */
#ifndef COLDSPOT_SIMULATE_SETTINGS_H
#define COLDSPOT_SIMULATE_SETTINGS_H

#include "base/arena.h"
#include "base/err.h"
#include "simulate/dist.h"

struct policy;

/* Which container takes a request when several could. */
enum dispatch { DISPATCH_NEWEST, DISPATCH_OLDEST, DISPATCH_RANDOM, DISPATCH_SPREAD };

enum { CONTAINERS_MOST = 1 << 20, INPUTS_MOST = 1000, BATCH_MOST = 1000 };

struct settings {
    const struct policy *policy; /* a const table's row */
    const char *gpu;             /* NULL: none */
    uint32_t min_containers, max_containers, buffer_containers;
    struct dist scaledown_window; /* drawn for each idle period */
    /* The same while the function has other containers; a negative mean: as scaledown_window. */
    struct dist surplus_window;
    struct dist lifetime;   /* an idle container this old is gone; a negative mean: none */
    uint32_t max_inputs;    /* inputs (with batching: batches) at once in a container */
    uint32_t target_inputs; /* what scaling aims at; 0: max_inputs */
    uint32_t max_batch_size;
    double wait_s;                                        /* how long a batch waits to fill */
    bool snapshot;                                        /* starts are restored from a memory snapshot */
    double timeout_s, startup_timeout_s, queue_timeout_s; /* HUGE_VAL: none */
    uint32_t retries;
    double retry_delay_s, retry_backoff;
    uint32_t max_queue;     /* requests that may wait; UINT32_MAX: any number */
    double start_failure;   /* the share of starts that fail and are repeated */
    double preempt_every_s; /* mean time until a container is taken away; 0: never */
    uint32_t dispatch;      /* enum dispatch */
    bool bind_starts;       /* a request that caused a start waits for that very container */
    bool cancel_starts;     /* starts that nobody waits for any more are given up */
};

/* Everything off: no minimum, no limits, window 60 s. */
struct settings settings_default(void);

/* "min_containers=1,scaledown_window=60s": changes what is named.  Fails with ERR_USAGE naming key, value and limit. */
int settings_set(struct arena *arena, struct settings *settings, struct str text, struct err *err);
int settings_set_one(struct arena *arena, struct settings *settings, struct str key, struct str value, struct err *err);

/* The values of "KEY=a..b" or "KEY=a,b,c", as texts that settings_set_one takes. */
struct settings_axis {
    struct str key;
    struct str *values;
    size_t n;
};
int settings_parse_axis(struct arena *arena, struct str text, struct settings_axis *axis_out, struct err *err);

/* The value of one key as settings_set_one takes it. */
void settings_print_one(const struct settings *settings, struct str key, struct buf *out);

/* All keys, in table order; NULL at the end. */
/* Whether a setting is printed differently. */
bool settings_differ(const struct settings *a, const struct settings *b, const char *key);

const char *settings_key(size_t i);
const char *settings_help(size_t i);

/* Whether settings contradict each other: minimum above maximum, target above inputs. */
int settings_check(const struct settings *settings, struct err *err);

static inline uint32_t settings_target(const struct settings *settings)
{
    return settings->target_inputs && settings->target_inputs < settings->max_inputs ? settings->target_inputs
                                                                                     : settings->max_inputs;
}

#endif
