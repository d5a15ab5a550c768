/* Settings from a file: [tool.coldspot] of pyproject.toml, or coldspot.toml.  docs/reference/configuration.md says which file
 * counts, and in which order. */
#ifndef COLDSPOT_CMD_CONFIG_H
#define COLDSPOT_CMD_CONFIG_H

#include "base/toml.h"
#include "cmd/cmd.h"

/* A settings file that was read; all zero: there is none. */
struct config {
    const char *path;   /* in messages */
    struct str dir;     /* where relative paths in it begin; empty: the working directory */
    const char *prefix; /* of its sections' names: "tool.coldspot.", or "" */
    struct toml toml;
    json_t *settings; /* the table [tool.coldspot], or all of coldspot.toml; NULL: there is none */
};

/* What --config names. */
int config_open(struct arena *arena, const char *path, struct config *config_out, struct err *err);

/* The file that holds for what the words name, else for the working directory; all zero where there is none. */
int config_find(struct arena *arena, const struct opt_words *words, bool quiet, struct config *config_out,
                struct err *err);
void config_release(struct config *config);

/* Sets what the file has for the call's command, but for what the command line (givens) says better, and reads the budgets
 * into the call.  Fails with ERR_USAGE, naming file and line. */
int config_apply(struct cmd_call *call, const struct config *config, const struct opt_group *groups, size_t n,
                 const struct opt_givens *givens, struct err *err);

/* The budgets of the file, into call->budgets. */
int config_read_budgets(struct cmd_call *call, const struct config *config, struct err *err);

/* "FILE:LINE: " before the message, for a member of a table. */
int config_wrap(const struct config *config, const json_t *table, struct str key, struct err *err);

#endif
