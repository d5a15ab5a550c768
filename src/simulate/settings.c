/* One table of rows: a key, where it lives, its type and its limits.  Everything that reads or prints settings walks it. */
#include "simulate/settings.h"

#include <math.h>
#include <stddef.h>

#include "base/units.h"
#include "simulate/policy.h"

enum type { WHOLE, SHARE, NUMBER, TIME, MILLISECONDS, DIST, FLAG, WORD, DISPATCH };

struct row {
    const char *key;
    enum type type;
    size_t offset;
    double least, most;
    const char *help;
};

#define AT(field) offsetof(struct settings, field)
static const double year_s = 366 * 86400.0;

static const struct row rows[] = {
    {"gpu", WORD, AT(gpu), 0, 0, "the GPU of a container"},
    {"min_containers", WHOLE, AT(min_containers), 0, CONTAINERS_MOST, "kept running always, warm from the beginning"},
    {"max_containers", WHOLE, AT(max_containers), 1, CONTAINERS_MOST, "never more than these"},
    {"buffer_containers", WHOLE, AT(buffer_containers), 0, CONTAINERS_MOST,
     "idle ones kept ready while there is traffic"},
    {"scaledown_window", DIST, AT(scaledown_window), 0, 366 * 86400.0,
     "how long a container idles before it goes; may be a DIST"},
    {"surplus_window", DIST, AT(surplus_window), 0, 0,
     "the same for a container that is not the only one (none: no difference)"},
    {"lifetime", DIST, AT(lifetime), 0, 0, "how old a container gets, whatever it does (none: as old as it likes)"},
    {"max_inputs", WHOLE, AT(max_inputs), 1, INPUTS_MOST,
     "inputs at once in a container (batches at once with batching)"},
    {"target_inputs", WHOLE, AT(target_inputs), 0, INPUTS_MOST,
     "inputs a container that scaling aims at (0: max_inputs)"},
    {"max_batch_size", WHOLE, AT(max_batch_size), 1, BATCH_MOST, "inputs that one call takes"},
    {"wait_ms", MILLISECONDS, AT(wait_s), 0, 600000, "how long a batch waits to fill"},
    {"enable_memory_snapshot", FLAG, AT(snapshot), 0, 1, "starts are restored from a memory snapshot"},
    {"timeout", TIME, AT(timeout_s), 0, 366 * 86400.0, "a call is ended after this"},
    {"startup_timeout", TIME, AT(startup_timeout_s), 0, 366 * 86400.0, "a start is ended, and repeated, after this"},
    {"queue_timeout", TIME, AT(queue_timeout_s), 0, 366 * 86400.0, "a request that waited this long is given up"},
    {"retries", WHOLE, AT(retries), 0, 100, "how often a failed call is tried again"},
    {"retry_delay", TIME, AT(retry_delay_s), 0, 86400, "wait before the first retry"},
    {"retry_backoff", NUMBER, AT(retry_backoff), 1, 10, "each further wait is this many times longer"},
    {"max_queue", WHOLE, AT(max_queue), 0, UINT32_MAX, "requests that may wait; more are rejected"},
    {"start_failure", SHARE, AT(start_failure), 0, 0.95, "share of starts that fail and are repeated"},
    {"preempt_every", TIME, AT(preempt_every_s), 0, 366 * 86400.0,
     "mean time until a container is taken away (0: never)"},
    {"dispatch", DISPATCH, AT(dispatch), 0, 0, "newest, oldest, random or spread"},
    {"bind_starts", FLAG, AT(bind_starts), 0, 1, "a request waits for the very container it started"},
    {"cancel_starts", FLAG, AT(cancel_starts), 0, 1, "starts that nobody waits for are given up"},
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static const char *const dispatches[] = {[DISPATCH_NEWEST] = "newest",
                                         [DISPATCH_OLDEST] = "oldest",
                                         [DISPATCH_RANDOM] = "random",
                                         [DISPATCH_SPREAD] = "spread"};

enum { DISPATCHES = sizeof(dispatches) / sizeof(dispatches[0]) };

struct settings settings_default(void)
{
    return (struct settings){
        .policy = policy_default(),
        .max_containers = CONTAINERS_MOST,
        .scaledown_window = dist_const(60),
        .surplus_window = {.mean = -1},
        .lifetime = {.mean = -1},
        .max_inputs = 1,
        .max_batch_size = 1,
        .timeout_s = HUGE_VAL,
        .startup_timeout_s = HUGE_VAL,
        .queue_timeout_s = HUGE_VAL,
        .retry_delay_s = 1,
        .retry_backoff = 2,
        .max_queue = UINT32_MAX,
    };
}

static const struct row *find(struct str key)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (str_equals(key, str_of(rows[i].key)))
            return &rows[i];
    }
    return NULL;
}

