/* Maximum likelihood of idle periods.  The log is replayed under a dispatch rule: a warm request takes the container that the rule
 * names, a cold one makes a new one, and proves that all idle ones were gone.  Each idle period then either lasted r seconds and
 * ended with a request (the container lived as long), or its container was gone after u seconds at the latest.
 *
 * A container is gone when its idle window ends or its lifetime does, both drawn from normal distributions.  One observation in a
 * hundred is left to what the model does not know.  The likelihood is smooth but has more than one summit: a pattern search goes
 * up from many places. */
#include "simulate/fit.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/stats.h"
#include "simulate/engine.h"
#include "simulate/policy.h"

enum { LAST_RUNS = 60, CLIMBS = 2, PARAMETERS = 6 };

static const double unknown_share = 0.01, least_spread = 0.01, most_spread = 0.6;

/* An idle period whose container was gone before the next request. */
struct period {
    double idle;  /* how long it was at most */
    double age;   /* the container's, when it began */
    bool surplus; /* other containers were alive */
};

/* Idle periods that ended with a request are many and are counted by length, in bins of 2 %, from 0.1 s to a month. */
enum { BINS = 900 };

static size_t bin_of(double idle)
{
    double at = log(fmax(idle, 0.1) / 0.1) / log(1.02);
    return at < BINS - 1 ? (size_t)at : BINS - 1;
}

static double bin_middle(size_t bin)
{
    return 0.1 * exp(log(1.02) * ((double)bin + 0.5));
}

struct evidence {
    array_of(struct period) deaths;
    uint32_t survived[2][BINS]; /* idle periods that ended with a request: surplus or not, and how long by bin */
    size_t n;
    array_of(double) ages; /* that containers reached, at least */
    size_t newest, oldest; /* where containers have names: of several idle ones known to be alive, which was taken */
};

/* --- replaying a log --- */

struct live {
    double born, free_at;
    double last_use; /* of a named one: when its last request begins; else long ago */
    uint32_t name;
};

struct replay {
    struct arena *arena;
    struct live *live;
    size_t n;
    struct evidence *evidence;
};

/* The idle container that the rule takes, or -1. */
static ptrdiff_t choose(const struct replay *replay, double now, uint32_t dispatch)
{
    ptrdiff_t best = -1;
    for (size_t i = 0; i < replay->n; i++) {
        if (replay->live[i].free_at > now)
            continue;
        bool later = best >= 0 && replay->live[i].free_at > replay->live[best].free_at;
        if (best < 0 || later == (dispatch == DISPATCH_NEWEST))
            best = (ptrdiff_t)i;
    }
    return best;
}

static void observe(struct replay *replay, const struct live *live, double now, bool died, size_t others)
{
    struct evidence *evidence = replay->evidence;
    struct period period = {now - live->free_at, live->free_at - live->born, others > 0};
    evidence->n++;
    if (!died) {
        evidence->survived[period.surplus][bin_of(period.idle)]++;
        return;
    }
    *array_push(replay->arena, &evidence->deaths) = period;
    *array_push(replay->arena, &evidence->ages) = period.age;
}

/* A cold start: whatever is idle is gone.  Where containers have names, those that come back later are not. */
static void bury_idle(struct replay *replay, double now)
{
    size_t kept = 0, before = replay->n;
    for (size_t i = 0; i < before; i++) {
        if (replay->live[i].free_at <= now && replay->live[i].last_use <= now)
            observe(replay, &replay->live[i], now, true, before - 1);
        else
            replay->live[kept++] = replay->live[i];
    }
    replay->n = kept;
}

/* The container of that name, or -1. */
static ptrdiff_t find_named(const struct replay *replay, uint32_t name)
{
    for (size_t i = 0; i < replay->n; i++) {
        if (replay->live[i].name == name)
            return (ptrdiff_t)i;
    }
    return -1;
}

