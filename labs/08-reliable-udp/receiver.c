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
    return -ENOSYS; /* Checkpoint 1: 0, when wire.c and this are done. */
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


/* DOC: receiver_receive */
enum receiver_reaction receiver_receive(struct receiver *receiver,
                                        const struct wire *wire,
                                        const struct sockaddr_in *from,
                                        int64_t now_us)
{
    enum receiver_reaction reaction;

    /* Checkpoint 1: OPEN, then segments in order; 2: what came twice;
     * 3: what came early; 8: what is not ours. */
    (void)receiver, (void)wire, (void)from, (void)now_us, (void)fail;
    (void)slot_at, (void)sequence_of; /* yours to use */
    reaction = REACT_NOTHING;
    return reaction;
}

/* ---- Into the file ------------------------------------------------------- */


/* DOC: receiver_write */
void receiver_write(struct receiver *receiver, int64_t now_us)
{
    /* Checkpoint 1: outfile_append what is in order, at FIN
     * outfile_commit; 7: the slow disk of -r, and news of the window. */
    (void)receiver, (void)now_us;
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
    /* Checkpoint 8: a silent sender; the end of lingering. */
    (void)receiver, (void)now_us;
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
    /* Checkpoint 1: ACK, window, echo; 6: ranges; 8: RESET on failure. */
    *answer = (struct wire){.type = WIRE_ACK};
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
