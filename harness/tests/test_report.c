/* What a learner reads, against golden transcripts of golden/results.json. */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "report/text.h"
#include "tests/golden.h"

static const struct report_style plain = {0};
static json_t *results;

static void setup(void)
{
    json_error_t error;
    results = json_load_file("harness/tests/golden/results.json", 0, &error);
    ck_assert_msg(results != NULL, "line %d: %s", error.line, error.text);
}

static void teardown(void)
{
    json_decref(results);
}

static const json_t *find(const char *id)
{
    size_t i;
    json_t *test;
    json_array_foreach(json_object_get(results, "tests"), i, test)
    {
        const char *name = json_string_value(json_object_get(test, "id"));
        if (strcmp(name, id) == 0)
            return test;
    }
    ck_abort_msg("no test %s", id);
    return NULL;
}

struct print {
    FILE *out;
    char *text;
    size_t size;
};

static void print_open(struct print *print)
{
    *print = (struct print){0};
    print->out = open_memstream(&print->text, &print->size);
    ck_assert_ptr_nonnull(print->out);
}

/* Colours take no columns, and UTF-8 one a character. */
static void expect_width(const char *text, int columns)
{
    int width = 0;
    for (const char *p = text; *p; p++) {
        if (*p == '\033')
            p = strchr(p, 'm');
        else if (*p == '\n')
            width = 0;
        else
            width += ((unsigned char)*p & 0xc0) != 0x80;
        ck_assert_msg(width <= columns, "too wide at: %.60s", p - columns);
    }
}

static char *failure(const char *id, const struct report_style *style)
{
    struct print print;
    print_open(&print);
    report_failure(print.out, find(id), style);
    fclose(print.out);
    return print.text;
}

static void expect_failure(const char *name, const char *id,
                           const struct report_style *style)
{
    char *text = failure(id, style);
    expect_golden(name, text);
    free(text);
}

START_TEST(failure_has_its_five_parts)
{
    expect_failure("report_failure", "08.2.survives_loss", &plain);
}
END_TEST

START_TEST(failure_can_be_coloured)
{
    expect_failure("report_coloured", "08.2.survives_loss",
                   &(struct report_style){.colour = true, .utf8 = true});
}
END_TEST

START_TEST(failure_can_be_brief)
{
    expect_failure("report_brief", "08.2.survives_corruption",
                   &(struct report_style){.brief = true});
}
END_TEST

START_TEST(failure_without_evidence_is_told)
{
    expect_failure("report_bare", "08.2.survives_corruption", &plain);
}
END_TEST

START_TEST(infra_is_not_the_learners_fault)
{
    expect_failure("report_infra", "08.4.reorder_no_storm", &plain);
}
END_TEST

START_TEST(flaky_is_told)
{
    expect_failure("report_flaky", "08.1.empty_file", &plain);
}
END_TEST

START_TEST(verdict_of_one_run_is_told)
{
    /* As `suite --run` writes it: no points, no variants, no evidence. */
    json_t *verdict = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:[{s:f, s:s, s:b}]}", "id", "04.1.echo",
        "title", "What is sent comes back", "verdict", "fail", "message",
        "the echo of \"abc\" is \"ab\" instead of \"abc\"", "cause",
        "A short write was taken for a whole one.", "steps", "t_ms", 3.25,
        "text", "check: the echo of \"abc\"", "failed", 1);
    struct print print;
    print_open(&print);
    report_progress(print.out, verdict, &plain);
    report_failure(print.out, verdict, &plain);
    fclose(print.out);
    expect_golden("report_verdict", print.text);
    free(print.text);
    json_decref(verdict);
}
END_TEST

START_TEST(real_tools_stand_beside)
{
    json_t *passed = json_pack(
        "{s:s, s:s, s:s, s:[{s:s, s:s, s:f, s:s, s:f}, {s:s, s:s, s:f, s:s, "
        "s:f}]}",
        "id", "01.4.beside_curl", "verdict", "pass", "title", "A title",
        "comparisons", "what", "connect", "unit", "ms", "yours", 80.1234,
        "peer", "curl", "theirs", 80.5, "what", "rate", "unit", "Mbit/s",
        "yours", 9.5, "peer", "a-tool-with-a-long-name", "theirs", 1234.0);
    json_t *tests = json_object_get(results, "tests");
    json_array_clear(tests);
    json_array_append_new(tests, passed);
    struct print print;
    print_open(&print);
    report_check(print.out, results, NULL, &plain);
    json_object_set_new(passed, "verdict", json_string("fail"));
    report_failure(print.out, passed, &plain);
    fclose(print.out);
    expect_golden("report_beside", print.text);
    free(print.text);
}
END_TEST

