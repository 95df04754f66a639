/* Checkpoint 3: IPv6 and its extension headers. */
#include <stdio.h>
#include <string.h>

#include "common.h"

enum { ETHERNET_BYTES = 14, IPV6_BYTES = 40, FRAME_BYTES = 1514 };

/* fd77::1 > fd77::2, traffic class 0xb9, flow label 0xabcde, hop limit 61. */
static const uint8_t header[IPV6_BYTES] = {
    0x6b, 0x9a,       0xbc,       0xde,     0,           0,           59,
    61,   [8] = 0xfd, [9] = 0x77, [23] = 1, [24] = 0xfd, [25] = 0x77, [39] = 2,
};

/* A frame around that header, `next` in it, and `rest`. */
static size_t make_frame(uint8_t *frame, uint8_t next, const void *rest,
                         size_t rest_bytes)
{
    uint8_t *ip = frame + ETHERNET_BYTES;
    put_stations(frame);
    put_bytes(frame + 12, "\x86\xdd", 2);
    put_bytes(ip, header, IPV6_BYTES);
    ip[4] = (uint8_t)(rest_bytes >> 8);
    ip[5] = (uint8_t)rest_bytes;
    ip[6] = next;
    put_bytes(ip + IPV6_BYTES, rest, rest_bytes);
    return ETHERNET_BYTES + IPV6_BYTES + rest_bytes;
}

START_TEST(header_is_read)
{
    static const char *const fields[][2] = {
        {"dscp", "46"},
        {"ecn", "1"},
        {"flow_label", "0xabcde"},
        {"payload_length", "5"},
        {"next_header", "59"},
        {"hop_limit", "61"},
        {"source", "fd77::1"},
        {"destination", "fd77::2"},
    };
    static struct bag sent, arrived;
    uint8_t frame[200];
    struct wire wire = wire_new(ROUGH);
    bag_add(&sent, frame, make_frame(frame, 59, "hello", 5), 0);
    bag_travel_whole(&wire, &sent, &arrived);
    struct reading *reading =
        read_bag(&wire, &arrived, CAPTURE_PCAP, LINK_ETHERNET);
    for (size_t k = 0; k < COUNT(fields); k++)
        expect_field(reading, 0, "ipv6", fields[k][0], fields[k][1],
                     "an IPv6 packet");
    expect_field(reading, 0, "payload", "bytes", "5", "an IPv6 packet");
    expect_stop(reading, 0, "", "an IPv6 packet without a next header");
}
END_TEST

/* Hop-by-hop, destination, routing, destination, AH, fragment, then nothing. */
static const char chain[] = "\x3c\x00\x05\x02\x00\x00\x01\x00"
                            "\x2b\x01\x1e\x04\xaa\xbb\xcc\xdd"
                            "\x01\x06\x00\x00\x00\x00\x00\x00"
                            "\x3c\x02\x04\x00\x00\x00\x00\x00"
                            "\xfd\x77\0\0\0\0\0\0\0\0\0\0\0\0\0\x09"
                            "\x33\x00\x00\x00\x01\x02\x00\x00"
                            "\x2c\x04\x00\x00\x00\x00\x12\x34"
                            "\x00\x00\x00\x05"
                            "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c"
                            "\x3b\x00\x00\x00\xca\xfe\xba\xbe"
                            "end";

START_TEST(chains_are_followed)
{
    static const char *const lines[][2] = {
        {"hop_by_hop", " next_header=60 length=0 options=router_alert:0000,"
                       "padn"},
        {"destination", " next_header=43 length=1 "
                        "options=30:aabbccdd,padn:000000000000"},
        {"routing", " next_header=60 length=2 routing_type=4 segments_left=0"},
        {"ah", " next_header=44 length=4 spi=0x00001234 sequence_number=5"},
        {"fragment", " next_header=59 fragment_offset=0 m=0 "
                     "identification=0xcafebabe"},
    };
    static struct bag sent, arrived;
    uint8_t frame[300];
    struct wire wire = wire_new("delay 5ms duplicate 30%");
    size_t bytes = make_frame(frame, 0, chain, sizeof(chain) - 1);
    for (int i = 0; i < 5; i++)
        bag_add(&sent, frame, bytes, 0);
    bag_travel(&wire, &sent, &arrived);
    struct reading *reading =
        read_bag(&wire, &arrived, CAPTURE_PCAP, LINK_ETHERNET);
    for (size_t i = 0; i < COUNT(lines); i++) {
        const char *line = line_of(reading, 0, lines[i][0], 0);
        expect_true(line != NULL,
                    "a chain of six headers has one called %s, and dissect "
                    "printed none",
                    lines[i][0]);
        expect_text(line, lines[i][1], lines[i][0]);
    }
    const char *second = line_of(reading, 0, "destination", 1);
    expect_text(second ? second : "(no line)",
                " next_header=51 length=0 "
                "options=pad1,pad1,padn:0000",
                "second destination header");
    expect_field(reading, 0, "payload", "bytes", "3", "a chain of headers");
}
END_TEST

