/* The ladder diagram, from packets made up here.  What is drawn is compared
 * with golden files; what is chosen and folded is looked at as JSON. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wirelab/ladder.h>
#include <wirelab/time.h>

#include "base/strbuf.h"
#include "expect/draw.h"
#include "expect/ladder.h"
#include "tests/golden.h"
#include "topo/topo.h"

enum { MAX_PACKETS = 512, PACKET_BYTES = 128 };

static struct host sender = {.name = "sender"}, receiver = {.name = "receiver"},
                   router = {.name = "router"};
static struct link path = {.index = 0};

/* What a test makes up. */
static struct {
    struct packet packets[MAX_PACKETS];
    bool focus[MAX_PACKETS];
    uint8_t bytes[MAX_PACKETS][PACKET_BYTES];
    size_t count;
    struct decoder decoder;
} wire;

static void put_be16(uint8_t *p, unsigned value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static void put_be32(uint8_t *p, uint32_t value)
{
    put_be16(p, value >> 16);
    put_be16(p + 2, value & 0xffff);
}

/* A packet of IPv4 with `header_bytes` of transport and `payload_bytes` after
 * them, of which 16 at the most are captured; delivered 20 ms after it was
 * sent, one every millisecond. */
static struct packet *add_ip(struct host *from, struct host *to,
                             uint8_t protocol, size_t header_bytes,
                             size_t payload_bytes)
{
    size_t index = wire.count++;
    uint8_t *ip = wire.bytes[index];
    struct packet *p = &wire.packets[index];
    size_t shown = payload_bytes < 16 ? payload_bytes : 16;
    bool reverse = from != &sender;
    ip[0] = 0x45;
    ip[9] = protocol;
    put_be16(ip + 2, (unsigned)(20 + header_bytes + payload_bytes));
    put_be32(ip + 12, reverse ? 0x0a4d0102 : 0x0a4d0101);
    put_be32(ip + 16, reverse ? 0x0a4d0101 : 0x0a4d0102);
    put_be16(ip + 20, reverse ? 9000 : 40000);
    put_be16(ip + 22, reverse ? 40000 : 9000);
    *p = (struct packet){
        .number = (uint32_t)index + 1,
        .fate = FATE_DELIVERED,
        .sent_ns = MSECONDS(1) * (int64_t)(index + 1),
        .delivered_ns = MSECONDS(1) * (int64_t)(index + 21),
        .from = from,
        .to = to,
        .link = &path,
        .data = ip,
        .captured_bytes = 20 + header_bytes + shown,
        .length_bytes = 20 + header_bytes + payload_bytes,
        .ip = ip,
        .payload = ip + 20 + header_bytes,
        .payload_bytes = shown,
    };
    return p;
}

/* The made-up protocol of these tests: a letter and a number. */
static bool decode(const struct packet *p, char *text, size_t size)
{
    if (p->payload_bytes < 2)
        return false;
    const char *kind = p->payload[0] == 'D' ? "DATA" : "ACK";
    snprintf(text, size, "%s %u", kind, p->payload[1]);
    return true;
}

static struct packet *add_data(unsigned number)
{
    struct packet *p = add_ip(&sender, &receiver, 17, 8, 1000);
    wire.bytes[wire.count - 1][28] = 'D';
    wire.bytes[wire.count - 1][29] = (uint8_t)number;
    return p;
}

static struct packet *add_ack(unsigned number)
{
    struct packet *p = add_ip(&receiver, &sender, 17, 8, 20);
    wire.bytes[wire.count - 1][28] = 'A';
    wire.bytes[wire.count - 1][29] = (uint8_t)number;
    return p;
}

static struct packet *lose(struct packet *p, unsigned fate, const char *note)
{
    p->fate = fate;
    p->delivered_ns = 0;
    p->note = note;
    return p;
}

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

static struct packet *add_tcp(struct host *from, struct host *to, uint8_t flags,
                              uint32_t sequence, uint32_t ack, size_t bytes)
{
    struct packet *p = add_ip(from, to, 6, 20, bytes);
    uint8_t *tcp = wire.bytes[wire.count - 1] + 20;
    put_be32(tcp + 4, sequence);
    put_be32(tcp + 8, ack);
    tcp[12] = 0x50;
    tcp[13] = flags;
    put_be16(tcp + 14, 1024);
    return p;
}

static json_t *make_ladder(void)
{
    for (size_t i = 0; i < wire.count; i++)
        decoder_learn(&wire.decoder, &wire.packets[i]);
    return ladder_json(&(struct ladder_input){
        .packets = wire.packets,
        .focus = wire.focus,
        .count = wire.count,
        .decoder = &wire.decoder,
        .clock_ns = MSECONDS(100),
    });
}

static char *draw(const json_t *ladder, const struct draw_style *style)
{
    char *text = NULL;
    size_t size;
    FILE *memory = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(memory);
    ladder_draw(memory, ladder, style);
    fclose(memory);
    return text;
}

static void expect_drawn(const char *name, const struct draw_style *style)
{
    json_t *ladder = make_ladder();
    char *text = draw(ladder, style);
    expect_golden(name, text);
    free(text);
    json_decref(ladder);
}

static const struct draw_style plain = {0};

/* ---- Drawing ------------------------------------------------------------ */

/* Everything that can happen to a packet, in both directions. */
static void make_fates(void)
{
    wire.decoder.custom = decode;
    add_data(0);
    lose(add_data(1), FATE_LOST, "lost: loss 5% seed 7 data 12");
    lose(add_data(2), FATE_CUT, "lost: the link was cut");
    lose(add_ack(1), FATE_OVERFLOW, "lost: the link's queue was full (limit)");
    struct packet *copy = add_data(3);
    copy->fate |= FATE_DUPLICATE;
    copy->copy_of = 1;
    add_ack(1)->fate |= FATE_CORRUPT;
    add_data(4)->delivered_ns = MSECONDS(90);
    struct packet *held = add_ack(4);
    held->fate |= FATE_HELD;
    held->delivered_ns = MSECONDS(140);
    add_data(5)->fate |= FATE_REORDERED;
    wire.focus[wire.count - 1] = true;
    add_ack(5)->fate |= FATE_MARKED | FATE_CORRUPT;
    lose(add_data(6), FATE_IN_FLIGHT, "still in flight");
}

START_TEST(fates_are_drawn)
{
    make_fates();
    expect_drawn("ladder_fates", &plain);
}
END_TEST

START_TEST(fates_are_drawn_in_utf8)
{
    make_fates();
    expect_drawn("ladder_utf8", &(struct draw_style){.utf8 = true});
}
END_TEST

START_TEST(narrow_ladder_is_drawn)
{
    make_fates();
    expect_drawn("ladder_narrow", &(struct draw_style){.columns = 50});
}
END_TEST

START_TEST(path_across_a_router_is_drawn)
{
    wire.decoder.custom = decode;
    add_data(1)->to = &router;
    add_data(1)->from = &router;
    struct packet *back = add_ack(1);
    back->to = &router;
    lose(add_ack(1), FATE_LOST, "lost: loss 1%")->from = &router;
    expect_drawn("ladder_router", &plain);
}
END_TEST

START_TEST(tcp_is_told_in_relative_numbers)
{
    uint32_t a = 0xffffff00, b = 5000; /* the first wraps on its way */
    add_tcp(&sender, &receiver, SYN, a, 0, 0);
    add_tcp(&receiver, &sender, SYN | ACK, b, a + 1, 0);
    add_tcp(&sender, &receiver, ACK, a + 1, b + 1, 0);
    add_tcp(&sender, &receiver, ACK, a + 1, b + 1, 1448);
    struct packet *sack = add_tcp(&receiver, &sender, ACK, b + 1, a + 1, 0);
    uint8_t *tcp = wire.bytes[wire.count - 1] + 20;
    static const uint8_t option[] = {1, 1, 5, 10};
    tcp[12] = 0x80;
    memcpy(tcp + 20, option, sizeof(option));
    put_be32(tcp + 24, a + 1449);
    put_be32(tcp + 28, a + 2897);
    sack->captured_bytes += 12;
    sack->length_bytes += 12;
    sack->payload += 12;
    add_tcp(&receiver, &sender, ACK, b + 1, a + 1449, 0);
    put_be16(wire.bytes[wire.count - 1] + 34, 0);
    add_tcp(&sender, &receiver, FIN | ACK, a + 1449, b + 1, 0);
    add_tcp(&receiver, &sender, RST, b + 1, 0, 0);
    expect_drawn("ladder_tcp", &plain);
}
END_TEST

START_TEST(udp_is_told_in_hex)
{
    add_data(7);
    add_ack(7);
    add_ip(&sender, &receiver, 1, 8, 0);
    wire.bytes[2][20] = 3; /* ICMP: port unreachable */
    wire.bytes[2][21] = 3;
    expect_drawn("ladder_udp", &plain);
}
END_TEST

START_TEST(many_hosts_are_told_in_sentences)
{
    static struct host hosts[8];
    wire.decoder.custom = decode;
    for (size_t i = 0; i < 8; i++) {
        snprintf(hosts[i].name, sizeof(hosts[i].name), "host-%zu", i);
        struct packet *p = add_data((unsigned)i);
        p->from = &hosts[i];
        p->to = i == 5 ? NULL : &hosts[(i + 3) % 8];
    }
    lose(&wire.packets[2], FATE_LOST, "lost: loss 5% seed 1");
    expect_drawn("ladder_sentences", &plain);
}
END_TEST

START_TEST(broadcast_reaches_across)
{
    wire.decoder.custom = decode;
    add_data(1);
    add_data(2)->to = NULL;
    expect_drawn("ladder_broadcast", &plain);
}
END_TEST

/* No line is longer than it may be, whatever a decoder says. */
static bool shout(const struct packet *p, char *text, size_t size)
{
    (void)p;
    memset(text, 'x', size); /* no NUL, on purpose */
    return true;
}

START_TEST(long_text_stays_within_its_columns)
{
    make_fates();
    wire.decoder.custom = shout;
    json_t *ladder = make_ladder();
    char *text = draw(ladder, &plain), *rest = text, *line;
    while ((line = strsep(&rest, "\n")) != NULL)
        ck_assert_msg(strlen(line) <= DRAW_COLUMNS, "too long: %s", line);
    free(text);
    json_decref(ladder);
}
END_TEST

START_TEST(control_codes_never_reach_the_terminal)
{
    wire.decoder.custom = NULL;
    add_data(0)->note = NULL;
    json_t *ladder = make_ladder();
    char *text = draw(ladder, &plain);
    for (const char *p = text; *p; p++)
        ck_assert_msg(*p == '\n' || (*p >= ' ' && *p <= '~'), "byte %d", *p);
    free(text);
    json_decref(ladder);
}
END_TEST

/* ---- Folding and choosing ----------------------------------------------- */

static size_t sum_rows(const json_t *ladder, size_t *rows)
{
    size_t packets = 0, i;
    json_t *row;
    json_array_foreach(json_object_get(ladder, "rows"), i, row)
    {
        const json_t *more = json_object_get(row, "more");
        packets += more ? (size_t)json_integer_value(more) : 1;
    }
    *rows = json_array_size(json_object_get(ladder, "rows"));
    return packets;
}

START_TEST(repetition_is_folded)
{
    wire.decoder.custom = decode;
    for (unsigned i = 0; i < 100; i++) {
        add_data(i);
        add_ack(i);
    }
    lose(add_data(100), FATE_LOST, "lost: loss 5%");
    for (unsigned i = 101; i < 121; i++)
        add_data(i);
    expect_drawn("ladder_folded", &plain);
}
END_TEST

START_TEST(no_packet_is_miscounted)
{
    wire.decoder.custom = decode;
    for (unsigned i = 0; i < 400; i++) {
        struct packet *p = i % 7 < 4 ? add_data(i) : add_ack(i);
        if (i % (unsigned)(_i + 2) == 0)
            lose(p, FATE_LOST, "lost: loss 5%");
        wire.focus[i] = _i > 3 && i % 100 == 50;
    }
    size_t rows;
    json_t *ladder = make_ladder();
    ck_assert_uint_eq(sum_rows(ladder, &rows), 400);
    /* Each chosen row may have a gap before it, and one is at the end. */
    ck_assert_uint_le(rows, 2 * LADDER_ROWS + 1);
    ck_assert_uint_ge(rows, 8);
    json_decref(ladder);
}
END_TEST

static bool has_packet(const json_t *ladder, unsigned number)
{
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(ladder, "rows"), i, row)
    {
        if (json_integer_value(json_object_get(row, "number")) == number)
            return true;
    }
    return false;
}

