/* Checkpoint 6: one router, and the test as its neighbour. */
#include <stdio.h>
#include <string.h>

#include "ripnet.h"

/* Timers for tests in which nothing may run out, and for those in which it
 * must. */
#define CALM "rip if0 if1\nrip-timers update 150 timeout 60000 flush 60000\n"
#define HASTY "rip if0 if1\nrip-timers update 150 timeout 500 flush 500\n"

enum { NET = (int)0xcb007100u }; /* 203.0.113.0/24 */
static const uint32_t mask24 = 0xffffff00u;

START_TEST(tells_what_it_has)
{
    struct path path = path_new("delay 2ms 1ms", "delay 2ms 1ms");
    path_start(&path, CALM "route 198.51.100.0/25 via 10.77.2.2\n");
    struct packet packet =
        await_packet(path.net,
                     "udp dst port 520 and src host 10.77.1.2 and "
                     "udp[8] = 2",
                     "an update on a's link");
    expect_equal(packet.ip[8], 1, "TTL of an update");
    expect_equal(get32(packet.ip + 16), 0xe0000009, "its destination");
    expect_equal(get16(packet.payload - 8), RIP_PORT, "its source port");
    expect_equal(packet.payload[1], 2, "its version");
    expect_equal((int64_t)(packet.payload_bytes % 20), 4,
                 "its length modulo 20: a header of 4, entries of 20");
    struct host *router = path.router;
    rip_await_metric(path.net, path.left, router, 0x0a4d0200, 1,
                     "b's net, on a's link");
    rip_await_metric(path.net, path.left, router, 0xc6336400, 1,
                     "a static route, on a's link");
    rip_await_metric(path.net, path.right, router, 0x0a4d0100, 1,
                     "a's net, on b's link");
    int told = rip_metric(path.net, path.left, router, 0x0a4d0100);
    expect_true(told == 0 || told == RIP_INFINITY,
                "a's own net is told on a's link, with metric %d", told);
    look_at("udp port 520");
    int seen = capture_count(path.net, "udp src port 520");
    expect_true(capture_await(path.net, "udp src port 520", seen + 4, PATIENCE),
                "updates should come again and again (update 150 ms)");
}
END_TEST

START_TEST(learns_a_route)
{
    struct path path = path_new("delay 2ms 1ms", "delay 2ms 1ms");
    path_start(&path, CALM);
    int fd = host_udp(path.a, RIP_PORT);
    rip_tell(&path, fd, (struct told[]){{NET, mask24, 3}}, 1);
    await_table(path.proc,
                "route 203.0.113.0/24 via 10.77.1.1 dev if0 rip metric 4", true,
                PATIENCE, "what a neighbour tells should become a route");
    rip_await_metric(path.net, path.right, path.router, NET, 4,
                     "the net, on the other link");
    step("b sends there: it should come out at a");
    int tx = host_udp_connected(path.b, "203.0.113.5", 9999);
    (void)sock_sendto(tx, NULL, 0, "x", 1);
    await_delivered(path.net, "udp dst port 9999 and dst host 203.0.113.5", 2,
                    "a datagram on both links");
}
END_TEST

START_TEST(answers_a_request)
{
    struct path path = path_new("delay 2ms 1ms", "delay 2ms 1ms");
    path_start(&path, "rip if0 if1\nrip-timers update 60000 timeout 60000 "
                      "flush 60000\n");
    await_delivered(path.net,
                    "udp dst port 520 and udp[8] = 1 and src host router", 2,
                    "requests for the neighbours' tables, at the beginning");
    int fd = host_udp(path.a, 5520);
    uint8_t request[24] = {1, 2, [23] = RIP_INFINITY}, answer[600];
    step("ask for its table, from port 5520");
    (void)sock_sendto(fd, "10.77.1.2", RIP_PORT, request, sizeof(request));
    ssize_t n = sock_recvfrom(fd, answer, sizeof(answer), NULL, NULL, PATIENCE);
    expect_true(n >= 24, "a request for the whole table should be answered to "
                         "the port it came from within 5 s");
    expect_equal(answer[0], 2, "command of the answer");
    expect_equal(get32(answer + 8), 0x0a4d0200, "the first net in it");
}
END_TEST

START_TEST(poisons_the_way_back)
{
    struct path path = path_new("delay 2ms 1ms", "delay 2ms 1ms");
    path_start(&path, CALM);
    int fd = host_udp(path.a, RIP_PORT);
    rip_tell(&path, fd, (struct told[]){{NET, mask24, 2}}, 1);
    rip_await_metric(path.net, path.right, path.router, NET, 3,
                     "the net, on b's link");
    rip_await_metric(path.net, path.left, path.router, NET, RIP_INFINITY,
                     "the net, on the link by which its way leads");
}
END_TEST

