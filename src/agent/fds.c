/* The table of descriptors.  Entries are plain words written by the thread that opens or closes the descriptor: a race between
 * two threads on one descriptor is a race in the program already, and costs us a name at most. */
#include "agent/fds.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/agent.h"

static const struct fd unknown_fd;

static struct fd *entry(int fd)
{
    return fd >= 0 && fd < FDS_MAX ? &agent.fds.fds[fd] : NULL;
}

void fds_set(int fd, uint8_t object, uint32_t target, uint32_t site_file, uint32_t site_line)
{
    struct fd *place = entry(fd);
    if (!place)
        return;
    *place = (struct fd){
        .target = target,
        .site_file = site_file,
        .site_line = site_line,
        .generation = (uint16_t)agent.generation,
        .object = object,
    };
}

void fds_copy(int from, int to)
{
    struct fd *source = entry(from), *target = entry(to);
    if (source && target)
        *target = *source;
}

void fds_forget(int first, int last)
{
    if (first < 0)
        first = 0;
    for (int fd = first; fd <= last && fd < FDS_MAX; fd++)
        if (agent.fds.fds[fd].object)
            agent.fds.fds[fd] = unknown_fd;
}

uint32_t fds_address(struct agent_thread *self, const struct sockaddr *address, socklen_t length, int accepted)
{
    char text[INET6_ADDRSTRLEN + 160];
    char host[INET6_ADDRSTRLEN] = "";
    const char *name = NULL;
    unsigned port = 0;
    int bytes = 0;
    if (address->sa_family == AF_INET && length >= sizeof(struct sockaddr_in)) {
        const struct sockaddr_in *in = (const void *)address;
        inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
        name = hosts_name(&agent.hosts, &in->sin_addr, sizeof(in->sin_addr));
        port = ntohs(in->sin_port);
    } else if (address->sa_family == AF_INET6 && length >= sizeof(struct sockaddr_in6)) {
        const struct sockaddr_in6 *in6 = (const void *)address;
        inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host));
        name = hosts_name(&agent.hosts, &in6->sin6_addr, sizeof(in6->sin6_addr));
        port = ntohs(in6->sin6_port);
    } else if (address->sa_family == AF_UNIX) {
        const struct sockaddr_un *un = (const void *)address;
        size_t path = length > offsetof(struct sockaddr_un, sun_path) ? length - offsetof(struct sockaddr_un, sun_path)
                                                                      : 0;
        const char *start = un->sun_path;
        if (path > 0 && !*start) {
            start++;
            path--;
        }
        bytes = snprintf(text, sizeof(text), "unix:%.*s", (int)(path < 108 ? path : 108), start);
        return writer_private_string(&agent.writer, &self->writer, text, (size_t)bytes);
    } else {
        return 0;
    }
    const char *shown = name && !accepted ? name : host;
    const char *form = strchr(shown, ':') ? (accepted ? "[%s]" : "[%s]:%u") : (accepted ? "%s" : "%s:%u");
    bytes = snprintf(text, sizeof(text), form, shown, port);
    if (bytes < 0 || (size_t)bytes >= sizeof(text))
        return 0;
    return writer_private_string(&agent.writer, &self->writer, text, (size_t)bytes);
}

static void look_at_socket(struct agent_thread *self, int fd, struct fd *place)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof(address);
    place->object = EVENT_OBJECT_SOCKET;
    if (syscall(SYS_getpeername, fd, &address, &length) == 0)
        place->target = fds_address(self, (struct sockaddr *)&address, length, 0);
}

static void look_at_path(struct agent_thread *self, int fd, struct fd *place)
{
    char link[40], path[1024];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    long length = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof(path));
    if (length > 0 && path[0] == '/')
        place->target = writer_private_string(&agent.writer, &self->writer, path, (size_t)length);
}

static const char *const standard_names[] = {"stdin", "stdout", "stderr"};

static void look_at(struct agent_thread *self, int fd, struct fd *place)
{
    struct stat status;
    *place = (struct fd){.generation = (uint16_t)agent.generation, .object = EVENT_OBJECT_OTHER};
    if (syscall(SYS_newfstatat, fd, "", &status, AT_EMPTY_PATH) != 0) {
        place->object = EVENT_OBJECT_NONE;
        place->tried = 1;
        return;
    }
    if (S_ISSOCK(status.st_mode)) {
        look_at_socket(self, fd, place);
    } else if (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) || S_ISBLK(status.st_mode)) {
        place->object = EVENT_OBJECT_FILE;
        look_at_path(self, fd, place);
    } else if (S_ISFIFO(status.st_mode)) {
        place->object = EVENT_OBJECT_PIPE;
        place->target = agent_string(self, fd < 3 ? standard_names[fd] : "pipe");
    } else if (S_ISCHR(status.st_mode)) {
        unsigned major = (unsigned)(status.st_rdev >> 8) & 0xfff;
        place->object = major == 4 || major == 5 || (major >= 136 && major <= 143) ? EVENT_OBJECT_TERMINAL
                                                                                   : EVENT_OBJECT_DEVICE;
        if (place->object == EVENT_OBJECT_TERMINAL)
            place->target = agent_string(self, fd < 3 ? standard_names[fd] : "terminal");
        else
            look_at_path(self, fd, place);
    }
}

const struct fd *fds_get(struct agent_thread *self, int fd)
{
    struct fd *place = entry(fd);
    if (!place)
        return &unknown_fd;
    if (place->generation != (uint16_t)agent.generation || (place->object == EVENT_OBJECT_NONE && !place->tried))
        look_at(self, fd, place);
    return place;
}
