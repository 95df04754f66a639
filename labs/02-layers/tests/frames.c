/* Checkpoint 1: Ethernet, tags, ARP, and what files begin with. */
#include <stdio.h>
#include <string.h>

#include "common.h"
#include "generate.h"

/* 02:77:00:01:00:01 asks everybody for 10.77.1.2. */
#define ADDRESSES "\xff\xff\xff\xff\xff\xff\x02\x77\x00\x01\x00\x01"
#define ARP_REQUEST                                                            \
    "\x00\x01\x08\x00\x06\x04\x00\x01\x02\x77\x00\x01\x00\x01\x0a\x4d\x01\x01" \
    "\x00\x00\x00\x00\x00\x00\x0a\x4d\x01\x02"
static const char arp_frame[] = ADDRESSES "\x08\x06" ARP_REQUEST;
static const char tagged_frame[] =
    ADDRESSES "\x81\x00\xb0\x2a\x08\x06" ARP_REQUEST;
static const char stacked_frame[] =
    ADDRESSES "\x88\xa8\x20\x64\x81\x00\xe0\x07\x08\x06" ARP_REQUEST;

static void expect_request(const struct reading *reading, size_t packet,
                           const char *what)
{
    static const char *const fields[][2] = {
        {"hardware_type", "1"},
        {"protocol_type", "0x0800"},
        {"hlen", "6"},
        {"plen", "4"},
        {"opcode", "1"},
        {"sender_hardware", "02:77:00:01:00:01"},
        {"sender_protocol", "10.77.1.1"},
        {"target_hardware", "00:00:00:00:00:00"},
        {"target_protocol", "10.77.1.2"},
    };
    for (size_t i = 0; i < COUNT(fields); i++)
        expect_field(reading, packet, "arp", fields[i][0], fields[i][1], what);
    expect_stop(reading, packet, "", what);
}

START_TEST(arp_is_read)
{
    static struct bag sent, arrived;
    struct wire wire = wire_new("delay 5ms duplicate 20%");
    for (int i = 0; i < 10; i++)
        bag_add(&sent, arp_frame, sizeof(arp_frame) - 1, 0);
    bag_travel(&wire, &sent, &arrived);
    struct reading *reading =
        read_bag(&wire, &arrived, CAPTURE_PCAP, LINK_ETHERNET);
    for (size_t i = 0; i < arrived.count; i++) {
        expect_field(reading, i, "ethernet", "dst", "ff:ff:ff:ff:ff:ff",
                     "an ARP request");
        expect_field(reading, i, "ethernet", "type", "0x0806",
                     "an ARP request");
        expect_request(reading, i, "an ARP request");
    }
}
END_TEST

START_TEST(tags_are_read)
{
    static struct bag sent, arrived;
    struct wire wire = wire_new(ROUGH);
    bag_add(&sent, tagged_frame, sizeof(tagged_frame) - 1, 0);
    bag_add(&sent, stacked_frame, sizeof(stacked_frame) - 1, 0);
    bag_travel_whole(&wire, &sent, &arrived);
    struct reading *reading =
        read_bag(&wire, &arrived, CAPTURE_PCAP, LINK_ETHERNET);
    expect_text(line_of(reading, 0, "vlan", 0),
                " tpid=0x8100 pcp=5 dei=1 vid=42 type=0x0806",
                "line of a tag 42, priority 5, drop eligible,");
    expect_request(reading, 0, "a request behind a tag");
    expect_text(line_of(reading, 1, "vlan", 0),
                " tpid=0x88a8 pcp=1 dei=0 vid=100 type=0x8100",
                "line of the provider's tag");
    const char *inner = line_of(reading, 1, "vlan", 1);
    expect_text(inner ? inner : "(no line)",
                " tpid=0x8100 pcp=7 dei=0 vid=7 type=0x0806",
                "line of the customer's tag inside it");
    expect_request(reading, 1, "a request behind two tags");
}
END_TEST

