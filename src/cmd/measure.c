/* The options, and the loop over starts: each in a fresh sandbox, each stored as soon as it is there. */
#include "cmd/measure.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/units.h"
#include "cmd/machine.h"
#include "cmd/measure_start.h"
#include "store/store.h"

#define FIELD(name) offsetof(struct measure_options, name)

const struct opt measure_opts[] = {
    {0, "cold", OPT_U32, FIELD(cold), "N", "cold starts (default 5, compare 20); of a command, runs", 1, 10000},
    {0, "warm", OPT_U32, FIELD(warm), "N", "warm calls in all, spread over the starts (default 20, compare 60)", 0,
     1000000},
    {0, "max-time", OPT_DURATION, FIELD(max_time_s), "TIME", "end after TIME with what there is (default 60s)", 0.1,
     604800},
    {0, "timeout", OPT_DURATION, FIELD(timeout_s), "TIME", "of one start with its calls (default: the function's own)",
     0.01, 604800},
    {'i', "input", OPT_STR, FIELD(input), "JSON",
     "a list: arguments, an object: keywords, else the one argument; @FILE reads it", 0, 0},
    {0, "input-from", OPT_STR, FIELD(input_from), "FILE.py::FUNCTION", "call a function for the input", 0, 0},
    {0, "inputs", OPT_STR, FIELD(inputs), "FILE.jsonl", "many inputs, used in turn", 0, 0},
    {0, "request", OPT_STR, FIELD(request), "'GET /path'", "for web functions", 0, 0},
    {0, "body", OPT_STR, FIELD(body), "TEXT", "the request's body; @FILE reads it", 0, 0},
    {0, "header", OPT_STRS, FIELD(headers), "'NAME: VALUE'", "a header of the request (repeatable)", 0, 0},
    {0, "param", OPT_STRS, FIELD(params), "K=V", "a parameter of the class (repeatable)", 0, 0},
    {0, "batch", OPT_STR, FIELD(batch), "N",
     "inputs a call of a batched function (default: its max_batch_size); 1,2,4,8 measures each of these", 0, 0},
    {0, "concurrency", OPT_STR, FIELD(concurrency), "N,...", "measure so many calls at once: 1,2,4,8", 0, 0},
    {0, "remote", OPT_CHOICE, FIELD(remote), "local|error",
     "what .remote(), .map() and .spawn() inside do (default local)", 0, 0},
    {'e', "env", OPT_STRS, FIELD(env), "K=V", "set a variable for the function (repeatable)", 0, 0},
    {0, "env-file", OPT_STRS, FIELD(env_files), "FILE", "variables from a file of K=V lines", 0, 0},
    {0, "mount", OPT_STRS, FIELD(mounts), "/PATH=DIR", "a directory in place of a Volume (repeatable)", 0, 0},
    {0, "python", OPT_STR, FIELD(python), "PYTHON", "the interpreter (default: VIRTUAL_ENV, a .venv, python3)", 0, 0},
    {0, "sandbox", OPT_STR, FIELD(sandbox), "NAME", "how the function is started (default process)", 0, 0},
    {0, "observe", OPT_STR, FIELD(observe), "LIST", "imports,io,memory,stacks,uses, or all, or none (default all)", 0,
     0},
    {0, "sample-rate", OPT_U32, FIELD(sample_hz), "HZ", "stack samples a second (default 100)", 1, 1000},
    {0, "gpu", OPT_STR, FIELD(gpu), "NAME[:N]", "price with this GPU instead of the app's", 0, 0},
    {0, "cpu", OPT_F64, FIELD(cpu), "CORES", "price with this request instead of the app's", 0.001, 1024},
    {0, "memory", OPT_F64, FIELD(memory_mib), "MIB", "price with this request instead of the app's", 1, 1e9},
    {0, "redact-paths", OPT_FLAG, FIELD(redact_paths), NULL, "record digests in place of paths and hosts", 0, 0},
    {0, "store", OPT_STR, FIELD(store), "DIR", "where runs are kept", 0, 0},
    {0},
};

