/* The fast loop: one input a container, a fixed idle window, a first-come queue.  Containers of one kind are told apart by nothing
 * but when they fell idle, so that an idle one is a number in a deque, ordered by time, and a busy one a number in a heap.
 * Windows that ran out are noticed at the next arrival: nothing in between depends on them. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "simulate/heap.h"
#include "simulate/policy.h"
#include "simulate/run.h"

/* A heap of times, four children a node. */
struct times {
    double *items;
    size_t len, cap;
};

/* Idle containers by the moment they fell idle, oldest first. */
struct idle {
    double *items;
    size_t head, len, cap; /* cap is a power of two */
};

struct plain {
    struct times busy;
    struct heap starts; /* id is the slot in `asked` */
    struct idle idle;
    struct queue queue;
    double *asked; /* when each start under way was asked for */
    uint32_t *free_slots;
    size_t n_slots, n_free;
    uint32_t live, starting;
};

struct plain *plain_new(void)
{
    return xcalloc(1, sizeof(struct plain));
}

void plain_free(struct plain *plain)
{
    if (!plain)
        return;
    free(plain->busy.items);
    heap_release(&plain->starts);
    free(plain->idle.items);
    free(plain->queue.items);
    free(plain->asked);
    free(plain->free_slots);
    free(plain);
}

bool plain_fits(const struct settings *s, const struct model *model, const struct outcome *outcome)
{
    bool simple_containers = s->max_inputs == 1 && s->max_batch_size == 1 && s->buffer_containers == 0;
    bool simple_window = dist_is_const(&s->scaledown_window) && s->surplus_window.mean < 0 && s->lifetime.mean < 0;
    bool simple_calls = s->retries == 0 && isinf(s->queue_timeout_s) && s->preempt_every_s == 0 && !s->cancel_starts;
    bool simple_choice = s->dispatch == DISPATCH_NEWEST || s->dispatch == DISPATCH_OLDEST;
    return simple_containers && simple_window && simple_calls && simple_choice &&
           s->policy->scaling == SCALE_ON_DEMAND && !model->slowdown && !model->batch_s && outcome->series.bin_s == 0;
}

static inline void times_push(struct times *times, double time)
{
    if (times->len == times->cap) {
        times->cap = times->cap ? 2 * times->cap : 64;
        times->items = xrealloc(times->items, xmultiply(times->cap, sizeof(double)));
    }
    double *items = times->items;
    size_t at = times->len++;
    while (at > 0 && time < items[(at - 1) / 4]) {
        items[at] = items[(at - 1) / 4];
        at = (at - 1) / 4;
    }
    items[at] = time;
}

static inline void times_replace(struct times *times, double time)
{
    double *items = times->items;
    size_t at = 0, len = times->len, first;
    for (; (first = 4 * at + 1) < len;) {
        size_t least = first, end = first + 4 < len ? first + 4 : len;
        for (size_t child = first + 1; child < end; child++)
            least = items[child] < items[least] ? child : least;
        if (items[least] >= time)
            break;
        items[at] = items[least];
        at = least;
    }
    items[at] = time;
}

static inline void times_pop(struct times *times)
{
    double last = times->items[--times->len];
    if (times->len)
        times_replace(times, last);
}

static void idle_grow(struct idle *idle)
{
    size_t cap = idle->cap ? 2 * idle->cap : 64;
    double *items = xmalloc(xmultiply(cap, sizeof(double)));
    for (size_t i = 0; i < idle->len; i++)
        items[i] = idle->items[(idle->head + i) & (idle->cap - 1)];
    free(idle->items);
    *idle = (struct idle){items, 0, idle->len, cap};
}

static inline void idle_push(struct idle *idle, double since)
{
    if (idle->len == idle->cap)
        idle_grow(idle);
    idle->items[(idle->head + idle->len++) & (idle->cap - 1)] = since;
}

static inline void idle_take(struct idle *idle, bool newest)
{
    idle->len--;
    if (!newest)
        idle->head++;
}

static inline double idle_oldest(const struct idle *idle)
{
    return idle->items[idle->head & (idle->cap - 1)];
}

