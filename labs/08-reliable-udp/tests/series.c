/* What the capture tells of each transfer over time, for the report's plots:
 *
 *      in flight   segments sent and not yet known to have arrived, when DATA
 *                  leaves the sender
 *      RTT         from DATA to the ACK that echoes its timestamp
 *      goodput     of segments that arrived for the first time
 *
 * ACKs are known when they reach the sender, which is later than they were
 * sent: they wait in a queue until DATA leaves at that time or later.  What is
 * damaged or of no transfer of ours is passed over: nothing here judges. */
#include <stdio.h>
#include <stdlib.h>

#include "common.h"

enum {
    MAX_STREAMS = 4,
    MAX_WAITING = 512, /* ACKs under way */
    STAMPS = 1024,     /* DATA of which the time of sending is remembered */
    MAX_BINS = 80,     /* of goodput */
    MAX_SEGMENTS = 1 << 16,
};

struct heard {
    int64_t at_ns;
    uint32_t ack, echo;
};

struct stamp {
    uint32_t timestamp;
    int64_t sent_ns;
};

struct stream {
    uint32_t connection, initial;
    char suffix[24];       /* ": port 9001", or "" if there is no other */
    uint32_t highest, ack; /* relative to OPEN */
    struct heard waiting[MAX_WAITING];
    size_t waiting_count;
    struct stamp stamps[STAMPS];
    size_t stamp_count;
    bool arrived[MAX_SEGMENTS];
    double bins[MAX_BINS]; /* bytes */
};

struct streams {
    struct stream *list[MAX_STREAMS];
    size_t count;
    int64_t first_ns, last_ns;
    int bins; /* of at least BIN_NS */
};

#define BIN_NS MSECONDS(50)

static void record_of(const struct stream *stream, const char *figure,
                      const char *unit, int64_t t_ns, double value)
{
    char name[48];

    snprintf(name, sizeof(name), "%s%s", figure, stream->suffix);
    record(name, unit, t_ns, value);
}

static struct stream *find(const struct streams *streams, uint32_t connection)
{
    for (size_t i = 0; i < streams->count; i++)
        if (streams->list[i]->connection == connection)
            return streams->list[i];
    return NULL;
}

static void open_stream(struct streams *streams, const struct packet *packet,
                        const struct wire *wire)
{
    if (streams->count == MAX_STREAMS || find(streams, wire->connection))
        return;
    struct stream *stream = calloc(1, sizeof(*stream));
    if (!stream)
        return;
    *stream = (struct stream){.connection = wire->connection,
                              .initial = wire->sequence};
    snprintf(stream->suffix, sizeof(stream->suffix), ": port %u",
             get_be16(packet->payload - 6)); /* UDP's destination */
    streams->list[streams->count++] = stream;
}

/* ---- ACKs ---------------------------------------------------------------- */

static void sample(struct stream *stream, const struct heard *heard)
{
    size_t oldest =
        stream->stamp_count > STAMPS ? stream->stamp_count - STAMPS : 0;

    for (size_t i = stream->stamp_count; heard->echo && i-- > oldest;) {
        const struct stamp *stamp = &stream->stamps[i % STAMPS];
        if (stamp->timestamp != heard->echo)
            continue;
        record_of(stream, "RTT", "ms", heard->at_ns,
                  (double)(heard->at_ns - stamp->sent_ns) / 1e6);
        return;
    }
}

static void hear(struct stream *stream, const struct heard *heard)
{
    if (heard->ack > stream->ack && heard->ack <= stream->highest + 1)
        stream->ack = heard->ack;
    sample(stream, heard);
}

/* Hears those that have reached the sender by then. */
static void hear_until(struct stream *stream, int64_t t_ns)
{
    size_t left = 0;

    for (size_t i = 0; i < stream->waiting_count; i++) {
        if (stream->waiting[i].at_ns <= t_ns)
            hear(stream, &stream->waiting[i]);
        else
            stream->waiting[left++] = stream->waiting[i];
    }
    stream->waiting_count = left;
}

