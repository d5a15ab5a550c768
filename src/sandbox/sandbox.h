/* Starting a program in a fresh sandbox, waiting for it, and leaving nothing of it behind.  A backend is one file and one row
 * of the table in sandbox.c; `process` works everywhere. */
#ifndef COLDSPOT_SANDBOX_SANDBOX_H
#define COLDSPOT_SANDBOX_SANDBOX_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "sandbox/keeper.h"
#include "sandbox/mount.h"

enum sandbox_output {
    SANDBOX_OUTPUT_STDERR, /* the program's stdout and stderr both go to our stderr */
    SANDBOX_OUTPUT_HIDDEN, /* both go to /dev/null */
};

/* Called about every 100 ms while the program runs, and at once after a signal came to us (a handler that only sets a flag is
 * enough).  elapsed_ns counts from `asked`.  Anything but 0 ends the program: result.end is then SANDBOX_STOPPED. */
typedef int sandbox_tick(void *ctx, uint64_t elapsed_ns);

struct sandbox_spec {
    const char *const *argv; /* ends with NULL; argv[0] without a slash is looked up on env's PATH */
    const char *const *env;  /* the whole environment, ends with NULL: see sandbox/env.h */
    const char *cwd;         /* NULL: ours */
    struct str input;        /* its standard input, any size; with ptr NULL it is /dev/null */
    struct str request;      /* bytes it can read at SANDBOX_REQUEST_PATH; with ptr NULL there is no such descriptor */
    enum sandbox_output output;
    const struct mount_plan *mounts; /* NULL: none */
    uint64_t memory_limit_bytes;     /* 0: none.  Enforced by a cgroup where we may make one, never by RLIMIT_AS */
    uint64_t timeout_ns;             /* 0: none */
    const struct clock *clock;       /* NULL: clock_system; its monotonic clock must be the kernel's CLOCK_MONOTONIC */
    sandbox_tick *tick;              /* NULL: none */
    void *tick_ctx;
    const struct keeper *keeper; /* NULL: none is told */
};

#define SANDBOX_REQUEST_PATH "/dev/fd/3"

enum sandbox_end {
    SANDBOX_EXITED,    /* exit_code says how */
    SANDBOX_SIGNALLED, /* signal says which */
    SANDBOX_TIMED_OUT, /* we killed it at the time-out */
    SANDBOX_STOPPED,   /* we killed it because tick asked for it */
};

/* What became of it.  Times are CLOCK_MONOTONIC. */
struct sandbox_result {
    uint64_t asked_ns;   /* just before the fork: where a cold start begins */
    uint64_t started_ns; /* its program was loaded (execve succeeded) */
    uint64_t ended_ns;   /* its first process had ended */
    enum sandbox_end end;
    int exit_code;
    int signal;
    bool
        oom_killed; /* the cgroup counted an OOM kill; known only where memory_limited.  Elsewhere a SANDBOX_SIGNALLED by
                            SIGKILL is not ours, and most often the OOM killer's */
    bool memory_limited; /* memory_limit_bytes was enforced */
    const char
        *memory_not_limited_why; /* a sentence when it was asked for and could not be; NULL else; lives in the arena */
    uint64_t user_ns, system_ns; /* CPU time of the tree: all that was reaped, strays too */
    uint64_t max_rss_bytes;      /* of its largest process; 0: no larger than we are ourselves, so not known */
    unsigned strays;             /* processes that outlived the first one and were killed */
};

/* One way to start programs. */
struct sandbox_backend {
    const char *name;
    const char *summary; /* for --help and doctor */

    /* 0 when it can be used on this machine; else why not, with what to install as the hint. */
    int (*check)(struct err *err);

    /* Runs spec's program to its end.  Fails (ERR_INPUT when the program is not there or cannot be executed, ERR_SYSTEM) only
     * when it could not be started; however it ends is a result.  Afterwards no process of its tree is alive: the calling
     * process becomes the reaper of orphans, so the whole tree is found, sessions and daemons too.  Not for two threads at a
     * time.  Strings in *result_out live in arena. */
    int (*run)(struct arena *arena, const struct sandbox_spec *spec, struct sandbox_result *result_out,
               struct err *err);
};

/* The one of that name, or ERR_USAGE that lists those there are. */
int sandbox_find(struct str name, const struct sandbox_backend **backend_out, struct err *err);

/* All of them, ending with NULL. */
const struct sandbox_backend *const *sandbox_all(void);

extern const struct sandbox_backend sandbox_process;

#endif
