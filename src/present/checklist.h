/* The optimization checklist for people and for programs. */
#ifndef COLDSPOT_PRESENT_CHECKLIST_H
#define COLDSPOT_PRESENT_CHECKLIST_H

#include "diagnose/checklist.h"
#include "present/document.h"

/* The member "checklist" of an open object. */
void checklist_json(struct jsonw *json, const struct checklist *checklist);

/* All items under each function. */
void checklist_sections(struct document *document, const struct checklist *checklist);

/* The command that answers the first item which only a run can; nothing where there is none. */
void checklist_next(struct document *document, const struct checklist *checklist);

#endif
