/* What the imports of a start cost, by the statement of the app that caused them, and what would be left of that without it.
 *
 * A module is charged to whoever asked for it first.  Without a statement, the modules below it are not imported, except those
 * that another statement of the app names: they, and what is below them, are then imported there. */
#ifndef COLDSPOT_DIAGNOSE_IMPORTS_H
#define COLDSPOT_DIAGNOSE_IMPORTS_H

#include "diagnose/change.h"
#include "diagnose/facts.h"
#include "store/run.h"

/* An import statement of the app's own files, and what it brought in. */
struct import_statement {
    struct str file;
    uint32_t line;
    int32_t first; /* the first import that it caused: an index into the start's imports */
    int32_t outer; /* the statement, an index into the list, of a file of the app's that was imported by it; RUN_NONE */
};

struct import_statements {
    struct import_statement *items;
    size_t len, cap;
};

struct import_cost {
    double wall_s;
    double shared_s; /* the part of it in other packages that a library imported later, and kept, may need as well */
    int64_t rss_bytes;
    uint64_t read_bytes;
    size_t modules;
};

/* The statements at module level of the app's files that ran on the way to the first call, in order. */
void imports_find_statements(struct arena *arena, const struct run *run, const struct run_start *start,
                             struct import_statements *statements_out);

/* What the start would not have spent without the statements that are CHANGE_IMPORTs among the changes; facts may be NULL. */
struct import_cost imports_cost(const struct run_start *start, const struct facts *facts,
                                const struct changes *changes);

/* The fact about the statement at file:line; where it binds several names, the one that is needed most.  NULL: none. */
const struct facts_import *imports_fact(const struct facts *facts, struct str file, uint32_t line);

/* "sklearn" of "sklearn.ensemble". */
struct str imports_package(struct str module);

/* Whether name is `package` or inside it. */
bool imports_is_within(struct str name, struct str package);

#endif
