/* The walk from header to header, as far as it has come; dissection.c tells it
 * as a whole. */
#ifndef WALK_H
#define WALK_H

#include "dissection.h"

struct walk {
    struct dissection *out;
    struct view view;
    enum layer_kind next; /* LAYER_KINDS: no more */
    uint16_t tpid;        /* of LAYER_VLAN, if that is next */
    enum layer_kind network;
    const uint8_t *src, *dst; /* as the transport's checksum wants them */
    size_t address_bytes;
    bool fragment; /* a part of a datagram: no checksum can be verified */
    size_t missing_bytes;
};

/* Sets what comes next by an EtherType, or by IP's number of a protocol; what
 * nobody here can read ends the walk. */
void walk_by_type(struct walk *walk, uint16_t type);
void walk_by_protocol(struct walk *walk, uint8_t protocol);

/* Verifies a header's own checksum, which holds `is`. */
struct check check_header(const uint8_t *at, size_t bytes, uint16_t is);
/* Verifies a transport's, over its header, its payload and the pseudo-header of
 * that protocol; 0 is ICMP of IPv4, which has none. */
struct check check_transport(const struct walk *walk, uint8_t protocol,
                             uint16_t is);

#endif
