/* A small process beside a command that waits for the command's end, however that comes: what kill -9 leaves, it clears away. */
#ifndef COLDSPOT_SANDBOX_KEEPER_H
#define COLDSPOT_SANDBOX_KEEPER_H

#include <sys/types.h>

#include "base/err.h"

struct keeper {
    pid_t pid; /* 0: there is none */
    int fd;
};

/* Called in the keeper when the command has gone without keeper_stop; session: the last one announced, 0 when it had ended. */
typedef void keeper_clear(const char *path, pid_t session);

/* Starts it; it has nothing of ours open, a session of its own, and ignores what ends others.  `path` is copied. */
int keeper_start(struct keeper *keeper, const char *path, keeper_clear *clear, struct err *err);

/* Tells it which session now holds what we started; 0: none does. */
void keeper_announce(const struct keeper *keeper, pid_t session);

/* Ends it; nothing is cleared. */
void keeper_stop(struct keeper *keeper);

#endif
