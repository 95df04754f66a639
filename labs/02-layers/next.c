/* What comes behind a header; see walk.h.  There is nothing to write here. */
#include "walk.h"

static void unknown(struct walk *walk, uint32_t type)
{
    walk->out->stop = STOP_UNKNOWN;
    walk->out->unknown = type;
}

void walk_by_type(struct walk *walk, uint16_t type)
{
    switch (type) {
    case TYPE_IPV4:
        walk->next = LAYER_IPV4;
        break;
    case TYPE_ARP:
        walk->next = LAYER_ARP;
        break;
    case TYPE_VLAN:
    case TYPE_SERVICE:
        walk->next = LAYER_VLAN;
        walk->tpid = type;
        break;
    case TYPE_IPV6:
        walk->next = LAYER_IPV6;
        break;
    default:
        unknown(walk, type);
    }
}

/* The layers that IPv4 and IPv6 announce by the same number. */
static enum layer_kind common_layer(uint8_t protocol)
{
    switch (protocol) {
    case NEXT_TCP:
        return LAYER_TCP;
    case NEXT_UDP:
        return LAYER_UDP;
    case NEXT_AH:
        return LAYER_AH;
    default:
        return LAYER_KINDS;
    }
}

static enum layer_kind ipv6_layer(uint8_t next_header)
{
    switch (next_header) {
    case NEXT_HOP_BY_HOP:
        return LAYER_HOP_BY_HOP;
    case NEXT_ROUTING:
        return LAYER_ROUTING;
    case NEXT_FRAGMENT:
        return LAYER_FRAGMENT;
    case NEXT_DESTINATION:
        return LAYER_DESTINATION;
    case NEXT_ICMPV6:
        return LAYER_ICMPV6;
    default:
        return common_layer(next_header);
    }
}

void walk_by_protocol(struct walk *walk, uint8_t protocol)
{
    if (walk->network == LAYER_IPV6)
        walk->next = ipv6_layer(protocol);
    else if (protocol == NEXT_ICMP)
        walk->next = LAYER_ICMP;
    else
        walk->next = common_layer(protocol);
    if (walk->next == LAYER_KINDS && protocol != NEXT_NONE)
        unknown(walk, protocol);
}
