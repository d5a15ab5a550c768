/* How long an event loop did not come back: from the return of one epoll_wait to the call of the next, on one thread and one
 * descriptor.  Exact, and needs no sampling; what ran meanwhile is in the samples. */
#ifndef COLDSPOT_AGENT_LOOP_H
#define COLDSPOT_AGENT_LOOP_H

/* Around each epoll_wait of that epoll descriptor, also one that does not wait.  errno stays. */
void loop_before_poll(int fd);
void loop_after_poll(int fd);

#endif
