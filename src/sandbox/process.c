/* The process backend: fork, exec, wait, and kill what is left.  It works without any right, in containers and gVisor; what
 * the system refuses (a memory limit) is said in the result.  The time of asking is taken right before the fork and that of the
 * start when execve has closed the status pipe. */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "sandbox/cgroup.h"
#include "sandbox/keeper.h"
#include "sandbox/program.h"
#include "sandbox/tree.h"

enum { REQUEST_FD = 3, TICK_MS = 100 };
static const struct timespec no_pidfd_pause = {.tv_nsec = 1000000};

/* What the child could not do, as it comes through the status pipe. */
enum step { STEP_CGROUP, STEP_MOUNTS, STEP_CWD, STEP_FILES, STEP_EXEC };
struct failure {
    enum step step;
    int reason;
};

struct child {
    const struct sandbox_spec *spec;
    const struct clock *clock;
    const char *path;
    struct cgroup cgroup;
    int input_fd, request_fd, output_fd;
    int status_fds[2];
    pid_t pid, parent;
    uint64_t own_rss_bytes; /* ours when it was forked */
    int pidfd;              /* -1 where the kernel has none */
};

/* --- in the child --- */

static void fail(const struct child *child, enum step step, int reason)
{
    struct failure failure = {step, reason};
    ssize_t n = write(child->status_fds[1], &failure, sizeof(failure));
    _exit(n < 0 ? 126 : 127);
}

/* Handlers go with exec, but what is ignored or blocked would stay so. */
static void reset_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    for (int i = 1; i < NSIG; i++)
        signal(i, SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void set_files(const struct child *child)
{
    int request = child->request_fd;
    if (dup2(child->input_fd, 0) < 0 || dup2(child->output_fd, 1) < 0 || dup2(child->output_fd, 2) < 0)
        fail(child, STEP_FILES, errno);
    if (request == REQUEST_FD)
        fcntl(request, F_SETFD, 0);
    else if (request >= 0 && dup2(request, REQUEST_FD) < 0)
        fail(child, STEP_FILES, errno);
#ifdef SYS_close_range
    /* Descriptors that somebody gave us without close-on-exec are not the function's. */
    syscall(SYS_close_range, REQUEST_FD + (request >= 0), ~0u, 4 /* CLOSE_RANGE_CLOEXEC */);
#endif
}

static void run_child(const struct child *child)
{
    const struct sandbox_spec *spec = child->spec;
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != child->parent) /* it died before that took hold */
        _exit(126);
    reset_signals();
    if (child->cgroup.path && write(child->cgroup.procs_fd, "0", 1) < 0)
        fail(child, STEP_CGROUP, errno);
    int reason = spec->mounts ? mount_enter(spec->mounts) : 0;
    if (reason)
        fail(child, STEP_MOUNTS, reason);
    if (spec->cwd && chdir(spec->cwd))
        fail(child, STEP_CWD, errno);
    set_files(child);
    execve(child->path, (char *const *)spec->argv, (char *const *)spec->env);
    fail(child, STEP_EXEC, errno);
}

/* --- before the fork --- */

/* A descriptor that reads as these bytes, from memory only; above the numbers that the child's own will have. */
static int memory_file(struct str bytes, const char *name, int *fd_out, struct err *err)
{
    int low = memfd_create(name, MFD_CLOEXEC);
    int fd = low < 0 ? -1 : fcntl(low, F_DUPFD_CLOEXEC, 16);
    int reason = errno;
    if (low >= 0)
        close(low);
    if (fd < 0)
        return err_set(err, ERR_SYSTEM, "cannot make a file in memory: %s", strerror(reason));
    int rc = file_write_fd(fd, name, bytes, err);
    if (rc || lseek(fd, 0, SEEK_SET) < 0) {
        close(fd);
        return rc ? rc : err_set(err, ERR_SYSTEM, "cannot rewind a file in memory: %s", strerror(errno));
    }
    *fd_out = fd;
    return 0;
}

static int open_high(const char *path, int flags, int *fd_out, struct err *err)
{
    int low = open(path, flags | O_CLOEXEC);
    int fd = low < 0 ? -1 : fcntl(low, F_DUPFD_CLOEXEC, 16);
    int reason = errno;
    if (low >= 0)
        close(low);
    if (fd < 0)
        return err_set(err, ERR_SYSTEM, "cannot open '%s': %s", path, strerror(reason));
    *fd_out = fd;
    return 0;
}

