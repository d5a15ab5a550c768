/* The recording: the contract between the agent, which writes one file a process, and the tool, which reads it.
 * docs/recording-format.md says the same in prose.  This header uses libc's integer types and nothing else.
 *
 * A recording is a header page and then blocks of EVENT_BLOCK_BYTES.  A block belongs to one thread; its records follow one
 * another, each a multiple of 8 bytes long.  A record whose `bytes` is 0 was never committed: nothing follows it in its block.
 * A thread's blocks lie in the file in the order in which it wrote them; between threads only the times give an order.
 *
 * Conventions: integers are little-endian.  *_ns are nanoseconds of CLOCK_MONOTONIC or durations; *_bytes are bytes; string ids
 * name an EVENT_STRING anywhere in the file (also a later one), 0 is none.  EVENT_UNKNOWN stands for "not measured here".
 * A record may be longer than the struct here (a later minor version added fields): skip by `bytes`.  It may name a string,
 * an import or a stage that is missing (the process was killed in between, or the recording was full): show it as unknown. */
#ifndef COLDSPOT_RECORD_EVENT_H
#define COLDSPOT_RECORD_EVENT_H

#include <stdint.h>

#define EVENT_MAGIC "COLDSPOT"
#define EVENT_VERSION 1u /* a reader refuses any other */
#define EVENT_HEADER_BYTES 4096u
#define EVENT_BLOCK_BYTES 4096u
#define EVENT_UNKNOWN UINT64_MAX
#define EVENT_NO_CALL (-1)
#define EVENT_SUFFIX                                                                                                   \
    ".rec" /* PID.N.rec in the run's directory; N = 0 unless that name was taken (exec, a reused pid) */
#define EVENT_STRING_MAX 3968u /* bytes; longer ones are cut and flagged EVENT_FLAG_CUT */

/* ---- names: X(constant, number, text) ------------------------------------------------------------------------------- */

/* Why a recording began. */
#define EVENT_WHYS(X)                                                                                                  \
    X(EXEC, 1, "exec")     /* the program was started with the agent preloaded; ppid says by whom */                   \
    X(FORK, 2, "fork")     /* a child without exec: parent_id names its parent's recording */                          \
    X(ATTACH, 3, "attach") /* loaded into a process that ran already */

/* How the process left.  RUNNING in a file whose process is gone means that it was killed (or called exit_group itself). */
#define EVENT_ENDS(X)                                                                                                  \
    X(RUNNING, 0, "running")                                                                                           \
    X(EXIT, 1, "exit")     /* exit(), or main returned; exit_code holds the status */                                  \
    X(QUICK, 2, "_exit")   /* _exit(); exit_code holds the status */                                                   \
    X(REPLACED, 3, "exec") /* became another program, whose recording is PID.N+1.rec if the agent came along */

/* Phases of design.md.  IMPORT means "the app's file runs": the reader splits it into import (the sum of what lies inside
 * EVENT_IMPORT_* of other modules) and global_init (the rest).  HARNESS is our own part of platform_init. */
#define EVENT_PHASES(X)                                                                                                \
    X(CONTAINER_START, 1, "container_start")     /* never begun by the agent: the sandbox knows when it asked */       \
    X(INTERPRETER_START, 2, "interpreter_start") /* from the agent's constructor */                                    \
    X(PLATFORM_INIT, 3, "platform_init")                                                                               \
    X(IMPORT, 4, "import")                                                                                             \
    X(GLOBAL_INIT, 5, "global_init") /* accepted; the agent never begins it by itself */                               \
    X(ENTER, 6, "enter")                                                                                               \
    X(FIRST_CALL, 7, "first_call")                                                                                     \
    X(EXEC, 8, "exec") /* later calls; also all of a program that is no Python */                                      \
    X(EXIT, 9, "exit")                                                                                                 \
    X(HARNESS, 10, "harness")

/* What a thread did in libc.  The comment names the wait state it stands for; `object` can refine it (a read of a socket is
 * network; of a pipe, child where the process has children, else lock). */
