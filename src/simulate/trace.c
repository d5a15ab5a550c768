/* Three kinds of file: requests, one a row; counts a minute (Azure Functions 2019); windows of rate, CV and law (ServeGen).  The
 * latter two become windows, from which arrivals are made anew for each seed. */
#include "simulate/trace.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/units.h"
#include "simulate/expr.h"
#include "simulate/rows.h"

static const double century_s = 100 * 365.25 * 86400;
enum { NO_COLUMN = -1, MINUTES_MOST = 1440, WINDOWS_MOST = 10000000 };

/* Which cell holds what, and what its numbers are in. */
struct columns {
    int time, service, cold, container, end; /* end: the time column is of the end of the call */
    double time_unit, service_unit;
    int only;
    struct str only_value;
    bool has_expr, unused_service;
    struct expr expr;
};

struct trace {
    struct arena arena;
    const char *path;
    struct trace_options options;
    struct columns columns;
    struct str time_name, service_name, kind;
    double *times, *services, *order;
    uint8_t *cold;
    uint32_t *containers; /* numbered in the order of their first request */
    struct intern names;
    size_t n, cap, unordered;
    double first; /* subtracted from all times */
    bool is_streamed, is_windowed;
    array_of(struct window) windows;
    array_of(struct arrivals *) sources;
};

/* --- times --- */

static bool take_digits(struct str *text, size_t n, int *value_out)
{
    int value = 0;
    if (text->len < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!isdigit((unsigned char)text->ptr[i]))
            return false;
        value = 10 * value + (text->ptr[i] - '0');
    }
    *text = str_slice(*text, n, text->len);
    *value_out = value;
    return true;
}

static bool take_char(struct str *text, const char *of)
{
    if (text->len == 0 || !strchr(of, text->ptr[0]))
        return false;
    *text = str_slice(*text, 1, text->len);
    return true;
}

/* Days since 1970 of a date in the Gregorian calendar. */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = year - (month <= 2), era = y / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* Z, or an offset such as +02:00; nothing is UTC. */
static bool take_zone(struct str *text, double *offset_out)
{
    *offset_out = 0;
    if (text->len == 0 || take_char(text, "Zz"))
        return text->len == 0;
    bool minus = text->ptr[0] == '-';
    int hours, minutes = 0;
    if (!take_char(text, "+-") || !take_digits(text, 2, &hours))
        return false;
    take_char(text, ":");
    if (text->len && !take_digits(text, 2, &minutes))
        return false;
    *offset_out = (minus ? -1 : 1) * (hours * 3600.0 + minutes * 60.0);
    return text->len == 0;
}

static bool parse_iso(struct str text, double *seconds_out)
{
    int year, month, day, hour = 0, minute = 0, second = 0;
    if (!take_digits(&text, 4, &year) || !take_char(&text, "-/") || !take_digits(&text, 2, &month) ||
        !take_char(&text, "-/") || !take_digits(&text, 2, &day) || month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    double fraction = 0, offset = 0;
    if (text.len && take_char(&text, "Tt ")) {
        if (!take_digits(&text, 2, &hour) || !take_char(&text, ":") || !take_digits(&text, 2, &minute))
            return false;
        if (take_char(&text, ":") && !take_digits(&text, 2, &second))
            return false;
        if (take_char(&text, ".,")) {
            double weight = 0.1;
            for (int digit; take_digits(&text, 1, &digit); weight /= 10)
                fraction += digit * weight;
        }
        text = str_trim(text);
        if (!take_zone(&text, &offset) || hour > 24 || minute > 59 || second > 60)
            return false;
    }
    if (text.len)
        return false;
    *seconds_out = (double)days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second + fraction - offset;
    return true;
}

/* What a number of this size is in, if it is a time since 1970. */
static double unit_of(double number)
{
    double size = fabs(number);
    return size > 1e17 ? 1e-9 : size > 1e14 ? 1e-6 : size > 1e11 ? 1e-3 : 1;
}

bool trace_parse_time(struct str text, double *seconds_out)
{
    double number;
    if (str_to_f64(text, &number)) {
        *seconds_out = number * unit_of(number);
        return true;
    }
    return parse_iso(text, seconds_out);
}

/* --- columns --- */

static int find_column(const struct str *names, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++) {
        if (str_equals(names[i], name))
            return (int)i;
    }
    return NO_COLUMN;
}

