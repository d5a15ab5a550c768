#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/toml.h"

static struct arena arena;
static struct err err;

/* What a text means, as sorted JSON. */
static const struct {
    const char *text, *json;
} valid[] = {
    {"", "{}"},
    {"# nothing\r\n\n\t# here", "{}"},
    {"a = 1\nb=2 # two", "{\"a\":1,\"b\":2}"},
    {"a.b.c = 1\na.b.d = 2", "{\"a\":{\"b\":{\"c\":1,\"d\":2}}}"},
    {"\"a b\" . 'c.d' = true", "{\"a b\":{\"c.d\":true}}"},
    {"'' = 1\n1 = 2\n- = 3", "{\"\":1,\"-\":3,\"1\":2}"},
    {"\"\\u00e9\" = 'raw \\n'", "{\"\xc3\xa9\":\"raw \\\\n\"}"},
    {"a = \"t\\tn\\nq\\\"b\\\\ \\u00e9 \\U0001F600\"", "{\"a\":\"t\\tn\\nq\\\"b\\\\ \xc3\xa9 \xf0\x9f\x98\x80\"}"},
    {"a = \"\\u0000\"", "{\"a\":\"\\u0000\"}"},
    {"a = \"\"\"\nfirst\r\nsecond\"\"\"", "{\"a\":\"first\\nsecond\"}"},
    {"a = \"\"\"one \\\n\n   two \\  \n\t three\"\"\"", "{\"a\":\"one two three\"}"},
    {"a = \"\"\"he said \"\"no\"\"\"\"\"", "{\"a\":\"he said \\\"\\\"no\\\"\\\"\"}"},
    {"a = '''\n'one' \\ ''two'''", "{\"a\":\"'one' \\\\ ''two\"}"},
    {"a = \"\"\"\"\"\"\nb = ''", "{\"a\":\"\",\"b\":\"\"}"},
    {"a = [+1, -0, 1_000, 0xFf_0, 0o17, 0b1_01]", "{\"a\":[1,0,1000,4080,15,5]}"},
    {"a = [9223372036854775807, -9223372036854775808]", "{\"a\":[9223372036854775807,-9223372036854775808]}"},
    {"a = [1.5, -2e3, 6.02_2e+2_3, 0.0]", "{\"a\":[1.5,-2000.0,6.022e23,0.0]}"},
    {"a = [inf, -inf, +nan]", "{\"a\":[\"inf\",\"-inf\",\"nan\"]}"},
    {"a = 1979-05-27T07:32:00Z", "{\"a\":\"1979-05-27T07:32:00Z\"}"},
    {"a = 1979-05-27 07:32:00.25-07:00 # one", "{\"a\":\"1979-05-27 07:32:00.25-07:00\"}"},
    {"a = [1979-05-27, 2000-02-29, 07:32:00.999]", "{\"a\":[\"1979-05-27\",\"2000-02-29\",\"07:32:00.999\"]}"},
    {"a = [\n  1, # one\n  [ 'x', {} ],\n]", "{\"a\":[1,[\"x\",{}]]}"},
    {"a = { b = 1, c.d = [2], c.e = 3 }", "{\"a\":{\"b\":1,\"c\":{\"d\":[2],\"e\":3}}}"},
    {"[a.b]\nc = 1\n[a]\nd = 2", "{\"a\":{\"b\":{\"c\":1},\"d\":2}}"},
    {"[ a . 'b' ] # here\n[a.b.c]", "{\"a\":{\"b\":{\"c\":{}}}}"},
    {"[a]\nb.c = 1\n[a.b.d]\ne = 2", "{\"a\":{\"b\":{\"c\":1,\"d\":{\"e\":2}}}}"},
    {"[a.b.c]\n[a]\nb.d = 1", "{\"a\":{\"b\":{\"c\":{},\"d\":1}}}"},
    {"[[a]]\nb = 1\n[a.c]\nd = 2\n[[a]]\n[[a.e]]\n[[a.e]]\nf = 3",
     "{\"a\":[{\"b\":1,\"c\":{\"d\":2}},{\"e\":[{},{\"f\":3}]}]}"},
    {"[tool.coldspot.budgets.\"app.py::fn\"]\ncold_p50 = \"< 8s\"",
     "{\"tool\":{\"coldspot\":{\"budgets\":{\"app.py::fn\":{\"cold_p50\":\"< 8s\"}}}}}"},
};

