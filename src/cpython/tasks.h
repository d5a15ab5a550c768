/* Asyncio's tasks: which one runs, and what the others wait for.  Read as frames are: through memory that may change or be nonsense
 * meanwhile, every walk bounded, nothing allocated.
 *
 * Tasks that are written in C are read, which all are unless a program brings its own: asyncio's, and uvloop's, which are the same. */
#ifndef COLDSPOT_CPYTHON_TASKS_H
#define COLDSPOT_CPYTHON_TASKS_H

#include "cpython/frames.h"

enum tasks_limits {
    TASKS_DEEPEST = 128, /* coroutines that await one another, of one task */
    TASKS_LOOPS = 4,     /* tasks that run at the same time, each in a loop of its own */
    TASKS_NAME_MOST = 128,
};

/* Rows of data/cpython/tasks.def, in the order of its columns; 0: not in this version. */
struct tasks_layout {
    uint32_t minor;
    uint32_t task_bytes; /* Task.__basicsize__ */
    uint32_t task_waiter, task_coroutine, task_name;
    uint32_t task_node;       /* in the list of a thread's tasks, from 3.14 */
    uint32_t thread_running;  /* the task that runs, from 3.14 */
    uint32_t thread_tasks;    /* the head of that list */
    uint32_t generator_frame; /* the frame itself; up to 3.10 a pointer to it */
    uint32_t generator_state; /* from 3.11 */
    uint32_t frame_values;    /* where local variables begin; up to 3.10 a pointer to the value stack */
    uint32_t frame_top; /* of the value stack: 3.9, 3.14 a pointer; 3.10 its depth; else an index from frame_values */
};

/* Addresses of type objects; 0: not known, then nothing is taken to be of it. */
struct tasks_types {
    uint64_t task, integer;
    uint64_t coroutine, generator, async_generator;
    uint64_t coroutine_wrapper, asend, athrow; /* what `await` makes of them: the generator is their first word */
};

/* What is asked of a Python once, when it has asyncio. */
struct tasks_roots {
    uint32_t task_bytes; /* Task.__basicsize__ */
    uint64_t current;    /* the dict of running tasks by loop, up to 3.13 */
    uint64_t all;        /* the set of weak references to all tasks, up to 3.13 */
    struct tasks_types types;
};

/* A Python whose tasks can be read; a value without resources.  frames is kept. */
struct tasks {
    const struct frames *frames;
    struct tasks_layout layout;
    struct tasks_roots roots;
};

struct task {
    uint64_t address;
    uint64_t waiter;    /* the future that it waits for; 0: none */
    uint64_t coroutine; /* that it runs */
    uint64_t name;      /* a str, or (from 3.12) a number for "Task-N" */
};

/* 0; -1 when this Python's tasks are laid out otherwise than any that is known. */
int tasks_open(const struct frames *frames, const struct tasks_roots *roots, struct tasks *out);

/* One task.  0 or -1. */
int tasks_task(const struct tasks *tasks, uint64_t address, struct task *out);

/* Tasks that run now: from 3.14 on of that thread, else of all loops.  Answers how many. */
size_t tasks_running(const struct tasks *tasks, uint64_t thread, uint64_t out[TASKS_LOOPS]);

/* The outermost frame of a coroutine; 0: none, or it ended. */
uint64_t tasks_root_frame(const struct tasks *tasks, uint64_t coroutine);

/* One coroutine (or generator, or what await makes of one) that is suspended or has not begun: its frame, and what it awaits (0:
 * nothing).  -1: it is none, runs, has ended, or could not be read. */
int tasks_await(const struct tasks *tasks, uint64_t awaitable, struct frame *frame_out, uint64_t *awaited_out);

/* The frames of a task that does not run, innermost first, from the coroutine that waits to the task's own.  leaf_out: that innermost
 * coroutine.  0; -1 when it runs, has ended, or is a ring: then nothing of it is to be used. */
int tasks_chain(const struct tasks *tasks, const struct task *task, struct frames_stack *out, uint64_t *leaf_out);

/* A task's name as Task.get_name() says it, cut to `size` bytes of UTF-8 (TASKS_NAME_MOST will do).  0 or -1. */
int tasks_name(const struct tasks *tasks, const struct task *task, char *out, size_t size, size_t *length_out);

/* The task that this one waits for; 0: it waits for something else. */
uint64_t tasks_awaited_task(const struct tasks *tasks, const struct task *task);

/* Up to 3.13, the table of the set of all tasks: its address and how many places it has, a power of two.  0 or -1. */
struct tasks_place {
    uint64_t reference; /* weak; 0 or hash -1: a free place */
    int64_t hash;
};
int tasks_table(const struct tasks *tasks, uint64_t *address_out, uint32_t *places_out);

/* How many references that set holds; 0: not known. */
uint32_t tasks_count(const struct tasks *tasks);

/* What a weak reference refers to; 0: nothing any more. */
uint64_t tasks_referent(const struct tasks *tasks, uint64_t reference);

/* From 3.14 on, a thread's tasks are a ring of nodes that begins and ends at the head: nodes lie inside tasks. */
struct tasks_node {
    uint64_t next, previous;
};
uint64_t tasks_head(const struct tasks *tasks, uint64_t thread);
int tasks_node(const struct tasks *tasks, uint64_t address, struct tasks_node *out);
uint64_t tasks_of_node(const struct tasks *tasks, uint64_t node);

#endif
