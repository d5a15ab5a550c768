/* speedscope's file format: the cold start as an evented profile, and sampled stacks, a profile a thread. */
#include "present/export.h"

#include "base/jsonw.h"
#include "base/map.h"

struct speedscope {
    const struct profile *profile;
    struct jsonw json;
    struct intern frames;
    array_of(struct run_frame) shown; /* by the frame's number */
    struct intern lanes;              /* threads by their names; what is beyond LANES_MOST shares the last one */
};

enum { LANES_MOST = 200 };

static uint32_t frame_number(struct speedscope *s, struct str name, struct str file, uint32_t line)
{
    struct arena *arena = s->profile->arena;
    struct buf key = {0};
    buf_addf(&key, "%u %zu ", line, name.len); /* where one text ends and the other begins */
    buf_add(&key, name);
    buf_add(&key, file);
    uint32_t number = intern_id(arena, &s->frames, buf_str(&key));
    buf_release(&key);
    if (number == s->shown.len)
        *array_push(arena, &s->shown) = (struct run_frame){RUN_NONE, name, file, line};
    return number;
}

static void begin_profile(struct jsonw *json, const char *type, struct str name, double end_s)
{
    jsonw_object(json);
    jsonw_key_string(json, "type", str_of(type));
    jsonw_key_string(json, "name", name);
    jsonw_key_string(json, "unit", STR("seconds"));
    jsonw_key_f64(json, "startValue", 0);
    jsonw_key_f64(json, "endValue", end_s);
}

static void write_event(struct jsonw *json, const char *type, uint32_t frame, double at_s)
{
    jsonw_object(json);
    jsonw_key_string(json, "type", str_of(type));
    jsonw_key_u64(json, "frame", frame);
    jsonw_key_f64(json, "at", at_s);
    jsonw_end(json);
}

/* Spans are nested and in the order of beginning: what is not deeper than the next one is closed before it. */
static void write_timeline(struct speedscope *s)
{
    struct export_spans spans;
    export_timeline(s->profile, export_start(s->profile), &spans);
    if (!spans.len)
        return;
    const struct export_span **open = arena_array(s->profile->arena, const struct export_span *, spans.len);
    size_t depth = 0;
    double end_s = 0;
    for (size_t i = 0; i < spans.len; i++)
        end_s = spans.items[i].to_s > end_s ? spans.items[i].to_s : end_s;
    begin_profile(&s->json, "evented", STR("cold start: phases and imports"), end_s);
    jsonw_key_array(&s->json, "events");
    for (size_t i = 0; i <= spans.len; i++) {
        uint32_t next = i < spans.len ? spans.items[i].depth : 0;
        for (; depth > next; depth--) {
            const struct export_span *span = open[depth - 1];
            write_event(&s->json, "C", frame_number(s, span->name, span->file, 0), span->to_s);
        }
        if (i == spans.len)
            break;
        write_event(&s->json, "O", frame_number(s, spans.items[i].name, spans.items[i].file, 0), spans.items[i].from_s);
        open[depth++] = &spans.items[i];
    }
    jsonw_end(&s->json);
    jsonw_end(&s->json);
}

enum column { COLUMN_NONE, COLUMN_SAMPLES, COLUMN_WEIGHTS };

static void write_stack(struct speedscope *s, const struct run_start *start, const int32_t *path, size_t n)
{
    jsonw_array(&s->json);
    for (size_t i = 0; i < n; i++) {
        const struct run_frame *frame = &start->frames.items[path[i]];
        jsonw_u64(&s->json, frame_number(s, frame->function, frame->file, frame->line));
    }
    jsonw_end(&s->json);
}

static uint32_t lane_of(struct speedscope *s, const struct run_stack *stack)
{
    struct arena *arena = s->profile->arena;
    uint32_t lane = intern_id(arena, &s->lanes, str_of(export_thread(s->profile, stack)));
    return lane < LANES_MOST ? lane : LANES_MOST - 1;
}

/* Writes one column of a lane's samples over all starts; answers their time. */
static double write_samples(struct speedscope *s, uint32_t lane, enum column column)
{
    double sum_s = 0;
    for (size_t i = 0; i < s->profile->run->starts.len; i++) {
        const struct run_start *start = &s->profile->run->starts.items[i];
        for (size_t k = 0; k < start->stacks.len; k++) {
            const struct run_stack *stack = &start->stacks.items[k];
            int32_t path[EXPORT_DEPTH_MOST];
            size_t n = export_path(start, stack->frame, path);
            if (!n || !export_wants(s->profile, stack) || lane_of(s, stack) != lane)
                continue;
            sum_s += stack->wall_s;
            if (column == COLUMN_WEIGHTS)
                jsonw_f64(&s->json, stack->wall_s);
            else if (column == COLUMN_SAMPLES)
                write_stack(s, start, path, n);
        }
    }
    return sum_s;
}

static void write_lane(struct speedscope *s, uint32_t lane)
{
    double time_s = write_samples(s, lane, COLUMN_NONE);
    struct str name = s->lanes.names.items[lane];
    if (time_s <= 0)
        return;
    if (lane == LANES_MOST - 1 && s->lanes.names.len > LANES_MOST)
        name = arena_printf(s->profile->arena, "%zu more threads", (size_t)s->lanes.names.len - lane);
    begin_profile(&s->json, "sampled", name, time_s);
    jsonw_key_array(&s->json, "samples");
    write_samples(s, lane, COLUMN_SAMPLES);
    jsonw_end(&s->json);
    jsonw_key_array(&s->json, "weights");
    write_samples(s, lane, COLUMN_WEIGHTS);
    jsonw_end(&s->json);
    jsonw_end(&s->json);
}

static void write_frames(struct speedscope *s)
{
    jsonw_key_object(&s->json, "shared");
    jsonw_key_array(&s->json, "frames");
    for (size_t i = 0; i < s->shown.len; i++) {
        const struct run_frame *frame = &s->shown.items[i];
        jsonw_object(&s->json);
        jsonw_key_string(&s->json, "name", frame->function);
        if (frame->file.len)
            jsonw_key_string(&s->json, "file", frame->file);
        if (frame->line)
            jsonw_key_u64(&s->json, "line", frame->line);
        jsonw_end(&s->json);
    }
    jsonw_end(&s->json);
    jsonw_end(&s->json);
}

int export_speedscope(const struct profile *profile, struct buf *out, struct err *err)
{
    (void)err;
    struct speedscope s = {.profile = profile};
    const struct run_target *target = &profile->run->target;
    jsonw_init(&s.json, out, false);
    jsonw_object(&s.json);
    jsonw_key_string(&s.json, "$schema", STR("https://www.speedscope.app/file-format-schema.json"));
    jsonw_key_string(&s.json, "exporter", STR("coldspot"));
    jsonw_key_string(&s.json, "name",
                     arena_printf(profile->arena, "%.*s::%.*s, run %.*s", STR_ARG(target->file),
                                  STR_ARG(target->function), STR_ARG(profile->run->id)));
    jsonw_key_array(&s.json, "profiles");
    intern_id(profile->arena, &s.lanes, STR("starting thread"));
    write_samples(&s, LANES_MOST, COLUMN_NONE); /* names the other lanes */
    for (uint32_t lane = 0; lane < s.lanes.names.len && lane < LANES_MOST; lane++)
        write_lane(&s, lane);
    write_timeline(&s);
    jsonw_end(&s.json);
    write_frames(&s);
    jsonw_end(&s.json);
    buf_add_char(out, '\n');
    return 0;
}
