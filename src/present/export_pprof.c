/* pprof: a gzip'ed profile.proto, written field by field.  Samples carry wall and CPU time and what the time cost, or memory; labels say
 * the thread, the phase and what it waited for. */
#include "present/export.h"

#include <math.h>
#include <stdio.h>
#include <zlib.h>

#include "base/map.h"

/* Field numbers of profile.proto. */
enum {
    PROFILE_SAMPLE_TYPE = 1,
    PROFILE_SAMPLE = 2,
    PROFILE_MAPPING = 3,
    PROFILE_LOCATION = 4,
    PROFILE_FUNCTION = 5,
    PROFILE_STRING = 6,
    PROFILE_TIME = 9,
    PROFILE_DURATION = 10,
    PROFILE_PERIOD_TYPE = 11,
    PROFILE_PERIOD = 12,
    PROFILE_DEFAULT_TYPE = 14,
    TYPE_TYPE = 1,
    TYPE_UNIT = 2,
    SAMPLE_LOCATION = 1,
    SAMPLE_VALUE = 2,
    SAMPLE_LABEL = 3,
    LABEL_KEY = 1,
    LABEL_TEXT = 2,
    LOCATION_ID = 1,
    LOCATION_MAPPING = 2,
    LOCATION_LINE = 4,
    LINE_FUNCTION = 1,
    LINE_LINE = 2,
    FUNCTION_ID = 1,
    FUNCTION_NAME = 2,
    FUNCTION_SYSTEM_NAME = 3,
    FUNCTION_FILE = 4,
    MAPPING_ID = 1,
    MAPPING_FILE = 5,
    MAPPING_HAS_FUNCTIONS = 7,
    MAPPING_HAS_FILES = 8,
    MAPPING_HAS_LINES = 9,
};

enum { VARINT = 0, BYTES = 2 };

struct pprof {
    const struct profile *profile;
    struct buf body; /* everything but the strings */
    struct intern strings;
    struct map functions, locations; /* numbers, from 1, by the numbers that make them up */
    const struct run_start *memory;  /* the start whose memory is shown; NULL: none */
    double duration_s;               /* of the starting thread */
    double period_s;                 /* between two samples of a thread; 0: there are none */
};

static void add_varint(struct buf *out, uint64_t value)
{
    for (; value >= 128; value >>= 7)
        buf_add_char(out, (char)(value | 128));
    buf_add_char(out, (char)value);
}

static void add_number(struct buf *out, uint32_t field, uint64_t value)
{
    if (!value)
        return;
    add_varint(out, field << 3 | VARINT);
    add_varint(out, value);
}

static void add_bytes(struct buf *out, uint32_t field, struct str bytes)
{
    add_varint(out, field << 3 | BYTES);
    add_varint(out, bytes.len);
    buf_add(out, bytes);
}

/* A message that was built apart; empties it. */
static void add_message(struct buf *out, uint32_t field, struct buf *message)
{
    add_bytes(out, field, buf_str(message));
    buf_reset(message);
}

static uint64_t string_number(struct pprof *pprof, struct str text)
{
    struct arena *arena = pprof->profile->arena;
    return intern_id(arena, &pprof->strings, export_utf8(arena, text));
}

/* The number of what two numbers make up. */
static uint64_t *pair_number(struct pprof *pprof, struct map *map, uint64_t a, uint64_t b, bool *fresh_out)
{
    char key[48];
    int length = snprintf(key, sizeof(key), "%llu %llu", (unsigned long long)a, (unsigned long long)b);
    return map_put(pprof->profile->arena, map, str_from(key, (size_t)length), fresh_out);
}

static uint64_t function_number(struct pprof *pprof, const struct run_frame *frame)
{
    uint64_t name = string_number(pprof, frame->function), file = string_number(pprof, frame->file);
    bool fresh;
    uint64_t *number = pair_number(pprof, &pprof->functions, name, file, &fresh);
    if (fresh) {
        struct buf message = {0};
        *number = pprof->functions.len;
        add_number(&message, FUNCTION_ID, *number);
        add_number(&message, FUNCTION_NAME, name);
        add_number(&message, FUNCTION_SYSTEM_NAME, name);
        add_number(&message, FUNCTION_FILE, file);
        add_message(&pprof->body, PROFILE_FUNCTION, &message);
        buf_release(&message);
    }
    return *number;
}

