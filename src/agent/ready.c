/* Each sample has one state, so that the time without a CPU is paid in whole samples: as soon as half a slot is owed, one is.
 *
 * A thread may also wait in a way that nobody sees (a lock of a library's own, a page of a mapped file): before a sample is called
 * runnable the kernel is asked.  Where CPU clocks are estimates (gVisor) all of them are on_cpu. */
#include "agent/ready.h"

#include "agent/agent.h"
#include "agent/doing.h"
#include "agent/usage.h"

enum { PAUSE_SLOTS = 10 };

static int64_t clamp(int64_t value, int64_t most)
{
    return value > most ? most : value < -most ? -most : value;
}

uint8_t ready_state(struct ready *ready, uint32_t tid, uint64_t waited_ns, uint64_t now_ns, uint64_t slot_ns,
                    uint32_t *questions)
{
    if (agent.slow_cpu_clock || tid == 0)
        return EVENT_STATE_ON_CPU;
    struct ready before = *ready;
    uint64_t cpu_ns = usage_cpu_of(tid);
    if (cpu_ns == EVENT_UNKNOWN)
        return EVENT_STATE_ON_CPU;
    *ready = (struct ready){now_ns, cpu_ns, waited_ns, before.owed_ns};
    bool follows = before.read_ns && now_ns - before.read_ns < PAUSE_SLOTS * slot_ns && cpu_ns >= before.cpu_ns &&
                   waited_ns >= before.waited_ns;
    if (!follows) {
        ready->owed_ns = 0;
        return EVENT_STATE_ON_CPU;
    }
    int64_t passed = (int64_t)(now_ns - before.read_ns), ran = (int64_t)(cpu_ns - before.cpu_ns);
    ready->owed_ns = clamp(before.owed_ns + passed - ran - (int64_t)(waited_ns - before.waited_ns),
                           PAUSE_SLOTS * (int64_t)slot_ns);
    if (2 * ready->owed_ns < (int64_t)slot_ns || *questions == 0)
        return EVENT_STATE_ON_CPU;
    --*questions;
    ready->owed_ns -= (int64_t)slot_ns;
    uint8_t state = doing_ask_kernel(tid);
    return state == EVENT_STATE_ON_CPU ? EVENT_STATE_RUNNABLE : state;
}
