/* Takes our library out of LD_PRELOAD where a program could not load it.  Between fork and exec malloc may not be
 * called, and what a vforked child maps stays with its parent: so the copy lies on the stack. */
#include "agent/preload.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/elf.h"

static const char variable[] = "LD_PRELOAD=";
enum { VARIABLE_LENGTH = sizeof(variable) - 1, MOST_BYTES = 256 << 10 };

static bool can_be_loaded(void)
{
    if (syscall(SYS_faccessat, AT_FDCWD, agent.library, R_OK) == 0)
        return true;
    return errno != ENOENT && errno != EACCES && errno != ENOTDIR && errno != ELOOP;
}

/* The length of our library's name at the start of a list, when it stands there whole. */
static size_t our_name(const char *list)
{
    size_t length = strlen(agent.library);
    bool is_ours = length && strncmp(list, agent.library, length) == 0 && strchr(": ", list[length]);
    return is_ours ? length : 0;
}

static char *find_ours(char *const *environment, size_t *count_out, size_t *place_out)
{
    char *row = NULL;
    size_t count = 0;
    for (; environment[count]; count++) {
        if (row || strncmp(environment[count], variable, VARIABLE_LENGTH) != 0)
            continue;
        for (char *at = environment[count] + VARIABLE_LENGTH; *at && !row; at += strcspn(at, ": "), at += *at != 0)
            row = our_name(at) ? environment[count] : NULL;
        *place_out = count;
    }
    *count_out = count;
    return row;
}

/* Copies the list without our name; whether anything is left of it. */
static bool copy_without_ours(char *to, const char *from)
{
    char *start = to;
    while (*from) {
        size_t ours = our_name(from), length = ours ? ours : strcspn(from, ": ");
        if (!ours) {
            memcpy(to, from, length);
            to += length;
        }
        from += length;
        if (*from && !ours)
            *to++ = *from;
        from += *from != 0;
    }
    if (to > start && strchr(": ", to[-1]))
        to--;
    *to = 0;
    return to > start;
}

/* ---- what loads a program ---- */

enum { SCRIPTS_MOST = 4, HEAD_BYTES = 256 }; /* the kernel reads that much of a script's first line */

static bool read_at(void *ctx, void *buffer, size_t length, uint64_t offset)
{
    return offset <= INT64_MAX && syscall(SYS_pread64, *(const int *)ctx, buffer, length, offset) == (ssize_t)length;
}

static int open_program(struct preload_program program)
{
    return (int)syscall(SYS_openat, program.fd, program.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
}

/* As execvp looks for it.  What cannot be read is left to it. */
static int open_on_path(struct preload_program program)
{
    const char *at = getenv("PATH");
    size_t name = strlen(program.path);
    while (at && name) {
        char path[PATH_MAX];
        size_t length = strcspn(at, ":");
        if (length + name + 2 <= sizeof(path)) {
            memcpy(path, at, length);
            path[length] = '/';
            memcpy(path + length + (length > 0), program.path, name + 1);
            if (syscall(SYS_faccessat, AT_FDCWD, path, X_OK) == 0)
                return open_program((struct preload_program){path, AT_FDCWD, false});
        }
        at += length;
        at = *at ? at + 1 : NULL;
    }
    return -1;
}

static bool is_loaded_otherwise(struct preload_program program)
{
    char head[HEAD_BYTES], path[HEAD_BYTES + 1];
    for (int i = 0; program.path && i < SCRIPTS_MOST; i++) {
        bool is_open = !*program.path;
        int fd = is_open                                        ? program.fd
                 : program.search && !strchr(program.path, '/') ? open_on_path(program)
                                                                : open_program(program);
        if (fd < 0)
            return false;
        ssize_t length = syscall(SYS_pread64, fd, head, HEAD_BYTES, 0);
        size_t n = length > 0 ? (size_t)length : 0;
        bool otherwise = elf_is(head, n) && elf_has_other_linker(&(struct elf_bytes){read_at, &fd});
        if (!is_open)
            syscall(SYS_close, fd);
        if (!elf_script_program(head, n, path))
            return otherwise;
        program = (struct preload_program){path, AT_FDCWD, false};
    }
    return false;
}

size_t preload_copy_bytes(struct preload_program program, char *const *environment)
{
    int error = errno;
    size_t count = 0, place = 0;
    char *row = agent.library[0] && environment ? find_ours(environment, &count, &place) : NULL;
    size_t bytes = row && (!can_be_loaded() || is_loaded_otherwise(program))
                       ? (count + 1) * sizeof(*environment) + strlen(row) + 1
                       : 0;
    errno = error;
    return bytes <= MOST_BYTES ? bytes : 0;
}

char *const *preload_copy(void *room, char *const *environment)
{
    size_t count = 0, place = 0;
    char *row = find_ours(environment, &count, &place), **copy = room;
    memcpy(copy, environment, (count + 1) * sizeof(*copy));
    copy[place] = (char *)(copy + count + 1);
    memcpy(copy[place], variable, VARIABLE_LENGTH);
    if (!copy_without_ours(copy[place] + VARIABLE_LENGTH, row + VARIABLE_LENGTH))
        memmove(copy + place, copy + place + 1, (count - place) * sizeof(*copy));
    return copy;
}
