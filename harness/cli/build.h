/* Builds what a check needs: an implementation's programs, a lab's suite. */
#ifndef CLI_BUILD_H
#define CLI_BUILD_H

#include <stdbool.h>

#include "cli/project.h"

/* One implementation: where its sources are, and where its programs go. */
struct build_target {
    char *label;  /* "skeleton", "solution" or an absolute path */
    char *source; /* NULL: the programs are ready made */
    char *out;
    const char *flavour; /* of lab.mk */
};

/* Says what `impl` stands for, built in a flavour of lab.mk: NULL or
 * "skeleton", "solution", or a directory of *.c files or of executables that
 * bear the programs' names. Returns 0, or EXIT_USAGE after one line on stderr.
 */
int build_target_init(struct build_target *target,
                      const struct project *project, const struct lab_dir *lab,
                      const char *const *programs, size_t program_count,
                      const char *impl, const char *flavour);
/* The same for a folder that its own Makefile builds, in a box (boxed.h): what
 * else it holds is its own business.  `out` is left to the caller. */
int build_own_makefile_init(struct build_target *target, const char *impl,
                            const char *flavour);
void build_target_fini(struct build_target *target);

/* Describes the reference, wherever it is: its sources in solutions/, or the
 * programs that a handout has in place of them (harness/handout/fill).
 * Returns whether either is here; if not, the target is a directory that need
 * not exist, and nothing is to be built. */
bool build_reference_init(struct build_target *target,
                          const struct project *project,
                          const struct lab_dir *lab, const char *flavour);

/* Builds the targets and (if `suite` is not NULL) the suite, side by side.
 * Returns 0.  EXIT_FAILED if targets[0] does not compile: `*compile_error` is
 * then the compiler's first error, malloc'd.  Anything else that does not build
 * is ours: EXIT_INFRA after one line on stderr. */
int build_all(const struct project *project, const struct lab_dir *lab,
              const struct build_target *targets, size_t n, const char *suite,
              char **compile_error);

/* Builds independent targets, as many at once as there are cores.  errors[i]
 * becomes NULL, or the first error of target i, malloc'd. */
void build_each(const struct lab_dir *lab, const struct build_target *targets,
                size_t n, char **errors);

/* Makes `out` and waits until nobody else builds there.  Returns a descriptor,
 * which is the lock, or -1. */
int build_lock(const char *out);

/* The first error in what a compiler or linker printed: one line, malloc'd. */
char *first_error(const char *output);

#endif
