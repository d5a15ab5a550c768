/* Reads Pythons of every version that is installed, while they wait in stacks of known shape (data/stacks.py says what they
 * are), and compares every frame. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "cpython/frames.h"
#include "python_process.h"

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
            python_describe(frames, &stack.frames[depth], ours, sizeof(ours));
            assert_string_equal(ours, line);
        }
        depth++;
    }
    assert_int_equal(stack.depth, depth > FRAMES_DEEPEST ? FRAMES_DEEPEST : depth);
    assert_int_equal(stack.cut, depth > FRAMES_DEEPEST);
}

static void compare_python(const char *executable)
{
    struct python python = python_begin(executable, STACKS_PY);
    struct memory memory = python_memory(&python);
    struct frames frames;
    char line[2048];
    unsigned long runtime = 0, hex = 0, pthread;
    int threads = 0;
    assert_non_null(fgets(line, sizeof(line), python.said));
    assert_int_equal(sscanf(line, "R %lu %lu", &runtime, &hex), 2);
    int refusal = python_refusal(executable, hex);
    assert_int_equal(frames_open(&memory, runtime, (uint32_t)hex, &frames), refusal);
    assert_non_null(fgets(line, sizeof(line), python.said));
    if (refusal) {
        python_end(&python);
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
    python_end(&python);
}

static void every_frame_of_every_python_is_as_it_says(void **state)
{
    (void)state;
    if (!python_each(compare_python))
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
