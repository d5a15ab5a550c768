/* The manual page, from the command table. */
#ifndef COLDSPOT_CMD_MAN_H
#define COLDSPOT_CMD_MAN_H

#include "cmd/cmd.h"

/* coldspot(1) in man's own language: all commands with their options, exit codes, variables. */
void man_page(struct buf *out, const struct command *commands, const char *version);

#endif
