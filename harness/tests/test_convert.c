/* What formats share: tables, XML, scores.  The formats themselves are judged
 * from outside, by test_convert.sh. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "grade/convert.h"
#include "grade/csv.h"

/* ---- Tables ---------------------------------------------------------------
 */

static const struct {
    const char *name, *text, *cell;
} cells[] = {
    {"nothing", "", ""},
    {"a word", "Ada", "Ada"},
    {"a comma", "Lovelace, Ada", "\"Lovelace, Ada\""},
    {"a quote", "A \"Countess\"", "\"A \"\"Countess\"\"\""},
    {"a line feed", "a\nb", "\"a\nb\""},
    {"a carriage return", "a\rb", "\"a\rb\""},
    {"a semicolon", "a;b", "\"a;b\""},
    {"a tab", "a\tb", "\"a\tb\""},
    {"blanks at its ends", " a ", "\" a \""},
    {"a formula", "=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"},
    {"a formula with commas", "=HYPERLINK(\"x\",\"y\")",
     "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""},
    {"plus", "+1", "'+1"},
    {"minus", "-1+1", "'-1+1"},
    {"at", "@SUM(A1)", "'@SUM(A1)"},
    {"a tab before it", "\t=1", "\"'\t=1\""},
    {"a carriage return before it", "\r=1", "\"'\r=1\""},
    {"an equals sign within", "a=b", "a=b"},
    {"not ASCII", "R\u00e9n\u00e9e", "R\u00e9n\u00e9e"},
};
enum { CELLS = sizeof(cells) / sizeof(cells[0]) };

START_TEST(cells_are_quoted_and_are_no_formulas)
{
    struct csv_table table = {0};
    csv_add(&table, cells[_i].text);
    ck_assert_str_eq(strbuf_text(&table.text), cells[_i].cell);
    strbuf_fini(&table.text);
}
END_TEST

/* All in one row, read back by our own reader, but for the apostrophe, and for
 * blanks, which it cuts off. */
START_TEST(what_is_written_can_be_read)
{
    struct csv_table table = {0};
    struct csv csv;
    char why[CSV_ERROR_BYTES];
    for (size_t i = 0; i < CELLS; i++)
        csv_add(&table, cells[i].text);
    csv_add_figure(&table, "-12.50");
    csv_end_row(&table);
    ck_assert_int_eq(csv_parse(&csv, table.text.text, table.text.length, why),
                     0);
    ck_assert_int_eq(csv.count, 1);
    ck_assert_int_eq(csv.rows[0].count, CELLS + 1);
    for (size_t i = 0; i < CELLS; i++) {
        const char *read = csv.rows[0].cells[i], *text = cells[i].text;
        bool marked = *text && strchr("=+-@\t\r", *text);
        size_t blanks = strspn(text, " ");
        ck_assert_int_eq(*read == '\'', marked);
        ck_assert_int_eq(
            strncmp(read + marked, text + blanks, strcspn(text + blanks, " ")),
            0);
    }
    ck_assert_str_eq(csv.rows[0].cells[CELLS], "-12.50");
    csv_fini(&csv);
    strbuf_fini(&table.text);
}
END_TEST

START_TEST(rows_end_with_crlf)
{
    struct csv_table table = {0};
    csv_add(&table, "a");
    csv_add(&table, "");
    csv_end_row(&table);
    csv_add_figure(&table, "1");
    csv_end_row(&table);
    ck_assert_str_eq(table.text.text, "a,\r\n1\r\n");
    strbuf_fini(&table.text);
}
END_TEST

/* ---- XML ------------------------------------------------------------------
 */

static const struct {
    const char *name, *text, *content, *attribute;
} xml[] = {
    {"plain", "a b", "a b", " n=\"a b\""},
    {"markup", "<a&\"b\">", "&lt;a&amp;\"b\"&gt;",
     " n=\"&lt;a&amp;&quot;b&quot;&gt;\""},
    {"the end of a CDATA section", "]]>", "]]&gt;", " n=\"]]&gt;\""},
    {"lines", "a\n\tb", "a\n\tb", " n=\"a&#10;&#9;b\""},
    {"no character of XML", "a\xef\xbf\xbe\xef\xbf\xbfz", "a\ufffd\ufffdz",
     " n=\"a\ufffd\ufffdz\""},
    {"almost one", "\xef\xbf\xbc\xef", "\xef\xbf\xbc\xef",
     " n=\"\xef\xbf\xbc\xef\""},
};
enum { XML = sizeof(xml) / sizeof(xml[0]) };

START_TEST(text_in_xml_is_text)
{
    struct strbuf out = {0};
    convert_add_xml(&out, xml[_i].text);
    ck_assert_str_eq(strbuf_text(&out), xml[_i].content);
    strbuf_fini(&out);
    convert_add_attribute(&out, "n", xml[_i].text);
    ck_assert_str_eq(strbuf_text(&out), xml[_i].attribute);
    strbuf_fini(&out);
}
END_TEST

/* ---- Scores ---------------------------------------------------------------
 */

static const struct {
    const char *name;
    struct marks marks;
    const char *score;
    int out_of;
} scores[] = {
    {"all judged", {.points = 92, .max = 100, .judged = 100}, "92", 100},
    {"nothing earned", {.max = 100, .judged = 100}, "0", 100},
    {"some not judged", {.points = 46, .max = 100, .judged = 92}, "50", 92},
    {"all of what was", {.points = 92, .max = 100, .judged = 92}, "100", 92},
    {"a third", {.points = 1, .max = 100, .judged = 3}, "33.33", 3},
    {"two thirds", {.points = 2, .max = 100, .judged = 3}, "66.67", 3},
    {"a half, rounded up", {.points = 1, .max = 100, .judged = 16}, "6.25", 16},
    {"a tail of zeros", {.points = 1, .max = 10, .judged = 8}, "1.25", 8},
    {"one digit behind", {.points = 1, .max = 5, .judged = 2}, "2.50", 2},
    {"nothing judged", {.max = 100}, "", 0},
    {"set by a policy",
     {.points = 50, .max = 100, .judged = 92, .is_set = true},
     "50",
     100},
    {"set, nothing judged",
     {.points = 7, .max = 100, .is_set = true},
     "7",
     100},
};
enum { SCORES = sizeof(scores) / sizeof(scores[0]) };

START_TEST(what_was_not_judged_costs_nothing)
{
    char text[SCORE_BYTES];
    const struct marks *marks = &scores[_i].marks;
    marks_score_text(marks, text);
    ck_assert_str_eq(text, scores[_i].score);
    ck_assert_int_eq(marks_out_of(marks), scores[_i].out_of);
    json_t *score = convert_score(marks);
    ck_assert_int_eq(json_is_null(score), *text == '\0');
    ck_assert(*text == '\0' || json_number_value(score) == strtod(text, NULL));
    json_decref(score);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("convert");
    TCase *tcase = tcase_create("convert");
    tcase_add_loop_test(tcase, cells_are_quoted_and_are_no_formulas, 0, CELLS);
    tcase_add_test(tcase, what_is_written_can_be_read);
    tcase_add_test(tcase, rows_end_with_crlf);
    tcase_add_loop_test(tcase, text_in_xml_is_text, 0, XML);
    tcase_add_loop_test(tcase, what_was_not_judged_costs_nothing, 0, SCORES);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
