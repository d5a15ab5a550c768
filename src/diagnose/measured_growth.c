/* What calls leave behind: memory that grows from call to call, and memory that a call makes and keeps until the next makes it anew. */
#include "diagnose/measured.h"
#include "store/held.h"

#include <math.h>

enum { HELD_LEAST_BYTES = 16 << 20 };
#define HELD_LEAST_SHARE 0.05 /* of the peak */

/* What one line of the user's holds: the sites below it together. */
struct line {
    const struct run_frame *frame;
    double grown_bytes, error_bytes; /* from the second call's end to the last one's */
    double held_bytes, early_bytes, total_bytes;
};

struct lines {
    struct line *items;
    size_t len, cap;
};

/* An arena is given back when its last object is: it stays for a small one that has nothing to do with the line which took it. */
static bool is_arena(const struct run_memory *memory)
{
    return str_equals(memory->kind, STR("arena"));
}

static struct lines lines_of(struct arena *arena, const struct run_start *start, bool with_arenas)
{
    struct lines lines = {0};
    for (size_t i = 0; i < start->memory.len; i++) {
        const struct run_memory *memory = &start->memory.items[i];
        const struct run_frame *frame = run_users_frame(start, memory->frame);
        if (!frame || (!with_arenas && is_arena(memory)))
            continue;
        size_t k = 0;
        while (k < lines.len &&
               (lines.items[k].frame->line != frame->line || !str_equals(lines.items[k].frame->file, frame->file)))
            k++;
        if (k == lines.len)
            *array_push(arena, &lines) = (struct line){.frame = frame};
        struct line *line = &lines.items[k];
        line->grown_bytes += (double)memory->held_bytes - (double)memory->early_bytes;
        line->error_bytes = hypot(line->error_bytes, memory->growth_error_bytes);
        line->held_bytes += (double)memory->held_bytes;
        line->early_bytes += (double)memory->early_bytes;
        line->total_bytes += (double)memory->total_bytes;
    }
    return lines;
}

/* The line that grew most, if that is more than chance; the start with most calls says it best. */
static struct line grown_line(struct arena *arena, const struct run *run)
{
    struct line most = {0};
    for (size_t i = 0; i < run->starts.len; i++) {
        if (!run_start_counts(&run->starts.items[i]))
            continue;
        struct lines lines = lines_of(arena, &run->starts.items[i], true);
        for (size_t k = 0; k < lines.len; k++) {
            const struct line *line = &lines.items[k];
            if (line->grown_bytes > 2 * line->error_bytes && line->grown_bytes > most.grown_bytes)
                most = *line;
        }
    }
    return most;
}

void measured_growth(struct arena *arena, const struct measured_rule *rule, const struct measured_input *input,
                     struct findings *findings)
{
    struct held_growth growth;
    if (!held_growth(arena, input->run, &growth) || growth.low_bytes < HELD_GROWTH_LEAST)
        return;
    struct line line = grown_line(arena, input->run);
    struct finding *finding = measured_add(arena, rule, findings);
    struct str each = measured_size(arena, growth.bytes);
    struct str where = line.frame ? arena_printf(arena, ", most of it in %.*s", STR_ARG(line.frame->function))
                                  : STR("");
    finding->message = arena_printf(arena, "memory grows by %.*s with each call%.*s", STR_ARG(each), STR_ARG(where));
    if (line.frame) {
        finding->location = (struct location){.file = line.frame->file, .line = line.frame->line};
        finding->subject = line.frame->function;
    }
    finding->advice = STR(
        "find what keeps it: a list or dict at module level, a cache without a limit, a callback that "
        "is never taken away");
    struct evidence evidence;
    evidence_begin(&evidence);
    jsonw_key_f64(&evidence.json, "bytes_per_call", growth.bytes);
    jsonw_key_array(&evidence.json, "interval");
    jsonw_f64(&evidence.json, growth.low_bytes);
    jsonw_f64(&evidence.json, growth.high_bytes);
    jsonw_end(&evidence.json);
    jsonw_key_u64(&evidence.json, "calls", growth.calls);
    if (line.frame) {
        jsonw_key_f64(&evidence.json, "site_bytes", line.grown_bytes);
        jsonw_key_f64(&evidence.json, "site_error_bytes", line.error_bytes);
    }
    finding->evidence = evidence_end(arena, &evidence);
}

/* Made again and again, and never more of it held: each call lets go of the one before it.  What is made once (a model that is loaded
 * on first use) is not meant, and what grows is the other rule's. */
static bool is_remade(const struct line *line, double calls)
{
    return line->total_bytes >= 0.5 * calls * line->held_bytes &&
           line->held_bytes <= 1.5 * line->early_bytes + 2 * line->error_bytes;
}

void measured_held(struct arena *arena, const struct measured_rule *rule, const struct measured_input *input,
                   struct findings *findings)
{
    const struct run_start *start = input->summary->start;
    double calls = (double)start->invocations.len, peak = (double)start->peak_bytes;
    if (calls < 3)
        return;
    struct lines lines = lines_of(arena, start, false);
    for (size_t i = 0; i < lines.len; i++) {
        const struct line *line = &lines.items[i];
        if (line->held_bytes < HELD_LEAST_BYTES || line->held_bytes < HELD_LEAST_SHARE * peak ||
            !is_remade(line, calls))
            continue;
        struct str size = measured_size(arena, line->held_bytes);
        struct finding *finding = measured_add(arena, rule, findings);
        finding->subject = line->frame->function;
        finding->message = arena_printf(arena, "%.*s that each call makes anew are still held when it has ended",
                                        STR_ARG(size));
        finding->location = (struct location){.file = line->frame->file, .line = line->frame->line};
        finding->advice = STR(
            "let go of it before the call returns (a local name, del), so that two never lie side by side");
        struct evidence evidence;
        evidence_begin(&evidence);
        jsonw_key_f64(&evidence.json, "held_bytes", line->held_bytes);
        jsonw_key_f64(&evidence.json, "total_bytes", line->total_bytes);
        jsonw_key_f64(&evidence.json, "calls", calls);
        finding->evidence = evidence_end(arena, &evidence);
    }
}