#define EVENT_IO_KINDS(X)                                                                                              \
    X(OPEN, 1, "open")       /* disk: open, opendir, and calls that move no bytes */                                   \
    X(STAT, 2, "stat")       /* disk: the stat family, access, readlink; no target: many paths in one record */        \
    X(READ, 3, "read")       /* disk, network or child, by object; bytes came in */                                    \
    X(WRITE, 4, "write")     /* disk, network or child, by object; bytes went out */                                   \
    X(MMAP, 5, "mmap")       /* disk: a file was mapped; bytes = the mapping's length, not what was read of it */      \
    X(CLOSE, 6, "close")     /* disk or network: a close, fsync, unlink or rename that took its time */                \
    X(CONNECT, 7, "connect") /* network */                                                                             \
    X(ACCEPT, 8, "accept")   /* network */                                                                             \
    X(RECV, 9, "recv")       /* network; bytes came in */                                                              \
    X(SEND, 10, "send")      /* network; bytes went out */                                                             \
    X(LOOKUP, 11, "look-up") /* network: getaddrinfo; the target is the host's name */                                 \
    X(SLEEP, 12, "sleep")    /* sleep: the nanosleep family; select, poll, epoll_wait whose timer fired */             \
    X(LOCK, 13, "lock")      /* lock: semaphores, condition variables; thread joins */                                 \
    X(GIL, 14, "gil-lock")   /* lock: waiting for Python's global lock */                                              \
    X(CHILD, 15, "child")    /* child: waitpid and the like, system(); target = the child's program if known */        \
    X(POLL, 16, "poll")      /* network (child when object is PIPE): a descriptor became ready */                      \
    X(SYNC, 17, "sync")      /* disk: fsync, fdatasync, msync */

/* What the descriptor of an I/O record is. */
#define EVENT_OBJECTS(X)                                                                                               \
    X(NONE, 0, "none")                                                                                                 \
    X(FILE, 1, "file")                                                                                                 \
    X(SOCKET, 2, "socket")                                                                                             \
    X(PIPE, 3, "pipe")                                                                                                 \
    X(TERMINAL, 4, "terminal")                                                                                         \
    X(DEVICE, 5, "device")                                                                                             \
    X(OTHER, 6, "other") /* eventfd, epoll, timerfd… */

/* How a child came to be. */
#define EVENT_HOWS(X)                                                                                                  \
    X(FORK, 1, "fork")                                                                                                 \
    X(VFORK, 2, "vfork")                                                                                               \
    X(SPAWN, 3, "posix_spawn")                                                                                         \
    X(SYSTEM, 4, "system")                                                                                             \
    X(POPEN, 5, "subprocess") /* Python's subprocess.Popen; pid 0: not known yet */

/* What the agent left out, and why.  `number` and `text` per row. */
#define EVENT_NOTES(X)                                                                                                 \
    /* number: hexversion; text: why */                                                                                \
    X(PYTHON_UNKNOWN, 1, "this Python's frames are not read: no stacks, lines, locks, used modules")                   \
    X(NO_AUDIT, 2, "the audit hook could not be added")                                                                \
    X(NO_IMPORT_HOOK, 3, "imports cannot be followed")                             /* text: what was missing */        \
    X(NO_SITES, 4, "frames cannot be read: no file:line")                          /* number: hexversion */            \
    X(SLOW_CPU_CLOCK, 5, "the thread CPU clock is slow here: not read at imports") /* number: ns a reading */          \
    X(NO_USES, 6, "use of modules is not known")                                   /* text: why */                     \
    X(FULL, 7, "the recording is full")                                 /* number: errno, 0 = max_bytes reached */     \
    X(SIZE_LIMIT, 8, "RLIMIT_FSIZE is below max_bytes")                 /* number: the limit in bytes */               \
    X(NO_SAMPLER, 9, "the sampling thread could not be started")        /* number: errno */                            \
    X(NO_CLOSE_RANGE, 10, "the sampling thread shares the descriptors") /* number: errno */                            \
    X(UNTRACKED_FORK, 11, "a child without fork handlers is not recorded")                                             \
    X(TOO_MANY_THREADS, 12, "more threads import at once than are followed")                                           \
    X(STATIC_CHILD, 13, "a child that cannot load the agent")                               /* text: program */        \
    X(PRELOAD_REMOVED, 14, "a child that was given another environment is not looked into") /* text: program */        \
    X(DESCRIPTORS, 15, "descriptors above the table's end are not known") /* number: the first such */                 \
    X(NO_STACKS, 16, "stacks are not sampled")                            /* text: why */                              \
    X(NO_DOMAINS, 17, "Python's own allocators are not followed")         /* text: why */                              \
    X(NO_TASKS, 18, "asyncio's tasks are not read: this Python has others than are known") /* number: a task's size */ \
    X(SECCOMP, 20, "the program forbade itself kernel calls: recording ends")

