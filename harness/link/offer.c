/* The way of one packet through a link.
 *
 *  1  It gets its names (units) and passes the script's rules, whatever becomes
 *     of it: both count packets, and a count must not depend on fates.
 *  2  A cut, a black hole, the script or the profile may end it here.
 *  3  Else it and each copy the link makes of it are admitted to the line,
 * which gives the time it is due, and recorded as it came in. 4  Only then is
 * it changed (a flipped bit, a mark) and sent, or kept until it is due. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <wirelab/time.h>

#include "link/mangle.h"
#include "link/wire.h"

enum { MAX_COPIES = 8, NOTE_BYTES = 320, ICMP_UNREACHABLE = 3 };

struct offer {
    struct wire *wire;
    struct wire_link *link;
    struct direction *direction;
    struct flight *flight;
    uint8_t *ip;
    size_t ip_bytes;
    unsigned to;
    bool readable; /* `view` is filled */
    struct view view;
    struct unit units[FLOW_MAX_UNITS];
    size_t unit_count;
    struct script_verdict script;
    struct fate fate;
};

/* ---- Recording ----------------------------------------------------------- */

static uint32_t record(const struct offer *offer, unsigned fate, int64_t due_ns,
                       uint32_t copy_of, const char *note)
{
    const struct flight *flight = offer->flight;
    return capture_add(offer->wire->capture,
                       &(struct capture_entry){
                           .link = offer->link->link,
                           .from = offer->direction->port,
                           .to = offer->to,
                           .fate = fate,
                           .copy_of = copy_of,
                           .sent_ns = flight->sent_ns,
                           .due_ns = due_ns,
                           .data = flight_packet(offer->flight),
                           .captured_bytes = flight->bytes,
                           .length_bytes = flight->bytes,
                           .note = note,
                       });
}

static void drop(const struct offer *offer, unsigned fate, const char *note)
{
    record(offer, fate, offer->flight->sent_ns, 0, note);
    if (offer->flight != offer->wire->spare)
        flight_give(offer->wire->flights, offer->flight);
}

/* ---- 1: names ------------------------------------------------------------ */

static void find_ip(struct offer *offer)
{
    struct flight *flight = offer->flight;
    int at = 0;
    if (offer->link->link_bytes > 0)
        at = view_ethernet(flight_packet(flight), flight->bytes);
    offer->ip = flight_packet(flight) + (at < 0 ? 0 : at);
    offer->ip_bytes = at < 0 ? 0 : flight->bytes - (size_t)at;
    offer->readable = offer->ip_bytes > 0 &&
                      view_read(&offer->view, offer->ip, offer->ip_bytes) == 0;
}

static void find_receiver(struct offer *offer)
{
    const struct flight *flight = offer->flight;
    if (offer->link->table == NULL) {
        offer->to = !offer->direction->port;
        return;
    }
    int port = switch_forward(offer->link->table, offer->direction->port,
                              flight_packet(offer->flight), flight->bytes);
    offer->to =
        port < 0 || port == SWITCH_ALL ? CAPTURE_TO_ALL : (unsigned)port;
}

static void name(struct offer *offer)
{
    struct direction *direction = offer->direction;
    uint64_t seed = fater_seed(&direction->fater, &direction->profile);
    find_ip(offer);
    find_receiver(offer);
    offer->unit_count = 0;
    if (offer->readable)
        offer->unit_count =
            flows_units(offer->link->flows, seed, direction->port, &offer->view,
                        offer->units, FLOW_MAX_UNITS);
    offer->script = (struct script_verdict){0};
    if (offer->link->scripted)
        script_match(offer->link->script, direction->port, offer->to,
                     flight_packet(offer->flight), offer->flight->bytes,
                     offer->flight->bytes, &offer->script);
}

/* ---- 2: what ends it ----------------------------------------------------- */

static bool is_cut(struct offer *offer)
{
    const char *line = NULL;
    char note[NOTE_BYTES];
    bool cut = offer->link->down;
    if (!cut && offer->link->scripted)
        cut = script_is_cut(offer->link->script, offer->flight->sent_ns, &line);
    if (!cut)
        return false;
    snprintf(note, sizeof(note), "lost: %s", line ? line : "the link is down");
    offer->direction->counters.cut++;
    drop(offer, FATE_CUT, note);
    return true;
}

/* A router's message that a packet is too big: ICMP "fragmentation needed"
 * (RFC 1191) or ICMPv6 "packet too big" (RFC 8201). */
static bool is_too_big(const struct offer *offer)
{
    const struct view *view = &offer->view;
    const uint8_t *icmp = offer->ip + view->transport_offset;
    if (view->fragment || view->transport_offset + 2 > offer->ip_bytes)
        return false;
    if (view->protocol == IPPROTO_ICMP)
        return icmp[0] == ICMP_UNREACHABLE && icmp[1] == 4;
    return view->protocol == IPPROTO_ICMPV6 && icmp[0] == 2;
}

