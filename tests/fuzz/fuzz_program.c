/* The first bytes of an executable, which may be anything at all. */
#include "fuzz.h"

#include <stdlib.h>

#include "sandbox/program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (program_kind_of(str_from((const char *)data, size)) > PROGRAM_FOREIGN)
        abort();
    return 0;
}
