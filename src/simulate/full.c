/* The general loop: several inputs and batches a container, buffers, drawn windows, time-outs, retries, preemption, and
 * autoscalers that decide at intervals.
 *
 * A container is in one list at a time: starting; idle; partial (busy, below the target); burst (at the target, below the
 * maximum); or none (full).  Lists have the latest change in front.  A call in progress is a slot; its inputs are members, a
 * chain in one pool.  Events of things that are gone are told by their generation and dropped when they come up. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "simulate/heap.h"
#include "simulate/policy.h"
#include "simulate/run.h"
#include "simulate/scaler.h"

enum { NONE = UINT32_MAX };

enum list { LIST_STARTING, LIST_IDLE, LIST_PARTIAL, LIST_BURST, LISTS, LIST_FULL = LISTS, LIST_GONE };

/* In the order in which they happen at one instant; arrivals come between RETRY and TICK. */
enum kind { DONE, READY, RETRY, TICK, PREWARM, PREEMPT, EXPIRE };

enum { KIND_SHIFT = 28, GENERATION_MASK = (1 << KIND_SHIFT) - 1 };

struct container {
    double asked, ready;
    double busy_since;
    double dies;    /* when it is too old */
    double expires; /* when its idle window ends */
    double wakes;   /* when its EXPIRE event comes; HUGE_VAL: there is none */
    uint32_t prev, next, list;
    uint32_t inputs, served;
    uint32_t slots;              /* chain of calls in progress */
    uint32_t generation, choice; /* choice: place in `choices` */
    bool overdue;                /* its window ended, but it must stay */
};

struct slot {
    uint32_t container, generation;
    uint32_t prev, next;
    uint32_t members;
    double began;
    bool too_long;
};

struct member {
    struct waiting waiting;
    uint32_t next;
};

/* Things by number, with free numbers chained: what grows is the array. */
struct pool {
    uint32_t n, free;
};

struct full {
    struct run *run;
    double now;
    struct heap heap;
    struct queue queue;
    struct container *containers;
    struct slot *slots;
    struct member *members;
    uint32_t cap_containers, cap_slots, cap_members;
    struct pool container_pool, slot_pool, member_pool;
    uint32_t head[LISTS], tail[LISTS], len[LISTS];
    uint32_t *choices, n_choices; /* containers with room, for random dispatch */
    uint32_t live, overdue;
    double room_since; /* since when some container has had room */
    uint64_t running;  /* calls in progress */
    uint64_t retrying; /* requests between two attempts */
    uint32_t target, wanted;
    struct scaler scaler;
    double load_area, load_since, ticked;
    double batch_fired;     /* the latest moment at which a batch was due; what was due by then has been tried */
    double idle_since;      /* histogram policy: when the last call ended; -1: none yet */
    uint32_t prewarm_round; /* what a PREWARM event must carry to count */
    double preempt_at;
    bool over; /* no more arrivals */
};

struct full *full_new(void)
{
    return xcalloc(1, sizeof(struct full));
}

void full_free(struct full *full)
{
    if (!full)
        return;
    heap_release(&full->heap);
    free(full->queue.items);
    free(full->containers);
    free(full->slots);
    free(full->members);
    free(full->choices);
    free(full);
}

/* --- lists --- */

static inline void unlink_container(struct full *full, uint32_t id)
{
    struct container *c = &full->containers[id];
    if (c->list >= LISTS)
        return;
    if (c->prev == NONE)
        full->head[c->list] = c->next;
    else
        full->containers[c->prev].next = c->next;
    if (c->next == NONE)
        full->tail[c->list] = c->prev;
    else
        full->containers[c->next].prev = c->prev;
    full->len[c->list]--;
}

static inline void link_front(struct full *full, uint32_t id, uint32_t list)
{
    struct container *c = &full->containers[id];
    c->list = list;
    if (list >= LISTS)
        return;
    c->prev = NONE;
    c->next = full->head[list];
    if (c->next == NONE)
        full->tail[list] = id;
    else
        full->containers[c->next].prev = id;
    full->head[list] = id;
    full->len[list]++;
}

static void drop_choice(struct full *full, struct container *c)
{
    if (c->choice == NONE)
        return;
    uint32_t last = full->choices[--full->n_choices];
    full->choices[c->choice] = last;
    full->containers[last].choice = c->choice;
    c->choice = NONE;
}

