/* Reading JSON through jansson, with our errors. */
#ifndef COLDSPOT_BASE_JSON_H
#define COLDSPOT_BASE_JSON_H

#include <jansson.h>

#include "base/err.h"

/* Parses a whole text; what names it in errors ("--input", a file).  The caller owns the result (json_decref). */
int json_parse(struct str text, const char *what, json_t **value_out, struct err *err);

/* A string member, or fallback where it is absent or no string.  Borrowed from object. */
struct str json_get_str(const json_t *object, const char *key, struct str fallback);
double json_get_f64(const json_t *object, const char *key, double fallback);
int64_t json_get_i64(const json_t *object, const char *key, int64_t fallback);
bool json_get_bool(const json_t *object, const char *key, bool fallback);

#endif
