/* The real functions of malloc's family. */
#ifndef COLDSPOT_AGENT_HEAP_H
#define COLDSPOT_AGENT_HEAP_H

#include <stddef.h>

struct heap {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void *(*memalign)(size_t, size_t);
    int (*posix_memalign)(void **, size_t, size_t);
    void *(*aligned_alloc)(size_t, size_t);
    void *(*valloc)(size_t);
    void *(*pvalloc)(size_t);
    void (*free)(void *);
};

#endif
