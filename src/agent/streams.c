/* Interposed calls of stdio: what they read and write goes through libc's own read and write, which cannot be seen from outside. */
#include <errno.h>
#include <stdio.h>

#include "agent/agent.h"
#include "agent/interposed.h"
#include "agent/io.h"

/* fileno() fails for a stream in memory, and says so in errno. */
static int descriptor(FILE *stream)
{
    int error = errno;
    int fd = fileno(stream);
    errno = error;
    return fd;
}

static size_t end_items(struct io_call *call, size_t items, size_t size)
{
    io_end(call, items * size, false);
    return items;
}

EXPORT size_t fread(void *data, size_t size, size_t count, FILE *stream)
{
    struct io_call call;
    if (!io_begin(&call, EVENT_IO_READ, descriptor(stream)))
        return REAL(fread)(data, size, count, stream);
    return end_items(&call, REAL(fread)(data, size, count, stream), size);
}

EXPORT size_t __fread_chk(void *data, size_t room, size_t size, size_t count, FILE *stream)
{
    struct io_call call;
    if (!io_begin(&call, EVENT_IO_READ, descriptor(stream)))
        return REAL(__fread_chk)(data, room, size, count, stream);
    return end_items(&call, REAL(__fread_chk)(data, room, size, count, stream), size);
}

EXPORT size_t fwrite(const void *data, size_t size, size_t count, FILE *stream)
{
    struct io_call call;
    if (!io_begin_quiet(&call, EVENT_IO_WRITE, descriptor(stream)))
        return REAL(fwrite)(data, size, count, stream);
    return end_items(&call, REAL(fwrite)(data, size, count, stream), size);
}

EXPORT char *fgets(char *text, int size, FILE *stream)
{
    struct io_call call;
    if (!io_begin(&call, EVENT_IO_READ, descriptor(stream)))
        return REAL(fgets)(text, size, stream);
    return io_end_pointer(&call, REAL(fgets)(text, size, stream));
}

EXPORT char *__fgets_chk(char *text, size_t room, int size, FILE *stream)
{
    struct io_call call;
    if (!io_begin(&call, EVENT_IO_READ, descriptor(stream)))
        return REAL(__fgets_chk)(text, room, size, stream);
    return io_end_pointer(&call, REAL(__fgets_chk)(text, room, size, stream));
}

EXPORT ssize_t getdelim(char **text, size_t *room, int delimiter, FILE *stream)
{
    struct io_call call;
    if (!io_begin(&call, EVENT_IO_READ, descriptor(stream)))
        return REAL(getdelim)(text, room, delimiter, stream);
    return io_end_bytes(&call, REAL(getdelim)(text, room, delimiter, stream));
}

EXPORT ssize_t getline(char **text, size_t *room, FILE *stream)
{
    struct io_call call;
    if (!io_begin(&call, EVENT_IO_READ, descriptor(stream)))
        return REAL(getline)(text, room, stream);
    return io_end_bytes(&call, REAL(getline)(text, room, stream));
}

EXPORT int fflush(FILE *stream)
{
    struct io_call call;
    if (!stream || !io_begin_quiet(&call, EVENT_IO_WRITE, descriptor(stream)))
        return REAL(fflush)(stream);
    return io_end_int(&call, REAL(fflush)(stream));
}

EXPORT int fclose(FILE *stream)
{
    struct io_call call;
    int fd = descriptor(stream);
    if (!io_begin_quiet(&call, EVENT_IO_CLOSE, fd))
        return REAL(fclose)(stream);
    fds_forget(fd, fd);
    return io_end_int(&call, REAL(fclose)(stream));
}
