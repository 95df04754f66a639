/* A packet's headers, read once.
 *
 *  IPv4 (RFC 791)                        IPv6 (RFC 8200)
 *   0 version/IHL  1 DSCP/ECN             0 version/class/flow label (4 bytes)
 *   2 total length (2)                    4 payload length (2)
 *   4 identification (2)                  6 next header   7 hop limit
 *   6 flags/fragment offset (2)           8 source (16)  24 destination (16)
 *   8 TTL  9 protocol  10 checksum (2)   40 extension headers, transport
 *  12 source (4)  16 destination (4)
 *
 *  TCP (RFC 9293): 0 ports (4)  4 sequence number (4)  8 acknowledgment (4)
 *  12 data offset/reserved  13 flags        UDP (RFC 768): 0 ports (4), 8 bytes
 */
#include "link/view.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum {
    IP6_HEADER_BYTES = 40,
    IP6_MAX_EXTENSIONS = 8, /* RFC 8200 section 4.1 foresees fewer */
    ETHERNET_BYTES = 14,
    VLAN_TAG_BYTES = 4,
    TCP_HEADER_BYTES = 20,
    UDP_HEADER_BYTES = 8,
    ICMP_ECHO_BYTES = 8,
};

static uint16_t get_be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get_be32(const uint8_t *p)
{
    return (uint32_t)get_be16(p) << 16 | get_be16(p + 2);
}

static int read_tcp(struct view *view, const uint8_t *tcp, size_t bytes)
{
    if (bytes < TCP_HEADER_BYTES)
        return -EBADMSG;
    size_t header_bytes = (size_t)(tcp[12] >> 4) * 4;
    size_t offset = view->transport_offset + header_bytes;
    if (header_bytes < TCP_HEADER_BYTES || offset > view->ip_bytes)
        return -EBADMSG;
    view->src_port = get_be16(tcp);
    view->dst_port = get_be16(tcp + 2);
    view->tcp_seq = get_be32(tcp + 4);
    view->tcp_flags = tcp[13];
    view->payload_offset = offset;
    return 0;
}

static int read_udp(struct view *view, const uint8_t *udp, size_t bytes)
{
    if (bytes < UDP_HEADER_BYTES)
        return -EBADMSG;
    view->src_port = get_be16(udp);
    view->dst_port = get_be16(udp + 2);
    view->payload_offset = view->transport_offset + UDP_HEADER_BYTES;
    return 0;
}

static void read_icmp(struct view *view, const uint8_t *icmp, size_t bytes)
{
    bool v6 = view->protocol == IPPROTO_ICMPV6;
    if (bytes < ICMP_ECHO_BYTES)
        return;
    uint8_t type = icmp[0];
    bool echo = v6 ? type == 128 || type == 129 : type == 0 || type == 8;
    if (echo)
        view->icmp_id = get_be16(icmp + 4);
    /* 130..137: MLD and neighbour discovery; 143: MLD version 2. */
    view->neighbour = v6 && ((type >= 130 && type <= 137) || type == 143);
}

static int read_transport(struct view *view, const uint8_t *ip, size_t bytes)
{
    int rc = 0;
    view->payload_offset = view->transport_offset;
    if (!view->fragment) {
        const uint8_t *transport = ip + view->transport_offset;
        size_t left = bytes - view->transport_offset;
        if (view->protocol == IPPROTO_TCP)
            rc = read_tcp(view, transport, left);
        else if (view->protocol == IPPROTO_UDP)
            rc = read_udp(view, transport, left);
        else if (view->protocol == IPPROTO_ICMP ||
                 view->protocol == IPPROTO_ICMPV6)
            read_icmp(view, transport, left);
    }
    if (rc == 0 && view->payload_offset > view->ip_bytes)
        rc = -EBADMSG;
    if (rc == 0)
        view->payload_bytes = view->ip_bytes - view->payload_offset;
    return rc;
}

static bool is_ecn_capable(unsigned traffic_class)
{
    unsigned ecn = traffic_class & 3; /* RFC 3168 section 5: 01 and 10 */
    return ecn == 1 || ecn == 2;
}

