/* A gradebook that Canvas imports ("How do I import grades in the Gradebook?").
 *
 * Canvas finds a student by its own ID, which a roster knows, or by the SIS
 * Login ID; it passes over empty grades.  The column is an assignment: one that
 * is new to Canvas is made. */
#include <stdio.h>

#include "grade/convert.h"
#include "grade/csv.h"

static void add_head(struct csv_table *table, const struct markbook *book)
{
    static const char *const columns[] = {"Student", "ID", "SIS User ID",
                                          "SIS Login ID", "Section"};
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
        csv_add(table, columns[i]);
    csv_add(table, book->title);
    csv_end_row(table);
}

static void add_row(struct csv_table *table, const char *name,
                    const char *canvas, const char *login, const char *figure)
{
    csv_add(table, name);
    csv_add(table, canvas);
    csv_add(table, "");
    csv_add(table, login);
    csv_add(table, "");
    csv_add_figure(table, figure);
    csv_end_row(table);
}

char *to_canvas(const struct markbook *book)
{
    struct csv_table table = {0};
    char figure[SCORE_BYTES] = "";
    add_head(&table, book);
    if (book->count > 0)
        (void)snprintf(figure, sizeof(figure), "%d", book->list[0].max);
    add_row(&table, "    Points Possible", "", "", figure);
    for (size_t i = 0; i < book->count; i++) {
        const struct marks *marks = &book->list[i];
        marks_score_text(marks, figure);
        add_row(&table, *marks->name ? marks->name : marks->id, marks->canvas,
                marks->id, figure);
    }
    return table.text.text;
}
