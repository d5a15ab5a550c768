/* Tasks that wait.  Up to 3.13 they are found in asyncio's set of weak references, whose table is gone through place by place; from 3.14
 * on in a ring of nodes a thread, which is gone through from where the last look ended.
 *
 * What a visit will need of a task is foreseen from the last one and fetched with that of all others, in one call: the task's
 * words, its name, its outermost frame, and the innermost.  If they are as they were, so is the stack between them.  The others are
 * read anew, BATCH at a time: for all of them the next coroutine of the chain in one call. */
#include <string.h>

#include "agent/agent.h"
#include "agent/tasks.h"

enum {
    LOOK_NS = 1000000000 / TASKS_HZ,
    PAUSE_NS = 2 * 1000000000u, /* after a longer one nothing stands for it */
    TABLE_CHUNK = 512,
    BATCH = 16,
    FORESEEN_DEPTH = 8,
    COROUTINE_BYTES = 256,
    FRAME_BYTES = 512, /* up to 3.10: it lies elsewhere */
};

#define PUT(place, value) __atomic_store_n(&(place), (value), __ATOMIC_RELAXED)

static uint32_t visits_most(void)
{
    return agent.slow_cpu_clock ? TASKS_VISITS_SLOW : TASKS_VISITS;
}

/* ---- what was seen ---- */

static struct tasks_row *new_row(struct tasks_sampler *sampler, struct tasks_row *row, const struct tasks_visit *visit,
                                 uint64_t now_ns)
{
    struct event_tasks *record = writer_reserve(sampler->tree->writer, sampler->tree->thread, EVENT_TASKS,
                                                sizeof(*record));
    if (!record)
        return NULL;
    record->name = visit->name;
    record->node = visit->node;
    record->phase = (uint8_t)agent.phase;
    record->first_ns = now_ns;
    writer_commit(sampler->tree->thread, record, sizeof(*record));
    sampler->rows++;
    *row = (struct tasks_row){.record = record};
    return row;
}

/* NULL when there is no room for more rows than `most`. */
static struct tasks_row *find_row(struct tasks_sampler *sampler, const struct tasks_visit *visit, uint32_t most,
                                  uint64_t now_ns)
{
    uint64_t at = tasks_mix((uint64_t)visit->name << 32 | visit->node, agent.phase);
    for (;; at++) {
        struct tasks_row *row = &sampler->row[at % TASKS_ROWS];
        const struct event_tasks *record = row->record;
        if (!record)
            return sampler->rows < most ? new_row(sampler, row, visit, now_ns) : NULL;
        if (record->name == visit->name && record->node == visit->node && record->phase == agent.phase)
            return row;
    }
}

static void count(struct tasks_sampler *sampler, const struct tasks_visit *visit, uint64_t weight_ns, uint64_t now_ns)
{
    struct tasks_row *row = find_row(sampler, visit, TASKS_ROWS / 2, now_ns);
    struct tasks_visit nameless = {.name = row ? 0 : tasks_others(sampler), .node = visit->node};
    if (!row)
        row = find_row(sampler, &nameless, TASKS_ROWS / 4 * 3, now_ns);
    if (!row)
        return;
    struct event_tasks *record = row->record;
    row->now = row->sweep == sampler->sweep ? row->now + 1 : 1;
    row->sweep = sampler->sweep;
    PUT(record->last_ns, now_ns);
    PUT(record->weight_ns, record->weight_ns + weight_ns);
    PUT(record->samples, record->samples + 1);
    if (row->now > record->most)
        PUT(record->most, row->now);
}

/* Those that were visited stand for all that there are, and for the time since the last look. */
static void count_all(struct tasks_sampler *sampler, uint32_t all, uint64_t now_ns)
{
    uint64_t passed = now_ns - sampler->looked_ns;
    if (sampler->looked_ns == 0 || passed > PAUSE_NS)
        passed = LOOK_NS;
    if (sampler->visit_count == 0)
        return;
    if (all < sampler->visit_count)
        all = sampler->visit_count;
    uint64_t weight_ns = passed * all / sampler->visit_count;
    for (uint32_t i = 0; i < sampler->visit_count; i++) {
        if (sampler->visits[i].name)
            count(sampler, &sampler->visits[i], weight_ns, now_ns);
    }
}

/* ---- one task ---- */

static struct tasks_slot *slot_of(struct tasks_sampler *sampler, uint64_t key)
{
    return &sampler->slot[tasks_mix(key, 2) % TASKS_SLOTS];
}

/* What the visit of that key will read, if nothing changed. */
static void want_slot(struct tasks_sampler *sampler, const struct tasks_slot *slot)
{
    const struct layout *layout = &sampler->tree->frames->layout;
    tasks_want(sampler, &slot->task);
    peek_want(sampler->peek, slot->root.address, layout->frame_bytes);
    if (slot->leaf == slot->task.coroutine)
        return;
    peek_want(sampler->peek, slot->innermost.address, layout->frame_bytes);
    if (sampler->tasks.layout.minor <= 10)
        peek_want(sampler->peek, slot->leaf + sampler->tasks.layout.generator_frame, 8);
}

