/* The wire engine, end to end: what is asked of a link is what happens. */
#include "linktest.h"

#include <time.h>

#include "link/linkset.h"

/* ---- Time ---------------------------------------------------------------- */

START_TEST(delay_is_kept_in_both_directions)
{
    struct pair pair = pair_hosts(1);
    pair.link = net_link_asym(pair.a, pair.b, "delay 20ms", "delay 30ms");
    char *output;
    const char *const argv[] = {
        "ping", "-c", "5", "-i", "0.01", "-q", host_addr(pair.b), NULL};
    ck_assert_int_eq(host_command(pair.a, argv, &output), 0);
    const char *figures = strstr(output, "= ");
    ck_assert_ptr_nonnull(figures);
    double min_ms = strtod(figures + 2, NULL);
    struct link_lateness late;
    links_lateness(pair.net, &late);
    double slack_ms = 5 + 2 * (double)late.max_ns / 1e6;
    ck_assert_msg(min_ms >= 50.0 && min_ms < 50.0 + slack_ms, "RTT %.3f ms",
                  min_ms);
    free(output);
    struct packet packet;
    for (uint32_t n = 0; capture_next(pair.net, "icmp", n, &packet);
         n = packet.number) {
        int64_t asked_ns = packet.from == pair.a ? MSECONDS(20) : MSECONDS(30);
        ck_assert_int_eq(packet.due_ns - packet.sent_ns, asked_ns);
        ck_assert_int_ge(packet.delivered_ns, packet.due_ns);
        ck_assert_uint_eq(packet.fate, FATE_DELIVERED);
    }
    ck_assert_int_eq(capture_count(pair.net, "icmp"), 10);
}
END_TEST

START_TEST(perfect_link_adds_no_delay_and_loses_nothing)
{
    struct pair pair = pair_new(1, "");
    unsigned times[LT_MAX], order[LT_MAX];
    blast(&pair, 0, 2000, 200);
    settle(pair.net, 2000);
    ck_assert_uint_eq(collect(&pair, times, order), 2000);
    for (unsigned i = 0; i < 2000; i++)
        ck_assert_uint_eq(order[i], i);
    struct link_lateness late;
    links_lateness(pair.net, &late);
    ck_assert_uint_eq(late.packets, 0);
}
END_TEST

/* Packets that are read together keep their order and have times of their own.
 */
START_TEST(burst_is_recorded_as_it_came_and_went)
{
    struct pair pair = pair_new(1, "");
    struct packet packet;
    int64_t sent_ns = 0, delivered_ns = 0, moments = 0;
    unsigned next = 0;
    blast(&pair, 0, 1000, 1400);
    settle(pair.net, 1000);
    for (uint32_t n = 0; capture_next(pair.net, "udp", n, &packet);
         n = packet.number) {
        ck_assert_uint_eq(number_in(&packet), next++);
        ck_assert_int_ge(packet.sent_ns, sent_ns);
        ck_assert_int_ge(packet.delivered_ns, packet.sent_ns);
        ck_assert_int_ge(packet.delivered_ns, delivered_ns);
        moments += packet.sent_ns > sent_ns;
        sent_ns = packet.sent_ns;
        delivered_ns = packet.delivered_ns;
    }
    ck_assert_uint_eq(next, 1000);
    ck_assert_int_eq(moments, 1000);
}
END_TEST

/* ---- Chance -------------------------------------------------------------- */

/* Counts the lines of fates.tsv whose decision is `decision`. */
static int fates_saying(const struct pair *pair, const char *decision)
{
    const struct linkset *set = pair->net->engine;
    struct strbuf lines = {0};
    uint64_t missing = 0;
    int count = 0;
    set->engine->fates(set->state, &lines, &missing);
    ck_assert_uint_eq(missing, 0);
    for (char *line = strtok(lines.text, "\n"); line; line = strtok(NULL, "\n"))
        count += strcmp(strrchr(line, '\t') + 1, decision) == 0;
    strbuf_fini(&lines);
    return count;
}

