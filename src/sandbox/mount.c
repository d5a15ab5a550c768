/* Mounts for a function, without asking for root: a private mount namespace (in a user namespace of its own where we may not
 * make one otherwise), else links.  What is made outside the namespace is noted in the run directory before it is made. */
#include "sandbox/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

enum { NOTE_MOST = 65536 };

static bool is_reserved(struct str point)
{
    static const char *const reserved[] = {"/proc", "/sys", "/dev"};
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        struct str dir = str_of(reserved[i]);
        if (str_starts_with(point, dir) && (point.len == dir.len || point.ptr[dir.len] == '/'))
            return true;
    }
    return false;
}

static int check_point(struct str point, struct err *err)
{
    if (!str_starts_with(point, STR("/")) || str_contains(point, STR("/../")) || str_ends_with(point, STR("/..")))
        return err_set(err, ERR_USAGE, "--mount: '%.*s' is not an absolute path", STR_ARG(point));
    if (point.len == 1 || is_reserved(point))
        return err_set(err, ERR_USAGE, "--mount: nothing can be mounted at '%.*s'", STR_ARG(point));
    return 0;
}

int mount_add(struct arena *arena, struct mount_plan *plan, struct str text, struct err *err)
{
    struct str source = text, point;
    if (!str_cut(&source, '=', &point) || !source.len || str_contains(text, STR("\n")) || str_contains(text, STR("\t")))
        return err_set(err, ERR_USAGE, "--mount wants POINT=DIRECTORY: --mount /cache=./dir");
    while (point.len > 1 && point.ptr[point.len - 1] == '/')
        point.len--;
    int rc = check_point(point, err);
    if (rc)
        return rc;
    const char *directory = arena_cstr(arena, source);
    char real[PATH_MAX];
    rc = file_make_dirs(directory, 0755, err);
    if (rc)
        return err_wrap(err, "--mount");
    if (!file_is_dir(directory) || !realpath(directory, real))
        return err_set(err, ERR_USAGE, "--mount: '%s' is not a directory", directory);
    *array_push(arena, &plan->mounts) = (struct mount){.point = arena_cstr(arena, point),
                                                       .source = arena_cstr(arena, str_of(real))};
    return 0;
}

static int write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    ssize_t n = write(fd, text, strlen(text));
    int reason = n < 0 ? errno : 0;
    close(fd);
    return reason;
}

/* Our ids stay what they are inside a new user namespace. */
static int map_ids(uid_t uid, gid_t gid)
{
    char map[64];
    write_file("/proc/self/setgroups", "deny"); /* absent before Linux 3.19 */
    snprintf(map, sizeof(map), "%u %u 1", (unsigned)uid, (unsigned)uid);
    int reason = write_file("/proc/self/uid_map", map);
    snprintf(map, sizeof(map), "%u %u 1", (unsigned)gid, (unsigned)gid);
    return reason ? reason : write_file("/proc/self/gid_map", map);
}

static int enter_namespaces(int flags)
{
    uid_t uid = getuid();
    gid_t gid = getgid();
    if (unshare(flags))
        return errno;
    int reason = flags & CLONE_NEWUSER ? map_ids(uid, gid) : 0;
    if (!reason && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
        reason = errno;
    return reason;
}

int mount_enter(const struct mount_plan *plan)
{
    if (!plan->mounts.len || !plan->namespaces)
        return 0;
    int reason = enter_namespaces(plan->namespaces);
    for (size_t i = 0; i < plan->mounts.len && !reason; i++) {
        const struct mount *m = &plan->mounts.items[i];
        if (mount(m->source, m->point, NULL, MS_BIND | MS_REC, NULL))
            reason = errno;
    }
    return reason;
}

/* Tries it in a child, since there is no way back out. */
static bool namespaces_work(int flags)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(enter_namespaces(flags) ? 1 : 0);
    int status = 1;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return pid > 0 && status == 0;
}

static int which_namespaces(void)
{
    static const int ways[] = {CLONE_NEWNS, CLONE_NEWUSER | CLONE_NEWNS};
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        if (namespaces_work(ways[i]))
            return ways[i];
    }
    return 0;
}

/* The topmost directory on the way to `path` that is not there. */
static const char *topmost_missing(struct arena *arena, const char *path)
{
    struct str at = str_of(path), missing = at;
    while (at.len > 1 && !file_exists(arena_cstr(arena, at))) {
        missing = at;
        at = path_dir(at);
    }
    return arena_cstr(arena, missing);
}

