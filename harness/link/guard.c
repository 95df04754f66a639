/* Against false senders; see guard.h. */
#include "link/guard.h"

#include <net/ethernet.h>
#include <string.h>

/* RFC 826, with Ethernet and IPv4:
 *
 *       0       2       4   5   6       8               14        18
 *      +-------+-------+---+---+-------+---------------+---------+----
 *      | hrd 1 |pro 800| 6 | 4 |  op   | sender's MAC  | its IP  | ...
 *      +-------+-------+---+---+-------+---------------+---------+---- */
enum {
    ARP_SENDER_MAC = 8,
    ARP_SENDER_IP = 14,
    ARP_BYTES = 28,
    MAC_BYTES = ETH_ALEN,
};

static bool is_zero(const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] != 0)
            return false;
    }
    return true;
}

static bool arp_is_true(const struct port *port, const uint8_t *arp,
                        size_t bytes)
{
    return bytes >= ARP_BYTES &&
           memcmp(arp + ARP_SENDER_MAC, port->mac, MAC_BYTES) == 0 &&
           (is_zero(arp + ARP_SENDER_IP, 4) ||
            memcmp(arp + ARP_SENDER_IP, &port->addr4, 4) == 0);
}

static bool ethernet_is_true(const struct port *port, const uint8_t *frame,
                             size_t bytes)
{
    if (bytes < ETH_HLEN ||
        memcmp(frame + MAC_BYTES, port->mac, MAC_BYTES) != 0)
        return false;
    bool arp =
        frame[12] == ETHERTYPE_ARP >> 8 && frame[13] == (ETHERTYPE_ARP & 0xff);
    return !arp || arp_is_true(port, frame + ETH_HLEN, bytes - ETH_HLEN);
}

static bool is_own(const struct port *port, const struct view *view)
{
    if (view->version == 4)
        return memcmp(view->src, &port->addr4, 4) == 0;
    return memcmp(view->src, &port->addr6, 16) == 0;
}

static bool ip_is_true(const struct host *host, const struct view *view)
{
    bool local =
        view->version == 6 && view->src[0] == 0xfe && view->src[1] >> 6 == 2;
    bool router = host->forwards || (host->taps && host->port_count > 1);
    if (router || local || is_zero(view->src, view->version == 4 ? 4 : 16))
        return true;
    for (unsigned i = 0; i < host->port_count; i++) {
        if (is_own(host->ports[i], view))
            return true;
    }
    return false;
}

bool guard_passes(const struct port *port, const uint8_t *frame, size_t bytes,
                  const struct view *view)
{
    if (port->link->ethernet && !ethernet_is_true(port, frame, bytes))
        return false;
    return view == NULL || ip_is_true(port->host, view);
}
