/* Runs of any frames, stacks, imports, input and output, and times, written in every export format; what comes out must be of that
 * format, whatever went in. */
#include "fuzz.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "present/export.h"

struct input {
    const uint8_t *at, *end;
};

static uint8_t byte(struct input *input)
{
    return input->at < input->end ? *input->at++ : 0;
}

/* Up to 31 bytes of the input, or many times them. */
static struct str text(struct arena *arena, struct input *input)
{
    enum { REPEATS = 128 };
    uint8_t size = byte(input);
    size_t length = size % 32, left = (size_t)(input->end - input->at);
    struct str taken = str_from((const char *)input->at, length < left ? length : left);
    input->at += taken.len;
    if (size < 252 || !taken.len)
        return taken;
    char *many = arena_array(arena, char, taken.len *REPEATS);
    for (size_t i = 0; i < REPEATS; i++)
        memcpy(many + i * taken.len, taken.ptr, taken.len);
    return str_from(many, taken.len * REPEATS);
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
        *array_push(arena, &start->imports) = (struct run_import){.module = text(arena, input),
                                                                  .parent = count ? byte(input) % count - 1 : RUN_NONE,
                                                                  .phase = (enum run_phase)(count % RUN_COLD_PHASES),
                                                                  .start_s = number(input),
                                                                  .total_s = number(input),
                                                                  .self_s = number(input)};
        *array_push(arena, &start->ios) = (struct run_io){
            .target = text(arena, input), .first_s = number(input), .last_s = number(input), .wall_s = number(input)};
        *array_push(arena, &start->samples) = (struct run_sample){.at_s = number(input), .rss_bytes = byte(input)};
    }
}

static void add_stacks(struct arena *arena, struct run_start *start, struct input *input)
{
    for (int n = 1 + byte(input) % 32; n > 0; n--) {
        int32_t count = (int32_t)start->frames.len;
        *array_push(arena, &start->frames) = (struct run_frame){count ? byte(input) % count - 1 : RUN_NONE,
                                                                text(arena, input), text(arena, input), byte(input)};
    }
    for (int n = byte(input) % 32; n > 0; n--)
        *array_push(arena, &start->stacks) = (struct run_stack){.frame = byte(input) % (int)start->frames.len,
                                                                .phase = byte(input) % RUN_PHASES,
                                                                .wait = byte(input) % RUN_WAITS,
                                                                .in_call = byte(input) & 1,
                                                                .task_frame = byte(input) % (int)start->frames.len,
                                                                .task = text(arena, input),
                                                                .thread = byte(input),
                                                                .interpreter = byte(input) % 4,
                                                                .wall_s = byte(input) * 0.01};
    for (int n = byte(input) % 8; n > 0; n--)
        *array_push(arena, &start->tasks) = (struct run_task){.name = text(arena, input),
                                                              .frame = byte(input) % (int)start->frames.len,
                                                              .phase = byte(input) % RUN_PHASES,
                                                              .wall_s = byte(input) * 0.01};
    for (int n = byte(input) % 8; n > 0; n--)
        *array_push(arena,
                    &start->memory) = (struct run_memory){.frame = byte(input) % ((int)start->frames.len + 1) - 1,
                                                          .kind = text(arena, input),
                                                          .peak_bytes = byte(input),
                                                          .total_bytes = byte(input)};
}

/* ---- what must hold of the output ---- */

static void must(bool holds)
{
    if (!holds)
        abort();
}

static bool is_utf8(struct str text)
{
    while (text.len) {
        size_t n = str_utf8_length(text);
        if (!n)
            return false;
        text = str_slice(text, n, text.len);
    }
    return true;
}

/* Lines of "stack number" without a control character. */
static void check_collapsed(struct str out)
{
    struct str line;
    must(is_utf8(out) && (!out.len || out.ptr[out.len - 1] == '\n'));
    out.len -= out.len > 0;
    while (out.len && str_cut(&out, '\n', &line)) {
        size_t digits = 0;
        while (digits < line.len && line.ptr[line.len - 1 - digits] >= '0' && line.ptr[line.len - 1 - digits] <= '9')
            digits++;
        must(digits > 0 && line.len > digits + 1 && line.ptr[line.len - 1 - digits] == ' ');
        for (size_t i = 0; i < line.len; i++)
            must((unsigned char)line.ptr[i] >= ' ' && line.ptr[i] != 127);
    }
}

static void check_json(struct str out)
{
    json_t *value = json_loadb(out.ptr, out.len, JSON_ALLOW_NUL, NULL);
    must(value != NULL);
    json_decref(value);
}

static uint64_t take_varint(struct str *bytes)
{
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        must(bytes->len > 0 && shift < 64);
        uint8_t c = (uint8_t)bytes->ptr[0];
        *bytes = str_slice(*bytes, 1, bytes->len);
        value |= (uint64_t)(c & 127) << shift;
        if (c < 128)
            return value;
    }
}

/* Fields of numbers and bytes, the strings (field 6) UTF-8 and the first of them empty. */
static void check_pprof(struct str out)
{
    enum { ROOM = 32 << 20, GZIP = 16 + MAX_WBITS, STRINGS = 6 };
    static char room[ROOM];
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)out.ptr, .avail_in = (uInt)out.len};
    stream.next_out = (Bytef *)room;
    stream.avail_out = ROOM;
    must(inflateInit2(&stream, GZIP) == Z_OK);
    int done = inflate(&stream, Z_FINISH);
    struct str bytes = str_from(room, ROOM - stream.avail_out);
    inflateEnd(&stream);
    if (done == Z_BUF_ERROR)
        return; /* larger than what is looked at */
    must(done == Z_STREAM_END);
    size_t strings = 0;
    while (bytes.len) {
        uint64_t key = take_varint(&bytes), value = take_varint(&bytes);
        if (key % 8 == 0)
            continue;
        must(key % 8 == 2 && value <= bytes.len);
        if (key / 8 == STRINGS)
            must(is_utf8(str_slice(bytes, 0, value)) && (strings++ > 0 || value == 0));
        bytes = str_slice(bytes, value, bytes.len);
    }
    must(strings > 0);
}

static const struct {
    const char *name;
    void (*check)(struct str out);
} formats[] = {
    {"pprof", check_pprof}, {"speedscope", check_json}, {"collapsed", check_collapsed}, {"chrome", check_json}};

static void write_all(const struct profile *profile)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        struct buf out = {0};
        struct err err = {0};
        int rc = export_find(str_of(formats[i].name))->write(profile, &out, &err);
        if (!rc)
            formats[i].check(buf_str(&out));
        buf_release(&out);
        err_release(&err);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena room = {0}, *arena = &room;
    struct input whole = {data, data + size}, *input = &whole;
    uint8_t flags = byte(input);
    struct run run = {.id = STR("1"), .target = {.file = text(arena, input), .function = text(arena, input)}};
    struct run_start *start = array_push(arena, &run.starts);
    start->complete = flags & 4;
    for (int phase = 0; phase < RUN_COLD_PHASES; phase++)
        start->phases_s[phase] = number(input);
    add_imports(arena, start, input);
    add_stacks(arena, start, input);
    struct profile profile = {.arena = arena,
                              .run = &run,
                              .part = flags / 8 % EXPORT_PARTS,
                              .cpu_only = flags & 1,
                              .rate_per_s = flags & 2 ? 1e-6 : NAN};
    write_all(&profile);
    profile.run = export_by_task(arena, &run);
    profile.by_task = true;
    if (profile.run)
        write_all(&profile);
    arena_release(arena);
    return 0;
}
