/* SARIF 2.1.0: findings as results of one run, rules once each.  Fingerprints come from rule, path and the text of the line, never
 * from a line number, so that code hosts follow a finding as lines move. */
#include "present/present.h"

#include "base/jsonw.h"
#include "diagnose/rule.h"

enum { RESULTS_MOST = 5000 };

static const char *level_of(enum severity severity)
{
    return severity == SEVERITY_ERROR ? "error" : severity == SEVERITY_WARN ? "warning" : "note";
}

static void write_text(struct jsonw *json, const char *key, struct str text)
{
    jsonw_key_object(json, key);
    jsonw_key_string(json, "text", text);
    jsonw_end(json);
}

static void write_rule(struct jsonw *json, const struct rule *rule)
{
    jsonw_object(json);
    jsonw_key_string(json, "id", rule->code);
    jsonw_key_string(json, "name", rule->name);
    write_text(json, "shortDescription", rule->title);
    jsonw_key_object(json, "help");
    jsonw_key_string(json, "text", rule->title);
    jsonw_key_string(json, "markdown", rule->page);
    jsonw_end(json);
    jsonw_key_object(json, "defaultConfiguration");
    jsonw_key_string(json, "level", str_of(level_of(rule->severity)));
    jsonw_end(json);
    jsonw_end(json);
}

/* A path as a relative URI: what a URI can't hold is escaped. */
static struct str uri_of(struct arena *arena, struct str path)
{
    struct buf out = {0};
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.ptr[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
                     c == '.' || c == '_' || c == '-' || c == '~';
        if (plain)
            buf_add_char(&out, (char)c);
        else
            buf_addf(&out, "%%%02X", c);
    }
    struct str uri = arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return uri;
}

/* Columns as columnKind says: code points. */
static void write_region(struct jsonw *json, const char *key, const struct location *place)
{
    uint32_t column = place->character ? place->character : place->column;
    uint32_t end_column = place->end_character ? place->end_character : place->end_column;
    jsonw_key_object(json, key);
    jsonw_key_u64(json, "startLine", place->line);
    jsonw_key_u64(json, "startColumn", column ? column : 1);
    if (place->end_line >= place->line && place->end_line)
        jsonw_key_u64(json, "endLine", place->end_line);
    if (place->end_line && end_column)
        jsonw_key_u64(json, "endColumn", end_column);
    jsonw_end(json);
}

static void write_location(struct jsonw *json, struct arena *arena, const struct location *location)
{
    jsonw_key_array(json, "locations");
    if (location->file.len) {
        jsonw_object(json);
        jsonw_key_object(json, "physicalLocation");
        jsonw_key_object(json, "artifactLocation");
        jsonw_key_string(json, "uri", uri_of(arena, location->file));
        jsonw_end(json);
        if (location->line)
            write_region(json, "region", location);
        jsonw_end(json);
        jsonw_end(json);
    }
    jsonw_end(json);
}

/* The edits of one file, from the first on that is of it. */
static void write_change(struct jsonw *json, struct arena *arena, const struct edits *edits, size_t first)
{
    struct str file = edits->items[first].place.file;
    jsonw_object(json);
    jsonw_key_object(json, "artifactLocation");
    jsonw_key_string(json, "uri", uri_of(arena, file));
    jsonw_end(json);
    jsonw_key_array(json, "replacements");
    for (size_t i = first; i < edits->len; i++) {
        if (!str_equals(edits->items[i].place.file, file))
            continue;
        jsonw_object(json);
        write_region(json, "deletedRegion", &edits->items[i].place);
        write_text(json, "insertedContent", edits->items[i].text);
        jsonw_end(json);
    }
    jsonw_end(json);
    jsonw_end(json);
}

static bool is_first_of_file(const struct edits *edits, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (str_equals(edits->items[k].place.file, edits->items[i].place.file))
            return false;
    return true;
}

static void write_fix(struct jsonw *json, struct arena *arena, const struct finding *finding)
{
    if (!finding->edits.len || finding->fix < FIX_UNSAFE)
        return;
    jsonw_key_array(json, "fixes");
    jsonw_object(json);
    write_text(json, "description", finding->advice.len ? finding->advice : finding->message);
    jsonw_key_array(json, "artifactChanges");
    for (size_t i = 0; i < finding->edits.len; i++)
        if (is_first_of_file(&finding->edits, i))
            write_change(json, arena, &finding->edits, i);
    jsonw_end(json);
    jsonw_end(json);
    jsonw_end(json);
}

static void write_result(struct jsonw *json, const struct document *document, size_t i)
{
    const struct finding *finding = &document->findings->items[i];
    struct str message = finding->advice.len ? arena_printf(document->arena, "%.*s\n%.*s", STR_ARG(finding->message),
                                                            STR_ARG(finding->advice))
                                             : finding->message;
    jsonw_object(json);
    jsonw_key_string(json, "ruleId", finding->code);
    jsonw_key_string(json, "level", str_of(level_of(finding->severity)));
    write_text(json, "message", message);
    write_location(json, document->arena, &finding->location);
    if (document->fingerprints) {
        jsonw_key_object(json, "partialFingerprints");
        jsonw_key_string(json, "coldspot/v1", document->fingerprints[i]);
        jsonw_end(json);
    }
    write_fix(json, document->arena, finding);
    jsonw_end(json);
}

/* The rules that findings name, in the order of codes. */
static void write_rules(struct jsonw *json, const struct findings *findings, const struct rules *rules)
{
    jsonw_key_array(json, "rules");
    for (size_t i = 0; i < rules->len; i++) {
        bool found = false;
        for (size_t k = 0; k < findings->len && !found; k++)
            found = str_equals(findings->items[k].code, rules->items[i].code);
        if (found)
            write_rule(json, &rules->items[i]);
    }
    jsonw_end(json);
}

int present_sarif(const struct document *document, const struct present_options *options, struct buf *out,
                  struct err *err)
{
    static const struct findings none;
    const struct findings *findings = document->findings ? document->findings : &none;
    struct rules rules;
    struct jsonw json;
    (void)options;
    int rc = rules_load(document->arena, &rules, err);
    if (rc)
        return rc;
    jsonw_init(&json, out, true);
    jsonw_object(&json);
    jsonw_key_string(&json, "$schema", STR("https://json.schemastore.org/sarif-2.1.0.json"));
    jsonw_key_string(&json, "version", STR("2.1.0"));
    jsonw_key_array(&json, "runs");
    jsonw_object(&json);
    jsonw_key_object(&json, "tool");
    jsonw_key_object(&json, "driver");
    jsonw_key_string(&json, "name", STR("coldspot"));
    jsonw_key_string(&json, "version", STR(COLDSPOT_VERSION));
    write_rules(&json, findings, &rules);
    jsonw_end(&json);
    jsonw_end(&json);
    jsonw_key_string(&json, "columnKind", STR("unicodeCodePoints"));
    jsonw_key_array(&json, "results");
    for (size_t i = 0; i < findings->len && i < RESULTS_MOST; i++)
        write_result(&json, document, i);
    while (json.depth)
        jsonw_end(&json);
    buf_add_char(out, '\n');
    return 0;
}
