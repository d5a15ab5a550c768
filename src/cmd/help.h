/* Finding the command, and everything the tool says about itself. */
#ifndef COLDSPOT_CMD_HELP_H
#define COLDSPOT_CMD_HELP_H

#include "cmd/cmd.h"

/* Runs the command that argv names, or --help, or --version; an exit code, or negative with *err set. */
int help_dispatch(struct cmd_call *call, int argc, char **argv, struct err *err);

/* Prints the error and its hint on stderr; returns the exit code that goes with it. */
int help_print_error(const struct err *err);

#endif
