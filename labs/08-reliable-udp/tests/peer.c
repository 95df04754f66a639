/* A peer which the test plays itself, datagram by datagram; see common.h. */
#include <stdio.h>
#include <string.h>

#include "common.h"

struct peer peer_sender(struct rig *rig, uint32_t connection)
{
    struct peer peer = {.rig = rig,
                        .fd = host_udp(rig->sender, 0),
                        .port = PORT_NUMBER,
                        .connection = connection};

    snprintf(peer.addr, sizeof(peer.addr), "%s", host_addr(rig->receiver));
    return peer;
}

struct peer peer_receiver(struct rig *rig)
{
    return (struct peer){.rig = rig,
                         .fd = host_udp(rig->receiver, PORT_NUMBER)};
}

static size_t write_as(const struct peer *peer, const struct wire *wire,
                       uint8_t *datagram)
{
    struct wire mine = *wire;

    if (!mine.connection)
        mine.connection = peer->connection;
    return message_write(&mine, datagram);
}

static void send_bytes(struct peer *peer, const uint8_t *datagram, size_t bytes)
{
    int rc = sock_sendto(peer->fd, peer->addr, peer->port, datagram, bytes);

    if (rc < 0)
        test_infra("cannot send to %s port %u: %s", peer->addr, peer->port,
                   strerror(-rc));
}

void peer_say(struct peer *peer, const struct wire *wire)
{
    uint8_t datagram[2048];

    send_bytes(peer, datagram, write_as(peer, wire, datagram));
}

void peer_say_damaged(struct peer *peer, const struct wire *wire, size_t byte)
{
    uint8_t datagram[2048];
    size_t bytes = write_as(peer, wire, datagram);

    datagram[byte] ^= 0x10;
    send_bytes(peer, datagram, bytes);
}

bool peer_hear(struct peer *peer, enum wire_type type, struct wire *wire,
               int64_t timeout_ns)
{
    static uint8_t datagram[2048]; /* wire->payload points into it */
    int64_t deadline_ns = clock_now_ns() + timeout_ns;
    int64_t left_ns;

    while ((left_ns = deadline_ns - clock_now_ns()) > 0) {
        ssize_t n = sock_recvfrom(peer->fd, datagram, sizeof(datagram),
                                  peer->addr, &peer->port, left_ns);
        if (n < 0)
            continue; /* the deadline, or an ICMP error: rsend has ended */
        if (message_read(wire, datagram, (size_t)n) && wire->type == type)
            return true;
    }
    return false;
}

struct wire peer_accept(struct peer *peer, uint32_t window)
{
    struct wire open;

    step("await OPEN and accept it with a window of %u segments", window);
    expect_true(peer_hear(peer, WIRE_OPEN, &open, SECONDS(5)),
                "rsend sent no OPEN within 5 s");
    peer->connection = open.connection;
    peer_say(peer, &(struct wire){.type = WIRE_ACK,
                                  .ack = open.sequence + 1,
                                  .window = window,
                                  .echo = open.timestamp});
    return open;
}

void peer_open(struct peer *peer, uint32_t sequence)
{
    struct wire ack = {0};

    step("send OPEN %u, connection %08x", sequence, peer->connection);
    peer_say(peer, &(struct wire){.type = WIRE_OPEN,
                                  .sequence = sequence,
                                  .timestamp = 1});
    expect_true(peer_hear(peer, WIRE_ACK, &ack, SECONDS(5)),
                "rrecv answered OPEN with no ACK within 5 s");
    expect_equal(ack.ack, sequence + 1,
                 "rrecv's answer to OPEN %u wants segment %u next; OPEN takes "
                 "one number, so it is %u",
                 sequence, ack.ack, sequence + 1);
}

void peer_say_data(struct peer *peer, uint32_t sequence, uint8_t fill)
{
    uint8_t payload[SEGMENT];

    memset(payload, fill, sizeof(payload));
    peer_say(peer, &(struct wire){.type = WIRE_DATA,
                                  .sequence = sequence,
                                  .timestamp = sequence,
                                  .payload = payload,
                                  .payload_bytes = sizeof(payload)});
}