/* Notes whether a named container was the newest or the oldest of the idle ones that are known to be alive. */
static void note_choice(struct replay *replay, size_t taken, double now)
{
    size_t newer = 0, older = 0;
    for (size_t i = 0; i < replay->n; i++) {
        const struct live *other = &replay->live[i];
        if (i == taken || other->free_at > now || other->last_use <= now)
            continue;
        newer += other->free_at > replay->live[taken].free_at;
        older += other->free_at < replay->live[taken].free_at;
    }
    replay->evidence->newest += newer == 0 && older > 0;
    replay->evidence->oldest += older == 0 && newer > 0;
}

/* When each named container began its last request. */
static double *last_uses(const struct fit_log *log)
{
    double *last = xcalloc(log->n_containers + 1, sizeof(double));
    for (size_t i = 0; log->containers && i < log->n; i++)
        last[log->containers[i]] = log->times[i];
    return last;
}

static void replay_log(struct arena *arena, const struct fit_log *log, uint32_t dispatch, struct evidence *evidence)
{
    struct replay replay = {arena, xcalloc(log->n + 1, sizeof(struct live)), 0, evidence};
    double *last = last_uses(log);
    for (size_t i = 0; i < log->n; i++) {
        double now = log->times[i], end = now + log->services[i];
        uint32_t name = log->containers ? log->containers[i] : 0;
        ptrdiff_t taken = -1;
        if (log->cold[i])
            bury_idle(&replay, now);
        else
            taken = log->containers ? find_named(&replay, name) : choose(&replay, now, dispatch);
        if (taken < 0) { /* new, or warm with nobody idle: from before the log, or a clock is a little off */
            replay.live[replay.n++] = (struct live){now, end, log->containers ? last[name] : -HUGE_VAL, name};
            continue;
        }
        if (log->containers)
            note_choice(&replay, (size_t)taken, now);
        observe(&replay, &replay.live[taken], now, false, replay.n - 1);
        replay.live[taken].free_at = end;
    }
    for (size_t i = 0; i < replay.n; i++)
        *array_push(arena, &evidence->ages) = replay.live[i].free_at - replay.live[i].born;
    free(replay.live);
    free(last);
}

/* --- likelihood --- */

/* The share of normal times that are longer than x; 1 where there is no such time. */
static double survival(const struct fit_time *time, double x)
{
    if (time->mean_s <= 0)
        return 1;
    double z = (x - time->mean_s) / (time->mean_s * fmax(time->spread, least_spread));
    return z < -6 ? 1 : 0.5 * erfc(z * M_SQRT1_2);
}

static double log_likelihood_of(double chance)
{
    if (chance == 1) /* most of all: spare the logarithm */
        return -0.010050335853501441;
    return log(unknown_share + (1 - 2 * unknown_share) * chance);
}

static const struct fit_time *window_of(const struct fit_guess *guess, bool surplus)
{
    return surplus && guess->surplus.mean_s > 0 ? &guess->surplus : &guess->window;
}

static double likelihood_of_death(const struct fit_guess *guess, const struct period *period)
{
    double lasts = survival(window_of(guess, period->surplus), period->idle);
    double grew = survival(&guess->lifetime, period->age),
           grows = survival(&guess->lifetime, period->age + period->idle);
    return log_likelihood_of(1 - lasts * (grew > 1e-9 ? grows / grew : 0));
}

static double likelihood(const struct fit_guess *guess, const struct evidence *evidence)
{
    double sum = 0;
    for (int surplus = 0; surplus < 2; surplus++) {
        for (size_t i = 0; i < BINS; i++) {
            uint32_t n = evidence->survived[surplus][i];
            if (n)
                sum += n * log_likelihood_of(survival(window_of(guess, surplus), bin_middle(i)));
        }
    }
    for (size_t i = 0; i < evidence->deaths.len; i++)
        sum += likelihood_of_death(guess, &evidence->deaths.items[i]);
    for (size_t i = 0; guess->lifetime.mean_s > 0 && i < evidence->ages.len; i++)
        sum += log_likelihood_of(survival(&guess->lifetime, evidence->ages.items[i]));
    return sum;
}

