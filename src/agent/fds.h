/* What each descriptor is: set where one is made, asked where one is used.  A descriptor whose making was not seen (inherited,
 * or made inside libc) is looked at on its first use. */
#ifndef COLDSPOT_AGENT_FDS_H
#define COLDSPOT_AGENT_FDS_H

#include <stdint.h>
#include <sys/socket.h>

struct agent_thread;

enum { FDS_MAX = 4096 };

struct fd {
    uint32_t target;    /* string */
    uint32_t site_file; /* string: where the user's code opened it */
    uint32_t site_line;
    uint16_t generation; /* of the agent's recording that the strings belong to; else the entry is not known */
    uint8_t object;      /* enum event_object */
    uint8_t tried;       /* looked at without success: do not look again */
};

struct fd_table {
    struct fd fds[FDS_MAX];
};

/* What `fd` is; of one that is not known or out of range, an entry without target. */
const struct fd *fds_get(struct agent_thread *self, int fd);

void fds_set(int fd, uint8_t object, uint32_t target, uint32_t site_file, uint32_t site_line);
void fds_copy(int from, int to);
void fds_forget(int first, int last);

/* "host:port" of an address as a string id; of a Unix one "unix:PATH"; `accepted`: without the port. */
uint32_t fds_address(struct agent_thread *self, const struct sockaddr *address, socklen_t length, int accepted);

#endif
