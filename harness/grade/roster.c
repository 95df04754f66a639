/* Who is in the class; see roster.h. */
#include "grade/roster.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/strbuf.h"

enum column {
    COLUMN_ID,
    COLUMN_NAME,
    COLUMN_FIRST,
    COLUMN_LAST,
    COLUMN_EMAIL,
    COLUMN_CANVAS,
    COLUMN_MOODLE,
    COLUMN_GITHUB,
    COLUMNS,
};

enum { NO_COLUMN = -1 };

/* What a column may be called, the best name first. */
static const char *const usual[COLUMNS][6] = {
    [COLUMN_ID] = {"id", "sid", "student id", "student_id", "identifier"},
    [COLUMN_NAME] = {"name", "full name", "student"},
    [COLUMN_FIRST] = {"first name", "first_name"},
    [COLUMN_LAST] = {"last name", "last_name"},
    [COLUMN_EMAIL] = {"email", "email address"},
    [COLUMN_CANVAS] = {"canvas", "canvas id", "canvas_id"},
    [COLUMN_MOODLE] = {"moodle", "moodle id", "moodle_id"},
    [COLUMN_GITHUB] = {"github", "github_username", "github username"},
};

static int find(const struct csv_row *head, const char *name)
{
    for (size_t i = 0; i < head->count; i++) {
        if (strcasecmp(head->cells[i], name) == 0)
            return (int)i;
    }
    return NO_COLUMN;
}

/* In a Canvas gradebook "ID" is Canvas's own; in a Moodle worksheet
 * "Identifier" is the participant's number. */
static void find_columns(const struct csv_row *head, int at[COLUMNS])
{
    for (int c = 0; c < COLUMNS; c++) {
        at[c] = NO_COLUMN;
        for (int i = 0; usual[c][i] && at[c] == NO_COLUMN; i++)
            at[c] = find(head, usual[c][i]);
    }
    if (find(head, "SIS Login ID") != NO_COLUMN) {
        at[COLUMN_CANVAS] = find(head, "ID");
        at[COLUMN_ID] = find(head, "SIS Login ID");
    } else if (find(head, "ID number") != NO_COLUMN) {
        at[COLUMN_MOODLE] = find(head, "Identifier");
        at[COLUMN_ID] = find(head, "ID number");
    }
}

static const char *cell(const struct csv_row *row, int column)
{
    return column >= 0 && (size_t)column < row->count ? row->cells[column] : "";
}

static const char *full_name(struct roster *roster, const struct csv_row *row,
                             const int at[COLUMNS])
{
    if (at[COLUMN_NAME] != NO_COLUMN)
        return cell(row, at[COLUMN_NAME]);
    const char *first = cell(row, at[COLUMN_FIRST]);
    const char *last = cell(row, at[COLUMN_LAST]);
    char *name = str_format("%s%s%s", first, *first && *last ? " " : "", last);
    roster->made = mem_realloc(roster->made, (roster->made_count + 1) *
                                                 sizeof(*roster->made));
    roster->made[roster->made_count++] = name;
    return name;
}

/* "Participant 4711" is 4711. */
static const char *moodle_number(const char *text)
{
    const char *digits = strpbrk(text, "0123456789");
    return digits ? digits : text;
}

/* Lines of a Canvas gradebook that are no students. */
static bool is_filler(const struct csv_row *row, const int at[COLUMNS])
{
    const char *name = cell(row, at[COLUMN_NAME]);
    return at[COLUMN_CANVAS] != NO_COLUMN &&
           (strcmp(name, "Points Possible") == 0 ||
            strcmp(name, "Student, Test") == 0);
}

static int add_student(struct roster *roster, const struct csv_row *row,
                       const int at[COLUMNS], char *error)
{
    struct student *student = &roster->students[roster->count];
    *student = (struct student){
        .id = cell(row, at[COLUMN_ID]),
        .name = full_name(roster, row, at),
        .email = cell(row, at[COLUMN_EMAIL]),
        .canvas = cell(row, at[COLUMN_CANVAS]),
        .moodle = moodle_number(cell(row, at[COLUMN_MOODLE])),
        .github = cell(row, at[COLUMN_GITHUB]),
        .line = row->line,
    };
    if (is_filler(row, at))
        return 0;
    if (*student->id == '\0') {
        (void)snprintf(error, CSV_ERROR_BYTES,
                       "line %zu: this student has no id", row->line);
        return -EINVAL;
    }
    roster->count++;
    return 0;
}

static int by_id(const void *a, const void *b)
{
    const struct student *one = a, *other = b;
    int order = strcmp(one->id, other->id);
    return order ? order
                 : (one->line > other->line) - (one->line < other->line);
}

static int refuse_doubles(const struct roster *roster, char *error)
{
    for (size_t i = 1; i < roster->count; i++) {
        const struct student *one = &roster->students[i - 1];
        const struct student *other = &roster->students[i];
        if (strcmp(one->id, other->id) == 0) {
            (void)snprintf(error, CSV_ERROR_BYTES,
                           "line %zu: the id '%.100s' is that of line %zu",
                           other->line, other->id, one->line);
            return -EINVAL;
        }
    }
    return 0;
}

static int read_students(struct roster *roster, char *error)
{
    int at[COLUMNS];
    if (roster->csv.count == 0) {
        (void)snprintf(error, CSV_ERROR_BYTES, "is empty");
        return -EINVAL;
    }
    find_columns(&roster->csv.rows[0], at);
    if (at[COLUMN_ID] == NO_COLUMN) {
        (void)snprintf(
            error, CSV_ERROR_BYTES,
            "line 1: no column is called 'id' (the first is '%.60s')",
            roster->csv.rows[0].cells[0]);
        return -EINVAL;
    }
    roster->students =
        mem_zalloc(roster->csv.count * sizeof(*roster->students));
    for (size_t i = 1; i < roster->csv.count; i++) {
        int result = add_student(roster, &roster->csv.rows[i], at, error);
        if (result < 0)
            return result;
    }
    qsort(roster->students, roster->count, sizeof(*roster->students), by_id);
    return refuse_doubles(roster, error);
}

int roster_load(struct roster *roster, const char *path, char *error)
{
    char what[CSV_ERROR_BYTES];
    *roster = (struct roster){0};
    int result = csv_load(&roster->csv, path, error);
    if (result < 0)
        return result;
    result = read_students(roster, what);
    if (result < 0) {
        (void)snprintf(error, CSV_ERROR_BYTES, "%.200s: %.300s", path, what);
        roster_fini(roster);
    }
    return result;
}

void roster_fini(struct roster *roster)
{
    for (size_t i = 0; i < roster->made_count; i++)
        free(roster->made[i]);
    free(roster->made);
    free(roster->students);
    csv_fini(&roster->csv);
    *roster = (struct roster){0};
}

static const char *value_of(const struct student *student, enum roster_key key)
{
    switch (key) {
    case ROSTER_ID:
        return student->id;
    case ROSTER_NAME:
        return student->name;
    case ROSTER_EMAIL:
        return student->email;
    case ROSTER_CANVAS:
        return student->canvas;
    case ROSTER_MOODLE:
        return student->moodle;
    case ROSTER_GITHUB:
        return student->github;
    }
    return "";
}

const struct student *roster_find(const struct roster *roster,
                                  enum roster_key key, const char *value)
{
    const struct student *found = NULL;
    for (size_t i = 0; *value && i < roster->count; i++) {
        if (strcasecmp(value_of(&roster->students[i], key), value) != 0)
            continue;
        if (found)
            return NULL;
        found = &roster->students[i];
    }
    return found;
}
