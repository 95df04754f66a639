/* dissect and tshark on the same files, field by field; one test a checkpoint.
 *
 * Each reads four captures of the lab's generator, which have crossed a rough
 * link: one of each file format, in the link types that carry their subject. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "generate.h"

enum { CAPTURES = 4, PACKETS = 40, LINK_HEADER_BYTES = 20 };

/* How a value of dissect's and one of tshark's are the same. */
enum form {
    AS_TEXT,
    AS_NUMBER,
    IN_WORDS,  /* dissect's counts 4 bytes each */
    AS_CHECK,  /* ok, bad, unverified, none */
    AS_FLAG,   /* one of several words between bars */
    AS_OPTION, /* one of several after commas; numbers after colons */
};

struct same {
    const char *layer, *field;
    const char *word; /* AS_FLAG, AS_OPTION: which; of a vlan: its TPID */
    const char *oracle;
    enum form form;
    int number; /* AS_OPTION: which of its numbers, from 1 */
};

static const struct same sames[] = {
    {"ethernet", "dst", 0, "eth.dst", AS_TEXT, 0},
    {"ethernet", "src", 0, "eth.src", AS_TEXT, 0},
    {"ethernet", "type", 0, "eth.type", AS_NUMBER, 0},
    {"vlan", "pcp", "0x88a8", "ieee8021ad.priority", AS_NUMBER, 0},
    {"vlan", "dei", "0x88a8", "ieee8021ad.dei", AS_NUMBER, 0},
    {"vlan", "vid", "0x88a8", "ieee8021ad.id", AS_NUMBER, 0},
    {"vlan", "pcp", "0x8100", "vlan.priority", AS_NUMBER, 0},
    {"vlan", "dei", "0x8100", "vlan.dei", AS_NUMBER, 0},
    {"vlan", "vid", "0x8100", "vlan.id", AS_NUMBER, 0},
    {"vlan", "type", "0x8100", "vlan.etype", AS_NUMBER, 0},
    {"arp", "hardware_type", 0, "arp.hw.type", AS_NUMBER, 0},
    {"arp", "protocol_type", 0, "arp.proto.type", AS_NUMBER, 0},
    {"arp", "hlen", 0, "arp.hw.size", AS_NUMBER, 0},
    {"arp", "plen", 0, "arp.proto.size", AS_NUMBER, 0},
    {"arp", "opcode", 0, "arp.opcode", AS_NUMBER, 0},
    {"arp", "sender_hardware", 0, "arp.src.hw_mac", AS_TEXT, 0},
    {"arp", "sender_protocol", 0, "arp.src.proto_ipv4", AS_TEXT, 0},
    {"arp", "target_hardware", 0, "arp.dst.hw_mac", AS_TEXT, 0},
    {"arp", "target_protocol", 0, "arp.dst.proto_ipv4", AS_TEXT, 0},
    {"ipv4", "ihl", 0, "ip.hdr_len", IN_WORDS, 0},
    {"ipv4", "dscp", 0, "ip.dsfield.dscp", AS_NUMBER, 0},
    {"ipv4", "ecn", 0, "ip.dsfield.ecn", AS_NUMBER, 0},
    {"ipv4", "total_length", 0, "ip.len", AS_NUMBER, 0},
    {"ipv4", "identification", 0, "ip.id", AS_NUMBER, 0},
    {"ipv4", "flags", "reserved", "ip.flags.rb", AS_FLAG, 0},
    {"ipv4", "flags", "DF", "ip.flags.df", AS_FLAG, 0},
    {"ipv4", "flags", "MF", "ip.flags.mf", AS_FLAG, 0},
    {"ipv4", "fragment_offset", 0, "ip.frag_offset", AS_NUMBER, 0},
    {"ipv4", "ttl", 0, "ip.ttl", AS_NUMBER, 0},
    {"ipv4", "protocol", 0, "ip.proto", AS_NUMBER, 0},
    {"ipv4", "header_checksum", 0, "ip.checksum.status", AS_CHECK, 0},
    {"ipv4", "source", 0, "ip.src", AS_TEXT, 0},
    {"ipv4", "destination", 0, "ip.dst", AS_TEXT, 0},
    {"ipv4", "options", "router_alert", "ip.opt.ra", AS_OPTION, 1},
    {"ipv6", "dscp", 0, "ipv6.tclass.dscp", AS_NUMBER, 0},
    {"ipv6", "ecn", 0, "ipv6.tclass.ecn", AS_NUMBER, 0},
    {"ipv6", "flow_label", 0, "ipv6.flow", AS_NUMBER, 0},
    {"ipv6", "payload_length", 0, "ipv6.plen", AS_NUMBER, 0},
    {"ipv6", "next_header", 0, "ipv6.nxt", AS_NUMBER, 0},
    {"ipv6", "hop_limit", 0, "ipv6.hlim", AS_NUMBER, 0},
    {"ipv6", "source", 0, "ipv6.src", AS_TEXT, 0},
    {"ipv6", "destination", 0, "ipv6.dst", AS_TEXT, 0},
    {"hop_by_hop", "next_header", 0, "ipv6.hopopts.nxt", AS_NUMBER, 0},
    {"hop_by_hop", "length", 0, "ipv6.hopopts.len", AS_NUMBER, 0},
    {"hop_by_hop", "options", "router_alert", "ipv6.opt.router_alert",
     AS_OPTION, 1},
    {"destination", "next_header", 0, "ipv6.dstopts.nxt", AS_NUMBER, 0},
    {"destination", "length", 0, "ipv6.dstopts.len", AS_NUMBER, 0},
    {"routing", "next_header", 0, "ipv6.routing.nxt", AS_NUMBER, 0},
    {"routing", "length", 0, "ipv6.routing.len", AS_NUMBER, 0},
    {"routing", "routing_type", 0, "ipv6.routing.type", AS_NUMBER, 0},
    {"routing", "segments_left", 0, "ipv6.routing.segleft", AS_NUMBER, 0},
    {"fragment", "next_header", 0, "ipv6.fraghdr.nxt", AS_NUMBER, 0},
    {"fragment", "fragment_offset", 0, "ipv6.fraghdr.offset", AS_NUMBER, 0},
    {"fragment", "m", 0, "ipv6.fraghdr.more", AS_NUMBER, 0},
    {"fragment", "identification", 0, "ipv6.fraghdr.ident", AS_NUMBER, 0},
    {"ah", "next_header", 0, "ah.next_header", AS_NUMBER, 0},
    {"ah", "spi", 0, "ah.spi", AS_NUMBER, 0},
    {"ah", "sequence_number", 0, "ah.sequence", AS_NUMBER, 0},
    {"icmp", "type", 0, "icmp.type", AS_NUMBER, 0},
    {"icmp", "code", 0, "icmp.code", AS_NUMBER, 0},
    {"icmp", "checksum", 0, "icmp.checksum.status", AS_CHECK, 0},
    {"icmpv6", "type", 0, "icmpv6.type", AS_NUMBER, 0},
    {"icmpv6", "code", 0, "icmpv6.code", AS_NUMBER, 0},
    {"icmpv6", "checksum", 0, "icmpv6.checksum.status", AS_CHECK, 0},
    {"icmpv6", "identifier", 0, "icmpv6.echo.identifier", AS_NUMBER, 0},
    {"icmpv6", "sequence_number", 0, "icmpv6.echo.sequence_number", AS_NUMBER,
     0},
    {"udp", "source_port", 0, "udp.srcport", AS_NUMBER, 0},
    {"udp", "destination_port", 0, "udp.dstport", AS_NUMBER, 0},
    {"udp", "length", 0, "udp.length", AS_NUMBER, 0},
    {"udp", "checksum", 0, "udp.checksum.status", AS_CHECK, 0},
    {"tcp", "source_port", 0, "tcp.srcport", AS_NUMBER, 0},
    {"tcp", "destination_port", 0, "tcp.dstport", AS_NUMBER, 0},
    {"tcp", "sequence_number", 0, "tcp.seq", AS_NUMBER, 0},
    {"tcp", "acknowledgment_number", 0, "tcp.ack", AS_NUMBER, 0},
    {"tcp", "data_offset", 0, "tcp.hdr_len", IN_WORDS, 0},
    {"tcp", "flags", "FIN", "tcp.flags.fin", AS_FLAG, 0},
    {"tcp", "flags", "SYN", "tcp.flags.syn", AS_FLAG, 0},
    {"tcp", "flags", "RST", "tcp.flags.reset", AS_FLAG, 0},
    {"tcp", "flags", "PSH", "tcp.flags.push", AS_FLAG, 0},
    {"tcp", "flags", "ACK", "tcp.flags.ack", AS_FLAG, 0},
    {"tcp", "flags", "URG", "tcp.flags.urg", AS_FLAG, 0},
    {"tcp", "flags", "CWR", "tcp.flags.cwr", AS_FLAG, 0},
    {"tcp", "window", 0, "tcp.window_size_value", AS_NUMBER, 0},
    {"tcp", "checksum", 0, "tcp.checksum.status", AS_CHECK, 0},
    {"tcp", "urgent_pointer", 0, "tcp.urgent_pointer", AS_NUMBER, 0},
    {"tcp", "options", "mss", "tcp.options.mss_val", AS_OPTION, 1},
    {"tcp", "options", "window_scale", "tcp.options.wscale.shift", AS_OPTION,
     1},
    {"tcp", "options", "timestamp", "tcp.options.timestamp.tsval", AS_OPTION,
     1},
    {"tcp", "options", "timestamp", "tcp.options.timestamp.tsecr", AS_OPTION,
     2},
    {"tcp", "options", "sack", "tcp.options.sack_le", AS_OPTION, 1},
    {"tcp", "options", "sack", "tcp.options.sack_re", AS_OPTION, 2},
};

