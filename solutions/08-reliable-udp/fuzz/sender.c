/* Fuzzes sender_receive() and the scoreboard behind it: what ACKs, RESETs and
 * passing time can do to a sender, in any order.
 *
 * Time is a parameter and there is no socket: the input is the network and the
 * clock.  Four bytes are a step; ACKs are mostly near what is outstanding, for
 * from afar they are all alike.  What must hold, after each step: the sums of
 * the scoreboard; never more under way than -w allows, nothing sent beyond the
 * receiver's window; no end but by an ACK of FIN, a RESET of something
 * outstanding, or silence. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sender.h"

enum { WINDOW = 8, SEGMENTS = 12, CONNECTION = 7 };
#define INITIAL UINT32_C(0xfffffff8) /* wraps after eight segments */

struct rig {
    struct sender sender;
    struct udp_out *out;
    int64_t now_us, heard_us;
    int32_t limit; /* first segment beyond all windows that were offered */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int make_file(void)
{
    int file = memfd_create("fuzz", MFD_CLOEXEC);

    assert(file >= 0);
    assert(ftruncate(file, SEGMENTS * WIRE_SEGMENT_BYTES) == 0);
    return file;
}

static unsigned count_state(const struct flight *flight,
                            enum segment_state state)
{
    unsigned count = 0;

    for (uint64_t i = flight->first; i < flight->next; i++)
        count += flight->slots[i & flight->mask].state == state;
    return count;
}

static void check(const struct rig *rig)
{
    const struct flight *flight = &rig->sender.flight;

    assert(flight->first <= flight->next);
    assert(flight->next - flight->first <= WINDOW);
    assert(flight->next <= SEGMENTS + 2);
    assert(flight->under_way == count_state(flight, SEGMENT_SENT));
    assert(flight->lost == count_state(flight, SEGMENT_LOST));
    assert(flight->taken == count_state(flight, SEGMENT_TAKEN));
    assert(flight->newest_order <= flight->order);
    if (rig->sender.state == SENDER_DONE)
        assert(flight->first == SEGMENTS + 2);
    if (rig->sender.state == SENDER_DEAD)
        assert(rig->now_us - rig->heard_us >= SENDER_PATIENCE_US);
}

/* What was sent is sound, of this transfer, and within the window. */
static void check_sent(const struct rig *rig)
{
    const uint8_t *at = rig->out->data;

    for (unsigned i = 0; i < rig->out->count; at += rig->out->lengths[i++]) {
        struct wire wire;
        assert(wire_decode(&wire, at, rig->out->lengths[i]) > 0);
        assert(wire.connection == CONNECTION);
        assert(wire.type != WIRE_ACK && wire.type != WIRE_RESET);
        if (wire.type != WIRE_PING)
            assert((int32_t)(wire.sequence - INITIAL) < rig->limit);
    }
}

static void fill(struct rig *rig)
{
    int added;

    sender_tick(&rig->sender, rig->now_us);
    do {
        added = sender_fill(&rig->sender, rig->out, rig->now_us);
        assert(added >= 0);
        check_sent(rig);
        rig->out->count = 0;
        rig->out->bytes = 0;
    } while (added > 0);
}

/* Could a receiver have said that?  It speaks of nothing that was not sent. */
static bool is_possible(const struct wire *wire, uint32_t next)
{
    if (wire->connection != CONNECTION || seq_distance(next, wire->ack) > 0)
        return false;
    for (unsigned i = 0; i < wire->sack_count; i++)
        if (seq_distance(next, wire->sacks[i].end) > 0)
            return false;
    return true;
}

static struct wire make_answer(const struct rig *rig, const uint8_t step[4],
                               uint32_t next)
{
    struct wire wire = {
        .type = step[0] & 0x40 ? WIRE_RESET : WIRE_ACK,
        .connection = CONNECTION ^ (step[0] & 0x20),
        .ack = next - (uint32_t)((int8_t)step[1] / 8),
        .window = step[2] & 15,
        .echo = flight_timestamp(rig->now_us - step[2] * 256),
        .sack_count = step[0] & 0x40 ? 0 : step[0] & 3,
    };
    for (unsigned i = 0; i < wire.sack_count; i++) {
        wire.sacks[i].first = next - (step[3] >> i) % WINDOW;
        wire.sacks[i].end = wire.sacks[i].first + 1 + (step[3] >> 6);
    }
    return wire;
}

static void answer(struct rig *rig, const uint8_t step[4])
{
    uint32_t next = INITIAL + (uint32_t)rig->sender.flight.next;
    struct wire wire = make_answer(rig, step, next);
    int32_t offered = (int32_t)(wire.ack + wire.window - INITIAL);
    enum sender_state before = rig->sender.state;

    if (before == SENDER_RUNNING && wire.type == WIRE_ACK &&
        is_possible(&wire, next)) {
        rig->heard_us = rig->now_us;
        if (offered > rig->limit)
            rig->limit = offered;
    }
    sender_receive(&rig->sender, &wire, rig->now_us);
    if (before != rig->sender.state)
        assert(before == SENDER_RUNNING && is_possible(&wire, next));
    if (before != rig->sender.state && wire.type == WIRE_RESET)
        assert(rig->sender.state == SENDER_REFUSED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int file = make_file();
    struct rig rig = {.out = malloc(sizeof(*rig.out)), .limit = 1};

    assert(rig.out);
    udp_out_init(rig.out, -1); /* never flushed */
    assert(sender_init(&rig.sender, file, WINDOW, CONNECTION, INITIAL, 0) == 0);
    fill(&rig);
    for (; size >= 4; data += 4, size -= 4) {
        if (data[0] & 0x80) /* up to 2 s pass */
            rig.now_us += (int64_t)(data[1] << 8 | data[2]) * 32;
        else
            answer(&rig, data);
        fill(&rig);
        check(&rig);
    }
    sender_fini(&rig.sender);
    free(rig.out);
    (void)close(file); /* in memory only */
    return 0;
}
