/* Sampled stacks and allocations of a recording as rows of a start.  Private to store/. */
#ifndef COLDSPOT_STORE_STACKS_H
#define COLDSPOT_STORE_STACKS_H

#include "record/reader.h"
#include "store/run.h"

/* Fills in frames, stacks and memory; recording's strings are kept. */
void stacks_read(struct arena *arena, const struct recording *recording, struct str cwd, struct run_start *start);

/* A file as it is shown: relative to the working directory when it lies below it. */
struct str stacks_shown(struct str path, struct str cwd);

#endif
