/* Measured and static findings meet here, on file, line and rule. */
#include "cmd/diagnose_app.h"

#include "diagnose/measured.h"
#include "diagnose/suppress.h"

int diagnose_app_read(struct cmd_call *call, const struct check_options *options, struct str path, bool quiet,
                      struct diagnose_app *app_out, struct err *err)
{
    *app_out = (struct diagnose_app){0};
    if (!path.len)
        return 0;
    char *paths[] = {(char *)arena_cstr(call->arena, path)};
    int rc = check_paths(call, options, paths, 1, quiet, &app_out->checked, err);
    app_out->is_read = rc == 0;
    if (rc != -ERR_INPUT)
        return rc;
    err_reset(err); /* the run may be older than the file's end */
    return 0;
}

static enum severity usual_severity(struct str code)
{
    for (const struct measured_rule *row = measured_rules; row->code; row++) {
        if (str_equals(str_of(row->code), code))
            return row->severity;
    }
    return SEVERITY_OFF;
}

/* The severity that the rule's page or the user gives; a finding that was made less of than usual stays below it. */
static enum severity severity_of(const struct rules *rules, const struct finding *finding)
{
    const struct rule *rule = rules_find(rules, finding->code);
    if (!rule)
        return finding->severity;
    bool is_usual = finding->severity == usual_severity(finding->code);
    return is_usual || rule->severity < finding->severity ? rule->severity : finding->severity;
}

static void choose(const struct rules *rules, struct findings *findings)
{
    size_t kept = 0;
    for (size_t i = 0; i < findings->len; i++) {
        findings->items[i].severity = severity_of(rules, &findings->items[i]);
        if (findings->items[i].severity != SEVERITY_OFF)
            findings->items[kept++] = findings->items[i];
    }
    findings->len = kept;
}

/* Comments that suppress nothing here may well suppress what reading finds. */
static void suppress(struct arena *arena, const struct checked *checked, struct findings *findings)
{
    size_t kept = 0;
    suppress_comments(arena, &checked->source.project, &checked->rules, findings);
    for (size_t i = 0; i < findings->len; i++) {
        if (!str_equals(findings->items[i].name, STR("unused-suppression")))
            findings->items[kept++] = findings->items[i];
    }
    findings->len = kept;
}

static bool is_import_rule(const struct finding *finding)
{
    return str_starts_with(finding->name, STR("heavy-import-"));
}

static bool is_same_place(const struct finding *a, const struct finding *b)
{
    return a->location.line == b->location.line && str_equals(a->location.file, b->location.file);
}

/* Whether both speak of the same thing.  What an import costs whom is one question, which measuring and reading may answer by
 * different rules; all other rules have one finding a function. */
static bool is_same(const struct finding *measured, const struct finding *read)
{
    if (is_import_rule(measured) && is_import_rule(read))
        return is_same_place(measured, read);
    return str_equals(measured->code, read->code);
}

/* Takes over the edits, and the command that makes them: by the name under which reading finds this. */
static void adopt(struct arena *arena, struct finding *measured, const struct finding *read)
{
    measured->fix = read->fix;
    measured->edits = read->edits;
    measured->command = arena_printf(arena, "coldspot fix %.*s --select %.*s", STR_ARG(read->location.file),
                                     STR_ARG(read->name));
}

static bool is_known(struct arena *arena, struct findings *findings, const struct finding *read)
{
    bool known = false;
    for (size_t i = 0; i < findings->len; i++) {
        struct finding *measured = &findings->items[i];
        if (!is_same(measured, read))
            continue;
        known = true;
        if (is_same_place(measured, read) && read->edits.len)
            adopt(arena, measured, read);
    }
    return known;
}

void diagnose_app_join(struct arena *arena, struct diagnose_app *app, struct findings *findings)
{
    if (!app->is_read)
        return;
    choose(&app->checked.rules, findings);
    suppress(arena, &app->checked, findings);
    for (size_t i = 0; i < app->checked.findings.len; i++) {
        const struct finding *read = &app->checked.findings.items[i];
        bool is_new = !is_known(arena, findings, read);
        /* a comment that suppresses nothing here may suppress what was measured */
        if (is_new && !str_equals(read->name, STR("unused-suppression")))
            *array_push(arena, &app->others) = *read;
    }
}

static bool is_wanted(const struct rules *rules, const struct finding *finding)
{
    const struct rule *rule = rules_find(rules, finding->code);
    return !rule || rule->severity != SEVERITY_OFF;
}

/* Takes what reading says of the same rule and file out of the others. */
static void drop_read(struct findings *others, const struct finding *finding)
{
    size_t kept = 0;
    for (size_t i = 0; i < others->len; i++) {
        const struct finding *other = &others->items[i];
        if (!str_equals(other->code, finding->code) || !str_equals(other->location.file, finding->location.file))
            others->items[kept++] = *other;
    }
    others->len = kept;
}

void diagnose_app_add(struct arena *arena, struct diagnose_app *app, struct findings *extra, struct findings *findings)
{
    if (app->is_read)
        suppress(arena, &app->checked, extra);
    for (size_t i = 0; i < extra->len; i++) {
        if (app->is_read && !is_wanted(&app->checked.rules, &extra->items[i]))
            continue;
        drop_read(&app->others, &extra->items[i]);
        *array_push(arena, findings) = extra->items[i];
    }
    findings_sort(findings);
}

void diagnose_app_release(struct diagnose_app *app)
{
    checked_release(&app->checked);
}
