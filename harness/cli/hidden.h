/* Hidden variants: public tests, run once more with seeds and parameters that
 * nobody outside knows.  A private file names them:
 *
 *      {"lab": "08", "hidden": [
 *          {"category": "loss", "test": "08.2.loss", "count": 3, "points": 1,
 *           "params": ["loss=7", "loss=12,segments=80"]}]}
 *
 * `points` are taken from the public test's (default: half of them), so that
 * the sum stays.  `params` are used in turn; they set figures that the test
 * reads by param_int() and has registered: `suite --list` names them.  A hidden
 * test passes if all its variants do.  What a student is told of it is the
 * category and how many there are. */
#ifndef CLI_HIDDEN_H
#define CLI_HIDDEN_H

#include "cli/judge.h"

enum { HIDDEN_ERROR_BYTES = 512 };

/* Adds the file's tests to `listed`, each behind its public one.  Returns 0, or
 * -EINVAL or -errno with one line in `error`. */
int hidden_add(json_t *listed, const char *lab, const char *path, char *error);
bool hidden_is(const json_t *listed);
/* Makes a job for variant `number` (from 0) run the public test. */
void hidden_compose(const json_t *listed, size_t number, struct job *job);

#endif
