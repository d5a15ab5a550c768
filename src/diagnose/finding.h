/* One thing worth changing (or knowing), with its evidence, what it would save, and how to mend it.
 * Everything lives in the arena of the command that found it. */
#ifndef COLDSPOT_DIAGNOSE_FINDING_H
#define COLDSPOT_DIAGNOSE_FINDING_H

#include "base/arena.h"
#include "base/jsonw.h"

enum severity { SEVERITY_OFF, SEVERITY_INFO, SEVERITY_WARN, SEVERITY_ERROR };

/* Where; lines and columns count from 1, 0 means unknown.  file is relative to the working directory when it lies under it.
 * Columns count bytes; characters are the same places in code points, for readers that count those; 0: as the columns. */
struct location {
    struct str file; /* empty: no location */
    uint32_t line, column, end_line, end_column;
    uint32_t character, end_character;
};

/* What lies between two ends; unknown when `known` is false. */
struct range {
    bool known;
    double low, high;
    double typical; /* 0: half-way between them */
};

/* The one number for it; 0 where it is not known. */
double range_typical(const struct range *range);

/* What the fix changes, negative is a saving. */
struct estimate {
    bool known;
    struct range cold_s, warm_s, usd_per_month;
    struct range usd_per_1k_calls; /* of which the assumption says how many are cold */
    struct range memory_bytes;     /* of the peak, or of the request */
    double share;           /* the largest part that it saves of a cold start, a warm call, or the bill: 0 to 1 */
    const char *confidence; /* measured|simulated|assumed */
    struct str run;         /* the id of the run from the store that it was measured in; may be empty */
    struct str assumption;  /* may be empty */
};

/* Replaces [line:column, end_line:end_column) of the place's file by text. */
struct edit {
    struct location place;
    struct str text;
};

struct edits {
    struct edit *items;
    size_t len, cap;
};

enum fix_kind { FIX_NONE, FIX_MANUAL, FIX_UNSAFE, FIX_SAFE };

struct change;

struct finding {
    struct str code, name; /* CS101, heavy-import-unused */
    enum severity severity;
    struct str message;
    struct location location;
    struct str subject;  /* what it is about: the function, module or package */
    struct str excerpt;  /* what stands under the caret line of the text form: the cost at this place; may be empty */
    struct str advice;   /* what to do instead, one line */
    struct str evidence; /* a JSON object, or empty for {} */
    const struct change *change; /* what the fix takes away, for recommend/; NULL: nothing that can be played back */
    struct estimate estimate;
    enum fix_kind fix;
    struct edits edits;
    struct str command; /* the command that mends or explains it, as printed; may be empty */
};

struct findings {
    struct finding *items;
    size_t len, cap;
};

const char *severity_name(enum severity severity);
const char *fix_kind_name(enum fix_kind fix);

/* key: [low, high], or null where it is unknown. */
void range_write_json(struct jsonw *json, const char *key, const struct range *range);

/* The FINDING object of the JSON contract. */
void finding_write_json(struct jsonw *json, const struct finding *finding);

/* What it saves of one cold start in seconds, what is typical of the estimate; 0 when that is not known. */
double finding_saving_s(const struct finding *finding);

/* Largest share first, then by seconds and by money saved; by severity, code, file and line where savings are equal. */
void findings_sort(struct findings *findings);

#endif
