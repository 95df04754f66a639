/* ARP; see arp.h.
 *
 *      +-------------------------------+-------------------------------+
 *    0 |    hardware 1 (Ethernet)      |     protocol 0x0800 (IPv4)    |
 *    4 |  6 bytes      |  4 bytes      |   1 request, 2 reply          |
 *    8 | sender: 6 bytes of hardware address, 4 of protocol address    |
 *   18 | target: the same                                              |
 *      +---------------------------------------------------------------+
 */
#include "arp.h"

#include <string.h>

#include "bytes.h"
#include "say.h"

/* DOC: arp-input
 * The order is RFC 826's: an entry that exists is corrected by whatever is
 * heard, one is made only by a question to us, for its asker will be answered
 * and most likely sent to. */
void arp_input(struct router *router, struct iface *in, const uint8_t *arp,
               size_t bytes)
{
    (void)router, (void)in, (void)arp, (void)bytes;
    UNWRITTEN_HERE(3, "arp_input() in arp.c");
}

void arp_request(struct iface *iface, const struct addr *target)
{
    (void)iface, (void)target;
    UNWRITTEN_HERE(3, "arp_request() in arp.c");
}
