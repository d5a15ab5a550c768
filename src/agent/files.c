/* Interposed calls on files and descriptors.  Each is one row or a few lines: begin, libc's own function, end. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/alloc.h"
#include "agent/interposed.h"
#include "agent/io.h"
#include "agent/site.h"

/* ---- opening ---- */

/* `path` made absolute as far as that is cheap: the kernel is asked for the directory, links stay. */
static uint32_t path_string(struct agent_thread *self, int directory, const char *path)
{
    char whole[1024]; /* the thread's stack may be small */
    size_t length = strnlen(path, PATH_MAX);
    if (path[0] == '/' || length >= sizeof(whole))
        return writer_private_string(&agent.writer, &self->writer, path, length);
    long used = 0;
    if (directory == AT_FDCWD) {
        used = syscall(SYS_getcwd, whole, sizeof(whole));
        used = used > 0 ? used - 1 : 0;
    } else {
        char link[40];
        snprintf(link, sizeof(link), "/proc/self/fd/%d", directory);
        used = syscall(SYS_readlinkat, AT_FDCWD, link, whole, sizeof(whole));
    }
    if (used <= 0 || (size_t)used + length + 1 > sizeof(whole))
        return writer_private_string(&agent.writer, &self->writer, path, length);
    whole[used] = '/';
    memcpy(whole + used + 1, path, length);
    return writer_private_string(&agent.writer, &self->writer, whole, (size_t)used + 1 + length);
}

static bool begin_open(struct io_call *call, int directory, const char *path)
{
    int error = errno;
    struct agent_thread *self = agent_enter(false);
    if (!self || !path) {
        if (self)
            agent_leave(self);
        return false;
    }
    uint32_t target = agent.start.observe & EVENT_OBSERVE_IO ? path_string(self, directory, path) : 0;
    struct site site = {0};
    if (target)
        site_find(self, &site);
    agent_leave(self);
    errno = error;
    return io_begin_open(call, target, site.file, site.line);
}

static int end_open(struct io_call *call, int fd)
{
    io_end(call, 0, fd < 0);
    if (fd >= 0)
        fds_set(fd, EVENT_OBJECT_FILE, call->target, call->site_file, call->site_line);
    return fd;
}

/* X(name, parameters, arguments, directory): what opens `path` and returns a descriptor. */
#define OPEN_CALLS(X)                                                                                                  \
    X(creat, (const char *path, mode_t mode), (path, mode), AT_FDCWD)                                                  \
    X(creat64, (const char *path, mode_t mode), (path, mode), AT_FDCWD)                                                \
    X(__open_2, (const char *path, int flags), (path, flags), AT_FDCWD)                                                \
    X(__open64_2, (const char *path, int flags), (path, flags), AT_FDCWD)                                              \
    X(__openat_2, (int directory, const char *path, int flags), (directory, path, flags), directory)                   \
    X(__openat64_2, (int directory, const char *path, int flags), (directory, path, flags), directory)

#define OPEN_CALL(name, parameters, arguments, directory)                                                              \
    EXPORT int name parameters                                                                                         \
    {                                                                                                                  \
        struct io_call call;                                                                                           \
        if (!begin_open(&call, directory, path))                                                                       \
            return REAL(name) arguments;                                                                               \
        return end_open(&call, REAL(name) arguments);                                                                  \
    }
OPEN_CALLS(OPEN_CALL)

static mode_t mode_of(int flags, va_list rest)
{
    return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(rest, mode_t) : 0;
}

/* X(name, parameters, arguments, directory): the same with a mode where the flags ask for one. */
#define OPEN_MODE_CALLS(X)                                                                                             \
    X(open, (const char *path, int flags, ...), (path, flags, mode), AT_FDCWD)                                         \
    X(open64, (const char *path, int flags, ...), (path, flags, mode), AT_FDCWD)                                       \
    X(openat, (int directory, const char *path, int flags, ...), (directory, path, flags, mode), directory)            \
    X(openat64, (int directory, const char *path, int flags, ...), (directory, path, flags, mode), directory)

