/* The events that the harness leaves, whole, cut short, or written by a function that found the file. */
#include "fuzz.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sandbox/harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct target target = {.file = "/app.py", .name = "f", .app_dir = "/", .text = "app.py::f"};
    static const struct python python = {.executable = "/usr/bin/python3", .version = "3.11.2"};
    struct arena arena = {0};
    struct harness_result result = {0};
    char path[64];
    int fd = memfd_create("result", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        return 0;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    if (harness_read_result(&arena, path, &result, NULL) == 0 && result.error) {
        struct err err = {0};
        harness_error(result.error, &target, &python, &err);
        err_release(&err);
    }
    harness_result_release(&result);
    arena_release(&arena);
    close(fd);
    return 0;
}