static void keep_choice(struct full *full, uint32_t id, bool room)
{
    struct container *c = &full->containers[id];
    if (!room) {
        drop_choice(full, c);
    } else if (c->choice == NONE) {
        c->choice = full->n_choices;
        full->choices[full->n_choices++] = id;
    }
}

static inline bool has_room(const struct full *full)
{
    return full->len[LIST_IDLE] + full->len[LIST_PARTIAL] + full->len[LIST_BURST] > 0;
}

/* Puts a ready container into the list that its inputs ask for. */
static inline void place(struct full *full, uint32_t id)
{
    const struct settings *settings = full->run->settings;
    struct container *c = &full->containers[id];
    uint32_t list = LIST_FULL;
    if (c->inputs == 0)
        list = LIST_IDLE;
    else if (c->inputs < full->target)
        list = LIST_PARTIAL;
    else if (c->inputs < settings->max_inputs)
        list = LIST_BURST;
    if (list != c->list || settings->dispatch == DISPATCH_SPREAD) {
        bool had_room = has_room(full);
        unlink_container(full, id);
        link_front(full, id, list);
        if (!had_room && has_room(full))
            full->room_since = full->now;
    }
    if (settings->dispatch == DISPATCH_RANDOM)
        keep_choice(full, id, list != LIST_FULL);
}

/* --- pools --- */

static uint32_t take_container(struct full *full)
{
    if (full->container_pool.free != NONE) {
        uint32_t id = full->container_pool.free;
        full->container_pool.free = full->containers[id].next;
        return id;
    }
    if (full->container_pool.n == full->cap_containers) {
        full->cap_containers = full->cap_containers ? 2 * full->cap_containers : 64;
        full->containers = xrealloc(full->containers, xmultiply(full->cap_containers, sizeof(*full->containers)));
        full->choices = xrealloc(full->choices, xmultiply(full->cap_containers, sizeof(*full->choices)));
    }
    full->containers[full->container_pool.n].generation = 0;
    return full->container_pool.n++;
}

static uint32_t take_slot(struct full *full)
{
    if (full->slot_pool.free != NONE) {
        uint32_t id = full->slot_pool.free;
        full->slot_pool.free = full->slots[id].next;
        return id;
    }
    if (full->slot_pool.n == full->cap_slots) {
        full->cap_slots = full->cap_slots ? 2 * full->cap_slots : 64;
        full->slots = xrealloc(full->slots, xmultiply(full->cap_slots, sizeof(*full->slots)));
    }
    full->slots[full->slot_pool.n].generation = 0;
    return full->slot_pool.n++;
}

static uint32_t take_member(struct full *full, struct waiting waiting)
{
    uint32_t id = full->member_pool.free;
    if (id != NONE) {
        full->member_pool.free = full->members[id].next;
    } else {
        if (full->member_pool.n == full->cap_members) {
            full->cap_members = full->cap_members ? 2 * full->cap_members : 256;
            full->members = xrealloc(full->members, xmultiply(full->cap_members, sizeof(*full->members)));
        }
        id = full->member_pool.n++;
    }
    full->members[id] = (struct member){waiting, NONE};
    return id;
}

static void give_member(struct full *full, uint32_t id)
{
    full->members[id].next = full->member_pool.free;
    full->member_pool.free = id;
}

static inline void schedule(struct full *full, double time, enum kind kind, uint32_t id, uint32_t generation)
{
    uint32_t tag = (uint32_t)kind << KIND_SHIFT | (generation & GENERATION_MASK);
    heap_push(&full->heap, (struct event){time, tag, id});
}

/* --- time --- */

static void add_series(struct full *full, double from, double to)
{
    struct series *series = &full->run->outcome->series;
    uint32_t busy = full->live - full->len[LIST_STARTING] - full->len[LIST_IDLE];
    while (from < to) {
        double place_in = floor(from / series->bin_s);
        if (place_in >= SERIES_BINS)
            return;
        size_t bin = (size_t)place_in;
        double end = fmin(to, (place_in + 1) * series->bin_s), part = end - from;
        series->starting[bin] += part * full->len[LIST_STARTING];
        series->idle[bin] += part * full->len[LIST_IDLE];
        series->busy[bin] += part * busy;
        series->waiting[bin] = fmax(series->waiting[bin], (double)full->queue.len);
        if (end <= from)
            return;
        from = end;
    }
}

