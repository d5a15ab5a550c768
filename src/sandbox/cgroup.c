/* One cgroup a start, below ours or the nearest one above us that hands out the memory controller. */
#include "sandbox/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "sandbox/tree.h"

#define ROOT "/sys/fs/cgroup"
#define PREFIX "coldspot-"

enum { FILE_MOST = 65536, REMOVE_TRIES = 50 };

static const struct timespec remove_pause = {.tv_nsec = 2000000};

static int write_value(struct arena *arena, const char *dir, const char *name, const char *value)
{
    const char *path = arena_printf(arena, "%s/%s", dir, name).ptr;
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    int reason = write(fd, value, strlen(value)) < 0 ? errno : 0;
    close(fd);
    return reason;
}

static bool has_word(struct str text, struct str word)
{
    struct str piece;
    text = str_trim(text);
    while (str_cut(&text, ' ', &piece)) {
        if (str_equals(piece, word))
            return true;
    }
    return false;
}

/* Our own cgroup's directory in the hierarchy that has the memory controller. */
static const char *own_directory(struct arena *arena, bool *is_v2_out)
{
    struct str text, line;
    const char *v2 = NULL;
    if (file_read(arena, "/proc/self/cgroup", FILE_MOST, &text, NULL))
        return NULL;
    while (str_cut(&text, '\n', &line)) {
        struct str number, controllers, path = line;
        if (!str_cut(&path, ':', &number) || !str_cut(&path, ':', &controllers))
            continue;
        if (str_equals(controllers, STR("memory"))) {
            *is_v2_out = false;
            return arena_printf(arena, ROOT "/memory%.*s", STR_ARG(path)).ptr;
        }
        if (!controllers.len)
            v2 = arena_printf(arena, ROOT "%.*s", STR_ARG(path)).ptr;
    }
    *is_v2_out = true;
    return file_exists(ROOT "/cgroup.controllers") ? v2 : NULL;
}

static bool gives_memory(struct arena *arena, const char *dir)
{
    struct str text;
    const char *path = arena_printf(arena, "%s/cgroup.subtree_control", dir).ptr;
    return file_read(arena, path, FILE_MOST, &text, NULL) == 0 && has_word(text, STR("memory"));
}

/* What a killed command left: named by a process that is gone. */
static void remove_stale(struct arena *arena, const char *parent)
{
    DIR *dir = opendir(parent);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        struct str name = str_of(entry->d_name), pid_text;
        uint64_t pid;
        if (!str_starts_with(name, STR(PREFIX)))
            continue;
        name = str_slice(name, sizeof(PREFIX) - 1, name.len);
        if (str_cut(&name, '-', &pid_text) && str_to_u64(pid_text, &pid) && !tree_start_time((pid_t)pid))
            rmdir(arena_printf(arena, "%s/%s", parent, entry->d_name).ptr);
    }
    if (dir)
        closedir(dir);
}

static const char *make_below(struct arena *arena, const char *parent)
{
    for (unsigned i = 0; i < 1000; i++) {
        const char *path = arena_printf(arena, "%s/" PREFIX "%d-%u", parent, (int)getpid(), i).ptr;
        if (mkdir(path, 0755) == 0)
            return path;
        if (errno != EEXIST)
            return NULL;
    }
    return NULL;
}

/* Version 2 lets no processes stand beside child groups with controllers, so that it is often a directory above. */
static const char *make_directory(struct arena *arena, const char *own, bool is_v2)
{
    if (!is_v2) {
        remove_stale(arena, own);
        return make_below(arena, own);
    }
    struct str at = str_of(own);
    while (at.len >= sizeof(ROOT) - 1) {
        const char *dir = arena_cstr(arena, at), *made = NULL;
        if (gives_memory(arena, dir)) {
            remove_stale(arena, dir);
            made = make_below(arena, dir);
        }
        if (made)
            return made;
        at = path_dir(at);
    }
    return NULL;
}

static int set_limit(struct arena *arena, const struct cgroup *cgroup, uint64_t limit_bytes)
{
    const char *limit = arena_printf(arena, "%llu", (unsigned long long)limit_bytes).ptr;
    int reason = write_value(arena, cgroup->path, cgroup->is_v2 ? "memory.max" : "memory.limit_in_bytes", limit);
    if (!reason) /* not everywhere there: without swap there is nothing to limit */
        write_value(arena, cgroup->path, cgroup->is_v2 ? "memory.swap.max" : "memory.memsw.limit_in_bytes",
                    cgroup->is_v2 ? "0" : limit);
    return reason;
}

const char *cgroup_make(struct arena *arena, uint64_t limit_bytes, struct cgroup *cgroup_out)
{
    struct cgroup cgroup = {.procs_fd = -1};
    const char *own = own_directory(arena, &cgroup.is_v2);
    if (!own)
        return "this system has no memory cgroup";
    cgroup.path = make_directory(arena, own, cgroup.is_v2);
    if (!cgroup.path)
        return "we may not make a memory cgroup here";
    int reason = set_limit(arena, &cgroup, limit_bytes);
    if (!reason) {
        cgroup.procs_fd = open(arena_printf(arena, "%s/cgroup.procs", cgroup.path).ptr, O_WRONLY | O_CLOEXEC);
        reason = cgroup.procs_fd < 0 ? errno : 0;
    }
    if (reason) {
        cgroup_remove(&cgroup);
        return arena_printf(arena, "the memory cgroup refuses the limit: %s", strerror(reason)).ptr;
    }
    *cgroup_out = cgroup;
    return NULL;
}

uint64_t cgroup_oom_kills(const struct cgroup *cgroup)
{
    struct arena arena = {0};
    struct str text, line, name;
    uint64_t kills = 0;
    const char *file = cgroup->is_v2 ? "memory.events" : "memory.oom_control";
    if (!cgroup->path ||
        file_read(&arena, arena_printf(&arena, "%s/%s", cgroup->path, file).ptr, FILE_MOST, &text, NULL))
        text = (struct str){0};
    while (str_cut(&text, '\n', &line)) {
        if (str_cut(&line, ' ', &name) && str_equals(name, STR("oom_kill")))
            str_to_u64(str_trim(line), &kills);
    }
    arena_release(&arena);
    return kills;
}

void cgroup_remove(struct cgroup *cgroup)
{
    if (!cgroup->path)
        return;
    if (cgroup->procs_fd >= 0)
        close(cgroup->procs_fd);
    for (int i = 0; i < REMOVE_TRIES && rmdir(cgroup->path) && errno == EBUSY; i++)
        nanosleep(&remove_pause, NULL); /* the kernel takes a moment to forget the dead */
    *cgroup = (struct cgroup){.procs_fd = -1};
}
