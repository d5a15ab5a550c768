/* The environment, the run directory, executables, and the harness's request and events. */
#include "unit.h"

#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "sandbox/env.h"
#include "sandbox/harness.h"
#include "sandbox/program.h"
#include "sandbox/rundir.h"

static struct arena arena;
static struct err err;

static const char *lookup(const char *const *env, const char *name)
{
    for (; *env; env++) {
        if (strncmp(*env, name, strlen(name)) == 0 && (*env)[strlen(name)] == '=')
            return *env + strlen(name) + 1;
    }
    return NULL;
}

static void the_users_environment_passes_without_pythons(void **state)
{
    char rows[][24] = {"HOME=/h", "PYTHONPATH=/p", "PYTHONUNBUFFERED=1", "COLDSPOT_STORE=/s", "LD_PRELOAD=/x.so"};
    char *ours[] = {rows[0], rows[1], rows[2], rows[3], rows[4], NULL};
    struct env_list added = {0};
    assert_int_equal(env_add(&arena, &added, STR("A=1=2"), &err), 0);
    assert_int_equal(env_add(&arena, &added, STR("A=3"), &err), 0);
    assert_int_equal(env_add(&arena, &added, STR("PYTHONHASHSEED=0"), &err), 0);
    const char *const *env = env_build(&arena, ours, &added, "/agent.so");
    assert_string_equal(lookup(env, "HOME"), "/h");
    assert_string_equal(lookup(env, "PYTHONPATH"), "/p");
    assert_null(lookup(env, "PYTHONUNBUFFERED"));
    assert_null(lookup(env, "COLDSPOT_STORE"));
    assert_string_equal(lookup(env, "A"), "3");
    assert_string_equal(lookup(env, "PYTHONHASHSEED"), "0"); /* asked for, so it passes */
    assert_string_equal(lookup(env, "LD_PRELOAD"), "/agent.so:/x.so");
    assert_string_equal(lookup(env_build(&arena, ours, NULL, NULL), "LD_PRELOAD"), "/x.so");
}

static void variables_need_a_name_or_a_value_here(void **state)
{
    struct env_list added = {0};
    setenv("COLDSPOT_TEST_VALUE", "v", 1);
    assert_int_equal(env_add(&arena, &added, STR("COLDSPOT_TEST_VALUE"), &err), 0);
    assert_str(added.vars.items[0].value, "v");
    assert_int_equal(env_add(&arena, &added, STR("NO_SUCH_VARIABLE_HERE"), &err), -ERR_USAGE);
    assert_int_equal(env_add(&arena, &added, STR("=1"), &err), -ERR_USAGE);
}

static void environment_files_are_read(void **state)
{
    char path[] = "/tmp/coldspot-ut-env-XXXXXX";
    close(mkstemp(path));
    struct env_list added = {0};
    assert_int_equal(
        file_write(path, STR("# comment\n\nA=1\nexport B = 'two words'\nC=\"a\\nb\\\"\\$\"\r\nD=\n"), &err), 0);
    assert_int_equal(env_add_file(&arena, &added, path, &err), 0);
    assert_int_equal(added.vars.len, 4);
    assert_str(added.vars.items[1].name, "B");
    assert_str(added.vars.items[1].value, "two words");
    assert_str(added.vars.items[2].value, "a\nb\"\\$");
    assert_str(added.vars.items[3].value, "");
    assert_int_equal(file_write(path, STR("A=1\nsecret value\n"), &err), 0);
    assert_int_equal(env_add_file(&arena, &added, path, &err), -ERR_INPUT);
    assert_true(str_contains(buf_str(&err.message), STR(":2 is not of the form")));
    assert_false(str_contains(buf_str(&err.message), STR("secret")));
    unlink(path);
}

