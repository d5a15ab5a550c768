/* A file of rows, read a line at a time: CSV with or without a heading, or one JSON object a line; gzip too.  Holds one line. */
#ifndef COLDSPOT_SIMULATE_ROWS_H
#define COLDSPOT_SIMULATE_ROWS_H

#include "base/arena.h"
#include "base/err.h"

enum { ROWS_CELLS_MOST = 4096, ROWS_LINE_MOST = 1 << 20 };

struct rows;

/* Opens path ("-": standard input).  Names are those of the heading or of the first object's members; "1", "2", … where there is
 * no heading. */
int rows_open(const char *path, struct rows **rows_out, struct err *err);
void rows_close(struct rows *rows);

/* From the first row again; fails on standard input. */
int rows_rewind(struct rows *rows, struct err *err);

/* The next row's cells, in the order of the names (cells that a row lacks are empty); *more_out is false at the end.  Valid until
 * the next call. */
int rows_next(struct rows *rows, const struct str **cells_out, bool *more_out, struct err *err);

const struct str *rows_names(const struct rows *rows, size_t *n_out);
bool rows_have_heading(const struct rows *rows);
size_t rows_line(const struct rows *rows); /* of the latest row, from 1 */
const char *rows_path(const struct rows *rows);

#endif
