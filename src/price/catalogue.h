/* What platforms charge: one table a provider, read from the files of data/prices (carried by the binary) and from the user's own
 * files, each amount with its unit, source and date.  Everything lives in the arena that catalogue_load was given. */
#ifndef COLDSPOT_PRICE_CATALOGUE_H
#define COLDSPOT_PRICE_CATALOGUE_H

#include "base/arena.h"
#include "base/err.h"

struct price_source {
    struct str id;
    struct str where; /* an address, or a name where there is none */
    struct str date;  /* YYYY-MM-DD: when it was read there */
};

/* One amount of the table: as the file has it, and per base unit (a second, a request, a GiB-month). */
struct price_amount {
    bool sold;
    double as_written;
    struct str unit; /* as written: "GPU-second", "core-hour" */
    double usd;      /* per second of one GPU, core or GiB; per request; per GiB-month */
    const struct price_source *source;
};

struct price_gpu {
    struct str name; /* as data/gpus.json has it */
    struct price_amount amount;
    uint32_t most; /* so many in one container, at most; 0: not known */
};

/* A rule of the platform that is no amount. */
struct price_rule {
    const struct price_source *source; /* NULL where the table has no such rule */
};

struct price_table {
    struct str provider; /* "modal": what settings name */
    struct str title;    /* "Modal" */
    struct str date;     /* YYYY-MM-DD: when the table was last compared with its sources */
    struct str file;     /* where the table was read: "built in: modal.json", or a path */
    struct str json;     /* the whole table as it was read, what it is based on included */
    array_of(struct price_source) sources;
    array_of(struct price_gpu) gpus;
    struct price_amount cpu, memory, disk, request, volume;
    double cpu_default, cpu_least, cpu_step; /* cores */
    double mib_per_vcpu; /* memory that brings one virtual CPU along; 0: CPU is asked for on its own */
    double memory_default_mib, memory_least_mib, memory_most_mib, memory_step_mib; /* most: 0 is no limit known */
    double disk_per_memory; /* asking for so many MiB of disk asks for one MiB of memory; 0: it does not */
    double disk_free_mib, volume_free_gib;
    bool bills_use;     /* CPU and memory are billed at the larger of request and use, else at the request */
    double time_step_s; /* billed time is rounded up to it; 0: it is not rounded */
    bool startup_billed, idle_billed;
    double idle_window_s;               /* how long an idle container is kept where the app does not say */
    double region_broad, region_narrow; /* factors on everything; 1: none */
    double nonpreemptible;              /* factor on CPU and memory of functions without a GPU; 1: none */
    struct price_rule vcpu_rule, disk_rule, billed_rule, startup_rule, idle_rule, region_rule, nonpreemptible_rule;
};

/* A GPU as data/gpus.json knows it. */
struct gpu {
    struct str name;
    uint64_t memory_bytes;        /* as it is sold: a device shows a few per cent more or less */
    array_of(struct str) aliases; /* other names of the platforms' and what NVML calls it, without "NVIDIA " */
};

/* Which GPUs are the usual choice for what needs less than so many GB, by data/gpus.json; least first. */
struct gpu_bracket {
    double below_gb; /* 0: whatever it needs */
    array_of(struct str) gpus;
};

/* How many items a batch takes on a GPU with that much memory, by data/gpus.json; most memory first, the last from 0 on. */
struct gpu_batch {
    double from_gb;
    int size;
};

struct catalogue {
    array_of(struct price_table *) tables;
    array_of(struct gpu) gpus;
    array_of(struct gpu_bracket) brackets;
    array_of(struct gpu_batch) batches;
};

/* What is wrong with a price file. */
struct price_problem {
    bool is_warning;
    struct str text; /* "gpu.H100: 'usd' is missing" */
};
struct price_problems {
    struct price_problem *items;
    size_t len, cap;
};

/* The tables that the binary carries; then those of the .json files in `directory`, in the order of their names (NULL, or a directory
 * that is not there: none); then `file` (NULL: none).  A later table replaces an earlier one of the same provider, or, with
 * "based_on": "PROVIDER", takes over what it does not say itself.  Fails with ERR_INPUT, naming file and member. */
int catalogue_load(struct arena *arena, const char *directory, const char *file, struct catalogue *catalogue_out,
                   struct err *err);

/* Paths of the .json files in a directory, sorted by name; none when it is not there. */
struct price_paths {
    const char **items;
    size_t len, cap;
};
int catalogue_list(struct arena *arena, const char *directory, struct price_paths *paths_out, struct err *err);

/* One table of a file.  Problems of what it says are added to problems; fails only when it cannot be read at all. */
int price_read_file(struct arena *arena, const struct catalogue *base, const char *path, struct price_table **table_out,
                    struct price_problems *problems, struct err *err);

/* $XDG_CONFIG_HOME/coldspot/prices, else ~/.config/coldspot/prices; NULL without either. */
const char *catalogue_user_directory(struct arena *arena);

/* The table of a provider ("" means "modal"), or NULL. */
const struct price_table *catalogue_table(const struct catalogue *catalogue, struct str provider);

/* A GPU by name, alias or NVML's name, whatever the case; NULL when unknown. */
const struct gpu *catalogue_gpu(const struct catalogue *catalogue, struct str name);

/* The bracket of what needs so many GB of GPU memory; NULL: there is none. */
const struct gpu_bracket *catalogue_bracket(const struct catalogue *catalogue, double needed_gb);

/* Reads one table from JSON text, adding what is wrong with it to problems: a table with an error among them is of no use.
 * base is the catalogue so far, for "based_on" and the names of GPUs. */
struct price_table *price_read(struct arena *arena, const struct catalogue *base, struct str text, const char *file,
                               struct price_problems *problems);

/* Days from the date YYYY-MM-DD to now (seconds since 1970, UTC); false when it is no date. */
bool price_age_days(struct str date, double now_s, int64_t *days_out);

#endif
