/* One start of what is measured: its request, its sandbox, its recordings.  Private to measure*.c. */
#ifndef COLDSPOT_CMD_MEASURE_START_H
#define COLDSPOT_CMD_MEASURE_START_H

#include "cmd/measure.h"
#include "cmd/progress.h"
#include "sandbox/env.h"
#include "sandbox/harness.h"
#include "sandbox/program.h"
#include "sandbox/rundir.h"
#include "sandbox/sandbox.h"

struct measure {
    struct cmd_call *call;
    struct arena *arena; /* the call's */
    const struct measure_options *options;
    struct measured *measured;
    struct run *run; /* measured's */
    bool quiet;
    uint64_t began_ns;
    struct progress progress;

    struct str cwd, library, package_dir, app_file;
    const struct sandbox_backend *backend;
    struct store *store;
    struct rundir rundir;
    uint32_t next_start;
    struct env_list env;
    struct mount_plan mounts;

    const char *const *command; /* NULL for a target */
    struct str stdin_bytes;     /* of the command */
    struct target target;
    struct python python;
    bool import_modal;
    json_t *input, *inputs, *body, *params;
    uint32_t batch;             /* --batch with one number; 0: none */
    struct harness_curve curve; /* sizes to be measured besides */
    array_of(struct harness_header) headers;
};

/* Reads --input, --inputs, --body, --header and --param, and digests them into the run. */
int measure_read_input(struct measure *m, struct err *err);
/* Reads --batch and --concurrency. */
int measure_read_sizes(struct measure *m, struct err *err);
void measure_release(struct measure *m);

/* Runs start number `index` with so many calls.  *kept_out: whether start_out is worth keeping; also when it fails. */
int measure_start(struct measure *m, uint32_t index, uint32_t calls, struct run_start *start_out, bool *kept_out,
                  struct err *err);

/* Measures the curves, where any are asked for, in a start of its own, number `index`, that counts for nothing else. */
int measure_curve(struct measure *m, uint32_t index, struct err *err);

/* The path relative to the working directory when it lies under it. */
struct str measure_shown(const struct measure *m, struct str path);

/* Whether Ctrl-C, SIGTERM or SIGHUP came. */
bool measure_interrupted(void);

#endif
