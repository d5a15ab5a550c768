/* Puts the options of `coldspot plan` together that somebody would write who knows the app, and asks. */
#include "cmd/diagnose_plan.h"

#include <math.h>

#include "cmd/plan.h"
#include "cmd/progress.h"

/* Settings of the app that the simulator knows by the same name. */
static const enum setting known[] = {SETTING_MIN_CONTAINERS,   SETTING_MAX_CONTAINERS, SETTING_BUFFER_CONTAINERS,
                                     SETTING_SCALEDOWN_WINDOW, SETTING_MAX_INPUTS,     SETTING_TARGET_INPUTS};

/* "Embedder" is the registered name of the method "Embedder.embed". */
const struct app_function *diagnose_function(const struct diagnose_app *app, struct str target)
{
    struct str name, rest = target;
    str_cut(&rest, '.', &name);
    for (size_t i = 0; app->is_read && i < app->checked.source.app.functions.len; i++) {
        const struct app_function *function = &app->checked.source.app.functions.items[i];
        if (str_equals(function->name, target) || str_equals(function->name, name))
            return function;
    }
    return NULL;
}

static void add_settings(struct arena *arena, const struct app_function *function, struct opt_strs *sets)
{
    for (size_t i = 0; function && i < sizeof(known) / sizeof(known[0]); i++) {
        double value = app_number(function, known[i], -1);
        if (value >= 0)
            *array_push(arena, sets) = arena_printf(arena, "%s=%.9g", setting_names[known[i]], value).ptr;
    }
}

/* Nothing was promised: whatever is cheaper must not be slower than today. */
static int keep_latency(struct plan_question *question, struct arena *arena, struct err *err)
{
    struct plan_question today = *question;
    struct plan plan;
    today.n_axes = 0;
    int rc = plan_make(arena, &today, &plan, err);
    if (rc || plan.baseline.overloaded)
        return rc;
    question->objective.slos[question->objective.n++] = (struct slo){
        .metric = metric_find(STR("p99")), .or_equal = true, .limit = ceil(plan.baseline.p99 * 1010) / 1000};
    return 0;
}

/* Each group of settings alone; the run says how far batches and calls at once are known. */
static int find(struct cmd_call *call, const struct plan_setup *setup, const struct plan *plan,
                const struct app_function *function, struct str command, struct diagnose_scaling *scaling,
                struct err *err)
{
    struct scaling_input input = {
        .question = &setup->question,
        .plan = plan,
        .is_method = setup->is_method,
        .most_inputs = setup->together.n ? setup->together.sizes[setup->together.n - 1].size : 0,
        .most_batch = setup->batch.n > 1 ? setup->batch.sizes[setup->batch.n - 1].size : 0,
        .subject = setup->target,
        .command = command,
    };
    if (function) {
        const struct def *def = module_def(function->module, function->def);
        input.location.file = function->module->path;
        input.location.line = tree_node(&function->module->tree, def->node)->row + 1;
        input.location.column = 1;
    }
    return scaling_find(call->arena, &input, &scaling->findings, &scaling->verdicts, err);
}

static int make(struct cmd_call *call, const struct plan_args *args, const struct app_function *function,
                struct str command, struct diagnose_scaling *scaling, struct err *err)
{
    struct plan_setup *setup = arena_new(call->arena, struct plan_setup);
    struct plan *plan = arena_new(call->arena, struct plan);
    int rc = plan_setup(call, args, setup, err);
    if (rc)
        return rc;
    if (args->slos.len == 0)
        rc = keep_latency(&setup->question, call->arena, err);
    if (!rc)
        rc = plan_make(call->arena, &setup->question, plan, err);
    if (!rc)
        rc = find(call, setup, plan, function, command, scaling, err);
    if (!rc)
        scaling->report = plan_report_of(call->arena, setup, plan);
    plan_release(setup);
    return rc;
}

struct str diagnose_plan_command(struct arena *arena, const struct diagnose_traffic *traffic, const struct run *run)
{
    struct buf text = {0};
    buf_addf(&text, "coldspot plan --run %.*s", STR_ARG(run->id));
    for (size_t i = 0; i < traffic->traces.len; i++)
        buf_addf(&text, " --trace %s", traffic->traces.items[i]);
    if (traffic->rate)
        buf_addf(&text, " --rate %s", traffic->rate);
    else if (!traffic->traces.len)
        buf_addf(&text, " --per-day %.9g", traffic->per_day);
    struct str command = arena_copy(arena, buf_str(&text));
    buf_release(&text);
    return command;
}

int diagnose_plan(struct cmd_call *call, const struct diagnose_traffic *traffic, const struct run *run,
                  const char *store, const struct cmd_money *money, const struct diagnose_app *app, bool quiet,
                  struct diagnose_scaling *scaling_out, struct err *err)
{
    *scaling_out = (struct diagnose_scaling){0};
    bool is_command = str_equals(run->target.kind, STR("command"));
    if ((traffic->per_day <= 0 && !traffic->rate && traffic->traces.len == 0) || is_command)
        return 0;
    struct plan_args args = {
        .cv = -1,
        .seed = 1,
        .run = arena_cstr(call->arena, run->id),
        .store = store,
        .per_day = traffic->traces.len ? 0 : traffic->per_day,
        .rate = traffic->rate,
        .traces = traffic->traces,
        .columns = traffic->columns,
        .slos = traffic->slos,
        .money = *money,
        .output = {.quiet = quiet},
    };
    const struct app_function *function = diagnose_function(app, run->target.function);
    add_settings(call->arena, function, &args.sets);
    int rc = make(call, &args, function, diagnose_plan_command(call->arena, traffic, run), scaling_out, err);
    return rc ? err_wrap(err, "the settings for this traffic") : 0;
}
