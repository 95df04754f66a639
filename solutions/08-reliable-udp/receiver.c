/* The receiver's rules.
 *
 *      LISTENING ──OPEN──> OPENED ──DATA, FIN──> RECEIVING ──┐
 *          ^ silence         │ another OPEN                  │ all written,
 *          └─────────────────┘ takes its place               │ verified
 *                                                            v
 *                               DONE <──DONE, silence── LINGERING
 *
 * An OPEN alone binds nobody: it may be a stray one of long ago, or its port
 * was damaged on the way, which no CRC of ours can see.  So each OPEN takes the
 * place of the one before, and only what follows makes the transfer the one in
 * hand.
 *
 * ACK of DATA says: it is here, never send it again.  ACK of FIN says more: the
 * file is on the disk, verified, under its name.  So FIN is held back from the
 * cumulative ACK until that is so, and what our peer then reports as success is
 * one.
 *
 * Invariants:
 *   written <= next <= written + buffer
 *   slot i is in use for i in [written, next) and for every i in `ranges`
 *   what was once promised as window is never taken back: edge only grows */
#include "receiver.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    WRITE_VECTORS = 64, /* segments for one writev */
    FAILED_LINGER_US = 1000 * 1000,
};

static struct slot *slot_at(const struct receiver *receiver, uint64_t index)
{
    return &receiver->slots[index % receiver->buffer];
}

static uint32_t sequence_of(const struct receiver *receiver, uint64_t index)
{
    return receiver->initial + (uint32_t)index;
}

int receiver_init(struct receiver *receiver, const char *path, unsigned buffer,
                  uint64_t rate)
{
    *receiver = (struct receiver){
        .path = path, .buffer = buffer, .rate = rate, .out.fd = -1};
    receiver->slots = calloc(buffer, sizeof(receiver->slots[0]));
    if (!receiver->slots)
        return -ENOMEM;
    /* BEGIN SOLUTION 1 */
    return 0;
    /* END SOLUTION */
    //> return -ENOSYS; /* Checkpoint 1: 0, when wire.c and this are done. */
}

void receiver_fini(struct receiver *receiver)
{
    outfile_discard(&receiver->out);
    free(receiver->slots);
    receiver->slots = NULL;
}

static void fail(struct receiver *receiver, uint8_t code, int error)
{
    outfile_discard(&receiver->out);
    receiver->state = RECEIVER_FAILED;
    receiver->code = code;
    receiver->error = error;
    receiver->answer = true;
}

/* ---- What comes in ------------------------------------------------------- */

/* BEGIN SOLUTION 1 */
static enum receiver_reaction take_open(struct receiver *receiver,
                                        const struct wire *wire,
                                        const struct sockaddr_in *from)
{
    receiver->state = RECEIVER_OPENED;
    receiver->connection = wire->connection;
    receiver->initial = wire->sequence;
    receiver->peer = *from;
    receiver->next = receiver->written = 1;
    receiver->edge = 1;
    return REACT_NOW;
}

/* Moves `next` over what is there. */
static void advance(struct receiver *receiver)
{
    while (receiver->next < receiver->written + receiver->buffer &&
           slot_at(receiver, receiver->next)->used)
        receiver->next++;
    ranges_trim(&receiver->ranges, receiver->next);
}

static bool is_sane(const struct receiver *receiver, const struct wire *wire,
                    uint64_t index)
{
    if (receiver->have_end && index > receiver->end)
        return false;
    if (wire->type == WIRE_FIN)
        return wire->payload_bytes == WIRE_FIN_BYTES;
    return wire->payload_bytes > 0 && wire->payload_bytes <= WIRE_SEGMENT_BYTES;
}

static void fill_slot(struct receiver *receiver, struct slot *slot,
                      const struct wire *wire, uint64_t index)
{
    slot->used = true;
    slot->fin = wire->type == WIRE_FIN;
    slot->bytes = (uint16_t)wire->payload_bytes;
    memcpy(slot->data, wire->payload, wire->payload_bytes);
    if (slot->fin) {
        receiver->have_end = true;
        receiver->end = index;
    }
}

