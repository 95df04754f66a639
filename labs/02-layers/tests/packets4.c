/* Checkpoint 2: IPv4, its checksum, options and fragments. */
#include <stdio.h>
#include <string.h>

#include "common.h"
#include "generate.h"

enum { ETHERNET_BYTES = 14, HEADER_BYTES = 20 };

/* 192.0.2.1 > 198.51.100.2, an experimental protocol, DF, TTL 61. */
static const uint8_t header[] = {0x45, 0xb9, 0,   0,  0xbe, 0xef, 0x40,
                                 0,    61,   253, 0,  0,    192,  0,
                                 2,    1,    198, 51, 100,  2};

static void put16(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/* A frame around that header, its options and `payload` bytes. */
static size_t make_frame(uint8_t *frame, const char *options,
                         size_t option_bytes, size_t payload)
{
    uint8_t *ip = frame + ETHERNET_BYTES;
    memset(frame, 0, ETHERNET_BYTES + HEADER_BYTES + option_bytes + payload);
    put_stations(frame);
    put_bytes(frame + 12, "\x08\x00", 2);
    put_bytes(ip, header, HEADER_BYTES);
    put_bytes(ip + HEADER_BYTES, options, option_bytes);
    size_t header_bytes = HEADER_BYTES + option_bytes;
    ip[0] = (uint8_t)(0x40 | header_bytes / 4);
    put16(ip + 2, header_bytes + payload);
    put16(ip + 10, plain_checksum(ip, header_bytes, 0));
    return ETHERNET_BYTES + header_bytes + payload;
}

START_TEST(header_is_read)
{
    static const char *const fields[][2] = {
        {"ihl", "5"},
        {"dscp", "46"},
        {"ecn", "1"},
        {"total_length", "50"},
        {"identification", "0xbeef"},
        {"flags", "DF"},
        {"fragment_offset", "0"},
        {"ttl", "61"},
        {"protocol", "253"},
        {"header_checksum", "ok"},
        {"source", "192.0.2.1"},
        {"destination", "198.51.100.2"},
    };
    static struct bag sent, arrived;
    uint8_t frame[100];
    struct wire wire = wire_new("delay 5ms duplicate 30%");
    size_t bytes = make_frame(frame, "", 0, 30);
    for (int i = 0; i < 5; i++)
        bag_add(&sent, frame, bytes, 0);
    bag_travel(&wire, &sent, &arrived);
    struct reading *reading =
        read_bag(&wire, &arrived, CAPTURE_PCAPNG, LINK_ETHERNET);
    for (size_t i = 0; i < arrived.count; i++) {
        for (size_t k = 0; k < COUNT(fields); k++)
            expect_field(reading, i, "ipv4", fields[k][0], fields[k][1],
                         "an IPv4 packet");
        expect_field(reading, i, "payload", "bytes", "30", "an IPv4 packet");
        expect_stop(reading, i, "unknown 0x00fd", "an IPv4 packet");
    }
}
END_TEST

/* Sums at the edges: carries out of carries, bytes that have their top bit set.
 * Of a right header the last sum is all ones; so it is the wrong ones that show
 * a fold too few, by what they should have been. */
START_TEST(sums_that_carry)
{
    enum { HEADERS = 500 };
    static struct bag bag;
    struct wire wire = wire_new("");
    uint8_t frame[100];
    char should[HEADERS][64];
    for (unsigned i = 0; i < HEADERS; i++) {
        size_t bytes = make_frame(frame, "", 0, 0);
        uint8_t *ip = frame + ETHERNET_BYTES;
        memset(ip + 12, 0xff, 8);
        put16(ip + 4, 0xffff - 77 * i);
        put16(ip + 14, 0xffff - i);
        put16(ip + 10, 0);
        unsigned right = plain_checksum(ip, HEADER_BYTES, 0);
        unsigned is = i % 2 == 0 ? right : (right ^ 0x8001);
        put16(ip + 10, is);
        snprintf(should[i], sizeof(should[i]),
                 is == right ? "ok" : "bad (is 0x%04x, should be 0x%04x)", is,
                 right);
        bag_add(&bag, frame, bytes, 0);
    }
    struct reading *reading =
        read_bag(&wire, &bag, CAPTURE_PCAP, LINK_ETHERNET);
    for (size_t i = 0; i < bag.count; i++)
        expect_field(reading, i, "ipv4", "header_checksum", should[i],
                     "a header full of ones");
}
END_TEST

/* Each bit of the header is flipped once, those of version and lengths left
 * out: a packet that lies about them is checkpoint 5's.  (The emulator's own
 * `corrupt` leaves IP headers alone, since kernels drop such packets.) */
START_TEST(damage_is_found)
{
    static struct bag sent, arrived;
    uint8_t frame[100];
    char should[64], what[64];
    struct wire wire = wire_new("delay 2ms reorder 20% 25% duplicate 5%");
    size_t bytes = make_frame(frame, "", 0, 0);
    bag_add(&sent, frame, bytes, 0);
    for (size_t bit = 8; bit < HEADER_BYTES * 8; bit++) {
        if (bit / 8 == 2 || bit / 8 == 3)
            continue;
        frame[ETHERNET_BYTES + bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
        bag_add(&sent, frame, bytes, 0);
        frame[ETHERNET_BYTES + bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
    }
    bag_travel(&wire, &sent, &arrived);
    struct reading *reading =
        read_bag(&wire, &arrived, CAPTURE_PCAP, LINK_ETHERNET);
    for (size_t i = 0; i < arrived.count; i++) {
        uint8_t ip[HEADER_BYTES];
        const uint8_t *got = arrived.packets[i].data;
        put_bytes(ip, got + ETHERNET_BYTES, HEADER_BYTES);
        unsigned is = (unsigned)(ip[10] << 8 | ip[11]);
        put16(ip + 10, 0);
        unsigned right = plain_checksum(ip, HEADER_BYTES, 0);
        snprintf(should, sizeof(should),
                 is == right ? "ok" : "bad (is 0x%04x, should be 0x%04x)", is,
                 right);
        snprintf(what, sizeof(what), "packet %zu of those with a flipped bit",
                 i + 1);
        expect_field(reading, i, "ipv4", "header_checksum", should, what);
    }
}
END_TEST

START_TEST(options_are_read)
{
    static const struct {
        const char *bytes;
        size_t count;
        const char *text;
    } cases[] = {
        {"\x94\x04\x00\x00", 4, "router_alert:0000"},
        {"\x01\x01\x9e\x06\xde\xad\xbe\xef", 8, "nop,nop,158:deadbeef"},
        {"\x07\x0b\x04\x0a\x00\x00\x01\x0a\x00\x00\x02\x00", 12,
         "record_route:040a0000010a000002,end"},
        {"\x44\x0c\x05\x00\x01\x02\x03\x04\x05\x06\x07\x08", 12,
         "timestamp:05000102030405060708"},
        {"\x01\x00\xff\xff", 4, "nop,end"}, /* nothing counts after the end */
    };
    static struct bag sent, arrived;
    uint8_t frame[100];
    struct wire wire = wire_new(ROUGH);
    for (size_t i = 0; i < COUNT(cases); i++)
        bag_add(&sent, frame,
                make_frame(frame, cases[i].bytes, cases[i].count, 10), 0);
    bag_travel_whole(&wire, &sent, &arrived);
    struct reading *reading =
        read_bag(&wire, &arrived, CAPTURE_PCAP, LINK_ETHERNET);
    for (size_t i = 0; i < COUNT(cases); i++) {
        expect_field(reading, i, "ipv4", "options", cases[i].text,
                     "an IPv4 packet with options");
        expect_field(reading, i, "ipv4", "header_checksum", "ok",
                     "an IPv4 packet with options");
        expect_field(reading, i, "payload", "bytes", "10",
                     "an IPv4 packet with options");
    }
}
END_TEST

/* A kernel's own: ping makes it send three fragments a packet. */
START_TEST(fragments_of_a_kernel)
{
    static struct bag arrived;
    struct wire wire = wire_new("delay 3ms reorder 20% 50%");
    struct frame_port *port = frame_open(wire.reader, wire.link);
    struct proc *ping =
        host_start(wire.maker, peer("ping"), "-c", "5", "-i", "0.05", "-s",
                   "3000", host_addr(wire.reader));
    expect_exit(ping, 0, PATIENCE);
    bag_collect(&wire, port, "src host maker and ip[9] = 1", &arrived);
    struct reading *reading =
        read_bag(&wire, &arrived, CAPTURE_PCAP, LINK_ETHERNET);
    int firsts = 0, later = 0;
    for (size_t i = 0; i < arrived.count; i++) {
        const uint8_t *ip =
            (const uint8_t *)arrived.packets[i].data + ETHERNET_BYTES;
        char offset[16];
        unsigned word = (unsigned)(ip[6] << 8 | ip[7]);
        snprintf(offset, sizeof(offset), "%u", word & 0x1fff);
        expect_field(reading, i, "ipv4", "fragment_offset", offset,
                     "a fragment of a ping");
        expect_field(reading, i, "ipv4", "flags", word & 0x2000 ? "MF" : "-",
                     "a fragment of a ping");
        expect_stop(reading, i, word & 0x1fff ? "fragment" : "",
                    "a fragment of a ping");
        firsts += (word & 0x1fff) == 0;
        later += (word & 0x1fff) != 0;
    }
    expect_equal(firsts, 5, "first fragments");
    expect_equal(later, 10, "later fragments");
}
END_TEST

START_TEST(headers_are_forged)
{
    uint8_t frame[200], right[200];
    struct wire wire = wire_new("");
    size_t right_bytes = make_frame(right, "\x94\x04\0\0", 4, 5);
    put_default_stations(right);
    put_bytes(right + ETHERNET_BYTES + 24, "hello", 5);
    size_t n = forge_frame(&wire,
                           "eth/ip(src=192.0.2.1,dst=198.51.100.2,dscp=46,"
                           "ecn=1,id=0xbeef,flags=D,ttl=61,opt=94040000)/"
                           "\"hello\"",
                           frame, sizeof(frame));
    expect_bytes(frame, n, right, right_bytes, "forged IPv4 packet");
    n = forge_frame(&wire,
                    "ip(ihl=4,len=9,sum=0x1234,frag=7,flags=M)/\"x\\x00\"",
                    frame, sizeof(frame));
    expect_equal((int64_t)n, 22, "bytes of a packet that lies");
    expect_equal(frame[0], 0x44, "its first byte, version and IHL,");
    expect_equal(frame[3], 9, "its total length, as stated,");
    expect_equal(frame[6] << 8 | frame[7], 0x2007, "its flags and offset");
    expect_equal(frame[10] << 8 | frame[11], 0x1234,
                 "its checksum, as stated,");
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(header_is_read),
        .id = "02.2.header_is_read",
        .title = "IPv4's fields are read, those smaller than a byte too",
        .checkpoint = 2,
        .points = 3,
        .why = "Every router reads these twenty bytes, for each packet.",
        .cause = "version and IHL share a byte, DSCP and ECN another, flags "
                 "and offset two.  IHL counts words of 4 bytes.",
        .see = "RFC 791 section 3.1",
    },
    {
        TEST(sums_that_carry),
        .id = "02.2.sums_that_carry",
        .title = "A checksum is right at the edges of its arithmetic",
        .checkpoint = 2,
        .points = 2,
        .why = "A fold too few is wrong once in many thousand packets: often "
               "enough to hurt, too seldom to be found.",
        .cause = "adding the carry may carry again.  Fold until the upper "
                 "half is zero.",
        .see = "RFC 1071 section 1",
    },
    {
        TEST(damage_is_found),
        .id = "02.2.damage_is_found",
        .title = "A bit that flips anywhere in the header makes its checksum "
                 "bad",
        .checkpoint = 2,
        .points = 2,
        .why = "This is what the checksum is for.",
        .cause = "the sum covers the whole header, the checksum field "
                 "included, and nothing behind it.  What it should be is the "
                 "sum with that field left out.",
        .see = "README.md#the-internet-checksum",
    },
    {
        TEST(options_are_read),
        .id = "02.2.options_are_read",
        .title = "Options are read up to the end of the list",
        .checkpoint = 2,
        .points = 2,
        .why = "A header with options is longer: who ignores them takes "
               "options for payload.",
        .cause = "kinds 0 and 1 are single bytes, all others have a length "
                 "that counts kind, length and value.",
        .see = "RFC 791 section 3.1",
    },
    {
        TEST(fragments_of_a_kernel),
        .id = "02.2.fragments_of_a_kernel",
        .title = "Only a datagram's first fragment has the next header",
        .checkpoint = 2,
        .points = 2,
        .why = "Who reads ports out of a later fragment reads payload: "
               "firewalls have been passed that way (RFC 1858).",
        .cause = "the offset is 13 bits in units of 8 bytes, MF the lowest of "
                 "the 3 flags.  An offset that is not 0 ends the parse.",
        .see = "README.md#fragments",
    },
    {
        TEST(headers_are_forged),
        .id = "02.2.headers_are_forged",
        .title = "forge fills in lengths and checksum, and lies when told to",
        .checkpoint = 2,
        .points = 2,
        .why = "Checkpoint 5 needs packets that lie.",
        .cause = "the checksum is computed last, over the header with a zero "
                 "in its place; what the spec states is written as it stands.",
        .see = "README.md#what-forge-builds",
    },
};
SUITE_THEME(packets4_theme, tests)