static inline void move_to(struct full *full, double now)
{
    if (full->run->outcome->series.bin_s > 0)
        add_series(full, full->now, now);
    if (full->run->settings->policy->tick_s > 0) {
        full->load_area += (now - full->load_since) * (double)(full->running + full->queue.len);
        full->load_since = now;
    }
    full->now = now;
}

/* --- containers come and go --- */

static void redraw_preemption(struct full *full)
{
    double every = full->run->settings->preempt_every_s;
    if (every <= 0)
        return;
    full->preempt_at = full->live ? full->now + rng_exp(&full->run->other_rng) * every / full->live : HUGE_VAL;
    if (full->live)
        schedule(full, full->preempt_at, PREEMPT, 0, 0);
}

static uint32_t add_container(struct full *full, double ready)
{
    uint32_t id = take_container(full), generation = full->containers[id].generation + 1;
    full->containers[id] = (struct container){
        .asked = full->now,
        .ready = ready,
        .dies = HUGE_VAL,
        .wakes = HUGE_VAL,
        .expires = HUGE_VAL,
        .list = LIST_GONE,
        .slots = NONE,
        .choice = NONE,
        .generation = generation,
    };
    const struct dist *lifetime = &full->run->settings->lifetime;
    if (lifetime->mean >= 0)
        full->containers[id].dies = full->now + dist_draw(lifetime, &full->run->window_rng);
    full->live++;
    full->run->outcome->sum_starts += full->now;
    if (full->live > full->run->outcome->peak_containers)
        full->run->outcome->peak_containers = full->live;
    redraw_preemption(full);
    return id;
}

static uint32_t start_container(struct full *full)
{
    double takes = run_draw_start(full->run);
    uint32_t id = add_container(full, full->now + takes);
    full->run->outcome->starts++;
    full->run->outcome->start_s += takes;
    return id;
}

static void start_unbound(struct full *full)
{
    uint32_t id = start_container(full);
    link_front(full, id, LIST_STARTING);
    schedule(full, full->containers[id].ready, READY, id, full->containers[id].generation);
}

static void remove_container(struct full *full, uint32_t id)
{
    struct container *c = &full->containers[id];
    unlink_container(full, id);
    drop_choice(full, c);
    full->overdue -= c->overdue;
    c->list = LIST_GONE;
    c->generation++;
    c->next = full->container_pool.free;
    full->container_pool.free = id;
    full->live--;
    full->run->outcome->sum_ends += full->now;
    redraw_preemption(full);
}

static void cancel_newest_start(struct full *full)
{
    uint32_t id = full->head[LIST_STARTING];
    full->run->outcome->start_s -= full->containers[id].ready - full->now;
    full->run->outcome->starts_cancelled++;
    remove_container(full, id);
}

static inline bool is_active(const struct full *full)
{
    return full->running > 0 || full->queue.len > 0;
}

/* Whether any request is still to be answered. */
static inline bool is_open(const struct full *full)
{
    return is_active(full) || full->retrying > 0;
}

/* Whether at least `n` containers fell idle before this one: they are the buffer. */
static bool is_above(const struct full *full, uint32_t id, uint32_t n)
{
    uint32_t at = full->tail[LIST_IDLE];
    for (uint32_t i = 0; i < n && at != NONE; i++, at = full->containers[at].prev) {
        if (at == id)
            return false;
    }
    return true;
}

static bool may_retire(const struct full *full, uint32_t id)
{
    const struct settings *settings = full->run->settings;
    if (full->live <= settings->min_containers)
        return false;
    return settings->buffer_containers == 0 || !is_active(full) || is_above(full, id, settings->buffer_containers);
}

static void retire_overdue(struct full *full)
{
    uint32_t at = full->tail[LIST_IDLE];
    while (full->overdue && at != NONE) {
        uint32_t before = full->containers[at].prev;
        if (full->containers[at].overdue && may_retire(full, at))
            remove_container(full, at);
        at = before;
    }
}

static void set_expiry(struct full *full, uint32_t id, double expires)
{
    struct container *c = &full->containers[id];
    c->expires = expires;
    if (expires < c->wakes) {
        c->wakes = expires;
        schedule(full, expires, EXPIRE, id, 0);
    }
}

