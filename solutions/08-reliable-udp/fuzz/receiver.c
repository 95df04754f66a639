/* Fuzzes receiver_receive() and all behind it: any datagrams, in any order.
 *
 * There is no socket and no disk: OUTFILE stays in memory under /dev/shm.  Four
 * bytes are a step; numbers are near what is wanted, with a buffer of eight
 * segments.  What must hold, after each step: next and written in their order
 * and within the buffer; nothing is acknowledged that did not come; the edge of
 * the window is never taken back; FIN is acknowledged only when the file is
 * there. */
#include <arpa/inet.h>
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "crc32c.h"
#include "receiver.h"

enum { BUFFER = 8, SEGMENTS = 20, CONNECTION = 7 };
#define INITIAL UINT32_C(0xfffffff8) /* wraps after eight segments */

struct rig {
    struct receiver receiver;
    struct sockaddr_in peer;
    int32_t edge;            /* as last told, relative to INITIAL */
    bool came[SEGMENTS + 2]; /* by index */
    uint8_t payload[16];
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The whole file is SEGMENTS times one byte, its index. */
static void make_payload(struct rig *rig, struct wire *wire, uint32_t index)
{
    uint32_t crc = 0;

    wire->payload = rig->payload;
    wire->payload_bytes = 1;
    rig->payload[0] = (uint8_t)index;
    if (wire->type != WIRE_FIN)
        return;
    for (unsigned i = 1; i <= SEGMENTS; i++) {
        uint8_t byte = (uint8_t)i;
        crc = crc32c(crc, &byte, 1);
    }
    put_be64(rig->payload, SEGMENTS);
    put_be32(rig->payload + 8, crc);
    wire->payload_bytes = WIRE_FIN_BYTES;
}

static void check_answer(struct rig *rig)
{
    struct wire answer;
    receiver_answer(&rig->receiver, &answer);
    int32_t acked = (int32_t)(answer.ack - INITIAL);
    int32_t edge = acked + (int32_t)answer.window;

    if (answer.type != WIRE_ACK)
        return;
    assert(acked >= 1 && acked <= SEGMENTS + 2);
    for (int32_t i = 1; i < acked; i++)
        assert(rig->came[i]);
    assert(answer.window <= BUFFER && edge >= rig->edge);
    rig->edge = edge;
    for (unsigned i = 0; i < answer.sack_count; i++) {
        int32_t first = (int32_t)(answer.sacks[i].first - INITIAL);
        int32_t end = (int32_t)(answer.sacks[i].end - INITIAL);
        assert(acked < first && first < end && end <= edge);
        for (; first < end; first++)
            assert(rig->came[first]);
    }
    assert((acked == SEGMENTS + 2) ==
           (rig->receiver.state == RECEIVER_LINGERING ||
            rig->receiver.state == RECEIVER_DONE));
}

static void check(const struct rig *rig)
{
    const struct receiver *receiver = &rig->receiver;

    assert(receiver->written <= receiver->next);
    assert(receiver->next <= receiver->written + BUFFER);
    assert(receiver->state != RECEIVER_FAILED);
    for (uint64_t i = receiver->written; i < receiver->next; i++)
        assert(receiver->slots[i % BUFFER].used);
}

/* What a right sender could say: DATA 1..20, FIN 21. */
static void say(struct rig *rig, const uint8_t step[4])
{
    static const enum wire_type types[] = {WIRE_DATA, WIRE_DATA, WIRE_FIN,
                                           WIRE_PING, WIRE_OPEN, WIRE_DONE};
    uint32_t index = 1 + step[1] % (SEGMENTS + 1);
    struct wire wire = {
        .type = types[step[0] % (sizeof(types) / sizeof(types[0]))],
        .connection = CONNECTION ^ (step[2] & 0x80),
        .timestamp = step[3],
    };
    struct sockaddr_in from = rig->peer;

    if (index > SEGMENTS && wire.type == WIRE_DATA)
        index = SEGMENTS;
    if (wire.type == WIRE_FIN)
        index = SEGMENTS + 1;
    if (wire.type == WIRE_OPEN)
        index = 0;
    wire.sequence = INITIAL + index;
    if (wire.type == WIRE_DATA || wire.type == WIRE_FIN)
        make_payload(rig, &wire, index);
    from.sin_port ^= step[2] & 0x40;
    if (wire.connection == CONNECTION && from.sin_port == rig->peer.sin_port)
        rig->came[index] = true;
    if (wire.type == WIRE_OPEN &&
        (wire.connection != CONNECTION || from.sin_port != rig->peer.sin_port))
        return; /* an OPEN of others may be taken, while nothing follows */
    if (receiver_receive(&rig->receiver, &wire, &from, 0) == REACT_NOW)
        check_answer(rig);
}

static void open_transfer(struct rig *rig)
{
    struct wire open = {
        .type = WIRE_OPEN, .connection = CONNECTION, .sequence = INITIAL};
    enum receiver_reaction reaction =
        receiver_receive(&rig->receiver, &open, &rig->peer, 0);

    assert(reaction == REACT_NOW);
    check_answer(rig);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rig rig = {.peer = {.sin_family = AF_INET, .sin_port = 9}};
    char path[64];

    snprintf(path, sizeof(path), "/dev/shm/fuzz-rrecv-%d", (int)getpid());
    assert(receiver_init(&rig.receiver, path, BUFFER, 0) == 0);
    open_transfer(&rig);
    for (; size >= 4; data += 4, size -= 4) {
        say(&rig, data);
        receiver_write(&rig.receiver, 0);
        check(&rig);
    }
    receiver_fini(&rig.receiver);
    (void)unlink(path); /* there if the file became whole */
    return 0;
}
