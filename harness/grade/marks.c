/* Marks; see marks.h. */
#include "grade/marks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

void markbook_fini(struct markbook *book)
{
    for (size_t i = 0; i < book->count; i++) {
        free(book->list[i].list);
        free(book->list[i].adjustments);
    }
    free(book->list);
    for (size_t i = 0; i < book->text_count; i++)
        free(book->texts[i]);
    free(book->texts);
    *book = (struct markbook){0};
}

const char *markbook_keep(struct markbook *book, char *text)
{
    book->texts =
        mem_realloc(book->texts, (book->text_count + 1) * sizeof(*book->texts));
    book->texts[book->text_count++] = text;
    return text;
}

static void join_one(struct markbook *book, struct marks *marks,
                     const struct student *student)
{
    marks->canvas = markbook_keep(book, mem_strdup(student->canvas));
    marks->moodle = markbook_keep(book, mem_strdup(student->moodle));
    if (*marks->name == '\0')
        marks->name = markbook_keep(book, mem_strdup(student->name));
    if (*marks->email == '\0')
        marks->email = markbook_keep(book, mem_strdup(student->email));
}

int markbook_join(struct markbook *book, const char *roster_path, char *error)
{
    struct roster roster;
    int strangers = 0, result = roster_load(&roster, roster_path, error);
    if (result < 0)
        return result;
    for (size_t i = 0; i < book->count; i++) {
        struct marks *marks = &book->list[i];
        const struct student *student =
            roster_find(&roster, ROSTER_ID, marks->id);
        if (student == NULL)
            student = roster_find(&roster, ROSTER_EMAIL, marks->email);
        if (student)
            join_one(book, marks, student);
        strangers += student == NULL;
    }
    roster_fini(&roster);
    return strangers;
}

bool mark_judged(const struct mark *mark)
{
    return mark->points > 0 ||
           (mark->verdict != VERDICT_INFRA && mark->verdict != VERDICT_SKIP);
}

bool mark_passed(const struct mark *mark)
{
    return mark->verdict == VERDICT_PASS || mark->verdict == VERDICT_FLAKY;
}

int marks_out_of(const struct marks *marks)
{
    return marks->is_set ? marks->max : marks->judged;
}

int marks_score(const struct marks *marks)
{
    long long points = marks->points, max = marks->max, of = marks->judged;
    if (marks->is_set)
        return (int)(points * 100);
    if (of == 0)
        return -ENODATA;
    return (int)((points * max * 200 + of) / (2 * of)); /* rounded */
}

void marks_score_text(const struct marks *marks, char text[SCORE_BYTES])
{
    int score = marks_score(marks);
    if (score < 0)
        text[0] = '\0';
    else if (score % 100 == 0)
        (void)snprintf(text, SCORE_BYTES, "%d", score / 100);
    else
        (void)snprintf(text, SCORE_BYTES, "%d.%02d", score / 100, score % 100);
}

int marks_public_points(const struct marks *marks)
{
    int points = 0;
    for (size_t i = 0; i < marks->count; i++)
        points += marks->list[i].hidden ? 0 : marks->list[i].points;
    return points;
}

/* ---- What is told in words ------------------------------------------------
 */

static void add_heading(struct strbuf *out, const struct markbook *book,
                        const struct marks *marks)
{
    strbuf_printf(out, "lab %s, %d of %d points", book->lab, marks->points,
                  marks->max);
    if (*book->world)
        strbuf_printf(out, ", world %s", book->world);
    if (*marks->seed)
        strbuf_printf(out, ", seed %s", marks->seed);
    strbuf_add(out, "\n", 1);
}

char *marks_summary(const struct markbook *book, const struct marks *marks)
{
    struct strbuf out = {0};
    char score[SCORE_BYTES];
    add_heading(&out, book, marks);
    if (*marks->note)
        strbuf_printf(&out, "%s\n", marks->note);
    for (size_t i = 0; i < marks->adjustment_count; i++)
        strbuf_printf(&out, "%+d points: %s\n", marks->adjustments[i].points,
                      marks->adjustments[i].reason);
    marks_score_text(marks, score);
    if (marks->judged < marks->max && !marks->is_set && *score)
        strbuf_printf(&out,
                      "%d points could not be judged, which costs nothing: "
                      "%d of %d are a score of %s\n",
                      marks->max - marks->judged, marks->points, marks->judged,
                      score);
    return out.text;
}

char *marks_story(const struct markbook *book, const struct marks *marks)
{
    char *summary = marks_summary(book, marks);
    struct strbuf out = {0};
    strbuf_printf(&out, "%s", summary);
    free(summary);
    for (size_t i = 0; i < marks->count; i++) {
        const struct mark *mark = &marks->list[i];
        if (*mark->text)
            strbuf_printf(&out, "\n%s (%d of %d)\n%s\n", mark->name,
                          mark->points, mark->max, mark->text);
    }
    return out.text;
}