/* One call, whose end the caller puts into the heap: its length, cut by the time-out. */
static inline double begin_call(struct run *run, double wait, double service)
{
    struct outcome *outcome = run->outcome;
    if (service > run->settings->timeout_s) {
        outcome->timed_out++;
        outcome->busy_s += run->settings->timeout_s;
        return run->settings->timeout_s;
    }
    outcome->busy_s += service;
    outcome->service_s += service;
    outcome_record(outcome, wait + service);
    return service;
}

static void add_slot(struct plain *plain)
{
    size_t n = plain->n_slots ? 2 * plain->n_slots : 16;
    plain->asked = xrealloc(plain->asked, xmultiply(n, sizeof(double)));
    plain->free_slots = xrealloc(plain->free_slots, xmultiply(n, sizeof(uint32_t)));
    for (size_t i = n; i > plain->n_slots; i--)
        plain->free_slots[plain->n_free++] = (uint32_t)(i - 1);
    plain->n_slots = n;
}

static double start_container(struct plain *plain, struct run *run, double now)
{
    double takes = run_draw_start(run);
    run->outcome->starts++;
    run->outcome->start_s += takes;
    run->outcome->sum_starts += now;
    plain->live++;
    if (plain->live > run->outcome->peak_containers)
        run->outcome->peak_containers = plain->live;
    return now + takes;
}

/* Nobody is free: starts a container for the request, lets it wait, or turns it away. */
static void start_or_wait(struct plain *plain, struct run *run, double now, double service, uint32_t number)
{
    struct outcome *outcome = run->outcome;
    bool may_start = plain->live < run->settings->max_containers;
    if (may_start && run->settings->bind_starts) {
        double ready = start_container(plain, run, now);
        outcome_count_cold(outcome, number);
        outcome->waited += ready > now;
        outcome->wait_cold_s += ready - now;
        times_push(&plain->busy, ready + begin_call(run, ready - now, service));
        return;
    }
    if (may_start && plain->starting <= plain->queue.len) {
        if (plain->n_free == 0)
            add_slot(plain);
        uint32_t slot = plain->free_slots[--plain->n_free];
        plain->asked[slot] = now;
        heap_push(&plain->starts, (struct event){start_container(plain, run, now), 0, slot});
        plain->starting++;
    } else if (plain->queue.len >= (uint64_t)run->settings->max_queue + plain->starting) {
        outcome->rejected++;
        return;
    }
    queue_push(&plain->queue, (struct waiting){now, now, service, 0, number});
    if (plain->queue.len > outcome->peak_waiting)
        outcome->peak_waiting = plain->queue.len;
}

/* The request at the head of the queue begins at `now`: how long its call takes. */
static inline double begin_waiting(struct plain *plain, struct run *run, double now, double asked)
{
    struct waiting head = queue_pop(&plain->queue);
    double wait = now - head.since, cold = 0;
    if (asked >= 0) {
        cold = now - (head.since > asked ? head.since : asked);
        outcome_count_cold(run->outcome, head.number);
    }
    run->outcome->waited += wait > 0;
    run->outcome->wait_cold_s += cold;
    run->outcome->wait_queue_s += wait - cold;
    return begin_call(run, wait, head.service);
}

/* The earliest call ends. */
static inline void end_call(struct plain *plain, struct run *run)
{
    double now = plain->busy.items[0];
    if (plain->queue.len) {
        times_replace(&plain->busy, now + begin_waiting(plain, run, now, -1));
        return;
    }
    times_pop(&plain->busy);
    idle_push(&plain->idle, now);
}

static void end_start(struct plain *plain, struct run *run)
{
    struct event ready = plain->starts.events[0];
    heap_pop(&plain->starts);
    plain->starting--;
    plain->free_slots[plain->n_free++] = ready.id;
    if (plain->queue.len)
        times_push(&plain->busy, ready.time + begin_waiting(plain, run, ready.time, plain->asked[ready.id]));
    else
        idle_push(&plain->idle, ready.time);
}

