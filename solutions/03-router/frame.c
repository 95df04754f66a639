/* A frame that came in; see router.h.  There is nothing to write here. */
#include <string.h>

#include "arp.h"
#include "bytes.h"
#include "ip4.h"
#include "ip6.h"
#include "router.h"

bool router_owns(const struct router *router, const struct addr *addr)
{
    for (unsigned i = 0; i < router->iface_count; i++) {
        if (iface_has(&router->ifaces[i], addr))
            return true;
    }
    return false;
}

void frame_input(struct router *router, struct iface *in, uint8_t *frame,
                 size_t bytes)
{
    struct packet packet = {.in = in};
    if (bytes < ETHER_BYTES || !iface_wants(in, frame, &packet.group))
        return;
    router->counters.received++;
    packet.ip = frame + ETHER_BYTES;
    packet.bytes = bytes - ETHER_BYTES;
    switch (get_be16(frame + 2 * MAC_BYTES)) {
    case TYPE_IP4:
        ip4_input(router, &packet);
        break;
    case TYPE_ARP:
        arp_input(router, in, packet.ip, packet.bytes);
        break;
    case TYPE_IP6:
        ip6_input(router, &packet);
        break;
    default:
        break; /* somebody else's protocol */
    }
}
