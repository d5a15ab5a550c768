/* Sampled mappings: given back in parts, moved, grown.  A part that is unmapped takes its share of what the mapping stands for. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/alloc_table.h"

/* Python takes arenas of these sizes for its small objects. */
static bool is_arena(size_t bytes)
{
    return agent.python.found && (bytes == 256 << 10 || bytes == 1 << 20);
}

static struct alloc_weight share_of(struct alloc_weight weight, double share)
{
    return (struct alloc_weight){(uint64_t)((double)weight.bytes * share),
                                 (uint64_t)((double)weight.variance * share * share), weight.samples};
}

static struct alloc_weight less(struct alloc_weight all, struct alloc_weight part)
{
    return (struct alloc_weight){all.bytes - part.bytes, all.variance - part.variance, all.samples - part.samples};
}

/* [from, to) of the mapping goes.  What is left on both sides of a hole becomes two; without room for it, one loses its right. */
static void cut(struct alloc *alloc, uint32_t index, uint64_t from, uint64_t to)
{
    struct alloc_map *map = &alloc->maps[index];
    struct alloc_site *site = &alloc->sites[map->site];
    struct alloc_map old = *map, right = {0};
    bool whole = map->touch.whole;
    alloc_set_touch(alloc, map->site, &map->touch, (struct alloc_touch){.whole = whole});
    double length = (double)(old.to - old.from);
    if (to < old.to && from > old.from && alloc->maps_used < ALLOC_MAPS) {
        right = (struct alloc_map){
            to, old.to, share_of(old.weight, (double)(old.to - to) / length), old.site, {.whole = whole}};
        right.weight.samples = 0;
        alloc->maps[alloc->maps_used++] = right;
    } else if (from <= old.from && to < old.to) {
        map->from = to;
        map->weight = share_of(old.weight, (double)(old.to - to) / length);
        alloc_take(alloc, site, less(old.weight, map->weight));
        return;
    }
    if (from <= old.from) {
        alloc_take(alloc, site, old.weight);
        *map = alloc->maps[--alloc->maps_used];
        return;
    }
    map->to = from;
    map->weight = share_of(old.weight, (double)(from - old.from) / length);
    alloc_take(alloc, site, less(less(old.weight, map->weight), right.weight));
}

/* Answers whether any of it was sampled. */
static bool forget(struct alloc *alloc, uint64_t from, uint64_t to)
{
    bool found = false;
    for (uint32_t i = alloc->maps_used; i-- > 0;) {
        const struct alloc_map *map = &alloc->maps[i];
        if (map->from >= to || from >= map->to)
            continue;
        if (!found)
            alloc_before_free(alloc, map->weight.bytes);
        found = true;
        cut(alloc, i, from > map->from ? from : map->from, to < map->to ? to : map->to);
    }
    return found;
}

bool alloc_unmapped(const void *place, size_t bytes)
{
    struct alloc *alloc = alloc_current();
    bool found = false;
    if (!alloc || !__atomic_load_n(&alloc->maps_used, __ATOMIC_RELAXED) || !alloc_may_forget(alloc))
        return false;
    int error = errno;
    if (alloc_lock(alloc)) {
        uint64_t page = agent.writer.header->page_bytes, from = (uint64_t)(uintptr_t)place;
        found = forget(alloc, from, (from + bytes + page - 1) / page * page);
        alloc_unlock(alloc);
    }
    errno = error;
    return found;
}

static void keep(struct alloc *alloc, struct agent_thread *self, const void *place, size_t bytes, enum event_alloc kind)
{
    struct alloc_site *site = alloc->maps_used < ALLOC_MAPS ? alloc_find_site(alloc, self, kind) : NULL;
    if (!site) {
        alloc_lose(alloc);
        return;
    }
    uint64_t from = (uint64_t)(uintptr_t)place;
    struct alloc_map *map = &alloc->maps[alloc->maps_used++];
    *map = (struct alloc_map){from, from + bytes, alloc_weigh(bytes), (uint32_t)(site - alloc->sites), {0}};
    alloc_add(alloc, site, map->weight);
}

