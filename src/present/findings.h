/* Findings for people: each with its place, the line it is about, a caret under it, and what to do. */
#ifndef COLDSPOT_PRESENT_FINDINGS_H
#define COLDSPOT_PRESENT_FINDINGS_H

#include "present/document.h"
#include "source/project.h"

/* A section a finding, in the findings' order; excerpts from the project's files. */
void findings_sections(struct document *document, const struct project *project, const struct findings *findings);

/* The check contract's "functions": one object for each registered function of the files that were asked for. */
struct app;
void functions_json(struct jsonw *json, struct arena *arena, const struct project *project, const struct app *app);

#endif
