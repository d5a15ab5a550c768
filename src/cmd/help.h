/* Finding the command, and everything the tool says about itself. */
#ifndef COLDSPOT_CMD_HELP_H
#define COLDSPOT_CMD_HELP_H

#include "cmd/cmd.h"

/* Rows that end with one whose meaning is NULL. */
struct help_exit_code {
    int code;
    const char *meaning;
};
extern const struct help_exit_code help_exit_codes[];

struct help_variable {
    const char *names, *meaning;
};
extern const struct help_variable help_variables[];

/* Walks all options of a command over all of its tables: start with *at = {0}; NULL at the end. */
struct help_at {
    size_t table, row;
};
const struct opt *help_next_option(const struct command *command, struct help_at *at);

/* Runs the command that argv names, or --help, or --version; an exit code, or negative with *err set. */
int help_dispatch(struct cmd_call *call, int argc, char **argv, struct err *err);

/* Prints the error and its hint on stderr; returns the exit code that goes with it. */
int help_print_error(const struct err *err);

#endif
