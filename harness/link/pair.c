/* Pairing the packets that enter and leave; see pair.h.
 *
 * Packets are known by a hash of their bytes.  ECN bits and the IPv4 header's
 * checksum are left out of it, since the link may set a mark.  The same bytes
 * may enter more than once (a retransmission by a program of its own has even
 * the same IP id, 0): of those that are waited for, the one that was due
 * nearest to now is taken.
 *
 * A packet is lost when it has not come out although the profile's longest
 * delay is over, and some patience beyond, since a busy machine is late.  So a
 * loss is known somewhat later than it happens. */
#include "link/pair.h"

#include <stdlib.h>
#include <string.h>

#include <wirelab/time.h>

#include "base/strbuf.h"
#include "link/view.h"

enum {
    BUCKETS = 4096,
    ETHERNET_BYTES = 14,
    PACKET_BYTES = 1514, /* for how long a full queue takes */
    JITTER_FACTOR = 8,   /* no distribution of tc goes further */
};
#define PATIENCE_NS MSECONDS(500)

/* A packet that entered. */
struct entry {
    struct entry *later;  /* in order of entering */
    struct entry *bucket; /* next of the same bucket */
    uint64_t hash;
    int64_t sent_ns, due_ns, given_up_ns;
    uint32_t number; /* of its record */
    uint32_t length_bytes, captured_bytes;
    unsigned to;
    bool left, cut;
    bool may_be_lost; /* by chance: else it can only have overflowed */
    uint8_t data[];
};

struct pairing {
    struct capture *capture;
    const struct link *link;
    unsigned port;
    struct lateness *lateness;
    struct profile profile;
    int64_t longest_ns; /* that the profile may keep a packet */
    bool down, silent;
    struct entry *oldest, **newest; /* `newest` is where the next goes */
    struct entry *buckets[BUCKETS];
    struct link_counters counters;
};

struct pairing *pairing_new(struct capture *capture, const struct link *link,
                            unsigned port, struct lateness *lateness)
{
    struct pairing *pairing = mem_zalloc(sizeof(*pairing));
    pairing->capture = capture;
    pairing->link = link;
    pairing->port = port;
    pairing->lateness = lateness;
    pairing->newest = &pairing->oldest;
    return pairing;
}

void pairing_free(struct pairing *pairing)
{
    while (pairing && pairing->oldest) {
        struct entry *entry = pairing->oldest;
        pairing->oldest = entry->later;
        free(entry);
    }
    free(pairing);
}

const struct link_counters *pairing_counters(const struct pairing *pairing)
{
    return &pairing->counters;
}

void pairing_missed(struct pairing *pairing, uint64_t frames)
{
    pairing->counters.internal += frames;
}

/* ---- The profile --------------------------------------------------------- */

static int64_t longest_ns(const struct profile *profile)
{
    int64_t ns = profile->delay_ns + JITTER_FACTOR * profile->jitter_ns;
    if (profile->rate_bps > 0)
        ns += (int64_t)((double)profile->limit_pkts * PACKET_BYTES * 8e9 /
                        (double)profile->rate_bps);
    const struct slots *slots = &profile->slots;
    if (slots->on)
        ns +=
            slots->max_ns + slots->delay_ns + JITTER_FACTOR * slots->jitter_ns;
    return ns;
}

void pairing_profile(struct pairing *pairing, const struct profile *profile)
{
    pairing->profile = *profile;
    pairing->longest_ns = longest_ns(profile);
}

void pairing_down(struct pairing *pairing, bool down)
{
    pairing->down = down;
}

void pairing_silence(struct pairing *pairing, bool silent)
{
    pairing->silent = silent;
}

/* Whether every packet takes just the profile's delay: only then is it known
 * when one is due. */
static bool is_timed(const struct profile *profile)
{
    return profile->delay_ns > 0 && profile->jitter_ns == 0 &&
           profile->rate_bps == 0 && !profile->slots.on &&
           profile->reorder.percent <= 0;
}

/* ---- Frames -------------------------------------------------------------- */

