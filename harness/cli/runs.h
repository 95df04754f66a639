/* Where the evidence of checks lies: BUILD/runs/08/20261123-101502-4711/, and
 * `latest` beside it.  The newest 20 of a lab are kept; one that is in use is
 * locked (flock on the directory) and never removed. */
#ifndef CLI_RUNS_H
#define CLI_RUNS_H

#include "cli/project.h"

enum { RUNS_KEPT = 20 };

struct run_dir {
    char *path;
    int lock_fd;
};

/* Makes one for a lab and points `latest` to it.  Returns 0, or EXIT_INFRA
 * after one line on stderr. */
int run_dir_make(struct run_dir *run, const struct project *project,
                 const struct lab_dir *lab);
/* Removes the oldest runs beyond RUNS_KEPT, and lets go of this one. */
void run_dir_close(struct run_dir *run);
/* Makes a test's evidence directory in it and returns its path, malloc'd:
 * ID[.VARIANT][.ATTEMPT].  NULL after one line on stderr. */
char *run_dir_test(const struct run_dir *run, const char *id,
                   const char *variant, int attempt);
/* Copies a directory's programs (as hard links, where it can) into the run, so
 * that building again meanwhile changes nothing.  Returns the new directory,
 * malloc'd; or the old one, if that is not possible. */
char *run_dir_keep_programs(const struct run_dir *run, const char *dir);

#endif
