/* What the parts of the agent share: its one mutable global, what it keeps for each thread, and the door through which every
 * interposed call and every event from Python comes in.
 *
 * The agent runs inside the user's process.  It never aborts, takes no lock that a user's thread could hold while it is
 * interrupted, keeps errno, and allocates nothing after its constructor.  What it does not understand it leaves alone. */
#ifndef COLDSPOT_AGENT_AGENT_H
#define COLDSPOT_AGENT_AGENT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "agent/children.h"
#include "agent/fds.h"
#include "agent/heap.h"
#include "agent/hosts.h"
#include "agent/python.h"
#include "agent/real.h"
#include "agent/sampler.h"
#include "agent/uses.h"
#include "cpython/tasks.h"
#include "record/writer.h"

enum {
    AGENT_OPEN_RECORDS = 4, /* I/O records a thread keeps open at once */
    AGENT_STAGES = 32,      /* named stages in one another, a thread */
    AGENT_LOOPS = 2,        /* event loops in one another, a thread */
    AGENT_ROOTS = 8,
    AGENT_PATH = 512,
    AGENT_ALLOCS = 1 << 16, /* live sampled allocations; a power of two */
};

struct agent_stage {
    uint32_t id;
    uint32_t name; /* string */
};

/* An event loop between two polls. */
struct agent_loop {
    int32_t fd;
    uint64_t left_ns; /* its last poll returned then; 0: free */
};

/* A thread's own part; in initial-exec TLS. */
struct agent_thread {
    struct writer_thread writer;
    struct event_io *open[AGENT_OPEN_RECORDS]; /* most recently used first; NULL at the end */
    uint64_t read_bytes, write_bytes;          /* moved through interposed calls */
    const void *call_frame;                    /* stack address of the interposed call going on; NULL: none */
    struct event_io *call_record;              /* its record, busy */
    uint64_t waited_ns;                        /* in interposed calls that returned */
    struct import_stack *imports;              /* the imports going on here; NULL: none */
    uint32_t generation;                       /* agent.generation that the ids below belong to */
    uint32_t import;                           /* id */
    uint32_t stages;                           /* depth, may exceed AGENT_STAGES */
    int32_t call;
    uint32_t call_stages; /* how many stages there were when the call began */
    uint8_t busy;         /* inside the agent: whatever it calls is its own */
    uint8_t vforked;      /* this thread called vfork: a child may be running on its memory */
    uint8_t ours;         /* the agent's own thread */
    uint8_t alloc_counts; /* alloc_left was drawn */
    uint8_t alloc_inside; /* in one of Python's allocators, which is counted: what it takes from libc is not */
    int64_t alloc_left;   /* bytes to the next sampled allocation */
    uint64_t alloc_random;
    struct children_pending pending; /* a child about to be made */
    struct agent_stage stage[AGENT_STAGES];
    struct agent_loop loops[AGENT_LOOPS];
};

struct agent {
    bool on; /* agent.conf was there: recording is wanted in this process and its children */
    bool slow_cpu_clock;
    bool has_thread_key;
    uint32_t pid;             /* the process that `writer` records; 0: a forked child that has not begun its own */
    uint32_t generation;      /* counts recordings over forks */
    pthread_key_t thread_key; /* its destructor is a thread's end */
    uint32_t *alive;          /* in a page that a forked child sees as zero */
    uint32_t fork_seen;       /* set by the fork handler, where the kernel has no such pages */
    uint32_t phase;           /* enum event_phase */
    uint32_t next_import, next_stage;
    uint32_t calls_active; /* invocations going on, over all threads */
    int32_t last_call;
    uint32_t root_count;
    uint64_t parent_id; /* of the recording that the parent wrote */
    uint64_t began_ns;
    uint64_t forked_ns; /* in a forked child */
    struct writer writer;
    struct writer_start start;
    struct python python;
    struct fd_table fds;
    struct host_table hosts;
    struct children children;
    struct sampler sampler;
    struct stacks *stacks; /* the stack sampler's own; NULL: not begun */
    struct alloc *alloc;   /* sampled allocations; NULL: not followed */
    struct heap heap;      /* the real functions, once heap_found */
    bool heap_found;
    uint64_t seed;                     /* 0: what is sampled differs from run to run */
    bool heap_is_libc;                 /* no allocator of the program's own, which would map memory itself */
    uint8_t alloc_homes[AGENT_ALLOCS]; /* how many of the live samples have this home slot */
    struct tasks_roots tasks_roots;    /* once tasks_known */
    bool tasks_known;
    struct uses uses;
    char directory[AGENT_PATH];
    char library[AGENT_PATH]; /* as LD_PRELOAD names it */
    char harness[256];        /* the module or file that is our harness */
    struct {
        uint32_t length;
        char path[AGENT_PATH];
    } roots[AGENT_ROOTS];
    void *real[REAL_COUNT];
};

extern struct agent agent;
extern __thread struct agent_thread agent_self __attribute__((tls_model("initial-exec")));

/* Enters the agent: NULL when there is nothing to record here (inert; called from inside the agent; a child on its parent's
 * memory).  `begin`: a forked child begins its own recording for this; else it stays without one. */
struct agent_thread *agent_enter_slowly(struct agent_thread *self, bool begin);

static inline struct agent_thread *agent_enter(bool begin)
{
    struct agent_thread *self = &agent_self;
    if (!agent.on || self->busy)
        return NULL;
    if (self->vforked || !*agent.alive || agent.fork_seen || self->generation != agent.generation)
        return agent_enter_slowly(self, begin);
    self->busy = 1;
    __atomic_signal_fence(__ATOMIC_SEQ_CST); /* a signal handler that comes in now finds the door shut */
    return self;
}

static inline void agent_leave(struct agent_thread *self)
{
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    self->busy = 0;
}

/* CLOCK_MONOTONIC in nanoseconds. */
static inline uint64_t agent_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint32_t agent_string(struct agent_thread *self, const char *text);
void agent_note(struct agent_thread *self, enum event_note_code code, uint64_t number, const char *text);

/* A phase begins.  Closes the thread's open I/O records first. */
void agent_phase(struct agent_thread *self, enum event_phase phase, bool automatic);

/* The process leaves by exit (then `final`) or _exit. */
void agent_end(enum event_end end, int exit_code);

/* Adds a directory below which files are the user's. */
void agent_add_root(const char *path, size_t length);

#endif
