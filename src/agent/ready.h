/* Running and ready to run apart: a thread that has all it needs but a CPU is no different to look at from one that has it.  Its CPU
 * clock tells how much of the time since the last look it ran; what of the rest no interposed call accounts for, it was ready. */
#ifndef COLDSPOT_AGENT_READY_H
#define COLDSPOT_AGENT_READY_H

#include <stdint.h>

/* What is kept of a thread from look to look; zero: nothing yet. */
struct ready {
    uint64_t read_ns, cpu_ns, waited_ns; /* at the last look that found it running */
    int64_t owed_ns;                     /* time without a CPU that no sample has stood for yet */
};

/* The state (enum event_state) of a thread that runs or would: on_cpu, or runnable for as many samples as the time without a CPU makes up.
 * waited_ns: in interposed calls, ever; slot_ns: what a sample stands for.  questions: how often the kernel may still be asked. */
uint8_t ready_state(struct ready *ready, uint32_t tid, uint64_t waited_ns, uint64_t now_ns, uint64_t slot_ns,
                    uint32_t *questions);

#endif