static bool equals_ignoring_case(struct str a, struct str b)
{
    return a.len == b.len && strncasecmp(a.ptr, b.ptr, a.len) == 0;
}

/* Names that columns go by, best first, and what their numbers are in. */
struct known {
    const char *name;
    double unit; /* 0: found out by size */
};

static const struct known time_names[] = {
    {"client_start_time", 0},
    {"timestamp", 0},
    {"time", 0},
    {"start_time", 0},
    {"start_timestamp", 0},
    {"arrival", 0},
    {"arrival_time", 0},
    {"arrived_at", 0},
    {"started_at", 0},
    {"start", 0},
    {"datetime", 0},
    {"date", 0},
    {"ts", 0},
    {"t", 0},
    {"invocation_time", 0},
    {"time_s", 1},
    {"time_ms", 1e-3},
    {NULL, 0},
};
static const struct known service_names[] = {
    {"client_elapsed_time", 1}, {"service", 1},        {"service_time", 1}, {"service_s", 1}, {"duration", 1},
    {"duration_s", 1},          {"duration_ms", 1e-3}, {"elapsed", 1},      {"elapsed_s", 1}, {NULL, 0},
};
static const struct known cold_names[] = {{"is_cold", 1},    {"cold", 1},           {"coldstart", 1},
                                          {"cold_start", 1}, {"faas.coldstart", 1}, {NULL, 0}};
static const struct known container_names[] = {{"exist_id", 1},      {"container", 1},     {"container_id", 1},
                                               {"instance", 1},      {"instance_id", 1},   {"log_stream", 1},
                                               {"logstreamname", 1}, {"faas.instance", 1}, {NULL, 0}};
static const struct known end_names[] = {{"end_timestamp", 0}, {"end_time", 0}, {NULL, 0}};

static int find_known(const struct str *names, size_t n, const struct known *known, double *unit_out)
{
    for (; known->name; known++) {
        for (size_t i = 0; i < n; i++) {
            if (equals_ignoring_case(names[i], str_of(known->name))) {
                *unit_out = known->unit;
                return (int)i;
            }
        }
    }
    return NO_COLUMN;
}

static int missing(const struct trace *trace, const struct str *names, size_t n, struct str name, struct err *err)
{
    struct buf list = {0};
    for (size_t i = 0; i < n && i < 40; i++)
        buf_addf(&list, "%s%.*s", i ? ", " : "", STR_ARG(names[i]));
    int rc = err_set(err, ERR_INPUT, "'%s' has no column '%.*s'", trace->path, STR_ARG(name));
    err_hint(err, "it has: %s", buf_cstr(&list));
    buf_release(&list);
    return rc;
}

static bool parse_unit(struct str name, double *unit_out)
{
    static const struct known units[] = {{"s", 1}, {"ms", 1e-3}, {"us", 1e-6}, {"ns", 1e-9}, {NULL, 0}};
    for (const struct known *unit = units; unit->name; unit++) {
        if (str_equals(name, str_of(unit->name))) {
            *unit_out = unit->unit;
            return true;
        }
    }
    return false;
}