static bool is_swallowed(struct offer *offer)
{
    const struct wire *wire = offer->wire;
    if (!wire->any_silent || !offer->readable || !is_too_big(offer))
        return false;
    const struct host *sender =
        offer->link->link->ports[offer->direction->port].host;
    if (!wire->silent[sender->index])
        return false;
    offer->direction->counters.lost++;
    drop(offer, FATE_LOST, "lost: \"packet too big\" swallowed (link_mtu)");
    return true;
}

static bool is_dropped(struct offer *offer)
{
    char note[NOTE_BYTES] = "lost: ";
    if (offer->script.actions & SCRIPT_DROP)
        snprintf(note, sizeof(note), "lost: %s", offer->script.reason);
    else if (offer->fate.bits & FATE_LOST)
        fate_reason(&offer->fate, FATE_LOST, &offer->direction->profile,
                    offer->units, note, sizeof(note));
    else
        return false;
    offer->direction->counters.lost++;
    drop(offer, FATE_LOST, note);
    return true;
}

static void decide(struct offer *offer, unsigned copy, struct fate *fate)
{
    struct direction *direction = offer->direction;
    fate_decide(&direction->fater, &direction->profile, offer->units,
                offer->unit_count, copy,
                offer->readable && offer->view.ecn_capable, fate);
}

/* ---- 3: admission -------------------------------------------------------- */

/* What a copy that was admitted still has to suffer. */
struct change {
    struct flight *flight;
    bool corrupt, mark;
    uint64_t draw;
};

static unsigned bits_of(const struct offer *offer, const struct fate *fate,
                        unsigned copy)
{
    unsigned bits = fate->bits & (FATE_CORRUPT | FATE_REORDERED | FATE_MARKED);
    if (copy > 0)
        bits |= FATE_DUPLICATE;
    if (offer->script.actions & SCRIPT_HOLD)
        bits |= FATE_HELD;
    if (copy == 0 && (offer->script.actions & SCRIPT_CORRUPT))
        bits |= FATE_CORRUPT;
    return bits;
}

static void count(struct link_counters *counters, unsigned bits)
{
    counters->corrupted += (bits & FATE_CORRUPT) != 0;
    counters->reordered += (bits & FATE_REORDERED) != 0;
    counters->marked += (bits & FATE_MARKED) != 0;
    counters->held += (bits & FATE_HELD) != 0;
}

/* The one to be explained if several things happen to a packet. */
static unsigned first_of(unsigned bits)
{
    if (bits & FATE_CORRUPT)
        return FATE_CORRUPT;
    return bits & FATE_MARKED ? FATE_MARKED : FATE_REORDERED;
}

/* Says which bit will be flipped and why, or what the script did.  The flip is
 * tried and undone, for the record shows the packet as it came in. */
static const char *explain(const struct offer *offer, const struct fate *fate,
                           unsigned bits, uint64_t draw, char *note)
{
    int n = 0;
    note[0] = '\0';
    if (bits & FATE_CORRUPT) {
        int64_t bit = mangle_flip(offer->ip, offer->ip_bytes, draw);
        if (bit >= 0)
            mangle_flip(offer->ip, offer->ip_bytes, draw);
        n = snprintf(note, NOTE_BYTES,
                     "corrupted (bit %lld): ", (long long)bit);
    }
    if (offer->script.actions & (SCRIPT_CORRUPT | SCRIPT_HOLD))
        snprintf(note + n, (size_t)(NOTE_BYTES - n), "%s",
                 offer->script.reason);
    else
        fate_reason(fate, first_of(bits), &offer->direction->profile,
                    offer->units, note + n, (size_t)(NOTE_BYTES - n));
    return note;
}

static uint64_t corrupt_draw(const struct offer *offer, const struct fate *fate)
{
    return offer->script.actions & SCRIPT_CORRUPT ? offer->script.draw
                                                  : fate->corrupt_draw;
}

/* The buffer of a copy: the original's own for copy 0. */
static struct flight *buffer_of(const struct offer *offer, unsigned copy)
{
    struct flight *original = offer->flight;
    if (copy == 0 && original != offer->wire->spare)
        return original;
    struct flight *flight = flight_take(offer->wire->flights, original->bytes);
    if (flight == NULL)
        return NULL;
    memcpy(flight_vnet(flight), flight_vnet(original),
           VNET_BYTES + original->bytes);
    flight->bytes = original->bytes;
    flight->direction = original->direction;
    flight->sent_ns = original->sent_ns;
    return flight;
}

