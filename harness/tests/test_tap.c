/* Hosts whose program is their network stack: what goes in and out of a TAP's
 * descriptor, in each engine, and that the host's kernel stays silent. */
#include "linktest.h"

#include <errno.h>
#include <net/ethernet.h>

#include <wirelab/frame.h>
#include <wirelab/tap.h>

/* veth is the netem engine without its qdiscs, which not every kernel has. */
static const char *const engines[] = {"wire", "veth"};
enum { ENGINES = 2, FRAME_MAX = 9000, HEADER_BYTES = 14, TYPE_TEST = 0x88b5 };

static struct net *new_net(int engine)
{
    struct net *net = net_new(1);
    net_want_ipv6(net);
    links_engine(net, engines[engine]);
    return net;
}

/* A frame of the type for experiments, with a payload that tells its length. */
static size_t make_frame(uint8_t *frame, const struct host *to,
                         const struct host *from, const struct link *link,
                         size_t payload_bytes)
{
    host_mac(to, link, frame);
    host_mac(from, link, frame + 6);
    frame[12] = TYPE_TEST >> 8;
    frame[13] = TYPE_TEST & 0xff;
    for (size_t i = 0; i < payload_bytes; i++)
        frame[HEADER_BYTES + i] = (uint8_t)(i * 7 + payload_bytes);
    return HEADER_BYTES + payload_bytes;
}

/* Reads frames until one is of the type for experiments. */
static ssize_t read_test_frame(int fd, uint8_t *frame)
{
    int64_t until_ns = clock_now_ns() + SECONDS(5);
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    while (clock_now_ns() < until_ns) {
        if (poll(&wait, 1, 100) < 1)
            continue;
        ssize_t n = read(fd, frame, FRAME_MAX);
        if (n >= HEADER_BYTES && frame[12] == TYPE_TEST >> 8 &&
            frame[13] == (TYPE_TEST & 0xff))
            return n;
    }
    return -ETIMEDOUT;
}

START_TEST(a_frame_is_a_read_and_a_write)
{
    struct net *net = new_net(_i);
    struct host *a = net_host(net, "a"), *r = net_tap_host(net, "r");
    struct link *link = net_ethernet(a, r, "");
    struct frame_port *port = frame_open(a, link);
    static const size_t sizes[] = {46, 47, 1000, 1500};
    uint8_t sent[FRAME_MAX] = {0}, got[FRAME_MAX] = {0};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        size_t bytes = make_frame(sent, r, a, link, sizes[i]);
        ck_assert_int_eq(frame_send(port, sent, bytes), 0);
        ck_assert_int_eq(read_test_frame(host_tap(r, link), got), bytes);
        ck_assert_mem_eq(got, sent, bytes);
        bytes = make_frame(sent, a, r, link, sizes[i]);
        ck_assert_int_eq(write(host_tap(r, link), sent, bytes), bytes);
        ck_assert_int_eq(frame_await(port, "ether proto 0x88b5", got,
                                     sizeof(got), SECONDS(5)),
                         bytes);
        ck_assert_mem_eq(got, sent, bytes);
    }
    settle(net, 8);
    ck_assert_int_eq(capture_count(net, "ether proto 0x88b5"), 8);
}
END_TEST

/* An IPv4 header that no kernel would let pass, and padding behind it. */
START_TEST(what_is_in_a_frame_is_nobodys_business)
{
    struct net *net = new_net(_i);
    struct host *a = net_host(net, "a"), *r = net_tap_host(net, "r");
    struct link *link = net_ethernet(a, r, "");
    struct frame_port *port = frame_open(a, link);
    uint8_t sent[60], got[FRAME_MAX];
    make_frame(sent, a, r, link, 46);
    static const uint8_t ip[20] = {0x45, 0, 0,  28, 0, 1, 0,  0,  64, 253,
                                   1,    1, 10, 77, 1, 2, 10, 77, 1,  1};
    sent[12] = 0x08;
    sent[13] = 0x00;
    memcpy(sent + HEADER_BYTES, ip, sizeof(ip));
    ck_assert_int_eq(write(host_tap(r, link), sent, sizeof(sent)),
                     sizeof(sent));
    ck_assert_int_eq(
        frame_await(port, "ip proto 253", got, sizeof(got), SECONDS(5)),
        sizeof(sent));
    ck_assert_mem_eq(got, sent, sizeof(sent));
}
END_TEST

