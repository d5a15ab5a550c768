/* Turns interposed calls into EVENT_IO records (event.h says what they mean).
 *
 * A thread keeps a few records open and adds to the one of the same kind, target and context; a record that spans more than
 * SPAN_NS is left and a new one begun, so that the calls' place in time is known to a tenth of a second.  The record is in the
 * recording from the moment that its first call begins: nothing needs to be flushed. */
#include "agent/io.h"

#include <errno.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/site.h"

enum { SPAN_NS = 100000000 };

#define PUT(place, value) __atomic_store_n(&(place), (value), __ATOMIC_RELAXED)

static int32_t current_call(const struct agent_thread *self)
{
    if (self->call != EVENT_NO_CALL)
        return self->call;
    return agent.calls_active == 1 ? agent.last_call : EVENT_NO_CALL;
}

static uint32_t current_stage(const struct agent_thread *self)
{
    uint32_t depth = self->stages < AGENT_STAGES ? self->stages : AGENT_STAGES;
    return depth ? self->stage[depth - 1].id : 0;
}

static bool moves_bytes(unsigned kind)
{
    return kind == EVENT_IO_READ || kind == EVENT_IO_WRITE || kind == EVENT_IO_RECV || kind == EVENT_IO_SEND;
}

static bool is_small(unsigned kind)
{
    return kind == EVENT_IO_OPEN || kind == EVENT_IO_CLOSE || kind == EVENT_IO_STAT;
}

/* Whether a call of `kind` may be counted in `record`: the same kind, or the small calls around reading one file. */
static bool joins(const struct event_io *record, const struct io_call *call)
{
    if (record->target != call->target || record->object != call->object)
        return false;
    if (record->kind == call->kind)
        return true;
    if (call->target == 0 || call->object != EVENT_OBJECT_FILE)
        return false;
    return (is_small(call->kind) && moves_bytes(record->kind)) ||
           (is_small(record->kind) && (moves_bytes(call->kind) || is_small(call->kind)));
}

static bool same_context(const struct agent_thread *self, const struct event_io *record)
{
    return record->phase == agent.phase && record->import == self->import && record->stage == current_stage(self) &&
           record->call == current_call(self);
}

static void close_record(struct event_io *record)
{
    PUT(record->event.flags, (uint16_t)(record->event.flags | EVENT_FLAG_CLOSED));
}

void io_close_records(struct agent_thread *self)
{
    for (int i = 0; i < AGENT_OPEN_RECORDS && self->open[i]; i++) {
        close_record(self->open[i]);
        self->open[i] = NULL;
    }
}

static void drop_record(struct agent_thread *self, int place)
{
    close_record(self->open[place]);
    for (; place + 1 < AGENT_OPEN_RECORDS; place++)
        self->open[place] = self->open[place + 1];
    self->open[AGENT_OPEN_RECORDS - 1] = NULL;
}

static void use_record(struct agent_thread *self, int place, struct event_io *record)
{
    for (; place > 0; place--)
        self->open[place] = self->open[place - 1];
    self->open[0] = record;
}

/* The open record that the call may join; NULL when there is none. */
static struct event_io *find_record(struct io_call *call)
{
    struct agent_thread *self = call->self;
    for (int i = 0; i < AGENT_OPEN_RECORDS && self->open[i];) {
        struct event_io *record = self->open[i];
        if (!same_context(self, record) || call->began_ns - record->first_ns > SPAN_NS) {
            drop_record(self, i);
            continue;
        }
        if (joins(record, call)) {
            use_record(self, i, record);
            if (moves_bytes(call->kind) && record->kind != call->kind)
                PUT(record->kind, call->kind);
            return record;
        }
        i++;
    }
    return NULL;
}

static struct event_io *new_record(struct io_call *call)
{
    struct agent_thread *self = call->self;
    struct event_io *record = writer_reserve(&agent.writer, &self->writer, EVENT_IO, sizeof(*record));
    if (!record)
        return NULL;
    record->kind = call->kind;
    record->object = call->object;
    record->phase = (uint8_t)agent.phase;
    record->target = call->target;
    record->first_ns = call->began_ns;
    record->last_ns = call->began_ns;
    record->import = self->import;
    record->stage = current_stage(self);
    record->call = current_call(self);
    record->site_file = call->site_file;
    record->site_line = call->site_line;
    record->peer = call->peer;
    writer_commit(&self->writer, record, sizeof(*record));
    return record;
}

