/* What the commands share: option parsing through their tables, and sending the answer where it is wanted. */
#include "cmd/cmd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/file.h"
#include "cmd/config.h"

const struct opt cmd_output_opts[] = {
    {0, "format", OPT_CHOICE, offsetof(struct cmd_output, format), present_choices, "form of the answer on stdout", 0,
     0},
    {0, "json", OPT_FLAG, offsetof(struct cmd_output, json), NULL, "the same as --format json", 0, 0},
    {'o', "output", OPT_STRS, offsetof(struct cmd_output, files), "FILE",
     "write the answer to FILE; its suffix decides the format (repeatable)", 0, 0},
    {0, "color", OPT_CHOICE, offsetof(struct cmd_output, color), "auto|always|never", "colour the text", 0, 0},
    {'q', "quiet", OPT_FLAG, offsetof(struct cmd_output, quiet), NULL, "no progress, no notes", 0, 0},
    {0},
};

struct settings_args {
    const char *config;
    bool no_config;
};

const struct opt cmd_settings_opts[] = {
    {0, "config", OPT_STR, offsetof(struct settings_args, config), "FILE",
     "settings file, instead of the nearest pyproject.toml or coldspot.toml", 0, 0},
    {0, "no-config", OPT_FLAG, offsetof(struct settings_args, no_config), NULL, "no settings file", 0, 0},
    {0},
};

/* The value of an option on the command line, the last one; NULL: it is not given. */
static const char *given(const struct opt_givens *givens, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < givens->len; i++) {
        if (strcmp(givens->items[i].opt->name, name) == 0)
            value = givens->items[i].value ? givens->items[i].value : "true";
    }
    return value;
}

static bool is_true(const char *value)
{
    return value && strcmp(value, "true") == 0;
}

static int apply_settings(struct cmd_call *call, const struct opt_group *groups, size_t n,
                          const struct opt_givens *givens, const struct opt_words *words, struct err *err)
{
    struct config config = {0};
    const char *path = given(givens, "config");
    if (is_true(given(givens, "no-config")))
        return 0;
    int rc = path ? config_open(call->arena, path, &config, err)
                  : config_find(call->arena, words, is_true(given(givens, "quiet")), &config, err);
    if (!rc && config.settings)
        rc = config_apply(call, &config, groups, n, givens, err);
    config_release(&config);
    return rc;
}

int cmd_parse(struct cmd_call *call, void *const *args, size_t n, struct opt_words *words_out, struct err *err)
{
    struct opt_group groups[CMD_TABLES_MOST + 1];
    struct settings_args settings = {0};
    struct opt_givens givens;
    for (size_t i = 0; i < n; i++)
        groups[i] = (struct opt_group){call->command->tables[i].title, call->command->tables[i].opts, args[i]};
    size_t all = n;
    if (!call->command->no_settings)
        groups[all++] = (struct opt_group){"Settings", cmd_settings_opts, &settings};
    int rc = opt_scan(call->arena, groups, all, call->argc, call->argv, words_out, &givens, err);
    if (!rc && !call->command->no_settings)
        rc = apply_settings(call, groups, n, &givens, words_out, err);
    return rc ? rc : opt_parse(call->arena, groups, all, call->argc, call->argv, words_out, err);
}

static bool is_set(const char *variable)
{
    const char *value = getenv(variable);
    return value && value[0];
}

/* --color, then NO_COLOR, then FORCE_COLOR or CLICOLOR_FORCE, then whether stdout is a terminal. */
static bool wants_color(const char *option)
{
    if (option && strcmp(option, "auto") != 0)
        return strcmp(option, "always") == 0;
    if (is_set("NO_COLOR"))
        return false;
    if (is_set("FORCE_COLOR") || is_set("CLICOLOR_FORCE"))
        return true;
    const char *term = getenv("TERM");
    return isatty(STDOUT_FILENO) && (!term || strcmp(term, "dumb") != 0);
}

static uint32_t terminal_width(void)
{
    struct winsize size;
    uint64_t columns;
    const char *told = getenv("COLUMNS");
    if (told && str_to_u64(str_of(told), &columns) && columns >= 20 && columns <= 1000)
        return (uint32_t)columns;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
        return size.ws_col < 100 ? size.ws_col : 100;
    return 100;
}

bool cmd_wants_json(const struct cmd_output *output)
{
    return output->json || (output->format && strcmp(output->format, "json") == 0);
}

static int write_file(const struct document *document, const char *path, struct err *err)
{
    const struct format *format = present_find_by_path(str_of(path));
    if (!format) {
        err_set(err, ERR_USAGE, "cannot tell the format of '%s' from its suffix", path);
        return err_hint(err, "use one of .txt, .json, .md, or --format with > FILE");
    }
    struct buf text = {0};
    int rc = format->write(document, &(struct present_options){0}, &text, err);
    if (!rc)
        rc = file_write(path, buf_str(&text), err);
    buf_release(&text);
    return rc;
}

static const char *format_name(const struct cmd_output *output)
{
    return output->json ? "json" : output->format ? output->format : "text";
}

struct str cmd_form(struct arena *arena, const struct cmd_output *output)
{
    return arena_printf(arena, "%s %d %u", format_name(output), wants_color(output->color), terminal_width());
}

int cmd_render(const struct cmd_output *output, const struct document *document, struct buf *out, struct err *err)
{
    struct present_options options = {wants_color(output->color), terminal_width()};
    return present_find(str_of(format_name(output)))->write(document, &options, out, err);
}

static int write_stdout(const struct cmd_output *output, const struct document *document, struct err *err)
{
    struct buf text = {0};
    int rc = cmd_render(output, document, &text, err);
    fflush(stdout);
    if (!rc)
        rc = file_write_fd(STDOUT_FILENO, "standard output", buf_str(&text), err);
    buf_release(&text);
    return rc;
}

int cmd_answer(const struct cmd_output *output, const struct document *document, struct err *err)
{
    for (size_t i = 0; i < output->files.len; i++) {
        int rc = write_file(document, output->files.items[i], err);
        if (rc)
            return rc;
    }
    if (output->files.len && !output->format && !output->json)
        return 0;
    return write_stdout(output, document, err);
}

void cmd_note(bool quiet, const char *format, ...)
{
    if (quiet)
        return;
    va_list args;
    va_start(args, format);
    fputs("coldspot: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}
