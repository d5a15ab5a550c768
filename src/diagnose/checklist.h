/* The optimization checklist: for each function and each of its items, what the findings and the text say. */
#ifndef COLDSPOT_DIAGNOSE_CHECKLIST_H
#define COLDSPOT_DIAGNOSE_CHECKLIST_H

#include "diagnose/check.h"

enum checklist_status { CHECKLIST_OK, CHECKLIST_FINDING, CHECKLIST_NOT_MEASURED, CHECKLIST_NOT_APPLICABLE };

struct checklist_row {
    struct str function;
    const char *group; /* "Cold start": the part of the list that it stands in */
    const char *item;  /* minimize-image-size */
    enum checklist_status status;
    struct str brief;    /* the same in a few words */
    struct str evidence; /* the finding, why it does not apply, or the command that would tell */
};

struct checklist {
    struct checklist_row *items;
    size_t len, cap;
};

/* The newest run of a function, as far as the checklist asks; NAN: not measured. */
struct checklist_run {
    struct str id;                  /* empty: no run of it is known */
    double init_s, warm_s;          /* before the first call; a warm call's median */
    double peak_bytes, asked_bytes; /* asked_bytes: what the function's settings ask for, or the platform's default */
    double peak_cores, mean_cores;  /* 0: not measured */
    double asked_cores;             /* 0 or less: the function's settings ask for none */
};

const char *checklist_status_name(enum checklist_status status);

/* What is known of one function besides its text. */
struct checklist_known {
    struct str function; /* as it is registered */
    struct str measured; /* "measured, run 3f2a"; empty: not measured */
    struct str gpu;      /* the same of its GPU */
    struct str traffic;  /* "simulated, 20,000/day"; empty: no traffic is known */
};

/* All items for each registered function, in the functions' order.  What only a measurement or traffic can tell is not_measured,
 * unless `known` (may be NULL) or the function's own run in `runs` (one for each function; NULL: none) has it. */
void checklist_make(struct arena *arena, const struct source *source, const struct findings *findings,
                    const struct checklist_known *known, const struct checklist_run *runs,
                    struct checklist *checklist_out);

#endif
