/* Which Python runs the function: --python, else VIRTUAL_ENV, else a .venv in the app's directory or above, else python3 on
 * PATH; and whether the agent can be loaded into it. */
#ifndef COLDSPOT_SANDBOX_PYTHON_H
#define COLDSPOT_SANDBOX_PYTHON_H

#include "base/arena.h"
#include "base/err.h"

enum python_from { PYTHON_FROM_OPTION, PYTHON_FROM_VIRTUAL_ENV, PYTHON_FROM_DOT_VENV, PYTHON_FROM_PATH };

struct python {
    const char *executable; /* what it calls sys.executable: a shim has become the interpreter, a venv's link is kept */
    const char *version;    /* "3.11.2" */
    unsigned major, minor;
    bool is_venv;
    bool is_free_threaded;
    enum python_from from;
    const char *from_path; /* what was chosen before it was asked: "python3", "/x/.venv/bin/python" */
    const char *modal;     /* version of the installed modal package; NULL when there is none */
};

/* Finds and asks it (some 20 ms).  option: --python or NULL; app_dir: absolute or NULL.  Fails with ERR_USAGE when --python is
 * wrong, ERR_INPUT when there is none, it does not answer, or is older than 3.9. */
int python_resolve(struct arena *arena, const char *option, const char *app_dir, struct python *python_out,
                   struct err *err);

/* "--python", "VIRTUAL_ENV", ".venv", "PATH". */
const char *python_from_name(enum python_from from);

#endif
