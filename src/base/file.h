/* Whole files in and out. */
#ifndef COLDSPOT_BASE_FILE_H
#define COLDSPOT_BASE_FILE_H

#include "base/arena.h"
#include "base/err.h"

/* All bytes of a regular file, pipe or device, at most `most` of them (ERR_INPUT beyond it). */
int file_read(struct arena *arena, const char *path, size_t most, struct str *bytes_out, struct err *err);

/* Everything that `fd` gives until its end, with the same limit; name is for errors. */
int file_read_fd(struct arena *arena, int fd, const char *name, size_t most, struct str *bytes_out, struct err *err);

/* Writes a new file and renames it to path, so that readers see the old or the new one, never half, whenever this is killed.  Where
 * there is one, its rights, its owner and a symbolic link to it stay.  A device or a pipe is written to. */
int file_write(const char *path, struct str bytes, struct err *err);

/* Writes all of bytes, going on after short writes and signals. */
int file_write_fd(int fd, const char *name, struct str bytes, struct err *err);

/* Makes the directory and those above it; fine when it is there. */
int file_make_dirs(const char *path, unsigned mode, struct err *err);

bool file_exists(const char *path);
bool file_is_dir(const char *path);

#endif
