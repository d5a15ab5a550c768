/* `coldspot help`, --help and --version, all from the command table and its option tables. */
#include "cmd/help.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "cmd/man.h"

#ifndef COLDSPOT_VERSION
#define COLDSPOT_VERSION "0"
#endif
#ifndef COLDSPOT_COMMIT
#define COLDSPOT_COMMIT "unknown"
#endif

const struct help_exit_code help_exit_codes[] = {
    {EXIT_FINE, "fine"},
    {EXIT_FINDINGS, "findings at or above --fail-on (default error), or a budget broken"},
    {EXIT_USAGE, "usage, configuration or internal error"},
    {EXIT_FUNCTION, "the user's function failed, timed out or exited; what was measured is kept"},
    {EXIT_INCONCLUSIVE, "the comparison is inconclusive, with --strict"},
    {EXIT_INTERRUPTED, "interrupted"},
    {0},
};

const struct help_variable help_variables[] = {
    {"COLDSPOT_STORE", "directory of the store, unless --store is given"},
    {"XDG_DATA_HOME", "the store is $XDG_DATA_HOME/coldspot (default ~/.local/share/coldspot)"},
    {"VIRTUAL_ENV", "the Python to run functions with, unless --python is given"},
    {"TMPDIR", "where the private directory of a run is made (default /tmp)"},
    {"NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE", "no colour; colour also where stdout is no terminal"},
    {"COLUMNS", "how wide text may be (default: as the terminal, 100 where stdout is none)"},
    {"XDG_CONFIG_HOME",
     "price files are read from $XDG_CONFIG_HOME/coldspot/prices (default ~/.config/coldspot/prices)"},
    {"XDG_CACHE_HOME", "check keeps its answers in $XDG_CACHE_HOME/coldspot/check (default ~/.cache/coldspot/check)"},
    {"CI, TERM", "where CI is set or TERM is dumb, progress is lines now and then instead of one that changes"},
    {"GITHUB_STEP_SUMMARY", "with --format github, the file that the whole answer is added to"},
    {"COLDSPOT_LOG", "debug: say on stderr what coldspot itself does"},
    {0},
};

/* The command's tables, and after them the one about settings; NULL: there is no such table. */
static const struct opt *find_table(const struct command *command, size_t index)
{
    bool is_own = index < CMD_TABLES_MOST && command->tables[index].opts;
    bool was_own = index > 0 && command->tables[index - 1].opts;
    if (is_own)
        return command->tables[index].opts;
    return was_own && !command->no_settings ? cmd_settings_opts : NULL;
}

const struct opt *help_next_option(const struct command *command, struct help_at *at)
{
    for (const struct opt *table; (table = find_table(command, at->table)); *at = (struct help_at){at->table + 1, 0}) {
        const struct opt *opt = &table[at->row];
        if (!opt->name)
            continue;
        at->row++;
        return opt;
    }
    return NULL;
}

static const struct command *find_command(const struct command *commands, struct str name)
{
    for (const struct command *command = commands; command->name; command++) {
        if (str_equals(str_of(command->name), name))
            return command;
    }
    return NULL;
}

static int unknown_command(const struct command *commands, const char *name, struct err *err)
{
    struct str_nearest nearest = {.distance = 3};
    for (const struct command *command = commands; command->name; command++)
        str_consider(&nearest, str_of(name), str_of(command->name));
    err_set(err, ERR_USAGE, "there is no command '%s'", name);
    if (nearest.name.len)
        return err_hint(err, "did you mean: coldspot %.*s", STR_ARG(nearest.name));
    return err_hint(err, "coldspot help lists them");
}

static void add_overview(struct buf *out, const struct command *commands)
{
    buf_add(out, STR("coldspot finds where a serverless Python function spends time and money, and what to change.\n\n"
                     "Usage: coldspot COMMAND [OPTIONS] [ARGS]\n\nCommands:\n"));
    for (const struct command *command = commands; command->name; command++)
        buf_addf(out, "  %-12s%s\n", command->name, command->summary);
    buf_add(
        out,
        STR("\ncoldspot COMMAND --help tells more; so do coldspot help environment and coldspot help exit-codes.\n"));
}

