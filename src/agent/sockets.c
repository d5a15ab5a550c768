/* Interposed calls of sockets and of name look-up. */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "agent/agent.h"
#include "agent/interposed.h"
#include "agent/io.h"
#include "agent/site.h"

/* The socket's peer becomes its name, the user's line its site. */
static void name_socket(int fd, const struct sockaddr *address, socklen_t length, bool accepted)
{
    int error = errno;
    struct agent_thread *self = agent_enter(true);
    if (self) {
        struct site site = {0};
        uint32_t target = address ? fds_address(self, address, length, accepted) : 0;
        if (!accepted)
            site_find(self, &site);
        fds_set(fd, EVENT_OBJECT_SOCKET, target, site.file, site.line);
        agent_leave(self);
    }
    errno = error;
}

EXPORT int connect(int fd, const struct sockaddr *address, socklen_t length)
{
    struct io_call call;
    if (!address || length < sizeof(sa_family_t))
        return REAL(connect)(fd, address, length);
    name_socket(fd, address, length, false);
    if (!io_begin(&call, EVENT_IO_CONNECT, fd))
        return REAL(connect)(fd, address, length);
    return io_end_int(&call, REAL(connect)(fd, address, length));
}

static int accepted(int fd, const struct sockaddr *address, const socklen_t *length)
{
    if (fd >= 0 && address && length && *length >= sizeof(sa_family_t))
        name_socket(fd, address, *length, true);
    else if (fd >= 0)
        fds_forget(fd, fd);
    return fd;
}

EXPORT int accept(int fd, struct sockaddr *address, socklen_t *length)
{
    struct io_call call;
    if (!io_begin(&call, EVENT_IO_ACCEPT, fd))
        return REAL(accept)(fd, address, length);
    return accepted(io_end_int(&call, REAL(accept)(fd, address, length)), address, length);
}

EXPORT int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
    struct io_call call;
    if (!io_begin(&call, EVENT_IO_ACCEPT, fd))
        return REAL(accept4)(fd, address, length, flags);
    return accepted(io_end_int(&call, REAL(accept4)(fd, address, length, flags)), address, length);
}

/* X(name, kind, parameters, arguments): calls on a socket that return how many bytes they moved. */
#define SOCKET_CALLS(X)                                                                                                \
    X(recv, RECV, (int fd, void *data, size_t size, int flags), (fd, data, size, flags))                               \
    X(__recv_chk, RECV, (int fd, void *data, size_t size, size_t room, int flags), (fd, data, size, room, flags))      \
    X(recvfrom, RECV, (int fd, void *data, size_t size, int flags, struct sockaddr *from, socklen_t *length),          \
      (fd, data, size, flags, from, length))                                                                           \
    X(__recvfrom_chk, RECV,                                                                                            \
      (int fd, void *data, size_t size, size_t room, int flags, struct sockaddr *from, socklen_t *length),             \
      (fd, data, size, room, flags, from, length))                                                                     \
    X(recvmsg, RECV, (int fd, struct msghdr *message, int flags), (fd, message, flags))                                \
    X(send, SEND, (int fd, const void *data, size_t size, int flags), (fd, data, size, flags))                         \
    X(sendmsg, SEND, (int fd, const struct msghdr *message, int flags), (fd, message, flags))

#define SOCKET_CALL(name, kind, parameters, arguments)                                                                 \
    EXPORT ssize_t name parameters                                                                                     \
    {                                                                                                                  \
        struct io_call call;                                                                                           \
        if (!io_begin(&call, EVENT_IO_##kind, fd))                                                                     \
            return REAL(name) arguments;                                                                               \
        return io_end_bytes(&call, REAL(name) arguments);                                                              \
    }
SOCKET_CALLS(SOCKET_CALL)

EXPORT ssize_t sendto(int fd, const void *data, size_t size, int flags, const struct sockaddr *to, socklen_t length)
{
    struct io_call call;
    if (!io_begin(&call, EVENT_IO_SEND, fd))
        return REAL(sendto)(fd, data, size, flags, to, length);
    return io_end_bytes(&call, REAL(sendto)(fd, data, size, flags, to, length));
}

static int end_messages(struct io_call *call, int count, const struct mmsghdr *messages)
{
    uint64_t bytes = 0;
    for (int i = 0; i < count; i++)
        bytes += messages[i].msg_len;
    io_end(call, bytes, count < 0);
    return count;
}

EXPORT int recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout)
{
    struct io_call call;
    if (!io_begin(&call, EVENT_IO_RECV, fd))
        return REAL(recvmmsg)(fd, messages, count, flags, timeout);
    return end_messages(&call, REAL(recvmmsg)(fd, messages, count, flags, timeout), messages);
}

EXPORT int sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
    struct io_call call;
    if (!io_begin(&call, EVENT_IO_SEND, fd))
        return REAL(sendmmsg)(fd, messages, count, flags);
    return end_messages(&call, REAL(sendmmsg)(fd, messages, count, flags), messages);
}

