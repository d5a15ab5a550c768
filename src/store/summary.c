/* From starts and invocations to the figures that are shown: medians of real starts, quantiles of warm calls. */
#include "store/summary.h"

#include "base/stats.h"
#include "store/sampled.h"

struct values {
    double *items;
    size_t len, cap;
};

static struct summary_times times_of(struct values *values)
{
    if (!values->len)
        return (struct summary_times){0};
    stats_sort(values->items, values->len);
    return (struct summary_times){
        .n = values->len,
        .p50_s = stats_quantile(values->items, values->len, 0.5),
        .p90_s = stats_quantile(values->items, values->len, 0.9),
        .p99_s = stats_quantile(values->items, values->len, 0.99),
        .mean_s = stats_mean(values->items, values->len),
    };
}

static void add_cold(struct arena *arena, const struct run *run, struct summary *summary)
{
    struct values walls = {0};
    for (size_t i = 0; i < run->starts.len; i++) {
        const struct run_start *start = &run->starts.items[i];
        if (run_start_counts(start) && !start->snapshot)
            *array_push(arena, &walls) = start->wall_s;
        if (start->peak_bytes > summary->peak_bytes)
            summary->peak_bytes = start->peak_bytes;
        if (start->cpu_peak_cores > summary->cpu_peak_cores)
            summary->cpu_peak_cores = start->cpu_peak_cores;
    }
    summary->cold = times_of(&walls);
    if (summary->start)
        summary->cold.p50_s = summary->start->wall_s;
}

static void add_outliers(struct arena *arena, const struct run *run, const struct values *sorted,
                         struct summary *summary)
{
    uint32_t call = 0;
    summary->outliers = arena_array(arena, struct summary_outlier, sorted->len + 1);
    for (size_t i = 0; i < run->starts.len; i++) {
        const struct run_start *start = &run->starts.items[i];
        for (size_t k = 0; k < start->invocations.len; k++) {
            const struct run_invocation *invocation = &start->invocations.items[k];
            if (invocation->number == 0)
                continue;
            call++;
            if (stats_is_outlier(sorted->items, sorted->len, invocation->wall_s))
                summary->outliers[summary->n_outliers++] = (struct summary_outlier){call, invocation->wall_s};
        }
    }
}

static void add_warm(struct arena *arena, const struct run *run, struct summary *summary)
{
    struct values walls = {0};
    for (size_t i = 0; i < run->starts.len; i++) {
        const struct run_start *start = &run->starts.items[i];
        for (size_t k = 0; k < start->invocations.len; k++) {
            if (start->invocations.items[k].number > 0)
                *array_push(arena, &walls) = start->invocations.items[k].wall_s;
        }
    }
    summary->warm = times_of(&walls);
    summary->has_warm = walls.len > 0;
    add_outliers(arena, run, &walls, summary);
}

/* init: everything before the first call, and what the first call took beyond a warm one. */
static void add_init(struct summary *summary)
{
    const struct run_start *start = summary->start;
    summary->has_init = summary->has_warm && start;
    if (!summary->has_init)
        return;
    double first = start->phases_s[RUN_FIRST_CALL];
    double beyond = first > summary->warm.p50_s ? first - summary->warm.p50_s : 0;
    summary->init_s = start->wall_s - first + beyond;
}

static struct summary_stage *stage_named(struct arena *arena, struct summary *summary, const struct run_stage *stage)
{
    for (size_t i = 0; i < summary->stages.len; i++) {
        struct summary_stage *known = &summary->stages.items[i];
        if (str_equals(known->name, stage->name) && str_equals(known->parent, stage->parent))
            return known;
    }
    struct summary_stage *fresh = array_push(arena, &summary->stages);
    fresh->name = stage->name;
    fresh->parent = stage->parent;
    return fresh;
}

static void add_stages(struct arena *arena, const struct run *run, struct summary *summary)
{
    double in_stages_s = 0, n = (double)summary->warm.n;
    for (size_t i = 0; n > 0 && i < run->starts.len; i++) {
        const struct run_start *start = &run->starts.items[i];
        for (size_t k = 0; k < start->stages.len; k++) {
            const struct run_stage *stage = &start->stages.items[k];
            if (stage->phase != RUN_EXEC)
                continue;
            struct summary_stage *sum = stage_named(arena, summary, stage);
            sum->wall_s += stage->wall_s / n;
            sum->calls += (double)stage->calls / n;
            in_stages_s += stage->parent.len ? 0 : stage->wall_s / n;
        }
    }
    double call_s = summary->warm.mean_s;
    for (size_t i = 0; i < summary->stages.len; i++)
        summary->stages.items[i].fraction = call_s > 0 ? summary->stages.items[i].wall_s / call_s : 0;
    if (n > 0 && !summary->stages.len)
        in_stages_s = sampled_stages(arena, run, summary);
    summary->not_in_a_stage_s = call_s > in_stages_s ? call_s - in_stages_s : 0;
}

void summary_make(struct arena *arena, const struct run *run, struct summary *summary_out)
{
    struct summary summary = {.start = run_median_start(run, false)};
    add_cold(arena, run, &summary);
    add_warm(arena, run, &summary);
    add_init(&summary);
    add_stages(arena, run, &summary);
    if (summary.start) {
        const struct run_start *start = summary.start;
        summary.attributed_fraction = start->wall_s > 0 ? start->attributed_s / start->wall_s : 0;
        summary.cpu_mean_cores = start->span_s > 0 ? start->cpu_s / start->span_s : 0;
        summary.end_bytes = start->end_bytes;
    }
    *summary_out = summary;
}
