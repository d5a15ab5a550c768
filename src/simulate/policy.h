/* How platforms scale: a row each, with the settings that they begin with and the rule that decides how many containers run. */
#ifndef COLDSPOT_SIMULATE_POLICY_H
#define COLDSPOT_SIMULATE_POLICY_H

#include "base/str.h"

struct settings;

enum scaling {
    SCALE_ON_DEMAND, /* a request that finds no room starts a container; idle ones go after their window */
    SCALE_KPA,       /* Knative: averages over two windows, every two seconds */
    SCALE_FLASH,     /* Modal's Flash: a ratio with a tolerance, slow to shrink */
    SCALE_HISTOGRAM, /* hybrid histogram: learns the gaps, stops at once and starts again ahead of time */
    SCALE_BOUND,     /* no policy at all: the least that any could cost */
};

struct policy {
    const char *name;
    enum scaling scaling;
    double tick_s; /* how often it decides; 0: at each event */
    void (*defaults)(struct settings *settings);
    const char *summary;
};

/* The row called name, or NULL. */
const struct policy *policy_find(struct str name);
const struct policy *policy_default(void);

/* All rows; NULL at the end. */
const struct policy *policy_at(size_t i);

/* The settings that a function has which says nothing. */
struct settings policy_settings(const struct policy *policy);

#endif
