#include "measured_fixture.h"

#include <math.h>

static struct run_io row(enum run_io_kind kind, enum run_phase phase, int32_t invocation, const char *target,
                         uint64_t bytes)
{
    return (struct run_io){.kind = kind,
                           .phase = phase,
                           .import = RUN_NONE,
                           .invocation = invocation,
                           .target = str_of(target),
                           .file = STR("app.py"),
                           .line = 20,
                           .starting = true,
                           .calls = 1,
                           .bytes_in = bytes};
}

/* ---- downloads ---- */

static void a_fetch_in_every_start_is_found(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    struct run_io io = row(RUN_IO_NETWORK, RUN_ENTER, RUN_NONE, "127.0.0.1:8731", 12 * FIXTURE_MIB);
    io.wall_s = 0.25;
    fixture_io(&fixture, &io);
    fixture.run.starts.items[2].ios.items[0].target = STR("127.0.0.1:40017"); /* the port may change */
    const struct finding *finding = fixture_find(&fixture, "download-per-start");
    assert_non_null(finding);
    assert_str(finding->message, "12.0 MiB are fetched from 127.0.0.1:8731 on every cold start");
    assert_int_equal(finding->location.line, 20);
    assert_str(finding->change->target, "127.0.0.1");
    uint64_t bytes;
    double fetch_s = measured_fetch_s(&fixture.run, &fixture.run.starts.items[2], STR("127.0.0.1"), &bytes);
    assert_true(fabs(fetch_s - 0.25) < 1e-9);
    assert_int_equal(bytes, 12 * FIXTURE_MIB);
    fixture_release(&fixture);
}

static void what_a_call_fetches_is_its_job(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    struct run_io first = row(RUN_IO_NETWORK, RUN_FIRST_CALL, 0, "db:5432", 4 * FIXTURE_MIB);
    struct run_io warm = row(RUN_IO_NETWORK, RUN_EXEC, 1, "db:5432", 4 * FIXTURE_MIB);
    fixture_io(&fixture, &first);
    fixture_io(&fixture, &warm);
    assert_null(fixture_find(&fixture, "download-per-start"));
    fixture_release(&fixture);
}

static void a_fetch_that_some_start_does_without_is_none(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    struct run_io io = row(RUN_IO_NETWORK, RUN_ENTER, RUN_NONE, "hub:443", 4 * FIXTURE_MIB);
    fixture_io(&fixture, &io);
    fixture.run.starts.items[0].ios.len = 0;
    assert_null(fixture_find(&fixture, "download-per-start"));
    fixture_release(&fixture);
}

static void a_handshake_is_no_download(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    struct run_io io = row(RUN_IO_NETWORK, RUN_ENTER, RUN_NONE, "db:5432", 6000);
    io.wall_s = 0.2;
    fixture_io(&fixture, &io);
    struct run_io socket = row(RUN_IO_NETWORK, RUN_ENTER, RUN_NONE, "unix:/run/db", 4 * FIXTURE_MIB);
    fixture_io(&fixture, &socket);
    assert_null(fixture_find(&fixture, "download-per-start"));
    fixture_release(&fixture);
}

/* ---- set-up in calls ---- */

static void add_readings(struct fixture *fixture, const char *path, uint64_t bytes)
{
    struct run_io first = row(RUN_IO_FILE, RUN_FIRST_CALL, 0, path, bytes),
                  warm = row(RUN_IO_FILE, RUN_EXEC, 1, path, bytes);
    first.first_s = warm.first_s = 1;
    first.last_s = warm.last_s = 1.03;
    fixture_io(fixture, &first);
    fixture_io(fixture, &warm);
}

