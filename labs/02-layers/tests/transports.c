/* Checkpoint 4: ICMP, UDP, TCP, and what their checksums cover. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "generate.h"

enum { ETHERNET_BYTES = 14, IPV4_BYTES = 20, UDP_BYTES = 8, IPV6_BYTES = 40 };

static void put16(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/* 10.9.8.7 > 10.9.8.6, around a message of any protocol. */
static size_t put_ipv4(uint8_t *frame, uint8_t protocol, const uint8_t *options,
                       size_t option_bytes, size_t message_bytes)
{
    static const uint8_t addresses[] = {10, 9, 8, 7, 10, 9, 8, 6};
    uint8_t *ip = frame + ETHERNET_BYTES;
    size_t header = IPV4_BYTES + option_bytes;
    memset(frame, 0, ETHERNET_BYTES + IPV4_BYTES);
    put_stations(frame);
    put16(frame + 12, 0x0800);
    ip[0] = (uint8_t)(0x40 | header / 4);
    put16(ip + 2, header + message_bytes);
    ip[8] = 64;
    ip[9] = protocol;
    memcpy(ip + 12, addresses, sizeof(addresses));
    memcpy(ip + IPV4_BYTES, options, option_bytes);
    put16(ip + 10, plain_checksum(ip, header, 0));
    return ETHERNET_BYTES + header;
}

/* A datagram of `bytes` with that payload; its checksum is right. */
static size_t put_udp(uint8_t *at, const uint8_t *src, const uint8_t *dst,
                      size_t address_bytes, const void *payload, size_t bytes)
{
    size_t whole = UDP_BYTES + bytes;
    memset(at, 0, UDP_BYTES);
    put16(at, 61001);
    put16(at + 2, 61002);
    put16(at + 4, whole);
    memcpy(at + UDP_BYTES, payload, bytes);
    uint16_t sum = plain_checksum(
        at, whole, pseudo_sum(src, dst, address_bytes, 17, whole));
    put16(at + 6, sum == 0 ? 0xffff : sum);
    return whole;
}

static size_t make_udp(uint8_t *frame, const void *payload, size_t bytes)
{
    size_t at = put_ipv4(frame, 17, (const uint8_t *)"", 0, UDP_BYTES + bytes);
    const uint8_t *ip = frame + ETHERNET_BYTES;
    return at + put_udp(frame + at, ip + 12, ip + 16, 4, payload, bytes);
}

/* ---- Lengths and odd bytes ------------------------------------------------
 */

START_TEST(every_length_sums_up)
{
    static struct bag sent, arrived;
    uint8_t frame[200], payload[64];
    char length[16];
    struct wire wire = wire_new(ROUGH);
    for (size_t i = 0; i < sizeof(payload); i++)
        payload[i] = (uint8_t)(0xff - i * 7);
    for (size_t n = 0; n < sizeof(payload); n++)
        bag_add(&sent, frame, make_udp(frame, payload, n), 0);
    bag_travel_whole(&wire, &sent, &arrived);
    struct reading *reading =
        read_bag(&wire, &arrived, CAPTURE_PCAP, LINK_ETHERNET);
    for (size_t n = 0; n < arrived.count; n++) {
        snprintf(length, sizeof(length), "%zu", UDP_BYTES + n);
        expect_field(reading, n, "udp", "length", length,
                     "a datagram among those of every length");
        expect_field(reading, n, "udp", "checksum", "ok",
                     n % 2 ? "a datagram of an odd length"
                           : "a datagram of an even length");
    }
}
END_TEST

