/* Names of packets: the same in every run, whatever the kernel chose. */
#include <check.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/strbuf.h"
#include "link/flow.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

enum { SEED = 7, MAX_PACKET = 2048 };

/* ---- Packets ------------------------------------------------------------- */

struct packet_spec {
    size_t data_bytes;
    uint32_t seq;
    uint16_t src_port, dst_port;
    uint16_t fragment; /* IPv4's flags and offset */
    uint8_t src, dst;  /* hosts 10.77.1.N or fd77:1::N */
    uint8_t protocol;
    uint8_t flags;
    bool v6;
};

static void put_be16(uint8_t *p, size_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static void put_be32(uint8_t *p, uint32_t value)
{
    put_be16(p, value >> 16);
    put_be16(p + 2, value & 0xffff);
}

static size_t put_ip(uint8_t *p, const struct packet_spec *spec, size_t bytes)
{
    if (!spec->v6) {
        p[0] = 0x45;
        put_be16(p + 2, 20 + bytes);
        put_be16(p + 6, spec->fragment);
        p[9] = spec->protocol;
        memcpy(p + 12, (uint8_t[]){10, 77, 1, spec->src}, 4);
        memcpy(p + 16, (uint8_t[]){10, 77, 1, spec->dst}, 4);
        return 20;
    }
    p[0] = 0x60;
    put_be16(p + 4, bytes);
    p[6] = spec->protocol;
    memcpy(p + 8, (uint8_t[]){0xfd, 0x77, 0, 1}, 4);
    memcpy(p + 24, (uint8_t[]){0xfd, 0x77, 0, 1}, 4);
    p[23] = spec->src;
    p[39] = spec->dst;
    return 40;
}

static size_t build(uint8_t *p, const struct packet_spec *spec)
{
    memset(p, 0, MAX_PACKET);
    bool tcp = spec->protocol == IPPROTO_TCP;
    size_t header = tcp ? 20 : 8;
    size_t at = put_ip(p, spec, header + spec->data_bytes);
    put_be16(p + at, spec->src_port);
    put_be16(p + at + 2, spec->dst_port);
    if (tcp) {
        put_be32(p + at + 4, spec->seq);
        p[at + 12] = 0x50;
        p[at + 13] = spec->flags;
    } else {
        put_be16(p + at + 4, 8 + spec->data_bytes);
    }
    return at + header + spec->data_bytes;
}

/* Classifies a packet; `units` holds FLOW_MAX_UNITS. */
static size_t classify(struct flows *flows, const struct packet_spec *spec,
                       struct unit *units)
{
    uint8_t packet[MAX_PACKET];
    size_t bytes = build(packet, spec);
    return flows_classify(flows, SEED, spec->src > spec->dst, packet, bytes,
                          units, FLOW_MAX_UNITS);
}

static struct unit only_unit(struct flows *flows, struct packet_spec spec)
{
    struct unit units[FLOW_MAX_UNITS];
    ck_assert_uint_eq(classify(flows, &spec, units), 1);
    return units[0];
}

static struct packet_spec udp(uint16_t src_port, uint16_t dst_port)
{
    return (struct packet_spec){.protocol = IPPROTO_UDP,
                                .src = 1,
                                .dst = 2,
                                .src_port = src_port,
                                .dst_port = dst_port,
                                .data_bytes = 100};
}

/* A segment of a connection from 1:port to 2:80. */
static struct packet_spec tcp(uint16_t port, uint8_t flags, uint32_t seq,
                              size_t data_bytes)
{
    return (struct packet_spec){.protocol = IPPROTO_TCP,
                                .src = 1,
                                .dst = 2,
                                .src_port = port,
                                .dst_port = 80,
                                .flags = flags,
                                .seq = seq,
                                .data_bytes = data_bytes};
}

static struct packet_spec backwards(struct packet_spec spec)
{
    struct packet_spec back = spec;
    back.src = spec.dst;
    back.dst = spec.src;
    back.src_port = spec.dst_port;
    back.dst_port = spec.src_port;
    return back;
}

/* ---- Flows --------------------------------------------------------------- */

START_TEST(datagrams_are_numbered_each_direction_for_itself)
{
    struct flows *flows = flows_new(1);
    for (uint64_t i = 0; i < 100; i++) {
        struct unit there = only_unit(flows, udp(40000, 9000));
        ck_assert_int_eq(there.kind, UNIT_PACKET);
        ck_assert_uint_eq(there.index, i);
        ck_assert_uint_eq(there.flow, 1);
        if (i % 3 != 0)
            continue;
        struct unit back = only_unit(flows, backwards(udp(40000, 9000)));
        ck_assert_uint_eq(back.index, i / 3);
        ck_assert_uint_eq(back.flow_label, there.flow_label);
    }
    flows_free(flows);
}
END_TEST

START_TEST(the_ephemeral_port_is_not_in_the_name)
{
    for (int v6 = 0; v6 < 2; v6++) {
        uint64_t label = 0;
        for (uint16_t port = 32768; port < 60999; port += 997) {
            struct flows *flows = flows_new(1);
            struct packet_spec spec = udp(port, 9000);
            spec.v6 = v6;
            struct unit unit = only_unit(flows, spec);
            ck_assert(label == 0 || unit.flow_label == label);
            label = unit.flow_label;
            flows_free(flows);
        }
    }
}
END_TEST

/* Which of two hosts speaks first changes nothing where one has a service. */
START_TEST(the_first_packet_may_come_from_either_side)
{
    struct flows *one = flows_new(1), *other = flows_new(1);
    struct unit a = only_unit(one, udp(50000, 9000));
    struct unit b = only_unit(other, backwards(udp(41000, 9000)));
    ck_assert_uint_eq(a.flow_label, b.flow_label);
    flows_free(one);
    flows_free(other);
}
END_TEST

START_TEST(a_service_on_an_ephemeral_port_is_told_by_the_first_packet)
{
    struct flows *one = flows_new(1), *two = flows_new(1),
                 *three = flows_new(1);
    struct unit a = only_unit(one, udp(50000, 40000));
    struct unit b = only_unit(two, udp(51234, 40000));
    struct unit c = only_unit(three, udp(50000, 40001));
    ck_assert_uint_eq(a.flow_label, b.flow_label);
    ck_assert_uint_ne(a.flow_label, c.flow_label);
    flows_free(one);
    flows_free(two);
    flows_free(three);
}
END_TEST

START_TEST(protocol_hosts_and_service_are_in_the_name)
{
    struct packet_spec base = udp(50000, 9000), others[6];
    for (int i = 0; i < COUNT(others); i++)
        others[i] = base;
    others[0].dst_port = 9001;
    others[1].dst = 3;
    others[2].src = 4;
    others[3].protocol = IPPROTO_UDPLITE;
    others[4].v6 = true;
    others[5].src_port = 1000;
    struct flows *flows = flows_new(1);
    uint64_t label = only_unit(flows, base).flow_label;
    for (int i = 0; i < COUNT(others); i++) {
        struct unit unit = only_unit(flows, others[i]);
        ck_assert_uint_ne(unit.flow_label, label);
        ck_assert_uint_eq(unit.flow, 2 + i);
        ck_assert_uint_eq(unit.index, 0);
    }
    flows_free(flows);
}
END_TEST

/* The third client of a service is the third in every run, whatever the clients
 * of another service do in between. */
START_TEST(other_services_do_not_shift_the_order)
{
    struct flows *quiet = flows_new(1), *busy = flows_new(1);
    uint64_t labels[20];
    for (uint16_t i = 0; i < 20; i++) {
        labels[i] = only_unit(quiet, udp(33000 + i, 9000)).flow_label;
        for (uint16_t k = 0; k < i; k++)
            ck_assert_uint_ne(labels[i], labels[k]);
    }
    for (uint16_t i = 0; i < 20; i++) {
        for (uint16_t k = 0; k < 5; k++)
            (void)only_unit(busy, udp((uint16_t)(50000 + i * 10 + k), 53));
        ck_assert_uint_eq(only_unit(busy, udp(44000 - i, 9000)).flow_label,
                          labels[i]);
    }
    flows_free(quiet);
    flows_free(busy);
}
END_TEST

START_TEST(names_of_flows_can_be_read)
{
    struct flows *flows = flows_new(1);
    char text[FLOW_NAME_BYTES];
    struct packet_spec six = tcp(51000, VIEW_SYN, 5, 0);
    six.v6 = true;
    (void)only_unit(flows, udp(40000, 9000));
    (void)only_unit(flows, udp(40001, 9000));
    (void)only_unit(flows, six);
    flows_name(flows, 1, text, sizeof(text));
    ck_assert_str_eq(text, "udp 10.77.1.1 10.77.1.2:9000 1");
    flows_name(flows, 2, text, sizeof(text));
    ck_assert_str_eq(text, "udp 10.77.1.1 10.77.1.2:9000 2");
    flows_name(flows, 3, text, sizeof(text));
    ck_assert_str_eq(text, "tcp fd77:1::1 fd77:1::2.80 1");
    ck_assert_int_eq(flows_name(flows, 4, text, sizeof(text)), 0);
    ck_assert_int_eq(flows_name(flows, 0, text, sizeof(text)), 0);
    flows_free(flows);
}
END_TEST

/* ---- What takes no index ------------------------------------------------- */

static const struct {
    const char *name;
    uint8_t packet[64];
    size_t bytes;
    int expected; /* units */
} others[] = {
    {"neighbour solicitation",
     {0x60, 0, 0, 0, 0, 24, 58, 255, [8] = 0xfe, 0x80, [40] = 135},
     64,                                                                                              0},
    {"router advertisement",
     {0x60, 0, 0, 0, 0, 24, 58, 255, [8] = 0xfe, 0x80, [40] = 134},
     64,                                                                                              0},
    {"MLDv2 report behind a hop-by-hop header",
     {0x60, 0, 0, 0, 0, 24, 0, 1, [8] = 0xfe, 0x80, [40] = 58, 0, [48] = 143},
     64,                                                                                              0},
    {"IGMP",                                    {0x45, 0, 0, 28, [9] = 2, [12] = 10, [16] = 224}, 28, 0},
    {"ICMPv6 echo",
     {0x60, 0, 0, 0, 0, 24, 58, 64, [8] = 0xfd, [24] = 0xfd, [40] = 128},
     64,                                                                                              1},
    {"ICMP unreachable",
     {0x45, 0, 0, 28, [9] = 1, [12] = 10, [16] = 10, [20] = 3},
     28,                                                                                              1},
    {"GRE",                                     {0x45, 0, 0, 28, [9] = 47, [12] = 10, [16] = 10}, 28, 1},
    {"no IP",                                   {0x00, 1, 8, 0},                                  28, 0},
    {"nothing",                                 {0},                                              0,  0},
};

START_TEST(only_the_links_own_traffic_has_no_units)
{
    struct flows *flows = flows_new(1);
    struct unit units[FLOW_MAX_UNITS];
    size_t n = flows_classify(flows, SEED, 0, others[_i].packet,
                              others[_i].bytes, units, FLOW_MAX_UNITS);
    ck_assert_msg((int)n == others[_i].expected, "%s: %d units",
                  others[_i].name, (int)n);
    flows_free(flows);
}
END_TEST

START_TEST(pings_are_flows_by_their_id)
{
    struct flows *flows = flows_new(1);
    uint8_t ping[28] = {0x45, 0, 0,  28, [9] = 1, [12] = 10, 77,
                        1,    1, 10, 77, 1,       2,         [20] = 8};
    struct unit units[1];
    uint64_t labels[2];
    for (int id = 0; id < 2; id++) {
        put_be16(ping + 24, (size_t)id * 4711 + 1);
        for (uint64_t i = 0; i < 3; i++) {
            flows_classify(flows, SEED, 0, ping, sizeof(ping), units, 1);
            ck_assert_uint_eq(units[0].index, i);
        }
        labels[id] = units[0].flow_label;
    }
    ck_assert_uint_ne(labels[0], labels[1]);
    struct flows *again = flows_new(1);
    put_be16(ping + 24, 999);
    flows_classify(again, SEED, 0, ping, sizeof(ping), units, 1);
    ck_assert_uint_eq(units[0].flow_label, labels[0]);
    flows_free(flows);
    flows_free(again);
}
END_TEST

START_TEST(fragments_are_numbered_together)
{
    struct flows *flows = flows_new(1);
    uint64_t label = only_unit(flows, udp(40000, 9000)).flow_label;
    struct packet_spec first = udp(40000, 9000), rest = udp(1, 2);
    first.fragment = 0x2000; /* more follow */
    rest.fragment = 185;     /* behind 1480 bytes; no ports */
    for (uint64_t i = 0; i < 10; i++) {
        struct unit a = only_unit(flows, first), b = only_unit(flows, rest);
        ck_assert_uint_eq(a.index, 2 * i);
        ck_assert_uint_eq(b.index, 2 * i + 1);
        ck_assert_uint_eq(a.flow_label, b.flow_label);
        ck_assert_uint_ne(a.flow_label, label);
    }
    struct packet_spec whole = udp(40000, 9000);
    whole.fragment = 0x4000; /* "don't fragment" makes no fragment */
    ck_assert_uint_eq(only_unit(flows, whole).index, 1);
    flows_free(flows);
}
END_TEST

/* ---- TCP ----------------------------------------------------------------- */

enum { STREAM_BYTES = 1000 * FLOW_CELL_BYTES };

/* Sends a stream with segments of sizes drawn by `cuts`, and collects how often
 * each mark was met.  `hits` has a place for each cell. */
static void send_stream(uint32_t isn, uint16_t port, uint64_t cuts,
                        unsigned *hits, uint64_t *marks)
{
    struct flows *flows = flows_new(1);
    struct unit units[FLOW_MAX_UNITS];
    (void)only_unit(flows, tcp(port, VIEW_SYN, isn, 0));
    (void)only_unit(flows, backwards(tcp(port, VIEW_SYN | VIEW_ACK, 5, 0)));
    for (size_t at = 0, i = 0; at < STREAM_BYTES; i++) {
        size_t bytes = 1448;
        if (cuts > 0)
            bytes = 1 + hash_words((uint64_t[]){cuts, i}, 2) % 1448;
        if (bytes > STREAM_BYTES - at)
            bytes = STREAM_BYTES - at;
        struct packet_spec spec =
            tcp(port, VIEW_ACK, isn + 1 + (uint32_t)at, bytes);
        size_t n = classify(flows, &spec, units);
        ck_assert_uint_ge(n, 1);
        for (size_t k = 0; k < n; k++) {
            if (units[k].kind == UNIT_BARE)
                continue;
            ck_assert_int_eq(units[k].kind, UNIT_DATA);
            ck_assert_uint_eq(units[k].nth, 0);
            ck_assert_uint_ge(units[k].offset_bytes, at);
            ck_assert_uint_lt(units[k].offset_bytes, at + bytes);
            ck_assert_uint_eq(units[k].offset_bytes / FLOW_CELL_BYTES,
                              units[k].index);
            hits[units[k].index]++;
            marks[units[k].index] = units[k].offset_bytes;
        }
        at += bytes;
    }
    flows_free(flows);
}

/* The heart of it: however the stream is cut, whatever the ports and initial
 * numbers, the same marks are met at the same offsets, each once. */
START_TEST(segmentation_does_not_move_the_marks)
{
    static const uint32_t isns[] = {1, 0xffffffff, 0xfffff000, 123456789};
    uint64_t first[1000] = {0};
    for (int run = 0; run < COUNT(isns); run++) {
        unsigned hits[1000] = {0};
        uint64_t marks[1000] = {0};
        send_stream(isns[run], (uint16_t)(40000 + run * 7), (uint64_t)run, hits,
                    marks);
        for (int cell = 0; cell < 1000; cell++)
            ck_assert_uint_eq(hits[cell], 1);
        if (run == 0)
            memcpy(first, marks, sizeof(first));
        ck_assert_mem_eq(first, marks, sizeof(first));
    }
}
END_TEST

START_TEST(marks_lie_anywhere_in_their_cells)
{
    enum { BINS = 10 };
    unsigned hits[1000] = {0};
    uint64_t marks[1000] = {0};
    double chi = 0, bins[BINS] = {0};
    send_stream(1, 40000, 0, hits, marks);
    for (int cell = 0; cell < 1000; cell++)
        bins[marks[cell] % FLOW_CELL_BYTES * BINS / FLOW_CELL_BYTES]++;
    for (int i = 0; i < BINS; i++)
        chi += pow(bins[i] - 1000.0 / BINS, 2) / (1000.0 / BINS);
    ck_assert_double_lt(chi, 27.9); /* 9 degrees of freedom, 1 in 1000 */
}
END_TEST

START_TEST(the_seed_places_the_marks)
{
    struct unit units[2][FLOW_MAX_UNITS];
    uint8_t packet[MAX_PACKET];
    int same = 0;
    for (uint64_t seed = 0; seed < 50; seed++) {
        size_t n[2];
        for (int k = 0; k < 2; k++) {
            struct flows *flows = flows_new(1);
            struct packet_spec spec = tcp(40000, VIEW_SYN, 0, 0);
            size_t bytes = build(packet, &spec);
            flows_classify(flows, seed + (uint64_t)k, 0, packet, bytes,
                           units[k], FLOW_MAX_UNITS);
            spec = tcp(40000, VIEW_ACK, 1, 1448);
            bytes = build(packet, &spec);
            n[k] = flows_classify(flows, seed + (uint64_t)k, 0, packet, bytes,
                                  units[k], FLOW_MAX_UNITS);
            flows_free(flows);
        }
        ck_assert_uint_eq(n[0], 1); /* a whole cell holds its mark */
        same += units[0][0].offset_bytes == units[1][0].offset_bytes;
    }
    ck_assert_int_lt(same, 3);
}
END_TEST

START_TEST(a_retransmission_asks_anew)
{
    struct flows *flows = flows_new(1);
    struct unit units[FLOW_MAX_UNITS];
    (void)only_unit(flows, tcp(40000, VIEW_SYN, 100, 0));
    for (unsigned nth = 0; nth < 300; nth++) {
        struct packet_spec spec = tcp(40000, VIEW_ACK, 101, 1448);
        ck_assert_uint_eq(classify(flows, &spec, units), 1);
        ck_assert_uint_eq(units[0].index, 0);
        ck_assert_uint_eq(units[0].nth, nth < 255 ? nth : 255);
    }
    flows_free(flows);
}
END_TEST

/* A retransmission cut otherwise, as SACK and shrinking MSS make it, still
 * finds the mark once: in the piece that carries it. */
START_TEST(a_retransmission_in_pieces_finds_the_mark_in_one)
{
    struct flows *flows = flows_new(1);
    struct unit units[FLOW_MAX_UNITS];
    struct packet_spec whole = tcp(40000, VIEW_ACK, 101, 1448);
    (void)only_unit(flows, tcp(40000, VIEW_SYN, 100, 0));
    ck_assert_uint_eq(classify(flows, &whole, units), 1);
    uint64_t mark = units[0].offset_bytes;
    int found = 0;
    for (uint32_t at = 0; at < 1448; at += 181) {
        struct unit unit =
            only_unit(flows, tcp(40000, VIEW_ACK, 101 + at, 181));
        bool here = mark >= at && mark < at + 181;
        ck_assert_int_eq(unit.kind, here ? UNIT_DATA : UNIT_BARE);
        ck_assert_uint_eq(unit.index, 0);
        ck_assert_uint_eq(unit.nth, here);
        found += here;
    }
    ck_assert_int_eq(found, 1);
    flows_free(flows);
}
END_TEST

START_TEST(control_segments_have_counters_of_their_own)
{
    struct flows *flows = flows_new(1);
    struct {
        uint8_t flags;
        enum unit_kind kind;
        uint64_t index;
    } rows[] = {
        {VIEW_SYN,            UNIT_SYN, 0},
        {VIEW_SYN,            UNIT_SYN, 1}, /* retransmitted */
        {VIEW_ACK,            UNIT_ACK, 0},
        {VIEW_ACK,            UNIT_ACK, 1},
        {VIEW_FIN | VIEW_ACK, UNIT_FIN, 0},
        {VIEW_FIN | VIEW_ACK, UNIT_FIN, 1},
        {VIEW_ACK,            UNIT_ACK, 2},
        {VIEW_RST,            UNIT_RST, 0},
    };
    for (int i = 0; i < COUNT(rows); i++) {
        uint32_t seq = rows[i].flags & VIEW_SYN ? 100 : 101;
        struct unit unit = only_unit(flows, tcp(40000, rows[i].flags, seq, 0));
        ck_assert_int_eq(unit.kind, rows[i].kind);
        ck_assert_uint_eq(unit.index, rows[i].index);
        ck_assert_uint_eq(unit.flow, 1);
    }
    struct unit back =
        only_unit(flows, backwards(tcp(40000, VIEW_ACK, 700, 0)));
    ck_assert_uint_eq(back.index, 0);
    flows_free(flows);
}
END_TEST

START_TEST(a_fin_with_data_is_both)
{
    struct flows *flows = flows_new(1);
    struct unit units[FLOW_MAX_UNITS];
    (void)only_unit(flows, tcp(40000, VIEW_SYN, 100, 0));
    struct packet_spec spec = tcp(40000, VIEW_FIN | VIEW_ACK, 101, 1448);
    ck_assert_uint_eq(classify(flows, &spec, units), 2);
    ck_assert_int_eq(units[0].kind, UNIT_FIN);
    ck_assert_int_eq(units[1].kind, UNIT_DATA);
    flows_free(flows);
}
END_TEST

START_TEST(a_keepalive_probe_is_an_ack)
{
    struct flows *flows = flows_new(1);
    (void)only_unit(flows, tcp(40000, VIEW_SYN, 100, 0));
    struct unit probe = only_unit(flows, tcp(40000, VIEW_ACK, 100, 1));
    ck_assert_int_eq(probe.kind, UNIT_ACK);
    flows_free(flows);
}
END_TEST

START_TEST(a_new_isn_between_the_same_ports_is_a_new_flow)
{
    struct flows *flows = flows_new(1);
    struct unit units[FLOW_MAX_UNITS];
    struct unit syn = only_unit(flows, tcp(40000, VIEW_SYN, 100, 0));
    struct packet_spec data = tcp(40000, VIEW_ACK, 101, 1448);
    ck_assert_uint_eq(classify(flows, &data, units), 1);
    struct unit again = only_unit(flows, tcp(40000, VIEW_SYN, 5000, 0));
    ck_assert_uint_eq(again.flow, 2);
    ck_assert_uint_eq(again.index, 0);
    ck_assert_uint_ne(again.flow_label, syn.flow_label);
    data.seq = 5001;
    ck_assert_uint_eq(classify(flows, &data, units), 1);
    ck_assert_uint_eq(units[0].flow, 2);
    ck_assert_uint_eq(units[0].nth, 0);
    /* The same again from another port: named alike. */
    struct flows *other = flows_new(1);
    (void)only_unit(other, tcp(41111, VIEW_SYN, 7, 0));
    ck_assert_uint_eq(only_unit(other, tcp(42222, VIEW_SYN, 8, 0)).flow_label,
                      again.flow_label);
    flows_free(flows);
    flows_free(other);
}
END_TEST

START_TEST(a_stream_is_followed_past_4_gib)
{
    struct flows *flows = flows_new(1);
    struct unit units[FLOW_MAX_UNITS];
    /* Jumps that meet each place of a ring of counters again and again. */
    const uint64_t step = FLOW_CELL_BYTES * 1024;
    (void)only_unit(flows, tcp(40000, VIEW_SYN, 0xfffffff0, 0));
    for (uint64_t at = 0; at < UINT64_C(10) << 30; at += step) {
        struct packet_spec spec =
            tcp(40000, VIEW_ACK, (uint32_t)(0xfffffff1 + at), 1448);
        ck_assert_uint_eq(classify(flows, &spec, units), 1);
        ck_assert_uint_eq(units[0].index, at / FLOW_CELL_BYTES);
        ck_assert_uint_eq(units[0].nth, 0);
    }
    flows_free(flows);
}
END_TEST

START_TEST(a_stream_joined_in_the_middle_begins_there)
{
    struct flows *flows = flows_new(1);
    struct unit units[FLOW_MAX_UNITS];
    struct packet_spec spec = tcp(40000, VIEW_ACK, 777777, 1448);
    ck_assert_uint_eq(classify(flows, &spec, units), 1);
    ck_assert_uint_eq(units[0].index, 0);
    flows_free(flows);
}
END_TEST

START_TEST(a_giant_segment_carries_all_its_marks)
{
    struct flows *flows = flows_new(1);
    struct unit units[FLOW_MAX_UNITS];
    struct view view = {
        .version = 4,
        .protocol = IPPROTO_TCP,
        .src = {10, 77, 1, 1},
        .dst = {10, 77, 1, 2},
        .src_port = 40000,
        .dst_port = 80,
        .tcp_flags = VIEW_ACK,
        .payload_bytes = 45 * FLOW_CELL_BYTES
    };
    size_t n = flows_units(flows, SEED, 0, &view, units, FLOW_MAX_UNITS);
    ck_assert_uint_eq(n, 45);
    for (size_t i = 0; i < n; i++)
        ck_assert_uint_eq(units[i].index, i);
    ck_assert_uint_eq(flows_units(flows, SEED, 0, &view, units, 3), 3);
    flows_free(flows);
}
END_TEST

/* ---- Hostile packets ----------------------------------------------------- */

START_TEST(every_prefix_of_a_packet_is_read_in_bounds)
{
    struct packet_spec specs[] = {udp(1, 2), tcp(3, VIEW_SYN, 4, 50), udp(5, 6),
                                  tcp(7, VIEW_ACK, 8, 50)};
    specs[2].v6 = specs[3].v6 = true;
    for (int i = 0; i < COUNT(specs); i++) {
        uint8_t packet[MAX_PACKET];
        size_t bytes = build(packet, &specs[i]);
        for (size_t n = 0; n <= bytes; n++) {
            struct flows *flows = flows_new(1);
            struct unit units[FLOW_MAX_UNITS];
            uint8_t *exact = mem_zalloc(n); /* a sanitizer watches its end */
            memcpy(exact, packet, n);
            flows_classify(flows, SEED, 0, exact, n, units, FLOW_MAX_UNITS);
            free(exact);
            flows_free(flows);
        }
    }
}
END_TEST

START_TEST(wild_sequence_numbers_cost_little_memory)
{
    struct flows *flows = flows_new(1);
    struct unit units[FLOW_MAX_UNITS];
    for (uint64_t i = 0; i < 20000; i++) {
        struct packet_spec spec =
            tcp(40000, VIEW_ACK, (uint32_t)hash_words(&i, 1), 1 + i % 1448);
        ck_assert_uint_ge(classify(flows, &spec, units), 1);
    }
    flows_free(flows);
}
END_TEST

START_TEST(a_flood_of_flows_is_bounded)
{
    struct flows *flows = flows_new(1);
    struct view view = {
        .version = 4,
        .protocol = IPPROTO_TCP,
        .src = {10, 0,  0, 1},
        .dst = {10, 77, 1, 2},
        .dst_port = 80,
        .tcp_flags = VIEW_SYN
    };
    struct unit unit = {0};
    uint32_t highest = 0;
    for (uint32_t i = 0; i < 300000; i++) {
        put_be32(view.src, 0x0b000000 + i);
        view.src_port = (uint16_t)(40000 + i % 1000);
        view.tcp_seq = i;
        ck_assert_uint_eq(flows_units(flows, SEED, 0, &view, &unit, 1), 1);
        highest = unit.flow > highest ? unit.flow : highest;
    }
    ck_assert_uint_eq(highest, 1 << 18);
    ck_assert_uint_eq(unit.flow, 1 << 18);
    ck_assert_int_eq(unit.kind, UNIT_PACKET);
    flows_free(flows);
}
END_TEST

/* ---- Views --------------------------------------------------------------- */

START_TEST(views_see_what_is_there)
{
    struct view view;
    uint8_t packet[MAX_PACKET];
    struct packet_spec spec = tcp(40000, VIEW_PSH | VIEW_ACK, 12345, 33);
    size_t bytes = build(packet, &spec);
    ck_assert_int_eq(view_read(&view, packet, bytes), 0);
    ck_assert_uint_eq(view.src_port, 40000);
    ck_assert_uint_eq(view.dst_port, 80);
    ck_assert_uint_eq(view.tcp_seq, 12345);
    ck_assert_uint_eq(view.tcp_flags, VIEW_PSH | VIEW_ACK);
    ck_assert_uint_eq(view.transport_offset, 20);
    ck_assert_uint_eq(view.payload_offset, 40);
    ck_assert_uint_eq(view.payload_bytes, 33);
    /* Cut off behind the headers, the payload is as long as it was. */
    ck_assert_int_eq(view_read(&view, packet, 40), 0);
    ck_assert_uint_eq(view.payload_bytes, 33);
    spec.v6 = true;
    bytes = build(packet, &spec);
    ck_assert_int_eq(view_read(&view, packet, bytes), 0);
    ck_assert_uint_eq(view.payload_offset, 60);
    ck_assert_uint_eq(view.payload_bytes, 33);
    packet[40 + 12] = 0x40; /* a header shorter than the shortest */
    ck_assert_int_eq(view_read(&view, packet, bytes), -EBADMSG);
}
END_TEST

START_TEST(ip_is_found_behind_ethernet)
{
    uint8_t frame[64] = {[12] = 0x08, 0x00};
    ck_assert_int_eq(view_ethernet(frame, sizeof(frame)), 14);
    ck_assert_int_eq(view_ethernet(frame, 13), -EPROTO);
    frame[13] = 0x06; /* ARP */
    ck_assert_int_eq(view_ethernet(frame, sizeof(frame)), -EPROTO);
    memcpy(frame + 12, (uint8_t[]){0x81, 0x00, 0, 5, 0x86, 0xdd}, 6);
    ck_assert_int_eq(view_ethernet(frame, sizeof(frame)), 18);
    ck_assert_int_eq(view_ethernet(frame, 17), -EPROTO);
}
END_TEST

static void add_flows(Suite *suite)
{
    TCase *tcase = tcase_create("flows");
    tcase_add_test(tcase, datagrams_are_numbered_each_direction_for_itself);
    tcase_add_test(tcase, the_ephemeral_port_is_not_in_the_name);
    tcase_add_test(tcase, the_first_packet_may_come_from_either_side);
    tcase_add_test(tcase,
                   a_service_on_an_ephemeral_port_is_told_by_the_first_packet);
    tcase_add_test(tcase, protocol_hosts_and_service_are_in_the_name);
    tcase_add_test(tcase, other_services_do_not_shift_the_order);
    tcase_add_test(tcase, names_of_flows_can_be_read);
    tcase_add_loop_test(tcase, only_the_links_own_traffic_has_no_units, 0,
                        COUNT(others));
    tcase_add_test(tcase, pings_are_flows_by_their_id);
    tcase_add_test(tcase, fragments_are_numbered_together);
    suite_add_tcase(suite, tcase);
}

static void add_tcp(Suite *suite)
{
    TCase *tcase = tcase_create("tcp");
    tcase_add_test(tcase, segmentation_does_not_move_the_marks);
    tcase_add_test(tcase, marks_lie_anywhere_in_their_cells);
    tcase_add_test(tcase, the_seed_places_the_marks);
    tcase_add_test(tcase, a_retransmission_asks_anew);
    tcase_add_test(tcase, a_retransmission_in_pieces_finds_the_mark_in_one);
    tcase_add_test(tcase, control_segments_have_counters_of_their_own);
    tcase_add_test(tcase, a_fin_with_data_is_both);
    tcase_add_test(tcase, a_keepalive_probe_is_an_ack);
    tcase_add_test(tcase, a_new_isn_between_the_same_ports_is_a_new_flow);
    tcase_add_test(tcase, a_stream_is_followed_past_4_gib);
    tcase_add_test(tcase, a_stream_joined_in_the_middle_begins_there);
    tcase_add_test(tcase, a_giant_segment_carries_all_its_marks);
    suite_add_tcase(suite, tcase);
}

static void add_hostile(Suite *suite)
{
    TCase *tcase = tcase_create("hostile");
    tcase_add_test(tcase, every_prefix_of_a_packet_is_read_in_bounds);
    tcase_add_test(tcase, wild_sequence_numbers_cost_little_memory);
    tcase_add_test(tcase, a_flood_of_flows_is_bounded);
    tcase_add_test(tcase, views_see_what_is_there);
    tcase_add_test(tcase, ip_is_found_behind_ethernet);
    tcase_set_timeout(tcase, 20);
    suite_add_tcase(suite, tcase);
}

int main(void)
{
    Suite *suite = suite_create("flow");
    add_flows(suite);
    add_tcp(suite);
    add_hostile(suite);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed;
}