static void expire(struct full *full, uint32_t id, double time)
{
    struct container *c = &full->containers[id];
    if (c->list == LIST_GONE || c->wakes != time)
        return;
    c->wakes = HUGE_VAL;
    if (c->list != LIST_IDLE)
        return;
    if (c->expires > full->now) {
        if (!isinf(c->expires))
            set_expiry(full, id, c->expires);
    } else if (may_retire(full, id)) {
        remove_container(full, id);
    } else if (!c->overdue) {
        c->overdue = true;
        full->overdue++;
    }
}

/* Histogram policy: the function fell idle; its containers stay, or go and one comes back ahead of the next request. */
static void plan_idleness(struct full *full)
{
    double start_after, keep_until;
    scaler_windows(&full->scaler, &start_after, &keep_until);
    full->idle_since = full->now;
    full->prewarm_round++;
    uint32_t at = full->tail[LIST_IDLE];
    while (at != NONE) {
        uint32_t before = full->containers[at].prev;
        if (start_after <= 0)
            set_expiry(full, at, full->now + keep_until);
        else if (full->live > full->run->settings->min_containers)
            remove_container(full, at);
        at = before;
    }
    if (start_after > 0 && !full->over)
        schedule(full, full->now + start_after, PREWARM, 0, full->prewarm_round);
}

static void prewarm(struct full *full, uint32_t round)
{
    if (round != (full->prewarm_round & GENERATION_MASK) || is_active(full) || full->live > 0 || full->over)
        return;
    start_unbound(full);
}

/* A ready container has nothing to do. */
static void fall_idle(struct full *full, uint32_t id)
{
    const struct settings *settings = full->run->settings;
    enum scaling scaling = settings->policy->scaling;
    if (scaling == SCALE_ON_DEMAND) {
        bool surplus = settings->surplus_window.mean >= 0 && full->live > 1;
        const struct dist *window = surplus ? &settings->surplus_window : &settings->scaledown_window;
        double ends = full->now + dist_draw(window, &full->run->window_rng);
        set_expiry(full, id, fmax(full->now, fmin(ends, full->containers[id].dies)));
    } else if (scaling == SCALE_HISTOGRAM) {
        double start_after, keep_until;
        scaler_windows(&full->scaler, &start_after, &keep_until);
        full->containers[id].expires = HUGE_VAL; /* until the whole function is idle */
        if (full->idle_since >= 0 && !is_active(full))
            set_expiry(full, id, fmax(full->now, full->idle_since + keep_until));
    } else if (full->live > full->wanted) {
        remove_container(full, id);
    }
}

/* --- calls --- */

static double call_length(const struct full *full, const struct container *c, uint32_t members, uint32_t n)
{
    const struct model *model = full->run->model;
    double service = 0;
    if (model->batch_s)
        service = model->batch_s[(n < model->n_batch ? n : model->n_batch) - 1] *
                  (model->service_factor > 0 ? model->service_factor : 1);
    else
        for (uint32_t m = members; m != NONE; m = full->members[m].next)
            service += full->members[m].waiting.service;
    if (model->slowdown && c->inputs > 0)
        service *= model->slowdown[(c->inputs < model->n_slowdown ? c->inputs : model->n_slowdown) - 1];
    return service;
}

/* Splits one request's wait into start, queue and filling of the batch. */
static void account_wait(struct full *full, const struct container *c, const struct waiting *waiting, double begins)
{
    struct outcome *outcome = full->run->outcome;
    double since = waiting->since;
    bool cold = since <= c->ready && c->asked >= 0 && (c->served == 0 || begins == c->ready);
    double starting = cold ? c->ready - fmax(since, c->asked) : 0;
    double filling = full->run->settings->max_batch_size > 1 ? fmax(0, begins - fmax(since, full->room_since)) : 0;
    outcome->wait_cold_s += starting;
    outcome->wait_batch_s += filling;
    outcome->wait_queue_s += fmax(0, begins - since - starting - filling);
    if (cold && waiting->attempts == 0)
        outcome_count_cold(outcome, waiting->number);
    outcome->waited += begins > since && waiting->attempts == 0;
}