/* Everything that happens up to and at `until`, but for windows. */
static inline void advance(struct plain *plain, struct run *run, double until)
{
    for (;;) {
        double call = plain->busy.len ? plain->busy.items[0] : HUGE_VAL;
        double start = plain->starts.len ? plain->starts.events[0].time : HUGE_VAL;
        if (call <= start && call <= until && plain->busy.len)
            end_call(plain, run);
        else if (start <= until && plain->starts.len)
            end_start(plain, run);
        else
            return;
    }
}

/* Retires what idled for its window before `now`. */
static inline void retire(struct plain *plain, struct run *run, double now)
{
    double window = run->settings->scaledown_window.a;
    while (plain->idle.len && plain->live > run->settings->min_containers && idle_oldest(&plain->idle) + window < now) {
        run->outcome->sum_ends += idle_oldest(&plain->idle) + window;
        idle_take(&plain->idle, false);
        plain->live--;
    }
}

static void begin(struct plain *plain, struct run *run)
{
    plain->busy.len = plain->starts.len = plain->idle.len = plain->queue.len = 0;
    plain->n_free = plain->n_slots = 0;
    plain->live = run->settings->min_containers;
    plain->starting = 0;
    run->outcome->peak_containers = plain->live;
    for (uint32_t i = 0; i < plain->live; i++)
        idle_push(&plain->idle, 0);
}

static void arrive(struct plain *plain, struct run *run, bool newest)
{
    const struct chunk *chunk = &run->chunk;
    for (size_t i = 0; i < chunk->n; i++) {
        double now = chunk->time[i];
        advance(plain, run, now);
        retire(plain, run, now);
        if (plain->idle.len) {
            idle_take(&plain->idle, newest);
            times_push(&plain->busy, now + begin_call(run, 0, chunk->service[i]));
        } else {
            start_or_wait(plain, run, now, chunk->service[i], (uint32_t)(run->outcome->requests + i));
        }
    }
    run->outcome->requests += chunk->n;
}

/* The next end of a call or of a start; HUGE_VAL: there is none. */
static double next_event(const struct plain *plain)
{
    double call = plain->busy.len ? plain->busy.items[0] : HUGE_VAL;
    double start = plain->starts.len ? plain->starts.events[0].time : HUGE_VAL;
    return fmin(call, start);
}

/* Lets everything up to `until` happen, windows in their place. */
static void drain(struct plain *plain, struct run *run, double until)
{
    for (double now = next_event(plain); now <= until && !isinf(now); now = next_event(plain)) {
        advance(plain, run, now);
        retire(plain, run, now);
    }
    retire(plain, run, until);
}

/* After the last arrival: everybody is served, the surplus idles out its window, the minimum runs to the end of the span. */
static void finish(struct plain *plain, struct run *run, double last_arrival)
{
    struct outcome *outcome = run->outcome;
    double end = last_arrival;
    while (plain->busy.len || plain->queue.len) {
        end = next_event(plain);
        drain(plain, run, end);
    }
    outcome->input_s = outcome->busy_s;
    outcome->span_s = run->source->span_s > 0 ? run->source->span_s : last_arrival;
    outcome->end_s = fmax(end, outcome->span_s);
    drain(plain, run, outcome->end_s);
    outcome_mark_end(outcome, plain->live);
    drain(plain, run, HUGE_VAL);
    outcome->sum_ends += (double)plain->live * outcome->end_s;
    for (size_t i = 0; i < plain->idle.len; i++) /* of starts that outlast the end only what lies before it */
        outcome->start_s -= fmax(0, plain->idle.items[(plain->idle.head + i) & (plain->idle.cap - 1)] - outcome->end_s);
}

int plain_run(struct plain *plain, struct run *run, struct err *err)
{
    begin(plain, run);
    double last = 0;
    for (;;) {
        int rc = run_read(run, err);
        if (rc)
            return rc;
        if (run->chunk.n == 0)
            break;
        last = run->chunk.time[run->chunk.n - 1];
        arrive(plain, run, run->settings->dispatch == DISPATCH_NEWEST);
        run->outcome->overloaded = plain->queue.len > QUEUE_MOST;
        if (run->outcome->overloaded)
            break;
        run_slice(run, last, plain->live);
    }
    finish(plain, run, last);
    return 0;
}
