/* Taking a packet apart; see dissection.h.
 *
 * A walk from header to header.  Each step reads one, with the parser of its
 * layer, and leaves three things for the next: which layer comes now, what of
 * the packet is left (a view), and what the transport's checksum needs of IP.
 *
 *      frame   no promise ............ padding may follow
 *        IP    total length .......... limits the view; what lies behind it is
 *                                      padding, what is not here is missing
 *          UDP length ................ limits it again; behind it: surplus
 *          TCP                         all that IP left is its payload
 *
 * The walk always ends: each step uses up at least four bytes, and there are at
 * most MAX_LAYERS of them. */
#include "dissection.h"

#include <errno.h>

#include "walk.h"

/* ---- Steps: each reads a header and returns what its parser did ---------- */

static int step_ethernet(struct walk *walk, struct layer *layer)
{
    int bytes = ethernet_parse(&walk->view, &layer->ethernet);
    if (bytes > 0)
        walk_by_type(walk, layer->ethernet.type);
    return bytes;
}

static int step_vlan(struct walk *walk, struct layer *layer)
{
    int bytes = vlan_parse(&walk->view, &layer->vlan);
    layer->tpid = walk->tpid;
    if (bytes > 0)
        walk_by_type(walk, layer->vlan.type);
    return bytes;
}

static int step_cooked(struct walk *walk, struct layer *layer)
{
    int bytes = cooked_parse(&walk->view, &layer->cooked);
    if (bytes > 0)
        walk_by_type(walk, layer->cooked.protocol);
    return bytes;
}

static int step_cooked2(struct walk *walk, struct layer *layer)
{
    int bytes = cooked2_parse(&walk->view, &layer->cooked);
    if (bytes > 0)
        walk_by_type(walk, layer->cooked.protocol);
    return bytes;
}

/* Takes the length of a packet within a frame at its word. */
static int limit_packet(struct walk *walk, size_t bytes)
{
    size_t in_frame = walk->view.here;
    int error = view_limit(&walk->view, bytes);
    if (error != 0)
        return error;
    walk->out->padding_bytes = in_frame - walk->view.here;
    walk->missing_bytes = walk->view.promised - walk->view.here;
    return 0;
}

static int step_arp(struct walk *walk, struct layer *layer)
{
    int bytes = arp_parse(&walk->view, &layer->arp);
    if (bytes < 0)
        return bytes;
    int error = limit_packet(walk, (size_t)bytes);
    return error != 0 ? error : bytes;
}

/* Only the first fragment has the transport's header. */
static void next_of_fragment(struct walk *walk, uint8_t protocol,
                             uint16_t offset, bool more)
{
    walk->fragment = offset != 0 || more;
    if (offset != 0)
        walk->out->stop = STOP_FRAGMENT;
    else
        walk_by_protocol(walk, protocol);
}

/* DOC: step-ipv4 */
static int step_ipv4(struct walk *walk, struct layer *layer)
{
    struct ipv4 *ipv4 = &layer->ipv4;
    int bytes = ipv4_parse(&walk->view, ipv4);
    if (bytes < 0)
        return bytes;
    int error = limit_packet(walk, ipv4->total_length);
    if (error != 0)
        return error;
    layer->check = check_header(layer->at, (size_t)bytes, ipv4->checksum);
    walk->network = LAYER_IPV4;
    walk->src = ipv4->src;
    walk->dst = ipv4_final(ipv4);
    walk->address_bytes = 4;
    next_of_fragment(walk, ipv4->protocol, ipv4->fragment_offset,
                     (ipv4->flags & IPV4_MF) != 0);
    return bytes;
}

static int step_ipv6(struct walk *walk, struct layer *layer)
{
    struct ipv6 *ipv6 = &layer->ipv6;
    int bytes = ipv6_parse(&walk->view, ipv6);
    if (bytes < 0)
        return bytes;
    int error = limit_packet(walk, IPV6_HEADER_BYTES + ipv6->payload_length);
    if (error != 0)
        return error;
    walk->network = LAYER_IPV6;
    walk->src = ipv6->src;
    walk->dst = ipv6->dst;
    walk->address_bytes = 16;
    walk_by_protocol(walk, ipv6->next_header);
    return bytes;
}

static uint8_t extension_protocol(enum layer_kind kind)
{
    switch (kind) {
    case LAYER_HOP_BY_HOP:
        return NEXT_HOP_BY_HOP;
    case LAYER_ROUTING:
        return NEXT_ROUTING;
    case LAYER_FRAGMENT:
        return NEXT_FRAGMENT;
    case LAYER_AH:
        return NEXT_AH;
    default:
        return NEXT_DESTINATION;
    }
}

/* DOC: step-extension
 * Hop-by-hop options come directly behind the IPv6 header or not at all (RFC
 * 8200 section 4.1): routers look for them there only. */
static int step_extension(struct walk *walk, struct layer *layer)
{
    struct extension *extension = &layer->extension;
    if (layer->kind == LAYER_HOP_BY_HOP && layer[-1].kind != LAYER_IPV6)
        return -EBADMSG;
    int bytes = extension_parse(&walk->view, extension_protocol(layer->kind),
                                extension);
    if (bytes < 0)
        return bytes;
    if (extension->final != NULL)
        walk->dst = extension->final;
    if (layer->kind == LAYER_FRAGMENT)
        next_of_fragment(walk, extension->next_header,
                         extension->fragment_offset, extension->more_fragments);
    else
        walk_by_protocol(walk, extension->next_header);
    return bytes;
}

