/* IPv4 (RFC 791, RFC 1812): checked, delivered, forwarded. */
#ifndef IP4_H
#define IP4_H

#include "router.h"

/*
 *       0                   1                   2                   3
 *       0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *      +-------+-------+---------------+-------------------------------+
 *    0 |   4   |  IHL  |      TOS      |         total length          |
 *    4 |        identification         |0 D M|    fragment offset      |
 *    8 |      TTL      |   protocol    |        header checksum        |
 *   12 |                           source                              |
 *   16 |                         destination                           |
 *      +---------------------------------------------------------------+
 */
enum {
    IP4_BYTES = 20,
    IP4_MAX_BYTES = 60, /* with options */
    IP4_DONT_FRAGMENT = 0x4000,
    IP4_MORE = 0x2000,
    IP4_OFFSET = 0x1fff, /* in units of 8 bytes */
    IP4_TTL = 64,        /* of what we send ourselves */
    PROTO_ICMP = 1,
    PROTO_UDP = 17,
    PROTO_ICMP6 = 58,
};

void ip4_input(struct router *router, struct packet *packet);

/* Sends a packet of our own: everything is filled in but identification and
 * checksum. */
void ip4_output(struct router *router, uint8_t *ip, size_t bytes);
/* Sends a packet on a route, in fragments where it must be. */
void ip4_send_on(struct router *router, const struct route *route, uint8_t *ip,
                 size_t bytes);

/* The header length in bytes, of a valid packet. */
size_t ip4_header_bytes(const uint8_t *ip);
/* Puts the header's checksum in its place. */
void ip4_seal(uint8_t *ip);

/* Fragments (RFC 791 section 3.2): calls `send` for each piece of at most `mtu`
 * bytes; `ip` has DF clear.  The pieces have ETHER_BYTES before them. */
typedef void frag4_send_fn(void *context, uint8_t *ip, size_t bytes);
void frag4(const uint8_t *ip, size_t bytes, size_t mtu, frag4_send_fn *send,
           void *context);

/* Whether somebody could have this source address; whether a packet to this
 * destination may leave its link (RFC 1812 section 5.3.7). */
bool ip4_source_is_martian(uint32_t source);
bool ip4_destination_is_martian(uint32_t destination);

#endif
