/* Every import of a module, from the first one, by a C function in the place of _frozen_importlib._find_and_load. */
#ifndef COLDSPOT_AGENT_IMPORTS_H
#define COLDSPOT_AGENT_IMPORTS_H

#include <stdint.h>

struct agent_thread;

/* At an `import` audit event: wraps the import function of the interpreter that sent it, once. */
void imports_wrap(struct agent_thread *self);

/* In a forked child: the imports that were going on are its parent's. */
void imports_forget(void);

#endif
