/* The table of policies.  What a row does at run time is chosen by its `scaling` (scaler.c holds the rules). */
#include "simulate/policy.h"

#include <stddef.h>

#include "simulate/settings.h"

static void nothing(struct settings *settings)
{
    (void)settings;
}

/* Found by `coldspot plan --fit` on six measured runs of 28 hours (docs/explanation/simulator.md): the only container goes after
 * 631 s; others stay longer, by chance; none gets older than two hours. */
static void aws_lambda(struct settings *settings)
{
    settings->scaledown_window = dist_of_moments(DIST_NORMAL, 631, 6);
    settings->surplus_window = dist_of_moments(DIST_NORMAL, 1235, 346);
    settings->lifetime = dist_of_moments(DIST_NORMAL, 7083, 283);
    settings->bind_starts = true;
    settings->max_queue = 0;
}

static void ttl(struct settings *settings)
{
    settings->scaledown_window = dist_const(600);
}

static void scale_to_zero(struct settings *settings)
{
    settings->scaledown_window = dist_const(0);
    settings->cancel_starts = true;
}

static const struct policy policies[] = {
    {"modal", SCALE_ON_DEMAND, 0, nothing,
     "Modal as documented: minimum, maximum, buffer, idle window, concurrency, batching"},
    {"modal-flash", SCALE_FLASH, 15, nothing,
     "Modal's Flash autoscaler: load over target, tolerance 0.1, shrinks after 300 s"},
    {"aws-lambda", SCALE_ON_DEMAND, 0, aws_lambda,
     "one request a container, newest idle first, windows as measured; min_containers is provisioned concurrency"},
    {"knative-kpa", SCALE_KPA, 2, nothing, "Knative's autoscaler: 60 s and 6 s averages over 70 % of max_inputs"},
    {"hybrid-histogram", SCALE_HISTOGRAM, 0, nothing,
     "learns the gaps between requests; stops at once, starts again ahead of time"},
    {"fixed-ttl", SCALE_ON_DEMAND, 0, ttl, "an idle window of 600 s and nothing else"},
    {"scale-to-zero", SCALE_ON_DEMAND, 0, scale_to_zero, "stops at once; starts that nobody waits for are given up"},
    {"clairvoyant", SCALE_BOUND, 0, nothing, "knows all arrivals: the least that serving without waiting can cost"},
};

enum { POLICIES = sizeof(policies) / sizeof(policies[0]) };

const struct policy *policy_find(struct str name)
{
    for (size_t i = 0; i < POLICIES; i++) {
        if (str_equals(name, str_of(policies[i].name)))
            return &policies[i];
    }
    return NULL;
}

const struct policy *policy_default(void)
{
    return &policies[0];
}

const struct policy *policy_at(size_t i)
{
    return i < POLICIES ? &policies[i] : NULL;
}

struct settings policy_settings(const struct policy *policy)
{
    struct settings settings = settings_default();
    settings.policy = policy;
    policy->defaults(&settings);
    return settings;
}
