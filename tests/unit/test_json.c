#include "unit.h"

#include <math.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/jsonw.h"

static void writes_nested_values_with_their_commas(void **state)
{
    (void)state;
    struct buf out = {0};
    struct jsonw json;
    jsonw_init(&json, &out, false);
    jsonw_object(&json);
    jsonw_key_u64(&json, "a", 1);
    jsonw_key_array(&json, "b");
    jsonw_f64(&json, 0.1);
    jsonw_f64(&json, NAN);
    jsonw_object(&json);
    jsonw_end(&json);
    jsonw_end(&json);
    jsonw_key_bool(&json, "c", true);
    jsonw_end(&json);
    assert_string_equal(buf_cstr(&out), "{\"a\":1,\"b\":[0.1,null,{}],\"c\":true}");
    buf_release(&out);
}

static void strings_are_escaped_and_always_utf8(void **state)
{
    (void)state;
    struct buf out = {0};
    jsonw_add_quoted(&out, STR("a\"\\\n\x01\xc3\xa9\xff\xed\xa0\x80"));
    assert_string_equal(buf_cstr(&out),
                        "\"a\\\"\\\\\\n\\u0001\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
    buf_release(&out);
}

static void doubles_read_back_the_same(void **state)
{
    (void)state;
    const double values[] = {0.1, 1.0 / 3, 1e300, 5e-324, 123456789.123456789, 0.000222};
    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        struct buf out = {0};
        struct jsonw json;
        jsonw_init(&json, &out, false);
        jsonw_f64(&json, values[i]);
        assert_true(strtod(buf_cstr(&out), NULL) == values[i]);
        buf_release(&out);
    }
}

static void reading_says_where_it_is_wrong(void **state)
{
    (void)state;
    struct err err = {0};
    json_t *value;
    assert_int_equal(json_parse(STR("[1,"), "--input", &value, &err), -ERR_INPUT);
    assert_true(str_starts_with(buf_str(&err.message), STR("--input is not JSON: ")));
    assert_int_equal(json_parse(STR("{\"a\":\"x\",\"n\":2.5}"), "x", &value, &err), 0);
    assert_str(json_get_str(value, "a", STR("")), "x");
    assert_str(json_get_str(value, "b", STR("none")), "none");
    assert_true(json_get_f64(value, "n", 0) == 2.5);
    json_decref(value);
    err_release(&err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_nested_values_with_their_commas),
        cmocka_unit_test(strings_are_escaped_and_always_utf8),
        cmocka_unit_test(doubles_read_back_the_same),
        cmocka_unit_test(reading_says_where_it_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
