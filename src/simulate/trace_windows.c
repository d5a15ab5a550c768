#include "simulate/trace_windows.h"

#include <math.h>
#include <string.h>

#include "base/units.h"
#include "simulate/trace_columns.h"

enum { MINUTES_MOST = 1440, WINDOWS_MOST = 10000000 };

static int add_window(struct trace_windows *windows, struct arena *arena, struct window window, const struct rows *rows,
                      struct err *err)
{
    if (windows->list.len == WINDOWS_MOST)
        return err_set(err, ERR_INPUT, "'%s' has more than %d windows", rows_path(rows), WINDOWS_MOST);
    *array_push(arena, &windows->list) = window;
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

static int add_servegen(struct trace_windows *windows, struct arena *arena, const struct rows *rows,
                        const struct str *cells, struct err *err)
{
    double start, rate, cv;
    if (!str_to_f64(cells[0], &start) || !str_to_f64(cells[1], &rate) || !str_to_f64(cells[2], &cv) ||
        !is_law(cells[3]))
        return err_set(err, ERR_INPUT, "%s:%zu: not a window of start, rate, CV and law", rows_path(rows),
                       rows_line(rows));
    if (!(start >= 0) || !(rate >= 0) || !(cv >= 0) || start > trace_century_s || rate > 1e7)
        return err_set(err, ERR_INPUT, "%s:%zu: start, rate and CV cannot be negative or that large", rows_path(rows),
                       rows_line(rows));
    struct window window = {.start_s = start, .count = rate, .cv = fmin(cv, 40), .law = WINDOW_POISSON};
    if (str_equals(cells[3], STR("Gamma")))
        window.law = WINDOW_GAMMA;
    else if (str_equals(cells[3], STR("Weibull")))
        window.law = WINDOW_WEIBULL;
    return add_window(windows, arena, window, rows, err);
}

/* Windows last until the next one begins, the last one as long as the one before; rates become counts. */
static int close_servegen(struct window *windows, size_t n, const struct rows *rows, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        double length = i + 1 < n ? windows[i + 1].start_s - windows[i].start_s : i ? windows[i - 1].length_s : 600;
        if (!(length > 0))
            return err_set(err, ERR_INPUT, "'%s': its windows do not follow one another", rows_path(rows));
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
            return columns_bad_cell(rows, "the count", cells[first + i], "is no count of a minute", err);
        counts[i] += count;
    }
    return 0;
}

static enum window_law law_of(const char *within_minute)
{
    static const struct {
        const char *name;
        enum window_law law;
    } laws[] = {{"exponential", WINDOW_POISSON}, {"uniform", WINDOW_UNIFORM}, {"equidistant", WINDOW_EVEN}};
    for (size_t i = 0; within_minute && i < sizeof(laws) / sizeof(laws[0]); i++) {
        if (strcmp(within_minute, laws[i].name) == 0)
            return laws[i].law;
    }
    return WINDOW_POISSON;
}

static int read_minutes(struct trace_windows *windows, struct arena *arena, struct rows *rows, size_t first,
                        size_t minutes, const struct trace_options *options, struct err *err)
{
    struct columns columns;
    int rc = columns_choose_only(&columns, rows, options, err);
    double *counts = arena_array(arena, double, minutes);
    const struct str *cells;
    bool more = false;
    while (!rc && !(rc = rows_next(rows, &cells, &more, err)) && more) {
        if (columns_want(&columns, cells))
            rc = add_minutes(rows, cells, first, minutes, counts, err);
    }
    struct window window = {.length_s = 60, .law = law_of(options->within_minute)};
    for (size_t i = 0; !rc && i < minutes; i++) {
        window.start_s = 60.0 * (double)i;
        window.count = counts[i];
        rc = add_window(windows, arena, window, rows, err);
    }
    return rc;
}

/* From its first row, which was read, on. */
static int read_servegen(struct trace_windows *windows, struct arena *arena, struct rows *rows, const struct str *cells,
                         struct err *err)
{
    bool more = true;
    int rc = 0;
    while (!rc && more) {
        rc = add_servegen(windows, arena, rows, cells, err);
        if (!rc)
            rc = rows_next(rows, &cells, &more, err);
    }
    return rc ? rc : close_servegen(windows->list.items, windows->list.len, rows, err);
}

int trace_windows_read(struct trace_windows *windows_out, struct arena *arena, struct rows *rows,
                       const struct trace_options *options, struct err *err)
{
    *windows_out = (struct trace_windows){0};
    size_t first = 0, minutes = count_minutes(rows, &first), n;
    if (minutes) {
        windows_out->kind = STR("counts a minute");
        return read_minutes(windows_out, arena, rows, first, minutes, options, err);
    }
    const struct str *cells;
    rows_names(rows, &n);
    if (n != 6 || rows_have_heading(rows) || options->columns)
        return 0;
    bool more;
    int rc = rows_next(rows, &cells, &more, err);
    if (rc || !more)
        return rc;
    if (!is_servegen(rows, cells, n))
        return rows_rewind(rows, err);
    windows_out->kind = STR("windows of rate, CV and law");
    return read_servegen(windows_out, arena, rows, cells, err);
}

bool trace_windows_any(const struct trace_windows *windows)
{
    double sum = 0;
    for (size_t i = 0; i < windows->list.len; i++)
        sum += windows->list.items[i].count;
    return sum > 0;
}
