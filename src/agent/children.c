/* Interposed calls that make processes, wait for them, or replace this one. */
#include "agent/children.h"

#include <alloca.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/interposed.h"
#include "agent/io.h"
#include "agent/preload.h"
#include "agent/site.h"

/* ---- what is known about children ---- */

uint32_t children_program(const struct children *children, uint32_t pid)
{
    for (int i = 0; pid && i < CHILDREN_MAX; i++)
        if (children->known[i].pid == pid)
            return children->known[i].program;
    return 0;
}

void children_expect(struct agent_thread *self, const char *program, uint32_t length)
{
    struct children_pending *pending = &self->pending;
    struct site site = {0};
    site_find(self, &site);
    pending->length = (uint16_t)(length < CHILDREN_PATH ? length : CHILDREN_PATH - 1);
    memcpy(pending->program, program, pending->length);
    pending->program[pending->length] = 0;
    pending->site_file = site.file;
    pending->site_line = site.line;
    pending->pid = 0;
}

/* Whether a program started with this environment comes without us.  NULL is the process's own. */
static bool lacks_us(char *const environment[])
{
    for (char *const *entry = environment ? environment : environ; entry && *entry; entry++)
        if (strncmp(*entry, "LD_PRELOAD=", 11) == 0)
            return strstr(*entry, agent.directory) == NULL;
    return true;
}

