/* Options; see options.h.
 *
 * Two bytes decide everything here: a length of 0 makes a loop endless, one
 * that is too great makes it read beyond the header.  Both come from whoever
 * sent the packet. */
#include "options.h"

#include <errno.h>
#include <stdbool.h>

#include "lab.h"

/* DOC: options-next */
int options_next(enum option_family family, const uint8_t *options,
                 size_t bytes, size_t *at, struct option *option)
{
    (void)family, (void)options, (void)bytes, (void)at, (void)option;
    to_do(2, "options_next() in options.c");
}

int options_check(enum option_family family, const uint8_t *options,
                  size_t bytes)
{
    struct option option;
    size_t at = 0;
    int more;
    while ((more = options_next(family, options, bytes, &at, &option)) > 0)
        ;
    return more;
}
