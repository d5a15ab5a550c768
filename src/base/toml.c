/* The structure of TOML: keys, tables, arrays.
 *
 * A table can be added to only while it is in `open`: one that a [header] or a dotted key made, and not one that was written
 * as a value ({...}, [...]).  The number kept there says who made it: IMPLIED (a part of a longer header), the number of the
 * section whose dotted keys made it, or DECLARED (its own header).  A header may declare only what is IMPLIED; a dotted key
 * may go through what is IMPLIED or of its own section.  Everything is bounded by DEPTH_MOST, so that neither reading nor
 * freeing the tree can use up the stack. */
#include "base/toml.h"

#include <string.h>

#include "base/toml_scan.h"

enum { DEPTH_MOST = 60, SHOWN_MOST = 60 };
#define IMPLIED 0
#define DECLARED UINT64_MAX

struct parser {
    struct scan scan;
    struct arena *arena;
    struct toml *toml;
    struct map open;
    uint64_t section;         /* counts headers, from 1 */
    json_t *table;            /* of the section */
    unsigned depth;           /* of that table */
    array_of(struct str) key; /* the parts of the key read last */
    struct buf place;         /* scratch: the key of `lines` */
    const char *counted;      /* up to here ends of lines were counted */
    uint32_t line;
};

/* ---- where things are ---- */

static struct str place_key(struct buf *place, const json_t *table, struct str key)
{
    buf_reset(place);
    buf_add(place, str_from((const char *)&table, sizeof(table)));
    buf_add(place, key);
    return buf_str(place);
}

static void note_line(struct parser *p, const json_t *table, struct str key, const char *at)
{
    for (; p->counted < at; p->counted++)
        p->line += *p->counted == '\n';
    *map_put(p->arena, &p->toml->lines, place_key(&p->place, table, key), NULL) = p->line;
}

uint32_t toml_line(const struct toml *toml, const json_t *table, struct str key)
{
    struct buf place = {0};
    const uint64_t *line = map_get(&toml->lines, place_key(&place, table, key));
    buf_release(&place);
    return line ? (uint32_t)*line : 0;
}

static struct str pointer_key(const json_t *const *value)
{
    return str_from((const char *)value, sizeof(*value));
}

/* Who made the table (or array of tables); NULL: it is closed. */
static uint64_t *find_open(const struct parser *p, const json_t *value)
{
    return map_get(&p->open, pointer_key(&value));
}

static void set_open(struct parser *p, const json_t *value, uint64_t maker)
{
    *map_put(p->arena, &p->open, pointer_key(&value), NULL) = maker;
}

/* ---- keys ---- */

