/* [tool.coldspot.budgets."app.py::fn"]: a table a function, a line a budget. */
#include <limits.h>
#include <stdlib.h>

#include "cmd/config.h"
#include "diagnose/budget.h"

static struct str in_dir(struct cmd_call *call, const struct config *config, struct str path)
{
    if (!config->dir.len || str_starts_with(path, STR("/")))
        return path;
    return arena_printf(call->arena, "%.*s/%.*s", STR_ARG(config->dir), STR_ARG(path));
}

/* "pkg.mod" as pkg/mod.py. */
static struct str module_path(struct cmd_call *call, struct str module)
{
    struct buf path = {0};
    struct str part;
    while (str_cut(&module, '.', &part))
        buf_addf(&path, "%s%.*s", path.len ? "/" : "", STR_ARG(part));
    struct str copy = arena_printf(call->arena, "%s.py", buf_cstr(&path));
    buf_release(&path);
    return copy;
}

/* "app.py::fn" as an absolute file and a function.  MODULE:FUNCTION is so too where the module is a file below the settings;
 * else it stays as it is. */
static struct budget make_target(struct cmd_call *call, const struct config *config, struct str target)
{
    struct budget budget = {.target = arena_copy(call->arena, target)};
    struct str function = budget.target, file;
    str_cut(&function, ':', &file);
    bool is_file = str_ends_with(file, STR(".py"));
    if (str_starts_with(function, STR(":")))
        function = str_slice(function, 1, function.len);
    struct str path = in_dir(call, config, is_file ? file : module_path(call, file));
    char real[PATH_MAX];
    bool exists = realpath(arena_cstr(call->arena, path), real);
    if (!exists && !is_file)
        return budget;
    budget.file = exists ? arena_copy(call->arena, str_of(real)) : path;
    budget.function = function;
    return budget;
}

static int read_limit(struct cmd_call *call, struct str name, json_t *value, struct budget *budget, struct err *err)
{
    struct str text = STR("");
    if (json_is_string(value))
        text = arena_copy(call->arena, str_from(json_string_value(value), json_string_length(value)));
    else if (json_is_number(value))
        text = arena_printf(call->arena, "%.15g", json_number_value(value));
    int rc = budget_parse(name, text, budget, err);
    return rc ? err_wrap(err, "budget '%.*s' of '%.*s'", STR_ARG(str_slice(name, 0, 60)),
                         STR_ARG(str_slice(budget->target, 0, 60)))
              : 0;
}

static int read_target(struct cmd_call *call, const struct config *config, struct str target, json_t *table,
                       struct budgets *budgets, struct err *err)
{
    struct budget made = make_target(call, config, target);
    const char *key;
    size_t len;
    json_t *value;
    json_object_keylen_foreach(table, key, len, value)
    {
        struct budget budget = made;
        int rc = read_limit(call, str_from(key, len), value, &budget, err);
        if (rc)
            return config_wrap(config, table, str_from(key, len), err);
        *array_push(call->arena, budgets) = budget;
    }
    return 0;
}

int config_read_budgets(struct cmd_call *call, const struct config *config, struct err *err)
{
    json_t *tables = json_object_get(config->settings, "budgets"), *table;
    struct budgets *budgets = arena_new(call->arena, struct budgets);
    const char *target;
    size_t len;
    int rc = 0;
    json_object_keylen_foreach(tables, target, len, table)
    {
        if (!json_is_object(table))
            rc = err_set(err, ERR_USAGE, "budgets are a table a function: [%sbudgets.\"app.py::function\"]",
                         config->prefix);
        if (rc)
            return config_wrap(config, tables, str_from(target, len), err);
        rc = read_target(call, config, str_from(target, len), table, budgets, err);
        if (rc)
            return rc;
    }
    call->budgets = budgets;
    return 0;
}