static int unknown(struct str key, struct err *err)
{
    struct str_nearest nearest = {.distance = 4};
    for (size_t i = 0; i < ROWS; i++)
        str_consider(&nearest, key, str_of(rows[i].key));
    err_set(err, ERR_USAGE, "there is no setting '%.*s'", STR_ARG(key));
    if (nearest.name.len)
        return err_hint(err, "did you mean: %.*s", STR_ARG(nearest.name));
    return err_hint(err, "coldspot plan --help lists them");
}

/* Reads a number of the row's type; times are seconds, milliseconds may be given with another unit. */
static bool read_number(const struct row *row, struct str value, double *number_out)
{
    double number;
    switch (row->type) {
    case MILLISECONDS:
        if (str_to_f64(value, &number)) {
            *number_out = number;
            return true;
        }
        if (!units_parse_duration(value, &number))
            return false;
        *number_out = number * 1000;
        return true;
    case TIME:
        return units_parse_duration(value, number_out);
    default:
        return str_to_f64(value, number_out);
    }
}

static int refuse(const struct row *row, struct str value, struct err *err)
{
    static const char *const wanted[] = {[WHOLE] = "a whole number",
                                         [SHARE] = "a share such as 0.01",
                                         [NUMBER] = "a number",
                                         [TIME] = "a time such as 60s",
                                         [MILLISECONDS] = "milliseconds",
                                         [FLAG] = "true or false",
                                         [DISPATCH] = "newest, oldest, random or spread"};
    return err_set(err, ERR_USAGE, "%s takes %s, not '%.*s'", row->key, wanted[row->type], STR_ARG(value));
}

static int set_number(const struct row *row, void *field, struct str value, struct err *err)
{
    double number;
    bool none = str_equals(value, STR("none"));
    if (none && (row->offset == AT(max_containers) || row->offset == AT(max_queue))) {
        *(uint32_t *)field = (uint32_t)row->most;
        return 0;
    }
    if (none && row->type == TIME && row->offset != AT(retry_delay_s)) {
        *(double *)field = row->offset == AT(preempt_every_s) ? 0 : HUGE_VAL;
        return 0;
    }
    if (!read_number(row, value, &number) || isnan(number) || (row->type == WHOLE && number != floor(number)))
        return refuse(row, value, err);
    if (number < row->least || number > row->most)
        return err_set(err, ERR_USAGE, "%s must be between %.9g and %.9g, not %.*s", row->key, row->least, row->most,
                       STR_ARG(value));
    if (row->type == WHOLE)
        *(uint32_t *)field = (uint32_t)number;
    else
        *(double *)field = row->type == MILLISECONDS ? number / 1000 : number;
    return 0;
}

static int set_flag(const struct row *row, bool *field, struct str value, struct err *err)
{
    bool yes = str_equals(value, STR("true")) || str_equals(value, STR("on")) || str_equals(value, STR("1"));
    bool no = str_equals(value, STR("false")) || str_equals(value, STR("off")) || str_equals(value, STR("0"));
    if (!yes && !no)
        return refuse(row, value, err);
    *field = yes;
    return 0;
}

