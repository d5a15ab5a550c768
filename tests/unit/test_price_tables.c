/* Price files: what is read, what is refused, what the user's own replace. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "price/price.h"

static struct arena arena;
static struct err err;
static struct catalogue catalogue;

static const char whole[] =
    "{\"schema_version\": 1, \"provider\": \"acme\", \"title\": \"Acme\", \"currency\": \"USD\", \"date\": "
    "\"2026-01-02\","
    "\"sources\": {\"list\": {\"name\": \"our contract\", \"date\": \"2026-01-02\"}},"
    "\"gpu\": {\"H100\": {\"usd\": 3.6, \"unit\": \"GPU-hour\", \"source\": \"list\"}},"
    "\"cpu\": {\"usd\": 0.036, \"unit\": \"core-hour\", \"source\": \"list\"},"
    "\"memory\": {\"usd\": 0.0036, \"unit\": \"GiB-hour\", \"default_mib\": 512, \"source\": \"list\"}}";

static struct price_table *read_text(struct str text, struct price_problems *problems)
{
    *problems = (struct price_problems){0};
    return price_read(&arena, &catalogue, text, "acme.json", problems);
}

/* The text with one piece replaced. */
static struct str with(const char *piece, const char *other)
{
    struct str text = str_of(whole);
    ptrdiff_t at = str_find(text, str_of(piece));
    assert_true(at >= 0);
    struct str before = str_slice(text, 0, (size_t)at),
               after = str_slice(text, (size_t)at + str_of(piece).len, text.len);
    return arena_printf(&arena, "%.*s%s%.*s", STR_ARG(before), other, STR_ARG(after));
}

static void hours_become_seconds(void **state)
{
    (void)state;
    struct price_problems problems;
    struct price_table *table = read_text(str_of(whole), &problems);
    assert_int_equal(problems.len, 0);
    assert_true(table->gpus.items[0].amount.usd == 0.001);
    assert_true(table->cpu.usd == 0.036 / 3600);
    assert_str(table->cpu.source->where, "our contract");
    assert_false(table->bills_use);
    assert_true(table->region_broad == 1);
}

static void assert_problem(struct str text, bool is_warning, const char *expected)
{
    struct price_problems problems;
    read_text(text, &problems);
    for (size_t i = 0; i < problems.len; i++) {
        if (problems.items[i].is_warning == is_warning && str_equals(problems.items[i].text, str_of(expected)))
            return;
    }
    for (size_t i = 0; i < problems.len; i++)
        print_error("found: %.*s\n", STR_ARG(problems.items[i].text));
    fail_msg("not found: %s", expected);
}

static void every_mistake_is_named(void **state)
{
    (void)state;
    assert_problem(with("3.6", "-3.6"), false, "gpu.H100: 'usd' is missing, or no number of 0 or more");
    assert_problem(with("GPU-hour", "core-hour"), false,
                   "gpu.H100: 'unit' is 'core-hour'; a price per GPU is in GPU-second or GPU-hour");
    assert_problem(with("\"source\": \"list\"}},", "\"source\": \"lost\"}},"), false,
                   "gpu.H100: 'source' names 'lost', which is not in 'sources'");
    assert_problem(with("\"2026-01-02\",", "\"yesterday\","), false, "'date' is 'yesterday', not YYYY-MM-DD");
    assert_problem(with("\"H100\"", "\"H101\""), true,
                   "gpu.H101: no GPU of this name is known, so no function can ask for it");
    assert_problem(with("default_mib", "default_mb"), true, "memory: 'default_mb' is no member that coldspot knows");
    assert_problem(with("512", "\"512\""), false, "memory: 'default_mib' must be a number between 1 and 1e+09");
    assert_problem(with("\"USD\"", "\"EUR\""), false, "'currency' must be \"USD\"");
    assert_problem(STR("[1]"), false, "it is JSON, but no object");
    assert_problem(with("\"cpu\"", "\"cpus\""), true, "'cpus' is no member that coldspot knows");
    assert_problem(with("\"cpu\"", "\"cpus\""), false,
                   "cpu: 'usd' is missing, and no vcpu.mib says that CPU comes with memory");
}

