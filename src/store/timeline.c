/* Each instant of the starting thread, from asking for the container to the end of the first call, has one phase and one wait
 * state.  Waits come from the calls that the agent interposed, by their wall time; what lies outside them is on the CPU, ready
 * but not running (the scheduler's run delay), waiting for a page of a mapped file (major faults), or unknown. */
#include "store/timeline.h"

#include <string.h>

#include "base/log.h"

enum run_phase timeline_phase_of(uint32_t event_phase)
{
    static const enum run_phase phases[] = {
        [EVENT_PHASE_CONTAINER_START] = RUN_CONTAINER_START,
        [EVENT_PHASE_INTERPRETER_START] = RUN_INTERPRETER_START,
        [EVENT_PHASE_PLATFORM_INIT] = RUN_PLATFORM_INIT,
        [EVENT_PHASE_IMPORT] = RUN_IMPORT,
        [EVENT_PHASE_GLOBAL_INIT] = RUN_GLOBAL_INIT,
        [EVENT_PHASE_ENTER] = RUN_ENTER,
        [EVENT_PHASE_FIRST_CALL] = RUN_FIRST_CALL,
        [EVENT_PHASE_EXEC] = RUN_EXEC,
        [EVENT_PHASE_EXIT] = RUN_EXIT,
        [EVENT_PHASE_HARNESS] = RUN_PLATFORM_INIT,
    };
    return event_phase < sizeof(phases) / sizeof(phases[0]) ? phases[event_phase] : RUN_EXEC;
}

static void add_step(struct arena *arena, struct timeline *timeline, uint64_t t_ns, uint32_t phase)
{
    *array_push(arena, &timeline->steps) = (struct timeline_step){t_ns, (enum event_phase)phase};
}

void timeline_init(struct arena *arena, const struct recording *recording, uint64_t asked_ns, uint64_t ended_ns,
                   bool command, struct timeline *timeline_out)
{
    struct timeline timeline = {.recording = recording, .asked_ns = asked_ns, .command = command};
    uint64_t ended = recording->header.ended_ns && !command ? recording->header.ended_ns : ended_ns;
    timeline.end_ns = ended;
    timeline.first_call_done = command;
    add_step(arena, &timeline, asked_ns, EVENT_PHASE_CONTAINER_START);
    for (size_t i = 0; i < recording->records.len; i++) {
        const struct recorded *recorded = &recording->records.items[i];
        const struct event_phase_begin *phase = recorded_as(recorded, EVENT_PHASE);
        const struct event_call *call = recorded_as(recorded, EVENT_CALL_END);
        if (phase && recorded->tid == recording->header.tid)
            add_step(arena, &timeline, phase->usage.t_ns, phase->phase);
        if (call && call->index == 0 && !command) {
            timeline.end_ns = call->usage.t_ns;
            timeline.first_call_done = true;
        }
    }
    *timeline_out = timeline;
}

static const struct timeline_step *step_at(const struct timeline *timeline, uint64_t t_ns)
{
    size_t low = 0, high = timeline->steps.len;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (timeline->steps.items[middle].t_ns <= t_ns)
            low = middle;
        else
            high = middle;
    }
    return &timeline->steps.items[low];
}

enum run_phase timeline_phase(const struct timeline *timeline, uint64_t t_ns)
{
    return timeline_phase_of(step_at(timeline, t_ns)->phase);
}