/* 0 in the field is "none" in IPv4 and wrong in IPv6; a sum of 0 is 0xffff. */
START_TEST(zero_has_a_meaning)
{
    static struct bag sent, arrived;
    static const uint8_t src6[16] = {0xfd, [15] = 1};
    static const uint8_t dst6[16] = {0xfd, [15] = 2};
    uint8_t frame[200], six[200] = {[12] = 0x86, 0xdd, 0x60, [19] = 10, 17, 64};
    struct wire wire = wire_new(ROUGH);
    size_t bytes = make_udp(frame, "hi", 2);
    put16(frame + 40, 0);
    bag_add(&sent, frame, bytes, 0);
    /* The payload that makes the sum zero: what the checksum was. */
    (void)make_udp(frame, "\0\0", 2);
    uint8_t payload[2] = {frame[40], frame[41]};
    bytes = make_udp(frame, payload, 2);
    bag_add(&sent, frame, bytes, 0);
    put_stations(six);
    memcpy(six + 22, src6, 16);
    memcpy(six + 38, dst6, 16);
    bytes = 54 + put_udp(six + 54, src6, dst6, 16, "hi", 2);
    unsigned right = (unsigned)(six[60] << 8 | six[61]);
    put16(six + 60, 0);
    bag_add(&sent, six, bytes, 0);
    bag_travel_whole(&wire, &sent, &arrived);
    struct reading *reading =
        read_bag(&wire, &arrived, CAPTURE_PCAP, LINK_ETHERNET);
    char should[64];
    snprintf(should, sizeof(should), "bad (is 0x0000, should be 0x%04x)",
             right);
    expect_field(reading, 0, "udp", "checksum", "none",
                 "an IPv4 datagram whose checksum field is 0");
    expect_field(reading, 1, "udp", "checksum", "ok",
                 "a datagram whose sum is 0, sent as 0xffff,");
    expect_field(reading, 2, "udp", "checksum", should,
                 "an IPv6 datagram whose checksum field is 0");
}
END_TEST

START_TEST(surplus_is_no_payload)
{
    static struct bag sent, arrived;
    uint8_t frame[200];
    struct wire wire = wire_new(ROUGH);
    size_t at = put_ipv4(frame, 17, (const uint8_t *)"", 0, UDP_BYTES + 20);
    const uint8_t *ip = frame + ETHERNET_BYTES;
    size_t bytes =
        at + put_udp(frame + at, ip + 12, ip + 16, 4, "hello", 5) + 15;
    memset(frame + bytes - 15, 0xee, 15);
    bag_add(&sent, frame, bytes, 0);
    bag_travel_whole(&wire, &sent, &arrived);
    struct reading *reading =
        read_bag(&wire, &arrived, CAPTURE_PCAP, LINK_ETHERNET);
    const char *what = "a datagram of 13 bytes in a packet with room for 28";
    expect_field(reading, 0, "payload", "bytes", "5", what);
    expect_field(reading, 0, "surplus", "bytes", "15", what);
    expect_field(reading, 0, "udp", "checksum", "ok", what);
}
END_TEST

/* ---- Where the packet goes at last -----------------------------------------
 */

/* The pseudo-header has the address where the packet ends, not the next stop.
 */
START_TEST(source_routes_count)
{
    static const uint8_t route[] = {131, 11, 4, 10, 1, 1, 1, 10, 2, 2, 2, 0};
    static const uint8_t strict[] = {137, 7, 8, 10, 3, 3, 3, 1};
    static const uint8_t last[4] = {10, 2, 2, 2};
    static struct bag sent, arrived;
    uint8_t frame[300] = {0};
    struct wire wire = wire_new(ROUGH);
    const uint8_t *ip = frame + ETHERNET_BYTES;
    size_t at = put_ipv4(frame, 17, route, sizeof(route), UDP_BYTES + 5);
    at += put_udp(frame + at, ip + 12, last, 4, "hello", 5);
    bag_add(&sent, frame, at, 0);
    at = put_ipv4(frame, 17, strict, sizeof(strict), UDP_BYTES + 5);
    at += put_udp(frame + at, ip + 12, ip + 16, 4, "hello", 5);
    bag_add(&sent, frame, at, 0);
    bag_travel_whole(&wire, &sent, &arrived);
    struct reading *reading =
        read_bag(&wire, &arrived, CAPTURE_PCAP, LINK_ETHERNET);
    expect_field(reading, 0, "udp", "checksum", "ok",
                 "a datagram on a source route with two stops to go");
    expect_field(reading, 1, "udp", "checksum", "ok",
                 "a datagram whose source route is used up");
}
END_TEST

