/* `coldspot fix`: makes the edits that findings carry.  Each round's texts are checked anew, so that edits which would have met
 * are made one after the other; a text that no longer reads as Python is given up. */
#include "cmd/fix.h"

#include <stdio.h>

#include "base/file.h"
#include "recommend/edit.h"

enum { ROUNDS_MOST = 10 };

/* The text of a file that was asked for, as it was and as it is after the rounds so far. */
struct edited {
    struct project_file file;
    struct str before, now;
};

struct fixer {
    struct cmd_call *call;
    const struct check_options *options;
    enum fix_kind least;
    struct edited *files;
    size_t n;
    struct fix_result *result;
};

static struct str text_of(const struct checked *checked, struct str path)
{
    for (size_t i = 0; i < checked->source.project.modules.len; i++)
        if (str_equals(checked->source.project.modules.items[i]->path, path))
            return checked->source.project.modules.items[i]->tree.text;
    return (struct str){0};
}

/* Whether the text still is Python where it was before. */
static bool still_parses(struct cmd_call *call, const struct checked *checked, struct str before, struct str after)
{
    struct tree old, new;
    if (tree_parse(call->arena, &checked->source.project.grammar, before, &old, NULL) ||
        tree_parse(call->arena, &checked->source.project.grammar, after, &new, NULL))
        return false;
    return old.error_row || !new.error_row;
}

/* One round over all files; *changed_out: whether any text is another now. */
static void fix_round(struct fixer *fixer, const struct checked *checked, bool *changed_out)
{
    bool *applied = arena_array(fixer->call->arena, bool, checked->findings.len + 1);
    *changed_out = false;
    for (size_t i = 0; i < fixer->n; i++) {
        bool *own = arena_array(fixer->call->arena, bool, checked->findings.len + 1);
        struct str text = edit_apply(fixer->call->arena, fixer->files[i].file.path, fixer->files[i].now,
                                     &checked->findings, fixer->least, own);
        if (str_equals(text, fixer->files[i].now) || !still_parses(fixer->call, checked, fixer->files[i].now, text))
            continue;
        fixer->files[i].now = text;
        *changed_out = true;
        for (size_t k = 0; k < checked->findings.len; k++)
            applied[k] |= own[k];
    }
    for (size_t k = 0; k < checked->findings.len; k++)
        fixer->result->edits += applied[k];
}

/* Reads and checks the texts as they are now. */
static void check_again(struct fixer *fixer, struct checked *checked)
{
    struct arena *arena = fixer->call->arena;
    struct project_file *files = arena_array(arena, struct project_file, fixer->n + 1);
    for (size_t i = 0; i < fixer->n; i++) {
        files[i] = fixer->files[i].file;
        files[i].text = fixer->files[i].now.len ? fixer->files[i].now : STR("\n");
    }
    source_release(&checked->source);
    source_read(arena, files, fixer->n, &checked->source);
    checked->findings = (struct findings){0};
    check_run(arena, &checked->source, &checked->catalogue, &checked->rules, fixer->call->budgets, &checked->findings);
    check_suppress(fixer->call, checked);
}

static int write_files(struct fixer *fixer, bool diff_only, struct err *err)
{
    for (size_t i = 0; i < fixer->n; i++) {
        const struct edited *file = &fixer->files[i];
        if (str_equals(file->before, file->now))
            continue;
        fixer->result->files++;
        edit_add_diff(&fixer->result->diff, file->file.path, file->before, file->now);
        int rc = diff_only ? 0 : file_write(arena_cstr(fixer->call->arena, file->file.file), file->now, err);
        if (rc)
            return rc;
    }
    return 0;
}

static void note_left(struct fixer *fixer, const struct checked *checked)
{
    for (size_t i = 0; i < checked->findings.len; i++) {
        const struct finding *finding = &checked->findings.items[i];
        const char *why = finding->fix == FIX_UNSAFE && finding->edits.len ? "--unsafe-fixes makes it" : "by hand";
        *array_push(fixer->call->arena, &fixer->result->left) = arena_printf(
            fixer->call->arena, "%.*s:%u %.*s %.*s (%s)", STR_ARG(finding->location.file), finding->location.line,
            STR_ARG(finding->code), STR_ARG(finding->name), why);
    }
}

