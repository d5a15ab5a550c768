/* Long and short options over tables of rows.  What a row's type means is in the one table `types`. */
#include "base/opt.h"

#include <math.h>
#include <string.h>

#include "base/units.h"

struct target {
    struct arena *arena;
    const struct opt *opt;
    void *field;
};

static int set_flag(const struct target *target, const char *value, struct err *err)
{
    if (value && strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
        return err_set(err, ERR_USAGE, "--%s takes no value", target->opt->name);
    *(bool *)target->field = !value || strcmp(value, "true") == 0;
    return 0;
}

static int set_str(const struct target *target, const char *value, struct err *err)
{
    (void)err;
    *(const char **)target->field = value;
    return 0;
}

static int set_strs(const struct target *target, const char *value, struct err *err)
{
    (void)err;
    struct opt_strs *list = target->field;
    *array_push(target->arena, list) = value;
    return 0;
}

/* Checks a number against its row's limits. */
static int check_range(const struct opt *opt, double number, const char *value, struct err *err)
{
    double most = opt->least == 0 && opt->most == 0 ? HUGE_VAL : opt->most;
    if (number >= opt->least && number <= most)
        return 0;
    if (most == HUGE_VAL)
        return err_set(err, ERR_USAGE, "--%s must be %g or more, not %s", opt->name, opt->least, value);
    return err_set(err, ERR_USAGE, "--%s must be between %g and %g, not %s", opt->name, opt->least, most, value);
}

static int set_u32(const struct target *target, const char *value, struct err *err)
{
    uint64_t number;
    if (!str_to_u64(str_of(value), &number) || number > UINT32_MAX)
        return err_set(err, ERR_USAGE, "--%s takes a whole number, not '%s'", target->opt->name, value);
    int rc = check_range(target->opt, (double)number, value, err);
    if (rc)
        return rc;
    *(uint32_t *)target->field = (uint32_t)number;
    return 0;
}

static int set_f64(const struct target *target, const char *value, struct err *err)
{
    double number;
    if (!str_to_f64(str_of(value), &number))
        return err_set(err, ERR_USAGE, "--%s takes a number, not '%s'", target->opt->name, value);
    int rc = check_range(target->opt, number, value, err);
    if (rc)
        return rc;
    *(double *)target->field = number;
    return 0;
}

static int set_duration(const struct target *target, const char *value, struct err *err)
{
    double seconds;
    if (!units_parse_duration(str_of(value), &seconds))
        return err_set(err, ERR_USAGE, "--%s takes a duration such as 500ms, 60s or 5m, not '%s'", target->opt->name,
                       value);
    int rc = check_range(target->opt, seconds, value, err);
    if (rc)
        return rc;
    *(double *)target->field = seconds;
    return 0;
}

static int set_choice(const struct target *target, const char *value, struct err *err)
{
    struct str rest = str_of(target->opt->value), word;
    while (str_cut(&rest, '|', &word)) {
        if (str_equals(word, str_of(value))) {
            *(const char **)target->field = value;
            return 0;
        }
    }
    return err_set(err, ERR_USAGE, "--%s takes one of %s, not '%s'", target->opt->name, target->opt->value, value);
}

static int (*const types[])(const struct target *, const char *, struct err *) = {
    [OPT_FLAG] = set_flag, [OPT_STR] = set_str,           [OPT_STRS] = set_strs,     [OPT_U32] = set_u32,
    [OPT_F64] = set_f64,   [OPT_DURATION] = set_duration, [OPT_CHOICE] = set_choice,
};

/* A row and the struct that it fills. */
struct found {
    const struct opt *opt;
    void *args;
};

static struct found find(const struct opt_group *groups, size_t n, struct str name, char letter)
{
    for (size_t g = 0; g < n; g++) {
        for (const struct opt *opt = groups[g].opts; opt->name; opt++) {
            if (letter ? opt->letter == letter : str_equals(str_of(opt->name), name))
                return (struct found){opt, groups[g].args};
        }
    }
    return (struct found){0};
}

static int unknown(const struct opt_group *groups, size_t n, struct str name, struct err *err)
{
    const char *nearest = NULL;
    unsigned least = 3;
    for (size_t g = 0; g < n; g++) {
        for (const struct opt *opt = groups[g].opts; opt->name; opt++) {
            unsigned distance = str_distance(str_of(opt->name), name);
            if (distance < least) {
                least = distance;
                nearest = opt->name;
            }
        }
    }
    err_set(err, ERR_USAGE, "there is no option --%.*s", STR_ARG(name));
    if (nearest)
        return err_hint(err, "did you mean: --%s", nearest);
    return err_hint(err, "--help lists them");
}

static int apply(struct arena *arena, struct found found, const char *value, struct err *err)
{
    struct target target = {arena, found.opt, (char *)found.args + found.opt->offset};
    return types[found.opt->type](&target, value, err);
}

const struct opt *opt_find(const struct opt_group *groups, size_t n, struct str name)
{
    return find(groups, n, name, 0).opt;
}

int opt_set(struct arena *arena, const struct opt_group *groups, size_t n, struct str name, const char *value,
            struct err *err)
{
    struct found found = find(groups, n, name, 0);
    if (!found.opt)
        return unknown(groups, n, name, err);
    return apply(arena, found, value, err);
}

/* The walk over argv. */
struct parse {
    struct arena *arena;
    const struct opt_group *groups;
    size_t n;
    char **next; /* NULL-terminated by argc */
    char **end;
    struct opt_givens *givens; /* NULL: set the fields instead */
};

static int accept(struct parse *parse, struct found found, const char *value, struct err *err)
{
    if (!parse->givens)
        return apply(parse->arena, found, value, err);
    *array_push(parse->arena, parse->givens) = (struct opt_given){found.opt, value};
    return 0;
}

static int parse_value(struct parse *parse, struct found found, const char *inline_value, struct err *err)
{
    if (found.opt->type == OPT_FLAG || inline_value)
        return accept(parse, found, inline_value, err);
    if (parse->next == parse->end)
        return err_set(err, ERR_USAGE, "--%s needs a value: --%s %s", found.opt->name, found.opt->name,
                       found.opt->value);
    return accept(parse, found, *parse->next++, err);
}

static int parse_long(struct parse *parse, const char *text, struct err *err)
{
    const char *equals = strchr(text, '=');
    struct str name = equals ? str_from(text, (size_t)(equals - text)) : str_of(text);
    struct found found = find(parse->groups, parse->n, name, 0);
    if (!found.opt)
        return unknown(parse->groups, parse->n, name, err);
    return parse_value(parse, found, equals ? equals + 1 : NULL, err);
}

/* A cluster of letters: flags, the last of which may take a value (-qo FILE, -oFILE). */
static int parse_letters(struct parse *parse, const char *letters, struct err *err)
{
    for (; *letters; letters++) {
        struct found found = find(parse->groups, parse->n, STR(""), *letters);
        if (!found.opt) {
            err_set(err, ERR_USAGE, "there is no option -%c", *letters);
            return err_hint(err, "--help lists them");
        }
        bool takes_value = found.opt->type != OPT_FLAG;
        int rc = parse_value(parse, found, takes_value && letters[1] ? letters + 1 : NULL, err);
        if (rc || takes_value)
            return rc;
    }
    return 0;
}

static int walk(struct parse *parse, size_t argc, struct opt_words *words_out, struct err *err)
{
    struct opt_words words = {arena_array(parse->arena, const char *, argc + 1), 0, NULL};
    while (parse->next < parse->end) {
        const char *word = *parse->next++;
        int rc = 0;
        if (strcmp(word, "--") == 0) {
            words.command = parse->next;
            break;
        }
        if (word[0] == '-' && word[1] == '-')
            rc = parse_long(parse, word + 2, err);
        else if (word[0] == '-' && word[1])
            rc = parse_letters(parse, word + 1, err);
        else
            words.items[words.len++] = word;
        if (rc)
            return rc;
    }
    *words_out = words;
    return 0;
}

int opt_parse(struct arena *arena, const struct opt_group *groups, size_t n, int argc, char **argv,
              struct opt_words *words_out, struct err *err)
{
    struct parse parse = {arena, groups, n, argv, argv + argc, NULL};
    return walk(&parse, (size_t)argc, words_out, err);
}

int opt_scan(struct arena *arena, const struct opt_group *groups, size_t n, int argc, char **argv,
             struct opt_words *words_out, struct opt_givens *givens_out, struct err *err)
{
    struct opt_givens givens = {0};
    struct parse parse = {arena, groups, n, argv, argv + argc, &givens};
    int rc = walk(&parse, (size_t)argc, words_out, err);
    if (!rc)
        *givens_out = givens;
    return rc;
}

enum { HELP_COLUMN = 28 };

static void add_row(struct buf *out, const struct opt *opt)
{
    size_t start = out->len;
    if (opt->letter)
        buf_addf(out, "  -%c, --%s", opt->letter, opt->name);
    else
        buf_addf(out, "      --%s", opt->name);
    if (opt->value)
        buf_addf(out, " %s", opt->value);
    size_t width = out->len - start;
    if (width + 2 > HELP_COLUMN) {
        buf_add_char(out, '\n');
        width = 0;
    }
    buf_add_repeated(out, STR(" "), HELP_COLUMN - width);
    buf_addf(out, "%s\n", opt->help);
}

void opt_add_help(struct buf *out, const struct opt_group *groups, size_t n)
{
    for (size_t g = 0; g < n; g++) {
        buf_addf(out, "%s%s:\n", g ? "\n" : "", groups[g].title ? groups[g].title : "Options");
        for (const struct opt *opt = groups[g].opts; opt->name; opt++)
            add_row(out, opt);
    }
}
