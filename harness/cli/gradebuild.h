/* Builds one submission's programs, in the box. */
#ifndef CLI_GRADEBUILD_H
#define CLI_GRADEBUILD_H

#include "cli/boxed.h"
#include "cli/lab.h"

/* Starts to build what is in `source` into the directory `out`, which is made
 * anew, in a flavour of lab.mk.  Returns a pidfd of the process that builds,
 * the caller's to close, or -errno. */
int submission_build(struct workshop *workshop, const struct lab *lab,
                     const char *source, const char *out, const char *flavour);
/* Waits for its end, or tells why there was no start.  Returns 0; EXIT_FAILED
 * if it does not build, `*error` then being the first error of the compiler,
 * one line, malloc'd; or EXIT_INFRA with the reason there. */
int submission_built(struct workshop *workshop, char **error);

#endif
