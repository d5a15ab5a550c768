/* Generators keep one random stream each and draw gap after gap; a seed gives the same arrivals whatever is simulated on them. */
#include "simulate/generate.h"

#include <math.h>
#include <string.h>

#include "base/units.h"

/* The rate of the modulated kinds at a moment, over their mean. */
static double rate_now(struct generated_source *g)
{
    const struct generator *want = &g->generator;
    if (want->kind == GENERATE_DIURNAL)
        return 1 - (want->peak - 1) * cos(2 * M_PI * g->now / want->period_s);
    double quiet = (1 - want->peak * want->busy_share) / (1 - want->busy_share);
    return g->busy ? want->peak : quiet;
}

/* MMPP: within a state arrivals are Poisson; both are memoryless, so the gap may be drawn anew at every change of state. */
static double next_mmpp(struct generated_source *g)
{
    const struct generator *want = &g->generator;
    for (;;) {
        double rate = want->rate * rate_now(g);
        double at = rate > 0 ? g->now + rng_exp(&g->rng) / rate : HUGE_VAL;
        if (at <= g->state_ends)
            return at;
        g->now = g->state_ends;
        g->busy = !g->busy;
        double dwell = g->busy ? want->dwell_s : want->dwell_s * (1 - want->busy_share) / want->busy_share;
        g->state_ends += rng_exp(&g->rng) * dwell;
    }
}

/* Daily shape by thinning: candidates at the highest rate, each kept with the share that its moment has of it. */
static double next_diurnal(struct generated_source *g)
{
    const struct generator *want = &g->generator;
    do {
        g->now += rng_exp(&g->rng) / (want->rate * want->peak);
    } while (rng_f64(&g->rng) * want->peak > rate_now(g));
    return g->now;
}

static double next_arrival(struct generated_source *g)
{
    switch (g->generator.kind) {
    case GENERATE_MMPP:
        return next_mmpp(g);
    case GENERATE_DIURNAL:
        return next_diurnal(g);
    default:
        return g->now + dist_draw(&g->gap, &g->rng);
    }
}

/* Poisson gaps are most of what is simulated: a loop of their own. */
static size_t fill_exponential(struct generated_source *g, double *times, size_t n)
{
    double now = g->now, mean = g->gap.a, span = g->generator.span_s > 0 ? g->generator.span_s : HUGE_VAL;
    size_t i = 0;
    for (; i < n; i++) {
        now += mean * rng_exp(&g->rng);
        if (now > span)
            break;
        times[i] = now;
    }
    g->now = now;
    return i;
}

static int read_generated(struct arrivals *source, struct chunk *chunk, struct err *err)
{
    (void)err;
    struct generated_source *g = (struct generated_source *)source;
    size_t n = SOURCE_CHUNK;
    if (g->generator.requests && g->generator.requests - g->made < n)
        n = g->generator.requests - g->made;
    double span = g->generator.span_s > 0 ? g->generator.span_s : HUGE_VAL;
    chunk->n = 0;
    if (g->now > span)
        return 0;
    if (g->gap.kind == DIST_EXP && g->generator.kind == GENERATE_POISSON) {
        chunk->n = fill_exponential(g, chunk->time, n);
    } else {
        while (chunk->n < n) {
            g->now = next_arrival(g);
            if (g->now > span)
                break;
            chunk->time[chunk->n++] = g->now;
        }
    }
    g->made += chunk->n;
    return 0;
}

static int rewind_generated(struct arrivals *source, uint64_t seed, struct err *err)
{
    (void)err;
    struct generated_source *g = (struct generated_source *)source;
    rng_init(&g->rng, seed);
    g->now = g->state_ends = 0;
    g->busy = false;
    g->made = 0;
    if (g->generator.kind == GENERATE_MMPP) {
        g->busy = rng_f64(&g->rng) < g->generator.busy_share;
        double dwell = g->generator.dwell_s;
        if (!g->busy)
            dwell *= (1 - g->generator.busy_share) / g->generator.busy_share;
        g->state_ends = rng_exp(&g->rng) * dwell;
    }
    return 0;
}

