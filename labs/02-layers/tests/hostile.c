/* Checkpoint 5: packets that are cut, that lie, and that never end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "generate.h"

enum { ETHERNET_BYTES = 14 };

/* ---- Cut off ----------------------------------------------------------------
 */

/* What a prefix of a right packet must be called.  Behind its last promised
 * byte there is only padding. */
static void expect_prefix(const struct reading *reading, size_t packet,
                          const struct generated *whole, size_t bytes)
{
    char what[96];
    const char *stop = line_of(reading, packet, "stop", 0);
    bool cut = stop && strncmp(stop, " truncated", 10) == 0;
    bool should = whole->whole_bytes != 0 ? bytes < whole->whole_bytes
                                          : bytes < whole->link_bytes;
    snprintf(what, sizeof(what), "the first %zu of a packet's %zu bytes", bytes,
             whole->whole_bytes ? whole->whole_bytes : whole->bytes);
    if (should && !cut)
        test_fail("%s should stop truncated, and dissect printed %s%s", what,
                  stop ? "stop" : "no stop", stop ? stop : "");
    if (!should && cut)
        test_fail("%s are all that its headers promise, and dissect calls it "
                  "truncated",
                  what);
}

static void add_prefixes(struct bag *bag, const struct generated *whole)
{
    for (size_t n = 0; n <= whole->bytes; n++)
        bag_add(bag, whole->frame, n, 0);
}

/* Each test machine's run has packets of its own: the seed's. */
START_TEST(every_prefix_is_truncated)
{
    enum { PACKETS = 4 };
    static struct generated wholes[PACKETS];
    static struct bag bag;
    struct wire wire = wire_new("");
    for (size_t i = 0; i < PACKETS; i++) {
        generate(&wholes[i], (enum subject)_i, _seed() + i);
        add_prefixes(&bag, &wholes[i]);
    }
    struct reading *reading =
        read_bag(&wire, &bag, CAPTURE_PCAP, LINK_ETHERNET);
    size_t packet = 0;
    for (size_t i = 0; i < PACKETS; i++) {
        for (size_t n = 0; n <= wholes[i].bytes; n++)
            expect_prefix(reading, packet++, &wholes[i], n);
    }
}
END_TEST

static const char *const subjects[] = {"link", "ipv4", "ipv6", "transport",
                                       NULL};

/* tcpdump -s 60: headers are there, payloads are not. */
START_TEST(snapped_captures_are_read)
{
    static struct bag sent, arrived, snapped;
    uint8_t frame[500] = {[12] = 8, [14] = 0x45, [22] = 64,
                          17,       [26] = 10,   [30] = 10};
    struct wire wire = wire_new("delay 4ms duplicate 30%");
    put_stations(frame);
    frame[16] = 486 >> 8;
    frame[17] = 486 & 0xff;
    uint16_t sum = plain_checksum(frame + ETHERNET_BYTES, 20, 0);
    frame[24] = (uint8_t)(sum >> 8);
    frame[25] = (uint8_t)sum;
    put_bytes(frame + 34, (uint8_t[]){0xee, 0x49, 0xee, 0x4a, 1, 0xd2, 1, 2},
              8);
    for (int i = 0; i < 5; i++)
        bag_add(&sent, frame, sizeof(frame), 0);
    bag_travel(&wire, &sent, &arrived);
    for (size_t i = 0; i < arrived.count; i++)
        bag_add(&snapped, arrived.packets[i].data, 60, sizeof(frame));
    struct reading *reading =
        read_bag(&wire, &snapped, CAPTURE_PCAP, LINK_ETHERNET);
    for (size_t i = 0; i < snapped.count; i++) {
        const char *what = "the first 60 bytes of a datagram of 500";
        expect_field(reading, i, "ipv4", "header_checksum", "ok", what);
        expect_field(reading, i, "udp", "destination_port", "61002", what);
        expect_field(reading, i, "udp", "checksum", "unverified", what);
        expect_stop(reading, i, "truncated in ipv4: 440 bytes are missing",
                    what);
    }
}
END_TEST

/* ---- Lies -------------------------------------------------------------------
 */

/* In hex, from the IP header on; spaces do not count.  Checksums do not matter:
 * a lie is a lie before any sum is computed. */
