/* The sender's rules.
 *
 * Every segment has an index: 0 is OPEN, 1..n are the file's segments, n + 1 is
 * FIN.  All three kinds are sent, acknowledged, lost and resent alike; index i
 * travels as sequence number `initial + i` modulo 2^32.
 *
 * What may go out now, in this order (sender_fill):
 *   1. PING, when the receiver has no room and must be asked again;
 *   2. the lowest lost segment;    both while fewer segments are under way than
 *   3. the next new segment,       the congestion window; 3 also within the
 *                                  receiver's window and -w.
 *
 * One timer serves all segments.  It runs from the last thing that was good to
 * know, and when it expires one segment goes out, however many are missing: if
 * the path was only slow, the ACK's echo tells so, and nothing else was sent in
 * vain; if it was broken, the ACK of that one tells which others are lost, for
 * they were sent before it (flight_detect).
 *
 * Nothing is declared lost while ACKs wait in the socket.  A process that had
 * to wait for a CPU finds dozens of them, and the second may acknowledge what
 * the first makes look overdue.  So sender_receive only takes in; sender_tick
 * judges, once all that had come by `now_us` is in. */
#include "sender.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crc32c.h"

enum {
    TOLERANCE_MIN = 4,
    TOLERANCE_MAX = 16,
    INDEX_OPEN = 0,
    INDEX_DATA = 1,
};

static uint64_t index_of_fin(const struct sender *sender)
{
    return INDEX_DATA + sender->segments;
}

static uint32_t sequence_of(const struct sender *sender, uint64_t index)
{
    return sender->initial + (uint32_t)index;
}

/* Which index does a sequence number from the receiver mean?  What lies before
 * the first outstanding one is old news and counts as that one. */
static uint64_t index_of(const struct sender *sender, uint32_t sequence)
{
    uint64_t first = sender->flight.first;
    int32_t ahead = seq_distance(sequence_of(sender, first), sequence);

    return ahead < 0 ? first : first + (uint32_t)ahead;
}

int sender_init(struct sender *sender, int file, unsigned window,
                uint32_t connection, uint32_t initial, int64_t now_us)
{
    struct stat status;

    if (fstat(file, &status) < 0)
        return -errno;
    if (!S_ISREG(status.st_mode))
        return -EINVAL; /* a segment may have to be read a second time */
    *sender = (struct sender){
        .file = file,
        .file_bytes = (uint64_t)status.st_size,
        .connection = connection,
        .initial = initial,
        .window = window,
        .peer_limit = 1, /* OPEN; its ACK brings the window */
        .tolerance = TOLERANCE_MIN,
        .heard_us = now_us,
        .timer_us = now_us,
        .recheck_us = INT64_MAX,
    };
    sender->segments =
        (sender->file_bytes + WIRE_SEGMENT_BYTES - 1) / WIRE_SEGMENT_BYTES;
    rtt_init(&sender->rtt);
    congestion_init(&sender->congestion);
    /* Checkpoint 1: when wire.c is done, put this in place of -ENOSYS:
     *     return flight_init(&sender->flight, window);           */
    return -ENOSYS;
}

void sender_fini(struct sender *sender)
{
    flight_fini(&sender->flight);
}

/* ---- What comes in ------------------------------------------------------- */


static void detect_losses(struct sender *sender, int64_t now_us)
{
    /* Checkpoint 6: flight_detect; 4: how long to be patient. */
    (void)sender, (void)now_us;
}


static size_t ranges_of(const struct sender *sender, const struct wire *ack,
                        struct flight_range *ranges)
{
    for (size_t i = 0; i < ack->sack_count; i++)
        ranges[i] = (struct flight_range){index_of(sender, ack->sacks[i].first),
                                          index_of(sender, ack->sacks[i].end)};
    return ack->sack_count;
}

/* DOC: take_ack */
static void take_ack(struct sender *sender, const struct wire *ack,
                     int64_t now_us)
{
    /* Checkpoint 1: flight_acked, heard_us, peer_limit, SENDER_DONE. */
    (void)ranges_of, (void)index_of_fin;
    (void)sender, (void)ack, (void)now_us;
}

/* A RESET ends everything, so it must prove that it comes from who has seen our
 * datagrams: it names one that is outstanding (RFC 5961 has the same worry). */
static void take_reset(struct sender *sender, const struct wire *reset)
{
    /* Checkpoint 8: is it about something outstanding?  Then it is over. */
    (void)sender, (void)reset;
}

void sender_receive(struct sender *sender, const struct wire *wire,
                    int64_t now_us)
{
    if (sender->state != SENDER_RUNNING ||
        wire->connection != sender->connection)
        return;
    if (wire->type == WIRE_ACK)
        take_ack(sender, wire, now_us);
    else if (wire->type == WIRE_RESET)
        take_reset(sender, wire);
}

/* ---- Time ---------------------------------------------------------------- */


/* DOC: sender_tick */
void sender_tick(struct sender *sender, int64_t now_us)
{
    /* Checkpoint 2: the timer; 5: its back-off; 8: SENDER_DEAD. */
    detect_losses(sender, now_us);
}

int64_t sender_deadline_us(const struct sender *sender)
{
    int64_t deadline_us = sender->heard_us + SENDER_PATIENCE_US;
    int64_t timer_us = sender->timer_us + rtt_timeout_us(&sender->rtt);

    if (timer_us < deadline_us)
        deadline_us = timer_us;
    if (sender->recheck_us < deadline_us)
        deadline_us = sender->recheck_us;
    return deadline_us;
}

/* ---- What goes out ------------------------------------------------------- */


/* A datagram that takes no sequence number of its own. */
static void add_bare(const struct sender *sender, struct udp_out *out,
                     enum wire_type type, uint8_t code, int64_t now_us)
{
    struct wire wire = {
        .type = type,
        .code = code,
        .connection = sender->connection,
        .sequence = sequence_of(sender, sender->flight.next),
        .timestamp = flight_timestamp(now_us),
    };
    uint8_t *room = udp_out_room(out);
    ssize_t bytes = room ? wire_encode(&wire, room, WIRE_MAX_BYTES) : -ENOBUFS;
    if (bytes > 0)
        udp_out_add(out, (size_t)bytes);
}

/* DOC: sender_fill */
int sender_fill(struct sender *sender, struct udp_out *out, int64_t now_us)
{
    int added = 0;

    /* Checkpoint 1: OPEN, when it is acknowledged DATA, then FIN. */
    (void)sender, (void)out, (void)now_us;
    return added;
}

void sender_finish(struct sender *sender, struct udp_out *out, uint8_t code)
{
    add_bare(sender, out, code ? WIRE_RESET : WIRE_DONE, code,
             sender->heard_us);
}
