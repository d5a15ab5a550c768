/* A stack of chunks; allocation moves a pointer within the newest one. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { CHUNK_FIRST = 16 << 10, CHUNK_MOST = 4 << 20, ALIGNMENT = alignof(max_align_t) };

struct arena_chunk {
    struct arena_chunk *older;
    size_t used, size;
    alignas(max_align_t) char bytes[];
};

static void chunk_add(struct arena *arena, size_t wanted)
{
    size_t size = arena->chunk ? arena->chunk->size * 2 : CHUNK_FIRST;
    if (size > CHUNK_MOST)
        size = CHUNK_MOST;
    if (size < wanted)
        size = wanted;
    struct arena_chunk *chunk = xcalloc(1,
                                        sizeof(*chunk) + size); /* fresh memory of the system's is not cleared twice */
    chunk->older = arena->chunk;
    chunk->size = size;
    arena->chunk = chunk;
}

void arena_release(struct arena *arena)
{
    if (!arena)
        return;
    while (arena->chunk) {
        struct arena_chunk *older = arena->chunk->older;
        free(arena->chunk);
        arena->chunk = older;
    }
}

void arena_reset(struct arena *arena)
{
    if (!arena->chunk)
        return;
    struct arena rest = {arena->chunk->older};
    arena_release(&rest);
    arena->chunk->older = NULL;
    memset(arena->chunk->bytes, 0, arena->chunk->used);
    arena->chunk->used = 0;
}

void arena_adopt(struct arena *into, struct arena *from)
{
    struct arena_chunk **end = &from->chunk;
    while (*end)
        end = &(*end)->older;
    if (into->chunk) {
        *end = into->chunk->older;
        into->chunk->older = from->chunk;
    } else {
        into->chunk = from->chunk;
    }
    from->chunk = NULL;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (rounded < size)
        xmultiply(SIZE_MAX, 2);
    if (!arena->chunk || arena->chunk->size - arena->chunk->used < rounded)
        chunk_add(arena, rounded);
    void *memory = arena->chunk->bytes + arena->chunk->used;
    arena->chunk->used += rounded;
    return memory;
}

void *arena_alloc_array(struct arena *arena, size_t count, size_t size)
{
    return arena_alloc(arena, xmultiply(count, size));
}

struct str arena_copy(struct arena *arena, struct str bytes)
{
    char *copy = arena_alloc(arena, bytes.len + 1);
    if (bytes.len)
        memcpy(copy, bytes.ptr, bytes.len);
    return (struct str){copy, bytes.len};
}

const char *arena_cstr(struct arena *arena, struct str bytes)
{
    return arena_copy(arena, bytes).ptr;
}

struct str arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = arena_alloc(arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return (struct str){text, (size_t)len};
}

void *array_grow(struct arena *arena, void **items, size_t *len, size_t *cap, size_t size)
{
    if (*len == *cap) {
        size_t wider = *cap ? *cap * 2 : 8;
        void *grown = arena_alloc_array(arena, wider, size);
        if (*len)
            memcpy(grown, *items, *len * size);
        *items = grown;
        *cap = wider;
    }
    return (char *)*items + (*len)++ * size;
}
