/* The formats, and what they share; see convert.h. */
#include "grade/convert.h"

#include <stdlib.h>
#include <string.h>

const struct convert_format convert_formats[] = {
    {.name = "gradescope",
     .product = "Gradescope's results.json",
     .extension = "json",
     .text = "Public tests are visible, hidden ones after grades are "
             "published; tags are checkpoints.",
     .of_one = to_gradescope},
    {.name = "classroom",
     .product = "a grader's result for GitHub Classroom",
     .extension = "json",
     .text = "The reporter wants it in base64: echo \"result=$(base64 -w0 "
             "FILE)\" >>\"$GITHUB_OUTPUT\".",
     .of_one = to_classroom},
    {.name = "prairielearn",
     .product = "PrairieLearn's results.json",
     .extension = "json",
     .text = "What does not compile is not gradable, as PrairieLearn wants "
             "it.",
     .of_one = to_prairielearn},
    {.name = "autolab",
     .product = "an autograder's output for Autolab",
     .extension = "txt",
     .text = "Autolab reads the last line.  The problem is to be called "
             "\"lab NN\" there.",
     .of_one = to_autolab},
    {.name = "junit",
     .product = "JUnit's XML, as CI systems read it",
     .extension = "xml",
     .text = "A case for each test, its checkpoint the class; points are "
             "properties.",
     .of_one = to_junit},
    {.name = "tap",
     .product = "TAP version 14",
     .extension = "tap",
     .text = "Points are in each test's YAML block.",
     .of_one = to_tap},
    {.name = "canvas",
     .product = "a gradebook for Canvas to import (CSV)",
     .extension = "csv",
     .text = "With --roster, the gradebook that Canvas exports, rows have "
             "Canvas's own ids.",
     .wants_batch = true,
     .of_all = to_canvas},
    {.name = "moodle",
     .product = "a grading worksheet for Moodle (CSV)",
     .extension = "csv",
     .text = "With --roster, the worksheet that Moodle exports, rows have "
             "Moodle's own\nidentifiers.  Feedback is what a student may "
             "read.",
     .wants_batch = true,
     .of_all = to_moodle},
    {.name = "csv",
     .product = "a table: a row for each student, a column for each test",
     .extension = "csv",
     .text = "Tests that could not be judged are empty cells.",
     .of_all = to_csv},
};
const size_t convert_format_count =
    sizeof(convert_formats) / sizeof(convert_formats[0]);

enum { REAL_DIGITS = 10 }; /* 92.34 is printed as that */

char *convert_json(json_t *json, size_t flags)
{
    char *text = json_dumps(json, flags | JSON_PRESERVE_ORDER |
                                      JSON_REAL_PRECISION(REAL_DIGITS));
    char *line = str_format("%s\n", text ? text : "null");
    free(text);
    json_decref(json);
    return line;
}

json_t *convert_score(const struct marks *marks)
{
    int score = marks_score(marks);
    if (score < 0)
        return json_null();
    return score % 100 ? json_real(score / 100.0) : json_integer(score / 100);
}

/* The length of a character that XML 1.0 does not have (U+FFFE, U+FFFF; others
 * are not in marks), or 0. */
static size_t no_character(const char *at)
{
    return strncmp(at, "\xef\xbf\xbe", 3) == 0 ||
                   strncmp(at, "\xef\xbf\xbf", 3) == 0
               ? 3
               : 0;
}

static const char *entity_of(char c, bool attribute)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return attribute ? "&quot;" : NULL;
    case '\n': /* a parser would make a blank of it */
        return attribute ? "&#10;" : NULL;
    case '\t':
        return attribute ? "&#9;" : NULL;
    default:
        return NULL;
    }
}

static void add_escaped(struct strbuf *out, const char *text, bool attribute)
{
    while (*text) {
        const char *entity = entity_of(*text, attribute);
        size_t skip = no_character(text);
        if (skip)
            strbuf_printf(out, "\xef\xbf\xbd"); /* U+FFFD */
        else if (entity)
            strbuf_printf(out, "%s", entity);
        else
            strbuf_add(out, text, 1);
        text += skip ? skip : 1;
    }
}

void convert_add_xml(struct strbuf *out, const char *text)
{
    add_escaped(out, text, false);
}

void convert_add_attribute(struct strbuf *out, const char *name,
                           const char *text)
{
    strbuf_printf(out, " %s=\"", name);
    add_escaped(out, text, true);
    strbuf_add(out, "\"", 1);
}
