/* What loads a program, as its first bytes and its ELF headers say.  These are bytes that anybody wrote. */
#ifndef COLDSPOT_AGENT_ELF_H
#define COLDSPOT_AGENT_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes of a file; read answers whether all `length` of them were there. */
struct elf_bytes {
    bool (*read)(void *ctx, void *buffer, size_t length, uint64_t offset);
    void *ctx;
};

/* Whether these are the first bytes of an ELF file. */
bool elf_is(const char *head, size_t length);

/* Whether a dynamic linker that cannot load our library, but takes LD_PRELOAD to mean it, loads this ELF file: musl's, or one for
 * another word size, byte order or processor.  A static program has none.  What cannot be read is left to the kernel: false. */
bool elf_has_other_linker(const struct elf_bytes *bytes);

/* The program that a script names in its first line, copied into `path`, which holds length + 1 bytes; false where `head` begins
 * no script or names none.  Source: the kernel's fs/binfmt_script.c. */
bool elf_script_program(const char *head, size_t length, char *path);

#endif