/* What a sampled thread was doing: the wait states of design.md, and GIL, which is a lock. */
#define EVENT_STATES(X)                                                                                                \
    X(UNKNOWN, 0, "unknown")                                                                                           \
    X(ON_CPU, 1, "on_cpu") /* runs Python code, or C code without the GIL */                                           \
    X(RUNNABLE, 2, "runnable")                                                                                         \
    X(DISK, 3, "disk")                                                                                                 \
    X(NETWORK, 4, "network")                                                                                           \
    X(LOCK, 5, "lock")                                                                                                 \
    X(GPU, 6, "gpu")                                                                                                   \
    X(SLEEP, 7, "sleep")                                                                                               \
    X(CHILD, 8, "child")                                                                                               \
    X(GIL, 9, "gil-lock") /* waits for Python's global lock */

/* Whether code of a module ran after the imports (EVENT_USE). */
#define EVENT_USES(X) X(NO, 0, "no") X(YES, 1, "yes") X(UNKNOWN, 2, "unknown")

/* How memory was asked for. */
#define EVENT_ALLOCS(X)                                                                                                \
    X(HEAP, 1, "heap")     /* malloc's family, called by native code */                                                \
    X(ARENA, 2, "arena")   /* Python's small objects: the stack is the one for which a new arena was taken */          \
    X(MAP, 3, "map")       /* anonymous mmap */                                                                        \
    X(PYTHON, 4, "python") /* malloc's family, called by the interpreter: objects of more than 512 bytes, tables */    \
    X(RAW, 5, "raw")       /* PyMem_RawMalloc's family; these three with --observe memory=full only */                 \
    X(MEM, 6, "mem")       /* PyMem_Malloc's */                                                                        \
    X(OBJECT, 7, "object") /* PyObject_Malloc's */

#define EVENT_ENUM_WHY(name, number, text) EVENT_WHY_##name = number,
#define EVENT_ENUM_END(name, number, text) EVENT_END_##name = number,
#define EVENT_ENUM_PHASE(name, number, text) EVENT_PHASE_##name = number,
#define EVENT_ENUM_IO(name, number, text) EVENT_IO_##name = number,
#define EVENT_ENUM_OBJECT(name, number, text) EVENT_OBJECT_##name = number,
#define EVENT_ENUM_HOW(name, number, text) EVENT_HOW_##name = number,
#define EVENT_ENUM_NOTE(name, number, text) EVENT_NOTE_##name = number,
#define EVENT_ENUM_USE(name, number, text) EVENT_USE_##name = number,
#define EVENT_ENUM_ALLOC(name, number, text) EVENT_ALLOC_##name = number,
#define EVENT_ENUM_STATE(name, number, text) EVENT_STATE_##name = number,
enum event_why { EVENT_WHYS(EVENT_ENUM_WHY) };
enum event_end { EVENT_ENDS(EVENT_ENUM_END) };
enum event_phase { EVENT_PHASE_NONE = 0, EVENT_PHASES(EVENT_ENUM_PHASE) };
enum event_io_kind { EVENT_IO_NONE = 0, EVENT_IO_KINDS(EVENT_ENUM_IO) };
enum event_object { EVENT_OBJECTS(EVENT_ENUM_OBJECT) };
enum event_how { EVENT_HOWS(EVENT_ENUM_HOW) };
enum event_note_code { EVENT_NOTES(EVENT_ENUM_NOTE) };
enum event_used { EVENT_USES(EVENT_ENUM_USE) };
enum event_state { EVENT_STATES(EVENT_ENUM_STATE) };
enum event_alloc { EVENT_ALLOCS(EVENT_ENUM_ALLOC) };

