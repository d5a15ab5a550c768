/* Suspended asyncio tasks as rows: by the place where they wait, whatever their names. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/map.h"
#include "present/run_rows.h"

/* "main -> fetch -> sleep": the innermost DEPTH_MOST coroutines. */
static struct str chain_of(struct arena *arena, const struct run_start *start, int32_t frame)
{
    enum { DEPTH_MOST = 8 };
    int32_t path[DEPTH_MOST];
    size_t n = 0;
    int32_t at = frame;
    for (; at != RUN_NONE && n < DEPTH_MOST; at = start->frames.items[at].parent)
        path[n++] = at;
    struct buf text = {0};
    buf_add(&text, at == RUN_NONE ? STR("") : STR("… -> "));
    while (n > 0) {
        buf_add(&text, start->frames.items[path[--n]].function);
        buf_add(&text, n ? STR(" -> ") : STR(""));
    }
    struct str kept = arena_copy(arena, buf_str(&text));
    buf_release(&text);
    return kept;
}

static int by_wall(const void *a, const void *b)
{
    double x = ((const struct waiting *)a)->wall_s, y = ((const struct waiting *)b)->wall_s;
    return (x < y) - (x > y);
}

struct waiting_list rows_waiting(struct arena *arena, const struct run_start *start)
{
    struct waiting_list rows = {0};
    size_t *places = arena_array(arena, size_t, start->frames.len + 1); /* of a frame: its row + 1 */
    struct map most = {0};                                              /* of one name there, over the phases */
    for (size_t i = 0; i < start->tasks.len; i++) {
        const struct run_task *task = &start->tasks.items[i];
        size_t *place = &places[task->frame];
        if (*place == 0) {
            *array_push(arena, &rows) = (struct waiting){.frame = task->frame,
                                                         .names = task->name,
                                                         .chain = chain_of(arena, start, task->frame),
                                                         .users = run_users_frame(start, task->frame)};
            *place = rows.len;
        }
        struct waiting *row = &rows.items[*place - 1];
        bool fresh;
        uint64_t *there = map_put(arena, &most, arena_printf(arena, "%d %.*s", task->frame, STR_ARG(task->name)),
                                  &fresh);
        uint64_t before = fresh ? 0 : *there;
        *there = task->most > before ? task->most : before;
        row->tasks += fresh;
        row->most += *there - before;
        row->wall_s += task->wall_s;
        row->samples += task->samples;
    }
    for (size_t i = 0; i < rows.len; i++) {
        struct waiting *row = &rows.items[i];
        if (row->tasks > 1)
            row->names = arena_printf(arena, "%.*s and %u more", STR_ARG(row->names), row->tasks - 1);
    }
    if (rows.len)
        qsort(rows.items, rows.len, sizeof(rows.items[0]), by_wall);
    return rows;
}
