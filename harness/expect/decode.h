/* A packet in a few words, for the ladder. */
#ifndef EXPECT_DECODE_H
#define EXPECT_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <wirelab/ladder.h>

enum { DECODE_TEXT_BYTES = 64, DECODE_MAX_STREAMS = 64 };

/* One direction of a TCP connection, and where its numbers begin. */
struct tcp_stream {
    uint8_t addrs[32]; /* source, destination; IPv4 in the first 4 of each */
    uint16_t from_port, to_port;
    uint32_t first; /* sequence number of the SYN */
};

struct decoder {
    ladder_decode_fn *custom; /* may be NULL */
    struct tcp_stream streams[DECODE_MAX_STREAMS];
    size_t stream_count;
};

/* Learns the initial sequence number if this is a SYN.  A stream whose SYN was
 * not learnt is told in absolute numbers. */
void decoder_learn(struct decoder *decoder, const struct packet *packet);

/* Writes what the packet is, the kind first: "DATA 1:1449 ack 1", "ACK 1449",
 * "UDP 24 57 4c 01 00".  Always printable ASCII. */
void decoder_text(const struct decoder *decoder, const struct packet *packet,
                  char text[DECODE_TEXT_BYTES]);

/* What a lab's own decoder says of a packet, made printable ASCII.  Returns
 * false if there is no decoder or it had nothing to say. */
bool decode_custom(ladder_decode_fn *decode, const struct packet *packet,
                   char text[DECODE_TEXT_BYTES]);

/* The fields of a packet's headers that a reader may want to see. */
struct packet_head {
    uint8_t version;             /* 4 or 6 */
    uint8_t protocol;            /* IPPROTO_* */
    uint8_t from[16], to[16];    /* IPv4: the first four bytes */
    uint16_t from_port, to_port; /* of TCP and UDP */
    uint8_t flags;               /* of TCP, as on the wire; and what follows */
    uint16_t window;             /* as sent, not scaled */
    uint32_t sequence, ack;      /* relative, where the SYN was learnt */
};

/* Returns false if the packet is not IP, or too short to tell. */
bool packet_head(const struct packet *packet, const struct decoder *decoder,
                 struct packet_head *head);

/* Bytes of TCP or UDP payload the packet had on the wire, captured or not. */
size_t packet_payload_bytes(const struct packet *packet);

#endif
