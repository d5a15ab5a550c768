/* Points in time as traces write them. */
#ifndef COLDSPOT_SIMULATE_TRACE_TIME_H
#define COLDSPOT_SIMULATE_TRACE_TIME_H

#include <stdbool.h>

#include "base/str.h"

/* A number (seconds, ms, us or ns since 1970 by its size; or seconds since anything) or an ISO 8601 date and time (UTC where it
 * says nothing), in seconds. */
bool trace_parse_time(struct str text, double *seconds_out);

#endif
