/* The audit hook: a table of event names.  It never refuses, and leaves no exception. */
#include "agent/audit.h"

#include <stddef.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/domains.h"
#include "agent/imports.h"
#include "agent/stages.h"

static const char *text_argument(struct object *arguments, ssize_t place, ssize_t *length_out)
{
    const struct python *python = &agent.python;
    if (!arguments || python->PyTuple_Size(arguments) <= place)
        return NULL;
    return python_text(python->PyTuple_GetItem(arguments, place), length_out);
}

static long number_argument(struct object *arguments)
{
    const struct python *python = &agent.python;
    if (!arguments || python->PyTuple_Size(arguments) < 1)
        return -1;
    long number = python->PyLong_AsLong(python->PyTuple_GetItem(arguments, 0));
    if (python->PyErr_Occurred())
        python->PyErr_Clear();
    return number;
}

static void on_import(struct agent_thread *self, struct object *arguments)
{
    (void)arguments;
    imports_wrap(self);
    domains_look_again(self);
    if (agent.uses.state == USES_UNTRIED)
        uses_start(self);
}

static void on_phase(struct agent_thread *self, struct object *arguments)
{
    ssize_t length = 0;
    const char *name = text_argument(arguments, 0, &length);
    if (name)
        stages_phase(self, name, (size_t)length);
}

static void on_stage(struct agent_thread *self, struct object *arguments)
{
    ssize_t length = 0;
    const char *name = text_argument(arguments, 0, &length);
    if (name)
        stages_begin(self, name, (size_t)length);
}

static void on_stage_end(struct agent_thread *self, struct object *arguments)
{
    ssize_t length = 0;
    const char *name = text_argument(arguments, 0, &length);
    if (name)
        stages_end(self, name, (size_t)length);
}

static void on_call(struct agent_thread *self, struct object *arguments)
{
    stages_call_begin(self, (int32_t)number_argument(arguments));
}

static void on_call_end(struct agent_thread *self, struct object *arguments)
{
    stages_call_end(self, (int32_t)number_argument(arguments));
}

static void on_root(struct agent_thread *self, struct object *arguments)
{
    (void)self;
    ssize_t length = 0;
    const char *path = text_argument(arguments, 0, &length);
    if (path)
        agent_add_root(path, (size_t)length);
}

/* The interpreter is up and runs what it was started for. */
static void on_run(struct agent_thread *self, struct object *arguments)
{
    ssize_t length = 0;
    const char *what = text_argument(arguments, 0, &length);
    bool harness = agent.harness[0] && (strcmp(agent.harness, "1") == 0 || (what && strcmp(agent.harness, what) == 0));
    agent_phase(self, harness ? EVENT_PHASE_HARNESS : EVENT_PHASE_IMPORT, true);
}

static void on_popen(struct agent_thread *self, struct object *arguments)
{
    ssize_t length = 0;
    const char *program = text_argument(arguments, 0, &length);
    if (program)
        children_expect(self, program, (uint32_t)length);
}

static void on_exec(struct agent_thread *self, struct object *arguments)
{
    const struct python *python = &agent.python;
    if (agent.uses.state == USES_IMPORTS && arguments && python->PyTuple_Size(arguments) > 0)
        uses_module_code(self, python->PyTuple_GetItem(arguments, 0));
}

/* Nothing but a sign of life: a forked child that opens a file in Python begins its recording. */
static void on_open(struct agent_thread *self, struct object *arguments)
{
    (void)self;
    (void)arguments;
}

static const struct {
    const char *name;
    void (*handle)(struct agent_thread *self, struct object *arguments);
} events[] = {
    {"import", on_import},
    {"exec", on_exec},
    {"open", on_open},
    {"coldspot.stage", on_stage},
    {"coldspot.stage.end", on_stage_end},
    {"coldspot.call", on_call},
    {"coldspot.call.end", on_call_end},
    {"coldspot.phase", on_phase},
    {"coldspot.root", on_root},
    {"cpython.run_command", on_run},
    {"cpython.run_file", on_run},
    {"cpython.run_module", on_run},
    {"cpython.run_stdin", on_run},
    {"subprocess.Popen", on_popen},
};

int audit_event(const char *event, struct object *arguments, void *user_data)
{
    (void)user_data;
    if (strcmp(event, "cpython._PySys_ClearAuditHooks") == 0)
        python_before_hooks_are_freed();
    for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++) {
        if (event[0] != events[i].name[0] || strcmp(event, events[i].name) != 0)
            continue;
        struct agent_thread *self = agent_enter(true);
        if (self) {
            sampler_check(&agent.sampler, agent_now());
            python_look_again(self);
            events[i].handle(self, arguments);
            agent_leave(self);
        }
        break;
    }
    return 0;
}
