/* A packet's headers, read once: what classification and captures need. */
#ifndef LINK_VIEW_H
#define LINK_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    VIEW_FIN = 0x01,
    VIEW_SYN = 0x02,
    VIEW_RST = 0x04,
    VIEW_PSH = 0x08,
    VIEW_ACK = 0x10,
};

struct view {
    uint8_t version;             /* 4 or 6 */
    uint8_t protocol;            /* of the transport: IPPROTO_* */
    bool fragment;               /* ports and TCP fields are then 0 */
    bool neighbour;              /* ND, MLD, IGMP: the links' own traffic */
    bool ecn_capable;            /* ECT(0) or ECT(1) */
    uint8_t src[16], dst[16];    /* IPv4: the first four bytes, the rest zero */
    uint16_t src_port, dst_port; /* UDP and TCP */
    uint16_t icmp_id;            /* of an echo; else 0 */
    uint8_t tcp_flags;           /* VIEW_* */
    uint32_t tcp_seq;
    size_t ip_bytes;         /* as the IP header says, at most those given */
    size_t transport_offset; /* from the IP header on */
    size_t payload_offset;   /* of UDP and TCP; else the transport's */
    size_t payload_bytes;
};

/* Reads the headers of a packet that begins with its IP header; `bytes` may be
 * fewer than the packet has.  Returns 0, or -EBADMSG if it is no IP packet or
 * its headers are cut short or contradict themselves. */
int view_read(struct view *view, const uint8_t *ip, size_t bytes);

/* Whether it is a router's message that a packet is too big: ICMP
 * "fragmentation needed" (RFC 1191) or ICMPv6 "packet too big" (RFC 8201). */
bool view_is_too_big(const struct view *view, const uint8_t *ip, size_t bytes);

/* Finds the IP header behind an Ethernet header (one VLAN tag is skipped).
 * Returns its offset, or -EPROTO if the frame carries something else (ARP). */
int view_ethernet(const uint8_t *frame, size_t bytes);

/* Writes "udp", "tcp", "icmp", "icmp6", or "proto 47".  Returns the length. */
int protocol_put(uint8_t protocol, char *text, size_t size);

#endif
