/* The SQLite store: open and migrate, put runs in, ask for them.  Safe with several processes: WAL, a busy time-out, and one
 * short transaction a start. */
#ifndef COLDSPOT_STORE_STORE_H
#define COLDSPOT_STORE_STORE_H

#include "base/err.h"
#include "store/run.h"

struct store;

/* Where the store is: `given` (--store) when not NULL, else COLDSPOT_STORE, else $XDG_DATA_HOME/coldspot, else ~/.local/share/coldspot. */
struct str store_directory(struct arena *arena, const char *given);

/* Opens the store in `directory`, making both when absent, and brings an older schema up to date.
 * Fails with ERR_SYSTEM where it cannot be written and ERR_INPUT where it is no store or a newer coldspot's. */
int store_open(const char *directory, struct store **store_out, struct err *err);
/* Opens what is there, only to read it: makes nothing, and waits for no other process.  Fails also where there is no store of this
 * version. */
int store_open_to_read(const char *directory, struct store **store_out, struct err *err);
void store_close(struct store *store);

/* Begins a run: picks run->id and inserts it, not finished yet. */
int store_begin_run(struct store *store, struct arena *arena, struct run *run, struct err *err);

/* Adds one start with everything in it, in one transaction. */
int store_add_start(struct store *store, const struct run *run, const struct run_start *start, struct err *err);

/* Marks the run as finished, with its target and environment as they are now and the points of its curves, and drops from starts other than the median one
 * the rows that cost less than a millisecond. */
int store_finish_run(struct store *store, const struct run *run, struct err *err);

/* Takes a run out again: nothing came of it. */
int store_drop_run(struct store *store, const struct run *run, struct err *err);

/* How much of a run to load: its figures (phases, waits, stages, calls), or also its imports, I/O, samples and notes. */
enum store_detail { STORE_FIGURES, STORE_ALL };

/* Loads the run whose id begins with `id`; ERR_INPUT when there is none or more than one. */
int store_load_run(struct store *store, struct arena *arena, struct str id, enum store_detail detail,
                   struct run *run_out, struct err *err);

/* Ids, newest first, of runs whose target matches `file::function` (or `file`; empty: all), `most` at the most. */
struct store_ids {
    struct str *items;
    size_t len, cap;
};
int store_list_runs(struct store *store, struct arena *arena, struct str target, size_t most, struct store_ids *ids_out,
                    struct err *err);

/* How many runs there are and what the files take, for doctor. */
int store_size(struct store *store, uint64_t *runs_out, uint64_t *bytes_out, struct err *err);

#endif
