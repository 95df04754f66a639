/* PrairieLearn's results.json ("External Grading").
 *
 * Its score is a part of one.  What does not compile is not gradable, which
 * costs the student no attempt; tests that could not be judged have neither
 * points nor a maximum. */
#include <stdlib.h>

#include "grade/convert.h"

static json_t *test_json(const struct mark *mark)
{
    json_t *test =
        json_pack("{s:s, s:s}", "name", mark->name, "output", mark->text);
    if (mark_judged(mark)) {
        (void)json_object_set_new(test, "points", json_integer(mark->points));
        (void)json_object_set_new(test, "max_points", json_integer(mark->max));
    }
    return test;
}

char *to_prairielearn(const struct markbook *book, const struct marks *marks)
{
    char *summary = marks_summary(book, marks);
    int score = marks_score(marks);
    json_t *tests = json_array();
    for (size_t i = 0; i < marks->count; i++)
        (void)json_array_append_new(tests, test_json(&marks->list[i]));
    double part = marks->max > 0 && score > 0 ? score / 100.0 / marks->max : 0;
    json_t *json =
        json_pack("{s:b, s:f, s:s, s:o}", "gradable", marks->built, "score",
                  part > 1 ? 1 : part, "message", summary, "tests", tests);
    if (!marks->built)
        (void)json_object_set_new(json, "format_errors",
                                  json_pack("[s]", marks->note));
    free(summary);
    return convert_json(json, JSON_INDENT(1));
}
