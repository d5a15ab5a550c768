/* Durations and sizes from the command line; whatever is read is printed without a surprise. */
#include "fuzz.h"

#include "base/units.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_from((const char *)data, size);
    struct buf out = {0};
    double value;
    if (units_parse_duration(text, &value)) {
        units_add_duration(&out, value);
        units_add_usd(&out, value);
        units_add_share(&out, value);
    }
    if (units_parse_size(text, &value)) {
        units_add_size(&out, value);
        units_add_rate(&out, value);
    }
    buf_release(&out);
    return 0;
}
