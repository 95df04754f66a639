/* Links of other kinds: Ethernet, LANs, IPv6, small MTUs, fast mode. */
#include "linktest.h"

#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/ioctl.h>

#include "base/hash.h"
#include "link/wire.h"
#include "link/linkset.h"

/* ---- Ethernet ------------------------------------------------------------ */

START_TEST(ethernet_link_shows_arp_and_mac_addresses)
{
    struct pair pair = pair_hosts(1);
    pair.link = net_ethernet(pair.a, pair.b, "delay 1ms");
    pair.rx = lt_receiver(pair.b, host_addr(pair.b));
    pair.tx = lt_sender(pair.a, host_addr(pair.b));
    blast(&pair, 0, 5, 100);
    settle(pair.net, 7);
    unsigned times[LT_MAX];
    ck_assert_uint_eq(collect(&pair, times, NULL), 5);
    ck_assert_int_ge(capture_count(pair.net, "arp"), 2);
    struct packet packet;
    ck_assert(capture_nth(pair.net, "udp", 1, &packet));
    ck_assert_mem_eq(packet.data, pair.link->ports[1].mac, 6);
    ck_assert_ptr_eq(packet.ip, packet.data + 14);
    ck_assert_int_eq(capture_bytes(pair.net, "udp"), 5 * 128);
}
END_TEST

static int count_to(struct net *net, const char *filter, const struct host *to)
{
    struct packet packet;
    int count = 0;
    for (uint32_t n = 0; capture_next(net, filter, n, &packet);
         n = packet.number)
        count += packet.to == to;
    return count;
}

/* Packets that a host's device was handed, from its statistics. */
static unsigned long received(const struct host *host)
{
    char *output;
    const char *const argv[] = {"awk", "sub(/^ *eth0:/, \"\") { print $2 }",
                                "/proc/net/dev", NULL};
    ck_assert_int_eq(host_command(host, argv, &output), 0);
    unsigned long n = strtoul(output, NULL, 10);
    free(output);
    return n;
}

START_TEST(switch_floods_the_unknown_and_forwards_the_known)
{
    struct pair pair = pair_hosts(1);
    struct host *c = net_host(pair.net, "third");
    pair.link = net_lan(pair.net, "delay 1ms", pair.a, pair.b, c);
    pair.rx = lt_receiver(pair.b, host_addr(pair.b));
    pair.tx = lt_sender(pair.a, host_addr(pair.b));
    blast(&pair, 0, 1, 100);
    settle(pair.net, 3); /* request to all, reply, datagram */
    unsigned long before = received(c);
    ck_assert_uint_eq(before, 1); /* the broadcast request alone */
    ck_assert_int_eq(count_to(pair.net, "arp", NULL), 1);
    blast(&pair, 1, 20, 100);
    settle(pair.net, 23);
    unsigned times[LT_MAX];
    ck_assert_uint_eq(collect(&pair, times, NULL), 21);
    ck_assert_uint_eq(received(c), before);
    ck_assert_int_eq(count_to(pair.net, "udp", pair.b), 21);
    struct packet packet;
    ck_assert(capture_nth(pair.net, "udp", 1, &packet));
    ck_assert_int_eq(packet.due_ns - packet.sent_ns, MSECONDS(1));
}
END_TEST

/* ---- IPv6 ---------------------------------------------------------------- */

START_TEST(ipv6_loses_by_the_same_rules)
{
    struct pair pair = pair_hosts(7);
    net_want_ipv6(pair.net);
    pair.link = net_link(pair.a, pair.b, "delay 1ms loss 20%");
    pair.rx = lt_receiver(pair.b, host_addr6(pair.b));
    pair.tx = lt_sender(pair.a, host_addr6(pair.b));
    unsigned times[LT_MAX], lost = 0;
    blast(&pair, 0, 500, 100);
    settle(pair.net, 500);
    collect(&pair, times, NULL);
    struct packet packet;
    for (uint32_t n = 0; capture_next(pair.net, "ip6 and udp", n, &packet);
         n = packet.number) {
        bool gone = (packet.fate & FATE_LOST) != 0;
        ck_assert_uint_eq(times[number_in(&packet)], !gone);
        lost += gone;
    }
    ck_assert_uint_ge(lost, 55); /* 100 +- 5 sigma */
    ck_assert_uint_le(lost, 145);
    ck_assert_int_eq(capture_count(pair.net, "src host left and udp"), 500);
}
END_TEST

/* ---- MTU ----------------------------------------------------------------- */

