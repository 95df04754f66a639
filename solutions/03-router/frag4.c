/* IPv4 fragments (RFC 791 section 3.2); see ip4.h.
 *
 *      packet    | header | 0 ................................. 2979 |
 *      MTU 1500  | header | 0 ........ 1479 | MF, offset 0
 *                | header | 1480 ..... 2959 | MF, offset 185
 *                | header | 2960 .... 2979 |     offset 370
 *
 * The offset counts units of eight bytes, so each piece but the last has a
 * multiple of them.  A piece may be cut again: its own offset and MF are where
 * those of the new pieces begin and end. */
#include <string.h>

#include "bytes.h"
#include "ip4.h"
//> #include "say.h"

/* BEGIN SOLUTION 4 */
enum { OPTION_END = 0, OPTION_PADDING = 1, OPTION_COPIED = 0x80 };

/* Writes the header that later pieces have: of the options those alone that are
 * marked so (RFC 791 section 3.1).  Returns its length. */
static size_t later_header(uint8_t *out, const uint8_t *ip)
{
    size_t end = ip4_header_bytes(ip), used = IP4_BYTES;
    memcpy(out, ip, IP4_BYTES);
    for (size_t at = IP4_BYTES; at < end && ip[at] != OPTION_END;) {
        size_t length = 1;
        if (ip[at] != OPTION_PADDING)
            length = at + 1 < end ? ip[at + 1] : 0;
        if (length == 0 || at + length > end)
            break; /* it lies about its length: no sense can be made of it */
        if (ip[at] & OPTION_COPIED) {
            memcpy(out + used, ip + at, length);
            used += length;
        }
        at += length;
    }
    while (used % 4 != 0)
        out[used++] = OPTION_END;
    out[0] = (uint8_t)(0x40 | used / 4);
    return used;
}

/* END SOLUTION */
/* DOC: frag4 */
void frag4(const uint8_t *ip, size_t bytes, size_t mtu, frag4_send_fn *send,
           void *context)
{
    /* BEGIN SOLUTION 4 */
    uint8_t frame[FRAME_MAX_BYTES];
    uint8_t *piece = frame + ETHER_BYTES;
    size_t header = ip4_header_bytes(ip), at = header;
    unsigned old = get_be16(ip + 6);
    memcpy(piece, ip, header);
    while (at < bytes) {
        size_t room = mtu - header, left = bytes - at;
        bool more = left > room;
        size_t take = more ? room & ~(size_t)7 : left;
        size_t done = at - ip4_header_bytes(ip);
        unsigned offset = (old & IP4_OFFSET) + (unsigned)(done / 8);
        memcpy(piece + header, ip + at, take);
        put_be16(piece + 2, (uint16_t)(header + take));
        put_be16(piece + 6,
                 (uint16_t)(offset | (more ? IP4_MORE : old & IP4_MORE)));
        ip4_seal(piece);
        send(context, piece, header + take);
        at += take;
        header = later_header(piece, ip);
    }
    /* END SOLUTION */
    //> (void)ip, (void)bytes, (void)mtu, (void)send, (void)context;
    //> UNWRITTEN_HERE(4, "frag4() in frag4.c");
}