/* Whether the coroutine is suspended where it was. */
static bool is_there(struct tasks_sampler *sampler, uint64_t coroutine, const struct frame *before)
{
    struct frame now;
    return frames_frame(sampler->tree->frames, tasks_root_frame(&sampler->tasks, coroutine), &now) == 0 &&
           now.address == before->address && now.code == before->code && now.instruction == before->instruction;
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

/* Notes where a task is found; one that is as it was is done with that. */
static void visit(struct tasks_sampler *sampler, uint64_t key, uint64_t address)
{
    struct tasks_slot *slot = slot_of(sampler, key);
    struct tasks_visit *visit = &sampler->visits[sampler->visit_count++];
    struct task task;
    *visit = (struct tasks_visit){.key = key, .address = address};
    sampler->met++;
    if (slot->key == key && tasks_task(&sampler->tasks, address, &task) == 0 &&
        memcmp(&task, &slot->task, sizeof(task)) == 0 && is_there(sampler, task.coroutine, &slot->root) &&
        is_there(sampler, slot->leaf, &slot->innermost)) {
        visit->node = slot->node;
        visit->name = tasks_name_of(sampler, &task);
        return;
    }
    sampler->fresh[sampler->fresh_count++] = sampler->visit_count - 1;
}

/* Reads its chain anew.  A task that runs, ended, or cannot be read does not wait. */
static void visit_fresh(struct tasks_sampler *sampler, struct tasks_visit *visit, uint64_t now_ns)
{
    struct tasks_slot *slot = slot_of(sampler, visit->key);
    struct frames_stack *stack = &sampler->stack;
    slot->key = 0;
    if (tasks_task(&sampler->tasks, visit->address, &slot->task) ||
        tasks_chain(&sampler->tasks, &slot->task, stack, &slot->leaf) ||
        !stacktree_find(sampler->tree, stack, now_ns, &sampler->kept, &slot->node))
        return;
    slot->root = stack->frames[stack->depth - 1];
    slot->innermost = stack->frames[0];
    slot->node = add_awaited(sampler, &slot->task, slot->node);
    slot->key = visit->key;
    visit->node = slot->node;
    visit->name = tasks_name_of(sampler, &slot->task);
}

/* ---- those that are not as they were ---- */

static void fetch_more(struct peek *peek)
{
    peek_fetch_more(peek);
    peek_scope(peek, 0, peek->fetched);
}

/* The objects that are awaited, one of each chain, and their frames. */
static void foresee_awaited(struct tasks_sampler *sampler, const uint64_t *awaited, uint32_t n)
{
    struct peek *peek = sampler->peek;
    for (uint32_t i = 0; i < n; i++) {
        if (awaited[i])
            peek_want(peek, awaited[i], COROUTINE_BYTES);
    }
    fetch_more(peek);
    for (uint32_t i = 0; i < n && sampler->tasks.layout.minor <= 10; i++) {
        if (awaited[i])
            peek_want(peek, tasks_root_frame(&sampler->tasks, awaited[i]), FRAME_BYTES);
    }
    if (sampler->tasks.layout.minor <= 10)
        fetch_more(peek);
}

/* Fetches all that their chains are made of. */
static void foresee(struct tasks_sampler *sampler, const uint32_t *fresh, uint32_t n)
{
    uint64_t awaited[BATCH] = {0};
    struct task task;
    struct frame frame;
    peek_reset(sampler->peek);
    for (uint32_t i = 0; i < n; i++)
        peek_want(sampler->peek, sampler->visits[fresh[i]].address, sampler->tasks.layout.task_bytes);
    fetch_more(sampler->peek);
    for (uint32_t i = 0; i < n; i++) {
        if (tasks_task(&sampler->tasks, sampler->visits[fresh[i]].address, &task))
            continue;
        awaited[i] = task.coroutine;
        tasks_want(sampler, &task);
    }
    for (int depth = 0; depth < FORESEEN_DEPTH; depth++) {
        uint32_t going_on = 0;
        foresee_awaited(sampler, awaited, n);
        for (uint32_t i = 0; i < n; i++) {
            if (awaited[i] && tasks_await(&sampler->tasks, awaited[i], &frame, &awaited[i]))
                awaited[i] = 0;
            going_on += awaited[i] != 0;
        }
        if (!going_on)
            return;
    }
}

static void visit_all_fresh(struct tasks_sampler *sampler, uint64_t now_ns)
{
    for (uint32_t i = 0; i < sampler->fresh_count; i += BATCH) {
        uint32_t n = sampler->fresh_count - i < BATCH ? sampler->fresh_count - i : BATCH;
        foresee(sampler, sampler->fresh + i, n);
        for (uint32_t k = 0; k < n; k++)
            visit_fresh(sampler, &sampler->visits[sampler->fresh[i + k]], now_ns);
    }
}

static void begin_sweep(struct tasks_sampler *sampler)
{
    sampler->met_before = sampler->met;
    sampler->met = 0;
    sampler->sweep++;
}

/* ---- up to 3.13: the set ---- */

/* The next places of the table that hold a reference: answers how many. */
static uint32_t next_references(struct tasks_sampler *sampler, uint64_t *references)
{
    struct tasks_place places[TABLE_CHUNK];
    uint64_t table;
    uint32_t size, n = 0;
    if (tasks_table(&sampler->tasks, &table, &size))
        return 0;
    if (table != sampler->table || sampler->place >= size)
        sampler->place = 0; /* it grew, or its end was reached */
    if (sampler->place == 0)
        begin_sweep(sampler);
    sampler->table = table;
    uint32_t count = size - sampler->place < TABLE_CHUNK ? size - sampler->place : TABLE_CHUNK;
    if (memory_read(&sampler->peek->memory, table + sampler->place * sizeof(places[0]), places,
                    count * sizeof(places[0])))
        return 0;
    uint32_t i = 0;
    for (; i < count && n < visits_most(); i++) {
        if (places[i].reference && places[i].hash != -1)
            references[n++] = places[i].reference;
    }
    sampler->place += i;
    return n;
}

static void look_at_set(struct tasks_sampler *sampler)
{
    uint64_t references[TASKS_VISITS];
    uint32_t first[TASKS_VISITS + 1];
    struct peek *peek = sampler->peek;
    peek_reset(peek);
    uint32_t n = next_references(sampler, references);
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
    for (uint32_t i = 0; i < n; i++) {
        peek_scope(peek, first[i], first[i + 1]);
        visit(sampler, references[i], tasks_referent(&sampler->tasks, references[i]));
    }
}

/* ---- from 3.14 on: the lists ---- */

static void find_heads(struct tasks_sampler *sampler, const uint64_t *threads, uint32_t thread_count)
{
    struct peek *peek = sampler->peek;
    peek_reset(peek);
    for (uint32_t i = 0; i < thread_count; i++)
        peek_want(peek, tasks_head(&sampler->tasks, threads[i]), sizeof(struct tasks_node));
    peek_fetch(peek);
    peek_scope(peek, 0, peek->fetched);
    sampler->thread = sampler->thread_count = 0;
    for (uint32_t i = 0; i < thread_count && sampler->thread_count < TASKS_THREADS; i++) {
        struct tasks_node head;
        uint64_t address = tasks_head(&sampler->tasks, threads[i]);
        if (tasks_node(&sampler->tasks, address, &head) == 0 && head.next != address)
            sampler->heads[sampler->thread_count++] = address;
    }
    sampler->node = sampler->thread_count ? sampler->heads[0] : 0;
}

/* Fetches the nodes that come next, as the last sweep met them, and what their tasks need. */
static void fetch_nodes(struct tasks_sampler *sampler)
{
    uint64_t at = sampler->node;
    peek_reset(sampler->peek);
    for (uint32_t i = 0; i <= TASKS_VISITS && at; i++) {
        const struct tasks_slot *slot = slot_of(sampler, at);
        bool is_head = at == sampler->heads[sampler->thread];
        peek_want(sampler->peek, at, sizeof(struct tasks_node));
        if (slot->key == at)
            want_slot(sampler, slot);
        at = slot->key == at || is_head ? slot->next : 0;
    }
    peek_fetch(sampler->peek);
    peek_scope(sampler->peek, 0, sampler->peek->fetched);
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

static void look_at_lists(struct tasks_sampler *sampler, const uint64_t *threads, uint32_t thread_count)
{
    if (!sampler->node) {
        begin_sweep(sampler);
        find_heads(sampler, threads, thread_count);
    }
    if (!sampler->node)
        return;
    fetch_nodes(sampler);
    while (sampler->visit_count < visits_most()) {
        if (!next_node(sampler)) {
            sampler->node = 0;
            return;
        }
        if (sampler->node != sampler->heads[sampler->thread])
            visit(sampler, sampler->node, tasks_of_node(&sampler->tasks, sampler->node));
    }
}

void tasks_look(struct tasks_sampler *sampler, const uint64_t *threads, uint32_t thread_count, uint64_t now_ns)
{
    if (now_ns < sampler->due_ns || !tasks_are_open(sampler))
        return;
    sampler->due_ns = now_ns + LOOK_NS;
    sampler->visit_count = sampler->fresh_count = 0;
    if (sampler->tasks.layout.thread_tasks)
        look_at_lists(sampler, threads, thread_count);
    else
        look_at_set(sampler);
    visit_all_fresh(sampler, now_ns);
    uint32_t met = sampler->met > sampler->met_before ? sampler->met : sampler->met_before;
    uint32_t known = tasks_count(&sampler->tasks), all = known ? known : met;
    count_all(sampler, all, now_ns);
    if (sampler->visit_count || !all) /* else it was an empty part of the table */
        sampler->looked_ns = now_ns;
}