/* ---- names ---- */

static bool begin_look_up(struct io_call *call, const char *name)
{
    int error = errno;
    struct agent_thread *self = agent_enter(true);
    if (!self)
        return false;
    uint32_t target = name && agent.start.observe & EVENT_OBSERVE_IO
                          ? writer_private_string(&agent.writer, &self->writer, name, strlen(name))
                          : 0;
    agent_leave(self);
    errno = error;
    return io_begin_target(call, EVENT_IO_LOOKUP, EVENT_OBJECT_SOCKET, target);
}

static void remember_names(const char *name, const struct addrinfo *found)
{
    for (; found; found = found->ai_next) {
        if (found->ai_family == AF_INET) {
            const struct sockaddr_in *in = (const void *)found->ai_addr;
            hosts_add(&agent.hosts, &in->sin_addr, sizeof(in->sin_addr), name);
        } else if (found->ai_family == AF_INET6) {
            const struct sockaddr_in6 *in6 = (const void *)found->ai_addr;
            hosts_add(&agent.hosts, &in6->sin6_addr, sizeof(in6->sin6_addr), name);
        }
    }
}

EXPORT int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
    struct io_call call;
    if (!begin_look_up(&call, name))
        return REAL(getaddrinfo)(name, service, hints, out);
    int failed = REAL(getaddrinfo)(name, service, hints, out);
    io_end(&call, 0, failed != 0);
    if (failed == 0 && name)
        remember_names(name, *out);
    return failed;
}

EXPORT int getnameinfo(const struct sockaddr *address, socklen_t length, char *host, socklen_t host_size, char *service,
                       socklen_t service_size, int flags)
{
    struct io_call call;
    if (!begin_look_up(&call, NULL))
        return REAL(getnameinfo)(address, length, host, host_size, service, service_size, flags);
    int failed = REAL(getnameinfo)(address, length, host, host_size, service, service_size, flags);
    io_end(&call, 0, failed != 0);
    return failed;
}

EXPORT struct hostent *gethostbyname(const char *name)
{
    struct io_call call;
    if (!begin_look_up(&call, name))
        return REAL(gethostbyname)(name);
    return io_end_pointer(&call, REAL(gethostbyname)(name));
}

EXPORT int gethostbyname_r(const char *name, struct hostent *room, char *text, size_t size, struct hostent **out,
                           int *error)
{
    struct io_call call;
    if (!begin_look_up(&call, name))
        return REAL(gethostbyname_r)(name, room, text, size, out, error);
    return io_end_int(&call, REAL(gethostbyname_r)(name, room, text, size, out, error));
}

EXPORT int gethostbyname2_r(const char *name, int family, struct hostent *room, char *text, size_t size,
                            struct hostent **out, int *error)
{
    struct io_call call;
    if (!begin_look_up(&call, name))
        return REAL(gethostbyname2_r)(name, family, room, text, size, out, error);
    return io_end_int(&call, REAL(gethostbyname2_r)(name, family, room, text, size, out, error));
}

EXPORT int gethostbyaddr_r(const void *address, socklen_t length, int family, struct hostent *room, char *text,
                           size_t size, struct hostent **out, int *error)
{
    struct io_call call;
    if (!begin_look_up(&call, NULL))
        return REAL(gethostbyaddr_r)(address, length, family, room, text, size, out, error);
    return io_end_int(&call, REAL(gethostbyaddr_r)(address, length, family, room, text, size, out, error));
}
