/* What the traffic says about the settings of containers, one group at a time: warm pool, idle window, inputs at once, batches. */
#ifndef COLDSPOT_RECOMMEND_SCALING_H
#define COLDSPOT_RECOMMEND_SCALING_H

#include "diagnose/finding.h"
#include "simulate/plan.h"

enum scaling_group { SCALING_POOL, SCALING_WINDOW, SCALING_INPUTS, SCALING_BATCHES, SCALING_GROUPS };

struct scaling_input {
    const struct plan_question *question; /* today's settings, the model, the promises; its axes are not looked at */
    const struct plan *plan;              /* of it: the traffic, and today's figures */
    bool is_method;
    uint32_t most_inputs, most_batch; /* the most that was measured; 0: how they behave is not known */
    struct location location;         /* of the function; file empty: not known */
    struct str subject, command;
};

struct scaling_verdicts {
    bool tried[SCALING_GROUPS]; /* whether enough is known to judge the group */
    bool found[SCALING_GROUPS];
};

/* "@app.function(min_containers=1)  and  @modal.concurrent(max_inputs=4)": what turns the first settings into the others, in the
 * arena; empty: nothing. */
struct str scaling_change(struct arena *arena, const struct settings *from, const struct settings *to, bool is_method);

/* Adds a finding for each group whose change alone saves more than its noise while the promises are kept, or keeps a promise that
 * today's settings break; with dollars a month and what to write.  Fails only where the traffic cannot be read. */
int scaling_find(struct arena *arena, const struct scaling_input *input, struct findings *findings,
                 struct scaling_verdicts *verdicts_out, struct err *err);

#endif
