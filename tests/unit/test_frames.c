/* Reads Pythons of every version that is installed, while they wait in stacks of known shape (data/stacks.py says what they
 * are), and compares every frame. */
#include "unit.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cpython/frames.h"
#include "cpython/text.h"

struct python {
    pid_t pid;
    FILE *said;
    int input;
};

static int read_process(void *ctx, uint64_t address, void *buffer, size_t length)
{
    pid_t pid = *(pid_t *)ctx;
    struct iovec to = {buffer, length}, from = {(void *)(uintptr_t)address, length};
    return process_vm_readv(pid, &to, 1, &from, 1, 0) == (ssize_t)length ? 0 : -1;
}

static struct python begin(const char *executable)
{
    int out[2], in[2];
    assert_int_equal(pipe(out), 0);
    assert_int_equal(pipe(in), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(out[1], 1);
        dup2(in[0], 0);
        close(in[1]);
        execl(executable, executable, "-I", STACKS_PY, NULL);
        _exit(127);
    }
    close(out[1]);
    close(in[0]);
    return (struct python){pid, fdopen(out[0], "r"), in[1]};
}

static void end(struct python *python)
{
    close(python->input);
    fclose(python->said);
    waitpid(python->pid, NULL, 0);
}

/* "F line file<TAB>name" of a frame as we read it. */
static void describe(struct frames *frames, const struct frame *frame, char *out, size_t size)
{
    static char scratch[FRAMES_LINES_MOST];
    struct frames_code code;
    char file[512], name[512];
    size_t file_length = 0, name_length = 0;
    assert_int_equal(frames_code(frames, frame->code, &code), 0);
    assert_int_equal(text_read(&frames->memory, &frames->layout, code.filename, file, sizeof(file), &file_length), 0);
    uint64_t named = code.qualname ? code.qualname : code.name;
    assert_int_equal(text_read(&frames->memory, &frames->layout, named, name, sizeof(name), &name_length), 0);
    snprintf(out, size, "F %u %.*s\t%.*s\n", frames_line(frames, frame, &code, scratch, sizeof(scratch)),
             (int)file_length, file, (int)name_length, name);
}

static void compare_thread(struct frames *frames, uint64_t pthread, FILE *said, char *line, size_t size)
{
    static struct frames_thread threads[64];
    static struct frames_stack stack;
    size_t n = frames_threads(frames, threads, 64), i = 0;
    while (i < n && threads[i].pthread != pthread)
        i++;
    assert_true(i < n);
    assert_int_equal(frames_walk(frames, &threads[i], &stack), 0);
    uint32_t depth = 0;
    while (fgets(line, (int)size, said) && line[0] == 'F') {
        char ours[2048];
        if (depth < stack.depth) {
            describe(frames, &stack.frames[depth], ours, sizeof(ours));
            assert_string_equal(ours, line);
        }
        depth++;
    }
    assert_int_equal(stack.depth, depth > FRAMES_DEEPEST ? FRAMES_DEEPEST : depth);
    assert_int_equal(stack.cut, depth > FRAMES_DEEPEST);
}

/* 3.9 to 3.14 are read; of another, or one that is free-threaded, it is said which it is. */
static int refusal_of(const char *executable, unsigned long hex)
{
    return strstr(executable, "/nogil-") ? LAYOUT_FREE_THREADED : hex >> 16 > 0x030e ? LAYOUT_VERSION : LAYOUT_OK;
}

static void compare_python(const char *executable)
{
    struct python python = begin(executable);
    struct memory memory = {.read = read_process, .ctx = &python.pid};
    struct frames frames;
    char line[2048];
    unsigned long runtime = 0, hex = 0, pthread;
    int threads = 0;
    assert_non_null(fgets(line, sizeof(line), python.said));
    assert_int_equal(sscanf(line, "R %lu %lu", &runtime, &hex), 2);
    int refusal = refusal_of(executable, hex);
    assert_int_equal(frames_open(&memory, runtime, (uint32_t)hex, &frames), refusal);
    assert_non_null(fgets(line, sizeof(line), python.said));
    if (refusal) {
        end(&python);
        return;
    }
    while (sscanf(line, "T %lu", &pthread) == 1) {
        compare_thread(&frames, pthread, python.said, line, sizeof(line));
        threads++;
    }
    assert_int_equal(line[0], 'E');
    assert_int_equal(threads, 8);
    uint64_t interpreter;
    assert_int_equal(frames_interpreters(&frames, &interpreter, 1), 1);
    assert_int_equal(frames_lock_holder(&frames, interpreter), 0); /* all of them wait */
    end(&python);
}

static void every_frame_of_every_python_is_as_it_says(void **state)
{
    (void)state;
    char pattern[512];
    snprintf(pattern, sizeof(pattern), "%s/.pyenv/versions/3.*/bin/python3", getenv("HOME") ? getenv("HOME") : "");
    glob_t found = {0};
    glob(pattern, 0, NULL, &found);
    glob("/usr/bin/python3", GLOB_APPEND, NULL, &found);
    glob(MADE_PYTHONS "/*/bin/python3", GLOB_APPEND, NULL, &found);
    size_t compared = 0;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *version = strstr(found.gl_pathv[i], "/versions/3.");
        if (version && atoi(version + strlen("/versions/3.")) < 9)
            continue;
        print_message("# %s\n", found.gl_pathv[i]);
        compare_python(found.gl_pathv[i]);
        compared++;
    }
    globfree(&found);
    if (!compared)
        skip();
}

static int read_nothing(void *ctx, uint64_t address, void *buffer, size_t length)
{
    (void)ctx, (void)address, (void)buffer, (void)length;
    return -1;
}

static void what_cannot_be_read_is_no_stack(void **state)
{
    (void)state;
    struct memory memory = {.read = read_nothing};
    struct frames frames;
    struct frames_thread thread = {.frame = 8192};
    static struct frames_stack stack;
    uint64_t out[4];
    assert_int_equal(frames_open(&memory, 4096, 0x030c01f0, &frames), LAYOUT_OK);
    assert_int_equal(frames_interpreters(&frames, out, 4), 0);
    assert_int_equal(frames_threads(&frames, &thread, 1), 0);
    assert_int_equal(frames_walk(&frames, &thread, &stack), -1);
    assert_int_equal(frames_lock_holder(&frames, 8192), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_frame_of_every_python_is_as_it_says),
        cmocka_unit_test(what_cannot_be_read_is_no_stack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
