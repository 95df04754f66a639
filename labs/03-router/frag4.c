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
#include "say.h"

/* DOC: frag4 */
void frag4(const uint8_t *ip, size_t bytes, size_t mtu, frag4_send_fn *send,
           void *context)
{
    (void)ip, (void)bytes, (void)mtu, (void)send, (void)context;
    UNWRITTEN_HERE(4, "frag4() in frag4.c");
}