enum run_wait timeline_wait(const struct event_io *io, bool has_children)
{
    static const enum run_wait waits[] = {
        [EVENT_IO_OPEN] = RUN_DISK,       [EVENT_IO_STAT] = RUN_DISK,      [EVENT_IO_READ] = RUN_DISK,
        [EVENT_IO_WRITE] = RUN_DISK,      [EVENT_IO_MMAP] = RUN_DISK,      [EVENT_IO_CLOSE] = RUN_DISK,
        [EVENT_IO_CONNECT] = RUN_NETWORK, [EVENT_IO_ACCEPT] = RUN_NETWORK, [EVENT_IO_RECV] = RUN_NETWORK,
        [EVENT_IO_SEND] = RUN_NETWORK,    [EVENT_IO_LOOKUP] = RUN_NETWORK, [EVENT_IO_SLEEP] = RUN_SLEEP,
        [EVENT_IO_LOCK] = RUN_LOCK,       [EVENT_IO_GIL] = RUN_LOCK,       [EVENT_IO_CHILD] = RUN_CHILD,
        [EVENT_IO_POLL] = RUN_NETWORK,    [EVENT_IO_SYNC] = RUN_DISK,
    };
    if (io->kind >= sizeof(waits) / sizeof(waits[0]) || io->kind == EVENT_IO_NONE)
        return RUN_UNKNOWN;
    enum run_wait wait = waits[io->kind];
    if (io->object == EVENT_OBJECT_PIPE && (wait == RUN_DISK || wait == RUN_NETWORK))
        return has_children ? RUN_CHILD : RUN_LOCK;
    if (io->object == EVENT_OBJECT_SOCKET && wait == RUN_DISK)
        return RUN_NETWORK;
    return wait;
}

bool timeline_is_cold(const struct timeline *timeline, const struct recorded *recorded, uint64_t t_ns)
{
    return recorded->tid == timeline->recording->header.tid && t_ns < timeline->end_ns;
}

/* What is summed over one phase: wall and CPU time, run delay, whether a page had to be read, and the waits by state. */
struct share {
    double wall_s, cpu_s, delay_s;
    bool has_delay;
    uint64_t faults, switches;
    unsigned running, sleeping; /* samples outside interposed calls that found the thread so */
    double waits_s[RUN_WAITS];
};

/* The slots of shares: the phases of a run, and one for the harness's own time. */
enum { SHARE_HARNESS = RUN_PHASES, SHARES };

static unsigned slot_of(uint32_t event_phase)
{
    return event_phase == EVENT_PHASE_HARNESS ? SHARE_HARNESS : timeline_phase_of(event_phase);
}

static unsigned timeline_slot(const struct timeline *timeline, uint64_t t_ns)
{
    return slot_of(step_at(timeline, t_ns)->phase);
}

static double seconds(uint64_t from_ns, uint64_t to_ns)
{
    return to_ns > from_ns ? (double)(to_ns - from_ns) * 1e-9 : 0;
}

/* The stretch between two readings of the starting thread's clocks. */
static void add_stretch(struct share *share, const struct event_usage *from, const struct event_usage *to)
{
    share->wall_s += seconds(from->t_ns, to->t_ns);
    share->cpu_s += seconds(from->thread_cpu_ns, to->thread_cpu_ns);
    if (from->run_delay_ns != EVENT_UNKNOWN && to->run_delay_ns != EVENT_UNKNOWN)
        share->delay_s += seconds(from->run_delay_ns, to->run_delay_ns);
    share->has_delay = to->run_delay_ns != EVENT_UNKNOWN;
    share->faults += to->major_faults > from->major_faults ? to->major_faults - from->major_faults : 0;
    share->switches += to->voluntary_switches - from->voluntary_switches;
}

/* The clocks at a boundary of the starting thread; NULL for a record that is none. */
static const struct event_usage *boundary_usage(const struct timeline *timeline, const struct recorded *recorded)
{
    if (recorded->tid != timeline->recording->header.tid)
        return NULL;
    if (recorded->event->type == EVENT_PHASE)
        return &((const struct event_phase_begin *)recorded->event)->usage;
    if (recorded->event->type == EVENT_CALL_BEGIN || recorded->event->type == EVENT_CALL_END)
        return &((const struct event_call *)recorded->event)->usage;
    return NULL;
}

/* After the last boundary nothing was read any more (the process was killed, or a command ended): the newest sample says how
 * much CPU time the thread used, the rest is taken as it looks. */
