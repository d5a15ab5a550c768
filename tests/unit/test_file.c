#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static struct arena arena;
static struct err err;
static char dir[] = "/tmp/coldspot-file-XXXXXX";

static const char *in_dir(const char *name)
{
    return arena_printf(&arena, "%s/%s", dir, name).ptr;
}

static struct str read_back(const char *path)
{
    struct str bytes = {0};
    assert_int_equal(file_read(&arena, path, 1000, &bytes, &err), 0);
    return bytes;
}

static size_t files_in_dir(void)
{
    FILE *list = popen(arena_printf(&arena, "ls -A %s | wc -l", dir).ptr, "r");
    unsigned n = 0;
    assert_int_equal(fscanf(list, "%u", &n), 1);
    pclose(list);
    return n;
}

static void a_file_that_is_replaced_keeps_its_rights_and_owner(void **state)
{
    (void)state;
    const char *path = in_dir("script");
    struct stat before, after;
    assert_int_equal(file_write(path, STR("old"), &err), 0);
    assert_int_equal(chmod(path, 04751), 0);
    if (geteuid() == 0)
        assert_int_equal(chown(path, 12345, 54321) || chmod(path, 04751), 0);
    assert_int_equal(stat(path, &before), 0);
    assert_int_equal(file_write(path, STR("new"), &err), 0);
    assert_int_equal(stat(path, &after), 0);
    assert_str(read_back(path), "new");
    assert_int_equal(after.st_mode, before.st_mode);
    assert_int_equal(after.st_uid, before.st_uid);
    assert_int_equal(after.st_gid, before.st_gid);
    assert_int_not_equal(after.st_ino, before.st_ino); /* replaced, not written over */
    unlink(path);
}

static void a_link_stays_and_what_it_leads_to_is_replaced(void **state)
{
    (void)state;
    struct stat info;
    assert_int_equal(file_write(in_dir("real"), STR("old"), &err), 0);
    assert_int_equal(symlink("real", in_dir("link")), 0);
    assert_int_equal(symlink("later", in_dir("dangling")), 0);
    assert_int_equal(file_write(in_dir("link"), STR("new"), &err), 0);
    assert_int_equal(file_write(in_dir("dangling"), STR("made"), &err), 0);
    assert_str(read_back(in_dir("real")), "new");
    assert_str(read_back(in_dir("later")), "made");
    assert_true(lstat(in_dir("link"), &info) == 0 && S_ISLNK(info.st_mode));
    assert_true(lstat(in_dir("dangling"), &info) == 0 && S_ISLNK(info.st_mode));
    assert_int_equal(files_in_dir(), 4);
    static const char *const names[] = {"real", "link", "later", "dangling"};
    for (size_t i = 0; i < 4; i++)
        unlink(in_dir(names[i]));
}

static void a_pipe_and_a_device_are_written_to(void **state)
{
    (void)state;
    const char *path = in_dir("pipe");
    char text[8] = "";
    struct stat info;
    assert_int_equal(mkfifo(path, 0600), 0);
    int fd = open(path, O_RDONLY | O_NONBLOCK);
    assert_int_equal(file_write(path, STR("answer"), &err), 0);
    assert_int_equal(read(fd, text, sizeof(text)), 6);
    assert_string_equal(text, "answer");
    close(fd);
    unlink(path);
    const char *null = in_dir("null"); /* through a link: as root a mistake would replace the machine's own */
    assert_int_equal(symlink("/dev/null", null), 0);
    assert_int_equal(file_write(null, STR("answer"), &err), 0);
    assert_true(lstat(null, &info) == 0 && S_ISLNK(info.st_mode) && stat(null, &info) == 0 && S_ISCHR(info.st_mode));
    unlink(null);
}

static void a_write_that_fails_leaves_the_old_file_and_nothing_else(void **state)
{
    (void)state;
    assert_int_equal(file_write(in_dir("kept"), STR("old"), &err), 0);
    assert_int_equal(mkdir(in_dir("directory"), 0700), 0);
    assert_int_not_equal(file_write(in_dir("directory"), STR("new"), &err), 0);
    assert_int_not_equal(file_write(in_dir("missing/file"), STR("new"), &err), 0);
    assert_int_equal(files_in_dir(), 2);
    assert_str(read_back(in_dir("kept")), "old");
    rmdir(in_dir("directory"));
    unlink(in_dir("kept"));
}

static void what_a_killed_write_left_goes_with_the_next_one(void **state)
{
    (void)state;
    assert_int_equal(file_write(in_dir("file"), STR("old"), &err), 0);
    assert_int_equal(file_write(in_dir("file.coldspot-new"), STR("half"), &err), 0);
    assert_int_equal(file_write(in_dir("file"), STR("new"), &err), 0);
    assert_str(read_back(in_dir("file")), "new");
    assert_int_equal(files_in_dir(), 1);
    unlink(in_dir("file"));
}

static int begin(void **state)
{
    (void)state;
    umask(022);
    return mkdtemp(dir) ? 0 : -1;
}

static int done(void **state)
{
    (void)state;
    rmdir(dir);
    arena_release(&arena);
    err_release(&err);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_is_replaced_keeps_its_rights_and_owner),
        cmocka_unit_test(a_link_stays_and_what_it_leads_to_is_replaced),
        cmocka_unit_test(a_pipe_and_a_device_are_written_to),
        cmocka_unit_test(what_a_killed_write_left_goes_with_the_next_one),
        cmocka_unit_test(a_write_that_fails_leaves_the_old_file_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, begin, done);
}
