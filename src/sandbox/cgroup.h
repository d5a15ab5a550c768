/* A memory limit that the kernel keeps, where we may make a cgroup (version 2 or 1). */
#ifndef COLDSPOT_SANDBOX_CGROUP_H
#define COLDSPOT_SANDBOX_CGROUP_H

#include "base/arena.h"

struct cgroup {
    const char *path; /* NULL: there is none */
    int procs_fd;     /* the child writes "0" here to move itself in */
    bool is_v2;
};

/* Makes one with that limit, swap included.  Returns NULL, or a sentence saying why it could not; strings live in arena. */
const char *cgroup_make(struct arena *arena, uint64_t limit_bytes, struct cgroup *cgroup_out);

/* How many processes of it the kernel has killed for memory. */
uint64_t cgroup_oom_kills(const struct cgroup *cgroup);

/* Removes it; its processes must be dead. */
void cgroup_remove(struct cgroup *cgroup);

#endif
