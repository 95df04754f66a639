/* Checkpoint 6: three routers in a circle.
 *
 *      h1 --- r1 ------- r3 --- h3
 *               \       /
 *                \     /
 *                 r2
 */
#include <stdio.h>
#include <string.h>

#include "ripnet.h"

#define TIMERS "rip-timers update 250 timeout 1500 flush 1500\n"

enum { FAR_NET = 0x0a4d0200 }; /* h3's: the second link */

struct circle {
    struct net *net;
    struct host *h1, *h3, *r1, *r2, *r3;
    struct link *near, *far, *r1_r2, *r2_r3, *r1_r3;
    struct proc *p1, *p2, *p3;
};

static struct circle circle_new(const char *profile)
{
    struct circle c = {.net = net_new(_seed())};
    c.h1 = net_host(c.net, "h1");
    c.h3 = net_host(c.net, "h3");
    c.r1 = net_tap_host(c.net, "r1");
    c.r2 = net_tap_host(c.net, "r2");
    c.r3 = net_tap_host(c.net, "r3");
    c.near = net_ethernet(c.h1, c.r1, profile);
    c.far = net_ethernet(c.r3, c.h3, profile);
    c.r1_r2 = net_ethernet(c.r1, c.r2, profile);
    c.r2_r3 = net_ethernet(c.r2, c.r3, profile);
    c.r1_r3 = net_ethernet(c.r1, c.r3, profile);
    host_route(c.h1, "default", host_addr_on(c.r1, c.near));
    host_route(c.h3, "default", host_addr_on(c.r3, c.far));
    return c;
}

static void circle_start(struct circle *c)
{
    struct link *const of_r1[] = {c->near, c->r1_r2, c->r1_r3};
    struct link *const of_r2[] = {c->r1_r2, c->r2_r3};
    struct link *const of_r3[] = {c->far, c->r2_r3, c->r1_r3};
    c->p1 =
        router_start(c->net, c->r1, of_r1, 3, false, "rip if1 if2\n" TIMERS);
    c->p2 =
        router_start(c->net, c->r2, of_r2, 2, false, "rip if0 if1\n" TIMERS);
    c->p3 =
        router_start(c->net, c->r3, of_r3, 3, false, "rip if1 if2\n" TIMERS);
    await_table(c->p1, "10.77.2.0/24 via 10.77.5.2 dev if2 rip metric 2", true,
                PATIENCE, "r1 should know h3's net, by r3");
    await_table(c->p3, "10.77.1.0/24 via 10.77.5.1 dev if2 rip metric 2", true,
                PATIENCE, "r3 should know h1's net, by r1");
    await_table(c->p2, "10.77.2.0/24 via 10.77.4.2 dev if1 rip metric 2", true,
                PATIENCE, "r2 should know h3's net, by r3");
}

/* Three routers take three from a TTL of 64.  Less than 61 is a circle. */
static void expect_no_circles(const struct circle *c)
{
    look_at("icmp[0] = 8 or icmp[0] = 11");
    expect_packets(c->net, "icmp[0] = 8 and ip[8] < 61", 0, 0,
                   "pings that crossed more than three routers: they went in "
                   "a circle");
}

static struct proc *start_pinging(const struct circle *c)
{
    return host_start(c->h1, peer("ping"), "-n", "-q", "-i", "0.02",
                      host_addr(c->h3));
}

START_TEST(three_find_each_other)
{
    struct circle c = circle_new("delay 3ms 1ms");
    circle_start(&c);
    expect_ping(c.h1, host_addr(c.h3), 10);
    step("the way is the short one, by r1 and r3");
    expect_packets(c.net, "icmp[0] = 8 and ip[8] = 61", 0, 0,
                   "pings that crossed three routers");
    expect_no_circles(&c);
}
END_TEST

