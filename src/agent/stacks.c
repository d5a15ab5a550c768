/* The stack sampler.
 *
 * One look fetches, in one call into the kernel, what the last look found: the lists of interpreters and threads, each thread's
 * state and the top of its data stack (before 3.11: its last frames), and what the agent knows of it.  What changed beyond that
 * is read singly.  A thread that is still inside the same interposed call keeps its stack without being walked.
 *
 * A stack that cannot be right (a frame that is none, code that is no code object) is dropped and counted.  The sample of each
 * 1/sample_hz is taken at a random instant of it, so that nothing periodic in the program can hide from it. */
#include "agent/stacks.h"

#include <string.h>
#include <sys/mman.h>

#include "agent/agent.h"
#include "agent/doing.h"
#include "agent/peek.h"
#include "agent/ready.h"
#include "agent/stacktree.h"
#include "agent/tasks.h"

enum {
    THREADS = 512,
    INTERPRETERS = 16,
    MANY_THREADS = 64,
    OUTSIDE = 16,     /* frames of a thread that lie in generators and the like */
    HEAP_FRAMES = 48, /* frames of a thread that are fetched at once before 3.11 */
    BELOW_TOP_BYTES = 3072,
    ABOVE_TOP_BYTES = 1024, /* of the data stack */
    WALKS = 3,              /* further tries to read a stack */
    KERNEL_QUESTIONS = 8,   /* threads a sample whose state only the kernel knows */
    RESTING_LOOKS = 8,
    AHEAD_MOST = 16, /* samples that a record may lack */
    LATE_SLOTS = 10, /* more missed slots than that were a pause of the whole process */
};

/* A thread as it was at the last look. */
struct seen {
    uint64_t address; /* of its PyThreadState; 0: a free slot */
    uint32_t round;   /* the look that met it last */
    uint32_t tid;
    uint32_t first, last; /* its ranges in the peek */
    struct frames_thread thread;
    struct doing doing;
    struct ready ready;
    struct event_stack_sample *record; /* the one that its samples are added to; NULL: none */
    struct event_stack_sample now;     /* the same, ahead of it by `ahead` samples */
    uint32_t ahead;
    uint32_t depth, node;
    uint32_t task, task_node; /* of the task that it runs: its name, and where its coroutine is; 0: none */
    uint64_t named;           /* pthread_self() of the thread that Python says it is */
    uint64_t c_place;         /* where on that thread's C stack it stood at the last walk; 0: not known */
    uint32_t interpreter;     /* its number */
    bool holds;               /* its interpreter's lock */
    bool usable;              /* its stack was read */
    bool resting;             /* stood still without the GIL at the last look */
    bool twin;                /* a state in another interpreter names the same thread: `doing` may be that one's */
    bool outer;               /* its thread went on into another interpreter */
};

struct interpreter {
    uint64_t address, lock;
    uint32_t id;
};

struct stacks {
    uint32_t generation; /* of the recording that the tree is in */
    bool open;
    struct frames frames;
    uint64_t period_ns, slot_ns, last_ns, weight_ns;
    uint64_t random;
    uint32_t round, questions, shared;
    uint32_t count; /* of `order` */
    uint32_t interpreter_count;
    struct interpreter interpreters[INTERPRETERS];
    struct seen *order[THREADS]; /* as in the interpreters' lists */
    struct frames_stack stack;
    struct peek peek;
    struct stacktree tree;
    struct tasks_sampler tasks;
    struct seen seen[THREADS];
    struct stacktree_kept seen_stacks[THREADS]; /* of the same place; apart: only what runs needs it */
};

#define PUT(place, value) __atomic_store_n(&(place), (value), __ATOMIC_RELAXED)

/* ---- what will be needed ---- */

static void want_shared(struct stacks *stacks)
{
    const struct layout *layout = &stacks->frames.layout;
    struct peek *peek = &stacks->peek;
    peek_want(peek, stacks->frames.runtime + layout->runtime_interpreters, 8);
    for (uint32_t i = 0; i < stacks->interpreter_count; i++) {
        const struct interpreter *interpreter = &stacks->interpreters[i];
        peek_want(peek, interpreter->address + layout->interp_next, 8);
        peek_want(peek, interpreter->address + layout->interp_id, 8);
        peek_want(peek, interpreter->address + layout->interp_threads, 8);
        if (layout->interp_gil)
            peek_want(peek, interpreter->address + layout->interp_gil, 8);
        if (interpreter->lock)
            peek_want(peek, interpreter->lock + layout->gil_holder, 16);
    }
    tasks_want_now(&stacks->tasks);
    stacks->shared = peek->count;
}

