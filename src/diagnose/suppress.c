/* Suppression: comments are found once a file, each remembers whether it was of use. */
#include "diagnose/suppress.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"

struct suppression {
    const struct module *module;
    const struct comment *comment;
    struct str names; /* between the brackets; empty: all */
    bool whole_file, alone, used;
};

struct suppressions {
    array_of(struct suppression) items;
};

/* "# coldspot: ignore[...]", "# coldspot: ignore-file[...]". */
static bool read_comment(struct str text, struct str *names_out, bool *whole_file_out)
{
    ptrdiff_t at = str_find(text, STR("coldspot:"));
    if (at < 0)
        return false;
    text = str_trim(str_slice(text, (size_t)at + 9, text.len));
    if (!str_starts_with(text, STR("ignore")))
        return false;
    text = str_slice(text, 6, text.len);
    *whole_file_out = str_starts_with(text, STR("-file"));
    if (*whole_file_out)
        text = str_slice(text, 5, text.len);
    *names_out = (struct str){0};
    ptrdiff_t end = str_find(text, STR("]"));
    if (str_starts_with(text, STR("[")) && end > 0)
        *names_out = str_slice(text, 1, (size_t)end);
    return true;
}

static void find_suppressions(struct arena *arena, const struct project *project, struct suppressions *suppressions)
{
    for (size_t i = 0; i < project->modules.len; i++) {
        const struct module *module = project->modules.items[i];
        for (size_t k = 0; k < module->tree.comments.len; k++) {
            const struct comment *comment = &module->tree.comments.items[k];
            struct suppression found = {.module = module, .comment = comment};
            if (!read_comment(str_slice(module->tree.text, comment->start, comment->end), &found.names,
                              &found.whole_file))
                continue;
            found.alone = !str_trim(str_slice(tree_line(&module->tree, comment->row), 0, comment->column)).len;
            *array_push(arena, &suppressions->items) = found;
        }
    }
}

static bool names_rule(struct str names, const struct finding *finding)
{
    struct str rest = names, name;
    if (!names.len)
        return true;
    while (str_cut(&rest, ',', &name)) {
        name = str_trim(name);
        if (str_equals(name, finding->name) || str_equals(name, finding->code) ||
            (name.len >= 3 && str_starts_with(name, STR("CS")) && str_starts_with(finding->code, name)))
            return true;
    }
    return false;
}

/* A statement over several lines is suppressed on its first or last one. */
static bool covers(const struct suppression *suppression, const struct finding *finding)
{
    uint32_t line = suppression->comment->row + 1;
    if (!str_equals(suppression->module->path, finding->location.file) || !names_rule(suppression->names, finding))
        return false;
    if (suppression->whole_file)
        return true;
    return line == finding->location.line || (!suppression->alone && line == finding->location.end_line) ||
           (suppression->alone && line + 1 == finding->location.line);
}

static void add_unused(struct arena *arena, const struct rules *rules, const struct suppression *suppression,
                       struct findings *findings)
{
    const struct rule *rule = rules_find(rules, STR("unused-suppression"));
    const struct comment *comment = suppression->comment;
    const struct tree *tree = &suppression->module->tree;
    if (!rule || rule->severity == SEVERITY_OFF)
        return;
    *array_push(arena, findings) = (struct finding){
        .code = rule->code,
        .name = rule->name,
        .severity = rule->severity,
        .message = STR("this comment suppresses nothing"),
        .advice = STR("take it away"),
        .fix = FIX_MANUAL,
        .location = {.file = suppression->module->path,
                     .line = comment->row + 1,
                     .column = comment->column + 1,
                     .end_line = comment->row + 1,
                     .end_column = comment->column + 1 + (comment->end - comment->start),
                     .character = tree_characters(tree, comment->row, comment->column) + 1,
                     .end_character =
                         tree_characters(tree, comment->row, comment->column + (comment->end - comment->start)) + 1}};
}

