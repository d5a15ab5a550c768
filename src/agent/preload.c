/* Takes our library out of LD_PRELOAD where a program could not load it.  Between fork and exec malloc may not be
 * called, and what a vforked child maps stays with its parent: so the copy lies on the stack. */
#include "agent/preload.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/agent.h"

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

enum {
    SCRIPTS_MOST = 4,
    SEGMENTS_MOST = 64,
    HEAD_BYTES = 256
}; /* the kernel reads that much of a script's first line */

static bool read_at(int fd, void *buffer, size_t length, uint64_t offset)
{
    return syscall(SYS_pread64, fd, buffer, length, offset) == (ssize_t)length;
}

/* Whether a linker of another kind, which LD_PRELOAD means something to, loads this ELF file. */
static bool has_other_linker(int fd, const unsigned char *head)
{
    Elf64_Ehdr header;
    char linker[PATH_MAX];
    if (head[EI_CLASS] != ELFCLASS64)
        return true;
    if (!read_at(fd, &header, sizeof(header), 0) || header.e_phentsize != sizeof(Elf64_Phdr))
        return false;
    for (unsigned i = 0; i < header.e_phnum && i < SEGMENTS_MOST; i++) {
        Elf64_Phdr segment;
        if (!read_at(fd, &segment, sizeof(segment), header.e_phoff + i * sizeof(segment)))
            return false;
        if (segment.p_type != PT_INTERP)
            continue;
        bool is_read = segment.p_filesz > 1 && segment.p_filesz <= sizeof(linker) &&
                       read_at(fd, linker, segment.p_filesz, segment.p_offset);
        return is_read && memmem(linker, segment.p_filesz, "/ld-musl", 8) != NULL;
    }
    return false;
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

/* Reads the interpreter that a script names into `path`. */
static bool find_interpreter(char *head, ssize_t length, char *path)
{
    head[length] = 0;
    char *at = head + 2 + strspn(head + 2, " \t");
    size_t name = strcspn(at, " \t\n");
    memcpy(path, at, name);
    path[name] = 0;
    return name > 0;
}

static bool is_loaded_otherwise(struct preload_program program)
{
    char head[HEAD_BYTES + 1], path[HEAD_BYTES + 1];
    for (int i = 0; program.path && i < SCRIPTS_MOST; i++) {
        bool is_open = !*program.path;
        int fd = is_open                                        ? program.fd
                 : program.search && !strchr(program.path, '/') ? open_on_path(program)
                                                                : open_program(program);
        if (fd < 0)
            return false;
        ssize_t length = syscall(SYS_pread64, fd, head, HEAD_BYTES, 0);
        bool is_elf = length > EI_CLASS && memcmp(head, ELFMAG, SELFMAG) == 0;
        bool otherwise = is_elf && has_other_linker(fd, (const unsigned char *)head);
        if (!is_open)
            syscall(SYS_close, fd);
        if (is_elf || length < 3 || head[0] != '#' || head[1] != '!' || !find_interpreter(head, length, path))
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