/* Sends big datagrams with "do not fragment" through a router whose far link is
 * narrow.  Returns the path MTU that the sender has learnt. */
static int path_mtu_with(bool icmp)
{
    struct pair pair = pair_hosts(1);
    struct host *router = net_host(pair.net, "router");
    net_link(pair.a, router, "");
    struct link *narrow = net_link(router, pair.b, "");
    host_forward(router);
    net_route_all(pair.net);
    link_mtu(narrow, 1000, icmp);
    pair.tx = lt_sender(pair.a, host_addr(pair.b));
    int always = IP_PMTUDISC_DO, mtu = 0, count = icmp ? 2 : 1;
    socklen_t size = sizeof(mtu);
    setsockopt(pair.tx, IPPROTO_IP, IP_MTU_DISCOVER, &always, sizeof(always));
    blast(&pair, 0, 1, 1200);
    settle(pair.net, 2); /* the datagram, and the router's complaint */
    ck_assert_int_eq(capture_count(pair.net, "icmp[0] = 3 and icmp[1] = 4"), 1);
    ck_assert_int_eq(capture_count(pair.net, "udp"), 1);
    ck_assert_int_eq(capture_count_fate(pair.net, FATE_DELIVERED, NULL), count);
    getsockopt(pair.tx, IPPROTO_IP, IP_MTU, &mtu, &size);
    return mtu;
}

START_TEST(router_tells_of_a_small_mtu)
{
    ck_assert_int_eq(path_mtu_with(true), 1000);
}
END_TEST

START_TEST(black_hole_swallows_packet_too_big)
{
    ck_assert_int_eq(path_mtu_with(false), 1500);
}
END_TEST

START_TEST(jumbo_frames_pass_whole)
{
    struct pair pair = pair_new(1, "delay 1ms");
    link_mtu(pair.link, 9000, true);
    uint8_t sent[8900], got[9000];
    hash_fill(5, sent, sizeof(sent));
    ck_assert_int_eq(send(pair.tx, sent, sizeof(sent), 0), 8900);
    settle(pair.net, 1);
    ck_assert_int_eq(recv(pair.rx, got, sizeof(got), MSG_DONTWAIT), 8900);
    ck_assert_mem_eq(got, sent, sizeof(sent));
}
END_TEST

/* ---- Fast mode ----------------------------------------------------------- */

static bool takes_tso(const struct host *host)
{
    struct ethtool_value tso = {.cmd = ETHTOOL_GTSO};
    struct ifreq request = {.ifr_name = "eth0", .ifr_data = (void *)&tso};
    host_enter(host);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    host_leave();
    ck_assert_int_eq(ioctl(fd, SIOCETHTOOL, &request), 0);
    close(fd);
    return tso.data != 0;
}

struct stream {
    int fd;
    size_t bytes;
    uint64_t seed;
};

enum { CHUNK = 1 << 16 };

static void *feed(void *context)
{
    struct stream *stream = context;
    uint8_t data[CHUNK];
    for (size_t i = 0; i < stream->bytes / CHUNK; i++) {
        hash_fill(stream->seed + i, data, sizeof(data));
        for (size_t at = 0; at < sizeof(data);) {
            ssize_t n = send(stream->fd, data + at, sizeof(data) - at, 0);
            ck_assert_int_gt(n, 0);
            at += (size_t)n;
        }
    }
    close(stream->fd);
    return NULL;
}

static void check_stream(int fd, size_t bytes, uint64_t seed)
{
    uint8_t got[CHUNK], expected[CHUNK];
    for (size_t i = 0; i < bytes / CHUNK; i++) {
        hash_fill(seed + i, expected, sizeof(expected));
        ssize_t n = recv(fd, got, sizeof(got), MSG_WAITALL);
        ck_assert_int_eq(n, CHUNK);
        ck_assert_msg(memcmp(got, expected, CHUNK) == 0, "chunk %zu differs",
                      i);
    }
    ck_assert_int_eq(recv(fd, got, sizeof(got), 0), 0);
}

/* Sends a stream by kernel TCP from left to right and compares it; `meanwhile`
 * may be NULL. */
