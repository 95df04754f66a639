/* IPv4; see ip4.h.
 *
 * What a router may trust of a packet is what it has checked: the version, that
 * the header is as long as it says and all there, that the packet is as long as
 * it says and all there (Ethernet pads short ones), and the header's checksum.
 * Only then addresses mean something.
 *
 * The time to live is lowered when a packet is sent on, and an error quotes the
 * packet as it came; so all that may end it comes first. */
#include "ip4.h"

#include "bytes.h"
#include "checksum.h"
#include "icmp4.h"
//> #include "say.h"

size_t ip4_header_bytes(const uint8_t *ip)
{
    return (size_t)(ip[0] & 0x0f) * 4;
}

void ip4_seal(uint8_t *ip)
{
    put_be16(ip + 10, 0);
    put_be16(ip + 10,
             checksum_finish(checksum_add(0, ip, ip4_header_bytes(ip))));
}

/* BEGIN SOLUTION 3 */
static bool is_in(uint32_t address, uint32_t block, unsigned length)
{
    return (address ^ block) >> (32 - length) == 0; /* length is never 0 */
}

/* END SOLUTION */
/* DOC: ip4-martians */
bool ip4_source_is_martian(uint32_t source)
{
    /* BEGIN SOLUTION 3 */
    return is_in(source, 0x00000000, 8) || is_in(source, 0x7f000000, 8) ||
           is_in(source, 0xa9fe0000, 16) || is_in(source, 0xe0000000, 3);
    /* END SOLUTION */
    //> return source == 0; /* checkpoint 3: who else? */
}

bool ip4_destination_is_martian(uint32_t destination)
{
    /* BEGIN SOLUTION 3 */
    return is_in(destination, 0x00000000, 8) ||
           is_in(destination, 0x7f000000, 8) ||
           is_in(destination, 0xa9fe0000, 16) ||
           is_in(destination, 0xf0000000, 4);
    /* END SOLUTION */
    //> return destination == 0; /* checkpoint 3: who else? */
}

/* BEGIN SOLUTION 3 */
/* ---- Sending ------------------------------------------------------------- */

struct hop {
    struct router *router;
    struct iface *iface;
    const struct addr *to;
};

static void send_piece(void *context, uint8_t *ip, size_t bytes)
{
    struct hop *hop = context;
    hop->router->counters.fragments_made++;
    neigh_send(hop->router, hop->iface, hop->to, ip - ETHER_BYTES, bytes);
}

/* END SOLUTION */
void ip4_send_on(struct router *router, const struct route *route, uint8_t *ip,
                 size_t bytes)
{
    /* BEGIN SOLUTION 3 */
    struct addr destination = addr_get(ip + 16, ADDR4_BITS);
    struct hop hop = {router, route->iface,
                      route->via.bits ? &route->via : &destination};
    if (bytes > route->iface->mtu)
        frag4(ip, bytes, route->iface->mtu, send_piece, &hop);
    else
        neigh_send(router, hop.iface, hop.to, ip - ETHER_BYTES, bytes);
    /* END SOLUTION */
    //> (void)router, (void)route, (void)ip, (void)bytes;
    //> UNWRITTEN_HERE(3, "ip4_send_on() in ip4.c");
}

void ip4_output(struct router *router, uint8_t *ip, size_t bytes)
{
    struct addr destination = addr_get(ip + 16, ADDR4_BITS);
    const struct route *route = routes_lookup(&router->routes, &destination);
    put_be16(ip + 4, router->next_id++);
    ip4_seal(ip);
    if (route)
        ip4_send_on(router, route, ip, bytes);
}

/* BEGIN SOLUTION 3 */
/* ---- Here ---------------------------------------------------------------- */

static void deliver_udp(struct router *router, const struct packet *packet,
                        bool ours)
{
    size_t header = ip4_header_bytes(packet->ip);
    const uint8_t *udp = packet->ip + header;
    size_t bytes = packet->bytes - header;
    if (bytes < 8 || get_be16(udp + 4) < 8 || get_be16(udp + 4) > bytes)
        return;
    struct addr source = addr_get(packet->ip + 12, ADDR4_BITS);
    if (get_be16(udp + 2) == RIP_PORT && packet->in->rip)
        rip_input(router, packet->in, &source, get_be16(udp), udp + 8,
                  get_be16(udp + 4) - 8u);
    else if (ours)
        icmp4_error(router, ICMP4_UNREACHABLE, ICMP4_PORT, 0, packet->ip,
                    packet->bytes);
}