/* One "ROLE=COLUMN" or "ROLE=COLUMN:UNIT". */
static int map_column(struct trace *trace, const struct str *names, size_t n, struct str role, struct str name,
                      struct err *err)
{
    struct columns *columns = &trace->columns;
    double unit = 0;
    ptrdiff_t colon = str_find_last(name, ':');
    if (colon >= 0 && find_column(names, n, name) < 0 &&
        parse_unit(str_slice(name, (size_t)colon + 1, name.len), &unit))
        name = str_slice(name, 0, (size_t)colon);
    int at = find_column(names, n, name);
    if (at < 0)
        return missing(trace, names, n, name, err);
    if (str_equals(role, STR("time"))) {
        columns->time = at;
        columns->time_unit = unit;
        columns->end = NO_COLUMN;
    } else if (str_equals(role, STR("end"))) {
        columns->time = NO_COLUMN;
        columns->end = at;
        columns->time_unit = unit;
    } else if (str_equals(role, STR("service")) || str_equals(role, STR("duration"))) {
        columns->service = at;
        columns->service_unit = unit > 0 ? unit : 1;
    } else if (str_equals(role, STR("cold"))) {
        columns->cold = at;
    } else if (str_equals(role, STR("container"))) {
        columns->container = at;
    } else {
        err_set(err, ERR_USAGE, "--columns: there is no '%.*s'", STR_ARG(role));
        return err_hint(err, "time, end, service, cold and container can be mapped: --columns time=A,service=B");
    }
    return 0;
}

static int map_columns(struct trace *trace, const struct str *names, size_t n, struct err *err)
{
    struct str rest = str_of(trace->options.columns), piece;
    while (trace->options.columns && str_cut(&rest, ',', &piece)) {
        struct str name = piece, role;
        str_cut(&name, '=', &role);
        if (!name.ptr)
            return err_set(err, ERR_USAGE, "--columns takes time=A,service=B, not '%.*s'", STR_ARG(piece));
        int rc = map_column(trace, names, n, str_trim(role), str_trim(name), err);
        if (rc)
            return rc;
    }
    return 0;
}

static int map_only(struct trace *trace, const struct str *names, size_t n, struct err *err)
{
    if (!trace->options.only)
        return 0;
    struct str value = str_of(trace->options.only), name;
    str_cut(&value, '=', &name);
    if (!value.ptr)
        return err_set(err, ERR_USAGE, "--only takes COLUMN=VALUE, not '%.*s'", STR_ARG(name));
    trace->columns.only = find_column(names, n, str_trim(name));
    trace->columns.only_value = str_trim(value);
    return trace->columns.only < 0 ? missing(trace, names, n, str_trim(name), err) : 0;
}

/* Finds what holds the times and services: by --columns, by known names, or the only column there is. */
static int choose_columns(struct trace *trace, const struct rows *rows, struct err *err)
{
    struct columns *columns = &trace->columns;
    size_t n;
    const struct str *names = rows_names(rows, &n);
    *columns = (struct columns){
        .time = NO_COLUMN,
        .service = NO_COLUMN,
        .cold = NO_COLUMN,
        .container = NO_COLUMN,
        .end = NO_COLUMN,
        .service_unit = 1,
        .only = NO_COLUMN,
        .unused_service = trace->options.no_service,
    };
    columns->time = find_known(names, n, time_names, &columns->time_unit);
    columns->service = find_known(names, n, service_names, &columns->service_unit);
    double unit = 0;
    columns->cold = find_known(names, n, cold_names, &unit);
    columns->container = find_known(names, n, container_names, &unit);
    if (columns->time < 0 && columns->service >= 0)
        columns->end = find_known(names, n, end_names, &columns->time_unit);
    if (columns->time < 0 && columns->end < 0 && !rows_have_heading(rows))
        columns->time = 0;
    int rc = map_columns(trace, names, n, err);
    if (!rc)
        rc = map_only(trace, names, n, err);
    if (rc)
        return rc;
    if (columns->time < 0 && columns->end < 0) {
        missing(trace, names, n, STR("timestamp"), err);
        return err_hint(err, "say which holds the time: --columns time=NAME");
    }
    if (columns->end >= 0 && columns->service < 0)
        return err_set(err, ERR_INPUT, "'%s' has times of the end of calls and no column of their duration",
                       trace->path);
    if (!trace->options.service_expr)
        return 0;
    columns->has_expr = true;
    struct str *copies = arena_array(&trace->arena, struct str, n + 1);
    for (size_t i = 0; i < n; i++)
        copies[i] = arena_copy(&trace->arena, names[i]);
    return expr_parse(&trace->arena, str_of(trace->options.service_expr), "--service-expr", copies, n, &columns->expr,
                      err);
}