START_TEST(lost_datagrams_are_those_recorded_and_logged)
{
    struct pair pair = pair_new(7, "delay 2ms loss 10%");
    unsigned times[LT_MAX], lost = 0;
    blast(&pair, 0, 2000, 100);
    settle(pair.net, 2000);
    collect(&pair, times, NULL);
    struct packet packet;
    for (uint32_t n = 0; capture_next(pair.net, "udp", n, &packet);
         n = packet.number) {
        bool gone = (packet.fate & FATE_LOST) != 0;
        ck_assert_uint_eq(times[number_in(&packet)], !gone);
        lost += gone;
        if (gone)
            ck_assert_msg(strncmp(packet.note, "lost: loss 10%", 14) == 0,
                          "note \"%s\"", packet.note);
    }
    /* Binomial, five sigma: 200 +- 67. */
    ck_assert_uint_ge(lost, 133);
    ck_assert_uint_le(lost, 267);
    links_stop(pair.net);
    struct link_counters counters;
    link_count(pair.link, 0, &counters);
    ck_assert_uint_eq(counters.lost, lost);
    ck_assert_uint_eq(counters.delivered, 2000 - lost);
    ck_assert_uint_eq(counters.packets, 2000);
    ck_assert_uint_eq(counters.internal, 0);
    ck_assert_int_eq(fates_saying(&pair, "lost"), (int)lost);
}
END_TEST

START_TEST(duplicates_arrive_twice_and_name_their_original)
{
    struct pair pair = pair_new(1, "duplicate 100%");
    unsigned times[LT_MAX];
    blast(&pair, 0, 100, 100);
    settle(pair.net, 200);
    ck_assert_uint_eq(collect(&pair, times, NULL), 200);
    struct packet packet, original;
    int copies = 0;
    for (uint32_t n = 0; capture_next(pair.net, "udp", n, &packet);
         n = packet.number) {
        if ((packet.fate & FATE_DUPLICATE) == 0)
            continue;
        copies++;
        ck_assert(capture_nth(pair.net, NULL, (int)packet.copy_of, &original));
        ck_assert_uint_eq(number_in(&packet), number_in(&original));
        ck_assert_ptr_nonnull(strstr(packet.note, "duplicate of #"));
    }
    ck_assert_int_eq(copies, 100);
}
END_TEST

static unsigned differing_bits(const uint8_t *a, const uint8_t *b, size_t n)
{
    unsigned bits = 0;
    for (size_t i = 0; i < n; i++)
        bits += (unsigned)__builtin_popcount(a[i] ^ b[i]);
    return bits;
}

START_TEST(corruption_flips_one_bit_and_the_capture_keeps_the_original)
{
    struct pair pair = pair_new(1, "corrupt 100%");
    int no_checksum = 1; /* so that the receiver's kernel lets it pass */
    setsockopt(pair.tx, SOL_SOCKET, SO_NO_CHECK, &no_checksum,
               sizeof(no_checksum));
    uint8_t sent[1000], got[1000];
    memset(sent, 0xa5, sizeof(sent));
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(send(pair.tx, sent, sizeof(sent), 0), 1000);
    settle(pair.net, 100);
    int arrived = 0;
    while (recv(pair.rx, got, sizeof(got), MSG_DONTWAIT) == sizeof(got)) {
        ck_assert_uint_eq(differing_bits(sent, got, sizeof(got)), 1);
        arrived++;
    }
    ck_assert_int_ge(arrived, 90); /* a flip in the header loses it */
    struct packet packet;
    ck_assert(capture_nth(pair.net, "udp", 1, &packet));
    ck_assert_uint_ne(packet.fate & FATE_CORRUPT, 0);
    ck_assert_mem_eq(packet.payload, sent, sizeof(sent));
    ck_assert_ptr_nonnull(strstr(packet.note, "corrupt"));
}
END_TEST

/* ---- Scripts ------------------------------------------------------------- */

START_TEST(script_drops_exactly_what_it_names)
{
    struct pair pair = pair_new(1, "");
    unsigned times[LT_MAX];
    link_script(pair.link, "drop first 2 of \"udp\"");
    link_script(pair.link, "drop nth 5 of \"udp and src host left\" "
                           "left->right");
    link_script(pair.link, "drop every 10 of \"udp\"");
    link_script(pair.link, "drop all of \"udp\" right->left");
    blast(&pair, 1, 40, 100);
    settle(pair.net, 40);
    collect(&pair, times, NULL);
    for (unsigned i = 1; i <= 40; i++) {
        bool dropped = i <= 2 || i == 5 || i % 10 == 0;
        ck_assert_msg(times[i] == !dropped, "datagram %u", i);
    }
    struct packet packet;
    ck_assert(capture_nth(pair.net, "udp", 5, &packet));
    ck_assert_ptr_nonnull(strstr(packet.note, "drop nth 5"));
    ck_assert_int_eq(capture_count_fate(pair.net, FATE_LOST, "udp"), 7);
}
END_TEST