START_TEST(progress_takes_one_line)
{
    struct print print;
    size_t i;
    json_t *test;
    print_open(&print);
    json_array_foreach(json_object_get(results, "tests"), i, test)
        report_progress(print.out, test, &plain);
    fclose(print.out);
    expect_golden("report_progress", print.text);
    expect_width(print.text, 80);
    free(print.text);
}
END_TEST

static char *whole(const struct report_style *style, const char *path)
{
    struct print print;
    print_open(&print);
    report_check(print.out, results, path, style);
    fclose(print.out);
    return print.text;
}

START_TEST(check_is_told_to_its_end)
{
    char *text = whole(&plain, "build/runs/08/20261123-100000-1/results.json");
    expect_golden("report_check", text);
    free(text);
}
END_TEST

START_TEST(summary_says_when_nothing_failed)
{
    json_t *tests = json_object_get(results, "tests");
    struct print print;
    for (size_t i = json_array_size(tests); i-- > 0;) {
        const json_t *test = json_array_get(tests, i);
        const char *verdict =
            json_string_value(json_object_get(test, "verdict"));
        if (strcmp(verdict, "pass") != 0)
            json_array_remove(tests, i);
    }
    print_open(&print);
    report_summary(print.out, results, NULL, &plain);
    fclose(print.out);
    expect_golden("report_passed", print.text);
    free(print.text);
}
END_TEST

START_TEST(no_line_is_wider_than_the_page)
{
    static const int columns[] = {60, 80, 100};
    const struct report_style style = {
        .columns = columns[_i], .utf8 = true, .colour = true};
    char *text = whole(&style, NULL), *rest = text, *line;
    while ((line = strsep(&rest, "\n")) != NULL) {
        if (strstr(line, "build/runs") == NULL) /* paths are to be copied */
            expect_width(line, columns[_i] < 80 ? 80 : columns[_i]);
    }
    free(text);
}
END_TEST

START_TEST(colours_only_when_asked)
{
    const struct report_style coloured = {.colour = true};
    char *text = whole(&plain, NULL);
    ck_assert_ptr_null(strchr(text, '\033'));
    free(text);
    text = whole(&coloured, NULL);
    ck_assert_ptr_nonnull(strstr(text, "\033[31m"));
    free(text);
}
END_TEST

/* Whatever is missing, the rest is told: each member taken away in turn. */
START_TEST(any_member_may_be_missing)
{
    const json_t *test = find("08.2.survives_loss");
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)test, key, value)
    {
        json_t *less = json_deep_copy(test);
        struct print print;
        json_object_del(less, key);
        print_open(&print);
        report_progress(print.out, less, &plain);
        report_failure(print.out, less, &plain);
        fclose(print.out);
        ck_assert_uint_gt(print.size, 200);
        free(print.text);
        json_decref(less);
    }
}
END_TEST

/* ---- Terminals ---------------------------------------------------------- */

static const struct {
    const char *all, *ctype, *lang; /* NULL: not set */
    bool utf8;
} locales[] = {
    {NULL, NULL, NULL, false},     {NULL, NULL, "C", false},
    {NULL, NULL, "C.UTF-8", true}, {NULL, NULL, "en_GB.utf8", true},
    {"C", NULL, "C.UTF-8", false}, {NULL, "POSIX", "C.UTF-8", false},
    {"C.UTF-8", "C", "C", true},   {NULL, NULL, "de_DE.ISO-8859-1", false},
    {"", "", "C.UTF-8", true},
};
enum { LOCALES = sizeof(locales) / sizeof(locales[0]) };

static void set(const char *name, const char *value)
{
    ck_assert_int_eq(value ? setenv(name, value, 1) : unsetenv(name), 0);
}

/* The ladder of a failure has box drawing in it where the locale knows that,
 * else nothing but ASCII; either way it fits. */
