/* Finding the interpreter and asking it who it is.  What it answers is what is started: a shim becomes the interpreter behind
 * it, a virtual environment's python stays the link that it is, since that is how Python knows its environment. */
#include "sandbox/python.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "sandbox/program.h"

enum { ANSWER_MOST = 16384, OLDEST_MINOR = 9 };
static const uint64_t ANSWER_TIMEOUT_NS = 20000000000;

/* One value a line, in the order of read_answer().  The client's version is read from its metadata: importing it takes long. */
static const char QUESTION[] =
    "import sys, os\n"
    "modal = ''\n"
    "for d in sys.path:\n"
    "    try: names = os.listdir(d or '.')\n"
    "    except OSError: continue\n"
    "    for n in names:\n"
    "        if n.startswith('modal-') and n.endswith('.dist-info'): modal = modal or n[6:-10]\n"
    "free = int(not getattr(sys, '_is_gil_enabled', lambda: True)())\n"
    "out = [sys.executable, '%d.%d.%d' % sys.version_info[:3], sys.implementation.name, int(sys.prefix != "
    "sys.base_prefix), free, modal]\n"
    "print('coldspot', *out, sep='\\n')\n";

static const char *const from_names[] = {
    [PYTHON_FROM_OPTION] = "--python",
    [PYTHON_FROM_VIRTUAL_ENV] = "VIRTUAL_ENV",
    [PYTHON_FROM_DOT_VENV] = ".venv",
    [PYTHON_FROM_PATH] = "PATH",
};

const char *python_from_name(enum python_from from)
{
    return from_names[from];
}

/* The python of a .venv in dir or a directory above it, or NULL. */
static const char *find_dot_venv(struct arena *arena, const char *dir)
{
    struct str at = str_of(dir);
    for (;;) {
        const char *path = arena_printf(arena, "%.*s/.venv/bin/python", STR_ARG(at.len > 1 ? at : STR(""))).ptr;
        if (access(path, X_OK) == 0)
            return path;
        if (at.len <= 1)
            return NULL;
        at = path_dir(at);
    }
}

static int choose(struct arena *arena, const char *option, const char *app_dir, struct python *python, struct err *err)
{
    const char *environment = getenv("VIRTUAL_ENV"), *path = getenv("PATH"), *dot_venv = NULL;
    if (option) {
        python->from = PYTHON_FROM_OPTION;
        python->from_path = option;
        const char *in_venv = arena_printf(arena, "%s/bin/python", option).ptr;
        if (file_is_dir(option) && access(in_venv, X_OK) == 0) /* a virtual environment's directory will do */
            python->from_path = in_venv;
    } else if (environment && *environment) {
        python->from = PYTHON_FROM_VIRTUAL_ENV;
        python->from_path = arena_printf(arena, "%s/bin/python", environment).ptr;
    } else if (app_dir && (dot_venv = find_dot_venv(arena, app_dir))) {
        python->from = PYTHON_FROM_DOT_VENV;
        python->from_path = dot_venv;
    } else {
        python->from = PYTHON_FROM_PATH;
        python->from_path = "python3";
    }
    const char *found = python->from_path;
    int rc = program_find(arena, str_of(python->from_path), str_of(path), &found, err);
    if (rc && option)
        return err_set(err, ERR_USAGE, "--python: cannot run '%s'", option);
    if (rc) {
        err_wrap(err, "no Python (%s)", from_names[python->from]);
        return err_hint(err, "install one, or name it: --python /path/to/python");
    }
    python->executable = found;
    return 0;
}

/* In the child: nothing but what exec needs. */
static void ask_in_child(const char *path, int answer_fd)
{
    int null = open("/dev/null", O_RDWR);
    dup2(null, 0);
    dup2(answer_fd, 1);
    dup2(null, 2);
    execl(path, path, "-I", "-c", QUESTION, (char *)NULL);
    _exit(127);
}

