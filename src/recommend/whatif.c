/* The timeline of the starting thread is a sequence: what no longer runs on it makes it shorter by just that. */
#include "recommend/whatif.h"

#include <math.h>

#include "diagnose/imports.h"
#include "diagnose/measured.h"

enum { LARGE_BYTES = 1 << 20 };

double whatif_read_rate(const struct run *run)
{
    const struct run_start *start = run_median_start(run, false);
    double bytes = 0, wall_s = 0;
    for (size_t i = 0; start && i < start->ios.len; i++) {
        const struct run_io *io = &start->ios.items[i];
        if (io->kind != RUN_IO_FILE || io->bytes_in < LARGE_BYTES)
            continue;
        bytes += (double)io->bytes_in;
        wall_s += io->wall_s;
    }
    return wall_s > 0 ? bytes / wall_s : WHATIF_READ_RATE;
}

/* What was fetched is read from the image instead. */
static double without_host(const struct run *run, const struct run_start *start, struct str host)
{
    uint64_t bytes;
    double fetch_s = measured_fetch_s(run, start, host, &bytes), read_s = (double)bytes / whatif_read_rate(run);
    return fetch_s > read_s ? fetch_s - read_s : 0;
}

static double cold_saving(const struct run *run, const struct run_start *start, const struct facts *facts,
                          const struct changes *changes, double *unsure_s_out)
{
    struct import_cost imports = imports_cost(start, facts, changes);
    double saved_s = imports.wall_s;
    *unsure_s_out = imports.shared_s;
    for (size_t i = 0; i < changes->len; i++) {
        if (changes->items[i]->kind == CHANGE_HOST)
            saved_s += without_host(run, start, changes->items[i]->target);
    }
    return fmin(saved_s, start->wall_s);
}

/* What reading files that are read once instead takes of a call; false when a row is missing, so that it can't be told. */
static bool call_saving(const struct run_start *start, int32_t invocation, const struct changes *changes,
                        double *saved_s_out)
{
    *saved_s_out = 0;
    for (size_t i = 0; i < changes->len; i++) {
        if (changes->items[i]->kind != CHANGE_READ)
            continue;
        double reading_s = measured_reading_s(start, invocation, changes->items[i]->target);
        if (reading_s <= 0)
            return false;
        *saved_s_out += reading_s;
    }
    return true;
}

static void add_time(struct arena *arena, struct whatif_times *times, size_t room, double before, double saved,
                     double unsure)
{
    if (!times->before) {
        times->before = arena_array(arena, double, room);
        times->after = arena_array(arena, double, room);
        times->unsure = arena_array(arena, double, room);
    }
    times->before[times->n] = before;
    times->unsure[times->n] = unsure;
    times->after[times->n++] = before > saved ? before - saved : 0;
}

static void play_calls(struct arena *arena, const struct run_start *start, const struct changes *changes, size_t room,
                       struct whatif_times *times)
{
    for (size_t i = 0; i < start->invocations.len; i++) {
        const struct run_invocation *call = &start->invocations.items[i];
        double saved_s;
        if (call->number > 0 && call_saving(start, (int32_t)call->number, changes, &saved_s))
            add_time(arena, times, room, call->wall_s, saved_s, 0);
    }
}

static void play_settings(const struct changes *changes, struct whatif *whatif)
{
    whatif->memory_bytes = whatif->cpu = -1;
    for (size_t i = 0; i < changes->len; i++) {
        const struct change *change = changes->items[i];
        if (change->kind == CHANGE_MEMORY)
            whatif->memory_bytes = change->amount;
        if (change->kind == CHANGE_CPU)
            whatif->cpu = change->amount;
        if (change->kind == CHANGE_PEAK)
            whatif->peak_less_bytes += change->amount;
    }
}

void whatif_play(struct arena *arena, const struct run *run, const struct facts *facts, const struct changes *changes,
                 struct whatif *whatif_out)
{
    *whatif_out = (struct whatif){0};
    size_t calls = 0;
    for (size_t i = 0; i < run->starts.len; i++)
        calls += run->starts.items[i].invocations.len;
    for (size_t i = 0; i < run->starts.len; i++) {
        const struct run_start *start = &run->starts.items[i];
        if (measured_is_cold(start)) {
            double unsure_s, saved_s = cold_saving(run, start, facts, changes, &unsure_s);
            add_time(arena, &whatif_out->cold, run->starts.len, start->wall_s, saved_s, unsure_s);
        }
        play_calls(arena, start, changes, calls, &whatif_out->warm);
    }
    play_settings(changes, whatif_out);
}
