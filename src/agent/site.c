/* Walks the calling thread's own frames through the offsets of its CPython version.
 *
 * Only a thread's own frames are read, from inside a call that it made: they and what they refer to are alive and do not change.
 * The offsets were compared with Python's own answer once before (python_look_again).  The depth is bounded. */
#include "agent/site.h"

#include <stddef.h>
#include <string.h>

#include "agent/agent.h"
#include "cpython/offsets.h"

enum {
    DEPTH_MAX = 512,
    OWNER_C_STACK = 3,              /* a frame that stands for C code (3.12 and later) */
    TEXT_MAX = 1024,
};

struct walk {
    const struct cpython *offsets;
    const char *frame;
    int depth;
};

static const char *load_pointer(const char *base, int offset)
{
    const char *value;
    memcpy(&value, base + offset, sizeof(value));
    return value;
}

static bool walk_start(struct walk *walk)
{
    const struct cpython *offsets = agent.python.offsets;
    if (!agent.python.sites_checked || !offsets)
        return false;
    const char *tstate = (const char *)agent.python.PyGILState_GetThisThreadState();
    if (!tstate)
        return false;
    *walk = (struct walk){.offsets = offsets, .frame = load_pointer(tstate, offsets->tstate_frame)};
    if (offsets->cframe_frame >= 0 && walk->frame)
        walk->frame = load_pointer(walk->frame, offsets->cframe_frame);
    return true;
}

/* The code of the frame the walk stands at, which it then leaves for the caller's; NULL at the end. */
static const char *walk_next(struct walk *walk, const char **frame_out)
{
    while (walk->frame && walk->depth++ < DEPTH_MAX) {
        const char *frame = walk->frame;
        const struct cpython *offsets = walk->offsets;
        walk->frame = load_pointer(frame, offsets->frame_back);
        if (offsets->frame_owner >= 0 && frame[offsets->frame_owner] == OWNER_C_STACK)
            continue;
        *frame_out = frame;
        return load_pointer(frame, offsets->frame_code);
    }
    return NULL;
}

struct object *site_top_code(const struct object *tstate)
{
    const struct cpython *offsets = agent.python.offsets;
    const char *frame = load_pointer((const char *)tstate, offsets->tstate_frame);
    if (offsets->cframe_frame >= 0 && frame)
        frame = load_pointer(frame, offsets->cframe_frame);
    struct walk walk = {.offsets = offsets, .frame = frame};
    return (struct object *)(uintptr_t)walk_next(&walk, &frame);
}

static size_t put_utf8(char *text, uint32_t c)
{
    if (c < 0x80) {
        text[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        text[0] = (char)(0xc0 | c >> 6);
        text[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        text[0] = (char)(0xe0 | c >> 12);
        text[1] = (char)(0x80 | (c >> 6 & 0x3f));
        text[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    text[0] = (char)(0xf0 | (c >> 18 & 7));
    text[1] = (char)(0x80 | (c >> 12 & 0x3f));
    text[2] = (char)(0x80 | (c >> 6 & 0x3f));
    text[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

static uint32_t load_character(const char *data, unsigned width, uint64_t i)
{
    uint32_t c = 0;
    memcpy(&c, data + i * width, width);
    return c;
}

/* A str object's text in UTF-8: in place when it is ASCII, else in `room`.  NULL for one of an old form. */
static const char *str_text(const char *object, const struct cpython *offsets, char room[TEXT_MAX], size_t *length_out)
{
    uint64_t length;
    uint32_t state;
    memcpy(&length, object + 16, sizeof(length));
    memcpy(&state, object + 32, sizeof(state));
    unsigned width = state >> 2 & 7;
    bool compact = state >> 5 & 1, ascii = state >> 6 & 1;
    if (!compact || length == 0 || (width != 1 && width != 2 && width != 4))
        return NULL;
    if (ascii) {
        *length_out = length;
        return object + offsets->str_ascii;
    }
    size_t used = 0;
    for (uint64_t i = 0; i < length && used + 4 <= TEXT_MAX; i++)
        used += put_utf8(room + used, load_character(object + offsets->str_compact, width, i));
    *length_out = used;
    return room;
}

static uint32_t find_line(const char *code, const char *frame, const struct cpython *offsets)
{
    int byte = 0;
    if (offsets->instruction_unit) {
        memcpy(&byte, frame + offsets->instruction, sizeof(byte));
        byte *= offsets->instruction_unit;
    } else {
        byte = (int)(load_pointer(frame, offsets->instruction) - (code + offsets->code_bytes));
    }
    int line = agent.python.PyCode_Addr2Line((struct object *)(uintptr_t)code, byte < 0 ? 0 : byte);
    return line > 0 ? (uint32_t)line : 0;
}

static bool holds(const char *text, size_t length, const char *part)
{
    return memmem(text, length, part, strlen(part)) != NULL;
}

static bool is_importlib(const char *text, size_t length)
{
    static const char prefix[] = "<frozen importlib";
    return length >= sizeof(prefix) - 1 && memcmp(text, prefix, sizeof(prefix) - 1) == 0;
}

/* The user's own file: below a root where there is one, and no installed package or part of the standard library. */
static bool is_users(const char *text, size_t length)
{
    if (length == 0 || text[0] == '<' || holds(text, length, "/site-packages/") || holds(text, length, "/dist-packages/") ||
        holds(text, length, "/lib/python3"))
        return false;
    uint32_t count = __atomic_load_n(&agent.root_count, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < count; i++) {
        size_t root = agent.roots[i].length;
        if (length > root && memcmp(text, agent.roots[i].path, root) == 0 && text[root] == '/')
            return true;
    }
    return count == 0;
}

static void fill(struct agent_thread *self, struct site *site, const char *text, size_t length, uint32_t line)
{
    site->file = writer_string(&agent.writer, &self->writer, text, length);
    site->line = line;
}

bool site_find(struct agent_thread *self, struct site *site_out)
{
    struct walk walk;
    const char *frame = NULL, *code;
    char room[TEXT_MAX];
    if (!walk_start(&walk))
        return false;
    while ((code = walk_next(&walk, &frame))) {
        size_t length = 0;
        const char *text = str_text(load_pointer(code, walk.offsets->code_filename), walk.offsets, room, &length);
        if (!text)
            continue;
        if (walk.depth == 1 && is_importlib(text, length))
            return false;
        if (is_users(text, length)) {
            fill(self, site_out, text, length, find_line(code, frame, walk.offsets));
            return true;
        }
    }
    return false;
}

bool site_of_import(struct agent_thread *self, struct site *site_out)
{
    struct walk walk;
    const char *frame = NULL, *code;
    char room[TEXT_MAX];
    if (!walk_start(&walk))
        return false;
    while ((code = walk_next(&walk, &frame))) {
        size_t length = 0;
        const char *text = str_text(load_pointer(code, walk.offsets->code_filename), walk.offsets, room, &length);
        if (!text || is_importlib(text, length))
            continue;
        fill(self, site_out, text, length, find_line(code, frame, walk.offsets));
        return true;
    }
    return false;
}
