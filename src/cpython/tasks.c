/* A task holds a coroutine; what a suspended coroutine awaits lies on top of its frame's value stack, and is the next coroutine, down
 * to one that awaits a future.  A type's address decides what an object is before any of it is believed. */
#include "cpython/tasks.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cpython/text.h"

static const struct tasks_layout layouts[] = {
#define TASKS(...) {__VA_ARGS__},
#include "cpython/tasks.def"
#undef TASKS
};

enum {
    LAYOUTS = sizeof(layouts) / sizeof(layouts[0]),
    WRAPPED = 16,          /* the first word of an object's own: what wrappers and weak references refer to */
    TABLE_MOST = 1 << 22,  /* places of the set */
    STACK_MOST = 1 << 12,  /* values of a frame */
    STATE_YIELD_FROM = -1, /* from 3.13 on: suspended at an await, not at a bare yield */
};

static uint64_t read_word(const struct tasks *tasks, uint64_t address)
{
    uint64_t value;
    return memory_read(&tasks->frames->memory, address, &value, sizeof(value)) ? 0 : value;
}

/* Pointers to objects are aligned, and not in the first page. */
static int is_pointer(uint64_t address)
{
    return address >= 4096 && address % 8 == 0 && address < UINT64_MAX - (1 << 20);
}

static uint64_t type_of(const struct tasks *tasks, uint64_t object)
{
    return is_pointer(object) ? read_word(tasks, object + tasks->frames->layout.object_type) : 0;
}

int tasks_open(const struct frames *frames, const struct tasks_roots *roots, struct tasks *out)
{
    for (size_t i = 0; i < LAYOUTS; i++) {
        if (layouts[i].minor != frames->layout.minor || layouts[i].task_bytes != roots->task_bytes)
            continue;
        *out = (struct tasks){frames, layouts[i], *roots};
        return 0;
    }
    return -1;
}

/* ---- a task ---- */

int tasks_task(const struct tasks *tasks, uint64_t address, struct task *out)
{
    const struct tasks_layout *layout = &tasks->layout;
    uint64_t words[3]; /* they are neighbours in every version */
    if (!is_pointer(address) ||
        memory_read(&tasks->frames->memory, address + layout->task_waiter, words, sizeof(words)))
        return -1;
    *out = (struct task){address, words[0], words[(layout->task_coroutine - layout->task_waiter) / 8 % 3],
                         words[(layout->task_name - layout->task_waiter) / 8 % 3]};
    return is_pointer(out->coroutine) && is_pointer(out->name) ? 0 : -1;
}

int tasks_name(const struct tasks *tasks, const struct task *task, char *out, size_t size, size_t *length_out)
{
    enum { DIGITS = 24, DIGIT_BITS = 30 };
    const struct memory *memory = &tasks->frames->memory;
    uint32_t digits[2];
    uint64_t tag;
    char text[32];
    if (!tasks->roots.types.integer || type_of(tasks, task->name) != tasks->roots.types.integer)
        return text_read(memory, &tasks->frames->layout, task->name, out, size, length_out);
    if (memory_read(memory, task->name + WRAPPED, &tag, sizeof(tag)) ||
        memory_read(memory, task->name + DIGITS, digits, tag >> 3 > 1 ? sizeof(digits) : sizeof(digits[0])))
        return -1;
    uint64_t number = digits[0] | (tag >> 3 > 1 ? (uint64_t)digits[1] << DIGIT_BITS : 0);
    int length = snprintf(text, sizeof(text), "Task-%llu", (unsigned long long)number);
    if (tag >> 3 > 2 || (size_t)length > size)
        return -1;
    memcpy(out, text, (size_t)length);
    *length_out = (size_t)length;
    return 0;
}

uint64_t tasks_awaited_task(const struct tasks *tasks, const struct task *task)
{
    uint64_t type = tasks->roots.types.task;
    return type && task->waiter && type_of(tasks, task->waiter) == type ? task->waiter : 0;
}

/* ---- coroutines ---- */