/* --- one row --- */

static int bad_cell(const struct rows *rows, const char *what, struct str cell, const char *why, struct err *err)
{
    return err_set(err, ERR_INPUT, "%s:%zu: %s '%.*s' %s", rows_path(rows), rows_line(rows), what, STR_ARG(cell), why);
}

static int read_time(const struct rows *rows, const struct columns *columns, struct str cell, double *time_out,
                     struct err *err)
{
    double time, number;
    if (columns->time_unit > 0 && str_to_f64(cell, &number))
        time = number * columns->time_unit;
    else if (!trace_parse_time(cell, &time))
        return bad_cell(rows, "the time", cell, "is neither a number nor a date such as 2026-01-31T12:00:00Z", err);
    if (!isfinite(time) || time > 10 * century_s)
        return bad_cell(rows, "the time", cell, "is not one that a request can have", err);
    if (time < 0)
        return bad_cell(rows, "the time", cell, "is negative", err);
    *time_out = time;
    return 0;
}

static int check_service(const struct rows *rows, struct str cell, double service, struct err *err)
{
    if (service < 0)
        return bad_cell(rows, "the service time", cell, "is negative", err);
    if (!isfinite(service) || service > century_s)
        return bad_cell(rows, "the service time", cell, "is not one that a call can take", err);
    return 0;
}

static int read_service(const struct rows *rows, const struct columns *columns, const struct str *cells,
                        double *service_out, struct err *err)
{
    double service;
    if (!columns->has_expr) {
        struct str cell = cells[columns->service];
        if (!str_to_f64(cell, &service))
            return bad_cell(rows, "the service time", cell, "is not a number of seconds", err);
        *service_out = service * columns->service_unit;
        return check_service(rows, cell, *service_out, err);
    }
    double values[ROWS_CELLS_MOST];
    size_t n;
    const struct str *names = rows_names(rows, &n);
    for (size_t i = 0; i < n; i++) {
        if (expr_uses(&columns->expr, i) && !str_to_f64(cells[i], &values[i]))
            return err_set(err, ERR_INPUT, "%s:%zu: %.*s is '%.*s', which is no number", rows_path(rows),
                           rows_line(rows), STR_ARG(names[i]), STR_ARG(cells[i]));
    }
    *service_out = expr_eval(&columns->expr, values);
    struct buf text = {0};
    buf_addf(&text, "%g", *service_out);
    int rc = check_service(rows, buf_str(&text), *service_out, err);
    buf_release(&text);
    return rc;
}

struct request {
    double time, service;
    bool cold;
    uint32_t container;
};

static bool wanted(const struct columns *columns, const struct str *cells)
{
    return columns->only < 0 || str_equals(cells[columns->only], columns->only_value);
}

static int read_request(const struct rows *rows, const struct columns *columns, const struct str *cells,
                        struct request *request, struct err *err)
{
    int rc = read_time(rows, columns, cells[columns->time >= 0 ? columns->time : columns->end], &request->time, err);
    request->service = 0;
    bool wants_service = columns->end >= 0 || !columns->unused_service;
    if (!rc && wants_service && (columns->has_expr || columns->service >= 0))
        rc = read_service(rows, columns, cells, &request->service, err);
    if (rc)
        return rc;
    if (columns->time < 0) /* when it began; relative times may begin a little before 0 that way */
        request->time -= request->service;
    if (columns->cold >= 0) {
        struct str cell = cells[columns->cold];
        request->cold = equals_ignoring_case(cell, STR("true")) || str_equals(cell, STR("1"));
    }
    return 0;
}

/* --- windows --- */

