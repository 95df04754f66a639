/* Whose doing it was that time was not kept.
 *
 * A failure is void when packets were late, the emulator was overrun or a
 * program waited long for a CPU: the verdict is infra, and `excused` in it says
 * what the test found.  What is void counts for nobody, so a program that
 * floods its link, or keeps every CPU busy, could have what it fails left out
 * of its score.  The machine is cleared by an experiment, not by a guess: the
 * caller asks only about a run that was alone, on a machine whose timers kept
 * time when it began, or whose time was virtual.  (A guest in real time has one
 * CPU for all that is in it, and clears nobody.)  Then the program is to blame
 *
 *  - if at least half of what the emulator lost came from hosts on which a
 *    tested program ran, or
 *  - if the tested programs ran for half of the time, or more, in which nobody
 *    kept them waiting for a CPU, and for an eighth of all time.
 *
 * A failure must be seen twice (retry.h), and so must this. */
#ifndef GRADE_BLAME_H
#define GRADE_BLAME_H

#include <jansson.h>
#include <stdbool.h>

/* Makes a void verdict the failure that it excused, and says so in its message,
 * if the program is to blame.  Returns whether it is; any other verdict stays
 * as it is. */
bool blame_program(json_t *verdict);

#endif
