/* The document of a diagnosis: the answer in one line, then what is worth changing, the largest saving first. */
#ifndef COLDSPOT_PRESENT_DIAGNOSIS_H
#define COLDSPOT_PRESENT_DIAGNOSIS_H

#include "present/run_report.h"
#include "recommend/estimate.h"

struct diagnosis {
    const struct run_report *report; /* with findings, sorted */
    const struct estimate_joint *joint;
    const struct findings *others; /* what reading the app finds besides */
    struct str app_path;           /* for `coldspot check` */
    double calls_per_day;          /* 0: not known */
    double cold_fraction;          /* of the calls, assumed */
};

/* Fills in title and sections. */
void diagnosis_sections(struct document *document, const struct diagnosis *diagnosis);

/* Writes "together", the joint effect, and "others", findings of reading the app, into an open object. */
void diagnosis_json(struct jsonw *json, const struct diagnosis *diagnosis);

#endif
