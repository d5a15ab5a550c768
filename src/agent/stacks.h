/* What every Python thread is doing, several times a second: looked at from the agent's own thread, without the GIL, without
 * signals, and without stopping anybody. */
#ifndef COLDSPOT_AGENT_STACKS_H
#define COLDSPOT_AGENT_STACKS_H

#include <stdbool.h>
#include <stdint.h>

struct agent_thread;
struct stacks;

/* On the agent's thread when it starts: looks whether stacks can be and shall be read; notes why not.  own_table: the thread's
 * descriptors are its own.  Answers when the first sample is due, UINT64_MAX for never. */
uint64_t stacks_begin(struct agent_thread *self, bool own_table);

/* Takes the sample that is due; answers when the next one is. */
uint64_t stacks_sample(struct agent_thread *self, uint64_t now_ns);

/* When that thread ends. */
void stacks_end(void);

#endif