static bool is_bare(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

static int read_key_part(struct parser *p)
{
    struct scan *scan = &p->scan;
    const char *at = scan->at;
    if (at < scan->end && (*at == '"' || *at == '\'')) {
        int rc = scan_string(scan, false);
        if (!rc)
            *array_push(p->arena, &p->key) = arena_copy(p->arena, buf_str(&scan->text));
        return rc;
    }
    while (scan->at < scan->end && is_bare(*scan->at))
        scan->at++;
    if (scan->at == at)
        return scan_fail(scan, at, "a key should stand here");
    *array_push(p->arena, &p->key) = str_from(at, (size_t)(scan->at - at));
    return 0;
}

/* key, "key", a.b.c; blanks after it are skipped. */
static int read_key(struct parser *p)
{
    const char *at = p->scan.at;
    for (p->key.len = 0;; p->scan.at++) {
        scan_skip_blanks(&p->scan);
        int rc = read_key_part(p);
        if (rc)
            return rc;
        scan_skip_blanks(&p->scan);
        if (!scan_sees(&p->scan, STR(".")))
            return 0;
        if (p->key.len == DEPTH_MOST)
            return scan_fail(&p->scan, at, "nested deeper than %d levels", DEPTH_MOST);
    }
}

/* ---- tables ---- */

static int fail_closed(struct parser *p, const char *at, const json_t *table, struct str key)
{
    return scan_fail(&p->scan, at, "'%.*s' has a value already (in line %u), which nothing can be added to",
                     STR_ARG(str_slice(key, 0, SHOWN_MOST)), toml_line(p->toml, table, key));
}

static int fail_twice(struct parser *p, const char *at, const json_t *table, struct str key)
{
    return scan_fail(&p->scan, at, "'%.*s' is given twice, first in line %u", STR_ARG(str_slice(key, 0, SHOWN_MOST)),
                     toml_line(p->toml, table, key));
}

static json_t *add_table(struct parser *p, json_t *table, struct str key, const char *at, uint64_t maker)
{
    json_t *child = json_object();
    json_object_setn_new(table, key.ptr, key.len, child);
    set_open(p, child, maker);
    note_line(p, table, key, at);
    return child;
}

static json_t *get(const json_t *table, struct str key)
{
    return json_object_getn(table, key.ptr, key.len);
}

/* Goes from *table to the table under `key`, which is made where it is absent; of an array of tables, to its last one.
 * By a dotted key, that table must be IMPLIED or of the same section. */
static int enter(struct parser *p, json_t **table, struct str key, bool dotted, const char *at)
{
    json_t *child = get(*table, key);
    if (!child) {
        *table = add_table(p, *table, key, at, dotted ? p->section : IMPLIED);
        return 0;
    }
    uint64_t *maker = find_open(p, child);
    if (!maker)
        return fail_closed(p, at, *table, key);
    if (dotted) {
        if (*maker != IMPLIED && *maker != p->section)
            return fail_twice(p, at, *table, key);
        *maker = p->section;
    }
    *table = json_is_array(child) ? json_array_get(child, json_array_size(child) - 1) : child;
    return 0;
}

/* The last part of [a.b]. */
static int declare_table(struct parser *p, json_t *table, struct str key, const char *at)
{
    json_t *child = get(table, key);
    uint64_t *maker = child ? find_open(p, child) : NULL;
    if (child && !maker)
        return fail_closed(p, at, table, key);
    if (child && *maker != IMPLIED)
        return fail_twice(p, at, table, key);
    if (child) {
        *maker = DECLARED;
        note_line(p, table, key, at);
    } else {
        child = add_table(p, table, key, at, DECLARED);
    }
    p->table = child;
    return 0;
}

/* The last part of [[a.b]]. */
static int append_table(struct parser *p, json_t *table, struct str key, const char *at)
{
    json_t *array = get(table, key);
    if (array && !find_open(p, array))
        return fail_closed(p, at, table, key);
    if (array && !json_is_array(array))
        return fail_twice(p, at, table, key);
    if (!array) {
        array = json_array();
        json_object_setn_new(table, key.ptr, key.len, array);
        set_open(p, array, DECLARED);
        note_line(p, table, key, at);
    }
    p->table = json_object();
    json_array_append_new(array, p->table);
    set_open(p, p->table, DECLARED);
    return 0;
}

/* [a.b] or [[a.b]], up to the end of its line. */
static int read_header(struct parser *p)
{
    const char *at = p->scan.at;
    bool is_array = scan_sees(&p->scan, STR("[["));
    struct str closing = is_array ? STR("]]") : STR("]");
    p->scan.at += closing.len;
    p->section++;
    int rc = read_key(p);
    if (rc)
        return rc;
    if (!scan_sees(&p->scan, closing))
        return scan_fail(&p->scan, p->scan.at, "a '%.*s' should stand here", STR_ARG(closing));
    p->scan.at += closing.len;
    json_t *table = p->toml->root;
    size_t last = p->key.len - 1;
    /* A part may be an array of tables: two levels. */
    p->depth = 2 * (unsigned)p->key.len;
    if (p->depth > DEPTH_MOST)
        return scan_fail(&p->scan, at, "nested deeper than %d levels", DEPTH_MOST / 2);
    for (size_t i = 0; i < last && !rc; i++)
        rc = enter(p, &table, p->key.items[i], false, at);
    if (!rc)
        rc = is_array ? append_table(p, table, p->key.items[last], at)
                      : declare_table(p, table, p->key.items[last], at);
    return rc ? rc : scan_end_of_line(&p->scan);
}

/* ---- values ---- */

static int read_value(struct parser *p, unsigned depth, json_t **value_out);

/* key = value, in a table of that depth. */
static int read_pair(struct parser *p, json_t *table, unsigned depth)
{
    const char *at = p->scan.at;
    int rc = read_key(p);
    if (rc)
        return rc;
    if (!scan_sees(&p->scan, STR("=")))
        return scan_fail(&p->scan, p->scan.at, "a '=' should stand here");
    p->scan.at++;
    depth += (unsigned)p->key.len;
    if (depth > DEPTH_MOST)
        return scan_fail(&p->scan, at, "nested deeper than %d levels", DEPTH_MOST);
    struct str last = p->key.items[p->key.len - 1];
    for (size_t i = 0; i + 1 < p->key.len && !rc; i++)
        rc = enter(p, &table, p->key.items[i], true, at);
    if (rc)
        return rc;
    if (get(table, last))
        return fail_twice(p, at, table, last);
    note_line(p, table, last, at);
    scan_skip_blanks(&p->scan);
    json_t *value = NULL;
    rc = read_value(p, depth, &value);
    if (!rc)
        json_object_setn_new(table, last.ptr, last.len, value);
    return rc;
}

static int read_items(struct parser *p, unsigned depth, json_t *array, const char *at)
{
    for (;;) {
        scan_skip_lines(&p->scan);
        if (scan_sees(&p->scan, STR("]")))
            break;
        json_t *item = NULL;
        int rc = read_value(p, depth, &item);
        if (rc)
            return rc;
        json_array_append_new(array, item);
        scan_skip_lines(&p->scan);
        if (scan_sees(&p->scan, STR("]")))
            break;
        if (p->scan.at == p->scan.end)
            return scan_fail(&p->scan, at, "the array that begins here does not end");
        if (*p->scan.at != ',')
            return scan_fail(&p->scan, p->scan.at, "a ',' or ']' should stand here");
        p->scan.at++;
    }
    p->scan.at++;
    return 0;
}

static int read_members(struct parser *p, unsigned depth, json_t *table, const char *at)
{
    scan_skip_blanks(&p->scan);
    if (scan_sees(&p->scan, STR("}"))) {
        p->scan.at++;
        return 0;
    }
    for (;;) {
        scan_skip_blanks(&p->scan);
        int rc = read_pair(p, table, depth);
        if (rc)
            return rc;
        scan_skip_blanks(&p->scan);
        if (p->scan.at == p->scan.end)
            return scan_fail(&p->scan, at, "the table that begins here does not end");
        char c = *p->scan.at;
        if (c != ',' && c != '}')
            return scan_fail(&p->scan, p->scan.at, "a ',' or '}' should stand here: a table in braces is one line");
        p->scan.at++;
        if (c == '}')
            return 0;
    }
}

static int read_value(struct parser *p, unsigned depth, json_t **value_out)
{
    const char *at = p->scan.at;
    char c = at < p->scan.end ? *at : '\0';
    if (c == '"' || c == '\'') {
        int rc = scan_string(&p->scan, true);
        if (!rc)
            *value_out = json_stringn(buf_cstr(&p->scan.text), p->scan.text.len);
        return rc;
    }
    if (c != '[' && c != '{')
        return scan_scalar(&p->scan, value_out);
    if (depth >= DEPTH_MOST)
        return scan_fail(&p->scan, at, "nested deeper than %d levels", DEPTH_MOST);
    p->scan.at++;
    json_t *value = c == '[' ? json_array() : json_object();
    int rc = c == '[' ? read_items(p, depth + 1, value, at) : read_members(p, depth, value, at);
    if (rc)
        json_decref(value);
    else
        *value_out = value;
    return rc;
}

static int read_document(struct parser *p)
{
    int rc = 0;
    for (scan_skip_lines(&p->scan); !rc && p->scan.at < p->scan.end; scan_skip_lines(&p->scan)) {
        if (*p->scan.at == '[') {
            rc = read_header(p);
            continue;
        }
        rc = read_pair(p, p->table, p->depth);
        if (!rc)
            rc = scan_end_of_line(&p->scan);
    }
    return rc;
}

int toml_parse(struct arena *arena, struct str text, const char *what, struct toml *toml_out, struct err *err)
{
    struct toml toml = {.root = json_object()};
    const char *start = text.ptr ? text.ptr : "";
    struct parser p = {.scan = {start, start, start + text.len, what, err, {0}},
                       .arena = arena,
                       .toml = &toml,
                       .section = 1,
                       .table = toml.root,
                       .counted = start,
                       .line = 1};
    int rc = scan_check_bytes(&p.scan);
    if (!rc)
        rc = read_document(&p);
    if (rc)
        toml_release(&toml);
    else
        *toml_out = toml;
    buf_release(&p.scan.text);
    buf_release(&p.place);
    return rc;
}

void toml_release(struct toml *toml)
{
    json_decref(toml->root);
    toml->root = NULL;
}
