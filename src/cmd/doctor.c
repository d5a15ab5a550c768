/* `coldspot doctor`: what works on this machine, what does not, and what to type about it. */
#include "cmd/doctor.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/jsonw.h"
#include "base/units.h"
#include "cmd/cmd.h"
#include "cmd/machine.h"
#include "cmd/money.h"
#include "sandbox/cgroup.h"
#include "sandbox/env.h"
#include "sandbox/program.h"
#include "record/reader.h"
#include "sandbox/python.h"
#include "sandbox/rundir.h"
#include "sandbox/sandbox.h"
#include "store/store.h"

enum { PRICES_OLD_DAYS = 180, TEXT_COLUMN = 19 };

struct args {
    struct cmd_output output;
    const char *python, *store, *prices;
    bool clean;
};

static const struct opt doctor_opts[] = {
    {0, "python", OPT_STR, offsetof(struct args, python), "FILE",
     "the Python to look at, instead of the one that run would take", 0, 0},
    {0, "store", OPT_STR, offsetof(struct args, store), "DIR", "where runs are kept", 0, 0},
    {0, "prices", OPT_STR, offsetof(struct args, prices), "FILE", "price file to use besides the built-in ones", 0, 0},
    {0, "clean", OPT_FLAG, offsetof(struct args, clean), NULL, "remove what commands that were killed left behind", 0,
     0},
    {0},
};

struct doctor_result *doctor_add(struct doctor *doctor, enum doctor_status status, const char *name, const char *format,
                                 ...)
{
    struct buf text = {0};
    va_list args;
    va_start(args, format);
    buf_addv(&text, format, args);
    va_end(args);
    struct doctor_result *result = array_push(doctor->arena, &doctor->results);
    *result = (struct doctor_result){status, str_of(name), arena_copy(doctor->arena, buf_str(&text)), STR("")};
    buf_release(&text);
    return result;
}

void doctor_add_error(struct doctor *doctor, enum doctor_status status, const char *name, const struct err *err)
{
    doctor_add(doctor, status, name, "%s", buf_cstr(&err->message))->mend = arena_copy(doctor->arena,
                                                                                       str_trim(buf_str(&err->hint)));
}

/* The path as one would type it here. */
static struct str shown_path(struct arena *arena, const char *path)
{
    char *here = getcwd(NULL, 0);
    struct str prefix = here ? arena_printf(arena, "%s/", here) : STR("");
    free(here);
    struct str text = str_of(path);
    return prefix.len && str_starts_with(text, prefix) ? str_slice(text, prefix.len, text.len) : text;
}

static struct str working_directory(struct arena *arena)
{
    char *here = getcwd(NULL, 0);
    struct str copy = arena_copy(arena, str_of(here));
    free(here);
    return copy;
}

static void check_python(struct doctor *doctor)
{
    struct python python;
    struct err err = {0};
    if (python_resolve(doctor->arena, doctor->python_option, working_directory(doctor->arena).ptr, &python, &err)) {
        doctor_add_error(doctor, DOCTOR_NONE, "Python", &err);
        err_release(&err);
        return;
    }
    doctor->python = python.executable;
    doctor->modal = python.modal;
    doctor_add(doctor, DOCTOR_OK, "Python", "%s, %.*s (from %s)", python.version,
               STR_ARG(shown_path(doctor->arena, python.executable)), python_from_name(python.from));
}

static void check_modal(struct doctor *doctor)
{
    if (!doctor->python)
        return;
    if (doctor->modal) {
        doctor_add(doctor, DOCTOR_OK, "modal", "%s", doctor->modal);
        return;
    }
    doctor_add(doctor, DOCTOR_NONE, "modal", "not installed for this Python: apps that import it can't be measured")
        ->mend = arena_printf(doctor->arena, "%.*s -m pip install modal",
                              STR_ARG(shown_path(doctor->arena, doctor->python)));
}

/* What a recording says of a Python that the agent does not know; empty when it says nothing. */
static int find_lacking(struct arena *arena, const char *path, struct str *lacking_out, struct err *err)
{
    struct recording recording;
    int rc = recording_read(arena, path, &recording, err);
    if (rc)
        return rc;
    *lacking_out = (struct str){0};
    for (size_t i = 0; i < recording.records.len; i++) {
        const struct event_note *note = recorded_as(&recording.records.items[i], EVENT_NOTE);
        if (note && note->code == EVENT_NOTE_PYTHON_UNKNOWN)
            *lacking_out = recording_string(&recording, note->text);
    }
    return 0;
}

