/* The way of one packet through a link.
 *
 *  1  It gets its names (units) and passes the script's rules, whatever becomes
 *     of it: both count packets, and a count must not depend on fates.
 *  2  A false sender, a cut, a black hole, the script or the profile may end it
 *     here.
 *  3  Else it and its copies are admitted to the line, recorded, changed and
 *     sent: admit.c. */
#include <stdio.h>
#include <string.h>

#include "link/guard.h"
#include "link/offer.h"

uint32_t offer_record(const struct offer *offer, unsigned fate, int64_t due_ns,
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

void offer_decide(struct offer *offer, unsigned copy, struct fate *fate)
{
    struct direction *direction = offer->direction;
    fate_decide(&direction->fater, &direction->profile, offer->units,
                offer->unit_count, copy,
                offer->readable && offer->view.ecn_capable, fate);
}

static void drop(const struct offer *offer, unsigned fate, const char *note)
{
    offer_record(offer, fate, offer->flight->sent_ns, 0, note);
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
    char note[OFFER_NOTE_BYTES];
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

static bool is_swallowed(struct offer *offer)
{
    const struct wire *wire = offer->wire;
    if (!wire->any_silent || !offer->readable ||
        !view_is_too_big(&offer->view, offer->ip, offer->ip_bytes))
        return false;
    const struct host *sender =
        offer->link->link->ports[offer->direction->port].host;
    if (!wire->silent[sender->index])
        return false;
    offer->direction->counters.lost++;
    drop(offer, FATE_LOST, "lost: \"packet too big\" swallowed (link_mtu)");
    return true;
}

static bool is_forged(struct offer *offer)
{
    const struct direction *direction = offer->direction;
    struct flight *flight = offer->flight;
    if (!direction->guarded ||
        guard_passes(&offer->link->link->ports[direction->port],
                     flight_packet(flight), flight->bytes,
                     offer->readable ? &offer->view : NULL))
        return false;
    offer->direction->counters.lost++;
    drop(offer, FATE_LOST,
         "lost: its source is not an address of the host that sent it");
    return true;
}

static bool is_dropped(struct offer *offer)
{
    char note[OFFER_NOTE_BYTES] = "lost: ";
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
    struct offer offer; /* units are many: only those found are written */
    offer.fate.bits = 0;
    offer.wire = wire;
    offer.flight = flight;
    offer.direction = flight->direction;
    offer.link = flight->direction->link;
    name(&offer);
    offer.direction->counters.packets++;
    offer.direction->counters.bytes += flight->bytes - offer.link->link_bytes;
    if (is_forged(&offer) || is_cut(&offer) || is_swallowed(&offer))
        return;
    offer_decide(&offer, 0, &offer.fate);
    if (offer.direction->decides)
        fatelog_add(wire->fatelog, offer.link->link->index,
                    offer.direction->port, offer.units, &offer.fate);
    if (!is_dropped(&offer))
        offer_send(&offer);
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
