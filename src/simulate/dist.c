/* Distributions are given by mean and standard deviation, as people know them, and turned into parameters once. */
#include "simulate/dist.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/stats.h"
#include "base/units.h"

enum { EMPIRICAL_FILE_MOST = 64 << 20 };

static const double longest_s = 100 * 365.25 * 86400;

struct dist dist_const(double value)
{
    return (struct dist){.kind = DIST_CONST, .a = value, .mean = value};
}

struct dist dist_exp(double mean)
{
    return (struct dist){.kind = DIST_EXP, .a = mean, .mean = mean, .sd = mean};
}

struct dist dist_empirical(const double *values, size_t n)
{
    assert(n >= 1);
    double mean = stats_mean(values, n), squares = 0;
    for (size_t i = 0; i < n; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    return (struct dist){
        .kind = DIST_EMPIRICAL, .mean = mean, .sd = sqrt(squares / (double)n), .values = values, .n = n};
}

/* The shape whose coefficient of variation is cv: it falls as the shape grows. */
static double weibull_shape(double cv)
{
    double low = log(0.02), high = log(1000);
    for (int i = 0; i < 200; i++) {
        double middle = (low + high) / 2, shape = exp(middle);
        double log_ratio = lgamma(1 + 2 / shape) - 2 * lgamma(1 + 1 / shape);
        if (expm1(log_ratio) > cv * cv)
            low = middle;
        else
            high = middle;
    }
    return exp((low + high) / 2);
}

struct dist dist_of_moments(enum dist_kind kind, double mean, double sd)
{
    if (sd <= 0 || mean <= 0)
        return dist_const(mean);
    struct dist dist = {.kind = kind, .mean = mean, .sd = sd};
    double cv = sd / mean;
    switch (kind) {
    case DIST_LOGNORMAL:
        dist.b = sqrt(log1p(cv * cv));
        dist.a = log(mean) - dist.b * dist.b / 2;
        return dist;
    case DIST_GAMMA:
        dist.a = 1 / (cv * cv);
        dist.b = mean * cv * cv;
        return dist;
    case DIST_WEIBULL:
        dist.a = weibull_shape(cv);
        dist.b = mean / exp(lgamma(1 + 1 / dist.a));
        return dist;
    case DIST_NORMAL:
        dist.a = mean;
        dist.b = sd;
        return dist;
    default:
        assert(!"a distribution of two moments");
        return dist;
    }
}

static struct dist dist_uniform(double low, double high)
{
    return (struct dist){
        .kind = DIST_UNIFORM, .a = low, .b = high, .mean = (low + high) / 2, .sd = (high - low) / sqrt(12)};
}

struct dist dist_scaled(struct arena *arena, const struct dist *dist, double factor)
{
    switch (dist->kind) {
    case DIST_CONST:
        return dist_const(dist->a * factor);
    case DIST_EXP:
        return dist_exp(dist->a * factor);
    case DIST_UNIFORM:
        return dist_uniform(dist->a * factor, dist->b * factor);
    case DIST_EMPIRICAL: {
        double *values = arena_array(arena, double, dist->n);
        for (size_t i = 0; i < dist->n; i++)
            values[i] = dist->values[i] * factor;
        return dist_empirical(values, dist->n);
    }
    default:
        return dist_of_moments(dist->kind, dist->mean * factor, dist->sd * factor);
    }
}

bool dist_is_const(const struct dist *dist)
{
    return dist->kind == DIST_CONST;
}

/* Polar method; the second number is thrown away, so that a draw depends on nothing before it. */
static double draw_normal(struct rng *rng)
{
    for (;;) {
        double x = 2 * rng_f64(rng) - 1, y = 2 * rng_f64(rng) - 1, r = x * x + y * y;
        if (r > 0 && r < 1)
            return x * sqrt(-2 * log(r) / r);
    }
}

/* Marsaglia and Tsang (2000); below shape 1 by the power of a uniform, in logarithms, since it may be very small. */
static double draw_gamma(double shape, struct rng *rng)
{
    double d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        double x = draw_normal(rng), v = 1 + c * x;
        if (v <= 0)
            continue;
        v = v * v * v;
        double u = 1 - rng_f64(rng);
        if (log(u) >= 0.5 * x * x + d - d * v + d * log(v))
            continue;
        return shape < 1 ? d * v * exp(-rng_exp(rng) / shape) : d * v;
    }
}