/* Its neighbour asks and asks; whoever answered would be the kernel. */
START_TEST(the_kernel_of_such_a_host_says_nothing)
{
    struct net *net = new_net(_i);
    struct host *a = net_host(net, "a"), *r = net_tap_host(net, "r");
    struct link *link = net_ethernet(a, r, "");
    host_forward(r);
    net_route_all(net);
    static const char *const addresses[2] = {"10.77.1.2", "fd77:1::2"};
    for (int i = 0; i < 2; i++) {
        int fd = lt_sender(a, addresses[i]);
        ck_assert_int_eq(send(fd, "?", 1, 0), 1);
    }
    ck_assert(capture_await(net, "arp", 2, SECONDS(5)));
    ck_assert(capture_await(net, "icmp6[0] = 135", 2, SECONDS(5)));
    uint8_t mac[6];
    host_mac(a, link, mac);
    ck_assert_int_eq(mac[0], 2);
    char filter[64];
    snprintf(filter, sizeof(filter),
             "not ether src %02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1],
             mac[2], mac[3], mac[4], mac[5]);
    ck_assert_int_eq(capture_count(net, filter), 0);
}
END_TEST

/* Two kernels with a hub of ours between them, as a program would be. */
START_TEST(kernels_talk_through_two_taps)
{
    struct net *net = new_net(_i);
    struct host *a = net_host(net, "a"), *r = net_tap_host(net, "r"),
                *b = net_host(net, "b");
    struct link *left = net_ethernet(a, r, "");
    struct link *right = net_lan(net, "", r, b, net_host(net, "c"));
    host_run(b, "ip addr add 10.77.1.9/24 dev eth0");
    int rx = lt_receiver(b, "10.77.1.9"), tx = lt_sender(a, "10.77.1.9");
    ck_assert_int_eq(send(tx, "hello", 5, 0), 5);
    struct pollfd wait[] = {{.fd = host_tap(r, left), .events = POLLIN},
                            {.fd = host_tap(r, right), .events = POLLIN},
                            {.fd = rx, .events = POLLIN}};
    uint8_t frame[FRAME_MAX];
    while (poll(wait, 3, 5000) > 0 && !wait[2].revents) {
        for (int i = 0; i < 2; i++) {
            ssize_t n =
                wait[i].revents ? read(wait[i].fd, frame, sizeof(frame)) : 0;
            if (n > 0)
                ck_assert_int_eq(write(wait[1 - i].fd, frame, (size_t)n), n);
        }
    }
    ck_assert_int_eq(recv(rx, frame, sizeof(frame), MSG_DONTWAIT), 5);
    ck_assert_mem_eq(frame, "hello", 5);
}
END_TEST

START_TEST(a_frame_beyond_the_mtu_is_not_sent)
{
    struct net *net = new_net(_i);
    struct host *a = net_host(net, "a"), *r = net_tap_host(net, "r");
    struct link *link = net_ethernet(a, r, "");
    link_mtu(link, 600, true);
    struct frame_port *port = frame_open(a, link);
    uint8_t frame[FRAME_MAX];
    for (size_t payload = 700; payload >= 600; payload -= 100) {
        size_t bytes = make_frame(frame, a, r, link, payload);
        (void)!write(host_tap(r, link), frame, bytes);
    }
    ck_assert_int_eq(frame_await(port, "ether proto 0x88b5", frame,
                                 sizeof(frame), SECONDS(5)),
                     614);
    ck_assert(capture_await(net, "ether proto 0x88b5", 1, SECONDS(5)));
    ck_assert_int_eq(capture_count(net, "ether proto 0x88b5"), 1);
}
END_TEST

static void join_by_tun(void)
{
    struct net *net = net_new(1);
    net_link(net_host(net, "a"), net_tap_host(net, "r"), "");
}

static void ask_a_kernel(void)
{
    struct net *net = net_new(1);
    struct host *a = net_host(net, "a");
    host_tap(a, net_ethernet(a, net_host(net, "b"), ""));
}

START_TEST(what_makes_no_sense_is_said)
{
    expect_infra(join_by_tun, "net_ethernet or net_lan");
    expect_infra(ask_a_kernel, "net_tap_host");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tap");
    TCase *tcase = tcase_create("tap");
    tcase_add_checked_fixture(tcase, incell_setup, incell_teardown);
    tcase_set_timeout(tcase, 30);
    tcase_add_loop_test(tcase, a_frame_is_a_read_and_a_write, 0, ENGINES);
    tcase_add_loop_test(tcase, what_is_in_a_frame_is_nobodys_business, 0,
                        ENGINES);
    tcase_add_loop_test(tcase, the_kernel_of_such_a_host_says_nothing, 0,
                        ENGINES);
    tcase_add_loop_test(tcase, kernels_talk_through_two_taps, 0, ENGINES);
    tcase_add_loop_test(tcase, a_frame_beyond_the_mtu_is_not_sent, 0, ENGINES);
    tcase_add_test(tcase, what_makes_no_sense_is_said);
    suite_add_tcase(suite, tcase);
    return incell_main("test_tap", suite);
}