/* --- search --- */

static double *parameter(struct fit_guess *guess, int i)
{
    double *parameters[PARAMETERS] = {&guess->window.mean_s, &guess->surplus.mean_s, &guess->lifetime.mean_s,
                                      &guess->window.spread, &guess->surplus.spread, &guess->lifetime.spread};
    return parameters[i];
}

/* One factor up or down on one parameter; what does not apply stays so. */
static bool step(struct fit_guess *guess, int i, double factor)
{
    double *value = parameter(guess, i);
    if (*value <= 0)
        return false;
    *value *= factor;
    return i < 3 || (*value >= least_spread && *value <= most_spread);
}

static double climb(struct fit_guess *guess, const struct evidence *evidence)
{
    double best = likelihood(guess, evidence);
    for (double size = 1.5; size > 1.01; size = sqrt(size)) {
        for (bool better = true; better;) {
            better = false;
            for (int i = 0; i < 2 * PARAMETERS; i++) {
                struct fit_guess next = *guess;
                if (!step(&next, i / 2, i % 2 ? size : 1 / size))
                    continue;
                double here = likelihood(&next, evidence);
                if (here > best + 1e-9) {
                    best = here;
                    *guess = next;
                    better = true;
                }
            }
        }
    }
    return best;
}

struct start {
    struct fit_guess guess;
    double likelihood;
};

static int by_likelihood(const void *a, const void *b)
{
    const struct start *x = a, *y = b;
    return (x->likelihood < y->likelihood) - (x->likelihood > y->likelihood);
}

/* Climbs from the likeliest starts among those with this lifetime (0: none). */
static double search_lifetime(const struct evidence *evidence, bool surplus, double lifetime_s, uint32_t dispatch,
                              struct fit_guess *best_out)
{
    static const double windows[] = {30, 60, 120, 300, 600, 900, 1800, 3600}, ratios[] = {0.5, 1, 2, 4};
    struct start starts[8 * 4];
    size_t n = 0;
    for (size_t w = 0; w < 8; w++) {
        for (size_t r = 0; r < (surplus ? 4 : 1); r++) {
            struct fit_guess guess = {.window = {windows[w], 0.1}, .lifetime = {lifetime_s, 0.1}, .dispatch = dispatch};
            if (surplus)
                guess.surplus = (struct fit_time){windows[w] * ratios[r], 0.2};
            starts[n++] = (struct start){guess, likelihood(&guess, evidence)};
        }
    }
    qsort(starts, n, sizeof(starts[0]), by_likelihood);
    double best = -HUGE_VAL;
    for (size_t i = 0; i < n && i < CLIMBS; i++) {
        double here = climb(&starts[i].guess, evidence);
        if (here > best) {
            best = here;
            *best_out = starts[i].guess;
        }
    }
    return best;
}

/* The best guess of a kind: with or without a window of its own for the surplus, with or without a lifetime. */
static double search_kind(const struct evidence *evidence, bool surplus, bool lifetime, uint32_t dispatch,
                          struct fit_guess *best_out)
{
    static const double lives[] = {3600, 7200, 21600};
    if (!lifetime)
        return search_lifetime(evidence, surplus, 0, dispatch, best_out);
    double best = -HUGE_VAL;
    for (size_t i = 0; i < sizeof(lives) / sizeof(lives[0]); i++) {
        struct fit_guess guess;
        double here = search_lifetime(evidence, surplus, lives[i], dispatch, &guess);
        if (here > best) {
            best = here;
            *best_out = guess;
        }
    }
    return best;
}

/* A further time must earn what its two parameters cost (Bayesian information criterion). */
static double search_dispatch(const struct evidence *evidence, uint32_t dispatch, struct fit_guess *best_out)
{
    double best = -HUGE_VAL, price = log((double)evidence->ages.len + 1);
    for (int kind = 0; kind < 4; kind++) {
        struct fit_guess guess;
        bool surplus = kind & 1, lifetime = kind & 2;
        double here = search_kind(evidence, surplus, lifetime, dispatch, &guess) - price * (surplus + lifetime);
        if (here > best) {
            best = here;
            *best_out = guess;
        }
    }
    return best;
}

