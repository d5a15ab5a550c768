/* TARGET on the command line: app.py::function, app.py::Class.method, app.py, module:function. */
#ifndef COLDSPOT_SANDBOX_TARGET_H
#define COLDSPOT_SANDBOX_TARGET_H

#include "base/arena.h"
#include "base/err.h"

struct target {
    const char *file;   /* absolute; NULL for a module that is not a file under the working directory */
    const char *module; /* "pkg.mod"; NULL for a file */
    const char *name;   /* "f", "Class.method"; NULL: the only function there is */
    const char
        *app_dir; /* what becomes sys.path[0]: the file's directory, or the working directory for a module; absolute */
    const char *text; /* as it was given */
};

/* Takes it apart and looks whether the file is there.  ERR_USAGE when it has no meaning, ERR_INPUT when there is no such file
 * (with what is there and looks like it) or it is a directory (with the .py files in it). */
int target_parse(struct arena *arena, struct str text, struct target *target_out, struct err *err);

/* Whether the app's own files say `import PACKAGE` or `from PACKAGE import`: the target's file and the files beside it that
 * those import, read as text.  False for what cannot be read. */
bool target_imports(const struct target *target, struct str package);

#endif