struct lie {
    const char *what, *where, *hex;
};

#define IP4(ihl, length, protocol)                                             \
#ihl "00" #length "00000000"                                               \
         "40" #protocol "0000"                                                 \
         "0a000001"                                                            \
         "0a000002"
#define IP6(length, next)                                                      \
    "60000000" #length #next "40"                                              \
    "fd000000000000000000000000000001"                                         \
    "fd000000000000000000000000000002"

static const struct lie lies[] = {
    {"version 5", "ipv4",
     "5500001400000000403d0000"
     "0a0000010a000002"},
    {"an IHL of 4 words", "ipv4", IP4(44, 0014, fd)},
    {"an IHL of 0", "ipv4", IP4(40, 0014, fd)},
    {"a total length of 0", "ipv4", IP4(45, 0000, fd)},
    {"a total length of 19", "ipv4", IP4(45, 0013, fd)},
    {"a total length below its IHL", "ipv4", IP4(46, 0014, fd) "01010101"},
    {"an IPv4 option of length 0", "ipv4", IP4(46, 0018, fd) "94000000"},
    {"an IPv4 option of length 1", "ipv4", IP4(46, 0018, fd) "94010000"},
    {"an IPv4 option beyond its header", "ipv4",
     IP4(46, 001c, fd) "94080000"
                       "00000000"},
    {"an IPv4 option without its length", "ipv4", IP4(46, 0018, fd) "01010194"},
    {"a router alert of 6 bytes", "ipv4", IP4(47, 001c, fd) "9406000000000101"},
    {"a record route of 6 bytes", "ipv4", IP4(47, 001c, fd) "0706040a00000101"},
    {"IP of version 7", "ipv4",
     "70000000"
     "00003b40"
     "fd000000000000000000000000000001"
     "fd000000000000000000000000000002"},
    {"hop-by-hop options longer than the packet", "hop_by_hop",
     IP6(0008, 00) "3b01010400000000"
                   "0102030405060708"},
    {"IPv6 without room for its fragment header", "fragment",
     IP6(0004, 2c) "3b000000"
                   "12345678"},
    {"an IPv6 option beyond its header", "hop_by_hop",
     IP6(0008, 00) "3b00010500000000"
                   "0000"},
    {"an IPv6 option without its length", "destination",
     IP6(0008, 3c) "3b00010300000006"},
    {"an IPv6 router alert of 1 byte", "hop_by_hop",
     IP6(0008, 00) "3b00050100010100"},
    {"a routing header without its segments", "routing",
     IP6(0008, 2b) "3b00000100000000"},
    {"an AH of 8 bytes", "ah", IP6(0008, 33) "3b00000000000001"},
    {"UDP of length 0", "udp", IP4(45, 001c, 11) "ee49ee4a00000000"},
    {"UDP of length 7", "udp", IP4(45, 001c, 11) "ee49ee4a00070000"},
    {"UDP longer than its packet", "udp",
     IP4(45, 001c, 11) "ee49ee4a00090000"
                       "00"},
    {"UDP in a packet of 27 bytes", "udp",
     IP4(45, 001b, 11) "ee49ee4a00080000"},
    {"TCP in a packet of 39 bytes", "tcp",
     IP4(45, 0027, 06) "ee49ee4a0000000000000000"
                       "50020000"
                       "00000000"},
    {"a TCP data offset of 4", "tcp",
     IP4(45, 0028, 06) "ee49ee4a0000000000000000"
                       "40020000"
                       "00000000"},
    {"a TCP data offset beyond the packet", "tcp",
     IP4(45, 0028, 06) "ee49ee4a0000000000000000"
                       "60020000"
                       "00000000"
                       "01010101"},
    {"a TCP option of length 0", "tcp",
     IP4(45, 002c, 06) "ee49ee4a0000000000000000"
                       "60020000"
                       "00000000"
                       "08000101"},
    {"a TCP option of length 1", "tcp",
     IP4(45, 002c, 06) "ee49ee4a0000000000000000"
                       "60020000"
                       "00000000"
                       "05010101"},
    {"a TCP option beyond its header", "tcp",
     IP4(45, 0030, 06) "ee49ee4a0000000000000000"
                       "60020000"
                       "00000000"
                       "fd050101"
                       "01010101"},
    {"an MSS of 3 bytes", "tcp",
     IP4(45, 0030, 06) "ee49ee4a0000000000000000"
                       "70020000"
                       "00000000"
                       "0205050505010101"},
    {"a SACK of half a block", "tcp",
     IP4(45, 0030, 06) "ee49ee4a0000000000000000"
                       "70020000"
                       "00000000"
                       "0506000000010101"},
    {"ICMP of 7 bytes", "icmp",
     IP4(45, 001b, 01) "08000000000000"
                       "00"},
    {"ICMPv6 of 7 bytes", "icmpv6",
     IP6(0007, 3a) "80000000000000"
                   "00"},
};

