/* Values of expressions as far as the text decides them, without running anything. */
#ifndef COLDSPOT_SOURCE_VALUE_H
#define COLDSPOT_SOURCE_VALUE_H

#include "source/resolve.h"

enum value_kind {
    VALUE_UNKNOWN, /* why says what it depends on; likely may hold what it usually is */
    VALUE_NONE,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_FLOAT,
    VALUE_STR,  /* also a pathlib path: is_path */
    VALUE_LIST, /* also tuples and sets */
    VALUE_DICT,
    VALUE_OBJECT, /* the result of a call into a library, or something of the project: ref says which */
};

struct value {
    enum value_kind kind;
    bool truth;
    bool is_path, is_tuple;
    int64_t integer;
    double number;
    struct str text;
    const struct value **items, **keys; /* lists; dicts: items[i] stands under keys[i] */
    size_t len;
    struct ref ref;
    const char *why;
    const struct value *likely;
    const struct module *module; /* where the expression is */
    node_id node;
};

/* The value of the node, never NULL.  All in the arena. */
const struct value *value_fold(const struct project *project, struct arena *arena, const struct module *module,
                               node_id node);

/* The value itself, or what it likely is where it is unknown; never NULL. */
const struct value *value_likely(const struct value *value);

bool value_is_number(const struct value *value);
double value_number(const struct value *value);
bool value_truth(const struct value *value); /* of a known value */

/* The dict's value under that text; NULL: none. */
const struct value *value_under(const struct value *dict, struct str key);

/* A string literal's bytes, without escapes and quotes resolved beyond the common ones; false for f-strings with parts. */
bool value_string(struct arena *arena, const struct module *module, node_id node, struct str *text_out);

#endif
