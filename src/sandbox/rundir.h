/* The private directory of one command: DIR/coldspot-UID-XXXXXX, mode 0700, one sub-directory a start.  It goes when the
 * command ends; one whose command was killed is removed by the next. */
#ifndef COLDSPOT_SANDBOX_RUNDIR_H
#define COLDSPOT_SANDBOX_RUNDIR_H

#include "base/arena.h"
#include "base/err.h"
#include "sandbox/keeper.h"

struct rundir {
    const char *path; /* NULL when there is none */
    struct keeper keeper;
};

/* What the agent is told in a start's agent.conf. */
struct rundir_agent {
    const char *library; /* absolute path of libcoldspot-agent.so; NULL: no agent in this start */
    const char *observe; /* "imports,io,memory,stacks,uses", a part of it, "all" or "none" */
    unsigned rss_hz, sample_hz;
    uint64_t max_bytes; /* of one recording */
    const char *root;   /* the app's directory, or NULL */
    bool redact_paths;
};

struct rundir_start {
    const char *path;   /* the start's directory, where the recordings (*.rec) will be */
    const char *agent;  /* path for LD_PRELOAD; NULL without an agent */
    const char *result; /* where the harness appends its events */
};

/* Makes it under $TMPDIR, else /tmp, else /dev/shm: the first whose path has no space, colon or newline (LD_PRELOAD splits
 * there) and that can be written.  Removes stale ones on the way, and starts a keeper, which removes this one, with the processes
 * that are left of it, if we are killed.  Strings live in arena. */
int rundir_open(struct arena *arena, struct rundir *dir, struct err *err);

/* The sub-directory of start number `index`, with the link to the library, agent.conf and an empty result. */
int rundir_add_start(struct arena *arena, const struct rundir *dir, unsigned index, const struct rundir_agent *agent,
                     struct rundir_start *start_out, struct err *err);

/* Paths of the recordings a start left, sorted: the first process's first where names sort so. */
struct rundir_recordings {
    array_of(const char *) paths;
};
int rundir_recordings(struct arena *arena, const struct rundir_start *start, struct rundir_recordings *out,
                      struct err *err);

/* Removes one start's directory, to give its space back early. */
void rundir_remove_start(const struct rundir_start *start);

/* Removes all of it; fine when it is gone or was never made. */
void rundir_remove(struct rundir *dir);

/* The path of a file for mount_prepare's note. */
const char *rundir_mount_note(struct arena *arena, const struct rundir *dir);

/* Removes what commands that no longer run left behind; how many directories. */
unsigned rundir_clean(void);

#endif
