/* The process backend with real processes: what it reports, and that nothing is left alive. */
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "sandbox/env.h"
#include "sandbox/sandbox.h"

extern char **environ;

struct fixture {
    struct arena arena;
    struct err err;
    char dir[32];
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    strcpy(f->dir, "/tmp/coldspot-ut-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    const char *command = arena_printf(&f->arena, "rm -rf %s", f->dir).ptr;
    assert_int_equal(system(command), 0);
    arena_release(&f->arena);
    err_release(&f->err);
    free(f);
    return 0;
}

/* Runs a shell command with `spec`'s other fields; $D in it is the fixture's directory. */
static struct sandbox_result run_shell(struct fixture *f, struct sandbox_spec spec, const char *command)
{
    const char *argv[] = {"sh", "-c", command, NULL};
    struct env_list added = {0};
    struct sandbox_result result;
    assert_int_equal(env_add(&f->arena, &added, arena_printf(&f->arena, "D=%s", f->dir), &f->err), 0);
    spec.argv = argv;
    spec.env = env_build(&f->arena, environ, &added, NULL);
    int rc = sandbox_process.run(&f->arena, &spec, &result, &f->err);
    if (rc)
        print_error("%s\n", buf_cstr(&f->err.message));
    assert_int_equal(rc, 0);
    return result;
}

static struct str read_out(struct fixture *f, const char *name)
{
    struct str text;
    assert_int_equal(file_read(&f->arena, arena_printf(&f->arena, "%s/%s", f->dir, name).ptr, 1 << 20, &text, &f->err),
                     0);
    return str_trim(text);
}

static void exit_codes_and_times_are_reported(void **state)
{
    struct sandbox_result result = run_shell(*state, (struct sandbox_spec){0}, "sleep 0.2; exit 7");
    assert_int_equal(result.end, SANDBOX_EXITED);
    assert_int_equal(result.exit_code, 7);
    assert_true(result.asked_ns < result.started_ns && result.started_ns < result.ended_ns);
    assert_true(result.ended_ns - result.started_ns > 190000000);
    assert_int_equal(result.strays, 0);
    result = run_shell(*state, (struct sandbox_spec){0},
                       "awk 'BEGIN { s = \"x\"; while (length(s) < 60000000) s = s s }'");
    assert_true(result.max_rss_bytes > 60000000);
}

static void signals_are_reported(void **state)
{
    struct sandbox_result result = run_shell(*state, (struct sandbox_spec){0}, "kill -SEGV $$");
    assert_int_equal(result.end, SANDBOX_SIGNALLED);
    assert_int_equal(result.signal, SIGSEGV);
    assert_false(result.oom_killed);
}

static void input_and_request_are_given(void **state)
{
    struct fixture *f = *state;
    struct buf big = {0};
    buf_add_repeated(&big, STR("0123456789abcdef"), 20000); /* more than a pipe holds */
    struct sandbox_spec spec = {.input = buf_str(&big), .request = STR("the request")};
    run_shell(f, spec, "wc -c >$D/size; cat " SANDBOX_REQUEST_PATH " >$D/request; ls /proc/self/fd | wc -l >$D/fds");
    assert_str(read_out(f, "size"), "320000");
    assert_str(read_out(f, "request"), "the request");
    assert_str(read_out(f, "fds"), "5"); /* 0 to 3, and ls's own */
    buf_release(&big);
}

static void without_input_it_is_empty(void **state)
{
    struct fixture *f = *state;
    run_shell(f, (struct sandbox_spec){.cwd = f->dir},
              "cat | wc -c >size; pwd >where; test -e /dev/fd/3 && echo open >fd; true");
    assert_str(read_out(f, "size"), "0");
    assert_str(read_out(f, "where"), f->dir);
    assert_false(file_exists(arena_printf(&f->arena, "%s/fd", f->dir).ptr));
}

/* Whether the process whose id is in that file is gone. */
static bool is_dead(struct fixture *f, const char *name)
{
    uint64_t pid;
    assert_true(str_to_u64(read_out(f, name), &pid));
    return kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

static void what_outlives_it_is_killed(void **state)
{
    struct fixture *f = *state;
    struct sandbox_result result = run_shell(
        f, (struct sandbox_spec){0},
        "sleep 100 & echo $! >$D/plain; "
        "(setsid sh -c 'echo $$ >$D/session; exec sleep 100' &) ; "
        "(setsid sh -c '(trap \"\" TERM HUP; echo $$ >$D/daemon; sleep 100; sleep 100) & ' &) ; sleep 0.3");
    assert_int_equal(result.end, SANDBOX_EXITED);
    assert_true(result.strays >= 3);
    assert_true(is_dead(f, "plain") && is_dead(f, "session") && is_dead(f, "daemon"));
}

static void children_that_were_there_before_are_left_alone(void **state)
{
    pid_t pid = fork();
    if (pid == 0) {
        pause();
        _exit(0);
    }
    run_shell(*state, (struct sandbox_spec){0}, "sleep 100 & true");
    assert_int_equal(kill(pid, 0), 0);
    kill(pid, SIGKILL);
}

static void a_time_out_ends_the_tree(void **state)
{
    struct fixture *f = *state;
    struct sandbox_spec spec = {.timeout_ns = 300000000};
    struct sandbox_result result = run_shell(f, spec, "setsid sleep 100 & echo $! >$D/child; sleep 100");
    assert_int_equal(result.end, SANDBOX_TIMED_OUT);
    assert_true(result.ended_ns - result.asked_ns < 2000000000);
    assert_true(is_dead(f, "child"));
}

static int stop_after_three(void *ctx, uint64_t elapsed_ns)
{
    int *ticks = ctx;
    assert_true(elapsed_ns > 0);
    return ++*ticks == 3;
}

static void the_callback_can_stop_it(void **state)
{
    int ticks = 0;
    struct sandbox_spec spec = {.tick = stop_after_three, .tick_ctx = &ticks};
    struct sandbox_result result = run_shell(*state, spec, "sleep 100");
    assert_int_equal(result.end, SANDBOX_STOPPED);
    assert_int_equal(ticks, 3);
}

static void a_program_that_is_not_there_is_an_error(void **state)
{
    struct fixture *f = *state;
    const char *argv[] = {"no-such-command-here", NULL};
    struct sandbox_spec spec = {.argv = argv, .env = (const char *const *)environ};
    struct sandbox_result result;
    assert_int_equal(sandbox_process.run(&f->arena, &spec, &result, &f->err), -ERR_INPUT);
    assert_str(buf_str(&f->err.message), "there is no command 'no-such-command-here' on PATH");
    argv[0] = "/etc";
    assert_int_equal(sandbox_process.run(&f->arena, &spec, &result, &f->err), -ERR_INPUT);
    assert_str(buf_str(&f->err.message), "cannot run '/etc': it is a directory");
}

static void ignored_signals_are_not_inherited(void **state)
{
    struct fixture *f = *state;
    signal(SIGPIPE, SIG_IGN);
    /* Signals 32 and 33 are the C library's own: it lets nobody change them, and make starts its children with both ignored. */
    run_shell(f, (struct sandbox_spec){0},
              "set -- $(grep SigIgn /proc/self/status); echo $((0x$2 & 0x7fffffff)) >$D/ignored");
    signal(SIGPIPE, SIG_DFL);
    assert_str(read_out(f, "ignored"), "0");
}

static void a_memory_limit_is_enforced_or_explained(void **state)
{
    struct sandbox_spec spec = {.memory_limit_bytes = 64 << 20};
    struct sandbox_result result = run_shell(
        *state, spec, "exec awk 'BEGIN { s = \"0123456789abcdef\"; while (length(s) < 500000000) s = s s }'");
    if (!result.memory_limited) {
        assert_non_null(result.memory_not_limited_why);
        return;
    }
    assert_true(result.oom_killed);
    assert_int_equal(result.end, SANDBOX_SIGNALLED);
    assert_int_equal(result.signal, SIGKILL);
}

static void mounts_are_seen_inside_and_gone_afterwards(void **state)
{
    struct fixture *f = *state;
    struct mount_plan plan = {0};
    const char *point = arena_printf(&f->arena, "%s/deep/point", f->dir).ptr;
    const char *note = arena_printf(&f->arena, "%s/note", f->dir).ptr;
    struct str text = arena_printf(&f->arena, "%s=%s/source", point, f->dir);
    assert_int_equal(mount_add(&f->arena, &plan, text, &f->err), 0);
    assert_int_equal(mount_prepare(&f->arena, &plan, note, &f->err), 0);
    run_shell(f, (struct sandbox_spec){.mounts = &plan}, "echo inside >$D/deep/point/file");
    assert_str(read_out(f, "source/file"), "inside");
    mount_undo_noted(note);
    assert_false(file_exists(arena_printf(&f->arena, "%s/deep", f->dir).ptr));
    assert_true(file_exists(arena_printf(&f->arena, "%s/source/file", f->dir).ptr));
}

static void wrong_mounts_are_refused(void **state)
{
    struct fixture *f = *state;
    static const char *const wrong[] = {"/cache", "cache=/tmp",   "/=/tmp", "/proc/x=/tmp",
                                        "=/tmp",  "/x/../y=/tmp", "/x="};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct mount_plan plan = {0};
        assert_int_equal(mount_add(&f->arena, &plan, str_of(wrong[i]), &f->err), -ERR_USAGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exit_codes_and_times_are_reported),
        cmocka_unit_test(signals_are_reported),
        cmocka_unit_test(input_and_request_are_given),
        cmocka_unit_test(without_input_it_is_empty),
        cmocka_unit_test(what_outlives_it_is_killed),
        cmocka_unit_test(children_that_were_there_before_are_left_alone),
        cmocka_unit_test(a_time_out_ends_the_tree),
        cmocka_unit_test(the_callback_can_stop_it),
        cmocka_unit_test(a_program_that_is_not_there_is_an_error),
        cmocka_unit_test(ignored_signals_are_not_inherited),
        cmocka_unit_test(a_memory_limit_is_enforced_or_explained),
        cmocka_unit_test(mounts_are_seen_inside_and_gone_afterwards),
        cmocka_unit_test(wrong_mounts_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
