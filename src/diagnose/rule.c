/* Reading the pages of data/rules, which tools/embed put into the binary. */
#include "diagnose/rule.h"

#include <stdlib.h>

#include "base/embedded.h"

extern const struct embedded rule_files[];

static int read_word(struct rule *rule, struct str key, struct str value)
{
    static const char *const severities[] = {"off", "info", "warn", "error"};
    static const char *const fixes[] = {"none", "manual", "unsafe", "safe"};
    if (str_equals(key, STR("code")))
        rule->code = value;
    else if (str_equals(key, STR("name")))
        rule->name = value;
    else if (str_equals(key, STR("check")))
        rule->check = value;
    else if (str_equals(key, STR("measured")))
        rule->measured = value;
    else if (str_equals(key, STR("severity")))
        for (int i = 0; i < 4; i++)
            rule->severity = str_equals(value, str_of(severities[i])) ? (enum severity)i : rule->severity;
    else if (str_equals(key, STR("fix")))
        for (int i = 0; i < 4; i++)
            rule->fix = str_equals(value, str_of(fixes[i])) ? (enum fix_kind)i : rule->fix;
    else
        return -1;
    return 0;
}

static int read_page(const struct embedded *file, struct rule *rule, struct err *err)
{
    struct str text = str_from((const char *)file->bytes, file->len), line;
    *rule = (struct rule){0};
    if (!str_cut(&text, '\n', &line) || !str_equals(line, STR("---")))
        return err_set(err, ERR_INTERNAL, "rule page %s: no front matter", file->name);
    while (str_cut(&text, '\n', &line) && !str_equals(line, STR("---"))) {
        struct str value = line, key;
        str_cut(&value, ':', &key);
        if (read_word(rule, key, str_trim(value)))
            return err_set(err, ERR_INTERNAL, "rule page %s: unknown line '%.*s'", file->name, STR_ARG(line));
    }
    rule->page = str_trim(text);
    struct str rest = rule->page;
    str_cut(&rest, '\n', &line);
    if (!rule->code.len || !rule->name.len || !str_starts_with(line, STR("# ")))
        return err_set(err, ERR_INTERNAL, "rule page %s: code, name or heading is missing", file->name);
    rule->title = str_slice(line, 2, line.len);
    return 0;
}

static int by_code(const void *a, const void *b)
{
    return str_compare(((const struct rule *)a)->code, ((const struct rule *)b)->code);
}

int rules_load(struct arena *arena, struct rules *rules_out, struct err *err)
{
    *rules_out = (struct rules){0};
    for (const struct embedded *file = rule_files; file->name; file++)
        if (read_page(file, array_push(arena, rules_out), err))
            return -ERR_INTERNAL;
    if (rules_out->len)
        qsort(rules_out->items, rules_out->len, sizeof(struct rule), by_code);
    return 0;
}

struct rule *rules_next(const struct rules *rules, struct str name, size_t *cursor)
{
    while (*cursor < rules->len) {
        struct rule *rule = &rules->items[(*cursor)++];
        bool family = name.len >= 3 && str_starts_with(name, STR("CS")) && str_starts_with(rule->code, name);
        if (family || str_equals(rule->name, name) || str_equals(rule->code, name) || str_equals(name, STR("all")))
            return rule;
    }
    return NULL;
}

struct rule *rules_find(const struct rules *rules, struct str name)
{
    for (size_t i = 0; i < rules->len; i++)
        if (str_equals(rules->items[i].name, name) || str_equals(rules->items[i].code, name))
            return &rules->items[i];
    return NULL;
}

struct str rules_nearest(const struct rules *rules, struct str name)
{
    struct str_nearest nearest = {.distance = name.len < 15 ? (unsigned)name.len / 3 + 1 : 6};
    for (size_t i = 0; i < rules->len; i++)
        str_consider(&nearest, name, rules->items[i].name);
    return nearest.name;
}
