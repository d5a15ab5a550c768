#include "measured_fixture.h"

#include <math.h>

#include "diagnose/rule.h"

static void an_import_that_only_others_use_is_found(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    int32_t pandas = fixture_import(&fixture, "pandas", RUN_NONE, 4, 0.2, 0);
    fixture_import(&fixture, "pandas.core", pandas, 0, 0.4, 0);
    fixture_fact(&fixture, "pandas", 4, NEED_OTHERS, "report()");
    const struct finding *finding = fixture_find(&fixture, "heavy-import-unused");
    assert_non_null(finding);
    assert_str(finding->message, "pandas is imported in every container; only report() uses it");
    assert_str(finding->location.file, "app.py");
    assert_int_equal(finding->location.line, 4);
    assert_str(finding->subject, "pandas");
    fixture_release(&fixture);
}

static void an_import_that_the_target_uses_is_left_alone(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    fixture_import(&fixture, "numpy", RUN_NONE, 4, 0.6, 0);
    fixture_fact(&fixture, "numpy", 4, NEED_TARGET, "f()");
    assert_null(fixture_find(&fixture, "heavy-import-unused"));
    assert_int_equal(fixture.findings.len, 0);
    fixture_release(&fixture);
}

static void code_that_ran_speaks_against_the_text(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    int32_t pandas = fixture_import(&fixture, "pandas", RUN_NONE, 4, 0.2, 0);
    fixture_import(&fixture, "pandas.core", pandas, 0, 0.4, 1);
    fixture_fact(&fixture, "pandas", 4, NEED_NOBODY, "");
    assert_null(fixture_find(&fixture, "heavy-import-unused"));
    fixture_release(&fixture);
}

static void what_another_statement_names_stays(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    int32_t pandas = fixture_import(&fixture, "pandas", RUN_NONE, 4, 0.02, 0);
    int32_t numpy = fixture_import(&fixture, "numpy", pandas, 0, 0.3, 0);
    fixture_import(&fixture, "numpy.linalg", numpy, 0, 0.3, 0);
    fixture_fact(&fixture, "pandas", 4, NEED_OTHERS, "report()");
    fixture_fact(&fixture, "numpy", 5, NEED_TARGET, "f()");
    assert_null(fixture_find(&fixture, "heavy-import-unused"));
    fixture.facts.imports.len = 1; /* without the line that imports numpy itself */
    const struct finding *finding = fixture_find(&fixture, "heavy-import-unused");
    assert_non_null(finding);
    const struct change *changes[] = {finding->change};
    struct import_cost cost = imports_cost(fixture.summary.start, &fixture.facts, &(struct changes){changes, 1, 1});
    assert_true(fabs(cost.wall_s - 0.62) < 1e-9);
    assert_int_equal(cost.modules, 3);
    assert_int_equal(cost.rss_bytes, 3000);
    fixture_release(&fixture);
}

static void light_imports_are_left_alone(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    fixture_import(&fixture, "small", RUN_NONE, 4, 0.029, 0);
    fixture_import(&fixture, "share", RUN_NONE, 5, 0.041, 0);
    fixture_fact(&fixture, "small", 4, NEED_NOBODY, "");
    fixture_fact(&fixture, "share", 5, NEED_NOBODY, "");
    assert_null(fixture_find(&fixture, "heavy-import-unused"));
    fixture_release(&fixture);
}

static void what_other_methods_of_the_class_use_has_a_rule_of_its_own(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    fixture_import(&fixture, "pandas", RUN_NONE, 4, 0.6, 0);
    fixture_fact(&fixture, "pandas", 4, NEED_SIBLING, "C.report()");
    assert_null(fixture_find(&fixture, "heavy-import-unused"));
    assert_non_null(fixture_find(&fixture, "heavy-import-some"));
    assert_int_equal(fixture.findings.len, 1);
    fixture_release(&fixture);
}

static void without_the_text_only_python_that_did_not_run_is_unused(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    fixture_import(&fixture, "pure", RUN_NONE, 4, 0.6, 0);
    fixture_import(&fixture, "native", RUN_NONE, 5, 0.6, 0);
    fixture_import(&fixture, "unknown", RUN_NONE, 6, 0.6, -1);
    for (size_t i = 0; i < 3; i++)
        fixture.run.starts.items[i].imports.items[1].path = STR("/lib/site-packages/native.so");
    const struct finding *finding = fixture_find(&fixture, "heavy-import-unused");
    assert_non_null(finding);
    assert_str(finding->subject, "pure");
    assert_int_equal(fixture.findings.len, 1);
    fixture_release(&fixture);
}

static void the_platform_and_the_imports_of_calls_are_left_alone(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    fixture_import(&fixture, "modal", RUN_NONE, 4, 0.6, 0);
    fixture_import(&fixture, "lazy", RUN_NONE, 5, 0.6, 0);
    for (size_t i = 0; i < 3; i++) {
        fixture.run.starts.items[i].imports.items[0].origin = RUN_PLATFORM;
        fixture.run.starts.items[i].imports.items[1].phase = RUN_FIRST_CALL;
    }
    assert_null(fixture_find(&fixture, "heavy-import-unused"));
    fixture_release(&fixture);
}

static void rules_are_named_as_their_pages(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct rules rules;
    struct err err = {0};
    assert_int_equal(rules_load(&arena, &rules, &err), 0);
    for (const struct measured_rule *row = measured_rules; row->code; row++) {
        const struct rule *rule = rules_find(&rules, str_of(row->code));
        assert_non_null(rule);
        assert_str(rule->name, row->name);
        assert_int_equal(rule->severity, row->severity);
        assert_true(rule->measured.len > 0);
    }
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_import_that_only_others_use_is_found),
        cmocka_unit_test(an_import_that_the_target_uses_is_left_alone),
        cmocka_unit_test(code_that_ran_speaks_against_the_text),
        cmocka_unit_test(what_another_statement_names_stays),
        cmocka_unit_test(light_imports_are_left_alone),
        cmocka_unit_test(what_other_methods_of_the_class_use_has_a_rule_of_its_own),
        cmocka_unit_test(without_the_text_only_python_that_did_not_run_is_unused),
        cmocka_unit_test(the_platform_and_the_imports_of_calls_are_left_alone),
        cmocka_unit_test(rules_are_named_as_their_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
