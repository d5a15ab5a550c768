/* Imports, files and hosts of the p50 start as rows, gathered once for text and JSON.  Private to present/. */
#ifndef COLDSPOT_PRESENT_RUN_ROWS_H
#define COLDSPOT_PRESENT_RUN_ROWS_H

#include "store/run.h"

struct touched {
    struct str target;
    struct str file; /* the user's line */
    uint32_t line;
    enum run_phase phase;
    uint64_t bytes_in, bytes_out;
    double wall_s;
    uint64_t count; /* targets that this row stands for */
};

struct touched_list {
    struct touched *items;
    size_t len, cap;
};

/* Up to the end of the first call: files or hosts, one row a target and phase, most time first.  Rows of compiled modules and
 * shared objects that imports load are left to rows_modules. */
struct touched_list rows_touched(struct arena *arena, const struct run_start *start, enum run_io_kind kind);

/* What imports read: one row for all .pyc files, one for .py, one for shared objects; absent ones left out. */
struct touched_list rows_modules(struct arena *arena, const struct run_start *start);

/* Sleeps, locks, children: one row a kind, place and phase. */
struct touched_list rows_waits(struct arena *arena, const struct run_start *start);

/* Memory and bytes read of an import with everything that it caused. */
struct import_total {
    int64_t rss_bytes;
    uint64_t read_bytes;
};
struct import_total *rows_import_totals(struct arena *arena, const struct run_start *start);

/* What a line of the user's held when the heap was largest, whatever it called to get it. */
struct held {
    const struct run_frame *frame; /* the user's, else the innermost; NULL: no Python */
    const struct run_frame *inner; /* the innermost of the largest of its sites */
    uint64_t bytes, held_bytes;    /* at the peak; when the last call ended */
    double error_bytes;            /* standard error of bytes */
};

struct held_list {
    struct held *items;
    size_t len, cap;
};

/* Largest first. */
struct held_list rows_held(struct arena *arena, const struct run_start *start);

/* Tasks that were suspended in one place. */
struct waiting {
    int32_t frame;                 /* the innermost, index into the start's frames */
    struct str names;              /* "worker-1", "worker-1 and 4 more" */
    struct str chain;              /* "main -> fetch -> sleep", outermost first */
    const struct run_frame *users; /* the user's innermost frame of it; NULL: none */
    double wall_s;                 /* over all of them */
    uint64_t samples, most;        /* at the same time */
    uint32_t tasks;                /* names */
};

struct waiting_list {
    struct waiting *items;
    size_t len, cap;
};

/* By place, most time first. */
struct waiting_list rows_waiting(struct arena *arena, const struct run_start *start);

/* "load (app.py:9) < handler (app.py:4)": innermost first, without our own harness. */
struct str rows_stack(struct arena *arena, const struct run_start *start, int32_t frame);

/* "enter, app.py:22" */
struct str rows_place(struct arena *arena, enum run_phase phase, struct str file, uint32_t line);

/* A package's file without where packages are: "numpy/_core/multiarray.py". */
struct str rows_file(struct str file);

/* "global init" for global_init. */
struct str rows_words(struct arena *arena, const char *name);

#endif
