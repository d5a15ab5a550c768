#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "diagnose/facts.h"

static const char app[] = "import modal\n"
                          "import numpy as np\n"
                          "import onnxruntime\n"
                          "from sklearn.ensemble import (\n"
                          "    IsolationForest,\n"
                          ")\n"
                          "import pandas as pd\n"
                          "import scipy\n"
                          "app = modal.App()\n"
                          "\n"
                          "@app.cls(\n"
                          "    memory=512)\n"
                          "class C:\n"
                          "    @modal.enter()\n"
                          "    def load(self):\n"
                          "        self.session = onnxruntime.InferenceSession('assets/model.onnx')\n"
                          "    @modal.method()\n"
                          "    def call(self, text):\n"
                          "        return helper(text)\n"
                          "    @modal.method()\n"
                          "    def report(self):\n"
                          "        return pd.DataFrame()\n"
                          "\n"
                          "def helper(text):\n"
                          "    return np.zeros(1)\n"
                          "\n"
                          "@app.function()\n"
                          "def weekly():\n"
                          "    return IsolationForest()\n";

static struct arena arena;
static struct facts facts;

static int set_up(void **state)
{
    (void)state;
    char path[] = "/tmp/coldspot-test-facts-XXXXXX.py";
    int fd = mkstemps(path, 3);
    FILE *file = fdopen(fd, "w");
    fputs(app, file);
    fclose(file);
    struct err err = {0};
    int rc = facts_read(&arena, path, STR("C.call"), &facts, &err);
    unlink(path);
    return rc;
}

static int tear_down(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static const struct facts_import *import_of(const char *module)
{
    for (size_t i = 0; i < facts.imports.len; i++) {
        if (str_equals(facts.imports.items[i].module, str_of(module)))
            return &facts.imports.items[i];
    }
    fail_msg("no import of %s", module);
    return NULL;
}

static void needs_are_the_targets_its_siblings_others_or_nobodys(void **state)
{
    (void)state;
    assert_int_equal(import_of("numpy")->need, NEED_TARGET);
    assert_int_equal(import_of("onnxruntime")->need, NEED_TARGET);
    assert_int_equal(import_of("pandas")->need, NEED_SIBLING);
    assert_int_equal(import_of("sklearn.ensemble")->need, NEED_OTHERS);
    assert_str(import_of("sklearn.ensemble")->users, "weekly()");
    assert_int_equal(import_of("scipy")->need, NEED_NOBODY);
}

static void a_statement_is_known_by_its_first_line(void **state)
{
    (void)state;
    assert_int_equal(import_of("sklearn.ensemble")->line, 4);
    assert_int_equal(import_of("pandas")->line, 7);
}

static void requests_stand_at_the_setting_or_the_function(void **state)
{
    (void)state;
    assert_int_equal(facts.memory.line, 12);
    assert_int_equal(facts.cpu.line, 11);
}

static void names_of_files_are_found_at_the_end_of_strings(void **state)
{
    (void)state;
    assert_true(facts_mention(&facts, STR("model.onnx")));
    assert_false(facts_mention(&facts, STR("odel.onnx")));
    assert_false(facts_mention(&facts, STR("weekly")));
    assert_false(facts_mention(&facts, STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(needs_are_the_targets_its_siblings_others_or_nobodys),
        cmocka_unit_test(a_statement_is_known_by_its_first_line),
        cmocka_unit_test(requests_stand_at_the_setting_or_the_function),
        cmocka_unit_test(names_of_files_are_found_at_the_end_of_strings),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
