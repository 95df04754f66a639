/* Reads the capture as the story of each segment; see common.h. */
#include <stdlib.h>

#include "common.h"

enum { LOST_FATES = FATE_LOST | FATE_CUT | FATE_OVERFLOW };

/* Did the datagram reach the other program as it was sent? */
static bool arrived(const struct packet *packet)
{
    return packet->fate & FATE_DELIVERED && !(packet->fate & FATE_CORRUPT);
}

static bool next_message(struct rig *rig, const char *filter,
                         struct packet *packet, struct wire *wire)
{
    while (capture_next(rig->net, filter, packet->number, packet))
        if (packet->payload &&
            message_read(wire, packet->payload, packet->payload_bytes))
            return true;
    return false;
}

static uint32_t initial_of(struct rig *rig, int64_t *sent_ns)
{
    struct packet packet = {0};
    struct wire wire;

    if (!next_message(rig, OPEN, &packet, &wire))
        test_fail("rsend sent no sound OPEN");
    *sent_ns = packet.sent_ns;
    return wire.sequence;
}

static void enter(struct ledger *ledger, struct entry *entry,
                  const struct packet *packet)
{
    if (!entry->arrived && arrived(packet) &&
        packet->delivered_ns > ledger->data_last_ns)
        ledger->data_last_ns = packet->delivered_ns;
    if (packet->copy_of) { /* the link's doing, not the sender's */
        entry->arrived += arrived(packet);
        return;
    }
    if (ledger->sends++ == 0)
        ledger->data_first_ns = packet->sent_ns;
    ledger->lost += (packet->fate & LOST_FATES) != 0;
    if (entry->sends == 0)
        entry->first_ns = packet->sent_ns;
    else if (entry->sends == 1)
        entry->second_ns = packet->sent_ns;
    if (entry->sends++)
        ledger->resends++;
    if (entry->arrived) {
        entry->needless++;
        ledger->needless++;
    }
    entry->arrived += arrived(packet);
}

/* Silent unless it fails: a step for each packet is nothing to read. */
static uint32_t index_of(const struct ledger *ledger, uint32_t sequence)
{
    uint32_t index = sequence - ledger->initial;

    if (index >= 1 && index <= ledger->segments)
        return index;
    step("check: every DATA has one of the file's sequence numbers");
    test_fail("DATA has sequence number %u; OPEN had %u and the file has %u "
              "segments, so %u to %u was expected",
              sequence, ledger->initial, ledger->segments, ledger->initial + 1,
              ledger->initial + ledger->segments);
}

struct ledger ledger_read(struct rig *rig, size_t bytes)
{
    struct ledger ledger = {.segments = segments_of(bytes)};
    struct packet packet = {0};
    struct wire wire;

    ledger.initial = initial_of(rig, &ledger.first_ns);
    ledger.entries = calloc(ledger.segments + 1, sizeof(ledger.entries[0]));
    while (next_message(rig, DATA, &packet, &wire))
        enter(&ledger, &ledger.entries[index_of(&ledger, wire.sequence)],
              &packet);
    packet.number = 0;
    while (next_message(rig, ACK, &packet, &wire))
        if (packet.delivered_ns)
            ledger.last_ns = packet.delivered_ns;
    return ledger;
}

void timed_transfer(struct rig *rig, const struct ledger *ledger,
                    int64_t bearable_ns)
{
    timed(rig->net, ledger->first_ns, ledger->last_ns, bearable_ns);
}

void timed_goodput(struct rig *rig, const struct ledger *ledger, size_t bytes,
                   double least_bps, int64_t bearable_ns)
{
    int64_t allowed_ns = (int64_t)((double)bytes * 8e9 / least_bps);

    timed_transfer(rig, ledger, bearable_ns);
    timed_sum(ledger->last_ns - ledger->first_ns - allowed_ns);
}

void timed_from_open(struct rig *rig, int64_t bearable_ns)
{
    int64_t opened_ns;

    (void)initial_of(rig, &opened_ns);
    timed(rig->net, opened_ns, INT64_MAX, bearable_ns);
}

double file_goodput_bps(const struct ledger *ledger, size_t bytes)
{
    double seconds = (double)(ledger->last_ns - ledger->first_ns) / 1e9;

    return seconds > 0 ? (double)bytes * 8 / seconds : 0;
}

/* ---- Windows ------------------------------------------------------------- */

/* What the sender knows once an ACK has reached it. */
struct known {
    int64_t at_ns;
    uint32_t ack, limit; /* relative to OPEN; limit: first beyond the window */
};

static int by_time(const void *a, const void *b)
{
    const struct known *x = a, *y = b;

    return (x->at_ns > y->at_ns) - (x->at_ns < y->at_ns);
}

static size_t read_acks(struct rig *rig, uint32_t initial, struct known **acks)
{
    size_t count = 0, room = (size_t)capture_count(rig->net, ACK);
    struct packet packet = {0};
    struct wire wire;

    *acks = calloc(room + 1, sizeof(**acks));
    while (count < room && next_message(rig, ACK, &packet, &wire))
        if (arrived(&packet))
            (*acks)[count++] = (struct known){
                .at_ns = packet.delivered_ns,
                .ack = wire.ack - initial,
                .limit = wire.ack - initial + wire.window,
            };
    qsort(*acks, count, sizeof(**acks), by_time);
    return count;
}

typedef void judge_fn(const struct known *known, uint32_t index,
                      const struct packet *packet, unsigned limit);

/* Shows each DATA to the judge beside the best the sender knew by then. */
static void walk(struct rig *rig, judge_fn *judge, unsigned limit)
{
    struct packet packet = {0};
    struct known known = {0}, *acks;
    struct wire wire;
    int64_t opened_ns;
    uint32_t initial = initial_of(rig, &opened_ns);
    size_t count = read_acks(rig, initial, &acks), i = 0;

    while (next_message(rig, DATA, &packet, &wire)) {
        if (packet.copy_of)
            continue;
        for (; i < count && acks[i].at_ns <= packet.sent_ns; i++) {
            if (acks[i].ack > known.ack)
                known.ack = acks[i].ack;
            if (acks[i].limit > known.limit)
                known.limit = acks[i].limit;
        }
        judge(&known, wire.sequence - initial, &packet, limit);
    }
    free(acks);
}

static void judge_under_way(const struct known *known, uint32_t index,
                            const struct packet *packet, unsigned limit)
{
    if (index - known->ack < limit || index < known->ack)
        return;
    test_fail("DATA %u (packet #%u) was sent when segments %u to %u were still "
              "without an ACK; with -w %u at most %u may be",
              index, packet->number, known->ack, index - 1, limit, limit);
}

void expect_under_way_at_most(struct rig *rig, unsigned limit)
{
    step("check: at most %u segments are without an ACK at any time", limit);
    walk(rig, judge_under_way, limit);
}

static void judge_window(const struct known *known, uint32_t index,
                         const struct packet *packet, unsigned limit)
{
    (void)limit;
    if (index < known->limit)
        return;
    test_fail("DATA %u (packet #%u) was sent though the receiver had room for "
              "segments before %u only: ACK %u with a window of %u was the "
              "last that could be known",
              index, packet->number, known->limit, known->ack,
              known->limit - known->ack);
}

void expect_window_respected(struct rig *rig)
{
    step("check: no segment is sent beyond the receiver's window");
    walk(rig, judge_window, 0);
}
