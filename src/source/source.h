/* Reading one app: its file, the files of the project that it imports, its functions, and which of them need which import. */
#ifndef COLDSPOT_SOURCE_SOURCE_H
#define COLDSPOT_SOURCE_SOURCE_H

#include "source/graph.h"

struct source {
    struct project project;
    struct app app;
    struct graph graph;
};

/* Reads the files and all they import of the project.  Files that can't be read are modules with `failed` set. */
void source_read(struct arena *arena, const struct project_file *files, size_t n, struct source *source_out);
void source_release(struct source *source);

enum import_place {
    IMPORT_AT_MODULE, /* runs as the file is imported */
    IMPORT_IN_FUNCTION,
    IMPORT_IN_IMAGES, /* with image.imports(): only in containers of that image */
    IMPORT_IN_MAIN,   /* if __name__ == "__main__" */
    IMPORT_FOR_TYPES, /* if TYPE_CHECKING */
};

/* An import of one file, in the order of its lines. */
struct source_import {
    struct str module; /* "sklearn.feature_extraction.text": what is imported; for `from M import name` M */
    struct str member; /* name; empty for `import M` */
    struct str name;   /* what the file calls it */
    struct str file;
    uint32_t line, column, end_column; /* of the name in its statement; from 1 */
    enum import_place place;
    struct str function; /* qualified name of the function it stands in; empty at module level */
    bool
        used_at_import; /* by what runs at import: decorators, base classes, defaults, annotations, module-level code */
    bool used_locally;  /* by local_entrypoint or main code */
    bool used;          /* at all */
    struct str
        *users; /* qualified names of functions that need it, themselves or through what they call ("Embedder.embed") */
    size_t n_users;
    struct str *needed_by; /* registered functions of the app that need it ("Embedder", "search") */
    size_t n_needed_by;
};

struct source_app {
    struct source source;
    struct source_import *imports; /* of the app's file and of the project's files it imports */
    size_t n_imports;
};

/* Reads path as an app.  Fails with ERR_INPUT or ERR_SYSTEM where the file itself can't be read. */
int source_app_read(struct arena *arena, const char *path, struct source_app *app_out, struct err *err);
void source_app_release(struct source_app *app);

/* Whether the function ("f", "Class.method", "Class") needs the import: used at import time, by the function, by what it
 * calls in the project, or by the enter hooks and helpers of its class. */
bool source_import_needed_by(const struct source_import *import, struct str function);

#endif
