/* Neighbour discovery (RFC 4861): what ARP is to IPv4. */
#ifndef NDP_H
#define NDP_H

#include "router.h"

/*
 *      +---------------+---------------+-------------------------------+
 *    0 |  135 or 136   |       0       |           checksum            |
 *    4 | 136: R S O, then zeros                                        |
 *    8 |                        target, 16 bytes                       |
 *   24 | options: type, length in units of 8 bytes, ...                |
 *      +---------------------------------------------------------------+
 */
enum {
    NDP_BYTES = 24,
    NDP_HOP_LIMIT = 255, /* nothing from beyond a router has it */
    NDP_OPTION_SOURCE = 1,
    NDP_OPTION_TARGET = 2,
    NDP_OPTION_BYTES = 8, /* of those two, with a MAC */
};

/* A solicitation or advertisement at `at` in the packet: answers, learns. */
void ndp_input(struct router *router, const struct packet *packet, size_t at);
/* Asks the target's solicited-node group who it is. */
void ndp_solicit(struct iface *iface, const struct addr *target);

#endif