/* What was observed (header.observe); the words of --observe. */
enum event_observe {
    EVENT_OBSERVE_IMPORTS = 1,
    EVENT_OBSERVE_IO = 2,
    EVENT_OBSERVE_MEMORY = 4,
    EVENT_OBSERVE_STACKS = 8,
    EVENT_OBSERVE_USES = 16,
    EVENT_OBSERVE_DOMAINS = 32, /* "memory=full": MEMORY, and Python's allocators one by one */
};

/* ---- the header page -------------------------------------------------------------------------------------------------- */

struct event_clocks {
    uint64_t real_ns; /* CLOCK_REALTIME and CLOCK_MONOTONIC, read one after the other */
    uint64_t monotonic_ns;
};

struct event_header {
    char magic[8];         /* EVENT_MAGIC without a NUL; written last, so a file without it never began */
    uint32_t version;      /* EVENT_VERSION */
    uint32_t header_bytes; /* where the first block begins */
    uint32_t block_bytes;
    uint32_t byte_order; /* 0x01020304 as the writer stores it */
    uint64_t id;         /* of this recording: not 0, unlike any other of the run */
    uint64_t parent_id; /* of the recording of the process that forked this one; 0 = not known: join by ppid and time */
    uint32_t pid;       /* as getpid() in the process */
    uint32_t ppid;
    uint32_t tid;        /* the starting thread */
    uint32_t why;        /* enum event_why */
    uint32_t number;     /* N of PID.N.rec */
    uint32_t observe;    /* enum event_observe, as asked for */
    uint32_t python_hex; /* Py_Version (0x030b02f0 = 3.11.2); 0: no Python, or not begun yet */
    uint32_t rss_hz;     /* EVENT_SAMPLE a second as asked for */
    uint32_t sample_hz;  /* stack samples a second as asked for */
    uint32_t page_bytes;
    uint64_t max_bytes; /* the recording ends there */
    uint64_t began_ns;  /* when the agent's constructor ran; what lies before it is the loader's and the sandbox's */
    uint64_t agent_ns;  /* how long that constructor took, unless it became known too late: then 0 */
    struct event_clocks first; /* at began_ns */
    struct event_clocks last;  /* renewed by the sampling thread and at the end: shows jumps of the clocks (restore) */

    /* Words that change while the process runs, each written atomically. */
    uint64_t tail;       /* bytes taken so far, header included; may be above cap when full */
    uint64_t cap;        /* bytes whose space is allocated: read no further than the smaller of tail and cap */
    uint32_t full;       /* 0, or 1: a record was dropped because cap could not be raised (see full_errno) */
    uint32_t full_errno; /* 0: max_bytes reached */
    uint32_t end;        /* enum event_end */
    int32_t exit_code; /* with EVENT_END_EXIT and EVENT_END_QUICK, as given to exit() (0-255 of it reach the parent) */
    uint64_t ended_ns; /* 0 while end is RUNNING */
    uint32_t phase;    /* enum event_phase now, for one who looks on */
    uint32_t threads;  /* threads that ever took a block */
    uint64_t dropped_records; /* not written: full, or a signal handler came in between */
    uint64_t dropped_strings; /* not interned: the table is full; they read as string 0 */
    uint64_t dropped_imports; /* not followed: nested deeper, or on more threads, than there is room for */
    uint64_t dropped_samples; /* stack samples that could not be read */
    char program[1024];       /* /proc/self/exe, with a NUL; cut when longer */
};

