/* From options to a question: traffic, function, settings, hardware, in this order. */
#include <string.h>

#include "cmd/plan.h"
#include "present/plan_report.h"

void plan_note(struct arena *arena, struct plan_setup *setup, const char *format, ...)
{
    struct buf text = {0};
    va_list args;
    va_start(args, format);
    buf_addv(&text, format, args);
    va_end(args);
    *array_push(arena, &setup->notes) = arena_copy(arena, buf_str(&text));
    buf_release(&text);
}

static void ask_for(const struct plan_args *args, struct run_target *target)
{
    if (args->gpu) {
        target->gpu = str_of(args->gpu);
        target->gpu_count = 0;
    }
    if (args->cpu > 0)
        target->cpu = args->cpu;
    if (args->memory_mib > 0)
        target->memory_bytes = args->memory_mib * 1048576;
    if (args->policy && strcmp(args->policy, "aws-lambda") == 0 && !target->provider.len)
        target->provider = STR("aws-lambda");
}

int plan_setup(struct cmd_call *call, const struct plan_args *args, struct plan_setup *setup_out, struct err *err)
{
    struct plan_setup setup = {.question = {.baseline = settings_default()}};
    struct run run = {.target = {.cpu = -1, .cpu_limit = -1, .memory_bytes = -1, .memory_limit_bytes = -1}};
    int rc = plan_set_policy(args, &setup.question.baseline, err);
    if (!rc)
        rc = plan_set_traffic(call, args, &setup, err);
    if (!rc && args->run)
        rc = plan_set_run(call, args, &setup, &run, err);
    ask_for(args, &run.target);
    if (!rc && run.target.gpu.len)
        setup.question.baseline.gpu = arena_cstr(call->arena, run.target.gpu);
    if (!rc)
        rc = plan_set_settings(call->arena, args, &setup.question, err);
    if (!rc)
        rc = plan_set_model(call, args, &setup, err);
    if (!rc)
        rc = plan_set_hardware(call, args, &run.target, &setup, err);
    if (rc)
        plan_release(&setup);
    else
        *setup_out = setup;
    return rc;
}

void plan_release(struct plan_setup *setup)
{
    for (size_t i = 0; i < setup->question.workload.n_traces; i++)
        trace_close(setup->question.workload.traces[i]);
    setup->question.workload.n_traces = 0;
}

struct plan_report *plan_report_of(struct arena *arena, const struct plan_setup *setup, const struct plan *plan)
{
    struct plan_report *report = arena_new(arena, struct plan_report);
    *report = (struct plan_report){
        .arena = arena,
        .question = &setup->question,
        .plan = plan,
        .source = setup->source,
        .model = setup->model,
        .basis = setup->basis,
        .target = setup->target,
        .is_method = setup->is_method,
        .notes = setup->notes.items,
        .n_notes = setup->notes.len,
    };
    return report;
}
