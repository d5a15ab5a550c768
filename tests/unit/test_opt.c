#include "unit.h"

#include <string.h>

#include "base/opt.h"

struct args {
    const char *output, *format;
    struct opt_strs env;
    uint32_t cold;
    double max_time_s;
    bool quiet, json;
};

static const struct opt opts[] = {
    {'o', "output", OPT_STR, offsetof(struct args, output), "FILE", "write to FILE", 0, 0},
    {0, "format", OPT_CHOICE, offsetof(struct args, format), "text|json", "output format", 0, 0},
    {'e', "env", OPT_STRS, offsetof(struct args, env), "K=V", "set a variable", 0, 0},
    {0, "cold", OPT_U32, offsetof(struct args, cold), "N", "cold starts", 1, 1000},
    {0, "max-time", OPT_DURATION, offsetof(struct args, max_time_s), "TIME", "end after", 0, 0},
    {'q', "quiet", OPT_FLAG, offsetof(struct args, quiet), NULL, "say less", 0, 0},
    {'j', "json", OPT_FLAG, offsetof(struct args, json), NULL, "as JSON", 0, 0},
    {0},
};

static struct arena arena;
static struct err err;

static int parse(struct args *args, struct opt_words *words, int argc, const char **argv)
{
    struct opt_group group = {NULL, opts, args};
    return opt_parse(&arena, &group, 1, argc, (char **)argv, words, &err);
}

#define PARSE(args, words, ...)                                                                                        \
    parse(args, words, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *), (const char *[]){__VA_ARGS__})

static void reads_long_short_and_clustered_options(void **state)
{
    (void)state;
    struct args args = {.cold = 5};
    struct opt_words words;
    assert_int_equal(PARSE(&args, &words, "a.py", "--env=A=1", "-qjoX", "-e", "B=2", "--max-time", "2m", "b"), 0);
    assert_string_equal(args.output, "X");
    assert_true(args.quiet && args.json);
    assert_int_equal(args.env.len, 2);
    assert_string_equal(args.env.items[0], "A=1");
    assert_true(args.max_time_s == 120);
    assert_int_equal(args.cold, 5);
    assert_int_equal(words.len, 2);
    assert_string_equal(words.items[1], "b");
    assert_null(words.command);
}

static void what_follows_two_dashes_is_the_command(void **state)
{
    (void)state;
    struct args args = {0};
    struct opt_words words;
    assert_int_equal(PARSE(&args, &words, "-q", "--", "python3", "--cold"), 0);
    assert_string_equal(words.command[0], "python3");
    assert_string_equal(words.command[1], "--cold");
}

static void scanning_tells_what_is_given_and_sets_nothing(void **state)
{
    (void)state;
    struct args args = {.cold = 5};
    struct opt_group group = {NULL, opts, &args};
    struct opt_words words;
    struct opt_givens givens;
    const char *argv[] = {"a.py", "--cold", "7", "-qe", "A=1", "--env=B=2"};
    assert_int_equal(opt_scan(&arena, &group, 1, 6, (char **)argv, &words, &givens, &err), 0);
    assert_int_equal(givens.len, 4);
    assert_string_equal(givens.items[0].opt->name, "cold");
    assert_string_equal(givens.items[0].value, "7");
    assert_string_equal(givens.items[1].opt->name, "quiet");
    assert_null(givens.items[1].value);
    assert_string_equal(givens.items[3].value, "B=2");
    assert_int_equal(words.len, 1);
    assert_true(args.cold == 5 && !args.quiet && !args.env.len);
    assert_ptr_equal(opt_find(&group, 1, STR("env")), &opts[2]);
    assert_null(opt_find(&group, 1, STR("nothing")));
}

static void mistakes_are_named(void **state)
{
    (void)state;
    struct args args = {0};
    struct opt_words words;
    assert_int_equal(PARSE(&args, &words, "--colt", "3"), -ERR_USAGE);
    assert_string_equal(buf_cstr(&err.message), "there is no option --colt");
    assert_string_equal(buf_cstr(&err.hint), "did you mean: --cold");
    assert_int_equal(PARSE(&args, &words, "--cold", "0"), -ERR_USAGE);
    assert_string_equal(buf_cstr(&err.message), "--cold must be between 1 and 1000, not 0");
    assert_int_equal(PARSE(&args, &words, "--cold", "x"), -ERR_USAGE);
    assert_int_equal(PARSE(&args, &words, "--format", "xml"), -ERR_USAGE);
    assert_string_equal(buf_cstr(&err.message), "--format takes one of text|json, not 'xml'");
    assert_int_equal(PARSE(&args, &words, "--output"), -ERR_USAGE);
    assert_string_equal(buf_cstr(&err.message), "--output needs a value: --output FILE");
    assert_int_equal(PARSE(&args, &words, "--quiet=3"), -ERR_USAGE);
}

static void help_lists_every_row(void **state)
{
    (void)state;
    struct args args = {0};
    struct opt_group group = {NULL, opts, &args};
    struct buf out = {0};
    opt_add_help(&out, &group, 1);
    assert_true(str_contains(buf_str(&out), STR("  -o, --output FILE         write to FILE\n")));
    buf_release(&out);
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
        cmocka_unit_test(reads_long_short_and_clustered_options),
        cmocka_unit_test(what_follows_two_dashes_is_the_command),
        cmocka_unit_test(scanning_tells_what_is_given_and_sets_nothing),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(help_lists_every_row),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
