/* The items as rows: which rules speak about them, whom they concern, and what would measure them. */
#include "diagnose/checklist.h"

#include <math.h>
#include <string.h>

#include "base/units.h"

/* Whom an item concerns. */
enum concerns { ALL, IMAGES, GPUS, LOADERS };

/* Which measured figure answers an item. */
enum figure { NOTHING, INIT, WARM, PEAK, REQUEST, RESOURCES };

static const struct row {
    const char *group, *item;
    enum concerns concerns;
    const char *rules;    /* any of these makes it a finding */
    const char *fine;     /* what it says where none speaks; NULL: only a measurement tells */
    const char *measured; /* the command that measures it; NULL: the text says enough */
    enum figure figure;   /* of a run in the store */
} rows[] = {
    {"Cold start", "minimize-image-size", IMAGES,
     "package-unused gpu-image-without-gpu apt-uncleaned images-share-base", "no large package goes unused", NULL,
     NOTHING},
    {"Cold start", "use-lazy-imports-where-possible", ALL, "heavy-import-unused heavy-import-some import-in-hot-path",
     "nothing heavy is imported in vain", NULL, NOTHING},
    {"Cold start", "cache-models-in-volumes-or-image", LOADERS, "download-per-start", "what it downloads is kept", NULL,
     NOTHING},
    {"Cold start", "pre-download-assets-during-image-build", LOADERS, "download-per-start work-at-import build-hook",
     "no start downloads anything", NULL, NOTHING},
    {"Container reuse", "use-keep-warm-for-frequently-called-functions", ALL,
     "nothing-warm min-containers-idle window-short timeout-keeps-nothing", NULL, "coldspot plan", NOTHING},
    {"Container reuse", "use-app-cls-with-modal-enter-for-setup", ALL, "setup-repeated work-at-import custom-init",
     "no set-up runs on every call", NULL, NOTHING},
    {"Container reuse", "set-appropriate-concurrency-limit", ALL,
     "async-without-concurrency one-call-per-container concurrency-unsafe concurrency-one-model limit-is-containers "
     "allow-concurrent-inputs blocking-in-async",
     "nothing speaks against it", NULL, NOTHING},
    {"GPU", "profile-gpu-memory-usage-first", GPUS, "expensive-unmeasured", NULL, "coldspot run", NOTHING},
    {"GPU", "choose-cheapest-gpu-that-fits-workload", GPUS, "gpu-oversized gpu-unused", NULL, "coldspot run", NOTHING},
    {"GPU", "use-batch-processing-to-saturate-gpu", GPUS,
     "one-item-at-a-time batched-missing batched-wait fixed-batch-size", "no model is given single items", NULL,
     NOTHING},
    {"GPU", "monitor-utilization", GPUS, "expensive-unmeasured gpu-unused cpu-work-on-gpu", NULL, "coldspot run",
     NOTHING},
    {"Memory", "profile-peak-memory-usage", ALL, "", NULL, "coldspot run", PEAK},
    {"Memory", "right-size-allocation", ALL, "memory-request-far ephemeral-disk-memory", NULL, "coldspot run", REQUEST},
    {"Memory", "stream-large-datasets-instead-of-loading", ALL, "whole-file-load", "no file is read whole in vain",
     NULL, NOTHING},
    {"Memory", "clean-up-large-objects-when-done", ALL, "held-after-use", "nothing loaded is kept unread", NULL,
     NOTHING},
    {"Cost", "reduce-cold-starts", ALL,
     "no-snapshot window-short single-use-slow-start heavy-import-unused heavy-import-some download-per-start "
     "work-at-import compile-uncached",
     NULL, "coldspot run", INIT},
    {"Cost", "minimize-execution-time", ALL,
     "setup-repeated remote-in-loop blocking-in-async no-inference-mode gpu-move-per-call one-item-at-a-time "
     "tiny-tasks",
     NULL, "coldspot run", WARM},
    {"Cost", "right-size-all-resources", ALL,
     "gpu-oversized gpu-unused memory-request-far cpu-request-far cpu-on-gpu min-containers-idle window-long", NULL,
     "coldspot run", RESOURCES},
    {"Cost", "use-cheaper-gpus-when-possible", GPUS, "gpu-oversized gpu-unused", NULL, "coldspot run", NOTHING},
};

