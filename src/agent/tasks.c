/* Up to 3.13 asyncio has a dict of the tasks that run, from 3.14 on each thread knows its own.  A task runs on the thread whose stack holds
 * the frame of its coroutine. */
#include "agent/tasks.h"

#include <dlfcn.h>
#include <string.h>

#include "agent/agent.h"

enum { NAME_BYTES = 80, DICT_KEYS = 32, DICT_BYTES = 256 };

uint64_t tasks_mix(uint64_t a, uint64_t b)
{
    uint64_t hash = (a ^ b * 0x9e3779b97f4a7c15u) * 0xc2b2ae3d27d4eb4fu;
    return hash ^ hash >> 29;
}

/* ---- what is needed of asyncio ---- */

static uint64_t type_at(const char *symbol)
{
    return (uint64_t)(uintptr_t)dlsym(RTLD_DEFAULT, symbol);
}

/* A reference to the attribute, which is kept for ever: what it is read through must not go away. */
static struct object *attribute(struct object *object, const char *name)
{
    struct object *value = object ? agent.python.PyObject_GetAttrString(object, name) : NULL;
    if (!value && agent.python.PyErr_Occurred())
        agent.python.PyErr_Clear();
    return value;
}

void tasks_found(void)
{
    const struct python *python = &agent.python;
    if (agent.tasks_known || !python->layout_known)
        return;
    struct object *module = python->PyImport_AddModule("asyncio.tasks");
    struct object *task = attribute(module, "Task"), *size = attribute(task, "__basicsize__");
    struct object *all = attribute(module, python->layout.minor <= 11 ? "_all_tasks" : "_scheduled_tasks");
    agent.tasks_roots = (struct tasks_roots){.task_bytes = size ? (uint32_t)python->PyLong_AsLong(size) : 0,
                                             .current = (uint64_t)(uintptr_t)attribute(module, "_current_tasks"),
                                             .all = (uint64_t)(uintptr_t)attribute(all, "data"),
                                             .types = {
                                                 .task = (uint64_t)(uintptr_t)task,
                                                 .integer = type_at("PyLong_Type"),
                                                 .coroutine = type_at("PyCoro_Type"),
                                                 .generator = type_at("PyGen_Type"),
                                                 .async_generator = type_at("PyAsyncGen_Type"),
                                                 .coroutine_wrapper = type_at("_PyCoroWrapper_Type"),
                                                 .asend = type_at("_PyAsyncGenASend_Type"),
                                                 .athrow = type_at("_PyAsyncGenAThrow_Type"),
                                             }};
    if (python->PyErr_Occurred())
        python->PyErr_Clear();
    __atomic_store_n(&agent.tasks_known, true, __ATOMIC_RELEASE);
}

void tasks_begin(struct tasks_sampler *sampler, struct peek *peek, struct stacktree *tree)
{
    sampler->peek = peek;
    sampler->tree = tree;
    sampler->open = false; /* its frames may lie elsewhere now */
    sampler->refused = false;
}

/* Whether there are tasks to look at. */
bool tasks_are_open(struct tasks_sampler *sampler)
{
    if (sampler->open || sampler->refused || !__atomic_load_n(&agent.tasks_known, __ATOMIC_ACQUIRE))
        return sampler->open;
    sampler->open = tasks_open(sampler->tree->frames, &agent.tasks_roots, &sampler->tasks) == 0;
    sampler->refused = !sampler->open;
    if (sampler->refused)
        writer_note(sampler->tree->writer, sampler->tree->thread, EVENT_NOTE_NO_TASKS, agent.tasks_roots.task_bytes,
                    NULL);
    return sampler->open;
}

/* ---- names ---- */

uint32_t tasks_others(struct tasks_sampler *sampler)
{
    static const char others[] = "(other tasks)";
    return writer_string(sampler->tree->writer, sampler->tree->thread, others, sizeof(others) - 1);
}

