/* A run's stacks and timeline in the formats of other tools: a row each in export.c, a file each beside it. */
#ifndef COLDSPOT_PRESENT_EXPORT_H
#define COLDSPOT_PRESENT_EXPORT_H

#include "base/err.h"
#include "store/run.h"

/* Which part of a run's time. */
enum export_part { EXPORT_CALLS, EXPORT_COLD, EXPORT_ALL, EXPORT_PARTS };

struct profile {
    struct arena *arena;
    const struct run *run;
    enum export_part part;
    bool cpu_only;     /* leave out what waits */
    bool by_task;      /* a run that export_by_task made */
    double rate_per_s; /* USD a second of the container; NAN: not known */
};

struct export_format {
    const char *name;
    const char *suffixes; /* of files written with -o: ".pb.gz|.pprof" */
    int (*write)(const struct profile *profile, struct buf *out, struct err *err);
};

/* "pprof|speedscope...", "calls|cold|all". */
extern const char export_choices[], export_part_choices[];

const struct export_format *export_find(struct str name);

/* The format whose suffix the path has; NULL when none. */
const struct export_format *export_find_by_path(struct str path);

enum export_part export_part_of(struct str name);

/* The run with asyncio's tasks in the place of threads: each has its name as the outermost frame, the coroutines below it, and the
 * time in which it was suspended beside that in which it ran.  What no task did is left out.  In the arena; NULL when there is no task. */
struct run *export_by_task(struct arena *arena, const struct run *run);

/* ---- for the formats ---- */

enum { EXPORT_DEPTH_MOST = 1024 };

/* Whether this row belongs to the part that is wanted. */
bool export_wants(const struct profile *profile, const struct run_stack *stack);

/* The frames from the outermost to `frame` itself, without those of our own harness around the call; answers how many, at most
 * EXPORT_DEPTH_MOST, the innermost.  0: the harness itself. */
size_t export_path(const struct run_start *start, int32_t frame, int32_t path_out[EXPORT_DEPTH_MOST]);

/* The text as UTF-8: what is none becomes U+FFFD, as in JSON.  Itself where it is already, else a copy in the arena. */
struct str export_utf8(struct arena *arena, struct str text);

/* "function (file:line)". */
struct str export_label(struct arena *arena, const struct run_frame *frame);

/* "starting thread", "thread 3", and "thread 3, interpreter 1" inside another interpreter than the main one; by tasks "task worker-1". */
const char *export_thread(const struct profile *profile, const struct run_stack *stack);

/* A span of the starting thread's timeline: phases, and imports inside them.  Strictly nested, in the order of beginning. */
struct export_span {
    struct str name;
    struct str file; /* of an import: the module's own */
    double from_s, to_s;
    uint32_t depth;
    bool import;
    double self_s; /* of an import */
};

struct export_spans {
    struct export_span *items;
    size_t len, cap;
};

/* Those of the p50 start; none where no start got to the end of its first call. */
void export_timeline(const struct profile *profile, const struct run_start *start, struct export_spans *spans_out);

/* The start whose timeline is shown; NULL when there is none. */
const struct run_start *export_start(const struct profile *profile);

int export_pprof(const struct profile *profile, struct buf *out, struct err *err);
int export_speedscope(const struct profile *profile, struct buf *out, struct err *err);
int export_collapsed(const struct profile *profile, struct buf *out, struct err *err);
int export_chrome(const struct profile *profile, struct buf *out, struct err *err);

#endif
