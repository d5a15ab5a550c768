/* A run as a value: what ingest builds from recordings, put writes, ask reads, and every judgement looks at.
 * Times are seconds, sizes bytes.  All of it lives in one arena, the caller's. */
#ifndef COLDSPOT_STORE_RUN_H
#define COLDSPOT_STORE_RUN_H

#include "base/arena.h"

/* The phases of a start, in order, then those of what follows it. */
enum run_phase {
    RUN_CONTAINER_START,
    RUN_INTERPRETER_START,
    RUN_PLATFORM_INIT,
    RUN_IMPORT,
    RUN_GLOBAL_INIT,
    RUN_ENTER,
    RUN_FIRST_CALL,
    RUN_EXEC,
    RUN_EXIT,
    RUN_PHASES
};

enum { RUN_COLD_PHASES = RUN_EXEC };

enum run_wait {
    RUN_ON_CPU,
    RUN_RUNNABLE,
    RUN_DISK,
    RUN_NETWORK,
    RUN_LOCK,
    RUN_GPU,
    RUN_SLEEP,
    RUN_CHILD,
    RUN_UNKNOWN,
    RUN_WAITS
};

enum run_origin { RUN_USER, RUN_STDLIB, RUN_DEPENDENCY, RUN_PLATFORM, RUN_HARNESS, RUN_ORIGINS };

enum run_io_kind { RUN_IO_FILE, RUN_IO_NETWORK, RUN_IO_SLEEP, RUN_IO_LOCK, RUN_IO_CHILD, RUN_IO_OTHER, RUN_IO_KINDS };

enum run_outcome { RUN_OK, RUN_FAILED, RUN_TIMEOUT, RUN_EXITED, RUN_KILLED, RUN_OOM, RUN_INTERRUPTED, RUN_OUTCOMES };

/* The words of output, store and docs for the above; the reverse answers -1 for a word that is none. */
const char *run_phase_name(enum run_phase phase);
const char *run_wait_name(enum run_wait wait);
const char *run_origin_name(enum run_origin origin);
const char *run_io_name(enum run_io_kind kind);
const char *run_outcome_name(enum run_outcome outcome);
const char *run_curve_name(unsigned kind); /* "batch", "concurrency" */
int run_phase_of(struct str name);
int run_wait_of(struct str name);
int run_origin_of(struct str name);
int run_io_of(struct str name);
int run_outcome_of(struct str name);
int run_curve_of(struct str name);

enum { RUN_NONE = -1 }; /* no import, no invocation */

struct run_import {
    struct str module;
    int32_t parent; /* index into the start's imports, or RUN_NONE */
    enum run_phase phase;
    enum run_origin origin;
    struct str path; /* the module's own file; "built-in", "frozen" or empty when it has none */
    struct str file; /* of the import statement, empty when not in a file */
    uint32_t line;
    double start_s, self_s, total_s; /* start_s: since the container was asked for */
    int64_t rss_bytes;               /* growth of the resident set during its self time */
    uint64_t read_bytes;             /* read during its self time */
    int used;                        /* 1, 0, -1: unknown */
};

struct run_io {
    enum run_io_kind kind;
    enum run_phase phase;
    int32_t import;     /* index into the start's imports, or RUN_NONE */
    int32_t invocation; /* 0 the first call, or RUN_NONE */
    struct str stage, target;
    struct str file; /* the user's line that opened the target */
    uint32_t line;
    bool starting; /* on the starting thread */
    uint64_t calls, bytes_in, bytes_out;
    uint64_t mapped_bytes; /* of the file, into memory: read as they are touched, if ever */
    double wall_s;
    double first_s,
        last_s; /* its first call began, its last one (the closing, of a file) ended; since the container was asked for */
    int64_t rss_bytes; /* growth of the resident set from its first call to its last */
};

struct run_stage {
    struct str name, parent;
    enum run_phase phase;
    uint64_t calls;
    double wall_s;
};

