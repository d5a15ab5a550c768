/* What the store knows of the functions that are checked: the newest run of each, for the checklist. */
#include "cmd/check.h"

#include <math.h>

#include "base/file.h"
#include "store/store.h"
#include "store/summary.h"

enum { RUNS_MOST = 40, DEFAULT_MIB = 128 };

/* Whether the run is one of the function, or of a method of the class. */
static bool is_run_of(const struct run *run, struct str name)
{
    struct str measured = run->target.function;
    return str_equals(measured, name) ||
           (str_starts_with(measured, name) && measured.len > name.len && measured.ptr[name.len] == '.');
}

static void read_run(struct arena *arena, const struct run *run, struct checklist_run *out)
{
    struct summary summary;
    summary_make(arena, run, &summary);
    if (!summary.start)
        return;
    *out = (struct checklist_run){.id = run->id,
                                  .init_s = summary.has_init ? summary.init_s : NAN,
                                  .warm_s = summary.has_warm ? summary.warm.p50_s : NAN,
                                  .peak_bytes = (double)summary.peak_bytes,
                                  .peak_cores = summary.cpu_peak_cores,
                                  .mean_cores = summary.cpu_mean_cores,
                                  .asked_cores = run->target.cpu,
                                  .asked_bytes = run->target.memory_bytes > 0 ? run->target.memory_bytes
                                                                              : DEFAULT_MIB * 1048576.0};
}

/* The newest runs of one file, given to its functions, [first, end) of the app's. */
static void read_file_runs(struct arena *arena, struct store *store, const struct app *app, size_t first, size_t end,
                           struct checklist_run *runs)
{
    struct store_ids ids = {0};
    struct str path = app->functions.items[first].module->path;
    if (str_starts_with(path, STR("./")))
        path = str_slice(path, 2, path.len);
    if (store_list_runs(store, arena, path, RUNS_MOST, &ids, NULL))
        return;
    for (size_t i = 0; i < ids.len; i++) {
        struct run run = {0};
        if (store_load_run(store, arena, ids.items[i], STORE_FIGURES, &run, NULL) || !run.finished)
            continue;
        for (size_t k = first; k < end; k++)
            if (!runs[k].id.len && is_run_of(&run, app->functions.items[k].name))
                read_run(arena, &run, &runs[k]);
    }
}

const struct checklist_run *check_runs(struct cmd_call *call, const struct app *app)
{
    struct checklist_run *runs = arena_array(call->arena, struct checklist_run, app->functions.len + 1);
    struct str directory = store_directory(call->arena, NULL);
    struct store *store = NULL;
    if (!directory.len || store_open_to_read(directory.ptr, &store, NULL))
        return runs;
    for (size_t first = 0, end; first < app->functions.len; first = end) {
        for (end = first;
             end < app->functions.len && app->functions.items[end].module == app->functions.items[first].module;)
            end++;
        read_file_runs(call->arena, store, app, first, end, runs);
    }
    store_close(store);
    return runs;
}