static void keep_open(struct agent_thread *self, struct event_io *record)
{
    if (self->open[AGENT_OPEN_RECORDS - 1])
        drop_record(self, AGENT_OPEN_RECORDS - 1);
    use_record(self, AGENT_OPEN_RECORDS - 1, record);
}

/* An interposed call inside another (libc's resolver calling connect) belongs to the outer one.  An outer one whose frame lies
 * below ours was left by a jump: it is over. */
static bool nested(struct agent_thread *self, const void *frame)
{
    if (!self->call_frame)
        return false;
    if (frame < self->call_frame)
        return true;
    if (self->call_record)
        PUT(self->call_record->busy_since_ns, 0);
    self->call_frame = NULL;
    self->call_record = NULL;
    return false;
}

/* A forked child begins a recording when it waits for something: not for what it does on its way to exec. */
static bool is_worth_a_recording(enum event_io_kind kind)
{
    return !is_small(kind) && kind != EVENT_IO_WRITE && kind != EVENT_IO_MMAP && kind != EVENT_IO_SYNC;
}

static struct agent_thread *enter_call(struct io_call *call, enum event_io_kind kind)
{
    struct agent_thread *self = agent_enter(is_worth_a_recording(kind));
    if (!self)
        return NULL;
    if (!(agent.start.observe & EVENT_OBSERVE_IO) || nested(self, call)) {
        agent_leave(self);
        return NULL;
    }
    memset(call, 0, sizeof(*call));
    call->self = self;
    call->kind = (uint8_t)kind;
    return self;
}

/* Calls that no allocator makes while it holds its locks: a thread can be created in them. */
static bool is_a_wait(unsigned kind)
{
    return kind == EVENT_IO_SLEEP || kind == EVENT_IO_POLL || kind == EVENT_IO_CHILD || kind == EVENT_IO_RECV ||
           kind == EVENT_IO_ACCEPT;
}

static void start_call(struct io_call *call, bool quiet)
{
    struct agent_thread *self = call->self;
    call->began_ns = agent_now();
    if (is_a_wait(call->kind))
        sampler_check(&agent.sampler, call->began_ns);
    call->record = find_record(call);
    if (!call->record && !quiet) {
        call->record = new_record(call);
        if (call->record)
            keep_open(self, call->record);
    }
    if (call->record)
        PUT(call->record->busy_since_ns, call->began_ns);
    self->call_frame = call;
    self->call_record = call->record;
    agent_leave(self);
}

static bool begin_fd(struct io_call *call, enum event_io_kind kind, int fd, bool quiet)
{
    int error = errno;
    struct agent_thread *self = enter_call(call, kind);
    if (self) {
        const struct fd *known = fds_get(self, fd);
        call->object = known->object;
        call->target = known->target;
        call->site_file = known->site_file;
        call->site_line = known->site_line;
        /* the closing of what the user's code opened says how long that was open */
        bool told = known->object == EVENT_OBJECT_FILE && known->site_line;
        start_call(call, quiet && !told);
    }
    errno = error;
    return self != NULL;
}

bool io_begin(struct io_call *call, enum event_io_kind kind, int fd)
{
    return begin_fd(call, kind, fd, false);
}

bool io_begin_quiet(struct io_call *call, enum event_io_kind kind, int fd)
{
    return begin_fd(call, kind, fd, true);
}

bool io_begin_target(struct io_call *call, enum event_io_kind kind, enum event_object object, uint32_t target)
{
    int error = errno;
    struct agent_thread *self = enter_call(call, kind);
    if (self) {
        call->object = (uint8_t)object;
        call->target = target;
        start_call(call, false);
    }
    errno = error;
    return self != NULL;
}

bool io_begin_open(struct io_call *call, uint32_t target, uint32_t site_file, uint32_t site_line)
{
    int error = errno;
    struct agent_thread *self = enter_call(call, EVENT_IO_OPEN);
    if (self) {
        call->object = EVENT_OBJECT_FILE;
        call->target = target;
        call->site_file = site_file;
        call->site_line = site_line;
        start_call(call, false);
    }
    errno = error;
    return self != NULL;
}