/* Variants of routing headers: type, segments left, which address counts. */
START_TEST(routing_headers_count)
{
    static const struct {
        uint8_t type, left, final; /* 0: the destination field */
    } cases[] = {{0, 2, 2}, {0, 0, 0}, {2, 1, 2}, {4, 1, 1}, {4, 0, 0}};
    static struct bag sent, arrived;
    struct wire wire = wire_new(ROUGH);
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t frame[300] = {[12] = 0x86, 0xdd, 0x60, [20] = 43, 64};
        uint8_t *ip = frame + ETHERNET_BYTES, *route = ip + IPV6_BYTES;
        put_stations(frame);
        ip[8] = ip[24] = 0xfd;
        ip[23] = 1;
        ip[39] = 9;
        memcpy(route, (uint8_t[]){17, 4, cases[i].type, cases[i].left}, 4);
        route[8] = route[24] = 0xfd;
        route[23] = 11;
        route[39] = 12;
        const uint8_t *final =
            cases[i].final == 0 ? ip + 24 : route + 16 * cases[i].final - 8;
        size_t n = put_udp(route + 40, ip + 8, final, 16, "hello", 5);
        put16(ip + 4, 40 + n);
        bag_add(&sent, frame, ETHERNET_BYTES + IPV6_BYTES + 40 + n, 0);
    }
    bag_travel_whole(&wire, &sent, &arrived);
    struct reading *reading =
        read_bag(&wire, &arrived, CAPTURE_PCAP, LINK_ETHERNET);
    for (size_t i = 0; i < arrived.count; i++)
        expect_field(reading, i, "udp", "checksum", "ok",
                     cases[i].left ? "a datagram with segments left to visit"
                                   : "a datagram that has no segment left");
}
END_TEST

/* ---- Damage ----------------------------------------------------------------
 */

/* A bit flip in what the UDP checksum covers is found, and no other is told. */
START_TEST(damage_is_found)
{
    static struct bag sent, arrived;
    static uint8_t frame[1000], payload[901];
    char what[64];
    struct wire wire = wire_new("delay 3ms corrupt 50%");
    for (size_t i = 0; i < sizeof(payload); i++)
        payload[i] = (uint8_t)(i * 31);
    size_t bytes = make_udp(frame, payload, sizeof(payload));
    for (int i = 0; i < 100; i++)
        bag_add(&sent, frame, bytes, 0);
    bag_travel(&wire, &sent, &arrived);
    need_faults(wire.net, FATE_CORRUPT, "", 20);
    struct reading *reading =
        read_bag(&wire, &arrived, CAPTURE_PCAP, LINK_ETHERNET);
    int damaged = 0;
    for (size_t i = 0; i < arrived.count; i++) {
        const uint8_t *got = arrived.packets[i].data;
        if (memcmp(got, frame, 42) != 0)
            continue; /* a header was hit: checkpoints 2 and 5 */
        bool same = memcmp(got, frame, bytes) == 0;
        damaged += !same;
        snprintf(what, sizeof(what), "packet %zu, %s,", i + 1,
                 same ? "undamaged" : "with a flipped bit in its payload");
        const char *said = field_of(reading, i, "udp", "checksum");
        expect_true(strncmp(said, same ? "ok" : "bad", same ? 2 : 3) == 0,
                    "%s should have the checksum %s, and dissect says \"%s\"",
                    what, same ? "ok" : "bad", said);
    }
    expect_at_least(damaged, 10, "datagrams with a damaged payload");
}
END_TEST

/* ---- Kernels ---------------------------------------------------------------
 */

static void check_conversation(const struct reading *reading,
                               const struct bag *bag)
{
    int syns = 0, sacks = 0;
    for (size_t i = 0; i < bag->count; i++) {
        expect_field(reading, i, "tcp", "checksum", "ok",
                     "a segment of a kernel");
        const char *flags = field_of(reading, i, "tcp", "flags");
        bool syn = strncmp(flags, "SYN", 3) == 0;
        syns += syn;
        const char *options = field_of(reading, i, "tcp", "options");
        sacks += strstr(options, "sack:") != NULL;
        expect_contains(
            options, syn ? "mss:1460,sack_permitted,timestamp:" : "timestamp:",
            syn ? "options of a SYN" : "options of a segment");
    }
    expect_at_least(syns, 1, "SYNs of a kernel's connection");
    expect_at_least(sacks, 1,
                    "segments with SACK, on a link that loses in mid-burst,");
}

