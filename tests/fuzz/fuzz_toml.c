/* Settings files: any bytes are read or refused with a place that lies inside them, and what is read can be written as JSON. */
#include "fuzz.h"

#include <stdlib.h>

#include "base/jsonw.h"
#include "base/toml.h"

/* Every member of a table that was read has a line. */
static void check_lines(const struct toml *toml, json_t *table, uint32_t lines)
{
    const char *key;
    size_t len;
    json_t *value;
    json_object_keylen_foreach(table, key, len, value)
    {
        uint32_t line = toml_line(toml, table, str_from(key, len));
        if (line < 1 || line > lines)
            abort();
        if (json_is_object(value))
            check_lines(toml, value, lines);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct err err = {0};
    struct toml toml;
    uint32_t lines = 1;
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    if (toml_parse(&arena, str_from((const char *)data, size), "file", &toml, &err) == 0) {
        struct buf text = {0};
        struct jsonw json;
        jsonw_init(&json, &text, false);
        jsonw_value(&json, toml.root);
        check_lines(&toml, toml.root, lines);
        buf_release(&text);
        toml_release(&toml);
    } else if (!str_starts_with(buf_str(&err.message), STR("file:"))) {
        abort();
    }
    err_release(&err);
    arena_release(&arena);
    return 0;
}