static int add_window(struct trace *trace, struct window window, struct err *err)
{
    if (trace->windows.len == WINDOWS_MOST)
        return err_set(err, ERR_INPUT, "'%s' has more than %d windows", trace->path, WINDOWS_MOST);
    *array_push(&trace->arena, &trace->windows) = window;
    return 0;
}

static bool is_law(struct str cell)
{
    return cell.len == 0 || str_equals(cell, STR("Gamma")) || str_equals(cell, STR("Weibull")) ||
           str_equals(cell, STR("Exponential"));
}

/* ServeGen: start, rate, CV, law and two parameters, no heading. */
static bool is_servegen(const struct rows *rows, const struct str *cells, size_t n)
{
    double number;
    return n == 6 && !rows_have_heading(rows) && is_law(cells[3]) && str_to_f64(cells[0], &number) &&
           str_to_f64(cells[1], &number) && str_to_f64(cells[2], &number);
}

static int add_servegen(struct trace *trace, const struct rows *rows, const struct str *cells, struct err *err)
{
    double start, rate, cv;
    if (!str_to_f64(cells[0], &start) || !str_to_f64(cells[1], &rate) || !str_to_f64(cells[2], &cv) ||
        !is_law(cells[3]))
        return err_set(err, ERR_INPUT, "%s:%zu: not a window of start, rate, CV and law", rows_path(rows),
                       rows_line(rows));
    if (!(start >= 0) || !(rate >= 0) || !(cv >= 0) || start > century_s || rate > 1e7)
        return err_set(err, ERR_INPUT, "%s:%zu: start, rate and CV cannot be negative or that large", rows_path(rows),
                       rows_line(rows));
    struct window window = {.start_s = start, .count = rate, .cv = fmin(cv, 40), .law = WINDOW_POISSON};
    if (str_equals(cells[3], STR("Gamma")))
        window.law = WINDOW_GAMMA;
    else if (str_equals(cells[3], STR("Weibull")))
        window.law = WINDOW_WEIBULL;
    return add_window(trace, window, err);
}

/* Windows last until the next one begins, the last one as long as the one before; rates become counts. */
static int close_servegen(struct trace *trace, struct err *err)
{
    struct window *windows = trace->windows.items;
    size_t n = trace->windows.len;
    for (size_t i = 0; i < n; i++) {
        double length = i + 1 < n ? windows[i + 1].start_s - windows[i].start_s : i ? windows[i - 1].length_s : 600;
        if (!(length > 0))
            return err_set(err, ERR_INPUT, "'%s': its windows do not follow one another", trace->path);
        windows[i].length_s = length;
        windows[i].count *= length;
    }
    return 0;
}

/* Azure Functions 2019: columns named 1, 2, … 1440 hold the counts of the day's minutes; rows are functions. */
static size_t count_minutes(const struct rows *rows, size_t *first_out)
{
    size_t n, minutes = 0;
    const struct str *names = rows_names(rows, &n);
    for (size_t i = 0; i < n && minutes < MINUTES_MOST; i++) {
        uint64_t number;
        if (!str_to_u64(names[i], &number) || number != minutes + 1)
            continue;
        if (minutes == 0)
            *first_out = i;
        minutes++;
    }
    return rows_have_heading(rows) && minutes >= 60 ? minutes : 0;
}

static int add_minutes(const struct rows *rows, const struct str *cells, size_t first, size_t minutes, double *counts,
                       struct err *err)
{
    for (size_t i = 0; i < minutes; i++) {
        double count;
        if (cells[first + i].len == 0)
            continue;
        if (!str_to_f64(cells[first + i], &count) || !(count >= 0) || count > 1e8)
            return bad_cell(rows, "the count", cells[first + i], "is no count of a minute", err);
        counts[i] += count;
    }
    return 0;
}

