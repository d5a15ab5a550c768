/* Reads the asyncio tasks of Pythons of every version that is installed, while they wait in known places (data/tasks.py says which),
 * and compares names and every coroutine. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpython/tasks.h"
#include "cpython/text.h"
#include "python_process.h"

static struct frames frames;
static struct tasks tasks;

/* Addresses of all tasks as they are found: in the set, or in the thread's list. */
static size_t find_all(uint64_t thread, uint64_t *out, size_t most)
{
    uint64_t table, head = tasks_head(&tasks, thread);
    uint32_t places;
    size_t n = 0;
    struct tasks_node node = {.next = head};
    if (head) {
        assert_int_equal(tasks_node(&tasks, head, &node), 0);
        for (uint64_t at = node.next; at != head && n < most; at = node.next) {
            out[n++] = tasks_of_node(&tasks, at);
            assert_int_equal(tasks_node(&tasks, at, &node), 0);
        }
        return n;
    }
    assert_int_equal(tasks_table(&tasks, &table, &places), 0);
    for (uint32_t i = 0; i < places && n < most; i++) {
        struct tasks_place place;
        assert_int_equal(memory_read(&frames.memory, table + i * sizeof(place), &place, sizeof(place)), 0);
        if (place.reference && place.hash != -1)
            out[n++] = tasks_referent(&tasks, place.reference);
    }
    return n;
}

static void compare_frames(struct python *python, const struct task *task, char *line, size_t size)
{
    static struct frames_stack stack;
    uint64_t leaf = 0;
    assert_int_equal(tasks_chain(&tasks, task, &stack, &leaf), 0);
    assert_true(leaf != 0);
    char said[512][256];
    uint32_t depth = 0;
    for (; fgets(line, (int)size, python->said) && line[0] == 'F'; depth++)
        snprintf(said[depth % 512], sizeof(said[0]), "%s", line);
    assert_int_equal(stack.depth, depth < TASKS_DEEPEST ? depth : TASKS_DEEPEST);
    for (uint32_t i = 0; i < stack.depth;
         i++) { /* from the outermost on: of a very deep one the innermost are left out */
        char ours[2048];
        python_describe(&frames, &stack.frames[stack.depth - 1 - i], ours, sizeof(ours));
        assert_string_equal(ours, said[depth - 1 - i]);
    }
}

/* The line is "T address name" or "W name": whether the name is that of the task. */
static void compare_name(const struct task *task, const char *said)
{
    char name[TASKS_NAME_MOST + 1];
    size_t length = 0;
    assert_int_equal(tasks_name(&tasks, task, name, TASKS_NAME_MOST, &length), 0);
    assert_true(length <= TASKS_NAME_MOST && length > 0);
    bool cut = length > TASKS_NAME_MOST - 4;
    assert_memory_equal(name, said, length);
    assert_true(cut || said[length] == '\n');
}

static void compare_tasks(struct python *python, uint64_t thread, char *line, size_t size)
{
    uint64_t all[64];
    size_t n = find_all(thread, all, 64), compared = 0;
    unsigned long address;
    int at;
    while (sscanf(line, "T %lu %n", &address, &at) == 1) {
        struct task task, other;
        size_t i = 0;
        while (i < n && all[i] != address)
            i++;
        assert_true(i < n);
        assert_int_equal(tasks_task(&tasks, address, &task), 0);
        compare_name(&task, line + at);
        compare_frames(python, &task, line, size);
        uint64_t awaited = tasks_awaited_task(&tasks, &task);
        assert_int_equal(awaited != 0, line[0] == 'W');
        if (awaited) {
            assert_int_equal(tasks_task(&tasks, awaited, &other), 0);
            compare_name(&other, line + 2);
            assert_non_null(fgets(line, (int)size, python->said));
        }
        compared++;
    }
    assert_int_equal(compared, 11);
    uint64_t running[TASKS_LOOPS];
    assert_int_equal(tasks_running(&tasks, thread, running), 0);
}

static void compare_python(const char *executable)
{
    struct python python = python_begin(executable, TASKS_PY);
    char line[4096];
    unsigned long runtime = 0, hex = 0, size = 0, current = 0, all = 0, thread = 0, t[8];
    assert_non_null(fgets(line, sizeof(line), python.said));
    assert_int_equal(sscanf(line, "R %lu %lu", &runtime, &hex), 2);
    struct memory memory = python_memory(&python);
    int refusal = python_refusal(executable, hex);
    assert_int_equal(frames_open(&memory, runtime, (uint32_t)hex, &frames), refusal);
    assert_non_null(fgets(line, sizeof(line), python.said));
    assert_int_equal(sscanf(line, "S %lu %lu %lu %lu", &size, &current, &all, &thread), 4);
    assert_non_null(fgets(line, sizeof(line), python.said));
    assert_int_equal(
        sscanf(line, "Y %lu %lu %lu %lu %lu %lu %lu %lu", t, t + 1, t + 2, t + 3, t + 4, t + 5, t + 6, t + 7), 8);
    assert_non_null(fgets(line, sizeof(line), python.said));
    struct tasks_roots roots = {(uint32_t)size, current, all, {t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7]}};
    if (!refusal) {
        assert_int_equal(tasks_open(&frames, &roots, &tasks), 0);
        compare_tasks(&python, thread, line, sizeof(line));
        assert_int_equal(line[0], 'E');
        roots.task_bytes += 8;
        assert_int_equal(tasks_open(&frames, &roots, &tasks), -1);
    }
    python_end(&python);
}

static void every_task_of_every_python_waits_where_it_says(void **state)
{
    (void)state;
    if (!python_each(compare_python))
        skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_task_of_every_python_waits_where_it_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