/* What holds a frame: the object itself, or the one that it wraps; 0: neither. */
static uint64_t generator_of(const struct tasks *tasks, uint64_t object)
{
    const struct tasks_types *types = &tasks->roots.types;
    uint64_t type = type_of(tasks, object);
    if (type && (type == types->coroutine_wrapper || type == types->asend || type == types->athrow)) {
        object = read_word(tasks, object + WRAPPED);
        type = type_of(tasks, object);
    }
    bool holds = type && (type == types->coroutine || type == types->generator || type == types->async_generator);
    return holds ? object : 0;
}

uint64_t tasks_root_frame(const struct tasks *tasks, uint64_t coroutine)
{
    uint64_t frame = coroutine + tasks->layout.generator_frame;
    return tasks->layout.minor <= 10 ? read_word(tasks, frame) : frame;
}

/* Before 3.11 a running frame has no top of its stack, a new one has nothing on it. */
static int await_of_old(const struct tasks *tasks, uint64_t frame, uint64_t *awaited_out)
{
    uint64_t values = read_word(tasks, frame + tasks->layout.frame_values);
    uint64_t top = read_word(tasks, frame + tasks->layout.frame_top);
    if (tasks->layout.minor == 10) {
        int32_t depth = (int32_t)top;
        if (depth < 0)
            return -1;
        top = values + 8 * (uint64_t)depth;
    }
    if (!is_pointer(values) || !is_pointer(top) || top < values || top - values > 8 * STACK_MOST)
        return -1;
    *awaited_out = top > values ? read_word(tasks, top - 8) : 0;
    return 0;
}

/* How many of the values are local variables, not on the stack. */
static uint32_t locals_of(const struct tasks *tasks, uint64_t code)
{
    uint32_t count; /* co_nlocalsplus follows co_firstlineno in 3.11 and 3.12 */
    const struct frames *frames = tasks->frames;
    return memory_read(&frames->memory, code + frames->layout.code_first_line + 4, &count, sizeof(count)) ? STACK_MOST
                                                                                                          : count;
}

/* From 3.11 on the state tells whether it is suspended, from 3.13 on also whether at an await; before, a bare yield leaves nothing on the
 * stack but what its loops hold. */
static int await_of_new(const struct tasks *tasks, uint64_t generator, const struct frame *frame, uint64_t *awaited_out)
{
    const struct tasks_layout *layout = &tasks->layout;
    int8_t state;
    uint64_t values = frame->address + layout->frame_values, top = 0;
    if (memory_read(&tasks->frames->memory, generator + layout->generator_state, &state, sizeof(state)) || state >= 0)
        return -1;
    *awaited_out = 0;
    if (state != STATE_YIELD_FROM || memory_read(&tasks->frames->memory, frame->address + layout->frame_top, &top, 8))
        return state == STATE_YIELD_FROM ? -1 : 0;
    if (layout->minor < 14) {
        uint32_t index = (uint32_t)top;
        if (layout->minor < 13 && index <= locals_of(tasks, frame->code))
            return 0;
        top = values + 8 * (uint64_t)index;
    }
    if (top <= values || top % 8 || top - values > 8 * STACK_MOST)
        return -1;
    *awaited_out = read_word(tasks, top - 8) & (tasks->frames->layout.tagged ? ~(uint64_t)7 : ~(uint64_t)0);
    return 0;
}

int tasks_await(const struct tasks *tasks, uint64_t awaitable, struct frame *frame_out, uint64_t *awaited_out)
{
    uint64_t generator = generator_of(tasks, awaitable);
    struct frame frame;
    if (!generator || frames_frame(tasks->frames, tasks_root_frame(tasks, generator), &frame))
        return -1;
    int rc = tasks->layout.minor <= 10 ? await_of_old(tasks, frame.address, awaited_out)
                                       : await_of_new(tasks, generator, &frame, awaited_out);
    if (rc == 0)
        *frame_out = frame;
    return rc;
}