static int check(const struct generator *want, struct err *err)
{
    if (!(want->rate > 0) || want->rate > 1e9)
        return err_set(err, ERR_USAGE, "--rate must be above 0 and at most 1e9 requests a second");
    if (want->cv < 0 || want->cv > 40)
        return err_set(err, ERR_USAGE, "--cv must be between 0 and 40");
    if (want->kind == GENERATE_MMPP &&
        (want->busy_share <= 0 || want->busy_share >= 1 || want->peak < 1 || want->peak * want->busy_share > 1))
        return err_set(err, ERR_USAGE, "mmpp(peak,share,dwell): peak must be 1 or more, and peak x share at most 1");
    if (want->kind == GENERATE_MMPP && !(want->dwell_s > 0))
        return err_set(err, ERR_USAGE, "mmpp(peak,share,dwell): dwell must be above 0");
    if (want->kind == GENERATE_DIURNAL && (want->peak < 1 || want->peak > 2 || !(want->period_s > 0)))
        return err_set(err, ERR_USAGE, "diurnal(peak,period): peak must be between 1 and 2, period above 0");
    return 0;
}

int generated_source_init(struct generated_source *generated, const struct generator *generator, struct err *err)
{
    int rc = check(generator, err);
    if (rc)
        return rc;
    memset(generated, 0, sizeof(*generated));
    generated->source = (struct arrivals){
        read_generated, rewind_generated, generator->span_s, generator->requests, false, true};
    if (generator->requests == 0)
        generated->source.requests = (uint64_t)fmin(generator->rate * generator->span_s, 1e18);
    generated->generator = *generator;
    double mean = 1 / generator->rate;
    switch (generator->kind) {
    case GENERATE_GAMMA:
        generated->gap = dist_of_moments(DIST_GAMMA, mean, mean * generator->cv);
        break;
    case GENERATE_WEIBULL:
        generated->gap = dist_of_moments(DIST_WEIBULL, mean, mean * generator->cv);
        break;
    default:
        generated->gap = dist_exp(mean);
    }
    return rewind_generated(&generated->source, 1, err);
}

/* What may be written in --arrivals: a name and how many numbers follow it. */
static const struct {
    const char *name, *words;
    size_t least, most;
} kinds[] = {
    [GENERATE_POISSON] = {"poisson", "Poisson", 0, 0}, [GENERATE_GAMMA] = {"gamma", "gamma", 0, 1},
    [GENERATE_WEIBULL] = {"weibull", "Weibull", 0, 1}, [GENERATE_MMPP] = {"mmpp", "modulated Poisson", 3, 3},
    [GENERATE_DIURNAL] = {"diurnal", "daily", 2, 2},
};

static void set_parameters(struct generator *generator, enum generator_kind kind, const double *p, size_t n)
{
    generator->kind = kind;
    switch (kind) {
    case GENERATE_MMPP:
        generator->peak = p[0];
        generator->busy_share = p[1];
        generator->dwell_s = p[2];
        return;
    case GENERATE_DIURNAL:
        generator->peak = p[0];
        generator->period_s = p[1];
        return;
    default:
        generator->cv = n ? p[0] : generator->cv;
    }
}

int generator_parse(struct str text, struct generator *generator, struct err *err)
{
    struct str inside = text, name = {0};
    str_cut(&inside, '(', &name);
    double p[3] = {0};
    size_t n = 0;
    bool closed = !inside.ptr || str_ends_with(inside, STR(")"));
    if (inside.ptr) {
        struct str piece;
        inside = str_slice(inside, 0, inside.len ? inside.len - 1 : 0);
        while (closed && n < 3 && str_cut(&inside, ',', &piece)) {
            if (!units_parse_duration(str_trim(piece), &p[n++]))
                return err_set(err, ERR_USAGE, "--arrivals: '%.*s' is not a number", STR_ARG(piece));
        }
        closed = closed && !inside.ptr;
    }
    for (size_t i = 0; closed && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (!str_equals(str_trim(name), str_of(kinds[i].name)) || n < kinds[i].least || n > kinds[i].most)
            continue;
        set_parameters(generator, (enum generator_kind)i, p, n);
        return 0;
    }
    err_set(err, ERR_USAGE, "--arrivals: '%.*s' is no way to make arrivals", STR_ARG(text));
    return err_hint(err, "poisson, gamma(cv), weibull(cv), mmpp(peak,share,dwell), diurnal(peak,period), or several: "
                         "'3*poisson + mmpp(20,0.02,30s)'");
}

/* Takes the piece before the next + that is not inside parentheses. */
static bool cut_part(struct str *rest, struct str *piece_out)
{
    size_t depth = 0, i = 0;
    if (!rest->ptr)
        return false;
    for (; i < rest->len && (depth > 0 || rest->ptr[i] != '+'); i++) {
        if (rest->ptr[i] == '(')
            depth++;
        else if (rest->ptr[i] == ')' && depth > 0)
            depth--;
    }
    *piece_out = str_trim(str_slice(*rest, 0, i));
    *rest = i < rest->len ? str_slice(*rest, i + 1, rest->len) : (struct str){0};
    return true;
}

