/* ICMP; see icmp4.h.
 *
 * An error message is an answer to somebody who did not ask.  The rules about
 * when there must be none (RFC 1122 section 3.2.2, RFC 1812 section 4.3.2.7)
 * keep two machines from complaining to each other for ever, and one packet
 * from being answered by many. */
#include "icmp4.h"

#include <string.h>

#include "bytes.h"
#include "checksum.h"
#include "ip4.h"
//> #include "say.h"

/* BEGIN SOLUTION 4 */
enum { TOS_CONTROL = 0xc0 }; /* internetwork control (RFC 1812 4.3.2.5) */

static bool is_icmp_error(const uint8_t *ip, size_t bytes)
{
    size_t header = ip4_header_bytes(ip);
    if (ip[9] != PROTO_ICMP || bytes <= header)
        return false;
    switch (ip[header]) {
    case 3:  /* destination unreachable */
    case 4:  /* source quench */
    case 5:  /* redirect */
    case 11: /* time exceeded */
    case 12: /* parameter problem */
        return true;
    default:
        return false;
    }
}

/* DOC: may-be-told
 * The source is one machine, the destination was one machine, the packet is no
 * error, and no later fragment (the first one has been told already). */
static bool may_be_told(const struct router *router, const uint8_t *ip,
                        size_t bytes)
{
    struct addr source = addr_get(ip + 12, ADDR4_BITS);
    return !ip4_source_is_martian(get_be32(ip + 12)) &&
           !router_owns(router, &source) && ip[16] < 0xe0 &&
           !(get_be16(ip + 6) & IP4_OFFSET) && !is_icmp_error(ip, bytes);
}

/* The address that the answer comes from: one of the interface it leaves by
 * (RFC 1812 section 4.3.2.4). */
static const struct addr *source_towards(struct router *router,
                                         const struct addr *to)
{
    const struct route *route = routes_lookup(&router->routes, to);
    return route
               ? iface_source(route->iface, route->via.bits ? &route->via : to)
               : NULL;
}

static void write_header(uint8_t *ip, size_t bytes, const struct addr *source,
                         const struct addr *destination)
{
    memset(ip, 0, IP4_BYTES);
    ip[0] = 0x45;
    ip[1] = TOS_CONTROL;
    put_be16(ip + 2, (uint16_t)bytes);
    ip[8] = IP4_TTL;
    ip[9] = PROTO_ICMP;
    addr_put(ip + 12, source);
    addr_put(ip + 16, destination);
}

static void seal(uint8_t *icmp, size_t bytes)
{
    put_be16(icmp + 2, 0);
    put_be16(icmp + 2, checksum_finish(checksum_add(0, icmp, bytes)));
}

/* END SOLUTION */
/* DOC: icmp4-error */
void icmp4_error(struct router *router, unsigned type, unsigned code,
                 uint32_t rest, const uint8_t *ip, size_t bytes)
{
    /* BEGIN SOLUTION 4 */
    uint8_t frame[ETHER_BYTES + ICMP4_MAX_BYTES];
    uint8_t *out = frame + ETHER_BYTES, *icmp = out + IP4_BYTES;
    struct addr to = addr_get(ip + 12, ADDR4_BITS);
    if (!may_be_told(router, ip, bytes))
        return;
    const struct addr *from = source_towards(router, &to);
    if (from == NULL)
        return;
    if (!limit_take(&router->icmp_limit, router->now_ms)) {
        router->counters.icmp_limited++;
        return;
    }
    size_t room = ICMP4_MAX_BYTES - IP4_BYTES - ICMP4_BYTES;
    size_t quoted = bytes < room ? bytes : room;
    icmp[0] = (uint8_t)type;
    icmp[1] = (uint8_t)code;
    put_be32(icmp + 4, rest);
    memcpy(icmp + ICMP4_BYTES, ip, quoted);
    seal(icmp, ICMP4_BYTES + quoted);
    write_header(out, IP4_BYTES + ICMP4_BYTES + quoted, from, &to);
    router->counters.icmp_sent++;
    ip4_output(router, out, IP4_BYTES + ICMP4_BYTES + quoted);
    /* END SOLUTION */
    //> (void)router, (void)type, (void)code, (void)rest, (void)ip, (void)bytes;
    //> UNWRITTEN_HERE(4, "icmp4_error() in icmp4.c");
}

/* An echo is answered from the address that was asked, with what it brought. */
void icmp4_input(struct router *router, const struct packet *packet)
{
    /* BEGIN SOLUTION 4 */
    uint8_t frame[FRAME_MAX_BYTES];
    uint8_t *out = frame + ETHER_BYTES;
    size_t header = ip4_header_bytes(packet->ip);
    size_t bytes = packet->bytes - header;
    const uint8_t *icmp = packet->ip + header;
    struct addr from = addr_get(packet->ip + 16, ADDR4_BITS);
    struct addr to = addr_get(packet->ip + 12, ADDR4_BITS);
    if (bytes < ICMP4_BYTES || icmp[0] != ICMP4_ECHO || icmp[1] != 0 ||
        checksum_finish(checksum_add(0, icmp, bytes)) != 0)
        return;
    memcpy(out + IP4_BYTES, icmp, bytes);
    out[IP4_BYTES] = ICMP4_ECHO_REPLY;
    seal(out + IP4_BYTES, bytes);
    write_header(out, IP4_BYTES + bytes, &from, &to);
    ip4_output(router, out, IP4_BYTES + bytes);
    /* END SOLUTION */
    //> (void)router, (void)packet;
    //> UNWRITTEN_HERE(4, "icmp4_input() in icmp4.c");
}
