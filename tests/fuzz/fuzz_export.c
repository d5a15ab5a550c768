/* Runs of any frames, stacks, imports and times, written in every export format. */
#include "fuzz.h"

#include <string.h>

#include "present/export.h"

struct input {
    const uint8_t *at, *end;
};

static uint8_t byte(struct input *input)
{
    return input->at < input->end ? *input->at++ : 0;
}

static struct str text(struct input *input)
{
    size_t length = byte(input) % 32, left = (size_t)(input->end - input->at);
    struct str taken = str_from((const char *)input->at, length < left ? length : left);
    input->at += taken.len;
    return taken;
}

static double number(struct input *input)
{
    double value = 0;
    size_t left = (size_t)(input->end - input->at), n = left < sizeof(value) ? left : sizeof(value);
    memcpy(&value, input->at, n);
    input->at += n;
    return byte(input) % 4 ? byte(input) * 0.125 : value;
}

static void add_imports(struct arena *arena, struct run_start *start, struct input *input)
{
    for (int n = byte(input) % 16; n > 0; n--) {
        int32_t count = (int32_t)start->imports.len;
        *array_push(arena, &start->imports) = (struct run_import){.module = text(input),
                                                                  .parent = count ? byte(input) % count - 1 : RUN_NONE,
                                                                  .start_s = number(input),
                                                                  .total_s = number(input),
                                                                  .self_s = number(input)};
        *array_push(arena, &start->ios) = (struct run_io){
            .target = text(input), .first_s = number(input), .last_s = number(input), .wall_s = number(input)};
    }
}

static void add_stacks(struct arena *arena, struct run_start *start, struct input *input)
{
    for (int n = 1 + byte(input) % 32; n > 0; n--) {
        int32_t count = (int32_t)start->frames.len;
        *array_push(arena, &start->frames) = (struct run_frame){count ? byte(input) % count - 1 : RUN_NONE, text(input),
                                                                text(input), byte(input)};
    }
    for (int n = byte(input) % 32; n > 0; n--)
        *array_push(arena, &start->stacks) = (struct run_stack){.frame = byte(input) % (int)start->frames.len,
                                                                .phase = byte(input) % RUN_PHASES,
                                                                .wait = byte(input) % RUN_WAITS,
                                                                .in_call = byte(input) & 1,
                                                                .thread = byte(input),
                                                                .interpreter = byte(input) % 4,
                                                                .wall_s = byte(input) * 0.01};
    for (int n = byte(input) % 8; n > 0; n--)
        *array_push(arena,
                    &start->memory) = (struct run_memory){.frame = byte(input) % ((int)start->frames.len + 1) - 1,
                                                          .kind = text(input),
                                                          .peak_bytes = byte(input),
                                                          .total_bytes = byte(input)};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct input input = {data, data + size};
    struct run run = {.id = STR("1"), .target = {.file = text(&input), .function = text(&input)}};
    struct run_start *start = array_push(&arena, &run.starts);
    for (int phase = 0; phase < RUN_COLD_PHASES; phase++)
        start->phases_s[phase] = number(&input);
    add_imports(&arena, start, &input);
    add_stacks(&arena, start, &input);
    struct profile profile = {.arena = &arena, .run = &run, .part = EXPORT_ALL, .rate_per_s = 1e-6};
    static const char *const formats[] = {"pprof", "speedscope", "collapsed", "chrome"};
    for (size_t i = 0; i < 4; i++) {
        struct buf out = {0};
        struct err err = {0};
        export_find(str_of(formats[i]))->write(&profile, &out, &err);
        buf_release(&out);
        err_release(&err);
    }
    arena_release(&arena);
    return 0;
}
