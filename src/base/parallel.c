/* Threads that take the next index from one shared counter until there is none. */
#include "base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/mem.h"

struct loop {
    size_t n;
    atomic_size_t next;
    atomic_uint workers;
    void (*body)(size_t i, unsigned worker, void *ctx);
    void *ctx;
};

static void *work(void *arg)
{
    struct loop *loop = arg;
    unsigned worker = atomic_fetch_add(&loop->workers, 1);
    for (size_t i; (i = atomic_fetch_add(&loop->next, 1)) < loop->n;)
        loop->body(i, worker, loop->ctx);
    return NULL;
}

unsigned parallel_workers(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) < 0)
        return 1;
    return (unsigned)CPU_COUNT(&set);
}

void parallel_for(size_t n, unsigned workers, void (*body)(size_t i, unsigned worker, void *ctx), void *ctx)
{
    struct loop loop = {.n = n, .body = body, .ctx = ctx};
    if (workers == 0)
        workers = parallel_workers();
    if (workers > n)
        workers = (unsigned)n;
    pthread_t *threads = xcalloc(workers, sizeof(*threads));
    unsigned started = 0;
    while (started + 1 < workers && pthread_create(&threads[started], NULL, work, &loop) == 0)
        started++;
    work(&loop);
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    free(threads);
}
