/* One interposed call: begun before libc's function, ended after it.
 *
 *     struct io_call call;
 *     if (!io_begin(&call, EVENT_IO_READ, fd))
 *         return REAL(read)(fd, buffer, size);
 *     return io_end_bytes(&call, REAL(read)(fd, buffer, size));
 *
 * errno is the caller's own before libc's function and libc's after it. */
#ifndef COLDSPOT_AGENT_IO_H
#define COLDSPOT_AGENT_IO_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "record/event.h"

struct agent_thread;

struct io_call {
    struct agent_thread *self;
    struct event_io *record; /* NULL: none unless the call turns out to be long */
    uint64_t began_ns;
    uint32_t target; /* string */
    uint32_t site_file, site_line;
    uint32_t peer;
    uint8_t kind, object;
};

/* False: there is nothing to record, call libc's function straight away. */
bool io_begin(struct io_call *call, enum event_io_kind kind, int fd);
bool io_begin_target(struct io_call *call, enum event_io_kind kind, enum event_object object, uint32_t target);

/* The opening of a file, with the user's line that does it. */
bool io_begin_open(struct io_call *call, uint32_t target, uint32_t site_file, uint32_t site_line);

/* The same, but recorded only when the target has an open record already or the call takes EVENT_LONG_NS. */
bool io_begin_quiet(struct io_call *call, enum event_io_kind kind, int fd);

void io_end(struct io_call *call, uint64_t bytes, bool failed);
ssize_t io_end_bytes(struct io_call *call, ssize_t result);
int io_end_int(struct io_call *call, int result);
void *io_end_pointer(struct io_call *call, void *result);

/* The thread's context changes: nothing more is added to its records. */
void io_close_records(struct agent_thread *self);

#endif
