/* Building what a stranger has handed in: a lab's own rules, in a box. */
#ifndef CLI_BOXED_H
#define CLI_BOXED_H

#include <stdbool.h>

#include "cli/project.h"
#include "run/workshop.h"

struct boxed_build {
    const struct project *project;
    const struct lab_dir *lab;
    const char *const *programs; /* of lab.json */
    size_t program_count;
    const char *source;            /* the submission's folder */
    const char *out;               /* receives the programs; made if need be */
    const char *flavour;           /* of lab.mk; NULL: "san" */
    bool own_makefile;             /* the submission's, instead of the lab's */
    struct workshop_limits limits; /* zeros: as lab.json says, or by default */
};

/* Builds and waits.  Returns 0; EXIT_FAILED if it does not build, `*error` then
 * being the compiler's first error or the limit that it hit, one line, malloc'd
 * and fit to be shown to anybody; or EXIT_INFRA after one line on stderr. */
int boxed_build(const struct boxed_build *build, char **error);

/* Where the programs of a folder go when nobody says: malloc'd. */
char *boxed_out(const struct project *project, const struct lab_dir *lab,
                const char *source, const char *flavour);

/* The same in two steps, for a caller that has other things to do. */
int boxed_start(struct workshop *workshop, const struct boxed_build *build);
int boxed_wait(struct workshop *workshop, char **error);

#endif
