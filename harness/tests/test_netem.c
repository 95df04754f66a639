/* The netem engine: what it tells tc, what it sees of its links, and what it
 * says where the kernel has no netem.  Most of it runs on the engine `veth`,
 * which differs by the qdisc alone. */
#include "incell.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <wirelab/capture.h>
#include <wirelab/time.h>

#include "base/hash.h"
#include "base/strbuf.h"
#include "link/links.h"
#include "link/netem.h"
#include "link/pair.h"
#include "topo/netns.h"

enum { PORT = 7077, DATAGRAM_BYTES = 100 };

/* ---- What tc is told ----------------------------------------------------- */

static struct profile profile_of(const char *text)
{
    struct profile profile;
    struct scan_error error;
    ck_assert_msg(profile_parse(&profile, text, &error) == 0, "%s",
                  error.message);
    return profile;
}

static const struct line_case {
    const char *name, *profile;
    bool down;
    uint64_t seed;
    const char *line;
} line_cases[] = {
    {"perfect", "", false, 0, "qdisc replace dev p1 root netem limit 1000\n"},
    {"delay", "delay 20ms loss 1%", false, 0,
     "qdisc replace dev p1 root netem limit 1000 delay 20ms loss 1%\n"},
    {"seed", "loss 1%", false, 7,
     "qdisc replace dev p1 root netem limit 1000 loss 1% seed 7\n"},
    {"own seed", "loss 1% seed 3", false, 0,
     "qdisc replace dev p1 root netem limit 1000 loss 1%\n"},
    {"down", "delay 20ms loss gemodel 1% 10%", true, 0,
     "qdisc replace dev p1 root netem limit 1000 delay 20ms loss 100%\n"},
    {"down, ecn", "loss 1% ecn", true, 0,
     "qdisc replace dev p1 root netem limit 1000 loss 100%\n"},
};

START_TEST(tc_line_says_the_profile)
{
    const struct line_case *c = &line_cases[_i];
    struct profile profile = profile_of(c->profile);
    struct strbuf line = {0};
    netem_tc_line(&line, "p1", &profile, c->down, c->seed);
    ck_assert_str_eq(strbuf_text(&line), c->line);
    strbuf_fini(&line);
}
END_TEST

/* ---- Pairing, without any device ----------------------------------------- */

/* A pairing of a's direction on a link a---b, and a clock of its own. */
struct bench {
    struct net *net;
    struct capture *capture;
    struct lateness *lateness;
    struct pairing *pairing;
    int64_t now_ns;
};

static struct bench bench_of(const char *profile)
{
    struct bench bench = {.net = net_new(1)};
    struct host *a = net_host(bench.net, "a"), *b = net_host(bench.net, "b");
    struct link *link =
        link_new(bench.net, (struct host *const[]){a, b}, 2, false);
    bench.capture = capture_of(bench.net);
    capture_add_link(bench.capture, link);
    bench.lateness = mem_zalloc(sizeof(*bench.lateness));
    bench.pairing = pairing_new(bench.capture, link, 0, bench.lateness);
    struct profile parsed = profile_of(profile);
    pairing_profile(bench.pairing, &parsed);
    bench.now_ns = bench.net->started_ns;
    return bench;
}

static void bench_end(struct bench *bench)
{
    pairing_free(bench->pairing);
    free(bench->lateness);
}

/* An Ethernet frame with an IPv4 packet in it, whose bytes follow from n. */
struct made_frame {
    uint8_t data[14 + DATAGRAM_BYTES];
};

static struct made_frame make_frame(unsigned n)
{
    struct made_frame made = {{0}};
    hash_fill(n, made.data + 34, sizeof(made.data) - 34);
    made.data[12] = 0x08; /* IPv4 */
    made.data[14] = 0x45;
    made.data[17] = DATAGRAM_BYTES;
    made.data[23] = IPPROTO_UDP;
    return made;
}

static struct frame as_frame(const struct made_frame *made, int64_t time_ns)
{
    return (struct frame){made->data, sizeof(made->data), sizeof(made->data),
                          time_ns};
}

static void enters(struct bench *bench, unsigned n)
{
    struct made_frame made = make_frame(n);
    struct frame frame = as_frame(&made, bench->now_ns);
    pairing_enter(bench->pairing, &frame, 1);
}