static int step_icmp(struct walk *walk, struct layer *layer)
{
    int bytes = icmp_parse(&walk->view, &layer->icmp);
    if (bytes > 0)
        layer->check =
            check_transport(walk, layer->kind == LAYER_ICMPV6 ? NEXT_ICMPV6 : 0,
                            layer->icmp.checksum);
    return bytes;
}

/* DOC: limit-udp
 * A fragment holds less than the datagram's length says, and rightly so. */
static int limit_udp(struct walk *walk, size_t length)
{
    if (walk->fragment)
        return 0;
    size_t in_packet = walk->view.here;
    int error = view_limit(&walk->view, length);
    if (error == 0)
        walk->out->surplus_bytes = in_packet - walk->view.here;
    return error;
}

/* DOC: step-udp
 * A checksum of 0 says that the sender computed none.  IPv4 allows that; IPv6,
 * which has no header checksum to fall back on, does not (RFC 8200 8.1). */
static int step_udp(struct walk *walk, struct layer *layer)
{
    struct udp *udp = &layer->udp;
    int bytes = udp_parse(&walk->view, udp);
    if (bytes < 0)
        return bytes;
    int error = limit_udp(walk, udp->length);
    if (error != 0)
        return error;
    if (udp->checksum == 0 && walk->network == LAYER_IPV4) {
        layer->check.state = CHECK_NONE;
        return bytes;
    }
    layer->check = check_transport(walk, NEXT_UDP, udp->checksum);
    if (layer->check.state == CHECK_BAD && layer->check.should == 0)
        layer->check.should = 0xffff;
    return bytes;
}

static int step_tcp(struct walk *walk, struct layer *layer)
{
    int bytes = tcp_parse(&walk->view, &layer->tcp);
    if (bytes > 0)
        layer->check = check_transport(walk, NEXT_TCP, layer->tcp.checksum);
    return bytes;
}

typedef int step_fn(struct walk *walk, struct layer *layer);

static step_fn *const steps[LAYER_KINDS] = {
    [LAYER_ETHERNET] = step_ethernet,
    [LAYER_VLAN] = step_vlan,
    [LAYER_COOKED] = step_cooked,
    [LAYER_COOKED2] = step_cooked2,
    [LAYER_ARP] = step_arp,
    [LAYER_IPV4] = step_ipv4,
    [LAYER_IPV6] = step_ipv6,
    [LAYER_HOP_BY_HOP] = step_extension,
    [LAYER_ROUTING] = step_extension,
    [LAYER_FRAGMENT] = step_extension,
    [LAYER_AH] = step_extension,
    [LAYER_ICMP] = step_icmp,
    [LAYER_DESTINATION] = step_extension,
    [LAYER_ICMPV6] = step_icmp,
    [LAYER_UDP] = step_udp,
    [LAYER_TCP] = step_tcp,
};

/* ---- The walk ------------------------------------------------------------ */

static void stop_in(struct walk *walk, enum layer_kind kind, int error)
{
    struct dissection *out = walk->out;
    out->stop = error == -EAGAIN ? STOP_TRUNCATED : STOP_MALFORMED;
    out->stopped_in = kind;
    walk->next = LAYER_KINDS;
}

/* DOC: take-step */
static void take_step(struct walk *walk)
{
    struct dissection *out = walk->out;
    enum layer_kind kind = walk->next;
    if (out->layer_count == MAX_LAYERS) {
        stop_in(walk, kind, -EBADMSG);
        return;
    }
    struct layer *layer = &out->layers[out->layer_count];
    layer->kind = kind;
    layer->at = walk->view.at;
    layer->check.state = CHECK_ABSENT;
    walk->next = LAYER_KINDS;
    int bytes = steps[kind](walk, layer);
    if (bytes < 0) {
        stop_in(walk, kind, bytes);
        return;
    }
    layer->header_bytes = (size_t)bytes;
    walk->view = view_after(&walk->view, (size_t)bytes);
    out->layer_count++;
}

/* Packets without a link layer begin with IP's version. */
static enum layer_kind ip_of(const uint8_t *packet, size_t bytes)
{
    return bytes > 0 && packet[0] >> 4 == 6 ? LAYER_IPV6 : LAYER_IPV4;
}

void dissect_packet(struct dissection *dissection, enum layer_kind first,
                    const uint8_t *packet, size_t bytes)
{
    struct walk walk = {
        .out = dissection,
        .view = {packet, bytes, VIEW_NO_PROMISE},
        .next = first == LAYER_KINDS ? ip_of(packet, bytes) : first,
    };
    dissection->layer_count = 0;
    dissection->stop = STOP_END;
    dissection->missing_bytes = dissection->surplus_bytes = 0;
    dissection->padding_bytes = 0;
    while (walk.next != LAYER_KINDS)
        take_step(&walk);
    dissection->payload = walk.view.at;
    dissection->payload_bytes = walk.view.here;
    if (walk.missing_bytes > 0 && dissection->stop != STOP_MALFORMED) {
        dissection->missing_bytes = walk.missing_bytes;
        if (dissection->stop != STOP_TRUNCATED)
            dissection->stopped_in = walk.network;
        dissection->stop = STOP_TRUNCATED;
    }
}
