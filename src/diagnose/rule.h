/* Rules as pages: a file in data/rules is a front matter (code, name, severity, fix, check) and a text that says what the rule
 * finds, why it costs, and what to do instead. */
#ifndef COLDSPOT_DIAGNOSE_RULE_H
#define COLDSPOT_DIAGNOSE_RULE_H

#include "base/err.h"
#include "diagnose/finding.h"

struct rule {
    struct str code, name; /* CS101, heavy-import-unused */
    enum severity severity;
    enum fix_kind fix;
    struct str check;    /* the C check that finds it; empty for rules that only a measurement finds */
    struct str measured; /* the measured check that finds it; empty: none */
    struct str title;    /* the page's heading, one sentence without full stop */
    struct str page;     /* Markdown, without the front matter */
};

struct rules {
    struct rule *items;
    size_t len, cap;
};

/* The pages that the binary carries, by code.  Fails with ERR_INTERNAL when one is malformed. */
int rules_load(struct arena *arena, struct rules *rules_out, struct err *err);

/* By code, name, or the beginning of a code ("CS1"): the next match from *cursor on; NULL: no further one. */
struct rule *rules_next(const struct rules *rules, struct str name, size_t *cursor);
struct rule *rules_find(const struct rules *rules, struct str name);

/* The name nearest to a misspelt one, for "did you mean"; empty where none is near. */
struct str rules_nearest(const struct rules *rules, struct str name);

#endif