static void leaves_as(struct bench *bench, const struct made_frame *made)
{
    struct frame frame = as_frame(made, bench->now_ns);
    pairing_leave(bench->pairing, &frame);
}

static void leaves(struct bench *bench, unsigned n)
{
    struct made_frame made = make_frame(n);
    leaves_as(bench, &made);
}

static void pass_ms(struct bench *bench, int64_t ms)
{
    bench->now_ns += ms * MSECONDS(1);
    pairing_expire(bench->pairing, bench->now_ns);
}

static struct packet packet_of(const struct bench *bench, uint32_t number)
{
    struct packet packet;
    ck_assert_uint_le(number, capture_records(bench->capture));
    capture_get(bench->capture, number, false, &packet);
    return packet;
}

#define ck_assert_fate(bench, number, expected)                                \
    ck_assert_uint_eq(packet_of(bench, number).fate, expected)

START_TEST(what_comes_out_was_delivered)
{
    struct bench bench = bench_of("");
    enters(&bench, 1);
    ck_assert_fate(&bench, 1, FATE_IN_FLIGHT);
    pass_ms(&bench, 3);
    leaves(&bench, 1);
    ck_assert_fate(&bench, 1, FATE_DELIVERED);
    struct packet packet = packet_of(&bench, 1);
    ck_assert_int_eq(packet.delivered_ns - packet.sent_ns, MSECONDS(3));
    ck_assert_uint_eq(packet.length_bytes, DATAGRAM_BYTES); /* from IP on */
    ck_assert_uint_eq(packet.data[0], 0x45);
    bench_end(&bench);
}
END_TEST

START_TEST(what_never_comes_out_was_lost)
{
    struct bench bench = bench_of("loss 10%");
    enters(&bench, 1);
    enters(&bench, 2);
    leaves(&bench, 2);
    pass_ms(&bench, 100);
    ck_assert_fate(&bench, 1, FATE_IN_FLIGHT); /* it may only be late */
    pass_ms(&bench, 1000);
    ck_assert_fate(&bench, 1, FATE_LOST);
    ck_assert_fate(&bench, 2, FATE_DELIVERED);
    ck_assert_uint_eq(pairing_counters(bench.pairing)->lost, 1);
    ck_assert_uint_eq(pairing_counters(bench.pairing)->delivered, 1);
    bench_end(&bench);
}
END_TEST

START_TEST(without_loss_only_a_full_queue_loses)
{
    struct bench bench = bench_of("delay 5ms limit 1");
    enters(&bench, 1);
    pass_ms(&bench, 2000);
    ck_assert_fate(&bench, 1, FATE_OVERFLOW);
    bench_end(&bench);
}
END_TEST

START_TEST(what_enters_a_link_that_is_down_was_cut)
{
    struct bench bench = bench_of("delay 5ms loss 1%");
    enters(&bench, 1);
    pairing_down(bench.pairing, true);
    enters(&bench, 2);
    pairing_down(bench.pairing, false);
    leaves(&bench, 1); /* it was in the queue already */
    pass_ms(&bench, 2000);
    ck_assert_fate(&bench, 1, FATE_DELIVERED);
    ck_assert_fate(&bench, 2, FATE_CUT);
    bench_end(&bench);
}
END_TEST

START_TEST(what_comes_out_twice_was_duplicated)
{
    struct bench bench = bench_of("duplicate 1%");
    enters(&bench, 1);
    leaves(&bench, 1);
    leaves(&bench, 1);
    ck_assert_fate(&bench, 1, FATE_DELIVERED);
    ck_assert_fate(&bench, 2, FATE_DELIVERED | FATE_DUPLICATE);
    ck_assert_uint_eq(packet_of(&bench, 2).copy_of, 1);
    ck_assert_uint_eq(pairing_counters(bench.pairing)->packets, 1);
    bench_end(&bench);
}
END_TEST

/* _i: a bit anywhere in the frame. */
START_TEST(what_comes_out_with_a_bit_flipped_was_corrupted)
{
    struct bench bench = bench_of("corrupt 1%");
    struct made_frame made = make_frame(2);
    enters(&bench, 1);
    enters(&bench, 2);
    made.data[34 + _i] ^= 0x10;
    leaves_as(&bench, &made);
    ck_assert_fate(&bench, 1, FATE_IN_FLIGHT);
    ck_assert_fate(&bench, 2, FATE_DELIVERED | FATE_CORRUPT);
    bench_end(&bench);
}
END_TEST

