/* Durations, sizes, money and shares as people write and read them: one table formats and parses. */
#ifndef COLDSPOT_BASE_UNITS_H
#define COLDSPOT_BASE_UNITS_H

#include "base/buf.h"

/* "500ms", "1.5 s", "2m", "1h", "3d"; a bare number is seconds. */
bool units_parse_duration(struct str text, double *seconds_out);

/* "512MiB", "1.5GiB", "200 MB", "4k"; a bare number is bytes. */
bool units_parse_size(struct str text, double *bytes_out);

/* Two or three significant figures: 412 ms, 1.94 s, 12.4 s, 3 min 20 s, 210 us. */
void units_add_duration(struct buf *out, double seconds);

/* Binary units: 212 MiB, 1.31 GiB, 512 B. */
void units_add_size(struct buf *out, double bytes);

/* A size a second: 377 MiB/s. */
void units_add_rate(struct buf *out, double bytes_per_s);

/* How often something happens: 8.5/s, 3/min, 36/h, 2.4/day; 11,574/s. */
void units_add_frequency(struct buf *out, double per_s);
/* The same in a unit of its own: 20,000/day. */
void units_add_frequency_in(struct buf *out, double rate, const char *unit);

/* Three significant figures, never an exponent: $0.000412, $1.24, $212, $1,332. */
void units_add_usd(struct buf *out, double usd);

/* A share as a percentage: 41 %, 0 %; one decimal between 99 and 100 (99.6 %), so that nearly all never reads as all. */
void units_add_share(struct buf *out, double fraction);

/* A whole number with thousands separated: 1,022. */
void units_add_count(struct buf *out, uint64_t n);

#endif
