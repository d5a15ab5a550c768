/* The first bytes of an executable, read between fork and exec inside the function's process. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "agent/elf.h"

struct input {
    const uint8_t *data;
    size_t size;
    unsigned readings;
};

static bool read_input(void *ctx, void *buffer, size_t length, uint64_t offset)
{
    struct input *input = ctx;
    if (++input->readings > 100 || length > 4096)
        abort();
    if (offset > input->size || length > input->size - offset)
        return false;
    memcpy(buffer, input->data + offset, length);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size, 0};
    bool other = elf_has_other_linker(&(struct elf_bytes){read_input, &input});
    if (other && !elf_is((const char *)data, size))
        abort();
    size_t length = size < 256 ? size : 256;
    char *head = malloc(length + 1), *path = malloc(length + 1); /* their ends are watched */
    if (!head || !path)
        abort();
    memcpy(head, data, length);
    if (elf_script_program(head, length, path) && (strlen(path) == 0 || strlen(path) > length - 2))
        abort();
    free(head);
    free(path);
    return 0;
}
