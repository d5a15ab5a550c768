#include "unit.h"

#include "base/map.h"

static void finds_what_was_put_and_nothing_else(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct map map = {0};
    assert_null(map_get(&map, STR("x")));
    for (unsigned i = 0; i < 5000; i++)
        *map_put(&arena, &map, arena_printf(&arena, "key %u", i), NULL) = i;
    assert_int_equal(map.len, 5000);
    for (unsigned i = 0; i < 5000; i++)
        assert_int_equal(*map_get(&map, arena_printf(&arena, "key %u", i)), i);
    assert_null(map_get(&map, STR("key 5000")));
    size_t cursor = 0, seen = 0;
    struct str key;
    uint64_t value;
    while (map_next(&map, &cursor, &key, &value))
        seen++;
    assert_int_equal(seen, 5000);
    arena_release(&arena);
}

static void interning_numbers_by_first_sight(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct intern names = {0};
    assert_int_equal(intern_id(&arena, &names, STR("a")), 0);
    assert_int_equal(intern_id(&arena, &names, STR("")), 1);
    assert_int_equal(intern_id(&arena, &names, STR("a")), 0);
    assert_str(intern_name(&names, 0), "a");
    assert_str(intern_name(&names, 9), "");
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(finds_what_was_put_and_nothing_else),
                                       cmocka_unit_test(interning_numbers_by_first_sight)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
