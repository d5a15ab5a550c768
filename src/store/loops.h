/* Where an event loop was blocked: the stretches between two of its polls, and what ran in them.  Private to store/. */
#ifndef COLDSPOT_STORE_LOOPS_H
#define COLDSPOT_STORE_LOOPS_H

#include "store/stacks.h"

/* Fills in start->stretches, longest first.  nodes: as stacks_read left them. */
void loops_read(struct arena *arena, const struct recording *recording, const struct stacks_nodes *nodes,
                struct str root, uint64_t asked_ns, struct run_start *start);

#endif
