/* Flows: the same in every run, whatever the kernel chose. */
#include <errno.h>

#include "base/strbuf.h"
#include "packets.h"

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
     64,
     0},
    {"router advertisement",
     {0x60, 0, 0, 0, 0, 24, 58, 255, [8] = 0xfe, 0x80, [40] = 134},
     64,
     0},
    {"MLDv2 report behind a hop-by-hop header",
     {0x60, 0, 0, 0, 0, 24, 0, 1, [8] = 0xfe, 0x80, [40] = 58, 0, [48] = 143},
     64,
     0},
    {"IGMP", {0x45, 0, 0, 28, [9] = 2, [12] = 10, [16] = 224}, 28, 0},
    {"ICMPv6 echo",
     {0x60, 0, 0, 0, 0, 24, 58, 64, [8] = 0xfd, [24] = 0xfd, [40] = 128},
     64,
     1},
    {"ICMP unreachable",
     {0x45, 0, 0, 28, [9] = 1, [12] = 10, [16] = 10, [20] = 3},
     28,
     1},
    {"GRE", {0x45, 0, 0, 28, [9] = 47, [12] = 10, [16] = 10}, 28, 1},
    {"no IP", {0x00, 1, 8, 0}, 28, 0},
    {"nothing", {0}, 0, 0},
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

START_TEST(a_flood_of_flows_is_bounded)
{
    struct flows *flows = flows_new(1);
    struct view view = {.version = 4,
                        .protocol = IPPROTO_TCP,
                        .src = {10, 0, 0, 1},
                        .dst = {10, 77, 1, 2},
                        .dst_port = 80,
                        .tcp_flags = VIEW_SYN};
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

int main(void)
{
    Suite *suite = suite_create("flow");
    TCase *tcase = tcase_create("flow");
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
    tcase_add_test(tcase, every_prefix_of_a_packet_is_read_in_bounds);
    tcase_add_test(tcase, a_flood_of_flows_is_bounded);
    tcase_add_test(tcase, views_see_what_is_there);
    tcase_add_test(tcase, ip_is_found_behind_ethernet);
    tcase_set_timeout(tcase, 20);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed;
}
