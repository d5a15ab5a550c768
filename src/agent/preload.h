/* What LD_PRELOAD says to programs that this process becomes or starts. */
#ifndef COLDSPOT_AGENT_PRELOAD_H
#define COLDSPOT_AGENT_PRELOAD_H

#include <stdbool.h>
#include <stddef.h>

/* A program that is about to be started: the file that `path` names seen from the directory `fd`, or, with an empty path, `fd`
 * itself; with `search`, and no slash in the path, the first such file on PATH. */
struct preload_program {
    const char *path;
    int fd;
    bool search;
};

/* Where our library cannot be opened from here any more (the program changed its root or its user, or removed the directory),
 * or the program's dynamic linker is of another kind (32-bit, musl), that linker would complain about it on standard error, or
 * give up.  Then: the bytes that a copy of the environment without it takes; else 0.  The copy is made in the caller's frame:
 * this runs between fork or vfork and exec. */
size_t preload_copy_bytes(struct preload_program program, char *const *environment);
char *const *preload_copy(void *room, char *const *environment);

#endif
