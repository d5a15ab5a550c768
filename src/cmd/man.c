/* coldspot(1).  Everything in it comes from the tables that --help reads; only its head and foot are written here. */
#include "cmd/man.h"

#include "cmd/help.h"

/* Text that man must print as it is: no line begins with a request, and a minus stays one. */
static void add_text(struct buf *out, struct str text)
{
    bool starts_line = out->len == 0 || out->ptr[out->len - 1] == '\n';
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (starts_line && (c == '.' || c == '\''))
            buf_add(out, STR("\\&"));
        if (c == '\\')
            buf_add(out, STR("\\e"));
        else if (c == '-')
            buf_add(out, STR("\\-"));
        else
            buf_add_char(out, c);
        starts_line = c == '\n';
    }
}

/* Text whose lines man fills: broken at blanks, as man pages are written. */
static void add_filled(struct buf *out, const char *text)
{
    enum { COLUMNS_MOST = 78 };
    struct str rest = str_of(text), line, word;
    while (str_cut(&rest, '\n', &line)) {
        size_t column = 0;
        while (str_cut(&line, ' ', &word)) {
            if (column)
                buf_add_char(out, column + 1 + word.len > COLUMNS_MOST ? '\n' : ' ');
            column = column && column + 1 + word.len <= COLUMNS_MOST ? column + 1 : 0;
            size_t from = out->len;
            add_text(out, word);
            column += out->len - from;
        }
        buf_add_char(out, '\n');
    }
}

static void add_line(struct buf *out, const char *request, const char *text)
{
    buf_add(out, str_of(request));
    add_text(out, str_of(text));
    buf_add_char(out, '\n');
}

static void add_option(struct buf *out, const struct opt *opt)
{
    buf_add(out, STR(".TP\n\\fB"));
    if (opt->letter) {
        buf_addf(out, "\\-%c\\fR, \\fB", opt->letter);
    }
    buf_add(out, STR("\\-\\-"));
    add_text(out, str_of(opt->name));
    buf_add(out, STR("\\fR"));
    if (opt->value) {
        buf_add(out, STR(" \\fI"));
        add_text(out, str_of(opt->value));
        buf_add(out, STR("\\fR"));
    }
    buf_add_char(out, '\n');
    add_filled(out, opt->help);
}

static void add_verbatim(struct buf *out, const char *text)
{
    add_line(out, ".PP\n.nf\n", text);
    buf_add(out, STR(".fi\n"));
}

static void add_command(struct buf *out, const struct command *command)
{
    buf_add(out, STR(".SS coldspot "));
    add_text(out, str_of(command->name));
    buf_add_char(out, ' ');
    add_text(out, str_of(command->usage));
    buf_add_char(out, '\n');
    add_text(out, str_of(command->summary));
    buf_add(out, STR(".\n"));
    if (command->details) {
        buf_add(out, STR(".PP\n"));
        add_filled(out, command->details);
    }
    struct help_at at = {0};
    for (const struct opt *opt; (opt = help_next_option(command, &at));)
        add_option(out, opt);
    if (command->examples)
        add_verbatim(out, command->examples);
}

static void add_foot(struct buf *out)
{
    buf_add(out, STR(".SH EXIT STATUS\n"));
    for (const struct help_exit_code *row = help_exit_codes; row->meaning; row++) {
        buf_addf(out, ".TP\n.B %d\n", row->code);
        add_filled(out, row->meaning);
    }
    buf_add(out, STR(".SH ENVIRONMENT\n"));
    for (const struct help_variable *row = help_variables; row->meaning; row++) {
        add_line(out, ".TP\n.B ", row->names);
        add_filled(out, row->meaning);
    }
}

void man_page(struct buf *out, const struct command *commands, const char *version)
{
    buf_addf(out, ".TH COLDSPOT 1 \"" COLDSPOT_DATE "\" \"coldspot %s\" \"User Commands\"\n.SH NAME\n", version);
    buf_add(out, STR("coldspot \\- find where a serverless Python function spends time and money\n"
                     ".SH SYNOPSIS\n.B coldspot\n.I COMMAND\n[\\fIOPTIONS\\fR] [\\fIARGS\\fR]\n.SH DESCRIPTION\n"
                     "It measures a function, unmodified, explains every second and every\n"
                     "dollar, says which change pays and by how much, makes it, and proves it by\n"
                     "measuring again.\n.SH COMMANDS\n"));
    for (const struct command *command = commands; command->name; command++)
        add_command(out, command);
    add_foot(out);
}
