/* ICMPv6; see icmp6.h.
 *
 * Its checksum covers a pseudo-header with both addresses (RFC 8200 section
 * 8.1): IPv6 has no header checksum of its own, and a message that was
 * delivered to the wrong machine must not be believed. */
#include "icmp6.h"

#include <string.h>

#include "bytes.h"
#include "checksum.h"
#include "ip4.h"
#include "ip6.h"
#include "ndp.h"
//> #include "say.h"

static uint16_t checksum_of(const uint8_t *ip, size_t at, size_t bytes)
{
    uint32_t payload = (uint32_t)(bytes - at);
    uint32_t sum = checksum_add_pseudo6(0, ip, payload, PROTO_ICMP6);
    return checksum_finish(checksum_add(sum, ip + at, payload));
}

void icmp6_seal(uint8_t *ip, size_t at, size_t bytes)
{
    put_be16(ip + at + 2, 0);
    put_be16(ip + at + 2, checksum_of(ip, at, bytes));
}

bool icmp6_is_sound(const uint8_t *ip, size_t at, size_t bytes)
{
    return checksum_of(ip, at, bytes) == 0;
}

/* BEGIN SOLUTION 5 */
/* DOC: icmp6-may-be-told
 * Multicast may be answered by "packet too big" alone: without that a sender to
 * many would never find the path's MTU. */
static bool may_be_told(const struct router *router, unsigned type,
                        const uint8_t *ip, size_t bytes)
{
    unsigned protocol;
    struct addr source = addr_get(ip + 8, ADDR6_BITS);
    struct addr destination = addr_get(ip + 24, ADDR6_BITS);
    size_t at = ip6_upper(ip, bytes, &protocol);
    if (at > 0 && protocol == PROTO_ICMP6 && ip[at] < ICMP6_FIRST_INFO)
        return false; /* an error */
    if (ip6_is_multicast(&destination) && type != ICMP6_PACKET_TOO_BIG)
        return false;
    return !ip6_is_martian(&source, true) && !router_owns(router, &source);
}

/* END SOLUTION */
void icmp6_error(struct router *router, unsigned type, unsigned code,
                 uint32_t rest, const uint8_t *ip, size_t bytes)
{
    /* BEGIN SOLUTION 5 */
    uint8_t frame[ETHER_BYTES + IP6_MIN_MTU];
    uint8_t *out = frame + ETHER_BYTES, *icmp = out + IP6_BYTES;
    struct addr to = addr_get(ip + 8, ADDR6_BITS);
    const struct route *route = routes_lookup(&router->routes, &to);
    if (!may_be_told(router, type, ip, bytes) || route == NULL)
        return;
    const struct addr *from =
        iface_source(route->iface, route->via.bits ? &route->via : &to);
    if (from == NULL)
        return;
    if (!limit_take(&router->icmp_limit, router->now_ms)) {
        router->counters.icmp_limited++;
        return;
    }
    size_t room = IP6_MIN_MTU - IP6_BYTES - ICMP6_BYTES;
    size_t quoted = bytes < room ? bytes : room;
    size_t total = IP6_BYTES + ICMP6_BYTES + quoted;
    ip6_header(out, ICMP6_BYTES + quoted, PROTO_ICMP6, IP6_HOP_LIMIT, from,
               &to);
    icmp[0] = (uint8_t)type;
    icmp[1] = (uint8_t)code;
    put_be32(icmp + 4, rest);
    memcpy(icmp + ICMP6_BYTES, ip, quoted);
    icmp6_seal(out, IP6_BYTES, total);
    router->counters.icmp_sent++;
    ip6_output(router, out, total);
    /* END SOLUTION */
    //> (void)router, (void)type, (void)code, (void)rest, (void)ip, (void)bytes;
    //> UNWRITTEN_HERE(5, "icmp6_error() in icmp6.c");
}

/* BEGIN SOLUTION 5 */
/* A link-local asker is on the link that the question came by: no route knows
 * which one that is. */
static void answer_echo(struct router *router, const struct packet *packet,
                        size_t at)
{
    uint8_t frame[FRAME_MAX_BYTES];
    uint8_t *out = frame + ETHER_BYTES;
    size_t bytes = packet->bytes - at, total = IP6_BYTES + bytes;
    struct addr to = addr_get(packet->ip + 8, ADDR6_BITS);
    struct addr from = addr_get(packet->ip + 24, ADDR6_BITS);
    if (ip6_is_multicast(&from) || ip6_is_martian(&to, true))
        return;
    ip6_header(out, bytes, PROTO_ICMP6, IP6_HOP_LIMIT, &from, &to);
    memcpy(out + IP6_BYTES, packet->ip + at, bytes);
    out[IP6_BYTES] = ICMP6_ECHO_REPLY;
    icmp6_seal(out, IP6_BYTES, total);
    if (ip6_is_link_local(&to))
        neigh_send(router, packet->in, &to, frame, total);
    else
        ip6_output(router, out, total);
}

/* END SOLUTION */
void icmp6_input(struct router *router, const struct packet *packet, size_t at)
{
    /* BEGIN SOLUTION 5 */
    const uint8_t *icmp = packet->ip + at;
    if (packet->bytes < at + ICMP6_BYTES ||
        !icmp6_is_sound(packet->ip, at, packet->bytes)) {
        router->counters.malformed++;
        return;
    }
    if (icmp[0] == ICMP6_ECHO)
        answer_echo(router, packet, at);
    else if (icmp[0] == ICMP6_NEIGHBOUR_SOLICITATION ||
             icmp[0] == ICMP6_NEIGHBOUR_ADVERTISEMENT)
        ndp_input(router, packet, at);
    /* END SOLUTION */
    //> (void)router, (void)packet, (void)at;
    //> UNWRITTEN_HERE(5, "icmp6_input() in icmp6.c");
}