/* Starts the Python with the agent in it and looks for a recording. */
static int try_agent(struct doctor *doctor, struct str library, const struct rundir *dir, struct str *lacking_out,
                     struct err *err)
{
    struct arena *arena = doctor->arena;
    struct rundir_agent agent = {.library = library.ptr, .observe = "imports", .rss_hz = 20, .max_bytes = 64 << 20};
    struct rundir_start start;
    int rc = rundir_add_start(arena, dir, 0, &agent, &start, err);
    if (rc)
        return rc;
    const char *const argv[] = {doctor->python, "-c", "pass", NULL};
    struct env_list nothing = {0};
    struct sandbox_spec spec = {.argv = argv,
                                .env = env_build(arena, environ, &nothing, start.agent),
                                .output = SANDBOX_OUTPUT_HIDDEN,
                                .timeout_ns = 20000000000u};
    struct sandbox_result result;
    rc = sandbox_process.run(arena, &spec, &result, err);
    if (rc)
        return rc;
    if (result.end != SANDBOX_EXITED || result.exit_code != 0)
        return err_set(err, ERR_SYSTEM, "Python does not run with it (exit code %d, signal %d)", result.exit_code,
                       result.signal);
    struct rundir_recordings recordings = {0};
    rc = rundir_recordings(arena, &start, &recordings, err);
    if (!rc && !recordings.paths.len)
        rc = err_set(err, ERR_SYSTEM, "it loads into this Python and leaves no recording");
    return rc ? rc : find_lacking(arena, recordings.paths.items[0], lacking_out, err);
}

static void check_agent(struct doctor *doctor)
{
    static const char *const places[] = {"libcoldspot-agent.so", "../lib/coldspot/libcoldspot-agent.so"};
    struct str library = machine_find(doctor->arena, places, 2);
    struct rundir dir = {0};
    struct err err = {0};
    struct str lacking;
    if (!doctor->python)
        return;
    if (!library.len) {
        doctor_add(doctor, DOCTOR_NONE, "agent", "libcoldspot-agent.so is not beside %.*s/coldspot",
                   STR_ARG(machine_program_dir(doctor->arena)))
            ->mend = STR("make build");
        return;
    }
    int rc = program_check(doctor->arena, doctor->python, &err);
    if (!rc)
        rc = rundir_open(doctor->arena, &dir, &err);
    if (!rc)
        rc = try_agent(doctor, library, &dir, &lacking, &err);
    rundir_remove(&dir);
    if (rc)
        doctor_add_error(doctor, DOCTOR_NONE, "agent", &err);
    else if (lacking.len)
        doctor_add(doctor, DOCTOR_WARN, "agent",
                   "records imports, I/O and memory of this Python, and no stacks, lines, locks or used modules: %.*s",
                   STR_ARG(lacking));
    else
        doctor_add(doctor, DOCTOR_OK, "agent", "loads into this Python and records");
    err_release(&err);
}

