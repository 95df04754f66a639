/* "Did you mean …".
 *
 * The distance is Damerau's, in its restricted form (optimal string alignment):
 * insertions, deletions, substitutions and swaps of neighbours cost one each.
 * Swaps count as one because "delya" is the commonest slip of all.  Three rows
 * of the table suffice, for a swap looks two rows back. */
#include "base/nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum {
    MAX_LETTERS = 63, /* longer words are not names; they match nothing */
    MAX_DISTANCE = MAX_LETTERS + 1,
};

static bool same_letter(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static size_t least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

static size_t distance(const char *a, const char *b)
{
    size_t rows = strlen(a), columns = strlen(b);
    if (rows > MAX_LETTERS || columns > MAX_LETTERS)
        return MAX_DISTANCE;
    size_t table[3][MAX_LETTERS + 1];
    for (size_t j = 0; j <= columns; j++)
        table[0][j] = j;
    for (size_t i = 1; i <= rows; i++) {
        size_t *now = table[i % 3];
        const size_t *above = table[(i - 1) % 3];
        const size_t *before = table[(i + 1) % 3]; /* row i - 2 */
        now[0] = i;
        for (size_t j = 1; j <= columns; j++) {
            size_t changed = !same_letter(a[i - 1], b[j - 1]);
            now[j] =
                least(above[j] + 1, now[j - 1] + 1, above[j - 1] + changed);
            bool swapped = i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
                           same_letter(a[i - 2], b[j - 1]);
            if (swapped && before[j - 2] + 1 < now[j])
                now[j] = before[j - 2] + 1;
        }
    }
    return table[rows % 3][columns];
}

/* A third of the letters, but one slip is forgiven in any word of two or more
 * letters. */
static size_t tolerance(const char *word, const char *candidate)
{
    size_t a = strlen(word), b = strlen(candidate);
    size_t longer = a > b ? a : b;
    if (longer < 2)
        return 0;
    return longer < 6 ? 1 : longer / 3;
}

const char *nearest_word(const char *word, const char *const *words, size_t n)
{
    const char *nearest = NULL;
    size_t nearest_distance = MAX_DISTANCE;
    for (size_t i = 0; i < n; i++) {
        size_t d = distance(word, words[i]);
        if (d < nearest_distance && d <= tolerance(word, words[i])) {
            nearest = words[i];
            nearest_distance = d;
        }
    }
    return nearest;
}