static void what_it_is_based_on_is_taken_over(void **state)
{
    (void)state;
    struct price_problems problems;
    struct price_table *table = read_text(
        STR("{\"schema_version\": 1, \"based_on\": \"modal\", \"date\": \"2026-11-01\","
            "\"sources\": {\"deal\": {\"name\": \"our contract\", \"date\": \"2026-11-01\"}},"
            "\"gpu\": {\"H100\": {\"usd\": 0.0009, \"source\": \"deal\"}}}"),
        &problems);
    assert_int_equal(problems.len, 0);
    assert_str(table->provider, "modal");
    assert_true(table->cpu.usd == 0.0000131);
    for (size_t i = 0; i < table->gpus.len; i++) {
        if (str_equals(table->gpus.items[i].name, STR("H100")))
            assert_true(table->gpus.items[i].amount.usd == 0.0009);
    }
}

static void a_users_file_replaces_a_built_in_table(void **state)
{
    (void)state;
    char directory[] = "/tmp/test_price_tables.XXXXXX";
    assert_non_null(mkdtemp(directory));
    const char *path = arena_printf(&arena, "%s/modal.json", directory).ptr;
    assert_int_equal(file_write(path, with("\"acme\"", "\"modal\""), &err), 0);
    struct catalogue both;
    assert_int_equal(catalogue_load(&arena, directory, NULL, &both, &err), 0);
    assert_str(catalogue_table(&both, STR("modal"))->title, "Acme");
    assert_int_equal(both.tables.len, catalogue.tables.len);
    assert_int_equal(file_write(path, with("\"title\": \"Acme\", ", ""), &err), 0);
    assert_int_equal(catalogue_load(&arena, NULL, path, &both, &err), -ERR_INPUT);
    assert_true(str_contains(buf_str(&err.message), STR("'title' is missing, or no text")));
    unlink(path);
    rmdir(directory);
    assert_int_equal(catalogue_load(&arena, directory, NULL, &both, &err), 0);
}

static void what_a_model_needs_decides_the_usual_gpus(void **state)
{
    static const struct {
        double needed_gb;
        const char *first;
        size_t n;
    } rows[] = {{0.5, "T4", 1}, {7.9, "T4", 1}, {8, "A10", 2}, {23.9, "A10", 2}, {24, "A100", 2}, {300, "A100", 2}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct gpu_bracket *bracket = catalogue_bracket(&catalogue, rows[i].needed_gb);
        assert_non_null(bracket);
        assert_str(bracket->gpus.items[0], rows[i].first);
        assert_int_equal(bracket->gpus.len, rows[i].n);
        for (size_t k = 0; k < bracket->gpus.len; k++)
            assert_non_null(catalogue_gpu(&catalogue, bracket->gpus.items[k]));
    }
}

static void age_is_counted_in_days(void **state)
{
    (void)state;
    int64_t days;
    assert_true(price_age_days(STR("1970-01-11"), 20 * 86400.0, &days) && days == 10);
    assert_true(price_age_days(STR("2026-10-01"), 1795521600, &days) && days == 54); /* 2026-11-24 12:00 */
    assert_false(price_age_days(STR("2026-13-01"), 0, &days));
    assert_false(price_age_days(STR("2026-1-1"), 0, &days));
    assert_false(price_age_days(STR(""), 0, &days));
    assert_false(price_age_days(STR("2026-10-01-"), 0, &days));
}

static int load(void **state)
{
    (void)state;
    return catalogue_load(&arena, NULL, NULL, &catalogue, &err);
}

static int done(void **state)
{
    (void)state;
    arena_release(&arena);
    err_release(&err);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hours_become_seconds),
        cmocka_unit_test(every_mistake_is_named),
        cmocka_unit_test(what_it_is_based_on_is_taken_over),
        cmocka_unit_test(a_users_file_replaces_a_built_in_table),
        cmocka_unit_test(what_a_model_needs_decides_the_usual_gpus),
        cmocka_unit_test(age_is_counted_in_days),
    };
    return cmocka_run_group_tests(tests, load, done);
}