START_TEST(padding_is_no_payload)
{
    static struct bag sent, arrived;
    static uint8_t padded[60], strange[60];
    struct wire wire = wire_new(ROUGH);
    put_bytes(padded, arp_frame, sizeof(arp_frame) - 1);
    put_bytes(strange, ADDRESSES "\x88\xb5", 14);
    bag_add(&sent, padded, sizeof(padded), 0);
    bag_add(&sent, strange, sizeof(strange), 0);
    bag_travel_whole(&wire, &sent, &arrived);
    struct reading *reading =
        read_bag(&wire, &arrived, CAPTURE_PCAP, LINK_ETHERNET);
    expect_request(reading, 0, "an ARP request padded to 60 bytes");
    expect_field(reading, 0, "padding", "bytes", "18",
                 "an ARP request padded to 60 bytes");
    expect_field(reading, 0, "payload", "bytes", "",
                 "an ARP request padded to 60 bytes");
    expect_stop(reading, 1, "unknown 0x88b5", "a frame of type 0x88b5");
    expect_field(reading, 1, "payload", "bytes", "46",
                 "a frame of type 0x88b5");
}
END_TEST

/* The addresses have the lengths that the packet says. */
START_TEST(arp_addresses_of_any_length)
{
    static const char odd[] =
        ADDRESSES "\x08\x06\x00\x20\x86\xdd\x02\x10\x00\x02"
                  "\xaa\xbb"
                  "\xfd\x77\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"
                  "\xcc\xdd"
                  "\xfd\x77\0\0\0\0\0\0\0\0\0\0\0\0\0\x02";
    static struct bag sent, arrived;
    struct wire wire = wire_new(ROUGH);
    bag_add(&sent, odd, sizeof(odd) - 1, 0);
    bag_travel_whole(&wire, &sent, &arrived);
    struct reading *reading =
        read_bag(&wire, &arrived, CAPTURE_PCAP, LINK_ETHERNET);
    const char *what = "an ARP packet with addresses of 2 and 16 bytes";
    expect_field(reading, 0, "arp", "sender_hardware", "aa:bb", what);
    expect_field(reading, 0, "arp", "sender_protocol", "fd77::1", what);
    expect_field(reading, 0, "arp", "target_hardware", "cc:dd", what);
    expect_field(reading, 0, "arp", "target_protocol", "fd77::2", what);
}
END_TEST

static const char *const formats[] = {"microseconds", "nanoseconds",
                                      "other_byte_order", "pcapng", NULL};

START_TEST(every_file_format)
{
    static const uint8_t cooked[] = {0, 4, 0, 1,    0,    6, 2,    0x77,
                                     0, 1, 0, 0x01, 0xab, 0, 0x08, 0x06};
    static const uint8_t cooked2[] = {8, 6, 0, 0, 0,    0, 0x12, 0x34, 0,
                                      1, 4, 6, 2, 0x77, 0, 1,    0,    1};
    static struct bag frames, v1, v2;
    static uint8_t packet[100];
    struct wire wire = wire_new("");
    enum capture_format format = (enum capture_format)_i;
    bag_add(&frames, arp_frame, sizeof(arp_frame) - 1, 0);
    put_bytes(packet, cooked, 16);
    put_bytes(packet + 16, ARP_REQUEST, 28);
    bag_add(&v1, packet, 44, 0);
    memset(packet, 0, 20);
    put_bytes(packet, cooked2, sizeof(cooked2));
    put_bytes(packet + 20, ARP_REQUEST, 28);
    bag_add(&v2, packet, 48, 0);
    struct reading *reading = read_bag(&wire, &frames, format, LINK_ETHERNET);
    expect_request(reading, 0, "an ARP request on Ethernet");
    reading = read_bag(&wire, &v1, format, LINK_COOKED);
    expect_text(line_of(reading, 0, "cooked", 0),
                " packet_type=4 arphrd=1 address=02:77:00:01:00:01 "
                "protocol=0x0806",
                "line of a Linux cooked header");
    expect_request(reading, 0, "an ARP request behind a cooked header");
    reading = read_bag(&wire, &v2, format, LINK_COOKED2);
    expect_text(line_of(reading, 0, "cooked2", 0),
                " packet_type=4 arphrd=1 interface=4660 "
                "address=02:77:00:01:00:01 protocol=0x0806",
                "line of a Linux cooked header of version 2");
    expect_request(reading, 0, "an ARP request behind a cooked header v2");
}
END_TEST

