/* A student's row of a class's page. */
#include "report/classrow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "report/page.h"

enum { MAX_NAME_BYTES = 300 }; /* of an id, a name, a title */

/* ---- Texts ----------------------------------------------------------------
 */

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

void classrow_set_name(json_t *object, const char *key, const json_t *from)
{
    const char *text = member_text(from, key);
    if (*text)
        (void)json_object_set_new(object, key,
                                  cut_text(text, MAX_NAME_BYTES, NULL));
}

static json_t *text_at(struct classrows *rows, const char *text)
{
    json_t *cut = cut_text(text, rows->text_bytes, &rows->cut);
    const char *key = json_string_value(cut);
    json_t *at = json_object_get(rows->known, key);
    if (at == NULL) {
        at = json_integer((json_int_t)json_array_size(rows->texts));
        (void)json_object_set_new(rows->known, key, at);
        (void)json_array_append(rows->texts, cut);
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
    char letter = letter_of(test);
    bool good = letter == 'p' || letter == 'y';
    return member_number(test, "points") !=
           (good ? member_number(test, "max") : 0);
}

static void set_tests(json_t *row, const json_t *student,
                      struct classrows *rows)
{
    char *verdicts = mem_zalloc(rows->columns + 1);
    json_t *texts = json_object(), *points = json_object(), *test;
    size_t i;
    memset(verdicts, '-', rows->columns);
    json_array_foreach(json_object_get(student, "tests"), i, test)
    {
        size_t at = (size_t)json_integer_value(
            json_object_get(rows->index, member_text(test, "id")));
        const char *message = member_text(test, "message");
        char key[24];
        (void)snprintf(key, sizeof(key), "%zu", at);
        verdicts[at] = letter_of(test);
        if (*message && rows->text_bytes > 0)
            (void)json_object_set_new(texts, key, text_at(rows, message));
        rows->cut |= *message && rows->text_bytes == 0;
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
                           struct classrows *rows)
{
    const json_t *submission = json_object_get(student, "submission");
    const json_t *build = json_object_get(student, "build");
    const json_t *problems = json_object_get(submission, "problems"), *problem;
    json_t *list = json_array();
    size_t i;
    classrow_set_name(row, "file", submission);
    classrow_set_name(row, "submitted", submission);
    if (*member_text(build, "message"))
        (void)json_object_set_new(row, "build",
                                  cut_text(member_text(build, "message"),
                                           rows->text_bytes, &rows->cut));
    json_array_foreach(problems, i, problem)
    {
        const char *text = json_string_value(problem);
        (void)json_array_append_new(
            list, cut_text(text ? text : "", rows->text_bytes, &rows->cut));
    }
    if (json_array_size(list) > 0)
        (void)json_object_set(row, "problems", list);
    json_decref(list);
}

/* What a policy did to the sum (grades.schema.json). */
static void set_policy(json_t *row, const json_t *student,
                       struct classrows *rows)
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
        (void)json_object_set_new(
            copy, "reason",
            cut_text(member_text(one, "reason"), rows->text_bytes, &rows->cut));
        (void)json_array_append_new(list, copy);
    }
    (void)json_object_set(row, "before", json_object_get(score, "before"));
    (void)json_object_set_new(row, "adjustments", list);
    (void)json_object_set(row, "late", json_object_get(student, "late"));
}

json_t *classrow_json(const json_t *student, struct classrows *rows)
{
    static const char *const names[] = {"id", "name", "email"};
    static const char *const numbers[] = {"points", "max", "judged"};
    const json_t *score = json_object_get(student, "score");
    json_t *json = json_object();
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        classrow_set_name(json, names[i], student);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        (void)json_object_set_new(
            json, numbers[i],
            json_integer((json_int_t)member_number(score, numbers[i])));
    (void)json_object_set_new(json, "state", json_string(state_of(student)));
    set_submission(json, student, rows);
    set_policy(json, student, rows);
    set_tests(json, student, rows);
    return json;
}
