/* Reading TOML 1.0 (settings files) into a tree of JSON values.
 *   tables, arrays, strings, booleans, integers, floats    as what they are
 *   dates and times                                        strings, as they are written
 *   inf and nan                                            the strings "inf", "-inf" and "nan": JSON has no such numbers
 * Integers beyond 64 bits and nesting beyond 60 levels are refused. */
#ifndef COLDSPOT_BASE_TOML_H
#define COLDSPOT_BASE_TOML_H

#include "base/arena.h"
#include "base/json.h"
#include "base/map.h"

struct toml {
    json_t *root;     /* an object */
    struct map lines; /* private */
};

/* Parses a whole text; what names it in errors, which begin "WHAT:LINE:COLUMN: " (a column is a character, counted from 1).
 * Fails with ERR_INPUT.  The arena must live as long as *toml_out; toml_release frees the tree. */
int toml_parse(struct arena *arena, struct str text, const char *what, struct toml *toml_out, struct err *err);
void toml_release(struct toml *toml);

/* The line in which the member `key` of `table` was given, counted from 1; 0: there is no such member. */
uint32_t toml_line(const struct toml *toml, const json_t *table, struct str key);

#endif