START_TEST(a_mark_is_seen)
{
    struct bench bench = bench_of("loss 1% ecn");
    struct made_frame made = make_frame(1);
    made.data[15] |= 2; /* ECT(0) */
    struct frame frame = as_frame(&made, bench.now_ns);
    pairing_enter(bench.pairing, &frame, 1);
    made.data[15] |= 3; /* CE, and the checksum that follows from it */
    made.data[24]++;
    leaves_as(&bench, &made);
    ck_assert_fate(&bench, 1, FATE_DELIVERED | FATE_MARKED);
    bench_end(&bench);
}
END_TEST

START_TEST(what_did_not_wait_was_sent_ahead)
{
    struct bench bench = bench_of("delay 20ms reorder 25%");
    enters(&bench, 1);
    enters(&bench, 2);
    leaves(&bench, 2);
    pass_ms(&bench, 20);
    leaves(&bench, 1);
    ck_assert_fate(&bench, 1, FATE_DELIVERED);
    ck_assert_fate(&bench, 2, FATE_DELIVERED | FATE_REORDERED);
    bench_end(&bench);
}
END_TEST

/* A program sends the same bytes again after 40 ms: what comes out 20 ms later
 * is the second, and the first was lost. */
START_TEST(of_equal_packets_the_one_that_is_due_is_meant)
{
    struct bench bench = bench_of("delay 20ms loss 10%");
    enters(&bench, 1);
    pass_ms(&bench, 40);
    enters(&bench, 1);
    pass_ms(&bench, 20);
    leaves(&bench, 1);
    pass_ms(&bench, 2000);
    ck_assert_fate(&bench, 1, FATE_LOST);
    ck_assert_fate(&bench, 2, FATE_DELIVERED);
    bench_end(&bench);
}
END_TEST

START_TEST(what_nobody_sent_voids_the_run)
{
    struct bench bench = bench_of("");
    leaves(&bench, 1);
    ck_assert_uint_eq(pairing_counters(bench.pairing)->internal, 1);
    bench_end(&bench);
}
END_TEST

/* ---- Links of the engine veth -------------------------------------------- */

struct pair {
    struct net *net;
    struct host *a, *b;
    struct link *link;
    int tx, rx;
};

static int udp(struct host *host, const char *addr, struct sockaddr_in *at)
{
    *at = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(PORT)};
    inet_pton(AF_INET, addr, &at->sin_addr);
    host_enter(host);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    host_leave();
    ck_assert_int_ge(fd, 0);
    return fd;
}

static struct pair veth_pair(bool ethernet)
{
    struct sockaddr_in at;
    struct pair pair = {.net = net_new(1)};
    pair.a = net_host(pair.net, "a");
    pair.b = net_host(pair.net, "b");
    links_engine(pair.net, "veth");
    pair.link = ethernet ? net_ethernet(pair.a, pair.b, "")
                         : net_link(pair.a, pair.b, "");
    pair.tx = udp(pair.a, host_addr(pair.b), &at);
    ck_assert_int_eq(connect(pair.tx, (void *)&at, sizeof(at)), 0);
    pair.rx = udp(pair.b, host_addr(pair.b), &at);
    ck_assert_int_eq(bind(pair.rx, (void *)&at, sizeof(at)), 0);
    return pair;
}

static void pair_end(struct pair *pair)
{
    close(pair->tx);
    close(pair->rx);
}

static void send_number(const struct pair *pair, int number)
{
    ck_assert_int_eq(send(pair->tx, &number, sizeof(number), 0),
                     sizeof(number));
}

static int receive_number(const struct pair *pair)
{
    int number = -1;
    struct pollfd ready = {.fd = pair->rx, .events = POLLIN};
    if (poll(&ready, 1, 5000) == 1)
        ck_assert_int_eq(recv(pair->rx, &number, sizeof(number), 0),
                         sizeof(number));
    return number;
}

