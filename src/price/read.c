/* One price table from JSON.  What a member is called, where it goes and which values it may have is in the tables below; the
 * code walks them.  Nothing is taken on trust: every problem is collected with the member's name, and a table that has an
 * error is not used. */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

#include "base/json.h"
#include "price/catalogue.h"

enum { PROBLEMS_MOST = 64 };

struct reader {
    struct arena *arena;
    const struct catalogue *base;
    struct price_table *table;
    struct price_problems *problems;
};

/* What an amount may be charged for, and how many base units one of it is. */
static const struct unit {
    const char *name, *of;
    double base_units;
} units[] = {
    {"GPU-second", "GPU", 1},           {"GPU-hour", "GPU", 3600},
    {"core-second", "core", 1},         {"core-hour", "core", 3600},
    {"GiB-second", "GiB", 1},           {"GiB-hour", "GiB", 3600},
    {"request", "request", 1},          {"million-requests", "request", 1e6},
    {"GiB-month", "GiB of storage", 1},
};

/* Sections that may carry an amount ("usd", "unit", "source"). */
static const struct amount_row {
    const char *section, *of;
    size_t offset;
} amount_rows[] = {
    {"cpu", "core", offsetof(struct price_table, cpu)},
    {"memory", "GiB", offsetof(struct price_table, memory)},
    {"disk", "GiB", offsetof(struct price_table, disk)},
    {"request", "request", offsetof(struct price_table, request)},
    {"volume", "GiB of storage", offsetof(struct price_table, volume)},
};

/* Sections that are rules, each with its source. */
static const struct rule_row {
    const char *section;
    size_t offset;
} rule_rows[] = {
    {"vcpu", offsetof(struct price_table, vcpu_rule)},
    {"disk", offsetof(struct price_table, disk_rule)},
    {"billed", offsetof(struct price_table, billed_rule)},
    {"startup", offsetof(struct price_table, startup_rule)},
    {"idle", offsetof(struct price_table, idle_rule)},
    {"region", offsetof(struct price_table, region_rule)},
    {"nonpreemptible", offsetof(struct price_table, nonpreemptible_rule)},
};

/* Everything else: a number within limits, or a truth value. */
static const struct value_row {
    const char *section, *key;
    bool is_bool;
    size_t offset;
    double least, most;
} value_rows[] = {
    {"cpu", "default", false, offsetof(struct price_table, cpu_default), 0, 1024},
    {"cpu", "least", false, offsetof(struct price_table, cpu_least), 0, 1024},
    {"cpu", "step", false, offsetof(struct price_table, cpu_step), 0, 1024},
    {"memory", "default_mib", false, offsetof(struct price_table, memory_default_mib), 1, 1e9},
    {"memory", "least_mib", false, offsetof(struct price_table, memory_least_mib), 0, 1e9},
    {"memory", "most_mib", false, offsetof(struct price_table, memory_most_mib), 1, 1e9},
    {"memory", "step_mib", false, offsetof(struct price_table, memory_step_mib), 0, 1e6},
    {"vcpu", "mib", false, offsetof(struct price_table, mib_per_vcpu), 1, 1e6},
    {"disk", "per_memory", false, offsetof(struct price_table, disk_per_memory), 1, 1e6},
    {"disk", "free_mib", false, offsetof(struct price_table, disk_free_mib), 0, 1e9},
    {"volume", "free_gib", false, offsetof(struct price_table, volume_free_gib), 0, 1e9},
    {"billed", "use_counts", true, offsetof(struct price_table, bills_use), 0, 0},
    {"billed", "time_step_s", false, offsetof(struct price_table, time_step_s), 0, 3600},
    {"startup", "billed", true, offsetof(struct price_table, startup_billed), 0, 0},
    {"idle", "billed", true, offsetof(struct price_table, idle_billed), 0, 0},
    {"idle", "window_s", false, offsetof(struct price_table, idle_window_s), 0, 86400},
    {"region", "broad", false, offsetof(struct price_table, region_broad), 0.01, 100},
    {"region", "narrow", false, offsetof(struct price_table, region_narrow), 0.01, 100},
    {"nonpreemptible", "factor", false, offsetof(struct price_table, nonpreemptible), 0.01, 100},
};

