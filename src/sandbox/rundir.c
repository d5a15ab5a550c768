/* The run directory.  owner (pid and start time of the command it belongs to) is written before anything else, so that a
 * directory without a living owner can be known and removed. */
#include "sandbox/rundir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "sandbox/mount.h"
#include "sandbox/tree.h"

enum { OWNER_MOST = 256, OPEN_MOST = 16 };

/* Places for it, the first that will do is taken. */
enum { PLACES = 3 };
static const char *place(size_t i)
{
    const char *given = getenv("TMPDIR");
    const char *places[PLACES] = {given && *given ? given : "/tmp", "/tmp", "/dev/shm"};
    return places[i];
}

/* LD_PRELOAD splits at spaces and colons, agent.conf at newlines. */
static bool is_usable_path(const char *path)
{
    return path[0] == '/' && !strpbrk(path, " :\t\n");
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    remove(path);
    return 0; /* what cannot be removed is left: the next start tries again */
}

static void remove_tree(const char *path)
{
    nftw(path, remove_entry, OPEN_MOST, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

static int write_owner(struct arena *arena, const char *dir, struct err *err)
{
    pid_t pid = getpid();
    struct str text = arena_printf(arena, "%d %llu\n", (int)pid, (unsigned long long)tree_start_time(pid));
    return file_write(arena_printf(arena, "%s/owner", dir).ptr, text, err);
}

/* Whether the command that made `dir` still runs.  One that cannot be read is left alone: it may be just being made. */
static bool has_owner(struct arena *arena, const char *dir)
{
    struct str text, pid_text;
    uint64_t pid, start;
    if (file_read(arena, arena_printf(arena, "%s/owner", dir).ptr, OWNER_MOST, &text, NULL))
        return true;
    text = str_trim(text);
    if (!str_cut(&text, ' ', &pid_text) || !str_to_u64(pid_text, &pid) || !str_to_u64(text, &start))
        return true;
    return tree_start_time((pid_t)pid) == start;
}

/* What a command that was killed left: processes, mounts, files.  The agent's link is in its processes' LD_PRELOAD. */
static void clear_abandoned(const char *path, pid_t session)
{
    struct arena arena = {0};
    tree_kill_abandoned(arena_printf(&arena, "%s/", path).ptr, session);
    mount_undo_noted(arena_printf(&arena, "%s/mounts", path).ptr);
    remove_tree(path);
    arena_release(&arena);
}

static unsigned clean_place(struct arena *arena, const char *parent)
{
    const char *prefix = arena_printf(arena, "coldspot-%u-", (unsigned)getuid()).ptr;
    unsigned removed = 0;
    DIR *dir = opendir(parent);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        const char *path = arena_printf(arena, "%s/%s", parent, entry->d_name).ptr;
        struct stat st;
        if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0 || lstat(path, &st) || !S_ISDIR(st.st_mode) ||
            st.st_uid != getuid() || has_owner(arena, path))
            continue;
        clear_abandoned(path, 0);
        removed++;
    }
    if (dir)
        closedir(dir);
    return removed;
}

unsigned rundir_clean(void)
{
    struct arena arena = {0};
    unsigned removed = 0;
    for (size_t i = 0; i < PLACES; i++) {
        if (i != 1 || strcmp(place(0), place(1)) != 0) /* the first may be the second */
            removed += clean_place(&arena, place(i));
    }
    arena_release(&arena);
    return removed;
}

int rundir_open(struct arena *arena, struct rundir *dir, struct err *err)
{
    rundir_clean();
    int reason = 0;
    for (size_t i = 0; i < PLACES; i++) {
        char *path = (char *)arena_printf(arena, "%s/coldspot-%u-XXXXXX", place(i), (unsigned)getuid()).ptr;
        if (!is_usable_path(path))
            continue;
        if (!mkdtemp(path)) { /* mode 0700 */
            reason = errno;
            continue;
        }
        int rc = write_owner(arena, path, err);
        if (!rc)
            rc = keeper_start(&dir->keeper, path, clear_abandoned, err);
        if (rc) {
            remove_tree(path);
            return rc;
        }
        dir->path = path;
        return 0;
    }
    err_set(err, ERR_SYSTEM, "cannot make a directory for the run in '%s', /tmp or /dev/shm: %s", place(0),
            reason ? strerror(reason) : "their paths have spaces or colons");
    return err_hint(err, "name a directory that can be written: TMPDIR=/path coldspot ...");
}

static int write_agent_conf(struct arena *arena, const char *path, const struct rundir_agent *agent, struct err *err)
{
    struct buf text = {0};
    buf_addf(&text, "observe=%s\nrss_hz=%u\nsample_hz=%u\nmax_bytes=%llu\nredact_paths=%d\n",
             agent->observe ? agent->observe : "all", agent->rss_hz, agent->sample_hz,
             (unsigned long long)agent->max_bytes, agent->redact_paths);
    if (agent->root && !strchr(agent->root, '\n'))
        buf_addf(&text, "root=%s\n", agent->root);
    int rc = file_write(arena_printf(arena, "%s/agent.conf", path).ptr, buf_str(&text), err);
    buf_release(&text);
    return rc;
}

int rundir_add_start(struct arena *arena, const struct rundir *dir, unsigned index, const struct rundir_agent *agent,
                     struct rundir_start *start_out, struct err *err)
{
    struct rundir_start start = {.path = arena_printf(arena, "%s/%03u", dir->path, index).ptr};
    int rc = 0;
    if (mkdir(start.path, 0700))
        return err_set(err, ERR_SYSTEM, "cannot make '%s': %s", start.path, strerror(errno));
    start.result = arena_printf(arena, "%s/result.jsonl", start.path).ptr;
    rc = file_write(start.result, STR(""), err);
    if (!rc && agent && agent->library) {
        start.agent = arena_printf(arena, "%s/libcoldspot-agent.so", start.path).ptr;
        if (symlink(agent->library, start.agent))
            rc = err_set(err, ERR_SYSTEM, "cannot link '%s': %s", start.agent, strerror(errno));
        else
            rc = write_agent_conf(arena, start.path, agent, err);
    }
    if (rc)
        rundir_remove_start(&start);
    else
        *start_out = start;
    return rc;
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int rundir_recordings(struct arena *arena, const struct rundir_start *start, struct rundir_recordings *out,
                      struct err *err)
{
    DIR *dir = opendir(start->path);
    if (!dir)
        return err_set(err, ERR_SYSTEM, "cannot read '%s': %s", start->path, strerror(errno));
    *out = (struct rundir_recordings){0};
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (str_ends_with(str_of(entry->d_name), STR(".rec")))
            *array_push(arena, &out->paths) = arena_printf(arena, "%s/%s", start->path, entry->d_name).ptr;
    }
    closedir(dir);
    if (out->paths.len)
        qsort(out->paths.items, out->paths.len, sizeof(*out->paths.items), compare_paths);
    return 0;
}

void rundir_remove_start(const struct rundir_start *start)
{
    remove_tree(start->path);
}

void rundir_remove(struct rundir *dir)
{
    if (dir->path)
        remove_tree(dir->path);
    keeper_stop(&dir->keeper);
    dir->path = NULL;
}

const char *rundir_mount_note(struct arena *arena, const struct rundir *dir)
{
    return arena_printf(arena, "%s/mounts", dir->path).ptr;
}
