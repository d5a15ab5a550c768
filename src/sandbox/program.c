/* Executables: finding them as execvp does, and telling from the ELF header whether the agent, which is linked with glibc, can
 * be loaded into them. */
#include "sandbox/program.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum { SCRIPTS_MOST = 4 }; /* a script's interpreter may be a script; the kernel follows that many */

static int check_executable(const char *path, struct err *err)
{
    struct stat st;
    if (stat(path, &st))
        return err_set(err, ERR_INPUT, "cannot run '%s': %s", path, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return err_set(err, ERR_INPUT, "cannot run '%s': it is a directory", path);
    if (access(path, X_OK)) {
        err_set(err, ERR_INPUT, "cannot run '%s': it is not executable", path);
        return err_hint(err, "chmod +x %s, or name its interpreter before it", path);
    }
    return 0;
}

int program_find(struct arena *arena, struct str name, struct str path_list, const char **path_out, struct err *err)
{
    if (str_contains(name, STR("/"))) {
        const char *path = arena_cstr(arena, name);
        int rc = check_executable(path, err);
        if (!rc)
            *path_out = path;
        return rc;
    }
    struct str directory;
    while (name.len && str_cut(&path_list, ':', &directory)) {
        const char *path =
            arena_printf(arena, "%.*s/%.*s", STR_ARG(directory.len ? directory : STR(".")), STR_ARG(name)).ptr;
        if (check_executable(path, NULL) == 0) {
            *path_out = path;
            return 0;
        }
    }
    return err_set(err, ERR_INPUT, "there is no command '%.*s' on PATH", STR_ARG(name));
}

/* The last part of the loader's path that an ELF file names, in `out`; empty when it names none.  Where it lies is for the header
 * to say: patchelf moves it behind everything else. */
static struct str loader_of(const struct program_bytes *bytes, const Elf64_Ehdr *header, char *out, size_t size)
{
    for (unsigned i = 0; i < header->e_phnum && i < 64; i++) {
        Elf64_Phdr segment;
        if (!bytes->read(bytes->ctx, header->e_phoff + (uint64_t)i * sizeof(segment), &segment, sizeof(segment)))
            break;
        if (segment.p_type != PT_INTERP)
            continue;
        if (segment.p_filesz < 2 || segment.p_filesz > size ||
            !bytes->read(bytes->ctx, segment.p_offset, out, (size_t)segment.p_filesz))
            break;
        return path_base(str_from(out, (size_t)segment.p_filesz - 1));
    }
    return (struct str){0};
}

#if defined(__x86_64__)
#define OUR_MACHINE EM_X86_64
#define OUR_LOADER "ld-linux-x86-64.so.2"
#elif defined(__aarch64__)
#define OUR_MACHINE EM_AARCH64
#define OUR_LOADER "ld-linux-aarch64.so.1"
#endif

enum program_kind program_kind_of(const struct program_bytes *bytes)
{
    Elf64_Ehdr header;
    char loader_path[4096];
    if (bytes->read(bytes->ctx, 0, &header, 3) && memcmp(&header, "#!", 2) == 0)
        return PROGRAM_SCRIPT;
    if (!bytes->read(bytes->ctx, 0, &header, sizeof(header)) || memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
        return PROGRAM_FOREIGN;
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != OUR_MACHINE ||
        header.e_phentsize != sizeof(Elf64_Phdr))
        return PROGRAM_FOREIGN;
    struct str loader = loader_of(bytes, &header, loader_path, sizeof(loader_path));
    if (!loader.len)
        return PROGRAM_STATIC;
    if (str_starts_with(loader, STR("ld-musl")))
        return PROGRAM_MUSL;
    return str_equals(loader, STR(OUR_LOADER)) ? PROGRAM_GLIBC : PROGRAM_FOREIGN;
}

static bool read_file_at(void *ctx, uint64_t offset, void *buffer, size_t length)
{
    return offset <= INT64_MAX && pread(*(const int *)ctx, buffer, length, (off_t)offset) == (ssize_t)length;
}

/* A file's kind, and its first bytes, of which a script's first line is. */
struct head {
    enum program_kind kind;
    char bytes[4096];
    size_t len;
};

static int read_head(const char *path, struct head *head, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, ERR_INPUT, "cannot read '%s': %s", path, strerror(errno));
    ssize_t n = pread(fd, head->bytes, sizeof(head->bytes), 0);
    int reason = errno;
    if (n >= 0)
        head->kind = program_kind_of(&(struct program_bytes){read_file_at, &fd});
    close(fd);
    if (n < 0)
        return err_set(err, ERR_INPUT, "cannot read '%s': %s", path, strerror(reason));
    head->len = (size_t)n;
    return 0;
}

int program_kind(const char *path, enum program_kind *kind_out, struct err *err)
{
    struct head head;
    int rc = read_head(path, &head, err);
    if (rc)
        return rc;
    *kind_out = head.kind;
    return 0;
}

/* The program of a script's first line; for `#!/usr/bin/env NAME` the one on our PATH is what counts, so env itself will do. */
static const char *interpreter_of(struct arena *arena, const struct head *head)
{
    struct str line = str_from(head->bytes + 2, head->len - 2), first, word;
    str_cut(&line, '\n', &first);
    first = str_trim(first);
    str_cut(&first, ' ', &word);
    return arena_cstr(arena, word);
}

int program_check(struct arena *arena, const char *path, struct err *err)
{
    static const char *const why[] = {
        [PROGRAM_MUSL] = "it is linked with musl, and the agent needs glibc",
        [PROGRAM_STATIC] = "it is linked statically, and the agent is a shared library",
        [PROGRAM_FOREIGN] = "it is a program for another kind of machine",
        [PROGRAM_SCRIPT] = "its interpreter is a script, and that one's too",
    };
    const char *asked = path;
    enum program_kind kind = PROGRAM_SCRIPT;
    for (int i = 0; i < SCRIPTS_MOST && kind == PROGRAM_SCRIPT; i++) {
        struct head head;
        int rc = read_head(path, &head, err);
        if (rc)
            return rc;
        kind = head.kind;
        if (kind == PROGRAM_SCRIPT)
            path = interpreter_of(arena, &head);
    }
    if (kind == PROGRAM_GLIBC)
        return 0;
    err_set(err, ERR_INPUT, "cannot look into '%s': %s", asked, why[kind]);
    return err_hint(err, "use a Python that is linked with glibc (Debian's, python.org's, conda's), or --observe none");
}