/* A call of `n` members in container id, from `begins` on (later than now where the container is still starting for it). */
static void begin_call(struct full *full, uint32_t id, uint32_t members, uint32_t n, double begins)
{
    struct container *c = &full->containers[id];
    uint32_t at = take_slot(full);
    for (uint32_t m = members; m != NONE; m = full->members[m].next)
        account_wait(full, c, &full->members[m].waiting, begins);
    if (c->inputs++ == 0)
        c->busy_since = begins;
    double length = call_length(full, c, members, n), most = full->run->settings->timeout_s;
    struct slot *slot = &full->slots[at];
    *slot = (struct slot){id, slot->generation + 1, NONE, c->slots, members, begins, length > most};
    if (c->slots != NONE)
        full->slots[c->slots].prev = at;
    c->slots = at;
    c->served += n;
    full->overdue -= c->overdue;
    c->overdue = false;
    full->running++;
    full->run->outcome->batches++;
    schedule(full, begins + fmin(length, most), DONE, at, slot->generation);
}

static void free_slot(struct full *full, uint32_t at)
{
    struct slot *slot = &full->slots[at];
    struct container *c = &full->containers[slot->container];
    if (slot->prev == NONE)
        c->slots = slot->next;
    else
        full->slots[slot->prev].next = slot->next;
    if (slot->next != NONE)
        full->slots[slot->next].prev = slot->prev;
    slot->generation++;
    slot->next = full->slot_pool.free;
    full->slot_pool.free = at;
    full->running--;
}

/* How many of the waiting make a call now: 0 when a batch is still filling. */
static inline uint32_t batch_due(const struct full *full)
{
    const struct settings *settings = full->run->settings;
    if (settings->max_batch_size == 1)
        return 1;
    if (full->queue.len >= settings->max_batch_size)
        return settings->max_batch_size;
    const struct waiting *head = &full->queue.items[full->queue.head & (full->queue.cap - 1)];
    return head->since + settings->wait_s <= full->now ? (uint32_t)full->queue.len : 0;
}

/* The container that takes the next call, or NONE. */
static inline uint32_t choose(struct full *full)
{
    switch (full->run->settings->dispatch) {
    case DISPATCH_RANDOM:
        return full->n_choices ? full->choices[rng_below(&full->run->other_rng, full->n_choices)] : NONE;
    case DISPATCH_OLDEST:
        if (full->tail[LIST_PARTIAL] != NONE)
            return full->tail[LIST_PARTIAL];
        return full->tail[LIST_IDLE] != NONE ? full->tail[LIST_IDLE] : full->tail[LIST_BURST];
    case DISPATCH_SPREAD:
        if (full->head[LIST_IDLE] != NONE)
            return full->head[LIST_IDLE];
        return full->tail[LIST_PARTIAL] != NONE ? full->tail[LIST_PARTIAL] : full->tail[LIST_BURST];
    default:
        if (full->head[LIST_PARTIAL] != NONE)
            return full->head[LIST_PARTIAL];
        return full->head[LIST_IDLE] != NONE ? full->head[LIST_IDLE] : full->head[LIST_BURST];
    }
}

/* The first n of the queue as a chain. */
static uint32_t take_members(struct full *full, uint32_t n)
{
    uint32_t first = take_member(full, queue_pop(&full->queue)), last = first;
    for (uint32_t i = 1; i < n; i++) {
        uint32_t m = take_member(full, queue_pop(&full->queue));
        full->members[last].next = m;
        last = m;
    }
    return first;
}

static void dispatch(struct full *full)
{
    while (full->queue.len) {
        uint32_t n = batch_due(full);
        if (n == 0)
            return;
        uint32_t id = choose(full);
        if (id == NONE)
            return;
        uint32_t members = take_members(full, n);
        begin_call(full, id, members, n, full->now);
        place(full, id);
    }
}

/* --- scaling --- */

/* How many containers what runs and waits asks for. */
static double demand(const struct full *full)
{
    uint32_t batch = full->run->settings->max_batch_size;
    uint64_t calls = full->running + (full->queue.len + batch - 1) / batch;
    return (double)((calls + full->target - 1) / full->target);
}

static void scale_on_demand(struct full *full)
{
    const struct settings *settings = full->run->settings;
    double wanted = demand(full) + (is_active(full) ? settings->buffer_containers : 0);
    if (wanted > settings->max_containers)
        wanted = settings->max_containers;
    while (full->live < wanted)
        start_unbound(full);
    while (settings->cancel_starts && full->len[LIST_STARTING] && full->live > wanted &&
           full->live > settings->min_containers)
        cancel_newest_start(full);
}