int fix_files(struct cmd_call *call, const struct check_options *options, char *const *paths, size_t n, bool unsafe,
              bool diff_only, struct checked *checked, struct fix_result *result_out, struct err *err)
{
    *result_out = (struct fix_result){0};
    struct fixer fixer = {
        .call = call, .options = options, .least = unsafe ? FIX_UNSAFE : FIX_SAFE, .result = result_out};
    bool changed = true;
    int rc = check_paths(call, options, paths, n, true, checked, err);
    if (rc)
        return rc;
    fixer.files = arena_array(call->arena, struct edited, checked->files.len + 1);
    for (size_t i = 0; i < checked->files.len; i++) {
        struct str text = arena_copy(call->arena, text_of(checked, checked->files.items[i].path));
        if (text.len)
            fixer.files[fixer.n++] = (struct edited){checked->files.items[i], text, text};
    }
    for (unsigned round = 0; changed && round < ROUNDS_MOST; round++) {
        fix_round(&fixer, checked, &changed);
        if (changed)
            check_again(&fixer, checked);
    }
    note_left(&fixer, checked);
    return write_files(&fixer, diff_only, err);
}

void fix_result_release(struct fix_result *result)
{
    buf_release(&result->diff);
}

struct args {
    struct check_options check;
    struct {
        bool unsafe, diff;
    } fix;
    bool quiet;
};

static const struct opt opts[] = {
    {0, "diff", OPT_FLAG, offsetof(struct args, fix.diff), NULL, "print a unified diff, change nothing", 0, 0},
    {0, "unsafe-fixes", OPT_FLAG, offsetof(struct args, fix.unsafe), NULL,
     "also edits that may change what the code does", 0, 0},
    {'q', "quiet", OPT_FLAG, offsetof(struct args, quiet), NULL, "no notes about what was done and left", 0, 0},
    {0},
};

enum { LEFT_SHOWN_MOST = 8 };

static void tell(const struct args *args, const struct fix_result *result)
{
    cmd_note(args->quiet, "%zu edit%s in %zu file%s%s", result->edits, result->edits == 1 ? "" : "s", result->files,
             result->files == 1 ? "" : "s", args->fix.diff ? ", not written" : "");
    for (size_t i = 0; i < result->left.len && i < LEFT_SHOWN_MOST; i++)
        cmd_note(args->quiet, "left alone: %.*s", STR_ARG(result->left.items[i]));
    if (result->left.len > LEFT_SHOWN_MOST)
        cmd_note(args->quiet, "left alone: %zu more (coldspot check lists them)", result->left.len - LEFT_SHOWN_MOST);
}

static int run_fix(struct cmd_call *call, struct err *err)
{
    struct args args = {0};
    struct opt_words words;
    struct checked checked = {0};
    struct fix_result result = {0};
    int rc = cmd_parse(call, (void *const[]){&args.check, &args}, 2, &words, err);
    if (rc)
        return rc;
    rc = fix_files(call, &args.check, (char *const *)words.items, words.len, args.fix.unsafe, args.fix.diff, &checked,
                   &result, err);
    if (!rc && args.fix.diff)
        rc = file_write_fd(1, "standard output", buf_str(&result.diff), err);
    if (!rc)
        tell(&args, &result);
    fix_result_release(&result);
    checked_release(&checked);
    return rc;
}

const struct command command_fix = {
    .name = "fix",
    .summary = "make the edits that check's findings carry",
    .usage = "[OPTIONS] [PATH...]",
    .details =
        "Makes the safe edits: formatting and comments stay, the result is Python where the file was, and a second "
        "run\n"
        "changes nothing.  Edits that may change what the code does are made with --unsafe-fixes only.  Use it in a\n"
        "clean working tree, or look at --diff first.",
    .examples = "  coldspot fix --diff\n"
                "  coldspot fix app.py --select heavy-import-unused",
    .also_settings = "check",
    .tables = {{NULL, check_options_opts}, {"Fixing", opts}},
    .run = run_fix,
};
