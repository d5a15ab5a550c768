/* The memory of a hostile process: an input's bytes, again every 64 KiB so that pointers hit them, and nothing on the first page. */
#ifndef COLDSPOT_TESTS_FUZZ_IMAGE_H
#define COLDSPOT_TESTS_FUZZ_IMAGE_H

#include <string.h>

#include "fuzz.h"

struct image {
    const uint8_t *bytes;
    size_t size;
};

static inline int read_image(void *ctx, uint64_t address, void *buffer, size_t length)
{
    const struct image *image = ctx;
    uint64_t at = address % 65536;
    if (address < 4096 || at > image->size || length > image->size - at)
        return -1;
    memcpy(buffer, image->bytes + at, length);
    return 0;
}

#endif
