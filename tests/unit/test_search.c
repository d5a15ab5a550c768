/* The search against the whole grid, on three kinds of traffic and under four objectives; parts of a sweep against one run. */
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "simulate/plan.h"
#include "simulate/policy.h"

/* The folder tests/data/traces, seen from where the tests run. */
static const char *data_path(struct arena *arena, const char *name)
{
    struct str here = path_dir(str_of(__FILE__));
    return arena_printf(arena, "%.*s/../data/traces/%s", STR_ARG(here), name).ptr;
}

struct field {
    struct arena arena;
    struct workload workload;
    struct model model;
    struct hardware hardware;
    struct evaluation evaluation;
    struct settings_axis axes[5];
    size_t n_axes;
};

static void field_init(struct field *field, const char *const *axes)
{
    memset(field, 0, sizeof(*field));
    field->hardware = (struct hardware){.usd_per_s = 0.0002, .startup_billed = true, .idle_billed = true, .speed = 1};
    field->evaluation = (struct evaluation){
        .workload = &field->workload, .model = &field->model, .hardware = &field->hardware, .n_hardware = 1, .seed = 1};
    for (; axes[field->n_axes]; field->n_axes++)
        assert_int_equal(
            settings_parse_axis(&field->arena, str_of(axes[field->n_axes]), &field->axes[field->n_axes], NULL), 0);
}

static void field_release(struct field *field)
{
    for (size_t i = 0; i < field->workload.n_traces; i++)
        trace_close(field->workload.traces[i]);
    arena_release(&field->arena);
}

static void use_trace(struct field *field, const char *name, const char *service_expr)
{
    struct trace_options options = {.service_expr = service_expr, .no_service = !service_expr};
    struct err err = {0};
    if (trace_open(data_path(&field->arena, name), &options, &field->workload.traces[0], &err))
        print_error("%s\n", buf_cstr(&err.message));
    assert_non_null(field->workload.traces[0]);
    field->workload.n_traces = 1;
    err_release(&err);
}

static void run(struct field *field, const char *slo, const char *minimize, bool exhaustive,
                struct search_outcome *outcome, struct objective *objective)
{
    *objective = (struct objective){.minimize = metric_find(str_of(minimize))};
    assert_int_equal(slo[0] ? slo_parse(str_of(slo), objective, NULL) : 0, 0);
    struct search search = {.evaluation = &field->evaluation,
                            .base = settings_default(),
                            .axes = field->axes,
                            .n_axes = field->n_axes,
                            .objective = *objective,
                            .exhaustive = exhaustive};
    struct err err = {0};
    int rc = search_run(&field->arena, &search, outcome, &err);
    if (rc)
        print_error("%s\n", buf_cstr(&err.message));
    assert_int_equal(rc, 0);
    err_release(&err);
}

static const struct {
    const char *slo, *minimize;
} objectives[] = {
    {"p99 < 30s", "cost"},
    {"p95 < 5s, cold < 2%", "cost"},
    {"", "cost"},
    {"cost < $9", "p99"},
};

/* Within 1 % of the best of all; returns the share of the grid that was looked at. */
static double compare_with_grid(struct field *field, const struct search_outcome *grid, size_t i)
{
    struct search_outcome all = *grid, some;
    struct objective objective;
    run(field, objectives[i].slo, objectives[i].minimize, false, &some, &objective);
    const struct result *truth = &search_best(&all, &objective)->result,
                        *found = &search_best(&some, &objective)->result;
    double want = metric_value(objective.minimize, truth), got = metric_value(objective.minimize, found);
    double excess_want = objective_violation(&objective, truth), excess_got = objective_violation(&objective, found);
    double share = (double)some.evaluated / (double)all.grid;
    print_message("'%s' minimize %s: %.4g, best of all %.4g; %.1f %% of %llu settings\n", objectives[i].slo,
                  objectives[i].minimize, got, want, share * 100, (unsigned long long)all.grid);
    assert_true(all.proven);
    assert_true(excess_got <= excess_want * 1.01 + 1e-12);
    assert_true(excess_want > 0 || got <= want * 1.01);
    return share;
}

static const char *const wide[] = {"min_containers=0..7",
                                   "max_inputs=1,2,4,8",
                                   "scaledown_window=10s,30s,60s,120s,300s,600s,1200s",
                                   "buffer_containers=0..4",
                                   "max_containers=10,20,40,80,none",
                                   NULL};

static void check_field(struct field *field)
{
    double share = 0;
    struct search_outcome grid; /* one for all: what is simulated does not depend on the objective */
    struct objective objective;
    run(field, "", "cost", true, &grid, &objective);
    for (size_t i = 0; i < 4; i++)
        share += compare_with_grid(field, &grid, i) / 4;
    print_message("%.1f %% on average\n", share * 100);
}

