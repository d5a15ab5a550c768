/* A ring of the last looked-up addresses.  Entries are filled in an order that a reader may see half: a wrong name for one
 * connection is the worst that two threads can make of it. */
#include "agent/hosts.h"

#include <string.h>

const char *hosts_name(const struct host_table *table, const void *address, size_t bytes)
{
    for (size_t i = 0; i < HOSTS_MAX; i++) {
        const struct host *host = &table->hosts[i];
        if (host->bytes == bytes && memcmp(host->address, address, bytes) == 0)
            return host->name;
    }
    return NULL;
}

void hosts_add(struct host_table *table, const void *address, size_t bytes, const char *name)
{
    size_t length = strlen(name);
    if (bytes > sizeof(table->hosts[0].address) || length == 0 || length >= HOSTS_NAME ||
        hosts_name(table, address, bytes))
        return;
    struct host *host = &table->hosts[__atomic_fetch_add(&table->next, 1, __ATOMIC_RELAXED) % HOSTS_MAX];
    host->bytes = 0;
    memcpy(host->address, address, bytes);
    memcpy(host->name, name, length + 1);
    __atomic_store_n(&host->bytes, (uint32_t)bytes, __ATOMIC_RELEASE);
}
