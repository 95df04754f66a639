/* The names that course systems give to what they pack. */
#ifndef GRADE_LAYOUT_H
#define GRADE_LAYOUT_H

#include <stdbool.h>

#include "grade/handin.h"

#define GRADESCOPE_METADATA "submission_metadata.yml"

enum { LAYOUT_NAME_BYTES = 256 };

/* lovelaceada_LATE_12345_678910_rsend-2.c */
struct canvas_name {
    char who[LAYOUT_NAME_BYTES]; /* the name's letters, last name first */
    char user[32];
    char file[LAYOUT_NAME_BYTES]; /* without the number of a resubmission */
    int resubmission;             /* 0: the first */
};
bool canvas_name_parse(struct canvas_name *name, const char *text);

/* Ada Lovelace_4711_assignsubmission_file_[NAME] */
struct moodle_name {
    char who[LAYOUT_NAME_BYTES];
    char participant[32];
    char file[LAYOUT_NAME_BYTES]; /* "" for a folder */
    bool is_text; /* what was typed in, not handed in as a file */
};
bool moodle_name_parse(struct moodle_name *name, const char *text);

/* Takes one entry of the folder, by handins->layout.  Returns 0, or a negative
 * errno with one line in `error` (HANDIN_ERROR_BYTES). */
int handins_read_entry(struct handins *handins, const char *dir,
                       const char *entry, const struct roster *roster,
                       char *error);

#endif
