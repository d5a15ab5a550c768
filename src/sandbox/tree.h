/* The processes below one: found in /proc, and killed so that none is left. */
#ifndef COLDSPOT_SANDBOX_TREE_H
#define COLDSPOT_SANDBOX_TREE_H

#include <sys/resource.h>
#include <sys/types.h>

#include "base/arena.h"

/* When a process started, in clock ticks since boot: with its id the name of one process for ever.  0: there is none. */
uint64_t tree_start_time(pid_t pid);

struct tree_list {
    array_of(pid_t) pids;
};

/* Our own children, zombies too. */
void tree_children(struct arena *arena, struct tree_list *out);

/* Our own resident set; 0 when /proc does not say. */
uint64_t tree_own_rss(void);

struct tree_usage {
    uint64_t user_ns, system_ns, max_rss_bytes;
};

/* Adds what wait4 said of one process and those it waited for. */
void tree_add_usage(struct tree_usage *usage, const struct rusage *rusage);

/* Kills and reaps every descendant of ours but those below the children in `keep`.  The calling process must be a subreaper,
 * so that a daemon's processes become its children.  Gives up after some seconds (a process in uninterruptible sleep).
 * Returns how many were still running when it came to them. */
unsigned tree_kill(const struct tree_list *keep, struct tree_usage *usage);

/* Kills what a command that was killed itself left running: the processes of ours whose environment mentions `mark`, and those
 * of a session (0: none), again until none is found. */
void tree_kill_abandoned(const char *mark, pid_t session);

#endif