/* The string of a name, of which there may be very many: only so many are told apart. */
static uint32_t name_string(struct tasks_sampler *sampler, const char *name, size_t length)
{
    uint64_t hash = length;
    for (size_t i = 0; i < length; i++)
        hash = tasks_mix(hash, (unsigned char)name[i]);
    for (uint64_t at = hash;; at++) {
        uint64_t place = at % (2 * TASKS_NAMES);
        if (sampler->name[place].string && sampler->name[place].hash == hash)
            return sampler->name[place].string;
        if (sampler->name[place].string)
            continue;
        if (sampler->names == TASKS_NAMES)
            return tasks_others(sampler);
        sampler->names++;
        sampler->name[place].hash = hash;
        sampler->name[place].string = writer_string(sampler->tree->writer, sampler->tree->thread, name, length);
        return sampler->name[place].string;
    }
}

uint32_t tasks_name_of(struct tasks_sampler *sampler, const struct task *task)
{
    char name[TASKS_NAME_MOST];
    size_t length = 0;
    return tasks_name(&sampler->tasks, task, name, sizeof(name), &length) ? 0 : name_string(sampler, name, length);
}

/* ---- tasks that run ---- */

void tasks_want(struct tasks_sampler *sampler, const struct task *task)
{
    const struct tasks_layout *layout = &sampler->tasks.layout;
    peek_want(sampler->peek, task->address + layout->task_waiter, 24);
    peek_want(sampler->peek, task->name, NAME_BYTES);
    if (layout->minor <= 10)
        peek_want(sampler->peek, task->coroutine + layout->generator_frame, 8);
}

void tasks_want_now(struct tasks_sampler *sampler)
{
    if (!tasks_are_open(sampler) || sampler->tasks.layout.thread_running || !sampler->tasks.roots.current)
        return;
    peek_want(sampler->peek, sampler->tasks.roots.current + DICT_KEYS, 8);
    peek_want(sampler->peek, sampler->keys, DICT_BYTES);
    for (uint32_t i = 0; i < sampler->now_count; i++)
        tasks_want(sampler, &sampler->now[i].task);
}

void tasks_want_thread(struct tasks_sampler *sampler, uint64_t thread, bool had_task)
{
    if (!tasks_are_open(sampler) || !sampler->tasks.layout.thread_running)
        return;
    peek_want(sampler->peek, thread + sampler->tasks.layout.thread_running, 8);
    if (had_task)
        tasks_want(sampler, &sampler->now[0].task);
}

static bool read_now(struct tasks_sampler *sampler, uint64_t address, struct tasks_now *now)
{
    struct tasks_now read = {0};
    if (tasks_task(&sampler->tasks, address, &read.task))
        return false;
    read.frame = tasks_root_frame(&sampler->tasks, read.task.coroutine);
    read.name = read.frame ? tasks_name_of(sampler, &read.task) : 0;
    *now = read;
    return read.name != 0;
}

void tasks_look_now(struct tasks_sampler *sampler)
{
    uint64_t addresses[TASKS_LOOPS];
    sampler->now_count = 0;
    if (!sampler->open || sampler->tasks.layout.thread_running)
        return;
    memory_read(&sampler->peek->memory, sampler->tasks.roots.current + DICT_KEYS, &sampler->keys,
                sizeof(sampler->keys));
    size_t n = tasks_running(&sampler->tasks, 0, addresses);
    for (size_t i = 0; i < n; i++)
        sampler->now_count += read_now(sampler, addresses[i], &sampler->now[sampler->now_count]);
}

int tasks_on_stack(struct tasks_sampler *sampler, uint64_t thread, const struct frames_stack *stack, uint32_t *name_out)
{
    uint64_t addresses[TASKS_LOOPS];
    if (!tasks_are_open(sampler))
        return -1;
    if (sampler->tasks.layout.thread_running)
        sampler->now_count = tasks_running(&sampler->tasks, thread, addresses) &&
                             read_now(sampler, addresses[0], &sampler->now[0]);
    for (uint32_t k = 0; k < sampler->now_count; k++) {
        for (uint32_t i = 0; i < stack->depth; i++) {
            if (stack->frames[i].address != sampler->now[k].frame)
                continue;
            *name_out = sampler->now[k].name;
            return (int)i;
        }
    }
    return -1;
}
