/* Where things are: the project's root, the build directory, the labs. */
#ifndef CLI_PROJECT_H
#define CLI_PROJECT_H

#include <stddef.h>

struct lab_dir {
    char number[8]; /* "08" */
    char *name;     /* "08-reliable-udp" */
    char *path;     /* ROOT/labs/08-reliable-udp */
    char *solution; /* ROOT/solutions/08-reliable-udp; may not exist */
    char *suite;    /* BUILD/suites/08 */
};

struct project {
    char *root;  /* absolute */
    char *build; /* absolute: where the running program lies */
    struct lab_dir *labs;
    size_t lab_count;
};

/* Finds the root ($WIRELAB_ROOT, else upwards from the program itself) and the
 * labs.  Returns 0, or an exit status after one line on stderr. */
int project_open(struct project *project);
void project_fini(struct project *project);

/* Finds a lab by what a learner may write: "8", "08", "reliable-udp",
 * "08-reliable-udp", "labs/08-reliable-udp".  Returns NULL after one line on
 * stderr. */
const struct lab_dir *project_lab(const struct project *project,
                                  const char *word);

/* The path as seen from the current directory, where that is shorter: for
 * messages.  The result is malloc'd. */
char *path_shown(const char *path);

#endif