struct run_invocation {
    uint32_t number; /* 0: the first call */
    double wall_s;
    uint64_t peak_bytes;
    uint64_t end_bytes; /* resident when it ended */
};

struct run_sample {
    double at_s;
    uint64_t rss_bytes;
    double cpu_s;
    uint64_t file_bytes;                 /* of rss_bytes: of files and shared memory; 0: not known */
    uint64_t python_bytes, native_bytes; /* live and touched, estimated from sampled allocations; 0: not known */
};

/* A line of a function, called from its parent's. */
struct run_frame {
    int32_t parent;            /* index into the start's frames, smaller than its own, or RUN_NONE */
    struct str function, file; /* qualified name; file empty where it is no frame of Python's */
    uint32_t line;
};

/* How long a thread was in one stack and state, estimated from samples. */
struct run_stack {
    int32_t frame; /* the innermost, index into the start's frames */
    enum run_phase phase;
    enum run_wait wait;
    bool gil;             /* the lock waited for is Python's global one */
    bool in_call;         /* the thread was inside an invocation */
    uint32_t thread;      /* 0: the starting thread; the others as they were met */
    uint32_t interpreter; /* Python's number of it; 0: the main one */
    double wall_s;
    uint64_t samples;
    struct str task;    /* the asyncio task that the thread ran; empty: none */
    int32_t task_frame; /* of that task's outermost coroutine; only with a task */
    bool suspended;     /* no thread's, but a task's that waited: exports only */
};

/* Asyncio's tasks of one name that were suspended in one place: how long in all, estimated from samples. */
struct run_task {
    struct str name;
    int32_t frame; /* the innermost, of the coroutine that waits: index into the start's frames */
    enum run_phase phase;
    double wall_s; /* over all of them */
    uint64_t samples;
    uint64_t most; /* at the same time */
};

/* An event loop that a step keeps for longer is blocked: what asyncio itself calls slow (loop.slow_callback_duration). */
#define RUN_BLOCKED_S 0.1

/* How long an event loop was not back at its poll, exactly, and what ran meanwhile, by samples. */
struct run_stretch {
    enum run_phase phase;
    int32_t invocation; /* 0 the first call, or RUN_NONE */
    double at_s;        /* since the container was asked for */
    double wall_s;
    double runnable_s;  /* of it, when the thread wanted a CPU and had none */
    int32_t frame;      /* the function that ran most of it, at its line that did: index into the start's frames */
    double frame_s;     /* of wall_s, in that function */
    enum run_wait wait; /* what the thread did most of the time */
    uint64_t samples;
};

/* What one line held when the heap was largest, estimated from sampled allocations. */
struct run_memory {
    int32_t frame;   /* the innermost, index into the start's frames; RUN_NONE: no Python */
    struct str kind; /* of EVENT_ALLOCS */
    uint64_t peak_bytes, held_bytes,
        total_bytes;           /* at the peak; when the last call ended (or the program); ever allocated */
    double error_bytes;        /* standard error of peak_bytes */
    uint64_t samples;          /* that peak_bytes rests on */
    uint64_t early_bytes;      /* when the second call ended: held_bytes above it were added by later calls */
    double growth_error_bytes; /* standard error of held_bytes - early_bytes, at most */
};

struct run_start {
    uint32_t number;
    bool snapshot;
    bool complete; /* its first call returned; a command: its process ended by itself */
    enum run_outcome outcome;
    int exit_code, signal; /* 0 when not applicable */
    double wall_s, harness_s, attributed_s;
    double cpu_s, span_s, cpu_peak_cores;
    uint64_t peak_bytes, end_bytes;
    uint64_t children, dropped;
    double phases_s[RUN_PHASES], phases_cpu_s[RUN_PHASES];
    double waits_s[RUN_WAITS];
    array_of(struct run_import) imports;
    array_of(struct run_io) ios;
    array_of(struct run_stage) stages;
    array_of(struct run_invocation) invocations;
    array_of(struct run_sample) samples;
    array_of(struct run_frame) frames;
    array_of(struct run_stack) stacks;
    array_of(struct run_task) tasks;
    array_of(struct run_stretch) stretches; /* longest first */
    array_of(struct run_memory) memory;     /* largest at the peak first */
    uint64_t heap_peak_bytes;               /* of all sites together; 0: not followed */
    array_of(struct str) notes;
};

