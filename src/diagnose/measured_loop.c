/* A function that kept the event loop from everything else for RUN_BLOCKED_S or more at a stretch: measured between two polls. */
#include "diagnose/measured.h"

/* What the thread did decides what helps: only waiting and code that leaves Python's lock go on beside the loop in a thread. */
static struct str advice_for(enum run_wait wait)
{
    if (wait == RUN_ON_CPU || wait == RUN_RUNNABLE)
        return STR("await asyncio.to_thread(...) where it leaves Python's lock (numpy, zlib, hashing); else a process, "
                   "or a plain "
                   "def function, which the platform runs in a thread");
    return STR("use the library's asynchronous form, or await asyncio.to_thread(...)");
}

static struct str evidence_of(struct arena *arena, const struct run_blocker *blocker)
{
    struct evidence evidence;
    evidence_begin(&evidence);
    jsonw_key_f64(&evidence.json, "longest_s", run_stretch_s(blocker->longest));
    jsonw_key_f64(&evidence.json, "threshold_s", RUN_BLOCKED_S);
    jsonw_key_u64(&evidence.json, "stretches", blocker->times);
    jsonw_key_f64(&evidence.json, "blocked_s", blocker->all_s);
    jsonw_key_string(&evidence.json, "state", str_of(run_wait_name(blocker->longest->wait)));
    jsonw_key_string(&evidence.json, "phase", str_of(run_phase_name(blocker->longest->phase)));
    jsonw_key_u64(&evidence.json, "samples", blocker->longest->samples);
    return evidence_end(arena, &evidence);
}

/* Whether anything else can be under way on that loop: other calls of this container. */
static bool is_shared(const struct run_target *target)
{
    return target->scaling.max_inputs > 1 || str_equals(target->kind, STR("web"));
}

void measured_blocked_loop(struct arena *arena, const struct measured_rule *rule, const struct measured_input *input,
                           struct findings *findings)
{
    struct run_blockers blockers = run_blockers(arena, input->summary->start);
    for (size_t i = 0; i < blockers.len; i++) {
        const struct run_blocker *blocker = &blockers.items[i];
        struct finding *finding = measured_add(arena, rule, findings);
        struct str longest = measured_duration(arena, run_stretch_s(blocker->longest));
        if (!is_shared(&input->run->target))
            finding->severity = SEVERITY_INFO;
        finding->subject = blocker->frame->function;
        bool alone = blocker->longest->frame_s >= 0.9 * blocker->longest->wall_s;
        finding->message = arena_printf(arena, "the event loop is blocked for %.*s at a stretch%s in %.*s()",
                                        STR_ARG(longest), alone ? "" : ", most of it",
                                        STR_ARG(blocker->frame->function));
        finding->location = (struct location){.file = blocker->frame->file, .line = blocker->frame->line};
        finding->advice = advice_for(blocker->longest->wait);
        finding->evidence = evidence_of(arena, blocker);
    }
}
