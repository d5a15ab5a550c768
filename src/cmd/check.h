/* Checking files: what `check`, `fix` and `diagnose` have in common. */
#ifndef COLDSPOT_CMD_CHECK_H
#define COLDSPOT_CMD_CHECK_H

#include "cmd/cmd.h"
#include "diagnose/check.h"
#include "diagnose/checklist.h"
#include "source/walk.h"

/* Options that choose files, rules and what counts. */
struct check_options {
    struct opt_strs select, ignore, severity, exclude;
    const char *baseline;
    bool update_baseline;
    const char *fail_on;
};
extern const struct opt check_options_opts[];

enum { CHECK_READERS = 4 }; /* threads that read files */

struct checked {
    struct arena text_arenas[CHECK_READERS]; /* private */
    struct walk_files files;
    struct walk_problems problems;
    struct source source;
    struct rules rules;
    struct catalogue catalogue;
    struct findings findings;
    size_t n_baseline; /* findings that the baseline took away */
    bool has_notes;    /* something was said, or would have been without quiet, about files that could not be read */
};

/* All rules, with the severities that the options give them.  Fails with ERR_USAGE for one that there is not. */
int check_rules(struct arena *arena, const struct check_options *options, struct rules *rules_out, struct err *err);

/* Reads the paths (none: the working directory), runs the rules, and takes away what comments and the baseline suppress.
 * Findings in the order of files and lines.  Notes about unreadable files go to stderr unless quiet. */
int check_paths(struct cmd_call *call, const struct check_options *options, char *const *paths, size_t n, bool quiet,
                struct checked *checked_out, struct err *err);
/* The two halves of check_paths: the rules and the files, with their texts where they can be read; and all the rest. */
int check_find(struct cmd_call *call, const struct check_options *options, char *const *paths, size_t n,
               struct checked *checked_out, struct err *err);
int check_found(struct cmd_call *call, const struct check_options *options, bool quiet, struct checked *checked,
                struct err *err);

/* Takes away what comments suppress, and adds comments that suppress nothing. */
void check_suppress(struct cmd_call *call, struct checked *checked);

/* The newest run of each of the app's functions in the store, in its arena; without an id where there is none. */
const struct checklist_run *check_runs(struct cmd_call *call, const struct app *app);

/* Puts what the store's runs measured in the place of what is assumed, for heavy imports and set-up that calls repeat: of the
 * newest run of a function of the same file that tells.  No store, or one that cannot be read, changes nothing. */
void check_join_runs(struct cmd_call *call, const struct project *project, struct findings *findings);
/* Adds what changes whenever check_join_runs could answer something else; nothing where there is no store. */
void check_joined_state(struct arena *arena, struct buf *out);
void checked_release(struct checked *checked);

/* EXIT_FINDINGS where a finding is at or above --fail-on, else EXIT_FINE. */
int check_exit_code(const struct check_options *options, const struct findings *findings);

#endif
