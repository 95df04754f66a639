/* Neighbour discovery; see ndp.h.
 *
 * A question goes not to all but to the group of those whose address ends in
 * the same 24 bits, ff02::1:ffXX:XXXX, mostly one machine.  And each message
 * must have a hop limit of 255: a router lowers it, so that nobody beyond one
 * can send what arrives with 255 (RFC 4861 section 11.2). */
#include "ndp.h"

#include <string.h>

#include "bytes.h"
#include "icmp6.h"
#include "ip4.h"
#include "ip6.h"
//> #include "say.h"

/* BEGIN SOLUTION 5 */
enum {
    MESSAGE_BYTES = NDP_BYTES + NDP_OPTION_BYTES,
    FLAG_ROUTER = 0x80,
    FLAG_SOLICITED = 0x40,
    FLAG_OVERRIDE = 0x20,
};

static struct addr group_of(const struct addr *target)
{
    return (struct addr){.high = (uint64_t)0xff02 << 48,
                         .low =
                             (uint64_t)0x01ff << 24 | (target->low & 0xffffff),
                         .bits = ADDR6_BITS};
}

static const struct addr all_nodes = {(uint64_t)0xff02 << 48, 1, ADDR6_BITS};

/* Sends a message with an option that tells our hardware address. */
static void send_message(const struct iface *iface, unsigned type,
                         unsigned flags, const struct addr *target,
                         const struct addr *from, const struct addr *to,
                         const uint8_t *to_mac)
{
    uint8_t frame[ETHER_BYTES + IP6_BYTES + MESSAGE_BYTES] = {0};
    uint8_t *ip = frame + ETHER_BYTES, *message = ip + IP6_BYTES;
    ip6_header(ip, MESSAGE_BYTES, PROTO_ICMP6, NDP_HOP_LIMIT, from, to);
    message[0] = (uint8_t)type;
    message[4] = (uint8_t)flags;
    addr_put(message + 8, target);
    message[NDP_BYTES] = type == ICMP6_NEIGHBOUR_SOLICITATION
                             ? NDP_OPTION_SOURCE
                             : NDP_OPTION_TARGET;
    message[NDP_BYTES + 1] = 1;
    memcpy(message + NDP_BYTES + 2, iface->mac, MAC_BYTES);
    icmp6_seal(ip, IP6_BYTES, IP6_BYTES + MESSAGE_BYTES);
    iface_send(iface, to_mac, TYPE_IP6, frame, sizeof(frame));
}

/* DOC: find-option
 * Finds an option with a MAC in it.  *sound is false if one has the length 0,
 * which would be read for ever, or reaches beyond the message. */
static const uint8_t *find_option(const uint8_t *message, size_t bytes,
                                  unsigned type, bool *sound)
{
    const uint8_t *found = NULL;
    *sound = true;
    for (size_t at = NDP_BYTES; at < bytes;) {
        size_t length = at + 1 < bytes ? message[at + 1] * 8u : 0;
        if (length == 0 || at + length > bytes) {
            *sound = false;
            return NULL;
        }
        if (message[at] == type && length == NDP_OPTION_BYTES)
            found = message + at + 2;
        at += length;
    }
    return found;
}

/* Who has no address yet (::) asks whether one is taken; the answer then goes
 * to all, for there is nobody else to send it to. */
static void answer(struct router *router, struct iface *in,
                   const struct addr *target, const struct addr *asker,
                   const uint8_t *asker_mac)
{
    if (asker->high == 0 && asker->low == 0) {
        uint8_t mac[MAC_BYTES];
        mac_of_group(mac, &all_nodes);
        send_message(in, ICMP6_NEIGHBOUR_ADVERTISEMENT,
                     FLAG_ROUTER | FLAG_OVERRIDE, target, target, &all_nodes,
                     mac);
        return;
    }
    if (asker_mac == NULL)
        return; /* asked without saying who; RFC 4861 section 4.3 demands it */
    neigh_learn(router, in, asker, asker_mac, true);
    send_message(in, ICMP6_NEIGHBOUR_ADVERTISEMENT,
                 FLAG_ROUTER | FLAG_SOLICITED | FLAG_OVERRIDE, target, target,
                 asker, asker_mac);
}

/* END SOLUTION */
/* DOC: ndp-input
 * A solicitation may leave its source's hardware address out when it goes to
 * one machine, as a check whether that is still there: then the frame tells. */
void ndp_input(struct router *router, const struct packet *packet, size_t at)
{
    /* BEGIN SOLUTION 5 */
    const uint8_t *message = packet->ip + at;
    size_t bytes = packet->bytes - at;
    bool asks = message[0] == ICMP6_NEIGHBOUR_SOLICITATION, sound;
    if (packet->ip[7] != NDP_HOP_LIMIT || message[1] != 0 || bytes < NDP_BYTES)
        return;
    const uint8_t *mac = find_option(
        message, bytes, asks ? NDP_OPTION_SOURCE : NDP_OPTION_TARGET, &sound);
    struct addr source = addr_get(packet->ip + 8, ADDR6_BITS);
    struct addr target = addr_get(message + 8, ADDR6_BITS);
    if (!sound || ip6_is_multicast(&target))
        return;
    if (asks && mac == NULL && !packet->group)
        mac = packet->ip - ETHER_BYTES + MAC_BYTES;
    if (!asks && mac)
        neigh_learn(router, packet->in, &target, mac, false);
    else if (asks && iface_has(packet->in, &target))
        answer(router, packet->in, &target, &source, mac);
    /* END SOLUTION */
    //> (void)router, (void)packet, (void)at;
    //> UNWRITTEN_HERE(5, "ndp_input() in ndp.c");
}

void ndp_solicit(struct iface *iface, const struct addr *target)
{
    /* BEGIN SOLUTION 5 */
    uint8_t mac[MAC_BYTES];
    struct addr group = group_of(target);
    const struct addr *from = iface_source(iface, target);
    mac_of_group(mac, &group);
    if (from)
        send_message(iface, ICMP6_NEIGHBOUR_SOLICITATION, 0, target, from,
                     &group, mac);
    /* END SOLUTION */
    //> (void)iface, (void)target;
    //> UNWRITTEN_HERE(5, "ndp_solicit() in ndp.c");
}
