/* What a grader hands GitHub Classroom's reporter ("Autograding grading
 * reporter", classroom-resources).
 *
 * The reporter adds the tests' scores up and tells them beside max_score.  So
 * what could not be judged is left out of both, and what a policy did to the
 * sum is a test of its own. */
#include <stdlib.h>

#include "grade/convert.h"

static json_t *test_json(const char *name, bool passed, int points, int max,
                         const char *message)
{
    return json_pack("{s:s, s:s, s:i, s:i, s:s, s:s, s:s, s:i, s:s}", "name",
                     name, "status", passed ? "pass" : "fail", "score", points,
                     "max_score", max, "message", message, "test_code", "",
                     "filename", "", "line_no", 0, "execution_time", "");
}

char *to_classroom(const struct markbook *book, const struct marks *marks)
{
    char *summary = marks_summary(book, marks);
    json_t *tests = json_array();
    bool passed = true;
    for (size_t i = 0; i < marks->count; i++) {
        const struct mark *mark = &marks->list[i];
        if (!mark_judged(mark))
            continue;
        passed = passed && mark_passed(mark);
        (void)json_array_append_new(
            tests, test_json(mark->name, mark_passed(mark), mark->points,
                             mark->max, mark->text));
    }
    for (size_t i = 0; i < marks->adjustment_count; i++)
        (void)json_array_append_new(
            tests, test_json(marks->adjustments[i].reason, true,
                             marks->adjustments[i].points, 0, ""));
    json_t *json = json_pack(
        "{s:i, s:s, s:s, s:i, s:o}", "version", 1, "status",
        !marks->built ? "error"
        : passed      ? "pass"
                      : "fail",
        "message", summary, "max_score", marks_out_of(marks), "tests", tests);
    free(summary);
    return convert_json(json, JSON_INDENT(1));
}