START_TEST(traffic_moves)
{
    struct circle c = circle_new("delay 3ms 1ms");
    circle_start(&c);
    struct proc *ping = start_pinging(&c);
    await_delivered(c.net, "icmp[0] = 0 and dst host h1", 10, "answers");
    step("cut the cable between r1 and r3; the time-out is 1.5 s");
    link_down(c.r1_r3);
    await_table(c.p1, "10.77.2.0/24 via 10.77.3.2 dev if1 rip metric 3", true,
                SECONDS(8), "r1 should find the way by r2");
    await_table(c.p3, "10.77.1.0/24 via 10.77.4.1 dev if1 rip metric 3", true,
                SECONDS(8), "r3 should find the way by r2");
    proc_kill(ping);
    expect_ping(c.h1, host_addr(c.h3), 5);
    expect_at_least(capture_count(c.net, "icmp[0] = 8 and ip[8] = 61"), 5,
                    "pings that went by r2");
    expect_no_circles(&c);
    step("plug it in again: the short way is taken");
    link_up(c.r1_r3);
    await_table(c.p1, "10.77.2.0/24 via 10.77.5.2 dev if2 rip metric 2", true,
                PATIENCE, "r1 should return to the short way");
    expect_no_circles(&c);
}
END_TEST

/* The largest metric below infinity that anybody told of h3's net. */
static int largest_told(const struct circle *c)
{
    struct packet packet;
    int largest = 0;
    for (uint32_t n = 0;
         capture_next(c->net, "udp src port 520 and udp[8] = 2", n, &packet);
         n = packet.number) {
        for (size_t at = 4; at + 20 <= packet.payload_bytes; at += 20) {
            int metric = (int)get32(packet.payload + at + 16);
            if (get32(packet.payload + at + 4) == FAR_NET &&
                metric < RIP_INFINITY && metric > largest)
                largest = metric;
        }
    }
    return largest;
}

START_TEST(a_dead_router_takes_its_nets_along)
{
    struct circle c = circle_new("delay 3ms 1ms");
    circle_start(&c);
    struct proc *ping = start_pinging(&c);
    await_delivered(c.net, "icmp[0] = 0 and dst host h1", 10, "answers");
    step("kill r3, behind which h3 is");
    proc_kill(c.p3);
    await_table(c.p1, "10.77.2.0/24", false, SECONDS(8),
                "r1 should give up h3's net");
    await_table(c.p2, "10.77.2.0/24", false, SECONDS(8),
                "r2 should give up h3's net");
    await_delivered(c.net, "icmp[0] = 3 and icmp[1] = 0 and dst host h1", 1,
                    "\"net unreachable\" to h1");
    proc_kill(ping);
    expect_no_circles(&c);
    expect_at_most(largest_told(&c), 4,
                   "largest metric told of the lost net: r1 and r2 counted up, "
                   "each believing the other");
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(three_find_each_other),
        .id = "03.6.three_find_each_other",
        .title = "Three routers find each other and the short way",
        .checkpoint = 6,
        .points = 1,
        .why = "Nobody configured these routes.",
        .cause = "look at each router's tables in its stdout: who knows what, "
                 "from whom?  Two hops must lose against one.",
        .see = "README.md#checkpoint-6",
        .load = LOAD_MEDIUM,
    },
    {
        TEST(traffic_moves),
        .id = "03.6.traffic_moves",
        .title = "A cable is cut: traffic moves, and never in a circle",
        .checkpoint = 6,
        .points = 2,
        .why = "It is what routing protocols are for.",
        .cause = "nobody says that a cable is cut: routes by it must time out, "
                 "the next update of the other neighbour is then the best, and "
                 "both ends have to move.",
        .see = "README.md#checkpoint-6",
        .load = LOAD_MEDIUM,
        .time_limit_s = 60,
    },
    {
        TEST(a_dead_router_takes_its_nets_along),
        .id = "03.6.a_dead_router_takes_its_nets_along",
        .title = "When a router dies, what was behind it is given up",
        .checkpoint = 6,
        .points = 1,
        .why = "Bad news travels slowly in distance vectors; and packets go in "
               "circles meanwhile.",
        .cause = "poisoned reverse, the time-out, and telling lost routes as "
                 "infinite at once: without one of them two routers count to "
                 "infinity.",
        .see = "README.md#counting-to-infinity",
        .load = LOAD_MEDIUM,
        .time_limit_s = 60,
    },
};
THEME(circle_theme, tests)
