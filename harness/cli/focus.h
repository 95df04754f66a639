/* What `watch` runs next: of a lab's tests the one that the learner is at.
 *
 *      a test fails ─────► that test alone, after each save, until it passes
 *      it passes ────────► the others of its checkpoint
 *      all of them pass ─► the next checkpoint that is not done, and so on
 *      none is left ─────► all tests, for something may have broken meanwhile
 */
#ifndef CLI_FOCUS_H
#define CLI_FOCUS_H

#include <jansson.h>
#include <stdbool.h>

enum focus_goal { FOCUS_TEST, FOCUS_CHECKPOINT, FOCUS_LAB };

struct focus {
    const json_t *tests; /* in the suite's order; borrowed */
    enum focus_goal goal;
    const char *test; /* of FOCUS_TEST; of FOCUS_CHECKPOINT: not this one, which
                         has just passed, or NULL */
    int checkpoint;   /* of both */
};

/* Begins at the first test that the state (standing.h) does not know to pass.
 */
void focus_begin(struct focus *focus, const json_t *tests, const json_t *state);
void focus_whole_lab(struct focus *focus);
/* Whether this element of `tests` is to be run. */
bool focus_wants(const struct focus *focus, const json_t *test);

enum focus_step {
    FOCUS_STAY, /* something failed or could not be run: the learner's turn */
    FOCUS_GO,   /* it passed: run what is next at once */
    FOCUS_DONE, /* all tests passed */
};
/* Moves on by the results of what was wanted. */
enum focus_step focus_advance(struct focus *focus, const json_t *results,
                              const json_t *state);

#endif
