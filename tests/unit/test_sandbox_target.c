/* TARGET and the interpreter: what is found, and the errors when it is not. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "sandbox/python.h"
#include "sandbox/target.h"

static struct arena arena;
static struct err err;
static char dir[] = "/tmp/coldspot-ut-target-XXXXXX";

static void write_text(const char *name, const char *text)
{
    const char *path = arena_printf(&arena, "%s/%s", dir, name).ptr;
    assert_int_equal(file_make_dirs(arena_cstr(&arena, path_dir(str_of(path))), 0755, &err), 0);
    assert_int_equal(file_write(path, str_of(text), &err), 0);
}

static int set_up(void **state)
{
    assert_non_null(mkdtemp(dir));
    assert_int_equal(chdir(dir), 0);
    write_text("app.py", "import os, json\nfrom helpers import x\n");
    write_text("helpers.py", "def f():\n    from pkg.deep import y\n");
    write_text("pkg/__init__.py", "");
    write_text("pkg/deep.py", "import modal.image  # used\n");
    write_text("other.py", "text = '''\nimports modal\n'''\nimport modality\n");
    return 0;
}

static int tear_down(void **state)
{
    int rc = system(arena_printf(&arena, "rm -rf %s", dir).ptr);
    arena_release(&arena);
    err_release(&err);
    return rc;
}

static struct target parse(const char *text)
{
    struct target target;
    int rc = target_parse(&arena, str_of(text), &target, &err);
    if (rc)
        print_error("%s\n", buf_cstr(&err.message));
    assert_int_equal(rc, 0);
    return target;
}

static void files_and_functions_are_taken_apart(void **state)
{
    struct target target = parse("app.py::Embedder.embed");
    assert_string_equal(target.file, arena_printf(&arena, "%s/app.py", dir).ptr);
    assert_string_equal(target.name, "Embedder.embed");
    assert_string_equal(target.app_dir, dir);
    assert_null(target.module);
    assert_null(parse("app.py").name);
    assert_string_equal(parse("./pkg/deep.py::f").app_dir, arena_printf(&arena, "%s/pkg", dir).ptr);
    assert_string_equal(parse("app.py:f").name, "f");
}

static void modules_are_found_under_the_working_directory(void **state)
{
    struct target target = parse("pkg.deep:f");
    assert_string_equal(target.module, "pkg.deep");
    assert_string_equal(target.file, arena_printf(&arena, "%s/pkg/deep.py", dir).ptr);
    assert_string_equal(target.app_dir, dir);
    assert_string_equal(parse("pkg:f").file, arena_printf(&arena, "%s/pkg/__init__.py", dir).ptr);
    assert_null(parse("somewhere.installed:f").file);
}

static void what_is_not_there_is_said(void **state)
{
    struct target target;
    assert_int_equal(target_parse(&arena, STR("ap.py::f"), &target, &err), -ERR_INPUT);
    assert_str(buf_str(&err.message), "there is no file 'ap.py'");
    assert_str(buf_str(&err.hint), ". has: app.py, other.py, helpers.py");
    assert_int_equal(target_parse(&arena, STR("nowhere/app.py::f"), &target, &err), -ERR_INPUT);
    assert_str(buf_str(&err.hint), "nor a directory 'nowhere'");
    assert_int_equal(target_parse(&arena, STR("pkg"), &target, &err), -ERR_INPUT);
    assert_str(buf_str(&err.message), "'pkg' is a directory; name a file and a function in it: app.py::function");
    assert_str(buf_str(&err.hint), "it has: __init__.py, deep.py");
    static const char *const wrong[] = {"",           "::f",        "app.py::", "app.py::f g",
                                        "app.py::.f", "app.py::1f", "a b:f",    "pkg.deep:"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(target_parse(&arena, str_of(wrong[i]), &target, &err), -ERR_USAGE);
}

static void the_apps_own_files_are_read_for_its_imports(void **state)
{
    struct target app = parse("app.py::f"), other = parse("other.py::f");
    assert_true(target_imports(&app, STR("modal")));
    assert_true(target_imports(&app, STR("json")));
    assert_false(target_imports(&other, STR("modal")));
    assert_true(target_imports(&other, STR("modality")));
}

static void the_python_of_a_directory_is_asked(void **state)
{
    struct python python;
    unsetenv("VIRTUAL_ENV");
    assert_int_equal(python_resolve(&arena, "/usr/bin/python3", dir, &python, &err), 0);
    assert_int_equal(python.from, PYTHON_FROM_OPTION);
    assert_int_equal(python.major, 3);
    assert_false(python.is_venv);
    write_text(".venv/bin/python", "#!/bin/sh\nexec /usr/bin/python3 \"$@\"\n");
    assert_int_equal(chmod(arena_printf(&arena, "%s/.venv/bin/python", dir).ptr, 0755), 0);
    assert_int_equal(python_resolve(&arena, NULL, arena_printf(&arena, "%s/pkg", dir).ptr, &python, &err), 0);
    assert_int_equal(python.from, PYTHON_FROM_DOT_VENV);
    assert_string_equal(python.from_path, arena_printf(&arena, "%s/.venv/bin/python", dir).ptr);
    assert_string_equal(python.executable, "/usr/bin/python3"); /* a shim becomes the interpreter */
}

static void a_python_that_is_none_is_refused(void **state)
{
    struct python python;
    assert_int_equal(python_resolve(&arena, "/bin/true", dir, &python, &err), -ERR_USAGE);
    assert_str(buf_str(&err.message), "'/bin/true' does not behave like Python");
    assert_int_equal(python_resolve(&arena, "/nowhere/python", dir, &python, &err), -ERR_USAGE);
    assert_str(buf_str(&err.message), "--python: cannot run '/nowhere/python'");
    write_text("old", "#!/bin/sh\nprintf 'coldspot\\n/old\\n3.8.1\\ncpython\\n0\\n0\\n\\n'\n");
    assert_int_equal(chmod("old", 0755), 0);
    assert_int_equal(python_resolve(&arena, "./old", dir, &python, &err), -ERR_USAGE);
    assert_str(buf_str(&err.message), "'./old' is Python 3.8.1, and this needs 3.9 or later");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_and_functions_are_taken_apart),
        cmocka_unit_test(modules_are_found_under_the_working_directory),
        cmocka_unit_test(what_is_not_there_is_said),
        cmocka_unit_test(the_apps_own_files_are_read_for_its_imports),
        cmocka_unit_test(the_python_of_a_directory_is_asked),
        cmocka_unit_test(a_python_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
