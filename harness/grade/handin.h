/* What was handed in, and by whom: one folder, in whichever layout a course's
 * system has packed it.
 *
 *  plain       each entry is a student's: a folder, or an archive NAME.zip,
 *              NAME.tar[.gz|.xz|.zst], NAME.tgz, NAME.bundle; NAME is the id
 *              (or ends with "-" and the student's name at GitHub)
 *  gradescope  submission_NNN/ folders and submission_metadata.yml
 *  canvas      lovelaceada_[LATE_]USER_SUBMISSION_file.c, all in one folder
 *  moodle      "Ada Lovelace_4711_assignsubmission_file_/" folders, or files
 *              "Ada Lovelace_4711_assignsubmission_file_NAME"
 *
 * Who it is, is looked up in the roster where there is one; somebody who is not
 * in it is graded nevertheless, and marked. */
#ifndef GRADE_HANDIN_H
#define GRADE_HANDIN_H

#include <stdbool.h>
#include <stddef.h>

#include "grade/roster.h"

enum { HANDIN_ERROR_BYTES = 512, HANDIN_TIME_BYTES = 32 };

enum layout {
    LAYOUT_PLAIN,
    LAYOUT_GRADESCOPE,
    LAYOUT_CANVAS,
    LAYOUT_MOODLE,
};
extern const char *const layout_names[];

struct handin_file {
    char *path; /* a folder, an archive or a file of the student's */
    char *name; /* as the student called it */
};

struct handin {
    char *id, *name, *email; /* "" where unknown, but for the id */
    char *label;             /* how it is called in the folder; "" if there is
                                nothing from this student of the roster */
    char submitted[HANDIN_TIME_BYTES]; /* RFC 3339; "" if nobody says */
    struct handin_file *files;
    size_t file_count;
    bool stranger; /* there is a roster, and it does not have this one */
};

struct handins {
    enum layout layout;
    struct handin *list; /* sorted by id, which is everybody's own */
    size_t count, found; /* found: those from whom there is something */
};

/* Looks through the folder.  `roster` may be NULL.  Returns 0, or a negative
 * errno with one line in `error`: it cannot be read, there is nothing in it,
 * one student has handed in twice. */
int handins_find(struct handins *handins, const char *dir,
                 const struct roster *roster, char *error);
void handins_fini(struct handins *handins);

/* Whether a file name is that of an archive which unpack.h can read. */
bool handin_is_archive(const char *name);

/* ---- For the layouts' own files ------------------------------------------ */
/* Adds an empty one of this id. */
struct handin *handins_add(struct handins *handins, const char *id,
                           const char *label);
/* Finds one by its id, or NULL. */
struct handin *handins_get(struct handins *handins, const char *id);
void handin_add_file(struct handin *handin, char *path, const char *name);
/* Takes name and email from the roster. */
void handin_be(struct handin *handin, const struct student *student);
/* Reads submission_metadata.yml.  As handins_find. */
int handins_read_gradescope(struct handins *handins, const char *dir,
                            const struct roster *roster, char *error);

#endif
