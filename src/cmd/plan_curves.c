/* How long a batch takes by its size, and a call by how many run beside it: from a formula, or from what a run measured. */
#include <math.h>

#include "cmd/plan.h"
#include "simulate/expr.h"

/* The largest value that a setting takes, today or in the search. */
static uint32_t largest_of(const struct plan_question *question, const char *key, uint32_t today)
{
    uint32_t most = today;
    for (size_t i = 0; i < question->n_axes; i++) {
        for (size_t k = 0; str_equals(question->axes[i].key, str_of(key)) && k < question->axes[i].n; k++) {
            uint64_t value = 0;
            str_to_u64(question->axes[i].values[k], &value);
            most = value > most ? (uint32_t)value : most;
        }
    }
    return most;
}

/* A table of a formula's values for 1, 2, ... n. */
static int tabulate(struct arena *arena, const char *text, const char *what, struct str name, uint32_t n,
                    const double **table_out, struct err *err)
{
    struct expr expr;
    int rc = expr_parse(arena, str_of(text), what, &name, 1, &expr, err);
    if (rc)
        return rc;
    double *table = arena_array(arena, double, n);
    for (uint32_t i = 1; i <= n; i++) {
        double value = i;
        table[i - 1] = expr_eval(&expr, &value);
        if (!(table[i - 1] >= 0) || table[i - 1] > 1e9)
            return err_set(err, ERR_USAGE, "%s: '%s' is %g for %.*s = %u", what, text, table[i - 1], STR_ARG(name), i);
    }
    *table_out = table;
    return 0;
}

/* Seconds at `size`: on the line between the sizes measured around it; below the smallest as long as that; beyond the largest on
 * from the last two, never falling. */
static double at_size(const struct plan_curve *curve, double size)
{
    const struct run_size *sizes = curve->sizes;
    size_t n = curve->n, i = 1;
    if (n == 1 || size <= sizes[0].size)
        return sizes[0].p50_s;
    while (i + 1 < n && sizes[i].size < size)
        i++;
    double slope = (sizes[i].p50_s - sizes[i - 1].p50_s) / (sizes[i].size - sizes[i - 1].size);
    if (size > sizes[i].size)
        return sizes[i].p50_s + fmax(0, slope) * (size - sizes[i].size);
    return sizes[i - 1].p50_s + slope * (size - sizes[i - 1].size);
}

static const double *table_of(struct arena *arena, const struct plan_curve *curve, uint32_t n, double unit)
{
    double *table = arena_array(arena, double, n);
    for (uint32_t i = 1; i <= n; i++)
        table[i - 1] = at_size(curve, i) / unit;
    return table;
}

/* Says which sizes up to `most` nobody measured. */
static void note_unmeasured(struct arena *arena, struct plan_setup *setup, const struct plan_curve *curve,
                            uint32_t most, const char *what, const char *option)
{
    uint32_t least = curve->sizes[0].size, largest = curve->sizes[curve->n - 1].size;
    if (curve->n == 1 && most != least)
        plan_note(
            arena, setup,
            "%s were measured at %u only, and are taken to last as long at any number (coldspot run %s 1,2,4,...)",
            what, least, option);
    else if (most > largest)
        plan_note(arena, setup,
                  "%s beyond %u were not measured, and are taken to go on as from %u to %u (coldspot run %s ...,%u)",
                  what, largest, curve->sizes[curve->n - 2].size, largest, option, most);
    else if (curve->n > 1 && least > 1)
        plan_note(arena, setup, "%s below %u were not measured, and are taken to last as long as at %u", what, least,
                  least);
}

static int set_batches(struct arena *arena, const struct plan_args *args, struct plan_setup *setup, struct err *err)
{
    struct plan_question *question = &setup->question;
    struct model *model = &question->model;
    uint32_t most = largest_of(question, "max_batch_size", question->baseline.max_batch_size);
    if (args->batch_time) {
        model->n_batch = most;
        return tabulate(arena, args->batch_time, "--batch-time", STR("b"), most, &model->batch_s, err);
    }
    if (!args->service && setup->batch.n) {
        model->n_batch = most;
        model->batch_s = table_of(arena, &setup->batch, most, 1);
        note_unmeasured(arena, setup, &setup->batch, most, "batches", "--batch");
    } else if (most > 1) {
        plan_note(arena, setup, "no --batch-time: a batch is taken to last as long as its inputs one after another");
    }
    return 0;
}

static int set_slowdown(struct arena *arena, const struct plan_args *args, struct plan_setup *setup, struct err *err)
{
    struct plan_question *question = &setup->question;
    struct model *model = &question->model;
    uint32_t most = largest_of(question, "max_inputs", question->baseline.max_inputs);
    if (args->slowdown) {
        model->n_slowdown = most;
        return tabulate(arena, args->slowdown, "--slowdown", STR("k"), most, &model->slowdown, err);
    }
    if (most == 1)
        return 0;
    if (setup->together.n && setup->together.sizes[0].p50_s > 0) {
        model->n_slowdown = most;
        model->slowdown = table_of(arena, &setup->together, most, setup->together.sizes[0].p50_s);
        note_unmeasured(arena, setup, &setup->together, most, "calls at once", "--concurrency");
    } else {
        plan_note(arena, setup, "no --slowdown: calls beside others in a container are taken to last as long as alone");
    }
    return 0;
}

int plan_set_curves(struct arena *arena, const struct plan_args *args, struct plan_setup *setup, struct err *err)
{
    int rc = set_batches(arena, args, setup, err);
    return rc ? rc : set_slowdown(arena, args, setup, err);
}
