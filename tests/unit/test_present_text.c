#include "unit.h"

#include "present/present.h"

static struct arena arena;
static struct document document;

static const struct column phase_columns[] = {
    {"phase", COLUMN_LEFT, 0}, {"time", COLUMN_RIGHT, 0}, {"share", COLUMN_RIGHT, 0}, {"", COLUMN_BAR, 0}};

static int start(void **state)
{
    (void)state;
    document_init(&document, &arena);
    document.title = STR("f");
    struct section *cold = document_section(&document, "Cold start");
    section_head(&document, cold, STYLE_ANSWER, "4.12 s");
    section_head(&document, cold, STYLE_PLAIN, "p90 4.31 s");
    section_verdict(&document, cold, STYLE_GOOD, "good (< 10 s)");
    struct table *phases = section_table(&document, cold, false, phase_columns, 4);
    table_add(&document, phases, STYLE_PLAIN, "import");
    table_add(&document, phases, STYLE_PLAIN, "1.92 s");
    table_add(&document, phases, STYLE_PLAIN, "47 %%");
    table_add_bar(&document, phases, 0.1);
    table_add(&document, phases, STYLE_PLAIN, "enter");
    table_add(&document, phases, STYLE_PLAIN, "20 ms");
    table_end_row(&document, phases);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    document_release(&document);
    arena_release(&arena);
    return 0;
}

static void rows_align_and_verdicts_sit_at_the_edge(void **state)
{
    (void)state;
    struct buf out = {0};
    present_text(&document, &(struct present_options){0}, &out, NULL);
    assert_string_equal(
        buf_cstr(&out),
        "f\n\n"
        "Cold start   4.12 s   p90 4.31 s                                                   good (< 10 s)\n"
        "  import  1.92 s  47 %  ████\n"
        "  enter    20 ms\n");
    buf_release(&out);
}

static void narrow_terminals_drop_the_right_most_column_first(void **state)
{
    (void)state;
    struct buf out = {0};
    present_text(&document, &(struct present_options){.width = 24}, &out, NULL);
    assert_true(str_contains(buf_str(&out), STR("  import  1.92 s  47 %\n")));
    buf_reset(&out);
    present_text(&document, &(struct present_options){.width = 20}, &out, NULL);
    assert_true(str_contains(buf_str(&out), STR("  import  1.92 s\n")));
    buf_release(&out);
}

static void what_may_go_first_goes_first(void **state)
{
    (void)state;
    static const struct column columns[] = {
        {"", COLUMN_LEFT, 0}, {"", COLUMN_RIGHT, 0, 1}, {"", COLUMN_RIGHT, 0, 2}, {"", COLUMN_LEFT, 0}};
    struct table *table = section_table(&document, document_section(&document, ""), false, columns, 4);
    static const char *const texts[] = {"best", "detail", "more", "meets it"};
    for (size_t i = 0; i < 4; i++)
        table_add(&document, table, STYLE_PLAIN, "%s", texts[i]);
    struct buf out = {0};
    present_text(&document, &(struct present_options){.width = 22}, &out, NULL);
    assert_true(str_contains(buf_str(&out), STR("best  detail  meets it\n")));
    buf_reset(&out);
    present_text(&document, &(struct present_options){.width = 20}, &out, NULL);
    assert_true(str_contains(buf_str(&out), STR("best  meets it\n")));
    buf_release(&out);
}

static void lines_are_broken_between_words_and_commands_are_not(void **state)
{
    (void)state;
    struct section *section = document_section(&document, "");
    struct block *block = section_line(&document, section, false, STYLE_PLAIN, " 1  pandas is never used");
    block_verdict(&document, block, STYLE_PLAIN, "app.py:4");
    section_line(&document, section, false, STYLE_PLAIN, "    coldspot fix app.py --select heavy-import-unused");
    struct buf out = {0};
    present_text(&document, &(struct present_options){.width = 24}, &out, NULL);
    assert_true(str_contains(buf_str(&out), STR(" 1  pandas is never used\n"
                                                "                app.py:4\n"
                                                "    coldspot fix app.py --select heavy-import-unused\n")));
    buf_reset(&out);
    present_text(&document, &(struct present_options){.width = 20}, &out, NULL);
    assert_true(str_contains(buf_str(&out), STR(" 1  pandas is never\n    used    app.py:4\n")));
    buf_release(&out);
}

static void further_lines_hang_where_they_are_told_to(void **state)
{
    (void)state;
    struct section *section = document_section(&document, "");
    section_line(&document, section, false, STYLE_PLAIN, "none   GPU   no figures will be seen")->hang = 13;
    struct buf out = {0};
    present_text(&document, &(struct present_options){.width = 26}, &out, NULL);
    assert_true(str_contains(buf_str(&out), STR("none   GPU   no figures\n"
                                                "             will be seen\n")));
    buf_release(&out);
}

static void colour_marks_and_never_replaces_words(void **state)
{
    (void)state;
    struct buf out = {0};
    present_text(&document, &(struct present_options){.color = true}, &out, NULL);
    assert_true(str_contains(buf_str(&out), STR("\033[32mgood (< 10 s)\033[0m")));
    buf_release(&out);
}

static void markdown_makes_pipe_tables(void **state)
{
    (void)state;
    struct buf out = {0};
    present_markdown(&document, &(struct present_options){0}, &out, NULL);
    assert_true(str_contains(buf_str(&out),
                             STR("| phase | time | share |\n| --- | ---: | ---: |\n| import | 1.92 s | 47 % |")));
    buf_release(&out);
}

static void markdown_keeps_marks_of_its_own_out_of_texts(void **state)
{
    (void)state;
    struct section *section = document_section(&document, "");
    section_line(&document, section, false, STYLE_ANSWER, " 1  <module> of __init__.py");
    section_line(&document, section, false, STYLE_PLAIN, "    coldspot rule CS101");
    struct buf out = {0};
    present_markdown(&document, &(struct present_options){0}, &out, NULL);
    assert_true(
        str_contains(buf_str(&out), STR("**1  \\<module> of \\_\\_init\\_\\_.py**\n\n`coldspot rule CS101`\n")));
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_align_and_verdicts_sit_at_the_edge, start, stop),
        cmocka_unit_test_setup_teardown(narrow_terminals_drop_the_right_most_column_first, start, stop),
        cmocka_unit_test_setup_teardown(what_may_go_first_goes_first, start, stop),
        cmocka_unit_test_setup_teardown(lines_are_broken_between_words_and_commands_are_not, start, stop),
        cmocka_unit_test_setup_teardown(further_lines_hang_where_they_are_told_to, start, stop),
        cmocka_unit_test_setup_teardown(colour_marks_and_never_replaces_words, start, stop),
        cmocka_unit_test_setup_teardown(markdown_makes_pipe_tables, start, stop),
        cmocka_unit_test_setup_teardown(markdown_keeps_marks_of_its_own_out_of_texts, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
