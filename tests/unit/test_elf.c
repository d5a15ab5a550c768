#include "unit.h"

#include <elf.h>
#include <string.h>

#include "agent/elf.h"

static unsigned char file[8192];
static size_t file_size;

static bool read_file(void *ctx, void *buffer, size_t length, uint64_t offset)
{
    (void)ctx;
    if (offset > file_size || length > file_size - offset)
        return false;
    memcpy(buffer, file + offset, length);
    return true;
}

static const struct elf_bytes bytes = {read_file, NULL};

/* A header, two segments, of which the second names a linker, and the name. */
static Elf64_Ehdr *make(const char *linker)
{
    Elf64_Ehdr *header = (Elf64_Ehdr *)file;
    Elf64_Phdr *segments = (Elf64_Phdr *)(header + 1);
    memset(file, 0, sizeof(file));
    memcpy(header->e_ident, ELFMAG, SELFMAG);
    header->e_ident[EI_CLASS] = ELFCLASS64;
    header->e_ident[EI_DATA] = ELFDATA2LSB;
    header->e_machine = EM_X86_64;
    header->e_phoff = sizeof(*header);
    header->e_phentsize = sizeof(*segments);
    header->e_phnum = 2;
    segments[0].p_type = PT_LOAD;
    segments[1].p_type = PT_INTERP;
    segments[1].p_offset = 1000;
    segments[1].p_filesz = strlen(linker) + 1;
    memcpy(file + 1000, linker, strlen(linker) + 1);
    file_size = 1000 + strlen(linker) + 1;
    return header;
}

static Elf64_Phdr *named(void)
{
    return (Elf64_Phdr *)(file + sizeof(Elf64_Ehdr)) + 1;
}

static void linkers_of_another_kind_are_told_apart(void **state)
{
    (void)state;
    make("/lib64/ld-linux-x86-64.so.2");
    assert_false(elf_has_other_linker(&bytes));
    make("/nix/store/x/lib/ld-linux-x86-64.so.2");
    assert_false(elf_has_other_linker(&bytes));
    make("/lib/ld-musl-x86_64.so.1");
    assert_true(elf_has_other_linker(&bytes));
    make("/lib64/ld-linux-x86-64.so.2")->e_ident[EI_CLASS] = ELFCLASS32;
    assert_true(elf_has_other_linker(&bytes));
    make("/lib64/ld-linux-x86-64.so.2")->e_ident[EI_DATA] = ELFDATA2MSB;
    assert_true(elf_has_other_linker(&bytes));
    make("/lib/ld-linux-aarch64.so.1")->e_machine = EM_AARCH64;
    assert_true(elf_has_other_linker(&bytes));
}

static void a_static_program_has_no_linker(void **state)
{
    (void)state;
    make("/lib/ld-musl-x86_64.so.1")->e_phnum = 1;
    assert_false(elf_has_other_linker(&bytes));
    make("/lib/ld-musl-x86_64.so.1")->e_phnum = 0;
    assert_false(elf_has_other_linker(&bytes));
}

static void a_32_bit_header_is_shorter_than_one_of_64(void **state)
{
    (void)state;
    make("")->e_ident[EI_CLASS] = ELFCLASS32;
    file_size = sizeof(Elf32_Ehdr);
    assert_true(elf_has_other_linker(&bytes));
}

static void what_is_cut_off_anywhere_is_left_to_the_kernel(void **state)
{
    (void)state;
    make("/lib/ld-musl-x86_64.so.1");
    for (size_t whole = file_size; file_size-- > 0;)
        assert_false(elf_has_other_linker(&bytes) && file_size < whole);
}

static void hostile_headers_are_survived(void **state)
{
    (void)state;
    const char *const musl = "/lib/ld-musl-x86_64.so.1";
    make(musl)->e_phentsize = 1;
    assert_false(elf_has_other_linker(&bytes));
    const uint64_t far[] = {UINT64_MAX, UINT64_MAX - sizeof(Elf64_Phdr), INT64_MAX, sizeof(file)};
    for (size_t i = 0; i < sizeof(far) / sizeof(*far); i++) {
        make(musl)->e_phoff = far[i];
        assert_false(elf_has_other_linker(&bytes));
        make(musl);
        named()->p_offset = far[i];
        assert_false(elf_has_other_linker(&bytes));
        make(musl);
        named()->p_filesz = far[i];
        assert_false(elf_has_other_linker(&bytes));
    }
    make(musl);
    named()->p_filesz = 0;
    assert_false(elf_has_other_linker(&bytes));
    Elf64_Ehdr *many = make(musl);
    many->e_phnum = UINT16_MAX; /* all but the second are zeros or beyond the end */
    named()->p_type = PT_NULL;
    assert_false(elf_has_other_linker(&bytes));
}

static void scripts_name_a_program(void **state)
{
    (void)state;
    static const struct {
        const char *head, *program;
    } rows[] = {
        {"#!/bin/sh\necho", "/bin/sh"},
        {"#! \t/usr/bin/env python3\n", "/usr/bin/env"},
        {"#!/bin/sh", "/bin/sh"},
        {"#!/bin/sh\t-e\n", "/bin/sh"},
        {"#!x", "x"},
    };
    static const char *const none[] = {"", "#", "#!", "#! ", "#!\n", "#!   \n/bin/sh", "\177ELF", "echo #!/bin/sh"};
    char path[64];
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        assert_true(elf_script_program(rows[i].head, strlen(rows[i].head), path));
        assert_string_equal(path, rows[i].program);
    }
    for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
        assert_false(elf_script_program(none[i], strlen(none[i]), path));
    assert_true(elf_script_program("#!/bin/s\0h", 10, path));
    assert_string_equal(path, "/bin/s");
    assert_true(elf_script_program("#!/bin/shell", 9, path)); /* bytes beyond the length are not looked at */
    assert_string_equal(path, "/bin/sh");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linkers_of_another_kind_are_told_apart),
        cmocka_unit_test(a_static_program_has_no_linker),
        cmocka_unit_test(a_32_bit_header_is_shorter_than_one_of_64),
        cmocka_unit_test(what_is_cut_off_anywhere_is_left_to_the_kernel),
        cmocka_unit_test(hostile_headers_are_survived),
        cmocka_unit_test(scripts_name_a_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
