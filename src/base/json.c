/* jansson behind our errors, and members with their fallbacks. */
#include "base/json.h"

int json_parse(struct str text, const char *what, json_t **value_out, struct err *err)
{
    json_error_t why;
    json_t *value = json_loadb(text.len ? text.ptr : "", text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
    if (!value)
        return err_set(err, ERR_INPUT, "%s is not JSON: %s (line %d, column %d)", what, why.text, why.line, why.column);
    *value_out = value;
    return 0;
}

struct str json_get_str(const json_t *object, const char *key, struct str fallback)
{
    json_t *value = json_object_get(object, key);
    return json_is_string(value) ? str_from(json_string_value(value), json_string_length(value)) : fallback;
}

double json_get_f64(const json_t *object, const char *key, double fallback)
{
    json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : fallback;
}

int64_t json_get_i64(const json_t *object, const char *key, int64_t fallback)
{
    json_t *value = json_object_get(object, key);
    return json_is_integer(value) ? json_integer_value(value) : fallback;
}

bool json_get_bool(const json_t *object, const char *key, bool fallback)
{
    json_t *value = json_object_get(object, key);
    return json_is_boolean(value) ? json_is_true(value) : fallback;
}