#define OPEN_MODE_CALL(name, parameters, arguments, directory)                                                         \
    EXPORT int name parameters                                                                                         \
    {                                                                                                                  \
        va_list rest;                                                                                                  \
        va_start(rest, flags);                                                                                         \
        mode_t mode = mode_of(flags, rest);                                                                            \
        va_end(rest);                                                                                                  \
        struct io_call call;                                                                                           \
        if (!begin_open(&call, directory, path))                                                                       \
            return REAL(name) arguments;                                                                               \
        return end_open(&call, REAL(name) arguments);                                                                  \
    }
OPEN_MODE_CALLS(OPEN_MODE_CALL)

EXPORT DIR *opendir(const char *path)
{
    struct io_call call;
    if (!begin_open(&call, AT_FDCWD, path))
        return REAL(opendir)(path);
    DIR *directory = io_end_pointer(&call, REAL(opendir)(path));
    if (directory)
        fds_set(dirfd(directory), EVENT_OBJECT_FILE, call.target, 0, 0);
    return directory;
}

static FILE *end_fopen(struct io_call *call, FILE *stream)
{
    end_open(call, stream ? fileno(stream) : -1);
    return stream;
}

EXPORT FILE *fopen(const char *path, const char *mode)
{
    struct io_call call;
    if (!begin_open(&call, AT_FDCWD, path))
        return REAL(fopen)(path, mode);
    return end_fopen(&call, REAL(fopen)(path, mode));
}

EXPORT FILE *fopen64(const char *path, const char *mode)
{
    struct io_call call;
    if (!begin_open(&call, AT_FDCWD, path))
        return REAL(fopen64)(path, mode);
    return end_fopen(&call, REAL(fopen64)(path, mode));
}

/* ---- reading and writing ---- */

/* X(name, kind, parameters, arguments, fd): calls on a descriptor that return how many bytes they moved. */
#define BYTES_CALLS(X)                                                                                                 \
    X(read, READ, (int fd, void *data, size_t size), (fd, data, size), fd)                                             \
    X(__read_chk, READ, (int fd, void *data, size_t size, size_t room), (fd, data, size, room), fd)                    \
    X(pread, READ, (int fd, void *data, size_t size, off_t at), (fd, data, size, at), fd)                              \
    X(pread64, READ, (int fd, void *data, size_t size, off64_t at), (fd, data, size, at), fd)                          \
    X(__pread_chk, READ, (int fd, void *data, size_t size, off_t at, size_t room), (fd, data, size, at, room), fd)     \
    X(__pread64_chk, READ, (int fd, void *data, size_t size, off64_t at, size_t room), (fd, data, size, at, room), fd) \
    X(readv, READ, (int fd, const struct iovec *parts, int count), (fd, parts, count), fd)                             \
    X(preadv, READ, (int fd, const struct iovec *parts, int count, off_t at), (fd, parts, count, at), fd)              \
    X(preadv64, READ, (int fd, const struct iovec *parts, int count, off64_t at), (fd, parts, count, at), fd)          \
    X(preadv2, READ, (int fd, const struct iovec *parts, int count, off_t at, int flags),                              \
      (fd, parts, count, at, flags), fd)                                                                               \
    X(write, WRITE, (int fd, const void *data, size_t size), (fd, data, size), fd)                                     \
    X(pwrite, WRITE, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at), fd)                      \
    X(pwrite64, WRITE, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at), fd)                  \
    X(writev, WRITE, (int fd, const struct iovec *parts, int count), (fd, parts, count), fd)                           \
    X(pwritev, WRITE, (int fd, const struct iovec *parts, int count, off_t at), (fd, parts, count, at), fd)            \
    X(pwritev64, WRITE, (int fd, const struct iovec *parts, int count, off64_t at), (fd, parts, count, at), fd)        \
    X(sendfile, WRITE, (int fd, int from, off_t *at, size_t size), (fd, from, at, size), fd)                           \
    X(sendfile64, WRITE, (int fd, int from, off64_t *at, size_t size), (fd, from, at, size), fd)                       \
    X(copy_file_range, WRITE, (int from, off64_t *in, int fd, off64_t *out, size_t size, unsigned flags),              \
      (from, in, fd, out, size, flags), fd)                                                                            \
    X(splice, WRITE, (int from, off64_t *in, int fd, off64_t *out, size_t size, unsigned flags),                       \
      (from, in, fd, out, size, flags), fd)

