/* Writing JSON as a stream.  Numbers keep all their digits: doubles are written with the fewest that read back the same. */
#ifndef COLDSPOT_BASE_JSONW_H
#define COLDSPOT_BASE_JSONW_H

#include <jansson.h>

#include "base/err.h"

enum { JSONW_DEPTH_MAX = 64 };

struct jsonw {
    struct buf *out; /* where the text goes; set by json_init, owned by the caller */
    /* private */
    unsigned depth;
    bool pretty, after_key;
    bool has_items[JSONW_DEPTH_MAX];
    char closing[JSONW_DEPTH_MAX];
};

/* Keeps `out`.  pretty: two spaces an indentation, one member a line; else all in one line. */
void jsonw_init(struct jsonw *json, struct buf *out, bool pretty);

void jsonw_object(struct jsonw *json);
void jsonw_array(struct jsonw *json);
void jsonw_end(struct jsonw *json); /* closes the innermost object or array */
void jsonw_key(struct jsonw *json, const char *key);

void jsonw_string(struct jsonw *json, struct str text); /* bytes that are not UTF-8 become U+FFFD */
void jsonw_f64(struct jsonw *json, double value);       /* null when not finite */
void jsonw_u64(struct jsonw *json, uint64_t value);
void jsonw_i64(struct jsonw *json, int64_t value);
void jsonw_bool(struct jsonw *json, bool value);
void jsonw_null(struct jsonw *json);
void jsonw_raw(struct jsonw *json, struct str text); /* one value that is JSON already */
void jsonw_value(struct jsonw *json, const json_t *value);

/* key and value in one go. */
void jsonw_key_string(struct jsonw *json, const char *key, struct str text);
void jsonw_key_f64(struct jsonw *json, const char *key, double value);
void jsonw_key_u64(struct jsonw *json, const char *key, uint64_t value);
void jsonw_key_bool(struct jsonw *json, const char *key, bool value);
void jsonw_key_null(struct jsonw *json, const char *key);
void jsonw_key_object(struct jsonw *json, const char *key);
void jsonw_key_array(struct jsonw *json, const char *key);

/* Appends text as a JSON string, quotes included. */
void jsonw_add_quoted(struct buf *out, struct str text);

#endif