static int read_minutes(struct trace *trace, struct rows *rows, size_t first, size_t minutes, struct err *err)
{
    static const struct {
        const char *name;
        enum window_law law;
    } laws[] = {{"exponential", WINDOW_POISSON}, {"uniform", WINDOW_UNIFORM}, {"equidistant", WINDOW_EVEN}};
    struct window window = {.length_s = 60, .law = WINDOW_POISSON};
    for (size_t i = 0; i < sizeof(laws) / sizeof(laws[0]); i++) {
        if (trace->options.within_minute && strcmp(trace->options.within_minute, laws[i].name) == 0)
            window.law = laws[i].law;
    }
    double *counts = arena_array(&trace->arena, double, minutes);
    const struct str *cells;
    bool more = false;
    int rc = 0;
    while (!rc && !(rc = rows_next(rows, &cells, &more, err)) && more) {
        if (wanted(&trace->columns, cells))
            rc = add_minutes(rows, cells, first, minutes, counts, err);
    }
    for (size_t i = 0; !rc && i < minutes; i++) {
        window.start_s = 60.0 * (double)i;
        window.count = counts[i];
        rc = add_window(trace, window, err);
    }
    trace->kind = STR("counts a minute");
    return rc;
}

static bool has_requests(const struct trace *trace)
{
    double sum = 0;
    for (size_t i = 0; i < trace->windows.len; i++)
        sum += trace->windows.items[i].count;
    return sum > 0;
}

/* --- requests held in memory --- */

static void hold(struct trace *trace, const struct request *request)
{
    if (trace->n == trace->cap) {
        trace->cap = trace->cap ? 2 * trace->cap : 4096;
        trace->times = xrealloc(trace->times, xmultiply(trace->cap, sizeof(double)));
        trace->services = xrealloc(trace->services, xmultiply(trace->cap, sizeof(double)));
        trace->cold = xrealloc(trace->cold, trace->cap);
        trace->containers = xrealloc(trace->containers, xmultiply(trace->cap, sizeof(uint32_t)));
    }
    if (trace->n && request->time < trace->times[trace->n - 1])
        trace->unordered++;
    trace->times[trace->n] = request->time;
    trace->services[trace->n] = request->service;
    trace->containers[trace->n] = request->container;
    trace->cold[trace->n++] = request->cold;
}

static int by_time(const void *a, const void *b)
{
    const struct request *x = a, *y = b;
    return (x->time > y->time) - (x->time < y->time);
}

static void sort_requests(struct trace *trace)
{
    if (trace->unordered == 0)
        return;
    struct request *requests = xmalloc(xmultiply(trace->n, sizeof(*requests)));
    for (size_t i = 0; i < trace->n; i++)
        requests[i] = (struct request){trace->times[i], trace->services[i], trace->cold[i], trace->containers[i]};
    qsort(requests, trace->n, sizeof(*requests), by_time);
    for (size_t i = 0; i < trace->n; i++) {
        trace->times[i] = requests[i].time;
        trace->services[i] = requests[i].service;
        trace->cold[i] = requests[i].cold;
        trace->containers[i] = requests[i].container;
    }
    free(requests);
}

static int settle_times(struct trace *trace, struct err *err)
{
    sort_requests(trace);
    trace->first = trace->times[0];
    for (size_t i = 0; i < trace->n; i++)
        trace->times[i] -= trace->first;
    if (trace->times[trace->n - 1] > century_s)
        return err_set(err, ERR_INPUT, "'%s' lasts longer than a century: are its times of one kind?", trace->path);
    return 0;
}

static int read_requests(struct trace *trace, struct rows *rows, struct err *err)
{
    size_t most = trace->options.hold_most ? trace->options.hold_most : TRACE_HOLD_MOST;
    const struct str *cells;
    bool more;
    for (;;) {
        int rc = rows_next(rows, &cells, &more, err);
        if (rc || !more)
            return rc;
        if (!wanted(&trace->columns, cells))
            continue;
        struct request request = {0};
        rc = read_request(rows, &trace->columns, cells, &request, err);
        if (rc)
            return rc;
        if (trace->n == most) {
            trace->is_streamed = true;
            return 0;
        }
        if (trace->columns.container >= 0)
            request.container = intern_id(&trace->arena, &trace->names, cells[trace->columns.container]);
        hold(trace, &request);
    }
}

