/* What LD_PRELOAD says to programs that this process becomes or starts. */
#ifndef COLDSPOT_AGENT_PRELOAD_H
#define COLDSPOT_AGENT_PRELOAD_H

#include <stddef.h>

/* Where our library cannot be opened from here any more (the program changed its root or its user, or removed the directory),
 * the dynamic linker would complain about it on standard error.  Then: the bytes that a copy of the environment without it
 * takes; else 0.  The copy is made in the caller's frame: this runs between fork or vfork and exec. */
size_t preload_copy_bytes(char *const *environment);
char *const *preload_copy(void *room, char *const *environment);

#endif
