/* PyMem_SetAllocator's hooks.  Each calls the allocator that was there, with the same arguments, and passes on what it gave: a block
 * may be allocated before us and freed through us, or the other way about.  Python may also drop the hooks (it puts its default raw
 * allocator in for moments at its start and end); a block is forgotten by its address all the same when libc frees it.
 *
 * What an allocator takes from libc or from one below it meanwhile belongs to the block that is counted already: `alloc_inside`. */
#include "agent/domains.h"

#include <dlfcn.h>
#include <string.h>

#include "agent/alloc.h"

enum { DOMAINS = 3, LAYERS = 2 };

struct domain {
    struct python_allocator real;
    enum event_alloc kind;
};

static struct {
    void (*get)(int domain, struct python_allocator *allocator_out);
    void (*set)(int domain, struct python_allocator *allocator);
    uint32_t layers;                        /* how many are in use */
    struct domain domains[LAYERS][DOMAINS]; /* a later layer is nearer to the program; what is in use never changes */
} hooks;

static void *domain_malloc(void *ctx, size_t bytes)
{
    const struct domain *domain = ctx;
    struct agent_thread *self = &agent_self;
    self->alloc_inside++;
    void *place = domain->real.malloc(domain->real.ctx, bytes);
    self->alloc_inside--;
    alloc_made(place, bytes, domain->kind, NULL);
    return place;
}

static void *domain_calloc(void *ctx, size_t count, size_t each)
{
    const struct domain *domain = ctx;
    struct agent_thread *self = &agent_self;
    self->alloc_inside++;
    void *place = domain->real.calloc(domain->real.ctx, count, each);
    self->alloc_inside--;
    alloc_made(place, count * each, domain->kind, NULL);
    return place;
}

static void *domain_realloc(void *ctx, void *old, size_t bytes)
{
    const struct domain *domain = ctx;
    struct agent_thread *self = &agent_self;
    if (old)
        alloc_gone(old);
    self->alloc_inside++;
    void *place = domain->real.realloc(domain->real.ctx, old, bytes);
    self->alloc_inside--;
    alloc_made(place, bytes, domain->kind, NULL);
    return place;
}

static void domain_free(void *ctx, void *place)
{
    const struct domain *domain = ctx;
    if (place)
        alloc_gone(place);
    domain->real.free(domain->real.ctx, place);
}

static void add_layer(void)
{
    static const enum event_alloc kinds[DOMAINS] = {EVENT_ALLOC_RAW, EVENT_ALLOC_MEM, EVENT_ALLOC_OBJECT};
    struct domain *domains = hooks.domains[hooks.layers++];
    for (int i = 0; i < DOMAINS; i++) {
        domains[i].kind = kinds[i];
        hooks.get(i, &domains[i].real);
        struct python_allocator ours = {&domains[i], domain_malloc, domain_calloc, domain_realloc, domain_free};
        hooks.set(i, &ours);
    }
}

void domains_follow(struct agent_thread *self)
{
    if (!(agent.start.observe & EVENT_OBSERVE_DOMAINS))
        return;
    void *get = dlsym(RTLD_DEFAULT, "PyMem_GetAllocator"), *set = dlsym(RTLD_DEFAULT, "PyMem_SetAllocator");
    if (agent.python.free_threaded || !get || !set) {
        agent_note(self, EVENT_NOTE_NO_DOMAINS, 0,
                   get && set ? "a free-threaded Python must have its own" : "PyMem_SetAllocator was not found");
        return;
    }
    memcpy(&hooks.get, &get, sizeof(get));
    memcpy(&hooks.set, &set, sizeof(set));
    add_layer();
}

/* Where only some were replaced there is one more before ours (tracemalloc's, say), which goes on calling us. */
void domains_look_again(struct agent_thread *self)
{
    static bool looked;
    if (!hooks.layers || looked)
        return;
    looked = true;
    uint32_t theirs = 0;
    for (int i = 0; i < DOMAINS; i++) {
        struct python_allocator now;
        hooks.get(i, &now);
        theirs += now.malloc != domain_malloc;
    }
    if (theirs == DOMAINS)
        add_layer();
    else if (theirs)
        agent_note(self, EVENT_NOTE_NO_DOMAINS, theirs, "some were replaced before the first import");
}
