/* CPython's audit events, among them the ones by which Python code talks to the agent. */
#ifndef COLDSPOT_AGENT_AUDIT_H
#define COLDSPOT_AGENT_AUDIT_H

struct object;

int audit_event(const char *event, struct object *arguments, void *user_data);

#endif
