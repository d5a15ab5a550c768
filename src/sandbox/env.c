/* The environment of a function: what it inherits, what is added, and the agent.  Values are never shown or logged. */
#include "sandbox/env.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

enum { ENV_FILE_MOST = 1 << 20 };

static void add(struct arena *arena, struct env_list *list, struct str name, struct str value)
{
    *array_push(arena, &list->vars) = (struct env_var){arena_copy(arena, name), arena_copy(arena, value)};
}

int env_add(struct arena *arena, struct env_list *list, struct str text, struct err *err)
{
    ptrdiff_t equals = str_find(text, STR("="));
    struct str name = str_trim(equals < 0 ? text : str_slice(text, 0, (size_t)equals));
    if (!name.len)
        return err_set(err, ERR_USAGE, "--env needs a name: --env NAME=VALUE");
    if (equals >= 0) {
        add(arena, list, name, str_slice(text, (size_t)equals + 1, text.len));
        return 0;
    }
    const char *value = getenv(arena_cstr(arena, name));
    if (!value)
        return err_set(err, ERR_USAGE, "--env %.*s: there is no such variable here; give it as %.*s=VALUE",
                       STR_ARG(name), STR_ARG(name));
    add(arena, list, name, str_of(value));
    return 0;
}

/* The text between double quotes with its escapes replaced. */
static struct str unescape(struct arena *arena, struct str text)
{
    struct buf out = {0};
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '\\' && i + 1 < text.len) {
            static const char from[] = "nt\"\\", to[] = "\n\t\"\\";
            const char *at = strchr(from, text.ptr[i + 1]);
            if (at) {
                c = to[at - from];
                i++;
            }
        }
        buf_add_char(&out, c);
    }
    struct str copy = arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return copy;
}

static struct str unquote(struct arena *arena, struct str value)
{
    if (value.len < 2 || value.ptr[0] != value.ptr[value.len - 1])
        return value;
    struct str inside = str_slice(value, 1, value.len - 1);
    if (value.ptr[0] == '\'')
        return inside;
    return value.ptr[0] == '"' ? unescape(arena, inside) : value;
}

int env_add_text(struct arena *arena, struct env_list *list, struct str text, const char *path, struct err *err)
{
    struct str line;
    for (unsigned number = 1; str_cut(&text, '\n', &line); number++) {
        line = str_trim(line);
        if (!line.len || line.ptr[0] == '#')
            continue;
        if (str_starts_with(line, STR("export ")))
            line = str_trim(str_slice(line, 7, line.len));
        ptrdiff_t equals = str_find(line, STR("="));
        if (equals <= 0)
            return err_set(err, ERR_INPUT, "--env-file: %s:%u is not of the form NAME=VALUE", path, number);
        add(arena, list, str_trim(str_slice(line, 0, (size_t)equals)),
            unquote(arena, str_trim(str_slice(line, (size_t)equals + 1, line.len))));
    }
    return 0;
}

int env_add_file(struct arena *arena, struct env_list *list, const char *path, struct err *err)
{
    struct str text;
    int rc = file_read(arena, path, ENV_FILE_MOST, &text, err);
    return rc ? err_wrap(err, "--env-file") : env_add_text(arena, list, text, path, err);
}

/* Whether a variable of ours goes on to the function. */
static bool passes(struct str name)
{
    if (str_equals(name, STR("PYTHONPATH")))
        return true;
    return !str_starts_with(name, STR("PYTHON")) && !str_starts_with(name, STR("COLDSPOT_"));
}

struct strings {
    array_of(const char *) items;
};

static struct str name_of(struct str row)
{
    ptrdiff_t equals = str_find(row, STR("="));
    return str_slice(row, 0, equals < 0 ? row.len : (size_t)equals);
}

static void put(struct arena *arena, struct strings *rows, struct str name, struct str value)
{
    const char *row = arena_printf(arena, "%.*s=%.*s", STR_ARG(name), STR_ARG(value)).ptr;
    for (size_t i = 0; i < rows->items.len; i++) {
        if (str_equals(name_of(str_of(rows->items.items[i])), name)) {
            rows->items.items[i] = row;
            return;
        }
    }
    *array_push(arena, &rows->items) = row;
}

const char *const *env_build(struct arena *arena, char *const *ours, const struct env_list *added, const char *agent)
{
    struct strings rows = {0};
    struct str preload = {0};
    for (; ours && *ours; ours++) {
        struct str row = str_of(*ours);
        if (passes(name_of(row)))
            *array_push(arena, &rows.items) = arena_cstr(arena, row);
    }
    for (size_t i = 0; added && i < added->vars.len; i++)
        put(arena, &rows, added->vars.items[i].name, added->vars.items[i].value);
    for (size_t i = 0; i < rows.items.len; i++) {
        if (str_equals(name_of(str_of(rows.items.items[i])), STR("LD_PRELOAD")))
            preload = str_slice(str_of(rows.items.items[i]), sizeof("LD_PRELOAD=") - 1, (size_t)-1);
    }
    if (agent)
        put(arena, &rows, STR("LD_PRELOAD"),
            preload.len ? arena_printf(arena, "%s:%.*s", agent, STR_ARG(preload)) : str_of(agent));
    *array_push(arena, &rows.items) = NULL;
    return rows.items.items;
}
