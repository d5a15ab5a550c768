/* The newest open things on the starting thread: a call into libc that has not returned, an import, a stage, a phase. */
#include "record/activity.h"

#include <string.h>

struct open_spans {
    const struct event_phase_begin *phase;
    const struct event_call *call;
    const struct event_io *io;
    array_of(const struct event_import_begin *) imports;
    array_of(const struct event_stage_begin *) stages;
};

/* "reading", "waiting for a lock": how a person says an I/O kind. */
static const char *verb_of(uint16_t kind)
{
    static const char *const verbs[] = {
        [EVENT_IO_OPEN] = "opening",
        [EVENT_IO_STAT] = "looking for files",
        [EVENT_IO_READ] = "reading",
        [EVENT_IO_WRITE] = "writing",
        [EVENT_IO_MMAP] = "mapping",
        [EVENT_IO_CLOSE] = "closing",
        [EVENT_IO_CONNECT] = "connecting to",
        [EVENT_IO_ACCEPT] = "waiting for a connection",
        [EVENT_IO_RECV] = "receiving from",
        [EVENT_IO_SEND] = "sending to",
        [EVENT_IO_LOOKUP] = "looking up",
        [EVENT_IO_SLEEP] = "sleeping",
        [EVENT_IO_LOCK] = "waiting for a lock",
        [EVENT_IO_GIL] = "waiting for Python's global lock",
        [EVENT_IO_CHILD] = "waiting for a child process",
        [EVENT_IO_POLL] = "waiting for the network",
        [EVENT_IO_SYNC] = "flushing",
    };
    return kind < sizeof(verbs) / sizeof(verbs[0]) && verbs[kind] ? verbs[kind] : "in a system call on";
}

static void follow(struct arena *arena, struct open_spans *open, const struct event *event)
{
    switch (event->type) {
    case EVENT_PHASE:
        open->phase = (const struct event_phase_begin *)event;
        break;
    case EVENT_CALL_BEGIN:
        open->call = (const struct event_call *)event;
        break;
    case EVENT_CALL_END:
        open->call = NULL;
        break;
    case EVENT_IO:
        if (((const struct event_io *)event)->busy_since_ns)
            open->io = (const struct event_io *)event;
        break;
    case EVENT_IMPORT_BEGIN:
        *array_push(arena, &open->imports) = (const struct event_import_begin *)event;
        break;
    case EVENT_IMPORT_END:
        open->imports.len -= open->imports.len > 0;
        break;
    case EVENT_STAGE_BEGIN:
        *array_push(arena, &open->stages) = (const struct event_stage_begin *)event;
        break;
    case EVENT_STAGE_END:
        open->stages.len -= open->stages.len > 0;
        break;
    default:
        break;
    }
}

static struct str phase_words(struct arena *arena, const struct open_spans *open)
{
    if (open->call && open->call->index > 0)
        return arena_printf(arena, "warm call %d", open->call->index);
    if (!open->phase)
        return STR("starting");
    struct buf words = {0};
    for (const char *c = event_phase_name(open->phase->phase); *c; c++)
        buf_add_char(&words, *c == '_' ? ' ' : *c);
    struct str copy = arena_copy(arena, buf_str(&words));
    buf_release(&words);
    return copy;
}

static void describe(struct arena *arena, const struct recording *recording, const struct open_spans *open,
                     struct activity *activity)
{
    if (open->io) {
        struct str target = path_base(recording_string(recording, open->io->target));
        activity->doing = arena_printf(arena, "%s%s%.*s", verb_of(open->io->kind), target.len ? " " : "",
                                       STR_ARG(target));
        activity->file = recording_string(recording, open->io->site_file);
        activity->line = open->io->site_line;
    } else if (open->imports.len) {
        const struct event_import_begin *import = open->imports.items[open->imports.len - 1];
        activity->doing = arena_printf(arena, "importing %.*s", STR_ARG(recording_string(recording, import->module)));
        activity->file = recording_string(recording, import->file);
        activity->line = import->line;
    } else if (open->stages.len) {
        const struct event_stage_begin *stage = open->stages.items[open->stages.len - 1];
        activity->doing = arena_printf(arena, "in stage %.*s", STR_ARG(recording_string(recording, stage->name)));
    }
}

bool activity_read(struct arena *arena, const char *path, struct activity *activity_out)
{
    struct recording recording;
    if (recording_read(arena, path, &recording, NULL) != 0)
        return false;
    struct open_spans open = {0};
    for (size_t i = 0; i < recording.records.len; i++) {
        if (recording.records.items[i].tid == recording.header.tid)
            follow(arena, &open, recording.records.items[i].event);
    }
    struct activity activity = {.phase = phase_words(arena, &open)};
    describe(arena, &recording, &open, &activity);
    *activity_out = activity;
    return true;
}

void activity_add(struct buf *out, const struct activity *activity)
{
    buf_addf(out, "%.*s%s%.*s", STR_ARG(activity->phase), activity->doing.len ? ": " : "", STR_ARG(activity->doing));
}