static void scale_to(struct full *full, uint32_t wanted)
{
    full->wanted = wanted;
    while (full->live < wanted)
        start_unbound(full);
    while (full->live > wanted && full->len[LIST_STARTING])
        cancel_newest_start(full);
    while (full->live > wanted && full->len[LIST_IDLE])
        remove_container(full, full->tail[LIST_IDLE]);
}

static void tick(struct full *full)
{
    const struct settings *settings = full->run->settings;
    double elapsed = full->now - full->ticked, load = (double)(full->running + full->queue.len);
    struct scaler_view view = {
        .now = full->now,
        .load = load,
        .average_load = elapsed > 0 ? full->load_area / elapsed : load,
        .ready = full->live - full->len[LIST_STARTING],
        .starting = full->len[LIST_STARTING],
    };
    full->load_area = 0;
    full->ticked = full->now;
    scale_to(full, scaler_tick(&full->scaler, settings, &view));
    bool at_rest = full->over && !is_open(full) && full->live <= settings->min_containers + settings->buffer_containers;
    if (!at_rest)
        schedule(full, full->now + settings->policy->tick_s, TICK, 0, 0);
}

/* After anything that may have changed what waits or where there is room. */
static void settle(struct full *full)
{
    dispatch(full);
    switch (full->run->settings->policy->scaling) {
    case SCALE_ON_DEMAND:
    case SCALE_HISTOGRAM:
        scale_on_demand(full);
        break;
    case SCALE_KPA: /* the activator wakes a function that has no container at all */
        if (full->live == 0 && full->queue.len)
            scale_to(full, 1);
        break;
    default:
        break;
    }
}

/* --- what happens to a request --- */

static void retry_or_give_up(struct full *full, uint32_t m)
{
    const struct settings *settings = full->run->settings;
    struct waiting *waiting = &full->members[m].waiting;
    if (waiting->attempts >= settings->retries) {
        full->run->outcome->timed_out++;
        give_member(full, m);
        return;
    }
    double delay = settings->retry_delay_s * pow(settings->retry_backoff, waiting->attempts++);
    full->run->outcome->retried++;
    full->retrying++;
    schedule(full, full->now + delay, RETRY, m, 0);
}

static void finish_member(struct full *full, uint32_t m, const struct slot *slot)
{
    const struct waiting *waiting = &full->members[m].waiting;
    if (slot->too_long) {
        retry_or_give_up(full, m);
        return;
    }
    full->run->outcome->service_s += full->now - slot->began;
    outcome_record(full->run->outcome, full->now - waiting->first);
    give_member(full, m);
}

static void end_call(struct full *full, uint32_t at, uint32_t generation)
{
    if ((full->slots[at].generation & GENERATION_MASK) != generation)
        return;
    struct slot slot = full->slots[at];
    free_slot(full, at);
    full->run->outcome->input_s += full->now - slot.began;
    for (uint32_t m = slot.members, next; m != NONE; m = next) {
        next = full->members[m].next;
        finish_member(full, m, &slot);
    }
    struct container *c = &full->containers[slot.container];
    c->inputs--;
    if (c->inputs == 0)
        full->run->outcome->busy_s += full->now - c->busy_since;
    place(full, slot.container);
    settle(full);
    if (full->containers[slot.container].list == LIST_IDLE)
        fall_idle(full, slot.container);
    if (full->run->settings->policy->scaling == SCALE_HISTOGRAM && !is_active(full))
        plan_idleness(full);
    if (full->overdue && !is_active(full))
        retire_overdue(full);
}

static void end_start(struct full *full, uint32_t id, uint32_t generation)
{
    struct container *c = &full->containers[id];
    if (c->list != LIST_STARTING || (c->generation & GENERATION_MASK) != generation)
        return;
    place(full, id);
    settle(full);
    if (full->containers[id].list == LIST_IDLE)
        fall_idle(full, id);
}

/* A request whose container is started for it alone. */
static bool start_bound(struct full *full, struct waiting waiting)
{
    const struct settings *settings = full->run->settings;
    if (full->live >= settings->max_containers)
        return false;
    uint32_t id = start_container(full);
    full->containers[id].list = LIST_FULL;
    begin_call(full, id, take_member(full, waiting), 1, full->containers[id].ready);
    return true;
}