/* ---- Comparing ------------------------------------------------------------
 */

/* tshark's booleans are "1" and "0", or in later versions words. */
static unsigned long long number_of(const char *text)
{
    if (strcmp(text, "True") == 0)
        return 1;
    return strtoull(text, NULL, 0);
}

static bool has_word(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; (at = strstr(at, word)) != NULL; at++) {
        if ((at == list || at[-1] == '|') &&
            (at[length] == '|' || at[length] == '\0'))
            return true;
    }
    return false;
}

/* "mss:1460,timestamp:5:0": the n-th number of an option, "" without it. */
static const char *number_in(const char *list, const char *word, int n,
                             bool hex)
{
    static char value[32];
    size_t length = strlen(word);
    const char *at = list;
    while (at != NULL &&
           (strncmp(at, word, length) != 0 || at[length] != ':')) {
        at = strchr(at, ',');
        at += at != NULL;
    }
    if (at == NULL)
        return "";
    while (n-- > 0)
        at += strcspn(at, ":") + 1;
    snprintf(value, sizeof(value), "%s%.*s", hex ? "0x" : "",
             (int)strcspn(at, ":,"), at);
    return value;
}

static bool checks_agree(const char *ours, const char *theirs)
{
    static const char *const words[] = {"bad", "ok", "unverified", "none"};
    unsigned long long n = number_of(theirs);
    return n < COUNT(words) && strncmp(ours, words[n], strlen(words[n])) == 0;
}

