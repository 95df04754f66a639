/* Puts the page of a class together.
 *
 * Its data are columns rather than objects: a verdict is a letter, and a
 * message stands once however many students share it, for in a class most
 * failures are told in the same words.
 *
 *      {"lab", "title", "wirelab", "world", "shard",
 *       "tests": [{"id", "title", "checkpoint", "max", "hidden", "category",
 *                  "median_ms", "most_ms", "slowest": student's index}],
 *       "students": [{"id", "name", "email", "file", "submitted", "points",
 *                     "max", "judged", "state": "built" "broken" "nothing"
 *                     "infra", "build", "problems": […],
 *                     "verdicts": a letter for each test, '-' if it has none,
 *                     "points_of": {test's index: points}, where they are
 *                     neither all nor none,
 *                     "texts": {test's index: index in texts}, "ms",
 *                     "report"; and with a policy "before" (points),
 *                     "adjustments", "late"}],
 *       "texts": […], "cut": to how many bytes texts were cut; -1: none was} */
#include "report/classpage.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/replace.h"
#include "base/strbuf.h"
#include "report/page.h"
#include "report/pagefiles.h"
#include "report/sheet.h"

enum { MAX_NAME_BYTES = 300 }; /* of an id, a name, a title */

/* How long messages may be: the first that fits is taken. */
static const size_t text_bytes[] = {2000, 600, 300, 150, 80, 40, 0};
enum { TEXT_SIZES = sizeof(text_bytes) / sizeof(text_bytes[0]) };

struct timing {
    double ms;
    size_t student;
};

struct column {          /* a test */
    const json_t *first; /* its entry of the first student that has it */
    struct timing *timings;
    size_t timing_count;
};

struct row { /* a student */
    double ms;
    char *way;
};

struct classpage {
    const json_t *grades;
    const json_t *students;
    json_t *index; /* of tests, by id */
    struct column *columns;
    size_t column_count;
    struct row *rows;
};

/* ---- Tests and times ------------------------------------------------------
 */

static void find_column(struct classpage *page, const json_t *test)
{
    const char *id = member_text(test, "id");
    if (json_object_get(page->index, id))
        return;
    (void)json_object_set_new(page->index, id,
                              json_integer((json_int_t)page->column_count));
    page->columns = mem_realloc(page->columns, (page->column_count + 1) *
                                                   sizeof(*page->columns));
    page->columns[page->column_count++] = (struct column){.first = test};
}

struct classpage *classpage_new(const json_t *grades)
{
    struct classpage *page = mem_zalloc(sizeof(*page));
    page->grades = grades;
    page->students = json_object_get(grades, "students");
    page->index = json_object();
    page->rows =
        mem_zalloc(json_array_size(page->students) * sizeof(*page->rows));
    size_t i, k;
    json_t *student, *test;
    json_array_foreach(page->students, i, student)
    {
        json_array_foreach(json_object_get(student, "tests"), k, test)
            find_column(page, test);
    }
    return page;
}

void classpage_free(struct classpage *page)
{
    if (page == NULL)
        return;
    for (size_t i = 0; i < page->column_count; i++)
        free(page->columns[i].timings);
    for (size_t i = 0; i < json_array_size(page->students); i++)
        free(page->rows[i].way);
    free(page->columns);
    free(page->rows);
    json_decref(page->index);
    free(page);
}

static struct column *column_of(const struct classpage *page,
                                const json_t *test)
{
    const json_t *at = json_object_get(page->index, member_text(test, "id"));
    return at ? &page->columns[json_integer_value(at)] : NULL;
}

/* Tests that were not run took no time. */
static bool was_run(const json_t *test)
{
    const char *verdict = member_text(test, "verdict");
    return strcmp(verdict, "blocked") != 0 && strcmp(verdict, "skip") != 0 &&
           strcmp(verdict, "infra") != 0;
}

void classpage_add_run(struct classpage *page, size_t student,
                       const json_t *results, const char *way)
{
    struct row *row = &page->rows[student];
    size_t i;
    json_t *test;
    row->way = way ? mem_strdup(way) : NULL;
    json_array_foreach(json_object_get(results, "tests"), i, test)
    {
        struct column *column = column_of(page, test);
        double ms = member_number(test, "duration_ms");
        if (column == NULL || !was_run(test) || ms <= 0)
            continue;
        column->timings =
            mem_realloc(column->timings,
                        (column->timing_count + 1) * sizeof(*column->timings));
        column->timings[column->timing_count++] =
            (struct timing){.ms = ms, .student = student};
        row->ms += ms;
    }
}

static int by_time(const void *a, const void *b)
{
    const struct timing *one = a, *other = b;
    return (one->ms > other->ms) - (one->ms < other->ms);
}

