/* What a thread is doing as far as the agent knows: whether it is inside an interposed call and which one, read from another
 * thread. */
#ifndef COLDSPOT_AGENT_DOING_H
#define COLDSPOT_AGENT_DOING_H

#include <stdbool.h>
#include <stdint.h>

#include "cpython/memory.h"

struct doing {
    uint64_t call;      /* address of the interposed call going on; 0: none */
    uint64_t began_ns;  /* when it began */
    uint64_t waited_ns; /* in calls that returned */
    int32_t invocation; /* of this thread; EVENT_NO_CALL */
    uint8_t state;      /* enum event_state, inside a call */
};

/* Where the agent's part of a thread lies, from what pthread_self() is there; `length` bytes of it are looked at. */
uint64_t doing_place(uint64_t pthread, uint32_t *length_out);

void doing_read(const struct memory *memory, uint64_t pthread, struct doing *doing_out);

/* The thread's kernel id, for Pythons that do not say; 0 where this libc keeps it elsewhere. */
uint32_t doing_thread_id(const struct memory *memory, uint64_t pthread);

/* Whether the kernel runs the thread or would: enum event_state from the letter in its stat file. */
uint8_t doing_ask_kernel(uint32_t tid);

#endif
