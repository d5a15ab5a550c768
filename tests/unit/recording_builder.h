/* Recordings made by hand, a record at a time, for tests of what reads them. */
#ifndef COLDSPOT_TESTS_RECORDING_BUILDER_H
#define COLDSPOT_TESTS_RECORDING_BUILDER_H

#include <string.h>

#include "record/event.h"

enum { BUILDER_BLOCKS = 4, BUILDER_TID = 7 };

struct builder {
    _Alignas(8) char bytes[EVENT_HEADER_BYTES + BUILDER_BLOCKS * EVENT_BLOCK_BYTES];
    size_t used;
    uint32_t strings;
};

static inline struct event_header *builder_header(struct builder *builder)
{
    return (struct event_header *)builder->bytes;
}

static inline void builder_begin_block(struct builder *builder)
{
    size_t block = (builder->used - EVENT_HEADER_BYTES + EVENT_BLOCK_BYTES - 1) / EVENT_BLOCK_BYTES;
    builder->used = EVENT_HEADER_BYTES + block * EVENT_BLOCK_BYTES;
    ((struct event_block *)(builder->bytes + builder->used))->tid = BUILDER_TID;
    builder->used += sizeof(struct event_block);
}

static inline void builder_init(struct builder *builder, uint64_t began_ns)
{
    memset(builder, 0, sizeof(*builder));
    struct event_header *header = builder_header(builder);
    memcpy(header->magic, EVENT_MAGIC, sizeof(header->magic));
    header->version = EVENT_VERSION;
    header->header_bytes = EVENT_HEADER_BYTES;
    header->block_bytes = EVENT_BLOCK_BYTES;
    header->byte_order = 0x01020304;
    header->tail = header->cap = sizeof(builder->bytes);
    header->why = EVENT_WHY_EXEC;
    header->tid = header->pid = BUILDER_TID;
    header->began_ns = began_ns;
    builder->used = EVENT_HEADER_BYTES;
    builder_begin_block(builder);
}

static inline void *builder_add(struct builder *builder, uint16_t type, size_t size)
{
    size_t rounded = (size + 7) / 8 * 8;
    size_t in_block = (builder->used - EVENT_HEADER_BYTES) % EVENT_BLOCK_BYTES;
    if (in_block == 0 || in_block + rounded > EVENT_BLOCK_BYTES)
        builder_begin_block(builder);
    struct event *event = (struct event *)(builder->bytes + builder->used);
    event->type = type;
    event->bytes = (uint32_t)rounded;
    builder->used += rounded;
    return event;
}

static inline uint32_t builder_string(struct builder *builder, const char *text)
{
    struct event_string *string = builder_add(builder, EVENT_STRING, sizeof(*string) + strlen(text));
    string->id = ++builder->strings;
    string->length = (uint32_t)strlen(text);
    memcpy(string->text, text, strlen(text));
    return string->id;
}

#define MS(ms) ((uint64_t)((ms)*1e6))

/* A thread that gave up the CPU once a millisecond. */
static inline struct event_usage builder_usage(double at_ms, double cpu_ms, double delay_ms)
{
    return (struct event_usage){.t_ns = MS(at_ms),
                                .thread_cpu_ns = MS(cpu_ms),
                                .process_cpu_ns = MS(cpu_ms),
                                .run_delay_ns = MS(delay_ms),
                                .rss_bytes = 1000,
                                .hwm_bytes = 2000,
                                .voluntary_switches = (uint64_t)at_ms};
}

static inline struct event_phase_begin *builder_phase(struct builder *builder, uint16_t phase, double at_ms,
                                                      double cpu_ms, double delay_ms)
{
    struct event_phase_begin *begin = builder_add(builder, EVENT_PHASE, sizeof(*begin));
    begin->phase = phase;
    begin->usage = builder_usage(at_ms, cpu_ms, delay_ms);
    return begin;
}

static inline void builder_call(struct builder *builder, int32_t index, double from_ms, double to_ms, double cpu_ms)
{
    struct event_call *begin = builder_add(builder, EVENT_CALL_BEGIN, sizeof(*begin));
    begin->index = index;
    begin->usage = builder_usage(from_ms, cpu_ms, 0);
    struct event_call *end = builder_add(builder, EVENT_CALL_END, sizeof(*end));
    end->index = index;
    end->usage = builder_usage(to_ms, cpu_ms + (to_ms - from_ms), 0);
}

static inline struct event_io *builder_io(struct builder *builder, uint16_t kind, uint8_t object, uint8_t phase,
                                          double at_ms, double wall_ms, uint32_t target)
{
    struct event_io *io = builder_add(builder, EVENT_IO, sizeof(*io));
    io->kind = kind;
    io->object = object;
    io->phase = phase;
    io->target = target;
    io->first_ns = MS(at_ms);
    io->last_ns = MS(at_ms + wall_ms);
    io->wall_ns = MS(wall_ms);
    io->calls = 1;
    io->call = EVENT_NO_CALL;
    return io;
}

static inline void builder_import(struct builder *builder, uint32_t id, uint32_t parent, const char *module,
                                  double at_ms)
{
    uint32_t name = builder_string(builder, module);
    struct event_import_begin *begin = builder_add(builder, EVENT_IMPORT_BEGIN, sizeof(*begin));
    begin->id = id;
    begin->parent = parent;
    begin->module = name;
    begin->t_ns = MS(at_ms);
}

static inline void builder_import_end(struct builder *builder, uint32_t id, const char *path, double at_ms)
{
    uint32_t file = builder_string(builder, path);
    struct event_import_end *end = builder_add(builder, EVENT_IMPORT_END, sizeof(*end));
    end->id = id;
    end->file = file;
    end->t_ns = MS(at_ms);
}

#endif
