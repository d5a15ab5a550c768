/* A plan for people, for programs and as pictures. */
#ifndef COLDSPOT_PRESENT_PLAN_REPORT_H
#define COLDSPOT_PRESENT_PLAN_REPORT_H

#include "present/document.h"
#include "simulate/plan.h"

struct plan_report {
    struct arena *arena; /* everything is borrowed */
    const struct plan_question *question;
    const struct plan *plan;
    struct str source, model, basis; /* of the requests, of the function, of the rate */
    struct str target;               /* the function's name; empty: not known */
    bool is_method;
    const struct str *notes;
    size_t n_notes;
    struct series baseline_series, best_series; /* bin_s 0: none */
    double took_s;
};

/* Sections and tables. */
void plan_report_document(const struct plan_report *report, struct document *document);

/* One section: what this traffic costs today, and what to change; for a diagnosis.  command: what tells more. */
void plan_report_brief(const struct plan_report *report, const char *command, struct document *document);

/* The JSON contract's plan object. */
void plan_report_json(const struct plan_report *report, struct buf *out);

/* One self-contained picture: cost against latency, containers over time, where the money goes. */
void plan_report_svg(const struct plan_report *report, struct buf *out);

/* Every setting that was simulated, one a line. */
void plan_report_csv(const struct plan_report *report, struct buf *out);

#endif
