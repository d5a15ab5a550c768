/* Which imported modules ran any code after the imports were done. */
#ifndef COLDSPOT_AGENT_USES_H
#define COLDSPOT_AGENT_USES_H

#include <stdbool.h>
#include <stdint.h>

struct agent_thread;

struct uses {
    uint32_t state;
};

/* The end of the process: writes EVENT_USE records. */
void uses_write(struct agent_thread *self);

#endif