static void wake_function(struct full *full)
{
    if (full->run->settings->policy->scaling != SCALE_HISTOGRAM || is_active(full))
        return;
    full->prewarm_round++;
    if (full->idle_since >= 0)
        scaler_add_gap(&full->scaler, full->now - full->idle_since);
}

static void arrive(struct full *full, struct waiting waiting)
{
    const struct settings *settings = full->run->settings;
    struct outcome *outcome = full->run->outcome;
    wake_function(full);
    bool bound = settings->bind_starts && settings->max_inputs == 1 && settings->max_batch_size == 1;
    if (bound && full->queue.len == 0 && choose(full) == NONE && start_bound(full, waiting))
        return;
    queue_push(&full->queue, waiting);
    settle(full);
    uint64_t coming = (uint64_t)full->len[LIST_STARTING] * full->target * settings->max_batch_size;
    uint64_t filling = settings->max_batch_size > 1 && choose(full) != NONE ? settings->max_batch_size : 0;
    if (full->queue.len > (uint64_t)settings->max_queue + coming + filling) {
        full->queue.len--; /* the one that came last */
        outcome->rejected++;
    }
    if (full->queue.len > outcome->peak_waiting)
        outcome->peak_waiting = full->queue.len;
}

static void retry(struct full *full, uint32_t m)
{
    struct waiting waiting = full->members[m].waiting;
    give_member(full, m);
    full->retrying--;
    waiting.since = full->now;
    arrive(full, waiting);
}

static void give_up_head(struct full *full)
{
    queue_pop(&full->queue);
    full->run->outcome->given_up++;
}

/* Takes one container away, chosen by chance; what it was doing waits again. */
static void preempt(struct full *full, double time)
{
    if (time != full->preempt_at || full->live == 0 || (full->over && !is_open(full)))
        return;
    struct outcome *outcome = full->run->outcome;
    uint32_t id;
    do {
        id = (uint32_t)rng_below(&full->run->other_rng, full->container_pool.n);
    } while (full->containers[id].list == LIST_GONE);
    if (full->containers[id].list == LIST_STARTING || full->containers[id].busy_since > full->now) {
        redraw_preemption(full);
        return;
    }
    if (full->containers[id].inputs)
        outcome->busy_s += full->now - full->containers[id].busy_since;
    while (full->containers[id].slots != NONE) {
        uint32_t at = full->containers[id].slots;
        full->containers[id].inputs--;
        outcome->input_s += full->now - full->slots[at].began;
        for (uint32_t m = full->slots[at].members, next; m != NONE; m = next) {
            next = full->members[m].next;
            struct waiting waiting = full->members[m].waiting;
            waiting.since = full->now;
            waiting.attempts++; /* counted as cold or waiting once only */
            queue_push(&full->queue, waiting);
            give_member(full, m);
        }
        free_slot(full, at);
    }
    outcome->preempted++;
    remove_container(full, id);
    while (full->live < full->run->settings->min_containers)
        start_unbound(full);
    settle(full);
}

/* --- the loop --- */

static void happen(struct full *full, struct event event)
{
    uint32_t generation = event.tag & GENERATION_MASK;
    switch ((enum kind)(event.tag >> KIND_SHIFT)) {
    case DONE:
        end_call(full, event.id, generation);
        return;
    case READY:
        end_start(full, event.id, generation);
        return;
    case RETRY:
        retry(full, event.id);
        return;
    case TICK:
        tick(full);
        return;
    case PREWARM:
        prewarm(full, generation);
        return;
    case PREEMPT:
        preempt(full, event.time);
        return;
    case EXPIRE:
        expire(full, event.id, event.time);
        return;
    }
}

/* When the batch that fills is due, and when the longest waiting is given up; HUGE_VAL where that does not apply. */
static double batch_time(const struct full *full)
{
    const struct settings *settings = full->run->settings;
    if (settings->max_batch_size == 1 || full->queue.len == 0)
        return HUGE_VAL;
    double due = full->queue.items[full->queue.head & (full->queue.cap - 1)].since + settings->wait_s;
    return due > full->batch_fired ? fmax(due, full->now) : HUGE_VAL;
}

static double give_up_time(const struct full *full)
{
    if (full->queue.len == 0)
        return HUGE_VAL;
    return full->queue.items[full->queue.head & (full->queue.cap - 1)].since + full->run->settings->queue_timeout_s;
}

