#include "simulate/trace_columns.h"

#include <math.h>
#include <strings.h>

#include "base/buf.h"
#include "base/units.h"
#include "simulate/trace_time.h"

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

/* The error of a column that is not there: what there is instead. */
static int missing(const struct rows *rows, struct str name, struct err *err)
{
    size_t n;
    const struct str *names = rows_names(rows, &n);
    struct buf list = {0};
    for (size_t i = 0; i < n && i < 40; i++)
        buf_addf(&list, "%s%.*s", i ? ", " : "", STR_ARG(names[i]));
    int rc = err_set(err, ERR_INPUT, "'%s' has no column '%.*s'", rows_path(rows), STR_ARG(name));
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
static int map_column(struct columns *columns, const struct rows *rows, struct str role, struct str name,
                      struct err *err)
{
    size_t n;
    const struct str *names = rows_names(rows, &n);
    double unit = 0;
    ptrdiff_t colon = str_find_last(name, ':');
    if (colon >= 0 && find_column(names, n, name) < 0 &&
        parse_unit(str_slice(name, (size_t)colon + 1, name.len), &unit))
        name = str_slice(name, 0, (size_t)colon);
    int at = find_column(names, n, name);
    if (at < 0)
        return missing(rows, name, err);
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

static int map_columns(struct columns *columns, const struct rows *rows, const char *mapping, struct err *err)
{
    struct str rest = str_of(mapping), piece;
    while (mapping && str_cut(&rest, ',', &piece)) {
        struct str name = piece, role;
        str_cut(&name, '=', &role);
        if (!name.ptr)
            return err_set(err, ERR_USAGE, "--columns takes time=A,service=B, not '%.*s'", STR_ARG(piece));
        int rc = map_column(columns, rows, str_trim(role), str_trim(name), err);
        if (rc)
            return rc;
    }
    return 0;
}

int columns_choose_only(struct columns *columns, const struct rows *rows, const struct trace_options *options,
                        struct err *err)
{
    columns->only = NO_COLUMN;
    if (!options->only)
        return 0;
    struct str value = str_of(options->only), name;
    str_cut(&value, '=', &name);
    if (!value.ptr)
        return err_set(err, ERR_USAGE, "--only takes COLUMN=VALUE, not '%.*s'", STR_ARG(name));
    size_t n;
    const struct str *names = rows_names(rows, &n);
    columns->only = find_column(names, n, str_trim(name));
    columns->only_value = str_trim(value);
    return columns->only < 0 ? missing(rows, str_trim(name), err) : 0;
}

/* By the names that the columns have. */
static void find_columns(struct columns *columns, const struct rows *rows)
{
    size_t n;
    const struct str *names = rows_names(rows, &n);
    double unit = 0;
    columns->time = find_known(names, n, time_names, &columns->time_unit);
    columns->service = find_known(names, n, service_names, &columns->service_unit);
    columns->cold = find_known(names, n, cold_names, &unit);
    columns->container = find_known(names, n, container_names, &unit);
    if (columns->time < 0 && columns->service >= 0)
        columns->end = find_known(names, n, end_names, &columns->time_unit);
    if (columns->time < 0 && columns->end < 0 && !rows_have_heading(rows))
        columns->time = 0;
}

static int check_columns(const struct columns *columns, const struct rows *rows, struct err *err)
{
    if (columns->time < 0 && columns->end < 0) {
        missing(rows, STR("timestamp"), err);
        return err_hint(err, "say which holds the time: --columns time=NAME");
    }
    if (columns->end >= 0 && columns->service < 0)
        return err_set(err, ERR_INPUT, "'%s' has times of the end of calls and no column of their duration",
                       rows_path(rows));
    return 0;
}

static int parse_service(struct columns *columns, struct arena *arena, const struct rows *rows, const char *formula,
                         struct err *err)
{
    size_t n;
    const struct str *names = rows_names(rows, &n);
    struct str *copies = arena_array(arena, struct str, n + 1);
    for (size_t i = 0; i < n; i++)
        copies[i] = arena_copy(arena, names[i]);
    columns->has_expr = true;
    return expr_parse(arena, str_of(formula), "--service-expr", copies, n, &columns->expr, err);
}

int columns_choose(struct columns *columns, struct arena *arena, const struct rows *rows,
                   const struct trace_options *options, struct err *err)
{
    *columns = (struct columns){
        .time = NO_COLUMN,
        .service = NO_COLUMN,
        .cold = NO_COLUMN,
        .container = NO_COLUMN,
        .end = NO_COLUMN,
        .service_unit = 1,
        .only = NO_COLUMN,
        .unused_service = options->no_service,
    };
    find_columns(columns, rows);
    int rc = map_columns(columns, rows, options->columns, err);
    if (!rc)
        rc = columns_choose_only(columns, rows, options, err);
    if (!rc)
        rc = check_columns(columns, rows, err);
    if (!rc && options->service_expr)
        rc = parse_service(columns, arena, rows, options->service_expr, err);
    return rc;
}

/* --- one row --- */

int columns_bad_cell(const struct rows *rows, const char *what, struct str cell, const char *why, struct err *err)
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
        return columns_bad_cell(rows, "the time", cell, "is neither a number nor a date such as 2026-01-31T12:00:00Z",
                                err);
    if (!isfinite(time) || time > 10 * trace_century_s)
        return columns_bad_cell(rows, "the time", cell, "is not one that a request can have", err);
    if (time < 0)
        return columns_bad_cell(rows, "the time", cell, "is negative", err);
    *time_out = time;
    return 0;
}

static int check_service(const struct rows *rows, struct str cell, double service, struct err *err)
{
    if (service < 0)
        return columns_bad_cell(rows, "the service time", cell, "is negative", err);
    if (!isfinite(service) || service > trace_century_s)
        return columns_bad_cell(rows, "the service time", cell, "is not one that a call can take", err);
    return 0;
}

static int read_service(const struct rows *rows, const struct columns *columns, const struct str *cells,
                        double *service_out, struct err *err)
{
    double service;
    if (!columns->has_expr) {
        struct str cell = cells[columns->service];
        if (!str_to_f64(cell, &service))
            return columns_bad_cell(rows, "the service time", cell, "is not a number of seconds", err);
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

bool columns_want(const struct columns *columns, const struct str *cells)
{
    return columns->only < 0 || str_equals(cells[columns->only], columns->only_value);
}

int columns_request(const struct columns *columns, const struct rows *rows, const struct str *cells,
                    struct request *request, struct err *err)
{
    *request = (struct request){0};
    int rc = read_time(rows, columns, cells[columns->time >= 0 ? columns->time : columns->end], &request->time, err);
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