/* --- open --- */

static void free_held(struct trace *trace)
{
    free(trace->times);
    free(trace->services);
    free(trace->cold);
    free(trace->containers);
    trace->containers = NULL;
    trace->times = trace->services = NULL;
    trace->cold = NULL;
    trace->n = trace->cap = 0;
}

static int read_windows_or_requests(struct trace *trace, struct rows *rows, struct err *err)
{
    size_t n, first = 0, minutes = count_minutes(rows, &first);
    const struct str *names = rows_names(rows, &n), *cells;
    if (minutes) {
        trace->is_windowed = true;
        trace->columns.only = NO_COLUMN;
        int rc = map_only(trace, names, n, err);
        return rc ? rc : read_minutes(trace, rows, first, minutes, err);
    }
    bool more = n == 6 && !rows_have_heading(rows) && !trace->options.columns;
    int rc = more ? rows_next(rows, &cells, &more, err) : 0;
    if (!rc && more && is_servegen(rows, cells, n)) {
        trace->is_windowed = true;
        trace->kind = STR("windows of rate, CV and law");
        while (!rc && more) {
            rc = add_servegen(trace, rows, cells, err);
            if (!rc)
                rc = rows_next(rows, &cells, &more, err);
        }
        return rc ? rc : close_servegen(trace, err);
    }
    if (!rc && more)
        rc = rows_rewind(rows, err);
    if (!rc)
        rc = choose_columns(trace, rows, err);
    return rc ? rc : read_requests(trace, rows, err);
}

static int finish_open(struct trace *trace, struct rows *rows, struct err *err)
{
    if (trace->is_windowed) {
        if (trace->options.service_expr)
            return err_set(err, ERR_INPUT, "'%s' has no columns for --service-expr: it holds %.*s", trace->path,
                           STR_ARG(trace->kind));
        return has_requests(trace) ? 0 : err_set(err, ERR_INPUT, "'%s' holds no request", trace->path);
    }
    size_t n;
    const struct str *names = rows_names(rows, &n);
    const struct columns *columns = &trace->columns;
    trace->time_name = arena_copy(&trace->arena, names[columns->time >= 0 ? columns->time : columns->end]);
    if (columns->service >= 0)
        trace->service_name = arena_copy(&trace->arena, names[columns->service]);
    if (trace->n == 0) {
        err_set(err, ERR_INPUT, "'%s' holds no request", trace->path);
        return trace->options.only ? err_hint(err, "no row has %s", trace->options.only) : -ERR_INPUT;
    }
    if (!trace->is_streamed)
        return settle_times(trace, err);
    if (trace->unordered)
        return err_set(err, ERR_INPUT, "'%s' is too long to be sorted in memory and not in order: sort it by time",
                       trace->path);
    trace->first = trace->times[0];
    free_held(trace);
    return 0;
}

int trace_open(const char *path, const struct trace_options *options, struct trace **trace_out, struct err *err)
{
    struct trace *trace = xcalloc(1, sizeof(*trace));
    trace->path = arena_cstr(&trace->arena, str_of(path));
    trace->options = *options;
    struct rows *rows = NULL;
    int rc = rows_open(path, &rows, err);
    if (!rc)
        rc = read_windows_or_requests(trace, rows, err);
    if (!rc)
        rc = finish_open(trace, rows, err);
    rows_close(rows);
    if (rc) {
        trace_close(trace);
        return rc;
    }
    *trace_out = trace;
    return 0;
}

/* --- readers --- */

/* One of the three, and what has to be freed. */
struct reader {
    union {
        struct arrivals source;
        struct memory_source memory;
        struct windowed_source windowed;
    };
    const struct trace *trace;
    struct rows *rows;
    double last;
};