static bool agree(const struct same *same, const char *ours, const char *theirs)
{
    if (same->form == AS_OPTION)
        ours = number_in(ours, same->word, same->number,
                         strcmp(same->word, "router_alert") == 0);
    if (*ours == '\0' || *theirs == '\0')
        return *ours == *theirs;
    switch (same->form) {
    case AS_TEXT:
        return strcmp(ours, theirs) == 0;
    case AS_NUMBER:
    case AS_OPTION:
        return number_of(ours) == number_of(theirs);
    case IN_WORDS:
        return number_of(ours) * 4 == number_of(theirs);
    case AS_CHECK:
        return checks_agree(ours, theirs);
    case AS_FLAG:
        return has_word(ours, same->word) == (number_of(theirs) != 0);
    }
    return false;
}

/* The value in dissect's output; of two tags, the one of that TPID. */
static const char *our_value(const struct reading *reading, size_t packet,
                             const struct same *same)
{
    static char value[32];
    char tpid[32], name[32];
    if (strcmp(same->layer, "vlan") != 0)
        return field_of(reading, packet, same->layer, same->field);
    snprintf(tpid, sizeof(tpid), " tpid=%s ", same->word);
    snprintf(name, sizeof(name), " %s=", same->field);
    const char *line;
    for (size_t n = 0; (line = line_of(reading, packet, "vlan", n)); n++) {
        const char *at = strstr(line, name);
        if (strncmp(line, tpid, strlen(tpid)) != 0 || at == NULL)
            continue;
        at += strlen(name);
        snprintf(value, sizeof(value), "%.*s", (int)strcspn(at, " "), at);
        return value;
    }
    return "";
}