static struct event_usage last_usage(const struct timeline *timeline, const struct event_usage *last)
{
    struct event_usage usage = *last;
    usage.t_ns = timeline->end_ns;
    for (size_t i = 0; i < timeline->recording->records.len; i++) {
        const struct event_sample *sample = recorded_as(&timeline->recording->records.items[i], EVENT_SAMPLE);
        if (!sample || sample->t_ns <= last->t_ns || sample->start_cpu_ns == EVENT_UNKNOWN)
            continue;
        usage.thread_cpu_ns = sample->start_cpu_ns;
        usage.run_delay_ns = sample->start_delay_ns;
        usage.major_faults = sample->major_faults;
    }
    return usage;
}

static void add_stretches(const struct timeline *timeline, struct share *shares)
{
    struct event_usage last = {.t_ns = timeline->asked_ns};
    unsigned slot = RUN_CONTAINER_START;
    const struct recording *recording = timeline->recording;
    for (size_t i = 0; i < recording->records.len && last.t_ns < timeline->end_ns; i++) {
        const struct event_usage *usage = boundary_usage(timeline, &recording->records.items[i]);
        if (!usage || usage->t_ns > timeline->end_ns)
            continue;
        add_stretch(&shares[slot], &last, usage);
        last = *usage;
        const struct event_phase_begin *phase = recorded_as(&recording->records.items[i], EVENT_PHASE);
        if (phase)
            slot = slot_of(phase->phase);
    }
    if (last.t_ns < timeline->end_ns) {
        struct event_usage end = last_usage(timeline, &last);
        add_stretch(&shares[slot], &last, &end);
    }
}

/* A call that had not returned yet counts up to the end of the start. */
static double io_wall(const struct timeline *timeline, const struct event_io *io)
{
    double wall_s = (double)io->wall_ns * 1e-9;
    return io->busy_since_ns ? wall_s + seconds(io->busy_since_ns, timeline->end_ns) : wall_s;
}

static void add_waits(const struct timeline *timeline, struct share *shares)
{
    const struct recording *recording = timeline->recording;
    bool has_children = false;
    for (size_t i = 0; i < recording->records.len; i++) {
        const struct recorded *recorded = &recording->records.items[i];
        has_children = has_children || recorded->event->type == EVENT_CHILD;
        const struct event_io *io = recorded_as(recorded, EVENT_IO);
        if (io && timeline_is_cold(timeline, recorded, io->first_ns))
            shares[slot_of(io->phase)].waits_s[timeline_wait(io, has_children)] += io_wall(timeline, io);
    }
}

static double min(double a, double b)
{
    return a < b ? a : b;
}

static double max(double a, double b)
{
    return a > b ? a : b;
}

/* Whether the thread was inside an interposed call at that time, as far as records of single calls tell. */
static bool is_in_call(const struct timeline *timeline, uint64_t t_ns)
{
    const struct recording *recording = timeline->recording;
    for (size_t i = 0; i < recording->records.len; i++) {
        const struct event_io *io = recorded_as(&recording->records.items[i], EVENT_IO);
        if (!io || recording->records.items[i].tid != recording->header.tid || io->first_ns > t_ns)
            continue;
        bool single = io->event.flags & EVENT_FLAG_LONG;
        if (io->busy_since_ns ? io->busy_since_ns <= t_ns : single && io->last_ns >= t_ns)
            return true;
    }
    return false;
}

static void add_letters(const struct timeline *timeline, struct share *shares)
{
    const struct recording *recording = timeline->recording;
    for (size_t i = 0; i < recording->records.len; i++) {
        const struct event_sample *sample = recorded_as(&recording->records.items[i], EVENT_SAMPLE);
        if (!sample || sample->t_ns >= timeline->end_ns || is_in_call(timeline, sample->t_ns))
            continue;
        struct share *share = &shares[timeline_slot(timeline, sample->t_ns)];
        share->running += sample->start_state == 'R';
        share->sleeping += sample->start_state == 'S';
    }
}

/* What of the time without CPU, outside interposed calls and beyond the scheduler's own account of delay, the thread spent waiting
 * for something that was not seen.  A thread that never gave up the CPU by itself waited for nothing: then it was ready to run,
 * and the machine under ours ran something else (steal time, which Linux leaves out of both accounts). */
