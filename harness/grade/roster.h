/* Who is in the class: a CSV file with a line for each student.
 *
 * Its first line names the columns, in any order, others are passed over:
 *
 *      id          required, and everybody's own
 *      name        or "first name" and "last name"
 *      email
 *      canvas, moodle, github   what the student is called there
 *
 * The lists that the systems themselves hand out are known, too: a Canvas
 * gradebook (Student, ID, SIS Login ID), a Moodle grading worksheet
 * (Identifier, Full name, ID number), GitHub Classroom's roster (identifier,
 * github_username), and Gradescope's (First Name, Last Name, SID, Email). */
#ifndef GRADE_ROSTER_H
#define GRADE_ROSTER_H

#include <stddef.h>

#include "grade/csv.h"

struct student {
    const char *id, *name, *email;        /* "" where unknown, but for the id */
    const char *canvas, *moodle, *github; /* likewise */
    size_t line;
};

struct roster {
    struct student *students; /* sorted by id */
    size_t count;
    struct csv csv;
    char **made; /* names that were put together */
    size_t made_count;
};

/* Reads the file.  Returns 0, or a negative errno with one line in `error`
 * (CSV_ERROR_BYTES): no column "id", a line without an id, an id twice. */
int roster_load(struct roster *roster, const char *path, char *error);
void roster_fini(struct roster *roster);

enum roster_key {
    ROSTER_ID,
    ROSTER_NAME,
    ROSTER_EMAIL,
    ROSTER_CANVAS,
    ROSTER_MOODLE,
    ROSTER_GITHUB,
};
/* Finds the only student with this value, letter case aside; NULL if there is
 * none or more than one. */
const struct student *roster_find(const struct roster *roster,
                                  enum roster_key key, const char *value);

#endif
