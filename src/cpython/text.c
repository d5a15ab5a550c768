/* Strings of one, two or four bytes a character, to UTF-8.  What lies in the header is checked before it is believed.
 * A path whose bytes were no UTF-8 comes out as these bytes: Python keeps each as U+DC80 to U+DCFF (PEP 383). */
#include "cpython/text.h"

#include <string.h>

enum { HEADER_MOST = 128, PIECE_BYTES = 1024, CHARACTERS_MOST = 1 << 30 };

static size_t encode(uint32_t c, char *to)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c >= 0xdc80 && c <= 0xdcff) {
        to[0] = (char)(c & 0xff);
        return 1;
    }
    if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        c = 0xfffd;
    size_t more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
    for (size_t i = more; i > 0; i--, c >>= 6)
        to[i] = (char)(0x80 | (c & 63));
    to[0] = (char)(lead[more] | c);
    return more + 1;
}

static uint32_t character(const unsigned char *bytes, uint32_t width)
{
    uint32_t c = 0;
    memcpy(&c, bytes, width); /* little-endian, as every machine that is supported */
    return c;
}

/* A piece of the string after the other, until all is there or out is full. */
static int read_characters(const struct memory *memory, uint64_t address, uint32_t width, uint64_t count, char *out,
                           size_t size, size_t *length_out)
{
    unsigned char piece[PIECE_BYTES];
    size_t used = 0;
    while (count > 0 && used + 4 <= size) {
        uint64_t n = PIECE_BYTES / width;
        if (n > count)
            n = count;
        if (n > (size - used) && size - used >= 1)
            n = size - used; /* a character is at least one byte of output */
        if (memory_read(memory, address, piece, n * width))
            return -1;
        for (uint64_t i = 0; i < n && used + 4 <= size; i++)
            used += encode(character(piece + i * width, width), out + used);
        address += n * width;
        count -= n;
    }
    *length_out = used;
    return 0;
}

int text_read(const struct memory *memory, const struct layout *layout, uint64_t address, char *out, size_t size,
              size_t *length_out)
{
    unsigned char header[HEADER_MOST];
    uint64_t length;
    uint32_t state;
    if (address == 0 || size < 4 || memory_read(memory, address, header, layout->str_compact))
        return -1;
    memcpy(&length, header + layout->str_length, sizeof(length));
    memcpy(&state, header + layout->str_state, sizeof(state));
    state >>= layout->str_shift;
    uint32_t width = state & 7, compact = state >> 3 & 1, ascii = state >> 4 & 1;
    if (!compact || (width != 1 && width != 2 && width != 4) || (ascii && width != 1) || length > CHARACTERS_MOST)
        return -1;
    return read_characters(memory, address + (ascii ? layout->str_ascii : layout->str_compact), width, length, out,
                           size, length_out);
}