START_TEST(hop_by_hop_comes_first)
{
    static const char late[] = "\x00\x00\x01\x04\x00\x00\x00\x00"
                               "\x3b\x00\x01\x04\x00\x00\x00\x00";
    static struct bag sent, arrived;
    uint8_t frame[200];
    struct wire wire = wire_new(ROUGH);
    bag_add(&sent, frame, make_frame(frame, 60, late, sizeof(late) - 1), 0);
    bag_travel_whole(&wire, &sent, &arrived);
    struct reading *reading =
        read_bag(&wire, &arrived, CAPTURE_PCAP, LINK_ETHERNET);
    expect_field(reading, 0, "destination", "next_header", "0",
                 "hop-by-hop options behind a destination header");
    expect_stop(reading, 0, "malformed in hop_by_hop",
                "hop-by-hop options behind a destination header");
}
END_TEST

/* A kernel's fragments: a ping of 3000 bytes. */
START_TEST(fragments_of_a_kernel)
{
    static struct bag arrived;
    struct wire wire = wire_new6("delay 3ms reorder 20% 50%");
    struct frame_port *port = frame_open(wire.reader, wire.link);
    struct proc *ping =
        host_start(wire.maker, peer("ping"), "-6", "-c", "5", "-i", "0.05",
                   "-s", "3000", host_addr6(wire.reader));
    expect_exit(ping, 0, PATIENCE);
    bag_collect(&wire, port, "src host maker and ip6[6] = 44", &arrived);
    struct reading *reading =
        read_bag(&wire, &arrived, CAPTURE_PCAP, LINK_ETHERNET);
    expect_equal((int64_t)arrived.count, 15, "fragments");
    for (size_t i = 0; i < arrived.count; i++) {
        const uint8_t *at = (const uint8_t *)arrived.packets[i].data +
                            ETHERNET_BYTES + IPV6_BYTES;
        unsigned word = (unsigned)(at[2] << 8 | at[3]);
        char offset[16];
        snprintf(offset, sizeof(offset), "%u", word >> 3);
        expect_field(reading, i, "fragment", "fragment_offset", offset,
                     "a fragment of a ping");
        expect_field(reading, i, "fragment", "m", word & 1 ? "1" : "0",
                     "a fragment of a ping");
        expect_stop(reading, i, word >> 3 ? "fragment" : "",
                    "a fragment of a ping");
    }
}
END_TEST

START_TEST(chains_are_forged)
{
    static const char rest[] = "\x3c\x00\x05\x02\x00\x00\x01\x00"
                               "\x2c\x01\x1e\x06\xaa\xbb\xcc\xdd"
                               "\xee\xff\x01\x04\x00\x00\x00\x00"
                               "\xfd\x00\x00\x51\xca\xfe\xba\xbe"
                               "end";
    uint8_t frame[300], right[300];
    struct wire wire = wire_new("");
    size_t right_bytes = make_frame(right, 0, rest, sizeof(rest) - 1);
    put_default_stations(right);
    size_t n = forge_frame(&wire,
                           "eth/ip6(src=fd77::1,dst=fd77::2,dscp=46,ecn=1,"
                           "flow=0xabcde,hlim=61)/hop(opt=05020000)/"
                           "dst(opt=1e06aabbccddeeff)/frag(off=10,more=1,"
                           "id=0xcafebabe)/\"end\"",
                           frame, sizeof(frame));
    expect_bytes(frame, n, right, right_bytes, "forged chain");
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(header_is_read),
        .id = "02.3.header_is_read",
        .title = "IPv6's fields are read",
        .checkpoint = 3,
        .points = 2,
        .why = "Four fields share the first four bytes, none on a byte's "
               "border.",
        .cause = "read the first word as one number: version 4 bits, traffic "
                 "class 8 (DSCP 6, ECN 2), flow label 20.",
        .see = "RFC 8200 section 3",
    },
    {
        TEST(chains_are_followed),
        .id = "02.3.chains_are_followed",
        .title = "Six extension headers are followed to their end",
        .checkpoint = 3,
        .points = 2,
        .why = "The transport is behind them, wherever that is.",
        .cause = "each header says what comes next and how long it is: in "
                 "units of 8 bytes beyond the first 8, AH in units of 4, a "
                 "fragment header always 8.",
        .see = "README.md#extension-headers",
    },
    {
        TEST(hop_by_hop_comes_first),
        .id = "02.3.hop_by_hop_comes_first",
        .title = "Hop-by-hop options anywhere else are malformed",
        .checkpoint = 3,
        .points = 1,
        .why = "Routers look for them in one place only; hosts that take "
               "them elsewhere can be told two stories.",
        .cause = "next header 0 means hop-by-hop options directly behind the "
                 "IPv6 header, and is an error behind any other.",
        .see = "RFC 8200 section 4.1",
    },
    {
        TEST(fragments_of_a_kernel),
        .id = "02.3.fragments_of_a_kernel",
        .title = "A kernel's IPv6 fragments are told apart",
        .checkpoint = 3,
        .points = 2,
        .why = "Only the first has the next header.",
        .cause = "the offset is the upper 13 bits of its word, in units of 8 "
                 "bytes; M is the lowest bit.",
        .see = "RFC 8200 section 4.5",
    },
    {
        TEST(chains_are_forged),
        .id = "02.3.chains_are_forged",
        .title = "forge links, pads and measures a chain",
        .checkpoint = 3,
        .points = 2,
        .why = "Lengths in units of 8 bytes need padding that says what it "
               "is.",
        .cause = "options are padded with one PadN (or Pad1) up to a multiple "
                 "of 8 bytes; each next-header field names the layer inside.",
        .see = "RFC 8200 section 4.2",
    },
};
SUITE_THEME(chains_theme, tests)