START_TEST(held_datagram_arrives_after_later_ones)
{
    struct pair pair = pair_new(1, "delay 5ms");
    unsigned times[LT_MAX], order[LT_MAX];
    link_script(pair.link, "hold 40ms nth 3 of \"udp\"");
    blast(&pair, 0, 10, 100);
    settle(pair.net, 10);
    ck_assert_uint_eq(collect(&pair, times, order), 10);
    ck_assert_uint_eq(order[9], 2);
    struct packet packet;
    ck_assert(capture_nth(pair.net, "udp", 3, &packet));
    ck_assert_int_eq(packet.due_ns - packet.sent_ns, MSECONDS(45));
    ck_assert_uint_ne(packet.fate & FATE_HELD, 0);
}
END_TEST

START_TEST(script_duplicates_and_corrupts_what_it_names)
{
    struct pair pair = pair_new(1, "");
    unsigned times[LT_MAX];
    link_script(pair.link, "duplicate nth 3 of \"udp\"");
    link_script(pair.link, "corrupt nth 4 of \"udp\"");
    blast(&pair, 1, 5, 1000);
    settle(pair.net, 6);
    collect(&pair, times, NULL);
    ck_assert_uint_eq(times[3], 2);
    ck_assert_uint_eq(times[4], 0); /* its checksum is wrong now */
    ck_assert_uint_eq(times[5], 1);
    ck_assert_int_eq(capture_count_fate(pair.net, FATE_CORRUPT, NULL), 1);
}
END_TEST

/* Sends one datagram every millisecond. */
static void trickle(const struct pair *pair, unsigned count)
{
    int64_t next_ns = clock_now_ns();
    for (unsigned i = 0; i < count; i++) {
        blast(pair, i, 1, 100);
        next_ns += MSECONDS(1);
        struct timespec until = {.tv_sec = next_ns / SECONDS(1),
                                 .tv_nsec = next_ns % SECONDS(1)};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    }
}

START_TEST(cut_takes_what_is_sent_while_it_lasts)
{
    struct pair pair = pair_new(1, "");
    int64_t base_ns = clock_now_ns() - pair.net->started_ns;
    link_script(pair.link, "cut at 50ms for 60ms");
    int64_t base_end_ns = clock_now_ns() - pair.net->started_ns;
    trickle(&pair, 160);
    settle(pair.net, 160);
    struct packet packet;
    for (uint32_t n = 0; capture_next(pair.net, "udp", n, &packet);
         n = packet.number) {
        bool cut = (packet.fate & FATE_CUT) != 0;
        if (packet.sent_ns >= base_end_ns + MSECONDS(50) &&
            packet.sent_ns < base_ns + MSECONDS(110))
            ck_assert(cut);
        if (packet.sent_ns < base_ns + MSECONDS(50) ||
            packet.sent_ns >= base_end_ns + MSECONDS(110))
            ck_assert(!cut);
    }
    int cut = capture_count_fate(pair.net, FATE_CUT, "udp");
    ck_assert_int_ge(cut, 10);
    ck_assert_int_le(cut, 70);
}
END_TEST

START_TEST(profile_changes_when_the_script_says)
{
    struct pair pair = pair_new(1, "");
    link_script(pair.link, "profile at 40ms \"delay 15ms\"");
    int64_t base_ns = clock_now_ns() - pair.net->started_ns;
    trickle(&pair, 100);
    settle(pair.net, 100);
    struct packet packet;
    int late = 0;
    for (uint32_t n = 0; capture_next(pair.net, "udp", n, &packet);
         n = packet.number) {
        if (packet.sent_ns >= base_ns + MSECONDS(40)) {
            ck_assert_int_eq(packet.due_ns - packet.sent_ns, MSECONDS(15));
            late++;
        } else if (packet.sent_ns < base_ns + MSECONDS(35)) {
            ck_assert_int_eq(packet.due_ns, packet.sent_ns);
        }
    }
    ck_assert_int_ge(late, 10);
}
END_TEST

