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
#include "say.h"

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

void icmp6_error(struct router *router, unsigned type, unsigned code,
                 uint32_t rest, const uint8_t *ip, size_t bytes)
{
    (void)router, (void)type, (void)code, (void)rest, (void)ip, (void)bytes;
    UNWRITTEN_HERE(5, "icmp6_error() in icmp6.c");
}

void icmp6_input(struct router *router, const struct packet *packet, size_t at)
{
    (void)router, (void)packet, (void)at;
    UNWRITTEN_HERE(5, "icmp6_input() in icmp6.c");
}
