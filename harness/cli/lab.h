/* A lab made ready to be run: its description, its suite's list of tests, the
 * programs of an implementation, and the reference's beside them. */
#ifndef CLI_LAB_H
#define CLI_LAB_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/cli.h"
#include "cli/project.h"
#include "grade/labjson.h"
#include "world/world.h"

struct lab {
    struct project project;
    const struct lab_dir *dir;
    struct labjson json;
    json_t *tests;       /* the array "tests" of `suite --list` */
    char *impl;          /* "skeleton", "solution" or an absolute path */
    char *impl_dir;      /* its programs */
    const char *flavour; /* how both are built (lab.mk); NULL: "san" */
    char *host_impl_dir, *host_reference_dir; /* built "san" nevertheless, for
                                                 tests that need the host */
    bool ready_made;     /* they were executables to begin with */
    bool boxed;          /* set before lab_prepare: what lies in a folder of
                            somebody else's is built in a box (boxed.h), */
    bool own_makefile;   /* and there by its own Makefile */
    char *reference_dir; /* the reference's; need not hold any */
    char *compile_error; /* the compiler's first, if it does not compile */
};

/* Finds the lab and reads its lab.json.  Returns 0, or an exit status after one
 * line on stderr. */
int lab_open(struct lab *lab, const char *word);

/* Builds the reference's programs and the implementation's, without the suite.
 * Returns as lab_prepare does. */
int lab_programs(struct lab *lab, const char *impl);
/* Builds the suite, the reference and the implementation side by side ("":
 * the learner's own, in the lab's folder), and lists the tests.  Programs are
 * compiled by $CC, or by gcc.
 *
 * Returns 0; EXIT_FAILED with `compile_error` set, if the implementation does
 * not compile; or another exit status after one line on stderr. */
int lab_prepare(struct lab *lab, const char *impl);
/* Builds the suite alone and lists its tests, with all the variants they may
 * have.  Returns 0 or an exit status after one line on stderr. */
int lab_suite(struct lab *lab);
/* Says which folder holds an implementation's files, and whether these are to
 * be compiled.  Returns 0, `*dir` malloc'd, or an exit status after one line on
 * stderr. */
int lab_files(const struct lab *lab, const char *impl, char **dir,
              bool *sources);
/* Builds both once more, with all sanitizers, for the tests that only the host
 * can run.  Returns as lab_prepare does. */
int lab_programs_for_host(struct lab *lab, const char *impl);
/* Lists the tests again, as for programs in another directory; NULL: as for
 * any. */
int lab_list(struct lab *lab, const char *impl_dir);
void lab_close(struct lab *lab);

/* Finds a test by its id.  Returns NULL after one line on stderr. */
json_t *lab_test(const struct lab *lab, const char *id);
/* Keeps only the named tests (all, if none is named).  Returns 0 or
 * EXIT_USAGE. */
int lab_select(struct lab *lab, const struct text_list *ids);

extern const char *const engine_names[]; /* NULL-terminated */

#endif
