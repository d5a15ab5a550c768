/* From settings to options.  Settings come in levels: [tool.coldspot], the sections that the command also takes, its own, and
 * last the command line.  A nearer level replaces what a farther one says, but lists of pairs (env, severity) add up. */
#include "cmd/config.h"

#include <string.h>

#include "base/jsonw.h"

enum { LEVELS_MOST = 8 };

struct level {
    const char *name; /* of the section; "" for [tool.coldspot] itself */
    json_t *table;
    const struct command *owner; /* whose section it is; NULL: [tool.coldspot] itself */
};

struct apply {
    struct cmd_call *call;
    const struct config *config;
    const struct opt_group *groups;
    size_t n;
    const struct opt_givens *givens;
    struct level levels[LEVELS_MOST];
    size_t n_levels;
    struct err *err;
};

/* Options of which one stands for the others: who gives one does not want another from farther away. */
static const char *const alternatives[][3] = {
    {"format", "json", NULL},
    {"input", "input-from", "inputs"},
};

int config_wrap(const struct config *config, const json_t *table, struct str key, struct err *err)
{
    uint32_t line = toml_line(&config->toml, table, key);
    return line ? err_wrap(err, "%s:%u", config->path, line) : err_wrap(err, "%s", config->path);
}

static const struct command *find_command(const struct cmd_call *call, struct str name)
{
    for (const struct command *command = call->commands; command->name; command++) {
        if (str_equals(str_of(command->name), name))
            return command;
    }
    return NULL;
}

/* Whether a table of that name in [tool.coldspot] is a section. */
static bool is_section(const struct cmd_call *call, struct str name)
{
    return str_equals(name, STR("budgets")) || find_command(call, name);
}

/* ---- mistakes ---- */

static void consider_options(struct str_nearest *nearest, struct str name, const struct opt *opts)
{
    for (; opts && opts->name; opts++)
        str_consider(nearest, name, str_of(opts->name));
}

static void consider_command(struct str_nearest *nearest, struct str name, const struct command *command)
{
    for (size_t i = 0; i < CMD_TABLES_MOST; i++)
        consider_options(nearest, name, command->tables[i].opts);
}

static int unknown(const struct apply *a, const struct level *level, struct str key)
{
    struct str_nearest nearest = {.distance = 4};
    const char *kind = json_is_object(json_object_getn(level->table, key.ptr, key.len)) && !level->owner ? "section"
                                                                                                         : "setting";
    err_set(a->err, ERR_USAGE, "there is no %s '%.*s'", kind, STR_ARG(str_slice(key, 0, 60)));
    if (level->owner)
        err_wrap(a->err, "[%s%s]", a->config->prefix, level->name);
    config_wrap(a->config, level->table, key, a->err);
    for (const struct command *command = a->call->commands; command->name; command++) {
        if (!level->owner || level->owner == command)
            consider_command(&nearest, key, command);
        if (!level->owner)
            str_consider(&nearest, key, str_of(command->name));
    }
    if (!level->owner)
        str_consider(&nearest, key, STR("budgets"));
    if (!level->owner && str_equals(key, STR("tool")))
        return err_hint(a->err, "sections of coldspot.toml are called [run], not [tool.coldspot.run]");
    if (nearest.name.len)
        return err_hint(a->err, "did you mean: %.*s", STR_ARG(nearest.name));
    return err_hint(a->err, "coldspot %s --help lists the options", level->owner ? level->name : "COMMAND");
}

static int wrong_kind(const struct apply *a, const struct opt *opt, const json_t *value)
{
    static const char *const wants[] = {
        [OPT_FLAG] = "true or false",
        [OPT_STR] = "a text",
        [OPT_STRS] = "a text or a list of texts",
        [OPT_U32] = "a number",
        [OPT_F64] = "a number",
        [OPT_DURATION] = "a number of seconds or a text such as \"60s\"",
        [OPT_CHOICE] = "a text",
    };
    static const char *const kinds[] = {
        [JSON_OBJECT] = "a table", [JSON_ARRAY] = "a list", [JSON_STRING] = "a text", [JSON_INTEGER] = "a number",
        [JSON_REAL] = "a number",  [JSON_TRUE] = "true",    [JSON_FALSE] = "false",   [JSON_NULL] = "nothing",
    };
    return err_set(a->err, ERR_USAGE, "'%s' takes %s, not %s", opt->name, wants[opt->type], kinds[json_typeof(value)]);
}