static bool is_ours(const struct pairing *pairing, const struct frame *frame)
{
    return frame->captured_bytes > ETHERNET_BYTES &&
           (pairing->link->ethernet || frame_ip_offset(frame) > 0);
}

static bool is_swallowed(const struct pairing *pairing,
                         const struct frame *frame)
{
    struct view view;
    size_t at = frame_ip_offset(frame);
    return pairing->silent && at > 0 &&
           view_read(&view, frame->data + at, frame->captured_bytes - at) ==
               0 &&
           view_is_too_big(&view, frame->data + at, frame->captured_bytes - at);
}

/* ---- Entering ------------------------------------------------------------ */

static uint32_t record(const struct pairing *pairing, const struct frame *frame,
                       unsigned to, unsigned fate, uint32_t copy_of,
                       int64_t due_ns)
{
    size_t skip = pairing->link->ethernet ? 0 : frame_ip_offset(frame);
    return capture_add(pairing->capture,
                       &(struct capture_entry){
                           .link = pairing->link,
                           .from = pairing->port,
                           .to = to,
                           .fate = fate,
                           .copy_of = copy_of,
                           .sent_ns = frame->time_ns,
                           .due_ns = due_ns,
                           .data = frame->data + skip,
                           .captured_bytes = frame->captured_bytes - skip,
                           .length_bytes = frame->length_bytes - skip,
                       });
}

static void list(struct pairing *pairing, struct entry *entry)
{
    struct entry **bucket = &pairing->buckets[entry->hash % BUCKETS];
    entry->bucket = *bucket;
    *bucket = entry;
    *pairing->newest = entry;
    pairing->newest = &entry->later;
}

void pairing_enter(struct pairing *pairing, const struct frame *frame,
                   unsigned to)
{
    if (!is_ours(pairing, frame))
        return;
    const struct profile *profile = &pairing->profile;
    int64_t due_ns = frame->time_ns + profile->delay_ns;
    struct entry *entry = mem_zalloc(sizeof(*entry) + frame->captured_bytes);
    *entry = (struct entry){
        .hash = frame_hash(frame),
        .sent_ns = frame->time_ns,
        .due_ns = due_ns,
        .given_up_ns = frame->time_ns + pairing->longest_ns + PATIENCE_NS,
        .number = record(pairing, frame, to, FATE_IN_FLIGHT, 0, due_ns),
        .length_bytes = (uint32_t)frame->length_bytes,
        .captured_bytes = (uint32_t)frame->captured_bytes,
        .to = to,
        .cut = pairing->down,
        .may_be_lost =
            profile->loss.model != LOSS_NONE || is_swallowed(pairing, frame),
    };
    memcpy(entry->data, frame->data, frame->captured_bytes);
    list(pairing, entry);
    pairing->counters.packets++;
    pairing->counters.bytes += frame->length_bytes - ETHERNET_BYTES;
}

/* ---- Leaving ------------------------------------------------------------- */

static struct frame sent_frame(const struct entry *entry)
{
    return (struct frame){entry->data, entry->captured_bytes,
                          entry->length_bytes, entry->sent_ns};
}

