/* Carrying out the edits of findings on the text of files. */
#ifndef COLDSPOT_RECOMMEND_EDIT_H
#define COLDSPOT_RECOMMEND_EDIT_H

#include "base/err.h"
#include "diagnose/finding.h"

/* Puts the edits of all findings whose fix is at least as safe as `least` (FIX_SAFE, or FIX_UNSAFE for both) and that touch
 * `file` into its text.  A finding whose edits overlap with those of an earlier one is left for the next round.  Insertions at the
 * same place stay in the order of the findings; equal ones are made once.  *applied_out, by finding, is set where it was. */
struct str edit_apply(struct arena *arena, struct str file, struct str text, const struct findings *findings,
                      enum fix_kind least, bool *applied_out);

/* A unified diff with three lines of context, empty where nothing differs. */
void edit_add_diff(struct buf *out, struct str file, struct str before, struct str after);

#endif
