/* Which name an address was looked up as, so that a connection can be called by it. */
#ifndef COLDSPOT_AGENT_HOSTS_H
#define COLDSPOT_AGENT_HOSTS_H

#include <stddef.h>
#include <stdint.h>

enum { HOSTS_MAX = 64, HOSTS_NAME = 100 };

struct host {
    uint32_t bytes; /* of the address; 0: free */
    unsigned char address[16];
    char name[HOSTS_NAME];
};

struct host_table {
    uint32_t next;
    struct host hosts[HOSTS_MAX];
};

void hosts_add(struct host_table *table, const void *address, size_t bytes, const char *name);

/* NULL when the address was never looked up. */
const char *hosts_name(const struct host_table *table, const void *address, size_t bytes);

#endif
