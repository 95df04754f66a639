/* What the link itself changes in a packet.
 *
 * Corruption.  netem flips one bit anywhere in the frame.  A flip in the
 * Ethernet or IP header is in truth a loss: the kernel drops a header whose
 * checksum is wrong, or the packet goes to nobody; no program can tell it from
 * `loss`.  `corrupt` is there to show what a checksum is good for, so the flip
 * falls behind the IP header, on the transport's header or its data.
 *
 * Marking (RFC 3168).  The two ECN bits become 11; in IPv4 the header's
 * checksum covers them and is updated, not recomputed, so that a header which
 * was wrong stays wrong (RFC 1624 eqn. 3: HC' = ~(~HC + ~m + m')). */
#include "link/mangle.h"

#include <errno.h>

#include "link/view.h"

int64_t mangle_flip(uint8_t *ip, size_t bytes, uint64_t draw)
{
    struct view view;
    /* Whatever can be told from the header counts, even when what follows is
     * nonsense: that is what programs on raw sockets send. */
    (void)view_read(&view, ip, bytes);
    size_t from = view.transport_offset;
    size_t to = view.ip_bytes < bytes ? view.ip_bytes : bytes;
    if (from == 0 || from >= to)
        return -ENODATA;
    uint64_t bit = from * 8 + draw % ((to - from) * 8);
    ip[bit / 8] ^= (uint8_t)(0x80 >> (bit % 8));
    return (int64_t)bit;
}

static void update_checksum(uint8_t *ip, uint16_t before, uint16_t after)
{
    uint32_t sum = (uint16_t) ~(ip[10] << 8 | ip[11]);
    sum += (uint16_t)~before;
    sum += after;
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    ip[10] = (uint8_t)(~sum >> 8);
    ip[11] = (uint8_t)~sum;
}

int mangle_mark_ce(uint8_t *ip, size_t bytes)
{
    struct view view;
    (void)view_read(&view, ip, bytes); /* the IP header suffices */
    if (!view.ecn_capable)
        return -EOPNOTSUPP;
    if (view.version == 6) {
        ip[1] |= 0x30;
        return 0;
    }
    uint16_t before = (uint16_t)(ip[0] << 8 | ip[1]);
    ip[1] |= 0x03;
    update_checksum(ip, before, (uint16_t)(ip[0] << 8 | ip[1]));
    return 0;
}
