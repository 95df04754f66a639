/* The body of a test, run by Check. */
#ifndef GRADE_BODY_H
#define GRADE_BODY_H

#include "base/testrun.h"

/* What a hung test is granted after its time limit, to say what was going on,
 * before it is killed. */
enum { BODY_GRACE_S = 10 };

/* Runs variant `variant` (0 if there are none) of run->test in a process of its
 * own, below the calling one.  Whatever happens there, a verdict goes to
 * run->verdict_fd: by the test itself, by the watch on its time limit, or, if
 * its process died without one, a line saying so.  In the last case a verdict
 * may have been written before; the first is the one that counts. */
void body_run(const struct testrun *run, int variant);

#endif