/* At each block's start. */
struct event_block {
    uint32_t tid; /* 0: taken but not begun; skip the block */
    uint32_t reserved;
    uint64_t began_ns; /* when it was taken */
};

/* ---- records ---------------------------------------------------------------------------------------------------------- */

enum event_type {
    EVENT_STRING = 1,
    EVENT_PHASE = 2,
    EVENT_IMPORT_BEGIN = 3,
    EVENT_IMPORT_END = 4,
    EVENT_STAGE_BEGIN = 5,
    EVENT_STAGE_END = 6,
    EVENT_CALL_BEGIN = 7,
    EVENT_CALL_END = 8,
    EVENT_IO = 9,
    EVENT_SAMPLE = 10,
    EVENT_CHILD = 11,
    EVENT_EXEC = 12,
    EVENT_USE = 13,
    EVENT_NOTE = 14,
    EVENT_THREAD = 15,
    EVENT_STACK_NODE = 16,
    EVENT_STACK_SAMPLE = 17,
    EVENT_STRETCH = 18,
    EVENT_TASKS = 19,
    EVENT_ALLOC_SITE = 24,
    EVENT_ALLOC_PEAK = 25,
    /* Kept free for what comes next: 20-23 stacks, 26-27 allocations, 28-31 GPU.  A reader skips what it does not know. */
    EVENT_RESERVED_STACK = 20,
    EVENT_RESERVED_ALLOC = 26,
    EVENT_RESERVED_GPU = 28,
};

enum event_flag {
    EVENT_FLAG_CUT = 1,    /* STRING: longer than EVENT_STRING_MAX */
    EVENT_FLAG_DIGEST = 2, /* STRING: a path or host kept as a digest (--redact-paths) */
    EVENT_FLAG_FAILED = 4, /* IMPORT_END: it raised; IO: the last call failed */
    EVENT_FLAG_CLOSED = 8, /* IO: no more calls will be added */
    EVENT_FLAG_AUTO = 16,  /* PHASE: begun by the agent itself, not named by sys.audit("coldspot.phase") */
    EVENT_FLAG_OPEN = 32,  /* STAGE_END, CALL_END: ended by the agent since its end was never said */
    EVENT_FLAG_LONG = 64,  /* IO: one call of EVENT_LONG_NS or more, alone in its record */
};

#define EVENT_LONG_NS 1000000u     /* a call this long has a record of its own */
#define EVENT_STRETCH_NS 10000000u /* an event loop that did not poll for this long is recorded */

/* Starts every record. */
struct event {
    uint32_t bytes; /* of the whole record, a multiple of 8; stored last, with release order; 0 = not there (yet) */
    uint16_t type;  /* enum event_type */
    uint16_t flags; /* enum event_flag */
};

/* A string, named by its id from anywhere in the file.  UTF-8 where it came from Python, else the bytes as they were. */
struct event_string {
    struct event event;
    uint32_t id;     /* > 0, dense enough for an array (below 65,536) */
    uint32_t length; /* of `text`; what follows up to event.bytes is padding */
    char text[];
};

/* The state of the process and of the thread that writes it. */
struct event_usage {
    uint64_t t_ns;
    uint64_t thread_cpu_ns;  /* CLOCK_THREAD_CPUTIME_ID; in gVisor an estimate of 10 ms steps */
    uint64_t process_cpu_ns; /* CLOCK_PROCESS_CPUTIME_ID */
    uint64_t
        run_delay_ns;   /* this thread, runnable but not running: 2nd number of schedstat; EVENT_UNKNOWN without it */
    uint64_t rss_bytes; /* statm */
    uint64_t hwm_bytes; /* VmHWM of status; EVENT_UNKNOWN where there is none (then: the largest sample) */
    uint64_t major_faults; /* of the process: getrusage */
    uint64_t read_bytes;   /* by this thread through the calls we interpose, since it began */
    uint64_t write_bytes;
    uint64_t voluntary_switches; /* of this thread: how often it waited for something; getrusage; always 0 in gVisor */
};