static void add_times(json_t *test, const struct column *column)
{
    size_t n = column->timing_count;
    if (n == 0)
        return;
    qsort(column->timings, n, sizeof(*column->timings), by_time);
    const struct timing *most = &column->timings[n - 1];
    (void)json_object_set_new(test, "median_ms",
                              json_real(column->timings[n / 2].ms));
    (void)json_object_set_new(test, "most_ms", json_real(most->ms));
    (void)json_object_set_new(test, "slowest",
                              json_integer((json_int_t)most->student));
}

/* ---- Texts ----------------------------------------------------------------
 */

/* What the page's data are being made of. */
struct making {
    const struct classpage *page;
    size_t text_bytes; /* longer ones are cut */
    bool cut;          /* one was */
    json_t *texts;
    json_t *known; /* text: its index */
};

/* No more than `most` bytes of a text, and no half of a character. */
static json_t *cut_text(const char *text, size_t most, bool *cut)
{
    size_t bytes = strlen(text);
    if (bytes <= most)
        return json_string(text);
    while (most > 0 && ((unsigned char)text[most] & 0xc0) == 0x80)
        most--;
    if (cut)
        *cut = true;
    char *head = str_format("%.*s…", (int)most, text);
    json_t *json = json_string(head);
    free(head);
    return json;
}

static void set_name(json_t *object, const char *key, const json_t *from)
{
    const char *text = member_text(from, key);
    if (*text)
        (void)json_object_set_new(object, key,
                                  cut_text(text, MAX_NAME_BYTES, NULL));
}

static json_t *text_at(struct making *making, const char *text)
{
    json_t *cut = cut_text(text, making->text_bytes, &making->cut);
    const char *key = json_string_value(cut);
    json_t *at = json_object_get(making->known, key);
    if (at == NULL) {
        at = json_integer((json_int_t)json_array_size(making->texts));
        (void)json_object_set_new(making->known, key, at);
        (void)json_array_append(making->texts, cut);
    }
    json_decref(cut);
    return json_incref(at);
}

/* ---- Rows -----------------------------------------------------------------
 */

/* Its first, but 'y' for flaky, since fail begins alike. */
static char letter_of(const json_t *test)
{
    const char *verdict = member_text(test, "verdict");
    return strcmp(verdict, "flaky") == 0 ? 'y' : verdict[0];
}

/* A pass earns all its points, anything else none; what does not is told. */
static bool is_partial(const json_t *test)
{
    bool good = letter_of(test) == 'p' ||
                strcmp(member_text(test, "verdict"), "flaky") == 0;
    return member_number(test, "points") !=
           (good ? member_number(test, "max") : 0);
}

static void set_tests(json_t *row, const json_t *student, struct making *making)
{
    const struct classpage *page = making->page;
    char *verdicts = mem_zalloc(page->column_count + 1);
    json_t *texts = json_object(), *points = json_object(), *test;
    size_t i;
    memset(verdicts, '-', page->column_count);
    json_array_foreach(json_object_get(student, "tests"), i, test)
    {
        size_t at = (size_t)(column_of(page, test) - page->columns);
        const char *message = member_text(test, "message");
        char key[24];
        (void)snprintf(key, sizeof(key), "%zu", at);
        verdicts[at] = letter_of(test);
        if (*message && making->text_bytes > 0)
            (void)json_object_set_new(texts, key, text_at(making, message));
        making->cut |= *message && making->text_bytes == 0;
        if (is_partial(test))
            (void)json_object_set(points, key, json_object_get(test, "points"));
    }
    (void)json_object_set_new(row, "verdicts", json_string(verdicts));
    (void)json_object_set_new(row, "texts", texts);
    if (json_object_size(points) > 0)
        (void)json_object_set(row, "points_of", points);
    json_decref(points);
    free(verdicts);
}

/* What kept all tests from being run, if anything did. */
static const char *state_of(const json_t *student)
{
    const json_t *build = json_object_get(student, "build");
    const json_t *submission = json_object_get(student, "submission");
    const json_t *tests = json_object_get(student, "tests");
    if (json_is_true(json_object_get(build, "ok")))
        return "built";
    if (!json_is_string(json_object_get(submission, "digest")))
        return "nothing";
    return strcmp(member_text(json_array_get(tests, 0), "verdict"), "infra") ==
                   0
               ? "infra"
               : "broken";
}

static void set_submission(json_t *row, const json_t *student,
                           struct making *making)
{
    const json_t *submission = json_object_get(student, "submission");
    const json_t *build = json_object_get(student, "build");
    const json_t *problems = json_object_get(submission, "problems"), *problem;
    json_t *list = json_array();
    size_t i;
    set_name(row, "file", submission);
    set_name(row, "submitted", submission);
    if (*member_text(build, "message"))
        (void)json_object_set_new(row, "build",
                                  cut_text(member_text(build, "message"),
                                           making->text_bytes, &making->cut));
    json_array_foreach(problems, i, problem)
    {
        const char *text = json_string_value(problem);
        (void)json_array_append_new(
            list, cut_text(text ? text : "", making->text_bytes, &making->cut));
    }
    if (json_array_size(list) > 0)
        (void)json_object_set(row, "problems", list);
    json_decref(list);
}