struct measure_options measure_defaults(void)
{
    return (struct measure_options){.cold = 5,
                                    .warm = 20,
                                    .max_time_s = 60,
                                    .remote = "local",
                                    .sandbox = "process",
                                    .observe = "all",
                                    .sample_hz = 100};
}

static volatile sig_atomic_t interrupted_by;

static void on_signal(int number)
{
    interrupted_by = number;
}

static const int caught[] = {SIGINT, SIGTERM, SIGHUP};
enum { CAUGHT = sizeof(caught) / sizeof(caught[0]) };

void measure_catch_signals(struct measure_signals *signals)
{
    struct sigaction action = {.sa_handler = on_signal};
    interrupted_by = 0;
    for (size_t i = 0; i < CAUGHT; i++)
        sigaction(caught[i], &action, &signals->old[i]);
}

void measure_restore_signals(const struct measure_signals *signals)
{
    for (size_t i = 0; i < CAUGHT; i++)
        sigaction(caught[i], &signals->old[i], NULL);
}

bool measure_interrupted(void)
{
    return interrupted_by != 0;
}

static struct str current_directory(struct arena *arena)
{
    char path[PATH_MAX];
    return getcwd(path, sizeof(path)) ? arena_copy(arena, str_of(path)) : STR("/");
}

/* Where the agent's library and the Python package are: beside the binary in a build tree, in lib and share when installed. */
static int find_parts(struct measure *m, struct err *err)
{
    static const char *const libraries[] = {"libcoldspot-agent.so", "../lib/coldspot/libcoldspot-agent.so"};
    static const char *const packages[] = {"../python", "../share/coldspot/python"};
    m->library = machine_find(m->arena, libraries, 2);
    m->package_dir = machine_find(m->arena, packages, 2);
    if (m->library.len && m->package_dir.len)
        return 0;
    err_set(err, ERR_INTERNAL, "coldspot is not complete: %s is missing beside %.*s/coldspot",
            m->library.len ? "python/coldspot" : "libcoldspot-agent.so", STR_ARG(machine_program_dir(m->arena)));
    return err_hint(err, "build it with make build, or install it again");
}

/* The words of --observe; the agent takes no notice of one that it does not know. */
static int check_observe(const char *list, struct err *err)
{
    static const char *const words[] = {"imports", "io", "memory", "memory=full", "stacks", "uses", "all", "none"};
    enum { WORDS = sizeof(words) / sizeof(words[0]), MISSPELT = 2 };
    struct str rest = str_of(list), word;
    while (str_cut(&rest, ',', &word)) {
        struct str_nearest nearest = {.distance = MISSPELT + 1};
        for (size_t i = 0; i < WORDS; i++)
            str_consider(&nearest, word, str_of(words[i]));
        if (nearest.distance == 0)
            continue;
        err_set(err, ERR_USAGE, "--observe has no word '%.*s'", STR_ARG(word));
        err_hint(
            err,
            "it takes imports, io, memory (or memory=full), stacks and uses with commas between them, or all, or none");
        return nearest.name.len && word.len > MISSPELT ? err_hint(err, "did you mean: %.*s", STR_ARG(nearest.name))
                                                       : -ERR_USAGE;
    }
    if (strchr(list, ',') && strstr(list, "none"))
        return err_set(err, ERR_USAGE, "--observe none stands alone, not in '%s'", list);
    return 0;
}

static int add_environment(struct measure *m, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; i < m->options->env_files.len && !rc; i++)
        rc = env_add_file(m->arena, &m->env, m->options->env_files.items[i], err);
    for (size_t i = 0; i < m->options->env.len && !rc; i++)
        rc = env_add(m->arena, &m->env, str_of(m->options->env.items[i]), err);
    for (size_t i = 0; i < m->options->mounts.len && !rc; i++)
        rc = mount_add(m->arena, &m->mounts, str_of(m->options->mounts.items[i]), err);
    return rc;
}

