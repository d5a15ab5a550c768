/* A trace: what a file holds, as requests in memory, read again each time, or windows from which arrivals are made. */
#include "simulate/trace.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "simulate/trace_columns.h"
#include "simulate/trace_windows.h"

struct trace {
    struct arena arena;
    const char *path;
    struct trace_options options;
    struct columns columns;
    struct str time_name, service_name;
    double *times, *services;
    uint8_t *cold;
    uint32_t *containers; /* numbered in the order of their first request */
    struct intern names;
    size_t n, cap, unordered;
    double first; /* subtracted from all times */
    bool is_streamed, is_windowed;
    struct trace_windows windows;
    array_of(struct arrivals *) sources;
};

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
    if (trace->times[trace->n - 1] > trace_century_s)
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
        if (!columns_want(&trace->columns, cells))
            continue;
        struct request request = {0};
        rc = columns_request(&trace->columns, rows, cells, &request, err);
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
    int rc = trace_windows_read(&trace->windows, &trace->arena, rows, &trace->options, err);
    trace->is_windowed = trace->windows.kind.ptr != NULL;
    if (rc || trace->is_windowed)
        return rc;
    rc = columns_choose(&trace->columns, &trace->arena, rows, &trace->options, err);
    return rc ? rc : read_requests(trace, rows, err);
}

static int finish_open(struct trace *trace, struct rows *rows, struct err *err)
{
    if (trace->is_windowed) {
        if (trace->options.service_expr)
            return err_set(err, ERR_INPUT, "'%s' has no columns for --service-expr: it holds %.*s", trace->path,
                           STR_ARG(trace->windows.kind));
        return trace_windows_any(&trace->windows) ? 0 : err_set(err, ERR_INPUT, "'%s' holds no request", trace->path);
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
        if (!columns_want(&reader->trace->columns, cells))
            continue;
        rc = columns_request(&reader->trace->columns, reader->rows, cells, &request, err);
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
        windowed_source_init(&reader->windowed, trace->windows.list.items, trace->windows.list.len);
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
        buf_add(out, trace->windows.kind);
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
