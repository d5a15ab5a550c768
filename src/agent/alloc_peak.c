/* When the resident set peaks, and what of the sampled memory is in it.
 *
 * Memory that was asked for and never touched is in no page: an empty array, a library's buffers for threads that never run.  So
 * at each reading of the resident set the kernel is asked which pages of the larger pieces are there (mincore(2); in gVisor it
 * says "all").  What is found whole is not asked for again.  Where the reading is above all before, a new epoch begins: what the
 * sites hold now, without what is untouched, is what they held at the peak.
 *
 * Freed memory that the heap keeps lets the resident set stand still while what is live rises and falls.  Of readings that differ by
 * less than a 128th, the one counts at which most was live. */
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/alloc_table.h"
#include "agent/usage.h"

enum {
    PAGES_MOST = 1 << 14, /* of a piece, all of which are looked at; of a larger one: */
    PARTS = 256,          /* the first PART_PAGES pages of each of so many equal parts */
    PART_PAGES = 64,
    ASK_AGAIN_NS = 2000000,
};

#define PUT(to, value) __atomic_store_n(&(to), (value), __ATOMIC_RELAXED)
#define GET(from) __atomic_load_n(&(from), __ATOMIC_RELAXED)

/* How many of the pages are in memory; all where the kernel does not say. */
static uint64_t pages_there(struct alloc *alloc, uint64_t from, uint64_t pages, uint64_t page_bytes)
{
    uint64_t count = 0;
    for (uint64_t done = 0; done < pages;) {
        uint64_t now = pages - done < ALLOC_PAGES ? pages - done : ALLOC_PAGES;
        if (syscall(SYS_mincore, from + done * page_bytes, now * page_bytes, alloc->there) != 0)
            return pages;
        for (uint64_t i = 0; i < now; i++)
            count += alloc->there[i] & 1;
        done += now;
    }
    return count;
}

/* The share of the whole pages inside [from, to) that are in memory. */
static double share_there(struct alloc *alloc, uint64_t from, uint64_t to, uint64_t page_bytes)
{
    uint64_t first = (from + page_bytes - 1) / page_bytes, end = to / page_bytes, there = 0;
    if (end <= first)
        return 1;
    uint64_t pages = end - first;
    if (pages <= PAGES_MOST)
        return (double)pages_there(alloc, first * page_bytes, pages, page_bytes) / (double)pages;
    for (uint64_t i = 0; i < PARTS; i++)
        there += pages_there(alloc, (first + pages / PARTS * i) * page_bytes, PART_PAGES, page_bytes);
    return (double)there / (PARTS * PART_PAGES);
}

static struct alloc_touch touch_of(struct alloc *alloc, uint64_t from, uint64_t to, uint64_t weight_bytes,
                                   uint64_t page_bytes)
{
    double share = share_there(alloc, from, to, page_bytes);
    return (struct alloc_touch){(uint64_t)((double)weight_bytes * (1 - share)), share == 1};
}

static void look_at_pages(struct alloc *alloc)
{
    uint64_t page = agent.writer.header->page_bytes;
    for (uint32_t i = 0; i < alloc->maps_used; i++) {
        struct alloc_map *map = &alloc->maps[i];
        if (!map->touch.whole)
            alloc_set_touch(alloc, map->site, &map->touch,
                            touch_of(alloc, map->from, map->to, map->weight.bytes, page));
    }
    for (uint32_t i = 0; i < alloc->blocks_used; i++) {
        struct alloc_block *block = &alloc->blocks[i];
        const struct alloc_live *live = &alloc->live[block->live];
        if (!block->touch.whole)
            alloc_set_touch(alloc, live->site, &block->touch,
                            touch_of(alloc, live->place, live->place + block->bytes, live->bytes, page));
    }
}

static void add_untouched(const struct alloc *alloc, struct alloc_site *site, const struct alloc_touch *touch)
{
    if (!touch->untouched_bytes)
        return;
    bool first = site->now.untouched_epoch != alloc->epoch;
    site->now.untouched_bytes = touch->untouched_bytes + (first ? 0 : site->now.untouched_bytes);
    site->now.untouched_epoch = alloc->epoch;
    if (!site->record)
        return;
    PUT(site->record->untouched_bytes, site->now.untouched_bytes);
    PUT(site->record->untouched_epoch, site->now.untouched_epoch);
}

