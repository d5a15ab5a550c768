/* Chrome's trace event format, as Perfetto and chrome://tracing open it: the phases and imports of the p50 start, its longer
 * input and output, and its memory over time. */
#include "present/export.h"

#include <math.h>

#include "base/jsonw.h"

enum { PID = 1, TID_TIMELINE = 1, TID_IO = 2, LANES = 32 };

/* Shorter ones would hide the rest. */
#define IO_LEAST_S 0.001

static void begin_event(struct jsonw *json, const char *kind, struct str name, uint32_t tid)
{
    jsonw_object(json);
    jsonw_key_string(json, "ph", str_of(kind));
    jsonw_key_string(json, "name", name);
    jsonw_key_u64(json, "pid", PID);
    jsonw_key_u64(json, "tid", tid);
}

static void write_name(struct jsonw *json, const char *what, uint32_t tid, struct str name)
{
    begin_event(json, "M", str_of(what), tid);
    jsonw_key_object(json, "args");
    jsonw_key_string(json, "name", name);
    jsonw_end(json);
    jsonw_end(json);
}

/* In 1/1024 us, which a double holds exactly: ts + dur is to the bit where the next span begins, or readers nest them. */
static double grid_us(double seconds)
{
    return round(seconds * 1e6 * 1024) / 1024;
}

static void write_times(struct jsonw *json, double from_s, double to_s)
{
    jsonw_key_f64(json, "ts", grid_us(from_s));
    jsonw_key_f64(json, "dur", grid_us(to_s) - grid_us(from_s));
}

static void write_timeline(const struct profile *profile, const struct run_start *start, struct jsonw *json)
{
    struct export_spans spans;
    export_timeline(profile, start, &spans);
    for (size_t i = 0; i < spans.len; i++) {
        const struct export_span *span = &spans.items[i];
        begin_event(json, "X", span->name, TID_TIMELINE);
        jsonw_key_string(json, "cat", span->import ? STR("import") : STR("phase"));
        write_times(json, span->from_s, span->to_s);
        if (span->import) {
            jsonw_key_object(json, "args");
            jsonw_key_string(json, "file", span->file);
            jsonw_key_f64(json, "self_ms", round(span->self_s * 1e6) / 1e3);
            jsonw_end(json);
        }
        jsonw_end(json);
    }
}

/* The first lane that is free from that time on; LANES when all are taken. */
static uint32_t find_lane(double ends_s[LANES], const struct run_io *io)
{
    for (uint32_t lane = 0; lane < LANES; lane++) {
        if (ends_s[lane] <= io->first_s) {
            ends_s[lane] = io->last_s;
            return lane;
        }
    }
    return LANES;
}

static void write_io(struct jsonw *json, const struct run_io *io, uint32_t lane)
{
    begin_event(json, "X", io->target.len ? io->target : str_of(run_io_name(io->kind)), TID_IO + lane);
    jsonw_key_string(json, "cat", str_of(run_io_name(io->kind)));
    write_times(json, io->first_s, io->last_s);
    jsonw_key_object(json, "args");
    jsonw_key_u64(json, "calls", io->calls);
    jsonw_key_u64(json, "bytes_in", io->bytes_in);
    jsonw_key_u64(json, "bytes_out", io->bytes_out);
    jsonw_key_f64(json, "inside_ms", round(io->wall_s * 1e6) / 1e3);
    jsonw_end(json);
    jsonw_end(json);
}

static void write_ios(const struct run_start *start, struct jsonw *json)
{
    double ends_s[LANES] = {0};
    uint32_t named = 0;
    for (size_t i = 0; i < start->ios.len; i++) {
        const struct run_io *io = &start->ios.items[i];
        if (io->wall_s < IO_LEAST_S || io->last_s <= io->first_s)
            continue;
        uint32_t lane = find_lane(ends_s, io);
        if (lane == LANES)
            continue;
        write_io(json, io, lane);
        named = lane >= named ? lane + 1 : named;
    }
    for (uint32_t lane = 0; lane < named; lane++)
        write_name(json, "thread_name", TID_IO + lane, STR("input and output"));
}

static void write_memory(const struct run_start *start, struct jsonw *json)
{
    for (size_t i = 0; i < start->samples.len; i++) {
        begin_event(json, "C", STR("resident set"), TID_TIMELINE);
        jsonw_key_f64(json, "ts", start->samples.items[i].at_s * 1e6);
        jsonw_key_object(json, "args");
        jsonw_key_u64(json, "bytes", start->samples.items[i].rss_bytes);
        jsonw_end(json);
        jsonw_end(json);
    }
}

int export_chrome(const struct profile *profile, struct buf *out, struct err *err)
{
    const struct run_start *start = export_start(profile);
    if (!start)
        return err_set(err, ERR_INPUT,
                       "run %.*s has no start that got to the end of its first call: there is no timeline",
                       STR_ARG(profile->run->id));
    struct jsonw json;
    jsonw_init(&json, out, false);
    jsonw_object(&json);
    jsonw_key_string(&json, "displayTimeUnit", STR("ms"));
    jsonw_key_array(&json, "traceEvents");
    write_name(&json, "process_name", TID_TIMELINE, profile->run->target.function);
    write_name(&json, "thread_name", TID_TIMELINE, STR("cold start: phases and imports"));
    write_timeline(profile, start, &json);
    write_ios(start, &json);
    write_memory(start, &json);
    jsonw_end(&json);
    jsonw_end(&json);
    buf_add_char(out, '\n');
    return 0;
}