static void sample(const void *place, size_t bytes, enum event_alloc kind)
{
    struct alloc *alloc;
    struct agent_thread *self = &agent_self;
    int error = errno;
    if (agent_enter(false)) {
        if ((alloc = alloc_current()) && alloc_lock(alloc)) {
            keep(alloc, self, place, bytes, kind);
            alloc_unlock(alloc);
        }
        agent_leave(self);
    }
    errno = error;
}

static bool is_wanted(const struct agent_thread *self, size_t bytes)
{
    return bytes && agent.heap_is_libc && !self->busy && !self->alloc_inside &&
           __atomic_load_n(&agent.alloc, __ATOMIC_RELAXED);
}

void alloc_mapped(const void *place, size_t bytes, int protection, int flags)
{
    struct agent_thread *self = &agent_self;
    if (place == MAP_FAILED)
        return;
    if (flags & MAP_FIXED)
        alloc_unmapped(place, bytes);
    if (!(flags & MAP_ANONYMOUS) || !(protection & PROT_WRITE) || flags & (MAP_NORESERVE | MAP_STACK))
        return;
    if (is_wanted(self, bytes) && alloc_is_due(self, bytes))
        sample(place, bytes, is_arena(bytes) ? EVENT_ALLOC_ARENA : EVENT_ALLOC_MAP);
}

static uint64_t take_hex(const char **text)
{
    uint64_t number = 0;
    for (;; (*text)++) {
        char c = **text;
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0)
            return number;
        number = number << 4 | (uint64_t)digit;
    }
}

/* Whether the line of /proc/self/maps, "from-to perms offset device inode path", is of memory without a file that is written to. */
static bool is_anonymous(const char *line, uint64_t place)
{
    uint64_t from = take_hex(&line);
    uint64_t to = *line == '-' ? (line++, take_hex(&line)) : 0;
    if (place < from || place >= to || line[0] != ' ' || line[2] != 'w')
        return false;
    const char *inode = line;
    for (int blanks = 0; *inode && blanks < 4; inode++)
        blanks += *inode == ' ';
    return inode[0] == '0';
}

/* Asked only for a mapping that was sampled when it grew. */
static bool is_memory(const void *place)
{
    char text[4096];
    size_t kept = 0;
    bool found = false;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return false;
    for (long length; !found && (length = syscall(SYS_read, fd, text + kept, sizeof(text) - 1 - kept)) > 0;) {
        char *line = text, *end;
        text[kept + (size_t)length] = 0;
        for (; !found && (end = strchr(line, '\n')); line = end + 1) {
            *end = 0;
            found = is_anonymous(line, (uint64_t)(uintptr_t)place);
        }
        kept = strlen(line);
        memmove(text, line, kept); /* a path longer than the room: its line's rest matches nothing */
        kept = kept < sizeof(text) / 2 ? kept : 0;
    }
    syscall(SYS_close, fd);
    return found;
}

/* The mapping is another now: forgotten, and met anew.  One that was not sampled may be a file's. */
static void remapped(const void *old, size_t old_bytes, const void *place, size_t bytes)
{
    struct agent_thread *self = &agent_self;
    bool known = alloc_unmapped(old, old_bytes);
    if (is_wanted(self, bytes) && (known || bytes > old_bytes) && alloc_is_due(self, bytes) &&
        (known || is_memory(place)))
        sample(place, bytes, EVENT_ALLOC_MAP);
}

EXPORT void *mremap(void *old, size_t old_bytes, size_t bytes, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    void *wanted = flags & MREMAP_FIXED ? va_arg(arguments, void *) : NULL;
    va_end(arguments);
    long at = syscall(SYS_mremap, old, old_bytes, bytes, flags, wanted);
    void *place = (void *)at; /* NOLINT(performance-no-int-to-ptr) */
    if (place == MAP_FAILED)
        return place;
    if (wanted)
        alloc_unmapped(wanted, bytes);
    remapped(old, old_bytes, place, bytes);
    return place;
}

EXPORT int munmap(void *place, size_t bytes)
{
    alloc_unmapped(place, bytes);
    return (int)syscall(SYS_munmap, place, bytes);
}
