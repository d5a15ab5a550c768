/* malloc's family, interposed.  The real functions are those that come next in the search order, so that an allocator which was
 * preloaded too is called as it would have been.  dlsym allocates itself: what it asks for before the real functions are known
 * comes from a small room that is never given back. */
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "agent/alloc.h"

enum { ROOM_BYTES = 64 << 10 };

static _Alignas(16) char room[ROOM_BYTES];
static size_t room_used;

static bool is_room(const void *place)
{
    return (uintptr_t)place - (uintptr_t)room < ROOM_BYTES;
}

static void *take_room(size_t bytes)
{
    size_t whole = (bytes + 15) & ~(size_t)15;
    size_t at = bytes < ROOM_BYTES ? __atomic_fetch_add(&room_used, whole + 16, __ATOMIC_RELAXED) : ROOM_BYTES;
    if (at + whole + 16 > ROOM_BYTES) {
        errno = ENOMEM;
        return NULL;
    }
    memcpy(room + at, &bytes, sizeof(bytes)); /* for realloc */
    return room + at + 16;
}

static size_t room_bytes(const void *place)
{
    size_t bytes;
    memcpy(&bytes, (const char *)place - 16, sizeof(bytes));
    return bytes;
}

/* Finds all of them at the first call.  False while that is going on in this thread: dlsym came back in. */
static bool find_real(void)
{
    static __thread bool finding __attribute__((tls_model("initial-exec")));
    if (finding)
        return false;
    finding = true;
    struct heap heap = {
        .malloc = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc"),
        .calloc = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "calloc"),
        .realloc = (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc"),
        .memalign = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "memalign"),
        .posix_memalign = (int (*)(void **, size_t, size_t))dlsym(RTLD_NEXT, "posix_memalign"),
        .aligned_alloc = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "aligned_alloc"),
        .valloc = (void *(*)(size_t))dlsym(RTLD_NEXT, "valloc"),
        .pvalloc = (void *(*)(size_t))dlsym(RTLD_NEXT, "pvalloc"),
        .free = (void (*)(void *))dlsym(RTLD_NEXT, "free"),
    };
    agent.heap = heap;
    __atomic_store_n(&agent.heap_found, true, __ATOMIC_RELEASE);
    finding = false;
    return true;
}

static inline bool ready(void)
{
    return __builtin_expect(__atomic_load_n(&agent.heap_found, __ATOMIC_ACQUIRE), 1) || find_real();
}

EXPORT void *malloc(size_t bytes)
{
    if (!ready())
        return take_room(bytes);
    void *place = agent.heap.malloc(bytes);
    alloc_made(place, bytes, EVENT_ALLOC_HEAP, __builtin_return_address(0));
    return place;
}

EXPORT void *calloc(size_t count, size_t each)
{
    if (!ready())
        return take_room(count * each); /* dlsym's own: small, and the room is zero */
    void *place = agent.heap.calloc(count, each);
    alloc_made(place, count * each, EVENT_ALLOC_HEAP, __builtin_return_address(0));
    return place;
}

static void *move_out_of_room(const void *old, size_t bytes)
{
    void *place = malloc(bytes);
    if (place)
        memcpy(place, old, room_bytes(old) < bytes ? room_bytes(old) : bytes);
    return place;
}

/* The old place counts as freed and the new one as allocated; where there is no memory for it the old one stays uncounted. */
static inline void *resize(void *old, size_t bytes, const void *caller)
{
    if (is_room(old))
        return move_out_of_room(old, bytes);
    if (!ready())
        return take_room(bytes);
    if (old)
        alloc_gone(old);
    void *place = agent.heap.realloc(old, bytes);
    if (bytes)
        alloc_made(place, bytes, EVENT_ALLOC_HEAP, caller);
    return place;
}

EXPORT void *realloc(void *old, size_t bytes)
{
    return resize(old, bytes, __builtin_return_address(0));
}

EXPORT void *reallocarray(void *old, size_t count, size_t each)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, each, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return resize(old, bytes, __builtin_return_address(0));
}

EXPORT void free(void *place)
{
    if (!place || is_room(place) || !ready())
        return;
    alloc_gone(place);
    agent.heap.free(place);
}

EXPORT int posix_memalign(void **place_out, size_t alignment, size_t bytes)
{
    if (!ready())
        return ENOMEM;
    int failed = agent.heap.posix_memalign(place_out, alignment, bytes);
    if (!failed)
        alloc_made(*place_out, bytes, EVENT_ALLOC_HEAP, __builtin_return_address(0));
    return failed;
}

EXPORT void *memalign(size_t alignment, size_t bytes)
{
    void *place = ready() ? agent.heap.memalign(alignment, bytes) : NULL;
    alloc_made(place, bytes, EVENT_ALLOC_HEAP, __builtin_return_address(0));
    return place;
}

EXPORT void *aligned_alloc(size_t alignment, size_t bytes)
{
    void *place = ready() ? agent.heap.aligned_alloc(alignment, bytes) : NULL;
    alloc_made(place, bytes, EVENT_ALLOC_HEAP, __builtin_return_address(0));
    return place;
}

EXPORT void *valloc(size_t bytes)
{
    void *place = ready() ? agent.heap.valloc(bytes) : NULL;
    alloc_made(place, bytes, EVENT_ALLOC_HEAP, __builtin_return_address(0));
    return place;
}

EXPORT void *pvalloc(size_t bytes)
{
    void *place = ready() ? agent.heap.pvalloc(bytes) : NULL;
    alloc_made(place, bytes, EVENT_ALLOC_HEAP, __builtin_return_address(0));
    return place;
}