/* DOC: take_segment */
/* Returns REACT_NOW for all that the sender should hear of at once: what is out
 * of order, what fills a hole, what came twice or found no room. */
static enum receiver_reaction take_segment(struct receiver *receiver,
                                           const struct wire *wire)
{
    int32_t ahead =
        seq_distance(sequence_of(receiver, receiver->next), wire->sequence);
    uint64_t index = receiver->next + (uint64_t)(int64_t)ahead;

    if (ahead < 0 || index >= receiver->written + receiver->buffer)
        return REACT_NOW;
    struct slot *slot = slot_at(receiver, index);
    if (slot->used || !is_sane(receiver, wire, index))
        return REACT_NOW;
    fill_slot(receiver, slot, wire, index);
    if (ahead > 0) {
        if (!slot->fin) /* SACK would promise what only the ACK of FIN may */
            ranges_add(&receiver->ranges, index);
        return REACT_NOW;
    }
    bool hole = receiver->ranges.count > 0;
    advance(receiver);
    return hole ? REACT_NOW : REACT_LATER;
}

/* The first segment after OPEN makes it the transfer in hand. */
static bool bind_transfer(struct receiver *receiver)
{
    int rc = outfile_open(&receiver->out, receiver->path);

    if (rc < 0)
        fail(receiver, WIRE_STORAGE, rc);
    else
        receiver->state = RECEIVER_RECEIVING;
    return rc == 0;
}

/* A RESET of the sender must lie in the window, as one of ours must. */
static void take_reset(struct receiver *receiver, const struct wire *wire)
{
    int32_t ahead =
        seq_distance(sequence_of(receiver, receiver->next), wire->sequence);

    if (ahead < 0 || (uint32_t)ahead > receiver->buffer ||
        receiver->state == RECEIVER_LINGERING)
        return;
    receiver->code = wire->code;
    receiver->state = RECEIVER_DEAD;
}

static enum receiver_reaction take_ours(struct receiver *receiver,
                                        const struct wire *wire)
{
    switch (wire->type) {
    case WIRE_OPEN:
    case WIRE_PING:
        return REACT_NOW;
    case WIRE_DATA:
    case WIRE_FIN:
        if (receiver->state == RECEIVER_OPENED && !bind_transfer(receiver))
            return REACT_NOTHING;
        return take_segment(receiver, wire);
    case WIRE_DONE:
        if (receiver->state == RECEIVER_LINGERING)
            receiver->state = RECEIVER_DONE;
        return REACT_NOTHING;
    case WIRE_RESET:
        take_reset(receiver, wire);
        return REACT_NOTHING;
    default:
        return REACT_NOTHING;
    }
}

/* Nobody's: a segment deserves to be told so; answers are never answered. */
static enum receiver_reaction take_stray(const struct wire *wire)
{
    switch (wire->type) {
    case WIRE_OPEN:
    case WIRE_DATA:
    case WIRE_FIN:
    case WIRE_PING:
        return REACT_RESET;
    default:
        return REACT_NOTHING;
    }
}

static bool is_peer(const struct receiver *receiver,
                    const struct sockaddr_in *from)
{
    return receiver->peer.sin_addr.s_addr == from->sin_addr.s_addr &&
           receiver->peer.sin_port == from->sin_port;
}
/* END SOLUTION */

