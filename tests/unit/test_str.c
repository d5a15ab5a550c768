#include "unit.h"

static void cut_walks_all_pieces_and_the_empty_last_one(void **state)
{
    (void)state;
    struct str rest = STR("a,b,"), piece;
    assert_true(str_cut(&rest, ',', &piece));
    assert_str(piece, "a");
    assert_true(str_cut(&rest, ',', &piece));
    assert_str(piece, "b");
    assert_true(str_cut(&rest, ',', &piece));
    assert_str(piece, "");
    assert_false(str_cut(&rest, ',', &piece));
}

static void numbers_must_use_every_byte(void **state)
{
    (void)state;
    uint64_t u = 7;
    double d = 7;
    assert_true(str_to_u64(STR("18446744073709551615"), &u) && u == UINT64_MAX);
    assert_false(str_to_u64(STR("18446744073709551616"), &u));
    assert_false(str_to_u64(STR("-1"), &u));
    assert_false(str_to_u64(STR(" 1"), &u));
    assert_false(str_to_u64(STR("1x"), &u));
    assert_false(str_to_u64(STR(""), &u));
    assert_false(str_to_f64(STR("nan"), &d));
    assert_false(str_to_f64(STR("1\0002"), &d));
    assert_true(str_to_f64(STR("-2.5e3"), &d) && d == -2500);
}

static void distance_counts_edits_and_swaps(void **state)
{
    (void)state;
    assert_int_equal(str_distance(STR("embed"), STR("embed")), 0);
    assert_int_equal(str_distance(STR("embbed"), STR("embed")), 1);
    assert_int_equal(str_distance(STR("ebmed"), STR("embed")), 1);
    assert_int_equal(str_distance(STR(""), STR("abc")), 3);
    assert_int_equal(str_distance(STR("kitten"), STR("sitting")), 3);
}

static void paths_split_at_the_last_slash(void **state)
{
    (void)state;
    assert_str(path_base(STR("/a/b.py")), "b.py");
    assert_str(path_dir(STR("/a/b.py")), "/a");
    assert_str(path_dir(STR("/b.py")), "/");
    assert_str(path_dir(STR("b.py")), ".");
    assert_str(path_below(STR("/a/b/c.py"), STR("/a")), "b/c.py");
    assert_str(path_below(STR("/ab/c.py"), STR("/a")), "/ab/c.py");
    assert_str(path_below(STR("/a/"), STR("/a")), "/a/");
    assert_str(path_below(STR("/c.py"), STR("/")), "/c.py");
}

static void slices_and_searches_stay_inside(void **state)
{
    (void)state;
    assert_str(str_slice(STR("abc"), 1, 99), "bc");
    assert_str(str_slice(STR("abc"), 9, 99), "");
    assert_int_equal(str_find(STR("abcabc"), STR("ca")), 2);
    assert_int_equal(str_find(STR("ab"), STR("abc")), -1);
    assert_true(str_ends_with(STR("app.py"), STR(".py")));
    assert_false(str_ends_with(STR("py"), STR(".py")));
    assert_str(str_trim(STR(" \t a b\n")), "a b");
    assert_int_equal(str_columns(STR("\xe2\x96\x88x")), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_walks_all_pieces_and_the_empty_last_one),
        cmocka_unit_test(numbers_must_use_every_byte),
        cmocka_unit_test(distance_counts_edits_and_swaps),
        cmocka_unit_test(paths_split_at_the_last_slash),
        cmocka_unit_test(slices_and_searches_stay_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
