/* What options hold that have a small language of their own: settings, distributions, arrivals, objectives, budgets.  The first
 * line is a name, the rest the text.  What is taken is printed and taken again. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "diagnose/budget.h"
#include "simulate/generate.h"
#include "simulate/settings.h"
#include "simulate/slo.h"

static void try_settings(struct arena *arena, struct str text)
{
    struct settings settings = settings_default(), again = settings_default();
    if (settings_set(arena, &settings, text, NULL) != 0)
        return;
    for (size_t i = 0; settings_key(i); i++) {
        struct buf out = {0};
        settings_print_one(&settings, str_of(settings_key(i)), &out);
        if (settings_set_one(arena, &again, str_of(settings_key(i)), buf_str(&out), NULL) != 0)
            abort();
        buf_release(&out);
    }
}

static void try_rest(struct arena *arena, struct str name, struct str text)
{
    struct settings_axis axis;
    struct dist dist;
    struct generator generator = {0};
    struct objective objective = {0};
    struct budget budget;
    settings_parse_axis(arena, text, &axis, NULL);
    dist_parse(arena, text, "fuzz", &dist, NULL);
    generator_parse(text, &generator, NULL);
    budget_parse(name, text, &budget, NULL);
    if (slo_parse(text, &objective, NULL) == 0) {
        for (size_t i = 0; i < objective.n; i++) {
            struct buf out = {0};
            slo_print(&objective.slos[i], &out);
            buf_release(&out);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    /* As they come from a command line or a file: with an end, and no NUL before it. */
    char *copy = arena_alloc(&arena, size + 1);
    memcpy(copy, data, size);
    copy[size] = 0;
    struct str text = str_of(copy), name;
    if (str_cut(&text, '\n', &name)) {
        try_settings(&arena, text);
        try_rest(&arena, name, text);
    }
    arena_release(&arena);
    return 0;
}
