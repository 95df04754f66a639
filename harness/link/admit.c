/* Admission: the second half of a packet's way (offer.c tells the first).
 *
 * The packet and every copy the link makes of it get a place in the line, which
 * says when they are due, and a record that shows them as they came in.  Only
 * when all have both are they changed (a flipped bit, a mark) and sent, so that
 * neither a copy nor a record sees what the original suffers. */
#include <stdio.h>
#include <string.h>

#include "link/mangle.h"
#include "link/offer.h"

enum { MAX_COPIES = 8 };

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

/* A reason begins with what happened, which the note has said by then. */
static void leave_out(char *reason, const char *words)
{
    size_t length = strlen(words);
    if (strncmp(reason, words, length) == 0)
        memmove(reason, reason + length, strlen(reason + length) + 1);
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
        n = snprintf(note, OFFER_NOTE_BYTES,
                     "corrupted (bit %lld): ", (long long)bit);
    }
    if (offer->script.actions & (SCRIPT_CORRUPT | SCRIPT_HOLD))
        snprintf(note + n, (size_t)(OFFER_NOTE_BYTES - n), "%s",
                 offer->script.reason);
    else
        fate_reason(fate, first_of(bits), &offer->direction->profile,
                    offer->units, note + n, (size_t)(OFFER_NOTE_BYTES - n));
    if (bits & FATE_CORRUPT)
        leave_out(note + n, "corrupted: ");
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
        offer_record(offer, FATE_OVERFLOW, sent_ns, copy_of, NULL);
        return false;
    }
    /* Behind the line, not in it: a rate keeps the order of what it queues, and
     * would make all others wait for the one that is held. */
    due_ns += offer->script.hold_ns;
    struct flight *flight = buffer_of(offer, copy);
    if (flight == NULL) {
        line_leave(&direction->line);
        direction->counters.internal++;
        offer_record(offer, FATE_INTERNAL, sent_ns, copy_of, NULL);
        return false;
    }
    unsigned bits = bits_of(offer, fate, copy);
    uint64_t draw = corrupt_draw(offer, fate);
    char note[OFFER_NOTE_BYTES];
    bool special = (bits & ~(unsigned)FATE_DUPLICATE) != 0;
    count(&direction->counters, bits);
    flight->number =
        offer_record(offer, bits | FATE_IN_FLIGHT, due_ns, copy_of,
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
    char note[OFFER_NOTE_BYTES] = "lost";
    offer_decide(offer, copy, &fate);
    offer->direction->counters.duplicated++;
    if ((fate.bits & FATE_LOST) == 0)
        return admit(offer, &fate, copy, copy_of, change);
    fate_reason(&fate, FATE_LOST, &offer->direction->profile, offer->units,
                note, sizeof(note));
    offer->direction->counters.lost++;
    offer_record(offer, FATE_LOST | FATE_DUPLICATE, offer->flight->sent_ns,
                 copy_of, note);
    return false;
}

/* ---- Departure ----------------------------------------------------------- */

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

void offer_send(struct offer *offer)
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