/* DOC: receiver_receive */
enum receiver_reaction receiver_receive(struct receiver *receiver,
                                        const struct wire *wire,
                                        const struct sockaddr_in *from,
                                        int64_t now_us)
{
    enum receiver_reaction reaction;

    /* BEGIN SOLUTION 1 */
    bool ours = receiver->state != RECEIVER_LISTENING &&
                wire->connection == receiver->connection;
    bool bound = receiver->state != RECEIVER_LISTENING &&
                 receiver->state != RECEIVER_OPENED;

    if (!bound && wire->type == WIRE_OPEN)
        reaction = take_open(receiver, wire, from);
    else if (!ours)
        return take_stray(wire);
    else if (!is_peer(receiver, from))
        return REACT_NOTHING; /* it knows the id, yet it is somebody else */
    else if (receiver->state == RECEIVER_FAILED)
        reaction = REACT_NOW; /* with the RESET it has perhaps not seen */
    else
        reaction = take_ours(receiver, wire);
    receiver->heard_us = now_us;
    receiver->echo = wire->timestamp;
    /* END SOLUTION */
    //> /* Checkpoint 1: OPEN, then segments in order; 2: what came twice;
    //>  * 3: what came early; 8: what is not ours. */
    //> (void)receiver, (void)wire, (void)from, (void)now_us, (void)fail;
    //> (void)slot_at, (void)sequence_of; /* yours to use */
    //> reaction = REACT_NOTHING;
    return reaction;
}

/* ---- Into the file ------------------------------------------------------- */

/* BEGIN SOLUTION 1 */
static void finish_file(struct receiver *receiver)
{
    const struct slot *fin = slot_at(receiver, receiver->written);
    int rc = outfile_commit(&receiver->out, get_be64(fin->data),
                            get_be32(fin->data + 8));

    if (rc < 0) {
        fail(receiver, rc == -EBADMSG ? WIRE_DAMAGED : WIRE_STORAGE, rc);
        return;
    }
    receiver->written++;
    receiver->state = RECEIVER_LINGERING;
    receiver->answer = true;
}

/* Writes the DATA that is in order, at most `limit` segments.  Returns how many
 * bytes went out, 0 if the next is FIN or not there yet, or -errno. */
static ssize_t write_some(struct receiver *receiver, int limit)
{
    struct iovec vectors[WRITE_VECTORS];
    ssize_t bytes = 0;
    int count = 0;

    while (count < limit && receiver->written + count < receiver->next) {
        struct slot *slot = slot_at(receiver, receiver->written + count);
        if (slot->fin)
            break;
        vectors[count++] = (struct iovec){slot->data, slot->bytes};
        bytes += slot->bytes;
    }
    int rc = count ? outfile_append(&receiver->out, vectors, count) : 0;
    if (rc < 0)
        return rc;
    for (; count; count--)
        slot_at(receiver, receiver->written++)->used = false;
    return bytes;
}

/* The slow disk of -r: this many bytes keep it busy for a while. */
static void disk_is_busy(struct receiver *receiver, ssize_t bytes,
                         int64_t now_us)
{
    if (receiver->write_after_us < now_us)
        receiver->write_after_us = now_us;
    receiver->write_after_us +=
        (int64_t)((uint64_t)bytes * 1000000 / receiver->rate);
}

/* DOC: room_is_news */
/* So much new room that the sender should hear of it without asking: a quarter
 * of all, or one would be told of every single segment (RFC 9293, 3.8.6.2). */
static bool room_is_news(const struct receiver *receiver)
{
    uint64_t gained = receiver->written + receiver->buffer - receiver->edge;

    return gained >= (receiver->buffer + 3) / 4;
}
/* END SOLUTION */

/* DOC: receiver_write */
void receiver_write(struct receiver *receiver, int64_t now_us)
{
    /* BEGIN SOLUTION 1 */
    ssize_t bytes;

    while (receiver->state == RECEIVER_RECEIVING &&
           receiver->written < receiver->next &&
           (!receiver->rate || receiver->write_after_us <= now_us)) {
        bytes = write_some(receiver, receiver->rate ? 1 : WRITE_VECTORS);
        if (bytes < 0)
            fail(receiver, WIRE_STORAGE, (int)bytes);
        else if (bytes == 0)
            finish_file(receiver);
        else if (receiver->rate)
            disk_is_busy(receiver, bytes, now_us);
    }
    if (receiver->state == RECEIVER_RECEIVING && room_is_news(receiver))
        receiver->answer = true;
    /* END SOLUTION */
    //> /* Checkpoint 1: outfile_append what is in order, at FIN
    //>  * outfile_commit; 7: the slow disk of -r, and news of the window. */
    //> (void)receiver, (void)now_us;
}

