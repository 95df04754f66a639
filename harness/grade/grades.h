/* The grades of a batch, read back: OUT/results.json as `wirelab grade`,
 * `results merge` and `results policy` write it (grades.schema.json). */
#ifndef GRADE_GRADES_H
#define GRADE_GRADES_H

#include <jansson.h>

enum { GRADES_SCHEMA = 1, GRADES_ERROR_BYTES = 512 };

/* Reads such a file; `path` may also be the directory that it lies in.  All
 * required members are there and of their types, and students are sorted by id,
 * when this succeeds: nobody need look again.
 *
 * Returns the caller's reference, or NULL with one line in `error`
 * (GRADES_ERROR_BYTES): it cannot be read, is cut short, is of another schema,
 * is the result of one check. */
json_t *grades_load(const char *path, char *error);

/* The same, but takes what `wirelab check --json` wrote, too: an object with
 * "impl" and "tests", and without "students". */
json_t *grades_load_any(const char *path, char *error);

/* Replaces a file as a whole by JSON, laid out as all results are.  Returns 0
 * or -errno. */
int grades_write(const char *path, const json_t *json);

/* Finds a student, or a student's test, by id; NULL if there is none. */
json_t *grades_student(const json_t *grades, const char *id);
json_t *grades_test(const json_t *student, const char *id);

/* The name of a student's directory below OUT/students: what is not plain in
 * an id becomes %XX.  Ownership: the caller frees it. */
char *grades_directory(const char *id);

#endif
