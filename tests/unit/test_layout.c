#include "unit.h"

#include <string.h>

#include "cpython/layout.h"

/* _Py_DebugOffsets of a Python 3.13 and 3.14 as the headers make them; words by their place. */
static uint64_t words[96];
static size_t words_there;

static int read_words(void *ctx, uint64_t address, void *buffer, size_t length)
{
    (void)ctx;
    if (address < 4096 || address - 4096 + length > words_there * 8)
        return -1;
    memcpy(buffer, (char *)words + (address - 4096), length);
    return 0;
}

static const struct memory memory = {.read = read_words};

/* Every offset 8 in a struct of 400, but those of str and bytes, which have to make sense. */
static void fill(uint32_t hex)
{
    memcpy(words, "xdebugpy", 8);
    words[1] = hex;
    words[2] = 0;
    words_there = hex >> 16 == 0x030e ? 95 : 73;
    for (size_t i = 3; i < 96; i++)
        words[i] = 8;
    static const uint8_t sizes13[] = {3, 6, 19, 28, 34, 44, 46, 64, 67}, sizes14[] = {3, 6, 22, 31, 39, 50, 52, 74, 77};
    const uint8_t *sizes = words_there == 95 ? sizes14 : sizes13;
    for (size_t i = 0; i < sizeof(sizes13); i++)
        words[sizes[i]] = 400;
    words[words_there == 95 ? 80 : 70] = 40;
}

static int find(uint32_t hex)
{
    struct layout layout;
    return layout_find(&memory, 4096, hex, &layout);
}

static void versions_with_a_row_need_no_memory(void **state)
{
    (void)state;
    struct layout layout;
    words_there = 0;
    assert_int_equal(layout_find(&memory, 4096, 0x030b07f0, &layout), LAYOUT_OK);
    assert_int_equal(layout.minor, 11);
    assert_int_equal(layout.code_qualname, 128);
    assert_int_equal(layout.frame_bytes, 72);
    assert_int_equal(find(0x030800f0), LAYOUT_VERSION);
    assert_int_equal(find(0x020712f0), LAYOUT_VERSION);
    assert_int_equal(find(0x030d00f0), LAYOUT_UNREADABLE);
}

static void newer_ones_say_it_themselves(void **state)
{
    (void)state;
    struct layout layout;
    fill(0x030d00f0);
    words[23] = 72;
    assert_int_equal(layout_find(&memory, 4096, 0, &layout), LAYOUT_OK);
    assert_int_equal(layout.minor, 13);
    assert_int_equal(layout.thread_frame, 72);
    assert_int_equal(layout.str_compact, 56);
    fill(0x030e00f0);
    words[26] = 80;
    assert_int_equal(layout_find(&memory, 4096, 0x030e00f0, &layout), LAYOUT_OK);
    assert_int_equal(layout.thread_frame, 80);
    assert_int_equal(layout.tagged, 1);
}

static void a_contradiction_is_refused(void **state)
{
    (void)state;
    fill(0x030d00f0);
    words[23] = 400; /* at the end of its struct */
    assert_int_equal(find(0), LAYOUT_DAMAGED);
    fill(0x030d00f0);
    words[19] = UINT64_MAX;
    words[23] = UINT64_MAX - 8;
    assert_int_equal(find(0), LAYOUT_DAMAGED);
    fill(0x030d00f0);
    words[43] = 392; /* in bounds; the bytecode is never copied with its struct */
    assert_int_equal(find(0), LAYOUT_OK);
    words[35] = 392; /* more than is kept of a code object */
    assert_int_equal(find(0), LAYOUT_DAMAGED);
}

static void free_threaded_unknown_and_cut_ones_are_refused(void **state)
{
    (void)state;
    fill(0x030d00f0);
    words[2] = 1;
    assert_int_equal(find(0), LAYOUT_FREE_THREADED);
    fill(0x030f00f0);
    assert_int_equal(find(0), LAYOUT_VERSION);
    fill(0x030d00f0);
    words_there = 72;
    assert_int_equal(find(0), LAYOUT_UNREADABLE);
    words[0]++;
    assert_int_equal(find(0), LAYOUT_VERSION);
    for (int refusal = 0; refusal >= -5; refusal--)
        assert_non_null(layout_refusal_text(refusal));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_with_a_row_need_no_memory),
        cmocka_unit_test(newer_ones_say_it_themselves),
        cmocka_unit_test(a_contradiction_is_refused),
        cmocka_unit_test(free_threaded_unknown_and_cut_ones_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
