/* Python's three allocators followed one by one, where `memory=full` asks for it. */
#ifndef COLDSPOT_AGENT_DOMAINS_H
#define COLDSPOT_AGENT_DOMAINS_H

struct agent_thread;

/* Before Python starts: puts us before its allocators.  Notes why not where that cannot be. */
void domains_follow(struct agent_thread *self);

/* At an import: Python has chosen its allocators by now (PYTHONMALLOC, -X dev), over ours; once, we go before these. */
void domains_look_again(struct agent_thread *self);

#endif
