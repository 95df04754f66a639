/* What is done inside a workshop's cell; see workshop.c, which draws it. */
#ifndef RUN_WORKBENCH_H
#define RUN_WORKBENCH_H

#include <stdbool.h>

#include "run/workshop.h"

/* One build. */
struct job {
    const struct workshop_order *order;
    struct workshop_limits limits; /* none of them is 0 */
    const char *work_dir;
    char *stage; /* becomes /lab */
};

/* Each ends the process where it cannot go on: as job_refuse does, or as
 * infra(). */

/* Builds, all of it. */
void job_run(struct job *job);
/* Removes from `out` what an earlier build left there. */
void job_clear_out(const struct job *job);
/* Takes the lab's programs out of `made`/out or `made`/src into `out`. */
void job_collect(const struct job *job, const char *made, bool ready_made);

/* Ends the process as the submission's fault, after one line on stderr. */
void job_refuse(const char *format, ...)
    __attribute__((format(printf, 1, 2), noreturn));

#endif