/* What a policy did to the sum (grades.schema.json). */
static void set_policy(json_t *row, const json_t *student,
                       struct making *making)
{
    const json_t *score = json_object_get(student, "score"), *one;
    json_t *list = json_array();
    size_t i;
    if (json_object_get(score, "before") == NULL) {
        json_decref(list);
        return;
    }
    json_array_foreach(json_object_get(score, "adjustments"), i, one)
    {
        json_t *copy = json_copy((json_t *)one);
        (void)json_object_set_new(copy, "reason",
                                  cut_text(member_text(one, "reason"),
                                           making->text_bytes, &making->cut));
        (void)json_array_append_new(list, copy);
    }
    (void)json_object_set(row, "before", json_object_get(score, "before"));
    (void)json_object_set_new(row, "adjustments", list);
    (void)json_object_set(row, "late", json_object_get(student, "late"));
}

static json_t *row_json(size_t index, struct making *making)
{
    static const char *const names[] = {"id", "name", "email"};
    static const char *const numbers[] = {"points", "max", "judged"};
    const struct row *row = &making->page->rows[index];
    const json_t *student = json_array_get(making->page->students, index);
    const json_t *score = json_object_get(student, "score");
    json_t *json = json_object();
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        set_name(json, names[i], student);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        (void)json_object_set_new(
            json, numbers[i],
            json_integer((json_int_t)member_number(score, numbers[i])));
    (void)json_object_set_new(json, "state", json_string(state_of(student)));
    set_submission(json, student, making);
    set_policy(json, student, making);
    set_tests(json, student, making);
    if (row->ms > 0)
        (void)json_object_set_new(json, "ms", json_real(row->ms));
    if (row->way)
        (void)json_object_set_new(json, "report", json_string(row->way));
    return json;
}

/* ---- The whole ------------------------------------------------------------
 */

static json_t *column_json(const struct column *column)
{
    static const char *const numbers[] = {"checkpoint", "max"};
    json_t *test = json_object();
    set_name(test, "id", column->first);
    set_name(test, "title", column->first);
    set_name(test, "category", column->first);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        (void)json_object_set(test, numbers[i],
                              json_object_get(column->first, numbers[i]));
    if (json_is_true(json_object_get(column->first, "hidden")))
        (void)json_object_set_new(test, "hidden", json_true());
    add_times(test, column);
    return test;
}

static json_t *data_json(const struct classpage *page, size_t most)
{
    static const char *const about[] = {"lab", "title", "wirelab", "world",
                                        "shard"};
    struct making making = {.page = page,
                            .text_bytes = most,
                            .texts = json_array(),
                            .known = json_object()};
    json_t *data = json_object(), *tests = json_array(), *rows = json_array();
    for (size_t i = 0; i < sizeof(about) / sizeof(about[0]); i++)
        set_name(data, about[i], page->grades);
    for (size_t i = 0; i < page->column_count; i++)
        (void)json_array_append_new(tests, column_json(&page->columns[i]));
    for (size_t i = 0; i < json_array_size(page->students); i++)
        (void)json_array_append_new(rows, row_json(i, &making));
    (void)json_object_set_new(data, "tests", tests);
    (void)json_object_set_new(data, "students", rows);
    (void)json_object_set_new(data, "texts", making.texts);
    (void)json_object_set_new(data, "cut",
                              json_integer(making.cut ? (json_int_t)most : -1));
    json_decref(making.known);
    return data;
}

/* The data with messages as long as there is room for. */
static json_t *fitting_data(const struct classpage *page, size_t bytes)
{
    json_t *data = NULL;
    for (size_t i = 0; i < TEXT_SIZES; i++) {
        json_decref(data);
        data = data_json(page, text_bytes[i]);
        if (sheet_json_bytes(data) <= bytes)
            break;
    }
    return data;
}

int classpage_write(const struct classpage *page, const char *path,
                    char error[CLASSPAGE_ERROR_BYTES])
{
    size_t own = strlen(class_html) + strlen(page_css) + strlen(class_css) +
                 strlen(class_js) + CLASSPAGE_ERROR_BYTES;
    struct strbuf text = {0};
    char *title = str_format(
        "lab %s %.100s: %zu students", member_text(page->grades, "lab"),
        member_text(page->grades, "title"), json_array_size(page->students));
    json_t *data = fitting_data(page, CLASSPAGE_MAX_BYTES - own);
    sheet_fill(&text, &(struct sheet){.html = class_html,
                                      .styles = {page_css, class_css},
                                      .script = class_js,
                                      .title = title,
                                      .data = data});
    int rc = file_replace(path, text.text, text.length);
    if (rc < 0)
        (void)snprintf(error, CLASSPAGE_ERROR_BYTES, "cannot write %s: %s",
                       path, strerror(-rc));
    strbuf_fini(&text);
    json_decref(data);
    free(title);
    return rc;
}
