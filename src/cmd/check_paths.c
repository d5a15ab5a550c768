/* From paths to findings: walking, reading, rules chosen by options, suppression. */
#include "cmd/check.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/parallel.h"
#include "diagnose/suppress.h"

const struct opt check_options_opts[] = {
    {'s', "select", OPT_STRS, offsetof(struct check_options, select), "RULE,...",
     "only these rules: names, codes, or families (CS1)", 0, 0},
    {0, "ignore", OPT_STRS, offsetof(struct check_options, ignore), "RULE,...", "not these rules", 0, 0},
    {0, "severity", OPT_STRS, offsetof(struct check_options, severity), "RULE=LEVEL",
     "make a rule error, warn, info or off (repeatable)", 0, 0},
    {0, "exclude", OPT_STRS, offsetof(struct check_options, exclude), "PATTERN",
     "leave out files of directories, as a line of .gitignore would (repeatable)", 0, 0},
    {0, "fail-on", OPT_CHOICE, offsetof(struct check_options, fail_on), "error|warn|info|never",
     "exit with 1 for findings of that severity and above (default error)", 0, 0},
    {0, "baseline", OPT_STR, offsetof(struct check_options, baseline), "FILE", "leave out the findings that FILE knows",
     0, 0},
    {0, "update-baseline", OPT_FLAG, offsetof(struct check_options, update_baseline), NULL,
     "write today's findings to the baseline's FILE", 0, 0},
    {0},
};

static int unknown_rule(const struct rules *rules, struct str name, struct err *err)
{
    struct str nearest = rules_nearest(rules, name);
    err_set(err, ERR_USAGE, "there is no rule '%.*s'", STR_ARG(name));
    if (nearest.len)
        err_hint(err, "did you mean: %.*s", STR_ARG(nearest));
    return err_hint(err, "coldspot rule --all lists them");
}

/* Sets the severity of all rules that a comma-separated list names; `level` < 0 keeps what the page says. */
static int set_rules(struct rules *rules, struct str list, int level, bool *chosen, struct err *err)
{
    struct str name;
    while (str_cut(&list, ',', &name)) {
        size_t cursor = 0, n = 0;
        struct rule *rule;
        name = str_trim(name);
        while (name.len && (rule = rules_next(rules, name, &cursor))) {
            n++;
            if (chosen)
                chosen[rule - rules->items] = true;
            if (level >= 0)
                rule->severity = (enum severity)level;
        }
        if (name.len && !n)
            return unknown_rule(rules, name, err);
    }
    return 0;
}

static int set_severities(struct rules *rules, const struct opt_strs *settings, struct err *err)
{
    for (size_t i = 0; i < settings->len; i++) {
        struct str level = str_of(settings->items[i]), name;
        int found = -1;
        str_cut(&level, '=', &name);
        for (int s = SEVERITY_OFF; s <= SEVERITY_ERROR; s++)
            found = level.ptr && str_equals(level, str_of(severity_name((enum severity)s))) ? s : found;
        if (found < 0)
            return err_set(err, ERR_USAGE, "--severity takes RULE=error|warn|info|off, not '%s'", settings->items[i]);
        int rc = set_rules(rules, name, found, NULL, err);
        if (rc)
            return rc;
    }
    return 0;
}

static int choose_rules(struct arena *arena, struct rules *rules, const struct check_options *options, struct err *err)
{
    bool *chosen = arena_array(arena, bool, rules->len + 1);
    int rc = set_severities(rules, &options->severity, err);
    for (size_t i = 0; !rc && i < options->select.len; i++)
        rc = set_rules(rules, str_of(options->select.items[i]), -1, chosen, err);
    for (size_t i = 0; !rc && options->select.len && i < rules->len; i++)
        rules->items[i].severity = chosen[i] ? rules->items[i].severity : SEVERITY_OFF;
    for (size_t i = 0; !rc && i < options->ignore.len; i++)
        rc = set_rules(rules, str_of(options->ignore.items[i]), SEVERITY_OFF, NULL, err);
    return rc;
}

int check_rules(struct arena *arena, const struct check_options *options, struct rules *rules_out, struct err *err)
{
    int rc = rules_load(arena, rules_out, err);
    return rc ? rc : choose_rules(arena, rules_out, options, err);
}

