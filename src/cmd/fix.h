/* Mending files: what `fix` and `check --fix` have in common. */
#ifndef COLDSPOT_CMD_FIX_H
#define COLDSPOT_CMD_FIX_H

#include "cmd/check.h"

struct fix_result {
    struct buf diff;
    size_t edits, files;       /* findings mended, files changed */
    array_of(struct str) left; /* findings that were left alone: "CS301 (manual)" */
};

/* Mends what the findings of `checked` say, round by round until nothing more can be, and writes the files unless `diff_only`.
 * The last round's findings are in *checked. */
int fix_files(struct cmd_call *call, const struct check_options *options, char *const *paths, size_t n, bool unsafe,
              bool diff_only, struct checked *checked, struct fix_result *result_out, struct err *err);
void fix_result_release(struct fix_result *result);

#endif
