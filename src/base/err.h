/* What went wrong, in a sentence that can be shown as it is, and what to do next.
 * Functions return 0, or the negative code that err_set gave them. */
#ifndef COLDSPOT_BASE_ERR_H
#define COLDSPOT_BASE_ERR_H

#include "base/buf.h"

enum err_code {
    ERR_NONE,
    ERR_USAGE,       /* the command line or a setting is wrong */
    ERR_INPUT,       /* a file, recording or value from outside is not what it should be */
    ERR_SYSTEM,      /* the kernel or a library refused */
    ERR_FUNCTION,    /* the user's function failed, timed out or ended its process */
    ERR_INTERRUPTED, /* Ctrl-C or SIGTERM */
    ERR_INTERNAL,    /* ours */
};

struct err {
    enum err_code code;
    struct buf message;
    struct buf hint; /* lines that say what to do next; may be empty */
};

void err_release(struct err *err);
void err_reset(struct err *err);

/* Replaces what *err held; returns -code.  err may be NULL where nobody wants the text. */
int err_set(struct err *err, enum err_code code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Puts "context: " before the message; returns the code again, negative. */
int err_wrap(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds one line of advice; returns the code again, negative. */
int err_hint(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