/* `ours`: to an address of the router; else to all on the link, which earns no
 * error.  Fragments would have to be put together first: this router does not.
 */
static void deliver(struct router *router, const struct packet *packet,
                    bool ours)
{
    router->counters.delivered++;
    if (get_be16(packet->ip + 6) & (IP4_MORE | IP4_OFFSET))
        return;
    if (packet->ip[9] == PROTO_ICMP) {
        if (ours)
            icmp4_input(router, packet);
    } else if (packet->ip[9] == PROTO_UDP) {
        deliver_udp(router, packet, ours);
    } else if (ours) {
        icmp4_error(router, ICMP4_UNREACHABLE, ICMP4_PROTOCOL, 0, packet->ip,
                    packet->bytes);
    }
}

/* ---- On ------------------------------------------------------------------ */

/* DOC: lower-ttl
 * TTL and protocol are one 16-bit word of the header. */
static void lower_ttl(uint8_t *ip)
{
    uint16_t before = get_be16(ip + 8);
    uint16_t after = (uint16_t)(before - 0x100);
    put_be16(ip + 8, after);
    put_be16(ip + 10, checksum_update(get_be16(ip + 10), before, after));
}

/* DOC: ip4-forward */
static void ip4_forward(struct router *router, const struct packet *packet,
                        const struct addr *destination)
{
    struct counters *counters = &router->counters;
    uint8_t *ip = packet->ip;
    if (ip[8] <= 1) {
        counters->ttl_exceeded++;
        icmp4_error(router, ICMP4_TIME_EXCEEDED, 0, 0, ip, packet->bytes);
        return;
    }
    const struct route *route = routes_lookup(&router->routes, destination);
    if (route == NULL) {
        counters->no_route++;
        icmp4_error(router, ICMP4_UNREACHABLE, ICMP4_NET, 0, ip, packet->bytes);
        return;
    }
    if (iface_broadcast(route->iface, destination)) {
        counters->martian++; /* RFC 2644: nobody asks a whole net from afar */
        return;
    }
    if (packet->bytes > route->iface->mtu &&
        get_be16(ip + 6) & IP4_DONT_FRAGMENT) {
        counters->too_big++;
        icmp4_error(router, ICMP4_UNREACHABLE, ICMP4_FRAGMENTATION_NEEDED,
                    route->iface->mtu, ip, packet->bytes);
        return;
    }
    lower_ttl(ip);
    counters->forwarded++;
    ip4_send_on(router, route, ip, packet->bytes);
}

/* ---- In ------------------------------------------------------------------ */

/* Checks the header, and cuts off what follows the packet in its frame. */
static bool is_sound(struct packet *packet)
{
    const uint8_t *ip = packet->ip;
    if (packet->bytes < IP4_BYTES || ip[0] >> 4 != 4)
        return false;
    size_t header = ip4_header_bytes(ip), total = get_be16(ip + 2);
    if (header < IP4_BYTES || total < header || total > packet->bytes)
        return false;
    packet->bytes = total;
    return checksum_finish(checksum_add(0, ip, header)) == 0;
}

static bool is_to_all(const struct iface *in, const struct addr *destination)
{
    uint32_t address = (uint32_t)(destination->high >> 32);
    return is_in(address, 0xe0000000, 4) || address == 0xffffffff ||
           iface_broadcast(in, destination);
}

/* END SOLUTION */
/* DOC: ip4-input */
void ip4_input(struct router *router, struct packet *packet)
{
    /* BEGIN SOLUTION 3 */
    if (!is_sound(packet)) {
        router->counters.malformed++;
        return;
    }
    struct addr source = addr_get(packet->ip + 12, ADDR4_BITS);
    struct addr destination = addr_get(packet->ip + 16, ADDR4_BITS);
    bool ours = router_owns(router, &destination);
    bool here = ours || is_to_all(packet->in, &destination);
    bool stays =
        packet->group || ip4_destination_is_martian(get_be32(packet->ip + 16));
    if (ip4_source_is_martian(get_be32(packet->ip + 12)) ||
        router_owns(router, &source) || iface_broadcast(packet->in, &source) ||
        (stays && !here))
        router->counters.martian++;
    else if (here)
        deliver(router, packet, ours);
    else
        ip4_forward(router, packet, &destination);
    /* END SOLUTION */
    //> (void)router, (void)packet;
    //> UNWRITTEN_HERE(3, "ip4_input() in ip4.c");
}