static int add_note(const char *note_path, const char *kind, const struct mount *m, const char *what, struct err *err)
{
    FILE *note = fopen(note_path, "ae");
    if (!note)
        return err_set(err, ERR_SYSTEM, "cannot write '%s': %s", note_path, strerror(errno));
    fprintf(note, "%s\t%s\t%s\n", kind, m->point, what);
    if (fclose(note))
        return err_set(err, ERR_SYSTEM, "cannot write '%s': %s", note_path, strerror(errno));
    return 0;
}

static int make_point(struct arena *arena, struct mount *m, const char *note_path, struct err *err)
{
    const char *top = topmost_missing(arena, m->point);
    int rc = add_note(note_path, "dir", m, top, err);
    if (rc)
        return rc;
    m->made = top;
    if (file_make_dirs(m->point, 0755, NULL)) {
        err_set(err, ERR_SYSTEM, "--mount: cannot make '%s': %s", m->point, strerror(errno));
        return err_hint(err, "make it once: sudo mkdir -p %s", m->point);
    }
    return 0;
}

static int link_point(struct mount *m, const char *note_path, struct err *err)
{
    struct stat st;
    if (lstat(m->point, &st) == 0) {
        err_set(err, ERR_SYSTEM, "--mount: '%s' exists, and this system lets us make no mount namespace", m->point);
        return err_hint(err, "take it away, so that it can be a link while the function runs; or run as root");
    }
    int rc = add_note(note_path, "link", m, m->source, err);
    if (rc)
        return rc;
    if (symlink(m->source, m->point)) {
        err_set(err, ERR_SYSTEM, "--mount: cannot link '%s': %s", m->point, strerror(errno));
        return err_hint(err, "make the link yourself: sudo ln -s %s %s", m->source, m->point);
    }
    m->linked = true;
    return 0;
}

int mount_prepare(struct arena *arena, struct mount_plan *plan, const char *note_path, struct err *err)
{
    plan->namespaces = plan->mounts.len ? which_namespaces() : 0;
    for (size_t i = 0; i < plan->mounts.len; i++) {
        struct mount *m = &plan->mounts.items[i];
        bool is_there = file_exists(m->point);
        int rc = 0;
        if (is_there && !file_is_dir(m->point))
            rc = err_set(err, ERR_USAGE, "--mount: '%s' is no directory", m->point);
        else if (!plan->namespaces)
            rc = link_point(m, note_path, err);
        else if (!is_there)
            rc = make_point(arena, m, note_path, err);
        if (rc) {
            mount_undo(plan);
            return rc;
        }
    }
    return 0;
}

/* A link is removed only while it is ours; directories only while they are empty. */
static void undo_link(const char *point, const char *source)
{
    char target[PATH_MAX];
    ssize_t n = readlink(point, target, sizeof(target));
    if (n > 0 && str_equals(str_from(target, (size_t)n), str_of(source)))
        unlink(point);
}

static void undo_dirs(const char *point, const char *top)
{
    struct str at = str_of(point);
    char path[PATH_MAX];
    while (at.len >= strlen(top) && at.len < sizeof(path)) {
        memcpy(path, at.ptr, at.len);
        path[at.len] = '\0';
        if (rmdir(path))
            return;
        at = path_dir(at);
    }
}

void mount_undo(struct mount_plan *plan)
{
    for (size_t i = plan->mounts.len; i-- > 0;) {
        struct mount *m = &plan->mounts.items[i];
        if (m->linked)
            undo_link(m->point, m->source);
        if (m->made)
            undo_dirs(m->point, m->made);
        m->linked = false;
        m->made = NULL;
    }
}

void mount_undo_noted(const char *note_path)
{
    struct arena arena = {0};
    struct str text, line, kind, point;
    if (file_read(&arena, note_path, NOTE_MOST, &text, NULL))
        text = (struct str){0};
    while (str_cut(&text, '\n', &line)) {
        if (!str_cut(&line, '\t', &kind) || !str_cut(&line, '\t', &point) || !line.len)
            continue;
        const char *at = arena_cstr(&arena, point), *what = arena_cstr(&arena, line);
        if (str_equals(kind, STR("link")))
            undo_link(at, what);
        else
            undo_dirs(at, what);
    }
    arena_release(&arena);
}
