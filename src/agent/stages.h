/* The spans that Python names: phases, stages, calls. */
#ifndef COLDSPOT_AGENT_STAGES_H
#define COLDSPOT_AGENT_STAGES_H

#include <stddef.h>
#include <stdint.h>

struct agent_thread;

void stages_phase(struct agent_thread *self, const char *name, size_t length);
void stages_begin(struct agent_thread *self, const char *name, size_t length);

/* Ends the innermost stage of that name; those inside it whose end was never said end with it. */
void stages_end(struct agent_thread *self, const char *name, size_t length);

void stages_call_begin(struct agent_thread *self, int32_t index);
void stages_call_end(struct agent_thread *self, int32_t index);

#endif
