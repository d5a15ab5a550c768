/* Arrival traces from files, of whatever kind: one time a line, named columns, counts a minute, windows of rate and law.  What is
 * not said is found out, and told by trace_describe. */
#ifndef COLDSPOT_SIMULATE_TRACE_H
#define COLDSPOT_SIMULATE_TRACE_H

#include "simulate/generate.h"
#include "simulate/source.h"

struct trace_options {
    const char *columns;       /* "time=A,service=B,cold=C,container=D", A may be "A:ms"; NULL: by their names */
    const char *service_expr;  /* a formula over the columns instead of a service column; NULL: none */
    const char *only;          /* "COLUMN=VALUE": rows that have it; NULL: all */
    bool no_service;           /* services are not wanted, whatever columns there are */
    const char *within_minute; /* counts a minute: "exponential", "uniform" or "equidistant"; NULL: exponential */
    size_t hold_most; /* requests to keep in memory; longer traces are read again each time.  0: TRACE_HOLD_MOST */
};

enum { TRACE_HOLD_MOST = 4000000 };

struct trace;

/* Reads the trace through once.  Times are checked: in order or sorted (in memory only), never negative, infinite or a century
 * apart; services not negative.  An empty trace, an unknown column and a bad value are ERR_INPUT with file and line. */
int trace_open(const char *path, const struct trace_options *options, struct trace **trace_out, struct err *err);
void trace_close(struct trace *trace);

/* A reader of its own, for one thread; freed with the trace. */
int trace_source(struct trace *trace, struct arrivals **source_out, struct err *err);

/* What it is, for people: "AzureLLM.csv: time TIMESTAMP, service 0.03*GeneratedTokens". */
void trace_describe(const struct trace *trace, struct buf *out);

/* Rows that were out of order and were sorted. */
size_t trace_unordered(const struct trace *trace);
bool trace_is_streamed(const struct trace *trace);
bool trace_has_service(const struct trace *trace);

/* Arrays of the requests in order, where they are held: cold and containers are NULL without such columns. */
struct trace_arrays {
    const double *times, *services;
    const uint8_t *cold;
    const uint32_t *containers; /* below n_containers */
    size_t n_containers, n;
};
bool trace_arrays(const struct trace *trace, struct trace_arrays *arrays_out);

/* Other services for the requests that are held, in their order; borrowed. */
void trace_set_services(struct trace *trace, const double *services);

#endif
