/* What reading the app adds to a diagnosis: the rules as the user wants them, comments that suppress findings, edits, and
 * findings of its own.  Private to diagnose*.c. */
#ifndef COLDSPOT_CMD_DIAGNOSE_APP_H
#define COLDSPOT_CMD_DIAGNOSE_APP_H

#include "cmd/check.h"

struct diagnose_app {
    bool is_read;
    struct checked checked;
    struct findings others; /* what reading finds and measuring did not */
};

/* Reads the app's file; path empty, or a file that cannot be read: there is nothing to add.  Fails for a misspelt rule. */
int diagnose_app_read(struct cmd_call *call, const struct check_options *options, struct str path, bool quiet,
                      struct diagnose_app *app_out, struct err *err);

/* Takes away measured findings that the user does not want, gives the others the edits that reading found for them, and fills
 * in app->others. */
void diagnose_app_join(struct arena *arena, struct diagnose_app *app, struct findings *findings);

/* Adds findings that the traffic gives, those that the user does not want left out; what reading found of the same kind at the
 * same function is not told twice. */
void diagnose_app_add(struct arena *arena, struct diagnose_app *app, struct findings *extra, struct findings *findings);

void diagnose_app_release(struct diagnose_app *app);

#endif
