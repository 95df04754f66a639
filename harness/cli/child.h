/* Tools that wirelab calls: make, patch, tar.  Their output is collected in
 * memory, so any number may run side by side. */
#ifndef CLI_CHILD_H
#define CLI_CHILD_H

#include <stddef.h>
#include <sys/types.h>

struct child {
    pid_t pid;
    int output_fd; /* stdout and stderr, as written */
};

/* Starts argv[0], found on PATH, in `dir` (NULL: here), stdin from /dev/null.
 * Returns 0 or -errno. */
int child_start(struct child *child, const char *dir, const char *const *argv);
/* Waits for its end.  Returns its exit status (128 + n for a signal), and its
 * output, malloc'd, in `*output` (which may be NULL). */
int child_wait(struct child *child, char **output);
/* Both at once.  Returns the exit status or -errno. */
int child_run(const char *dir, const char *const *argv, char **output);

#endif