static void compare_packet(const struct reading *reading, struct oracle *oracle,
                           size_t packet, const struct same *same)
{
    const char *ours = our_value(reading, packet, same);
    const char *theirs = oracle_field(oracle, packet, same->oracle);
    if (agree(same, ours, theirs))
        return;
    step("dissect's lines on packet %zu are in its output, among the evidence",
         packet + 1);
    test_fail("packet %zu: dissect says %s %s=%s, and tshark %s says %s=%s",
              packet + 1, same->layer, same->field, *ours ? ours : "(none)",
              oracle_version(oracle), same->oracle,
              *theirs ? theirs : "(none)");
}

/* Field by field, so that the outermost that is read wrongly is told first. */
static void compare_all(const struct reading *reading, struct oracle *oracle,
                        size_t packets)
{
    for (size_t i = 0; i < COUNT(sames); i++) {
        for (size_t packet = 0; packet < packets; packet++)
            compare_packet(reading, oracle, packet, &sames[i]);
    }
}

/* ---- Captures -------------------------------------------------------------
 */

/* A packet without its frame, behind the header that a link type has. */
static size_t put_link_header(uint8_t *out, enum link_type type,
                              uint16_t protocol)
{
    static const uint8_t cooked[16] = {0, 0, 0, 1, 0, 6, 2, 0x77, 0, 1, 0, 2};
    static const uint8_t cooked2[20] = {0, 0, 0, 0, 0,    0, 0, 3, 0,
                                        1, 0, 6, 2, 0x77, 0, 1, 0, 2};
    if (type == LINK_COOKED) {
        memcpy(out, cooked, sizeof(cooked));
        out[14] = (uint8_t)(protocol >> 8);
        out[15] = (uint8_t)protocol;
        return sizeof(cooked);
    }
    if (type == LINK_COOKED2) {
        memcpy(out, cooked2, sizeof(cooked2));
        out[0] = (uint8_t)(protocol >> 8);
        out[1] = (uint8_t)protocol;
        return sizeof(cooked2);
    }
    return 0; /* raw IP */
}

static void add_relinked(struct bag *bag, const struct file_packet *packet,
                         enum link_type type)
{
    static uint8_t out[LINK_HEADER_BYTES + GENERATED_MAX_BYTES];
    const uint8_t *frame = packet->data;
    size_t at = 12;
    while (frame[at] == 0x81 || frame[at] == 0x88)
        at += 4; /* past the tags; 0x88b5 is no generated tag's neighbour */
    uint16_t protocol = (uint16_t)(frame[at] << 8 | frame[at + 1]);
    size_t n = put_link_header(out, type, protocol);
    memcpy(out + n, frame + at + 2, packet->bytes - at - 2);
    bag_add(bag, out, n + packet->bytes - at - 2, 0);
}

/* The k-th capture's packets come out of those that arrived. */
static void take_share(const struct bag *arrived, size_t k, enum link_type type,
                       struct bag *capture)
{
    for (size_t i = k; i < arrived->count; i += CAPTURES) {
        const struct file_packet *packet = &arrived->packets[i];
        if (type == LINK_ETHERNET)
            bag_add(capture, packet->data, packet->bytes, 0);
        else
            add_relinked(capture, packet, type);
    }
}

