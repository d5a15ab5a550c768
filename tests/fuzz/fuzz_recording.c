/* Any bytes as a recording: read, and every record and string of it looked at. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "record/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    char *copy = xmalloc(size); /* malloc's alignment is what recording_parse asks for */
    if (size)
        memcpy(copy, data, size);
    struct recording recording;
    uint64_t sum = 0;
    if (recording_parse(&arena, str_from(copy, size), "fuzz", &recording, NULL) == 0) {
        for (size_t i = 0; i < recording.records.len; i++) {
            const struct event *event = recording.records.items[i].event;
            for (uint32_t at = 0; at < event->bytes; at++)
                sum += ((const unsigned char *)event)[at];
        }
        for (uint32_t i = 0; i < recording.strings.len; i++)
            sum += str_hash(recording_string(&recording, i));
    }
    if (sum == 1) /* never, but the compiler can't know */
        abort();
    free(copy);
    arena_release(&arena);
    return 0;
}