static int prepare_command(struct measure *m, char **command, struct err *err)
{
    if (!command[0])
        return err_set(err, ERR_USAGE, "there is no command after --");
    if (m->curve.batch.len || m->curve.concurrency.len)
        return err_set(err, ERR_USAGE, "a command has no calls: --batch and --concurrency are for functions");
    const char *path_list = getenv("PATH");
    const char *path;
    int rc = program_find(m->arena, str_of(command[0]), str_of(path_list), &path, err);
    if (!rc)
        rc = program_check(m->arena, path, err);
    if (rc)
        return rc;
    m->command = (const char *const *)command;
    m->run->target.function = arena_copy(m->arena, path_base(str_of(command[0])));
    m->run->target.kind = STR("command");
    if (!isatty(STDIN_FILENO))
        rc = file_read_fd(m->arena, STDIN_FILENO, "standard input", 1u << 30, &m->stdin_bytes, err);
    return rc;
}

static int prepare_target(struct measure *m, const struct opt_words *words, struct err *err)
{
    if (words->len != 1) {
        err_set(err, ERR_USAGE, words->len ? "one target at a time, not %zu" : "what shall be measured?", words->len);
        return err_hint(err, "name a function: coldspot %s app.py::function, or a command after --",
                        m->call->command->name);
    }
    int rc = target_parse(m->arena, str_of(words->items[0]), &m->target, err);
    if (!rc)
        rc = python_resolve(m->arena, m->options->python, m->target.app_dir, &m->python, err);
    if (!rc)
        rc = program_check(m->arena, m->python.executable, err);
    if (rc)
        return rc;
    m->run->environment.python = str_of(m->python.version);
    m->run->environment.python_path = str_of(m->python.executable);
    m->run->target.function = str_of(m->target.name);
    struct str path = str_of(m->target.file ? m->target.file : m->target.module);
    m->app_file = str_of(m->target.file);
    m->run->target.file = measure_shown(m, path);
    m->run->commit = machine_commit(m->arena, str_of(m->target.app_dir));
    return measure_read_input(m, err);
}

static int prepare(struct measure *m, const struct opt_words *words, struct err *err)
{
    m->cwd = current_directory(m->arena);
    m->run->started_at_ns = clock_real_ns(m->call->clock);
    m->run->target.cpu = m->run->target.cpu_limit = m->run->target.memory_bytes = m->run->target.memory_limit_bytes =
        -1;
    m->run->target.timeout_s = m->run->target.scaledown_window_s = -1;
    m->run->target.provider = STR("none");
    m->run->environment.sandbox = str_of(m->options->sandbox);
    m->run->environment.cache = STR("warm");
    machine_describe(m->arena, &m->run->environment);
    int rc = check_observe(m->options->observe, err);
    if (!rc)
        rc = find_parts(m, err);
    if (!rc)
        rc = measure_read_sizes(m, err);
    if (!rc)
        rc = sandbox_find(str_of(m->options->sandbox), &m->backend, err);
    if (!rc)
        rc = m->backend->check(err);
    if (!rc)
        rc = add_environment(m, err);
    if (!rc)
        rc = words->command ? prepare_command(m, words->command, err) : prepare_target(m, words, err);
    return rc;
}

/* How many calls start number `index` gets: its first one and its share of the warm ones. */
static uint32_t calls_of(const struct measure_options *options, uint32_t index)
{
    uint32_t share = options->warm / options->cold, rest = options->warm % options->cold;
    return 1 + share + (index < rest);
}

static double elapsed_s(const struct measure *m)
{
    return (double)(clock_monotonic_ns(m->call->clock) - m->began_ns) * 1e-9;
}

static void warn(struct measure *m, struct str text)
{
    *array_push(m->arena, &m->measured->warnings) = text;
}