static const char *const plain_members[] = {"schema_version", "provider", "title",    "currency",
                                            "date",           "sources",  "based_on", "gpu"};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void problem(struct reader *reader, bool is_warning, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void problem(struct reader *reader, bool is_warning, const char *format, ...)
{
    if (reader->problems->len >= PROBLEMS_MOST)
        return;
    struct buf text = {0};
    va_list args;
    va_start(args, format);
    buf_addv(&text, format, args);
    va_end(args);
    *array_push(reader->arena, reader->problems) = (struct price_problem){is_warning,
                                                                          arena_copy(reader->arena, buf_str(&text))};
    buf_release(&text);
}

/* A required text member, in the arena. */
static struct str read_text(struct reader *reader, const json_t *object, const char *where, const char *key)
{
    struct str text = json_get_str(object, key, STR(""));
    if (!text.len)
        problem(reader, false, "%s'%s' is missing, or no text", where, key);
    return arena_copy(reader->arena, text);
}

static struct str read_date(struct reader *reader, const json_t *object, const char *where)
{
    struct str date = read_text(reader, object, where, "date");
    int64_t days;
    if (date.len && !price_age_days(date, 0, &days))
        problem(reader, false, "%s'date' is '%.*s', not YYYY-MM-DD", where, STR_ARG(date));
    return date;
}

static void read_sources(struct reader *reader, json_t *sources)
{
    const char *id;
    json_t *value;
    if (!json_is_object(sources)) {
        problem(reader, false, "'sources' is missing: an object of {\"url\" or \"name\", \"date\"}");
        return;
    }
    json_object_foreach(sources, id, value)
    {
        struct str where = arena_printf(reader->arena, "sources.%s: ", id);
        struct str url = json_get_str(value, "url", json_get_str(value, "name", STR("")));
        if (!url.len)
            problem(reader, false, "%s'url' or 'name' is missing", where.ptr);
        *array_push(reader->arena, &reader->table->sources) = (struct price_source){
            arena_copy(reader->arena, str_of(id)), arena_copy(reader->arena, url), read_date(reader, value, where.ptr)};
    }
}

static const struct price_source *find_source(struct reader *reader, const json_t *object, const char *where)
{
    struct str id = json_get_str(object, "source", STR(""));
    for (size_t i = 0; i < reader->table->sources.len; i++) {
        if (str_equals(reader->table->sources.items[i].id, id))
            return &reader->table->sources.items[i];
    }
    if (id.len)
        problem(reader, false, "%s: 'source' names '%.*s', which is not in 'sources'", where, STR_ARG(id));
    else
        problem(reader, false, "%s: 'source' is missing", where);
    return NULL;
}

static struct price_amount read_amount(struct reader *reader, const json_t *object, const char *where, const char *of)
{
    struct price_amount amount = {.sold = true, .source = find_source(reader, object, where)};
    amount.as_written = json_get_f64(object, "usd", NAN);
    if (!(amount.as_written >= 0 && amount.as_written < 1e6))
        problem(reader, false, "%s: 'usd' is missing, or no number of 0 or more", where);
    amount.unit = arena_copy(reader->arena, json_get_str(object, "unit", STR("")));
    for (size_t i = 0; i < COUNT(units); i++) {
        if (!str_equals(amount.unit, str_of(units[i].name)) || !str_equals(str_of(units[i].of), str_of(of)))
            continue;
        amount.usd = amount.as_written / units[i].base_units;
        return amount;
    }
    struct buf known = {0};
    for (size_t i = 0; i < COUNT(units); i++) {
        if (str_equals(str_of(units[i].of), str_of(of)))
            buf_addf(&known, "%s%s", known.len ? " or " : "", units[i].name);
    }
    problem(reader, false, "%s: 'unit' is '%.*s'; a price per %s is in %s", where, STR_ARG(amount.unit), of,
            buf_cstr(&known));
    buf_release(&known);
    return amount;
}

static void read_gpus(struct reader *reader, json_t *gpus)
{
    const char *name;
    json_t *value;
    if (gpus && !json_is_object(gpus))
        problem(reader, false, "'gpu' is no object of {NAME: {\"usd\", \"unit\", \"source\"}}");
    json_object_foreach(gpus, name, value)
    {
        struct str where = arena_printf(reader->arena, "gpu.%s", name);
        const struct gpu *gpu = catalogue_gpu(reader->base, str_of(name));
        if (!gpu)
            problem(reader, true, "%s: no GPU of this name is known, so no function can ask for it", where.ptr);
        int64_t most = json_get_i64(value, "most", 0);
        if (most < 0 || most > 1024)
            problem(reader, false, "%s: 'most' must be between 0 and 1024", where.ptr);
        struct price_gpu row = {gpu ? gpu->name : arena_copy(reader->arena, str_of(name)),
                                read_amount(reader, value, where.ptr, "GPU"), (uint32_t)most};
        *array_push(reader->arena, &reader->table->gpus) = row;
    }
}

static void read_value(struct reader *reader, json_t *root, const struct value_row *row)
{
    json_t *value = json_object_get(json_object_get(root, row->section), row->key);
    char *field = (char *)reader->table + row->offset;
    if (!value)
        return;
    if (row->is_bool) {
        if (json_is_boolean(value))
            *(bool *)field = json_is_true(value);
        else
            problem(reader, false, "%s: '%s' must be true or false", row->section, row->key);
        return;
    }
    double number = json_is_number(value) ? json_number_value(value) : NAN;
    if (number >= row->least && number <= row->most)
        *(double *)field = number;
    else
        problem(reader, false, "%s: '%s' must be a number between %g and %g", row->section, row->key, row->least,
                row->most);
}

static bool knows_member(const char *section, const char *key)
{
    static const char *const always[] = {"usd", "unit", "source"};
    for (size_t i = 0; i < COUNT(always); i++) {
        if (str_equals(str_of(key), str_of(always[i])))
            return true;
    }
    for (size_t i = 0; i < COUNT(value_rows); i++) {
        if (str_equals(str_of(value_rows[i].section), str_of(section)) &&
            str_equals(str_of(value_rows[i].key), str_of(key)))
            return true;
    }
    return false;
}

static bool knows_section(const char *section)
{
    for (size_t i = 0; i < COUNT(amount_rows); i++) {
        if (str_equals(str_of(amount_rows[i].section), str_of(section)))
            return true;
    }
    for (size_t i = 0; i < COUNT(rule_rows); i++) {
        if (str_equals(str_of(rule_rows[i].section), str_of(section)))
            return true;
    }
    return false;
}

/* A misspelt member would be a price silently left out. */
static void warn_of_strangers(struct reader *reader, json_t *root)
{
    const char *section, *key;
    json_t *value, *member;
    json_object_foreach(root, section, value)
    {
        bool plain = false;
        for (size_t i = 0; i < COUNT(plain_members); i++)
            plain |= str_equals(str_of(plain_members[i]), str_of(section));
        if (plain)
            continue;
        if (!knows_section(section)) {
            problem(reader, true, "'%s' is no member that coldspot knows", section);
            continue;
        }
        json_object_foreach(value, key, member)
        {
            if (!knows_member(section, key))
                problem(reader, true, "%s: '%s' is no member that coldspot knows", section, key);
        }
    }
}

static void read_table(struct reader *reader, json_t *root)
{
    struct price_table *table = reader->table;
    if (json_get_i64(root, "schema_version", 0) != 1)
        problem(reader, false, "'schema_version' must be 1");
    if (!str_equals(json_get_str(root, "currency", STR("")), STR("USD")))
        problem(reader, false, "'currency' must be \"USD\"");
    table->provider = read_text(reader, root, "", "provider");
    table->title = read_text(reader, root, "", "title");
    table->date = read_date(reader, root, "");
    read_sources(reader, json_object_get(root, "sources"));
    read_gpus(reader, json_object_get(root, "gpu"));
    for (size_t i = 0; i < COUNT(amount_rows); i++) {
        json_t *section = json_object_get(root, amount_rows[i].section);
        if (json_object_get(section, "usd"))
            *(struct price_amount *)((char *)table + amount_rows[i].offset) = read_amount(
                reader, section, amount_rows[i].section, amount_rows[i].of);
    }
    for (size_t i = 0; i < COUNT(rule_rows); i++) {
        json_t *section = json_object_get(root, rule_rows[i].section);
        if (section)
            ((struct price_rule *)((char *)table + rule_rows[i].offset))->source = find_source(reader, section,
                                                                                               rule_rows[i].section);
    }
    for (size_t i = 0; i < COUNT(value_rows); i++)
        read_value(reader, root, &value_rows[i]);
    if (!table->memory.sold)
        problem(reader, false, "memory: 'usd' is missing");
    if (!table->cpu.sold && !table->mib_per_vcpu)
        problem(reader, false, "cpu: 'usd' is missing, and no vcpu.mib says that CPU comes with memory");
    warn_of_strangers(reader, root);
}

/* Puts what the file says over what the table that it is based on says; the new root is the caller's. */
static json_t *join_base(struct reader *reader, json_t *root)
{
    struct str name = json_get_str(root, "based_on", STR(""));
    const struct price_table *base = name.len ? catalogue_table(reader->base, name) : NULL;
    if (!base) {
        if (name.len)
            problem(reader, false, "'based_on' names '%.*s', of which there is no table", STR_ARG(name));
        return json_incref(root);
    }
    json_t *joined = NULL;
    if (json_parse(base->json, "the table that it is based on", &joined, NULL))
        return json_incref(root);
    json_object_update_recursive(joined, root);
    json_object_del(joined, "based_on");
    return joined;
}

struct price_table *price_read(struct arena *arena, const struct catalogue *base, struct str text, const char *file,
                               struct price_problems *problems)
{
    struct price_table *table = arena_new(arena, struct price_table);
    struct reader reader = {arena, base, table, problems};
    *table = (struct price_table){
        .file = arena_copy(arena, str_of(file)), .region_broad = 1, .region_narrow = 1, .nonpreemptible = 1};
    struct err err = {0};
    json_t *root = NULL;
    if (json_parse(text, file, &root, &err)) {
        problem(&reader, false, "%s", buf_cstr(&err.message));
        err_release(&err);
        return table;
    }
    if (!json_is_object(root)) {
        problem(&reader, false, "it is JSON, but no object");
        json_decref(root);
        return table;
    }
    json_t *joined = join_base(&reader, root);
    read_table(&reader, joined);
    char *whole = json_dumps(joined, JSON_COMPACT | JSON_REAL_PRECISION(17));
    table->json = arena_copy(arena, str_of(whole));
    free(whole);
    json_decref(joined);
    json_decref(root);
    return table;
}
