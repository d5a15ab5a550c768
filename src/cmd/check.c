/* `coldspot check`: what the text of an app says about cold starts and cost, without running it. */
#include "cmd/check.h"

#include <stdlib.h>

#include "base/file.h"
#include "cmd/check_cache.h"
#include "cmd/fix.h"
#include "present/checklist.h"
#include "diagnose/suppress.h"

#include "present/findings.h"

struct args {
    struct check_options check;
    struct {
        bool fix, diff, unsafe, checklist, no_cache;
    } also;
    struct cmd_output output;
};

static const struct opt also_opts[] = {
    {0, "checklist", OPT_FLAG, offsetof(struct args, also.checklist), NULL,
     "every item of the optimization checklist, for each function", 0, 0},
    {0, "fix", OPT_FLAG, offsetof(struct args, also.fix), NULL, "make the safe edits, then show what is left", 0, 0},
    {0, "unsafe-fixes", OPT_FLAG, offsetof(struct args, also.unsafe), NULL,
     "with --fix or --diff: also edits that may change what the code does", 0, 0},
    {0, "diff", OPT_FLAG, offsetof(struct args, also.diff), NULL, "print the edits as a unified diff, change nothing",
     0, 0},
    {0, "no-cache", OPT_FLAG, offsetof(struct args, also.no_cache), NULL,
     "work everything out anew, and keep nothing for the next time", 0, 0},
    {0},
};

/* Where this answer is kept; path empty: nowhere. */
struct cached {
    struct cache_key key;
    struct str path;
};

static void write_json(struct cmd_call *call, const struct checked *checked, const struct checklist *checklist,
                       struct document *document)
{
    struct jsonw json;
    jsonw_init(&json, &document->json, true);
    jsonw_object(&json);
    jsonw_key_u64(&json, "schema_version", 1);
    jsonw_key_u64(&json, "files", checked->files.len);
    jsonw_key_array(&json, "functions");
    functions_json(&json, call->arena, &checked->source.project, &checked->source.app);
    jsonw_end(&json);
    jsonw_key_array(&json, "findings");
    for (size_t i = 0; i < checked->findings.len; i++)
        finding_write_json(&json, &checked->findings.items[i]);
    jsonw_end(&json);
    checklist_json(&json, checklist);
    jsonw_key_array(&json, "unread");
    for (size_t i = 0; i < checked->problems.len; i++) {
        jsonw_object(&json);
        jsonw_key_string(&json, "file", checked->problems.items[i].path);
        jsonw_key_string(&json, "why", checked->problems.items[i].why);
        jsonw_end(&json);
    }
    jsonw_end(&json);
    jsonw_end(&json);
}

static void count(const struct findings *findings, size_t counts[SEVERITY_ERROR + 1], size_t *fixable_out)
{
    *fixable_out = 0;
    for (size_t i = 0; i < findings->len; i++) {
        counts[findings->items[i].severity]++;
        *fixable_out += findings->items[i].fix == FIX_SAFE;
    }
}

/* "3 files, 7 functions: 1 error, 1 warning. 1 fixable with coldspot fix." */
static void add_footer(struct document *document, const struct checked *checked)
{
    static const char *const words[][2] = {{"error", "errors"}, {"warning", "warnings"}, {"note", "notes"}};
    size_t counts[SEVERITY_ERROR + 1] = {0}, fixable, functions = checked->source.app.functions.len;
    struct buf text = {0};
    count(&checked->findings, counts, &fixable);
    buf_addf(&text, "%zu file%s, %zu function%s: ", checked->files.len, checked->files.len == 1 ? "" : "s", functions,
             functions == 1 ? "" : "s");
    const char *gap = "";
    for (int i = 0; i < 3; i++) {
        size_t n = counts[SEVERITY_ERROR - i];
        if (n)
            buf_addf(&text, "%s%zu %s", gap, n, words[i][n != 1]);
        gap = n ? ", " : gap;
    }
    buf_add(&text, checked->findings.len ? STR(".") : STR("nothing to change."));
    if (fixable)
        buf_addf(&text, " %zu fixable with coldspot fix.", fixable);
    if (checked->n_baseline)
        buf_addf(&text, " %zu in the baseline.", checked->n_baseline);
    section_line(document, document_section(document, ""), false, STYLE_PLAIN, "%s", buf_cstr(&text));
    buf_release(&text);
}

static const struct str *fingerprints_of(struct cmd_call *call, const struct checked *checked)
{
    struct str *fingerprints = arena_array(call->arena, struct str, checked->findings.len + 1);
    for (size_t i = 0; i < checked->findings.len; i++)
        fingerprints[i] = suppress_fingerprint(call->arena, &checked->source.project, &checked->findings.items[i]);
    return fingerprints;
}

/* Writes the answer to stdout, and keeps it; path empty: cmd_answer does it all. */
static int give(struct cmd_call *call, const struct args *args, const struct checked *checked,
                const struct document *document, const struct cached *cached, struct err *err)
{
    struct buf text = {0};
    if (!cached->path.len)
        return cmd_answer(&args->output, document, err);
    int rc = cmd_render(&args->output, document, &text, err);
    struct cache_entry entry = {.exit_code = check_exit_code(&args->check, &checked->findings),
                                .answer = buf_str(&text)};
    if (!rc)
        rc = file_write_fd(1, "standard output", entry.answer, err);
    if (!rc && !checked->has_notes)
        cache_store(call->arena, cached->path, &cached->key, &checked->source.project, &entry);
    buf_release(&text);
    return rc;
}

