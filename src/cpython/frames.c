/* Walks of interpreters, threads and frames.  Every struct is copied once and then looked at, so that what is checked is what
 * is used; a chain that closes on itself ends by its bound. */
#include "cpython/frames.h"

#include <string.h>

#include "cpython/linetable.h"

static uint64_t word(const void *bytes, uint32_t offset)
{
    uint64_t value;
    memcpy(&value, (const char *)bytes + offset, sizeof(value));
    return value;
}

static uint64_t read_word(const struct frames *frames, uint64_t address)
{
    uint64_t value;
    return memory_read(&frames->memory, address, &value, sizeof(value)) ? 0 : value;
}

/* Pointers to objects are aligned, and not in the first page. */
static int is_pointer(uint64_t address)
{
    return address >= 4096 && address % 8 == 0 && address < UINT64_MAX - (1 << 20);
}

int frames_open(const struct memory *memory, uint64_t runtime, uint32_t hex, struct frames *out)
{
    struct frames frames = {.memory = *memory, .runtime = runtime};
    int rc = layout_find(memory, runtime, hex, &frames.layout);
    if (rc == LAYOUT_OK)
        *out = frames;
    return rc;
}

size_t frames_interpreters(const struct frames *frames, uint64_t *out, size_t n)
{
    size_t count = 0;
    uint64_t at = read_word(frames, frames->runtime + frames->layout.runtime_interpreters);
    while (is_pointer(at) && count < n && count < FRAMES_INTERPRETERS) {
        out[count++] = at;
        at = read_word(frames, at + frames->layout.interp_next);
    }
    return count;
}

uint32_t frames_interpreter_id(const struct frames *frames, uint64_t interpreter)
{
    uint64_t id;
    if (memory_read(&frames->memory, interpreter + frames->layout.interp_id, &id, sizeof(id)) || id > UINT32_MAX)
        return UINT32_MAX;
    return (uint32_t)id;
}

uint64_t frames_first_thread(const struct frames *frames, uint64_t interpreter)
{
    uint64_t address = read_word(frames, interpreter + frames->layout.interp_threads);
    return is_pointer(address) ? address : 0;
}

void frames_thread_from(const struct frames *frames, uint64_t address, const void *bytes, struct frames_thread *out)
{
    const struct layout *layout = &frames->layout;
    *out = (struct frames_thread){
        .address = address,
        .interpreter = word(bytes, layout->thread_interp),
        .next = word(bytes, layout->thread_next),
        .pthread = word(bytes, layout->thread_id),
        .native_id = layout->thread_native_id ? word(bytes, layout->thread_native_id) : 0,
    };
    *(layout->has_cframe ? &out->cframe : &out->frame) = word(bytes, layout->thread_frame);
    if (layout->thread_chunk) {
        out->chunk = word(bytes, layout->thread_chunk);
        out->chunk_top = word(bytes, layout->thread_chunk + 8);
    }
}

int frames_thread(const struct frames *frames, uint64_t address, struct frames_thread *out)
{
    char bytes[LAYOUT_THREAD_MOST];
    if (!is_pointer(address) || memory_read(&frames->memory, address, bytes, frames->layout.thread_bytes))
        return -1;
    frames_thread_from(frames, address, bytes, out);
    return 0;
}

int frames_top(const struct frames *frames, struct frames_thread *thread)
{
    if (!frames->layout.has_cframe || thread->cframe == 0)
        return 0;
    uint64_t top;
    if (!is_pointer(thread->cframe) ||
        memory_read(&frames->memory, thread->cframe + frames->layout.cframe_frame, &top, sizeof(top)))
        return -1;
    thread->frame = top;
    return 0;
}

size_t frames_threads(const struct frames *frames, struct frames_thread *out, size_t n)
{
    uint64_t interpreters[FRAMES_INTERPRETERS];
    size_t count = 0, found = frames_interpreters(frames, interpreters, FRAMES_INTERPRETERS);
    for (size_t i = 0; i < found; i++) {
        uint64_t at = frames_first_thread(frames, interpreters[i]);
        for (size_t k = 0; at && count < n && k < FRAMES_THREADS; k++) {
            if (frames_thread(frames, at, &out[count]) || out[count].interpreter != interpreters[i])
                break;
            at = out[count].next;
            if (frames_top(frames, &out[count]) == 0)
                count++;
        }
    }
    return count;
}

uint64_t frames_lock(const struct frames *frames, uint64_t interpreter)
{
    const struct layout *layout = &frames->layout;
    uint64_t lock = frames->runtime + layout->runtime_gil;
    if (layout->interp_gil)
        lock = read_word(frames, interpreter + layout->interp_gil);
    return is_pointer(lock) ? lock : 0;
}

