/* Interposed calls that wait: sleeping, locks, and for one of several descriptors.
 *
 * A call that does not wait leaves no record: a semaphore is tried first, a poll with a timeout of zero passes through.  Each
 * epoll_wait, though, ends the stretch that an event loop spent without one. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/interposed.h"
#include "agent/io.h"
#include "agent/loop.h"

/* ---- sleeping ---- */

/* X(result, name, parameters, arguments) */
#define SLEEP_CALLS(X)                                                                                                 \
    X(int, nanosleep, (const struct timespec *time, struct timespec *rest), (time, rest))                              \
    X(int, clock_nanosleep, (clockid_t clock, int flags, const struct timespec *time, struct timespec *rest),          \
      (clock, flags, time, rest))                                                                                      \
    X(int, usleep, (useconds_t time), (time))                                                                          \
    X(unsigned, sleep, (unsigned time), (time))                                                                        \
    X(int, pause, (void), ())                                                                                          \
    X(int, sigwait, (const sigset_t *set, int *signal), (set, signal))                                                 \
    X(int, sigwaitinfo, (const sigset_t *set, siginfo_t *info), (set, info))                                           \
    X(int, sigtimedwait, (const sigset_t *set, siginfo_t *info, const struct timespec *timeout), (set, info, timeout))

#define SLEEP_CALL(result, name, parameters, arguments)                                                                \
    EXPORT result name parameters                                                                                      \
    {                                                                                                                  \
        struct io_call call;                                                                                           \
        if (!io_begin_target(&call, EVENT_IO_SLEEP, EVENT_OBJECT_NONE, 0))                                             \
            return REAL(name) arguments;                                                                               \
        result got = REAL(name) arguments;                                                                             \
        io_end(&call, 0, false);                                                                                       \
        return got;                                                                                                    \
    }
SLEEP_CALLS(SLEEP_CALL)

/* ---- locks ---- */

/* Two conditions of the GIL are waited for: that it is free, and that another thread took it. */
static bool begin_lock(struct io_call *call, const void *condition)
{
    enum { TAKEN_AFTER_FREE = 88 };
    const char *gil = agent.python.gil_condition;
    bool is_gil = condition && gil && (condition == gil || condition == gil + TAKEN_AFTER_FREE);
    enum event_io_kind kind = is_gil ? EVENT_IO_GIL : EVENT_IO_LOCK;
    return io_begin_target(call, kind, EVENT_OBJECT_NONE, 0);
}

/* Takes the semaphore when it is free.  As libc does, also then: a thread that was cancelled goes, and a time that is none is refused
 * (by libc itself, which is called for it). */
static bool got_at_once(sem_t *semaphore, const struct timespec *until)
{
    if (until && (until->tv_nsec < 0 || until->tv_nsec >= 1000000000))
        return false;
    pthread_testcancel();
    int error = errno;
    bool got = REAL(sem_trywait)(semaphore) == 0;
    errno = error;
    return got;
}

/* X(name, parameters, arguments, until): semaphores, which Python's locks are made of; they are also waited for when free. */
#define SEMAPHORE_CALLS(X)                                                                                             \
    X(sem_wait, (sem_t * semaphore), (semaphore), NULL)                                                                \
    X(sem_timedwait, (sem_t * semaphore, const struct timespec *until), (semaphore, until), until)                     \
    X(sem_clockwait, (sem_t * semaphore, clockid_t clock, const struct timespec *until), (semaphore, clock, until),    \
      until)

#define SEMAPHORE_CALL(name, parameters, arguments, until)                                                             \
    EXPORT int name parameters                                                                                         \
    {                                                                                                                  \
        struct io_call call;                                                                                           \
        if (agent.on && got_at_once(semaphore, until))                                                                 \
            return 0;                                                                                                  \
        if (!begin_lock(&call, NULL))                                                                                  \
            return REAL(name) arguments;                                                                               \
        int failed = REAL(name) arguments;                                                                             \
        io_end(&call, 0, false);                                                                                       \
        return failed;                                                                                                 \
    }
SEMAPHORE_CALLS(SEMAPHORE_CALL)

/* X(name, parameters, arguments) */
#define CONDITION_CALLS(X)                                                                                             \
    X(pthread_cond_wait, (pthread_cond_t * condition, pthread_mutex_t * mutex), (condition, mutex))                    \
    X(pthread_cond_timedwait, (pthread_cond_t * condition, pthread_mutex_t * mutex, const struct timespec *until),     \
      (condition, mutex, until))                                                                                       \
    X(pthread_cond_clockwait,                                                                                          \
      (pthread_cond_t * condition, pthread_mutex_t * mutex, clockid_t clock, const struct timespec *until),            \
      (condition, mutex, clock, until))

#define CONDITION_CALL(name, parameters, arguments)                                                                    \
    EXPORT int name parameters                                                                                         \
    {                                                                                                                  \
        struct io_call call;                                                                                           \
        if (!begin_lock(&call, condition))                                                                             \
            return REAL(name) arguments;                                                                               \
        int failed = REAL(name) arguments;                                                                             \
        io_end(&call, 0, false);                                                                                       \
        return failed;                                                                                                 \
    }
CONDITION_CALLS(CONDITION_CALL)

EXPORT int pthread_join(pthread_t thread, void **result)
{
    struct io_call call;
    if (!begin_lock(&call, NULL))
        return REAL(pthread_join)(thread, result);
    int failed = REAL(pthread_join)(thread, result);
    io_end(&call, 0, false);
    return failed;
}

