/* Adding up what one start touched. */
#include "present/run_rows.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/map.h"

static bool is_cold(const struct run_io *io)
{
    return io->phase < RUN_EXEC && io->invocation <= 0;
}

/* What a module is loaded from. */
static const char *const module_suffixes[] = {".pyc", ".py", ".so"};
enum { MODULE_SUFFIXES = sizeof(module_suffixes) / sizeof(module_suffixes[0]) };

static int module_kind(const struct run_io *io)
{
    for (int i = 0; i < MODULE_SUFFIXES; i++) {
        if (str_ends_with(io->target, str_of(module_suffixes[i])))
            return i;
    }
    return str_contains(io->target, STR(".so.")) ? MODULE_SUFFIXES - 1 : -1;
}

static int by_wall(const void *a, const void *b)
{
    const struct touched *x = a, *y = b;
    if (x->wall_s != y->wall_s)
        return x->wall_s < y->wall_s ? 1 : -1;
    return str_compare(x->target, y->target);
}

static void add(struct touched *row, const struct run_io *io)
{
    row->bytes_in += io->bytes_in;
    row->bytes_out += io->bytes_out;
    row->wall_s += io->starting ? io->wall_s : 0;
    if (!row->file.len) {
        row->file = io->file;
        row->line = io->line;
    }
}

/* The row of target and phase; made when it is not there yet. */
static struct touched *row_of(struct arena *arena, struct touched_list *rows, struct map *index, struct str target,
                              enum run_phase phase)
{
    struct str key = arena_printf(arena, "%d %.*s", phase, STR_ARG(target));
    bool fresh;
    uint64_t *at = map_put(arena, index, key, &fresh);
    if (fresh) {
        *at = rows->len;
        *array_push(arena, rows) = (struct touched){.target = target, .phase = phase, .count = 1};
    }
    return &rows->items[*at];
}

static void sort(struct touched_list *rows)
{
    if (rows->len > 1)
        qsort(rows->items, rows->len, sizeof(*rows->items), by_wall);
}

struct touched_list rows_touched(struct arena *arena, const struct run_start *start, enum run_io_kind kind)
{
    struct touched_list rows = {0};
    struct map index = {0};
    for (size_t i = 0; i < start->ios.len; i++) {
        const struct run_io *io = &start->ios.items[i];
        bool module = io->import != RUN_NONE && module_kind(io) >= 0;
        if (io->kind == kind && is_cold(io) && !module && io->target.len)
            add(row_of(arena, &rows, &index, io->target, io->phase), io);
    }
    sort(&rows);
    return rows;
}

struct touched_list rows_modules(struct arena *arena, const struct run_start *start)
{
    struct touched_list rows = {0};
    struct touched sums[MODULE_SUFFIXES] = {0};
    struct map seen = {0};
    for (size_t i = 0; i < start->ios.len; i++) {
        const struct run_io *io = &start->ios.items[i];
        int kind = io->kind == RUN_IO_FILE && is_cold(io) && io->import != RUN_NONE ? module_kind(io) : -1;
        if (kind < 0 || io->phase == RUN_PLATFORM_INIT)
            continue;
        bool fresh;
        map_put(arena, &seen, io->target, &fresh);
        sums[kind].count += fresh;
        add(&sums[kind], io);
    }
    static const char *const names[MODULE_SUFFIXES] = {".pyc files", ".py files", "shared objects"};
    for (int i = 0; i < MODULE_SUFFIXES; i++) {
        if (!sums[i].count)
            continue;
        sums[i].target = str_of(names[i]);
        sums[i].phase = RUN_IMPORT;
        sums[i].file = STR("");
        *array_push(arena, &rows) = sums[i];
    }
    return rows;
}

struct touched_list rows_waits(struct arena *arena, const struct run_start *start)
{
    struct touched_list rows = {0};
    struct map index = {0};
    for (size_t i = 0; i < start->ios.len; i++) {
        const struct run_io *io = &start->ios.items[i];
        if (!io->starting || !is_cold(io) || io->kind == RUN_IO_FILE || io->kind == RUN_IO_NETWORK)
            continue;
        struct str name = str_of(run_io_name(io->kind));
        if (io->target.len)
            name = arena_printf(arena, "%.*s %.*s", STR_ARG(name), STR_ARG(path_base(io->target)));
        struct str key = io->file.len ? arena_printf(arena, "%.*s\1%.*s:%u", STR_ARG(name), STR_ARG(io->file), io->line)
                                      : name;
        struct touched *row = row_of(arena, &rows, &index, key, io->phase);
        row->target = name;
        add(row, io);
    }
    sort(&rows);
    return rows;
}

struct import_total *rows_import_totals(struct arena *arena, const struct run_start *start)
{
    size_t n = start->imports.len;
    struct import_total *totals = arena_array(arena, struct import_total, n + 1);
    for (size_t i = n; i-- > 0;) { /* an import begins before those that it causes */
        const struct run_import *import = &start->imports.items[i];
        totals[i].rss_bytes += import->rss_bytes;
        totals[i].read_bytes += import->read_bytes;
        if (import->parent >= 0 && (size_t)import->parent < i) {
            totals[import->parent].rss_bytes += totals[i].rss_bytes;
            totals[import->parent].read_bytes += totals[i].read_bytes;
        }
    }
    return totals;
}

struct str rows_words(struct arena *arena, const char *name)
{
    struct str copy = arena_copy(arena, str_of(name));
    for (char *c = (char *)copy.ptr; *c; c++) {
        if (*c == '_')
            *c = ' ';
    }
    return copy;
}

struct str rows_place(struct arena *arena, enum run_phase phase, struct str file, uint32_t line)
{
    struct str words = rows_words(arena, run_phase_name(phase));
    if (!file.len)
        return words;
    return arena_printf(arena, "%.*s, %.*s:%u", STR_ARG(words), STR_ARG(path_base(file)), line);
}

struct str rows_file(struct str file)
{
    static const struct str marker = {"/site-packages/", 15};
    ptrdiff_t at = str_find(file, marker);
    return at < 0 ? file : str_slice(file, (size_t)at + marker.len, file.len);
}
