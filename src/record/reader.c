/* Blocks of records, each bounded by its block, each block by what the header says was allocated and by what the file has. */
#include "record/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RECORDING_MOST = 1 << 30, STRINGS_MOST = 1 << 20 };

/* The least length of each type that is understood; 0: skipped. */
static const uint32_t least_bytes[] = {
    [EVENT_STRING] = sizeof(struct event_string),
    [EVENT_PHASE] = sizeof(struct event_phase_begin),
    [EVENT_IMPORT_BEGIN] = sizeof(struct event_import_begin),
    [EVENT_IMPORT_END] = sizeof(struct event_import_end),
    [EVENT_STAGE_BEGIN] = sizeof(struct event_stage_begin),
    [EVENT_STAGE_END] = sizeof(struct event_stage_end),
    [EVENT_CALL_BEGIN] = sizeof(struct event_call),
    [EVENT_CALL_END] = sizeof(struct event_call),
    [EVENT_IO] = sizeof(struct event_io),
    [EVENT_SAMPLE] = sizeof(struct event_sample),
    [EVENT_CHILD] = sizeof(struct event_child),
    [EVENT_EXEC] = sizeof(struct event_exec),
    [EVENT_USE] = sizeof(struct event_use),
    [EVENT_NOTE] = sizeof(struct event_note),
    [EVENT_THREAD] = sizeof(struct event_thread),
    [EVENT_STACK_NODE] = sizeof(struct event_stack_node),
    [EVENT_STACK_SAMPLE] = sizeof(struct event_stack_sample),
    [EVENT_STRETCH] = sizeof(struct event_stretch),
    [EVENT_TASKS] = sizeof(struct event_tasks),
    [EVENT_ALLOC_SITE] = sizeof(struct event_alloc_site),
    [EVENT_ALLOC_PEAK] = sizeof(struct event_alloc_peak),
};

enum { TYPES = sizeof(least_bytes) / sizeof(least_bytes[0]) };

static void keep_string(struct arena *arena, struct recording *recording, const struct event_string *string)
{
    if (string->id >= STRINGS_MOST || string->length > string->event.bytes - sizeof(*string)) {
        recording->damaged++;
        return;
    }
    while (recording->strings.len <= string->id)
        *array_push(arena, &recording->strings) = (struct str){0};
    recording->strings.items[string->id] = str_from(string->text, string->length);
}

static void keep_record(struct arena *arena, struct recording *recording, const struct event *event, uint32_t *tid)
{
    if (event->type == EVENT_STRING)
        keep_string(arena, recording, (const struct event_string *)event);
    else if (event->type == EVENT_THREAD)
        *tid = ((const struct event_thread *)event)->tid;
    else
        *array_push(arena, &recording->records) = (struct recorded){event, *tid};
}

static void parse_block(struct arena *arena, struct recording *recording, const char *block)
{
    uint32_t tid = ((const struct event_block *)block)->tid;
    size_t at = sizeof(struct event_block);
    while (tid && at + sizeof(struct event) <= EVENT_BLOCK_BYTES) {
        const struct event *event = (const struct event *)(block + at);
        if (event->bytes == 0)
            return;
        if (event->bytes < sizeof(*event) || event->bytes % 8 || event->bytes > EVENT_BLOCK_BYTES - at) {
            recording->damaged++;
            return;
        }
        at += event->bytes;
        if (event->type >= TYPES || least_bytes[event->type] == 0)
            continue;
        if (event->bytes < least_bytes[event->type])
            recording->damaged++;
        else
            keep_record(arena, recording, event, &tid);
    }
}

static int check_header(const struct event_header *header, const char *name, struct err *err)
{
    if (memcmp(header->magic, EVENT_MAGIC, sizeof(header->magic)) != 0)
        return err_set(err, ERR_INPUT, "'%s' is not a recording", name);
    if (header->byte_order != 0x01020304)
        return err_set(err, ERR_INPUT, "'%s' was recorded on a machine of the other byte order", name);
    if (header->version != EVENT_VERSION) {
        err_set(err, ERR_INPUT, "'%s' is a recording of version %u; this coldspot reads version %u", name,
                header->version, EVENT_VERSION);
        return err_hint(err, "read it with the coldspot whose agent wrote it");
    }
    if (header->header_bytes != EVENT_HEADER_BYTES || header->block_bytes != EVENT_BLOCK_BYTES)
        return err_set(err, ERR_INPUT, "'%s' is damaged: its header names other block sizes", name);
    return 0;
}

