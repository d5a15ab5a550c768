/* The slope is Sen's (1968), over several starts that of Hirsch, Slack and Smith (1982, "seasonal Kendall slope estimator"): slopes are
 * taken inside a start only, and the interval is that of the order statistics that Kendall's S leaves.  One call that takes much and
 * gives it back moves neither. */
#include "store/held.h"

#include <math.h>

#include "base/stats.h"

enum { CALLS_FIRST = 1, CALLS_MOST = 200, CALLS_LEAST = 4, CALLS_LEAST_IN_ALL = 8 };

static bool is_native(struct str kind)
{
    return str_equals(kind, STR("heap")) || str_equals(kind, STR("map"));
}

static const struct run_sample *highest(const struct run_start *start)
{
    const struct run_sample *most = NULL;
    for (size_t i = 0; i < start->samples.len; i++) {
        const struct run_sample *sample = &start->samples.items[i];
        if (sample->file_bytes && (!most || sample->rss_bytes > most->rss_bytes))
            most = sample;
    }
    return most;
}

bool held_split(const struct run_start *start, struct held_split *split_out)
{
    struct held_split split = {0};
    if (!start->heap_peak_bytes || !start->peak_bytes)
        return false;
    for (size_t i = 0; i < start->memory.len; i++) {
        const struct run_memory *memory = &start->memory.items[i];
        *(is_native(memory->kind) ? &split.native_bytes : &split.python_bytes) += (double)memory->peak_bytes;
        split.error_bytes = hypot(split.error_bytes, memory->error_bytes);
    }
    const struct run_sample *sample = highest(start);
    split.file_bytes = sample ? (double)sample->file_bytes : 0;
    split.explained = (split.python_bytes + split.native_bytes) / (double)start->peak_bytes;
    *split_out = split;
    return true;
}

struct slopes {
    double *items;
    size_t len, cap;
};

/* The slopes inside one start, and its part of the variance of Kendall's S. */
static size_t add_slopes(struct arena *arena, const struct run_start *start, struct slopes *slopes, double *variance)
{
    size_t n = start->invocations.len < CALLS_MOST ? start->invocations.len : CALLS_MOST, used = 0;
    for (size_t i = 0; i < n; i++) {
        const struct run_invocation *from = &start->invocations.items[i];
        if (from->number < CALLS_FIRST || !from->end_bytes)
            continue;
        used++;
        for (size_t k = i + 1; k < n; k++) {
            const struct run_invocation *to = &start->invocations.items[k];
            if (to->end_bytes && to->number > from->number)
                *array_push(arena, slopes) = ((double)to->end_bytes - (double)from->end_bytes) /
                                             (double)(to->number - from->number);
        }
    }
    *variance += (double)used * ((double)used - 1) * (2 * (double)used + 5) / 18;
    return used;
}

bool held_growth(struct arena *arena, const struct run *run, struct held_growth *growth_out)
{
    struct slopes slopes = {0};
    double variance = 0;
    size_t calls = 0, most = 0;
    for (size_t i = 0; i < run->starts.len; i++) {
        size_t used = run_start_counts(&run->starts.items[i])
                          ? add_slopes(arena, &run->starts.items[i], &slopes, &variance)
                          : 0;
        calls += used;
        most = used > most ? used : most;
    }
    if (most < CALLS_LEAST || calls < CALLS_LEAST_IN_ALL || !slopes.len)
        return false;
    stats_sort(slopes.items, slopes.len);
    double n = (double)slopes.len, width = 1.96 * sqrt(variance);
    double low = fmax((n - width) / 2 - 1, 0), high = fmin((n + width) / 2, n - 1);
    *growth_out = (struct held_growth){
        .calls = calls,
        .bytes = stats_quantile(slopes.items, slopes.len, 0.5),
        .low_bytes = slopes.items[(size_t)low],
        .high_bytes = slopes.items[(size_t)ceil(high)],
    };
    return true;
}
