/* zlib's gzread reads plain files as they are, so that there is one way in.  A JSON line is parsed whole; its members are found by
 * the names of the first line. */
#include "simulate/rows.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/json.h"
#include "base/mem.h"

enum { BLOCK = 1 << 16 };

struct rows {
    char *path;
    gzFile file;
    bool is_stdin, is_json, has_heading, first_is_pending;
    char block[BLOCK];
    size_t at, end;
    struct buf line;
    size_t number;
    struct arena names_arena, row_arena;
    struct str *names, *cells;
    size_t n_names;
};

static int open_file(struct rows *rows, struct err *err)
{
    rows->is_stdin = strcmp(rows->path, "-") == 0;
    rows->file = rows->is_stdin ? gzdopen(dup(STDIN_FILENO), "rb") : gzopen(rows->path, "rb");
    if (!rows->file)
        return err_set(err, ERR_INPUT, "cannot open '%s': %s", rows->path, errno ? strerror(errno) : "out of memory");
    gzbuffer(rows->file, BLOCK);
    return 0;
}

static int refill(struct rows *rows, struct err *err)
{
    int n = gzread(rows->file, rows->block, BLOCK);
    if (n < 0) {
        int code;
        const char *why = gzerror(rows->file, &code);
        return err_set(err, ERR_INPUT, "cannot read '%s': %s", rows->path, code == Z_ERRNO ? strerror(errno) : why);
    }
    rows->at = 0;
    rows->end = (size_t)n;
    return 0;
}

/* Reads the next line that is not blank into rows->line; *more is false at the end of the file. */
static int read_line(struct rows *rows, bool *more, struct err *err)
{
    buf_reset(&rows->line);
    *more = false;
    for (;;) {
        if (rows->at == rows->end) {
            int rc = refill(rows, err);
            if (rc)
                return rc;
            if (rows->end == 0)
                break;
        }
        char *from = rows->block + rows->at, *newline = memchr(from, '\n', rows->end - rows->at);
        size_t n = newline ? (size_t)(newline - from) : rows->end - rows->at;
        buf_add(&rows->line, str_from(from, n));
        rows->at += n + (newline != NULL);
        if (rows->line.len > ROWS_LINE_MOST)
            return err_set(err, ERR_INPUT, "%s:%zu: the line is longer than %d bytes", rows->path, rows->number + 1,
                           ROWS_LINE_MOST);
        if (!newline)
            continue;
        rows->number++;
        if (str_trim(buf_str(&rows->line)).len) {
            *more = true;
            return 0;
        }
        buf_reset(&rows->line);
    }
    *more = str_trim(buf_str(&rows->line)).len > 0;
    rows->number += *more;
    return 0;
}

/* Takes one CSV cell off *rest; quotes around it go, doubled ones in it stay as they are. */
static bool cut_cell(struct str *rest, struct str *cell)
{
    if (!rest->ptr)
        return false;
    if (rest->len == 0 || rest->ptr[0] != '"') {
        str_cut(rest, ',', cell);
        *cell = str_trim(*cell);
        return true;
    }
    size_t i = 1;
    while (i < rest->len && (rest->ptr[i] != '"' || (i + 1 < rest->len && rest->ptr[i + 1] == '"')))
        i += rest->ptr[i] == '"' ? 2 : 1;
    if (i > rest->len)
        i = rest->len;
    *cell = str_slice(*rest, 1, i);
    *rest = str_slice(*rest, i + 1 < rest->len ? i + 1 : rest->len, rest->len);
    struct str ignored;
    str_cut(rest, ',', &ignored);
    return true;
}

static struct str without_mark(struct str line)
{
    return str_starts_with(line, STR("\xef\xbb\xbf")) ? str_slice(line, 3, line.len) : line;
}

static int split(struct rows *rows, struct str *cells, size_t most, size_t *n_out, struct err *err)
{
    struct str rest = without_mark(buf_str(&rows->line)), cell;
    size_t n = 0;
    while (cut_cell(&rest, &cell)) {
        if (n == most)
            return err_set(err, ERR_INPUT, "%s:%zu: more than %zu columns", rows->path, rows->number, most);
        cells[n++] = cell;
    }
    *n_out = n;
    return 0;
}

static struct str json_text(struct arena *arena, const json_t *value)
{
    if (json_is_string(value))
        return arena_copy(arena, str_from(json_string_value(value), json_string_length(value)));
    if (json_is_integer(value))
        return arena_printf(arena, "%lld", (long long)json_integer_value(value));
    if (json_is_real(value))
        return arena_printf(arena, "%.17g", json_real_value(value));
    if (json_is_boolean(value))
        return json_is_true(value) ? STR("true") : STR("false");
    return STR("");
}

static int parse_object(struct rows *rows, json_t **object_out, struct err *err)
{
    struct str what = arena_printf(&rows->row_arena, "%s:%zu", rows->path, rows->number);
    json_t *object;
    int rc = json_parse(without_mark(buf_str(&rows->line)), what.ptr, &object, err);
    if (rc)
        return rc;
    if (!json_is_object(object)) {
        json_decref(object);
        return err_set(err, ERR_INPUT, "%s: one JSON object a line is expected", what.ptr);
    }
    *object_out = object;
    return 0;
}