static int read_file(struct arrivals *source, struct chunk *chunk, struct err *err)
{
    struct reader *reader = (struct reader *)source;
    const struct str *cells;
    for (chunk->n = 0; chunk->n < SOURCE_CHUNK;) {
        bool more;
        struct request request;
        int rc = rows_next(reader->rows, &cells, &more, err);
        if (rc || !more)
            return rc;
        if (!wanted(&reader->trace->columns, cells))
            continue;
        rc = read_request(reader->rows, &reader->trace->columns, cells, &request, err);
        if (rc)
            return rc;
        double time = request.time - reader->trace->first;
        if (time < reader->last)
            return err_set(err, ERR_INPUT,
                           "%s:%zu: earlier than the line before; a trace too long for memory must be in order",
                           reader->trace->path, rows_line(reader->rows));
        reader->last = time;
        chunk->time[chunk->n] = time;
        chunk->service[chunk->n++] = request.service;
    }
    return 0;
}

static int rewind_file(struct arrivals *source, uint64_t seed, struct err *err)
{
    (void)seed;
    struct reader *reader = (struct reader *)source;
    reader->last = 0;
    return rows_rewind(reader->rows, err);
}

int trace_source(struct trace *trace, struct arrivals **source_out, struct err *err)
{
    struct reader *reader = arena_new(&trace->arena, struct reader);
    reader->trace = trace;
    if (trace->is_windowed) {
        windowed_source_init(&reader->windowed, trace->windows.items, trace->windows.len);
    } else if (trace->is_streamed) {
        int rc = rows_open(trace->path, &reader->rows, err);
        if (rc)
            return rc;
        reader->source = (struct arrivals){read_file, rewind_file, 0, 0, trace_has_service(trace), false};
    } else {
        memory_source_init(&reader->memory, trace->times, trace_has_service(trace) ? trace->services : NULL, trace->n,
                           0);
    }
    *array_push(&trace->arena, &trace->sources) = &reader->source;
    *source_out = &reader->source;
    return 0;
}

void trace_close(struct trace *trace)
{
    if (!trace)
        return;
    for (size_t i = 0; i < trace->sources.len; i++) {
        struct reader *reader = (struct reader *)trace->sources.items[i];
        rows_close(reader->rows);
    }
    free_held(trace);
    arena_release(&trace->arena);
    free(trace);
}

void trace_describe(const struct trace *trace, struct buf *out)
{
    buf_addf(out, "%s: ", trace->path);
    if (trace->is_windowed) {
        buf_add(out, trace->kind);
        return;
    }
    if (str_equals(trace->time_name, STR("1"))) /* no heading */
        buf_add(out, STR("one time a line"));
    else
        buf_addf(out, "time %.*s%s", STR_ARG(trace->time_name), trace->columns.end >= 0 ? " less the duration" : "");
    if (trace->options.service_expr)
        buf_addf(out, ", service %s", trace->options.service_expr);
    else if (trace_has_service(trace))
        buf_addf(out, ", service %.*s", STR_ARG(trace->service_name));
}

size_t trace_unordered(const struct trace *trace)
{
    return trace->unordered;
}

bool trace_is_streamed(const struct trace *trace)
{
    return trace->is_streamed;
}

bool trace_has_service(const struct trace *trace)
{
    return !trace->is_windowed && !trace->options.no_service &&
           (trace->columns.has_expr || trace->columns.service >= 0);
}

void trace_set_services(struct trace *trace, const double *services)
{
    if (trace->n)
        memcpy(trace->services, services, trace->n * sizeof(double));
}

bool trace_arrays(const struct trace *trace, struct trace_arrays *arrays_out)
{
    if (trace->is_windowed || trace->is_streamed)
        return false;
    *arrays_out = (struct trace_arrays){trace->times,
                                        trace_has_service(trace) ? trace->services : NULL,
                                        trace->columns.cold >= 0 ? trace->cold : NULL,
                                        trace->columns.container >= 0 ? trace->containers : NULL,
                                        trace->names.names.len,
                                        trace->n};
    return true;
}
