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
//> #include "say.h"

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
    /* BEGIN SOLUTION 5 */
    bool unspecified_or_loopback = addr->high == 0 && addr->low <= 1;
    return unspecified_or_loopback || (source && ip6_is_multicast(addr));
    /* END SOLUTION */
    //> (void)addr, (void)source;
    //> return false; /* checkpoint 5: whom do you not believe? */
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

/* BEGIN SOLUTION 5 */
enum { HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, DESTINATION = 60 };

/* END SOLUTION */
/* DOC: ip6-upper
 * Each extension says its length in units of eight bytes, the first one not
 * counted; a fragment header has eight. */
size_t ip6_upper(const uint8_t *ip, size_t bytes, unsigned *protocol)
{
    /* BEGIN SOLUTION 5 */
    size_t at = IP6_BYTES;
    *protocol = ip[6];
    while (*protocol == HOP_BY_HOP || *protocol == ROUTING ||
           *protocol == FRAGMENT || *protocol == DESTINATION) {
        if (at + 8 > bytes)
            return 0;
        if (*protocol == FRAGMENT && get_be16(ip + at + 2) >> 3 != 0)
            return 0;
        size_t length = *protocol == FRAGMENT ? 8 : (ip[at + 1] + 1u) * 8;
        *protocol = ip[at];
        at += length;
    }
    return at < bytes ? at : 0;
    /* END SOLUTION */
    //> *protocol = ip[6]; /* checkpoint 5: behind extension headers */
    //> return bytes > IP6_BYTES ? IP6_BYTES : 0;
}

void ip6_output(struct router *router, uint8_t *ip, size_t bytes)
{
    struct addr to = addr_get(ip + 24, ADDR6_BITS);
    const struct route *route = routes_lookup(&router->routes, &to);
    if (route)
        neigh_send(router, route->iface, route->via.bits ? &route->via : &to,
                   ip - ETHER_BYTES, bytes);
}

/* BEGIN SOLUTION 5 */
static void deliver(struct router *router, const struct packet *packet,
                    bool ours)
{
    unsigned protocol;
    size_t at = ip6_upper(packet->ip, packet->bytes, &protocol);
    router->counters.delivered++;
    if (at == 0 || packet->ip[6] == FRAGMENT)
        return;
    if (protocol == PROTO_ICMP6)
        icmp6_input(router, packet, at);
    else if (ours && protocol == PROTO_UDP)
        icmp6_error(router, ICMP6_UNREACHABLE, ICMP6_PORT, 0, packet->ip,
                    packet->bytes);
    else if (ours && at == IP6_BYTES) /* 6: where "next header" stands */
        icmp6_error(router, ICMP6_PARAMETER_PROBLEM, ICMP6_UNKNOWN_NEXT_HEADER,
                    6, packet->ip, packet->bytes);
}

/* DOC: ip6-forward */
static void ip6_forward(struct router *router, const struct packet *packet,
                        const struct addr *destination)
{
    struct counters *counters = &router->counters;
    uint8_t *ip = packet->ip;
    size_t bytes = packet->bytes;
    if (ip[7] <= 1) {
        counters->ttl_exceeded++;
        icmp6_error(router, ICMP6_TIME_EXCEEDED, 0, 0, ip, bytes);
        return;
    }
    const struct route *route = routes_lookup(&router->routes, destination);
    if (route == NULL) {
        counters->no_route++;
        icmp6_error(router, ICMP6_UNREACHABLE, ICMP6_NO_ROUTE, 0, ip, bytes);
        return;
    }
    if (bytes > route->iface->mtu) {
        counters->too_big++;
        icmp6_error(router, ICMP6_PACKET_TOO_BIG, 0, route->iface->mtu, ip,
                    bytes);
        return;
    }
    ip[7]--;
    counters->forwarded++;
    neigh_send(router, route->iface,
               route->via.bits ? &route->via : destination, ip - ETHER_BYTES,
               bytes);
}

static bool is_sound(struct packet *packet)
{
    const uint8_t *ip = packet->ip;
    if (packet->bytes < IP6_BYTES || ip[0] >> 4 != 6)
        return false;
    size_t total = IP6_BYTES + get_be16(ip + 4);
    if (total > packet->bytes)
        return false;
    packet->bytes = total;
    return true;
}

/* Whether a packet may go from one link to another. */
static bool may_cross(const struct packet *packet, const struct addr *source,
                      const struct addr *destination)
{
    return !packet->group && !ip6_is_martian(destination, false) &&
           !ip6_is_martian(source, true) && !ip6_is_link_local(source) &&
           !ip6_is_link_local(destination);
}

/* END SOLUTION */
/* DOC: ip6-input
 * A link-local address of the router is the one on the link it was asked. */
void ip6_input(struct router *router, struct packet *packet)
{
    /* BEGIN SOLUTION 5 */
    if (!is_sound(packet)) {
        router->counters.malformed++;
        return;
    }
    struct addr source = addr_get(packet->ip + 8, ADDR6_BITS);
    struct addr destination = addr_get(packet->ip + 24, ADDR6_BITS);
    bool ours = ip6_is_link_local(&destination)
                    ? iface_has(packet->in, &destination)
                    : router_owns(router, &destination);
    bool here = ours || ip6_is_multicast(&destination);
    if (ip6_is_multicast(&source) || router_owns(router, &source) ||
        (!here && !may_cross(packet, &source, &destination)))
        router->counters.martian++;
    else if (here)
        deliver(router, packet, ours);
    else
        ip6_forward(router, packet, &destination);
    /* END SOLUTION */
    //> (void)router, (void)packet;
    //> UNWRITTEN_HERE(5, "ip6_input() in ip6.c");
}