/* What is refused, and where. */
static const struct {
    const char *text, *message;
} invalid[] = {
    {"a", "x:1:2: a '=' should stand here"},
    {"= 1", "x:1:1: a key should stand here"},
    {"a. = 1", "x:1:4: a key should stand here"},
    {"a =", "x:1:4: a value should stand here"},
    {"a = 1 b = 2", "x:1:7: the line should end here"},
    {"\xc3\xa9 = 1", "x:1:1: a key should stand here"},
    {"'\xc3\xa9' = x", "x:1:7: 'x' is no value; a text needs quotation marks"},
    {"\"\"\"a\"\"\" = 1", "x:1:3: a '=' should stand here"},
    {"a = 1\n\nb = 2\na = 3", "x:4:1: 'a' is given twice, first in line 1"},
    {"a = 1\n[a]", "x:2:1: 'a' has a value already (in line 1), which nothing can be added to"},
    {"a = 1\na.b = 2", "x:2:1: 'a' has a value already (in line 1), which nothing can be added to"},
    {"a = {b = 1}\na.c = 2", "x:2:1: 'a' has a value already (in line 1), which nothing can be added to"},
    {"a = {b = {}, b.c = 2}", "x:1:14: 'b' has a value already (in line 1), which nothing can be added to"},
    {"a = []\n[[a]]", "x:2:1: 'a' has a value already (in line 1), which nothing can be added to"},
    {"[a]\n[a]", "x:2:1: 'a' is given twice, first in line 1"},
    {"[a]\n[[a]]", "x:2:1: 'a' is given twice, first in line 1"},
    {"[[a]]\n[a]", "x:2:1: 'a' is given twice, first in line 1"},
    {"[a]\nb.c = 1\n[a.b]", "x:3:1: 'b' is given twice, first in line 2"},
    {"[a.b]\n[a]\nb.c = 1", "x:3:1: 'b' is given twice, first in line 1"},
    {"[a.b.c]\n[a]\nb.c.d = 1", "x:3:1: 'c' is given twice, first in line 1"},
    {"[[a.b]]\n[a]\nb.c = 1", "x:3:1: 'b' is given twice, first in line 1"},
    {"[a", "x:1:3: a ']' should stand here"},
    {"[[a]", "x:1:4: a ']]' should stand here"},
    {"[a]]", "x:1:4: the line should end here"},
    {"[]", "x:1:2: a key should stand here"},
    {"a = 'x", "x:1:5: the string that begins here does not end in its line"},
    {"a = \"x\n\"", "x:1:5: the string that begins here does not end in its line"},
    {"a = \"\"\"x", "x:1:5: the string that begins here does not end"},
    {"a = \"\\x41\"", "x:1:6: there is no such escape; a backslash in a string is written \\\\"},
    {"a = \"\\u12\"", "x:1:6: \\u wants 4 hexadecimal digits"},
    {"a = \"\\uD800\"", "x:1:6: there is no character U+D800"},
    {"a = \"\\U00110000\"", "x:1:6: there is no character U+110000"},
    {"a = [1 2]", "x:1:8: a ',' or ']' should stand here"},
    {"a = [1,", "x:1:8: a value should stand here"},
    {"a = [1", "x:1:5: the array that begins here does not end"},
    {"a = {b = 1,}", "x:1:12: a key should stand here"},
    {"a = {b = 1\n}", "x:1:11: a ',' or '}' should stand here: a table in braces is one line"},
    {"a = {", "x:1:6: a key should stand here"},
    {"a = 01", "x:1:5: '01' is no value; a text needs quotation marks"},
    {"a = 1__0", "x:1:5: '1__0' is no value; a text needs quotation marks"},
    {"a = 1_", "x:1:5: '1_' is no value; a text needs quotation marks"},
    {"a = .5", "x:1:5: '.5' is no value; a text needs quotation marks"},
    {"a = 5.", "x:1:5: '5.' is no value; a text needs quotation marks"},
    {"a = +0x1", "x:1:5: '+0x1' is no value; a text needs quotation marks"},
    {"a = 0xg", "x:1:5: '0xg' is no value; a text needs quotation marks"},
    {"a = True", "x:1:5: 'True' is no value; a text needs quotation marks"},
    {"a = 1979-02-29", "x:1:5: '1979-02-29' is no value; a text needs quotation marks"},
    {"a = 25:00:00", "x:1:5: '25:00:00' is no value; a text needs quotation marks"},
    {"a = 07:32", "x:1:5: '07:32' is no value; a text needs quotation marks"},
    {"a = 9223372036854775808", "x:1:5: the integer does not fit into 64 bits"},
    {"a = 1e999", "x:1:5: the number is too large"},
    {"a = 'x\x01'", "x:1:7: the control character U+0001 may not stand in TOML"},
    {"a = 1\r", "x:1:6: the control character U+000D may not stand in TOML"},
    {"a = '\xff'", "x:1:6: these bytes are not UTF-8"},
    {"# \xed\xa0\x80", "x:1:3: these bytes are not UTF-8"},
};

