/* Finds the functions behind the interposed names (real.h).  Another library's constructor may call one before ours ran, so
 * each is also found on demand. */
#include "agent/real.h"

#include <dlfcn.h>

#include "agent/agent.h"

static const struct {
    const char *name, *version;
} reals[] = {
#define REAL_ROW(name, version) {#name, version},
    REALS(REAL_ROW)
#undef REAL_ROW
};

void *real_find(enum real_index index)
{
    void *found = NULL;
    if (reals[index].version)
        found = dlvsym(RTLD_NEXT, reals[index].name, reals[index].version);
    if (!found)
        found = dlsym(RTLD_NEXT, reals[index].name);
    __atomic_store_n(&agent.real[index], found, __ATOMIC_RELAXED);
    return found;
}

void real_find_all(void)
{
    for (int i = 0; i < REAL_COUNT; i++)
        if (!agent.real[i])
            real_find((enum real_index)i);
}

void *real_get(enum real_index index)
{
    void *known = __atomic_load_n(&agent.real[index], __ATOMIC_RELAXED);
    return known ? known : real_find(index);
}