/* The version that "runsc --version" prints: "runsc version release-20221219.0". */
static struct str ask_runsc(struct arena *arena, const char *path)
{
    int out[2];
    struct str text = {0};
    if (pipe2(out, O_CLOEXEC) < 0)
        return text;
    pid_t child = fork();
    if (child == 0) {
        dup2(out[1], STDOUT_FILENO);
        execl(path, path, "--version", (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    if (child < 0 || file_read_fd(arena, out[0], path, 1 << 16, &text, NULL))
        text = STR("");
    close(out[0]);
    if (child > 0)
        waitpid(child, NULL, 0);
    struct str line, word, version = {0};
    str_cut(&text, '\n', &line);
    while (line.ptr && str_cut(&line, ' ', &word))
        version = word;
    ptrdiff_t tilde = str_find(version, STR("~")); /* Debian puts "0.0~" before the release */
    if (tilde >= 0)
        return str_slice(version, (size_t)tilde + 1, version.len);
    return str_starts_with(version, STR("release-")) ? str_slice(version, 8, version.len) : version;
}

static void check_gvisor(struct doctor *doctor)
{
    const char *path = NULL;
    if (program_find(doctor->arena, STR("runsc"), str_of(getenv("PATH")), &path, NULL)) {
        doctor_add(doctor, DOCTOR_NONE, "gVisor", "runsc is not installed: functions start as plain processes")->mend =
            STR("sudo apt-get install runsc");
        return;
    }
    struct str version = ask_runsc(doctor->arena, path);
    const struct sandbox_backend *backend = NULL;
    struct err err = {0};
    if (sandbox_find(STR("gvisor"), &backend, NULL))
        doctor_add(doctor, DOCTOR_OK, "gVisor", "runsc %.*s is installed", STR_ARG(version));
    else if (backend->check(&err))
        doctor_add_error(doctor, DOCTOR_WARN, "gVisor", &err);
    else
        doctor_add(doctor, DOCTOR_OK, "gVisor", "runsc %.*s: --sandbox gvisor works", STR_ARG(version));
    err_release(&err);
}

/* A store that is not there yet is not made by looking: can it be? */
static void check_place_of_store(struct doctor *doctor, struct str directory)
{
    struct str place = directory;
    while (place.len > 1 && !file_exists(arena_cstr(doctor->arena, place)))
        place = path_dir(place);
    const char *path = arena_cstr(doctor->arena, place);
    if (file_is_dir(path) && access(path, W_OK) == 0)
        doctor_add(doctor, DOCTOR_OK, "store", "no runs yet: %.*s", STR_ARG(directory));
    else
        doctor_add(doctor, DOCTOR_WARN, "store", "%.*s can't be made: %s is not to be written", STR_ARG(directory),
                   path)
            ->mend = STR("choose another: --store DIR, or COLDSPOT_STORE");
}

/* Whether a limit that the app sets on its memory holds here. */
static void check_memory_limit(struct doctor *doctor)
{
    struct cgroup cgroup;
    const char *why = cgroup_make(doctor->arena, 1 << 30, &cgroup);
    if (why) {
        doctor_add(doctor, DOCTOR_WARN, "memory", "an app's memory limit is not enforced here: %s", why);
        return;
    }
    cgroup_remove(&cgroup);
    doctor_add(doctor, DOCTOR_OK, "memory", "an app's memory limit is enforced");
}

static void check_store(struct doctor *doctor)
{
    struct str directory = store_directory(doctor->arena, doctor->store_option);
    if (!file_exists(directory.ptr)) {
        check_place_of_store(doctor, directory);
        return;
    }
    struct store *store = NULL;
    struct err err = {0};
    uint64_t runs = 0, bytes = 0;
    int rc = store_open(directory.ptr, &store, &err);
    if (!rc)
        rc = store_size(store, &runs, &bytes, &err);
    store_close(store);
    if (rc) {
        doctor_add_error(doctor, DOCTOR_WARN, "store", &err);
    } else {
        struct buf size = {0};
        units_add_size(&size, (double)bytes);
        doctor_add(doctor, DOCTOR_OK, "store", "%llu runs, %s, writable: %.*s", (unsigned long long)runs,
                   buf_cstr(&size), STR_ARG(directory));
        buf_release(&size);
    }
    err_release(&err);
}

static void check_prices(struct doctor *doctor)
{
    struct cmd_money money = {.prices = doctor->prices_option};
    struct catalogue catalogue;
    struct err err = {0};
    if (cmd_load_prices(doctor->arena, &money, &catalogue, &err)) {
        doctor_add_error(doctor, DOCTOR_WARN, "prices", &err);
        err_release(&err);
        return;
    }
    bool old = false;
    struct buf text = {0};
    for (size_t i = 0; i < catalogue.tables.len; i++) {
        const struct price_table *table = catalogue.tables.items[i];
        int64_t days = 0;
        price_age_days(table->date, doctor->now_s, &days);
        old |= days > PRICES_OLD_DAYS;
        buf_addf(&text, "%s%.*s, %lld days old", i ? "; " : "", STR_ARG(table->provider), (long long)days);
    }
    struct doctor_result *result = doctor_add(doctor, old ? DOCTOR_WARN : DOCTOR_OK, "prices", "%s", buf_cstr(&text));
    if (old)
        result->mend = STR("coldspot prices check");
    buf_release(&text);
}

static void check_left_behind(struct doctor *doctor)
{
    if (doctor->clean)
        doctor_add(doctor, DOCTOR_OK, "cleaned", "%u directories of commands that were killed", rundir_clean());
}

/* The first comes first because trying the agent cleans too. */
static void (*const doctor_checks[])(struct doctor *doctor) = {
    check_left_behind,       doctor_check_machine, check_python, check_modal,         check_agent,
    doctor_check_ptrace,     doctor_check_gpu,     check_gvisor, doctor_check_cgroup, check_memory_limit,
    doctor_check_page_cache, check_store,          check_prices,
};

static const char *const status_words[] = {[DOCTOR_OK] = "ok", [DOCTOR_WARN] = "warn", [DOCTOR_NONE] = "none"};

static void show(struct document *document, const struct doctor *doctor)
{
    static const enum style styles[] = {
        [DOCTOR_OK] = STYLE_PLAIN, [DOCTOR_WARN] = STYLE_INVESTIGATE, [DOCTOR_NONE] = STYLE_PLAIN};
    struct section *section = document_section(document, "");
    for (size_t i = 0; i < doctor->results.len; i++) {
        const struct doctor_result *result = &doctor->results.items[i];
        section_line(document, section, false, styles[result->status], "%-6s %-11.*s %.*s",
                     status_words[result->status], STR_ARG(result->name), STR_ARG(result->message))
            ->hang = TEXT_COLUMN;
        struct str rest = result->mend, line;
        while (result->mend.len && str_cut(&rest, '\n', &line))
            section_line(document, section, false, STYLE_PLAIN, "%*s%.*s", TEXT_COLUMN, "", STR_ARG(line));
    }
}

static void write_json(struct document *document, const struct doctor *doctor)
{
    struct jsonw json;
    jsonw_init(&json, &document->json, true);
    jsonw_object(&json);
    jsonw_key_u64(&json, "schema_version", 1);
    jsonw_key_array(&json, "checks");
    for (size_t i = 0; i < doctor->results.len; i++) {
        const struct doctor_result *result = &doctor->results.items[i];
        jsonw_object(&json);
        jsonw_key_string(&json, "name", result->name);
        jsonw_key_string(&json, "status", str_of(status_words[result->status]));
        jsonw_key_string(&json, "message", result->message);
        if (result->mend.len)
            jsonw_key_string(&json, "mend", result->mend);
        else
            jsonw_key_null(&json, "mend");
        jsonw_end(&json);
    }
    jsonw_end(&json);
    jsonw_end(&json);
}

static int run_doctor(struct cmd_call *call, struct err *err)
{
    struct args args = {0};
    struct opt_words words;
    int rc = cmd_parse(call, (void *[]){&args, &args.output}, 2, &words, err);
    if (rc)
        return rc;
    if (words.len)
        return err_set(err, ERR_USAGE, "doctor takes no argument, not '%s'", words.items[0]);
    struct doctor doctor = {.arena = call->arena,
                            .now_s = (double)clock_real_ns(call->clock) / 1e9,
                            .python_option = args.python,
                            .store_option = args.store,
                            .prices_option = args.prices,
                            .clean = args.clean};
    for (size_t i = 0; i < sizeof(doctor_checks) / sizeof(doctor_checks[0]); i++)
        doctor_checks[i](&doctor);
    struct document document;
    document_init(&document, call->arena);
    show(&document, &doctor);
    write_json(&document, &doctor);
    rc = cmd_answer(&args.output, &document, err);
    document_release(&document);
    return rc ? rc : EXIT_FINE;
}

const struct command command_doctor = {
    .name = "doctor",
    .summary = "this machine: what works, what to install",
    .usage = "[OPTIONS]",
    .details = "A line says ok, warn (works, with less) or none (not there); below it, what to type to mend it.",
    .examples = "  coldspot doctor\n"
                "  coldspot doctor --json",
    .tables = {{NULL, doctor_opts}, {"Output", cmd_output_opts}},
    .run = run_doctor,
};