/* All that happens before an arrival at `until`. */
static void advance(struct full *full, double until)
{
    for (;;) {
        double batch = batch_time(full), give_up = give_up_time(full), least = fmin(batch, give_up);
        bool has_event = full->heap.len > 0 && full->heap.events[0].time <= least;
        if (has_event) {
            struct event event = full->heap.events[0];
            bool after_arrivals = event.tag >> KIND_SHIFT > RETRY;
            if (event.time > until || (event.time == until && after_arrivals && !isinf(until)))
                return;
            heap_pop(&full->heap);
            move_to(full, event.time);
            happen(full, event);
        } else if (isinf(least) || least >= until) {
            return;
        } else {
            move_to(full, least);
            if (give_up <= batch)
                give_up_head(full);
            else
                full->batch_fired = least;
            settle(full);
        }
    }
}

static void begin(struct full *full, struct run *run)
{
    struct full fresh = {
        .run = run,
        .heap = {full->heap.events, 0, full->heap.cap},
        .queue = {full->queue.items, 0, 0, full->queue.cap},
        .containers = full->containers,
        .slots = full->slots,
        .members = full->members,
        .choices = full->choices,
        .cap_containers = full->cap_containers,
        .cap_slots = full->cap_slots,
        .cap_members = full->cap_members,
        .container_pool = {0, NONE},
        .slot_pool = {0, NONE},
        .member_pool = {0, NONE},
        .target = settings_target(run->settings),
        .wanted = run->settings->min_containers,
        .idle_since = -1,
        .batch_fired = -1,
        .preempt_at = HUGE_VAL,
    };
    *full = fresh;
    for (int list = 0; list < LISTS; list++)
        full->head[list] = full->tail[list] = NONE;
    scaler_reset(&full->scaler);
    for (uint32_t i = 0; i < run->settings->min_containers; i++) {
        uint32_t id = add_container(full, -1);
        full->containers[id].asked = -1;
        place(full, id);
    }
    if (run->settings->policy->tick_s > 0)
        schedule(full, 0, TICK, 0, 0);
}

/* After the last arrival: all are served and what is above the minimum idles out; the minimum runs to the end of the span. */
static void finish(struct full *full, double last_arrival)
{
    struct outcome *outcome = full->run->outcome;
    full->over = true;
    outcome->span_s = full->run->source->span_s > 0 ? full->run->source->span_s : last_arrival;
    double end = last_arrival;
    while (is_open(full) && full->heap.len + full->queue.len > 0) {
        double next = fmin(fmin(batch_time(full), give_up_time(full)),
                           full->heap.len ? full->heap.events[0].time : HUGE_VAL);
        if (isinf(next))
            break;
        advance(full, nextafter(next, HUGE_VAL));
        end = full->now;
    }
    outcome->end_s = fmax(end, outcome->span_s);
    advance(full, outcome->end_s);
    outcome_mark_end(outcome, full->live);
    advance(full, HUGE_VAL);
    for (uint32_t id = 0; id < full->container_pool.n; id++) {
        const struct container *c = &full->containers[id];
        if (c->list == LIST_GONE)
            continue;
        bool late = c->asked >= outcome->end_s; /* an autoscaler may have started some after the end */
        outcome->sum_ends += late ? c->ready : outcome->end_s;
        outcome->start_s -= late ? 0 : fmax(0, c->ready - outcome->end_s);
    }
}

int full_run(struct full *full, struct run *run, struct err *err)
{
    begin(full, run);
    double last = 0;
    for (;;) {
        int rc = run_read(run, err);
        if (rc)
            return rc;
        if (run->chunk.n == 0)
            break;
        for (size_t i = 0; i < run->chunk.n; i++) {
            double now = run->chunk.time[i];
            advance(full, now);
            move_to(full, now);
            arrive(full, (struct waiting){now, now, run->chunk.service[i], 0, (uint32_t)(run->outcome->requests + i)});
        }
        last = run->chunk.time[run->chunk.n - 1];
        run->outcome->requests += run->chunk.n;
        run->outcome->overloaded = full->queue.len > QUEUE_MOST;
        if (run->outcome->overloaded)
            break;
        run_slice(run, last, full->live);
    }
    finish(full, last);
    return 0;
}
