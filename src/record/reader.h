/* Reading a recording: every byte of it may be hostile or half written, none of it makes the reader fail beyond a sentence. */
#ifndef COLDSPOT_RECORD_READER_H
#define COLDSPOT_RECORD_READER_H

#include "base/arena.h"
#include "base/err.h"
#include "record/event.h"

/* A record with the thread that wrote it.  event points to at least the bytes of its type's struct. */
struct recorded {
    const struct event *event;
    uint32_t tid;
};

struct recording {
    struct event_header header; /* program ends with a NUL */
    struct str path;
    array_of(struct recorded) records; /* a thread's in the order in which it wrote them */
    array_of(struct str) strings;      /* by id; empty where there is none */
    uint64_t damaged; /* records that were too short or too long for their place, and what followed them */
};

/* Reads the whole file into the arena.  Fails with ERR_INPUT where it is no recording, or one of another version; what a killed
 * process left behind is fine. */
int recording_read(struct arena *arena, const char *path, struct recording *recording_out, struct err *err);

/* The same over bytes that are in memory already; name is for errors.  bytes.ptr must be aligned to 8 and is kept. */
int recording_parse(struct arena *arena, struct str bytes, const char *name, struct recording *recording_out,
                    struct err *err);

/* The string of that id, empty for 0 and for one that is missing. */
struct str recording_string(const struct recording *recording, uint32_t id);

/* The record as its type's struct, NULL when it is of another type. */
const void *recorded_as(const struct recorded *recorded, enum event_type type);

/* Words for output: of event.h's tables; "unknown" for a number that is none. */
const char *event_phase_name(uint32_t phase);
const char *event_io_name(uint32_t kind);
const char *event_alloc_name(uint32_t kind);
const char *event_state_name(uint32_t state);
const char *event_note_text(uint32_t code);

#endif
