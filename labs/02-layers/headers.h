/* Headers: one struct and one parser a layer.
 *
 * Numbers in the structs are in host order; addresses are pointers into the
 * packet.  Each parser reads the header that begins at view->at, checks what
 * the header says about itself, and nothing else.  It returns the header's
 * bytes (> 0, options included), -EAGAIN if the packet was cut off within the
 * header, or -EBADMSG if the header contradicts itself or a length field
 * outside it (view.h).  Nothing of the struct may be used then. */
#ifndef HEADERS_H
#define HEADERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "view.h"

/* ---- The link: link.c ------------------------------------------------------
 *
 *      |  destination (6)  |    source (6)     | type (2) |   payload
 *      |  destination (6)  |    source (6)     | 0x8100 | tag | type | ...
 *                                                tag: PCP(3) DEI(1) VID(12) */

enum ether_type {
    TYPE_IPV4 = 0x0800,
    TYPE_ARP = 0x0806,
    TYPE_VLAN = 0x8100, /* IEEE 802.1Q, the customer's tag */
    TYPE_IPV6 = 0x86dd,
    TYPE_SERVICE = 0x88a8, /* IEEE 802.1ad, the provider's tag ("QinQ") */
    TYPE_FIRST = 0x0600,   /* less is the length of an IEEE 802.3 frame */
};

struct ethernet {
    const uint8_t *dst, *src; /* 6 bytes each */
    uint16_t type;
};
int ethernet_parse(const struct view *view, struct ethernet *ethernet);

/* A tag without the type that announced it: TCI and the next type. */
struct vlan {
    uint8_t pcp;
    bool dei;
    uint16_t vid, type;
};
int vlan_parse(const struct view *view, struct vlan *vlan);

/* "Linux cooked" headers, of captures on all devices at once.
 *
 * v1 (16 bytes)  packet type 2 | ARPHRD 2 | address length 2 | address 8 |
 *                protocol 2
 * v2 (20 bytes)  protocol 2 | reserved 2 | interface index 4 | ARPHRD 2 |
 *                packet type 1 | address length 1 | address 8 */
struct cooked {
    uint16_t packet_type, arphrd, protocol;
    uint32_t interface; /* v2 */
    const uint8_t *address;
    uint8_t address_bytes; /* as stated; at most 8 are there */
};
int cooked_parse(const struct view *view, struct cooked *cooked);
int cooked2_parse(const struct view *view, struct cooked *cooked);

/* ---- ARP, RFC 826: arp.c ---------------------------------------------------
 *
 *      hardware type 2 | protocol type 2 | hlen 1 | plen 1 | opcode 2 |
 *      sender hardware hlen | sender protocol plen | target ... | target ... */
struct arp {
    uint16_t hardware_type, protocol_type, opcode;
    uint8_t hlen, plen;
    const uint8_t *sender_hardware, *sender_protocol;
    const uint8_t *target_hardware, *target_protocol;
};
int arp_parse(const struct view *view, struct arp *arp);

/* ---- IPv4, RFC 791: ipv4.c -------------------------------------------------
 *
 *       0                   1                   2                   3
 *       0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *      +-------+-------+-----------+---+-------------------------------+
 *      |version|  IHL  |   DSCP    |ECN|         total length          |
 *      +-------+-------+-----------+---+-----+-------------------------+
 *      |        identification         |flags|     fragment offset     |
 *      +---------------+---------------+-----+-------------------------+
 *      |      TTL      |   protocol    |        header checksum        |
 *      +---------------+---------------+-------------------------------+
 *      |                         source address                        |
 *      +---------------------------------------------------------------+
 *      |                      destination address                      |
 *      +---------------------------------------------------------------+
 *      |                  options, up to (IHL - 5) * 4                 |
 */
enum { IPV4_HEADER_BYTES = 20, IPV4_RESERVED = 4, IPV4_DF = 2, IPV4_MF = 1 };

struct ipv4 {
    uint8_t ihl, dscp, ecn, flags, ttl, protocol;
    uint16_t total_length, identification, fragment_offset, checksum;
    const uint8_t *src, *dst, *options;
    size_t option_bytes;
};
/* The options too are checked; see options.h. */
int ipv4_parse(const struct view *view, struct ipv4 *ipv4);
/* Where the packet is to arrive at last: behind a source route (RFC 791 section
 * 3.1) not at `dst`.  Transport checksums are over this one. */
