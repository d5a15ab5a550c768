/* How memory that belongs to a Python is read: through a callback, so that the same code reads the process it runs in,
 * another process, a core file or a test's bytes.  An address may be any number; reading a bad one is an error, not a fault. */
#ifndef COLDSPOT_CPYTHON_MEMORY_H
#define COLDSPOT_CPYTHON_MEMORY_H

#include <stddef.h>
#include <stdint.h>

struct memory_range {
    uint64_t address;
    uint32_t length;
};

struct memory {
    /* Copies the whole of [address, address + length) into buffer: 0, or -1 when any of it could not be read. */
    int (*read)(void *ctx, uint64_t address, void *buffer, size_t length);
    /* Copies many ranges, one after the other, into buffer; answers how many, from the first, were copied whole.
     * May be NULL: then memory_gather reads them one by one. */
    size_t (*gather)(void *ctx, const struct memory_range *ranges, size_t n, void *buffer);
    void *ctx;
};

static inline int memory_read(const struct memory *memory, uint64_t address, void *buffer, size_t length)
{
    return memory->read(memory->ctx, address, buffer, length);
}

static inline size_t memory_gather(const struct memory *memory, const struct memory_range *ranges, size_t n,
                                   void *buffer)
{
    if (memory->gather)
        return memory->gather(memory->ctx, ranges, n, buffer);
    char *to = buffer;
    for (size_t i = 0; i < n; i++) {
        if (memory_read(memory, ranges[i].address, to, ranges[i].length))
            return i;
        to += ranges[i].length;
    }
    return n;
}

#endif