static void take_ack(struct stream *stream, const struct packet *packet,
                     const struct wire *wire)
{
    if (!packet->delivered_ns || stream->waiting_count == MAX_WAITING)
        return;
    stream->waiting[stream->waiting_count++] =
        (struct heard){.at_ns = packet->delivered_ns,
                       .ack = wire->ack - stream->initial,
                       .echo = wire->echo};
}

/* ---- DATA ---------------------------------------------------------------- */

static void count_arrival(struct stream *stream, const struct streams *streams,
                          const struct packet *packet, uint32_t index)
{
    int64_t span_ns = streams->last_ns - streams->first_ns + 1;
    int64_t at_ns = packet->delivered_ns - streams->first_ns;

    if (!packet->delivered_ns || index >= MAX_SEGMENTS ||
        stream->arrived[index])
        return;
    stream->arrived[index] = true;
    stream->bins[at_ns * streams->bins / span_ns] +=
        (double)packet->payload_bytes - WIRE_HEADER_BYTES;
}

static void take_data(struct stream *stream, const struct streams *streams,
                      const struct packet *packet, const struct wire *wire)
{
    uint32_t index = wire->sequence - stream->initial;

    count_arrival(stream, streams, packet, index);
    if (packet->copy_of)
        return;
    hear_until(stream, packet->sent_ns);
    stream->stamps[stream->stamp_count++ % STAMPS] =
        (struct stamp){wire->timestamp, packet->sent_ns};
    if (index > stream->highest)
        stream->highest = index;
    uint32_t first = stream->ack ? stream->ack : 1;
    record_of(stream, "in flight", "segments", packet->sent_ns,
              (double)stream->highest + 1 - first);
}

/* ---- All of them --------------------------------------------------------- */

static void take(struct streams *streams, const struct packet *packet)
{
    struct wire wire;

    if (!packet->payload || packet->fate & FATE_CORRUPT ||
        !message_shape(&wire, packet->payload, packet->payload_bytes))
        return;
    if (wire.type == WIRE_OPEN)
        open_stream(streams, packet, &wire);
    struct stream *stream = find(streams, wire.connection);
    if (stream && wire.type == WIRE_DATA)
        take_data(stream, streams, packet, &wire);
    else if (stream && wire.type == WIRE_ACK)
        take_ack(stream, packet, &wire);
}

static void finish(struct stream *stream, const struct streams *streams)
{
    int64_t bin_ns = (streams->last_ns - streams->first_ns) / streams->bins;

    hear_until(stream, INT64_MAX);
    for (int i = 0; i < streams->bins && bin_ns > 0; i++)
        record_of(stream, "goodput", "Mbit/s",
                  streams->first_ns + i * bin_ns + bin_ns / 2,
                  stream->bins[i] * 8e3 / (double)bin_ns);
    free(stream);
}

/* When the first datagram was sent, and the last arrived. */
static void find_span(struct streams *streams)
{
    struct packet packet = {0};

    while (capture_next(rig_net(), OURS, packet.number, &packet)) {
        if (!streams->first_ns)
            streams->first_ns = packet.sent_ns;
        if (packet.delivered_ns > streams->last_ns)
            streams->last_ns = packet.delivered_ns;
    }
    int64_t bins = (streams->last_ns - streams->first_ns) / BIN_NS;
    streams->bins = bins < 1 ? 1 : bins > MAX_BINS ? MAX_BINS : (int)bins;
}

void record_transfers(void)
{
    struct streams streams = {0};
    struct packet packet = {0};

    find_span(&streams);
    while (capture_next(rig_net(), OURS, packet.number, &packet))
        take(&streams, &packet);
    for (size_t i = 0; i < streams.count; i++)
        finish(streams.list[i], &streams);
}
