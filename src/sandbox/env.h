/* The environment that a function gets: the user's less COLDSPOT_* and PYTHON* (PYTHONPATH excepted), plus what was added on
 * the command line, plus the agent. */
#ifndef COLDSPOT_SANDBOX_ENV_H
#define COLDSPOT_SANDBOX_ENV_H

#include "base/arena.h"
#include "base/err.h"

struct env_var {
    struct str name, value;
};

struct env_list {
    array_of(struct env_var) vars;
};

/* "K=V"; "K" alone takes the value that K has in ours.  ERR_USAGE when there is no name or K alone is not set. */
int env_add(struct arena *arena, struct env_list *list, struct str text, struct err *err);

/* A file of K=V lines: blank lines and # comments are skipped, "export " before K and a pair of quotes around V are taken
 * off; \n, \t, \" and \\ mean themselves inside double quotes only.  Errors name the line, never a value. */
int env_add_text(struct arena *arena, struct env_list *list, struct str text, const char *path, struct err *err);
int env_add_file(struct arena *arena, struct env_list *list, const char *path, struct err *err);

/* The whole environment for one start, ending with NULL, in arena.  ours: environ.  A later row of `added` wins.
 * agent: the path that is put before what LD_PRELOAD holds; NULL: no agent. */
const char *const *env_build(struct arena *arena, char *const *ours, const struct env_list *added, const char *agent);

#endif
