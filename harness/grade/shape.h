/* What a JSON file must look like, member by member.
 *
 * A reader of such a file goes through it once.  The first thing wrong is kept,
 * as one line with its place, "FILE: checkpoints[2].points is missing"; what is
 * found wrong after that is noise and dropped, so a reader need not stop at
 * once. */
#ifndef GRADE_SHAPE_H
#define GRADE_SHAPE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct shape {
    const char *path; /* of the file */
    char *error;      /* receives the line */
    size_t error_bytes;
    bool failed;
};

enum shape_type {
    SHAPE_OBJECT = 1 << JSON_OBJECT,
    SHAPE_ARRAY = 1 << JSON_ARRAY,
    SHAPE_TEXT = 1 << JSON_STRING,
    SHAPE_WHOLE = 1 << JSON_INTEGER,
    SHAPE_NUMBER = SHAPE_WHOLE | 1 << JSON_REAL,
    SHAPE_BOOL = 1 << JSON_TRUE | 1 << JSON_FALSE,
    SHAPE_NULL = 1 << JSON_NULL,
};

struct shape_member {
    const char *name;
    unsigned types; /* any of these */
    bool optional;
};

/* Reads shape->path, whose top must be an object without a name twice.
 * Returns 0 with `*json` the caller's, -errno, or -EINVAL. */
int shape_load(struct shape *shape, json_t **json);

/* Keeps this as what is wrong, unless something was wrong before. */
void shape_wrong(struct shape *shape, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Checks that `json`, which may be NULL, is an object whose members are there
 * and of their types.  `where` is its place: "" at the top, else with a dot
 * behind it, "checkpoints[2].".  With `closed` there may be no others. */
void shape_members(struct shape *shape, const json_t *json, const char *where,
                   const struct shape_member *members, size_t n, bool closed);
/* Reads a whole number and checks its range. */
int shape_whole(struct shape *shape, const json_t *object, const char *where,
                const char *name, int low, int high);

#endif
