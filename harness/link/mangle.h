/* What the link itself changes in a packet. */
#ifndef LINK_MANGLE_H
#define LINK_MANGLE_H

#include <stddef.h>
#include <stdint.h>

/* Flips one bit behind the IP header, chosen by `draw`.  Returns the bit's
 * number from the IP header's first bit on, or -ENODATA if nothing follows the
 * header (the packet is then untouched). */
int64_t mangle_flip(uint8_t *ip, size_t bytes, uint64_t draw);

/* Sets "congestion experienced" and repairs the IPv4 header's checksum.
 * Returns 0, or -EOPNOTSUPP if the packet is not ECN-capable. */
int mangle_mark_ce(uint8_t *ip, size_t bytes);

#endif