static struct stacktree_kept *stack_of(struct stacks *stacks, const struct seen *seen)
{
    return &stacks->seen_stacks[seen - stacks->seen];
}

static bool is_outside(const struct seen *seen, uint64_t address)
{
    return address < seen->thread.chunk || address >= seen->thread.chunk_top;
}

static void want_frames(struct stacks *stacks, const struct seen *seen)
{
    const struct layout *layout = &stacks->frames.layout;
    struct peek *peek = &stacks->peek;
    uint64_t top = seen->thread.chunk_top;
    uint32_t single = layout->minor <= 10 ? HEAP_FRAMES : OUTSIDE;
    const struct frame *frames = stack_of(stacks, seen)->frames;
    if (seen->thread.chunk && top > seen->thread.chunk) {
        uint64_t below = stacks->count > MANY_THREADS ? BELOW_TOP_BYTES / 4 : BELOW_TOP_BYTES;
        uint64_t above = stacks->count > MANY_THREADS ? 0 : (top | 4095) + 1 - top;
        uint64_t low = top - seen->thread.chunk > below ? top - below : seen->thread.chunk;
        uint64_t high = top + (above > ABOVE_TOP_BYTES ? ABOVE_TOP_BYTES : above);
        peek_want(peek, low & ~(uint64_t)7, (uint32_t)(high - (low & ~(uint64_t)7)));
    }
    for (uint32_t i = 0; i < seen->depth && single > 0; i++) {
        if (layout->minor <= 10 || is_outside(seen, frames[i].address)) {
            peek_want(peek, frames[i].address, layout->frame_bytes);
            single--;
        }
    }
}

/* A thread that was not running and stood in the same place at the last two looks is only walked at each RESTING_LOOKS'th. */
static bool is_resting(const struct stacks *stacks, const struct seen *seen)
{
    return seen->resting && (stacks->round + (uint32_t)(seen - stacks->seen)) % RESTING_LOOKS != 0;
}

static void want_thread(struct stacks *stacks, struct seen *seen)
{
    const struct layout *layout = &stacks->frames.layout;
    struct peek *peek = &stacks->peek;
    uint32_t length;
    seen->first = peek->count;
    peek_want(peek, seen->address, layout->thread_bytes);
    uint64_t place = doing_place(seen->thread.pthread, &length);
    peek_want(peek, place, length);
    if (seen->doing.call)
        peek_want(peek, seen->doing.call, 64);
    if (layout->has_cframe && seen->thread.cframe)
        peek_want(peek, seen->thread.cframe + layout->cframe_frame, 8);
    if (is_resting(stacks, seen))
        peek_want(peek, seen->thread.frame, layout->frame_bytes);
    else if (!seen->doing.call)
        want_frames(stacks, seen);
    if (!seen->doing.call)
        tasks_want_thread(&stacks->tasks, seen->address, seen->task != 0);
    seen->last = peek->count;
}

/* ---- one thread ---- */

/* The node of the stack that was just walked. */
static bool find_node(struct stacks *stacks, struct seen *seen, uint64_t now_ns)
{
    seen->depth = 0; /* until all frames are known */
    if (!stacktree_find(&stacks->tree, &stacks->stack, now_ns, stack_of(stacks, seen), &seen->node))
        return false;
    seen->depth = stacks->stack.depth;
    seen->c_place = stacks->stack.c_place;
    return true;
}

static bool walk_once(struct stacks *stacks, struct seen *seen, uint64_t now_ns)
{
    return frames_top(&stacks->frames, &seen->thread) == 0 &&
           frames_walk(&stacks->frames, &seen->thread, &stacks->stack) == 0 && find_node(stacks, seen, now_ns);
}

/* Which task the thread runs, after it was walked. */
static void find_task(struct stacks *stacks, struct seen *seen)
{
    int place = tasks_on_stack(&stacks->tasks, seen->address, &stacks->stack, &seen->task);
    if (place < 0)
        seen->task = seen->task_node = 0;
    else
        seen->task_node = stack_of(stacks, seen)->nodes[stacks->stack.depth - 1 - (uint32_t)place];
}

