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

const char *checklist_status_name(enum checklist_status status);

/* What is known of one function besides its text. */
struct checklist_known {
    struct str function; /* as it is registered */
    struct str measured; /* "measured, run 3f2a"; empty: not measured */
    struct str gpu;      /* the same of its GPU */
    struct str traffic;  /* "simulated, 20,000/day"; empty: no traffic is known */
};

/* All items for each registered function, in the functions' order.  What only a measurement or traffic can tell is not_measured,
 * unless `known` (may be NULL) has it. */
void checklist_make(struct arena *arena, const struct source *source, const struct findings *findings,
                    const struct checklist_known *known, struct checklist *checklist_out);

#endif
