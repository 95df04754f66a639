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
#include "report/classrow.h"
#include "report/page.h"
#include "report/pagefiles.h"
#include "report/sheet.h"

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

/* ---- The whole ------------------------------------------------------------
 */

static json_t *column_json(const struct column *column)
{
    static const char *const numbers[] = {"checkpoint", "max"};
    json_t *test = json_object();
    classrow_set_name(test, "id", column->first);
    classrow_set_name(test, "title", column->first);
    classrow_set_name(test, "category", column->first);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        (void)json_object_set(test, numbers[i],
                              json_object_get(column->first, numbers[i]));
    if (json_is_true(json_object_get(column->first, "hidden")))
        (void)json_object_set_new(test, "hidden", json_true());
    add_times(test, column);
    return test;
}

static json_t *row_json(const struct classpage *page, size_t index,
                        struct classrows *rows)
{
    const struct row *row = &page->rows[index];
    json_t *json = classrow_json(json_array_get(page->students, index), rows);
    if (row->ms > 0)
        (void)json_object_set_new(json, "ms", json_real(row->ms));
    if (row->way)
        (void)json_object_set_new(json, "report", json_string(row->way));
    return json;
}

static json_t *data_json(const struct classpage *page, size_t most)
{
    static const char *const about[] = {"lab", "title", "wirelab", "world",
                                        "shard"};
    struct classrows rows = {.index = page->index,
                             .columns = page->column_count,
                             .text_bytes = most,
                             .texts = json_array(),
                             .known = json_object()};
    json_t *data = json_object(), *tests = json_array();
    json_t *students = json_array();
    for (size_t i = 0; i < sizeof(about) / sizeof(about[0]); i++)
        classrow_set_name(data, about[i], page->grades);
    for (size_t i = 0; i < page->column_count; i++)
        (void)json_array_append_new(tests, column_json(&page->columns[i]));
    for (size_t i = 0; i < json_array_size(page->students); i++)
        (void)json_array_append_new(students, row_json(page, i, &rows));
    (void)json_object_set_new(data, "tests", tests);
    (void)json_object_set_new(data, "students", students);
    (void)json_object_set_new(data, "texts", rows.texts);
    (void)json_object_set_new(data, "cut",
                              json_integer(rows.cut ? (json_int_t)most : -1));
    json_decref(rows.known);
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