/* A stack that changed while it was copied is copied again. */
static bool walk(struct stacks *stacks, struct seen *seen, uint64_t now_ns)
{
    for (int tries = 0; !walk_once(stacks, seen, now_ns); tries++) {
        struct frames_thread thread;
        peek_again(&stacks->peek, seen->first, seen->last);
        if (tries == WALKS || frames_thread(&stacks->frames, seen->address, &thread))
            return false;
        seen->thread = thread;
    }
    find_task(stacks, seen);
    return true;
}

/* Whether the innermost frame is where it was; then the others are taken to be, too, while the thread rests. */
static bool stands_still(struct stacks *stacks, struct seen *seen)
{
    struct frame now;
    const struct frame *before = stack_of(stacks, seen)->frames;
    return seen->depth > 0 && frames_top(&stacks->frames, &seen->thread) == 0 &&
           frames_frame(&stacks->frames, seen->thread.frame, &now) == 0 && now.address == before->address &&
           now.code == before->code && now.instruction == before->instruction;
}

/* on_cpu of what runs or would run, where the thread's CPU clock does not say otherwise. */
static uint8_t find_plain_state(struct stacks *stacks, const struct seen *seen)
{
    if (seen->twin && seen->holds)
        return EVENT_STATE_ON_CPU;
    if (seen->doing.call)
        return seen->doing.state;
    if (seen->holds)
        return EVENT_STATE_ON_CPU;
    bool rested = is_resting(stacks, seen) && seen->now.state == EVENT_STATE_UNKNOWN;
    if (seen->tid == 0 || stacks->questions == 0 || rested)
        return EVENT_STATE_UNKNOWN;
    stacks->questions--;
    return doing_ask_kernel(seen->tid);
}

static uint8_t find_state(struct stacks *stacks, struct seen *seen, uint64_t now_ns)
{
    uint8_t state = find_plain_state(stacks, seen);
    if (state == EVENT_STATE_ON_CPU)
        return ready_state(&seen->ready, seen->tid, seen->doing.waited_ns, now_ns, stacks->weight_ns,
                           &stacks->questions);
    if (state == EVENT_STATE_UNKNOWN)
        seen->ready.read_ns = 0; /* it waited where the agent does not see it */
    return state;
}

static int32_t find_call(const struct seen *seen, uint8_t state)
{
    if (seen->doing.invocation != EVENT_NO_CALL)
        return seen->doing.invocation;
    bool runs = state == EVENT_STATE_ON_CPU || state == EVENT_STATE_RUNNABLE;
    return runs && agent.calls_active == 1 ? agent.last_call : EVENT_NO_CALL;
}

static void catch_up(struct seen *seen)
{
    if (!seen->record || !seen->ahead)
        return;
    PUT(seen->record->weight_ns, seen->now.weight_ns);
    PUT(seen->record->samples, seen->now.samples);
    PUT(seen->record->last_ns, seen->now.last_ns);
    seen->ahead = 0;
}

/* A thread that waits is only written down now and then: with hundreds of them that is what would cost. */
static void add_again(struct stacks *stacks, struct seen *seen, uint64_t now_ns)
{
    seen->now.weight_ns += stacks->weight_ns;
    seen->now.samples++;
    seen->now.last_ns = now_ns;
    seen->ahead++;
    if (!seen->doing.call || seen->ahead == AHEAD_MOST)
        catch_up(seen);
}

static void add_sample(struct stacks *stacks, struct agent_thread *self, struct seen *seen, uint8_t state,
                       uint64_t now_ns)
{
    struct event_stack_sample *now = &seen->now;
    int32_t call = find_call(seen, state);
    uint8_t phase = (uint8_t)agent.phase;
    if (seen->record && now->node == seen->node && now->state == state && now->phase == phase && now->call == call &&
        now->task == seen->task && now_ns - now->last_ns < LATE_SLOTS * stacks->period_ns) {
        add_again(stacks, seen, now_ns);
        return;
    }
    catch_up(seen);
    seen->record = writer_reserve(&agent.writer, &self->writer, EVENT_STACK_SAMPLE, sizeof(*now));
    if (!seen->record)
        return;
    *now = (struct event_stack_sample){
        .event = seen->record->event,
        .tid = seen->tid,
        .node = seen->node,
        .state = state,
        .phase = phase,
        .call = call,
        .first_ns = now_ns,
        .last_ns = now_ns,
        .weight_ns = stacks->weight_ns,
        .samples = 1,
        .interpreter = seen->interpreter,
        .task = seen->task,
        .task_node = seen->task_node,
    };
    *seen->record = *now;
    writer_commit(&self->writer, seen->record, sizeof(*now));
}