/* A kernel's TCP over a link that loses: SYN, SACK, FIN and all. */
START_TEST(a_kernels_conversation)
{
    static struct bag arrived;
    struct wire wire = wire_new("delay 2ms loss 3%");
    struct frame_port *port = frame_open(wire.reader, wire.link);
    int listener = host_listen(wire.maker, 7);
    int from = host_connect(wire.reader, host_addr(wire.maker), 7, PATIENCE);
    int to = sock_accept(listener, PATIENCE);
    if (from < 0 || to < 0)
        test_infra("two kernels did not connect within 10 s");
    /* Lost in the midst of a burst: what comes behind it is acknowledged by
     * SACK. */
    link_script(wire.link,
                "drop nth 20 of \"tcp and src host reader\" reader->maker");
    enum { BURST = 60000 };
    static char data[BURST];
    for (int i = 0; i < 5; i++) {
        step("%d bytes from reader to maker by TCP", BURST);
        if (sock_send(from, data, BURST, PATIENCE) != 0 ||
            sock_recv(to, data, BURST, PATIENCE) != BURST)
            test_infra("two kernels did not pass a burst on within 10 s");
    }
    need_faults(wire.net, FATE_LOST, "src host reader and tcp", 1);
    bag_collect(&wire, port, "tcp and src host maker", &arrived);
    struct reading *reading =
        read_bag(&wire, &arrived, CAPTURE_PCAPNG, LINK_ETHERNET);
    check_conversation(reading, &arrived);
}
END_TEST

/* What a kernel says of a closed port, and of a packet that does not fit. */
START_TEST(a_kernels_errors)
{
    static struct bag arrived;
    struct wire wire = wire_new("delay 3ms 2ms");
    struct frame_port *port = frame_open(wire.reader, wire.link);
    int fd = host_udp_connected(wire.reader, host_addr(wire.maker), 9);
    if (sock_sendto(fd, NULL, 0, "anybody?", 8) < 0)
        test_infra("a datagram cannot be sent");
    if (!capture_await(wire.net, "icmp", 1, PATIENCE))
        test_infra("maker's kernel says nothing of a closed port");
    bag_collect(&wire, port, "icmp", &arrived);
    struct reading *reading =
        read_bag(&wire, &arrived, CAPTURE_PCAP, LINK_ETHERNET);
    expect_text(line_of(reading, 0, "icmp", 0),
                " type=3 code=3 checksum=ok rest=0x00000000",
                "line of a kernel's \"port unreachable\"");
    expect_field(reading, 0, "payload", "bytes", "36",
                 "an error that quotes 36 bytes");
}
END_TEST

static void expect_forged(struct wire *wire, const char *spec,
                          const uint8_t *right, size_t right_bytes,
                          const char *what)
{
    uint8_t frame[300];
    size_t n = forge_frame(wire, spec, frame, sizeof(frame));
    expect_bytes(frame, n, right, right_bytes, what);
}

