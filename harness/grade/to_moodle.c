/* A grading worksheet that Moodle takes back ("Offline grading worksheet";
 * "Grade import", by ID number or email address).
 *
 * Moodle finds a participant by the Identifier, which a roster knows.  Its
 * feedback comments are HTML, and students read them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grade/convert.h"
#include "grade/csv.h"

static void add_head(struct csv_table *table)
{
    static const char *const columns[] = {"Identifier",
                                          "Full name",
                                          "ID number",
                                          "Email address",
                                          "Grade",
                                          "Maximum Grade",
                                          "Last modified (grade)",
                                          "Feedback comments"};
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
        csv_add(table, columns[i]);
    csv_end_row(table);
}

static void add_identifier(struct csv_table *table, const struct marks *marks)
{
    static const char participant[] = "Participant ";
    bool is_one = strncmp(marks->id, participant, strlen(participant)) == 0;
    char *text = *marks->moodle ? str_format("%s%s", participant, marks->moodle)
                                : mem_strdup(is_one ? marks->id : "");
    csv_add(table, text);
    free(text);
}

static void add_feedback(struct csv_table *table, const struct markbook *book,
                         const struct marks *marks)
{
    struct strbuf html = {0};
    char *story = marks_story(book, marks);
    strbuf_printf(&html, "<pre>");
    convert_add_xml(&html, story);
    strbuf_printf(&html, "</pre>");
    csv_add(table, html.text);
    strbuf_fini(&html);
    free(story);
}

char *to_moodle(const struct markbook *book)
{
    struct csv_table table = {0};
    char figure[SCORE_BYTES];
    add_head(&table);
    for (size_t i = 0; i < book->count; i++) {
        const struct marks *marks = &book->list[i];
        add_identifier(&table, marks);
        csv_add(&table, marks->name);
        csv_add(&table, marks->id);
        csv_add(&table, marks->email);
        marks_score_text(marks, figure);
        csv_add_figure(&table, figure);
        (void)snprintf(figure, sizeof(figure), "%d", marks->max);
        csv_add_figure(&table, figure);
        csv_add_figure(&table, "-"); /* never: Moodle then takes any grade */
        add_feedback(&table, book, marks);
        csv_end_row(&table);
    }
    return table.text.text;
}
