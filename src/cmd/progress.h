/* The line on stderr that says what is being done now: rewritten in place on a terminal, every two seconds elsewhere. */
#ifndef COLDSPOT_CMD_PROGRESS_H
#define COLDSPOT_CMD_PROGRESS_H

#include "base/clock.h"
#include "base/str.h"

struct progress {
    /* private */
    const struct clock *clock;
    bool quiet, terminal, shown;
    uint64_t last_ns;
};

void progress_init(struct progress *progress, const struct clock *clock, bool quiet);

/* Whether a new line would be shown now, so that callers make no text for nothing. */
bool progress_due(const struct progress *progress);
void progress_show(struct progress *progress, struct str line);

/* Takes the line off the terminal; before anything else is printed, and at the end. */
void progress_clear(struct progress *progress);

#endif
