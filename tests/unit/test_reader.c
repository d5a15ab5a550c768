#include "unit.h"

#include <string.h>

#include "record/reader.h"

static struct arena arena;
static struct err err;

/* A recording of one block in memory, built record by record. */
static _Alignas(8) char bytes[EVENT_HEADER_BYTES + EVENT_BLOCK_BYTES];
static size_t used;

static void begin(void)
{
    memset(bytes, 0, sizeof(bytes));
    struct event_header *header = (struct event_header *)bytes;
    memcpy(header->magic, EVENT_MAGIC, 8);
    header->version = EVENT_VERSION;
    header->header_bytes = EVENT_HEADER_BYTES;
    header->block_bytes = EVENT_BLOCK_BYTES;
    header->byte_order = 0x01020304;
    header->tail = header->cap = sizeof(bytes);
    ((struct event_block *)(bytes + EVENT_HEADER_BYTES))->tid = 7;
    used = EVENT_HEADER_BYTES + sizeof(struct event_block);
}

static struct event *add(uint16_t type, uint32_t size)
{
    struct event *event = (struct event *)(bytes + used);
    event->type = type;
    event->bytes = (size + 7) / 8 * 8;
    used += event->bytes;
    return event;
}

static void add_string(uint32_t id, const char *text)
{
    struct event_string *string = (struct event_string *)add(EVENT_STRING, (uint32_t)(sizeof(*string) + strlen(text)));
    string->id = id;
    string->length = (uint32_t)strlen(text);
    memcpy(string->text, text, strlen(text));
}

static int parse(struct recording *recording, size_t len)
{
    return recording_parse(&arena, str_from(bytes, len), "x.rec", recording, &err);
}

static int done(void **state)
{
    (void)state;
    arena_release(&arena);
    err_release(&err);
    return 0;
}

static void records_and_strings_are_found(void **state)
{
    (void)state;
    begin();
    struct event_use *use = (struct event_use *)add(EVENT_USE, sizeof(*use));
    use->module = 3;
    add_string(3, "pandas");
    add(200, 16);
    struct event_thread *thread = (struct event_thread *)add(EVENT_THREAD, sizeof(*thread));
    thread->tid = 9;
    add(EVENT_NOTE, sizeof(struct event_note) + 40);
    struct recording recording;
    assert_int_equal(parse(&recording, sizeof(bytes)), 0);
    assert_int_equal(recording.records.len, 2);
    assert_int_equal(recording.records.items[0].tid, 7);
    assert_int_equal(recording.records.items[1].tid, 9);
    const struct event_use *read = recorded_as(&recording.records.items[0], EVENT_USE);
    assert_str(recording_string(&recording, read->module), "pandas");
    assert_str(recording_string(&recording, 99), "");
    assert_null(recorded_as(&recording.records.items[0], EVENT_IO));
    assert_int_equal(recording.damaged, 0);
}

static void what_was_not_committed_ends_its_block(void **state)
{
    (void)state;
    begin();
    add(EVENT_USE, sizeof(struct event_use));
    struct event *half = add(EVENT_USE, sizeof(struct event_use));
    half->bytes = 0;
    struct recording recording;
    assert_int_equal(parse(&recording, sizeof(bytes)), 0);
    assert_int_equal(recording.records.len, 1);
    assert_int_equal(parse(&recording, sizeof(bytes) - 1), 0);
    assert_int_equal(recording.records.len, 0);
}

static void damaged_records_are_counted_and_bounded(void **state)
{
    (void)state;
    const uint32_t lengths[] = {4, 12, 0xfffffff8u, EVENT_BLOCK_BYTES};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        begin();
        add(EVENT_USE, sizeof(struct event_use))->bytes = lengths[i];
        struct recording recording;
        assert_int_equal(parse(&recording, sizeof(bytes)), 0);
        assert_int_equal(recording.damaged, 1);
        assert_int_equal(recording.records.len, 0);
    }
    begin();
    struct event_string *string = (struct event_string *)add(EVENT_STRING, sizeof(*string));
    string->id = 1;
    string->length = 4000;
    struct recording recording;
    assert_int_equal(parse(&recording, sizeof(bytes)), 0);
    assert_int_equal(recording.damaged, 1);
}

static void other_files_are_refused_in_words(void **state)
{
    (void)state;
    struct recording recording;
    begin();
    assert_int_equal(parse(&recording, 10), -ERR_INPUT);
    ((struct event_header *)bytes)->version = 2;
    assert_int_equal(parse(&recording, sizeof(bytes)), -ERR_INPUT);
    assert_string_equal(buf_cstr(&err.message), "'x.rec' is a recording of version 2; this coldspot reads version 1");
    bytes[0] = 'X';
    assert_int_equal(parse(&recording, sizeof(bytes)), -ERR_INPUT);
    assert_string_equal(buf_cstr(&err.message), "'x.rec' is not a recording");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_and_strings_are_found),
        cmocka_unit_test(what_was_not_committed_ends_its_block),
        cmocka_unit_test(damaged_records_are_counted_and_bounded),
        cmocka_unit_test(other_files_are_refused_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
