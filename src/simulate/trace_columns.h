/* Which column of a file of requests holds what, and one request read from a row by that. */
#ifndef COLDSPOT_SIMULATE_TRACE_COLUMNS_H
#define COLDSPOT_SIMULATE_TRACE_COLUMNS_H

#include <stdbool.h>
#include <stdint.h>

#include "simulate/expr.h"
#include "simulate/rows.h"
#include "simulate/trace.h"

enum { NO_COLUMN = -1 };

/* Numbers of columns, or NO_COLUMN, and what the numbers in them are in (seconds a unit; 0: found out by their size). */
struct columns {
    int time, service, cold, container, end; /* end: the time column is of the end of the call */
    double time_unit, service_unit;
    int only;
    struct str only_value;
    bool has_expr, unused_service;
    struct expr expr;
};

struct request {
    double time, service; /* seconds */
    bool cold;
    uint32_t container; /* the caller's */
};

/* Finds what holds the times and services: by options->columns, by known names, or the only column there is.  Its texts live in
 * arena and options.  A column that is not there is ERR_INPUT with those that are; a mapping that cannot be read ERR_USAGE. */
int columns_choose(struct columns *columns, struct arena *arena, const struct rows *rows,
                   const struct trace_options *options, struct err *err);

/* Of all that, only which rows options->only asks for. */
int columns_choose_only(struct columns *columns, const struct rows *rows, const struct trace_options *options,
                        struct err *err);

/* Whether options->only asks for this row. */
bool columns_want(const struct columns *columns, const struct str *cells);

/* The request of a row, all but its container.  A value that no request can have is ERR_INPUT with file and line. */
int columns_request(const struct columns *columns, const struct rows *rows, const struct str *cells,
                    struct request *request_out, struct err *err);

/* The error of a cell: "FILE:LINE: WHAT 'CELL' WHY". */
int columns_bad_cell(const struct rows *rows, const char *what, struct str cell, const char *why, struct err *err);

/* The longest that a trace's times can be apart and a call can take. */
static const double trace_century_s = 100 * 365.25 * 86400;

#endif