uint64_t frames_lock_holder(const struct frames *frames, uint64_t interpreter)
{
    const struct layout *layout = &frames->layout;
    uint64_t words[2], lock = frames_lock(frames, interpreter);
    if (!lock || memory_read(&frames->memory, lock + layout->gil_holder, words, sizeof(words)))
        return 0;
    uint32_t locked = (uint32_t)words[(layout->gil_locked - layout->gil_holder) / 8 % 2];
    return locked == 1 ? words[0] : 0;
}

/* One frame and the one that called it.  A shim stands for C code between two frames: it has no code of its own. */
static int read_frame(const struct frames *frames, uint64_t address, struct frame *out, uint64_t *previous_out,
                      int *shim_out)
{
    const struct layout *layout = &frames->layout;
    unsigned char bytes[LAYOUT_FRAME_MOST];
    if (!is_pointer(address) || memory_read(&frames->memory, address, bytes, layout->frame_bytes))
        return -1;
    *previous_out = word(bytes, layout->frame_previous);
    *shim_out = layout->shim_owner && bytes[layout->frame_owner] >= layout->shim_owner;
    out->address = address;
    out->code = word(bytes, layout->frame_code) & (layout->tagged ? ~(uint64_t)7 : ~(uint64_t)0);
    out->instruction = word(bytes, layout->frame_instruction);
    if (layout->minor <= 10) {
        int32_t last = (int32_t)out->instruction;
        out->instruction = last < 0 ? 0 : (uint64_t)last;
    }
    return *shim_out || is_pointer(out->code) ? 0 : -1;
}

int frames_frame(const struct frames *frames, uint64_t address, struct frame *out)
{
    uint64_t previous;
    int shim;
    return read_frame(frames, address, out, &previous, &shim) || shim ? -1 : 0;
}

int frames_walk(const struct frames *frames, const struct frames_thread *thread, struct frames_stack *out)
{
    out->depth = out->cut = 0;
    out->c_place = thread->cframe;
    uint64_t at = thread->frame, mark = 0;
    for (uint32_t steps = 1; at && out->depth < FRAMES_DEEPEST; steps++) {
        uint64_t previous;
        int shim;
        /* The mark is moved ahead at each power of two: a ring comes back to it. */
        if (at == mark || read_frame(frames, at, &out->frames[out->depth], &previous, &shim))
            return -1;
        if ((steps & (steps - 1)) == 0)
            mark = at;
        out->depth += !shim;
        if (shim && !out->c_place)
            out->c_place = at;
        at = previous;
    }
    out->cut = at != 0;
    return 0;
}

/* Whether the type object is that of code objects; costs two readings, once. */
static int is_code_type(const struct frames *frames, uint64_t type)
{
    char name[5];
    uint64_t at = is_pointer(type) ? read_word(frames, type + frames->layout.type_name) : 0;
    return at && memory_read(&frames->memory, at, name, sizeof(name)) == 0 && memcmp(name, "code", sizeof(name)) == 0;
}

int frames_code(struct frames *frames, uint64_t address, struct frames_code *out)
{
    const struct layout *layout = &frames->layout;
    char bytes[LAYOUT_CODE_MOST];
    if (!is_pointer(address) || memory_read(&frames->memory, address, bytes, layout->code_bytes))
        return -1;
    uint64_t type = word(bytes, layout->object_type);
    if (frames->code_type ? type != frames->code_type : !is_code_type(frames, type))
        return -1;
    struct frames_code code = {
        .filename = word(bytes, layout->code_filename),
        .name = word(bytes, layout->code_name),
        .qualname = layout->code_qualname ? word(bytes, layout->code_qualname) : 0,
        .lines = word(bytes, layout->code_lines),
        .first_line = (uint32_t)word(bytes, layout->code_first_line),
    };
    if (!is_pointer(code.filename) || !is_pointer(code.name) || !is_pointer(code.lines))
        return -1;
    frames->code_type = type;
    *out = code;
    return 0;
}

/* The frame's place in its bytecode, in bytes; a frame that has not begun yet stands at 0. */
static uint32_t place(const struct frames *frames, const struct frame *frame)
{
    if (frames->layout.minor <= 10)
        return (uint32_t)frame->instruction * (frames->layout.minor == 10 ? 2 : 1);
    uint64_t first = frame->code + frames->layout.code_bytecode;
    uint64_t at = frame->instruction - first;
    return frame->instruction < first || at > UINT32_MAX ? 0 : (uint32_t)at;
}

uint32_t frames_line(const struct frames *frames, const struct frame *frame, const struct frames_code *code,
                     void *scratch, size_t scratch_bytes)
{
    uint64_t length;
    if (memory_read(&frames->memory, code->lines + frames->layout.bytes_length, &length, sizeof(length)))
        return 0;
    if (length > scratch_bytes)
        length = scratch_bytes;
    if (length > FRAMES_LINES_MOST)
        length = FRAMES_LINES_MOST;
    if (memory_read(&frames->memory, code->lines + frames->layout.bytes_data, scratch, length))
        return 0;
    return linetable_line(frames->layout.minor, scratch, length, code->first_line, place(frames, frame));
}
