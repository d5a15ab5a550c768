#include "unit.h"

#include "base/units.h"

#define assert_prints(call, expected)                                                                                  \
    do {                                                                                                               \
        struct buf out = {0};                                                                                          \
        call;                                                                                                          \
        assert_string_equal(buf_cstr(&out), expected);                                                                 \
        buf_release(&out);                                                                                             \
    } while (0)

static void durations_print_two_or_three_figures(void **state)
{
    (void)state;
    assert_prints(units_add_duration(&out, 0.412), "412 ms");
    assert_prints(units_add_duration(&out, 1.94), "1.94 s");
    assert_prints(units_add_duration(&out, 12.44), "12.4 s");
    assert_prints(units_add_duration(&out, 0.0042), "4.20 ms");
    assert_prints(units_add_duration(&out, 0.0421), "42 ms");
    assert_prints(units_add_duration(&out, 0.00021), "210 us");
    assert_prints(units_add_duration(&out, 0), "0 ms");
    assert_prints(units_add_duration(&out, 0.9999), "1.00 s");
    assert_prints(units_add_duration(&out, 200), "3 min 20 s");
    assert_prints(units_add_duration(&out, -0.61), "-610 ms");
}

static void sizes_money_and_shares(void **state)
{
    (void)state;
    assert_prints(units_add_size(&out, 212.0 * 1048576), "212 MiB");
    assert_prints(units_add_size(&out, 1.31 * 1073741824), "1.31 GiB");
    assert_prints(units_add_size(&out, 512), "512 B");
    assert_prints(units_add_rate(&out, 377.0 * 1048576), "377 MiB/s");
    assert_prints(units_add_usd(&out, 0.000412), "$0.000412");
    assert_prints(units_add_usd(&out, 0.0000213), "$0.0000213");
    assert_prints(units_add_usd(&out, 1332.4), "$1,332");
    assert_prints(units_add_usd(&out, 1.24), "$1.24");
    assert_prints(units_add_usd(&out, 0), "$0.00");
    assert_prints(units_add_usd(&out, 1e-7), "$0.000000100");
    assert_prints(units_add_usd(&out, 3.816e-10), "$3.82e-10");
    assert_prints(units_add_share(&out, 0.41), "41 %");
    assert_prints(units_add_share(&out, 0.996), "99.6 %");
    assert_prints(units_add_share(&out, 0.99999), "99.9 %");
    assert_prints(units_add_share(&out, 1), "100 %");
    assert_prints(units_add_count(&out, 1022004), "1,022,004");
    assert_prints(units_add_frequency(&out, 8.5), "8.5/s");
    assert_prints(units_add_frequency(&out, 20000 / 86400.0), "0.231/s");
    assert_prints(units_add_frequency(&out, 11574.07), "11,574/s");
    assert_prints(units_add_frequency(&out, 0.05), "3/min");
    assert_prints(units_add_frequency(&out, 0.01), "36/h");
    assert_prints(units_add_frequency(&out, 1e-4), "8.64/day");
    assert_prints(units_add_frequency(&out, 0), "0/day");
}

static void what_people_write_is_read(void **state)
{
    (void)state;
    double value = 0;
    assert_true(units_parse_duration(STR("500ms"), &value) && value == 0.5);
    assert_true(units_parse_duration(STR("2m"), &value) && value == 120);
    assert_true(units_parse_duration(STR("1.5 s"), &value) && value == 1.5);
    assert_true(units_parse_duration(STR("3"), &value) && value == 3);
    assert_false(units_parse_duration(STR("3 parsecs"), &value));
    assert_false(units_parse_duration(STR(""), &value));
    assert_true(units_parse_size(STR("1.5GiB"), &value) && value == 1.5 * 1073741824);
    assert_true(units_parse_size(STR("200 MB"), &value) && value == 200e6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_print_two_or_three_figures),
        cmocka_unit_test(sizes_money_and_shares),
        cmocka_unit_test(what_people_write_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