START_TEST(the_ladder_speaks_the_terminals_language)
{
    set("LC_ALL", locales[_i].all);
    set("LC_CTYPE", locales[_i].ctype);
    set("LANG", locales[_i].lang);
    struct report_style style = report_style_for(stdout);
    ck_assert_int_eq(style.utf8, locales[_i].utf8);
    char *text = failure("08.2.survives_loss", &style);
    expect_width(text, 100);
    ck_assert_int_eq(strstr(text, "─") != NULL, locales[_i].utf8);
    bool ascii = true;
    for (const char *p = text; *p; p++)
        ascii = ascii && (unsigned char)*p < 0x80;
    ck_assert_int_eq(ascii, !locales[_i].utf8);
    ck_assert_ptr_nonnull(strstr(text, "On the wire"));
    free(text);
}
END_TEST

/* ---- Normalising -------------------------------------------------------- */

static const struct {
    const char *text, *normal;
} texts[] = {
    {"", ""},
    {"exited with status 1", "exited with status N\n"},
    {"after 10.3 s, or 12 ms", "after TIME, or TIME\n"},
    {"12 segments", "N segments\n"},
    {"1.3 Mbit/s", "N Mbit/s\n"},
    {"  a   b  ", " a b\n"},
    {"\n\n\na\n\n\n\nb\n\n", "a\n\nb\n"},
    {"08.4.reorder_no_storm failed", "08.4.reorder_no_storm failed\n"},
    {"08.4.pair/to-reference at 7", "08.4.pair/to-reference at N\n"},
    {"RFC 6298 section 5.5, 17", "RFC 6298 section 5.5, N\n"},
    {"see /tmp/x/y and build/a.b it", "see PATH and PATH it\n"},
    {"./wirelab replay build/r 7", "./wirelab replay PATH N\n"},
    {"is 3f 22 00 there", "is HEX there\n"},
    {"at 0x1f, to be or not to be", "at HEX, to be or not to be\n"},
    {"h2c and utf8 and IPv4", "h2c and utf8 and IPv4\n"},
    {"seed 18446744073709551615", "seed N\n"},
};
enum { TEXTS = sizeof(texts) / sizeof(texts[0]) };

START_TEST(numbers_become_placeholders)
{
    char *normal = report_normalise(texts[_i].text);
    ck_assert_str_eq(normal, texts[_i].normal);
    free(normal);
}
END_TEST

START_TEST(normal_text_stays_as_it_is)
{
    char *once = NULL, *twice = NULL;
    char *text = failure("08.2.survives_loss", &plain);
    once = report_normalise(text);
    twice = report_normalise(once);
    ck_assert_str_eq(once, twice);
    free(text);
    free(once);
    free(twice);
}
END_TEST

START_TEST(failure_is_normalised)
{
    const struct report_style unwrapped = {.columns = REPORT_UNWRAPPED};
    char *text = failure("08.2.survives_loss", &unwrapped);
    char *normal = report_normalise(text);
    expect_golden("report_normal", normal);
    ck_assert_ptr_null(strstr(normal, "await_ack"));
    ck_assert_ptr_null(strstr(normal, "DATA 4"));
    free(normal);
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report");
    TCase *telling = tcase_create("telling");
    tcase_add_checked_fixture(telling, setup, teardown);
    tcase_add_test(telling, failure_has_its_five_parts);
    tcase_add_test(telling, failure_can_be_coloured);
    tcase_add_test(telling, failure_can_be_brief);
    tcase_add_test(telling, failure_without_evidence_is_told);
    tcase_add_test(telling, infra_is_not_the_learners_fault);
    tcase_add_test(telling, flaky_is_told);
    tcase_add_test(telling, verdict_of_one_run_is_told);
    tcase_add_test(telling, real_tools_stand_beside);
    tcase_add_test(telling, progress_takes_one_line);
    tcase_add_test(telling, check_is_told_to_its_end);
    tcase_add_test(telling, summary_says_when_nothing_failed);
    tcase_add_loop_test(telling, no_line_is_wider_than_the_page, 0, 3);
    tcase_add_test(telling, colours_only_when_asked);
    tcase_add_test(telling, any_member_may_be_missing);
    tcase_add_loop_test(telling, the_ladder_speaks_the_terminals_language, 0,
                        LOCALES);
    tcase_add_loop_test(telling, numbers_become_placeholders, 0, TEXTS);
    tcase_add_test(telling, normal_text_stays_as_it_is);
    tcase_add_test(telling, failure_is_normalised);
    suite_add_tcase(suite, telling);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed;
}