/* ---- Time ---------------------------------------------------------------- */

static int64_t patience_us(const struct receiver *receiver)
{
    switch (receiver->state) {
    case RECEIVER_OPENED:
    case RECEIVER_RECEIVING:
        return RECEIVER_PATIENCE_US;
    case RECEIVER_LINGERING:
        return RECEIVER_LINGER_US;
    case RECEIVER_FAILED:
        return FAILED_LINGER_US;
    default:
        return INT64_MAX;
    }
}

void receiver_tick(struct receiver *receiver, int64_t now_us)
{
    /* BEGIN SOLUTION 8 */
    if (now_us - receiver->heard_us < patience_us(receiver))
        return;
    if (receiver->state == RECEIVER_OPENED)
        receiver->state = RECEIVER_LISTENING; /* a stray OPEN, it seems */
    else if (receiver->state == RECEIVER_RECEIVING)
        receiver->state = RECEIVER_DEAD;
    else if (receiver->state == RECEIVER_LINGERING)
        receiver->state = RECEIVER_DONE;
    else
        receiver->over = true;
    /* END SOLUTION */
    //> /* Checkpoint 8: a silent sender; the end of lingering. */
    //> (void)receiver, (void)now_us;
}

int64_t receiver_deadline_us(const struct receiver *receiver)
{
    int64_t patience = patience_us(receiver);
    int64_t deadline_us = INT64_MAX;

    if (patience != INT64_MAX)
        deadline_us = receiver->heard_us + patience;
    if (receiver->state == RECEIVER_RECEIVING && receiver->rate &&
        receiver->written < receiver->next &&
        receiver->write_after_us < deadline_us)
        deadline_us = receiver->write_after_us;
    return deadline_us;
}

/* ---- What goes out ------------------------------------------------------- */

/* DOC: receiver_answer */
void receiver_answer(struct receiver *receiver, struct wire *answer)
{
    /* BEGIN SOLUTION 1 */
    uint64_t acked = receiver->next;

    if (receiver->have_end && acked > receiver->end &&
        receiver->written <= receiver->end)
        acked = receiver->end; /* FIN has arrived, but the file is not whole */
    *answer = (struct wire){
        .type = WIRE_ACK,
        .connection = receiver->connection,
        .ack = sequence_of(receiver, acked),
        .window = (uint32_t)(receiver->written + receiver->buffer - acked),
        .echo = receiver->echo,
    };
    if (receiver->state == RECEIVER_FAILED) {
        answer->type = WIRE_RESET;
        answer->code = receiver->code;
    }
    for (size_t i = 0; i < receiver->ranges.count && i < WIRE_MAX_SACKS; i++) {
        const struct range *range = &receiver->ranges.list[i];
        answer->sacks[i].first = sequence_of(receiver, range->first);
        answer->sacks[i].end = sequence_of(receiver, range->end);
        answer->sack_count++;
    }
    receiver->edge = receiver->written + receiver->buffer;
    /* END SOLUTION */
    //> /* Checkpoint 1: ACK, window, echo; 6: ranges; 8: RESET on failure. */
    //> *answer = (struct wire){.type = WIRE_ACK};
    receiver->echo = 0; /* who was not asked has nothing to echo */
    receiver->answer = false;
}

void receiver_refuse(const struct receiver *receiver, const struct wire *wire,
                     struct wire *answer)
{
    bool idle = receiver->state == RECEIVER_LISTENING;

    *answer = (struct wire){
        .type = WIRE_RESET,
        .connection = wire->connection,
        .ack = wire->sequence, /* proof that we have seen it */
        .code = wire->type == WIRE_OPEN && !idle ? WIRE_BUSY : WIRE_UNKNOWN,
        .echo = wire->timestamp,
    };
}
