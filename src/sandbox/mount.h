/* --mount /cache=./dir: a directory of ours under the path that the platform would mount a Volume at.
 * Two ways, tried in this order: a private mount namespace with a bind mount, which nothing outside sees; where namespaces are
 * refused and the path does not exist, a symbolic link that is taken away afterwards.  Anything else is an error in words. */
#ifndef COLDSPOT_SANDBOX_MOUNT_H
#define COLDSPOT_SANDBOX_MOUNT_H

#include "base/arena.h"
#include "base/err.h"

struct mount {
    const char *point;  /* absolute, as the function sees it */
    const char *source; /* absolute, an existing directory */
    /* private */
    const char *made; /* the topmost directory on the way to the point that we made; NULL: it was there */
    bool linked;      /* the point is a link that we made */
};

struct mount_plan {
    array_of(struct mount) mounts;
    /* private */
    int namespaces; /* flags for unshare; 0: the points are links */
};

/* Adds one "POINT=DIR" to the plan; DIR is taken relative to the working directory and made when it is not there.
 * ERR_USAGE: no '=', the point is not absolute or is "/" or lies under /proc, /sys or /dev. */
int mount_add(struct arena *arena, struct mount_plan *plan, struct str text, struct err *err);

/* Makes what must be there before the first start; once a command.  note_path: a file in the run directory that gets what was
 * made, so that the next command can undo it if this one is killed. */
int mount_prepare(struct arena *arena, struct mount_plan *plan, const char *note_path, struct err *err);

/* In the child, between fork and exec.  Returns 0 or the errno that stopped it. */
int mount_enter(const struct mount_plan *plan);

/* Takes away what mount_prepare made. */
void mount_undo(struct mount_plan *plan);

/* The same from the note of a command that was killed. */
void mount_undo_noted(const char *note_path);

#endif