/* A call of another size than the run's own: with so many inputs, or beside so many others (itself counted). */
enum run_curve_kind { RUN_CURVE_BATCH, RUN_CURVE_CONCURRENCY, RUN_CURVES };

struct run_point {
    enum run_curve_kind kind;
    uint32_t size;
    double wall_s;
};

enum { RUN_SCALING_FIELDS = 8 };

/* How the app has its containers scaled; 0: not set. */
struct run_scaling {
    double min_containers, max_containers, buffer_containers;
    double max_inputs, target_inputs;
    double max_batch_size, wait_ms;
    double batch; /* inputs that the run's own calls of a batched function had */
};

/* Its numbers by the names that settings and store have for them. */
struct run_scaling_field {
    const char *key;
    size_t offset;
};
extern const struct run_scaling_field run_scaling_fields[RUN_SCALING_FIELDS];

/* What the function asks for; a negative number is "not set". */
struct run_target {
    struct str file; /* as it is shown: relative to the working directory where it lies under it */
    struct str function;
    struct str kind;     /* function | method | web | lambda | plain | command ... */
    struct str provider; /* modal | aws-lambda | none */
    struct str gpu;      /* empty: none */
    uint32_t gpu_count;
    double cpu, cpu_limit; /* cores */
    double memory_bytes, memory_limit_bytes;
    double timeout_s, scaledown_window_s;
    struct run_scaling scaling;
    struct str region;
    bool nonpreemptible, memory_snapshot;
};

struct run_environment {
    struct str python, python_path, sandbox, cache, kernel;
    uint32_t cpus;
    uint64_t memory_bytes;
    array_of(struct str) lacks;
};

struct run {
    struct str id;
    uint64_t started_at_ns;
    bool finished;
    struct str commit, input_digest; /* empty: none */
    struct run_target target;
    struct run_environment environment;
    array_of(struct run_start) starts;
    array_of(struct run_point) points; /* of the curves, in the order of measuring */
};

/* What calls of one size took: `size` inputs in one call, or `size` calls at once. */
struct run_size {
    uint32_t size;
    size_t n;
    double mean_s, p50_s;
};

/* The points of one kind by size, ascending, in the arena; how many there are. */
size_t run_curve(struct arena *arena, const struct run *run, enum run_curve_kind kind, struct run_size **sizes_out);

/* What of the stretch the function itself took: waiting for a CPU is the machine's.  Whether that blocked a loop of the
 * user's. */
double run_stretch_s(const struct run_stretch *stretch);
bool run_is_blocked(const struct run_stretch *stretch);

/* A function that blocked an event loop, all its stretches together. */
struct run_blocker {
    const struct run_frame *frame; /* at the line of the longest */
    const struct run_stretch *longest;
    uint64_t times;
    double all_s; /* of whole stretches, as run_stretch_s has them */
};

struct run_blockers {
    struct run_blocker *items;
    size_t len, cap;
};

/* One a function, the one with the longest stretch first; in the arena. */
struct run_blockers run_blockers(struct arena *arena, const struct run_start *start);

/* Whether the frame is in a file of the user's: those are kept relative to the working directory, all others are absolute or no
 * files. */
bool run_is_users(const struct run_frame *frame);

/* The innermost frame of the user's at or above this one; NULL when there is none. */
const struct run_frame *run_users_frame(const struct run_start *start, int32_t frame);

/* Whether its times count: it is complete and nobody interrupted it. */
bool run_start_counts(const struct run_start *start);

/* The lower median by wall time of the starts of one kind that count; NULL when none does. */
const struct run_start *run_median_start(const struct run *run, bool snapshot);

#endif