double dist_draw(const struct dist *dist, struct rng *rng)
{
    switch (dist->kind) {
    case DIST_CONST:
        return dist->a;
    case DIST_EXP:
        return dist->a * rng_exp(rng);
    case DIST_LOGNORMAL:
        return exp(dist->a + dist->b * draw_normal(rng));
    case DIST_GAMMA:
        return dist->b * draw_gamma(dist->a, rng);
    case DIST_WEIBULL:
        return dist->b * pow(rng_exp(rng), 1 / dist->a);
    case DIST_UNIFORM:
        return dist->a + (dist->b - dist->a) * rng_f64(rng);
    case DIST_NORMAL: {
        double value = dist->a + dist->b * draw_normal(rng);
        return value > 0 ? value : 0;
    }
    case DIST_EMPIRICAL:
        return dist->values[rng_below(rng, dist->n)];
    }
    return 0;
}

void dist_fill(const struct dist *dist, struct rng *rng, double *values, size_t n)
{
    if (dist->kind == DIST_EXP) {
        for (size_t i = 0; i < n; i++)
            values[i] = dist->a * rng_exp(rng);
        return;
    }
    for (size_t i = 0; i < n; i++)
        values[i] = dist_draw(dist, rng);
}

/* How a distribution is written: the number of its parameters, 0 for any number. */
static const struct form {
    const char *name;
    enum dist_kind kind;
    unsigned parameters;
} forms[] = {
    {"const", DIST_CONST, 1},         {"exp", DIST_EXP, 1},
    {"lognormal", DIST_LOGNORMAL, 2}, {"gamma", DIST_GAMMA, 2},
    {"weibull", DIST_WEIBULL, 2},     {"uniform", DIST_UNIFORM, 2},
    {"normal", DIST_NORMAL, 2},       {"empirical", DIST_EMPIRICAL, 0},
};

enum { FORMS = sizeof(forms) / sizeof(forms[0]) };

static int parse_time(struct str text, const char *what, double *value_out, struct err *err)
{
    double value;
    if (!units_parse_duration(text, &value) || !isfinite(value))
        return err_set(err, ERR_USAGE, "%s: '%.*s' is not a time such as 0.5, 20ms or 3s", what, STR_ARG(text));
    if (value < 0 || value > longest_s)
        return err_set(err, ERR_USAGE, "%s: %.*s is not between 0 and 100 years", what, STR_ARG(text));
    *value_out = value;
    return 0;
}

typedef array_of(double) numbers;

/* Numbers separated by `separator`; empty lines of a file are skipped. */
static int parse_numbers(struct arena *arena, struct str text, char separator, const char *what, numbers *out,
                         struct err *err)
{
    struct str piece;
    while (str_cut(&text, separator, &piece)) {
        piece = str_trim(piece);
        if (separator == '\n' && piece.len == 0)
            continue;
        double value;
        int rc = parse_time(piece, what, &value, err);
        if (rc)
            return rc;
        *array_push(arena, out) = value;
    }
    return 0;
}

static int parse_empirical(struct arena *arena, struct str text, const char *what, struct dist *dist_out,
                           struct err *err)
{
    numbers values = {0};
    int rc;
    if (str_starts_with(text, STR("@"))) {
        const char *path = arena_cstr(arena, str_slice(text, 1, text.len));
        struct str bytes;
        rc = file_read(arena, path, EMPIRICAL_FILE_MOST, &bytes, err);
        if (!rc)
            rc = parse_numbers(arena, bytes, '\n', path, &values, err);
    } else {
        rc = parse_numbers(arena, text, ',', what, &values, err);
    }
    if (rc)
        return err_wrap(err, "%s", what);
    if (values.len == 0)
        return err_set(err, ERR_INPUT, "%s: empirical(%.*s) holds no number", what, STR_ARG(text));
    stats_sort(values.items, values.len);
    *dist_out = dist_empirical(values.items, values.len);
    return 0;
}

