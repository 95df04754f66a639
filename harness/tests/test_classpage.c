/* The page of a class: what is in the file.  How it looks and behaves is
 * tests/browser/class.js, for which this program makes up batches:
 *
 *      test_classpage batches DIR                                            */
#include <check.h>
#include <errno.h>
#include <unistd.h>

#include "base/replace.h"
#include "base/tree.h"
#include "grade/grades.h"
#include "report/classpage.h"
#include "tests/madeclass.h"

/* What a student would write who wants to be read as markup. */
#define ATTACK                                                                 \
    "</script><script>window.broken=1</script><img src=x "                     \
    "onerror=\"window.broken=2\"><!-- ]]> &lt;b&gt; '\""
/* And one who wants to change what stands beside it. */
#define CONTROL "a\001b\033[31mc\u202edef\u2066\177"

static char dir[64];
static const char *batches_dir;

static void setup(void)
{
    strcpy(dir, "/tmp/wl-class.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void teardown(void)
{
    (void)tree_remove(dir);
}

/* The page's text; the caller frees it. */
static char *page_text(struct classpage *page, size_t *bytes)
{
    char error[CLASSPAGE_ERROR_BYTES] = "";
    char *path = str_format("%s/index.html", dir);
    ck_assert_msg(classpage_write(page, path, error) == 0, "%s", error);
    char *text = file_load(path, bytes);
    ck_assert_ptr_nonnull(text);
    free(path);
    return text;
}

static json_t *data_in(const char *text)
{
    static const char mark[] = "<script type=\"application/json\" id=\"data\">";
    const char *at = strstr(text, mark);
    ck_assert_ptr_nonnull(at);
    at += strlen(mark);
    const char *end = strstr(at, "</script>");
    ck_assert_ptr_nonnull(end);
    json_error_t error;
    json_t *data = json_loadb(at, (size_t)(end - at), 0, &error);
    ck_assert_msg(data != NULL, "%s", error.text);
    return data;
}

static json_t *page_data(const json_t *grades)
{
    size_t bytes;
    struct classpage *page = classpage_new(grades);
    char *text = page_text(page, &bytes);
    json_t *data = data_in(text);
    free(text);
    classpage_free(page);
    return data;
}

static const json_t *row(const json_t *data, size_t index)
{
    return json_array_get(json_object_get(data, "students"), index);
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static int number_of(const json_t *object, const char *key)
{
    return (int)json_integer_value(json_object_get(object, key));
}

static size_t count_text(const char *text, const char *part)
{
    size_t n = 0;
    for (; (text = strstr(text, part)) != NULL; text++)
        n++;
    return n;
}

/* ---- What is told ---------------------------------------------------------
 */

START_TEST(each_verdict_is_a_letter_in_its_column)
{
    static const char *const verdicts[] = {"pass",    "fail",  "skip",
                                           "blocked", "flaky", "infra"};
    json_t *grades = class_new();
    json_t *ada = class_student(grades, "ada", "Ada");
    json_t *ben = class_student(grades, "ben", "Ben");
    for (size_t i = 0; i < 6; i++) {
        char *id = str_format("08.1.test_%zu", i);
        (void)class_test(ada, id, 5, verdicts[i], "");
        if (i != 2) /* not everybody need have every test */
            (void)class_test(ben, id, 5, verdicts[5 - i], "");
        free(id);
    }
    class_end(ada);
    class_end(ben);
    json_t *data = page_data(grades);
    ck_assert_str_eq(text_of(row(data, 0), "verdicts"), "pfsbyi");
    ck_assert_str_eq(text_of(row(data, 1), "verdicts"), "iy-sfp");
    ck_assert_int_eq(number_of(row(data, 0), "points"), 10);
    ck_assert_int_eq(number_of(row(data, 0), "judged"), 20);
    ck_assert_uint_eq(json_array_size(json_object_get(data, "tests")), 6);
    json_decref(data);
    json_decref(grades);
}
END_TEST

START_TEST(a_message_stands_once_however_many_are_told_it)
{
    json_t *grades = class_new();
    for (int i = 0; i < 50; i++) {
        char *id = str_format("s%d", i);
        json_t *student = class_student(grades, id, "");
        (void)class_test(student, "08.1.one", 5, "fail", "it came N too late");
        (void)class_test(student, "08.1.two", 5, "fail",
                         i == 20 ? "it never came" : "it came N too late");
        free(id);
    }
    json_t *data = page_data(grades);
    const json_t *texts = json_object_get(data, "texts");
    ck_assert_uint_eq(json_array_size(texts), 2);
    const json_t *of = json_object_get(row(data, 20), "texts");
    ck_assert_str_eq(
        json_string_value(json_array_get(texts, (size_t)number_of(of, "1"))),
        "it never came");
    ck_assert_int_eq(number_of(data, "cut"), -1);
    json_decref(data);
    json_decref(grades);
}
END_TEST

START_TEST(what_kept_a_submission_from_being_run_is_told)
{
    static const char *const states[] = {"built", "broken", "nothing", "infra"};
    json_t *grades = class_new();
    for (size_t i = 0; i < 4; i++) {
        json_t *student = class_student(grades, states[i], "");
        if (i > 0)
            class_unbuilt(student, states[i], "a.c:1: error");
        (void)class_test(student, "08.1.one", 5, i == 3 ? "infra" : "fail", "");
    }
    json_t *data = page_data(grades);
    for (size_t i = 0; i < 4; i++)
        ck_assert_str_eq(text_of(row(data, i), "state"), states[i]);
    ck_assert_str_eq(text_of(row(data, 1), "build"), "a.c:1: error");
    ck_assert_str_eq(text_of(row(data, 0), "build"), "");
    json_decref(data);
    json_decref(grades);
}
END_TEST

START_TEST(points_that_a_verdict_does_not_say_are_told)
{
    json_t *grades = class_new();
    json_t *student = class_student(grades, "ada", "Ada");
    (void)class_test(student, "08.1.one", 5, "pass", "");
    json_t *partly = class_test(student, "08.1.two", 5, "fail", "");
    (void)json_object_set_new(partly, "points", json_integer(3));
    json_t *data = page_data(grades);
    const json_t *points = json_object_get(row(data, 0), "points_of");
    ck_assert_uint_eq(json_object_size(points), 1);
    ck_assert_int_eq(number_of(points, "1"), 3);
    json_decref(data);
    json_decref(grades);
}
END_TEST

START_TEST(what_a_policy_changed_is_told)
{
    json_t *grades = class_new();
    json_t *student = class_student(grades, "ada", "Ada");
    json_t *score = json_object_get(student, "score");
    (void)json_object_set_new(score, "before", json_integer(80));
    (void)json_object_set_new(score, "adjustments",
                              json_pack("[{s:s, s:i, s:s}]", "kind", "late",
                                        "points", -10, "reason",
                                        "one day late"));
    json_t *data = page_data(grades);
    const json_t *one =
        json_array_get(json_object_get(row(data, 0), "adjustments"), 0);
    ck_assert_int_eq(number_of(row(data, 0), "before"), 80);
    ck_assert_int_eq(number_of(one, "points"), -10);
    ck_assert_str_eq(text_of(one, "reason"), "one day late");
    json_decref(data);
    json_decref(grades);
}
END_TEST

/* Three students' times of one test: 100, 300 and 200 ms. */
START_TEST(times_are_of_tests_that_were_run)
{
    static const double ms[] = {100, 300, 200};
    json_t *grades = class_new();
    for (int i = 0; i < 3; i++) {
        char *id = str_format("s%d", i);
        json_t *student = class_student(grades, id, "");
        (void)class_test(student, "08.1.one", 5, "pass", "");
        (void)class_test(student, "08.2.two", 5, "blocked", "");
        free(id);
    }
    struct classpage *page = classpage_new(grades);
    for (size_t i = 0; i < 3; i++) {
        json_t *results = json_pack(
            "{s:[{s:s, s:s, s:f}, {s:s, s:s, s:f}, {s:s, s:s, s:f}]}", "tests",
            "id", "08.1.one", "verdict", "pass", "duration_ms", ms[i], "id",
            "08.2.two", "verdict", "blocked", "duration_ms", 9000.0, "id",
            "08.9.unknown", "verdict", "pass", "duration_ms", 9000.0);
        classpage_add_run(page, i, results, i == 1 ? "way/report.html" : NULL);
        json_decref(results);
    }
    size_t bytes;
    char *text = page_text(page, &bytes);
    json_t *data = data_in(text);
    const json_t *tests = json_object_get(data, "tests");
    const json_t *one = json_array_get(tests, 0);
    ck_assert_double_eq(json_real_value(json_object_get(one, "median_ms")),
                        200);
    ck_assert_double_eq(json_real_value(json_object_get(one, "most_ms")), 300);
    ck_assert_int_eq(number_of(one, "slowest"), 1);
    ck_assert_ptr_null(json_object_get(json_array_get(tests, 1), "median_ms"));
    ck_assert_double_eq(json_real_value(json_object_get(row(data, 2), "ms")),
                        200);
    ck_assert_str_eq(text_of(row(data, 1), "report"), "way/report.html");
    ck_assert_str_eq(text_of(row(data, 0), "report"), "");
    json_decref(data);
    free(text);
    classpage_free(page);
    json_decref(grades);
}
END_TEST

/* ---- What must not happen -------------------------------------------------
 */

static json_t *hostile_class(void)
{
    json_t *grades = class_new();
    char many[201] = "";
    memset(many, 'W', sizeof(many) - 1);
    const char *const ids[] = {ATTACK, many, CONTROL}; /* sorted */
    (void)json_object_set_new(grades, "title", json_string(ATTACK));
    for (size_t i = 0; i < 3; i++) {
        json_t *student = class_student(grades, ids[i], ids[i]);
        json_t *submission = json_object_get(student, "submission");
        (void)json_object_set_new(student, "email", json_string(ids[i]));
        (void)json_object_set_new(submission, "file", json_string(ids[i]));
        (void)json_object_set_new(submission, "submitted", json_string(ids[i]));
        (void)json_array_append_new(json_object_get(submission, "problems"),
                                    json_string(ids[i]));
        json_t *test =
            class_test(student, "08.1.one", 5, i ? "fail" : "flaky", ids[i]);
        (void)json_object_set_new(test, "title", json_string(ATTACK));
        (void)class_test(student, "08.1.two", 5, "fail", ids[i]);
        class_end(student);
    }
    return grades;
}

START_TEST(what_students_write_stays_data)
{
    json_t *grades = hostile_class();
    struct classpage *page = classpage_new(grades);
    size_t bytes;
    char *text = page_text(page, &bytes);
    ck_assert_uint_eq(count_text(text, "<script"), 2);
    ck_assert_uint_eq(count_text(text, "</script"), 2);
    ck_assert_uint_eq(count_text(text, "<img"), 0);
    ck_assert_uint_eq(count_text(text, "<!--"), 0);
    ck_assert_uint_eq(strlen(text), bytes);
    for (const char *at = text; *at; at++)
        ck_assert((unsigned char)*at >= ' ' || *at == '\n' || *at == '\t');
    json_t *data = data_in(text);
    ck_assert_str_eq(text_of(row(data, 0), "id"), ATTACK);
    ck_assert_str_eq(text_of(row(data, 2), "name"), CONTROL);
    json_decref(data);
    free(text);
    classpage_free(page);
    json_decref(grades);
}
END_TEST

START_TEST(a_class_of_nobody_is_a_page)
{
    json_t *grades = class_new();
    json_t *data = page_data(grades);
    ck_assert_uint_eq(json_array_size(json_object_get(data, "students")), 0);
    ck_assert_uint_eq(json_array_size(json_object_get(data, "tests")), 0);
    json_decref(data);
    json_decref(grades);
}
END_TEST

/* Each of 300 * 55 messages is unlike all others, and of characters that take
 * three times their bytes as JSON. */
static json_t *wordy_class(void)
{
    json_t *grades = class_made(300, 55), *student, *test;
    size_t i, k;
    json_array_foreach(json_object_get(grades, "students"), i, student)
    {
        json_array_foreach(json_object_get(student, "tests"), k, test)
        {
            char *text = str_format("%zu %zu ", i, k);
            for (int n = 0; n < 5; n++) {
                char *more =
                    str_format("%s%s", text, "„ζητούμενο“ <b>&amp;</b> ");
                free(text);
                text = more;
            }
            (void)json_object_set_new(test, "message", json_string(text));
            free(text);
        }
    }
    return grades;
}

START_TEST(a_large_class_fits)
{
    for (int wordy = 0; wordy < 2; wordy++) {
        json_t *grades = wordy ? wordy_class() : class_made(300, 55);
        size_t bytes;
        struct classpage *page = classpage_new(grades);
        char *text = page_text(page, &bytes);
        classpage_free(page);
        json_t *data = data_in(text);
        ck_assert_uint_lt(bytes, CLASSPAGE_MAX_BYTES);
        ck_assert_uint_eq(json_array_size(json_object_get(data, "students")),
                          300);
        if (wordy) /* what there is room for is used */
            ck_assert_uint_gt(bytes, CLASSPAGE_MAX_BYTES / 3);
        ck_assert_int_eq(number_of(data, "cut") >= 0, wordy);
        json_decref(data);
        free(text);
        json_decref(grades);
    }
}
END_TEST

START_TEST(a_text_is_cut_between_characters)
{
    for (size_t before = 0; before < 4; before++) {
        struct strbuf text = {0};
        for (size_t i = 0; i < before; i++)
            strbuf_add(&text, "x", 1);
        for (size_t i = 0; i < 1000; i++)
            strbuf_printf(&text, "€");
        json_t *grades = class_new();
        json_t *student = class_student(grades, strbuf_text(&text), "");
        (void)class_test(student, "08.1.one", 5, "fail", strbuf_text(&text));
        json_t *data = page_data(grades); /* else it would be no JSON */
        const char *told = json_string_value(
            json_array_get(json_object_get(data, "texts"), 0));
        ck_assert_uint_lt(strlen(told), 2010);
        ck_assert_uint_gt(strlen(told), 1990);
        ck_assert_ptr_nonnull(strstr(told, "…"));
        ck_assert_int_eq(number_of(data, "cut"), 2000);
        ck_assert_uint_lt(strlen(text_of(row(data, 0), "id")), 310);
        json_decref(data);
        json_decref(grades);
        strbuf_fini(&text);
    }
}
END_TEST

START_TEST(a_folder_that_cannot_be_written_is_told)
{
    char error[CLASSPAGE_ERROR_BYTES] = "";
    json_t *grades = class_new();
    struct classpage *page = classpage_new(grades);
    ck_assert_int_eq(classpage_write(page, "/nowhere/index.html", error),
                     -ENOENT);
    ck_assert_str_eq(error, "cannot write /nowhere/index.html: No such file or "
                            "directory");
    classpage_free(page);
    json_decref(grades);
}
END_TEST

/* ---- Batches for the browser ----------------------------------------------
 */

static void write_json(const char *path, json_t *json)
{
    char *text = json_dumps(json, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
    ck_assert_int_eq(file_replace(path, text, strlen(text)), 0);
    free(text);
    json_decref(json);
}

/* What a check of theirs would have left, without evidence. */
static void write_run(const char *batch, const json_t *student)
{
    char *name = grades_directory(text_of(student, "id"));
    char *run = str_format("%s/students/%s", batch, name);
    json_t *tests = json_deep_copy(json_object_get(student, "tests")), *test;
    size_t i;
    json_array_foreach(tests, i, test)
    {
        (void)json_object_set_new(test, "duration_ms",
                                  json_real(100 + 40 * (double)(i % 7)));
        (void)json_object_set_new(test, "steps", json_array());
    }
    if (strlen(name) < 250 && tree_make(run) == 0) {
        char *path = str_format("%s/results.json", run);
        write_json(path,
                   json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i,"
                             " s:O, s:[], s:O}",
                             "schema", 1, "wirelab", "0.1.0", "lab", "08",
                             "impl", "submission", "world", "host", "engine",
                             "wire", "seed", "7", "started",
                             "2026-11-23T10:15:02Z", "duration_ms", 4200,
                             "score", json_object_get(student, "score"),
                             "checkpoints", "tests", tests));
        free(path);
    }
    json_decref(tests);
    free(run);
    free(name);
}

static void write_batch(const char *name, json_t *grades)
{
    char *batch = str_format("%s/%s", batches_dir, name);
    char *path = str_format("%s/results.json", batch);
    const json_t *student;
    size_t i;
    ck_assert_int_eq(tree_make(batch), 0);
    json_array_foreach(json_object_get(grades, "students"), i, student)
    {
        const json_t *build = json_object_get(student, "build");
        if (json_is_true(json_object_get(build, "ok")))
            write_run(batch, student);
    }
    write_json(path, grades);
    free(path);
    free(batch);
}

START_TEST(batches_are_made)
{
    write_batch("class", class_made(24, 14));
    write_batch("hostile", hostile_class());
    write_batch("crowd", class_made(300, 55));
    write_batch("nobody", class_new());
}
END_TEST

static Suite *batches_suite(void)
{
    Suite *suite = suite_create("batches");
    TCase *batches = tcase_create("batches");
    tcase_set_timeout(batches, 60);
    tcase_add_test(batches, batches_are_made);
    suite_add_tcase(suite, batches);
    return suite;
}

static Suite *make_suite(void)
{
    Suite *suite = suite_create("classpage");
    TCase *page = tcase_create("page");
    tcase_set_timeout(page, 60);
    tcase_add_checked_fixture(page, setup, teardown);
    tcase_add_test(page, each_verdict_is_a_letter_in_its_column);
    tcase_add_test(page, a_message_stands_once_however_many_are_told_it);
    tcase_add_test(page, what_kept_a_submission_from_being_run_is_told);
    tcase_add_test(page, points_that_a_verdict_does_not_say_are_told);
    tcase_add_test(page, what_a_policy_changed_is_told);
    tcase_add_test(page, times_are_of_tests_that_were_run);
    tcase_add_test(page, what_students_write_stays_data);
    tcase_add_test(page, a_class_of_nobody_is_a_page);
    tcase_add_test(page, a_large_class_fits);
    tcase_add_test(page, a_text_is_cut_between_characters);
    tcase_add_test(page, a_folder_that_cannot_be_written_is_told);
    suite_add_tcase(suite, page);
    return suite;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "batches") == 0)
        batches_dir = argv[2];
    SRunner *runner =
        srunner_create(batches_dir ? batches_suite() : make_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