const uint8_t *ipv4_final(const struct ipv4 *ipv4);

/* ---- IPv6, RFC 8200: ipv6.c ------------------------------------------------
 *
 *      +-------+---------------+---------------------------------------+
 *      |version| traffic class |              flow label               |
 *      +-------+---------------+-------+---------------+---------------+
 *      |        payload length         |  next header  |   hop limit   |
 *      +-------------------------------+---------------+---------------+
 *      |                  source address, 16 bytes ...                 |
 *      |               destination address, 16 bytes ...               |
 */
enum { IPV6_HEADER_BYTES = 40 };

struct ipv6 {
    uint8_t dscp, ecn, next_header, hop_limit;
    uint32_t flow_label;
    uint16_t payload_length;
    const uint8_t *src, *dst;
};
int ipv6_parse(const struct view *view, struct ipv6 *ipv6);

/* Extension headers begin alike: next header 1 | length 1 | the rest.  The
 * length is in units of 8 bytes, the first 8 not counted; AH's is in units of
 * 4, the first 8 bytes not counted (RFC 4302); a fragment header has 8 bytes
 * and no length. */
enum next_header {
    NEXT_HOP_BY_HOP = 0,
    NEXT_ICMP = 1,
    NEXT_TCP = 6,
    NEXT_UDP = 17,
    NEXT_ROUTING = 43,
    NEXT_FRAGMENT = 44,
    NEXT_AH = 51,
    NEXT_ICMPV6 = 58,
    NEXT_NONE = 59,
    NEXT_DESTINATION = 60,
};

struct extension {
    uint8_t next_header;
    uint8_t length;                      /* the field; 0 for a fragment */
    uint8_t routing_type, segments_left; /* routing */
    const uint8_t *final;                /* routing: last address, or NULL */
    uint16_t fragment_offset;            /* fragment, in units of 8 bytes */
    bool more_fragments;                 /* fragment */
    uint32_t identification;             /* fragment */
    uint32_t spi, sequence;              /* AH */
    const uint8_t *options;              /* hop-by-hop, destination */
    size_t option_bytes;
};
/* `kind` is the next-header value that announced it: one of the five. */
int extension_parse(const struct view *view, uint8_t kind,
                    struct extension *extension);

/* ---- Transport: transport.c ------------------------------------------------
 *
 * ICMP, RFC 792 and RFC 4443:  type 1 | code 1 | checksum 2 | rest 4
 * UDP, RFC 768:  source port 2 | destination port 2 | length 2 | checksum 2
 * TCP, RFC 9293:
 *      +-------------------------------+-------------------------------+
 *      |          source port          |       destination port        |
 *      +-------------------------------+-------------------------------+
 *      |                        sequence number                        |
 *      +---------------------------------------------------------------+
 *      |                     acknowledgment number                     |
 *      +-------+-------+---------------+-------------------------------+
 *      | offset|  rsrv |     flags     |            window             |
 *      +-------+-------+---------------+-------------------------------+
 *      |           checksum            |        urgent pointer         |
 *      +-------------------------------+-------------------------------+
 *      |                 options, (offset - 5) * 4                     |
 */
enum { ICMP_HEADER_BYTES = 8, UDP_HEADER_BYTES = 8, TCP_HEADER_BYTES = 20 };

struct icmp {
    uint8_t type, code;
    uint16_t checksum;
    uint32_t rest; /* identifier and sequence number, MTU, pointer, ... */
};
int icmp_parse(const struct view *view, struct icmp *icmp);

struct udp {
    uint16_t source_port, destination_port, length, checksum;
};
int udp_parse(const struct view *view, struct udp *udp);

enum tcp_flag {
    TCP_FIN = 1,
    TCP_SYN = 2,
    TCP_RST = 4,
    TCP_PSH = 8,
    TCP_ACK = 16,
    TCP_URG = 32,
    TCP_ECE = 64,
    TCP_CWR = 128,
};
struct tcp {
    uint16_t source_port, destination_port, window, checksum, urgent_pointer;
    uint32_t sequence, acknowledgment;
    uint8_t data_offset, flags;
    const uint8_t *options;
    size_t option_bytes;
};
int tcp_parse(const struct view *view, struct tcp *tcp);

#endif
