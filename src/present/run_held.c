/* Sampled allocations as rows: by the user's own line that led to them. */
#include <math.h>
#include <stdlib.h>

#include "base/buf.h"
#include "present/run_rows.h"

static bool is_harness(const struct run_frame *frame)
{
    return str_ends_with(frame->file, STR("/coldspot/harness.py")) ||
           str_ends_with(frame->file, STR("/coldspot/_harness.py"));
}

static const struct run_frame *find_users(const struct run_start *start, int32_t frame)
{
    const struct run_frame *users = run_users_frame(start, frame);
    return users || frame == RUN_NONE ? users : &start->frames.items[frame];
}

static bool is_same_place(const struct run_frame *a, const struct run_frame *b)
{
    if (!a || !b)
        return a == b;
    return a->line == b->line && str_equals(a->file, b->file) && str_equals(a->function, b->function);
}

static int by_bytes(const void *a, const void *b)
{
    uint64_t x = ((const struct held *)a)->bytes, y = ((const struct held *)b)->bytes;
    return (x < y) - (x > y);
}

struct held_list rows_held(struct arena *arena, const struct run_start *start)
{
    struct held_list rows = {0};
    for (size_t i = 0; i < start->memory.len; i++) {
        const struct run_memory *memory = &start->memory.items[i];
        const struct run_frame *frame = find_users(start, memory->frame);
        size_t k = 0;
        while (k < rows.len && !is_same_place(rows.items[k].frame, frame))
            k++;
        if (k == rows.len) {
            const struct run_frame *inner = memory->frame == RUN_NONE ? NULL : &start->frames.items[memory->frame];
            *array_push(arena, &rows) = (struct held){.frame = frame, .inner = inner};
        }
        struct held *held = &rows.items[k];
        held->bytes += memory->peak_bytes;
        held->held_bytes += memory->held_bytes;
        held->error_bytes = sqrt(held->error_bytes * held->error_bytes + memory->error_bytes * memory->error_bytes);
    }
    if (rows.len)
        qsort(rows.items, rows.len, sizeof(rows.items[0]), by_bytes);
    return rows;
}

struct str rows_stack(struct arena *arena, const struct run_start *start, int32_t frame)
{
    enum { FRAMES_MOST = 12 };
    struct buf text = {0};
    int32_t at = frame;
    for (int n = 0; at != RUN_NONE && n < FRAMES_MOST; at = start->frames.items[at].parent, n++) {
        const struct run_frame *f = &start->frames.items[at];
        if (is_harness(f))
            break;
        buf_addf(&text, "%s%.*s (%.*s:%u)", n ? " < " : "", STR_ARG(f->function), STR_ARG(f->file), f->line);
    }
    struct str kept = arena_copy(arena, text.len ? buf_str(&text) : STR("outside Python"));
    buf_release(&text);
    return kept;
}