static uint64_t location_number(struct pprof *pprof, const struct run_frame *frame)
{
    uint64_t function = function_number(pprof, frame);
    bool fresh;
    uint64_t *number = pair_number(pprof, &pprof->locations, function, frame->line, &fresh);
    if (fresh) {
        struct buf message = {0}, line = {0};
        *number = pprof->locations.len;
        add_number(&line, LINE_FUNCTION, function);
        add_number(&line, LINE_LINE, frame->line);
        add_number(&message, LOCATION_ID, *number);
        add_number(&message, LOCATION_MAPPING, 1);
        add_message(&message, LOCATION_LINE, &line);
        add_message(&pprof->body, PROFILE_LOCATION, &message);
        buf_release(&message);
        buf_release(&line);
    }
    return *number;
}

static void add_type(struct pprof *pprof, uint32_t field, const char *type, const char *unit)
{
    struct buf message = {0};
    add_number(&message, TYPE_TYPE, string_number(pprof, str_of(type)));
    add_number(&message, TYPE_UNIT, string_number(pprof, str_of(unit)));
    add_message(&pprof->body, field, &message);
    buf_release(&message);
}

static void add_label(struct pprof *pprof, struct buf *sample, const char *key, const char *text)
{
    struct buf message = {0};
    add_number(&message, LABEL_KEY, string_number(pprof, str_of(key)));
    add_number(&message, LABEL_TEXT, string_number(pprof, str_of(text)));
    add_message(sample, SAMPLE_LABEL, &message);
    buf_release(&message);
}

/* The sample types, in the order of a sample's values; COST only where there is a rate, the last two only with memory. */
enum { VALUE_WALL, VALUE_CPU, VALUE_SAMPLES, VALUE_COST, VALUE_ALLOC, VALUE_INUSE, VALUES };

static const struct {
    const char *type, *unit;
} value_types[VALUES] = {
    [VALUE_WALL] = {"wall", "nanoseconds"},   [VALUE_CPU] = {"cpu", "nanoseconds"},
    [VALUE_SAMPLES] = {"samples", "count"},   [VALUE_COST] = {"cost", "nanousd"},
    [VALUE_ALLOC] = {"alloc_space", "bytes"}, [VALUE_INUSE] = {"inuse_space", "bytes"},
};

static bool has_value(const struct pprof *pprof, int value)
{
    if (value == VALUE_COST)
        return !isnan(pprof->profile->rate_per_s);
    return value < VALUE_ALLOC || (pprof->memory && pprof->memory->memory.len);
}

/* One sample; values that the profile does not have are left out.  False for our own harness. */
static bool add_sample(struct pprof *pprof, const struct run_start *start, int32_t frame, const double values[VALUES],
                       struct buf *labels)
{
    int32_t path[EXPORT_DEPTH_MOST];
    struct buf sample = {0}, numbers = {0};
    size_t n = export_path(start, frame, path);
    for (size_t i = n; i > 0; i--)
        add_varint(&numbers, location_number(pprof, &start->frames.items[path[i - 1]]));
    add_message(&sample, SAMPLE_LOCATION, &numbers);
    for (int value = 0; value < VALUES; value++) {
        if (has_value(pprof, value))
            add_varint(&numbers, (uint64_t)llround(values[value]));
    }
    add_message(&sample, SAMPLE_VALUE, &numbers);
    buf_add(&sample, buf_str(labels));
    if (n)
        add_message(&pprof->body, PROFILE_SAMPLE, &sample);
    buf_release(&sample);
    buf_release(&numbers);
    buf_release(labels);
    return n > 0;
}

static void add_stack(struct pprof *pprof, const struct run_start *start, const struct run_stack *stack)
{
    struct buf labels = {0};
    double values[VALUES] = {[VALUE_WALL] = stack->wall_s * 1e9, [VALUE_SAMPLES] = (double)stack->samples};
    if (stack->wait == RUN_ON_CPU)
        values[VALUE_CPU] = stack->wall_s * 1e9;
    /* A second costs once, however many threads wait in it: it is the calling thread's. */
    if (stack->thread == 0 || stack->in_call)
        values[VALUE_COST] = stack->wall_s * pprof->profile->rate_per_s * 1e9;
    add_label(pprof, &labels, "phase", run_phase_name(stack->phase));
    add_label(pprof, &labels, "state",
              stack->suspended ? "suspended"
              : stack->gil     ? "gil-lock"
                               : run_wait_name(stack->wait));
    if (stack->task.len)
        add_label(pprof, &labels, "task", arena_cstr(pprof->profile->arena, stack->task));
    if (!pprof->profile->by_task)
        add_label(pprof, &labels, "thread", export_thread(pprof->profile, stack));
    if (stack->interpreter)
        add_label(pprof, &labels, "interpreter", arena_printf(pprof->profile->arena, "%u", stack->interpreter).ptr);
    if (!add_sample(pprof, start, stack->frame, values, &labels))
        return;
    if (stack->thread == 0)
        pprof->duration_s += stack->wall_s;
    double period_s = stack->samples ? stack->wall_s / (double)stack->samples : 0;
    if (period_s > 0 && (pprof->period_s == 0 || period_s < pprof->period_s))
        pprof->period_s = period_s;
}

