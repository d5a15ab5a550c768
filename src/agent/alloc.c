/* Sampled allocations.
 *
 * Each thread counts down the bytes to its next sample, drawn from an exponential distribution of mean MEAN_BYTES: each byte is
 * as likely as any other to be the one, and an allocation of n bytes that was sampled stands for n / (1 - exp(-n / MEAN_BYTES)).
 *
 * The peak by site costs nothing until it is asked for: `epoch` counts new highs of the resident set (alloc_peak.c); a site that
 * changes first sets aside what it held in this epoch.  At the end a site whose epoch is not the last one has not changed since: it held what it
 * holds.
 *
 * One lock for the tables; a thread that holds it already (a signal handler came in between) leaves the sample out. */
#include "agent/alloc.h"

#include <dlfcn.h>
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/alloc_table.h"
#include "agent/usage.h"

enum {
    PROBES = 32,
    SPINS_MOST = 1 << 14,
    FIRST_NODE = 1 << 17,     /* above those of the sampled stacks */
    NOT_NOW_BYTES = 64 << 20, /* how much later a thread asks again where nothing is followed */
};

#define PUT(to, value) __atomic_store_n(&(to), (value), __ATOMIC_RELAXED)

/* ---- chance ---- */

static uint64_t first_random(const struct agent_thread *self)
{
    if (agent.seed)
        return __atomic_add_fetch(&agent.seed, 1, __ATOMIC_RELAXED) * 0x9e3779b97f4a7c15u | 1;
    return ((uint64_t)(uintptr_t)self ^ agent_now()) | 1;
}

static uint64_t next_random(struct agent_thread *self)
{
    uint64_t x = self->alloc_random ? self->alloc_random : first_random(self);
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return self->alloc_random = x;
}

/* -ln of a uniform number of (0, 1], without libm: exponent and mantissa apart, a series for the latter. */
static double draw_exponential(struct agent_thread *self)
{
    uint64_t bits = (next_random(self) >> 12) + 1; /* 1 to 2^52 */
    int exponent = 63 - __builtin_clzll(bits);
    double mantissa = (double)bits / (double)((uint64_t)1 << exponent); /* [1, 2) */
    double t = (mantissa - 1) / (mantissa + 1), t2 = t * t;
    double ln = (exponent - 52) * 0.6931471805599453 + 2 * t * (1 + t2 * (1.0 / 3 + t2 * (1.0 / 5 + t2 / 7)));
    return -ln;
}

/* How likely an allocation of so many bytes is sampled: 1 - exp(-x), by squaring (1 - x / 1024) ten times. */
static double chance_of(size_t bytes)
{
    double x = (double)bytes / ALLOC_MEAN_BYTES;
    if (bytes >= ALLOC_SURE_BYTES)
        return 1;
    double left = 1 - x / 1024;
    for (int i = 0; i < 10; i++)
        left *= left;
    return 1 - left;
}

/* ---- the lock ---- */

