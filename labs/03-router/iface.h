/* An interface: a TAP, its addresses, and how frames leave it. */
#ifndef IFACE_H
#define IFACE_H

#include "prefix.h"

enum {
    IFACE_NAME_BYTES = 16,
    IFACE_MAX_ADDRS = 8,
    ETHER_BYTES = 14,
    MAC_BYTES = 6,
    TYPE_IP4 = 0x0800,
    TYPE_ARP = 0x0806,
    TYPE_IP6 = 0x86dd,
};

struct iface {
    char name[IFACE_NAME_BYTES];
    int fd;
    uint8_t mac[MAC_BYTES];
    unsigned mtu;
    struct addr addrs[IFACE_MAX_ADDRS];
    struct prefix nets[IFACE_MAX_ADDRS]; /* the subnet of each */
    unsigned addr_count;
    struct addr link_local; /* fe80:: and the MAC (RFC 4291 appendix A) */
    bool rip;
};

extern const uint8_t mac_broadcast[MAC_BYTES];

/* Derives link_local from the MAC. */
void iface_set_link_local(struct iface *iface);
/* Fills the 14 bytes before the payload and writes the frame.  A device that
 * takes no frame loses it, as a cable would. */
void iface_send(const struct iface *iface, const uint8_t *to, uint16_t type,
                uint8_t *frame, size_t frame_bytes);

/* Whether it is one of the interface's own addresses, link-local included. */
bool iface_has(const struct iface *iface, const struct addr *addr);
/* The index of the subnet that holds the address, or -1. */
int iface_subnet(const struct iface *iface, const struct addr *addr);
/* Its address for a neighbour: the one in the same subnet, else any of that
 * family (link-local for a link-local neighbour).  NULL if it has none. */
const struct addr *iface_source(const struct iface *iface,
                                const struct addr *neighbour);
/* Whether it is the broadcast address of one of the subnets. */
bool iface_broadcast(const struct iface *iface, const struct addr *addr);
/* The Ethernet address of an IPv6 multicast group (RFC 2464 section 7). */
void mac_of_group(uint8_t *mac, const struct addr *group);
/* Whether the frame with this destination is for the interface at all: its
 * own, a broadcast, or a group's (*group is then set). */
bool iface_wants(const struct iface *iface, const uint8_t *to, bool *group);

#endif