static int wrong_item(const struct apply *a, const struct opt *opt)
{
    return err_set(a->err, ERR_USAGE, "what '%s' lists must be texts", opt->name);
}

/* ---- values ---- */

/* What stands between name and value of an option that takes pairs; NULL: it takes none. */
static const char *pair_mark(const struct opt *opt)
{
    if (opt->type != OPT_STRS)
        return NULL;
    return strstr(opt->value, ": ") ? ": " : strchr(opt->value, '=') ? "=" : NULL;
}

/* Where in the text a path begins, if what the option takes is one; else the text's length. */
static size_t path_at(const struct opt *opt, struct str text)
{
    const char *takes = opt->value ? opt->value : "";
    ptrdiff_t equals = str_find(text, STR("="));
    if (str_starts_with(text, STR("@")) && (strcmp(takes, "JSON") == 0 || strcmp(takes, "TEXT") == 0))
        return 1;
    if (strstr(takes, "=DIR") || strstr(takes, "=FILE"))
        return equals < 0 ? text.len : (size_t)equals + 1;
    if (strstr(takes, "DIR") || strstr(takes, "FILE"))
        return 0;
    return strcmp(takes, "PYTHON") == 0 && str_contains(text, STR("/")) ? 0 : text.len;
}

/* A pattern as in a .gitignore beside the file: with a slash before its end it is about places below that directory. */
static const char *rebase_pattern(const struct apply *a, struct str pattern)
{
    struct str dir = a->config->dir, body = str_slice(pattern, 0, pattern.len ? pattern.len - 1 : 0);
    if (!dir.len || !str_contains(body, STR("/")))
        return arena_cstr(a->call->arena, pattern);
    const char *slash = pattern.ptr[0] == '/' ? "" : "/";
    return arena_printf(a->call->arena, "%.*s%s%.*s", STR_ARG(dir), slash, STR_ARG(pattern)).ptr;
}

/* The text, with a relative path in it seen from the file's directory. */
static const char *rebase(const struct apply *a, const struct opt *opt, struct str text)
{
    if (opt->value && strcmp(opt->value, "PATTERN") == 0)
        return rebase_pattern(a, text);
    size_t at = path_at(opt, text);
    struct str path = str_slice(text, at, text.len), dir = a->config->dir;
    if (!dir.len || !path.len || path.ptr[0] == '/')
        return arena_cstr(a->call->arena, text);
    return arena_printf(a->call->arena, "%.*s%.*s/%.*s", STR_ARG(str_slice(text, 0, at)), STR_ARG(dir), STR_ARG(path))
        .ptr;
}

static int set_text(const struct apply *a, const struct opt *opt, struct str text)
{
    if (text.len && memchr(text.ptr, '\0', text.len))
        return err_set(a->err, ERR_USAGE, "'%s' may not hold the character U+0000", opt->name);
    return opt_set(a->call->arena, a->groups, a->n, str_of(opt->name), rebase(a, opt, text), a->err);
}

/* Texts as they are, all else as JSON. */
static struct str text_of(const struct apply *a, const json_t *value)
{
    struct buf text = {0};
    struct jsonw json;
    if (json_is_string(value))
        return str_from(json_string_value(value), json_string_length(value));
    jsonw_init(&json, &text, false);
    jsonw_value(&json, value);
    struct str copy = arena_copy(a->call->arena, buf_str(&text));
    buf_release(&text);
    return copy;
}

static bool is_container(const json_t *value)
{
    return json_is_object(value) || json_is_array(value);
}

