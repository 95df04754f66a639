/* A packet taken apart: its headers in their order, and where that ended. */
#ifndef DISSECTION_H
#define DISSECTION_H

#include "headers.h"

enum layer_kind {
    LAYER_ETHERNET,
    LAYER_VLAN,
    LAYER_COOKED,
    LAYER_COOKED2,
    LAYER_ARP,
    LAYER_IPV4,
    LAYER_IPV6,
    LAYER_HOP_BY_HOP,
    LAYER_ROUTING,
    LAYER_FRAGMENT,
    LAYER_AH,
    LAYER_DESTINATION,
    LAYER_ICMP,
    LAYER_ICMPV6,
    LAYER_UDP,
    LAYER_TCP,
    LAYER_KINDS, /* also: there is no further one */
};

enum check_state {
    CHECK_ABSENT,     /* this layer has none */
    CHECK_OK,         /* as it should be */
    CHECK_BAD,        /* see is, should */
    CHECK_NONE,       /* UDP over IPv4: the sender computed none */
    CHECK_UNVERIFIED, /* not all that it covers is here */
};

struct check {
    enum check_state state;
    uint16_t is, should; /* of CHECK_BAD */
};

struct layer {
    enum layer_kind kind;
    uint16_t tpid; /* of LAYER_VLAN: the type that announced it */
    const uint8_t *at;
    size_t header_bytes;
    struct check check;
    union {
        struct ethernet ethernet;
        struct vlan vlan;
        struct cooked cooked;
        struct arp arp;
        struct ipv4 ipv4;
        struct ipv6 ipv6;
        struct extension extension;
        struct icmp icmp;
        struct udp udp;
        struct tcp tcp;
    };
};

enum stop {
    STOP_END,       /* all of it is understood; the rest is payload */
    STOP_TRUNCATED, /* bytes that were promised are not here */
    STOP_MALFORMED, /* a header contradicts itself or another */
    STOP_UNKNOWN,   /* nobody here can read what comes next */
    STOP_FRAGMENT,  /* not the first fragment: no header to read */
};

/* No right packet has more headers than this; a wrong one may have as many as
 * fit, and each costs time. */
enum { MAX_LAYERS = 16 };

struct dissection {
    struct layer layers[MAX_LAYERS];
    unsigned layer_count;
    enum stop stop;
    enum layer_kind stopped_in; /* the layer that is cut off or wrong */
    uint32_t unknown;           /* of STOP_UNKNOWN: the type or protocol */
    const uint8_t *payload;     /* behind the last header that was read */
    size_t payload_bytes;       /* those that are here */
    size_t missing_bytes;       /* of STOP_TRUNCATED, where that is known */
    size_t surplus_bytes;       /* behind a UDP datagram, within IP's length */
    size_t padding_bytes;       /* behind the IP packet, within the frame */
};

/* Takes a packet apart whose first header is `first`: LAYER_ETHERNET,
 * LAYER_COOKED, LAYER_COOKED2, or LAYER_KINDS for IP of either version.
 * Pointers in the result are into the packet.  Never fails: what is wrong with
 * the packet is a part of the result. */
void dissect_packet(struct dissection *dissection, enum layer_kind first,
                    const uint8_t *packet, size_t bytes);

#endif