/* A call that took long names the user's line that made it: the thread's frames are as they were when it began.  A file keeps the
 * line that opened it; a connection serves many. */
static void find_site(struct io_call *call)
{
    struct site site;
    if (call->site_line && call->object == EVENT_OBJECT_FILE)
        return;
    if (site_find(call->self, &site)) {
        call->site_file = site.file;
        call->site_line = site.line;
    }
}

/* The record that the finished call is counted in: the one it was begun in, unless it turned out to be long or of another kind. */
static struct event_io *final_record(struct io_call *call, uint64_t wall_ns)
{
    struct event_io *record = call->record;
    bool is_long = wall_ns >= EVENT_LONG_NS;
    if (record && record->calls > 0 && (is_long || !joins(record, call)))
        record = NULL;
    if (!record && !is_long) {
        record = find_record(call);
        if (record)
            return record;
    }
    if (!record) {
        record = new_record(call);
        if (record)
            keep_open(call->self, record);
    }
    return record;
}

static void count(struct io_call *call, struct event_io *record, uint64_t now_ns, uint64_t bytes, bool failed)
{
    uint64_t wall_ns = now_ns - call->began_ns;
    unsigned flags = record->event.flags;
    if (record->calls == 0) {
        PUT(record->kind, call->kind);
        PUT(record->object, call->object);
        PUT(record->target, call->target);
        PUT(record->peer, call->peer);
    }
    if (call->site_line && !record->site_line) {
        PUT(record->site_file, call->site_file);
        PUT(record->site_line, call->site_line);
    }
    PUT(record->last_ns, now_ns);
    PUT(record->wall_ns, record->wall_ns + wall_ns);
    PUT(record->bytes, record->bytes + bytes);
    PUT(record->calls, record->calls + 1);
    if (wall_ns > record->longest_ns)
        PUT(record->longest_ns, wall_ns);
    flags = failed ? flags | EVENT_FLAG_FAILED : flags & ~(unsigned)EVENT_FLAG_FAILED;
    if (wall_ns >= EVENT_LONG_NS)
        flags |= EVENT_FLAG_LONG;
    PUT(record->event.flags, (uint16_t)flags);
}

/* A long call is alone in its record. */
static void close_long(struct agent_thread *self, const struct event_io *record)
{
    for (int i = 0; i < AGENT_OPEN_RECORDS && self->open[i]; i++) {
        if (self->open[i] == record) {
            drop_record(self, i);
            return;
        }
    }
}

static void add_bytes(struct agent_thread *self, unsigned kind, uint64_t bytes)
{
    if (kind == EVENT_IO_READ || kind == EVENT_IO_RECV)
        self->read_bytes += bytes;
    else if (kind == EVENT_IO_WRITE || kind == EVENT_IO_SEND)
        self->write_bytes += bytes;
}

void io_end(struct io_call *call, uint64_t bytes, bool failed)
{
    int error = errno;
    uint64_t now_ns = agent_now();
    uint64_t wall_ns = now_ns - call->began_ns;
    struct agent_thread *self = call->self;
    if (self->generation != agent.generation || !*agent.alive)
        return; /* this is a forked child now: the record is its parent's */
    self->busy = 1;
    self->call_frame = NULL;
    self->call_record = NULL;
    bool begun = call->record != NULL;
    if (begun)
        PUT(call->record->busy_since_ns, 0);
    if (wall_ns >= EVENT_LONG_NS)
        find_site(call);
    struct event_io *record = begun || wall_ns >= EVENT_LONG_NS ? final_record(call, wall_ns) : NULL;
    if (record) {
        count(call, record, now_ns, bytes, failed);
        if (wall_ns >= EVENT_LONG_NS)
            close_long(self, record);
    }
    self->waited_ns += wall_ns;
    add_bytes(self, call->kind, bytes);
    agent_leave(self);
    errno = error;
}

ssize_t io_end_bytes(struct io_call *call, ssize_t result)
{
    io_end(call, result > 0 ? (uint64_t)result : 0, result < 0);
    return result;
}

int io_end_int(struct io_call *call, int result)
{
    io_end(call, 0, result < 0);
    return result;
}

void *io_end_pointer(struct io_call *call, void *result)
{
    io_end(call, 0, result == NULL);
    return result;
}
