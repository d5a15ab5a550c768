#include "unit.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "agent/peek.h"

static struct peek peek;
static char *pages; /* one that is there, one that is not */

static int begin(void **state)
{
    (void)state;
    int error = 0;
    pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(pages, 'x', 4096);
    munmap(pages + 4096, 4096);
    return peek_open(&peek, true, &error) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    munmap(pages, 4096);
    peek_close(&peek);
    return 0;
}

static uint64_t at(size_t offset)
{
    return (uint64_t)(uintptr_t)pages + offset;
}

static void many_ranges_come_in_one_call(void **state)
{
    (void)state;
    uint64_t before = peek.readings;
    for (uint32_t i = 0; i < 300; i++) {
        pages[i] = (char)i;
        assert_int_equal(peek_want(&peek, at(i), 1 + i % 9), i);
    }
    peek_fetch(&peek);
    assert_int_equal(peek.readings - before, 1);
    for (uint32_t i = 0; i < 300; i++)
        assert_memory_equal(peek_at(&peek, i), pages + i, 1 + i % 9);
    peek_reset(&peek);
}

static void a_bad_range_spoils_only_itself(void **state)
{
    (void)state;
    memcpy(pages, "first", 5);
    memcpy(pages + 64, "last", 4);
    peek_want(&peek, at(4096 + 8), 8);
    peek_want(&peek, at(0), 5);
    peek_want(&peek, at(4092), 8);
    assert_int_equal(peek_want(&peek, UINT64_MAX - 7, 8), PEEK_RANGES);
    peek_want(&peek, at(64), 4);
    peek_fetch(&peek);
    assert_null(peek_at(&peek, 0));
    assert_memory_equal(peek_at(&peek, 1), "first", 5);
    assert_null(peek_at(&peek, 2));
    assert_memory_equal(peek_at(&peek, 3), "last", 4);
    peek_reset(&peek);
}

static void what_is_fetched_later_leaves_the_rest_as_it_was(void **state)
{
    (void)state;
    pages[200] = 'a';
    uint32_t first = peek_want(&peek, at(200), 8);
    peek_fetch(&peek);
    pages[200] = pages[300] = 'b';
    uint32_t second = peek_want(&peek, at(300), 8);
    uint64_t before = peek.readings;
    peek_fetch_more(&peek);
    assert_int_equal(peek.readings - before, 1);
    assert_int_equal(*(const char *)peek_at(&peek, first), 'a');
    assert_int_equal(*(const char *)peek_at(&peek, second), 'b');
    peek_reset(&peek);
}

static void what_was_fetched_is_as_it_was_then(void **state)
{
    (void)state;
    char byte;
    pages[100] = 'a';
    uint32_t range = peek_want(&peek, at(96), 16);
    peek_fetch(&peek);
    pages[100] = 'b';
    peek_scope(&peek, range, range + 1);
    assert_int_equal(memory_read(&peek.memory, at(100), &byte, 1), 0);
    assert_int_equal(byte, 'a');
    peek_again(&peek, range, range + 1);
    assert_int_equal(memory_read(&peek.memory, at(100), &byte, 1), 0);
    assert_int_equal(byte, 'b');
    pages[100] = 'c';
    peek_reset(&peek);
    assert_int_equal(memory_read(&peek.memory, at(100), &byte, 1), 0);
    assert_int_equal(byte, 'c');
    peek_reset(&peek);
}

static void callers_on_the_same_page_come_along(void **state)
{
    (void)state;
    char bytes[8];
    assert_int_equal(memory_read(&peek.memory, at(2000), bytes, 8), 0);
    uint64_t before = peek.readings;
    assert_int_equal(memory_read(&peek.memory, at(1000), bytes, 8), 0);
    assert_int_equal(peek.readings, before);
    assert_int_equal(memory_read(&peek.memory, at(4095), bytes, 8), -1);
    assert_int_equal(memory_read(&peek.memory, 0, bytes, 8), -1);
    assert_int_equal(memory_read(&peek.memory, UINT64_MAX, bytes, 8), -1);
    peek_reset(&peek);
}

static void the_room_never_runs_out_for_single_readings(void **state)
{
    (void)state;
    char bytes[8];
    for (int i = 0; i < 3 * PEEK_RANGES; i++) {
        assert_int_equal(memory_read(&peek.memory, at((size_t)(i % 2 ? 8 : 4000)), bytes, 8), 0);
        if (i % 64 == 0)
            peek_scope(&peek, 0, 0);
    }
    for (uint32_t i = 0; i < PEEK_RANGES + 10; i++)
        peek_want(&peek, at(0), 4096);
    peek_fetch(&peek);
    assert_non_null(peek_at(&peek, 0));
    peek_reset(&peek);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_ranges_come_in_one_call),
        cmocka_unit_test(a_bad_range_spoils_only_itself),
        cmocka_unit_test(what_is_fetched_later_leaves_the_rest_as_it_was),
        cmocka_unit_test(what_was_fetched_is_as_it_was_then),
        cmocka_unit_test(callers_on_the_same_page_come_along),
        cmocka_unit_test(the_room_never_runs_out_for_single_readings),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