/* A phase begins; the one before it ends.  Written by the starting thread; a forked child starts with its parent's. */
struct event_phase_begin {
    struct event event; /* EVENT_PHASE */
    uint16_t phase;     /* enum event_phase */
    uint16_t reserved;
    uint32_t reserved2;
    struct event_usage usage;
};

/* An import of a module that was not in sys.modules: begun when `_find_and_load` is called, ended when it returns.  Nested
 * exactly, on its thread: parent is the import that was going on there.  Of a package a.b both a and a.b are imported, a inside. */
struct event_import_begin {
    struct event event;
    uint32_t id;     /* > 0, counted over the process */
    uint32_t parent; /* 0: none */
    uint32_t module; /* string: absolute name */
    uint32_t file;   /* string: where the import statement stands (innermost frame outside importlib); 0: not known */
    uint32_t line;   /* 0: not known */
    uint32_t reserved;
    uint64_t t_ns;
    uint64_t thread_cpu_ns; /* EVENT_UNKNOWN where that clock is slow (NOTE SLOW_CPU_CLOCK) */
};

struct event_import_end {
    struct event event; /* flags: FAILED */
    uint32_t id;
    uint32_t file; /* string: the module's __file__, else "built-in", "frozen" or "namespace"; 0 if it failed */
    uint64_t t_ns;
    uint64_t thread_cpu_ns;
    int64_t
        rss_self_bytes; /* growth of the resident set in this module's own part, without nested imports: read where a
                                 * stretch of own time was over 1 ms; what shorter ones before it grew falls to it too */
    uint64_t read_self_bytes; /* read by this thread in that own part through interposed calls; always exact */
};

/* A span the user named, on its thread.  sys.audit("coldspot.stage", name) … ("coldspot.stage.end", name). */
struct event_stage_begin {
    struct event event;
    uint32_t id;     /* > 0, counted over the process */
    uint32_t parent; /* the stage this thread was in; 0: none */
    uint32_t name;   /* string */
    int32_t call;    /* invocation; EVENT_NO_CALL outside */
    uint64_t t_ns;
    uint64_t thread_cpu_ns;
};

struct event_stage_end {
    struct event event; /* flags: OPEN */
    uint32_t id;
    uint32_t reserved;
    uint64_t t_ns;
    uint64_t thread_cpu_ns;
};

/* One invocation: sys.audit("coldspot.call", index) … ("coldspot.call.end", index).  At the begin everything is read before t_ns,
 * at the end after it: what reading costs lies outside the invocation. */
struct event_call {
    struct event event; /* EVENT_CALL_BEGIN, EVENT_CALL_END */
    int32_t index;      /* as given; 0 is the first call */
    uint32_t reserved;
    struct event_usage usage;
};

/* What a thread did in libc: the calls of about 100 ms in one context with one target, or one call of EVENT_LONG_NS or more.
 * Written when its first call begins and brought up to date in place by its own thread until CLOSED: what a killed process was
 * doing stands there, as busy_since_ns != 0.  A call that moves no bytes (open, fstat, close) joins the record of the same
 * target; the record's kind is then that of the calls that move bytes. */
struct event_io {
    struct event event;     /* flags: CLOSED, LONG, FAILED */
    uint16_t kind;          /* enum event_io_kind */
    uint8_t object;         /* enum event_object */
    uint8_t phase;          /* enum event_phase */
    uint32_t target;        /* string: a file's absolute path, "host:port", "unix:PATH", a program, "pipe"; 0: none */
    uint64_t first_ns;      /* when the first call began */
    uint64_t last_ns;       /* when the last one that is counted ended */
    uint64_t wall_ns;       /* sum over the calls: at most last_ns - first_ns */
    uint64_t longest_ns;    /* the longest of them */
    uint64_t busy_since_ns; /* a call that began then has not returned yet; 0: none */
    uint64_t bytes;         /* moved; 0 for calls that move none */
    uint32_t calls;         /* that returned */
    uint32_t import;        /* import id going on on this thread; 0: none */
    uint32_t stage;         /* stage id likewise */
    int32_t call;           /* invocation; EVENT_NO_CALL outside */
    uint32_t site_file;     /* string: the user's innermost file; 0: not known (or the import's own machinery) */
    uint32_t site_line;
    uint32_t peer; /* CHILD: the child's pid; else 0 */
    uint32_t reserved;
};