/* "0.3*diurnal(1.8,24h)": the rate is the share until all are known. */
static int parse_part(struct str piece, struct generator *part, struct err *err)
{
    struct str kind = piece, factor;
    str_cut(&kind, '*', &factor);
    part->rate = 1;
    if (kind.ptr && (!str_to_f64(str_trim(factor), &part->rate) || !(part->rate > 0) || isinf(part->rate)))
        return err_set(err, ERR_USAGE, "--arrivals: a share of the requests is a number above 0, not '%.*s'",
                       STR_ARG(factor));
    return generator_parse(kind.ptr ? str_trim(kind) : piece, part, err);
}

int generator_parse_mix(struct str text, const struct generator *whole, struct generator *parts_out, size_t *n_out,
                        struct err *err)
{
    struct str piece;
    double shares = 0;
    size_t n = 0;
    while (cut_part(&text, &piece)) {
        if (n == GENERATORS_MOST)
            return err_set(err, ERR_USAGE, "--arrivals: at most %d kinds are mixed", GENERATORS_MOST);
        parts_out[n] = *whole;
        int rc = parse_part(piece, &parts_out[n], err);
        if (rc)
            return rc;
        shares += parts_out[n++].rate;
    }
    for (size_t i = 0; i < n; i++)
        parts_out[i].rate *= whole->rate / shares;
    *n_out = n;
    return 0;
}

const char *generator_words(const struct generator *generator)
{
    return kinds[generator->kind].words;
}

/* Opens the next window.  Renewals begin with a gap that is cut at random, so that windows do not all begin with a request. */
static void open_window(struct windowed_source *w)
{
    const struct window *window = &w->windows[w->at];
    w->is_open = window->count > 0;
    w->left = (uint64_t)window->count;
    w->made = 0;
    w->now = window->start_s;
    if (!w->is_open || window->law == WINDOW_EVEN || window->law == WINDOW_UNIFORM)
        return;
    double mean = window->length_s / window->count;
    w->gap = dist_exp(mean);
    if (window->law != WINDOW_POISSON)
        w->gap = dist_of_moments(window->law == WINDOW_GAMMA ? DIST_GAMMA : DIST_WEIBULL, mean, mean * window->cv);
    w->now += rng_f64(&w->rng) * dist_draw(&w->gap, &w->rng);
}

/* The next time in the window; false when it is over. */
static bool next_in_window(struct windowed_source *w, double *time_out)
{
    const struct window *window = &w->windows[w->at];
    double end = window->start_s + window->length_s;
    if (window->law == WINDOW_EVEN || window->law == WINDOW_UNIFORM) {
        if (w->left == 0)
            return false;
        if (window->law == WINDOW_EVEN)
            w->now = window->start_s + window->length_s * ((double)w->made + 0.5) / (double)(w->made + w->left);
        else /* the least of as many uniform times as are left */
            w->now += (end - w->now) * (1 - pow(1 - rng_f64(&w->rng), 1.0 / (double)w->left));
        w->made++;
        w->left--;
        *time_out = w->now;
        return true;
    }
    if (w->now >= end)
        return false;
    *time_out = w->now;
    w->now += dist_draw(&w->gap, &w->rng);
    return true;
}

static int read_windowed(struct arrivals *source, struct chunk *chunk, struct err *err)
{
    (void)err;
    struct windowed_source *w = (struct windowed_source *)source;
    for (chunk->n = 0; chunk->n < SOURCE_CHUNK && w->at < w->n;) {
        if (!w->is_open)
            open_window(w);
        if (w->is_open && next_in_window(w, &chunk->time[chunk->n])) {
            chunk->n++;
            continue;
        }
        w->is_open = false;
        w->at++;
    }
    return 0;
}

static int rewind_windowed(struct arrivals *source, uint64_t seed, struct err *err)
{
    (void)err;
    struct windowed_source *w = (struct windowed_source *)source;
    rng_init(&w->rng, seed);
    w->at = 0;
    w->is_open = false;
    return 0;
}

void windowed_source_init(struct windowed_source *windowed, const struct window *windows, size_t n)
{
    memset(windowed, 0, sizeof(*windowed));
    windowed->source = (struct arrivals){read_windowed, rewind_windowed, 0, 0, false, true};
    if (n)
        windowed->source.span_s = windows[n - 1].start_s + windows[n - 1].length_s;
    windowed->windows = windows;
    windowed->n = n;
    rng_init(&windowed->rng, 1);
}