static double unseen_wait(const struct share *share, double outside, double missing)
{
    if (share->has_delay && share->switches == 0)
        return 0;
    unsigned letters = share->running + share->sleeping;
    if (!letters)
        return share->has_delay ? missing : 0;
    return min(missing, outside * share->sleeping / letters);
}

/* What is left of the phase outside interposed calls.  CPU time inside calls is not measured apart: file calls are mostly
 * copies from the page cache, so that it can be anything between none and all of their wall time. */
static void settle(struct share *share)
{
    double inside = 0;
    for (int i = 0; i < RUN_WAITS; i++)
        inside += share->waits_s[i];
    if (inside > share->wall_s && inside > 0) { /* the readings lie a little apart */
        for (int i = 0; i < RUN_WAITS; i++)
            share->waits_s[i] *= share->wall_s / inside;
        inside = share->wall_s;
    }
    double outside = share->wall_s - inside;
    double missing = max(0, outside - share->cpu_s - share->delay_s);
    double unseen = unseen_wait(share, outside, missing);
    double ready = share->has_delay ? missing - unseen : 0;
    double cpu_in_calls = min(share->cpu_s, share->waits_s[RUN_DISK]);
    double delayed = min(share->delay_s, max(0, outside - missing - (share->cpu_s - cpu_in_calls)));
    share->waits_s[share->faults ? RUN_DISK : RUN_UNKNOWN] += unseen;
    share->waits_s[RUN_RUNNABLE] += ready + delayed;
    share->waits_s[RUN_ON_CPU] += outside - unseen - ready - delayed;
}

/* The app's file running is import, the sum of what lies inside imports, and global_init, the rest. */
static void split_import(struct run_start *start, double import_s)
{
    double whole = start->phases_s[RUN_IMPORT], cpu_s = start->phases_cpu_s[RUN_IMPORT];
    double inside = min(import_s, whole), share = whole > 0 ? inside / whole : 0;
    start->phases_s[RUN_IMPORT] = inside;
    start->phases_s[RUN_GLOBAL_INIT] += whole - inside;
    start->phases_cpu_s[RUN_IMPORT] = cpu_s * share;
    start->phases_cpu_s[RUN_GLOBAL_INIT] += cpu_s * (1 - share);
}

/* A command has no phases after its start but the app's, or, when it is no Python, exec: exit is the end of that. */
static unsigned run_slot(const struct timeline *timeline, unsigned slot)
{
    if (slot == SHARE_HARNESS)
        return RUN_PLATFORM_INIT;
    if (!timeline->command || slot != RUN_EXIT)
        return slot;
    return timeline->recording->header.python_hex ? RUN_GLOBAL_INIT : RUN_EXEC;
}

void timeline_attribute(const struct timeline *timeline, double import_s, struct run_start *start)
{
    struct share shares[SHARES];
    memset(shares, 0, sizeof(shares));
    add_stretches(timeline, shares);
    add_waits(timeline, shares);
    add_letters(timeline, shares);
    for (unsigned slot = 0; slot < SHARES; slot++) {
        settle(&shares[slot]);
        if (shares[slot].wall_s > 0)
            log_debug("%s: wall %.6f, cpu %.6f, delay %.6f s, %llu major faults; unknown %.6f s",
                      slot == SHARE_HARNESS ? "harness" : run_phase_name(slot), shares[slot].wall_s, shares[slot].cpu_s,
                      shares[slot].delay_s, (unsigned long long)shares[slot].faults, shares[slot].waits_s[RUN_UNKNOWN]);
        unsigned phase = run_slot(timeline, slot);
        start->phases_s[phase] += shares[slot].wall_s;
        start->phases_cpu_s[phase] += shares[slot].cpu_s;
        for (int i = 0; i < RUN_WAITS; i++)
            start->waits_s[i] += shares[slot].waits_s[i];
    }
    start->harness_s = shares[SHARE_HARNESS].wall_s;
    start->wall_s = seconds(timeline->asked_ns, timeline->end_ns);
    start->attributed_s = start->wall_s - start->waits_s[RUN_UNKNOWN];
    split_import(start, import_s);
}
