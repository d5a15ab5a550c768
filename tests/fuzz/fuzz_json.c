/* JSON from outside (--input, settings, imported files), and that what we write back is read as the same. */
#include "fuzz.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/jsonw.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *value = NULL, *again = NULL;
    struct err err = {0};
    if (json_parse(str_from((const char *)data, size), "input", &value, &err) == 0) {
        struct buf text = {0};
        struct jsonw json;
        jsonw_init(&json, &text, false);
        jsonw_value(&json, value);
        if (json_parse(str_from(text.ptr, text.len), "written", &again, &err) != 0 || !json_equal(value, again))
            abort();
        buf_release(&text);
    }
    json_decref(value);
    json_decref(again);
    err_release(&err);
    return 0;
}
