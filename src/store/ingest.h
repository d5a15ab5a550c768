/* From the recordings of one start to the start as a value: phases, waits, imports, what was read from where, stages, calls. */
#ifndef COLDSPOT_STORE_INGEST_H
#define COLDSPOT_STORE_INGEST_H

#include "base/err.h"
#include "store/run.h"

struct ingest_input {
    const char *const *paths; /* of all recordings that the start left */
    size_t n_paths;
    uint64_t asked_ns, ended_ns; /* CLOCK_MONOTONIC: the container was asked for; its first process had ended */
    struct str root;             /* the user's files lie below it */
    struct str cwd;              /* files below it are shown relative to it */
    struct str private_dir;      /* our own run directory: what is touched there is no file of the user's */
    struct str app_module;       /* of a target MODULE:FUNCTION: its own import is the app's file running; empty else */
    bool command;                /* `run -- CMD`: the whole process is the cold start */
};

/* Fills in everything but number, outcome, exit code and signal.  A start without any recording (a static program, a full
 * disk) has its wall time, all of it unattributed.  Recordings that cannot be read become notes.  Lives in the arena. */
void ingest_start(struct arena *arena, const struct ingest_input *input, struct run_start *start_out);

#endif
