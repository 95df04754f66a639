/* The process that answers for one run of one test. */
#ifndef GRADE_SUPERVISE_H
#define GRADE_SUPERVISE_H

#include "base/testrun.h"

/* Runs variant `variant` of run->test in a cell and sees to it that exactly one
 * verdict object is written to run->verdict_fd (and to verdict.json in
 * run->out_dir), and that nothing of the run is left: no process, no mount, no
 * work directory.  run->work_dir is chosen here.
 *
 * Returns the exit status: 0, or 3 if the verdict could not be handed on. */
int supervise(struct testrun *run, int variant);
/* Hands on the verdict of a test that need not be run, likewise. */
int supervise_skip(const struct testrun *run, const char *reason);

#endif