enum { NO_LOG = -1 };

/* Which rule the named containers of the logs speak for: how often the newest of several idle ones was taken, and the oldest. */
static uint32_t observed_dispatch(const struct evidence *evidence)
{
    return evidence->oldest > evidence->newest ? DISPATCH_OLDEST : DISPATCH_NEWEST;
}

static void fit_others(struct arena *arena, const struct fit_log *logs, size_t n, ptrdiff_t without, struct fit *fit)
{
    fit->log_likelihood = -HUGE_VAL;
    for (uint32_t dispatch = DISPATCH_NEWEST; dispatch <= DISPATCH_OLDEST; dispatch++) {
        static const struct evidence nothing;
        struct evidence evidence = nothing;
        bool named = true;
        for (size_t i = 0; i < n; i++) {
            if ((ptrdiff_t)i == without)
                continue;
            replay_log(arena, &logs[i], dispatch, &evidence);
            named = named && logs[i].containers;
        }
        struct fit_guess guess;
        double here = search_dispatch(&evidence, named ? observed_dispatch(&evidence) : dispatch, &guess);
        if (here > fit->log_likelihood) {
            fit->log_likelihood = here;
            fit->guess = guess;
            fit->observations = evidence.n;
        }
        if (named) /* what was seen does not depend on the rule */
            return;
    }
}

/* --- what comes of it --- */

static struct dist normal(const struct fit_time *time)
{
    if (time->mean_s <= 0)
        return (struct dist){.mean = -1};
    return dist_of_moments(DIST_NORMAL, time->mean_s, time->spread <= least_spread ? 0 : time->mean_s * time->spread);
}

void fit_apply(const struct fit_guess *guess, struct settings *settings)
{
    settings->scaledown_window = normal(&guess->window);
    settings->surplus_window = normal(&guess->surplus);
    settings->lifetime = normal(&guess->lifetime);
    settings->dispatch = guess->dispatch;
}

int fit_times(struct arena *arena, const struct fit_log *log, struct fit_times *times_out, struct err *err)
{
    double *warm = arena_array(arena, double, log->n), *cold = arena_array(arena, double, log->n);
    size_t n_warm = 0, n_cold = 0;
    for (size_t i = 0; i < log->n; i++) {
        if (log->cold[i])
            cold[n_cold++] = log->services[i];
        else
            warm[n_warm++] = log->services[i];
    }
    if (n_warm == 0 || n_cold == 0)
        return err_set(err, ERR_INPUT, "'%s' has %zu cold and %zu warm requests; fitting needs both", log->name, n_cold,
                       n_warm);
    stats_sort(warm, n_warm);
    stats_sort(cold, n_cold);
    double median = stats_quantile(warm, n_warm, 0.5);
    struct fit_times times = {.services = arena_array(arena, double, log->n), .warm = dist_empirical(warm, n_warm)};
    for (size_t i = 0; i < log->n; i++)
        times.services[i] = log->cold[i] ? median : log->services[i];
    for (size_t i = 0; i < n_cold; i++)
        cold[i] = fmax(0, cold[i] - median);
    times.cold = dist_empirical(cold, n_cold);
    *times_out = times;
    return 0;
}

static void observed_latency(const struct fit_log *log, double *quantiles)
{
    double *sorted = xmalloc(xmultiply(log->n, sizeof(double)));
    memcpy(sorted, log->services, log->n * sizeof(double));
    stats_sort(sorted, log->n);
    quantiles[0] = stats_quantile(sorted, log->n, 0.5);
    quantiles[1] = stats_quantile(sorted, log->n, 0.99);
    free(sorted);
}

