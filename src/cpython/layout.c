/* Layouts by version, and the check of what a running Python says of its own.  A layout that is handed out is safe to use: every
 * field ends inside the bytes that the reader keeps for its struct. */
#include "cpython/layout.h"

#include <string.h>

static const struct layout layouts[] = {
#define CPYTHON(...) {__VA_ARGS__, .thread_bytes = 0},
#include "cpython/offsets.def"
#undef CPYTHON
};

enum { LAYOUTS = sizeof(layouts) / sizeof(layouts[0]) };

/* The words of _Py_DebugOffsets that are used: where each lies, and where the word with the size of the struct lies that it
 * is an offset into.  Word 0 is the cookie, 1 the version, 2 whether the build is free-threaded. */
struct debug_word {
    uint32_t field; /* offset in struct layout */
    uint8_t word13, size13, word14, size14;
};

#define FIELD(name) offsetof(struct layout, name)
static const struct debug_word debug_words[] = {
    {FIELD(runtime_interpreters), 5, 3, 5, 3}, {FIELD(interp_id), 7, 6, 7, 6},
    {FIELD(interp_next), 8, 6, 8, 6},          {FIELD(interp_threads), 9, 6, 9, 6},
    {FIELD(interp_gil), 14, 6, 15, 6},         {FIELD(thread_next), 21, 19, 24, 22},
    {FIELD(thread_interp), 22, 19, 25, 22},    {FIELD(thread_frame), 23, 19, 26, 22},
    {FIELD(thread_id), 24, 19, 27, 22},        {FIELD(thread_native_id), 25, 19, 28, 22},
    {FIELD(thread_chunk), 26, 19, 29, 22},     {FIELD(frame_previous), 29, 28, 32, 31},
    {FIELD(frame_code), 30, 28, 33, 31},       {FIELD(frame_instruction), 31, 28, 34, 31},
    {FIELD(frame_owner), 33, 28, 36, 31},      {FIELD(code_filename), 35, 34, 40, 39},
    {FIELD(code_name), 36, 34, 41, 39},        {FIELD(code_qualname), 37, 34, 42, 39},
    {FIELD(code_lines), 38, 34, 43, 39},       {FIELD(code_first_line), 39, 34, 44, 39},
    {FIELD(code_bytecode), 43, 34, 48, 39},    {FIELD(object_type), 45, 44, 51, 50},
    {FIELD(type_name), 47, 46, 53, 52},        {FIELD(bytes_length), 65, 64, 75, 74},
    {FIELD(bytes_data), 66, 64, 76, 74},       {FIELD(str_state), 68, 67, 78, 77},
    {FIELD(str_length), 69, 67, 79, 77},       {FIELD(str_ascii), 70, 67, 80, 77},
};

enum { DEBUG_WORDS13 = 73, DEBUG_WORDS14 = 95, STRUCT_MOST = 64 << 20 };

