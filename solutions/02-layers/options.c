/* Options; see options.h.
 *
 * Two bytes decide everything here: a length of 0 makes a loop endless, one
 * that is too great makes it read beyond the header.  Both come from whoever
 * sent the packet. */
#include "options.h"

#include <errno.h>
#include <stdbool.h>

//> #include "lab.h"

/* BEGIN SOLUTION 2 */
/* A kind with a length of its own has no other; `step` is for lists. */
struct kind_length {
    enum option_family family;
    uint8_t kind;
    uint8_t least, step; /* of the value */
};

static const struct kind_length lengths[] = {
    {OPTIONS_IPV4, IPV4_RECORD_ROUTE, 1, 4},
    {OPTIONS_IPV4, IPV4_LOOSE_ROUTE, 1, 4},
    {OPTIONS_IPV4, IPV4_STRICT_ROUTE, 1, 4},
    {OPTIONS_IPV4, IPV4_ALERT, 2, 0},
    {OPTIONS_TCP, TCP_MSS, 2, 0},
    {OPTIONS_TCP, TCP_WINDOW_SCALE, 1, 0},
    {OPTIONS_TCP, TCP_SACK_PERMITTED, 0, 0},
    {OPTIONS_TCP, TCP_SACK, 8, 8},
    {OPTIONS_TCP, TCP_TIMESTAMP, 8, 0},
    {OPTIONS_IPV6, IPV6_ALERT, 2, 0},
};

static bool length_fits(enum option_family family, const struct option *option)
{
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        const struct kind_length *known = &lengths[i];
        if (known->family != family || known->kind != option->kind)
            continue;
        if (option->value_bytes < known->least)
            return false;
        size_t more = option->value_bytes - known->least;
        return known->step != 0 ? more % known->step == 0 : more == 0;
    }
    return true;
}

static bool is_single(enum option_family family, uint8_t kind)
{
    return kind == OPTION_END || (kind == OPTION_NOP && family != OPTIONS_IPV6);
}

/* END SOLUTION */
/* DOC: options-next */
int options_next(enum option_family family, const uint8_t *options,
                 size_t bytes, size_t *at, struct option *option)
{
    /* BEGIN SOLUTION 2 */
    if (*at >= bytes)
        return 0;
    size_t left = bytes - *at;
    const uint8_t *here = options + *at;
    *option = (struct option){.kind = here[0], .value = here + 1};
    if (is_single(family, here[0])) {
        bool last = here[0] == OPTION_END && family != OPTIONS_IPV6;
        *at = last ? bytes : *at + 1;
        return 1;
    }
    if (left < 2)
        return -EBADMSG;
    size_t whole = family == OPTIONS_IPV6 ? here[1] + (size_t)2 : here[1];
    if (whole < 2 || whole > left)
        return -EBADMSG;
    option->value = here + 2;
    option->value_bytes = whole - 2;
    *at += whole;
    return length_fits(family, option) ? 1 : -EBADMSG;
    /* END SOLUTION */
    //> (void)family, (void)options, (void)bytes, (void)at, (void)option;
    //> to_do(2, "options_next() in options.c");
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
