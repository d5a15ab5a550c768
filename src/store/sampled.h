/* Stages of a function whose user named none: what it calls, by samples of its warm calls.  Private to store/. */
#ifndef COLDSPOT_STORE_SAMPLED_H
#define COLDSPOT_STORE_SAMPLED_H

#include "store/summary.h"

/* Adds to summary->stages, largest first; answers what they take of a warm call in all.  None where stacks were not sampled, or
 * the function is in too few of them. */
double sampled_stages(struct arena *arena, const struct run *run, struct summary *summary);

#endif