START_TEST(follows_its_neighbour)
{
    struct path path = path_new("delay 2ms 1ms", "delay 2ms 1ms");
    path_start(&path, CALM);
    host_run(path.a, "ip addr add 10.77.1.9/24 dev eth0");
    int fd = host_udp(path.a, RIP_PORT);
    rip_tell(&path, fd, (struct told[]){{NET, mask24, 3}}, 1);
    await_table(path.proc, "203.0.113.0/24 via 10.77.1.1 dev if0 rip metric 4",
                true, PATIENCE, "a route");
    step("the same neighbour says that it has become farther");
    rip_tell(&path, fd, (struct told[]){{NET, mask24, 7}}, 1);
    await_table(path.proc, "203.0.113.0/24 via 10.77.1.1 dev if0 rip metric 8",
                true, PATIENCE, "bad news of the neighbour that is followed");
    step("b says 9: no shorter; then 2: shorter");
    int other = host_udp(path.b, RIP_PORT);
    uint8_t message[24];
    uint8_t two[44]; /* the second entry shows that the first was considered */
    size_t bytes = rip_message(
        two, (struct told[]){{NET, mask24, 9}, {0xc6336400, mask24, 1}}, 2);
    (void)sock_sendto(other, "10.77.2.1", RIP_PORT, two, bytes);
    await_table(path.proc, "198.51.100.0/24 via 10.77.2.2 dev if1 rip metric 2",
                true, PATIENCE, "another net of b's");
    expect_contains(router_tables(path.proc),
                    "203.0.113.0/24 via 10.77.1.1 dev if0 rip metric 8",
                    "the tables, after a longer way was offered");
    rip_message(message, (struct told[]){{NET, mask24, 2}}, 1);
    (void)sock_sendto(other, "10.77.2.1", RIP_PORT, message, sizeof(message));
    await_table(path.proc, "203.0.113.0/24 via 10.77.2.2 dev if1 rip metric 3",
                true, PATIENCE, "a shorter way");
    step("b says that it is lost");
    rip_message(message, (struct told[]){{NET, mask24, 16}}, 1);
    (void)sock_sendto(other, "10.77.2.1", RIP_PORT, message, sizeof(message));
    await_table(path.proc, "203.0.113.0/24", false, PATIENCE,
                "a way that its neighbour calls infinite");
}
END_TEST

START_TEST(forgets_in_time)
{
    struct path path = path_new("delay 2ms 1ms", "delay 2ms 1ms");
    path_start(&path, HASTY);
    int fd = host_udp(path.a, RIP_PORT);
    rip_tell(&path, fd, (struct told[]){{NET, mask24, 2}}, 1);
    await_table(path.proc, "203.0.113.0/24", true, PATIENCE, "a route");
    step("a says no more; the time-out is 500 ms");
    await_table(path.proc, "203.0.113.0/24", false, PATIENCE,
                "a route that nobody confirms");
    rip_await_metric(path.net, path.right, path.router, NET, RIP_INFINITY,
                     "the lost net, for a while");
    rip_await_metric(path.net, path.right, path.router, NET, 0,
                     "the lost net, after the flush time");
    send_marker(&path);
    step("and a packet to it is answered by \"net unreachable\"");
    send_packet(&path, &(struct spec){.destination = "203.0.113.5"});
    await_delivered(path.net, "icmp[0] = 3 and icmp[1] = 0", 1,
                    "\"net unreachable\"");
}
END_TEST

START_TEST(infinity_is_16)
{
    struct path path = path_new("delay 2ms 1ms", "delay 2ms 1ms");
    path_start(&path, CALM);
    int fd = host_udp(path.a, RIP_PORT);
    step("a way of 15 hops is one hop too long");
    rip_tell(&path, fd,
             (struct told[]){{NET, mask24, 15}, {0xc6336400, mask24, 14}}, 2);
    await_table(path.proc,
                "198.51.100.0/24 via 10.77.1.1 dev if0 rip metric "
                "15",
                true, PATIENCE, "14 hops and one");
    expect_true(strstr(router_tables(path.proc), "203.0.113.0") == NULL,
                "15 hops and one are infinity, and no route");
}
END_TEST

