/* Where tasks are found: up to 3.13 in asyncio's set of weak references, whose table is gone through place by place; from 3.14 on in a
 * ring of nodes a thread, which is gone through from where the last look ended.
 *
 * What a visit will need of a task is foreseen from the last one and fetched with that of all others, in one call: the task's
 * words, its name, its outermost frame, and the innermost.  If they are as they were, so is the stack between them. */
#include "agent/tasks.h"

#include <dlfcn.h>
#include <string.h>

#include "agent/agent.h"

enum {
    LOOK_NS = 1000000000 / TASKS_HZ,
    PAUSE_S = 20, /* a sweep that took longer was interrupted */
    TABLE_CHUNK = 512,
    NAME_BYTES = 80,
    DICT_KEYS = 32,
    DICT_BYTES = 256,
};

#define PUT(place, value) __atomic_store_n(&(place), (value), __ATOMIC_RELAXED)

static uint64_t mix(uint64_t a, uint64_t b)
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
static bool is_open(struct tasks_sampler *sampler)
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

/* The string of a name, of which there may be very many: only so many are told apart. */
static uint32_t name_string(struct tasks_sampler *sampler, const char *name, size_t length)
{
    static const char others[] = "(other tasks)";
    uint64_t hash = length;
    for (size_t i = 0; i < length; i++)
        hash = mix(hash, (unsigned char)name[i]);
    for (uint64_t at = hash;; at++) {
        uint64_t place = at % (2 * TASKS_NAMES);
        if (sampler->name[place].string && sampler->name[place].hash == hash)
            return sampler->name[place].string;
        if (sampler->name[place].string)
            continue;
        if (sampler->names == TASKS_NAMES)
            return writer_string(sampler->tree->writer, sampler->tree->thread, others, sizeof(others) - 1);
        sampler->names++;
        sampler->name[place].hash = hash;
        sampler->name[place].string = writer_string(sampler->tree->writer, sampler->tree->thread, name, length);
        return sampler->name[place].string;
    }
}

static uint32_t find_name(struct tasks_sampler *sampler, const struct task *task)
{
    char name[TASKS_NAME_MOST];
    size_t length = 0;
    return tasks_name(&sampler->tasks, task, name, sizeof(name), &length) ? 0 : name_string(sampler, name, length);
}

/* ---- tasks that run ---- */

static void want_task(struct tasks_sampler *sampler, const struct task *task)
{
    const struct tasks_layout *layout = &sampler->tasks.layout;
    peek_want(sampler->peek, task->address + layout->task_waiter, 24);
    peek_want(sampler->peek, task->name, NAME_BYTES);
    if (layout->minor <= 10)
        peek_want(sampler->peek, task->coroutine + layout->generator_frame, 8);
}

void tasks_want_now(struct tasks_sampler *sampler)
{
    if (!is_open(sampler) || sampler->tasks.layout.thread_running || !sampler->tasks.roots.current)
        return;
    peek_want(sampler->peek, sampler->tasks.roots.current + DICT_KEYS, 8);
    peek_want(sampler->peek, sampler->keys, DICT_BYTES);
    for (uint32_t i = 0; i < sampler->now_count; i++)
        want_task(sampler, &sampler->now[i].task);
}

void tasks_want_thread(struct tasks_sampler *sampler, uint64_t thread, bool had_task)
{
    if (!is_open(sampler) || !sampler->tasks.layout.thread_running)
        return;
    peek_want(sampler->peek, thread + sampler->tasks.layout.thread_running, 8);
    if (had_task)
        want_task(sampler, &sampler->now[0].task);
}