static int set_dispatch(const struct row *row, uint32_t *field, struct str value, struct err *err)
{
    for (uint32_t i = 0; i < DISPATCHES; i++) {
        if (str_equals(value, str_of(dispatches[i]))) {
            *field = i;
            return 0;
        }
    }
    return refuse(row, value, err);
}

static int set_dist(struct arena *arena, const struct row *row, struct dist *field, struct str value, struct err *err)
{
    struct dist dist = {.mean = -1};
    bool none = row->offset != AT(scaledown_window) && str_equals(value, STR("none"));
    int rc = none ? 0 : dist_parse(arena, value, row->key, &dist, err);
    if (rc)
        return rc;
    if (dist.mean > year_s)
        return err_set(err, ERR_USAGE, "%s must be a year at most, not %.*s", row->key, STR_ARG(value));
    *field = dist;
    return 0;
}

int settings_set_one(struct arena *arena, struct settings *settings, struct str key, struct str value, struct err *err)
{
    const struct row *row = find(key);
    if (!row)
        return unknown(key, err);
    void *field = (char *)settings + row->offset;
    switch (row->type) {
    case DIST:
        return set_dist(arena, row, field, value, err);
    case FLAG:
        return set_flag(row, field, value, err);
    case DISPATCH:
        return set_dispatch(row, field, value, err);
    case WORD:
        *(const char **)field = str_equals(value, STR("none")) ? NULL : arena_cstr(arena, value);
        return 0;
    default:
        return set_number(row, field, value, err);
    }
}

/* Takes the piece before the next comma that is not inside parentheses: windows may be distributions. */
static bool cut_outside(struct str *rest, struct str *piece_out)
{
    if (!rest->ptr)
        return false;
    size_t depth = 0, i = 0;
    for (; i < rest->len && (depth > 0 || rest->ptr[i] != ','); i++) {
        if (rest->ptr[i] == '(')
            depth++;
        else if (rest->ptr[i] == ')' && depth > 0)
            depth--;
    }
    *piece_out = str_trim(str_slice(*rest, 0, i));
    *rest = i < rest->len ? str_slice(*rest, i + 1, rest->len) : (struct str){0};
    return true;
}

int settings_set(struct arena *arena, struct settings *settings, struct str text, struct err *err)
{
    struct str piece;
    while (cut_outside(&text, &piece)) {
        struct str value = piece, key;
        str_cut(&value, '=', &key);
        if (!value.ptr)
            return err_set(err, ERR_USAGE, "--set: '%.*s' is not KEY=VALUE", STR_ARG(piece));
        int rc = settings_set_one(arena, settings, str_trim(key), str_trim(value), err);
        if (rc)
            return err_wrap(err, "--set");
    }
    return 0;
}

enum { AXIS_MOST = 100000 };

static int expand_range(struct arena *arena, const struct row *row, struct str text, size_t dots,
                        struct settings_axis *axis, struct err *err)
{
    double from, to;
    struct str first = str_trim(str_slice(text, 0, dots)), last = str_trim(str_slice(text, dots + 2, text.len));
    if (!str_to_f64(first, &from) || !str_to_f64(last, &to) || from != floor(from) || to != floor(to))
        return err_set(err, ERR_USAGE, "%s=%.*s: a range goes between whole numbers, such as 0..4", row->key,
                       STR_ARG(text));
    if (to < from || to - from >= AXIS_MOST)
        return err_set(err, ERR_USAGE, "%s=%.*s: a range goes upward, with %d values at most", row->key, STR_ARG(text),
                       AXIS_MOST);
    axis->n = (size_t)(to - from) + 1;
    axis->values = arena_array(arena, struct str, axis->n);
    for (size_t i = 0; i < axis->n; i++)
        axis->values[i] = arena_printf(arena, "%.0f", from + (double)i);
    return 0;
}

