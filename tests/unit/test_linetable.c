#include "unit.h"

#include "cpython/linetable.h"

static void pairs_of_3_9_change_the_line_after_their_bytes(void **state)
{
    (void)state;
    static const uint8_t table[] = {6, 1, 8, 2, 4, 0xff};
    assert_int_equal(linetable_line(9, table, sizeof(table), 10, 0), 10);
    assert_int_equal(linetable_line(9, table, sizeof(table), 10, 5), 10);
    assert_int_equal(linetable_line(9, table, sizeof(table), 10, 6), 11);
    assert_int_equal(linetable_line(9, table, sizeof(table), 10, 14), 13);
    assert_int_equal(linetable_line(9, table, sizeof(table), 10, 400), 12);
}

static void pairs_of_3_10_change_it_before(void **state)
{
    (void)state;
    static const uint8_t table[] = {4, 1, 2, 0x80, 6, 3};
    assert_int_equal(linetable_line(10, table, sizeof(table), 10, 0), 11);
    assert_int_equal(linetable_line(10, table, sizeof(table), 10, 4), 0);
    assert_int_equal(linetable_line(10, table, sizeof(table), 10, 6), 14);
    assert_int_equal(linetable_line(10, table, sizeof(table), 10, 12), 0);
}

static void locations_of_3_11_have_five_kinds(void **state)
{
    (void)state;
    static const uint8_t table[] = {
        0x80 | 3 << 3 | 1,  0x12,                 /* short form: same line, two units */
        0x80 | 12 << 3 | 0, 1,        2,          /* two lines on, one unit */
        0x80 | 13 << 3 | 0, 0x05,                 /* no columns: -2 lines */
        0x80 | 14 << 3 | 0, 0x40 | 8, 4, 1, 1, 1, /* long: 264 >> 1 = 132 lines on */
        0x80 | 15 << 3 | 0,                       /* none */
    };
    static const uint32_t lines[] = {7, 7, 9, 7, 139, 0, 0};
    for (uint32_t unit = 0; unit < 7; unit++)
        assert_int_equal(linetable_line(12, table, sizeof(table), 7, unit * 2), lines[unit]);
}

static void an_empty_or_cut_table_has_no_line(void **state)
{
    (void)state;
    static const uint8_t cut[] = {0x80 | 14 << 3, 0xff, 0x7f};
    assert_int_equal(linetable_line(9, NULL, 0, 5, 0), 5);
    assert_int_equal(linetable_line(10, NULL, 0, 5, 0), 0);
    assert_int_equal(linetable_line(11, NULL, 0, 5, 0), 0);
    linetable_line(13, cut, sizeof(cut), 5, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_of_3_9_change_the_line_after_their_bytes),
        cmocka_unit_test(pairs_of_3_10_change_it_before),
        cmocka_unit_test(locations_of_3_11_have_five_kinds),
        cmocka_unit_test(an_empty_or_cut_table_has_no_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
