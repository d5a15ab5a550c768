/* Suppression: comments are found once a file, each remembers whether it was of use. */
#include "diagnose/suppress.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "base/map.h"

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

/* What is known of one file's comments: where they lie in the list, in the order of their lines, and which rules those for the
 * whole file name. */
struct of_file {
    size_t first, end;
    bool any_whole;
    struct map whole; /* code -> 2: a comment for the whole file names the rule, 1: none does */
};

static void index_files(struct arena *arena, const struct suppressions *suppressions, struct map *files)
{
    for (size_t i = 0; i < suppressions->items.len; i++) {
        const struct suppression *item = &suppressions->items.items[i];
        bool fresh;
        uint64_t *kept = map_put(arena, files, item->module->path, &fresh);
        if (fresh)
            *kept = (uintptr_t)arena_new(arena, struct of_file);
        struct of_file *of = (struct of_file *)(uintptr_t)*kept;
        of->first = fresh ? i : of->first;
        of->end = i + 1;
        of->any_whole |= item->whole_file;
    }
}

static bool covers_file(struct arena *arena, struct suppressions *all, struct of_file *of,
                        const struct finding *finding)
{
    bool fresh;
    if (!of->any_whole)
        return false;
    uint64_t *known = map_put(arena, &of->whole, finding->code, &fresh);
    if (!fresh)
        return *known == 2;
    *known = 1;
    for (size_t i = of->first; i < of->end; i++)
        if (all->items.items[i].whole_file && names_rule(all->items.items[i].names, finding)) {
            all->items.items[i].used = true;
            *known = 2;
        }
    return *known == 2;
}

/* The comment of the row that stands alone in it, or does not; NULL: there is none. */
static struct suppression *on_row(struct suppressions *all, const struct of_file *of, uint32_t row, bool alone)
{
    size_t low = of->first, high = of->end;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (all->items.items[middle].comment->row < row)
            low = middle + 1;
        else
            high = middle;
    }
    struct suppression *found = low < of->end ? &all->items.items[low] : NULL;
    bool fits = found && found->comment->row == row && !found->whole_file && found->alone == alone;
    return fits ? found : NULL;
}

/* A statement over several lines is suppressed on its first or last one, or by a comment alone on the line above it. */
static bool covers_lines(struct suppressions *all, const struct of_file *of, const struct finding *finding)
{
    uint32_t line = finding->location.line, last = finding->location.end_line;
    struct suppression *candidates[] = {
        line ? on_row(all, of, line - 1, false) : NULL,
        line ? on_row(all, of, line - 1, true) : NULL,
        last && last != line ? on_row(all, of, last - 1, false) : NULL,
        line > 1 ? on_row(all, of, line - 2, true) : NULL,
    };
    bool covered = false;
    for (size_t i = 0; i < sizeof(candidates) / sizeof(candidates[0]); i++)
        if (candidates[i] && names_rule(candidates[i]->names, finding))
            candidates[i]->used = covered = true;
    return covered;
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
    struct map files = {0};
    size_t kept = 0;
    find_suppressions(arena, project, &suppressions);
    if (!suppressions.items.len)
        return;
    index_files(arena, &suppressions, &files);
    for (size_t i = 0; i < findings->len; i++) {
        const uint64_t *of_file = map_get(&files, findings->items[i].location.file);
        struct of_file *of = of_file ? (struct of_file *)(uintptr_t)*of_file : NULL;
        bool whole = of && covers_file(arena, &suppressions, of, &findings->items[i]);
        bool lines = of && covers_lines(&suppressions, of, &findings->items[i]);
        if (!whole && !lines)
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
