/* The router as a whole, and the way of a packet through it.
 *
 *   if0 ─► frame_input ─► arp_input                  answers, learns
 *                      ├► ip4_input ─► here?  ─► icmp4_input, rip_input
 *                      │            └► route ─► ip4_forward ─► neigh_send ─►
 * if1 └► ip6_input ─► here?  ─► ndp_input, icmp6_input └► route ─► neigh_send
 * ─► if1
 */
#ifndef ROUTER_H
#define ROUTER_H

#include <stdio.h>

#include "iface.h"
#include "limit.h"
#include "neigh.h"
#include "rip.h"
#include "routes.h"

enum { ROUTER_MAX_IFACES = 8, FRAME_MAX_BYTES = 65550 };

/* What happened to packets; SIGUSR1 prints them. */
struct counters {
    uint64_t received, forwarded, delivered, malformed, martian, no_route,
        ttl_exceeded, too_big, fragments_made, unresolved, icmp_sent,
        icmp_limited;
};

struct router {
    struct iface ifaces[ROUTER_MAX_IFACES];
    unsigned iface_count;
    struct routes routes;
    struct neighbours neighbours;
    struct limit icmp_limit;
    struct rip rip;
    struct counters counters;
    uint16_t next_id; /* of our own IPv4 packets */
    int64_t now_ms;   /* the time, as of this round of the loop */
};

/* A packet that came in; `ip` has ETHER_BYTES before it. */
struct packet {
    struct iface *in;
    bool group; /* the frame was a broadcast or multicast */
    uint8_t *ip;
    size_t bytes; /* from `ip` on; no more than the IP header says, later */
};

/* Hands a frame to those it concerns. */
void frame_input(struct router *router, struct iface *in, uint8_t *frame,
                 size_t bytes);
/* Whether an address is the router's own, on any interface. */
bool router_owns(const struct router *router, const struct addr *addr);
/* Prints routes, neighbours and counters. */
void router_dump(const struct router *router, FILE *file);

#endif
