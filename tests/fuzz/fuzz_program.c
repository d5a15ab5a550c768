/* The bytes of an executable, which may be anything at all. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/program.h"

static bool read_input(void *ctx, uint64_t offset, void *buffer, size_t length)
{
    const struct str *input = ctx;
    if (offset > input->len || length > input->len - offset)
        return false;
    memcpy(buffer, input->ptr + offset, length);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str input = str_from((const char *)data, size);
    if (program_kind_of(&(struct program_bytes){read_input, &input}) > PROGRAM_FOREIGN)
        abort();
    return 0;
}