static void a_start_has_what_the_agent_needs(void **state)
{
    struct rundir dir = {0};
    struct rundir_start start;
    struct rundir_agent agent = {.library = "/lib/agent.so",
                                 .observe = "imports",
                                 .rss_hz = 20,
                                 .sample_hz = 100,
                                 .max_bytes = 1 << 20,
                                 .root = "/app"};
    struct str text;
    struct stat st;
    assert_int_equal(rundir_open(&arena, &dir, &err), 0);
    assert_int_equal(stat(dir.path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(rundir_add_start(&arena, &dir, 0, &agent, &start, &err), 0);
    assert_int_equal(file_read(&arena, arena_printf(&arena, "%s/agent.conf", start.path).ptr, 4096, &text, &err), 0);
    assert_str(text, "observe=imports\nrss_hz=20\nsample_hz=100\nmax_bytes=1048576\nredact_paths=0\nroot=/app\n");
    assert_int_equal(lstat(start.agent, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    file_write(arena_printf(&arena, "%s/2.rec", start.path).ptr, STR("x"), &err);
    file_write(arena_printf(&arena, "%s/1.rec", start.path).ptr, STR("x"), &err);
    struct rundir_recordings found;
    assert_int_equal(rundir_recordings(&arena, &start, &found, &err), 0);
    assert_int_equal(found.paths.len, 2);
    assert_true(str_ends_with(str_of(found.paths.items[0]), STR("/1.rec")));
    const char *path = dir.path;
    rundir_remove(&dir);
    assert_false(file_exists(path));
}

/* Outlives its command, and holds the reading end's other side until it dies. */
static pid_t be_left(const char *const *env)
{
    pid_t pid = fork();
    if (pid == 0) {
        dup2(open("/dev/null", O_WRONLY), 2); /* the loader complains of the library */
        setsid();
        execle("/bin/sleep", "sleep", "100", (char *)NULL, env);
        _exit(1);
    }
    return pid;
}

/* A command with a run directory and processes that outlive it; says where on fd. */
static void be_a_command(int fd, bool has_keeper)
{
    struct rundir dir = {0};
    struct rundir_start start;
    if (rundir_open(&arena, &dir, NULL) || rundir_add_start(&arena, &dir, 0, NULL, &start, NULL))
        _exit(1);
    be_left((const char *[]){arena_printf(&arena, "LD_PRELOAD=%s/x.so", start.path).ptr, NULL});
    if (has_keeper)
        keeper_announce(&dir.keeper, be_left((const char *[]){NULL}));
    else
        keeper_stop(&dir.keeper);
    usleep(100000);
    if (write(fd, dir.path, strlen(dir.path)) < 0)
        _exit(1);
    pause();
}

/* Kills such a command; its directory, and the end that what it left holds open. */
static int kill_a_command(bool has_keeper, char *path, size_t size)
{
    int fds[2], status;
    assert_int_equal(pipe(fds), 0);
    pid_t pid = fork();
    if (pid == 0)
        be_a_command(fds[1], has_keeper);
    close(fds[1]);
    memset(path, 0, size);
    assert_true(read(fds[0], path, size - 1) > 0);
    rundir_clean();
    assert_true(file_exists(path)); /* its command runs */
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    return fds[0];
}

static void a_killed_commands_directory_is_removed_by_the_next(void **state)
{
    char path[256];
    int fd = kill_a_command(false, path, sizeof(path));
    assert_true(rundir_clean() >= 1);
    assert_false(file_exists(path));
    assert_int_equal(read(fd, path, sizeof(path)), 0); /* what it had started held the other end, and is dead */
    close(fd);
}

static void a_killed_command_is_cleared_away_by_its_keeper(void **state)
{
    char path[256], byte;
    int fd = kill_a_command(true, path, sizeof(path));
    assert_int_equal(read(fd, &byte, 1), 0);
    while (file_exists(path)) /* the test's time-out is the limit */
        usleep(1000);
    close(fd);
}

static void places_with_spaces_are_not_taken(void **state)
{
    struct rundir dir = {0};
    setenv("TMPDIR", "/tmp/with space", 1);
    assert_int_equal(rundir_open(&arena, &dir, &err), 0);
    assert_true(str_starts_with(str_of(dir.path), STR("/tmp/coldspot-")));
    rundir_remove(&dir);
    unsetenv("TMPDIR");
}

static void programs_are_told_apart(void **state)
{
    char path[] = "/tmp/coldspot-ut-prog-XXXXXX";
    enum program_kind kind;
    close(mkstemp(path));
    assert_int_equal(program_kind("/bin/ls", &kind, &err), 0);
    assert_int_equal(kind, PROGRAM_GLIBC);
    assert_int_equal(file_write(path, STR("#!/bin/sh\n"), &err), 0);
    assert_int_equal(program_kind(path, &kind, &err), 0);
    assert_int_equal(kind, PROGRAM_SCRIPT);
    assert_int_equal(program_check(&arena, path, &err), 0);
    assert_int_equal(file_write(path, STR("MZ not an ELF"), &err), 0);
    assert_int_equal(program_check(&arena, path, &err), -ERR_INPUT);
    const char *found;
    assert_int_equal(program_find(&arena, str_of(path), STR(""), &found, &err), -ERR_INPUT); /* not executable */
    assert_int_equal(program_find(&arena, STR("ls"), STR("/nowhere:/bin"), &found, &err), 0);
    assert_string_equal(found, "/bin/ls");
    unlink(path);
}

/* An ELF header with a loader's name, as much as program_kind looks at. */
static void a_musl_program_is_refused(void **state)
{
    char path[] = "/tmp/coldspot-ut-musl-XXXXXX", bytes[4096];
    struct str loader;
    int fd = mkstemp(path);
    assert_int_equal(file_read(&arena, "/bin/ls", 1 << 24, &loader, &err), 0);
    memcpy(bytes, loader.ptr, sizeof(bytes));
    char *at = memmem(bytes, sizeof(bytes), "/lib64/ld-linux-x86-64.so.2", 27);
    if (at) { /* x86_64 */
        strcpy(at, "/lib/ld-musl-x86_64.so.1");
        memset(at + 24, 'x', 3); /* keeps the length; the name is compared by its beginning */
        assert_int_equal(write(fd, bytes, sizeof(bytes)), sizeof(bytes));
        assert_int_equal(program_check(&arena, path, &err), -ERR_INPUT);
        assert_true(str_contains(buf_str(&err.message), STR("musl")));
    }
    close(fd);
    unlink(path);
}

/* As patchelf leaves a program: the loader's name lies behind everything else. */
static void a_loader_named_far_behind_is_found(void **state)
{
    char path[] = "/tmp/coldspot-ut-far-XXXXXX";
    struct str program;
    close(mkstemp(path));
    assert_int_equal(file_read(&arena, "/bin/ls", 1 << 24, &program, &err), 0);
    char *bytes = arena_array(&arena, char, program.len + 64);
    memcpy(bytes, program.ptr, program.len);
    Elf64_Ehdr *header = (Elf64_Ehdr *)bytes;
    Elf64_Phdr *segment = (Elf64_Phdr *)(bytes + header->e_phoff);
    while (segment->p_type != PT_INTERP)
        segment++;
    memcpy(bytes + program.len, bytes + segment->p_offset, segment->p_filesz);
    segment->p_offset = program.len;
    size_t whole = program.len + segment->p_filesz;
    assert_int_equal(file_write(path, str_from(bytes, whole), &err), 0);
    assert_int_equal(program_check(&arena, path, &err), 0);
    assert_int_equal(file_write(path, str_from(bytes, whole - 1), &err), 0); /* cut: there is no loader's name */
    assert_int_equal(program_check(&arena, path, &err), -ERR_INPUT);
    unlink(path);
}

static void the_request_is_what_the_harness_reads(void **state)
{
    struct target target = {.file = "/a/app.py", .name = "f", .app_dir = "/a"};
    json_t *input;
    struct harness_header header = {STR("X-Key"), STR("1")};
    assert_int_equal(json_parse(STR("[1, \"\\u00e9\"]"), "--input", &input, &err), 0);
    struct harness_request request = {.target = &target,
                                      .result = "/r",
                                      .input = input,
                                      .calls = 3,
                                      .batch = 2,
                                      .web = "GET /",
                                      .web_headers = &header,
                                      .web_header_count = 1,
                                      .import_modal = true};
    assert_str(
        harness_write_request(&arena, &request),
        "{\"target\":{\"file\":\"/a/app.py\",\"name\":\"f\",\"app_dir\":\"/a\"},\"result\":\"/r\",\"has_input\":true,"
        "\"input\":[1,\"\xc3\xa9\"],\"request\":\"GET "
        "/\",\"request_headers\":[[\"X-Key\",\"1\"]],\"batch\":2,\"calls\":3,"
        "\"remote\":\"local\",\"import_modal\":true,\"list\":false}");
    json_decref(input);
}

static void events_are_read_up_to_where_a_kill_cut_them(void **state)
{
    char path[] = "/tmp/coldspot-ut-events-XXXXXX";
    struct harness_result result;
    close(mkstemp(path));
    assert_int_equal(
        file_write(path,
                   STR("{\"event\":\"target\",\"name\":\"f\"}\n{\"event\":\"call\",\"index\":0,\"wall_ns\":5}\n"
                       "not json\n{\"event\":\"call\",\"index\":1,\"wall_ns\":7}\n{\"event\":\"done\"}"),
                   &err),
        0);
    assert_int_equal(harness_read_result(&arena, path, &result, &err), 0);
    assert_str(json_get_str(result.target, "name", STR("")), "f");
    assert_int_equal(result.call_wall_ns.len, 2);
    assert_int_equal(result.call_wall_ns.items[1], 7);
    assert_false(result.done);
    harness_result_release(&result);
    unlink(path);
}

static void errors_are_put_into_words(void **state)
{
    struct target target = {.text = "x/app.py::embbed"};
    json_t *error;
    assert_int_equal(
        json_parse(
            STR("{\"event\":\"error\",\"kind\":\"no_such_function\",\"message\":\"app.py has no function 'embbed'\","
                "\"name\":\"embbed\",\"names\":[\"Embedder.embed\",\"search\"]}"),
            "x", &error, &err),
        0);
    assert_int_equal(harness_error(error, &target, NULL, &err), -ERR_USAGE);
    assert_str(buf_str(&err.message), "app.py has no function 'embbed'");
    assert_str(buf_str(&err.hint),
               "it has: Embedder.embed, search\ndid you mean: coldspot run x/app.py::Embedder.embed");
    json_decref(error);
    assert_int_equal(
        json_parse(
            STR("{\"kind\":\"missing_package\",\"message\":\"m\",\"during\":\"call\",\"file\":\"/a/app.py\",\"line\":3,"
                "\"image_file\":\"/a/app.py\",\"image_line\":2,\"image_text\":\"pip_install('x')\",\"command\":\"pip "
                "install x\"}"),
            "x", &error, &err),
        0);
    assert_int_equal(harness_error(error, NULL, NULL, &err), -ERR_FUNCTION);
    assert_str(buf_str(&err.hint),
               "at app.py:3\nthe image installs it at app.py:2: pip_install('x')\ninstall it here too: pip install x");
    json_decref(error);
}

static int tear_down(void **state)
{
    arena_release(&arena);
    err_release(&err);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_users_environment_passes_without_pythons),
        cmocka_unit_test(variables_need_a_name_or_a_value_here),
        cmocka_unit_test(environment_files_are_read),
        cmocka_unit_test(a_start_has_what_the_agent_needs),
        cmocka_unit_test(a_killed_commands_directory_is_removed_by_the_next),
        cmocka_unit_test(a_killed_command_is_cleared_away_by_its_keeper),
        cmocka_unit_test(places_with_spaces_are_not_taken),
        cmocka_unit_test(programs_are_told_apart),
        cmocka_unit_test(a_musl_program_is_refused),
        cmocka_unit_test(a_loader_named_far_behind_is_found),
        cmocka_unit_test(the_request_is_what_the_harness_reads),
        cmocka_unit_test(events_are_read_up_to_where_a_kill_cut_them),
        cmocka_unit_test(errors_are_put_into_words),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