/* Nothing that comes later belongs to what was recorded. */
static void end_record(struct seen *seen)
{
    catch_up(seen);
    seen->record = NULL;
}

/* Reads what the thread does and where it stands. */
static void look_at_thread(struct stacks *stacks, struct seen *seen, uint64_t now_ns)
{
    struct doing before = seen->doing;
    doing_read(&stacks->peek.memory, seen->thread.pthread, &seen->doing);
    if (seen->tid == 0)
        seen->tid = seen->thread.native_id ? (uint32_t)seen->thread.native_id
                                           : doing_thread_id(&stacks->peek.memory, seen->thread.pthread);
    bool same = !seen->twin && seen->doing.call && seen->doing.call == before.call &&
                seen->doing.began_ns == before.began_ns;
    bool still = !same && !seen->holds && seen->record && stands_still(stacks, seen);
    bool rests = still && is_resting(stacks, seen);
    seen->usable = (same && seen->record) || rests || walk(stacks, seen, now_ns);
    seen->resting = still && seen->usable;
    if (!seen->usable) {
        seen->doing.call = 0;
        end_record(seen);
        agent.writer.header->dropped_samples++;
    }
}

/* ---- states of one thread in several interpreters ---- */

/* Up to 3.12 the first state of an interpreter names the thread that made it, also when another one runs in it.  Whose C stack it
 * stands on tells: the one that ends, with its struct pthread, next above. */
static void find_owner(struct stacks *stacks, struct seen *seen)
{
    const struct seen *owner = NULL;
    for (uint32_t i = 0; i < stacks->count; i++) {
        const struct seen *other = stacks->order[i];
        uint64_t end = other->named;
        if (end > seen->c_place && other->interpreter == 0 && (!owner || end < owner->named))
            owner = other;
    }
    if (!owner || owner->named == seen->thread.pthread)
        return;
    seen->thread.pthread = owner->named;
    doing_read(&stacks->peek.memory, owner->named, &seen->doing);
    if (seen->tid != owner->tid)
        end_record(seen);
    seen->tid = owner->tid;
}

/* A thread that is inside another interpreter, deeper on its C stack, has only that one's stack at this instant. */
static bool is_outer(const struct stacks *stacks, const struct seen *seen)
{
    for (uint32_t i = 0; i < stacks->count; i++) {
        const struct seen *other = stacks->order[i];
        if (other->thread.pthread == seen->thread.pthread && other->usable && other->depth > 0 && other->c_place &&
            other->c_place < seen->c_place)
            return true;
    }
    return false;
}

static void settle_twins(struct stacks *stacks)
{
    bool names_maker = stacks->frames.layout.has_cframe;
    for (uint32_t i = 0; i < stacks->count; i++) {
        struct seen *seen = stacks->order[i];
        seen->twin = false;
        for (uint32_t k = 0; k < stacks->count && !seen->twin; k++)
            seen->twin = k != i && stacks->order[k]->named == seen->named;
        if (seen->twin && names_maker && seen->usable && seen->depth > 0 && seen->interpreter != 0)
            find_owner(stacks, seen);
    }
    for (uint32_t i = 0; i < stacks->count; i++) {
        struct seen *seen = stacks->order[i];
        seen->outer = seen->c_place && is_outer(stacks, seen);
        if (seen->outer)
            end_record(seen);
    }
}

/* ---- all of them ---- */

