/* A small run made by hand, for the tests of the measured rules and of what they save. */
#ifndef COLDSPOT_TESTS_MEASURED_FIXTURE_H
#define COLDSPOT_TESTS_MEASURED_FIXTURE_H

#include "unit.h"

#include "diagnose/imports.h"
#include "diagnose/measured.h"

#define FIXTURE_MIB 1048576u

struct fixture {
    struct arena arena;
    struct run run;
    struct facts facts;
    struct summary summary;
    struct price_table table;
    struct findings findings;
};

/* Three cold starts of 2, 2.1 and 2.2 s, each with a first call of 0.1 s and two warm ones of 0.05 s, on a platform that
 * sells memory by the MiB (128 at least) and CPU by the eighth of a core. */
static inline void fixture_init(struct fixture *fixture)
{
    *fixture = (struct fixture){0};
    fixture->run.target = (struct run_target){.file = STR("app.py"),
                                              .function = STR("f"),
                                              .provider = STR("modal"),
                                              .cpu = -1,
                                              .cpu_limit = -1,
                                              .memory_bytes = -1,
                                              .memory_limit_bytes = -1};
    fixture->run.environment.cpus = 16;
    fixture->table = (struct price_table){.memory_default_mib = 128,
                                          .memory_least_mib = 128,
                                          .memory_step_mib = 1,
                                          .cpu_default = 0.125,
                                          .cpu_least = 0.125,
                                          .cpu_step = 0.125};
    fixture->table.cpu.sold = true;
    for (uint32_t i = 0; i < 3; i++) {
        struct run_start *start = array_push(&fixture->arena, &fixture->run.starts);
        start->complete = true;
        start->number = i;
        start->wall_s = 2 + 0.1 * i;
        start->phases_s[RUN_FIRST_CALL] = 0.1;
        start->phases_s[RUN_IMPORT] = start->wall_s - 0.1;
        start->peak_bytes = 100 * FIXTURE_MIB;
        start->cpu_peak_cores = 1;
        for (uint32_t k = 0; k < 3; k++)
            *array_push(&fixture->arena, &start->invocations) = (struct run_invocation){k, k ? 0.05 : 0.1, 0};
    }
}

/* The import in every start; parent is an index as this function answers it. */
static inline int32_t fixture_import(struct fixture *fixture, const char *module, int32_t parent, uint32_t line,
                                     double self_s, int used)
{
    for (size_t i = 0; i < fixture->run.starts.len; i++) {
        struct run_start *start = &fixture->run.starts.items[i];
        *array_push(&fixture->arena, &start->imports) = (struct run_import){
            .module = str_of(module),
            .parent = parent,
            .phase = RUN_IMPORT,
            .origin = RUN_DEPENDENCY,
            .path = STR("/lib/site-packages/x.py"),
            .file = line ? STR("app.py") : STR("/lib/site-packages/y.py"),
            .line = line ? line : 1,
            .self_s = self_s,
            .total_s = self_s,
            .rss_bytes = 1000,
            .used = used};
        for (int32_t up = parent; up != RUN_NONE; up = start->imports.items[up].parent)
            start->imports.items[up].total_s += self_s;
    }
    return (int32_t)fixture->run.starts.items[0].imports.len - 1;
}

static inline void fixture_fact(struct fixture *fixture, const char *module, uint32_t line, enum facts_need need,
                                const char *users)
{
    *array_push(&fixture->arena, &fixture->facts.imports) = (struct facts_import){.file = STR("app.py"),
                                                                                  .line = line,
                                                                                  .module = str_of(module),
                                                                                  .at_module = true,
                                                                                  .need = need,
                                                                                  .users = str_of(users)};
}

/* The row in every start; in warm calls, where invocation is 1, in both of them. */
static inline void fixture_io(struct fixture *fixture, const struct run_io *io)
{
    for (size_t i = 0; i < fixture->run.starts.len; i++) {
        *array_push(&fixture->arena, &fixture->run.starts.items[i].ios) = *io;
        if (io->invocation == 1) {
            struct run_io *second = array_push(&fixture->arena, &fixture->run.starts.items[i].ios);
            *second = *io;
            second->invocation = 2;
        }
    }
}

/* Runs all rules; the finding of that name, or NULL. */
static inline const struct finding *fixture_find(struct fixture *fixture, const char *name)
{
    summary_make(&fixture->arena, &fixture->run, &fixture->summary);
    struct measured_input input = {&fixture->run, &fixture->summary, &fixture->facts, &fixture->table};
    measured_find(&fixture->arena, &input, &fixture->findings);
    for (size_t i = 0; i < fixture->findings.len; i++) {
        if (str_equals(fixture->findings.items[i].name, str_of(name)))
            return &fixture->findings.items[i];
    }
    return NULL;
}

static inline void fixture_release(struct fixture *fixture)
{
    arena_release(&fixture->arena);
}

#endif