static size_t from_hex(const char *hex, uint8_t *out)
{
    size_t n = 0;
    for (; hex[0] != '\0'; hex += 2) {
        char digits[3] = {hex[0], hex[1], '\0'};
        out[n++] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return n;
}

START_TEST(lies_are_malformed)
{
    static struct bag bag;
    uint8_t packet[200];
    char how[64];
    struct wire wire = wire_new("");
    for (size_t i = 0; i < COUNT(lies); i++)
        bag_add(&bag, packet, from_hex(lies[i].hex, packet), 0);
    struct reading *reading = read_bag(&wire, &bag, CAPTURE_PCAP, LINK_RAW_IP);
    for (size_t i = 0; i < COUNT(lies); i++) {
        snprintf(how, sizeof(how), "malformed in %s", lies[i].where);
        expect_stop(reading, i, how, lies[i].what);
    }
}
END_TEST

/* ---- Endless ----------------------------------------------------------------
 */

static size_t make_tags(uint8_t *frame, size_t tags)
{
    put_stations(frame);
    for (size_t i = 0; i < tags; i++)
        put_bytes(frame + 12 + 4 * i, "\x81\x00\x00\x01", 4);
    put_bytes(frame + 12 + 4 * tags, "\x88\xb5zz", 4);
    return 16 + 4 * tags;
}

/* Destination options, one behind the other, each of 8 bytes. */
static size_t make_chain(uint8_t *frame, size_t headers)
{
    static const uint8_t ip6[] = {0x86, 0xdd, 0x60, 0, 0, 0};
    static const uint8_t one[] = {60, 0, 1, 4, 0, 0, 0, 0};
    memset(frame, 0, ETHERNET_BYTES + 40);
    put_stations(frame);
    put_bytes(frame + 12, ip6, sizeof(ip6));
    frame[18] = (uint8_t)(headers * 8 >> 8);
    frame[19] = (uint8_t)(headers * 8);
    frame[20] = 60;
    for (size_t i = 0; i < headers; i++)
        put_bytes(frame + ETHERNET_BYTES + 40 + 8 * i, one, sizeof(one));
    frame[ETHERNET_BYTES + 40 + 8 * (headers - 1)] = 59;
    return ETHERNET_BYTES + 40 + 8 * headers;
}

START_TEST(chains_have_an_end)
{
    static struct bag sent, arrived;
    static uint8_t frame[1514];
    struct wire wire = wire_new(ROUGH);
    bag_add(&sent, frame, make_tags(frame, 15), 0);
    bag_add(&sent, frame, make_tags(frame, 16), 0);
    bag_add(&sent, frame, make_tags(frame, 370), 0);
    bag_add(&sent, frame, make_chain(frame, 14), 0);
    bag_add(&sent, frame, make_chain(frame, 15), 0);
    bag_add(&sent, frame, make_chain(frame, 180), 0);
    bag_travel_whole(&wire, &sent, &arrived);
    struct reading *reading =
        read_bag(&wire, &arrived, CAPTURE_PCAP, LINK_ETHERNET);
    expect_stop(reading, 0, "unknown 0x88b5", "a frame with 15 tags");
    expect_stop(reading, 1, "malformed in vlan", "a frame with 16 tags");
    expect_stop(reading, 2, "malformed in vlan", "a frame with 370 tags");
    expect_stop(reading, 3, "", "a chain of 14 extension headers");
    expect_stop(reading, 4, "malformed in destination",
                "a chain of 15 extension headers");
    expect_stop(reading, 5, "malformed in destination",
                "a chain of 180 extension headers");
}
END_TEST

/* ---- Noise ------------------------------------------------------------------
 */

/* Right packets with a few wrong bytes.  What is printed is up to the packet;
 * that something is, and that the program lives, is judged. */
START_TEST(noise_is_survived)
{
    static struct bag bag;
    static struct generated packet;
    struct wire wire = wire_new("");
    uint64_t chance = _seed();
    for (uint64_t i = 0; i < 3000; i++) {
        generate(&packet, (enum subject)(i % SUBJECTS), _seed() + i);
        for (int k = 0; k < 3; k++) {
            chance = chance * 6364136223846793005u + 1442695040888963407u;
            size_t at = (size_t)(chance >> 33) % packet.bytes;
            packet.frame[12 + at % 80] = (uint8_t)(chance >> 25);
        }
        bag_add(&bag, packet.frame, packet.bytes, 0);
    }
    (void)read_bag(&wire, &bag, CAPTURE_PCAP, LINK_ETHERNET);
}
END_TEST

START_TEST(damage_of_a_link_is_survived)
{
    static struct bag sent, arrived;
    static struct generated packet;
    struct wire wire = wire_new("delay 2ms corrupt 100%");
    for (uint64_t i = 0; i < 600; i++) {
        generate(&packet, (enum subject)(i % SUBJECTS), _seed() + i);
        bag_add(&sent, packet.frame, packet.bytes, 0);
    }
    bag_travel(&wire, &sent, &arrived);
    need_faults(wire.net, FATE_CORRUPT, "", 400);
    (void)read_bag(&wire, &arrived, CAPTURE_PCAP, LINK_ETHERNET);
}
END_TEST

/* ---- Files ------------------------------------------------------------------
 */

static void expect_trouble(struct wire *wire, const char *file,
                           const char *said, const char *printed)
{
    struct proc *dissect = host_start(wire->reader, program("dissect"), file);
    expect_exit(dissect, 1, PATIENCE);
    expect_contains(proc_stderr(dissect, NULL), said, "dissect's complaint");
    expect_contains(proc_stdout(dissect, NULL), printed,
                    "dissect's output before it complained");
}

START_TEST(broken_files_are_told)
{
    static struct bag bag;
    static struct generated packet;
    size_t bytes;
    struct wire wire = wire_new("");
    for (uint64_t i = 0; i < 3; i++) {
        generate(&packet, SUBJECT_LINK, i);
        bag_add(&bag, packet.frame, packet.bytes, 0);
    }
    file_capture(wire.net, "reader:whole", CAPTURE_PCAP, LINK_ETHERNET,
                 bag.packets, bag.count);
    char *whole = file_read(wire.net, "reader:whole", &bytes);
    file_write(wire.net, "reader:cut", whole, bytes - 10);
    file_write(wire.net, "reader:text", "no capture at all, but text\n", 28);
    file_capture(wire.net, "reader:radio", CAPTURE_PCAP, 127, bag.packets, 1);
    expect_trouble(&wire, "cut", "packet 2", "packets=2 ");
    expect_trouble(&wire, "text", "text", "");
    expect_trouble(&wire, "radio", "radio", "");
    expect_trouble(&wire, "absent", "absent", "");
    free(whole);
}
END_TEST

/* Twenty times as many packets, the same memory. */
START_TEST(memory_stays_flat)
{
    static struct bag bag;
    static struct generated packet;
    int64_t rss[2];
    struct wire wire = wire_new("");
    for (uint64_t i = 0; i < 200; i++) {
        generate(&packet, SUBJECT_TRANSPORT, _seed() + i);
        bag_add(&bag, packet.frame, packet.bytes, 0);
    }
    static struct file_packet many[80000];
    for (size_t i = 0; i < COUNT(many); i++)
        many[i] = bag.packets[i % bag.count];
    for (int i = 0; i < 2; i++) {
        size_t count = i == 0 ? COUNT(many) / 20 : COUNT(many);
        file_capture(wire.net, "reader:many", CAPTURE_PCAP, LINK_ETHERNET, many,
                     count);
        struct proc *dissect =
            host_start(wire.reader, program("dissect"), "-q", "many");
        struct proc_end end;
        if (!proc_wait(dissect, SECONDS(20), &end))
            test_fail("dissect -q has not read %zu packets within 20 s", count);
        expect_equal(end.exit_code, 0, "exit status of dissect -q");
        char total[64];
        snprintf(total, sizeof(total), "packets=%zu ", count);
        expect_contains(proc_stdout(dissect, NULL), total,
                        "what dissect -q prints");
        rss[i] = end.peak_rss_bytes;
    }
    expect_at_most(rss[1] - rss[0], (int64_t)8 << 20,
                   "bytes of memory that 80000 packets take more than 4000");
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(every_prefix_is_truncated),
        .id = "02.5.every_prefix_is_truncated",
        .title = "Each prefix of each packet is truncated, and none malformed",
        .checkpoint = 5,
        .points = 3,
        .why = "Captures are cut, and so is what an attacker sends; a parser "
               "that reads one byte too far has been a hole in tcpdump, "
               "Wireshark and every kernel.",
        .cause = "a header is read before view_need() has granted its bytes, "
                 "or what is here is taken for what was promised.",
        .see = "README.md#here-and-promised",
        .variants = subjects,
        .needs = NEEDS_ASAN,
    },
    {
        TEST(snapped_captures_are_read),
        .id = "02.5.snapped_captures_are_read",
        .title = "A capture of headers alone is read as far as it goes",
        .checkpoint = 5,
        .points = 1,
        .why = "tcpdump -s 96 is how busy links are watched.",
        .cause = "total length beyond the captured bytes is no lie: go on "
                 "with what is here, and leave the checksum unverified.",
        .see = "README.md#here-and-promised",
    },
    {
        TEST(lies_are_malformed),
        .id = "02.5.lies_are_malformed",
        .title = "Length fields that lie are called malformed, each in its "
                 "layer",
        .checkpoint = 5,
        .points = 3,
        .why = "Each of these has been a security hole of somebody's.",
        .cause = "compare each length field with what it must at least be, "
                 "and with what the layer outside has promised.",
        .see = "README.md#here-and-promised",
        .needs = NEEDS_ASAN,
    },
    {
        TEST(chains_have_an_end),
        .id = "02.5.chains_have_an_end",
        .title = "The 17th header of a packet is one too many",
        .checkpoint = 5,
        .points = 2,
        .why = "A chain costs its reader time for each link, and its sender "
               "nothing.",
        .cause = "count the headers of a packet; MAX_LAYERS are enough for "
                 "any right one.",
        .see = "README.md#extension-headers",
        .needs = NEEDS_ASAN,
    },
    {
        TEST(noise_is_survived),
        .id = "02.5.noise_is_survived",
        .title = "3000 packets with wrong bytes are read without a crash",
        .checkpoint = 5,
        .points = 1,
        .why = "A crash on a strange packet is a way to blind whoever "
               "watches.",
        .cause = "the sanitizer's report in the program's stderr names the "
                 "line.",
        .see = "README.md#checkpoint-5",
        .needs = NEEDS_ASAN,
    },
    {
        TEST(damage_of_a_link_is_survived),
        .id = "02.5.damage_of_a_link_is_survived",
        .title = "600 packets that a link has damaged are read without a crash",
        .checkpoint = 5,
        .points = 1,
        .why = "Bits flip without any malice.",
        .cause = "the sanitizer's report in the program's stderr names the "
                 "line.",
        .see = "README.md#checkpoint-5",
        .needs = NEEDS_ASAN,
    },
    {
        TEST(broken_files_are_told),
        .id = "02.5.broken_files_are_told",
        .title = "A file that is no whole capture is told of, with status 1",
        .checkpoint = 5,
        .points = 1,
        .why = "Half a capture that looks like a whole one misleads.",
        .cause = "pcap_next_ex() ends with -2 at the end of the file and with "
                 "-1 where the file is broken: print the totals, complain, "
                 "and exit with 1.",
        .see = "README.md#the-programs",
    },
    {
        TEST(memory_stays_flat),
        .id = "02.5.memory_stays_flat",
        .title = "80000 packets take no more memory than 4000",
        .checkpoint = 5,
        .points = 2,
        .why = "Captures are larger than memories.",
        .cause = "nothing of a packet may outlive it: libpcap's buffer is "
                 "used again for the next.",
        .see = "README.md#the-programs",
    },
};
SUITE_THEME(hostile_theme, tests)