/* What a site allocated in all, and what it held when the heap was largest. */
static void add_memory(struct pprof *pprof, const struct run_start *start, const struct run_memory *memory)
{
    struct buf labels = {0};
    const double values[VALUES] = {
        [VALUE_ALLOC] = (double)memory->total_bytes,
        [VALUE_INUSE] = (double)memory->peak_bytes,
    };
    char kind[16];
    snprintf(kind, sizeof(kind), "%.*s", STR_ARG(memory->kind));
    if (memory->frame == RUN_NONE)
        return;
    add_label(pprof, &labels, "memory", kind);
    add_sample(pprof, start, memory->frame, values, &labels);
}

static void add_mapping(struct pprof *pprof)
{
    struct buf message = {0};
    add_number(&message, MAPPING_ID, 1);
    add_number(&message, MAPPING_FILE, string_number(pprof, pprof->profile->run->target.file));
    add_number(&message, MAPPING_HAS_FUNCTIONS, 1);
    add_number(&message, MAPPING_HAS_FILES, 1);
    add_number(&message, MAPPING_HAS_LINES, 1);
    add_message(&pprof->body, PROFILE_MAPPING, &message);
    buf_release(&message);
}

static void add_rest(struct pprof *pprof)
{
    add_mapping(pprof);
    add_type(pprof, PROFILE_PERIOD_TYPE, "wall", "nanoseconds");
    add_number(&pprof->body, PROFILE_PERIOD, (uint64_t)llround(pprof->period_s * 1e9));
    add_number(&pprof->body, PROFILE_DEFAULT_TYPE, string_number(pprof, STR("wall")));
    add_number(&pprof->body, PROFILE_TIME, pprof->profile->run->started_at_ns);
    add_number(&pprof->body, PROFILE_DURATION, (uint64_t)llround(pprof->duration_s * 1e9));
    for (size_t i = 0; i < pprof->strings.names.len; i++)
        add_bytes(&pprof->body, PROFILE_STRING, pprof->strings.names.items[i]);
}

static int add_gzip(struct str bytes, struct buf *out, struct err *err)
{
    enum { GZIP = 16 + MAX_WBITS, MEMORY_LEVEL = 8 };
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)bytes.ptr, .avail_in = (uInt)bytes.len};
    if (bytes.len > INT32_MAX ||
        deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP, MEMORY_LEVEL, Z_DEFAULT_STRATEGY))
        return err_set(err, ERR_SYSTEM, "cannot compress %zu bytes", bytes.len);
    size_t room = deflateBound(&stream, bytes.len);
    char *to = buf_reserve(out, room);
    stream.next_out = (Bytef *)to;
    stream.avail_out = (uInt)room;
    int done = deflate(&stream, Z_FINISH);
    out->len += room - stream.avail_out;
    deflateEnd(&stream);
    return done == Z_STREAM_END ? 0 : err_set(err, ERR_SYSTEM, "cannot compress %zu bytes", bytes.len);
}

int export_pprof(const struct profile *profile, struct buf *out, struct err *err)
{
    struct pprof pprof = {.profile = profile, .memory = export_start(profile)};
    string_number(&pprof, STR(""));
    for (int value = 0; value < VALUES; value++) {
        if (has_value(&pprof, value))
            add_type(&pprof, PROFILE_SAMPLE_TYPE, value_types[value].type, value_types[value].unit);
    }
    for (size_t i = 0; i < profile->run->starts.len; i++) {
        const struct run_start *start = &profile->run->starts.items[i];
        for (size_t k = 0; k < start->stacks.len; k++) {
            if (export_wants(profile, &start->stacks.items[k]))
                add_stack(&pprof, start, &start->stacks.items[k]);
        }
    }
    for (size_t i = 0; pprof.memory && i < pprof.memory->memory.len; i++)
        add_memory(&pprof, pprof.memory, &pprof.memory->memory.items[i]);
    add_rest(&pprof);
    int rc = add_gzip(buf_str(&pprof.body), out, err);
    buf_release(&pprof.body);
    return rc;
}
