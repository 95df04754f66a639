/* A packet in a few words.
 *
 * Packets come as they were on the wire: cut short by the capture, corrupt, or
 * made up by a program that is being tested.  Nothing is believed before its
 * length was checked.
 *
 *      IPv4   0: version, header length    9: protocol   12: source  16: dest
 *      IPv6   6: next header               8: source     24: destination
 *      TCP    0: ports  4: sequence  8: acknowledgement  12: offset  13: flags
 *            14: window                   20: options                       */
#include "expect/decode.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
    TCP_FIN = 0x01,
    TCP_SYN = 0x02,
    TCP_RST = 0x04,
    TCP_ACK = 0x10,
    TCP_HEADER_BYTES = 20,
    TCP_OPTION_END = 0,
    TCP_OPTION_NOP = 1,
    TCP_OPTION_SACK = 5,
    PROTO_ICMP = 1,
    PROTO_TCP = 6,
    PROTO_UDP = 17,
    PROTO_ICMPV6 = 58,
    ETHERTYPE_ARP = 0x0806,
    UDP_SHOWN_BYTES = 8,
};

struct transport {
    uint8_t protocol;
    const uint8_t *header; /* of TCP, UDP, ICMP */
    size_t bytes;          /* captured of it */
    uint8_t addrs[32];
};

static uint16_t get_be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get_be32(const uint8_t *p)
{
    return (uint32_t)get_be16(p) << 16 | get_be16(p + 2);
}

size_t packet_payload_bytes(const struct packet *packet)
{
    if (packet->payload == NULL)
        return 0;
    size_t headers = (size_t)(packet->payload - packet->data);
    /* Ethernet pads short frames: believe IP where it says less. */
    size_t bytes = packet->length_bytes;
    if (packet->ip && packet->ip > packet->data && packet->ip[0] >> 4 == 4) {
        size_t told =
            (size_t)(packet->ip - packet->data) + get_be16(packet->ip + 2);
        bytes = told >= headers && told < bytes ? told : bytes;
    }
    return bytes > headers ? bytes - headers : 0;
}

static bool find_transport(const struct packet *packet, struct transport *t)
{
    const uint8_t *ip = packet->ip;
    *t = (struct transport){0};
    if (ip == NULL)
        return false;
    size_t bytes = packet->captured_bytes - (size_t)(ip - packet->data);
    size_t header_bytes = 40;
    if (bytes >= 20 && ip[0] >> 4 == 4) {
        header_bytes = (ip[0] & 15U) * 4U;
        t->protocol = ip[9];
        memcpy(t->addrs, ip + 12, 4);
        memcpy(t->addrs + 16, ip + 16, 4);
    } else if (bytes >= 40 && ip[0] >> 4 == 6) {
        t->protocol = ip[6];
        memcpy(t->addrs, ip + 8, 32);
    } else {
        return false;
    }
    if (header_bytes < 20 || bytes < header_bytes + 4)
        return false;
    t->header = ip + header_bytes;
    t->bytes = bytes - header_bytes;
    return true;
}

static bool is_tcp(const struct transport *t)
{
    return t->protocol == PROTO_TCP && t->bytes >= TCP_HEADER_BYTES;
}

static struct tcp_stream stream_of(const struct transport *t)
{
    struct tcp_stream stream = {
        .from_port = get_be16(t->header),
        .to_port = get_be16(t->header + 2),
        .first = get_be32(t->header + 4),
    };
    memcpy(stream.addrs, t->addrs, sizeof(stream.addrs));
    return stream;
}

static bool same_stream(const struct tcp_stream *a, const struct tcp_stream *b)
{
    return a->from_port == b->from_port && a->to_port == b->to_port &&
           memcmp(a->addrs, b->addrs, sizeof(a->addrs)) == 0;
}

static struct tcp_stream reverse(const struct tcp_stream *stream)
{
    struct tcp_stream back = {
        .from_port = stream->to_port,
        .to_port = stream->from_port,
    };
    memcpy(back.addrs, stream->addrs + 16, 16);
    memcpy(back.addrs + 16, stream->addrs, 16);
    return back;
}

