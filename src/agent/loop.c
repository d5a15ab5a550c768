/* A thread that runs no Python has no event loop that anybody could block: it leaves no record.  Whether a loop was running at all
 * between two polls (and not the program between two asyncio.run) is for the samples to say: store/ looks. */
#include "agent/loop.h"

#include <errno.h>

#include "agent/agent.h"

static struct agent_loop *find(struct agent_thread *self, int fd)
{
    for (int i = 0; i < AGENT_LOOPS; i++) {
        if (self->loops[i].left_ns && self->loops[i].fd == fd)
            return &self->loops[i];
    }
    return NULL;
}

static int32_t current_call(const struct agent_thread *self)
{
    if (self->call != EVENT_NO_CALL)
        return self->call;
    return agent.calls_active == 1 ? agent.last_call : EVENT_NO_CALL;
}

static void write_stretch(struct agent_thread *self, uint64_t from_ns, uint64_t to_ns)
{
    struct event_stretch *record = writer_reserve(&agent.writer, &self->writer, EVENT_STRETCH, sizeof(*record));
    if (!record)
        return;
    record->began_ns = from_ns;
    record->ended_ns = to_ns;
    record->call = current_call(self);
    record->phase = (uint8_t)agent.phase;
    writer_commit(&self->writer, record, sizeof(*record));
}

void loop_before_poll(int fd)
{
    int error = errno;
    struct agent_thread *self = agent_enter(false);
    if (!self)
        return;
    struct agent_loop *loop = find(self, fd);
    if (loop) {
        uint64_t now_ns = agent_now();
        if (now_ns - loop->left_ns >= EVENT_STRETCH_NS && python_own_thread())
            write_stretch(self, loop->left_ns, now_ns);
        loop->left_ns = 0;
    }
    agent_leave(self);
    errno = error;
}

void loop_after_poll(int fd)
{
    int error = errno;
    struct agent_thread *self = agent.python.found && (agent.start.observe & EVENT_OBSERVE_IO) ? agent_enter(false)
                                                                                               : NULL;
    if (!self)
        return;
    struct agent_loop *oldest = &self->loops[0];
    for (int i = 1; i < AGENT_LOOPS; i++)
        oldest = self->loops[i].left_ns < oldest->left_ns ? &self->loops[i] : oldest;
    *oldest = (struct agent_loop){.fd = fd, .left_ns = agent_now()};
    agent_leave(self);
    errno = error;
}
