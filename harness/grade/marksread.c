/* Marks from results, and what is left out of them: see marks.h, DOC:
 * visibility. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "grade/grades.h"
#include "grade/marks.h"
#include "run/output.h"

/* ---- Texts ----------------------------------------------------------------
 */

static const char *raw(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static int whole(const json_t *object, const char *key)
{
    return (int)json_integer_value(json_object_get(object, key));
}

/* Keeps it, fit to be shown; blank lines at its end go. */
static const char *keep(struct markbook *book, const char *text)
{
    size_t n = strlen(text);
    while (n > 0 && strchr(" \t\n", text[n - 1]))
        n--;
    return markbook_keep(book, output_as_utf8(text, n));
}

/* Keeps it as one line. */
static const char *keep_line(struct markbook *book, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static const char *keep_line(struct markbook *book, const char *format, ...)
{
    struct strbuf buf = {0};
    va_list args;
    va_start(args, format);
    strbuf_vprintf(&buf, format, args);
    va_end(args);
    for (char *at = buf.text; at && *at; at++)
        *at = strchr("\t\n", *at) ? ' ' : *at;
    const char *line = keep(book, strbuf_text(&buf));
    strbuf_fini(&buf);
    return line;
}

/* ---- A test ---------------------------------------------------------------
 */

static bool is_hidden(const json_t *test)
{
    return json_is_true(json_object_get(test, "hidden")) ||
           json_object_get(test, "category") != NULL;
}

/* A batch says how many variants there are, a check lists them. */
static int variants_of(const json_t *test)
{
    const json_t *count = json_object_get(test, "count");
    return count ? whole(test, "count")
                 : (int)json_array_size(json_object_get(test, "variants"));
}

static void add_line(struct strbuf *out, const char *label, const char *text)
{
    if (*text)
        strbuf_printf(out, "%s%s%s", out->length ? "\n" : "", label, text);
}

/* All that was found: of a public test, or for an instructor. */
static void add_findings(struct strbuf *out, const json_t *test,
                         const struct mark *mark)
{
    const char *message = raw(test, "message");
    if (mark->verdict != VERDICT_PASS && mark->verdict != VERDICT_FAIL)
        strbuf_printf(out, "%s%s", verdict_name(mark->verdict),
                      *message ? ": " : "");
    strbuf_printf(out, "%s", message);
    if (mark->verdict != VERDICT_FAIL && mark->verdict != VERDICT_FLAKY)
        return;
    add_line(out, "likely cause: ", raw(test, "cause"));
    add_line(out, "see: ", raw(test, "see"));
    add_line(out, "why it matters: ", raw(test, "why"));
}

static void add_hidden(struct strbuf *out, const json_t *test,
                       const struct mark *mark)
{
    int n = variants_of(test);
    strbuf_printf(out, "%d hidden variant%s", n, n == 1 ? "" : "s");
    if (!mark_judged(mark))
        strbuf_printf(out, ", which could not be judged");
}

/* What a policy did to this test's points; the reason is for the student. */
static void add_overrides(struct strbuf *out, const json_t *student,
                          const char *id)
{
    const json_t *all =
        json_object_get(json_object_get(student, "score"), "adjustments");
    const json_t *one;
    size_t i;
    json_array_foreach(all, i, one)
    {
        if (strcmp(raw(one, "test"), id) == 0)
            strbuf_printf(out, "%s%+d points: %s", out->length ? "\n" : "",
                          whole(one, "points"), raw(one, "reason"));
    }
}

static void read_mark(struct markbook *book, const json_t *student,
                      const json_t *test, struct mark *mark)
{
    const char *id = raw(test, "id"), *title = raw(test, "title");
    struct strbuf text = {0};
    *mark = (struct mark){.checkpoint = whole(test, "checkpoint"),
                          .points = whole(test, "points"),
                          .max = whole(test, "max"),
                          .hidden = is_hidden(test)};
    (void)verdict_parse(raw(test, "verdict"), &mark->verdict); /* checked */
    bool withheld = mark->hidden && book->audience == FOR_STUDENTS;
    mark->id = keep_line(book, "%s", withheld ? "" : id);
    if (withheld)
        mark->name = keep_line(book, "hidden: %s (checkpoint %d)",
                               raw(test, "category"), mark->checkpoint);
    else
        mark->name = keep_line(book, "%s%s%s", id, *title ? ": " : "", title);
    if (withheld)
        add_hidden(&text, test, mark);
    else
        add_findings(&text, test, mark);
    add_overrides(&text, student, id);
    mark->text = keep(book, strbuf_text(&text));
    strbuf_fini(&text);
}

/* ---- A student ------------------------------------------------------------
 */

static const char *keep_note(struct markbook *book, const json_t *student)
{
    const json_t *submission = json_object_get(student, "submission");
    const json_t *problem;
    struct strbuf note = {0};
    size_t i;
    add_line(&note, "", raw(json_object_get(student, "build"), "message"));
    json_array_foreach(json_object_get(submission, "problems"), i, problem)
    {
        const char *text = json_string_value(problem);
        add_line(&note, "", text ? text : "");
    }
    if (json_is_true(json_object_get(student, "interrupted")))
        add_line(&note, "", "the check was interrupted");
    const char *kept = keep(book, strbuf_text(&note));
    strbuf_fini(&note);
    return kept;
}

static void read_adjustments(struct markbook *book, const json_t *score,
                             struct marks *marks)
{
    const json_t *all = json_object_get(score, "adjustments"), *one;
    size_t i;
    marks->adjustments =
        mem_zalloc(json_array_size(all) * sizeof(*marks->adjustments));
    json_array_foreach(all, i, one)
    {
        const char *kind = raw(one, "kind");
        if (strcmp(kind, "test") == 0) /* it is told with the test */
            continue;
        marks->is_set |= strcmp(kind, "total") == 0;
        marks->adjustments[marks->adjustment_count++] = (struct adjustment){
            .reason = keep_line(book, "%s", raw(one, "reason")),
            .points = whole(one, "points")};
    }
}

/* A seed that came from a secret is no student's to know, nor may a hidden
 * test's be; DOC: visibility. */
static const char *keep_seed(struct markbook *book, const json_t *student)
{
    const json_t *tests = json_object_get(student, "tests"), *test;
    bool tell = !book->is_batch && json_object_get(student, "student") == NULL;
    size_t i;
    json_array_foreach(tests, i, test)
    {
        tell = tell && !is_hidden(test);
    }
    if (book->audience == FOR_INSTRUCTORS)
        tell = true;
    return keep_line(book, "%s", tell ? raw(student, "seed") : "");
}

static void read_marks(struct markbook *book, const json_t *student,
                       struct marks *marks)
{
    const json_t *score = json_object_get(student, "score");
    const json_t *build = json_object_get(student, "build");
    const json_t *tests = json_object_get(student, "tests"), *test;
    const json_t *submission = json_object_get(student, "submission");
    const char *id = raw(student, book->is_batch ? "id" : "student");
    size_t i;
    *marks = (struct marks){
        .id = keep(book, id),
        .name = keep(book, raw(student, "name")),
        .email = keep(book, raw(student, "email")),
        .file_name = markbook_keep(book, grades_directory(id)),
        .submitted = keep_line(book, "%s", raw(submission, "submitted")),
        .seed = keep_seed(book, student),
        .note = keep_note(book, student),
        .canvas = "",
        .moodle = "",
        .built = build == NULL || json_is_true(json_object_get(build, "ok")),
        .points = whole(score, "points"),
        .max = whole(score, "max"),
        .judged = whole(score, "judged"),
    };
    read_adjustments(book, score, marks);
    marks->list = mem_zalloc(json_array_size(tests) * sizeof(*marks->list));
    json_array_foreach(tests, i, test)
    {
        read_mark(book, student, test, &marks->list[marks->count++]);
    }
}

/* ---- The whole ------------------------------------------------------------
 */

/* Points are given out as they are: those that do not add up are not. */
static int check_sum(const struct marks *marks, const char *path, char *error)
{
    int sum = 0;
    for (size_t i = 0; i < marks->count; i++)
        sum += marks->list[i].points;
    for (size_t i = 0; i < marks->adjustment_count; i++)
        sum += marks->adjustments[i].points;
    if (sum == marks->points && marks->judged <= marks->max &&
        marks->judged >= 0 && sum >= 0)
        return 0;
    (void)snprintf(error, MARKS_ERROR_BYTES,
                   "%.200s: %s%.100s%sthe score is %d points (of %d, %d of "
                   "them judged), but its tests and adjustments make %d: was "
                   "it edited?",
                   path, *marks->id ? "student '" : "", marks->id,
                   *marks->id ? "': " : "", marks->points, marks->max,
                   marks->judged, sum);
    return -EINVAL;
}

static void read_book(struct markbook *book, const json_t *json)
{
    const char *title = raw(json, "title");
    book->lab = keep_line(book, "%s", raw(json, "lab"));
    book->title = keep_line(book, "Lab %s%s%s", raw(json, "lab"),
                            *title ? ": " : "", title);
    book->world = keep_line(book, "%s", raw(json, "world"));
    book->wirelab = keep_line(book, "%s", raw(json, "wirelab"));
    const json_t *students = json_object_get(json, "students"), *student;
    size_t i;
    book->list = mem_zalloc((book->is_batch ? json_array_size(students) : 1) *
                            sizeof(*book->list));
    if (!book->is_batch)
        read_marks(book, json, &book->list[book->count++]);
    json_array_foreach(students, i, student)
    {
        read_marks(book, student, &book->list[book->count++]);
    }
}

int markbook_load(struct markbook *book, const char *path,
                  enum audience audience, char *error)
{
    *book = (struct markbook){.audience = audience};
    json_t *json = grades_load_any(path, error);
    if (json == NULL)
        return -EINVAL;
    book->is_batch = json_object_get(json, "students") != NULL;
    read_book(book, json);
    json_decref(json);
    int result = 0;
    for (size_t i = 0; i < book->count && result == 0; i++)
        result = check_sum(&book->list[i], path, error);
    if (result < 0)
        markbook_fini(book);
    return result;
}