/* Admits the copy.  Returns false if the line or our own memory is full. */
static bool admit(struct offer *offer, const struct fate *fate, unsigned copy,
                  uint32_t copy_of, struct change *change)
{
    struct direction *direction = offer->direction;
    int64_t due_ns, sent_ns = offer->flight->sent_ns;
    if (line_admit(&direction->line, &direction->profile, sent_ns,
                   offer->flight->bytes, fate, &due_ns) < 0) {
        direction->counters.overflow++;
        record(offer, FATE_OVERFLOW, sent_ns, copy_of, NULL);
        return false;
    }
    /* Behind the line, not in it: a rate keeps the order of what it queues, and
     * would make all others wait for the one that is held. */
    due_ns += offer->script.hold_ns;
    struct flight *flight = buffer_of(offer, copy);
    if (flight == NULL) {
        line_leave(&direction->line);
        direction->counters.internal++;
        record(offer, FATE_INTERNAL, sent_ns, copy_of, NULL);
        return false;
    }
    unsigned bits = bits_of(offer, fate, copy);
    uint64_t draw = corrupt_draw(offer, fate);
    char note[NOTE_BYTES];
    bool special = (bits & ~(unsigned)FATE_DUPLICATE) != 0;
    count(&direction->counters, bits);
    flight->number =
        record(offer, bits | FATE_IN_FLIGHT, due_ns, copy_of,
               special ? explain(offer, fate, bits, draw, note) : NULL);
    flight->due_ns = due_ns;
    flight->segments = 1;
    flight->fate = bits;
    flight->to = offer->to;
    *change = (struct change){flight, (bits & FATE_CORRUPT) != 0,
                              (bits & FATE_MARKED) != 0, draw};
    return true;
}

/* A copy has a fate of its own; it may be lost, but is not copied again. */
static bool admit_copy(struct offer *offer, unsigned copy, uint32_t copy_of,
                       struct change *change)
{
    struct fate fate;
    char note[NOTE_BYTES] = "lost";
    decide(offer, copy, &fate);
    offer->direction->counters.duplicated++;
    if ((fate.bits & FATE_LOST) == 0)
        return admit(offer, &fate, copy, copy_of, change);
    fate_reason(&fate, FATE_LOST, &offer->direction->profile, offer->units,
                note, sizeof(note));
    offer->direction->counters.lost++;
    record(offer, FATE_LOST | FATE_DUPLICATE, offer->flight->sent_ns, copy_of,
           note);
    return false;
}

/* ---- 4: departure -------------------------------------------------------- */

static void suffer(const struct offer *offer, const struct change *change)
{
    struct flight *flight = change->flight;
    uint8_t *packet = flight_packet(flight);
    uint8_t *ip = packet + (offer->ip - flight_packet(offer->flight));
    if (change->mark)
        (void)mangle_mark_ce(ip, offer->ip_bytes); /* it was capable */
    if (!change->corrupt)
        return;
    struct virtio_net_hdr vnet;
    memcpy(&vnet, flight_vnet(flight), sizeof(vnet));
    gso_finish_checksum(packet, flight->bytes, &vnet);
    memcpy(flight_vnet(flight), &vnet, sizeof(vnet));
    (void)mangle_flip(ip, offer->ip_bytes, change->draw);
}

static unsigned copies_of(const struct offer *offer)
{
    unsigned copies = (offer->fate.bits & FATE_DUPLICATE) != 0;
    if (offer->script.actions & SCRIPT_DUPLICATE)
        copies += offer->script.copies;
    return copies < MAX_COPIES ? copies : MAX_COPIES;
}

static void send_all(struct offer *offer)
{
    struct change changes[1 + MAX_COPIES];
    struct flight *original = offer->flight;
    unsigned n = 0, copies = copies_of(offer);
    uint32_t number = 0;
    bool kept = admit(offer, &offer->fate, 0, 0, &changes[0]);
    if (kept)
        number = changes[n++].flight->number;
    for (unsigned copy = 1; kept && copy <= copies; copy++)
        n += admit_copy(offer, copy, number, &changes[n]);
    for (unsigned i = 0; i < n; i++)
        suffer(offer, &changes[i]);
    for (unsigned i = 0; i < n; i++)
        wire_dispatch(offer->wire, changes[i].flight);
    if (!kept && original != offer->wire->spare)
        flight_give(offer->wire->flights, original);
}

static void take_change_of_profile(struct wire_link *link, int64_t now_ns)
{
    struct profile profile;
    while (script_take_profile(link->script, now_ns, &profile)) {
        for (unsigned i = 0; i < link->link->port_count; i++)
            wire_set_profile(link, i, &profile);
    }
}

static void offer_one(struct wire *wire, struct flight *flight)
{
    struct offer offer;
    offer.wire = wire;
    offer.flight = flight;
    offer.direction = flight->direction;
    offer.link = flight->direction->link;
    name(&offer);
    offer.direction->counters.packets++;
    offer.direction->counters.bytes += flight->bytes - offer.link->link_bytes;
    if (is_cut(&offer) || is_swallowed(&offer))
        return;
    decide(&offer, 0, &offer.fate);
    if (offer.direction->decides)
        fatelog_add(wire->fatelog, offer.link->link->index,
                    offer.direction->port, offer.units, &offer.fate);
    if (!is_dropped(&offer))
        send_all(&offer);
}

void wire_offer(struct wire *wire, struct flight *flight)
{
    struct wire_link *link = flight->direction->link;
    struct virtio_net_hdr vnet;
    struct gso gso;
    if (link->scripted)
        take_change_of_profile(link, flight->sent_ns);
    memcpy(&vnet, flight_vnet(flight), sizeof(vnet));
    if (vnet.gso_type == VIRTIO_NET_HDR_GSO_NONE ||
        gso_read(&gso, &vnet, flight_packet(flight), flight->bytes,
                 link->link_bytes) < 0)
        offer_one(wire, flight);
    else
        wire_offer_super(wire, flight, &gso);
}
