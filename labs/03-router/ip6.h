/* IPv6 (RFC 8200): checked, delivered, forwarded. */
#ifndef IP6_H
#define IP6_H

#include "router.h"

/*
 *      +-------+---------------+---------------------------------------+
 *    0 |   6   | traffic class |              flow label               |
 *    4 |        payload length         |  next header  |   hop limit   |
 *    8 |                        source, 16 bytes                       |
 *   24 |                     destination, 16 bytes                     |
 *      +---------------------------------------------------------------+
 */
enum { IP6_BYTES = 40, IP6_HOP_LIMIT = 64, IP6_MIN_MTU = 1280 };

void ip6_input(struct router *router, struct packet *packet);
/* Sends a packet of our own, complete. */
void ip6_output(struct router *router, uint8_t *ip, size_t bytes);
/* Writes a header; source and destination are of 128 bits. */
void ip6_header(uint8_t *ip, size_t payload_bytes, unsigned next_header,
                unsigned hop_limit, const struct addr *source,
                const struct addr *destination);
/* Walks the extension headers.  Returns the offset of the upper layer's header
 * with its protocol in *protocol, or 0: there is none in this packet (a later
 * fragment, or cut short). */
size_t ip6_upper(const uint8_t *ip, size_t bytes, unsigned *protocol);

bool ip6_is_multicast(const struct addr *addr);
bool ip6_is_link_local(const struct addr *addr);
/* Whether no packet that crosses a router may have it as its source (as its
 * destination, if so said): ::, ::1, and multicast as a source. */
bool ip6_is_martian(const struct addr *addr, bool source);

#endif
