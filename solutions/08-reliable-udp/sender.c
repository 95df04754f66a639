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
    /* BEGIN SOLUTION 1 */
    return flight_init(&sender->flight, window);
    /* END SOLUTION */
    //> /* Checkpoint 1: when wire.c is done, put this in place of -ENOSYS:
    //>  *     return flight_init(&sender->flight, window);           */
    //> return -ENOSYS;
}

void sender_fini(struct sender *sender)
{
    flight_fini(&sender->flight);
}

/* ---- What comes in ------------------------------------------------------- */

/* BEGIN SOLUTION 4 */
/* DOC: patience_us */
/* How long a segment may be overtaken before it counts as lost: until the time
 * has passed in which nearly all ACKs come back.  On a path that reorders, the
 * spread of the round-trip times is large all by itself; where that is still
 * too little, each needless retransmission makes us more patient.
 *
 * SRTT and its spread forget within a dozen samples, and samples come in
 * clusters: a dozen segments that overtook a queue, acknowledged at once, make
 * it look as if there were none.  What stands in that queue takes as long as
 * the longest round trip lately, and may take a quarter longer. */
static int64_t patience_us(const struct sender *sender)
{
    const struct rtt *rtt = &sender->rtt;
    int64_t usual_us = rtt->smoothed_us + sender->tolerance * rtt->variation_us;
    int64_t longest_us = rtt_longest_us(rtt);

    longest_us += longest_us / 4;
    return (usual_us > longest_us ? usual_us : longest_us) + RTT_GRANULARITY_US;
}
/* END SOLUTION */

static void detect_losses(struct sender *sender, int64_t now_us)
{
    /* BEGIN SOLUTION 6 */
    unsigned lost = flight_detect(&sender->flight, now_us, patience_us(sender),
                                  &sender->recheck_us);
    congestion_lost(&sender->congestion, lost);
    /* END SOLUTION */
    //> /* Checkpoint 6: flight_detect; 4: how long to be patient. */
    //> (void)sender, (void)now_us;
}

/* BEGIN SOLUTION 5 */
/* Some of what we had given up was only late. */
static void forgive(struct sender *sender, unsigned spurious)
{
    congestion_spurious(&sender->congestion, spurious);
    if (sender->tolerance < TOLERANCE_MAX)
        sender->tolerance *= 2;
    if (sender->may_undo)
        congestion_undo(&sender->congestion);
}

/* The echo is the low half of our own clock; 0 means "answers nothing". */
static int64_t sample_of(const struct wire *ack, int64_t now_us)
{
    int32_t sample_us = (int32_t)((uint32_t)now_us - ack->echo);

    return ack->echo && sample_us >= 0 ? sample_us : -1;
}

static void take_news(struct sender *sender, const struct wire *ack,
                      const struct flight_news *news, int64_t now_us)
{
    int64_t sample_us = sample_of(ack, now_us);

    if (sample_us >= 0) {
        rtt_sample(&sender->rtt, sample_us, now_us);
        congestion_sample(&sender->congestion, sample_us, news->advanced);
    }
    if (news->overtaken)
        congestion_overtaken(&sender->congestion);
    congestion_delivered(&sender->congestion, news->delivered, sender->limited);
    if (news->spurious)
        forgive(sender, news->spurious);
    sender->may_undo = false;
    sender->timer_us = now_us;
}

/* A round trip is over when what was sent after its beginning has arrived; the
 * clock is asked too, for where packets overtake, that may be early. */
static void end_round(struct sender *sender, int64_t now_us)
{
    if (sender->flight.newest_order < sender->round_order ||
        now_us - sender->round_us < sender->rtt.smoothed_us)
        return;
    congestion_round_end(&sender->congestion);
    sender->round_order = sender->flight.order + 1;
    sender->round_us = now_us;
}
/* END SOLUTION */

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
    /* BEGIN SOLUTION 1 */
    struct flight_range ranges[WIRE_MAX_SACKS];
    size_t count = ranges_of(sender, ack, ranges);
    uint64_t first = index_of(sender, ack->ack);
    struct flight_news news;

    if (flight_acked(&sender->flight, first, ranges, count, ack->echo, &news))
        return; /* it acknowledges what was never sent: not our receiver */
    sender->heard_us = now_us;
    /* An old ACK's window begins at its own number, not at the newest one. */
    uint64_t limit = index_of(sender, ack->ack + ack->window);
    if (limit > sender->peer_limit) {
        sender->peer_limit = limit; /* it never shrinks */
        sender->ping = false;
    }
    if (news.delivered)
        take_news(sender, ack, &news, now_us);
    if (sender->flight.first > index_of_fin(sender))
        sender->state = SENDER_DONE;
    /* END SOLUTION */
    //> /* Checkpoint 1: flight_acked, heard_us, peer_limit, SENDER_DONE. */
    //> (void)ranges_of, (void)index_of_fin;
    //> (void)sender, (void)ack, (void)now_us;
}

/* A RESET ends everything, so it must prove that it comes from who has seen our
 * datagrams: it names one that is outstanding (RFC 5961 has the same worry). */
