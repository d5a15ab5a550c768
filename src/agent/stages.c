/* Phases, stages and calls.  Reading what the kernel says about the process costs some 30 us: at a call it lies outside of the
 * call's own time. */
#include "agent/stages.h"

#include <string.h>

#include "agent/agent.h"
#include "agent/alloc.h"
#include "agent/io.h"
#include "agent/usage.h"

static const struct {
    const char *name;
    enum event_phase phase;
} phases[] = {
#define PHASE_ROW(name, number, text) {text, EVENT_PHASE_##name},
    EVENT_PHASES(PHASE_ROW)
#undef PHASE_ROW
};

static void begin_phase(struct agent_thread *self, enum event_phase phase)
{
    if (phase == EVENT_PHASE_ENTER || phase == EVENT_PHASE_FIRST_CALL || phase == EVENT_PHASE_EXEC)
        uses_imports_done(self);
    else if (phase == EVENT_PHASE_EXIT)
        uses_stop(self);
    agent_phase(self, phase, false);
}

void stages_phase(struct agent_thread *self, const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof(phases) / sizeof(*phases); i++)
        if (strlen(phases[i].name) == length && memcmp(phases[i].name, name, length) == 0)
            begin_phase(self, phases[i].phase);
}

static uint32_t depth_of(const struct agent_thread *self)
{
    return self->stages < AGENT_STAGES ? self->stages : AGENT_STAGES;
}

void stages_begin(struct agent_thread *self, const char *name, size_t length)
{
    io_close_records(self);
    uint32_t depth = depth_of(self);
    uint32_t id = __atomic_add_fetch(&agent.next_stage, 1, __ATOMIC_RELAXED);
    uint32_t string = writer_string(&agent.writer, &self->writer, name, length);
    struct event_stage_begin *begin = writer_reserve(&agent.writer, &self->writer, EVENT_STAGE_BEGIN, sizeof(*begin));
    if (begin) {
        begin->id = id;
        begin->parent = depth ? self->stage[depth - 1].id : 0;
        begin->name = string;
        begin->call = self->call;
        begin->thread_cpu_ns = usage_thread_cpu();
        begin->t_ns = agent_now();
        writer_commit(&self->writer, begin, sizeof(*begin));
    }
    if (self->stages < AGENT_STAGES)
        self->stage[self->stages] = (struct agent_stage){.id = id, .name = string};
    self->stages++;
}

static void end_stage(struct agent_thread *self, uint32_t id, unsigned flags, uint64_t now_ns)
{
    struct event_stage_end *end = writer_reserve(&agent.writer, &self->writer, EVENT_STAGE_END, sizeof(*end));
    if (!end)
        return;
    end->event.flags = (uint16_t)flags;
    end->id = id;
    end->t_ns = now_ns;
    end->thread_cpu_ns = usage_thread_cpu();
    writer_commit(&self->writer, end, sizeof(*end));
}

/* Takes the stages from `place` on off the thread; the one there was ended by its name. */
static void end_from(struct agent_thread *self, uint32_t place, bool named, uint64_t now_ns)
{
    for (uint32_t i = depth_of(self); i-- > place;)
        end_stage(self, self->stage[i].id, named && i == place ? 0 : EVENT_FLAG_OPEN, now_ns);
    self->stages = place;
}

void stages_end(struct agent_thread *self, const char *name, size_t length)
{
    uint64_t now_ns = agent_now();
    io_close_records(self);
    uint32_t string = writer_string(&agent.writer, &self->writer, name, length);
    if (self->stages > AGENT_STAGES) {
        self->stages--; /* too deep to be known by name */
        return;
    }
    for (uint32_t i = self->stages; i-- > 0;) {
        if (self->stage[i].name != string)
            continue;
        end_from(self, i, true, now_ns);
        return;
    }
}

void stages_call_begin(struct agent_thread *self, int32_t index)
{
    struct event_usage usage;
    io_close_records(self);
    if (self->call == EVENT_NO_CALL)
        __atomic_fetch_add(&agent.calls_active, 1, __ATOMIC_RELAXED);
    agent.last_call = index;
    self->call = index;
    self->call_stages = depth_of(self);
    usage_read(self, &usage);
    struct event_call *call = writer_reserve(&agent.writer, &self->writer, EVENT_CALL_BEGIN, sizeof(*call));
    if (!call)
        return;
    call->index = index;
    usage.t_ns = agent_now();
    call->usage = usage;
    writer_commit(&self->writer, call, sizeof(*call));
}

void stages_call_end(struct agent_thread *self, int32_t index)
{
    struct event_usage usage;
    uint64_t now_ns = agent_now();
    io_close_records(self);
    if (self->stages > self->call_stages)
        end_from(self, self->call_stages, false, now_ns);
    if (self->call != EVENT_NO_CALL)
        __atomic_fetch_sub(&agent.calls_active, 1, __ATOMIC_RELAXED);
    self->call = EVENT_NO_CALL;
    usage_read(self, &usage);
    alloc_call_end(usage.rss_bytes);
    usage.t_ns = now_ns;
    struct event_call *call = writer_reserve(&agent.writer, &self->writer, EVENT_CALL_END, sizeof(*call));
    if (!call)
        return;
    call->index = index;
    call->usage = usage;
    writer_commit(&self->writer, call, sizeof(*call));
}
