/* labs/NN-name/hints.md: what helps on, in levels.
 *
 *      ## 08.4            a checkpoint
 *      ### 1              its first level: a question
 *      ### 2              a pointer
 *      ### 3              nearly the answer */
#ifndef CLI_HINTS_H
#define CLI_HINTS_H

#include <stddef.h>

/* How many levels the text has for a checkpoint ("08.4"), without a gap from 1;
 * 0 if it has none. */
int hints_levels(const char *text, const char *checkpoint);
/* Finds one level's text, without blank lines around it.  Returns its first
 * byte with its length in `*bytes`, or NULL. */
const char *hints_find(const char *text, const char *checkpoint, int level,
                       size_t *bytes);

#endif
