/* What wirelab remembers of a learner from one command to the next, a file a
 * lab: $XDG_STATE_HOME/wirelab/08.json (~/.local/state without the variable).
 *
 *      {"schema": 1, "lab": "08",
 *       "last": {"points": 52, "started": "…"},    newest check of all tests
 *       "best": {"points": 60, "started": "…"},
 *       "tests": {"08.1.one_segment": {"checkpoint": 1, "points": 3, "max": 3,
 *                                      "verdict": "pass"}, …},   newest of each
 *       "hints": {"4": 2}}           levels of hints.md shown, by checkpoint
 *
 * It is a convenience.  Where it cannot be kept (a home that is read-only or
 * full) that is told in one line and no command fails for it.  A file of
 * another version, or one that is no longer JSON, is never overwritten: the
 * first change moves it aside and begins a new one. */
#ifndef CLI_STATE_H
#define CLI_STATE_H

#include <jansson.h>

#include "cli/project.h"

enum { STATE_SCHEMA = 1 };

/* Reads a lab's state; an object without members if there is none.  What
 * cannot be understood is told in one line on stderr, and taken for none.
 * Ownership: the caller's reference. */
json_t *state_read(const struct lab_dir *lab);

/* Changes a lab's state while no other wirelab does: `change` gets the newest,
 * and what it leaves is written as a whole.  What goes wrong is told in one
 * line on stderr. */
typedef void state_change_fn(json_t *state, void *context);
void state_change(const struct lab_dir *lab, state_change_fn *change,
                  void *context);

#endif