/* Where the stream's numbers begin; 0 if its SYN was not seen.  A port that was
 * used twice has two: the newer counts. */
static uint32_t first_of(const struct decoder *decoder,
                         const struct tcp_stream *stream)
{
    for (size_t i = decoder->stream_count; i-- > 0;) {
        if (same_stream(&decoder->streams[i], stream))
            return decoder->streams[i].first;
    }
    return 0;
}

void decoder_learn(struct decoder *decoder, const struct packet *packet)
{
    struct transport t;
    if (!find_transport(packet, &t) || !is_tcp(&t) ||
        !(t.header[13] & TCP_SYN) ||
        decoder->stream_count == DECODE_MAX_STREAMS)
        return;
    decoder->streams[decoder->stream_count++] = stream_of(&t);
}

/* ---- Text --------------------------------------------------------------- */

struct words {
    char *text;
    size_t length;
};

static void add(struct words *words, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void add(struct words *words, const char *format, ...)
{
    va_list args;
    size_t room = DECODE_TEXT_BYTES - words->length;
    va_start(args, format);
    int n = vsnprintf(words->text + words->length, room, format, args);
    va_end(args);
    if (n > 0)
        words->length += (size_t)n < room ? (size_t)n : room - 1;
}

static void add_sack(struct words *words, const struct transport *t,
                     size_t header_bytes, uint32_t first)
{
    for (size_t i = TCP_HEADER_BYTES; i + 1 < header_bytes;) {
        uint8_t kind = t->header[i];
        size_t length = kind == TCP_OPTION_NOP ? 1 : t->header[i + 1];
        if (kind == TCP_OPTION_END || length == 0 || i + length > header_bytes)
            return;
        for (size_t b = 2; kind == TCP_OPTION_SACK && b + 8 <= length; b += 8)
            add(words, "%s%u-%u", b == 2 ? " sack " : ",",
                get_be32(t->header + i + b) - first,
                get_be32(t->header + i + b + 4) - first);
        i += length;
    }
}

static const char *tcp_kind(uint8_t flags, size_t payload_bytes)
{
    if (flags & TCP_RST)
        return "RST";
    if (flags & TCP_SYN)
        return flags & TCP_ACK ? "SYN+ACK" : "SYN";
    if (flags & TCP_FIN)
        return "FIN";
    return payload_bytes > 0 ? "DATA" : "ACK";
}

/* "DATA 1:1449 ack 1" as tcpdump numbers them; the end is not included. */
static void tcp_text(struct words *words, const struct decoder *decoder,
                     const struct packet *packet, const struct transport *t)
{
    struct tcp_stream stream = stream_of(t), back = reverse(&stream);
    uint8_t flags = t->header[13];
    size_t bytes = packet_payload_bytes(packet);
    uint32_t first = first_of(decoder, &stream);
    uint32_t sequence = stream.first - first;
    uint32_t ack = get_be32(t->header + 8) - first_of(decoder, &back);
    const char *kind = tcp_kind(flags, bytes);
    bool pure_ack = strcmp(kind, "ACK") == 0;
    size_t header_bytes = (t->header[12] >> 4) * 4U;
    add(words, "%s", kind);
    if (bytes > 0)
        add(words, " %u:%u", sequence, sequence + (uint32_t)bytes);
    else if (flags & (TCP_FIN | TCP_RST))
        add(words, " %u", sequence);
    if (flags & TCP_ACK && !(flags & TCP_SYN))
        add(words, "%s %u", pure_ack ? "" : " ack", ack);
    if (header_bytes <= t->bytes)
        add_sack(words, t, header_bytes, first_of(decoder, &back));
    if (get_be16(t->header + 14) == 0 && !(flags & TCP_RST))
        add(words, " win 0");
}

static void udp_text(struct words *words, const struct packet *packet)
{
    add(words, "UDP %zu", packet_payload_bytes(packet));
    for (size_t i = 0; i < packet->payload_bytes && i < UDP_SHOWN_BYTES; i++)
        add(words, " %02x", packet->payload[i]);
}

static void icmp_text(struct words *words, const struct transport *t)
{
    static const struct {
        uint8_t protocol, type;
        const char *name;
    } names[] = {
        {PROTO_ICMP, 0, "echo reply"},
        {PROTO_ICMP, 3, "unreachable"},
        {PROTO_ICMP, 8, "echo"},
        {PROTO_ICMP, 11, "time exceeded"},
        {PROTO_ICMPV6, 1, "unreachable"},
        {PROTO_ICMPV6, 2, "too big"},
        {PROTO_ICMPV6, 3, "time exceeded"},
        {PROTO_ICMPV6, 128, "echo"},
        {PROTO_ICMPV6, 129, "echo reply"},
        {PROTO_ICMPV6, 135, "neighbour?"},
        {PROTO_ICMPV6, 136, "neighbour"},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].protocol == t->protocol && names[i].type == t->header[0]) {
            add(words, "ICMP %s code %u", names[i].name, t->header[1]);
            return;
        }
    }
    add(words, "ICMP type %u code %u", t->header[0], t->header[1]);
}

