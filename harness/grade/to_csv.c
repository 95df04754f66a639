/* A table for people: RFC 4180, a row for each student, a column for each test.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grade/convert.h"
#include "grade/csv.h"

/* Students of one batch have the same tests in the same order. */
static const struct marks *longest(const struct markbook *book)
{
    const struct marks *most = NULL;
    for (size_t i = 0; i < book->count; i++) {
        if (most == NULL || book->list[i].count > most->count)
            most = &book->list[i];
    }
    return most;
}

static const struct mark *find(const struct marks *marks,
                               const struct mark *like, size_t at)
{
    if (at < marks->count && strcmp(marks->list[at].name, like->name) == 0)
        return &marks->list[at];
    for (size_t i = 0; i < marks->count; i++) {
        if (strcmp(marks->list[i].name, like->name) == 0)
            return &marks->list[i];
    }
    return NULL;
}

static void add_head(struct csv_table *table, const struct marks *tests)
{
    static const char *const columns[] = {
        "id",  "name",   "email", "submitted", "points",
        "max", "judged", "score", "adjusted",  "note"};
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
        csv_add(table, columns[i]);
    for (size_t i = 0; tests && i < tests->count; i++) {
        const struct mark *mark = &tests->list[i];
        csv_add(table, *mark->id ? mark->id : mark->name);
    }
    csv_end_row(table);
}

static void add_number(struct csv_table *table, int number)
{
    char text[16];
    (void)snprintf(text, sizeof(text), "%d", number);
    csv_add_figure(table, text);
}

static void add_student(struct csv_table *table, const struct marks *marks)
{
    char score[SCORE_BYTES];
    int adjusted = 0;
    for (size_t i = 0; i < marks->adjustment_count; i++)
        adjusted += marks->adjustments[i].points;
    csv_add(table, marks->id);
    csv_add(table, marks->name);
    csv_add(table, marks->email);
    csv_add(table, marks->submitted);
    add_number(table, marks->points);
    add_number(table, marks->max);
    add_number(table, marks->judged);
    marks_score_text(marks, score);
    csv_add_figure(table, score);
    add_number(table, adjusted);
    csv_add(table, marks->note);
}

char *to_csv(const struct markbook *book)
{
    struct csv_table table = {0};
    const struct marks *tests = longest(book);
    add_head(&table, tests);
    for (size_t i = 0; i < book->count; i++) {
        const struct marks *marks = &book->list[i];
        add_student(&table, marks);
        for (size_t k = 0; k < tests->count; k++) {
            const struct mark *mark = find(marks, &tests->list[k], k);
            if (mark && mark_judged(mark))
                add_number(&table, mark->points);
            else
                csv_add_figure(&table, "");
        }
        csv_end_row(&table);
    }
    return table.text.text;
}