int settings_parse_axis(struct arena *arena, struct str text, struct settings_axis *axis_out, struct err *err)
{
    struct str values = text, key;
    str_cut(&values, '=', &key);
    if (!values.ptr || str_trim(values).len == 0)
        return err_set(err, ERR_USAGE, "--search takes KEY=a..b or KEY=a,b,c, not '%.*s'", STR_ARG(text));
    const struct row *row = find(str_trim(key));
    if (!row) {
        unknown(str_trim(key), err);
        return err_wrap(err, "--search");
    }
    struct settings_axis axis = {.key = str_of(row->key)};
    ptrdiff_t dots = str_find(values, STR(".."));
    int rc = 0;
    if (dots >= 0) {
        rc = expand_range(arena, row, values, (size_t)dots, &axis, err);
    } else {
        array_of(struct str) list = {0};
        struct str piece;
        while (cut_outside(&values, &piece))
            *array_push(arena, &list) = piece;
        axis.values = list.items;
        axis.n = list.len;
    }
    struct settings trial = settings_default();
    for (size_t i = 0; !rc && i < axis.n; i++)
        rc = settings_set_one(arena, &trial, axis.key, axis.values[i], err);
    if (rc)
        return err_wrap(err, "--search");
    *axis_out = axis;
    return 0;
}

/* A maximum that is its row's own is no maximum. */
static bool is_no_limit(const struct row *row, uint32_t value)
{
    bool is_maximum = row->offset == AT(max_containers) || row->offset == AT(max_queue);
    return is_maximum && value == row->most;
}

static void print_time(double seconds, struct buf *out)
{
    if (isinf(seconds))
        buf_add(out, STR("none"));
    else
        buf_addf(out, "%.9gs", seconds);
}

void settings_print_one(const struct settings *settings, struct str key, struct buf *out)
{
    const struct row *row = find(key);
    if (!row)
        return;
    const void *field = (const char *)settings + row->offset;
    switch (row->type) {
    case WHOLE:
        if (is_no_limit(row, *(const uint32_t *)field))
            buf_add(out, STR("none"));
        else
            buf_addf(out, "%u", *(const uint32_t *)field);
        return;
    case DIST:
        if (((const struct dist *)field)->mean < 0)
            buf_add(out, STR("none"));
        else if (dist_is_const(field))
            print_time(((const struct dist *)field)->mean, out);
        else
            dist_print(field, out);
        return;
    case FLAG:
        buf_addf(out, "%s", *(const bool *)field ? "true" : "false");
        return;
    case WORD:
        buf_addf(out, "%s", *(const char *const *)field ? *(const char *const *)field : "none");
        return;
    case DISPATCH:
        buf_addf(out, "%s", dispatches[*(const uint32_t *)field]);
        return;
    case TIME:
        print_time(*(const double *)field, out);
        return;
    case MILLISECONDS:
        buf_addf(out, "%.9g", *(const double *)field * 1000);
        return;
    default:
        buf_addf(out, "%.9g", *(const double *)field);
    }
}

bool settings_differ(const struct settings *a, const struct settings *b, const char *key)
{
    struct buf x = {0}, y = {0};
    settings_print_one(a, str_of(key), &x);
    settings_print_one(b, str_of(key), &y);
    bool different = !str_equals(buf_str(&x), buf_str(&y));
    buf_release(&x);
    buf_release(&y);
    return different;
}

const char *settings_key(size_t i)
{
    return i < ROWS ? rows[i].key : NULL;
}

const char *settings_help(size_t i)
{
    return i < ROWS ? rows[i].help : NULL;
}

int settings_check(const struct settings *settings, struct err *err)
{
    if (settings->min_containers > settings->max_containers)
        return err_set(err, ERR_USAGE, "min_containers is %u, more than max_containers, %u", settings->min_containers,
                       settings->max_containers);
    if (settings->target_inputs > settings->max_inputs)
        return err_set(err, ERR_USAGE, "target_inputs is %u, more than max_inputs, %u", settings->target_inputs,
                       settings->max_inputs);
    return 0;
}
