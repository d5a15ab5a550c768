/* Findings that are not wanted: comments in the code, and a baseline of what was there before. */
#ifndef COLDSPOT_DIAGNOSE_SUPPRESS_H
#define COLDSPOT_DIAGNOSE_SUPPRESS_H

#include "diagnose/check.h"

/* Takes away findings that a comment suppresses:
 *   # coldspot: ignore[name-or-code, ...] reason      on the finding's line, or alone on the line above it
 *   # coldspot: ignore-file[name-or-code, ...]        anywhere in the file
 * and adds one (rule unused-suppression) for each comment that suppresses nothing. */
void suppress_comments(struct arena *arena, const struct project *project, const struct rules *rules,
                       struct findings *findings);

/* What a finding is known by, however lines move: a digest of rule, path and the line's text without white space; the nth of
 * equal ones has n in it.  32 hexadecimal digits. */
struct str suppress_fingerprint(struct arena *arena, const struct project *project, const struct finding *finding);

/* Takes away findings that the baseline has (as often as it has them). Fails with ERR_INPUT where the text is no baseline. */
int suppress_baseline(struct arena *arena, const struct project *project, struct str baseline, const char *path,
                      struct findings *findings, size_t *taken_out, struct err *err);

/* The baseline that holds all these findings. */
void suppress_write_baseline(struct arena *arena, const struct project *project, const struct findings *findings,
                             struct buf *out);

#endif
