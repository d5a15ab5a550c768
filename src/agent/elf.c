/* Reads executables' headers in the function's process, between fork and exec: no allocation, bounded reads, no trust. */
#include "agent/elf.h"

#include <elf.h>
#include <limits.h>
#include <string.h>

enum { SEGMENTS_MOST = 64 };

#if defined(__x86_64__)
static const uint16_t our_machine = EM_X86_64;
#elif defined(__aarch64__)
static const uint16_t our_machine = EM_AARCH64;
#endif
static const unsigned char our_order = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;

bool elf_is(const char *head, size_t length)
{
    return length > EI_DATA && memcmp(head, ELFMAG, SELFMAG) == 0;
}

static bool names_musl(const struct elf_bytes *bytes, const Elf64_Phdr *segment)
{
    char linker[PATH_MAX];
    return segment->p_filesz > 1 && segment->p_filesz <= sizeof(linker) &&
           bytes->read(bytes->ctx, linker, segment->p_filesz, segment->p_offset) &&
           memmem(linker, segment->p_filesz, "/ld-musl", 8) != NULL;
}

bool elf_has_other_linker(const struct elf_bytes *bytes)
{
    unsigned char kind[EI_NIDENT];
    Elf64_Ehdr header;
    if (!bytes->read(bytes->ctx, kind, sizeof(kind), 0) || !elf_is((const char *)kind, sizeof(kind)))
        return false;
    if (kind[EI_CLASS] != ELFCLASS64 || kind[EI_DATA] != our_order)
        return true;
    if (!bytes->read(bytes->ctx, &header, sizeof(header), 0))
        return false;
    if (header.e_machine != our_machine)
        return true;
    if (header.e_phentsize != sizeof(Elf64_Phdr))
        return false;
    for (unsigned i = 0; i < header.e_phnum && i < SEGMENTS_MOST; i++) {
        Elf64_Phdr segment;
        uint64_t at;
        if (__builtin_add_overflow(header.e_phoff, i * sizeof(segment), &at) ||
            !bytes->read(bytes->ctx, &segment, sizeof(segment), at))
            return false;
        if (segment.p_type == PT_INTERP)
            return names_musl(bytes, &segment);
    }
    return false;
}

bool elf_script_program(const char *head, size_t length, char *path)
{
    if (length < 3 || head[0] != '#' || head[1] != '!')
        return false;
    size_t from = 2, to;
    while (from < length && (head[from] == ' ' || head[from] == '\t'))
        from++;
    for (to = from; to < length && head[to] && !strchr(" \t\n", head[to]);)
        to++;
    memcpy(path, head + from, to - from);
    path[to - from] = 0;
    return to > from;
}
