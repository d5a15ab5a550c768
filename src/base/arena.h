/* Memory that is freed together: everything that lives as long as one command, one file, one request.
 * Zero-initialised is empty and valid. */
#ifndef COLDSPOT_BASE_ARENA_H
#define COLDSPOT_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "base/str.h"

struct arena {
    struct arena_chunk *chunk; /* private: the newest one */
};

void arena_release(struct arena *arena);

/* Empty again, keeping one chunk. */
void arena_reset(struct arena *arena);

/* Moves all that `from` holds to `into`, where it lives on; `from` is empty afterwards. */
void arena_adopt(struct arena *into, struct arena *from);

/* Zeroed memory, aligned for anything. */
void *arena_alloc(struct arena *arena, size_t size);
void *arena_alloc_array(struct arena *arena, size_t count, size_t size);

#define arena_new(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define arena_array(arena, type, count) ((type *)arena_alloc_array((arena), (count), sizeof(type)))

/* Copies, followed by a NUL that len does not count. */
struct str arena_copy(struct arena *arena, struct str bytes);
const char *arena_cstr(struct arena *arena, struct str bytes);
struct str arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Lists that grow in an arena:   struct { struct frame *items; size_t len, cap; } frames = {0};
 * array_push(arena, &frames) makes room for one more, zeroed, and returns its address: *array_push(...) = frame. */
#define array_of(type)                                                                                                 \
    struct {                                                                                                           \
        type *items;                                                                                                   \
        size_t len, cap;                                                                                               \
    }
#define array_push(arena, array)                                                                                       \
    ((__typeof__((array)->items))array_grow((arena), (void **)&(array)->items, &(array)->len, &(array)->cap,           \
                                            sizeof(*(array)->items)))
void *array_grow(struct arena *arena, void **items, size_t *len, size_t *cap, size_t size);

#endif
