#include "unit.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"

static void buf_grows_and_keeps_its_nul(void **state)
{
    (void)state;
    struct buf buf = {0};
    assert_string_equal(buf_cstr(&buf), "");
    for (int i = 0; i < 1000; i++)
        buf_addf(&buf, "%d,", i);
    assert_int_equal(buf.len, 3890);
    assert_int_equal(buf.ptr[buf.len], 0);
    assert_true(str_ends_with(buf_str(&buf), STR("998,999,")));
    buf_reset(&buf);
    assert_string_equal(buf_cstr(&buf), "");
    buf_release(&buf);
}

static void arena_gives_zeroed_aligned_memory(void **state)
{
    (void)state;
    struct arena arena = {0};
    for (size_t size = 1; size < 100000; size = size * 3 + 1) {
        char *memory = arena_alloc(&arena, size);
        assert_int_equal((uintptr_t)memory % 16, 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(memory[i], 0);
        memory[size - 1] = 1;
    }
    arena_reset(&arena);
    assert_int_equal(*(char *)arena_alloc(&arena, 1), 0);
    arena_release(&arena);
    arena_release(NULL);
}

static void arrays_keep_their_items_when_they_grow(void **state)
{
    (void)state;
    struct arena arena = {0};
    array_of(int) numbers = {0};
    for (int i = 0; i < 1000; i++)
        *array_push(&arena, &numbers) = i;
    assert_int_equal(numbers.len, 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(numbers.items[i], i);
    arena_release(&arena);
}

static void arena_adopts_and_clears_anew(void **state)
{
    struct arena one = {0}, two = {0}, none = {0};
    char *kept = arena_alloc(&two, 100), *large;
    memcpy(kept, "kept", 5);
    arena_adopt(&one, &two);
    assert_null(two.chunk);
    arena_adopt(&one, &none);
    arena_adopt(&two, &one);
    large = arena_alloc(&two, 1 << 20);
    assert_string_equal(kept, "kept");
    memset(large, 'x', 1 << 20);
    arena_reset(&two);
    large = arena_alloc(&two, 1 << 20);
    for (size_t i = 0; i < 1 << 20; i++)
        assert_int_equal(large[i], 0);
    arena_release(&two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_adopts_and_clears_anew),
        cmocka_unit_test(buf_grows_and_keeps_its_nul),
        cmocka_unit_test(arena_gives_zeroed_aligned_memory),
        cmocka_unit_test(arrays_keep_their_items_when_they_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