static int read_ip4(struct view *view, const uint8_t *ip, size_t bytes)
{
    if (bytes < 20)
        return -EBADMSG;
    size_t header_bytes = (size_t)(ip[0] & 15) * 4;
    view->ip_bytes = get_be16(ip + 2);
    if (header_bytes < 20 || header_bytes > bytes ||
        header_bytes > view->ip_bytes)
        return -EBADMSG;
    view->protocol = ip[9];
    view->neighbour = ip[9] == IPPROTO_IGMP;
    view->ecn_capable = is_ecn_capable(ip[1]);
    /* More fragments, or an offset: all but the flags "reserved" and DF. */
    view->fragment = (get_be16(ip + 6) & 0x3fff) != 0;
    memcpy(view->src, ip + 12, 4);
    memcpy(view->dst, ip + 16, 4);
    view->transport_offset = header_bytes;
    return read_transport(view, ip, bytes);
}

static bool is_extension(uint8_t protocol)
{
    return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING ||
           protocol == IPPROTO_DSTOPTS || protocol == IPPROTO_FRAGMENT;
}

static int read_ip6(struct view *view, const uint8_t *ip, size_t bytes)
{
    if (bytes < IP6_HEADER_BYTES)
        return -EBADMSG;
    view->ip_bytes = IP6_HEADER_BYTES + (size_t)get_be16(ip + 4);
    view->ecn_capable = is_ecn_capable(ip[1] >> 4);
    memcpy(view->src, ip + 8, 16);
    memcpy(view->dst, ip + 24, 16);
    uint8_t next = ip[6];
    size_t at = IP6_HEADER_BYTES;
    for (int i = 0; is_extension(next) && i < IP6_MAX_EXTENSIONS; i++) {
        if (at + 8 > bytes)
            return -EBADMSG;
        bool fragment = next == IPPROTO_FRAGMENT;
        view->fragment |= fragment;
        next = ip[at];
        at += fragment ? 8 : ((size_t)ip[at + 1] + 1) * 8;
        if (view->fragment)
            break; /* what follows may lie in another packet */
    }
    if (at > bytes || at > view->ip_bytes)
        return -EBADMSG;
    view->protocol = next;
    view->transport_offset = at;
    return read_transport(view, ip, bytes);
}

int view_read(struct view *view, const uint8_t *ip, size_t bytes)
{
    *view = (struct view){0};
    if (bytes == 0)
        return -EBADMSG;
    view->version = ip[0] >> 4;
    if (view->version == 4)
        return read_ip4(view, ip, bytes);
    return view->version == 6 ? read_ip6(view, ip, bytes) : -EBADMSG;
}

bool view_is_too_big(const struct view *view, const uint8_t *ip, size_t bytes)
{
    enum { UNREACHABLE = 3, FRAGMENTATION_NEEDED = 4, TOO_BIG_6 = 2 };
    const uint8_t *icmp = ip + view->transport_offset;
    if (view->fragment || view->transport_offset + 2 > bytes)
        return false;
    if (view->protocol == IPPROTO_ICMP)
        return icmp[0] == UNREACHABLE && icmp[1] == FRAGMENTATION_NEEDED;
    return view->protocol == IPPROTO_ICMPV6 && icmp[0] == TOO_BIG_6;
}

int view_ethernet(const uint8_t *frame, size_t bytes)
{
    size_t at = ETHERNET_BYTES;
    if (bytes >= at + VLAN_TAG_BYTES && get_be16(frame + at - 2) == 0x8100)
        at += VLAN_TAG_BYTES;
    if (bytes < at)
        return -EPROTO;
    uint16_t type = get_be16(frame + at - 2);
    return type == 0x0800 || type == 0x86dd ? (int)at : -EPROTO;
}

int protocol_put(uint8_t protocol, char *text, size_t size)
{
    static const struct {
        uint8_t protocol;
        const char *name;
    } names[] = {
        {IPPROTO_UDP, "udp"},
        {IPPROTO_TCP, "tcp"},
        {IPPROTO_ICMP, "icmp"},
        {IPPROTO_ICMPV6, "icmp6"},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].protocol == protocol)
            return snprintf(text, size, "%s", names[i].name);
    }
    return snprintf(text, size, "proto %u", protocol);
}
