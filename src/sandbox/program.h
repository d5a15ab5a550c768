/* What kind of executable a path is, read from its ELF header: can the agent be loaded into it? */
#ifndef COLDSPOT_SANDBOX_PROGRAM_H
#define COLDSPOT_SANDBOX_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/* The path that execvp would take: `name` itself where it has a slash, else the first match on `path_list` (a PATH).
 * ERR_INPUT when there is none, it is a directory, or it may not be executed. */
int program_find(struct arena *arena, struct str name, struct str path_list, const char **path_out, struct err *err);

enum program_kind {
    PROGRAM_GLIBC,  /* dynamically linked with glibc's loader: the agent can be loaded */
    PROGRAM_SCRIPT, /* starts with #!: its interpreter decides, program_check follows it */
    PROGRAM_MUSL,
    PROGRAM_STATIC,  /* no loader at all */
    PROGRAM_FOREIGN, /* another machine or word size, or a loader that we do not know */
};

/* The bytes of a file.  `read` answers whether all of the range is there. */
struct program_bytes {
    bool (*read)(void *ctx, uint64_t offset, void *buffer, size_t length);
    void *ctx;
};

enum program_kind program_kind_of(const struct program_bytes *bytes);
int program_kind(const char *path, enum program_kind *kind_out, struct err *err);

/* 0 when the agent can be loaded into it, scripts followed; else ERR_INPUT that says why and what to do. */
int program_check(struct arena *arena, const char *path, struct err *err);

#endif