START_TEST(transports_are_forged)
{
    static const uint8_t segment[] = {
        0xee, 0x49, 0x00, 0x50, 0x00, 0x00, 0x00, 0x07, 0x00, 0x00,
        0x00, 0x00, 0xa0, 0x02, 0x10, 0x00, 0,    0,    0,    0,
        2,    4,    5,    0xb4, 4,    2,    8,    10,   0,    0,
        0,    9,    0,    0,    0,    0,    3,    3,    7,    0};
    uint8_t frame[300];
    struct wire wire = wire_new("");
    const uint8_t *ip = frame + ETHERNET_BYTES;
    size_t bytes = make_udp(frame, "odd", 3);
    put_default_stations(frame);
    expect_forged(&wire,
                  "eth/ip(src=10.9.8.7,dst=10.9.8.6)/"
                  "udp(sport=61001,dport=61002)/\"odd\"",
                  frame, bytes, "forged datagram");
    size_t at = put_ipv4(frame, 6, (const uint8_t *)"", 0, sizeof(segment));
    put_default_stations(frame);
    memcpy(frame + at, segment, sizeof(segment));
    put16(frame + at + 16,
          plain_checksum(segment, sizeof(segment),
                         pseudo_sum(ip + 12, ip + 16, 4, 6, sizeof(segment))));
    expect_forged(&wire,
                  "eth/ip(src=10.9.8.7,dst=10.9.8.6)/tcp(sport=61001,dport=80,"
                  "seq=7,win=4096,mss=1460,sackok=1,tsval=9,wscale=7)",
                  frame, at + sizeof(segment), "forged SYN");
    /* The payload that makes the sum 0: what the checksum is without it. */
    (void)make_udp(frame, "\0\0", 2);
    uint8_t payload[2] = {frame[40], frame[41]};
    bytes = make_udp(frame, payload, 2);
    put_default_stations(frame);
    char spec[128];
    snprintf(spec, sizeof(spec),
             "eth/ip(src=10.9.8.7,dst=10.9.8.6)/udp(sport=61001,dport=61002)/"
             "\"\\x%02x\\x%02x\"",
             payload[0], payload[1]);
    expect_forged(&wire, spec, frame, bytes, "forged datagram whose sum is 0");
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(every_length_sums_up),
        .id = "02.4.every_length_sums_up",
        .title = "UDP's checksum is right for every length, odd ones too",
        .checkpoint = 4,
        .points = 2,
        .why = "Half of all datagrams have an odd length.",
        .cause = "a last odd byte counts as the upper half of a word whose "
                 "lower half is 0; and the pseudo-header comes first: both "
                 "addresses, protocol, UDP length.",
        .see = "README.md#the-internet-checksum",
    },
    {
        TEST(zero_has_a_meaning),
        .id = "02.4.zero_has_a_meaning",
        .title = "A UDP checksum of 0 is none in IPv4 and wrong in IPv6",
        .checkpoint = 4,
        .points = 2,
        .why = "Who sends a sum of 0 as 0 has switched the check off.",
        .cause = "0 in the field means that nothing was computed; where the "
                 "sum is 0 it is sent as 0xffff, which is 0 too in one's "
                 "complement.",
        .see = "RFC 768; RFC 8200 section 8.1",
    },
    {
        TEST(surplus_is_no_payload),
        .id = "02.4.surplus_is_no_payload",
        .title = "A datagram ends where UDP says, not where IP does",
        .checkpoint = 4,
        .points = 1,
        .why = "Bytes behind the datagram belong to nobody; the checksum does "
               "not cover them.",
        .cause = "UDP's own length limits payload and checksum.",
        .see = "README.md#here-and-promised",
    },
    {
        TEST(source_routes_count),
        .id = "02.4.source_routes_count",
        .title = "IPv4's pseudo-header has the end of a source route",
        .checkpoint = 4,
        .points = 1,
        .why = "The destination field changes on the way; the checksum must "
               "not.",
        .cause = "while a route's pointer is within its addresses, the last "
                 "of them is where the packet goes: ipv4_final().",
        .see = "RFC 1122 section 3.2.1.8",
    },
    {
        TEST(routing_headers_count),
        .id = "02.4.routing_headers_count",
        .title = "IPv6's pseudo-header has the last segment to visit",
        .checkpoint = 4,
        .points = 1,
        .why = "The destination field changes on the way; the checksum must "
               "not.",
        .cause = "with segments left, the final address is the last of types "
                 "0 and 2, the first of type 4; without any, the field.",
        .see = "RFC 8200 section 8.1",
    },
    {
        TEST(damage_is_found),
        .id = "02.4.damage_is_found",
        .title = "The datagrams that the link damaged are the bad ones",
        .checkpoint = 4,
        .points = 2,
        .why = "This is what the checksum is for: Ethernet's guards one link, "
               "this one the way from host to host.",
        .cause = "the sum covers the whole datagram, to its last byte.",
        .see = "README.md#the-internet-checksum",
    },
    {
        TEST(a_kernels_conversation),
        .id = "02.4.a_kernels_conversation",
        .title = "A kernel's TCP on a lossy link is read: SYN, options, SACK",
        .checkpoint = 4,
        .points = 3,
        .why = "Real packets have options that no textbook figure shows.",
        .cause = "the data offset counts words of 4 bytes; between byte 20 "
                 "and it are options, each with its own length.",
        .see = "RFC 9293 section 3.1",
    },
    {
        TEST(a_kernels_errors),
        .id = "02.4.a_kernels_errors",
        .title = "A kernel's ICMP error is read, and what it quotes",
        .checkpoint = 4,
        .points = 1,
        .why = "Errors are how the network answers.",
        .cause = "ICMP of IPv4 has no pseudo-header; of IPv6 it has one.",
        .see = "RFC 792; RFC 4443 section 2.3",
    },
    {
        TEST(transports_are_forged),
        .id = "02.4.transports_are_forged",
        .title = "forge computes transport checksums and pads TCP's options",
        .checkpoint = 4,
        .points = 2,
        .why = "A kernel throws away what has a wrong sum, without a word.",
        .cause = "length and addresses first, the checksum last; options in "
                 "the order MSS, SACK permitted, timestamps, window scale, "
                 "then zeros up to a word; a UDP sum of 0 is sent as 0xffff.",
        .see = "README.md#what-forge-builds",
    },
};
SUITE_THEME(transports_theme, tests)
