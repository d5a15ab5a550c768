/* Sampled stacks and allocations of a recording as rows of a start.  Private to store/. */
#ifndef COLDSPOT_STORE_STACKS_H
#define COLDSPOT_STORE_STACKS_H

#include "record/reader.h"
#include "store/run.h"

/* The start's frame + 1 by the recording's node id. */
struct stacks_nodes {
    int32_t *items;
    size_t len, cap;
};

/* Fills in frames, stacks and memory; recording's strings are kept. */
void stacks_read(struct arena *arena, const struct recording *recording, struct str cwd, struct run_start *start,
                 struct stacks_nodes *nodes_out);

/* The frame of a node, RUN_NONE where there is none. */
int32_t stacks_frame(const struct stacks_nodes *nodes, uint32_t node);

/* The wait state that a sampled thread's state is. */
enum run_wait stacks_wait(uint8_t event_state);

/* A file as it is shown: relative to the working directory when it lies below it. */
struct str stacks_shown(struct str path, struct str cwd);

#endif