const char *layout_refusal_text(int refusal)
{
    switch (refusal) {
    case LAYOUT_OK:
        return "nothing is wrong";
    case LAYOUT_VERSION:
        return "its version is not known (3.9 to 3.14 are)";
    case LAYOUT_FREE_THREADED:
        return "it is a free-threaded build";
    case LAYOUT_UNREADABLE:
        return "the interpreter's memory could not be read";
    default:
        return "what the interpreter says of its own layout contradicts itself";
    }
}

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* What follows from the rows, and that all of it fits into the reader's buffers. */
static int finish(struct layout *layout)
{
    layout->thread_bytes = larger(larger(layout->thread_next, layout->thread_interp), layout->thread_id) + 8;
    layout->thread_bytes = larger(layout->thread_bytes, larger(layout->thread_native_id, layout->thread_frame) + 8);
    if (layout->thread_chunk)
        layout->thread_bytes = larger(layout->thread_bytes, layout->thread_chunk + 16);
    layout->frame_bytes = larger(larger(layout->frame_previous, layout->frame_code), layout->frame_instruction) + 8;
    layout->frame_bytes = (larger(layout->frame_bytes, layout->frame_owner + 1) + 7) / 8 * 8;
    layout->code_bytes = larger(larger(layout->code_filename, layout->code_name), layout->code_qualname) + 8;
    layout->code_bytes = larger(layout->code_bytes, larger(layout->code_first_line, layout->code_lines) + 8);
    layout->has_cframe = layout->minor == 11 || layout->minor == 12;
    layout->shim_owner = layout->minor >= 12 ? 3 : 0;
    layout->str_shift = 2;
    layout->tagged = layout->minor >= 14;
    int fits = layout->thread_bytes <= LAYOUT_THREAD_MOST && layout->frame_bytes <= LAYOUT_FRAME_MOST &&
               layout->code_bytes <= LAYOUT_CODE_MOST && layout->object_type <= 64 && layout->str_compact <= 120 &&
               layout->str_ascii >= 24 && layout->str_ascii < layout->str_compact && layout->str_state <= 112 &&
               layout->str_length <= 112 && layout->bytes_length <= 112 && layout->bytes_data <= 120;
    return fits ? LAYOUT_OK : LAYOUT_DAMAGED;
}

static int from_debug_words(const uint64_t *words, uint32_t minor, struct layout *layout)
{
    for (size_t i = 0; i < sizeof(debug_words) / sizeof(debug_words[0]); i++) {
        const struct debug_word *row = &debug_words[i];
        uint64_t offset = words[minor >= 14 ? row->word14 : row->word13];
        uint64_t size = words[minor >= 14 ? row->size14 : row->size13];
        if (size > STRUCT_MOST || offset >= size || (offset % 4 && row->field != FIELD(frame_owner)))
            return LAYOUT_DAMAGED;
        *(uint32_t *)((char *)layout + row->field) = (uint32_t)offset;
    }
    layout->minor = minor;
    layout->str_compact = layout->str_ascii + 16; /* the UTF-8 form's length and pointer come between */
    /* struct _gil_runtime_state is not described: its first words have been the same since 3.2. */
    layout->gil_holder = 8;
    layout->gil_locked = 16;
    return finish(layout);
}

static int find_debug(const struct memory *memory, uint64_t runtime, struct layout *out)
{
    uint64_t words[DEBUG_WORDS14];
    if (memory_read(memory, runtime, words, 3 * sizeof(words[0])))
        return LAYOUT_UNREADABLE;
    if (memcmp(words, "xdebugpy", 8) != 0)
        return LAYOUT_VERSION;
    uint32_t minor = (uint32_t)(words[1] >> 16) & 0xff;
    if (words[1] >> 24 != 3 || minor < 13 || minor > 14)
        return LAYOUT_VERSION;
    if (words[2])
        return LAYOUT_FREE_THREADED;
    if (memory_read(memory, runtime, words, (minor >= 14 ? DEBUG_WORDS14 : DEBUG_WORDS13) * sizeof(words[0])))
        return LAYOUT_UNREADABLE;
    struct layout layout = {0};
    int rc = from_debug_words(words, minor, &layout);
    if (rc == LAYOUT_OK)
        *out = layout;
    return rc;
}

int layout_find(const struct memory *memory, uint64_t runtime, uint32_t hex, struct layout *out)
{
    uint32_t minor = hex >> 16 & 0xff;
    if (hex && hex >> 24 != 3)
        return LAYOUT_VERSION;
    for (size_t i = 0; hex && i < LAYOUTS; i++) {
        if (layouts[i].minor != minor)
            continue;
        struct layout layout = layouts[i];
        int rc = finish(&layout);
        if (rc == LAYOUT_OK)
            *out = layout;
        return rc;
    }
    return hex && minor < 13 ? LAYOUT_VERSION : find_debug(memory, runtime, out);
}
