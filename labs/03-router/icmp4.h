/* ICMP (RFC 792): echo, and the errors a router sends (RFC 1812 section 4.3).
 */
#ifndef ICMP4_H
#define ICMP4_H

#include "router.h"

/*
 *      +---------------+---------------+-------------------------------+
 *    0 |     type      |     code      |           checksum            |
 *    4 |       echo: identifier, sequence; 3/4: 0, next-hop MTU        |
 *    8 |       echo: data; errors: the packet, as much as fits 576     |
 *      +---------------------------------------------------------------+
 */
enum {
    ICMP4_BYTES = 8,
    ICMP4_MAX_BYTES = 576, /* of an error with its IP header */
    ICMP4_ECHO_REPLY = 0,
    ICMP4_UNREACHABLE = 3,
    ICMP4_ECHO = 8,
    ICMP4_TIME_EXCEEDED = 11,
    /* codes of ICMP4_UNREACHABLE */
    ICMP4_NET = 0,
    ICMP4_HOST = 1,
    ICMP4_PROTOCOL = 2,
    ICMP4_PORT = 3,
    ICMP4_FRAGMENTATION_NEEDED = 4,
};

/* An ICMP message for the router itself. */
void icmp4_input(struct router *router, const struct packet *packet);
/* Tells the sender of `ip` what became of it, unless that must not be told
 * (RFC 1122 section 3.2.2) or the limit is reached.  `rest` is the header's
 * second word. */
void icmp4_error(struct router *router, unsigned type, unsigned code,
                 uint32_t rest, const uint8_t *ip, size_t bytes);

#endif
