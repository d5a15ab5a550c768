/* Walks the calling thread's own frames through the layout of its CPython version.
 *
 * Only a thread's own frames are read, from inside a call that it made: they and what they refer to are alive and do not change.
 * The layout was compared with Python's own answer once before (python_look_again).  The depth is bounded. */
#include "agent/site.h"

#include <stddef.h>
#include <string.h>

#include "agent/agent.h"

enum {
    DEPTH_MAX = 512,
};

struct walk {
    const struct layout *layout;
    const char *frame;
    int depth;
};

static const char *load_pointer(const char *base, uint32_t offset)
{
    const char *value;
    memcpy(&value, base + offset, sizeof(value));
    return value;
}

static const char *top_frame(const struct layout *layout, const char *tstate)
{
    const char *frame = load_pointer(tstate, layout->thread_frame);
    return frame && layout->has_cframe ? load_pointer(frame, layout->cframe_frame) : frame;
}

static bool walk_start(struct walk *walk)
{
    const struct layout *layout = &agent.python.layout;
    if (!agent.python.layout_checked || !agent.python.layout_known)
        return false;
    const char *tstate = (const char *)python_own_thread();
    if (!tstate)
        return false;
    *walk = (struct walk){.layout = layout, .frame = top_frame(layout, tstate)};
    return true;
}

/* The code of the frame the walk stands at, which it then leaves for the caller's; NULL at the end. */
static const char *walk_next(struct walk *walk, const char **frame_out)
{
    while (walk->frame && walk->depth++ < DEPTH_MAX) {
        const char *frame = walk->frame;
        const struct layout *layout = walk->layout;
        walk->frame = load_pointer(frame, layout->frame_previous);
        if (layout->shim_owner && (unsigned char)frame[layout->frame_owner] >= layout->shim_owner)
            continue;
        *frame_out = frame;
        uintptr_t code = (uintptr_t)load_pointer(frame, layout->frame_code);
        return (const char *)(layout->tagged ? code & ~(uintptr_t)7 : code); /* NOLINT(performance-no-int-to-ptr) */
    }
    return NULL;
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
static const char *str_text(const char *object, const struct layout *layout, char room[SITE_TEXT], size_t *length_out)
{
    uint64_t length;
    uint32_t state;
    memcpy(&length, object + layout->str_length, sizeof(length));
    memcpy(&state, object + layout->str_state, sizeof(state));
    state >>= layout->str_shift;
    unsigned width = state & 7;
    bool compact = state >> 3 & 1, ascii = state >> 4 & 1;
    if (!compact || length == 0 || (width != 1 && width != 2 && width != 4))
        return NULL;
    if (ascii) {
        *length_out = length;
        return object + layout->str_ascii;
    }
    size_t used = 0;
    for (uint64_t i = 0; i < length && used + 4 <= SITE_TEXT; i++)
        used += put_utf8(room + used, load_character(object + layout->str_compact, width, i));
    *length_out = used;
    return room;
}

const char *site_code_file(const char *code, char room[SITE_TEXT], size_t *length_out)
{
    const struct layout *layout = &agent.python.layout;
    if (!agent.python.layout_known)
        return NULL;
    return str_text(load_pointer(code, layout->code_filename), layout, room, length_out);
}

static uint32_t find_line(const char *code, const char *frame, const struct layout *layout)
{
    int byte = 0;
    if (layout->minor <= 10) {
        memcpy(&byte, frame + layout->frame_instruction, sizeof(byte));
        byte *= layout->minor == 10 ? 2 : 1;
    } else {
        byte = (int)(load_pointer(frame, layout->frame_instruction) - (code + layout->code_bytecode));
    }
    int line = agent.python.PyCode_Addr2Line((struct object *)(uintptr_t)code, byte < 0 ? 0 : byte);
    return line > 0 ? (uint32_t)line : 0;
}

static bool same_file(struct object *code)
{
    const struct python *python = &agent.python;
    char room[SITE_TEXT];
    size_t length = 0;
    ssize_t wanted_length = 0;
    struct object *file = python->PyObject_GetAttrString(code, "co_filename");
    const char *wanted = python_text(file, &wanted_length);
    const char *text = site_code_file((const char *)code, room, &length);
    bool same = wanted && text && (size_t)wanted_length == length && memcmp(wanted, text, length) == 0;
    if (file)
        python->Py_DecRef(file);
    return same;
}

bool site_agrees(const struct object *tstate, struct object *frame)
{
    const struct python *python = &agent.python;
    const struct layout *layout = &python->layout;
    struct walk walk = {.layout = layout, .frame = top_frame(layout, (const char *)tstate)};
    const char *own_frame = NULL, *own_code = walk_next(&walk, &own_frame);
    struct object *code = python->PyFrame_GetCode(frame);
    bool same = own_code == (const char *)code && same_file(code) &&
                find_line(own_code, own_frame, layout) == (uint32_t)python->PyFrame_GetLineNumber(frame);
    python->Py_DecRef(code);
    return same;
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
    if (length == 0 || text[0] == '<' || holds(text, length, "/site-packages/") ||
        holds(text, length, "/dist-packages/") || holds(text, length, "/lib/python3"))
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
    char room[SITE_TEXT];
    if (!walk_start(&walk))
        return false;
    while ((code = walk_next(&walk, &frame))) {
        size_t length = 0;
        const char *text = str_text(load_pointer(code, walk.layout->code_filename), walk.layout, room, &length);
        if (!text)
            continue;
        if (walk.depth == 1 && is_importlib(text, length))
            return false;
        if (is_users(text, length)) {
            fill(self, site_out, text, length, find_line(code, frame, walk.layout));
            return true;
        }
    }
    return false;
}

bool site_of_import(struct agent_thread *self, struct site *site_out)
{
    struct walk walk;
    const char *frame = NULL, *code;
    char room[SITE_TEXT];
    if (!walk_start(&walk))
        return false;
    while ((code = walk_next(&walk, &frame))) {
        size_t length = 0;
        const char *text = str_text(load_pointer(code, walk.layout->code_filename), walk.layout, room, &length);
        if (!text || is_importlib(text, length))
            continue;
        fill(self, site_out, text, length, find_line(code, frame, walk.layout));
        return true;
    }
    return false;
}
