/* What the files of `coldspot plan` share: its options, and the way from them to a question. */
#ifndef COLDSPOT_CMD_PLAN_H
#define COLDSPOT_CMD_PLAN_H

#include "cmd/cmd.h"
#include "cmd/money.h"
#include "simulate/plan.h"
#include "store/run.h"

struct plan_args {
    struct opt_strs traces;
    const char *columns, *only, *within_minute;
    const char *rate, *arrivals, *span;
    double cv, per_day, requests, scale_rate, scale_time;
    const char *run, *store;
    const char *service, *service_expr, *cold_time, *snapshot_time, *batch_time, *slowdown;
    const char *gpu;
    double cpu, memory_mib;
    struct opt_strs gpu_speeds;
    const char *policy;
    struct opt_strs sets, searches, slos, logs, merges;
    const char *minimize, *shard;
    bool exhaustive, no_search;
    uint32_t replications;
    double seed;
    struct cmd_money money;
    struct cmd_output output;
};

/* Seconds of a call by its number of inputs, or by how many run at once; ascending, n 0: not measured. */
struct plan_curve {
    struct run_size *sizes;
    size_t n;
};

/* What a question needs besides itself: everything that the answer names. */
struct plan_setup {
    struct plan_question question;
    struct str source; /* of the requests: a path, or "Poisson, 8.5/s" */
    struct str model;  /* "cold lognormal(4.1,0.4), service 83 ms from 20 calls" */
    struct str basis;  /* of the rate */
    struct str target; /* "f" or "Class.method"; empty: not known */
    bool is_method;
    bool has_cold, has_service;         /* how long they take is known */
    size_t n_cold, n_snapshot, n_calls; /* measurements that the model is made of */
    struct plan_curve batch, together;  /* what the run measured of other sizes */
    array_of(struct str) notes;
};

/* Batch times and slowdown for all sizes that the search may meet: from formulas, else from the run's curves, with notes on what
 * is not known. */
int plan_set_curves(struct arena *arena, const struct plan_args *args, struct plan_setup *setup, struct err *err);

/* Reads traces and run, parses distributions, looks up prices.  plan_release frees what is not in the arena. */
int plan_setup(struct cmd_call *call, const struct plan_args *args, struct plan_setup *setup_out, struct err *err);
void plan_release(struct plan_setup *setup);

/* The steps of plan_setup, in its order; each sets its part of setup, in call's arena.  A wrong option is ERR_USAGE, a file that
 * cannot be read ERR_INPUT. */
int plan_set_policy(const struct plan_args *args, struct settings *baseline, struct err *err);
int plan_set_traffic(struct cmd_call *call, const struct plan_args *args, struct plan_setup *setup, struct err *err);
/* Times, settings and curves of --run; *run has its target. */
int plan_set_run(struct cmd_call *call, const struct plan_args *args, struct plan_setup *setup, struct run *run,
                 struct err *err);
int plan_set_settings(struct arena *arena, const struct plan_args *args, struct plan_question *question,
                      struct err *err);
int plan_set_model(struct cmd_call *call, const struct plan_args *args, struct plan_setup *setup, struct err *err);
int plan_set_hardware(struct cmd_call *call, const struct plan_args *args, const struct run_target *target,
                      struct plan_setup *setup, struct err *err);

struct plan_report;

/* What is shown of a plan and where it comes from; setup and plan must live as long. */
struct plan_report *plan_report_of(struct arena *arena, const struct plan_setup *setup, const struct plan *plan);

void plan_note(struct arena *arena, struct plan_setup *setup, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* `plan --fit LOG...` */
int plan_fit(struct cmd_call *call, const struct plan_args *args, struct err *err);

/* `plan --shard k/n` writes what it found; `plan --merge FILE...` reads such files.  Both name the question by its digest. */
struct str plan_digest(struct arena *arena, const struct plan_setup *setup);
void plan_write_shard(const struct plan_setup *setup, const struct plan *plan, struct arena *arena, struct buf *out);
int plan_read_shards(struct arena *arena, const struct plan_setup *setup, const struct opt_strs *files,
                     struct search_outcome *outcome_out, struct err *err);

#endif
