/* Files that the binary carries; tools/embed makes the arrays, meson.build says of which files. */
#ifndef COLDSPOT_BASE_EMBEDDED_H
#define COLDSPOT_BASE_EMBEDDED_H

#include <stddef.h>

/* Ended by a row without a name. */
struct embedded {
    const char *name;           /* the file's base name */
    const unsigned char *bytes; /* followed by a NUL that len does not count */
    size_t len;
};

#endif
