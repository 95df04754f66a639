/* Gradescope's results.json ("Autograder Specifications").
 *
 * The score is given, so Gradescope does not add tests up: those that could not
 * be judged have no points of their own.  Hidden tests are seen when grades are
 * published; until then Gradescope tells no total either, and the leaderboard,
 * which everybody sees at once, counts public tests only.  For an instructor
 * hidden tests are told in full, and are for instructors' eyes there, too. */
#include <stdio.h>
#include <stdlib.h>

#include "grade/convert.h"

static const char *visibility(const struct markbook *book,
                              const struct mark *mark)
{
    if (!mark->hidden)
        return "visible";
    return book->audience == FOR_STUDENTS ? "after_published" : "hidden";
}

static json_t *test_json(const struct markbook *book, const struct mark *mark)
{
    char tag[32];
    (void)snprintf(tag, sizeof(tag), "checkpoint %d", mark->checkpoint);
    json_t *test = json_pack("{s:s, s:s, s:s, s:[s]}", "name", mark->name,
                             "output", mark->text, "visibility",
                             visibility(book, mark), "tags", tag);
    if (mark_judged(mark)) {
        (void)json_object_set_new(test, "score", json_integer(mark->points));
        (void)json_object_set_new(test, "max_score", json_integer(mark->max));
        (void)json_object_set_new(
            test, "status",
            json_string(mark_passed(mark) ? "passed" : "failed"));
    }
    return test;
}

char *to_gradescope(const struct markbook *book, const struct marks *marks)
{
    char *summary = marks_summary(book, marks);
    json_t *tests = json_array();
    for (size_t i = 0; i < marks->count; i++)
        (void)json_array_append_new(tests, test_json(book, &marks->list[i]));
    json_t *json = json_pack(
        "{s:o, s:s, s:s, s:s, s:s, s:s, s:s, s:[{s:s, s:i, s:s}],"
        " s:{s:s, s:s, s:i, s:i, s:i}, s:o}",
        "score", convert_score(marks), "output", summary, "output_format",
        "text", "test_output_format", "text", "test_name_format", "text",
        "visibility", "visible", "stdout_visibility", "hidden", "leaderboard",
        "name", "points", "value", marks_public_points(marks), "order", "desc",
        "extra_data", "lab", book->lab, "wirelab", book->wirelab, "points",
        marks->points, "max", marks->max, "judged", marks->judged, "tests",
        tests);
    free(summary);
    return convert_json(json, JSON_INDENT(1));
}