/* The process at one instant, by the agent's thread, rss_hz times a second. */
struct event_sample {
    struct event event;
    uint64_t t_ns;
    uint64_t rss_bytes;
    uint64_t process_cpu_ns;
    uint64_t major_faults;
    uint64_t read_chars;     /* /proc/self/io rchar: bytes through read(), from anywhere */
    uint64_t read_bytes;     /* /proc/self/io read_bytes: from storage; EVENT_UNKNOWN in gVisor */
    uint64_t start_cpu_ns;   /* the starting thread's CPU time */
    uint64_t start_delay_ns; /* the starting thread's run delay (schedstat) */
    uint32_t threads;        /* of the process, without the agent's own */
    uint32_t start_state;    /* the starting thread's letter in stat: 'R', 'S', 'D'…; 0: not known */
    uint64_t file_bytes;     /* of rss_bytes: pages of files and shared memory; statm; EVENT_UNKNOWN in gVisor */
    uint64_t python_bytes;   /* live in Python's own allocations, estimated; EVENT_UNKNOWN: not followed */
    uint64_t native_bytes;   /* live in those of native code, likewise */
};

/* A child process was made.  Its own recording, where there is one, has ppid = our pid (or parent_id = our id). */
struct event_child {
    struct event event;
    uint64_t t_ns;
    uint32_t pid;     /* 0: not known at that time */
    uint32_t how;     /* enum event_how */
    uint32_t program; /* string: the program's path (never its arguments); 0: a fork, or not known */
    uint32_t site_file;
    uint32_t site_line;
    uint32_t reserved;
};

/* The process is about to become another program.  When records follow it, that failed. */
struct event_exec {
    struct event event;
    uint64_t t_ns;
    uint32_t program; /* string */
    uint32_t reserved;
};

/* Whether a module's code ran after the app's imports were done; written at the end of the process. */
struct event_use {
    struct event event;
    uint32_t module; /* string */
    uint32_t used;   /* enum event_used */
};

struct event_note {
    struct event event;
    uint32_t code; /* enum event_note_code */
    uint32_t text; /* string; 0: none */
    uint64_t number;
};

/* From here to the block's end (or the next such record) the records are this thread's: the rest of a block whose thread
 * has ended is taken over by a new one. */
struct event_thread {
    struct event event;
    uint32_t tid;
    uint32_t reserved;
    uint64_t t_ns;
};

/* A node of the tree of stacks: a line of a function, called from the parent's.  Whole before any sample that names it. */
struct event_stack_node {
    struct event event;
    uint32_t id;       /* > 0, counted over the process: a parent's is smaller */
    uint32_t parent;   /* 0: the outermost frame */
    uint32_t function; /* string: its qualified name (before 3.11 its plain name) */
    uint32_t file;     /* string */
    uint32_t line;     /* 0: none */
    uint32_t reserved;
};

/* A thread was seen in one stack and state, at first_ns and at every sample from there to last_ns.  Brought up to date in place
 * while nothing changes.  One sample is taken at a random instant of each 1/sample_hz: weight_ns estimates the time in it. */