/* Reads until the end or the time-out; true at the end. */
static bool read_until_end(int fd, struct buf *answer)
{
    uint64_t until = clock_monotonic_ns(&clock_system) + ANSWER_TIMEOUT_NS;
    for (;;) {
        uint64_t now = clock_monotonic_ns(&clock_system);
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (now >= until || answer->len > ANSWER_MOST)
            return false;
        int n = poll(&ready, 1, (int)((until - now) / 1000000) + 1);
        if (n < 0 && errno != EINTR)
            return false;
        if (n <= 0)
            continue;
        ssize_t got = read(fd, buf_reserve(answer, 4096), 4096);
        if (got == 0)
            return true;
        if (got > 0)
            answer->len += (size_t)got;
        else if (errno != EINTR)
            return false;
    }
}

static int ask(const char *path, struct buf *answer, struct err *err)
{
    int fds[2], status = 0;
    if (pipe2(fds, O_CLOEXEC))
        return err_set(err, ERR_SYSTEM, "cannot make a pipe: %s", strerror(errno));
    pid_t pid = fork();
    if (pid == 0)
        ask_in_child(path, fds[1]);
    close(fds[1]);
    if (pid < 0) {
        close(fds[0]);
        return err_set(err, ERR_SYSTEM, "cannot start '%s': %s", path, strerror(errno));
    }
    bool ended = read_until_end(fds[0], answer);
    close(fds[0]);
    if (!ended)
        kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!ended)
        return err_set(err, ERR_INPUT, "'%s' does not answer", path);
    return 0;
}

static int parse_version(struct str text, struct python *python)
{
    struct str piece;
    uint64_t major, minor;
    python->version = text.ptr;
    if (!str_cut(&text, '.', &piece) || !str_to_u64(piece, &major) || !str_cut(&text, '.', &piece) ||
        !str_to_u64(piece, &minor))
        return -1;
    python->major = (unsigned)major;
    python->minor = (unsigned)minor;
    return 0;
}

static int read_answer(struct arena *arena, struct str text, struct python *python, struct err *err)
{
    enum { MARK, EXECUTABLE, VERSION, IMPLEMENTATION, IS_VENV, FREE, MODAL, COUNT };
    struct str lines[COUNT], line = {0};
    size_t count = 0;
    const char *asked = python->executable;
    while (count < COUNT && str_cut(&text, '\n', &line)) {
        if (count || str_equals(line, STR("coldspot"))) /* a shim may talk before it */
            lines[count++] = arena_copy(arena, line);
    }
    if (count < COUNT || !lines[EXECUTABLE].len || parse_version(lines[VERSION], python)) {
        err_set(err, ERR_INPUT, "'%s' does not behave like Python", asked);
        return err_hint(err, "name another: --python /path/to/python");
    }
    if (!str_equals(lines[IMPLEMENTATION], STR("cpython")))
        return err_set(err, ERR_INPUT, "'%s' is %s, and only CPython can be measured", asked,
                       lines[IMPLEMENTATION].ptr);
    if (python->major != 3 || python->minor < OLDEST_MINOR) {
        err_set(err, ERR_INPUT, "'%s' is Python %s, and this needs 3.%d or later", asked, python->version,
                OLDEST_MINOR);
        return err_hint(err, "name another: --python /path/to/python");
    }
    python->executable = lines[EXECUTABLE].ptr;
    python->is_venv = str_equals(lines[IS_VENV], STR("1"));
    python->is_free_threaded = str_equals(lines[FREE], STR("1"));
    python->modal = lines[MODAL].len ? lines[MODAL].ptr : NULL;
    return 0;
}

int python_resolve(struct arena *arena, const char *option, const char *app_dir, struct python *python_out,
                   struct err *err)
{
    struct python python = {.executable = ""};
    struct buf answer = {0};
    int rc = choose(arena, option, app_dir, &python, err);
    if (!rc)
        rc = ask(python.executable, &answer, err);
    if (!rc)
        rc = read_answer(arena, buf_str(&answer), &python, err);
    if (!rc)
        *python_out = python;
    buf_release(&answer);
    if (rc == -ERR_INPUT && option && err)
        err->code = ERR_USAGE; /* what was named is wrong, not what was found */
    return rc == -ERR_INPUT && option ? -ERR_USAGE : rc;
}