static uint64_t touched_bytes(const struct alloc *alloc)
{
    return alloc->live_bytes - alloc->python_untouched - alloc->native_untouched;
}

static void begin_epoch(struct alloc *alloc, uint64_t rss_bytes, uint64_t file_bytes)
{
    if (file_bytes == EVENT_UNKNOWN) /* the end of a call tells the resident set alone */
        usage_rss(&file_bytes);
    alloc->peak_rss = rss_bytes;
    alloc->peak_bytes = touched_bytes(alloc);
    alloc->epoch++;
    for (uint32_t i = 0; i < alloc->maps_used; i++)
        add_untouched(alloc, &alloc->sites[alloc->maps[i].site], &alloc->maps[i].touch);
    for (uint32_t i = 0; i < alloc->blocks_used; i++)
        add_untouched(alloc, &alloc->sites[alloc->live[alloc->blocks[i].live].site], &alloc->blocks[i].touch);
    if (!alloc->record)
        return;
    PUT(alloc->record->peak_bytes, alloc->peak_bytes);
    PUT(alloc->record->rss_bytes, rss_bytes);
    PUT(alloc->record->file_bytes, file_bytes);
    PUT(alloc->record->t_ns, agent_now());
    PUT(alloc->record->epoch, alloc->epoch);
}

void alloc_look(struct alloc *alloc, uint64_t rss_bytes, uint64_t file_bytes)
{
    if (rss_bytes == EVENT_UNKNOWN)
        return;
    look_at_pages(alloc);
    if (rss_bytes > alloc->most_rss)
        alloc->most_rss = rss_bytes;
    bool higher = rss_bytes > alloc->peak_rss + alloc->peak_rss / 128;
    bool as_high = rss_bytes >= alloc->most_rss - alloc->most_rss / 128;
    if (higher || (as_high && touched_bytes(alloc) > alloc->peak_bytes))
        begin_epoch(alloc, rss_bytes, file_bytes);
}

void alloc_resident(uint64_t rss_bytes, uint64_t file_bytes)
{
    struct alloc *alloc = alloc_current();
    if (!alloc || !alloc_lock(alloc))
        return;
    alloc_look(alloc, rss_bytes, file_bytes);
    alloc_unlock(alloc);
}

/* It costs some microseconds: for the small only after a rise of a 64th, and for the large, whose freeing costs as much, not
 * oftener than every two milliseconds. */
void alloc_before_free(struct alloc *alloc, uint64_t bytes)
{
    uint64_t asked = alloc->asked_bytes, file_bytes;
    bool rose = alloc->live_bytes > asked + asked / 64 + ALLOC_SURE_BYTES;
    bool large = bytes >= ALLOC_SURE_BYTES && alloc->live_bytes >= asked - asked / 16;
    if (!rose && (!large || agent_now() - alloc->asked_ns < ASK_AGAIN_NS))
        return;
    if (alloc->live_bytes > asked)
        alloc->asked_bytes = alloc->live_bytes;
    alloc->asked_ns = agent_now();
    uint64_t rss_bytes = usage_rss(&file_bytes);
    alloc_look(alloc, rss_bytes, file_bytes);
}

bool alloc_knows_untouched(const struct alloc *alloc)
{
    unsigned char there = 1;
    uint64_t page = agent.writer.header->page_bytes, middle = (uint64_t)(uintptr_t)&alloc->live[AGENT_ALLOCS / 2];
    return syscall(SYS_mincore, middle / page * page, page, &there) == 0 && !(there & 1);
}

void alloc_families(uint64_t *python_bytes_out, uint64_t *native_bytes_out)
{
    const struct alloc *alloc = alloc_current();
    *python_bytes_out = alloc ? GET(alloc->python_bytes) - GET(alloc->python_untouched) : EVENT_UNKNOWN;
    *native_bytes_out = alloc ? GET(alloc->native_bytes) - GET(alloc->native_untouched) : EVENT_UNKNOWN;
}
