/* Line tables of any bytes, for any instruction, in all three formats. */
#include "fuzz.h"

#include <string.h>

#include "cpython/linetable.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t first, at;
    if (size < 8)
        return 0;
    memcpy(&first, data, 4);
    memcpy(&at, data + 4, 4);
    for (uint32_t minor = 9; minor <= 11; minor++) {
        linetable_line(minor, data + 8, size - 8, first, at);
        linetable_line(minor, data + 8, size - 8, first, at % 512);
    }
    return 0;
}
