/* What `coldspot doctor` looks at.  A check is a function and a row of doctor_checks[]. */
#ifndef COLDSPOT_CMD_DOCTOR_H
#define COLDSPOT_CMD_DOCTOR_H

#include "base/arena.h"
#include "base/err.h"

struct cmd_call;

enum doctor_status {
    DOCTOR_OK,
    DOCTOR_WARN, /* works, with less */
    DOCTOR_NONE, /* is not there: what needs it is left out */
};

struct doctor_result {
    enum doctor_status status;
    struct str name, message;
    struct str mend; /* lines to type; empty: nothing to do, or nothing that helps */
};

struct doctor {
    struct arena *arena;
    double now_s; /* since 1970 */
    const char *python_option, *store_option, *prices_option;
    bool clean;
    const char *python; /* what check_python found; NULL: none */
    const char *modal;  /* its modal package's version; NULL: none */
    array_of(struct doctor_result) results;
};

/* Adds a result; the message is printf's. */
struct doctor_result *doctor_add(struct doctor *doctor, enum doctor_status status, const char *name, const char *format,
                                 ...) __attribute__((format(printf, 4, 5)));

/* Adds a result that is an error's message, with its hint as the way to mend it. */
void doctor_add_error(struct doctor *doctor, enum doctor_status status, const char *name, const struct err *err);

/* The machine: doctor_machine.c. */
void doctor_check_machine(struct doctor *doctor);
void doctor_check_ptrace(struct doctor *doctor);
void doctor_check_gpu(struct doctor *doctor);
void doctor_check_cgroup(struct doctor *doctor);
void doctor_check_page_cache(struct doctor *doctor);

#endif