/* ---- several descriptors ---- */

/* Without a descriptor it can only be a timer: old Pythons sleep by select. */
static bool begin_poll(struct io_call *call, bool watches)
{
    return io_begin_target(call, watches ? EVENT_IO_POLL : EVENT_IO_SLEEP, EVENT_OBJECT_NONE, 0);
}

/* A timer that fired is sleep; else the wait was for the first descriptor that is ready (`fd` -1: not known). */
static int end_poll(struct io_call *call, int ready, int fd)
{
    int error = errno;
    if (ready == 0) {
        call->kind = EVENT_IO_SLEEP;
    } else if (ready > 0 && fd >= 0) {
        struct agent_thread *self = agent_enter(false);
        if (self) {
            const struct fd *known = fds_get(self, fd);
            call->object = known->object;
            call->target = known->target;
            call->site_file = known->site_file;
            call->site_line = known->site_line;
            agent_leave(self);
        }
    }
    errno = error;
    io_end(call, 0, ready < 0);
    return ready;
}

static int first_polled(const struct pollfd *fds, nfds_t count)
{
    for (nfds_t i = 0; i < count; i++)
        if (fds[i].revents)
            return fds[i].fd;
    return -1;
}

/* X(name, parameters, arguments, waits) */
#define POLL_CALLS(X)                                                                                                  \
    X(poll, (struct pollfd * fds, nfds_t count, int timeout), (fds, count, timeout), timeout != 0)                     \
    X(__poll_chk, (struct pollfd * fds, nfds_t count, int timeout, size_t room), (fds, count, timeout, room),          \
      timeout != 0)                                                                                                    \
    X(ppoll, (struct pollfd * fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask),                \
      (fds, count, timeout, mask), !is_zero(timeout))                                                                  \
    X(__ppoll_chk,                                                                                                     \
      (struct pollfd * fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask, size_t room),          \
      (fds, count, timeout, mask, room), !is_zero(timeout))

static bool is_zero(const struct timespec *time)
{
    return time && time->tv_sec == 0 && time->tv_nsec == 0;
}

#define POLL_CALL(name, parameters, arguments, waits)                                                                  \
    EXPORT int name parameters                                                                                         \
    {                                                                                                                  \
        struct io_call call;                                                                                           \
        if (!(waits) || !begin_poll(&call, count > 0))                                                                 \
            return REAL(name) arguments;                                                                               \
        int ready = REAL(name) arguments;                                                                              \
        return end_poll(&call, ready, ready > 0 ? first_polled(fds, count) : -1);                                      \
    }
POLL_CALLS(POLL_CALL)

static int first_selected(int count, const fd_set *in, const fd_set *out)
{
    for (int fd = 0; fd < count && fd < FD_SETSIZE; fd++)
        if ((in && FD_ISSET(fd, in)) || (out && FD_ISSET(fd, out)))
            return fd;
    return -1;
}

EXPORT int select(int count, fd_set *in, fd_set *out, fd_set *other, struct timeval *timeout)
{
    struct io_call call;
    if ((timeout && timeout->tv_sec == 0 && timeout->tv_usec == 0) || !begin_poll(&call, count > 0))
        return REAL(select)(count, in, out, other, timeout);
    int ready = REAL(select)(count, in, out, other, timeout);
    return end_poll(&call, ready, ready > 0 ? first_selected(count, in, out) : -1);
}

EXPORT int pselect(int count, fd_set *in, fd_set *out, fd_set *other, const struct timespec *timeout,
                   const sigset_t *mask)
{
    struct io_call call;
    if (is_zero(timeout) || !begin_poll(&call, count > 0))
        return REAL(pselect)(count, in, out, other, timeout, mask);
    int ready = REAL(pselect)(count, in, out, other, timeout, mask);
    return end_poll(&call, ready, ready > 0 ? first_selected(count, in, out) : -1);
}

/* An event's data is the program's own; most, Python among them, put the descriptor there. */
static int first_event(const struct epoll_event *events)
{
    return events[0].data.u64 < FDS_MAX ? events[0].data.fd : -1;
}

/* X(name, parameters, arguments, waits) */
#define EPOLL_CALLS(X)                                                                                                 \
    X(epoll_wait, (int fd, struct epoll_event *events, int count, int timeout), (fd, events, count, timeout),          \
      timeout != 0)                                                                                                    \
    X(epoll_pwait, (int fd, struct epoll_event *events, int count, int timeout, const sigset_t *mask),                 \
      (fd, events, count, timeout, mask), timeout != 0)                                                                \
    X(epoll_pwait2,                                                                                                    \
      (int fd, struct epoll_event *events, int count, const struct timespec *timeout, const sigset_t *mask),           \
      (fd, events, count, timeout, mask), !is_zero(timeout))

#define EPOLL_CALL(name, parameters, arguments, waits)                                                                 \
    EXPORT int name parameters                                                                                         \
    {                                                                                                                  \
        struct io_call call;                                                                                           \
        loop_before_poll(fd);                                                                                          \
        bool begun = (waits) && begin_poll(&call, true);                                                               \
        int ready = REAL(name) arguments;                                                                              \
        if (begun)                                                                                                     \
            end_poll(&call, ready, ready > 0 ? first_event(events) : -1);                                              \
        loop_after_poll(fd);                                                                                           \
        return ready;                                                                                                  \
    }
EPOLL_CALLS(EPOLL_CALL)