static bool read_now(struct tasks_sampler *sampler, uint64_t address, struct tasks_now *now)
{
    struct tasks_now read = {0};
    if (tasks_task(&sampler->tasks, address, &read.task))
        return false;
    read.frame = tasks_root_frame(&sampler->tasks, read.task.coroutine);
    read.name = read.frame ? find_name(sampler, &read.task) : 0;
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
    if (!is_open(sampler))
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

/* ---- tasks that wait ---- */

static struct tasks_slot *slot_of(struct tasks_sampler *sampler, uint64_t key)
{
    return &sampler->slot[mix(key, 2) % TASKS_SLOTS];
}

static uint32_t row_place(uint32_t name, uint32_t node, uint32_t phase, uint32_t round)
{
    return (uint32_t)(mix((uint64_t)name << 32 | node, phase) + round) % TASKS_ROWS;
}

static struct tasks_row *find_row(struct tasks_sampler *sampler, uint32_t name, uint32_t node, uint64_t now_ns)
{
    uint32_t phase = agent.phase;
    struct tasks_row *row;
    for (uint32_t round = 0;; round++) {
        row = &sampler->row[row_place(name, node, phase, round)];
        const struct event_tasks *record = row->record;
        if (!record)
            break;
        if (record->name == name && record->node == node && record->phase == phase)
            return row;
    }
    if (sampler->rows >= TASKS_ROWS / 4 * 3)
        return NULL;
    struct event_tasks *record = writer_reserve(sampler->tree->writer, sampler->tree->thread, EVENT_TASKS,
                                                sizeof(*record));
    if (!record)
        return NULL;
    record->name = name;
    record->node = node;
    record->phase = (uint8_t)phase;
    record->first_ns = now_ns;
    writer_commit(sampler->tree->thread, record, sizeof(*record));
    sampler->rows++;
    *row = (struct tasks_row){.record = record};
    return row;
}

static void count(struct tasks_sampler *sampler, uint32_t name, uint32_t node, uint64_t now_ns)
{
    struct tasks_row *row = find_row(sampler, name, node, now_ns);
    if (!row)
        return;
    struct event_tasks *record = row->record;
    row->now = row->sweep == sampler->sweep ? row->now + 1 : 1;
    row->sweep = sampler->sweep;
    PUT(record->last_ns, now_ns);
    PUT(record->weight_ns, record->weight_ns + sampler->weight_ns);
    PUT(record->samples, record->samples + 1);
    if (row->now > record->most)
        PUT(record->most, row->now);
}

static bool is_same_frame(const struct frame *a, const struct frame *b)
{
    return a->address == b->address && a->code == b->code && a->instruction == b->instruction;
}

/* Whether the coroutine is suspended where it was. */
static bool is_there(struct tasks_sampler *sampler, uint64_t coroutine, const struct frame *before)
{
    struct frame now;
    return frames_frame(sampler->tree->frames, tasks_root_frame(&sampler->tasks, coroutine), &now) == 0 &&
           is_same_frame(&now, before);
}

/* Below its coroutines, the task that it waits for. */
static uint32_t add_awaited(struct tasks_sampler *sampler, const struct task *task, uint32_t node)
{
    static const char prefix[] = "task ";
    char text[sizeof(prefix) + TASKS_NAME_MOST];
    size_t length = 0;
    struct task awaited;
    uint64_t address = tasks_awaited_task(&sampler->tasks, task);
    if (!address || sampler->names == TASKS_NAMES || tasks_task(&sampler->tasks, address, &awaited) ||
        tasks_name(&sampler->tasks, &awaited, text + sizeof(prefix) - 1, TASKS_NAME_MOST, &length))
        return node;
    memcpy(text, prefix, sizeof(prefix) - 1);
    return stacktree_mark(sampler->tree, node, text, length + sizeof(prefix) - 1);
}

/* Its chain anew.  A task that runs, ended, or cannot be read is left out. */
static bool read_chain(struct tasks_sampler *sampler, struct tasks_slot *slot, uint64_t now_ns)
{
    struct frames_stack *stack = &sampler->stack;
    slot->key = 0;
    if (tasks_chain(&sampler->tasks, &slot->task, stack, &slot->leaf) ||
        !stacktree_find(sampler->tree, stack, now_ns, &sampler->kept, &slot->node))
        return false;
    slot->root = stack->frames[stack->depth - 1];
    slot->innermost = stack->frames[0];
    slot->node = add_awaited(sampler, &slot->task, slot->node);
    return true;
}

static void visit(struct tasks_sampler *sampler, uint64_t key, uint64_t address, uint64_t now_ns)
{
    struct tasks_slot *slot = slot_of(sampler, key);
    struct task task;
    if (tasks_task(&sampler->tasks, address, &task))
        return;
    bool same = slot->key == key && memcmp(&task, &slot->task, sizeof(task)) == 0 &&
                is_there(sampler, task.coroutine, &slot->root) && is_there(sampler, slot->leaf, &slot->innermost);
    slot->task = task;
    if (!same && !read_chain(sampler, slot, now_ns))
        return;
    slot->key = key;
    uint32_t name = find_name(sampler, &task);
    if (name)
        count(sampler, name, slot->node, now_ns);
}

/* What the visit of that key will read, if nothing changed. */
static void want_slot(struct tasks_sampler *sampler, const struct tasks_slot *slot)
{
    const struct layout *layout = &sampler->tree->frames->layout;
    want_task(sampler, &slot->task);
    peek_want(sampler->peek, slot->root.address, layout->frame_bytes);
    if (slot->leaf == slot->task.coroutine)
        return;
    peek_want(sampler->peek, slot->innermost.address, layout->frame_bytes);
    if (sampler->tasks.layout.minor <= 10)
        peek_want(sampler->peek, slot->leaf + sampler->tasks.layout.generator_frame, 8);
}

static bool may_read(const struct tasks_sampler *sampler, uint64_t readings)
{
    return sampler->peek->readings - readings < (agent.slow_cpu_clock ? TASKS_READINGS_SLOW : TASKS_READINGS);
}

static void end_sweep(struct tasks_sampler *sampler)
{
    sampler->place = 0;
    sampler->table = 0;
    sampler->node = 0;
    sampler->thread = sampler->thread_count = 0;
}

static void begin_sweep(struct tasks_sampler *sampler, uint64_t now_ns)
{
    uint64_t passed = now_ns - sampler->sweep_ns;
    sampler->weight_ns = sampler->sweep_ns && passed < PAUSE_S * 1000000000ull ? passed : LOOK_NS;
    sampler->sweep_ns = now_ns;
    sampler->sweep++;
}

/* ---- up to 3.13: the set ---- */

/* The next places of the table that hold a reference, up to TASKS_VISITS, where each lies, and whether they are the sweep's last. */
static uint32_t next_references(struct tasks_sampler *sampler, uint64_t *references, uint32_t *places_out,
                                bool *last_out)
{
    struct tasks_place places[TABLE_CHUNK];
    uint64_t table;
    uint32_t size, n = 0;
    *last_out = true;
    if (tasks_table(&sampler->tasks, &table, &size))
        return 0;
    if (table != sampler->table)
        sampler->place = 0; /* it grew: begin again */
    sampler->table = table;
    uint32_t count = size - sampler->place < TABLE_CHUNK ? size - sampler->place : TABLE_CHUNK;
    if (sampler->place >= size || memory_read(&sampler->peek->memory, table + sampler->place * sizeof(places[0]),
                                              places, count * sizeof(places[0])))
        return 0;
    for (uint32_t i = 0; i < count && n < TASKS_VISITS; i++) {
        if (!places[i].reference || places[i].hash == -1)
            continue;
        places_out[n] = sampler->place + i;
        references[n++] = places[i].reference;
    }
    sampler->place = n == TASKS_VISITS ? places_out[n - 1] + 1 : sampler->place + count;
    *last_out = sampler->place >= size;
    return n;
}

static void look_at_set(struct tasks_sampler *sampler, uint64_t now_ns)
{
    uint64_t references[TASKS_VISITS];
    uint32_t places[TASKS_VISITS], first[TASKS_VISITS + 1];
    struct peek *peek = sampler->peek;
    if (sampler->place == 0)
        begin_sweep(sampler, now_ns);
    peek_reset(peek);
    bool last;
    uint32_t n = next_references(sampler, references, places, &last);
    peek_reset(peek);
    for (uint32_t i = 0; i < n; i++) {
        const struct tasks_slot *slot = slot_of(sampler, references[i]);
        first[i] = peek->count;
        peek_want(peek, references[i] + 16, 8);
        if (slot->key == references[i])
            want_slot(sampler, slot);
    }
    first[n] = peek->count;
    peek_fetch(peek);
    uint64_t readings = peek->readings;
    for (uint32_t i = 0; i < n; i++) {
        if (!may_read(sampler, readings)) {
            sampler->place = places[i];
            return;
        }
        peek_scope(peek, first[i], first[i + 1]);
        visit(sampler, references[i], tasks_referent(&sampler->tasks, references[i]), now_ns);
    }
    if (last)
        end_sweep(sampler);
}

/* ---- from 3.14 on: the lists ---- */

static void find_heads(struct tasks_sampler *sampler, const uint64_t *threads, uint32_t thread_count)
{
    struct peek *peek = sampler->peek;
    peek_reset(peek);
    for (uint32_t i = 0; i < thread_count; i++)
        peek_want(peek, tasks_head(&sampler->tasks, threads[i]), sizeof(struct tasks_node));
    peek_fetch(peek);
    sampler->thread = sampler->thread_count = 0;
    for (uint32_t i = 0; i < thread_count && sampler->thread_count < TASKS_THREADS; i++) {
        struct tasks_node head;
        uint64_t address = tasks_head(&sampler->tasks, threads[i]);
        peek_scope(peek, 0, peek->fetched);
        if (tasks_node(&sampler->tasks, address, &head) == 0 && head.next != address)
            sampler->heads[sampler->thread_count++] = address;
    }
    sampler->node = sampler->thread_count ? sampler->heads[0] : 0;
}

/* Announces the nodes that come next, as the last sweep met them; answers how many ranges each of them has. */
static void want_nodes(struct tasks_sampler *sampler)
{
    uint64_t at = sampler->node;
    peek_reset(sampler->peek);
    for (uint32_t i = 0; i <= TASKS_VISITS && at; i++) {
        const struct tasks_slot *slot = slot_of(sampler, at);
        peek_want(sampler->peek, at, sizeof(struct tasks_node));
        if (slot->key != at && at != sampler->heads[sampler->thread])
            break;
        if (slot->key == at)
            want_slot(sampler, slot);
        at = slot->next;
    }
    peek_fetch(sampler->peek);
}

/* Moves to the next node; at a list's end to the next list.  False: that was the last one, or the ring was cut meanwhile. */
static bool next_node(struct tasks_sampler *sampler)
{
    struct tasks_node node, next;
    uint64_t head = sampler->heads[sampler->thread];
    if (tasks_node(&sampler->tasks, sampler->node, &node) || tasks_node(&sampler->tasks, node.next, &next) ||
        next.previous != sampler->node)
        return false;
    slot_of(sampler, sampler->node)->next = node.next;
    sampler->node = node.next;
    if (node.next != head)
        return true;
    if (++sampler->thread == sampler->thread_count)
        return false;
    sampler->node = sampler->heads[sampler->thread];
    return true;
}

static void look_at_lists(struct tasks_sampler *sampler, const uint64_t *threads, uint32_t thread_count,
                          uint64_t now_ns)
{
    if (!sampler->node) {
        begin_sweep(sampler, now_ns);
        find_heads(sampler, threads, thread_count);
    }
    if (!sampler->node)
        return;
    want_nodes(sampler);
    peek_scope(sampler->peek, 0, sampler->peek->fetched);
    uint64_t readings = sampler->peek->readings;
    for (uint32_t i = 0; i < TASKS_VISITS && may_read(sampler, readings); i++) {
        if (!next_node(sampler)) {
            end_sweep(sampler);
            return;
        }
        if (sampler->node != sampler->heads[sampler->thread])
            visit(sampler, sampler->node, tasks_of_node(&sampler->tasks, sampler->node), now_ns);
    }
}

void tasks_look(struct tasks_sampler *sampler, const uint64_t *threads, uint32_t thread_count, uint64_t now_ns)
{
    if (now_ns < sampler->due_ns || !is_open(sampler))
        return;
    sampler->due_ns = now_ns + LOOK_NS;
    if (sampler->tasks.layout.thread_tasks)
        look_at_lists(sampler, threads, thread_count, now_ns);
    else
        look_at_set(sampler, now_ns);
}
