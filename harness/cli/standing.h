/* How far a learner is: the part of the state (state.h) that checks write and
 * `list` and `watch` read. */
#ifndef CLI_STANDING_H
#define CLI_STANDING_H

#include <jansson.h>
#include <stdbool.h>

#include "cli/project.h"

enum { WHOLE_LAB = 100 }; /* points */

/* Remembers what a check of the learner's own program came to.  A check of some
 * tests changes what is known of these; a whole one is the last, and perhaps
 * the best.  What could not be judged changes nothing. */
void standing_record(const struct lab_dir *lab, const json_t *results,
                     bool compiles);
/* Forgets all but the best and the hints: the skeleton is back. */
void standing_forget(const struct lab_dir *lab);

/* Points that the newest verdicts of a checkpoint's tests are worth; 0: of the
 * whole lab. */
int standing_points(const json_t *state, int checkpoint);
/* Whether the newest verdict of this test lets the learner go on. */
bool standing_passed(const json_t *state, const char *test);

#endif