static void transfer(const struct pair *pair, const char *addr, size_t bytes,
                     void (*meanwhile)(const struct pair *pair))
{
    struct sockaddr_storage at;
    socklen_t length = lt_address(&at, addr, LT_PORT);
    int listener = lt_socket(pair->b, at.ss_family, SOCK_STREAM);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&at, length), 0);
    ck_assert_int_eq(listen(listener, 1), 0);
    struct stream stream = {.fd = lt_socket(pair->a, at.ss_family, SOCK_STREAM),
                            .bytes = bytes,
                            .seed = 42};
    ck_assert_int_eq(connect(stream.fd, (struct sockaddr *)&at, length), 0);
    int fd = accept(listener, NULL, NULL);
    ck_assert_int_ge(fd, 0);
    pthread_t thread;
    pthread_create(&thread, NULL, feed, &stream);
    if (meanwhile)
        meanwhile(pair);
    check_stream(fd, bytes, stream.seed);
    pthread_join(thread, NULL);
    close(fd);
    close(listener);
}

#define FAULTS "delay 1ms loss 0.5% duplicate 0.5% corrupt 0.2% limit 20000"

static void expect_faults(const struct pair *pair)
{
    struct link_counters counters;
    links_stop(pair->net);
    link_count(pair->link, 0, &counters);
    ck_assert_uint_gt(counters.lost, 50);
    ck_assert_uint_gt(counters.duplicated, 50);
    ck_assert_uint_gt(counters.corrupted, 10);
    ck_assert_uint_eq(counters.internal, 0);
    uint64_t flying = (uint64_t)capture_count_fate(pair->net, FATE_IN_FLIGHT,
                                                   "src host left");
    ck_assert_uint_eq(counters.packets + counters.duplicated,
                      counters.delivered + counters.lost + flying);
}

START_TEST(fast_mode_keeps_streams_intact_through_faults)
{
    struct pair pair = pair_hosts(3);
    if (_i == 1)
        net_want_ipv6(pair.net);
    pair.link = net_link(pair.a, pair.b, FAULTS);
    link_fast(pair.link);
    ck_assert(takes_tso(pair.a));
    transfer(&pair, _i == 1 ? host_addr6(pair.b) : host_addr(pair.b), 50 << 20,
             NULL);
    expect_faults(&pair);
}
END_TEST

START_TEST(exact_mode_keeps_streams_intact_through_faults)
{
    struct pair pair = pair_hosts(3);
    pair.link = net_link(pair.a, pair.b, FAULTS);
    ck_assert(!takes_tso(pair.a));
    transfer(&pair, host_addr(pair.b), 20 << 20, NULL);
    expect_faults(&pair);
}
END_TEST

static uint32_t seq_of(const struct packet *packet)
{
    const uint8_t *p = packet->ip + 20 + 4;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
           p[3];
}

START_TEST(fast_mode_records_segments_that_could_be_on_a_wire)
{
    struct pair pair = pair_hosts(3);
    pair.link = net_link(pair.a, pair.b, "delay 1ms limit 20000");
    link_fast(pair.link);
    transfer(&pair, host_addr(pair.b), 4 << 20, NULL);
    links_stop(pair.net);
    struct packet packet;
    uint32_t next_seq = 0, first_seq = 0;
    for (uint32_t n = 0;
         capture_next(pair.net, "tcp and src host left", n, &packet);
         n = packet.number) {
        uint32_t seq = seq_of(&packet);
        ck_assert_uint_le(packet.length_bytes, 1500);
        ck_assert_uint_eq((uint32_t)(packet.ip[2] << 8 | packet.ip[3]),
                          packet.length_bytes);
        if (packet.payload_bytes == 0)
            continue;
        if (first_seq == 0)
            first_seq = next_seq = seq;
        /* No gap; on a busy machine TCP may repeat something. */
        ck_assert_int_le((int32_t)(seq - next_seq), 0);
        uint32_t end = seq + (uint32_t)packet.payload_bytes;
        if ((int32_t)(end - next_seq) > 0)
            next_seq = end;
    }
    ck_assert_uint_eq(next_seq - first_seq, 4 << 20);
}
END_TEST

/* A stream's loss has a place in it: the segment that covers the mark. */
START_TEST(lost_segment_covers_the_mark_it_was_lost_for)
{
    struct pair pair = pair_hosts(3);
    pair.link = net_link(pair.a, pair.b, "delay 1ms loss 2% limit 20000");
    if (_i == 1)
        link_fast(pair.link);
    transfer(&pair, host_addr(pair.b), 8 << 20, NULL);
    links_stop(pair.net);
    struct packet packet;
    int lost = 0;
    ck_assert(
        capture_nth(pair.net, "tcp[tcpflags] & tcp-syn != 0", 1, &packet));
    uint32_t begin = seq_of(&packet) + 1;
    for (uint32_t n = 0;
         capture_next(pair.net, "tcp and src host left", n, &packet);
         n = packet.number) {
        const char *at = strstr(packet.note, "data offset ");
        if ((packet.fate & FATE_LOST) == 0 || at == NULL)
            continue;
        uint32_t mark = (uint32_t)strtoul(at + 12, NULL, 10);
        uint32_t from = seq_of(&packet) - begin;
        ck_assert_msg(mark >= from && mark - from < packet.payload_bytes,
                      "%s: bytes %u to %zu", packet.note, from,
                      from + packet.payload_bytes);
        lost++;
    }
    ck_assert_int_ge(lost, 50);
}
END_TEST