void suppress_comments(struct arena *arena, const struct project *project, const struct rules *rules,
                       struct findings *findings)
{
    struct suppressions suppressions = {0};
    size_t kept = 0;
    find_suppressions(arena, project, &suppressions);
    if (!suppressions.items.len)
        return;
    for (size_t i = 0; i < findings->len; i++) {
        bool suppressed = false;
        for (size_t k = 0; k < suppressions.items.len; k++)
            if (covers(&suppressions.items.items[k], &findings->items[i]))
                suppressions.items.items[k].used = suppressed = true;
        if (!suppressed)
            findings->items[kept++] = findings->items[i];
    }
    findings->len = kept;
    for (size_t k = 0; k < suppressions.items.len; k++)
        if (!suppressions.items.items[k].used)
            add_unused(arena, rules, &suppressions.items.items[k], findings);
}

/* ---- fingerprints */

static uint64_t mix(uint64_t hash, struct str bytes, uint64_t multiplier)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.ptr[i] == ' ' || bytes.ptr[i] == '\t' || bytes.ptr[i] == '\r')
            continue;
        hash = (hash ^ (unsigned char)bytes.ptr[i]) * multiplier;
    }
    return (hash ^ 0xff) * multiplier;
}

struct str suppress_fingerprint(struct arena *arena, const struct project *project, const struct finding *finding)
{
    const struct module *module = project_at(project, finding->location.file);
    struct str line = module && finding->location.line ? tree_line(&module->tree, finding->location.line - 1)
                                                       : finding->message;
    const struct str parts[] = {finding->code, finding->location.file, line, finding->subject};
    uint64_t a = 14695981039346656037u, b = 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < 4; i++) {
        a = mix(a, parts[i], 1099511628211u);
        b = mix(b, parts[i], 0xbf58476d1ce4e5b9u);
    }
    return arena_printf(arena, "%016" PRIx64 "%016" PRIx64, a, b);
}

int suppress_baseline(struct arena *arena, const struct project *project, struct str baseline, const char *path,
                      struct findings *findings, size_t *taken_out, struct err *err)
{
    json_t *root = NULL;
    int rc = json_parse(baseline, path, &root, err);
    if (rc)
        return rc;
    json_t *counts = json_object_get(root, "findings");
    if (!json_is_object(counts)) {
        json_decref(root);
        err_set(err, ERR_INPUT, "'%s' is no baseline: it has no \"findings\"", path);
        return err_hint(err, "make one: coldspot check --baseline %s --update-baseline", path);
    }
    struct map left = {0};
    const char *key;
    json_t *value;
    json_object_foreach(counts, key, value) *
        map_put(arena, &left, str_of(key), NULL) = (uint64_t)json_integer_value(value);
    size_t kept = 0, all = findings->len;
    for (size_t i = 0; i < all; i++) {
        uint64_t *count = map_get(&left, suppress_fingerprint(arena, project, &findings->items[i]));
        if (count && *count)
            --*count;
        else
            findings->items[kept++] = findings->items[i];
    }
    findings->len = kept;
    *taken_out = all - kept;
    json_decref(root);
    return 0;
}

void suppress_write_baseline(struct arena *arena, const struct project *project, const struct findings *findings,
                             struct buf *out)
{
    struct map counts = {0};
    struct jsonw json;
    array_of(struct str) order = {0};
    for (size_t i = 0; i < findings->len; i++) {
        bool fresh;
        struct str fingerprint = suppress_fingerprint(arena, project, &findings->items[i]);
        ++*map_put(arena, &counts, fingerprint, &fresh);
        if (fresh)
            *array_push(arena, &order) = fingerprint;
    }
    jsonw_init(&json, out, true);
    jsonw_object(&json);
    jsonw_key_u64(&json, "schema_version", 1);
    jsonw_key_object(&json, "findings");
    for (size_t i = 0; i < order.len; i++)
        jsonw_key_u64(&json, arena_cstr(arena, order.items[i]), *map_get(&counts, order.items[i]));
    jsonw_end(&json);
    jsonw_end(&json);
    buf_add_char(out, '\n');
}