/* _i: point to point, or Ethernet, whose ARP is then recorded too. */
START_TEST(packets_pass_and_are_recorded)
{
    struct pair pair = veth_pair(_i);
    for (int i = 0; i < 100; i++)
        send_number(&pair, i);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(receive_number(&pair), i);
    ck_assert(capture_await(pair.net, "udp and src host a and dst host b", 100,
                            SECONDS(5)));
    links_stop(pair.net);
    ck_assert_int_eq(capture_count_fate(pair.net, FATE_DELIVERED, "udp"), 100);
    ck_assert_int_eq(capture_bytes(pair.net, "udp"), 100 * 32);
    struct packet packet;
    ck_assert(capture_nth(pair.net, "udp", 1, &packet));
    ck_assert_ptr_eq(packet.from, pair.a);
    ck_assert_ptr_eq(packet.to, pair.b);
    ck_assert_int_ge(packet.delivered_ns, packet.sent_ns);
    if (_i) {
        ck_assert_int_eq(capture_count_fate(pair.net, FATE_DELIVERED, "arp"),
                         2);
    } else {
        ck_assert_int_eq(capture_count(pair.net, ""), 100);
    }
    struct link_counters counters;
    link_count(pair.link, 0, &counters);
    ck_assert_uint_eq(counters.delivered, 100 + (_i ? 1 : 0));
    ck_assert_uint_eq(counters.internal, 0);
    pair_end(&pair);
}
END_TEST

START_TEST(a_link_that_is_down_cuts)
{
    struct pair pair = veth_pair(false);
    send_number(&pair, 0);
    ck_assert_int_eq(receive_number(&pair), 0);
    link_down(pair.link);
    for (int i = 1; i <= 5; i++)
        send_number(&pair, i);
    link_up(pair.link);
    send_number(&pair, 6);
    ck_assert_int_eq(receive_number(&pair), 6);
    links_stop(pair.net);
    ck_assert_int_eq(capture_count_fate(pair.net, FATE_CUT, "udp"), 5);
    ck_assert_int_eq(capture_count_fate(pair.net, FATE_DELIVERED, "udp"), 2);
    struct link_counters counters;
    link_count(pair.link, 0, &counters);
    ck_assert_uint_eq(counters.cut, 5);
    pair_end(&pair);
}
END_TEST

/* As of a TUN device, so that both engines' first packets are sent when the
 * program sends them.  ARP, which cannot be answered here, would keep it. */
START_TEST(the_first_packet_waits_for_nobody)
{
    struct pair pair = veth_pair(false);
    link_down(pair.link);
    send_number(&pair, 0);
    ck_assert(capture_await(pair.net, "udp", 1, SECONDS(5)));
    links_stop(pair.net);
    ck_assert_int_eq(capture_count_fate(pair.net, FATE_CUT, "udp"), 1);
    pair_end(&pair);
}
END_TEST

/* What a program has received is in the capture when a test asks, though
 * another thread fills it. */
START_TEST(what_was_received_is_in_the_capture)
{
    struct pair pair = veth_pair(false);
    for (int i = 0; i < 200; i++) {
        send_number(&pair, i);
        ck_assert_int_eq(receive_number(&pair), i);
        ck_assert_int_eq(capture_count_fate(pair.net, FATE_DELIVERED, "udp"),
                         i + 1);
    }
    pair_end(&pair);
}
END_TEST

/* Each packet of the first link is before the same packet of the second, though
 * the second is the one that is looked at first. */
START_TEST(an_effect_is_behind_its_cause)
{
    struct sockaddr_in at;
    struct net *net = net_new(1);
    struct host *a = net_host(net, "a"), *router = net_host(net, "router"),
                *b = net_host(net, "b");
    links_engine(net, "veth");
    const struct link *second = net_link(router, b, "");
    net_link(a, router, "");
    host_forward(router);
    net_route_all(net);
    struct pair pair = {.tx = udp(a, host_addr(b), &at)};
    ck_assert_int_eq(connect(pair.tx, (void *)&at, sizeof(at)), 0);
    pair.rx = udp(b, host_addr(b), &at);
    ck_assert_int_eq(bind(pair.rx, (void *)&at, sizeof(at)), 0);
    struct packet packet = {0};
    for (int i = 0; i < 200; i++) {
        send_number(&pair, i);
        ck_assert_int_eq(receive_number(&pair), i);
        ck_assert(capture_next(net, "udp", packet.number, &packet));
        ck_assert_ptr_ne(packet.link, second);
        ck_assert(capture_next(net, "udp", packet.number, &packet));
        ck_assert_ptr_eq(packet.link, second);
    }
    pair_end(&pair);
}
END_TEST

