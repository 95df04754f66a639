/* Fast mode: a super-packet is decided upon segment by segment, and moved run
 * by run.
 *
 * Every segment has units, a fate and a record of its own, as if it had been a
 * packet.  Neighbours that survive and are due at the same time make a run,
 * which is written as one smaller super-packet; if all of them do, which is
 * what makes fast mode fast, the buffer passes through untouched.
 *
 *      segments   0 1 2 3 4 5 6 7        3 is lost, 5 is copied
 *      runs       0-2   4 5-5' 6-7       what the receiver's device gets
 *
 * Where a profile times each packet, marks, or has a script, the link takes no
 * super-packets any more (wire.c); those already under way are cut into the
 * packets they stand for. */
#include <stdio.h>
#include <string.h>

#include "link/mangle.h"
#include "link/wire.h"

enum { NOTE_BYTES = 320, MAX_HEADER_BYTES = 14 + 60 + 60 + 256 };

struct super {
    struct wire *wire;
    struct direction *direction;
    struct flight *flight;
    const struct gso *gso;
    bool last; /* no segment follows: the buffer itself may be sent on */
    bool used; /* it was */
    /* The run that is being collected. */
    unsigned first, count;
    int64_t due_ns;
    uint32_t number;
};

/* What was decided about one segment. */
struct segment {
    unsigned index;
    struct unit units[FLOW_MAX_UNITS];
    size_t unit_count;
    struct fate fate;
};

static uint32_t record(const struct super *super, unsigned segment,
                       unsigned fate, int64_t due_ns, uint32_t copy_of,
                       const char *note)
{
    const struct gso *gso = super->gso;
    const uint8_t *packet = flight_packet(super->flight);
    uint8_t header[MAX_HEADER_BYTES];
    if (capture_is_full(super->wire->capture))
        return capture_add(super->wire->capture, NULL);
    gso_run_header(gso, packet, segment, 1, header);
    size_t payload = gso_segment_payload(gso, segment);
    return capture_add(
        super->wire->capture,
        &(struct capture_entry){
            .link = super->direction->link->link,
            .from = super->direction->port,
            .to = super->flight->to,
            .fate = fate,
            .copy_of = copy_of,
            .sent_ns = super->flight->sent_ns,
            .due_ns = due_ns,
            .data = header,
            .captured_bytes = gso->header_bytes,
            .length_bytes = gso->header_bytes + payload,
            .rest = packet + gso->header_bytes + segment * gso->mss_bytes,
            .rest_bytes = payload,
            .note = note,
        });
}

static void fill(struct flight *flight, const struct super *super,
                 int64_t due_ns, uint32_t number, unsigned segments,
                 unsigned fate)
{
    flight->direction = super->direction;
    flight->sent_ns = super->flight->sent_ns;
    flight->to = super->flight->to;
    flight->due_ns = due_ns;
    flight->number = number;
    flight->segments = segments;
    flight->fate = fate;
}

/* Makes a packet of some segments.  Returns NULL when memory is full: the run
 * is void, and says so. */
static struct flight *cut_out(const struct super *super, unsigned first,
                              unsigned count)
{
    struct virtio_net_hdr vnet;
    struct flight *flight =
        flight_take(super->wire->flights,
                    super->gso->header_bytes + count * super->gso->mss_bytes);
    if (flight == NULL)
        return NULL;
    flight->bytes =
        (uint32_t)gso_run(super->gso, flight_packet(super->flight), first,
                          count, flight_packet(flight), &vnet);
    memcpy(flight_vnet(flight), &vnet, sizeof(vnet));
    return flight;
}

static void overrun(struct super *super, uint32_t number, unsigned segments)
{
    super->direction->counters.internal += segments;
    for (unsigned i = 0; i < segments; i++) {
        line_leave(&super->direction->line);
        if (number != 0)
            capture_settle(super->wire->capture, number + i, FATE_INTERNAL, 0);
    }
}

