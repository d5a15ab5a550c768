/* What every sub-command is made of: its row in main.c's table, the call that it gets, and the output options that all share. */
#ifndef COLDSPOT_CMD_CMD_H
#define COLDSPOT_CMD_CMD_H

#include "base/clock.h"
#include "base/opt.h"
#include "present/document.h"
#include "present/present.h"

/* Exit codes; `coldspot help exit-codes` prints exit_codes[] of help.c. */
enum {
    EXIT_FINE = 0,
    EXIT_FINDINGS = 1,
    EXIT_USAGE = 2,
    EXIT_FUNCTION = 3,
    EXIT_INCONCLUSIVE = 4,
    EXIT_INTERRUPTED = 130
};

enum { CMD_TABLES_MOST = 6 };

struct cmd_call;
struct budgets;

/* A row: what main() dispatches on and --help, man page and completions are made of. */
struct command {
    const char *name;
    const char *summary;       /* one line, no full stop */
    const char *usage;         /* what follows "coldspot NAME": "[OPTIONS] TARGET" */
    const char *details;       /* paragraphs for --help and the man page; may be NULL */
    const char *examples;      /* lines, each a command that works; may be NULL */
    const char *also_settings; /* sections of the settings file that hold for options shared with them: "run check" */
    bool no_settings;          /* it says the same whatever the settings file says */
    const char *words;         /* what its first argument may be, for completions: "show|check"; NULL: a file */
    const struct {
        const char *title;
        const struct opt *opts;
    } tables[CMD_TABLES_MOST]; /* option tables; the order of the structs that cmd_parse is given */
    int (*run)(struct cmd_call *call, struct err *err); /* an exit code, or a negative err_code with *err set */
};

struct cmd_call {
    const struct command *command;
    const struct command *commands; /* all of them, ended by a row without a name */
    int argc;
    char **argv; /* what follows the command's name */
    struct arena *arena;
    const struct clock *clock;
    const char *settings;          /* the settings file; NULL: cmd_parse found none */
    const struct budgets *budgets; /* of the settings file; NULL: cmd_parse found none */
};

/* Options that every command with an answer has. */
struct cmd_output {
    const char *format;
    struct opt_strs files;
    const char *color;
    bool json, quiet;
};
extern const struct opt cmd_output_opts[];

/* Options that every command without no_settings has, beside its own tables. */
extern const struct opt cmd_settings_opts[];

/* Parses the call's words into the structs of its tables, in the tables' order, after what the settings file says. */
int cmd_parse(struct cmd_call *call, void *const *args, size_t n, struct opt_words *words_out, struct err *err);

/* Writes the document to stdout and to the files of -o, as --format, --json, --color and the terminal say. */
int cmd_answer(const struct cmd_output *output, const struct document *document, struct err *err);

/* The same for stdout only: its bytes, and the form that they have ("text", with colour and width). */
int cmd_render(const struct cmd_output *output, const struct document *document, struct buf *out, struct err *err);
struct str cmd_form(struct arena *arena, const struct cmd_output *output);

/* Whether stdout's answer is JSON, so that a command can skip what only people read. */
bool cmd_wants_json(const struct cmd_output *output);

/* Notes and warnings on stderr ("coldspot: ..."), silent with quiet. */
void cmd_note(bool quiet, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