static void note_unread(struct checked *checked, bool quiet)
{
    checked->has_notes = checked->problems.len > 0;
    for (size_t i = 0; i < checked->problems.len; i++)
        cmd_note(quiet, "cannot read '%.*s': %.*s", STR_ARG(checked->problems.items[i].path),
                 STR_ARG(checked->problems.items[i].why));
    for (size_t i = 0; i < checked->source.project.asked; i++) {
        const struct module *module = checked->source.project.modules.items[i];
        if (module->failed || !module->tree.error_row)
            continue;
        checked->has_notes = true;
        cmd_note(quiet, "%.*s:%u:%u is no valid Python; the rest was read", STR_ARG(module->path),
                 module->tree.error_row, module->tree.error_column);
    }
}

/* Modules that could not be read are problems too. */
static void collect_failed(struct arena *arena, struct checked *checked)
{
    for (size_t i = 0; i < checked->source.project.asked; i++) {
        const struct module *module = checked->source.project.modules.items[i];
        if (module->failed)
            *array_push(arena, &checked->problems) = (struct walk_problem){module->path, module->error};
    }
}

static size_t n_failed(const struct project *project)
{
    size_t n = 0;
    for (size_t i = 0; i < project->asked; i++)
        n += project->modules.items[i]->failed;
    return n;
}

static int use_baseline(struct cmd_call *call, const struct check_options *options, struct checked *checked,
                        struct err *err)
{
    struct str text;
    if (!options->baseline)
        return options->update_baseline ? err_set(err, ERR_USAGE, "--update-baseline needs --baseline FILE") : 0;
    if (options->update_baseline) {
        struct buf out = {0};
        suppress_write_baseline(call->arena, &checked->source.project, &checked->findings, &out);
        int rc = file_write(options->baseline, buf_str(&out), err);
        buf_release(&out);
        checked->n_baseline = checked->findings.len;
        checked->findings.len = 0;
        return rc;
    }
    int rc = file_read(call->arena, options->baseline, 64 << 20, &text, err);
    return rc ? rc
              : suppress_baseline(call->arena, &checked->source.project, text, options->baseline, &checked->findings,
                                  &checked->n_baseline, err);
}

enum { PROBLEMS_SAID = 8 };

static int nothing_read(const struct checked *checked, struct err *err)
{
    struct buf all = {0};
    size_t n = checked->problems.len;
    if (!n) {
        err_set(err, ERR_USAGE, "there is no Python file here");
        return err_hint(err, "name files or directories: coldspot check app.py");
    }
    for (size_t i = 0; i < n && i < PROBLEMS_SAID; i++)
        buf_addf(&all, "%s'%.*s': %.*s", i ? "; " : "", STR_ARG(checked->problems.items[i].path),
                 STR_ARG(checked->problems.items[i].why));
    if (n > PROBLEMS_SAID)
        buf_addf(&all, "; and %zu more", n - PROBLEMS_SAID);
    int rc = err_set(err, ERR_INPUT, "cannot read %s", buf_cstr(&all));
    buf_release(&all);
    return rc;
}

/* Whether the pattern holds for the path or for a directory above it. */
static bool pattern_holds(struct str pattern, struct str path)
{
    for (size_t end = 1; end <= path.len; end++) {
        bool is_dir = end < path.len;
        if ((!is_dir || path.ptr[end] == '/') && walk_pattern_matches(pattern, str_slice(path, 0, end), is_dir))
            return true;
    }
    return false;
}

/* A pattern that begins with a slash is seen from the working directory, or is an absolute path (those of settings are). */
static bool is_excluded(const struct opt_strs *patterns, struct str relative, struct str absolute)
{
    for (size_t i = 0; i < patterns->len; i++) {
        struct str pattern = str_of(patterns->items[i]);
        bool may_be_absolute = str_starts_with(pattern, STR("/")) && absolute.len;
        if (pattern_holds(pattern, relative) ||
            (may_be_absolute && pattern_holds(pattern, str_slice(absolute, 1, absolute.len))))
            return true;
    }
    return false;
}

