/* "Did you mean …": the nearest of the names that would have been right. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

/* Finds the word that a mistyped one most likely stands for: the fewest letters
 * inserted, left out, changed or swapped with their neighbour.  Case does not
 * count.  The first wins when several are equally near.
 *
 * Returns one of `words`, or NULL when nothing is close: more than a third of
 * the letters would have to change. */
const char *nearest_word(const char *word, const char *const *words, size_t n);

#endif
