/* Everything that plan's options parse: formulas, distributions, settings, axes, promises, kinds of arrivals. */
#include "fuzz.h"

#include <assert.h>
#include <math.h>

#include "base/arena.h"
#include "simulate/expr.h"
#include "simulate/generate.h"
#include "simulate/settings.h"
#include "simulate/slo.h"

static void try_dist(struct arena *arena, struct str text)
{
    struct dist dist;
    struct rng rng;
    rng_init(&rng, 1);
    if (str_contains(text, STR("@")) || dist_parse(arena, text, "fuzz", &dist, NULL))
        return;
    for (int i = 0; i < 4; i++) {
        double value = dist_draw(&dist, &rng);
        assert(value >= 0);
    }
    struct buf out = {0};
    dist_print(&dist, &out);
    buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct str text = str_from((const char *)data, size);
    static const struct str names[] = {{"b", 1}, {"Tokens", 6}};
    const double values[] = {3, 1000};
    struct expr expr;
    if (expr_parse(&arena, text, "fuzz", names, 2, &expr, NULL) == 0)
        (void)expr_eval(&expr, values);
    try_dist(&arena, text);
    struct settings settings = settings_default();
    if (!str_contains(text, STR("@")))
        settings_set(&arena, &settings, text, NULL);
    struct settings_axis axis;
    if (!str_contains(text, STR("@")))
        settings_parse_axis(&arena, text, &axis, NULL);
    struct objective objective = {.minimize = metric_find(STR("cost"))};
    slo_parse(text, &objective, NULL);
    struct generator generator = {.rate = 1};
    struct generator parts[GENERATORS_MOST];
    struct generated_source source;
    size_t n = 0;
    if (generator_parse_mix(text, &generator, parts, &n, NULL))
        n = 0;
    for (size_t i = 0; i < n; i++)
        generated_source_init(&source, &parts[i], NULL);
    arena_release(&arena);
    return 0;
}
