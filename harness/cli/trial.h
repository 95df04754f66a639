/* Runs a lab's chosen tests once, as a learner's check does: retries where one
 * verdict does not decide, nothing that a failed checkpoint blocks, and each
 * failure told as soon as it is final. */
#ifndef CLI_TRIAL_H
#define CLI_TRIAL_H

#include <stdint.h>
#include <stdio.h>

#include "cli/lab.h"
#include "cli/place.h"
#include "cli/runs.h"
#include "grade/results.h"
#include "report/text.h"

struct trial_options {
    const struct place *place; /* shown the lab's files */
    const char *engine;
    uint64_t seed;
    long jobs; /* at most so many at once; 0: as the budget allows */
    FILE *out; /* progress and failures go here */
    struct report_style style;
};

/* Runs lab->tests and adds every verdict to `results`.  Returns 0; the number
 * of the signal that interrupted it; or -EIO when evidence cannot be written
 * (one line is on stderr). */
int trial_run(const struct lab *lab, const struct run_dir *run,
              struct results *results, const struct trial_options *options);

#endif
