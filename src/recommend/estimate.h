/* What each finding's change would save, and all of them together: the run played back without it, priced anew. */
#ifndef COLDSPOT_RECOMMEND_ESTIMATE_H
#define COLDSPOT_RECOMMEND_ESTIMATE_H

#include "diagnose/facts.h"
#include "diagnose/finding.h"
#include "price/price.h"
#include "store/summary.h"

struct estimate_input {
    const struct run *run;
    const struct summary *summary;         /* its start is not NULL */
    const struct facts *facts;             /* may be NULL */
    const struct catalogue *catalogue;     /* NULL: no money */
    const struct price_settings *settings; /* as they are */
    double calls_per_day;                  /* 0: not known */
    double cold_fraction;                  /* of the calls */
};

/* The run without all of what findings of at least a warning would change. */
struct estimate_joint {
    size_t n;                           /* findings that took part */
    double cold_before_s, cold_after_s; /* p50 */
    struct range cold_interval_s;       /* of the p50 after */
    bool has_warm;
    double warm_before_s, warm_after_s;
    struct range warm_interval_s;
    bool has_money;
    double usd_before, usd_after; /* per 1,000 calls, of which cold_fraction are cold */
    struct range usd_per_month;   /* the difference; unknown without calls_per_day */
};

/* Fills in the findings' estimates and sorts them, the largest saving first. */
void estimate_findings(struct arena *arena, const struct estimate_input *input, struct findings *findings);

void estimate_together(struct arena *arena, const struct estimate_input *input, const struct findings *findings,
                       struct estimate_joint *joint_out);

#endif
