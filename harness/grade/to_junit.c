/* JUnit's XML, in the dialect that CI systems share ("JUnit XML file format",
 * testmoapp).
 *
 * One suite, a case for each test; the checkpoint is the class.  The format
 * knows no points: they are properties, of the suite and of each case. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grade/convert.h"

struct tally {
    int tests, failures, skipped;
};

static bool failed(const struct mark *mark)
{
    return mark_judged(mark) && !mark_passed(mark);
}

static struct tally count(const struct marks *marks)
{
    struct tally tally = {.tests = (int)marks->count};
    for (size_t i = 0; i < marks->count; i++) {
        tally.failures += failed(&marks->list[i]);
        tally.skipped += !mark_judged(&marks->list[i]);
    }
    return tally;
}

static void add_head(struct strbuf *out, const char *tag, const char *name,
                     const struct tally *tally)
{
    strbuf_printf(out, "<%s", tag);
    convert_add_attribute(out, "name", name);
    strbuf_printf(out,
                  " tests=\"%d\" failures=\"%d\" errors=\"0\" "
                  "skipped=\"%d\">\n",
                  tally->tests, tally->failures, tally->skipped);
}

static void add_property(struct strbuf *out, const char *name,
                         const char *value)
{
    strbuf_printf(out, "<property");
    convert_add_attribute(out, "name", name);
    convert_add_attribute(out, "value", value);
    strbuf_printf(out, "/>");
}

static void add_number(struct strbuf *out, const char *name, int value)
{
    char text[16];
    (void)snprintf(text, sizeof(text), "%d", value);
    add_property(out, name, text);
}

/* <failure message="first line">all of it</failure> */
static void add_outcome(struct strbuf *out, const struct mark *mark)
{
    const char *tag = failed(mark) ? "failure" : "skipped";
    int first = (int)strcspn(mark->text, "\n");
    if (mark_passed(mark))
        return;
    char *line = str_format("%.*s", first, mark->text);
    strbuf_printf(out, "<%s", tag);
    convert_add_attribute(out, "message", line);
    strbuf_printf(out, ">");
    convert_add_xml(out, mark->text);
    strbuf_printf(out, "</%s>", tag);
    free(line);
}

static void add_case(struct strbuf *out, const struct markbook *book,
                     const struct mark *mark)
{
    strbuf_printf(out, "<testcase classname=\"wirelab.lab%s.checkpoint%d\"",
                  book->lab, mark->checkpoint);
    convert_add_attribute(out, "name", mark->name);
    strbuf_printf(out, "><properties>");
    add_number(out, "points", mark->points);
    add_number(out, "max", mark->max);
    add_property(out, "verdict", verdict_name(mark->verdict));
    strbuf_printf(out, "</properties>");
    add_outcome(out, mark);
    strbuf_printf(out, "</testcase>\n");
}

static void add_whole(struct strbuf *out, const struct markbook *book,
                      const struct marks *marks)
{
    char score[SCORE_BYTES];
    char *summary = marks_summary(book, marks);
    marks_score_text(marks, score);
    strbuf_printf(out, "<properties>");
    if (*marks->id)
        add_property(out, "student", marks->id);
    add_number(out, "points", marks->points);
    add_number(out, "max", marks->max);
    add_number(out, "judged", marks->judged);
    add_property(out, "score", score);
    add_property(out, "summary", summary);
    strbuf_printf(out, "</properties>\n");
    free(summary);
}

char *to_junit(const struct markbook *book, const struct marks *marks)
{
    struct strbuf out = {0};
    struct tally tally = count(marks);
    strbuf_printf(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    add_head(&out, "testsuites", book->title, &tally);
    add_head(&out, "testsuite", book->title, &tally);
    add_whole(&out, book, marks);
    for (size_t i = 0; i < marks->count; i++)
        add_case(&out, book, &marks->list[i]);
    strbuf_printf(&out, "</testsuite>\n</testsuites>\n");
    return out.text;
}
