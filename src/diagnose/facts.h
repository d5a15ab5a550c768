/* What the app's text says to those who judge a run of it: which imports its target needs, and which names stand in it. */
#ifndef COLDSPOT_DIAGNOSE_FACTS_H
#define COLDSPOT_DIAGNOSE_FACTS_H

#include "base/arena.h"
#include "base/err.h"

enum facts_need {
    NEED_TARGET,  /* the target uses it, or what it calls, or the file itself as it is imported */
    NEED_SIBLING, /* only other methods of the target's class do */
    NEED_OTHERS,  /* only functions that the target never calls do */
    NEED_NOBODY,
};

/* A name that an import statement of the app binds. */
struct facts_import {
    struct str file;
    uint32_t line;     /* where the statement begins */
    struct str module; /* absolute, or with leading dots */
    struct str member; /* of `from module import member`; may be empty */
    bool at_module;    /* runs as the file is imported, else when its function does */
    enum facts_need need;
    struct str users; /* "report()", "report() and weekly()", "report() and 3 more"; empty: nobody */
};

/* Where something stands; line 0: nowhere. */
struct facts_place {
    struct str file;
    uint32_t line;
};

struct facts {
    struct facts_place memory,
        cpu; /* the setting of the target's function, or its decorator or def where it has none */
    array_of(struct facts_import) imports;
    array_of(struct str) texts; /* of the app's file and of those of the project that it imports */
};

/* Reads the app's file and what it imports of its project; function is the run's target ("f", "Class.method").
 * Fails where the file cannot be read. */
int facts_read(struct arena *arena, const char *path, struct str function, struct facts *facts_out, struct err *err);

/* Whether a string of the app's text is `name`, or a path that ends in it: a file of that name is the same for every input. */
bool facts_mention(const struct facts *facts, struct str name);

#endif