int recording_parse(struct arena *arena, struct str bytes, const char *name, struct recording *recording_out,
                    struct err *err)
{
    struct recording recording = {.path = arena_copy(arena, str_of(name))};
    if (bytes.len < EVENT_HEADER_BYTES)
        return err_set(err, ERR_INPUT, "'%s' is not a recording: it has %zu bytes, less than a header", name,
                       bytes.len);
    memcpy(&recording.header, bytes.ptr, sizeof(recording.header));
    recording.header.program[sizeof(recording.header.program) - 1] = 0;
    int rc = check_header(&recording.header, name, err);
    if (rc)
        return rc;
    uint64_t end = recording.header.tail < recording.header.cap ? recording.header.tail : recording.header.cap;
    if (end > bytes.len)
        end = bytes.len;
    for (uint64_t at = EVENT_HEADER_BYTES; at + EVENT_BLOCK_BYTES <= end; at += EVENT_BLOCK_BYTES)
        parse_block(arena, &recording, bytes.ptr + at);
    *recording_out = recording;
    return 0;
}

/* What of the file is recorded: the file itself is as large as it may become, and mostly a hole. */
static int read_recorded(struct arena *arena, int fd, const char *path, struct str *bytes_out, struct err *err)
{
    struct event_header header = {0};
    ssize_t got = pread(fd, &header, sizeof(header), 0);
    if (got < 0)
        return err_set(err, ERR_SYSTEM, "cannot read '%s': %s", path, strerror(errno));
    uint64_t end = header.tail < header.cap ? header.tail : header.cap;
    struct stat status;
    if (fstat(fd, &status) == 0 && (uint64_t)status.st_size < end)
        end = (uint64_t)status.st_size;
    if (end > RECORDING_MOST)
        return err_set(err, ERR_INPUT, "'%s' is larger than %zu bytes", path, (size_t)RECORDING_MOST);
    if (end < EVENT_HEADER_BYTES)
        end = EVENT_HEADER_BYTES;
    char *bytes = arena_alloc(arena, end);
    size_t have = 0;
    while (have < end && (got = pread(fd, bytes + have, end - have, (off_t)have)) > 0)
        have += (size_t)got;
    if (got < 0)
        return err_set(err, ERR_SYSTEM, "cannot read '%s': %s", path, strerror(errno));
    *bytes_out = (struct str){.ptr = bytes, .len = have};
    return 0;
}

int recording_read(struct arena *arena, const char *path, struct recording *recording_out, struct err *err)
{
    struct str bytes;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, errno == ENOENT ? ERR_INPUT : ERR_SYSTEM, "cannot open '%s': %s", path, strerror(errno));
    int rc = read_recorded(arena, fd, path, &bytes, err);
    close(fd);
    return rc ? rc : recording_parse(arena, bytes, path, recording_out, err);
}

struct str recording_string(const struct recording *recording, uint32_t id)
{
    return id < recording->strings.len && recording->strings.items[id].ptr ? recording->strings.items[id] : STR("");
}

const void *recorded_as(const struct recorded *recorded, enum event_type type)
{
    return recorded->event->type == type ? recorded->event : NULL;
}

#define NAME_ROW(name, number, text) [number] = text,
static const char *const phase_names[] = {EVENT_PHASES(NAME_ROW)};
static const char *const io_names[] = {EVENT_IO_KINDS(NAME_ROW)};
static const char *const state_names[] = {EVENT_STATES(NAME_ROW)};
static const char *const alloc_names[] = {EVENT_ALLOCS(NAME_ROW)};
static const char *const note_texts[] = {EVENT_NOTES(NAME_ROW)};

#define NAME_OF(table, index)                                                                                          \
    ((index) < sizeof(table) / sizeof((table)[0]) && (table)[index] ? (table)[index] : "unknown")

const char *event_phase_name(uint32_t phase)
{
    return NAME_OF(phase_names, phase);
}

const char *event_io_name(uint32_t kind)
{
    return NAME_OF(io_names, kind);
}

const char *event_state_name(uint32_t state)
{
    return NAME_OF(state_names, state);
}

const char *event_alloc_name(uint32_t kind)
{
    return NAME_OF(alloc_names, kind);
}

const char *event_note_text(uint32_t code)
{
    return NAME_OF(note_texts, code);
}