const char *checklist_status_name(enum checklist_status status)
{
    static const char *const names[] = {"ok", "finding", "not_measured", "not_applicable"};
    return names[status];
}

static bool names(const char *list, struct str name)
{
    struct str rest = str_of(list), word;
    while (str_cut(&rest, ' ', &word))
        if (str_equals(word, name))
            return true;
    return false;
}

static bool loads_something(struct str text)
{
    static const char *const words[] = {"from_pretrained", "download",     "load_model", "SentenceTransformer(",
                                        "pipeline(",       "urlretrieve",  "torch.load", "torch.hub",
                                        "joblib.load",     "WhisperModel", "vllm",       ".gguf",
                                        "load_dataset"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (str_contains(text, str_of(words[i])))
            return true;
    return false;
}

/* What is known of a function without any check. */
static bool is_concerned(struct arena *arena, const struct source *source, const struct app_function *function,
                         enum concerns whom, bool loads, const char **why_out)
{
    struct str type;
    int64_t count;
    switch (whom) {
    case IMAGES:
        *why_out = "it names no image";
        return function->settings[SETTING_IMAGE].value != NULL;
    case GPUS:
        *why_out = "it has no GPU";
        return app_has_gpu(arena, &source->project, function, &type, &count);
    case LOADERS:
        *why_out = "it fetches and loads nothing";
        return loads;
    case ALL:
        break;
    }
    return true;
}

static struct str text_of(struct arena *arena, void (*add)(struct buf *, double), double amount)
{
    struct buf text = {0};
    add(&text, amount);
    struct str kept = arena_copy(arena, buf_str(&text));
    buf_release(&text);
    return kept;
}

/* Seconds against what is good and what deserves a look. */
static bool judge_time(struct arena *arena, const char *what, double seconds, double good, double investigate,
                       struct checklist_row *out)
{
    if (!(seconds >= 0))
        return false;
    out->status = seconds > investigate ? CHECKLIST_FINDING : CHECKLIST_OK;
    out->brief = arena_printf(arena, "%s %.*s", what, STR_ARG(text_of(arena, units_add_duration, seconds)));
    out->evidence = arena_printf(arena, "%.*s; good is under %g s, over %g s deserves a look", STR_ARG(out->brief),
                                 good, investigate);
    return true;
}

enum { RUN_ID_SHOWN = 4 };
enum { SHARE_LEAST = 40, SHARE_MOST = 95 }; /* per cent of what is asked for */

static bool judge_memory(struct arena *arena, const struct checklist_run *run, bool request, struct checklist_row *out)
{
    if (!(run->peak_bytes > 0) || (request && !(run->asked_bytes > 0)))
        return false;
    struct str peak = text_of(arena, units_add_size, run->peak_bytes);
    double share = 100 * run->peak_bytes / run->asked_bytes;
    out->status = request && (share < SHARE_LEAST || share > SHARE_MOST) ? CHECKLIST_FINDING : CHECKLIST_OK;
    out->brief = request ? arena_printf(arena, "%.0f %% of the memory asked for", share)
                         : arena_printf(arena, "peak %.*s", STR_ARG(peak));
    out->evidence = request ? arena_printf(arena, "peak %.*s, %.0f %% of the request; peak x 1.2 is %.0f MiB",
                                           STR_ARG(peak), share, ceil(run->peak_bytes * 1.2 / 1048576))
                            : out->brief;
    return true;
}

/* Cores against the request: more than one is asked for, and less than two fifths of it are ever used. */
static bool is_cpu_far(const struct checklist_run *run)
{
    return run->asked_cores > 1 && run->peak_cores / run->asked_cores * 100 < SHARE_LEAST;
}

/* Memory and CPU together. */
static bool judge_resources(struct arena *arena, const struct checklist_run *run, struct checklist_row *out)
{
    struct checklist_row memory = *out;
    bool known = judge_memory(arena, run, true, &memory);
    if (!known || !(run->peak_cores > 0))
        return false;
    struct str asked = run->asked_cores > 0 ? arena_printf(arena, "%g asked for", run->asked_cores)
                                            : STR("none asked for");
    bool far = is_cpu_far(run);
    out->status = far ? CHECKLIST_FINDING : memory.status;
    out->brief = arena_printf(arena, "%.0f %% of memory, %.2g cores", 100 * run->peak_bytes / run->asked_bytes,
                              run->peak_cores);
    out->evidence = arena_printf(arena, "%.*s; CPU %.2g cores at most, %.2g on average, %.*s", STR_ARG(memory.evidence),
                                 run->peak_cores, run->mean_cores, STR_ARG(asked));
    return true;
}

/* Answers the item from the function's newest run; false where that doesn't tell. */
static bool fill_measured(struct arena *arena, const struct row *row, const struct checklist_run *run,
                          struct checklist_row *out)
{
    bool answered = false;
    if (!run || !run->id.len)
        return false;
    if (row->figure == INIT)
        answered = judge_time(arena, "start-up", run->init_s, 10, 30, out);
    else if (row->figure == WARM)
        answered = judge_time(arena, "warm call", run->warm_s, 1, 5, out);
    else if (row->figure == RESOURCES)
        answered = judge_resources(arena, run, out);
    else if (row->figure != NOTHING)
        answered = judge_memory(arena, run, row->figure == REQUEST, out);
    if (!answered)
        return false;
    struct str id = str_slice(run->id, 0, RUN_ID_SHOWN);
    out->brief = arena_printf(arena, "%.*s, run %.*s", STR_ARG(out->brief), STR_ARG(id));
    out->evidence = arena_printf(arena, "%.*s (run %.*s)", STR_ARG(out->evidence), STR_ARG(id));
    return true;
}

static bool is_kept_warm(const struct app_function *function)
{
    return app_number(function, SETTING_MIN_CONTAINERS, 0) >= 1;
}

/* The command that measures it, as it can be typed. */
static struct str measuring_command(struct arena *arena, const struct row *row, const struct app_function *function)
{
    if (str_equals(str_of(row->measured), STR("coldspot plan")))
        return STR("needs traffic: coldspot plan");
    return arena_printf(arena, "%s %.*s::%.*s", row->measured, STR_ARG(function->module->path),
                        STR_ARG(check_callable(function)));
}

/* By what the item has been looked at; empty: by nothing. */
static struct str answer_of(const struct row *row, const struct checklist_known *known, struct str function)
{
    if (!known || !row->measured || !str_equals(known->function, function))
        return STR("");
    if (str_equals(str_of(row->measured), STR("coldspot plan")))
        return known->traffic;
    return row->concerns == GPUS ? known->gpu : known->measured;
}

static void fill_row(struct arena *arena, const struct row *row, const struct app_function *function,
                     const struct finding *finding, const struct checklist_known *known,
                     const struct checklist_run *run, struct checklist_row *out)
{
    struct str answer = answer_of(row, known, out->function);
    if (finding) {
        out->status = CHECKLIST_FINDING;
        out->brief = arena_printf(arena, "%.*s:%u %.*s", STR_ARG(finding->location.file), finding->location.line,
                                  STR_ARG(finding->name));
        out->evidence = arena_printf(arena, "%.*s: %.*s", STR_ARG(out->brief), STR_ARG(finding->message));
    } else if (answer.len) {
        out->status = CHECKLIST_OK;
        out->brief = answer;
        out->evidence = arena_printf(arena, "%.*s: nothing to change", STR_ARG(answer));
    } else if (row->fine || (names(row->rules, STR("nothing-warm")) && is_kept_warm(function))) {
        out->status = CHECKLIST_OK;
        out->brief = out->evidence = str_of(row->fine ? row->fine : "a container is kept warm");
    } else if (!fill_measured(arena, row, run, out)) {
        out->status = CHECKLIST_NOT_MEASURED;
        out->brief = str_of(row->measured);
        out->evidence = measuring_command(arena, row, function);
    }
}

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* For each row the first finding that is about a function, or about lines of a file that belong to no function alone. */
struct firsts {
    const struct finding *rows[ROWS];
};

static uint32_t rows_of(struct str rule)
{
    uint32_t mask = 0;
    for (unsigned k = 0; k < ROWS; k++)
        if (names(rows[k].rules, rule))
            mask |= 1u << k;
    return mask;
}

static void note_finding(struct firsts *firsts, const struct finding *finding, uint32_t mask)
{
    for (unsigned k = 0; k < ROWS; k++)
        if (mask >> k & 1 && !firsts->rows[k])
            firsts->rows[k] = finding;
}

/* The function of the module in whose lines (decorators included) the line is: the last that begins at or before it, if it reaches
 * that far; -1: none. */
static ptrdiff_t function_at(const struct source *source, size_t first, size_t end, uint32_t line)
{
    size_t low = first, high = end;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct app_function *function = &source->app.functions.items[middle];
        if (tree_node(&function->module->tree, module_def(function->module, function->def)->outer)->row + 1 <= line)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == first)
        return -1;
    uint32_t row, column;
    const struct app_function *function = &source->app.functions.items[low - 1];
    tree_position(&function->module->tree,
                  tree_node(&function->module->tree, module_def(function->module, function->def)->outer)->end, &row,
                  &column);
    return line <= row + 1 ? (ptrdiff_t)low - 1 : -1;
}

