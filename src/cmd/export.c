/* `coldspot export RUN`: a run's stacks and timeline for other tools. */
#include "present/export.h"

#include <math.h>
#include <unistd.h>

#include "base/file.h"
#include "cmd/money.h"
#include "cmd/run.h"
#include "store/store.h"

struct args {
    struct cmd_money money;
    const char *format, *part, *store;
    struct opt_strs files;
    bool cpu_only, by_task;
};

#define FIELD(name) offsetof(struct args, name)
static const struct opt export_opts[] = {
    {0, "format", OPT_CHOICE, FIELD(format), export_choices,
     "the tool's format (default: by -o's suffix, else collapsed)", 0, 0},
    {'o', "output", OPT_STRS, FIELD(files), "FILE", "write to FILE instead of stdout (repeatable; the suffix decides)",
     0, 0},
    {0, "part", OPT_CHOICE, FIELD(part), export_part_choices,
     "stacks of the calls (default), of the cold starts, or all", 0, 0},
    {0, "cpu", OPT_FLAG, FIELD(cpu_only), NULL, "leave out what waits", 0, 0},
    {0, "tasks", OPT_FLAG, FIELD(by_task), NULL,
     "asyncio's tasks instead of threads: running and suspended, each below its name", 0, 0},
    {0, "store", OPT_STR, FIELD(store), "DIR", "where runs are kept", 0, 0},
    {0},
};

static int load(struct cmd_call *call, const struct args *args, const struct opt_words *words, struct run *run,
                struct err *err)
{
    struct store *store;
    struct store_ids ids = {0};
    int rc = store_open(store_directory(call->arena, args->store).ptr, &store, err);
    if (rc)
        return rc;
    struct str id = words->len ? str_of(words->items[0]) : STR("");
    if (!words->len) {
        rc = store_list_runs(store, call->arena, STR(""), 1, &ids, err);
        id = ids.len ? ids.items[0] : id;
    }
    if (!rc && !id.len) {
        err_set(err, ERR_INPUT, "there are no runs in the store yet");
        rc = err_hint(err, "measure one: coldspot run app.py::function");
    }
    if (!rc)
        rc = store_load_run(store, call->arena, id, STORE_ALL, run, err);
    store_close(store);
    return rc;
}

/* USD a second; NAN where the run has no price. */
static double find_rate(struct cmd_call *call, const struct args *args, const struct run *run)
{
    struct catalogue catalogue;
    struct summary summary;
    struct run_money money;
    struct err err = {0};
    double rate = NAN;
    summary_make(call->arena, run, &summary);
    struct price_settings settings = cmd_price_settings(&run->target, &args->money);
    bool command = str_equals(run->target.kind, STR("command"));
    if (!command && cmd_load_prices(call->arena, &args->money, &catalogue, &err) == 0 &&
        run_money_make(call->arena, &catalogue, &settings, &summary, &money, &err) == 0)
        rate = money.rate.usd_per_s;
    err_release(&err);
    return rate;
}

static bool has_stacks(const struct run *run)
{
    for (size_t i = 0; i < run->starts.len; i++) {
        if (run->starts.items[i].stacks.len)
            return true;
    }
    return false;
}

static int write_one(const struct profile *profile, const struct export_format *format, const char *path,
                     struct err *err)
{
    if (format->write != export_chrome && !has_stacks(profile->run)) {
        err_set(err, ERR_INPUT, "run %.*s has no stacks: they were not observed, or this Python's could not be read",
                STR_ARG(profile->run->id));
        return err_hint(err, "measure again with --observe all; --format chrome needs none");
    }
    struct buf out = {0};
    int rc = format->write(profile, &out, err);
    if (!rc)
        rc = path ? file_write(path, buf_str(&out), err)
                  : file_write_fd(STDOUT_FILENO, "standard output", buf_str(&out), err);
    buf_release(&out);
    return rc;
}

static int write_files(const struct profile *profile, const struct args *args, struct err *err)
{
    for (size_t i = 0; i < args->files.len; i++) {
        const char *path = args->files.items[i];
        const struct export_format *format = args->format ? export_find(str_of(args->format))
                                                          : export_find_by_path(str_of(path));
        if (!format) {
            err_set(err, ERR_USAGE, "cannot tell the format of '%s' from its suffix", path);
            return err_hint(err, "give --format, or one of .pb.gz, .speedscope.json, .collapsed, .trace.json");
        }
        int rc = write_one(profile, format, path, err);
        if (rc)
            return rc;
    }
    return 0;
}

static int run_export(struct cmd_call *call, struct err *err)
{
    struct args args = {0};
    struct opt_words words;
    struct run run;
    int rc = cmd_parse(call, (void *const[]){&args, &args.money}, 2, &words, err);
    if (rc)
        return rc;
    if (words.len > 1)
        return err_set(err, ERR_USAGE, "one run at a time, not %zu", words.len);
    rc = load(call, &args, &words, &run, err);
    if (rc)
        return rc;
    struct run *shown = args.by_task ? export_by_task(call->arena, &run) : &run;
    if (!shown) {
        err_set(err, ERR_INPUT, "run %.*s has no asyncio tasks: none ran, or stacks were not observed",
                STR_ARG(run.id));
        return err_hint(err, "without --tasks it is exported by threads");
    }
    struct profile profile = {
        .arena = call->arena,
        .run = shown,
        .by_task = args.by_task,
        .part = args.part ? export_part_of(str_of(args.part)) : EXPORT_CALLS,
        .cpu_only = args.cpu_only,
        .rate_per_s = find_rate(call, &args, &run),
    };
    if (args.files.len)
        return write_files(&profile, &args, err);
    return write_one(&profile, export_find(str_of(args.format ? args.format : "collapsed")), NULL, err);
}

const struct command command_export = {
    .name = "export",
    .summary = "write a run's stacks and timeline for other tools",
    .usage = "[OPTIONS] [RUN]",
    .details = "RUN is the id that run printed, or its beginning; without one, the newest run.\n\n"
               "  pprof        (go tool pprof) wall and CPU time of sampled stacks, samples, memory, and what it cost\n"
               "  speedscope   the same, a profile a thread, and the cold start's phases and imports\n"
               "  collapsed    a line a stack, in microseconds, for flame graphs\n"
               "  chrome       the cold start with its imports, input and output, and memory, for Perfetto",
    .examples = "  coldspot export --format collapsed > stacks.txt\n"
                "  coldspot export -o profile.pb.gz -o start.trace.json",
    .tables = {{NULL, export_opts}, {"Money", cmd_money_opts}},
    .run = run_export,
};
