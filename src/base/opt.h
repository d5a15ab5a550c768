/* Command-line options as tables: parsing, --help, the man page and completions all read the same rows. */
#ifndef COLDSPOT_BASE_OPT_H
#define COLDSPOT_BASE_OPT_H

#include "base/arena.h"
#include "base/err.h"

enum opt_type {
    OPT_FLAG,     /* bool */
    OPT_STR,      /* const char *, NULL when not given */
    OPT_STRS,     /* struct opt_strs: may be given several times */
    OPT_U32,      /* uint32_t */
    OPT_F64,      /* double */
    OPT_DURATION, /* double, seconds: 60s, 500ms */
    OPT_CHOICE,   /* const char *, one of the words of `value` ("text|json|markdown") */
};

struct opt_strs {
    const char **items;
    size_t len, cap;
};

/* A row; the table ends with a row without a name.  Fields keep what the caller put there until the option is given. */
struct opt {
    char letter; /* 0: none */
    const char *name;
    enum opt_type type;
    size_t offset;
    const char *value; /* what --help calls the value; the choices of an OPT_CHOICE; NULL for flags */
    const char *help;
    double least, most; /* numbers and durations must lie in [least, most]; both 0: 0 or more */
};

/* Tables used together by one command: its own and those it shares. */
struct opt_group {
    const char *title; /* heading in --help, NULL for the command's own */
    const struct opt *opts;
    void *args; /* the struct that the rows' offsets point into */
};

struct opt_words {
    const char **items; /* arguments that are no options, in order; NULL-terminated */
    size_t len;
    char **command; /* what follows a bare "--", NULL-terminated; NULL when there was none */
};

/* Parses argv[0..argc) (without the program's and the command's name).  Strings are borrowed from argv; lists live in the arena.
 * Fails with ERR_USAGE, naming the option and, for a misspelt one, the nearest. */
int opt_parse(struct arena *arena, const struct opt_group *groups, size_t n, int argc, char **argv,
              struct opt_words *words_out, struct err *err);

/* Options as argv gives them, in order; value NULL: a flag without one. */
struct opt_given {
    const struct opt *opt;
    const char *value;
};

struct opt_givens {
    struct opt_given *items;
    size_t len, cap;
};

/* What argv gives, without setting or judging anything: for a caller who must know before opt_parse.  The groups' args are not
 * used. */
int opt_scan(struct arena *arena, const struct opt_group *groups, size_t n, int argc, char **argv,
             struct opt_words *words_out, struct opt_givens *givens_out, struct err *err);

/* The row of that long name; NULL: none. */
const struct opt *opt_find(const struct opt_group *groups, size_t n, struct str name);

/* Sets one option by its long name, as a configuration file does; flags take true or false. */
int opt_set(struct arena *arena, const struct opt_group *groups, size_t n, struct str name, const char *value,
            struct err *err);

/* The options part of --help. */
void opt_add_help(struct buf *out, const struct opt_group *groups, size_t n);

#endif
