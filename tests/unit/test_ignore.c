/* Lines of .gitignore: what each means.  tests/walk compares whole trees with git. */
#include "unit.h"

#include "base/buf.h"
#include "source/ignore.h"

static bool matches(const char *pattern, const char *path)
{
    struct ignore_pattern read;
    struct str text = str_of(path);
    bool is_dir = str_ends_with(text, STR("/"));
    return ignore_parse(str_of(pattern), &read) && ignore_matches(&read, str_slice(text, 0, text.len - is_dir), is_dir);
}

struct row {
    const char *pattern, *path;
    bool matches;
};

static void patterns_match_as_git_says(void **state)
{
    static const struct row rows[] = {
        {"a.py", "x/y/a.py", true},
        {"/a.py", "x/a.py", false},
        {"x/a.py", "y/x/a.py", false},
        {"build/", "build", false},
        {"build/", "x/build/", true},
        {"*.py", "x/a.py", true},
        {"x/*.py", "x/y/a.py", false},
        {"x/**", "x/y/a.py", true},
        {"x/**", "x/", false},
        {"x/**/a", "x/a", true},
        {"x/**/a", "x/1/2/a", true},
        {"**/x/a", "1/x/2/x/a", true},
        {"x**y/a", "x/y/a", false},
        {"x**y/a", "x1y/a", true},
        {"[a-c].py", "b.py", true},
        {"[!a-c].py", "b.py", false},
        {"[^a-c].py", "d.py", true},
        {"[]x].py", "].py", true},
        {"[a-].py", "-.py", true},
        {"[[:digit:]]", "7", true},
        {"[[:digit:]]", "a", false},
        {"[\\]]", "]", true},
        {"[a", "[a", false},
        {"[[:none:]a]", "a", false},
        {"\\*.py", "*.py", true},
        {"\\*.py", "a.py", false},
        {"a\\ ", "a ", true},
        {"a\\", "a\\", false},
        {"x[/]a", "x/a", false},
        {"?/a", "x/a", true},
        {"x?a", "x/a", false},
        {"**/a*b*/**/c", "1/ab/a1/ab2/3/c", true},
        {"", "a", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (matches(rows[i].pattern, rows[i].path) != rows[i].matches)
            fail_msg("'%s' and '%s'", rows[i].pattern, rows[i].path);
}

static void lines_lose_blanks_and_comments(void **state)
{
    struct arena arena = {0};
    struct ignore_patterns patterns = {0};
    (void)state;
    ignore_read(&arena,
                STR("\xef\xbb\xbf"
                    "a  \r\n# no\n\n  \nb\\  \n!c/\n\\#d"),
                &patterns);
    assert_int_equal(patterns.len, 4);
    assert_true(str_equals(patterns.items[0].text, STR("a")));
    assert_true(str_equals(patterns.items[1].text, STR("b\\ ")));
    assert_true(patterns.items[2].keeps && patterns.items[2].only_dirs);
    assert_true(str_equals(patterns.items[3].text, STR("\\#d")));
    arena_release(&arena);
}

/* As recursions over stars these would not end before the test's time-out does. */
static void many_stars_take_no_exponential_time(void **state)
{
    struct buf stars = {0}, deep = {0}, path = {0};
    struct ignore_pattern pattern;
    (void)state;
    buf_add_repeated(&stars, STR("*a"), 500);
    buf_add(&stars, STR("*b"));
    buf_add_repeated(&path, STR("a"), 2000);
    assert_true(ignore_parse(buf_str(&stars), &pattern));
    assert_false(ignore_matches(&pattern, buf_str(&path), false));
    buf_add_repeated(&deep, STR("**/*a*a/"), 60);
    buf_add(&deep, STR("b"));
    buf_reset(&path);
    buf_add_repeated(&path, STR("aaaa/"), 400);
    buf_add(&path, STR("a"));
    assert_true(ignore_parse(buf_str(&deep), &pattern));
    assert_false(ignore_matches(&pattern, buf_str(&path), false));
    buf_release(&stars);
    buf_release(&deep);
    buf_release(&path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_match_as_git_says),
        cmocka_unit_test(lines_lose_blanks_and_comments),
        cmocka_unit_test(many_stars_take_no_exponential_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