static int take_json_names(struct rows *rows, struct err *err)
{
    json_t *object;
    int rc = parse_object(rows, &object, err);
    if (rc)
        return rc;
    rows->names = arena_array(&rows->names_arena, struct str, json_object_size(object) + 1);
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        if (rows->n_names < ROWS_CELLS_MOST)
            rows->names[rows->n_names++] = arena_copy(&rows->names_arena, str_of(key));
    }
    json_decref(object);
    return 0;
}

/* Whether a cell looks like data: it begins as a number or a date does, or is empty. */
static bool is_data(struct str cell)
{
    return cell.len == 0 || isdigit((unsigned char)cell.ptr[0]) ||
           ((cell.ptr[0] == '-' || cell.ptr[0] == '.') && cell.len > 1);
}

static int take_csv_names(struct rows *rows, struct err *err)
{
    struct str *first = arena_array(&rows->names_arena, struct str, ROWS_CELLS_MOST);
    int rc = split(rows, first, ROWS_CELLS_MOST, &rows->n_names, err);
    if (rc)
        return rc;
    size_t named =
        0; /* the first cell that is not empty decides: data frames are often written with an unnamed first column */
    while (named + 1 < rows->n_names && first[named].len == 0)
        named++;
    rows->has_heading = !is_data(first[named]);
    rows->first_is_pending = !rows->has_heading;
    rows->names = first;
    for (size_t i = 0; i < rows->n_names; i++)
        first[i] = rows->has_heading ? arena_copy(&rows->names_arena, first[i])
                                     : arena_printf(&rows->names_arena, "%zu", i + 1);
    return 0;
}

static int take_names(struct rows *rows, struct err *err)
{
    bool more;
    int rc = read_line(rows, &more, err);
    if (rc)
        return rc;
    if (!more)
        return err_set(err, ERR_INPUT, "'%s' is empty", rows->path);
    if (memchr(rows->line.ptr, 0, rows->line.len))
        return err_set(err, ERR_INPUT, "'%s' is no text: it holds a NUL byte", rows->path);
    struct str line = str_trim(without_mark(buf_str(&rows->line)));
    rows->is_json = line.len && line.ptr[0] == '{';
    rows->first_is_pending = rows->is_json;
    if (line.len && line.ptr[0] == '[')
        return err_set(err, ERR_INPUT, "'%s' is a JSON array; one JSON object a line is expected", rows->path);
    rc = rows->is_json ? take_json_names(rows, err) : take_csv_names(rows, err);
    rows->cells = arena_array(&rows->names_arena, struct str, rows->n_names + 1);
    return rc;
}

int rows_open(const char *path, struct rows **rows_out, struct err *err)
{
    struct rows *rows = xcalloc(1, sizeof(*rows));
    rows->path = xstrdup(path);
    int rc = open_file(rows, err);
    if (!rc)
        rc = take_names(rows, err);
    if (rc) {
        rows_close(rows);
        return rc;
    }
    *rows_out = rows;
    return 0;
}

void rows_close(struct rows *rows)
{
    if (!rows)
        return;
    if (rows->file)
        gzclose(rows->file);
    buf_release(&rows->line);
    arena_release(&rows->names_arena);
    arena_release(&rows->row_arena);
    free(rows->path);
    free(rows);
}

int rows_rewind(struct rows *rows, struct err *err)
{
    if (rows->is_stdin)
        return err_set(err, ERR_INPUT, "standard input cannot be read twice: give a file");
    if (gzrewind(rows->file) < 0)
        return err_set(err, ERR_SYSTEM, "cannot read '%s' again", rows->path);
    rows->at = rows->end = rows->number = 0;
    bool more;
    int rc = read_line(rows, &more, err);
    rows->first_is_pending = more && !rows->has_heading;
    return rc;
}

static int fill_from_json(struct rows *rows, struct err *err)
{
    json_t *object;
    arena_reset(&rows->row_arena);
    int rc = parse_object(rows, &object, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < rows->n_names; i++)
        rows->cells[i] = json_text(&rows->row_arena, json_object_get(object, rows->names[i].ptr));
    json_decref(object);
    return 0;
}

static int fill_from_csv(struct rows *rows, struct err *err)
{
    struct str rest = without_mark(buf_str(&rows->line)), cell;
    size_t n = 0;
    while (cut_cell(&rest, &cell)) {
        if (n == rows->n_names)
            return err_set(err, ERR_INPUT, "%s:%zu: more cells than the %zu columns", rows->path, rows->number,
                           rows->n_names);
        rows->cells[n++] = cell;
    }
    while (n < rows->n_names)
        rows->cells[n++] = STR("");
    return 0;
}

int rows_next(struct rows *rows, const struct str **cells_out, bool *more_out, struct err *err)
{
    bool more = rows->first_is_pending;
    int rc = 0;
    if (!more)
        rc = read_line(rows, &more, err);
    rows->first_is_pending = false;
    if (!rc && more)
        rc = rows->is_json ? fill_from_json(rows, err) : fill_from_csv(rows, err);
    if (rc)
        return rc;
    *cells_out = rows->cells;
    *more_out = more;
    return 0;
}

const struct str *rows_names(const struct rows *rows, size_t *n_out)
{
    *n_out = rows->n_names;
    return rows->names;
}

bool rows_have_heading(const struct rows *rows)
{
    return rows->has_heading || rows->is_json;
}

size_t rows_line(const struct rows *rows)
{
    return rows->number;
}

const char *rows_path(const struct rows *rows)
{
    return rows->path;
}