static int64_t distance_ns(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

/* The packet of these bytes that was due nearest to now, among those that have
 * left or have not. */
static struct entry *find(const struct pairing *pairing, uint64_t hash,
                          const struct frame *frame, bool left)
{
    struct entry *best = NULL;
    struct entry *entry = pairing->buckets[hash % BUCKETS];
    for (; entry; entry = entry->bucket) {
        if (entry->hash != hash || entry->left != left ||
            entry->length_bytes != frame->length_bytes)
            continue;
        if (best == NULL || distance_ns(entry->due_ns, frame->time_ns) <=
                                distance_ns(best->due_ns, frame->time_ns))
            best = entry; /* buckets hold the newest first: ties, the oldest */
    }
    return best;
}

static struct entry *find_corrupted(const struct pairing *pairing,
                                    const struct frame *frame)
{
    for (struct entry *entry = pairing->oldest; entry; entry = entry->later) {
        const struct frame sent = sent_frame(entry);
        if (!entry->left && frame_differs_by_bit(&sent, frame))
            return entry;
    }
    return NULL;
}

/* netem sends a reordered packet at once, ahead of those that it delays. */
static bool was_sent_ahead(const struct pairing *pairing,
                           const struct entry *entry, int64_t now_ns)
{
    return pairing->profile.reorder.percent > 0 &&
           now_ns - entry->sent_ns < pairing->profile.delay_ns / 4;
}

static void deliver(struct pairing *pairing, struct entry *entry,
                    const struct frame *frame, unsigned fate)
{
    struct link_counters *counters = &pairing->counters;
    const struct frame sent = sent_frame(entry);
    if (frame_ecn(frame) != frame_ecn(&sent))
        fate |= FATE_MARKED;
    if (was_sent_ahead(pairing, entry, frame->time_ns))
        fate |= FATE_REORDERED;
    if (is_timed(&pairing->profile))
        lateness_add(pairing->lateness, pairing->profile.delay_ns,
                     frame->time_ns - entry->due_ns, 1);
    entry->left = true;
    counters->delivered++;
    counters->marked += (fate & FATE_MARKED) != 0;
    counters->reordered += (fate & FATE_REORDERED) != 0;
    counters->corrupted += (fate & FATE_CORRUPT) != 0;
    capture_settle(pairing->capture, entry->number, fate | FATE_DELIVERED,
                   frame->time_ns);
}

static void deliver_copy(struct pairing *pairing, const struct entry *original,
                         const struct frame *frame)
{
    unsigned fate = FATE_DELIVERED | FATE_DUPLICATE;
    uint32_t number = record(pairing, frame, original->to, fate,
                             original->number, frame->time_ns);
    capture_settle(pairing->capture, number, fate, frame->time_ns);
    pairing->counters.delivered++;
    pairing->counters.duplicated++;
}

void pairing_leave(struct pairing *pairing, const struct frame *frame)
{
    if (!is_ours(pairing, frame))
        return;
    uint64_t hash = frame_hash(frame);
    struct entry *entry = find(pairing, hash, frame, false);
    if (entry) {
        deliver(pairing, entry, frame, 0);
        return;
    }
    entry = find(pairing, hash, frame, true);
    if (entry) {
        deliver_copy(pairing, entry, frame);
        return;
    }
    entry = find_corrupted(pairing, frame);
    if (entry)
        deliver(pairing, entry, frame, FATE_CORRUPT);
    else /* it was given up: the machine is hopelessly late */
        pairing->counters.internal++;
}

/* ---- Giving up ----------------------------------------------------------- */

static void settle_lost(struct pairing *pairing, const struct entry *entry)
{
    struct link_counters *counters = &pairing->counters;
    unsigned fate = entry->cut           ? FATE_CUT
                    : entry->may_be_lost ? FATE_LOST
                                         : FATE_OVERFLOW;
    counters->cut += fate == FATE_CUT;
    counters->lost += fate == FATE_LOST;
    counters->overflow += fate == FATE_OVERFLOW;
    capture_settle(pairing->capture, entry->number, fate, 0);
}

static void drop_oldest(struct pairing *pairing)
{
    struct entry *entry = pairing->oldest;
    struct entry **at = &pairing->buckets[entry->hash % BUCKETS];
    while (*at != entry)
        at = &(*at)->bucket;
    *at = entry->bucket;
    pairing->oldest = entry->later;
    if (pairing->oldest == NULL)
        pairing->newest = &pairing->oldest;
    free(entry);
}

int64_t pairing_expire(struct pairing *pairing, int64_t now_ns)
{
    while (pairing->oldest && pairing->oldest->given_up_ns <= now_ns) {
        if (!pairing->oldest->left)
            settle_lost(pairing, pairing->oldest);
        drop_oldest(pairing);
    }
    return pairing->oldest ? pairing->oldest->given_up_ns : INT64_MAX;
}

void pairing_end(struct pairing *pairing, int64_t now_ns)
{
    while (pairing->oldest) {
        const struct entry *entry = pairing->oldest;
        if (!entry->left && entry->given_up_ns - PATIENCE_NS < now_ns)
            settle_lost(pairing, entry);
        drop_oldest(pairing);
    }
}