/* Sends what was collected. */
static void end_run(struct super *super)
{
    unsigned count = super->count;
    struct flight *flight = super->flight;
    if (count == 0)
        return;
    super->count = 0;
    if (super->last && count == super->gso->segments &&
        flight != super->wire->spare)
        super->used = true;
    else
        flight = cut_out(super, super->first, count);
    if (flight == NULL) {
        overrun(super, super->number, count);
        return;
    }
    fill(flight, super, super->due_ns, super->number, count, 0);
    wire_dispatch(super->wire, flight);
}

/* Sends one segment by itself: a corrupted one, or a copy. */
static void send_alone(struct super *super, const struct segment *segment,
                       const struct fate *fate, int64_t due_ns, uint32_t number,
                       unsigned bits)
{
    struct flight *flight = cut_out(super, segment->index, 1);
    if (flight == NULL) {
        overrun(super, number, 1);
        return;
    }
    if (bits & FATE_CORRUPT) {
        struct virtio_net_hdr vnet;
        size_t link_bytes = super->gso->link_bytes;
        memcpy(&vnet, flight_vnet(flight), sizeof(vnet));
        gso_finish_checksum(flight_packet(flight), flight->bytes, &vnet);
        memcpy(flight_vnet(flight), &vnet, sizeof(vnet));
        (void)mangle_flip(flight_packet(flight) + link_bytes,
                          flight->bytes - link_bytes, fate->corrupt_draw);
    }
    fill(flight, super, due_ns, number, 1, bits);
    wire_dispatch(super->wire, flight);
}

static void decide(const struct super *super, struct segment *segment,
                   unsigned copy, struct fate *fate)
{
    fate_decide(&super->direction->fater, &super->direction->profile,
                segment->units, segment->unit_count, copy, false, fate);
}

static void lose(struct super *super, const struct segment *segment,
                 const struct fate *fate, uint32_t copy_of)
{
    char note[NOTE_BYTES] = "lost";
    fate_reason(fate, FATE_LOST, &super->direction->profile, segment->units,
                note, sizeof(note));
    super->direction->counters.lost++;
    record(super, segment->index,
           copy_of ? FATE_LOST | FATE_DUPLICATE : FATE_LOST,
           super->flight->sent_ns, copy_of, note);
}

/* Admits a segment to the line and records it.  Returns false if it was lost on
 * the way. */
static bool admit(struct super *super, const struct segment *segment,
                  const struct fate *fate, unsigned bits, uint32_t copy_of,
                  int64_t *due_ns, uint32_t *number)
{
    struct direction *direction = super->direction;
    size_t bytes = super->gso->header_bytes +
                   gso_segment_payload(super->gso, segment->index);
    char note[NOTE_BYTES];
    const char *why = NULL;
    if (fate->bits & FATE_LOST) {
        lose(super, segment, fate, copy_of);
        return false;
    }
    if (line_admit(&direction->line, &direction->profile,
                   super->flight->sent_ns, bytes, fate, due_ns) < 0) {
        direction->counters.overflow++;
        record(super, segment->index, FATE_OVERFLOW, super->flight->sent_ns,
               copy_of, NULL);
        return false;
    }
    if ((bits & FATE_CORRUPT) != 0 &&
        fate_reason(fate, FATE_CORRUPT, &direction->profile, segment->units,
                    note, sizeof(note)) > 0)
        why = note;
    *number = record(super, segment->index, bits | FATE_IN_FLIGHT, *due_ns,
                     copy_of, why);
    return true;
}

/* Whether a segment goes on where the run ends.  Its record has to follow, too:
 * that of a copy which was lost may stand between. */
static bool continues(const struct super *super, unsigned index, int64_t due_ns,
                      uint32_t number)
{
    uint32_t next = super->number ? super->number + super->count : 0;
    return super->first + super->count == index && super->due_ns == due_ns &&
           number == next;
}