/* Runs a guess on one log's arrivals, with calls and starts as `model` has them. */
static struct fit_score score(struct engine *engine, const struct fit_log *log, const struct model *model,
                              const struct fit_guess *guess, uint64_t seed)
{
    struct settings settings = policy_settings(policy_find(STR("aws-lambda")));
    fit_apply(guess, &settings);
    struct memory_source source;
    memory_source_init(&source, log->times, NULL, log->n, 0);
    struct outcome outcome = {0};
    struct fit_score score = {0};
    double squares = 0;
    for (unsigned run = 0; run < LAST_RUNS; run++) {
        double quantiles[TALLY_QUANTILES];
        engine_run(engine, &settings, model, &source.source, seed + run * 7919, &outcome, NULL);
        tally_read(&outcome.latency, quantiles);
        score.predicted += (double)outcome.cold / LAST_RUNS;
        squares += (double)outcome.cold * (double)outcome.cold / LAST_RUNS;
        score.latency_s[0] += quantiles[0] / LAST_RUNS;
        score.latency_s[1] += quantiles[3] / LAST_RUNS;
    }
    outcome_release(&outcome);
    score.spread = sqrt(fmax(0, squares - score.predicted * score.predicted));
    for (size_t i = 0; i < log->n; i++)
        score.observed += log->cold[i];
    observed_latency(log, score.observed_latency_s);
    return score;
}

/* All warm calls and all starts of the logs but one. */
static int pool(struct arena *arena, const struct fit_log *logs, size_t n, ptrdiff_t without, struct model *model_out,
                struct err *err)
{
    array_of(double) warm = {0}, cold = {0};
    for (size_t i = 0; i < n; i++) {
        struct fit_times times;
        int rc = fit_times(arena, &logs[i], &times, err);
        if (rc)
            return rc;
        for (size_t k = 0; (ptrdiff_t)i != without && k < times.warm.n; k++)
            *array_push(arena, &warm) = times.warm.values[k];
        for (size_t k = 0; (ptrdiff_t)i != without && k < times.cold.n; k++)
            *array_push(arena, &cold) = times.cold.values[k];
    }
    stats_sort(warm.items, warm.len);
    stats_sort(cold.items, cold.len);
    *model_out = (struct model){.service = dist_empirical(warm.items, warm.len),
                                .cold = dist_empirical(cold.items, cold.len)};
    return 0;
}

/* Scores a fit on logs [from, to). */
static void conclude(struct arena *arena, const struct fit_log *logs, size_t from, size_t to, const struct model *model,
                     uint64_t seed, struct fit *fit)
{
    fit->scores = arena_array(arena, struct fit_score, to - from);
    fit->error = fit->floor = 0;
    struct engine *engine = engine_new();
    for (size_t i = from; i < to; i++) {
        struct fit_score *s = &fit->scores[i - from];
        *s = score(engine, &logs[i], model, &fit->guess, seed);
        fit->error += fabs(s->predicted - s->observed) / s->observed / (double)(to - from);
        fit->floor += s->spread * sqrt(2 / M_PI) / s->observed / (double)(to - from);
    }
    engine_free(engine);
}

int fit_logs(struct arena *arena, const struct fit_log *logs, size_t n, uint64_t seed, struct fit *fit_out,
             struct err *err)
{
    struct model model;
    int rc = pool(arena, logs, n, NO_LOG, &model, err);
    if (rc)
        return rc;
    fit_others(arena, logs, n, NO_LOG, fit_out);
    conclude(arena, logs, 0, n, &model, seed, fit_out);
    return 0;
}

int fit_leave_one_out(struct arena *arena, const struct fit_log *logs, size_t n, uint64_t seed, struct fit *fits_out,
                      struct err *err)
{
    assert(n >= 2);
    for (size_t i = 0; i < n; i++) {
        struct model model;
        int rc = pool(arena, logs, n, (ptrdiff_t)i, &model, err);
        if (rc)
            return rc;
        fit_others(arena, logs, n, (ptrdiff_t)i, &fits_out[i]);
        conclude(arena, logs, i, i + 1, &model, seed, &fits_out[i]);
    }
    return 0;
}