static int from_parameters(const struct form *form, const double *p, const char *what, struct dist *dist_out,
                           struct err *err)
{
    switch (form->kind) {
    case DIST_CONST:
        *dist_out = dist_const(p[0]);
        return 0;
    case DIST_EXP:
        *dist_out = dist_exp(p[0]);
        return 0;
    case DIST_UNIFORM:
        if (p[1] < p[0])
            return err_set(err, ERR_USAGE, "%s: uniform(%g,%g) ends before it begins", what, p[0], p[1]);
        *dist_out = dist_uniform(p[0], p[1]);
        return 0;
    default:
        if (p[0] <= 0 && p[1] > 0)
            return err_set(err, ERR_USAGE, "%s: %s needs a mean above 0", what, form->name);
        if (p[1] > 40 * p[0] && form->kind != DIST_NORMAL)
            return err_set(err, ERR_USAGE, "%s: a standard deviation of more than 40 means is not supported", what);
        *dist_out = dist_of_moments(form->kind, p[0], p[1]);
        return 0;
    }
}

static int unknown_form(struct str name, const char *what, struct err *err)
{
    err_set(err, ERR_USAGE, "%s: there is no distribution '%.*s'", what, STR_ARG(name));
    return err_hint(err, "const(x), exp(mean), lognormal(mean,sd), gamma(mean,sd), weibull(mean,sd), uniform(a,b), "
                         "normal(mean,sd), empirical(@file); times take units: 20ms, 1.5s");
}

int dist_parse(struct arena *arena, struct str text, const char *what, struct dist *dist_out, struct err *err)
{
    text = str_trim(text);
    ptrdiff_t open = str_find(text, STR("("));
    if (open < 0) {
        double value;
        if (!units_parse_duration(text, &value))
            return unknown_form(text, what, err);
        int rc = parse_time(text, what, &value, err);
        if (!rc)
            *dist_out = dist_const(value);
        return rc;
    }
    struct str name = str_trim(str_slice(text, 0, (size_t)open)), inside = str_slice(text, (size_t)open + 1, text.len);
    if (!str_ends_with(inside, STR(")")))
        return err_set(err, ERR_USAGE, "%s: '%.*s' has no closing )", what, STR_ARG(text));
    inside = str_trim(str_slice(inside, 0, inside.len - 1));
    const struct form *form = NULL;
    for (size_t i = 0; i < FORMS; i++) {
        if (str_equals(name, str_of(forms[i].name)))
            form = &forms[i];
    }
    if (!form)
        return unknown_form(name, what, err);
    if (form->kind == DIST_EMPIRICAL)
        return parse_empirical(arena, inside, what, dist_out, err);
    numbers values = {0};
    int rc = parse_numbers(arena, inside, ',', what, &values, err);
    if (rc)
        return rc;
    if (values.len != form->parameters)
        return err_set(err, ERR_USAGE, "%s: %s takes %u parameter%s, not %zu", what, form->name, form->parameters,
                       form->parameters == 1 ? "" : "s", values.len);
    return from_parameters(form, values.items, what, dist_out, err);
}

void dist_print(const struct dist *dist, struct buf *out)
{
    const struct form *form = &forms[0];
    for (size_t i = 0; i < FORMS; i++) {
        if (forms[i].kind == dist->kind)
            form = &forms[i];
    }
    if (dist->kind == DIST_EMPIRICAL)
        buf_addf(out, "empirical(%zu values, mean %.6g)", dist->n, dist->mean);
    else if (dist->kind == DIST_UNIFORM)
        buf_addf(out, "%s(%.9g,%.9g)", form->name, dist->a, dist->b);
    else if (form->parameters == 1)
        buf_addf(out, "%s(%.9g)", form->name, dist->mean);
    else
        buf_addf(out, "%s(%.9g,%.9g)", form->name, dist->mean, dist->sd);
}