int tasks_chain(const struct tasks *tasks, const struct task *task, struct frames_stack *out, uint64_t *leaf_out)
{
    struct frame outermost_first[TASKS_DEEPEST];
    uint32_t depth = 0;
    uint64_t at = task->coroutine, awaited = 0, mark = 0;
    while (depth < TASKS_DEEPEST && tasks_await(tasks, at, &outermost_first[depth], &awaited) == 0) {
        /* The mark is moved ahead at each power of two: a ring comes back to it. */
        if (at == mark)
            return -1;
        if ((depth & (depth + 1)) == 0)
            mark = at;
        *leaf_out = at;
        at = awaited;
        depth++;
    }
    out->depth = depth;
    out->cut = 0;
    for (uint32_t i = 0; i < depth; i++)
        out->frames[i] = outermost_first[depth - 1 - i];
    return depth ? 0 : -1;
}

/* ---- which there are ---- */

/* The dict's entries lie behind its indices; a key that is no str makes them {hash, key, value}. */
static size_t read_current(const struct tasks *tasks, uint64_t out[TASKS_LOOPS])
{
    enum { DICT_KEYS = 32, ENTRIES_MOST = 16, OLD_INDICES = 40, NEW_INDICES = 32, OLD_SIZE_MOST = 128, LOG_MOST = 7 };
    const struct memory *memory = &tasks->frames->memory;
    uint64_t keys = read_word(tasks, tasks->roots.current + DICT_KEYS), header[5], entries[3 * ENTRIES_MOST];
    if (!is_pointer(keys) || memory_read(memory, keys, header, sizeof(header)))
        return 0;
    bool old = tasks->layout.minor <= 10;
    uint64_t size = old ? header[1] : 1ull << (header[1] >> 8 & 63), count = old ? header[4] : header[3];
    bool small = old ? size <= OLD_SIZE_MOST : (header[1] >> 8 & 255) <= LOG_MOST && (header[1] >> 16 & 255) == 0;
    if (!small)
        return 0;
    count = count < ENTRIES_MOST ? count : ENTRIES_MOST;
    if (memory_read(memory, keys + (old ? OLD_INDICES : NEW_INDICES) + size, entries, count * 3 * sizeof(entries[0])))
        return 0;
    size_t found = 0;
    for (uint64_t i = 0; i < count && found < TASKS_LOOPS; i++) {
        if (is_pointer(entries[3 * i + 2]))
            out[found++] = entries[3 * i + 2];
    }
    return found;
}

size_t tasks_running(const struct tasks *tasks, uint64_t thread, uint64_t out[TASKS_LOOPS])
{
    if (!tasks->layout.thread_running)
        return tasks->roots.current ? read_current(tasks, out) : 0;
    out[0] = read_word(tasks, thread + tasks->layout.thread_running);
    return is_pointer(out[0]);
}

int tasks_table(const struct tasks *tasks, uint64_t *address_out, uint32_t *places_out)
{
    enum { SET_MASK = 32 };
    uint64_t words[2]; /* mask, table */
    if (!tasks->roots.all || memory_read(&tasks->frames->memory, tasks->roots.all + SET_MASK, words, sizeof(words)) ||
        words[0] >= TABLE_MOST || (words[0] & (words[0] + 1)) != 0 || !is_pointer(words[1]))
        return -1;
    *address_out = words[1];
    *places_out = (uint32_t)words[0] + 1;
    return 0;
}

uint32_t tasks_count(const struct tasks *tasks)
{
    enum { SET_USED = 24 };
    uint64_t used = tasks->roots.all && !tasks->layout.thread_tasks ? read_word(tasks, tasks->roots.all + SET_USED) : 0;
    return used <= TABLE_MOST ? (uint32_t)used : 0;
}

uint64_t tasks_referent(const struct tasks *tasks, uint64_t reference)
{
    return is_pointer(reference) ? read_word(tasks, reference + WRAPPED) : 0;
}

uint64_t tasks_head(const struct tasks *tasks, uint64_t thread)
{
    return tasks->layout.thread_tasks ? thread + tasks->layout.thread_tasks : 0;
}

int tasks_node(const struct tasks *tasks, uint64_t address, struct tasks_node *out)
{
    if (!is_pointer(address) || memory_read(&tasks->frames->memory, address, out, sizeof(*out)))
        return -1;
    return is_pointer(out->next) && is_pointer(out->previous) ? 0 : -1;
}

uint64_t tasks_of_node(const struct tasks *tasks, uint64_t node)
{
    return node - tasks->layout.task_node;
}
