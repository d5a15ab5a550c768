/* Decoders of co_lnotab (up to 3.9), co_linetable (3.10) and the location table (3.11 on).  The bytes may be anything: every step
 * is inside the table, and lines wrap around rather than overflow. */
#include "cpython/linetable.h"

/* Pairs (bytes of code, lines): the line changes after that many bytes. */
static uint32_t line_of_lnotab(const uint8_t *table, size_t length, uint32_t line, uint32_t at)
{
    uint64_t address = 0;
    for (size_t i = 0; i + 1 < length; i += 2) {
        address += table[i];
        if (address > at)
            break;
        line += (uint32_t)(int32_t)(int8_t)table[i + 1];
    }
    return line;
}

/* Pairs (bytes of code, change of line before them); -128: these bytes have no line. */
static uint32_t line_of_pairs(const uint8_t *table, size_t length, uint32_t line, uint32_t at)
{
    uint64_t end = 0;
    for (size_t i = 0; i + 1 < length; i += 2) {
        int8_t change = (int8_t)table[i + 1];
        if (change != -128)
            line += (uint32_t)(int32_t)change;
        end += table[i];
        if (end > at)
            return change == -128 ? 0 : line;
    }
    return 0;
}

struct cursor {
    const uint8_t *at, *end;
};

static uint32_t take_varint(struct cursor *cursor)
{
    uint32_t value = 0;
    for (unsigned shift = 0; cursor->at < cursor->end; shift += 6) {
        uint8_t byte = *cursor->at++;
        if (shift < 32)
            value |= (uint32_t)(byte & 63) << shift;
        if (!(byte & 64))
            break;
    }
    return value;
}

static uint32_t take_signed(struct cursor *cursor)
{
    uint32_t value = take_varint(cursor);
    return value & 1 ? 0u - (value >> 1) : value >> 1;
}

/* Entries: a byte 1 kkkk lll (code and length in units, less one), then what the code asks for, none of it with the top bit set. */
static uint32_t line_of_locations(const uint8_t *table, size_t length, uint32_t line, uint32_t at)
{
    enum { ONE_LINE = 10, NO_COLUMNS = 13, LONG = 14, NONE = 15 };
    struct cursor cursor = {table, table + length};
    uint64_t end = 0;
    while (cursor.at < cursor.end) {
        uint8_t byte = *cursor.at++;
        unsigned code = byte >> 3 & 15;
        end += ((byte & 7u) + 1) * 2;
        if (code == LONG || code == NO_COLUMNS)
            line += take_signed(&cursor);
        else if (code >= ONE_LINE && code < NO_COLUMNS)
            line += code - ONE_LINE;
        if (end > at)
            return code == NONE ? 0 : line;
        while (cursor.at < cursor.end && !(*cursor.at & 128))
            cursor.at++;
    }
    return 0;
}

uint32_t linetable_line(uint32_t minor, const uint8_t *table, size_t length, uint32_t first, uint32_t at)
{
    if (minor <= 9)
        return line_of_lnotab(table, length, first, at);
    return minor == 10 ? line_of_pairs(table, length, first, at) : line_of_locations(table, length, first, at);
}