static void frame_text(struct words *words, const struct packet *packet)
{
    if (packet->ip != NULL || packet->captured_bytes < 22) {
        add(words, "packet of %zu bytes", packet->length_bytes);
        return;
    }
    unsigned type = get_be16(packet->data + 12);
    if (type != ETHERTYPE_ARP)
        add(words, "frame %04x", type);
    else
        add(words, "ARP %s",
            get_be16(packet->data + 20) == 1 ? "request" : "reply");
}

bool decode_custom(ladder_decode_fn *decode, const struct packet *packet,
                   char text[DECODE_TEXT_BYTES])
{
    text[0] = '\0';
    if (decode == NULL || !decode(packet, text, DECODE_TEXT_BYTES))
        return false;
    text[DECODE_TEXT_BYTES - 1] = '\0';
    for (char *p = text; *p; p++) {
        if (*p < ' ' || *p > '~')
            *p = '.';
    }
    return text[0] != '\0';
}

void decoder_text(const struct decoder *decoder, const struct packet *packet,
                  char text[DECODE_TEXT_BYTES])
{
    struct transport t;
    struct words words = {.text = text};
    if (decode_custom(decoder->custom, packet, text))
        return;
    text[0] = '\0';
    if (!find_transport(packet, &t))
        frame_text(&words, packet);
    else if (is_tcp(&t))
        tcp_text(&words, decoder, packet, &t);
    else if (t.protocol == PROTO_UDP)
        udp_text(&words, packet);
    else if (t.protocol == PROTO_ICMP || t.protocol == PROTO_ICMPV6)
        icmp_text(&words, &t);
    else
        add(&words, "IP protocol %u", t.protocol);
}

bool packet_head(const struct packet *packet, const struct decoder *decoder,
                 struct packet_head *head)
{
    struct transport t;
    *head = (struct packet_head){0};
    if (!find_transport(packet, &t))
        return false;
    head->version = packet->ip[0] >> 4;
    head->protocol = t.protocol;
    memcpy(head->from, t.addrs, 16);
    memcpy(head->to, t.addrs + 16, 16);
    if (t.protocol != PROTO_TCP && t.protocol != PROTO_UDP)
        return true;
    head->from_port = get_be16(t.header);
    head->to_port = get_be16(t.header + 2);
    if (!is_tcp(&t))
        return true;
    struct tcp_stream stream = stream_of(&t), back = reverse(&stream);
    head->flags = t.header[13];
    head->sequence = stream.first - first_of(decoder, &stream);
    head->ack = get_be32(t.header + 8) - first_of(decoder, &back);
    head->window = get_be16(t.header + 14);
    return true;
}