/* Says that there are fewer starts than asked for, and why. */
static void warn_cut_short(struct measure *m)
{
    if (m->run->starts.len == m->options->cold)
        return;
    struct buf limit = {0};
    units_add_duration(&limit, m->options->max_time_s);
    warn(m, arena_printf(m->arena, "cut short at %zu of %u cold starts: --max-time %s", m->run->starts.len,
                         m->options->cold, buf_cstr(&limit)));
    buf_release(&limit);
}

bool measure_wants_more(const struct measure *m)
{
    return m->run->starts.len < m->options->cold && (m->run->starts.len == 0 || elapsed_s(m) < m->options->max_time_s);
}

int measure_next(struct measure *m, struct err *err)
{
    struct run_start start;
    bool kept = false;
    uint32_t index = m->next_start++;
    int rc = measure_start(m, index, calls_of(m->options, index), &start, &kept, err);
    if (!kept)
        return rc;
    *array_push(m->arena, &m->run->starts) = start;
    struct err store_err = {0};
    int store_rc = store_add_start(m->store, m->run, &m->run->starts.items[m->run->starts.len - 1], &store_err);
    if (store_rc && !rc)
        rc = err_set(err, store_err.code, "%s", buf_cstr(&store_err.message));
    err_release(&store_err);
    return rc;
}

int measure_open(struct cmd_call *call, const struct measure_options *options, const struct opt_words *words,
                 bool quiet, struct measured *measured, struct measure **measure_out, struct err *err)
{
    struct measure *m = arena_new(call->arena, struct measure);
    *measured = (struct measured){0};
    *m = (struct measure){.call = call,
                          .arena = call->arena,
                          .options = options,
                          .measured = measured,
                          .run = &measured->run,
                          .quiet = quiet,
                          .began_ns = clock_monotonic_ns(call->clock)};
    *measure_out = m;
    progress_init(&m->progress, call->clock, quiet);
    int rc = prepare(m, words, err);
    if (!rc)
        rc = store_open(store_directory(m->arena, options->store).ptr, &m->store, err);
    if (!rc)
        rc = rundir_open(m->arena, &m->rundir, err);
    if (!rc && m->mounts.mounts.len)
        rc = mount_prepare(m->arena, &m->mounts, rundir_mount_note(m->arena, &m->rundir), err);
    if (!rc)
        rc = store_begin_run(m->store, m->arena, m->run, err);
    return rc;
}

/* What was measured is in the store; now its target and machine are known too. */
static int finish(struct measure *m, int rc, struct err *err)
{
    if (!m->run->starts.len) {
        store_drop_run(m->store, m->run, NULL);
        return rc;
    }
    if (!rc)
        warn_cut_short(m);
    machine_add_lacks(m->arena, &m->run->target, &m->run->environment);
    struct err finish_err = {0};
    int finish_rc = store_finish_run(m->store, m->run, &finish_err);
    if (finish_rc && !rc)
        rc = err_set(err, finish_err.code, "%s", buf_cstr(&finish_err.message));
    err_release(&finish_err);
    m->run->finished = true;
    m->measured->has_run = true;
    return rc;
}

int measure_close(struct measure *m, int rc, struct err *err)
{
    if (!rc && m->run->starts.len)
        rc = measure_curve(m, m->next_start, err);
    progress_clear(&m->progress);
    if (m->run->id.len)
        rc = finish(m, rc, err);
    mount_undo(&m->mounts);
    rundir_remove(&m->rundir);
    store_close(m->store);
    measure_release(m);
    m->measured->app_file = m->app_file;
    return rc;
}

int measure(struct cmd_call *call, const struct measure_options *options, const struct opt_words *words, bool quiet,
            struct measured *measured_out, struct err *err)
{
    struct measure *m;
    struct measure_signals signals;
    measure_catch_signals(&signals);
    int rc = measure_open(call, options, words, quiet, measured_out, &m, err);
    while (!rc && measure_wants_more(m))
        rc = measure_next(m, err);
    rc = measure_close(m, rc, err);
    measure_restore_signals(&signals);
    return rc;
}