static struct seen *find_seen(struct stacks *stacks, uint64_t address, uint32_t expected)
{
    if (expected < stacks->count && stacks->order[expected]->address == address)
        return stacks->order[expected];
    struct seen *free_slot = NULL;
    for (uint32_t i = 0; i < THREADS; i++) {
        if (stacks->seen[i].address == address)
            return &stacks->seen[i];
        if (stacks->seen[i].address == 0 && !free_slot)
            free_slot = &stacks->seen[i];
    }
    if (free_slot) {
        free_slot->tid = free_slot->depth = free_slot->node = 0;
        free_slot->named = free_slot->c_place = 0;
        free_slot->twin = free_slot->outer = false;
        free_slot->task = free_slot->task_node = 0;
        free_slot->ready = (struct ready){0};
        stack_of(stacks, free_slot)->depth = 0;
        free_slot->first = free_slot->last = 0;
        free_slot->record = NULL;
        free_slot->ahead = 0;
        free_slot->resting = false;
        free_slot->doing = (struct doing){0};
        free_slot->thread = (struct frames_thread){0};
        free_slot->address = address;
    }
    return free_slot;
}

/* The thread's slot with its state read anew; NULL when it cannot be followed.  Another thread in the same memory is new. */
static struct seen *meet(struct stacks *stacks, uint64_t address, uint64_t interpreter, uint32_t expected)
{
    struct seen *seen = find_seen(stacks, address, expected);
    struct frames_thread thread;
    if (!seen || seen->round == stacks->round)
        return NULL;
    peek_scope(&stacks->peek, seen->first, seen->last);
    if (frames_thread(&stacks->frames, address, &thread) || thread.interpreter != interpreter)
        return NULL;
    if (thread.pthread != seen->named) {
        seen->tid = 0;
        end_record(seen);
    }
    seen->named = thread.pthread;
    seen->usable = false;
    seen->thread = thread;
    seen->round = stacks->round;
    return seen;
}

static uint32_t look_at_interpreter(struct stacks *stacks, const struct interpreter *interpreter, struct seen **order,
                                    uint32_t met, uint64_t now_ns)
{
    peek_scope(&stacks->peek, 0, stacks->shared);
    uint64_t holder = frames_lock_holder(&stacks->frames, interpreter->address);
    uint64_t at = frames_first_thread(&stacks->frames, interpreter->address);
    while (at && met < THREADS) {
        struct seen *seen = meet(stacks, at, interpreter->address, met);
        if (!seen) {
            agent.writer.header->dropped_samples++;
            break;
        }
        order[met++] = seen;
        at = seen->thread.next;
        seen->interpreter = interpreter->id;
        seen->holds = holder == seen->address;
        if (seen->thread.pthread != 0)
            look_at_thread(stacks, seen, now_ns);
    }
    return met;
}

static void find_interpreters(struct stacks *stacks)
{
    uint64_t addresses[INTERPRETERS];
    peek_scope(&stacks->peek, 0, stacks->shared);
    stacks->interpreter_count = (uint32_t)frames_interpreters(&stacks->frames, addresses, INTERPRETERS);
    for (uint32_t i = 0; i < stacks->interpreter_count; i++)
        stacks->interpreters[i] = (struct interpreter){
            .address = addresses[i],
            .lock = frames_lock(&stacks->frames, addresses[i]),
            .id = frames_interpreter_id(&stacks->frames, addresses[i]),
        };
}

static void look(struct stacks *stacks, struct agent_thread *self, uint64_t now_ns)
{
    struct seen *order[THREADS];
    uint32_t met = 0;
    stacks->round++;
    stacks->questions = KERNEL_QUESTIONS;
    peek_reset(&stacks->peek);
    want_shared(stacks);
    for (uint32_t i = 0; i < stacks->count; i++)
        want_thread(stacks, stacks->order[i]);
    peek_fetch(&stacks->peek);
    find_interpreters(stacks);
    tasks_look_now(&stacks->tasks);
    for (uint32_t i = 0; i < stacks->interpreter_count; i++)
        met = look_at_interpreter(stacks, &stacks->interpreters[i], order, met, now_ns);
    for (uint32_t i = 0; i < stacks->count; i++) {
        if (stacks->order[i]->round != stacks->round) {
            catch_up(stacks->order[i]);
            stacks->order[i]->address = 0;
        }
    }
    memcpy(stacks->order, order, met * sizeof(order[0]));
    stacks->count = met;
    if (stacks->interpreter_count > 1)
        settle_twins(stacks);
    for (uint32_t i = 0; i < met; i++) {
        if (order[i]->usable && order[i]->depth > 0 && !order[i]->outer)
            add_sample(stacks, self, order[i], find_state(stacks, order[i], now_ns), now_ns);
    }
}

/* ---- when ---- */

