/* Marks: what a student, or an instructor, may be told of results.
 *
 * DOC: visibility.  Results know more than a student may: the names of hidden
 * tests, what they found, and seeds that come from a secret.  So nothing that
 * is given out is made from results; it is made from marks, and marks for a
 * student do not have in them what students may not know.  Of a hidden test
 * that is all but its category, its checkpoint, how many variants it has, and
 * its points, without which the sum would be a riddle.  A student's seed is
 * told if it was an ordinary check's.
 *
 * DOC: score.  Points are those of the results, and stay whole numbers.  What
 * could not be judged costs nobody (infra, skip), so a system that knows one
 * maximum for all is given the score instead: the same part of `max` as
 * `points` are of `judged`.  Where all was judged, score and points are the
 * same; a total that a policy has set is the score as it is.
 *
 * All texts are UTF-8 without control characters but LF and TAB. */
#ifndef GRADE_MARKS_H
#define GRADE_MARKS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/testrun.h"
#include "grade/roster.h"

enum { MARKS_ERROR_BYTES = 512, SCORE_BYTES = 24 };

enum audience { FOR_STUDENTS, FOR_INSTRUCTORS };

/* Of one test. */
struct mark {
    const char *id;   /* "" of a hidden one, for students */
    const char *name; /* one line: the id and title, or "hidden: CATEGORY …" */
    const char *text; /* what was found; "" if it passed */
    int checkpoint, points, max;
    enum verdict verdict;
    bool hidden;
};

/* What a policy did to the sum. */
struct adjustment {
    const char *reason;
    int points;
};

/* Of one implementation: a student's, or the one of a check. */
struct marks {
    const char *id, *name, *email; /* "" of a check, or where unknown */
    const char *file_name;         /* everybody's own: grades_directory() */
    const char *submitted;         /* RFC 3339, or "" */
    const char *seed;              /* "" if it may not be told */
    const char *note;              /* of the whole, for the student; or "" */
    const char *canvas, *moodle;   /* from a roster, or "" */
    bool built;
    int points, max, judged;
    bool is_set; /* a policy set the points: they are the score */
    struct mark *list;
    size_t count;
    struct adjustment *adjustments;
    size_t adjustment_count;
};

struct markbook {
    enum audience audience;
    bool is_batch;
    const char *lab;   /* "08" */
    const char *title; /* "Lab 08", "Lab 08: Reliable UDP" */
    const char *world, *wirelab;
    struct marks *list; /* sorted by id */
    size_t count;
    char **texts; /* owns all of the above */
    size_t text_count;
};

/* Reads a batch's results.json, or one check's.  Returns 0, or a negative errno
 * with one line in `error` (MARKS_ERROR_BYTES).
 * Ownership: markbook_fini(). */
int markbook_load(struct markbook *book, const char *path,
                  enum audience audience, char *error);
void markbook_fini(struct markbook *book);

/* Keeps a malloc'd text for as long as the book, and returns it. */
const char *markbook_keep(struct markbook *book, char *text);

/* Fills in what a class list knows (roster.h).  Returns how many students it
 * does not have, or a negative errno with one line in `error`. */
int markbook_join(struct markbook *book, const char *roster_path, char *error);

/* Whether points were earned or could have been. */
bool mark_judged(const struct mark *mark);
bool mark_passed(const struct mark *mark);

/* The score, in hundredths of a point; -ENODATA if nothing could be judged. */
int marks_score(const struct marks *marks);
/* The same as a figure: "92", "33.50"; "" if nothing could be judged. */
void marks_score_text(const struct marks *marks, char text[SCORE_BYTES]);
/* What `points` are out of, where each student may have a maximum of their own.
 */
int marks_out_of(const struct marks *marks);
/* The points of public tests: all that may be compared before the end. */
int marks_public_points(const struct marks *marks);

/* What is to be said of the whole, a few lines: points, what is wrong with the
 * submission, what a policy did.  The caller frees it. */
char *marks_summary(const struct markbook *book, const struct marks *marks);
/* The same, and all that is told of tests. */
char *marks_story(const struct markbook *book, const struct marks *marks);

#endif
