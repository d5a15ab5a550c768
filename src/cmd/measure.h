/* Measuring a target: options, starts in fresh sandboxes, and the run that comes of it, in the store.  What run, diagnose and
 * compare share. */
#ifndef COLDSPOT_CMD_MEASURE_H
#define COLDSPOT_CMD_MEASURE_H

#include "cmd/cmd.h"
#include "store/run.h"

/* What to run and with which input. */
struct measure_options {
    uint32_t cold, warm;
    double max_time_s, timeout_s; /* timeout_s 0: the function's own */
    const char *input, *input_from, *inputs, *request, *body;
    struct opt_strs params, headers, env, env_files, mounts;
    uint32_t batch;
    const char *python, *sandbox, *remote, *observe;
    uint32_t sample_hz;
    const char *gpu;
    double cpu, memory_mib; /* 0: what the app asks for */
    const char *store;
    bool redact_paths;
};

extern const struct opt measure_opts[];

/* The defaults of run and diagnose. */
struct measure_options measure_defaults(void);

struct measured {
    struct run run;
    bool has_run;                  /* something was measured and is in the store, also when the function failed */
    struct str package_dir;        /* where python/coldspot is */
    struct str app_file;           /* absolute path of the app's file; empty for commands and modules */
    bool calls_is_local;           /* the app asks modal.is_local() */
    array_of(struct str) warnings; /* sentences for the reader, also stored with the run */
};

/* Measures the words' TARGET or their command.  Negative with *err set when the function failed (ERR_FUNCTION), was interrupted,
 * or could not be started; measured_out is valid then too, with has_run telling whether anything was kept. */
int measure(struct cmd_call *call, const struct measure_options *options, const struct opt_words *words, bool quiet,
            struct measured *measured_out, struct err *err);

#endif
