/* Asyncio's tasks in a hostile process: the input's first byte chooses the version, the rest is all the memory there is, mapped again every
 * 64 KiB so that pointers hit it.  What the program says once (where its roots and types are) is fixed; everything that the reader offers
 * is asked. */
#include "image.h"

#include "cpython/tasks.h"

enum {
    BASE = 65536,
    CURRENT = BASE + 0x1000,
    ALL = BASE + 0x1100,
    THREAD = BASE + 0x1200,
    TYPES = BASE + 0x1800,
    TASK = BASE + 0x2000
};

static void ask_task(const struct tasks *tasks, uint64_t address)
{
    static struct frames_stack stack;
    struct task task;
    char name[TASKS_NAME_MOST];
    size_t length = 0;
    uint64_t leaf;
    if (tasks_task(tasks, address, &task))
        return;
    if (tasks_name(tasks, &task, name, sizeof(name), &length) == 0 && length > sizeof(name))
        __builtin_trap();
    if (tasks_chain(tasks, &task, &stack, &leaf) == 0 && (stack.depth == 0 || stack.depth > TASKS_DEEPEST))
        __builtin_trap();
    tasks_root_frame(tasks, task.coroutine);
    if (tasks_awaited_task(tasks, &task) && tasks_awaited_task(tasks, &task) != task.waiter)
        __builtin_trap();
}

static void ask_set(const struct tasks *tasks)
{
    tasks_count(tasks);
    uint64_t table;
    uint32_t places;
    if (tasks_table(tasks, &table, &places))
        return;
    for (uint32_t i = 0; i < places && i < 64; i++) {
        struct tasks_place place;
        if (memory_read(&tasks->frames->memory, table + i * sizeof(place), &place, sizeof(place)) == 0)
            ask_task(tasks, tasks_referent(tasks, place.reference));
    }
}

static void ask_list(const struct tasks *tasks)
{
    struct tasks_node node = {.next = tasks_head(tasks, THREAD)};
    for (int i = 0; node.next && i < 64; i++) {
        ask_task(tasks, tasks_of_node(tasks, node.next));
        if (tasks_node(tasks, node.next, &node))
            return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint32_t task_bytes[] = {184, 192, 176, 176, 144, 168}; /* 3.9 to 3.14 */
    if (size < 1)
        return 0;
    uint32_t minor = 9 + data[0] % 6;
    struct image image = {data + 1, size - 1};
    struct memory memory = {.read = read_image, .ctx = &image};
    struct frames frames;
    struct tasks tasks;
    /* Newer Pythons lay their frames out as 3.12 does, as far as it matters here. */
    if (frames_open(&memory, BASE, 0x03000000 | (minor < 12 ? minor : 12) << 16, &frames))
        return 0;
    frames.layout.minor = minor;
    frames.layout.tagged = minor >= 14;
    const struct tasks_roots roots = {
        task_bytes[minor - 9],
        CURRENT,
        ALL,
        {TYPES, TYPES + 16, TYPES + 32, TYPES + 48, TYPES + 64, TYPES + 80, TYPES + 96, TYPES + 112}};
    if (tasks_open(&frames, &roots, &tasks))
        __builtin_trap();
    uint64_t running[TASKS_LOOPS];
    size_t n = tasks_running(&tasks, THREAD, running);
    for (size_t i = 0; i < n; i++)
        ask_task(&tasks, running[i]);
    ask_task(&tasks, TASK);
    ask_set(&tasks);
    ask_list(&tasks);
    return 0;
}