static int set_pairs(const struct apply *a, const struct opt *opt, json_t *table)
{
    const char *key;
    size_t len;
    json_t *value;
    json_object_keylen_foreach(table, key, len, value)
    {
        struct str text = text_of(a, value), name = str_from(key, len);
        int rc = is_container(value) ? wrong_item(a, opt)
                                     : set_text(a, opt,
                                                arena_printf(a->call->arena, "%.*s%s%.*s", STR_ARG(name),
                                                             pair_mark(opt), STR_ARG(text)));
        if (rc)
            return config_wrap(a->config, table, name, a->err);
    }
    return 0;
}

static int set_items(const struct apply *a, const struct opt *opt, const json_t *list)
{
    size_t i;
    json_t *value;
    json_array_foreach(list, i, value)
    {
        int rc = json_is_string(value) ? set_text(a, opt, text_of(a, value)) : wrong_item(a, opt);
        if (rc)
            return rc;
    }
    return 0;
}

/* A list as one text, for an option that takes words parted by commas. */
static int set_joined(const struct apply *a, const struct opt *opt, const json_t *list)
{
    struct buf text = {0};
    size_t i;
    json_t *value;
    json_array_foreach(list, i, value)
    {
        struct str word = text_of(a, value);
        buf_addf(&text, "%s%.*s", i ? "," : "", STR_ARG(word));
    }
    int rc = set_text(a, opt, buf_str(&text));
    buf_release(&text);
    return rc;
}

static int set_value(const struct apply *a, const struct opt *opt, json_t *value)
{
    bool yes_or_no = opt->type == OPT_CHOICE && strcmp(opt->value, "yes|no") == 0;
    bool takes_number = opt->type == OPT_U32 || opt->type == OPT_F64 || opt->type == OPT_DURATION;
    if (opt->type == OPT_STRS && json_is_array(value))
        return set_items(a, opt, value);
    if (pair_mark(opt) && json_is_object(value))
        return set_pairs(a, opt, value);
    if (opt->type == OPT_STR && strcmp(opt->value, "LIST") == 0 && json_is_array(value))
        return set_joined(a, opt, value);
    if (yes_or_no && json_is_boolean(value))
        return set_text(a, opt, json_is_true(value) ? STR("yes") : STR("no"));
    bool fits = opt->type == OPT_FLAG   ? json_is_boolean(value)
                : json_is_string(value) ? true
                : takes_number          ? json_is_number(value)
                                        : strcmp(opt->value, "JSON") == 0;
    return fits ? set_text(a, opt, text_of(a, value)) : wrong_kind(a, opt, value);
}

/* ---- levels ---- */

static bool is_given(const struct apply *a, const char *name)
{
    for (size_t i = 0; i < a->givens->len; i++) {
        if (strcmp(a->givens->items[i].opt->name, name) == 0)
            return true;
    }
    return false;
}

/* Whether the command line or a level after `level` has the option. */
static bool is_nearer(const struct apply *a, size_t level, const char *name)
{
    for (size_t i = level + 1; i < a->n_levels; i++) {
        if (json_object_get(a->levels[i].table, name))
            return true;
    }
    return is_given(a, name);
}

static bool is_replaced(const struct apply *a, size_t level, const struct opt *opt)
{
    if (pair_mark(opt))
        return false;
    bool replaced = is_nearer(a, level, opt->name);
    for (size_t i = 0; i < sizeof(alternatives) / sizeof(alternatives[0]); i++) {
        bool member = false, nearer = false;
        for (size_t k = 0; k < 3 && alternatives[i][k]; k++) {
            member = member || strcmp(alternatives[i][k], opt->name) == 0;
            nearer = nearer || is_nearer(a, level, alternatives[i][k]);
        }
        replaced = replaced || (member && nearer);
    }
    return replaced;
}

/* Whether the command shares the option with the level's owner: both have the same table, and it is not about output. */
static bool is_shared(const struct apply *a, const struct level *level, const struct opt *opt)
{
    for (size_t i = 0; i < CMD_TABLES_MOST; i++) {
        const struct opt *table = level->owner->tables[i].opts;
        if (!table || table == cmd_output_opts)
            continue;
        for (size_t g = 0; g < a->n; g++) {
            struct opt_group group = {.opts = table};
            if (a->groups[g].opts == table && opt_find(&group, 1, str_of(opt->name)) == opt)
                return true;
        }
    }
    return false;
}