static void a_model_read_in_every_call_is_found(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    add_readings(&fixture, "assets/churn.joblib", 3 * FIXTURE_MIB);
    const struct finding *finding = fixture_find(&fixture, "setup-repeated");
    assert_non_null(finding);
    assert_str(finding->message, "churn.joblib (3.00 MiB) is read again in every call");
    assert_true(fabs(measured_reading_s(&fixture.run.starts.items[0], 2, finding->change->target) - 0.03) < 1e-9);
    assert_int_equal(fixture.findings.len, 1);
    fixture_release(&fixture);
}

static void a_file_that_the_text_names_is_set_up_and_one_that_it_makes_up_is_not(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    add_readings(&fixture, "assets/zones.json", FIXTURE_MIB);
    add_readings(&fixture, "assets/2026-01.csv", FIXTURE_MIB);
    *array_push(&fixture.arena,
                &fixture.facts.texts) = STR("open(ASSETS + \"/zones.json\")\nopen(f\"{month}.csv\") # 2026-01.csv");
    const struct finding *finding = fixture_find(&fixture, "setup-repeated");
    assert_non_null(finding);
    assert_str(finding->subject, "assets/zones.json");
    assert_int_equal(fixture.findings.len, 1);
    fixture_release(&fixture);
}

static void a_file_that_some_call_does_without_is_not_set_up(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    add_readings(&fixture, "assets/churn.joblib", 3 * FIXTURE_MIB);
    for (size_t i = 0; i < 3; i++)
        fixture.run.starts.items[i].ios.len = 2; /* the first call and one warm one */
    assert_null(fixture_find(&fixture, "setup-repeated"));
    fixture_release(&fixture);
}

static void small_files_and_code_are_not_set_up(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    add_readings(&fixture, "assets/labels.pkl", 90 << 10);
    add_readings(&fixture, "/lib/big.so", 9 * FIXTURE_MIB);
    add_readings(&fixture, "/proc/model.bin", 9 * FIXTURE_MIB);
    assert_null(fixture_find(&fixture, "setup-repeated"));
    fixture_release(&fixture);
}

static void opening_and_closing_count_although_they_move_nothing(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    add_readings(&fixture, "churn.joblib", 3 * FIXTURE_MIB);
    struct run_io around = row(RUN_IO_FILE, RUN_EXEC, 1, "churn.joblib", 0);
    around.first_s = 0.99;
    around.last_s = 1.2;
    fixture_io(&fixture, &around);
    assert_non_null(fixture_find(&fixture, "setup-repeated"));
    assert_true(fabs(measured_reading_s(&fixture.run.starts.items[0], 1, STR("churn.joblib")) - 0.21) < 1e-9);
    fixture_release(&fixture);
}

/* ---- whole files ---- */

static void add_load(struct fixture *fixture, const char *path, uint64_t bytes, int64_t growth)
{
    struct run_io io = row(RUN_IO_FILE, RUN_FIRST_CALL, 0, path, bytes);
    io.rss_bytes = growth;
    fixture_io(fixture, &io);
}

static void a_data_set_read_whole_is_found(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    add_load(&fixture, "assets/2026-01.csv", 24 * FIXTURE_MIB, 40 * FIXTURE_MIB);
    const struct finding *finding = fixture_find(&fixture, "whole-file-load");
    assert_non_null(finding);
    assert_str(finding->message, "2026-01.csv (24.0 MiB) is read as a whole: memory grows by 40.0 MiB");
    assert_true(finding->change->amount == 40.0 * FIXTURE_MIB);
    fixture_release(&fixture);
}

static void a_data_set_read_in_pieces_is_left_alone(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    add_load(&fixture, "assets/2026-01.csv", 24 * FIXTURE_MIB, 5 * FIXTURE_MIB);
    add_load(&fixture, "assets/small.csv", 4 * FIXTURE_MIB, 40 * FIXTURE_MIB);
    add_load(&fixture, "assets/model.onnx", 24 * FIXTURE_MIB, 40 * FIXTURE_MIB);
    assert_null(fixture_find(&fixture, "whole-file-load"));
    fixture_release(&fixture);
}

