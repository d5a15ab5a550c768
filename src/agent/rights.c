/* Interposed calls that change what the process may do.
 *
 * Rights belong to threads, and ours is one that the program knows nothing of.  libc carries a change of user to every thread and
 * aborts where it succeeds in one and fails in another; capabilities and the rest are changed for one thread only, and ours must
 * not keep what the program gave up; namespaces are refused to a process with threads.  So ours is stopped first, and the one that
 * is started later has the rights of the thread that starts it.
 * Seccomp may make any call that we use deadly: then the agent is switched off for good. */
#include <grp.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/interposed.h"

static bool begin_change(void)
{
    if (!agent.on || agent_self.busy || agent.pid != (uint32_t)syscall(SYS_getpid))
        return false;
    sampler_stop(&agent.sampler);
    return true;
}

static int end_change(bool begun, int failed)
{
    if (begun)
        sampler_restart_later(&agent.sampler);
    return failed;
}

/* X(name, parameters, arguments) */
#define RIGHTS_CALLS(X)                                                                                                \
    X(setuid, (uid_t user), (user))                                                                                    \
    X(setgid, (gid_t group), (group))                                                                                  \
    X(seteuid, (uid_t user), (user))                                                                                   \
    X(setegid, (gid_t group), (group))                                                                                 \
    X(setreuid, (uid_t real, uid_t effective), (real, effective))                                                      \
    X(setregid, (gid_t real, gid_t effective), (real, effective))                                                      \
    X(setresuid, (uid_t real, uid_t effective, uid_t saved), (real, effective, saved))                                 \
    X(setresgid, (gid_t real, gid_t effective, gid_t saved), (real, effective, saved))                                 \
    X(setgroups, (size_t count, const gid_t *groups), (count, groups))                                                 \
    X(initgroups, (const char *user, gid_t group), (user, group))                                                      \
    X(capset, (void *header, const void *data), (header, data))                                                        \
    X(unshare, (int flags), (flags))                                                                                   \
    X(setns, (int fd, int type), (fd, type))

#define RIGHTS_CALL(name, parameters, arguments)                                                                       \
    EXPORT int name parameters                                                                                         \
    {                                                                                                                  \
        bool begun = begin_change();                                                                                   \
        return end_change(begun, REAL(name) arguments);                                                                \
    }
int capset(void *header, const void *data);
RIGHTS_CALLS(RIGHTS_CALL)

/* The process, or a child on its way to exec, is about to forbid itself calls. */
static void give_up(void)
{
    if (!agent.on || (agent.pid && agent.pid != (uint32_t)syscall(SYS_getpid) && agent_self.vforked))
        return;
    struct agent_thread *self = agent_enter(false);
    if (self) {
        sampler_stop(&agent.sampler);
        agent_note(self, EVENT_NOTE_SECCOMP, 0, NULL);
        agent_leave(self);
    }
    agent.on = false;
}

/* Variadic in libc's header, which is therefore not included: its callers pass what they pass. */
int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
EXPORT int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
    if (option == PR_SET_SECCOMP)
        give_up();
    bool changes = option == PR_SET_NO_NEW_PRIVS || option == PR_CAPBSET_DROP || option == PR_CAP_AMBIENT ||
                   option == PR_SET_SECUREBITS;
    bool begun = changes && begin_change();
    return end_change(begun, REAL(prctl)(option, a, b, c, d));
}

/* syscall() takes its arguments as they come, so it is not wrapped by a C function: the stub looks at the number and jumps on. */
__attribute__((used)) static void *found_syscall;
__attribute__((used)) static void note_syscall(long number)
{
    if (!found_syscall)
        found_syscall = real_get(REAL_syscall);
    if (number == SYS_seccomp)
        give_up();
}

#if defined(__x86_64__)
_Static_assert(SYS_seccomp == 317, "the number in the stub");
__asm__(".globl syscall\n"
        ".type syscall, @function\n"
        "syscall:\n"
        "    endbr64\n"
        "    cmpq $317, %rdi\n"
        "    je 1f\n"
        "    movq found_syscall(%rip), %rax\n"
        "    testq %rax, %rax\n"
        "    je 1f\n"
        "    jmp *%rax\n"
        "1:  pushq %rdi\n"
        "    pushq %rsi\n"
        "    pushq %rdx\n"
        "    pushq %rcx\n"
        "    pushq %r8\n"
        "    pushq %r9\n"
        "    subq $8, %rsp\n"
        "    call note_syscall\n"
        "    addq $8, %rsp\n"
        "    popq %r9\n"
        "    popq %r8\n"
        "    popq %rcx\n"
        "    popq %rdx\n"
        "    popq %rsi\n"
        "    popq %rdi\n"
        "    jmp *found_syscall(%rip)\n"
        ".size syscall, . - syscall\n");
#elif defined(__aarch64__)
_Static_assert(SYS_seccomp == 277, "the number in the stub");
__asm__(".globl syscall\n"
        ".type syscall, %function\n"
        "syscall:\n"
        "    bti c\n"
        "    cmp x0, #277\n"
        "    b.eq 1f\n"
        "    adrp x16, found_syscall\n"
        "    ldr x16, [x16, :lo12:found_syscall]\n"
        "    cbz x16, 1f\n"
        "    br x16\n"
        "1:  stp x29, x30, [sp, #-80]!\n"
        "    stp x0, x1, [sp, #16]\n"
        "    stp x2, x3, [sp, #32]\n"
        "    stp x4, x5, [sp, #48]\n"
        "    stp x6, x7, [sp, #64]\n"
        "    bl note_syscall\n"
        "    ldp x0, x1, [sp, #16]\n"
        "    ldp x2, x3, [sp, #32]\n"
        "    ldp x4, x5, [sp, #48]\n"
        "    ldp x6, x7, [sp, #64]\n"
        "    ldp x29, x30, [sp], #80\n"
        "    adrp x16, found_syscall\n"
        "    ldr x16, [x16, :lo12:found_syscall]\n"
        "    br x16\n"
        ".size syscall, . - syscall\n");
#endif