/* A profile that times each packet must not see super-packets. */
static void slow_down(const struct pair *pair)
{
    ck_assert(takes_tso(pair->a));
    link_profile(pair->link, "delay 1ms 0.5ms rate 2gbit limit 20000");
    ck_assert(!takes_tso(pair->a));
    link_profile(pair->link, "delay 1ms limit 20000");
    ck_assert(takes_tso(pair->a));
    link_script(pair->link, "drop every 500 of \"tcp\" left->right");
    ck_assert(!takes_tso(pair->a));
}

START_TEST(fast_mode_gives_way_in_the_middle_of_a_stream)
{
    struct pair pair = pair_hosts(3);
    pair.link = net_link(pair.a, pair.b, "delay 1ms limit 20000");
    link_fast(pair.link);
    transfer(&pair, host_addr(pair.b), 20 << 20, slow_down);
    ck_assert_int_ge(capture_count_fate(pair.net, FATE_LOST, "tcp"), 10);
}
END_TEST

/* ---- Being overrun ------------------------------------------------------- */

struct nap {
    pthread_barrier_t begun, over;
};

static void nap(struct wire *wire, void *context)
{
    struct nap *nap = context;
    (void)wire;
    pthread_barrier_wait(&nap->begun);
    pthread_barrier_wait(&nap->over);
}

struct napper {
    struct wire *wire;
    struct nap *nap;
};

static void *put_to_sleep(void *context)
{
    struct napper *napper = context;
    wire_call(napper->wire, nap, napper->nap);
    return NULL;
}

/* While the engine sleeps nobody empties the device's queue of 10000. */
START_TEST(overrun_of_our_own_queue_is_not_loss)
{
    struct pair pair = pair_new(1, "");
    struct linkset *set = pair.net->engine;
    struct nap nap;
    pthread_barrier_init(&nap.begun, NULL, 2);
    pthread_barrier_init(&nap.over, NULL, 2);
    struct napper napper = {.wire = set->state, .nap = &nap};
    pthread_t thread;
    pthread_create(&thread, NULL, put_to_sleep, &napper);
    pthread_barrier_wait(&nap.begun);
    uint8_t data[100] = {0};
    for (int i = 0; i < 12000; i++)
        ck_assert_int_eq(send(pair.tx, data, sizeof(data), 0), 100);
    pthread_barrier_wait(&nap.over);
    pthread_join(thread, NULL);
    settle(pair.net, 10000);
    links_stop(pair.net);
    struct link_counters counters;
    link_count(pair.link, 0, &counters);
    ck_assert_uint_eq(counters.lost + counters.overflow + counters.cut, 0);
    ck_assert_uint_ge(counters.internal, 1900);
    ck_assert_uint_eq(counters.internal + counters.delivered, 12000);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("link_kinds");
    TCase *tcase = tcase_create("wire");
    tcase_add_checked_fixture(tcase, incell_setup, incell_teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, ethernet_link_shows_arp_and_mac_addresses);
    tcase_add_test(tcase, switch_floods_the_unknown_and_forwards_the_known);
    tcase_add_test(tcase, ipv6_loses_by_the_same_rules);
    tcase_add_test(tcase, router_tells_of_a_small_mtu);
    tcase_add_test(tcase, black_hole_swallows_packet_too_big);
    tcase_add_test(tcase, jumbo_frames_pass_whole);
    tcase_add_loop_test(tcase, fast_mode_keeps_streams_intact_through_faults, 0,
                        2);
    tcase_add_test(tcase, exact_mode_keeps_streams_intact_through_faults);
    tcase_add_test(tcase, fast_mode_records_segments_that_could_be_on_a_wire);
    tcase_add_loop_test(tcase, lost_segment_covers_the_mark_it_was_lost_for, 0,
                        2);
    tcase_add_test(tcase, fast_mode_gives_way_in_the_middle_of_a_stream);
    tcase_add_test(tcase, overrun_of_our_own_queue_is_not_loss);
    suite_add_tcase(suite, tcase);
    return incell_main("test_link_kinds", suite);
}
