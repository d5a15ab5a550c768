/* `coldspot completion SHELL`: what the shell needs to complete commands, options and their values, from the same tables that
 * --help reads.  Each shell is a row with a function that writes its script. */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/help.h"

/* What may follow an option. */
enum follows { FOLLOWS_NOTHING, FOLLOWS_WORDS, FOLLOWS_FILE, FOLLOWS_ANYTHING };

static enum follows follows(const struct opt *opt)
{
    if (opt->type == OPT_FLAG)
        return FOLLOWS_NOTHING;
    if (opt->type == OPT_CHOICE)
        return FOLLOWS_WORDS;
    struct str value = str_of(opt->value);
    return str_contains(value, STR("FILE")) || str_contains(value, STR("DIR")) || str_equals(value, STR("PYTHON"))
               ? FOLLOWS_FILE
               : FOLLOWS_ANYTHING;
}

/* "a|b|c" as "a b c". */
static void add_words(struct buf *out, const char *choices)
{
    for (const char *c = choices; *c; c++)
        buf_add_char(out, *c == '|' ? ' ' : *c);
}

/* Text inside single quotes; characters of `marks` get a backslash. */
static void add_quoted(struct buf *out, const char *text, const char *marks)
{
    for (const char *c = text; *c; c++) {
        if (*c == '\'') {
            buf_add(out, STR("'\\''"));
            continue;
        }
        if (strchr(marks, *c))
            buf_add_char(out, '\\');
        buf_add_char(out, *c);
    }
}

/* A first argument that is a word of the command's own; a command's name after help. */
static void add_first_words(struct buf *out, const struct command *commands, const struct command *command)
{
    add_words(out, command->words ? command->words : "");
    if (strcmp(command->name, "help") != 0)
        return;
    for (const struct command *other = commands; other->name; other++)
        buf_addf(out, " %s", other->name);
}

static void bash_values(struct buf *out, const struct command *command, const struct opt *opt)
{
    static const char *const actions[] = {
        [FOLLOWS_FILE] = "COMPREPLY=($(compgen -f -- \"$current\"))", [FOLLOWS_ANYTHING] = ":", [FOLLOWS_WORDS] = ""};
    enum follows kind = follows(opt);
    if (kind == FOLLOWS_NOTHING)
        return;
    buf_addf(out, "    %s:--%s", command->name, opt->name);
    if (opt->letter)
        buf_addf(out, " | %s:-%c", command->name, opt->letter);
    buf_add(out, STR(") "));
    if (kind == FOLLOWS_WORDS) {
        buf_add(out, STR("COMPREPLY=($(compgen -W '"));
        add_words(out, opt->value);
        buf_add(out, STR("' -- \"$current\"))"));
    }
    buf_addf(out, "%s; return ;;\n", actions[kind]);
}

static void bash_command(struct buf *out, const struct command *commands, const struct command *command)
{
    struct help_at at = {0};
    buf_addf(out, "    %s) options='--help", command->name);
    for (const struct opt *opt; (opt = help_next_option(command, &at));)
        buf_addf(out, " --%s", opt->name);
    buf_add(out, STR("' words='"));
    add_first_words(out, commands, command);
    buf_add(out, STR("' ;;\n"));
}

