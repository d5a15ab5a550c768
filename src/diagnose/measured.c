/* The table of measured rules, and the walk over it. */
#include "diagnose/measured.h"

#include "base/units.h"

const struct measured_rule measured_rules[] = {
    {"CS101", "heavy-import-unused", SEVERITY_ERROR, measured_unused_imports},
    {"CS102", "heavy-import-some", SEVERITY_WARN, measured_some_imports},
    {"CS103", "download-per-start", SEVERITY_ERROR, measured_downloads},
    {"CS104", "setup-repeated", SEVERITY_ERROR, measured_setup},
    {"CS316", "event-loop-blocked", SEVERITY_WARN, measured_blocked_loop},
    {"CS501", "memory-request-far", SEVERITY_WARN, measured_memory},
    {"CS502", "cpu-request-far", SEVERITY_WARN, measured_cpu},
    {"CS503", "whole-file-load", SEVERITY_WARN, measured_whole_files},
    {"CS504", "held-after-use", SEVERITY_INFO, measured_held},
    {"CS506", "memory-grows", SEVERITY_WARN, measured_growth},
    {0},
};

bool measured_is_cold(const struct run_start *start)
{
    return run_start_counts(start) && !start->snapshot;
}

struct finding *measured_add(struct arena *arena, const struct measured_rule *rule, struct findings *findings)
{
    struct finding *finding = array_push(arena, findings);
    finding->code = str_of(rule->code);
    finding->name = str_of(rule->name);
    finding->severity = rule->severity;
    finding->fix = FIX_MANUAL;
    return finding;
}

void evidence_begin(struct evidence *evidence)
{
    evidence->text = (struct buf){0};
    jsonw_init(&evidence->json, &evidence->text, false);
    jsonw_object(&evidence->json);
}

struct str evidence_end(struct arena *arena, struct evidence *evidence)
{
    jsonw_end(&evidence->json);
    struct str text = arena_copy(arena, buf_str(&evidence->text));
    buf_release(&evidence->text);
    return text;
}

static struct str in_units(struct arena *arena, void (*add)(struct buf *out, double value), double value)
{
    struct buf text = {0};
    add(&text, value);
    struct str copy = arena_copy(arena, buf_str(&text));
    buf_release(&text);
    return copy;
}

struct str measured_duration(struct arena *arena, double seconds)
{
    return in_units(arena, units_add_duration, seconds);
}

struct str measured_size(struct arena *arena, double bytes)
{
    return in_units(arena, units_add_size, bytes);
}

struct str measured_share(struct arena *arena, double fraction)
{
    return in_units(arena, units_add_share, fraction);
}

struct change *measured_change(struct arena *arena, enum change_kind kind)
{
    struct change *change = arena_new(arena, struct change);
    change->kind = kind;
    return change;
}

void measured_find(struct arena *arena, const struct measured_input *input, struct findings *findings_out)
{
    *findings_out = (struct findings){0};
    for (const struct measured_rule *rule = measured_rules; rule->code; rule++)
        rule->find(arena, rule, input, findings_out);
}