static uint64_t next_random(struct stacks *stacks)
{
    stacks->random ^= stacks->random << 13;
    stacks->random ^= stacks->random >> 7;
    stacks->random ^= stacks->random << 17;
    return stacks->random;
}

/* Begins the slot that now_ns lies in, or the next one; the instant in it at which to look. */
static uint64_t next_instant(struct stacks *stacks, uint64_t now_ns)
{
    uint64_t passed = now_ns > stacks->slot_ns ? (now_ns - stacks->slot_ns) / stacks->period_ns : 0;
    uint64_t slots = passed > 1 ? passed : 1;
    stacks->slot_ns += slots * stacks->period_ns;
    stacks->weight_ns = (slots > LATE_SLOTS ? 1 : slots) * stacks->period_ns;
    if (slots > LATE_SLOTS)
        agent.writer.header->dropped_samples += slots - 1;
    return stacks->slot_ns + next_random(stacks) % stacks->period_ns;
}

/* ---- begin and end ---- */

static struct stacks *map_state(void)
{
    void *map = mmap(NULL, sizeof(struct stacks), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                     -1, 0);
    if (map == MAP_FAILED)
        return NULL;
    madvise(map, sizeof(struct stacks), MADV_DONTDUMP);
    return map;
}

/* In another recording than before nothing of the tree is known. */
static void begin_recording(struct stacks *stacks)
{
    if (stacks->generation != agent.generation)
        madvise(stacks, sizeof(*stacks), MADV_DONTNEED); /* private pages read as zero after this */
    stacks->generation = agent.generation;
    for (uint32_t i = 0; i < stacks->count; i++)
        stacks->order[i]->record = NULL;
}

static const char *open_all(struct stacks *stacks, struct agent_thread *self, bool own_table)
{
    int error = 0;
    if (!peek_open(&stacks->peek, own_table, &error))
        return "neither pwritev to a memory file nor process_vm_readv is allowed here";
    int refusal = frames_open(&stacks->peek.memory, (uint64_t)(uintptr_t)agent.python.runtime, agent.python.hexversion,
                              &stacks->frames);
    if (refusal != LAYOUT_OK) {
        peek_close(&stacks->peek);
        return layout_refusal_text(refusal);
    }
    stacks->tree.writer = &agent.writer;
    stacks->tree.thread = &self->writer;
    stacks->tree.frames = &stacks->frames;
    tasks_begin(&stacks->tasks, &stacks->peek, &stacks->tree);
    return NULL;
}

uint64_t stacks_begin(struct agent_thread *self, bool own_table)
{
    if (!(agent.start.observe & EVENT_OBSERVE_STACKS) || agent.start.sample_hz == 0 || !agent.python.found)
        return UINT64_MAX;
    if (!agent.python.layout_known)
        return UINT64_MAX; /* python.c has said so, and why */
    if (!agent.stacks)
        agent.stacks = map_state();
    if (!agent.stacks)
        return UINT64_MAX;
    struct stacks *stacks = agent.stacks;
    begin_recording(stacks);
    const char *refusal = open_all(stacks, self, own_table);
    if (refusal) {
        agent_note(self, EVENT_NOTE_NO_STACKS, agent.python.hexversion, refusal);
        return UINT64_MAX;
    }
    stacks->open = true;
    stacks->period_ns = 1000000000u / agent.start.sample_hz;
    stacks->slot_ns = agent_now();
    stacks->random = stacks->slot_ns * 2654435761u | 1;
    return next_instant(stacks, stacks->slot_ns);
}

static void look_at_tasks(struct stacks *stacks, uint64_t now_ns)
{
    uint64_t threads[THREADS];
    for (uint32_t i = 0; i < stacks->count; i++)
        threads[i] = stacks->order[i]->address;
    tasks_look(&stacks->tasks, threads, stacks->count, now_ns);
}

uint64_t stacks_sample(struct agent_thread *self, uint64_t now_ns)
{
    look(agent.stacks, self, now_ns);
    look_at_tasks(agent.stacks, now_ns);
    return next_instant(agent.stacks, agent_now());
}

void stacks_end(void)
{
    if (agent.stacks && agent.stacks->open) {
        for (uint32_t i = 0; i < agent.stacks->count; i++)
            catch_up(agent.stacks->order[i]);
        peek_close(&agent.stacks->peek);
        agent.stacks->open = false;
    }
}
