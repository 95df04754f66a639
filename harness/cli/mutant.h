/* A wrong program: a patch to the reference, and what it says of itself.
 *
 *      Mistake: acknowledges what it did not write
 *      Killed-by: 08.7.slow_disk
 *      Variant: as_receiver                        (if only one shows it)
 *      --- a/rrecv.c
 *      +++ b/rrecv.c
 *      ... */
#ifndef CLI_MUTANT_H
#define CLI_MUTANT_H

#include <stddef.h>

enum { MUTANT_MAX_TESTS = 8 };

struct mutant {
    char *name;              /* of the file, without .patch */
    char *patch;             /* its path */
    char *golden;            /* NAME.golden beside it */
    char *mistake, *variant; /* variant is NULL if none is named */
    char *tests[MUTANT_MAX_TESTS];
    size_t test_count;
    char *source, *programs; /* directories under BUILD/mutants/NN */
};

/* Loads all mutants of a lab, or only those called `only` (NULL: all), sorted.
 * `mutants` becomes malloc'd.  Returns 0, or an exit status after one line on
 * stderr: a patch without Mistake or Killed-by is wrong. */
int mutants_load(const char *dir, const char *work, const char *only,
                 struct mutant **mutants, size_t *count);
void mutants_free(struct mutant *mutants, size_t count);

/* Copies the reference's sources and objects, and applies the patch, exactly
 * (no fuzz), unless that was done with the same files before.  Modification
 * times are copied too, so that only what the patch changes is compiled.
 * Returns NULL, or what went wrong, malloc'd. */
char *mutant_make(const struct mutant *mutant, const char *solution,
                  const char *objects);

#endif
