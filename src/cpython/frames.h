/* The threads of a Python and what each is executing, read through memory that may change or be nonsense meanwhile: what
 * cannot be is refused, every walk is bounded, nothing is allocated. */
#ifndef COLDSPOT_CPYTHON_FRAMES_H
#define COLDSPOT_CPYTHON_FRAMES_H

#include "cpython/layout.h"

enum frames_limits {
    FRAMES_DEEPEST = 512, /* the innermost frames that are kept of a stack */
    FRAMES_INTERPRETERS = 64,
    FRAMES_THREADS = 4096,       /* of one interpreter */
    FRAMES_LINES_MOST = 1 << 16, /* bytes of a line table that are looked at */
};

/* A Python that can be read; a value without resources. */
struct frames {
    struct memory memory;
    struct layout layout;
    uint64_t runtime;   /* address of _PyRuntime */
    uint64_t code_type; /* address of PyCode_Type; 0 until a code object was met */
};

struct frames_thread {
    uint64_t address; /* of its PyThreadState */
    uint64_t interpreter;
    uint64_t next;
    uint64_t pthread;   /* pthread_self() of it */
    uint64_t native_id; /* gettid(); 0 where this version does not say */
    uint64_t frame;     /* the innermost one, or (3.11, 3.12) 0 until frames_top was asked; 0: it runs no Python */
    uint64_t cframe;    /* 3.11, 3.12 */
    uint64_t chunk, chunk_top; /* the data stack's newest chunk and where its free part begins; 0 where not known */
};

/* One frame: enough to name its function and line later. */
struct frame {
    uint64_t address;
    uint64_t code;        /* its code object */
    uint64_t instruction; /* up to 3.10 f_lasti; from 3.11 the instruction's address */
};

/* The stack of a thread, innermost first. */
struct frames_stack {
    uint32_t depth;
    uint32_t cut;     /* there were more than FRAMES_DEEPEST */
    uint64_t c_place; /* where on the thread's C stack its innermost Python runs; 0: this version does not say */
    struct frame frames[FRAMES_DEEPEST];
};

struct frames_code {
    uint64_t filename, name, qualname; /* str objects; qualname is 0 before 3.11 */
    uint64_t lines;                    /* bytes object with the line table */
    uint32_t first_line;
};

/* Begins to read the Python whose _PyRuntime lies at `runtime`; hex as in layout_find.  0, or enum layout_refusal. */
int frames_open(const struct memory *memory, uint64_t runtime, uint32_t hex, struct frames *out);

/* Addresses of up to n interpreters; answers how many.  0: not initialised yet, or unreadable. */
size_t frames_interpreters(const struct frames *frames, uint64_t *out, size_t n);

/* The number that Python gave the interpreter: 0 is the main one.  UINT32_MAX: it could not be read. */
uint32_t frames_interpreter_id(const struct frames *frames, uint64_t interpreter);

/* The first thread of an interpreter, 0 if there is none; the others follow by frames_thread.next. */
uint64_t frames_first_thread(const struct frames *frames, uint64_t interpreter);

/* One thread; without `frame` in 3.11 and 3.12.  0, or -1: it could not be read. */
int frames_thread(const struct frames *frames, uint64_t address, struct frames_thread *out);

/* The same, from thread_bytes bytes of it that were read already. */
void frames_thread_from(const struct frames *frames, uint64_t address, const void *bytes, struct frames_thread *out);

/* Fills thread->frame where it takes another reading.  0 or -1. */
int frames_top(const struct frames *frames, struct frames_thread *thread);

/* All threads of all interpreters, up to n, frames_top included; answers how many. */
size_t frames_threads(const struct frames *frames, struct frames_thread *out, size_t n);

/* Where the global lock of this interpreter lies (struct _gil_runtime_state); 0: not known. */
uint64_t frames_lock(const struct frames *frames, uint64_t interpreter);

/* The PyThreadState that holds the global lock of this interpreter; 0: nobody, or not known. */
uint64_t frames_lock_holder(const struct frames *frames, uint64_t interpreter);

/* Walks a thread's frames from thread->frame.  0; -1 when a frame could not be read, is no frame, or the chain is a ring:
 * then the stack is not to be used. */
int frames_walk(const struct frames *frames, const struct frames_thread *thread, struct frames_stack *out);

/* One frame.  0; -1 when it could not be read or is no frame of Python's. */
int frames_frame(const struct frames *frames, uint64_t address, struct frame *out);

/* A code object.  The first one that proves to be code by its type's name fixes the type for all.  0, or -1. */
int frames_code(struct frames *frames, uint64_t address, struct frames_code *out);

/* The line at which the frame is; 0: it has none, or it could not be read.  scratch: FRAMES_LINES_MOST bytes at best, a
 * longer table is read as far as that goes. */
uint32_t frames_line(const struct frames *frames, const struct frame *frame, const struct frames_code *code,
                     void *scratch, size_t scratch_bytes);

#endif