#define BYTES_CALL(name, kind, parameters, arguments, fd)                                                              \
    EXPORT ssize_t name parameters                                                                                     \
    {                                                                                                                  \
        struct io_call call;                                                                                           \
        if (!io_begin(&call, EVENT_IO_##kind, fd))                                                                     \
            return REAL(name) arguments;                                                                               \
        return io_end_bytes(&call, REAL(name) arguments);                                                              \
    }
BYTES_CALLS(BYTES_CALL)

/* mmap goes to the kernel directly: an allocator may call it before anything can be looked up. */
static void *map(void *address, size_t length, int protection, int flags, int fd, off64_t offset)
{
    long at = syscall(SYS_mmap, address, length, protection, flags, fd, offset);
    return (void *)at; /* NOLINT(performance-no-int-to-ptr) */
}

static void *map_file(void *address, size_t length, int protection, int flags, int fd, off64_t offset)
{
    struct io_call call;
    bool is_io = !(flags & MAP_ANONYMOUS) && fd >= 0 && io_begin(&call, EVENT_IO_MMAP, fd);
    void *at = map(address, length, protection, flags, fd, offset);
    if (is_io)
        io_end(&call, at == MAP_FAILED ? 0 : length, at == MAP_FAILED);
    alloc_mapped(at, length, protection, flags);
    return at;
}

EXPORT void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
    return map_file(address, length, protection, flags, fd, offset);
}

EXPORT void *mmap64(void *address, size_t length, int protection, int flags, int fd, off64_t offset)
{
    return map_file(address, length, protection, flags, fd, offset);
}

/* ---- asking about files ---- */

/* X(name, parameters, arguments): calls on a path; no target, many of them make one record. */
#define STAT_CALLS(X)                                                                                                  \
    X(int, stat, (const char *path, struct stat *out), (path, out))                                                    \
    X(int, stat64, (const char *path, struct stat64 *out), (path, out))                                                \
    X(int, lstat, (const char *path, struct stat *out), (path, out))                                                   \
    X(int, lstat64, (const char *path, struct stat64 *out), (path, out))                                               \
    X(int, fstatat, (int fd, const char *path, struct stat *out, int flags), (fd, path, out, flags))                   \
    X(int, fstatat64, (int fd, const char *path, struct stat64 *out, int flags), (fd, path, out, flags))               \
    X(int, statx, (int fd, const char *path, int flags, unsigned mask, struct statx *out),                             \
      (fd, path, flags, mask, out))                                                                                    \
    X(int, __xstat, (int version, const char *path, struct stat *out), (version, path, out))                           \
    X(int, __xstat64, (int version, const char *path, struct stat64 *out), (version, path, out))                       \
    X(int, __lxstat, (int version, const char *path, struct stat *out), (version, path, out))                          \
    X(int, __lxstat64, (int version, const char *path, struct stat64 *out), (version, path, out))                      \
    X(int, __fxstatat, (int version, int fd, const char *path, struct stat *out, int flags),                           \
      (version, fd, path, out, flags))                                                                                 \
    X(int, __fxstatat64, (int version, int fd, const char *path, struct stat64 *out, int flags),                       \
      (version, fd, path, out, flags))                                                                                 \
    X(int, access, (const char *path, int mode), (path, mode))                                                         \
    X(int, faccessat, (int fd, const char *path, int mode, int flags), (fd, path, mode, flags))                        \
    X(ssize_t, readlink, (const char *path, char *text, size_t size), (path, text, size))                              \
    X(ssize_t, readlinkat, (int fd, const char *path, char *text, size_t size), (fd, path, text, size))

#define STAT_CALL(result, name, parameters, arguments)                                                                 \
    EXPORT result name parameters                                                                                      \
    {                                                                                                                  \
        struct io_call call;                                                                                           \
        if (!io_begin_target(&call, EVENT_IO_STAT, EVENT_OBJECT_FILE, 0))                                              \
            return REAL(name) arguments;                                                                               \
        result got = REAL(name) arguments;                                                                             \
        io_end(&call, 0, got < 0);                                                                                     \
        return got;                                                                                                    \
    }
STAT_CALLS(STAT_CALL)

/* X(name, begin, kind, parameters, arguments, fd): calls on a descriptor that return 0 or -1. */
#define FD_CALLS(X)                                                                                                    \
    X(fstat, io_begin_quiet, STAT, (int fd, struct stat *out), (fd, out), fd)                                          \
    X(fstat64, io_begin_quiet, STAT, (int fd, struct stat64 *out), (fd, out), fd)                                      \
    X(__fxstat, io_begin_quiet, STAT, (int version, int fd, struct stat *out), (version, fd, out), fd)                 \
    X(__fxstat64, io_begin_quiet, STAT, (int version, int fd, struct stat64 *out), (version, fd, out), fd)             \
    X(fsync, io_begin, SYNC, (int fd), (fd), fd)                                                                       \
    X(fdatasync, io_begin, SYNC, (int fd), (fd), fd)

#define FD_CALL(name, begin, kind, parameters, arguments, fd)                                                          \
    EXPORT int name parameters                                                                                         \
    {                                                                                                                  \
        struct io_call call;                                                                                           \
        if (!begin(&call, EVENT_IO_##kind, fd))                                                                        \
            return REAL(name) arguments;                                                                               \
        return io_end_int(&call, REAL(name) arguments);                                                                \
    }
FD_CALLS(FD_CALL)

/* X(name, kind, parameters, arguments): calls that change the file system, or wait for the disk. */
#define PATH_CALLS(X)                                                                                                  \
    X(msync, SYNC, (void *address, size_t length, int flags), (address, length, flags))                                \
    X(unlink, CLOSE, (const char *path), (path))                                                                       \
    X(rename, CLOSE, (const char *from, const char *to), (from, to))

#define PATH_CALL(name, kind, parameters, arguments)                                                                   \
    EXPORT int name parameters                                                                                         \
    {                                                                                                                  \
        struct io_call call;                                                                                           \
        if (!io_begin_target(&call, EVENT_IO_##kind, EVENT_OBJECT_FILE, 0))                                            \
            return REAL(name) arguments;                                                                               \
        return io_end_int(&call, REAL(name) arguments);                                                                \
    }
PATH_CALLS(PATH_CALL)

/* ---- descriptors that come and go ---- */

/* A vforked child closes its own descriptors, not ours. */
static bool table_is_ours(void)
{
    struct agent_thread *self = agent_enter(false);
    if (!self)
        return false;
    agent_leave(self);
    return true;
}

EXPORT int close(int fd)
{
    struct io_call call;
    if (!io_begin_quiet(&call, EVENT_IO_CLOSE, fd))
        return REAL(close)(fd);
    fds_forget(fd, fd);
    return io_end_int(&call, REAL(close)(fd));
}

EXPORT int closedir(DIR *directory)
{
    if (table_is_ours()) {
        int fd = dirfd(directory);
        fds_forget(fd, fd);
    }
    return REAL(closedir)(directory);
}

EXPORT int close_range(unsigned first, unsigned last, int flags)
{
    if (!(flags & 4 /* CLOSE_RANGE_CLOEXEC */) && first < FDS_MAX && table_is_ours())
        fds_forget((int)first, last < FDS_MAX ? (int)last : FDS_MAX);
    __typeof__(&close_range) real = REAL(close_range);
    return real ? real(first, last, flags) : (int)syscall(SYS_close_range, first, last, flags);
}

EXPORT void closefrom(int first)
{
    if (table_is_ours())
        fds_forget(first, FDS_MAX);
    __typeof__(&closefrom) real = REAL(closefrom);
    if (real)
        real(first);
    else
        syscall(SYS_close_range, (unsigned)first, ~0u, 0);
}

static int copied(int from, int to)
{
    if (to >= 0 && from != to && table_is_ours())
        fds_copy(from, to);
    return to;
}

EXPORT int dup(int fd)
{
    return copied(fd, REAL(dup)(fd));
}

EXPORT int dup2(int fd, int to)
{
    return copied(fd, REAL(dup2)(fd, to));
}

EXPORT int dup3(int fd, int to, int flags)
{
    return copied(fd, REAL(dup3)(fd, to, flags));
}

typedef int fcntl_function(int fd, int command, ...);

static int control(fcntl_function *real, int fd, int command, void *argument)
{
    struct io_call call;
    if (command == F_DUPFD || command == F_DUPFD_CLOEXEC)
        return copied(fd, real(fd, command, argument));
    if ((command != F_SETLKW && command != F_OFD_SETLKW) || !io_begin(&call, EVENT_IO_LOCK, fd))
        return real(fd, command, argument);
    return io_end_int(&call, real(fd, command, argument));
}

#define FCNTL_CALL(name)                                                                                               \
    EXPORT int name(int fd, int command, ...)                                                                          \
    {                                                                                                                  \
        va_list rest;                                                                                                  \
        va_start(rest, command);                                                                                       \
        void *argument = va_arg(rest, void *);                                                                         \
        va_end(rest);                                                                                                  \
        return control(REAL(name), fd, command, argument);                                                             \
    }
FCNTL_CALL(fcntl)
FCNTL_CALL(fcntl64)

EXPORT int flock(int fd, int operation)
{
    struct io_call call;
    if (operation & LOCK_NB || !io_begin(&call, EVENT_IO_LOCK, fd))
        return REAL(flock)(fd, operation);
    return io_end_int(&call, REAL(flock)(fd, operation));
}

/* X(name, parameters, arguments): what returns a new descriptor that is looked at on its first use.  An entry can be left over from
 * one that libc closed inside. */
#define FRESH_CALLS(X)                                                                                                 \
    X(eventfd, (unsigned count, int flags), (count, flags))                                                            \
    X(epoll_create, (int size), (size))                                                                                \
    X(epoll_create1, (int flags), (flags))                                                                             \
    X(timerfd_create, (clockid_t clock, int flags), (clock, flags))                                                    \
    X(signalfd, (int fd, const sigset_t *set, int flags), (fd, set, flags))                                            \
    X(memfd_create, (const char *name, unsigned flags), (name, flags))                                                 \
    X(inotify_init1, (int flags), (flags))                                                                             \
    X(socket, (int domain, int type, int protocol), (domain, type, protocol))

#define FRESH_CALL(name, parameters, arguments)                                                                        \
    EXPORT int name parameters                                                                                         \
    {                                                                                                                  \
        int fresh = REAL(name) arguments;                                                                              \
        if (fresh >= 0 && table_is_ours())                                                                             \
            fds_forget(fresh, fresh);                                                                                  \
        return fresh;                                                                                                  \
    }
FRESH_CALLS(FRESH_CALL)

static int fresh_pair(int result, const int pair[2])
{
    if (result == 0 && table_is_ours()) {
        fds_forget(pair[0], pair[0]);
        fds_forget(pair[1], pair[1]);
    }
    return result;
}

EXPORT int pipe(int pair[2])
{
    return fresh_pair(REAL(pipe)(pair), pair);
}

EXPORT int pipe2(int pair[2], int flags)
{
    return fresh_pair(REAL(pipe2)(pair, flags), pair);
}

EXPORT int socketpair(int domain, int type, int protocol, int pair[2])
{
    return fresh_pair(REAL(socketpair)(domain, type, protocol, pair), pair);
}