static int open_output(struct child *child, struct err *err)
{
    if (child->spec->output == SANDBOX_OUTPUT_HIDDEN)
        return open_high("/dev/null", O_WRONLY, &child->output_fd, err);
    child->output_fd = fcntl(2, F_DUPFD_CLOEXEC, 16);
    if (child->output_fd < 0) /* we were started without a stderr */
        return open_high("/dev/null", O_WRONLY, &child->output_fd, err);
    return 0;
}

/* Its writing end must survive the child's dup2 to the low numbers. */
static int open_status_pipe(struct child *child, struct err *err)
{
    int fds[2];
    if (pipe2(fds, O_CLOEXEC))
        return err_set(err, ERR_SYSTEM, "cannot make a pipe: %s", strerror(errno));
    child->status_fds[0] = fds[0];
    child->status_fds[1] = fcntl(fds[1], F_DUPFD_CLOEXEC, 16);
    int reason = errno;
    close(fds[1]);
    if (child->status_fds[1] < 0)
        return err_set(err, ERR_SYSTEM, "cannot make a pipe: %s", strerror(reason));
    return 0;
}

static int open_files(struct child *child, struct err *err)
{
    const struct sandbox_spec *spec = child->spec;
    int rc = spec->input.ptr ? memory_file(spec->input, "input", &child->input_fd, err)
                             : open_high("/dev/null", O_RDONLY, &child->input_fd, err);
    if (!rc && spec->request.ptr)
        rc = memory_file(spec->request, "request", &child->request_fd, err);
    if (!rc)
        rc = open_output(child, err);
    return rc ? rc : open_status_pipe(child, err);
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void close_files(struct child *child)
{
    close_fd(&child->input_fd);
    close_fd(&child->request_fd);
    close_fd(&child->output_fd);
    close_fd(&child->status_fds[0]);
    close_fd(&child->status_fds[1]);
    close_fd(&child->pidfd);
}

static struct str env_value(const char *const *env, struct str name)
{
    for (; env && *env; env++) {
        struct str row = str_of(*env);
        if (row.len > name.len && str_starts_with(row, name) && row.ptr[name.len] == '=')
            return str_slice(row, name.len + 1, row.len);
    }
    return STR("/usr/local/bin:/usr/bin:/bin");
}

static void make_cgroup(struct arena *arena, struct child *child, struct sandbox_result *result)
{
    if (!child->spec->memory_limit_bytes)
        return;
    result->memory_not_limited_why = cgroup_make(arena, child->spec->memory_limit_bytes, &child->cgroup);
    result->memory_limited = !result->memory_not_limited_why;
}

/* --- starting --- */

static int start_error(const struct child *child, struct failure failure, struct err *err)
{
    const struct sandbox_spec *spec = child->spec;
    const char *why = strerror(failure.reason);
    switch (failure.step) {
    case STEP_CGROUP:
        return err_set(err, ERR_SYSTEM, "cannot enter the memory cgroup: %s", why);
    case STEP_MOUNTS:
        return err_set(err, ERR_SYSTEM, "cannot make the mounts for the function: %s", why);
    case STEP_CWD:
        return err_set(err, ERR_INPUT, "cannot go to the directory '%s': %s", spec->cwd, why);
    case STEP_FILES:
        return err_set(err, ERR_SYSTEM, "cannot give the program its input and output: %s", why);
    case STEP_EXEC:
        break;
    }
    return err_set(err, ERR_INPUT, "cannot run '%s': %s", child->path, why);
}

/* Returns once the program is loaded, or says why it is not. */
static int start(struct child *child, struct sandbox_result *result, struct err *err)
{
    struct failure failure;
    ssize_t n;
    child->parent = getpid();
    child->own_rss_bytes = tree_own_rss();
    result->asked_ns = clock_monotonic_ns(child->clock);
    child->pid = fork();
    if (child->pid == 0)
        run_child(child);
    if (child->pid < 0)
        return err_set(err, ERR_SYSTEM, "cannot start a process: %s", strerror(errno));
    keeper_announce(child->spec->keeper, child->pid);
    close_fd(&child->status_fds[1]);
    do
        n = read(child->status_fds[0], &failure, sizeof(failure));
    while (n < 0 && errno == EINTR);
    result->started_ns = clock_monotonic_ns(child->clock);
    if (n == (ssize_t)sizeof(failure)) {
        while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
        return start_error(child, failure, err);
    }
    child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
    return 0;
}

/* --- waiting --- */

/* True when the first process has ended (it is not reaped yet); false after a moment or a signal to us. */
static bool wait_a_moment(const struct child *child)
{
    siginfo_t info = {0};
    if (child->pidfd >= 0) {
        struct pollfd ready = {.fd = child->pidfd, .events = POLLIN};
        return poll(&ready, 1, TICK_MS) > 0;
    }
    for (int ms = 0; ms < TICK_MS; ms++) {
        if (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == child->pid)
            return true;
        if (nanosleep(&no_pidfd_pause, NULL))
            return false;
    }
    return false;
}

static enum sandbox_end wait_for_end(const struct child *child, struct sandbox_result *result)
{
    const struct sandbox_spec *spec = child->spec;
    enum sandbox_end end = SANDBOX_EXITED;
    while (!wait_a_moment(child)) {
        uint64_t elapsed_ns = clock_monotonic_ns(child->clock) - result->asked_ns;
        if (spec->timeout_ns && elapsed_ns >= spec->timeout_ns)
            end = SANDBOX_TIMED_OUT;
        else if (spec->tick && spec->tick(spec->tick_ctx, elapsed_ns))
            end = SANDBOX_STOPPED;
        if (end != SANDBOX_EXITED)
            break;
    }
    result->ended_ns = clock_monotonic_ns(child->clock);
    return end;
}

static void reap(const struct child *child, struct sandbox_result *result, struct tree_usage *usage)
{
    struct rusage rusage;
    int status = 0;
    while (wait4(child->pid, &status, 0, &rusage) < 0 && errno == EINTR)
        continue;
    tree_add_usage(usage, &rusage);
    if (WIFSIGNALED(status)) {
        result->end = SANDBOX_SIGNALLED;
        result->signal = WTERMSIG(status);
    } else {
        result->exit_code = WEXITSTATUS(status);
    }
}

static void finish(struct child *child, const struct tree_list *keep, struct sandbox_result *result)
{
    struct tree_usage usage = {0};
    result->end = wait_for_end(child, result);
    if (result->end == SANDBOX_EXITED)
        reap(child, result, &usage);
    unsigned killed = tree_kill(keep, &usage);
    result->strays = result->end == SANDBOX_TIMED_OUT || result->end == SANDBOX_STOPPED ? 0 : killed;
    result->user_ns = usage.user_ns;
    result->system_ns = usage.system_ns;
    /* The kernel counts what a child had before exec, a copy of us, into its peak. */
    result->max_rss_bytes = usage.max_rss_bytes > child->own_rss_bytes ? usage.max_rss_bytes : 0;
    result->oom_killed = cgroup_oom_kills(&child->cgroup) > 0;
}

static int run(struct arena *arena, const struct sandbox_spec *spec, struct sandbox_result *result_out, struct err *err)
{
    struct child child = {.spec = spec,
                          .clock = spec->clock ? spec->clock : &clock_system,
                          .cgroup = {.procs_fd = -1},
                          .input_fd = -1,
                          .request_fd = -1,
                          .output_fd = -1,
                          .status_fds = {-1, -1},
                          .pidfd = -1};
    struct sandbox_result result = {0};
    struct tree_list keep = {0};
    int rc = program_find(arena, str_of(spec->argv[0]), env_value(spec->env, STR("PATH")), &child.path, err);
    if (rc)
        return rc;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    tree_children(arena, &keep);
    make_cgroup(arena, &child, &result);
    rc = open_files(&child, err);
    if (!rc)
        rc = start(&child, &result, err);
    if (!rc) {
        finish(&child, &keep, &result);
        keeper_announce(spec->keeper, 0);
        *result_out = result;
    }
    close_files(&child);
    cgroup_remove(&child.cgroup);
    return rc;
}

static int check(struct err *err)
{
    (void)err;
    return 0;
}

const struct sandbox_backend sandbox_process = {
    .name = "process",
    .summary = "a fresh process a start; works everywhere",
    .check = check,
    .run = run,
};
