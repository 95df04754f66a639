/* Options: a row of kind, length, value, as in IPv4 and TCP:
 *
 *      | kind 1 |                         kinds 0 (end) and 1 (no-op)
 *      | kind 1 | length 1 | value ... |  length counts all three parts
 *
 * and in IPv6's hop-by-hop and destination headers (RFC 8200 section 4.2):
 *
 *      | 0 |                              Pad1
 *      | kind 1 | length 1 | value ... |  length counts the value alone */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stddef.h>
#include <stdint.h>

enum option_family { OPTIONS_IPV4, OPTIONS_TCP, OPTIONS_IPV6 };

enum option_kind {
    OPTION_END = 0, /* IPv6: Pad1 */
    OPTION_NOP = 1, /* IPv6: PadN, which has a length */
    IPV4_RECORD_ROUTE = 7,
    IPV4_TIMESTAMP = 68,
    IPV4_LOOSE_ROUTE = 131,
    IPV4_STRICT_ROUTE = 137,
    IPV4_ALERT = 148,
    TCP_MSS = 2,
    TCP_WINDOW_SCALE = 3,
    TCP_SACK_PERMITTED = 4,
    TCP_SACK = 5,
    TCP_TIMESTAMP = 8,
    IPV6_ALERT = 5,
};

struct option {
    uint8_t kind;
    const uint8_t *value;
    size_t value_bytes;
};

/* Reads the option at `*at` of `bytes` and moves `*at` behind it.  After
 * OPTION_END of IPv4 and TCP there is nothing more.
 * Returns 1, 0 at the end, or -EBADMSG if the option's length is too small to
 * be one, reaches beyond the end, or is not one that its kind has. */
int options_next(enum option_family family, const uint8_t *options,
                 size_t bytes, size_t *at, struct option *option);

/* Walks all of them.  Returns 0 or -EBADMSG. */
int options_check(enum option_family family, const uint8_t *options,
                  size_t bytes);

#endif