static void note_lack(struct agent_thread *self, const char *program)
{
    uint32_t noted = 0;
    if (__atomic_compare_exchange_n(&agent.children.noted_lack, &noted, 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        agent_note(self, EVENT_NOTE_PRELOAD_REMOVED, 0, agent.start.redact ? NULL : program);
}

void children_made(struct agent_thread *self, unsigned how, uint32_t pid)
{
    struct children_pending *pending = &self->pending;
    if (pid == 0)
        pid = pending->pid;
    if (pending->lacks_us)
        note_lack(self, pending->program);
    uint32_t program = writer_private_string(&agent.writer, &self->writer, pending->program, pending->length);
    struct event_child *child = writer_reserve(&agent.writer, &self->writer, EVENT_CHILD, sizeof(*child));
    if (child) {
        child->t_ns = agent_now();
        child->pid = pid;
        child->how = how;
        child->program = program;
        child->site_file = pending->site_file;
        child->site_line = pending->site_line;
        writer_commit(&self->writer, child, sizeof(*child));
    }
    uint32_t place = __atomic_fetch_add(&agent.children.next, 1, __ATOMIC_RELAXED) % CHILDREN_MAX;
    agent.children.known[place].pid = pid;
    agent.children.known[place].program = program;
    memset(pending, 0, sizeof(*pending));
}

/* ---- making them ---- */

EXPORT pid_t fork(void)
{
    pid_t pid = REAL(fork)();
    if (pid <= 0)
        return pid;
    int error = errno;
    struct agent_thread *self = agent_enter(true);
    if (self) {
        children_made(self, EVENT_HOW_FORK, (uint32_t)pid);
        agent_leave(self);
    }
    errno = error;
    return pid;
}

/* vfork returns twice into its caller's frame, so it cannot be wrapped by a C function: the stub notes that it was called and
 * jumps on.  While the child runs on this thread's memory, agent_enter lets nothing in; what the child said is written when
 * the parent comes in again. */
__attribute__((used)) static void *note_vfork(void)
{
    agent_self.vforked = agent.on && !agent_self.busy;
    return real_get(REAL_vfork);
}

#if defined(__x86_64__)
__asm__(".globl vfork\n"
        ".type vfork, @function\n"
        "vfork:\n"
        "    endbr64\n"
        "    subq $8, %rsp\n"
        "    call note_vfork\n"
        "    addq $8, %rsp\n"
        "    jmp *%rax\n"
        ".size vfork, . - vfork\n");
#elif defined(__aarch64__)
__asm__(".globl vfork\n"
        ".type vfork, %function\n"
        "vfork:\n"
        "    stp x29, x30, [sp, #-16]!\n"
        "    bl note_vfork\n"
        "    ldp x29, x30, [sp], #16\n"
        "    br x0\n"
        ".size vfork, . - vfork\n");
#endif

#define PROGRAM(path, fd, search) ((struct preload_program){path, fd, search})

static int spawned(int failed, const pid_t *pid, const char *path, char *const environment[])
{
    int error = errno;
    struct agent_thread *self = failed || !path ? NULL : agent_enter(true);
    if (self) {
        children_expect(self, path, (uint32_t)strlen(path));
        children_made(self, EVENT_HOW_SPAWN, pid ? (uint32_t)*pid : 0);
        if (lacks_us(environment))
            note_lack(self, path);
        agent_leave(self);
    }
    errno = error;
    return failed;
}

EXPORT int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                       const posix_spawnattr_t *attributes, char *const arguments[], char *const environment[])
{
    pid_t made = 0;
    size_t bytes = preload_copy_bytes(PROGRAM(path, AT_FDCWD, false), environment);
    char *const *env = bytes ? preload_copy(alloca(bytes), environment) : environment;
    int failed = REAL(posix_spawn)(&made, path, actions, attributes, arguments, env);
    if (pid && !failed)
        *pid = made;
    return spawned(failed, &made, path, env);
}

EXPORT int posix_spawnp(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                        const posix_spawnattr_t *attributes, char *const arguments[], char *const environment[])
{
    pid_t made = 0;
    size_t bytes = preload_copy_bytes(PROGRAM(path, AT_FDCWD, true), environment);
    char *const *env = bytes ? preload_copy(alloca(bytes), environment) : environment;
    int failed = REAL(posix_spawnp)(&made, path, actions, attributes, arguments, env);
    if (pid && !failed)
        *pid = made;
    return spawned(failed, &made, path, env);
}

/* ---- waiting for them ---- */

static bool begin_child(struct io_call *call, uint32_t pid)
{
    int error = errno;
    struct agent_thread *self = agent_enter(true);
    if (!self)
        return false;
    uint32_t program = children_program(&agent.children, pid);
    agent_leave(self);
    errno = error;
    bool begun = io_begin_target(call, EVENT_IO_CHILD, EVENT_OBJECT_NONE, program);
    if (begun) {
        call->peer = pid;
        if (call->record && call->record->calls == 0)
            call->record->peer = pid;
    }
    return begun;
}

static pid_t end_child(struct io_call *call, pid_t pid)
{
    if (pid > 0 && call->peer == 0) {
        call->peer = (uint32_t)pid;
        call->target = children_program(&agent.children, (uint32_t)pid);
    }
    io_end(call, 0, pid < 0);
    return pid;
}

/* X(name, parameters, arguments, pid, waits) */
#define WAIT_CALLS(X)                                                                                                  \
    X(wait, (int *status), (status), 0, true)                                                                          \
    X(waitpid, (pid_t pid, int *status, int options), (pid, status, options), pid, !(options & WNOHANG))               \
    X(wait3, (int *status, int options, struct rusage *usage), (status, options, usage), 0, !(options & WNOHANG))      \
    X(wait4, (pid_t pid, int *status, int options, struct rusage *usage), (pid, status, options, usage), pid,          \
      !(options & WNOHANG))

#define WAIT_CALL(name, parameters, arguments, pid, waits)                                                             \
    EXPORT pid_t name parameters                                                                                       \
    {                                                                                                                  \
        struct io_call call;                                                                                           \
        if (!(waits) || !begin_child(&call, (pid) > 0 ? (uint32_t)(pid) : 0))                                          \
            return REAL(name) arguments;                                                                               \
        return end_child(&call, REAL(name) arguments);                                                                 \
    }
WAIT_CALLS(WAIT_CALL)

EXPORT int waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
    struct io_call call;
    if (options & WNOHANG || !begin_child(&call, type == P_PID ? (uint32_t)id : 0))
        return REAL(waitid)(type, id, info, options);
    return io_end_int(&call, REAL(waitid)(type, id, info, options));
}

/* The program that system() and popen() start is the shell. */
EXPORT int system(const char *command)
{
    struct io_call call;
    int error = errno;
    struct agent_thread *self = command ? agent_enter(true) : NULL;
    if (!self)
        return REAL(system)(command);
    uint32_t shell = agent_string(self, "/bin/sh");
    agent_leave(self);
    errno = error;
    if (!io_begin_target(&call, EVENT_IO_CHILD, EVENT_OBJECT_NONE, shell))
        return REAL(system)(command);
    int status = REAL(system)(command);
    io_end(&call, 0, false);
    return status;
}