static int answer(struct cmd_call *call, const struct args *args, const struct checked *checked,
                  const struct cached *cached, struct err *err)
{
    struct document document;
    struct checklist checklist;
    document_init(&document, call->arena);
    document.findings = &checked->findings;
    document.fingerprints = fingerprints_of(call, checked);
    bool json = cmd_wants_json(&args->output) || args->output.files.len; /* by far the longest answer: only if asked */
    if (json || args->also.checklist)
        checklist_make(call->arena, &checked->source, &checked->findings, NULL,
                       args->also.checklist ? check_runs(call, &checked->source.app) : NULL, &checklist);
    if (json)
        write_json(call, checked, &checklist, &document);
    if (args->also.checklist)
        checklist_sections(&document, &checklist);
    if (args->also.checklist)
        checklist_next(&document, &checklist);
    else
        findings_sections(&document, &checked->source.project, &checked->findings);
    if (!args->also.checklist)
        add_footer(&document, checked);
    int rc = give(call, args, checked, &document, cached, err);
    document_release(&document);
    return rc ? rc : check_exit_code(&args->check, &checked->findings);
}

/* --fix and --diff: mends first, then goes on with what is left. */
static int check_and_fix(struct cmd_call *call, const struct args *args, const struct opt_words *words,
                         struct checked *checked, struct err *err)
{
    struct fix_result result = {0};
    int rc = fix_files(call, &args->check, (char *const *)words->items, words->len, args->also.unsafe, args->also.diff,
                       checked, &result, err);
    if (!rc && args->also.diff)
        rc = file_write_fd(1, "standard output", buf_str(&result.diff), err);
    if (!rc)
        cmd_note(args->output.quiet, "%zu edit%s in %zu file%s%s", result.edits, result.edits == 1 ? "" : "s",
                 result.files, result.files == 1 ? "" : "s", args->also.diff ? ", not written" : "");
    if (!rc && args->also.diff)
        rc = result.edits ? EXIT_FINDINGS : EXIT_FINE;
    fix_result_release(&result);
    return rc;
}

/* Finds the files, then the kept answer, which *code_out has the exit code of; else works it out.  A checklist, which the
 * store's runs answer too, is not kept. */
static int check_or_recall(struct cmd_call *call, const struct args *args, const struct opt_words *words,
                           struct checked *checked, struct cached *cached, int *code_out, struct err *err)
{
    struct cache_entry entry;
    struct str form = cmd_form(call->arena, &args->output);
    int rc = check_find(call, &args->check, (char *const *)words->items, words->len, checked, err);
    bool may = !rc && !args->also.no_cache && !args->also.checklist && !args->output.files.len &&
               !getenv("GITHUB_STEP_SUMMARY") && !checked->problems.len &&
               cache_find(call, &args->check, words, form, &cached->key, &cached->path) &&
               cache_add_texts(&checked->files, &cached->key);
    if (!may)
        cached->path = STR("");
    if (may && cache_load(call->arena, cached->path, &cached->key, &entry)) {
        *code_out = entry.exit_code;
        return file_write_fd(1, "standard output", entry.answer, err);
    }
    rc = rc ? rc : check_found(call, &args->check, args->output.quiet, checked, err);
    if (!rc)
        check_join_runs(call, &checked->source.project, &checked->findings);
    return rc;
}

static int run_check(struct cmd_call *call, struct err *err)
{
    struct args args = {0};
    struct opt_words words;
    struct checked checked = {0};
    struct cached cached = {0};
    int known = -1;
    int rc = cmd_parse(call, (void *const[]){&args.check, &args, &args.output}, 3, &words, err);
    if (rc)
        return rc;
    if (args.also.fix || args.also.diff)
        rc = check_and_fix(call, &args, &words, &checked, err);
    else
        rc = check_or_recall(call, &args, &words, &checked, &cached, &known, err);
    if (!rc && known >= 0)
        rc = known;
    else if (!rc && !args.also.diff)
        rc = answer(call, &args, &checked, &cached, err);
    checked_release(&checked);
    return rc;
}

const struct command command_check = {
    .name = "check",
    .summary = "read an app and say what will cost cold starts and money",
    .usage = "[OPTIONS] [PATH...]",
    .details =
        "Reads Python files (of directories all that git would see) without running them, and prints what its rules\n"
        "find: each with the place, why it costs, and what to do instead.  A comment leaves a finding out:\n"
        "    import pandas as pd  # coldspot: ignore[heavy-import-unused] plotted at import\n"
        "    # coldspot: ignore-file[CS2]",
    .examples = "  coldspot check\n"
                "  coldspot check app.py --select CS1,CS4\n"
                "  coldspot check . --format sarif -o findings.sarif",
    .tables = {{NULL, check_options_opts}, {"More", also_opts}, {"Output", cmd_output_opts}},
    .run = run_check,
};
