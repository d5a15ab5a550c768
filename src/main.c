/* The command table and dispatch, nothing else. */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/help.h"

/* A command is a file in cmd/ and a row here. */
/* clang-format off */
#define COMMANDS(row) \
    row(command_diagnose) \
    row(command_run) \
    row(command_check) \
    row(command_fix) \
    row(command_plan) \
    row(command_compare) \
    row(command_history) \
    row(command_export) \
    row(command_rule) \
    row(command_prices) \
    row(command_doctor) \
    row(command_completion) \
    row(command_help)
/* clang-format on */

#define DECLARE(name) extern const struct command name;
COMMANDS(DECLARE)

int main(int argc, char **argv)
{
#define ROW(name) name,
    const struct command commands[] = {COMMANDS(ROW){0}};
    struct arena arena = {0};
    struct err err = {0};
    struct cmd_call call = {.commands = commands, .arena = &arena, .clock = &clock_system};
    int code = help_dispatch(&call, argc, argv, &err);
    if (code < 0)
        code = help_print_error(&err);
    err_release(&err);
    arena_release(&arena);
    return code;
}
