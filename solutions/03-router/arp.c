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
//> #include "say.h"

/* BEGIN SOLUTION 3 */
enum {
    ARP_BYTES = 28,
    ARP_REQUEST = 1,
    ARP_REPLY = 2,
    SENDER_MAC = 8,
    SENDER_IP = 14,
    TARGET_MAC = 18,
    TARGET_IP = 24,
};

static const uint8_t kind[6] = {0, 1, 8, 0, 6, 4}; /* Ethernet and IPv4 */

static void send_arp(const struct iface *iface, unsigned operation,
                     const struct addr *sender, const uint8_t *to_mac,
                     const struct addr *target)
{
    uint8_t frame[ETHER_BYTES + ARP_BYTES] = {0};
    uint8_t *arp = frame + ETHER_BYTES;
    memcpy(arp, kind, sizeof(kind));
    put_be16(arp + 6, (uint16_t)operation);
    memcpy(arp + SENDER_MAC, iface->mac, MAC_BYTES);
    addr_put(arp + SENDER_IP, sender);
    if (operation == ARP_REPLY)
        memcpy(arp + TARGET_MAC, to_mac, MAC_BYTES);
    addr_put(arp + TARGET_IP, target);
    iface_send(iface, to_mac, TYPE_ARP, frame, sizeof(frame));
}

/* END SOLUTION */
/* DOC: arp-input
 * The order is RFC 826's: an entry that exists is corrected by whatever is
 * heard, one is made only by a question to us, for its asker will be answered
 * and most likely sent to. */
void arp_input(struct router *router, struct iface *in, const uint8_t *arp,
               size_t bytes)
{
    /* BEGIN SOLUTION 3 */
    if (bytes < ARP_BYTES || memcmp(arp, kind, sizeof(kind)) != 0) {
        router->counters.malformed++;
        return;
    }
    struct addr sender = addr_get(arp + SENDER_IP, ADDR4_BITS);
    struct addr target = addr_get(arp + TARGET_IP, ADDR4_BITS);
    bool asks = get_be16(arp + 6) == ARP_REQUEST && iface_has(in, &target);
    if (iface_subnet(in, &sender) >= 0)
        neigh_learn(router, in, &sender, arp + SENDER_MAC, asks);
    if (asks)
        send_arp(in, ARP_REPLY, &target, arp + SENDER_MAC, &sender);
    /* END SOLUTION */
    //> (void)router, (void)in, (void)arp, (void)bytes;
    //> UNWRITTEN_HERE(3, "arp_input() in arp.c");
}

void arp_request(struct iface *iface, const struct addr *target)
{
    /* BEGIN SOLUTION 3 */
    const struct addr *sender = iface_source(iface, target);
    if (sender)
        send_arp(iface, ARP_REQUEST, sender, mac_broadcast, target);
    /* END SOLUTION */
    //> (void)iface, (void)target;
    //> UNWRITTEN_HERE(3, "arp_request() in arp.c");
}
