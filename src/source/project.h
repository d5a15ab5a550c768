/* The files of a check, read together: what one imports from another is found on disk and read too. */
#ifndef COLDSPOT_SOURCE_PROJECT_H
#define COLDSPOT_SOURCE_PROJECT_H

#include "source/module.h"

struct project {
    struct arena *arena; /* keeps; all modules live as long */
    struct grammar grammar;
    array_of(struct module *) modules;
    size_t
        asked; /* the first `asked` modules are the files that were asked for, in that order; the rest was imported by them */
    struct arena *worker_arenas; /* private */
    unsigned n_workers;          /* private */
    struct map by_file;          /* private: the file as opened -> index, plus 1 */
    struct map last_names; /* private: how modules can be called: "common" of common.py and of common/__init__.py */
    array_of(struct str) absent; /* files that imports were looked for at, and that are not there */
    struct map not_there;        /* private: files that were looked for on disk */
    struct map searched;         /* private: directory and name that were looked for on disk -> 2: found, 1: not */
};

/* A file to read: shown as path in messages; file is what is opened.  text: its bytes where they are there already. */
struct project_file {
    struct str path, file, text;
};

/* Reads the files, in parallel, and those of the same project that they import (beside them, or above them up to the first
 * directory without them), at most PROJECT_IMPORTED_MOST.  A file that can't be read is a module with `failed` set. */
enum { PROJECT_IMPORTED_MOST = 4000 };
void project_read(struct arena *arena, const struct project_file *files, size_t n, struct project *project_out);
/* Finds out what every name is; afterwards the project is only read, by any number of threads. */
void project_link(struct project *project);
void project_release(struct project *project);

/* The module that is shown as path; NULL: none. */
const struct module *project_at(const struct project *project, struct str path);

/* The project's module that the dotted name means inside `from` ("common", ".common", "pkg.common"); NULL: none of this project. */
const struct module *project_module(const struct project *project, const struct module *from, struct str name);

#endif
