/* Prints what the TOML reader makes of files, one line of JSON a file: {"value": ...} or {"error": "..."}.
 * usage: dump_toml FILE... */
#include <stdio.h>

#include "base/file.h"
#include "base/jsonw.h"
#include "base/toml.h"

static void print_file(struct arena *arena, const char *path)
{
    struct str text;
    struct toml toml;
    struct err err = {0};
    struct buf out = {0};
    struct jsonw json;
    int rc = file_read(arena, path, 64 << 20, &text, &err);
    if (!rc)
        rc = toml_parse(arena, text, path, &toml, &err);
    jsonw_init(&json, &out, false);
    jsonw_object(&json);
    if (rc) {
        jsonw_key_string(&json, "error", buf_str(&err.message));
    } else {
        jsonw_key(&json, "value");
        jsonw_value(&json, toml.root);
        toml_release(&toml);
    }
    jsonw_end(&json);
    puts(buf_cstr(&out));
    buf_release(&out);
    err_release(&err);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct arena arena = {0};
        print_file(&arena, argv[i]);
        arena_release(&arena);
    }
    return 0;
}