START_TEST(link_that_is_down_takes_all_and_comes_up_again)
{
    struct pair pair = pair_new(1, "");
    unsigned times[LT_MAX];
    blast(&pair, 0, 5, 100);
    settle(pair.net, 5);
    link_down(pair.link);
    blast(&pair, 5, 5, 100);
    settle(pair.net, 10);
    link_up(pair.link);
    link_profile(pair.link, "loss 100%");
    blast(&pair, 10, 5, 100);
    settle(pair.net, 15);
    link_profile(pair.link, "");
    blast(&pair, 15, 5, 100);
    settle(pair.net, 20);
    collect(&pair, times, NULL);
    for (unsigned i = 0; i < 20; i++)
        ck_assert_uint_eq(times[i], i < 5 || i >= 15);
    ck_assert_int_eq(capture_count_fate(pair.net, FATE_CUT, NULL), 5);
    ck_assert_int_eq(capture_count_fate(pair.net, FATE_LOST, NULL), 5);
}
END_TEST

/* ---- Queues -------------------------------------------------------------- */

START_TEST(full_queue_of_the_profile_is_overflow)
{
    struct pair pair = pair_new(1, "delay 500ms limit 10");
    unsigned times[LT_MAX];
    blast(&pair, 0, 30, 100);
    settle(pair.net, 30);
    ck_assert_uint_eq(collect(&pair, times, NULL), 10);
    ck_assert_int_eq(capture_count_fate(pair.net, FATE_OVERFLOW, NULL), 20);
    ck_assert_int_eq(capture_count_fate(pair.net, FATE_LOST, NULL), 0);
}
END_TEST

START_TEST(rate_spaces_packets)
{
    struct pair pair = pair_new(1, "rate 8mbit");
    blast(&pair, 0, 20, 972); /* 1000 bytes with headers: 1 ms each */
    settle(pair.net, 20);
    struct packet packet;
    int64_t free_ns = 0; /* when the wire is */
    for (uint32_t n = 0; capture_next(pair.net, "udp", n, &packet);
         n = packet.number) {
        int64_t begins_ns = free_ns > packet.sent_ns ? free_ns : packet.sent_ns;
        ck_assert_int_eq(packet.due_ns, begins_ns + MSECONDS(1));
        free_ns = packet.due_ns;
    }
}
END_TEST

static void bad_profile(void)
{
    struct pair pair = pair_hosts(1);
    net_link(pair.a, pair.b, "dealy 20ms");
}

static void bad_script(void)
{
    struct pair pair = pair_hosts(1);
    link_script(net_link(pair.a, pair.b, ""), "drop firts 2 of \"udp\"");
}

static void bad_filter(void)
{
    struct pair pair = pair_hosts(1);
    net_link(pair.a, pair.b, "");
    capture_count(pair.net, "upd");
}

START_TEST(mistakes_of_the_caller_are_named)
{
    expect_infra(bad_profile, "did you mean \"delay\"");
    expect_infra(bad_script, "did you mean \"first\"");
    expect_infra(bad_filter, "capture filter \"upd\": ");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("link");
    TCase *tcase = tcase_create("wire");
    tcase_add_checked_fixture(tcase, incell_setup, incell_teardown);
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, delay_is_kept_in_both_directions);
    tcase_add_test(tcase, perfect_link_adds_no_delay_and_loses_nothing);
    tcase_add_test(tcase, burst_is_recorded_as_it_came_and_went);
    tcase_add_test(tcase, lost_datagrams_are_those_recorded_and_logged);
    tcase_add_test(tcase, duplicates_arrive_twice_and_name_their_original);
    tcase_add_test(tcase,
                   corruption_flips_one_bit_and_the_capture_keeps_the_original);
    tcase_add_test(tcase, script_drops_exactly_what_it_names);
    tcase_add_test(tcase, held_datagram_arrives_after_later_ones);
    tcase_add_test(tcase, script_duplicates_and_corrupts_what_it_names);
    tcase_add_test(tcase, cut_takes_what_is_sent_while_it_lasts);
    tcase_add_test(tcase, profile_changes_when_the_script_says);
    tcase_add_test(tcase, link_that_is_down_takes_all_and_comes_up_again);
    tcase_add_test(tcase, full_queue_of_the_profile_is_overflow);
    tcase_add_test(tcase, rate_spaces_packets);
    tcase_add_test(tcase, mistakes_of_the_caller_are_named);
    suite_add_tcase(suite, tcase);
    return incell_main("test_link", suite);
}