static void take_reset(struct sender *sender, const struct wire *reset)
{
    /* BEGIN SOLUTION 8 */
    int32_t ahead =
        seq_distance(sequence_of(sender, sender->flight.first), reset->ack);

    if (ahead < 0 || sender->flight.first + ahead > sender->flight.next)
        return;
    sender->code = reset->code;
    sender->state = SENDER_REFUSED;
    /* END SOLUTION */
    //> /* Checkpoint 8: is it about something outstanding?  Then it is over. */
    //> (void)sender, (void)reset;
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

/* BEGIN SOLUTION 5 */
/* DOC: expire */
static void expire(struct sender *sender, int64_t now_us)
{
    if (!sender->flight.under_way && !sender->flight.lost) {
        sender->ping = true; /* no room over there: persist (RFC 9293, 3.8.6) */
    } else {
        flight_expire(&sender->flight);
        if (sender->flight.first > INDEX_OPEN) /* a lost OPEN tells nothing */
            congestion_timeout(&sender->congestion);
        sender->timed_out = true;
        sender->may_undo = true;
    }
    rtt_back_off(&sender->rtt);
    sender->timer_us = now_us;
}
/* END SOLUTION */

/* DOC: sender_tick */
void sender_tick(struct sender *sender, int64_t now_us)
{
    /* BEGIN SOLUTION 2 */
    if (sender->state != SENDER_RUNNING)
        return;
    if (now_us - sender->heard_us >= SENDER_PATIENCE_US) {
        sender->state = SENDER_DEAD;
        return;
    }
    detect_losses(sender, now_us);
    end_round(sender, now_us);
    if (now_us - sender->timer_us >= rtt_timeout_us(&sender->rtt))
        expire(sender, now_us);
    /* END SOLUTION */
    //> /* Checkpoint 2: the timer; 5: its back-off; 8: SENDER_DEAD. */
    //> detect_losses(sender, now_us);
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

/* BEGIN SOLUTION 1 */
/* Reads a segment of the file; on its first transmission its bytes are added to
 * the CRC that FIN will carry. */
static int read_segment(struct sender *sender, uint64_t index, uint8_t *payload,
                        size_t *bytes)
{
    uint64_t offset = (index - INDEX_DATA) * WIRE_SEGMENT_BYTES;
    uint64_t left = sender->file_bytes - offset;

    *bytes = left < WIRE_SEGMENT_BYTES ? (size_t)left : WIRE_SEGMENT_BYTES;
    for (size_t have = 0; have < *bytes;) {
        ssize_t n = pread(sender->file, payload + have, *bytes - have,
                          (off_t)(offset + have));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n ? -errno : -ENODATA; /* it has become shorter */
        have += (size_t)n;
    }
    if (index == sender->flight.next)
        sender->crc = crc32c(sender->crc, payload, *bytes);
    return 0;
}

static size_t describe_file(const struct sender *sender, uint8_t *payload)
{
    put_be64(payload, sender->file_bytes);
    put_be32(payload + 8, sender->crc);
    return WIRE_FIN_BYTES;
}

/* Returns the datagram's length or -errno. */
static ssize_t build(struct sender *sender, uint64_t index, uint8_t *room,
                     int64_t now_us)
{
    uint8_t *payload = room + WIRE_HEADER_BYTES;
    struct wire wire = {
        .type = WIRE_DATA,
        .connection = sender->connection,
        .sequence = sequence_of(sender, index),
        .timestamp = flight_timestamp(now_us),
        .payload = payload,
    };
    if (index == INDEX_OPEN) {
        wire.type = WIRE_OPEN;
    } else if (index == index_of_fin(sender)) {
        wire.type = WIRE_FIN;
        wire.payload_bytes = describe_file(sender, payload);
    } else {
        int rc = read_segment(sender, index, payload, &wire.payload_bytes);
        if (rc)
            return rc;
    }
    return wire_encode(&wire, room, WIRE_MAX_BYTES);
}

/* DOC: choose */
/* Picks the segment to send now, if any may be. */
static bool choose(struct sender *sender, uint64_t *index)
{
    const struct flight *flight = &sender->flight;

    if (flight->under_way >= congestion_window(&sender->congestion) &&
        !sender->timed_out)
        return false;
    sender->timed_out = false;
    if (flight_first_lost(flight, index))
        return true;
    *index = flight->next;
    return flight->next <= index_of_fin(sender) &&
           flight->next < sender->peer_limit &&
           flight->next - flight->first < sender->window;
}
/* END SOLUTION */

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

    /* BEGIN SOLUTION 1 */
    uint8_t *room;
    uint64_t index;

    if (sender->state != SENDER_RUNNING)
        return 0;
    if (sender->ping) {
        add_bare(sender, out, WIRE_PING, 0, now_us);
        sender->ping = false;
        added++;
    }
    while ((room = udp_out_room(out)) && choose(sender, &index)) {
        ssize_t bytes = build(sender, index, room, now_us);
        if (bytes < 0)
            return (int)bytes;
        if (sender->flight.first == sender->flight.next)
            sender->timer_us = now_us; /* first after a pause (5.1) */
        flight_sent(&sender->flight, index, now_us);
        udp_out_add(out, (size_t)bytes);
        added++;
    }
    sender->limited =
        sender->flight.under_way >= congestion_window(&sender->congestion);
    /* END SOLUTION */
    //> /* Checkpoint 1: OPEN, when it is acknowledged DATA, then FIN. */
    //> (void)sender, (void)out, (void)now_us;
    return added;
}

void sender_finish(struct sender *sender, struct udp_out *out, uint8_t code)
{
    add_bare(sender, out, code ? WIRE_RESET : WIRE_DONE, code,
             sender->heard_us);
}
