/* Rules over a measured run: each looks at what was measured, and at what the app's text says, and adds findings with their
 * evidence and the change that would mend them.  What that saves is for recommend/ to say. */
#ifndef COLDSPOT_DIAGNOSE_MEASURED_H
#define COLDSPOT_DIAGNOSE_MEASURED_H

#include "diagnose/change.h"
#include "diagnose/facts.h"
#include "diagnose/finding.h"
#include "price/catalogue.h"
#include "store/run.h"
#include "store/summary.h"

struct measured_input {
    const struct run *run;
    const struct summary *summary;   /* its start is not NULL */
    const struct facts *facts;       /* NULL: the app's text could not be read */
    const struct price_table *table; /* of the run's provider; NULL: none, so that nothing is asked for */
};

struct measured_rule {
    const char *code, *name;
    enum severity severity;
    void (*find)(struct arena *arena, const struct measured_rule *rule, const struct measured_input *input,
                 struct findings *findings);
};

/* The table; ended by a row without a code.  A rule is a function in a file measured_*.c and a row in measured.c. */
extern const struct measured_rule measured_rules[];

/* Everything that the rules find, in the order of the table; in the arena.  Estimates are not known yet. */
void measured_find(struct arena *arena, const struct measured_input *input, struct findings *findings_out);

/* A new finding of the rule, with its names and severity. */
struct finding *measured_add(struct arena *arena, const struct measured_rule *rule, struct findings *findings);

/* Evidence: a JSON object, written between begin and end; end gives its text, in the arena, and releases it. */
struct evidence {
    struct buf text;
    struct jsonw json;
};
void evidence_begin(struct evidence *evidence);
struct str evidence_end(struct arena *arena, struct evidence *evidence);

/* Texts of units, in the arena. */
struct str measured_duration(struct arena *arena, double seconds);
struct str measured_size(struct arena *arena, double bytes);
struct str measured_share(struct arena *arena, double fraction);

/* A change of that kind, in the arena. */
struct change *measured_change(struct arena *arena, enum change_kind kind);

/* Whether a start of the run counts and is a cold one. */
bool measured_is_cold(const struct run_start *start);

/* A network target's host, without the port; whether it is this machine. */
struct str measured_host(struct str target);
bool measured_is_loopback(struct str host);

/* What a start fetched from the host before its first call ended (before it began, where calls fetch from there anyway): seconds
 * of the starting thread, waiting for others included where they did the fetching. */
double measured_fetch_s(const struct run *run, const struct run_start *start, struct str host, uint64_t *bytes_out);

/* Seconds of that call from opening the file to closing it, what was made of its bytes meanwhile included; 0: it was not read. */
double measured_reading_s(const struct run_start *start, int32_t invocation, struct str path);

/* Whether the suffix is one that models are stored under. */
bool measured_is_model(struct str path);

/* Whether whole-file-load speaks of the file. */
bool measured_is_whole_file(struct arena *arena, const struct measured_input *input, struct str path);

/* The rules. */
void measured_unused_imports(struct arena *, const struct measured_rule *, const struct measured_input *,
                             struct findings *);
void measured_some_imports(struct arena *, const struct measured_rule *, const struct measured_input *,
                           struct findings *);
void measured_downloads(struct arena *, const struct measured_rule *, const struct measured_input *, struct findings *);
void measured_setup(struct arena *, const struct measured_rule *, const struct measured_input *, struct findings *);
void measured_blocked_loop(struct arena *, const struct measured_rule *, const struct measured_input *,
                           struct findings *);
void measured_memory(struct arena *, const struct measured_rule *, const struct measured_input *, struct findings *);
void measured_cpu(struct arena *, const struct measured_rule *, const struct measured_input *, struct findings *);
void measured_growth(struct arena *, const struct measured_rule *, const struct measured_input *, struct findings *);
void measured_held(struct arena *, const struct measured_rule *, const struct measured_input *, struct findings *);
void measured_whole_files(struct arena *, const struct measured_rule *, const struct measured_input *,
                          struct findings *);

#endif