START_TEST(a_lan_is_recorded_by_sender_and_receiver)
{
    struct net *net = net_new(1);
    struct host *a = net_host(net, "a"), *b = net_host(net, "b"),
                *c = net_host(net, "c");
    links_engine(net, "veth");
    net_lan(net, "", a, b, c);
    struct sockaddr_in at;
    struct pair pair = {.net = net, .tx = udp(b, host_addr(c), &at)};
    ck_assert_int_eq(connect(pair.tx, (void *)&at, sizeof(at)), 0);
    pair.rx = udp(c, host_addr(c), &at);
    ck_assert_int_eq(bind(pair.rx, (void *)&at, sizeof(at)), 0);
    send_number(&pair, 1);
    ck_assert_int_eq(receive_number(&pair), 1);
    links_stop(net);
    struct packet packet;
    ck_assert_int_eq(capture_count(net, "udp"), 1); /* once, not per port */
    ck_assert(capture_nth(net, "udp", 1, &packet));
    ck_assert_ptr_eq(packet.from, b);
    ck_assert_ptr_eq(packet.to, c);
    ck_assert(capture_nth(net, "arp and broadcast", 1, &packet));
    ck_assert_ptr_eq(packet.from, b);
    ck_assert_ptr_null(packet.to);
    pair_end(&pair);
}
END_TEST

/* ---- What is refused ----------------------------------------------------- */

static bool kernel_has_netem(void)
{
    int netns = netns_new();
    ck_assert_int_ge(netns, 0);
    ck_assert_int_eq(netns_enter(netns), 0);
    bool has = netns_try_netem() == 0;
    netns_leave();
    close(netns);
    return has;
}

static void link_of(const char *engine, const char *profile, const char *script)
{
    struct net *net = net_new(1);
    struct host *a = net_host(net, "a"), *b = net_host(net, "b");
    links_engine(net, engine);
    struct link *link = net_link(a, b, profile);
    if (script)
        link_script(link, script);
}

static void netem_link(void)
{
    link_of("netem", "delay 20ms", NULL);
}

static void veth_with_profile(void)
{
    link_of("veth", "delay 20ms", NULL);
}

static void veth_with_script(void)
{
    link_of("veth", "", "drop first 1 of \"udp\"");
}

START_TEST(a_kernel_without_netem_is_named)
{
    if (kernel_has_netem()) {
        fprintf(stderr, "SKIP a_kernel_without_netem_is_named: it has netem\n");
        return;
    }
    expect_infra(netem_link, "this kernel has no netem (No such file or "
                             "directory): use --engine wire");
}
END_TEST

START_TEST(delay_is_netems)
{
    if (!kernel_has_netem()) {
        fprintf(stderr, "SKIP delay_is_netems: this kernel has no netem\n");
        return;
    }
    struct net *net = net_new(1);
    struct host *a = net_host(net, "a"), *b = net_host(net, "b");
    links_engine(net, "netem");
    net_link(a, b, "delay 20ms");
    char *output;
    const char *const ping[] = {"ping", "-c5", "-i0.05", host_addr(b), NULL};
    ck_assert_int_eq(host_command(a, ping, &output), 0);
    free(output);
    links_stop(net);
    ck_assert_int_eq(capture_count_fate(net, FATE_DELIVERED, "icmp"), 10);
    struct packet packet;
    for (uint32_t last = 0; capture_next(net, "icmp", last, &packet);
         last = packet.number)
        ck_assert_int_ge(packet.delivered_ns - packet.sent_ns, MSECONDS(20));
}
END_TEST

START_TEST(loss_is_netems)
{
    if (!kernel_has_netem()) {
        fprintf(stderr, "SKIP loss_is_netems: this kernel has no netem\n");
        return;
    }
    struct net *net = net_new(1);
    struct host *a = net_host(net, "a"), *b = net_host(net, "b");
    links_engine(net, "netem");
    net_link_asym(a, b, "loss 50%", "");
    char *output;
    const char *const ping[] = {"ping", "-c200",      "-i0.002",
                                "-W1",  host_addr(b), NULL};
    (void)host_command(a, ping, &output);
    free(output);
    links_stop(net);
    int lost = capture_count_fate(net, FATE_LOST, "icmp[0] = 8");
    ck_assert_msg(lost > 60 && lost < 140, "%d of 200 were lost at 50%%", lost);
    ck_assert_int_eq(capture_count_fate(net, FATE_LOST, "icmp[0] = 0"), 0);
}
END_TEST