static bool is_known(const struct cmd_call *call, struct str name)
{
    for (const struct command *command = call->commands; command->name; command++) {
        for (size_t i = 0; i < CMD_TABLES_MOST && command->tables[i].opts; i++) {
            struct opt_group group = {.opts = command->tables[i].opts};
            if (opt_find(&group, 1, name))
                return true;
        }
    }
    return false;
}

static bool is_choice(const struct opt *opt, const char *value)
{
    struct str rest = str_of(opt->value), word;
    while (str_cut(&rest, '|', &word)) {
        if (str_equals(word, str_of(value)))
            return true;
    }
    return false;
}

/* Whether the value is none of this command's words for an option, but one of another command's: --format is not the same for
 * all of them. */
static bool is_meant_for_others(const struct apply *a, const struct opt *opt, const json_t *value)
{
    if (opt->type != OPT_CHOICE || !json_is_string(value) || is_choice(opt, json_string_value(value)))
        return false;
    for (const struct command *command = a->call->commands; command->name; command++) {
        for (size_t i = 0; i < CMD_TABLES_MOST && command->tables[i].opts; i++) {
            struct opt_group group = {.opts = command->tables[i].opts};
            const struct opt *other = opt_find(&group, 1, str_of(opt->name));
            if (other && other->type == OPT_CHOICE && is_choice(other, json_string_value(value)))
                return true;
        }
    }
    return false;
}

static int apply_key(const struct apply *a, size_t index, struct str key, json_t *value)
{
    const struct level *level = &a->levels[index];
    bool is_own = level->owner == a->call->command;
    const struct opt *opt = opt_find(a->groups, a->n, key);
    if (!level->owner && json_is_object(value) && is_section(a->call, key))
        return 0;
    for (const struct opt *row = cmd_settings_opts; row->name; row++) {
        if (str_equals(str_of(row->name), key))
            return unknown(a, level, key);
    }
    if (!opt)
        return is_own || (!level->owner && !is_known(a->call, key)) ? unknown(a, level, key) : 0;
    if ((level->owner && !is_own && !is_shared(a, level, opt)) || is_replaced(a, index, opt))
        return 0;
    if (!level->owner && is_meant_for_others(a, opt, value))
        return 0;
    int rc = set_value(a, opt, value);
    bool is_wrapped = pair_mark(opt) && json_is_object(value); /* with the line of the pair */
    return rc && !is_wrapped ? config_wrap(a->config, level->table, key, a->err) : rc;
}

static int apply_level(const struct apply *a, size_t index)
{
    const char *key;
    size_t len;
    json_t *value;
    json_object_keylen_foreach(a->levels[index].table, key, len, value)
    {
        int rc = apply_key(a, index, str_from(key, len), value);
        if (rc)
            return rc;
    }
    return 0;
}

static int add_level(struct apply *a, struct str name)
{
    const struct command *owner = find_command(a->call, name);
    json_t *table = json_object_getn(a->config->settings, name.ptr, name.len);
    if (!owner || !table || a->n_levels == LEVELS_MOST)
        return 0;
    if (json_is_object(table)) {
        a->levels[a->n_levels++] = (struct level){owner->name, table, owner};
        return 0;
    }
    /* An option may be called like a command. */
    return is_known(a->call, name) ? 0 : unknown(a, &a->levels[0], name);
}

int config_apply(struct cmd_call *call, const struct config *config, const struct opt_group *groups, size_t n,
                 const struct opt_givens *givens, struct err *err)
{
    struct apply a = {call, config, groups, n, givens, {{"", config->settings, NULL}}, 1, err};
    struct str others = str_of(call->command->also_settings), other;
    int rc = 0;
    call->settings = config->path;
    while (!rc && others.len && str_cut(&others, ' ', &other))
        rc = add_level(&a, other);
    if (!rc)
        rc = add_level(&a, str_of(call->command->name));
    for (size_t i = 0; i < a.n_levels && !rc; i++)
        rc = apply_level(&a, i);
    return rc ? rc : config_read_budgets(call, config, err);
}
