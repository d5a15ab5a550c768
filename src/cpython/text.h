/* A str object's characters. */
#ifndef COLDSPOT_CPYTHON_TEXT_H
#define COLDSPOT_CPYTHON_TEXT_H

#include "cpython/layout.h"

/* Copies the str at `address` as UTF-8 into out, cut to whole characters where it is longer than `size` (at least 4; no NUL
 * is added).  0, or -1: it could not be read, or is no str. */
int text_read(const struct memory *memory, const struct layout *layout, uint64_t address, char *out, size_t size,
              size_t *length_out);

#endif
