/* The agent's own thread: samples the process, and allocates the recording's space ahead of need. */
#ifndef COLDSPOT_AGENT_SAMPLER_H
#define COLDSPOT_AGENT_SAMPLER_H

#include <pthread.h>
#include <stdint.h>

struct sampler {
    uint32_t state; /* enum sampler_state */
    uint32_t stop;  /* futex: 1 asks the thread to end */
    uint32_t tid;
    uint64_t restart_ns; /* not before */
    pthread_t thread;
};

void sampler_start(struct sampler *sampler);

/* Ends the thread and waits for it, so that a fork finds a process without it. */
void sampler_stop(struct sampler *sampler);
void sampler_restart_later(struct sampler *sampler);

/* Starts it again when that is due; cheap when it is not. */
void sampler_check(struct sampler *sampler, uint64_t now_ns);

/* Asks it to end, without waiting: the process leaves. */
void sampler_quit(struct sampler *sampler);

/* In a forked child, where the thread is not. */
void sampler_forget(struct sampler *sampler);

#endif