bool alloc_lock(struct alloc *alloc)
{
    const void *own = &agent_self;
    for (uint32_t spins = 1;; spins++) {
        const void *holder = NULL;
        if (__atomic_compare_exchange_n(&alloc->lock, &holder, own, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return true;
        if (holder == own)
            return false;
        if (spins > SPINS_MOST)
            syscall(SYS_nanosleep, &(struct timespec){.tv_nsec = 20000},
                    NULL); /* the holder may have a lower priority */
        else if (spins % 64 == 0)
            sched_yield();
    }
}

void alloc_unlock(struct alloc *alloc)
{
    __atomic_store_n(&alloc->lock, NULL, __ATOMIC_RELEASE);
}

/* ---- the recording ---- */

static void write_site(const struct alloc_site *site)
{
    struct event_alloc_site *record = site->record;
    if (!record)
        return;
    PUT(record->epoch, site->now.epoch);
    PUT(record->peak_bytes, site->now.peak_bytes);
    PUT(record->peak_samples, site->now.peak_samples);
    PUT(record->peak_variance, site->now.peak_variance);
    PUT(record->live_bytes, site->now.live_bytes);
    PUT(record->live_samples, site->now.live_samples);
    PUT(record->live_variance, site->now.live_variance);
    PUT(record->total_bytes, site->now.total_bytes);
    PUT(record->total_samples, site->now.total_samples);
    PUT(record->calls, site->now.calls);
    PUT(record->held_bytes, site->now.held_bytes);
    PUT(record->held_variance, site->now.held_variance);
    PUT(record->early_bytes, site->now.early_bytes);
    PUT(record->early_variance, site->now.early_variance);
}

static void write_sum(struct alloc *alloc)
{
    if (!alloc->record)
        return;
    PUT(alloc->record->live_bytes, alloc->live_bytes);
    PUT(alloc->record->calls, alloc->calls);
    PUT(alloc->record->lost, alloc->lost);
}

/* ---- sites ---- */

static int read_own(void *unused, uint64_t address, void *buffer, size_t length)
{
    (void)unused;
    memcpy(buffer, (const void *)(uintptr_t)address, length); /* NOLINT(performance-no-int-to-ptr) */
    return 0;
}

/* The calling thread's own stack: its frames stand still while it is in here.  0: it runs no Python, or cannot be read. */
static uint32_t find_node(struct alloc *alloc, struct agent_thread *self)
{
    const struct python *python = &agent.python;
    struct frames_thread thread;
    if (!python->found || !python->layout_known || !python->layout_checked)
        return 0;
    uint64_t tstate = (uint64_t)(uintptr_t)python_own_thread();
    alloc->frames.memory = (struct memory){.read = read_own};
    alloc->frames.layout = python->layout;
    if (!tstate || frames_thread(&alloc->frames, tstate, &thread) || frames_top(&alloc->frames, &thread) ||
        frames_walk(&alloc->frames, &thread, &alloc->stack))
        return 0;
    alloc->tree.writer = &agent.writer;
    alloc->tree.thread = &self->writer;
    alloc->tree.frames = &alloc->frames;
    alloc->tree.first_id = FIRST_NODE;
    alloc->tree.is_own = true;
    uint32_t node = 0;
    return stacktree_find(&alloc->tree, &alloc->stack, agent_now(), &alloc->kept, &node) ? node : 0;
}

static struct alloc_site *find_site(struct alloc *alloc, struct agent_thread *self, uint32_t node,
                                    enum event_alloc kind)
{
    uint64_t at = ((uint64_t)node << 3 | kind) * 0x9e3779b97f4a7c15u >> 40;
    while (alloc->sites[at % ALLOC_SITES].kind &&
           (alloc->sites[at % ALLOC_SITES].node != node || alloc->sites[at % ALLOC_SITES].kind != kind))
        at++;
    struct alloc_site *site = &alloc->sites[at % ALLOC_SITES];
    if (site->kind)
        return site;
    if (alloc->sites_used >= ALLOC_SITES / 4 * 3)
        return NULL;
    alloc->sites_used++;
    site->node = node;
    site->kind = kind;
    site->record = writer_reserve(&agent.writer, &self->writer, EVENT_ALLOC_SITE, sizeof(*site->record));
    if (site->record) {
        site->record->node = node;
        site->record->kind = kind;
        writer_commit(&self->writer, site->record, sizeof(*site->record));
    }
    return site;
}

struct alloc_site *alloc_find_site(struct alloc *alloc, struct agent_thread *self, enum event_alloc kind)
{
    return find_site(alloc, self, find_node(alloc, self), kind);
}

/* Before a site changes: what it held at the peak, and when the last invocation ended, is set aside. */
static void keep_past(const struct alloc *alloc, struct alloc_site *site)
{
    struct event_alloc_site *now = &site->now;
    if (now->calls != alloc->calls) {
        if (now->calls < EVENT_EARLY_CALLS && alloc->calls >= EVENT_EARLY_CALLS) {
            now->early_bytes = now->live_bytes;
            now->early_variance = now->live_variance;
        }
        now->calls = alloc->calls;
        now->held_bytes = now->live_bytes;
        now->held_variance = now->live_variance;
    }
    if (now->epoch == alloc->epoch)
        return;
    now->epoch = alloc->epoch;
    now->peak_bytes = now->live_bytes;
    now->peak_samples = now->live_samples;
    now->peak_variance = now->live_variance;
}

static bool is_native(uint32_t kind)
{
    return kind == EVENT_ALLOC_HEAP || kind == EVENT_ALLOC_MAP;
}

/* The part of the sum that this kind belongs to. */
static uint64_t *family(struct alloc *alloc, uint32_t kind)
{
    return is_native(kind) ? &alloc->native_bytes : &alloc->python_bytes;
}

void alloc_set_touch(struct alloc *alloc, uint32_t site, struct alloc_touch *touch, struct alloc_touch now)
{
    *(is_native(alloc->sites[site].kind) ? &alloc->native_untouched
                                         : &alloc->python_untouched) += now.untouched_bytes - touch->untouched_bytes;
    *touch = now;
}

void alloc_add(struct alloc *alloc, struct alloc_site *site, struct alloc_weight weight)
{
    keep_past(alloc, site);
    site->now.live_bytes += weight.bytes;
    site->now.live_samples += weight.samples;
    site->now.live_variance += weight.variance;
    site->now.total_bytes += weight.bytes;
    site->now.total_samples += weight.samples;
    *family(alloc, site->kind) += weight.bytes;
    alloc->live_bytes += weight.bytes;
    write_site(site);
    write_sum(alloc);
}

void alloc_take(struct alloc *alloc, struct alloc_site *site, struct alloc_weight weight)
{
    keep_past(alloc, site);
    site->now.live_bytes -= weight.bytes;
    site->now.live_samples -= weight.samples;
    site->now.live_variance -= weight.variance;
    *family(alloc, site->kind) -= weight.bytes;
    alloc->live_bytes -= weight.bytes;
    write_site(site);
    write_sum(alloc);
}

void alloc_lose(struct alloc *alloc)
{
    alloc->lost++;
    write_sum(alloc);
}

/* ---- live samples ---- */

static struct alloc_live *find_live(struct alloc *alloc, uint32_t home, uint64_t place)
{
    for (uint32_t i = 0; i < PROBES; i++) {
        struct alloc_live *live = &alloc->live[(home + i) % AGENT_ALLOCS];
        if (live->place == place)
            return live;
    }
    return NULL;
}

struct alloc_weight alloc_weigh(size_t bytes)
{
    double chance = chance_of(bytes), stands_for = (double)bytes / chance;
    return (struct alloc_weight){(uint64_t)stands_for, (uint64_t)(stands_for * stands_for * (1 - chance) / 1048576), 1};
}

/* Its pages are looked at when the resident set peaks. */
static void keep_block(struct alloc *alloc, struct alloc_live *live, size_t bytes)
{
    if (bytes < ALLOC_BLOCK_BYTES || alloc->blocks_used == ALLOC_BLOCKS)
        return;
    alloc->blocks[alloc->blocks_used++] = (struct alloc_block){.bytes = bytes, .live = (uint32_t)(live - alloc->live)};
    live->block = alloc->blocks_used;
}

/* The last of the blocks takes its place. */
static void forget_block(struct alloc *alloc, struct alloc_live *live)
{
    if (!live->block)
        return;
    struct alloc_block *block = &alloc->blocks[live->block - 1];
    alloc_set_touch(alloc, live->site, &block->touch, (struct alloc_touch){0});
    *block = alloc->blocks[--alloc->blocks_used];
    alloc->live[block->live].block = live->block;
    live->block = 0;
}

static void keep(struct alloc *alloc, struct agent_thread *self, const void *place, size_t bytes, enum event_alloc kind)
{
    uint32_t home = alloc_home(place);
    struct alloc_weight weight = alloc_weigh(bytes);
    struct alloc_live *live = find_live(alloc, home, 0);
    struct alloc_site *site = live ? alloc_find_site(alloc, self, kind) : NULL;
    if (!site) {
        alloc_lose(alloc);
        return;
    }
    *live = (struct alloc_live){(uint64_t)(uintptr_t)place, weight.bytes, weight.variance,
                                (uint32_t)(site - alloc->sites), 0};
    keep_block(alloc, live, bytes);
    __atomic_fetch_add(&agent.alloc_homes[home], 1, __ATOMIC_RELAXED);
    alloc_add(alloc, site, weight);
}

/* ---- the door ---- */

struct alloc *alloc_current(void)
{
    struct alloc *alloc = __atomic_load_n(&agent.alloc, __ATOMIC_ACQUIRE);
    return alloc && alloc->generation == agent.generation ? alloc : NULL;
}

/* Whether this allocation, which the countdown reached or which is large, is sampled; draws the next distance. */
static bool is_reached(struct agent_thread *self, size_t bytes)
{
    if (!self->alloc_counts) { /* the thread's first: its countdown begins here */
        self->alloc_counts = 1;
        self->alloc_left = (int64_t)(draw_exponential(self) * ALLOC_MEAN_BYTES) - (int64_t)bytes;
    }
    if (self->alloc_left >= 0)
        return bytes >= ALLOC_SURE_BYTES;
    self->alloc_left = (int64_t)(draw_exponential(self) * ALLOC_MEAN_BYTES);
    return true;
}

bool alloc_is_due(struct agent_thread *self, size_t bytes)
{
    self->alloc_left -= (int64_t)bytes;
    return (self->alloc_left < 0 || bytes >= ALLOC_SURE_BYTES) && is_reached(self, bytes);
}

void alloc_sample(struct agent_thread *self, const void *place, size_t bytes, enum event_alloc kind, const void *caller)
{
    if (!__atomic_load_n(&agent.alloc, __ATOMIC_RELAXED)) {
        self->alloc_left = NOT_NOW_BYTES;
        self->alloc_counts = 0;
        return;
    }
    int error = errno;
    struct alloc *alloc;
    const struct python *python = &agent.python;
    if (is_reached(self, bytes) && agent_enter(false)) {
        if (kind == EVENT_ALLOC_HEAP && (uintptr_t)caller - python->code_from < python->code_to - python->code_from)
            kind = EVENT_ALLOC_PYTHON;
        if ((alloc = alloc_current()) && alloc_lock(alloc)) {
            keep(alloc, self, place, bytes, kind);
            alloc_unlock(alloc);
        }
        agent_leave(self);
    }
    errno = error;
}

bool alloc_may_forget(const struct alloc *alloc)
{
    return alloc && agent.on && !agent_self.vforked && *agent.alive && !agent.fork_seen;
}

/* Also from inside the agent: nothing is written but numbers in their place. */
void alloc_forget(const void *place)
{
    struct alloc *alloc = alloc_current();
    if (!alloc_may_forget(alloc))
        return;
    int error = errno;
    uint32_t home = alloc_home(place);
    if (alloc_lock(alloc)) {
        struct alloc_live *live = find_live(alloc, home, (uint64_t)(uintptr_t)place);
        if (live) {
            alloc_before_free(alloc, live->bytes);
            forget_block(alloc, live);
            alloc_take(alloc, &alloc->sites[live->site], (struct alloc_weight){live->bytes, live->variance, 1});
            live->place = 0;
            __atomic_fetch_sub(&agent.alloc_homes[home], 1, __ATOMIC_RELAXED);
        }
        alloc_unlock(alloc);
    }
    errno = error;
}

/* Whether malloc is libc's own, whose mappings do not come through us. */
static bool is_libc(void)
{
    Dl_info info;
    return agent.heap_found && dladdr((void *)(uintptr_t)agent.heap.malloc, &info) && info.dli_fname &&
           strstr(info.dli_fname, "/libc");
}

void alloc_begin(struct agent_thread *self)
{
    if (!(agent.start.observe & EVENT_OBSERVE_MEMORY))
        return;
    agent.heap_is_libc = is_libc();
    struct alloc *alloc = agent.alloc;
    if (alloc) {
        /* A forked child: private pages read as zero after this. */
        madvise(alloc, sizeof(*alloc), MADV_DONTNEED);
        memset(agent.alloc_homes, 0, sizeof(agent.alloc_homes));
    } else {
        long at = syscall(SYS_mmap, NULL, sizeof(*alloc), PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (at == -1)
            return;
        alloc = (struct alloc *)at; /* NOLINT(performance-no-int-to-ptr) */
        madvise(alloc, sizeof(*alloc), MADV_DONTDUMP);
    }
    alloc->generation = agent.generation;
    alloc->record = writer_reserve(&agent.writer, &self->writer, EVENT_ALLOC_PEAK, sizeof(*alloc->record));
    if (!alloc->record)
        return;
    alloc->record->mean_bytes = ALLOC_MEAN_BYTES;
    alloc->record->knows_untouched = alloc_knows_untouched(alloc);
    writer_commit(&self->writer, alloc->record, sizeof(*alloc->record));
    self->alloc_left = 0;
    self->alloc_counts = 0;
    __atomic_store_n(&agent.alloc, alloc, __ATOMIC_RELEASE);
}

void alloc_call_end(uint64_t rss_bytes)
{
    struct alloc *alloc = alloc_current();
    if (!alloc || !alloc_lock(alloc))
        return;
    alloc_look(alloc, rss_bytes, EVENT_UNKNOWN);
    alloc->calls++;
    write_sum(alloc);
    alloc_unlock(alloc);
}

void alloc_end(void)
{
    struct alloc *alloc = agent.alloc;
    uint64_t file_bytes;
    if (!alloc)
        return;
    uint64_t rss_bytes = usage_rss(&file_bytes);
    alloc_resident(rss_bytes, file_bytes);
    alloc->generation = 0;
}
