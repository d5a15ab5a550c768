/* Reading and writing files whole, with errors that name the path and the reason. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
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

int file_write(const char *path, struct str bytes, struct err *err)
{
    struct buf beside = {0};
    buf_addf(&beside, "%s.%d.new", path, (int)getpid());
    int rc = 0;
    int fd = open(buf_cstr(&beside), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) {
        rc = err_set(err, ERR_SYSTEM, "cannot write '%s': %s", path, strerror(errno));
        goto out;
    }
    rc = file_write_fd(fd, path, bytes, err);
    if (close(fd) < 0 && !rc)
        rc = err_set(err, ERR_SYSTEM, "cannot write '%s': %s", path, strerror(errno));
    if (!rc && rename(buf_cstr(&beside), path) < 0)
        rc = err_set(err, ERR_SYSTEM, "cannot write '%s': %s", path, strerror(errno));
    if (rc)
        unlink(buf_cstr(&beside));
out:
    buf_release(&beside);
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
