/* Asyncio's tasks for the stack sampler: the name of the one that runs on a thread, and now and then where all the others wait.
 *
 * What suspended tasks cost is bounded: TASKS_HZ times a second TASKS_VISITS of them are looked at, the next ones the next time, each
 * standing for its share of all. */
#ifndef COLDSPOT_AGENT_TASKS_H
#define COLDSPOT_AGENT_TASKS_H

#include <stdbool.h>

#include "agent/peek.h"
#include "agent/stacktree.h"
#include "cpython/tasks.h"
#include "record/event.h"

enum {
    TASKS_HZ = 20,
    TASKS_VISITS = 128, /* suspended tasks a look */
    TASKS_VISITS_SLOW = 16,
    TASKS_SLOTS = 1 << 14,
    TASKS_ROWS = 1 << 12,
    TASKS_NAMES = 256,  /* names that are told apart: the rest are "(other tasks)" */
    TASKS_THREADS = 32, /* that have tasks, from 3.14 on */
};

/* A suspended task as it was when it was visited last; of what is found at its place. */
struct tasks_slot {
    uint64_t key;  /* of the weak reference, or of the node in the thread's list; 0: free */
    uint64_t next; /* node */
    struct task task;
    uint64_t leaf; /* the innermost coroutine */
    struct frame root, innermost;
    uint32_t node;
};

/* Tasks of one name that wait in one place: a record. */
struct tasks_row {
    struct event_tasks *record; /* NULL: free */
    uint32_t sweep, now;        /* how many there were in that sweep */
};

/* A task that runs. */
struct tasks_now {
    struct task task;
    uint64_t frame; /* its outermost */
    uint32_t name;  /* string */
};

/* Where a task is found, and what was seen of it at this look. */
struct tasks_visit {
    uint64_t key, address;
    uint32_t name, node; /* 0: it does not wait */
};

struct tasks_sampler {
    bool open, refused;
    struct tasks tasks;
    struct peek *peek;
    struct stacktree *tree;
    uint64_t keys; /* of the dict of running tasks */
    uint32_t now_count;
    struct tasks_now now[TASKS_LOOPS];
    /* tasks that wait: the look */
    uint64_t due_ns, looked_ns;
    uint32_t visit_count, fresh_count;
    struct tasks_visit visits[TASKS_VISITS];
    uint32_t fresh[TASKS_VISITS]; /* of the visits: not as they were */
    /* the sweep that it is part of */
    uint32_t sweep, met, met_before; /* tasks, in this sweep and in the last one */
    uint32_t place;                  /* in the set's table */
    uint64_t table;
    uint32_t thread, thread_count; /* the list that is gone through */
    uint64_t node;
    uint64_t heads[TASKS_THREADS];
    uint32_t names, rows;
    struct {
        uint64_t hash;
        uint32_t string;
    } name[2 * TASKS_NAMES];
    struct tasks_row row[TASKS_ROWS];
    struct frames_stack stack;
    struct stacktree_kept kept;
    struct tasks_slot slot[TASKS_SLOTS];
};

/* asyncio.tasks was imported: keeps what is needed of it.  With the GIL. */
void tasks_found(void);

/* When the sampler begins: peek and tree are its own.  Nothing is known of an earlier recording. */
void tasks_begin(struct tasks_sampler *sampler, struct peek *peek, struct stacktree *tree);

/* Announces what tasks_look_now will read, when the peek is filled anew; then reads which tasks run (up to 3.13). */
void tasks_want_now(struct tasks_sampler *sampler);
void tasks_look_now(struct tasks_sampler *sampler);

/* The same of one thread (from 3.14 on); had_task: it ran one at the last look. */
void tasks_want_thread(struct tasks_sampler *sampler, uint64_t thread, bool had_task);

/* The task in whose coroutine the thread is: answers the place of the coroutine's frame in the stack and its name, or -1 for none. */
int tasks_on_stack(struct tasks_sampler *sampler, uint64_t thread, const struct frames_stack *stack,
                   uint32_t *name_out);

/* suspended.c: looks at some of the tasks that wait, if that is due.  threads: PyThreadStates. */
void tasks_look(struct tasks_sampler *sampler, const uint64_t *threads, uint32_t thread_count, uint64_t now_ns);

/* ---- for suspended.c ---- */

/* Whether there are tasks to look at. */
bool tasks_are_open(struct tasks_sampler *sampler);

/* The string of a task's name, 0 when it could not be read; of all that are not told apart. */
uint32_t tasks_name_of(struct tasks_sampler *sampler, const struct task *task);
uint32_t tasks_others(struct tasks_sampler *sampler);

/* Announces what tasks_task, tasks_name and tasks_root_frame will read. */
void tasks_want(struct tasks_sampler *sampler, const struct task *task);

uint64_t tasks_mix(uint64_t a, uint64_t b);

#endif
