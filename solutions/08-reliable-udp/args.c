/* strtoull(3), without what it would let pass: signs, blanks, words after the
 * number, and numbers beyond the limits. */
#include "args.h"

#include <errno.h>
#include <stdlib.h>

bool args_number(const char *text, uint64_t low, uint64_t high, uint64_t *value)
{
    char *end;

    errno = 0;
    *value = strtoull(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && !*end && !errno &&
           *value >= low && *value <= high;
}