static void add_to_run(struct super *super, unsigned index, int64_t due_ns,
                       uint32_t number)
{
    if (super->count > 0 && !continues(super, index, due_ns, number))
        end_run(super);
    if (super->count++ > 0)
        return;
    super->first = index;
    super->due_ns = due_ns;
    super->number = number;
}

static void send_copy(struct super *super, struct segment *segment,
                      uint32_t copy_of)
{
    struct fate fate;
    int64_t due_ns;
    uint32_t number;
    decide(super, segment, 1, &fate);
    super->direction->counters.duplicated++;
    unsigned bits = FATE_DUPLICATE | (fate.bits & FATE_CORRUPT);
    if (!admit(super, segment, &fate, bits, copy_of, &due_ns, &number))
        return;
    end_run(super); /* the original goes first */
    super->direction->counters.corrupted += (bits & FATE_CORRUPT) != 0;
    send_alone(super, segment, &fate, due_ns, number, bits);
}

static void offer_segment(struct super *super, struct segment *segment)
{
    struct direction *direction = super->direction;
    const struct fate *fate = &segment->fate;
    int64_t due_ns;
    uint32_t number;
    decide(super, segment, 0, &segment->fate);
    if (direction->decides)
        fatelog_add(super->wire->fatelog, direction->link->link->index,
                    direction->port, segment->units, fate);
    unsigned bits = fate->bits & FATE_CORRUPT;
    if (!admit(super, segment, fate, bits, 0, &due_ns, &number))
        return;
    if (bits == 0) {
        add_to_run(super, segment->index, due_ns, number);
    } else {
        end_run(super);
        direction->counters.corrupted++;
        send_alone(super, segment, fate, due_ns, number, bits);
    }
    if (fate->bits & FATE_DUPLICATE)
        send_copy(super, segment, number);
}

static void offer_segments(struct super *super)
{
    struct direction *direction = super->direction;
    const struct gso *gso = super->gso;
    uint64_t seed = fater_seed(&direction->fater, &direction->profile);
    for (unsigned i = 0; i < gso->segments; i++) {
        struct segment segment;
        struct view view;
        gso_segment_view(gso, i, &view);
        segment.index = i;
        segment.unit_count =
            flows_units(direction->link->flows, seed, direction->port, &view,
                        segment.units, FLOW_MAX_UNITS);
        direction->counters.packets++;
        direction->counters.bytes += view.ip_bytes;
        offer_segment(super, &segment);
    }
    super->last = true;
    end_run(super);
}

/* Offers the segments as the packets they stand for. */
static void offer_cut_up(struct super *super)
{
    for (unsigned i = 0; i < super->gso->segments; i++) {
        struct virtio_net_hdr vnet;
        struct flight *flight = cut_out(super, i, 1);
        if (flight == NULL) {
            super->direction->counters.internal++;
            continue;
        }
        memcpy(&vnet, flight_vnet(flight), sizeof(vnet));
        gso_finish_checksum(flight_packet(flight), flight->bytes, &vnet);
        memset(flight_vnet(flight), 0, VNET_BYTES);
        fill(flight, super, 0, 0, 1, 0);
        wire_offer(super->wire, flight);
    }
}

/* Whether segments can go together: nothing about the link just now looks at
 * them one by one. */
static bool can_stay_whole(const struct wire_link *link)
{
    return link->fast && !link->down && !link->scripted && link->table == NULL;
}

void wire_offer_super(struct wire *wire, struct flight *flight,
                      const struct gso *gso)
{
    struct super super = {.wire = wire,
                          .direction = flight->direction,
                          .flight = flight,
                          .gso = gso};
    flight->to = !flight->direction->port;
    if (can_stay_whole(flight->direction->link))
        offer_segments(&super);
    else
        offer_cut_up(&super);
    if (!super.used && flight != wire->spare)
        flight_give(wire->flights, flight);
}
