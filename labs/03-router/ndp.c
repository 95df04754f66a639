/* Neighbour discovery; see ndp.h.
 *
 * A question goes not to all but to the group of those whose address ends in
 * the same 24 bits, ff02::1:ffXX:XXXX, mostly one machine.  And each message
 * must have a hop limit of 255: a router lowers it, so that nobody beyond one
 * can send what arrives with 255 (RFC 4861 section 11.2). */
#include "ndp.h"

#include <string.h>

#include "bytes.h"
#include "icmp6.h"
#include "ip4.h"
#include "ip6.h"
#include "say.h"

/* DOC: ndp-input
 * A solicitation may leave its source's hardware address out when it goes to
 * one machine, as a check whether that is still there: then the frame tells. */
void ndp_input(struct router *router, const struct packet *packet, size_t at)
{
    (void)router, (void)packet, (void)at;
    UNWRITTEN_HERE(5, "ndp_input() in ndp.c");
}

void ndp_solicit(struct iface *iface, const struct addr *target)
{
    (void)iface, (void)target;
    UNWRITTEN_HERE(5, "ndp_solicit() in ndp.c");
}