struct event_stack_sample {
    struct event event;
    uint32_t tid;  /* 0: this Python does not say */
    uint32_t node; /* the innermost frame; 0: it ran no Python */
    uint8_t state; /* enum event_state */
    uint8_t phase; /* enum event_phase */
    uint16_t reserved;
    int32_t call; /* invocation; EVENT_NO_CALL outside */
    uint64_t first_ns;
    uint64_t last_ns;
    uint64_t weight_ns; /* samples times the length of their slots */
    uint32_t samples;
    uint32_t interpreter; /* its number: 0 is the main one */
    uint32_t task;        /* string: the name of the asyncio task that the thread runs; 0: none */
    uint32_t task_node;   /* the node of that task's outermost coroutine */
};

/* Asyncio's tasks of one name that were found suspended in one place and phase: node is the innermost coroutine's, or below it one
 * without a file, "task NAME": the task that they wait for.  Brought up to date in place. */
struct event_tasks {
    struct event event; /* EVENT_TASKS */
    uint32_t name;      /* string; "(other tasks)" when there were too many names */
    uint32_t node;
    uint8_t phase; /* enum event_phase */
    uint8_t reserved[3];
    uint32_t samples;
    uint64_t first_ns;
    uint64_t last_ns;
    uint64_t weight_ns; /* over all these tasks */
    uint32_t most;      /* of them at the same time */
    uint32_t reserved2;
};

/* An event loop left its poll (epoll_wait) at began_ns and came back to it at ended_ns, EVENT_STRETCH_NS or more later.  Written at
 * its end by the loop's thread, if that runs Python.  The loop need not have been running: the samples of that time say. */
struct event_stretch {
    struct event event;
    uint64_t began_ns;
    uint64_t ended_ns;
    int32_t call;  /* invocation; EVENT_NO_CALL outside */
    uint8_t phase; /* enum event_phase */
    uint8_t reserved[3];
};

/* What was allocated at one site, estimated from a sample: one allocation in each mean_bytes on average, all of 4 MiB and more.
 * Brought up to date in place.  At the peak the site held peak_bytes if its epoch is that of EVENT_ALLOC_PEAK, else what it
 * holds now, live_bytes: it was not touched since. */
struct event_alloc_site {
    struct event event;
    uint32_t node; /* of the tree of stacks; 0: no Python frame */
    uint32_t kind; /* enum event_alloc */
    uint64_t epoch;
    uint64_t live_bytes; /* not freed yet */
    uint64_t peak_bytes;
    uint64_t total_bytes;  /* ever allocated */
    uint32_t live_samples; /* what the estimates rest on */
    uint32_t peak_samples;
    uint64_t live_variance; /* of the estimates, in KiB squared */
    uint64_t peak_variance;
    uint64_t total_samples;
    uint64_t calls;      /* as held_bytes is counted: if it is that of EVENT_ALLOC_PEAK, else live_bytes was held */
    uint64_t held_bytes; /* at the end of the last invocation */
    uint64_t held_variance;
    uint64_t
        early_bytes; /* at the end of the EVENT_EARLY_CALLS-th invocation; while `calls` is below that: live_bytes */
    uint64_t early_variance;
    uint64_t untouched_bytes; /* of what it held at the peak of this epoch: pages that were not in memory */
    uint64_t untouched_epoch; /* another than that of EVENT_ALLOC_PEAK: none */
};

#define EVENT_EARLY_CALLS 2u /* the first call, and one more: what is built on first use is there */

/* One a recording, brought up to date in place. */
struct event_alloc_peak {
    struct event event;
    uint64_t epoch;      /* counts the readings of the resident set that were its peak so far */
    uint64_t t_ns;       /* of the last of them */
    uint64_t live_bytes; /* the sum over all sites */
    uint64_t peak_bytes; /* at t_ns, without what was untouched */
    uint64_t mean_bytes; /* of the sampling distance */
    uint64_t calls;      /* invocations that ended */
    uint64_t lost;       /* samples that could not be kept: the tables were full */
    uint64_t rss_bytes;  /* at t_ns */
    uint64_t file_bytes; /* of rss_bytes, as in EVENT_SAMPLE */
    uint64_t
        knows_untouched; /* 0: mincore answers "in memory" for every page here (gVisor): untouched memory counts as held */
};

#endif