static void ask_both(struct wire *wire, const struct bag *capture, size_t k,
                     enum link_type type)
{
    const char *fields[COUNT(sames) + 1] = {NULL};
    char file[64], name[32];
    for (size_t i = 0; i < COUNT(sames); i++)
        fields[i] = sames[i].oracle;
    snprintf(name, sizeof(name), "capture%zu", k);
    snprintf(file, sizeof(file), "reader:%s", name);
    file_capture(wire->net, file, (enum capture_format)(k % CAPTURE_FORMATS),
                 type, capture->packets, capture->count);
    struct reading *reading = read_file(wire, name, capture->count);
    struct oracle *oracle = oracle_ask(wire->reader, name, fields);
    compare_all(reading, oracle, capture->count);
}

static void agree_on(enum subject subject)
{
    static struct bag sent, arrived, captures[CAPTURES];
    static const enum link_type types[] = {LINK_ETHERNET, LINK_COOKED,
                                           LINK_COOKED2, LINK_RAW_IP};
    struct wire wire = wire_new(ROUGH);
    static struct generated packet;
    for (uint64_t i = 0; i < (uint64_t)CAPTURES * PACKETS; i++) {
        generate(&packet, subject, _seed() + i);
        bag_add(&sent, packet.frame, packet.bytes, 0);
    }
    bag_travel(&wire, &sent, &arrived);
    for (size_t k = 0; k < CAPTURES; k++) {
        enum link_type type =
            subject == SUBJECT_LINK ? LINK_ETHERNET : types[k];
        take_share(&arrived, k, type, &captures[k]);
        ask_both(&wire, &captures[k], k, type);
    }
}

START_TEST(link_fields)
{
    agree_on(SUBJECT_LINK);
}
END_TEST

START_TEST(ipv4_fields)
{
    agree_on(SUBJECT_IPV4);
}
END_TEST

START_TEST(ipv6_fields)
{
    agree_on(SUBJECT_IPV6);
}
END_TEST

START_TEST(transport_fields)
{
    agree_on(SUBJECT_TRANSPORT);
}
END_TEST

#define AGREES_WHY                                                             \
    "Two programs by different people that agree on every field are seldom "   \
    "both wrong."
#define AGREES_CAUSE                                                           \
    "a field is read at the wrong offset, with the wrong width or in the "     \
    "wrong byte order.  The steps show the packet as dissect sees it: "        \
    "compare "                                                                 \
    "with the header's layout in headers.h."

static const struct lab_test tests[] = {
    {
        TEST(link_fields),
        .id = "02.1.agrees_with_tshark",
        .title = "Four captures of frames, tags and ARP are read as tshark "
                 "reads them",
        .checkpoint = 1,
        .points = 3,
        .why = AGREES_WHY,
        .cause = AGREES_CAUSE,
        .see = "README.md#how-to-look",
        .load = LOAD_MEDIUM,
        .time_limit_s = 60,
    },
    {
        TEST(ipv4_fields),
        .id = "02.2.agrees_with_tshark",
        .title = "Four captures of IPv4 are read as tshark reads them",
        .checkpoint = 2,
        .points = 3,
        .why = AGREES_WHY,
        .cause = AGREES_CAUSE,
        .see = "README.md#how-to-look",
        .load = LOAD_MEDIUM,
        .time_limit_s = 60,
    },
    {
        TEST(ipv6_fields),
        .id = "02.3.agrees_with_tshark",
        .title = "Four captures of IPv6 are read as tshark reads them",
        .checkpoint = 3,
        .points = 3,
        .why = AGREES_WHY,
        .cause = AGREES_CAUSE,
        .see = "README.md#how-to-look",
        .load = LOAD_MEDIUM,
        .time_limit_s = 60,
    },
    {
        TEST(transport_fields),
        .id = "02.4.agrees_with_tshark",
        .title = "Four captures of UDP, TCP and ICMP are read as tshark reads "
                 "them",
        .checkpoint = 4,
        .points = 3,
        .why = AGREES_WHY,
        .cause = AGREES_CAUSE,
        .see = "README.md#how-to-look",
        .load = LOAD_MEDIUM,
        .time_limit_s = 60,
    },
};
SUITE_THEME(agree_theme, tests)
