/* What a file imports, who needs it, and the settings of what it registers. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "source/source.h"

struct fixture {
    struct arena arena;
    struct source source;
};

/* Reads text as app.py. */
static void read_text(struct fixture *fixture, const char *text)
{
    struct project_file file = {STR("app.py"), STR("/nonexistent/app.py"), str_of(text)};
    *fixture = (struct fixture){0};
    source_read(&fixture->arena, &file, 1, &fixture->source);
}

static void release(struct fixture *fixture)
{
    source_release(&fixture->source);
    arena_release(&fixture->arena);
}

static const struct app_function *function_named(const struct fixture *fixture, const char *name)
{
    for (size_t i = 0; i < fixture->source.app.functions.len; i++)
        if (str_equals(fixture->source.app.functions.items[i].name, str_of(name)))
            return &fixture->source.app.functions.items[i];
    return NULL;
}

static const char app_text[] = "import modal\n"
                               "import pandas as pd\n"
                               "from sklearn.linear_model import LogisticRegression as LR\n"
                               "import torch\n"
                               "app = modal.App('x')\n"
                               "MINUTES = 60\n"
                               "GPU = 'a100'\n"
                               "config = dict(gpu=f'{GPU}:{1 + 1}', timeout=5 * MINUTES)\n"
                               "def table(rows):\n"
                               "    return pd.DataFrame(rows)\n"
                               "@app.function(memory=(1024, 2048), min_containers=1)\n"
                               "def report(rows):\n"
                               "    return table(rows).describe()\n"
                               "@app.cls(**config)\n"
                               "@modal.concurrent(max_inputs=4)\n"
                               "class Model:\n"
                               "    @modal.enter()\n"
                               "    def load(self):\n"
                               "        self.model = LR()\n"
                               "    @modal.method()\n"
                               "    def predict(self, x):\n"
                               "        return self.model.predict(x)\n"
                               "@app.local_entrypoint()\n"
                               "def main():\n"
                               "    print(torch.__version__)\n";

static void imports_name_who_needs_them_through_helpers(void **state)
{
    char dir[] = "/tmp/coldspot-test-XXXXXX";
    assert_non_null(mkdtemp(dir));
    char path[64];
    snprintf(path, sizeof(path), "%s/app.py", dir);
    struct arena arena = {0};
    struct err err = {0};
    struct source_app app;
    assert_int_equal(file_write(path, str_of(app_text), &err), 0);
    assert_int_equal(source_app_read(&arena, path, &app, &err), 0);
    assert_int_equal(app.n_imports, 4);
    const struct source_import *pandas = &app.imports[1], *sklearn = &app.imports[2], *torch = &app.imports[3];
    assert_true(str_equals(pandas->module, STR("pandas")) && str_equals(pandas->name, STR("pd")));
    assert_int_equal(pandas->line, 2);
    assert_int_equal(pandas->n_needed_by, 1);
    assert_true(source_import_needed_by(pandas, STR("report")));
    assert_false(source_import_needed_by(pandas, STR("Model.predict")));
    assert_true(source_import_needed_by(sklearn, STR("Model.predict")));
    assert_true(source_import_needed_by(sklearn, STR("Model.load")));
    assert_true(torch->used_locally && torch->n_needed_by == 0);
    source_app_release(&app);
    arena_release(&arena);
    err_release(&err);
    unlink(path);
    rmdir(dir);
}

static void settings_are_folded(void **state)
{
    struct fixture fixture;
    struct str gpu;
    int64_t count;
    read_text(&fixture, app_text);
    const struct app_function *model = function_named(&fixture, "Model"), *report = function_named(&fixture, "report");
    assert_non_null(model);
    assert_non_null(report);
    assert_true(app_has_gpu(&fixture.arena, &fixture.source.project, model, &gpu, &count));
    assert_true(str_equals(gpu, STR("A100")));
    assert_int_equal(count, 2);
    assert_true(app_number(model, SETTING_TIMEOUT, 0) == 300);
    assert_true(app_number(model, SETTING_MAX_INPUTS, 0) == 4);
    assert_true(app_number(report, SETTING_MEMORY, 0) == 1024);
    assert_true(app_number(report, SETTING_MIN_CONTAINERS, 0) == 1);
    assert_null(app_setting(report, SETTING_GPU));
    release(&fixture);
}

static void what_depends_on_the_environment_is_unknown(void **state)
{
    struct fixture fixture;
    read_text(&fixture, "import os, modal\napp = modal.App()\n@app.function(gpu=os.environ.get('GPU', 'T4'), "
                        "cpu=read())\ndef f(): pass\n");
    const struct app_function *f = function_named(&fixture, "f");
    assert_int_equal(f->settings[SETTING_GPU].value->kind, VALUE_UNKNOWN);
    assert_true(str_equals(app_setting(f, SETTING_GPU)->text, STR("T4")));
    release(&fixture);
}

static uint32_t when_of(const struct fixture *fixture, const char *qualname)
{
    const struct module *module = fixture->source.project.modules.items[0];
    for (def_id i = 0; i < module->defs.len; i++)
        if (str_equals(module->defs.items[i].qualname, str_of(qualname)))
            return fixture->source.graph.units[i].when;
    return 0;
}

static void times_spread_along_calls(void **state)
{
    struct fixture fixture;
    read_text(&fixture, "import modal\napp = modal.App()\n"
                        "def deep(): pass\n"
                        "def helper(x):\n    deep()\n"
                        "def once(): pass\n"
                        "@app.cls()\nclass C:\n"
                        "    @modal.enter(snap=True)\n    def load(self):\n        deep()\n"
                        "    @modal.method()\n    def run(self, xs):\n"
                        "        for x in xs:\n            helper(x)\n"
                        "        if self.m is None:\n            self.m = once()\n"
                        "@app.local_entrypoint()\ndef main():\n    C().run.remote([])\n");
    assert_int_equal(when_of(&fixture, "C.load"), WHEN_ENTER_SNAP);
    assert_int_equal(when_of(&fixture, "C.run"), WHEN_CALL);
    assert_int_equal(when_of(&fixture, "helper"), WHEN_CALL | WHEN_ITEM);
    assert_int_equal(when_of(&fixture, "deep"), WHEN_CALL | WHEN_ITEM | WHEN_ENTER_SNAP);
    assert_int_equal(when_of(&fixture, "once"), WHEN_ONCE);
    assert_int_equal(when_of(&fixture, "main"), WHEN_LOCAL);
    release(&fixture);
}

static void text_that_is_no_python_is_refused_or_read_in_part(void **state)
{
    struct fixture fixture;
    read_text(&fixture, "import modal\napp = modal.App()\n@app.function(gpu='T4')\ndef f():\n    x = = "
                        "3\n@app.function()\ndef g(): pass\n");
    assert_true(fixture.source.project.modules.items[0]->tree.error_row > 0);
    assert_non_null(function_named(&fixture, "g"));
    release(&fixture);
    read_text(&fixture, "import modal\n\xff\xfe\n");
    assert_true(fixture.source.project.modules.items[0]->failed);
    release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(imports_name_who_needs_them_through_helpers),       cmocka_unit_test(settings_are_folded),
        cmocka_unit_test(what_depends_on_the_environment_is_unknown),        cmocka_unit_test(times_spread_along_calls),
        cmocka_unit_test(text_that_is_no_python_is_refused_or_read_in_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