/* Takes away excluded files among those that a directory added. */
static void exclude_files(struct arena *arena, const struct opt_strs *patterns, struct walk_files *files, size_t first)
{
    char real[PATH_MAX];
    size_t kept = first;
    for (size_t i = first; patterns->len && i < files->len; i++) {
        struct str path = files->items[i].path;
        if (is_excluded(patterns, path, str_of(realpath(arena_cstr(arena, path), real))))
            continue;
        files->items[kept++] = files->items[i];
    }
    files->len = patterns->len ? kept : files->len;
}

static void add_paths(struct arena *arena, const struct check_options *options, char *const *paths, size_t n,
                      struct checked *checked)
{
    for (size_t i = 0; i < (n ? n : 1); i++) {
        const char *path = n ? paths[i] : ".";
        size_t first = checked->files.len;
        walk_add(arena, str_of(path), &checked->files, &checked->problems);
        if (file_is_dir(path))
            exclude_files(arena, &options->exclude, &checked->files, first);
    }
}

struct reading {
    struct walk_files *files;
    struct arena *arenas;
};

static void read_text(size_t i, unsigned worker, void *ctx)
{
    struct reading *reading = ctx;
    struct project_file *file = &reading->files->items[i];
    struct arena *arena = &reading->arenas[worker];
    file_read(arena, arena_cstr(arena, file->file), TREE_TEXT_MOST, &file->text, NULL);
}

/* The texts, on all cores; what can't be read is tried again, and reported, when it is parsed. */
static void read_texts(struct checked *checked)
{
    struct reading reading = {&checked->files, checked->text_arenas};
    parallel_for(checked->files.len, CHECK_READERS, read_text, &reading);
}

int check_find(struct cmd_call *call, const struct check_options *options, char *const *paths, size_t n,
               struct checked *checked_out, struct err *err)
{
    struct checked *checked = checked_out;
    *checked = (struct checked){0};
    int rc = check_rules(call->arena, options, &checked->rules, err);
    if (rc && call->settings)
        err_hint(err, "settings come from %s", call->settings);
    if (!rc)
        rc = catalogue_load(call->arena, catalogue_user_directory(call->arena), NULL, &checked->catalogue, err);
    if (rc)
        return rc;
    add_paths(call->arena, options, paths, n, checked);
    if (!checked->files.len)
        return nothing_read(checked, err);
    read_texts(checked);
    return 0;
}

int check_found(struct cmd_call *call, const struct check_options *options, bool quiet, struct checked *checked,
                struct err *err)
{
    source_read(call->arena, checked->files.items, checked->files.len, &checked->source);
    collect_failed(call->arena, checked);
    if (n_failed(&checked->source.project) == checked->source.project.asked)
        return nothing_read(checked, err);
    note_unread(checked, quiet);
    check_run(call->arena, &checked->source, &checked->catalogue, &checked->rules, call->budgets, &checked->findings);
    check_suppress(call, checked);
    return use_baseline(call, options, checked, err);
}

int check_paths(struct cmd_call *call, const struct check_options *options, char *const *paths, size_t n, bool quiet,
                struct checked *checked_out, struct err *err)
{
    int rc = check_find(call, options, paths, n, checked_out, err);
    return rc ? rc : check_found(call, options, quiet, checked_out, err);
}

void check_suppress(struct cmd_call *call, struct checked *checked)
{
    suppress_comments(call->arena, &checked->source.project, &checked->rules, &checked->findings);
}

void checked_release(struct checked *checked)
{
    for (size_t i = 0; i < CHECK_READERS; i++)
        arena_release(&checked->text_arenas[i]);
    source_release(&checked->source);
}

int check_exit_code(const struct check_options *options, const struct findings *findings)
{
    const char *level = options->fail_on ? options->fail_on : "error";
    enum severity least = strcmp(level, "error") == 0  ? SEVERITY_ERROR
                          : strcmp(level, "warn") == 0 ? SEVERITY_WARN
                                                       : SEVERITY_INFO;
    for (size_t i = 0; strcmp(level, "never") != 0 && i < findings->len; i++)
        if (findings->items[i].severity >= least)
            return EXIT_FINDINGS;
    return EXIT_FINE;
}