static void write_bash(struct buf *out, const struct command *commands)
{
    buf_add(out, STR("# bash completion of coldspot; made by: coldspot completion bash\n"
                     "_coldspot() {\n"
                     "    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} options= words=\n"
                     "    COMPREPLY=()\n"
                     "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                     "        COMPREPLY=($(compgen -W '--help --version"));
    for (const struct command *command = commands; command->name; command++)
        buf_addf(out, " %s", command->name);
    buf_add(out, STR("' -- \"$current\"))\n"
                     "        return\n"
                     "    fi\n"
                     "    case ${COMP_WORDS[1]}:$before in\n"));
    for (const struct command *command = commands; command->name; command++) {
        struct help_at at = {0};
        for (const struct opt *opt; (opt = help_next_option(command, &at));)
            bash_values(out, command, opt);
    }
    buf_add(out, STR("    esac\n    case ${COMP_WORDS[1]} in\n"));
    for (const struct command *command = commands; command->name; command++)
        bash_command(out, commands, command);
    buf_add(out, STR("    esac\n"
                     "    case $current in\n"
                     "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$current\")) ;;\n"
                     "    *) [ \"$COMP_CWORD\" -eq 2 ] && COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
                     "       [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"$current\")) ;;\n"
                     "    esac\n"
                     "}\n"
                     "complete -o filenames -F _coldspot coldspot\n"));
}

/* '--format=[form of the answer]:text|json:(text json)' and, with a letter, the same for -f. */
static void zsh_option(struct buf *out, const struct opt *opt)
{
    enum follows kind = follows(opt);
    for (int by_letter = opt->letter ? 1 : 0; by_letter >= 0; by_letter--) {
        buf_add(out, opt->type == OPT_STRS ? STR(" \\\n            '*") : STR(" \\\n            '"));
        if (by_letter)
            buf_addf(out, "-%c%s", opt->letter, kind == FOLLOWS_NOTHING ? "" : "+");
        else
            buf_addf(out, "--%s%s", opt->name, kind == FOLLOWS_NOTHING ? "" : "=");
        buf_add_char(out, '[');
        add_quoted(out, opt->help, "[]:\\");
        buf_add_char(out, ']');
        if (kind != FOLLOWS_NOTHING) {
            buf_add_char(out, ':');
            add_quoted(out, opt->value, ":\\");
            buf_add_char(out, ':');
        }
        if (kind == FOLLOWS_WORDS) {
            buf_add_char(out, '(');
            add_words(out, opt->value);
            buf_add_char(out, ')');
        }
        buf_add(out, kind == FOLLOWS_FILE ? STR("_files'") : STR("'"));
    }
}

static void write_zsh(struct buf *out, const struct command *commands)
{
    buf_add(out, STR("#compdef coldspot\n# zsh completion of coldspot; made by: coldspot completion zsh\n"
                     "_coldspot() {\n    local -a commands\n    commands=(\n"));
    for (const struct command *command = commands; command->name; command++) {
        buf_addf(out, "        '%s:", command->name);
        add_quoted(out, command->summary, ":\\");
        buf_add(out, STR("'\n"));
    }
    buf_add(out, STR("    )\n"
                     "    if (( CURRENT == 2 )); then\n        _describe command commands\n        return\n    fi\n"
                     "    local name=$words[2]\n    shift words\n    (( CURRENT-- ))\n    case $name in\n"));
    for (const struct command *command = commands; command->name; command++) {
        buf_addf(out, "    %s)\n        _arguments -s '--help[tell more]'", command->name);
        struct help_at at = {0};
        for (const struct opt *opt; (opt = help_next_option(command, &at));)
            zsh_option(out, opt);
        if (command->words) {
            buf_add(out, STR(" \\\n            '1:what:("));
            add_first_words(out, commands, command);
            buf_add(out, STR(")'"));
        }
        buf_add(out, STR(" \\\n            '*:file:_files' ;;\n"));
    }
    buf_add(out, STR("    esac\n}\n_coldspot \"$@\"\n"));
}

static void fish_description(struct buf *out, const char *text)
{
    buf_add(out, STR(" -d '"));
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            buf_add_char(out, '\\');
        buf_add_char(out, *text);
    }
    buf_add(out, STR("'\n"));
}

static void fish_option(struct buf *out, const struct command *command, const struct opt *opt)
{
    enum follows kind = follows(opt);
    buf_addf(out, "complete -c coldspot -n '__fish_seen_subcommand_from %s' -l %s", command->name, opt->name);
    if (opt->letter)
        buf_addf(out, " -s %c", opt->letter);
    if (kind == FOLLOWS_FILE)
        buf_add(out, STR(" -r -F"));
    else if (kind != FOLLOWS_NOTHING)
        buf_add(out, STR(" -x"));
    if (kind == FOLLOWS_WORDS) {
        buf_add(out, STR(" -a '"));
        add_words(out, opt->value);
        buf_add(out, STR("'"));
    }
    fish_description(out, opt->help);
}

static void write_fish(struct buf *out, const struct command *commands)
{
    buf_add(out, STR("# fish completion of coldspot; made by: coldspot completion fish\n"));
    for (const struct command *command = commands; command->name; command++) {
        buf_addf(out, "complete -c coldspot -n __fish_use_subcommand -f -a %s", command->name);
        fish_description(out, command->summary);
        struct help_at at = {0};
        for (const struct opt *opt; (opt = help_next_option(command, &at));)
            fish_option(out, command, opt);
        if (!command->words)
            continue;
        buf_addf(out, "complete -c coldspot -n '__fish_seen_subcommand_from %s' -a '", command->name);
        add_first_words(out, commands, command);
        buf_add(out, STR("'\n"));
    }
}

static const struct {
    const char *name;
    void (*write)(struct buf *out, const struct command *commands);
} shells[] = {{"bash", write_bash}, {"zsh", write_zsh}, {"fish", write_fish}};

static int run_completion(struct cmd_call *call, struct err *err)
{
    const char *name = call->argc ? call->argv[0] : "";
    for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
        if (strcmp(shells[i].name, name) != 0)
            continue;
        struct buf text = {0};
        shells[i].write(&text, call->commands);
        fwrite(buf_cstr(&text), 1, text.len, stdout);
        buf_release(&text);
        return EXIT_FINE;
    }
    if (call->argc)
        err_set(err, ERR_USAGE, "there are no completions for '%s'", name);
    else
        err_set(err, ERR_USAGE, "completion needs the name of a shell");
    return err_hint(err, "coldspot completion bash, zsh or fish");
}

const struct command command_completion = {
    .name = "completion",
    .summary = "completions of commands and options for a shell",
    .usage = "bash | zsh | fish",
    .details = "Prints a script for the shell, made from the same tables as --help.",
    .examples = "  coldspot completion bash > ~/.local/share/bash-completion/completions/coldspot\n"
                "  coldspot completion zsh > \"${fpath[1]}/_coldspot\"\n"
                "  coldspot completion fish > ~/.config/fish/completions/coldspot.fish",
    .words = "bash|zsh|fish",
    .run = run_completion,
};