START_TEST(focus_is_in_the_middle)
{
    wire.decoder.custom = decode;
    for (unsigned i = 0; i < 300; i++)
        lose(add_data(i), FATE_LOST, "lost: loss 5%"); /* none can fold */
    wire.focus[149] = true;
    json_t *ladder = make_ladder();
    ck_assert(has_packet(ladder, 150));
    ck_assert(has_packet(ladder, 145));
    ck_assert(has_packet(ladder, 155));
    ck_assert(!has_packet(ladder, 300));
    json_decref(ladder);
}
END_TEST

START_TEST(without_focus_the_end_is_shown)
{
    wire.decoder.custom = decode;
    for (unsigned i = 0; i < 300; i++)
        lose(add_data(i), FATE_LOST, "lost: loss 5%");
    json_t *ladder = make_ladder();
    ck_assert(has_packet(ladder, 300));
    ck_assert(has_packet(ladder, 285));
    ck_assert(!has_packet(ladder, 284));
    json_decref(ladder);
}
END_TEST

/* Who sent the first packet of all stands on the left. */
START_TEST(lanes_stand_in_order_of_appearance)
{
    wire.decoder.custom = decode;
    add_data(1)->to = &router;
    add_ack(1)->to = &router;
    json_t *ladder = make_ladder(), *late = ladder_json(&(struct ladder_input){
                                        .packets = wire.packets + 1,
                                        .count = 1,
                                        .first = wire.packets,
                                        .first_count = 1,
                                        .decoder = &wire.decoder,
                                    });
    json_t *all = json_pack("[s, s, s]", "sender", "router", "receiver");
    json_t *two = json_pack("[s, s]", "router", "receiver");
    ck_assert(json_equal(json_object_get(ladder, "hosts"), all));
    ck_assert(json_equal(json_object_get(late, "hosts"), two));
    json_decref(ladder);
    json_decref(late);
    json_decref(all);
    json_decref(two);
}
END_TEST