static void add_command_help(struct buf *out, const struct command *command)
{
    buf_addf(out, "coldspot %s: %s\n\nUsage: coldspot %s %s\n", command->name, command->summary, command->name,
             command->usage);
    if (command->details)
        buf_addf(out, "\n%s\n", command->details);
    struct opt_group groups[CMD_TABLES_MOST + 1];
    size_t n = 0;
    for (const struct opt *table; (table = find_table(command, n)); n++)
        groups[n] = (struct opt_group){table == cmd_settings_opts ? "Settings" : command->tables[n].title, table, NULL};
    if (n) {
        buf_add_char(out, '\n');
        opt_add_help(out, groups, n);
    }
    if (command->examples)
        buf_addf(out, "\nExamples:\n%s\n", command->examples);
}

static int print(struct buf *text)
{
    fwrite(buf_cstr(text), 1, text->len, stdout);
    buf_release(text);
    return EXIT_FINE;
}

static int print_version(void)
{
    struct buf text = {0};
    buf_addf(&text, "coldspot %s (commit %s, %s)\n", COLDSPOT_VERSION, COLDSPOT_COMMIT, __VERSION__);
    buf_addf(&text, "SQLite %s, jansson %s\n", sqlite3_libversion(), jansson_version_str());
    return print(&text);
}

static int print_environment(void)
{
    struct buf text = {0};
    for (const struct help_variable *row = help_variables; row->meaning; row++)
        buf_addf(&text, "%s\n    %s\n", row->names, row->meaning);
    return print(&text);
}

static int print_exit_codes(void)
{
    struct buf text = {0};
    for (const struct help_exit_code *row = help_exit_codes; row->meaning; row++)
        buf_addf(&text, "%4d  %s\n", row->code, row->meaning);
    return print(&text);
}

struct args {
    bool man;
};

static const struct opt help_opts[] = {
    {0, "man", OPT_FLAG, offsetof(struct args, man), NULL, "the manual page, for man -l -", 0, 0},
    {0},
};

static int run_help(struct cmd_call *call, struct err *err)
{
    struct args args = {0};
    struct opt_words words;
    int rc = cmd_parse(call, (void *[]){&args}, 1, &words, err);
    if (rc)
        return rc;
    const char *topic = words.items[0];
    struct buf text = {0};
    if (args.man) {
        man_page(&text, call->commands, COLDSPOT_VERSION);
        return print(&text);
    }
    if (!topic) {
        add_overview(&text, call->commands);
        return print(&text);
    }
    if (strcmp(topic, "environment") == 0)
        return print_environment();
    if (strcmp(topic, "exit-codes") == 0)
        return print_exit_codes();
    const struct command *command = find_command(call->commands, str_of(topic));
    if (!command)
        return unknown_command(call->commands, topic, err);
    add_command_help(&text, command);
    return print(&text);
}

const struct command command_help = {
    .name = "help",
    .summary = "what coldspot and its commands do",
    .usage = "[COMMAND | environment | exit-codes | --man]",
    .details = "--man prints coldspot(1), made from the same tables as this text.",
    .examples = "  coldspot help exit-codes\n"
                "  coldspot help --man | man -l -",
    .words = "environment|exit-codes",
    .no_settings = true,
    .tables = {{NULL, help_opts}},
    .run = run_help,
};

static bool asks_for_help(const struct cmd_call *call)
{
    for (int i = 0; i < call->argc && strcmp(call->argv[i], "--") != 0; i++) {
        if (strcmp(call->argv[i], "--help") == 0 || strcmp(call->argv[i], "-h") == 0)
            return true;
    }
    return false;
}

int help_dispatch(struct cmd_call *call, int argc, char **argv, struct err *err)
{
    struct buf text = {0};
    if (argc < 2) {
        add_overview(&text, call->commands);
        print(&text);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0)
        return print_version();
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        add_overview(&text, call->commands);
        return print(&text);
    }
    call->command = find_command(call->commands, str_of(argv[1]));
    if (!call->command)
        return unknown_command(call->commands, argv[1], err);
    call->argc = argc - 2;
    call->argv = argv + 2;
    if (asks_for_help(call)) {
        add_command_help(&text, call->command);
        return print(&text);
    }
    return call->command->run(call, err);
}

int help_print_error(const struct err *err)
{
    fflush(stdout);
    fprintf(stderr, "coldspot: %s\n", buf_cstr(&err->message));
    struct str rest = buf_str(&err->hint), line;
    while (err->hint.len && str_cut(&rest, '\n', &line))
        fprintf(stderr, "  %.*s\n", STR_ARG(line));
    if (err->code == ERR_FUNCTION)
        return EXIT_FUNCTION;
    return err->code == ERR_INTERRUPTED ? EXIT_INTERRUPTED : EXIT_USAGE;
}
