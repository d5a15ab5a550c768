#include "agent/uses.h"

void uses_write(struct agent_thread *self)
{
    (void)self;
}