EXPORT int pclose(FILE *stream)
{
    struct io_call call;
    if (!io_begin_target(&call, EVENT_IO_CHILD, EVENT_OBJECT_NONE, 0))
        return REAL(pclose)(stream);
    return io_end_int(&call, REAL(pclose)(stream));
}

/* ---- becoming another program ---- */

/* Before an exec.  In a vforked child, on its parent's memory, only a note to the parent. */
static bool begin_exec(const char *path, char *const environment[])
{
    struct agent_thread *self = &agent_self;
    int error = errno;
    if (path && self->vforked && (uint32_t)syscall(SYS_getpid) != agent.pid) {
        struct children_pending *pending = &self->pending;
        size_t length = strnlen(path, CHILDREN_PATH - 1);
        memcpy(pending->program, path, length);
        pending->program[length] = 0;
        pending->length = (uint16_t)length;
        pending->pid = (uint32_t)syscall(SYS_getpid);
        pending->lacks_us = lacks_us(environment);
        errno = error;
        return false;
    }
    self = path ? agent_enter(false) : NULL;
    if (!self) {
        errno = error;
        return false;
    }
    uint32_t program = writer_private_string(&agent.writer, &self->writer, path, strlen(path));
    struct event_exec *exec = writer_reserve(&agent.writer, &self->writer, EVENT_EXEC, sizeof(*exec));
    if (exec) {
        exec->t_ns = agent_now();
        exec->program = program;
        writer_commit(&self->writer, exec, sizeof(*exec));
    }
    if (lacks_us(environment))
        note_lack(self, path);
    writer_end(&agent.writer, EVENT_END_REPLACED, 0);
    agent_leave(self);
    errno = error;
    return true;
}

/* An exec that returns has failed: the recording goes on. */
static int end_exec(bool begun, int failed)
{
    if (begun && agent.writer.header) {
        agent.writer.header->ended_ns = 0;
        __atomic_store_n(&agent.writer.header->end, EVENT_END_RUNNING, __ATOMIC_SEQ_CST);
    }
    return failed;
}

/* X(name, parameters, path, program, environment, call): `call` is made with `env`, the environment that can be loaded there. */
#define EXEC_CALLS(X)                                                                                                  \
    X(execve, (const char *path, char *const arguments[], char *const environment[]), path, (path, AT_FDCWD, false),   \
      environment, REAL(execve)(path, arguments, env))                                                                 \
    X(execv, (const char *path, char *const arguments[]), path, (path, AT_FDCWD, false), environ,                      \
      REAL(execve)(path, arguments, env))                                                                              \
    X(execvp, (const char *path, char *const arguments[]), path, (path, AT_FDCWD, true), environ,                      \
      REAL(execvpe)(path, arguments, env))                                                                             \
    X(execvpe, (const char *path, char *const arguments[], char *const environment[]), path, (path, AT_FDCWD, true),   \
      environment, REAL(execvpe)(path, arguments, env))                                                                \
    X(execveat, (int fd, const char *path, char *const arguments[], char *const environment[], int flags), path,       \
      (path, fd, false), environment, REAL(execveat)(fd, path, arguments, env, flags))                                 \
    X(fexecve, (int fd, char *const arguments[], char *const environment[]), "/proc/self/fd", ("", fd, false),         \
      environment, REAL(fexecve)(fd, arguments, env))

#define EXEC_CALL(name, parameters, path, program, environment, call)                                                  \
    EXPORT int name parameters                                                                                         \
    {                                                                                                                  \
        size_t bytes = preload_copy_bytes(PROGRAM program, environment);                                               \
        char *const *env = bytes ? preload_copy(alloca(bytes), environment) : environment;                             \
        bool begun = begin_exec(path, env);                                                                            \
        return end_exec(begun, call);                                                                                  \
    }
EXEC_CALLS(EXEC_CALL)

/* ---- leaving ---- */

EXPORT void _exit(int status)
{
    agent_end(EVENT_END_QUICK, status);
    REAL(_exit)(status);
    __builtin_unreachable();
}

EXPORT void _Exit(int status)
{
    agent_end(EVENT_END_QUICK, status);
    REAL(_Exit)(status);
    __builtin_unreachable();
}
