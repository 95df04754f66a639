/* Units of TCP: the same marks in every run, however the stream is cut. */
#include <math.h>

#include "base/hash.h"
#include "packets.h"

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
        {VIEW_SYN, UNIT_SYN, 0},
        {VIEW_SYN, UNIT_SYN, 1}, /* retransmitted */
        {VIEW_ACK, UNIT_ACK, 0},
        {VIEW_ACK, UNIT_ACK, 1},
        {VIEW_FIN | VIEW_ACK, UNIT_FIN, 0},
        {VIEW_FIN | VIEW_ACK, UNIT_FIN, 1},
        {VIEW_ACK, UNIT_ACK, 2},
        {VIEW_RST, UNIT_RST, 0},
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
    struct view view = {.version = 4,
                        .protocol = IPPROTO_TCP,
                        .src = {10, 77, 1, 1},
                        .dst = {10, 77, 1, 2},
                        .src_port = 40000,
                        .dst_port = 80,
                        .tcp_flags = VIEW_ACK,
                        .payload_bytes = 45 * FLOW_CELL_BYTES};
    size_t n = flows_units(flows, SEED, 0, &view, units, FLOW_MAX_UNITS);
    ck_assert_uint_eq(n, 45);
    for (size_t i = 0; i < n; i++)
        ck_assert_uint_eq(units[i].index, i);
    ck_assert_uint_eq(flows_units(flows, SEED, 0, &view, units, 3), 3);
    flows_free(flows);
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

int main(void)
{
    Suite *suite = suite_create("marks");
    TCase *tcase = tcase_create("marks");
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
    tcase_add_test(tcase, wild_sequence_numbers_cost_little_memory);
    tcase_set_timeout(tcase, 20);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed;
}
