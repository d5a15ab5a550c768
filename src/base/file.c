/* Reading and writing files whole, with errors that name the path and the reason. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int file_read_fd(struct arena *arena, int fd, const char *name, size_t most, struct str *bytes_out, struct err *err)
{
    struct buf bytes = {0};
    int rc = 0;
    for (;;) {
        ssize_t n = read(fd, buf_reserve(&bytes, 64 << 10), 64 << 10);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            rc = err_set(err, ERR_SYSTEM, "cannot read '%s': %s", name, strerror(errno));
            goto out;
        }
        if (n == 0)
            break;
        bytes.len += (size_t)n;
        if (bytes.len > most) {
            rc = err_set(err, ERR_INPUT, "'%s' is larger than %zu bytes", name, most);
            goto out;
        }
    }
    *bytes_out = arena_copy(arena, buf_str(&bytes));
out:
    buf_release(&bytes);
    return rc;
}

int file_read(struct arena *arena, const char *path, size_t most, struct str *bytes_out, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, errno == ENOENT ? ERR_INPUT : ERR_SYSTEM, "cannot open '%s': %s", path, strerror(errno));
    int rc = file_read_fd(arena, fd, path, most, bytes_out, err);
    close(fd);
    return rc;
}

int file_write_fd(int fd, const char *name, struct str bytes, struct err *err)
{
    while (bytes.len) {
        ssize_t n = write(fd, bytes.ptr, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set(err, ERR_SYSTEM, "cannot write '%s': %s", name, strerror(errno));
        bytes = str_slice(bytes, (size_t)n, bytes.len);
    }
    return 0;
}

/* A file that has no name yet, in the directory of `path`: one that is given up, in whatever way, leaves nothing.  -1 where the
 * file system has no such files. */
static int open_unnamed(const char *path, unsigned mode)
{
    const char *slash = strrchr(path, '/');
    struct buf directory = {0};
    buf_addf(&directory, "%.*s", slash > path ? (int)(slash - path) : 1, slash ? path : ".");
    int fd = open(buf_cstr(&directory), O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
    buf_release(&directory);
    return fd;
}

/* Puts an unnamed file in the place of `path`.  A link cannot replace anything, so it takes a name beside it first; a signal does
 * not come in between, and what kill -9 leaves there the next one takes away.  Who also writes this path may have moved the name. */
static bool put_in_place(int fd, const char *path)
{
    char self[64];
    struct buf beside = {0};
    sigset_t all, before;
    buf_addf(&beside, "%s.coldspot-new", path);
    snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    const char *name = buf_cstr(&beside);
    bool is_named = linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
    if (!is_named && errno == EEXIST && (unlink(name) == 0 || errno == ENOENT))
        is_named = linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
    bool is_there = is_named && (rename(name, path) == 0 || errno == ENOENT);
    int error = errno;
    if (is_named && !is_there)
        unlink(name);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    buf_release(&beside);
    errno = error;
    return is_there;
}

/* The rights and the owner of the file that is replaced. */
static int take_after(int fd, const char *path, const struct stat *old, struct err *err)
{
    if (old->st_uid != geteuid() && fchown(fd, old->st_uid, (gid_t)-1) < 0)
        return err_set(err, ERR_SYSTEM, "cannot write '%s': it belongs to another user", path);
    bool is_group_kept = fchown(fd, (uid_t)-1, old->st_gid) == 0;
    if (fchmod(fd, old->st_mode & (is_group_kept ? 07777 : 0707)) < 0)
        return err_set(err, ERR_SYSTEM, "cannot write '%s': %s", path, strerror(errno));
    return 0;
}

static int replace(const char *path, const struct stat *old, struct str bytes, struct err *err)
{
    struct buf beside = {0};
    buf_addf(&beside, "%s.%d.new", path, (int)getpid());
    unsigned mode = old ? 0600 : 0666;
    int rc = 0, fd = open_unnamed(path, mode);
    bool is_named = fd < 0, is_there = false;
    if (is_named)
        fd = open(buf_cstr(&beside), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (fd < 0) {
        rc = err_set(err, ERR_SYSTEM, "cannot write '%s': %s", path, strerror(errno));
        goto out;
    }
    rc = file_write_fd(fd, path, bytes, err);
    if (!rc && old)
        rc = take_after(fd, path, old, err);
    if (!rc) {
        is_there = is_named ? rename(buf_cstr(&beside), path) == 0 : put_in_place(fd, path);
        if (!is_there)
            rc = err_set(err, ERR_SYSTEM, "cannot write '%s': %s", path, strerror(errno));
    }
    if (is_named && !is_there)
        unlink(buf_cstr(&beside));
    close(fd);
out:
    buf_release(&beside);
    return rc;
}

static int write_into(const char *path, struct str bytes, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
    if (fd < 0)
        return err_set(err, ERR_SYSTEM, "cannot write '%s': %s", path, strerror(errno));
    int rc = file_write_fd(fd, path, bytes, err);
    close(fd);
    return rc;
}

int file_write(const char *path, struct str bytes, struct err *err)
{
    struct stat link, old;
    bool is_there = stat(path, &old) == 0;
    if (is_there ? !S_ISREG(old.st_mode) : lstat(path, &link) == 0)
        return write_into(path, bytes, err); /* a device, a pipe; a link to what is not there yet */
    char *real = is_there ? realpath(path, NULL) : NULL;
    int rc = replace(real ? real : path, is_there ? &old : NULL, bytes, err);
    free(real);
    return rc;
}

int file_make_dirs(const char *path, unsigned mode, struct err *err)
{
    struct buf part = {0};
    int rc = 0;
    for (const char *end = path; *end; end++) {
        if (end == path || (end[0] != '/' && end[1] != 0))
            continue;
        buf_reset(&part);
        buf_add(&part, str_from(path, (size_t)(end - path) + (end[0] != '/')));
        if (mkdir(buf_cstr(&part), mode) < 0 && errno != EEXIST && errno != EISDIR) {
            rc = err_set(err, ERR_SYSTEM, "cannot make the directory '%s': %s", buf_cstr(&part), strerror(errno));
            goto out;
        }
    }
    if (!file_is_dir(path))
        rc = err_set(err, ERR_SYSTEM, "'%s' is not a directory", path);
out:
    buf_release(&part);
    return rc;
}

bool file_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

bool file_is_dir(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}
