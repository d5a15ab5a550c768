/* A streaming JSON writer that keeps only the stack of open brackets. */
#include "base/jsonw.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void jsonw_init(struct jsonw *json, struct buf *out, bool pretty)
{
    *json = (struct jsonw){.out = out, .pretty = pretty};
}

static void newline(struct jsonw *json)
{
    if (!json->pretty)
        return;
    buf_add_char(json->out, '\n');
    buf_add_repeated(json->out, STR("  "), json->depth);
}

/* What must stand before a key or a value at this place. */
static void separate(struct jsonw *json)
{
    if (json->after_key) {
        json->after_key = false;
        return;
    }
    if (json->depth == 0)
        return;
    if (json->has_items[json->depth - 1])
        buf_add_char(json->out, ',');
    json->has_items[json->depth - 1] = true;
    newline(json);
}

static void open_bracket(struct jsonw *json, char opening, char closing)
{
    separate(json);
    assert(json->depth < JSONW_DEPTH_MAX);
    buf_add_char(json->out, opening);
    json->closing[json->depth] = closing;
    json->has_items[json->depth++] = false;
}

void jsonw_object(struct jsonw *json)
{
    open_bracket(json, '{', '}');
}

void jsonw_array(struct jsonw *json)
{
    open_bracket(json, '[', ']');
}

void jsonw_end(struct jsonw *json)
{
    assert(json->depth > 0 && !json->after_key);
    json->depth--;
    if (json->has_items[json->depth])
        newline(json);
    buf_add_char(json->out, json->closing[json->depth]);
}

void jsonw_key(struct jsonw *json, const char *key)
{
    separate(json);
    jsonw_add_quoted(json->out, str_of(key));
    buf_add(json->out, json->pretty ? STR(": ") : STR(":"));
    json->after_key = true;
}

static void add_escaped(struct buf *out, unsigned char c)
{
    static const char names[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *at = c ? strchr(names, c) : NULL;
    if (at)
        buf_addf(out, "\\%c", letters[at - names]);
    else
        buf_addf(out, "\\u%04x", c);
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

void jsonw_add_quoted(struct buf *out, struct str text)
{
    buf_add_char(out, '"');
    while (text.len) {
        size_t plain = 0;
        while (plain < text.len && is_plain((unsigned char)text.ptr[plain]))
            plain++;
        buf_add(out, str_slice(text, 0, plain));
        text = str_slice(text, plain, text.len);
        if (!text.len)
            break;
        size_t n = str_utf8_length(text);
        if (n == 0)
            buf_add(out, STR("\xef\xbf\xbd"));
        else if (n == 1)
            add_escaped(out, (unsigned char)text.ptr[0]);
        else
            buf_add(out, str_slice(text, 0, n));
        text = str_slice(text, n ? n : 1, text.len);
    }
    buf_add_char(out, '"');
}

void jsonw_string(struct jsonw *json, struct str text)
{
    separate(json);
    jsonw_add_quoted(json->out, text);
}

void jsonw_f64(struct jsonw *json, double value)
{
    separate(json);
    if (!isfinite(value)) {
        buf_add(json->out, STR("null"));
        return;
    }
    size_t start = json->out->len;
    for (int digits = 15; digits <= 17; digits++) {
        json->out->len = start;
        buf_addf(json->out, "%.*g", digits, value);
        if (strtod(json->out->ptr + start, NULL) == value)
            return;
    }
}

void jsonw_u64(struct jsonw *json, uint64_t value)
{
    separate(json);
    buf_addf(json->out, "%llu", (unsigned long long)value);
}

void jsonw_i64(struct jsonw *json, int64_t value)
{
    separate(json);
    buf_addf(json->out, "%lld", (long long)value);
}

void jsonw_bool(struct jsonw *json, bool value)
{
    jsonw_raw(json, value ? STR("true") : STR("false"));
}

void jsonw_null(struct jsonw *json)
{
    jsonw_raw(json, STR("null"));
}

void jsonw_raw(struct jsonw *json, struct str text)
{
    separate(json);
    buf_add(json->out, text);
}

void jsonw_value(struct jsonw *json, const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    jsonw_raw(json, text ? str_of(text) : STR("null"));
    free(text);
}

void jsonw_key_string(struct jsonw *json, const char *key, struct str text)
{
    jsonw_key(json, key);
    jsonw_string(json, text);
}

void jsonw_key_f64(struct jsonw *json, const char *key, double value)
{
    jsonw_key(json, key);
    jsonw_f64(json, value);
}

void jsonw_key_u64(struct jsonw *json, const char *key, uint64_t value)
{
    jsonw_key(json, key);
    jsonw_u64(json, value);
}

void jsonw_key_bool(struct jsonw *json, const char *key, bool value)
{
    jsonw_key(json, key);
    jsonw_bool(json, value);
}

void jsonw_key_null(struct jsonw *json, const char *key)
{
    jsonw_key(json, key);
    jsonw_null(json);
}

void jsonw_key_object(struct jsonw *json, const char *key)
{
    jsonw_key(json, key);
    jsonw_object(json);
}

void jsonw_key_array(struct jsonw *json, const char *key)
{
    jsonw_key(json, key);
    jsonw_array(json);
}
