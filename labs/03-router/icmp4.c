/* ICMP; see icmp4.h.
 *
 * An error message is an answer to somebody who did not ask.  The rules about
 * when there must be none (RFC 1122 section 3.2.2, RFC 1812 section 4.3.2.7)
 * keep two machines from complaining to each other for ever, and one packet
 * from being answered by many. */
#include "icmp4.h"

#include <string.h>

#include "bytes.h"
#include "checksum.h"
#include "ip4.h"
#include "say.h"

/* DOC: icmp4-error */
void icmp4_error(struct router *router, unsigned type, unsigned code,
                 uint32_t rest, const uint8_t *ip, size_t bytes)
{
    (void)router, (void)type, (void)code, (void)rest, (void)ip, (void)bytes;
    UNWRITTEN_HERE(4, "icmp4_error() in icmp4.c");
}

/* An echo is answered from the address that was asked, with what it brought. */
void icmp4_input(struct router *router, const struct packet *packet)
{
    (void)router, (void)packet;
    UNWRITTEN_HERE(4, "icmp4_input() in icmp4.c");
}
