/* Interposed calls that change what this process may do. */
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/interposed.h"

#ifndef PR_SET_SECCOMP
#define PR_SET_SECCOMP 22
#endif

/* Kernel calls that refuse a process with threads must find one without ours. */
EXPORT int unshare(int flags)
{
    bool running = agent.on && agent.pid == (uint32_t)syscall(SYS_getpid);
    if (running)
        sampler_stop(&agent.sampler);
    int failed = REAL(unshare)(flags);
    if (running)
        sampler_restart_later(&agent.sampler);
    return failed;
}

EXPORT int setns(int fd, int type)
{
    bool running = agent.on && agent.pid == (uint32_t)syscall(SYS_getpid);
    if (running)
        sampler_stop(&agent.sampler);
    int failed = REAL(setns)(fd, type);
    if (running)
        sampler_restart_later(&agent.sampler);
    return failed;
}

/* A filter may kill for a kernel call of ours: from here on there are none. */
static void leave_alone(void)
{
    int error = errno;
    struct agent_thread *self = agent_enter(false);
    if (self) {
        agent_note(self, EVENT_NOTE_SECCOMP, 0, NULL);
        sampler_stop(&agent.sampler);
        agent.on = false;
        agent_leave(self);
    }
    errno = error;
}

EXPORT int prctl(int option, ...)
{
    va_list rest;
    va_start(rest, option);
    unsigned long one = va_arg(rest, unsigned long), two = va_arg(rest, unsigned long);
    unsigned long three = va_arg(rest, unsigned long), four = va_arg(rest, unsigned long);
    va_end(rest);
    if (option == PR_SET_SECCOMP)
        leave_alone();
    return REAL(prctl)(option, one, two, three, four);
}

/* libseccomp's */
EXPORT int seccomp_load(const void *filter)
{
    __typeof__(&seccomp_load) load = REAL(seccomp_load);
    if (!load)
        return -ENOSYS;
    leave_alone();
    return load(filter);
}
