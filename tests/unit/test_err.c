#include "unit.h"

#include "base/err.h"

static void wrap_prefixes_context(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(err_set(&err, ERR_INPUT, "cannot open '%s'", "a"), -ERR_INPUT);
    assert_int_equal(err_wrap(&err, "rule %s", "x"), -ERR_INPUT);
    assert_string_equal(buf_cstr(&err.message), "rule x: cannot open 'a'");
    assert_int_equal(err_hint(&err, "try b"), -ERR_INPUT);
    err_hint(&err, "or c");
    assert_string_equal(buf_cstr(&err.hint), "try b\nor c");
    err_set(&err, ERR_USAGE, "new");
    assert_string_equal(buf_cstr(&err.hint), "");
    err_release(&err);
}

static void nobody_needs_to_want_the_text(void **state)
{
    (void)state;
    assert_int_equal(err_set(NULL, ERR_SYSTEM, "x"), -ERR_SYSTEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(wrap_prefixes_context),
                                       cmocka_unit_test(nobody_needs_to_want_the_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