START_TEST(ignores_nonsense)
{
    struct path path = path_new("delay 2ms 1ms", "delay 2ms 1ms");
    path_start(&path, CALM);
    int fd = host_udp(path.a, RIP_PORT);
    static const struct told bad[] = {
        {NET, mask24, 0},
        {NET, mask24, 17},
        {NET, mask24, 0x10001},
        {0xcb000000, 0xff00ff00, 1},
        {NET | 1, mask24, 1},
        {0x7f000000, 0xff000000, 1},
        {0xe0000000, 0xf0000000, 1},
        {0x00010000, 0xffff0000, 1},
        {0x0a4d0200, mask24, 1},
    };
    enum { COUNT = sizeof(bad) / sizeof(bad[0]) };
    rip_tell(&path, fd, bad, COUNT);
    step("and a good entry from port 9520, in version 1, cut short");
    int stranger = host_udp(path.a, 9520);
    uint8_t message[24];
    rip_message(message, (struct told[]){{NET, mask24, 1}}, 1);
    (void)sock_sendto(stranger, "10.77.1.2", RIP_PORT, message, 24);
    (void)sock_sendto(fd, "10.77.1.2", RIP_PORT, message, 23);
    message[1] = 1;
    (void)sock_sendto(fd, "10.77.1.2", RIP_PORT, message, 24);
    step("and from 192.0.2.7, who is not on this link");
    message[1] = 2;
    uint8_t udp[32] = {2, 8, 2, 8, 0, 32};
    memcpy(udp + 8, message, 24);
    send_packet(&path, &(struct spec){.source = "192.0.2.7",
                                      .destination = "10.77.1.2",
                                      .payload = udp,
                                      .payload_bytes = sizeof(udp)});
    send_marker(&path); /* nothing of this is under way any more */
    step("at last something sound");
    rip_tell(&path, fd, (struct told[]){{0xc6336400, mask24, 1}}, 1);
    await_table(path.proc, "route 198.51.100.0/24", true, PATIENCE, "a route");
    const char *tables = router_tables(path.proc);
    int learnt = 0;
    for (const char *at = tables; (at = strstr(at, " rip metric")); at++)
        learnt++;
    expect_equal(learnt, 1, "routes learnt: one entry made sense");
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(tells_what_it_has),
        .id = "03.6.tells_what_it_has",
        .title = "It tells its neighbours the nets it reaches",
        .checkpoint = 6,
        .points = 2,
        .why = "Routers know each other by this alone.",
        .cause = "a response to 224.0.0.9, port 520 to 520, TTL 1, with each "
                 "connected and static net at metric 1; not the net of the "
                 "very link.",
        .see = "RFC 2453 section 3.10.2",
    },
    {
        TEST(learns_a_route),
        .id = "03.6.learns_a_route",
        .title = "What a neighbour tells becomes a route, one hop farther",
        .checkpoint = 6,
        .points = 1,
        .why = "This is the whole of distance vectors.",
        .cause = "metric and 1, next hop the one who told; into the table by "
                 "which packets are forwarded, and into what is told on.",
        .see = "RFC 2453 section 3.9.2",
    },
    {
        TEST(answers_a_request),
        .id = "03.6.answers_a_request",
        .title = "Who asks for the table gets it, where he asked from",
        .checkpoint = 6,
        .points = 1,
        .why = "A router that starts need not wait for the next update.",
        .cause = "a request with one entry of family 0 and metric 16 means "
                 "all; the answer goes to its address and port.",
        .see = "RFC 2453 section 3.9.1",
    },
    {
        TEST(poisons_the_way_back),
        .id = "03.6.poisons_the_way_back",
        .title = "On the link by which a way leads it is told as infinite",
        .checkpoint = 6,
        .points = 2,
        .why = "Else two routers count to infinity, with the packets between "
               "them.",
        .cause = "split horizon with poisoned reverse: what was learnt from a "
                 "link is told there with metric 16.",
        .see = "README.md#counting-to-infinity",
    },
    {
        TEST(follows_its_neighbour),
        .id = "03.6.follows_its_neighbour",
        .title = "The neighbour that is followed is believed in bad news too",
        .checkpoint = 6,
        .points = 2,
        .why = "Who only takes shorter ways never learns that one has grown.",
        .cause = "from the current next hop each metric is taken; from others "
                 "a shorter one only.",
        .see = "RFC 2453 section 3.9.2",
    },
    {
        TEST(forgets_in_time),
        .id = "03.6.forgets_in_time",
        .title = "A way that nobody confirms is lost, told so, then forgotten",
        .checkpoint = 6,
        .points = 2,
        .why = "A dead router says nothing: silence is the news.",
        .cause = "two timers: after the time-out the metric is 16 and the "
                 "route is out of the table, but is still told; after the "
                 "flush time it is gone.",
        .see = "RFC 2453 section 3.8",
    },
    {
        TEST(infinity_is_16),
        .id = "03.6.infinity_is_16",
        .title = "Fifteen hops are the longest way",
        .checkpoint = 6,
        .points = 1,
        .why = "The smaller infinity is, the sooner counting ends.",
        .cause = "add the hop first, then compare with 16.",
        .see = "RFC 2453 section 3.6",
    },
    {
        TEST(ignores_nonsense),
        .id = "03.6.ignores_nonsense",
        .title = "Nonsense and strangers are not believed",
        .checkpoint = 6,
        .points = 1,
        .why = "One bad announcement took YouTube off the net for two hours.",
        .cause = "check: port 520, a source on that link, version 2, whole "
                 "entries; metric 1 to 16, a mask without holes, no bits "
                 "beyond it, no loopback or multicast, not one's own net.",
        .see = "RFC 2453 section 3.9.2",
    },
};
THEME(rip_theme, tests)
