/* A hostile process: the input's first four bytes choose the version, the rest is all the memory there is, mapped at one page
 * and, so that pointers hit it, again every 64 KiB.  Everything that the reader offers is asked. */
#include "image.h"

#include "cpython/frames.h"
#include "cpython/text.h"

static void ask_frame(struct frames *frames, const struct frame *frame)
{
    static char scratch[FRAMES_LINES_MOST];
    struct frames_code code;
    char text[256];
    size_t length;
    if (frames_code(frames, frame->code, &code))
        return;
    frames_line(frames, frame, &code, scratch, sizeof(scratch));
    text_read(&frames->memory, &frames->layout, code.filename, text, sizeof(text), &length);
    text_read(&frames->memory, &frames->layout, code.name, text, sizeof(text), &length);
}

static void ask_thread(struct frames *frames, const struct frames_thread *thread)
{
    static struct frames_stack stack;
    frames_interpreter_id(frames, thread->interpreter);
    frames_lock_holder(frames, thread->interpreter);
    if (frames_walk(frames, thread, &stack))
        return;
    for (uint32_t i = 0; i < stack.depth && i < 8; i++)
        ask_frame(frames, &stack.frames[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct frames_thread threads[16];
    uint32_t hex;
    if (size < sizeof(hex))
        return 0;
    memcpy(&hex, data, sizeof(hex));
    struct image image = {data + sizeof(hex), size - sizeof(hex)};
    struct memory memory = {.read = read_image, .ctx = &image};
    struct frames frames;
    if (frames_open(&memory, 65536, hex % 8 == 0 ? hex : 0x03000000 | (9 + hex % 7) << 16, &frames))
        return 0;
    size_t n = frames_threads(&frames, threads, 16);
    for (size_t i = 0; i < n; i++)
        ask_thread(&frames, &threads[i]);
    return 0;
}
