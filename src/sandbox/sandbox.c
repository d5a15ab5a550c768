/* The backends there are: a row each. */
#include "sandbox/sandbox.h"

static const struct sandbox_backend *const backends[] = {&sandbox_process, NULL};

const struct sandbox_backend *const *sandbox_all(void)
{
    return backends;
}

int sandbox_find(struct str name, const struct sandbox_backend **backend_out, struct err *err)
{
    for (size_t i = 0; backends[i]; i++) {
        if (str_equals(name, str_of(backends[i]->name))) {
            *backend_out = backends[i];
            return 0;
        }
    }
    struct buf names = {0};
    for (size_t i = 0; backends[i]; i++)
        buf_addf(&names, "%s%s", i ? ", " : "", backends[i]->name);
    int rc = err_set(err, ERR_USAGE, "there is no sandbox '%.*s'; there is: %s", STR_ARG(name), buf_cstr(&names));
    buf_release(&names);
    return rc;
}
