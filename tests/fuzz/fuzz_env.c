/* --env-file, and that what it gives is an environment: names without '=' and a row for each. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/env.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct env_list list = {0};
    struct err err = {0};
    if (env_add_text(&arena, &list, str_from((const char *)data, size), "fuzz", &err) == 0) {
        for (size_t i = 0; i < list.vars.len; i++) {
            if (!list.vars.items[i].name.len || memchr(list.vars.items[i].name.ptr, '=', list.vars.items[i].name.len))
                abort();
        }
        size_t rows = 0;
        for (const char *const *row = env_build(&arena, NULL, &list, "/agent.so"); *row; row++)
            rows++;
        if (rows > list.vars.len + 1)
            abort();
    }
    arena_release(&arena);
    err_release(&err);
    return 0;
}
