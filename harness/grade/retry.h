/* When a test is run again, and what several attempts amount to.
 *
 *  - `infra` is ours: it is run again, up to two more times, and no attempt
 *    that ended so counts for or against the learner.
 *  - A `fail` must be seen twice.  After fail and pass a third attempt decides:
 *    two fails are `fail`, two passes are `flaky`, which counts as passed.
 *  - A first `pass` is final, and so is a `skip`. */
#ifndef GRADE_RETRY_H
#define GRADE_RETRY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/testrun.h"

enum { RETRY_MAX_INFRA = 3, RETRY_MAX_ATTEMPTS = 5 };

struct retry {
    bool again;           /* run it once more … */
    enum verdict verdict; /* … or this is what it comes to */
};

/* Judges the verdicts of the attempts made until now, oldest first; none yet
 * asks for the first.  Attempts are PASS, FAIL, SKIP or INFRA. */
struct retry retry_next(const enum verdict *history, size_t n);

#endif
