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
#include "say.h"

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

/* DOC: ip4-martians */
bool ip4_source_is_martian(uint32_t source)
{
    return source == 0; /* checkpoint 3: who else? */
}

bool ip4_destination_is_martian(uint32_t destination)
{
    return destination == 0; /* checkpoint 3: who else? */
}

void ip4_send_on(struct router *router, const struct route *route, uint8_t *ip,
                 size_t bytes)
{
    (void)router, (void)route, (void)ip, (void)bytes;
    UNWRITTEN_HERE(3, "ip4_send_on() in ip4.c");
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

/* DOC: ip4-input */
void ip4_input(struct router *router, struct packet *packet)
{
    (void)router, (void)packet;
    UNWRITTEN_HERE(3, "ip4_input() in ip4.c");
}
