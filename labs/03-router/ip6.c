/* IPv6; see ip6.h.
 *
 * What a router does with IPv6 is less than with IPv4: there is no header
 * checksum to mend, and it never fragments.  What has become more is scope: a
 * link-local address means something on one link only, so nothing that bears
 * one leaves it (RFC 4291 section 2.5.6). */
#include "ip6.h"

#include <string.h>

#include "bytes.h"
#include "icmp6.h"
#include "ip4.h"
#include "say.h"

bool ip6_is_multicast(const struct addr *addr)
{
    return addr->high >> 56 == 0xff;
}

bool ip6_is_link_local(const struct addr *addr)
{
    return addr->high >> 54 == 0xfe80 >> 6;
}

bool ip6_is_martian(const struct addr *addr, bool source)
{
    (void)addr, (void)source;
    return false; /* checkpoint 5: whom do you not believe? */
}

void ip6_header(uint8_t *ip, size_t payload_bytes, unsigned next_header,
                unsigned hop_limit, const struct addr *source,
                const struct addr *destination)
{
    put_be32(ip, (uint32_t)6 << 28);
    put_be16(ip + 4, (uint16_t)payload_bytes);
    ip[6] = (uint8_t)next_header;
    ip[7] = (uint8_t)hop_limit;
    addr_put(ip + 8, source);
    addr_put(ip + 24, destination);
}

/* DOC: ip6-upper
 * Each extension says its length in units of eight bytes, the first one not
 * counted; a fragment header has eight. */
size_t ip6_upper(const uint8_t *ip, size_t bytes, unsigned *protocol)
{
    *protocol = ip[6]; /* checkpoint 5: behind extension headers */
    return bytes > IP6_BYTES ? IP6_BYTES : 0;
}

void ip6_output(struct router *router, uint8_t *ip, size_t bytes)
{
    struct addr to = addr_get(ip + 24, ADDR6_BITS);
    const struct route *route = routes_lookup(&router->routes, &to);
    if (route)
        neigh_send(router, route->iface, route->via.bits ? &route->via : &to,
                   ip - ETHER_BYTES, bytes);
}

/* DOC: ip6-input
 * A link-local address of the router is the one on the link it was asked. */
void ip6_input(struct router *router, struct packet *packet)
{
    (void)router, (void)packet;
    UNWRITTEN_HERE(5, "ip6_input() in ip6.c");
}