/* Every length that a capture may cut a packet to. */
START_TEST(truncated_packets_are_survived)
{
    char text[DECODE_TEXT_BYTES];
    add_tcp(&sender, &receiver, SYN, 1, 0, 16);
    add_data(1);
    add_ip(&sender, &receiver, 58, 8, 8);
    for (size_t i = 0; i < wire.count; i++) {
        const struct packet *whole = &wire.packets[i];
        for (size_t n = 0; n <= whole->captured_bytes; n++) {
            uint8_t *exact = malloc(n ? n : 1); /* so that ASan sees overruns */
            memcpy(exact, whole->data, n);
            struct packet cut = *whole;
            cut.data = exact;
            cut.ip = n >= 20 ? exact : NULL;
            cut.payload = NULL;
            cut.payload_bytes = 0;
            cut.captured_bytes = n;
            decoder_learn(&wire.decoder, &cut);
            decoder_text(&wire.decoder, &cut, text);
            ck_assert_uint_gt(strlen(text), 0);
            free(exact);
        }
    }
}
END_TEST

START_TEST(empty_capture_draws_nothing)
{
    json_t *ladder = make_ladder();
    char *text = draw(ladder, &plain);
    ck_assert_str_eq(text, "");
    free(text);
    json_decref(ladder);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ladder");
    TCase *drawing = tcase_create("drawing");
    tcase_add_test(drawing, fates_are_drawn);
    tcase_add_test(drawing, fates_are_drawn_in_utf8);
    tcase_add_test(drawing, narrow_ladder_is_drawn);
    tcase_add_test(drawing, path_across_a_router_is_drawn);
    tcase_add_test(drawing, tcp_is_told_in_relative_numbers);
    tcase_add_test(drawing, udp_is_told_in_hex);
    tcase_add_test(drawing, many_hosts_are_told_in_sentences);
    tcase_add_test(drawing, broadcast_reaches_across);
    tcase_add_test(drawing, long_text_stays_within_its_columns);
    tcase_add_test(drawing, control_codes_never_reach_the_terminal);
    tcase_add_test(drawing, empty_capture_draws_nothing);
    suite_add_tcase(suite, drawing);
    TCase *choosing = tcase_create("choosing");
    tcase_add_test(choosing, repetition_is_folded);
    tcase_add_loop_test(choosing, no_packet_is_miscounted, 0, 8);
    tcase_add_test(choosing, focus_is_in_the_middle);
    tcase_add_test(choosing, without_focus_the_end_is_shown);
    tcase_add_test(choosing, lanes_stand_in_order_of_appearance);
    tcase_add_test(choosing, truncated_packets_are_survived);
    suite_add_tcase(suite, choosing);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed;
}