/* A module's functions: [first, end) of the app's. */
struct home {
    size_t first, end;
    bool loads; /* something in its text fetches or loads */
    struct firsts firsts;
};

static void sort_findings(struct arena *arena, const struct source *source, const struct findings *findings,
                          struct home *homes, struct firsts *own)
{
    struct map by_path = {0};
    for (size_t i = 0; i < source->project.modules.len; i++)
        *map_put(arena, &by_path, source->project.modules.items[i]->path, NULL) = i + 1;
    for (size_t i = 0; i < findings->len; i++) {
        const struct finding *finding = &findings->items[i];
        const uint64_t *module = map_get(&by_path, finding->location.file);
        uint32_t mask = rows_of(finding->name);
        if (!module || !mask)
            continue;
        struct home *home = &homes[*module - 1];
        ptrdiff_t function = function_at(source, home->first, home->end, finding->location.line);
        note_finding(function >= 0 ? &own[function] : &home->firsts, finding, mask);
    }
}

void checklist_make(struct arena *arena, const struct source *source, const struct findings *findings,
                    const struct checklist_known *known, const struct checklist_run *runs,
                    struct checklist *checklist_out)
{
    size_t n = source->app.functions.len;
    struct home *homes = arena_array(arena, struct home, source->project.modules.len + 1);
    struct firsts *own = arena_array(arena, struct firsts, n + 1);
    *checklist_out = (struct checklist){0};
    for (size_t i = n; i > 0; i--) {
        struct home *home = &homes[source->app.functions.items[i - 1].module->index];
        home->end = home->end ? home->end : i;
        home->first = i - 1;
    }
    for (size_t i = 0; i < source->project.modules.len; i++)
        homes[i].loads = homes[i].end && loads_something(source->project.modules.items[i]->tree.text);
    sort_findings(arena, source, findings, homes, own);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < ROWS; k++) {
            const struct app_function *function = &source->app.functions.items[i];
            struct checklist_row *out = array_push(arena, checklist_out);
            const char *why = "";
            *out = (struct checklist_row){.function = function->name, .group = rows[k].group, .item = rows[k].item};
            const struct finding *finding = own[i].rows[k] ? own[i].rows[k]
                                                           : homes[function->module->index].firsts.rows[k];
            if (!finding &&
                !is_concerned(arena, source, function, rows[k].concerns, homes[function->module->index].loads, &why)) {
                out->status = CHECKLIST_NOT_APPLICABLE;
                out->evidence = out->brief = str_of(why);
            } else {
                fill_row(arena, &rows[k], function, finding, known, runs ? &runs[i] : NULL, out);
            }
        }
}
