/* What makes two runs differ: the same things measured in both, by name, their medians over the starts. */
#include "diagnose/compare.h"

#include <math.h>
#include <stdlib.h>

#include "base/map.h"

/* A thing that takes time, with its time in each start of each side. */
struct thing {
    struct str name;  /* key: "import pandas" */
    struct str place; /* "app.py:4", or empty */
    array_of(double) times[2];
};

struct things {
    struct arena *arena;
    struct map index;
    array_of(struct thing) all;
    int side;              /* that is being read */
    struct map this_start; /* name -> index into `sums` + 1 */
    array_of(double) sums; /* of this start, by thing */
};

static void add(struct things *things, struct str name, struct str file, uint32_t line, double wall_s)
{
    bool fresh;
    uint64_t *index = map_put(things->arena, &things->index, name, &fresh);
    if (fresh) {
        *index = things->all.len;
        *array_push(things->arena, &things->all) = (struct thing){.name = arena_copy(things->arena, name)};
    }
    struct thing *thing = &things->all.items[*index];
    if (file.len && !thing->place.len)
        thing->place = arena_printf(things->arena, "%.*s:%u", STR_ARG(path_base(file)), line);
    while (things->sums.len < things->all.len)
        *array_push(things->arena, &things->sums) = 0;
    things->sums.items[*index] += wall_s;
}

/* Imports that the app's own files ask for; what those cause in turn is theirs. */
static void add_imports(struct things *things, const struct run_start *start)
{
    for (size_t i = 0; i < start->imports.len; i++) {
        const struct run_import *import = &start->imports.items[i];
        if (import->phase < RUN_IMPORT || import->parent != RUN_NONE || import->origin == RUN_HARNESS)
            continue;
        struct str top = import->module;
        ptrdiff_t dot = str_find(top, STR("."));
        struct str name = arena_printf(things->arena, "import %.*s",
                                       STR_ARG(dot < 0 ? top : str_slice(top, 0, (size_t)dot)));
        add(things, name, import->file, import->line, import->total_s);
    }
}

static void add_io(struct things *things, const struct run_start *start)
{
    for (size_t i = 0; i < start->ios.len; i++) {
        const struct run_io *io = &start->ios.items[i];
        bool own = io->starting && io->import == RUN_NONE && io->phase >= RUN_IMPORT && io->invocation <= 0;
        if (!own || !io->target.len ||
            (io->kind != RUN_IO_FILE && io->kind != RUN_IO_NETWORK && io->kind != RUN_IO_CHILD))
            continue;
        static const char *const verbs[] = {
            [RUN_IO_FILE] = "file", [RUN_IO_NETWORK] = "host", [RUN_IO_CHILD] = "child"};
        struct str name = arena_printf(things->arena, "%s %.*s", verbs[io->kind], STR_ARG(path_base(io->target)));
        add(things, name, io->file, io->line, io->wall_s);
    }
}

static void add_stages(struct things *things, const struct run_start *start)
{
    size_t calls = 0;
    for (size_t i = 0; i < start->invocations.len; i++)
        calls += start->invocations.items[i].number > 0;
    for (size_t i = 0; i < start->stages.len; i++) {
        const struct run_stage *stage = &start->stages.items[i];
        bool warm = stage->phase == RUN_EXEC;
        if (warm && !calls)
            continue;
        struct str name = arena_printf(things->arena, "stage %.*s%s", STR_ARG(stage->name),
                                       warm ? " of a warm call" : "");
        add(things, name, STR(""), 0, warm ? stage->wall_s / (double)calls : stage->wall_s);
    }
}

static void read_side(struct things *things, const struct run *run, int side)
{
    for (size_t i = 0; i < run->starts.len; i++) {
        const struct run_start *start = &run->starts.items[i];
        if (!run_start_counts(start))
            continue;
        things->sums.len = 0;
        while (things->sums.len < things->all.len)
            *array_push(things->arena, &things->sums) = 0;
        add_imports(things, start);
        add_io(things, start);
        add_stages(things, start);
        for (size_t k = 0; k < things->all.len; k++)
            *array_push(things->arena, &things->all.items[k].times[side]) = things->sums.items[k];
    }
}

/* The median over all starts of the side; a start that never met the thing counts as 0. */
static double median_of(struct arena *arena, const struct thing *thing, int side, size_t starts)
{
    if (!starts)
        return 0;
    double *sorted = arena_array(arena, double, starts);
    for (size_t i = 0; i < thing->times[side].len && i < starts; i++)
        sorted[i] = thing->times[side].items[i];
    stats_sort(sorted, starts);
    return stats_quantile(sorted, starts, 0.5);
}

static size_t count_starts(const struct run *run)
{
    size_t n = 0;
    for (size_t i = 0; i < run->starts.len; i++)
        n += run_start_counts(&run->starts.items[i]);
    return n;
}

static int by_size(const void *a, const void *b)
{
    double x = fabs(((const struct compare_reason *)a)->difference_s),
           y = fabs(((const struct compare_reason *)b)->difference_s);
    return (x < y) - (x > y);
}

struct compare_reasons compare_explain(struct arena *arena, const struct run *before, const struct run *after)
{
    struct things things = {.arena = arena};
    struct compare_reasons reasons = {0};
    read_side(&things, before, 0);
    read_side(&things, after, 1);
    const struct run_start *start = run_median_start(before, false);
    double least_s = start ? fmax(0.005, 0.01 * start->wall_s) : 0.005;
    for (size_t i = 0; i < things.all.len; i++) {
        const struct thing *thing = &things.all.items[i];
        double a = median_of(arena, thing, 0, count_starts(before)),
               b = median_of(arena, thing, 1, count_starts(after));
        if (fabs(b - a) < least_s)
            continue;
        const char *what = b == 0 ? "is gone" : a == 0 ? "is new" : b < a ? "is faster" : "is slower";
        struct str place = thing->place.len ? arena_printf(arena, " (%.*s)", STR_ARG(thing->place)) : STR("");
        struct str text = arena_printf(arena, "%.*s%.*s %s", STR_ARG(thing->name), STR_ARG(place), what);
        *array_push(arena, &reasons) = (struct compare_reason){text, b - a};
    }
    if (reasons.len > 1)
        qsort(reasons.items, reasons.len, sizeof(*reasons.items), by_size);
    return reasons;
}
