/* Files that hold no requests but how many there were: counts a minute (Azure Functions 2019), windows of rate, CV and law
 * (ServeGen).  Both become windows, from which arrivals are made anew for each seed. */
#ifndef COLDSPOT_SIMULATE_TRACE_WINDOWS_H
#define COLDSPOT_SIMULATE_TRACE_WINDOWS_H

#include "simulate/rows.h"
#include "simulate/trace.h"

struct trace_windows {
    array_of(struct window) list;
    struct str kind; /* what the file holds, for people; ptr NULL: requests, not windows */
};

/* Reads the windows of a file that holds some (in arena); else rows are as they were, and kind.ptr is NULL. */
int trace_windows_read(struct trace_windows *windows_out, struct arena *arena, struct rows *rows,
                       const struct trace_options *options, struct err *err);

/* Whether any window holds a request. */
bool trace_windows_any(const struct trace_windows *windows);

#endif
