/* The small parts of TOML: strings, numbers, dates.  Private to toml.c and toml_scan.c. */
#ifndef COLDSPOT_BASE_TOML_SCAN_H
#define COLDSPOT_BASE_TOML_SCAN_H

#include "base/json.h"

struct scan {
    const char *start, *at, *end;
    const char *what; /* in errors */
    struct err *err;
    struct buf text; /* the string read last */
};

/* Sets the error with the line and column of `at`. */
int scan_fail(struct scan *scan, const char *at, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Whether the bytes are UTF-8 without the control characters that TOML has no place for. */
int scan_check_bytes(struct scan *scan);

/* Whether the next bytes are these. */
bool scan_sees(const struct scan *scan, struct str bytes);

void scan_skip_blanks(struct scan *scan);

/* Blanks and a comment, then the end of the line (or of the text). */
int scan_end_of_line(struct scan *scan);

/* Blanks, comments and ends of lines. */
void scan_skip_lines(struct scan *scan);

/* A string that begins here with a quotation mark; its bytes are in scan->text afterwards.  Strings of several lines only
 * where `multi_line` (they are no keys). */
int scan_string(struct scan *scan, bool multi_line);

/* A number, boolean, date or time. */
int scan_scalar(struct scan *scan, json_t **value_out);

#endif