static void every_valid_text_means_what_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(valid) / sizeof(valid[0]); i++) {
        struct toml toml;
        if (toml_parse(&arena, str_of(valid[i].text), "x", &toml, &err))
            fail_msg("%s: %s", valid[i].text, buf_cstr(&err.message));
        json_error_t why;
        json_t *expected = json_loads(valid[i].json, JSON_ALLOW_NUL, &why);
        assert_non_null(expected);
        char *shown = json_dumps(toml.root, JSON_COMPACT | JSON_SORT_KEYS);
        if (!json_equal(toml.root, expected))
            fail_msg("%s: %s", valid[i].text, shown);
        free(shown);
        json_decref(expected);
        toml_release(&toml);
    }
}

static void every_invalid_text_is_refused_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++) {
        struct toml toml;
        if (!toml_parse(&arena, str_of(invalid[i].text), "x", &toml, &err))
            fail_msg("accepted: %s", invalid[i].text);
        assert_string_equal(buf_cstr(&err.message), invalid[i].message);
    }
}

static void members_know_their_lines(void **state)
{
    (void)state;
    struct toml toml;
    struct str text = STR(
        "# head\n[tool.coldspot]\nquiet = true\nenv = [\n  'A=1',\n]\n[tool.coldspot.run]\ncold.x = 1\n");
    assert_int_equal(toml_parse(&arena, text, "x", &toml, &err), 0);
    json_t *tool = json_object_get(toml.root, "tool"), *section = json_object_get(tool, "coldspot");
    assert_int_equal(toml_line(&toml, toml.root, STR("tool")), 2);
    assert_int_equal(toml_line(&toml, section, STR("quiet")), 3);
    assert_int_equal(toml_line(&toml, section, STR("env")), 4);
    assert_int_equal(toml_line(&toml, section, STR("run")), 7);
    assert_int_equal(toml_line(&toml, json_object_get(section, "run"), STR("cold")), 8);
    assert_int_equal(toml_line(&toml, section, STR("colour")), 0);
    toml_release(&toml);
}

/* `times` times `piece`, between two texts. */
static int parse_repeated(const char *before, const char *piece, size_t times, const char *after)
{
    struct buf text = {0};
    struct toml toml;
    buf_add(&text, str_of(before));
    buf_add_repeated(&text, str_of(piece), times);
    buf_add(&text, str_of(after));
    int rc = toml_parse(&arena, buf_str(&text), "x", &toml, &err);
    if (!rc)
        toml_release(&toml);
    buf_release(&text);
    return rc;
}

static void nesting_is_bounded_in_every_form(void **state)
{
    (void)state;
    static const struct {
        const char *before, *piece;
    } forms[] = {{"a = ", "["}, {"a = ", "{a="}, {"a", ".a"}, {"[a", ".a"}, {"[[a", ".a"}};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        assert_int_equal(parse_repeated(forms[i].before, forms[i].piece, 1000000, " = 1"), -ERR_INPUT);
        assert_true(str_contains(buf_str(&err.message), STR("nested deeper than")));
    }
}

static void long_texts_take_no_longer_than_their_length(void **state)
{
    (void)state;
    assert_int_equal(parse_repeated("a = [", "1,", 300000, "]"), 0);
    assert_int_equal(parse_repeated("", "[[a]]\nb = {c = 1}\n", 100000, ""), 0);
    assert_int_equal(parse_repeated("a = '''", "''x\n", 300000, "'''"), 0);
    assert_int_equal(parse_repeated("a = 1", "0", 1000000, ""), -ERR_INPUT);
    assert_int_equal(parse_repeated("a = 1", "_0", 1000000, "e"), -ERR_INPUT);
    assert_int_equal(parse_repeated("a = \"", "\\u00e9", 300000, "\""), 0);
}

static int done(void **state)
{
    (void)state;
    arena_release(&arena);
    err_release(&err);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_valid_text_means_what_the_table_says),
        cmocka_unit_test(every_invalid_text_is_refused_with_its_place),
        cmocka_unit_test(members_know_their_lines),
        cmocka_unit_test(nesting_is_bounded_in_every_form),
        cmocka_unit_test(long_texts_take_no_longer_than_their_length),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