static void a_data_set_that_is_mapped_grows_until_the_call_ends(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    add_load(&fixture, "assets/2026-01.csv", 72 << 10, 0);
    for (size_t i = 0; i < 3; i++) {
        struct run_start *start = &fixture.run.starts.items[i];
        start->ios.items[0].mapped_bytes = 24 * FIXTURE_MIB;
        start->ios.items[0].first_s = 1;
        start->ios.items[0].last_s = 1.001;
        const double mib[][2] = {{0.99, 60}, {1.05, 80}, {1.09, 100}, {1.11, 60}, {1.5, 300}};
        for (size_t k = 0; k < 5; k++)
            *array_push(&fixture.arena, &start->samples) = (struct run_sample){mib[k][0],
                                                                               (uint64_t)(mib[k][1] * FIXTURE_MIB), 0};
    }
    const struct finding *finding = fixture_find(&fixture, "whole-file-load");
    assert_non_null(finding);
    assert_true(finding->change->amount == 40.0 * FIXTURE_MIB);
    fixture_release(&fixture);
}

static void growth_is_taken_from_samples_where_the_row_has_none(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    add_load(&fixture, "assets/2026-01.csv", 24 * FIXTURE_MIB, 0);
    for (size_t i = 0; i < 3; i++) {
        struct run_start *start = &fixture.run.starts.items[i];
        start->ios.items[0].first_s = 1;
        start->ios.items[0].last_s = 1.2;
        const double mib[][2] = {{0.9, 60}, {0.95, 61}, {1.1, 90}, {1.15, 95}, {1.25, 70}, {2, 200}};
        for (size_t k = 0; k < 6; k++)
            *array_push(&fixture.arena, &start->samples) = (struct run_sample){mib[k][0],
                                                                               (uint64_t)(mib[k][1] * FIXTURE_MIB), 0};
    }
    const struct finding *finding = fixture_find(&fixture, "whole-file-load");
    assert_non_null(finding);
    assert_true(finding->change->amount == 34.0 * FIXTURE_MIB);
    fixture_release(&fixture);
}

static void a_whole_file_read_in_every_call_is_one_finding(void **state)
{
    (void)state;
    struct fixture fixture;
    fixture_init(&fixture);
    add_load(&fixture, "assets/all.csv", 24 * FIXTURE_MIB, 40 * FIXTURE_MIB);
    struct run_io warm = row(RUN_IO_FILE, RUN_EXEC, 1, "assets/all.csv", 24 * FIXTURE_MIB);
    fixture_io(&fixture, &warm);
    *array_push(&fixture.arena, &fixture.facts.texts) = STR("read_csv('assets/all.csv')");
    assert_non_null(fixture_find(&fixture, "whole-file-load"));
    assert_int_equal(fixture.findings.len, 1);
    fixture_release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fetch_in_every_start_is_found),
        cmocka_unit_test(what_a_call_fetches_is_its_job),
        cmocka_unit_test(a_fetch_that_some_start_does_without_is_none),
        cmocka_unit_test(a_handshake_is_no_download),
        cmocka_unit_test(a_model_read_in_every_call_is_found),
        cmocka_unit_test(a_file_that_the_text_names_is_set_up_and_one_that_it_makes_up_is_not),
        cmocka_unit_test(a_file_that_some_call_does_without_is_not_set_up),
        cmocka_unit_test(small_files_and_code_are_not_set_up),
        cmocka_unit_test(opening_and_closing_count_although_they_move_nothing),
        cmocka_unit_test(a_data_set_read_whole_is_found),
        cmocka_unit_test(a_data_set_read_in_pieces_is_left_alone),
        cmocka_unit_test(a_data_set_that_is_mapped_grows_until_the_call_ends),
        cmocka_unit_test(growth_is_taken_from_samples_where_the_row_has_none),
        cmocka_unit_test(a_whole_file_read_in_every_call_is_one_finding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