static bool has_learnt(const struct host *host, const char *addr)
{
    char *output;
    const char *const ask[] = {"ip", "route", "get", addr, NULL};
    ck_assert_int_eq(host_command(host, ask, &output), 0);
    bool learnt = strstr(output, "mtu 1000") != NULL;
    free(output);
    return learnt;
}

/* _i: in a black hole; a link made later has it too. */
START_TEST(a_black_hole_swallows_too_big)
{
    if (!kernel_has_netem()) {
        fprintf(stderr, "SKIP a_black_hole: this kernel has no netem\n");
        return;
    }
    struct net *net = net_new(1);
    struct host *a = net_host(net, "a"), *router = net_host(net, "router"),
                *b = net_host(net, "b");
    links_engine(net, "netem");
    link_mtu(net_link(router, b, ""), 1000, _i == 0);
    net_link(a, router, "");
    host_forward(router);
    net_route_all(net);
    char *output;
    const char *const ping[] = {"ping", "-c1",        "-Mdo", "-s1200",
                                "-W1",  host_addr(b), NULL};
    (void)host_command(a, ping, &output);
    free(output);
    links_stop(net);
    const char *too_big = "icmp[0] = 3 and icmp[1] = 4";
    ck_assert_int_eq(capture_count(net, too_big), 1);
    ck_assert_int_eq(capture_count_fate(net, FATE_LOST, too_big), _i);
    ck_assert_int_eq(capture_count_fate(net, FATE_DELIVERED, "icmp[0] = 8"), 1);
    ck_assert(has_learnt(a, host_addr(b)) == (_i == 0));
}
END_TEST

START_TEST(what_an_engine_cannot_is_named)
{
    expect_infra(veth_with_profile, "knows perfect links only");
    expect_infra(veth_with_script, "fault scripts need --engine wire");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("netem");
    TCase *tc = tcase_create("tc");
    tcase_add_loop_test(tc, tc_line_says_the_profile, 0,
                        sizeof(line_cases) / sizeof(line_cases[0]));
    suite_add_tcase(suite, tc);
    TCase *links = tcase_create("links");
    tcase_add_checked_fixture(links, incell_setup, incell_teardown);
    tcase_set_timeout(links, 20);
    tcase_add_test(links, what_comes_out_was_delivered);
    tcase_add_test(links, what_never_comes_out_was_lost);
    tcase_add_test(links, without_loss_only_a_full_queue_loses);
    tcase_add_test(links, what_enters_a_link_that_is_down_was_cut);
    tcase_add_test(links, what_comes_out_twice_was_duplicated);
    tcase_add_loop_test(links, what_comes_out_with_a_bit_flipped_was_corrupted,
                        0, 80);
    tcase_add_test(links, a_mark_is_seen);
    tcase_add_test(links, what_did_not_wait_was_sent_ahead);
    tcase_add_test(links, of_equal_packets_the_one_that_is_due_is_meant);
    tcase_add_test(links, what_nobody_sent_voids_the_run);
    tcase_add_loop_test(links, packets_pass_and_are_recorded, 0, 2);
    tcase_add_test(links, a_link_that_is_down_cuts);
    tcase_add_test(links, the_first_packet_waits_for_nobody);
    tcase_add_test(links, what_was_received_is_in_the_capture);
    tcase_add_test(links, an_effect_is_behind_its_cause);
    tcase_add_test(links, a_lan_is_recorded_by_sender_and_receiver);
    tcase_add_test(links, a_kernel_without_netem_is_named);
    tcase_add_test(links, delay_is_netems);
    tcase_add_test(links, loss_is_netems);
    tcase_add_loop_test(links, a_black_hole_swallows_too_big, 0, 2);
    tcase_add_test(links, what_an_engine_cannot_is_named);
    suite_add_tcase(suite, links);
    return incell_main("test_netem", suite);
}