static void it_finds_the_best_on_a_bursty_trace(void **state)
{
    (void)state;
    struct field field;
    field_init(&field, (const char *const[]){"min_containers=0,1,2,4,6", "max_inputs=1,2,4",
                                             "scaledown_window=30s,60s,300s,900s", "buffer_containers=0,1,3",
                                             "max_containers=20,60,none", NULL});
    use_trace(&field, "azure_llm2023_code.csv.gz", "0.03*GeneratedTokens + ContextTokens/8000");
    field.model.cold = dist_const(20);
    check_field(&field);
    field_release(&field);
}

static void it_finds_the_best_on_a_sparse_trace(void **state)
{
    (void)state;
    struct field field;
    field_init(&field, (const char *const[]){"min_containers=0..3", "max_inputs=1,2",
                                             "scaledown_window=10s,60s,120s,300s,600s,900s,1200s",
                                             "buffer_containers=0..2", NULL});
    use_trace(&field, "lambda/2020-06-18.csv.gz", NULL);
    field.model.service = dist_const(2);
    field.model.cold = dist_const(12);
    check_field(&field);
    field_release(&field);
}

static void it_finds_the_best_on_modulated_traffic(void **state)
{
    (void)state;
    struct field field;
    field_init(&field, wide);
    field.workload.generator = (struct generator){
        .kind = GENERATE_MMPP, .rate = 2, .peak = 6, .busy_share = 0.1, .dwell_s = 60, .requests = 3000};
    field.evaluation.replications = 1;
    field.model.service = dist_const(1.5);
    field.model.cold = dist_const(8);
    check_field(&field);
    field_release(&field);
}

static bool same(const struct search_outcome *a, const struct search_outcome *b)
{
    if (a->found.len != b->found.len)
        return false;
    for (size_t i = 0; i < a->found.len; i++) {
        const struct searched *x = &a->found.items[i], *y = &b->found.items[i];
        if (x->point != y->point || x->result.cost_usd != y->result.cost_usd || x->result.p99 != y->result.p99)
            return false;
    }
    return true;
}

static void neither_seed_nor_workers_change_it_twice(void **state)
{
    (void)state;
    struct field field;
    field_init(&field, (const char *const[]){"min_containers=0..2", "scaledown_window=10s,60s", NULL});
    field.workload.generator = (struct generator){.kind = GENERATE_POISSON, .rate = 1, .requests = 2000};
    field.model.service = dist_exp(1);
    field.model.cold = dist_exp(5);
    struct search_outcome one, two;
    struct objective objective;
    run(&field, "p99 < 10s", "cost", true, &one, &objective);
    run(&field, "p99 < 10s", "cost", true, &two, &objective);
    assert_true(same(&one, &two));
    assert_int_equal(one.found.items[0].result.replications, REPLICATIONS);
    field.evaluation.seed = 2;
    run(&field, "p99 < 10s", "cost", true, &two, &objective);
    assert_false(same(&one, &two));
    field_release(&field);
}

static void contradictions_are_left_out(void **state)
{
    (void)state;
    struct field field;
    field_init(&field, (const char *const[]){"min_containers=0..4", "max_containers=2,4", NULL});
    field.workload.generator = (struct generator){.kind = GENERATE_POISSON, .rate = 1, .requests = 300};
    field.model.service = dist_const(1);
    struct search_outcome outcome;
    struct objective objective;
    run(&field, "", "cost", true, &outcome, &objective);
    assert_int_equal(outcome.contradictory, 2);
    assert_int_equal(outcome.evaluated, 8);
    assert_true(outcome.proven);
    field_release(&field);
}

static void promises_are_read_and_held(void **state)
{
    (void)state;
    struct objective objective = {.minimize = metric_find(STR("cost"))};
    assert_int_equal(slo_parse(STR("p99 < 2s and cold <= 1 %, errors<0.001"), &objective, NULL), 0);
    assert_int_equal(objective.n, 3);
    struct result result = {.p99 = 1.9, .cold = 0.01, .errors = 0.0005};
    assert_true(objective_meets(&objective, &result));
    result.p99 = 2;
    assert_false(objective_meets(&objective, &result));
    struct result nearer = {.p99 = 2.1, .cold = 0.01}, farther = {.p99 = 4, .cold = 0.01, .cost_usd = 0};
    assert_true(objective_better(&objective, &nearer, &farther));
    const char *wrong[] = {"p99", "p99 < ", "p99 < x", "p97 < 1s", "p99 < -1s", "", "cold < 1 % and", "p99 > 1s"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_true(slo_parse(str_of(wrong[i]), &objective, NULL) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_finds_the_best_on_a_bursty_trace),
        cmocka_unit_test(it_finds_the_best_on_a_sparse_trace),
        cmocka_unit_test(it_finds_the_best_on_modulated_traffic),
        cmocka_unit_test(neither_seed_nor_workers_change_it_twice),
        cmocka_unit_test(contradictions_are_left_out),
        cmocka_unit_test(promises_are_read_and_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
