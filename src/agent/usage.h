/* What the kernel says about this process and this thread, read on the thread that asks. */
#ifndef COLDSPOT_AGENT_USAGE_H
#define COLDSPOT_AGENT_USAGE_H

#include <stddef.h>
#include <stdint.h>

#include "record/event.h"

struct agent_thread;

/* Everything but t_ns.  About 30 us: for phases and calls, not for imports. */
void usage_read(const struct agent_thread *self, struct event_usage *usage_out);

/* The thread's CPU time, EVENT_UNKNOWN where reading it is slow. */
uint64_t usage_thread_cpu(void);

uint64_t usage_clock(int clock_id);

/* The CPU clock of a thread of this process, by the kernel's number of it; EVENT_UNKNOWN where there is none. */
uint64_t usage_cpu_of(uint32_t tid);

/* The resident set in bytes, and what of it is of files and shared memory (NULL: not asked for); EVENT_UNKNOWN when it cannot be
 * read.  gVisor writes 0 for the latter, which no real process has. */
uint64_t usage_rss(uint64_t *file_bytes_out);

/* The same from the text of /proc/self/statm. */
uint64_t usage_rss_of(const char *statm, uint64_t *file_bytes_out);

/* Reads a small file of /proc whole, with a NUL behind; the length, or -1. */
long usage_file(const char *path, char *text, size_t size);

/* The number after `key` in text such as /proc/self/status; EVENT_UNKNOWN without it. */
uint64_t usage_number_after(const char *text, const char *key);

#endif