START_TEST(frames_are_forged)
{
    uint8_t frame[200];
    struct wire wire = wire_new("");
    size_t n = forge_frame(&wire,
                           "eth(src=02:77:00:01:00:01)/"
                           "arp(sha=02:77:00:01:00:01,spa=10.77.1.1,"
                           "tpa=10.77.1.2)",
                           frame, sizeof(frame));
    expect_bytes(frame, n, arp_frame, sizeof(arp_frame) - 1,
                 "forged ARP request");
    n = forge_frame(&wire,
                    "eth(src=02:77:00:01:00:01)/vlan(tpid=0x88a8,pcp=1,"
                    "vid=100)/vlan(pcp=7,vid=7)/"
                    "arp(sha=02:77:00:01:00:01,spa=10.77.1.1,tpa=10.77.1.2)",
                    frame, sizeof(frame));
    expect_bytes(frame, n, stacked_frame, sizeof(stacked_frame) - 1,
                 "forged ARP request behind two tags");
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(arp_is_read),
        .id = "02.1.arp_is_read",
        .title = "An ARP request is read, field by field",
        .checkpoint = 1,
        .points = 2,
        .why = "Ethernet's 14 bytes are around everything else in this lab.",
        .cause = "if nothing is written yet, this failure is intended: begin "
                 "with view.c, then ethernet_parse() in link.c and "
                 "arp_parse() in arp.c.  Otherwise compare the offsets with "
                 "headers.h; numbers are big-endian.",
        .see = "README.md#checkpoint-1",
    },
    {
        TEST(tags_are_read),
        .id = "02.1.tags_are_read",
        .title = "One tag and two are read, each with the type that announced "
                 "it",
        .checkpoint = 1,
        .points = 2,
        .why = "Who takes a tag for the type loses the rest of the packet.",
        .cause = "a tag is 4 bytes between the addresses and the type: PCP is "
                 "the top 3 bits of its TCI, DEI the next, VID the lower 12.",
        .see = "README.md#frames-and-tags",
    },
    {
        TEST(padding_is_no_payload),
        .id = "02.1.padding_is_no_payload",
        .title = "What a frame holds beyond its packet is padding",
        .checkpoint = 1,
        .points = 1,
        .why = "Ethernet frames have at least 60 bytes; in 2003 the bytes "
               "they were filled with leaked other people's data (CVE-2003-"
               "0001).",
        .cause = "the packet's own length says where it ends, not the "
                 "frame's.  view_limit() forgets the rest.",
        .see = "README.md#here-and-promised",
    },
    {
        TEST(arp_addresses_of_any_length),
        .id = "02.1.arp_addresses_of_any_length",
        .title = "ARP's addresses have the lengths that the packet states",
        .checkpoint = 1,
        .points = 1,
        .why = "ARP was made for any pair of protocols; its lengths are part "
               "of it.",
        .cause = "the offsets of the four addresses are computed from hlen "
                 "and plen, not from 6 and 4.",
        .see = "RFC 826",
    },
    {
        TEST(every_file_format),
        .id = "02.1.every_file_format",
        .title = "Four file formats and three link layers are read",
        .checkpoint = 1,
        .points = 2,
        .why = "Captures come from other machines and other tools than yours.",
        .cause = "the file's link type says what its packets begin with; the "
                 "cooked headers are drawn in headers.h.",
        .see = "README.md#checkpoint-1",
        .variants = formats,
    },
    {
        TEST(frames_are_forged),
        .id = "02.1.frames_are_forged",
        .title = "forge writes the same bytes that dissect reads",
        .checkpoint = 1,
        .points = 1,
        .why = "Building a header is the test of having understood it.",
        .cause =
            "write_eth(), write_vlan() and write_arp() in writelink.c; the "
            "type field belongs to the layer inside, the TPID to the "
            "layer outside.",
        .see = "README.md#what-forge-builds",
    },
};
SUITE_THEME(frames_theme, tests)
