/* Checkpoint 3: packets cross the router, and are what they were but for TTL
 * and checksum. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "common.h"

START_TEST(pings_go_through)
{
    struct path path = path_new("delay 10ms 2ms", "delay 5ms 2ms");
    path_start(&path, "");
    expect_ping(path.a, host_addr(path.b), 20);
    expect_ping(path.b, host_addr(path.a), 5);
    expect_running(path.proc);
}
END_TEST

START_TEST(tcp_under_loss)
{
    struct path path = path_new("delay 1ms loss 0.5%", "delay 1ms loss 0.5%");
    path_start(&path, "");
    expect_tcp(path.net, path.a, path.b, host_addr(path.b), 10000000,
               SECONDS(25));
    need_faults(path.net, FATE_LOST, "tcp", 5);
}
END_TEST

/* What the router sends on for a packet that came. */
static void expect_same_but_hop(const struct packet *came,
                                const struct packet *went)
{
    uint8_t before[FRAME_ROOM], after[FRAME_ROOM];
    size_t bytes = get16(came->ip + 2);
    memcpy(before, came->ip, bytes);
    memcpy(after, went->ip, bytes);
    expect_equal(after[8], before[8] - 1, "TTL of a packet that came with %d",
                 before[8]);
    uint16_t checksum = get16(after + 10);
    put16(after + 10, 0);
    expect_equal(checksum, sum_of(after, (size_t)(after[0] & 15) * 4),
                 "checksum of the header that was sent on (it was 0x%04x, is "
                 "0x%04x now)",
                 get16(before + 10), checksum);
    after[8] = before[8];
    memcpy(after + 10, before + 10, 2);
    expect_bytes(after, bytes, before, bytes,
                 "the packet, TTL and checksum left aside");
}

/* Identifications that make the header's checksum run through what is hard for
 * an incremental update: 0x0000, 0xfeff to 0xffff and their neighbours. */
START_TEST(ttl_and_checksum)
{
    struct path path = path_new("delay 2ms 1ms", "delay 2ms 1ms");
    path_start(&path, "");
    uint8_t frame[FRAME_ROOM];
    enum { HARD = 10, SENT = 2 * HARD };
    static const uint16_t wanted[HARD] = {0x0000, 0x0001, 0x00ff, 0x0100,
                                          0x0101, 0xfefe, 0xfeff, 0xff00,
                                          0xfffe, 0xfdff};
    step("send %d packets whose checksums are about to overflow", SENT);
    for (int i = 0; i < SENT; i++) {
        struct spec spec = {.ttl = (uint8_t)(2 + i * 12),
                            .payload_bytes = (size_t)i};
        make_packet(&path, &spec, frame);
        /* Of two sums that differ by d in a word, the checksum differs by -d */
        uint32_t sum = (uint16_t)~get16(frame + ETHER_BYTES + 10);
        uint32_t goal = (uint16_t)~wanted[i % HARD];
        spec.id = (uint16_t)((goal + 0xffff - sum) % 0xffff);
        send_packet(&path, &spec);
    }
    await_delivered(path.net, "udp dst port 9999 and src host a", 2 * SENT,
                    "packets on both links");
    for (int i = 1; i <= SENT; i++) {
        struct packet came, went;
        char filter[96];
        snprintf(filter, sizeof(filter), "udp dst port 9999 and ip[2:2] = %d",
                 IP4_BYTES + 8 + i - 1);
        if (!capture_nth(path.net, filter, 1, &came) ||
            !capture_nth(path.net, filter, 2, &went))
            test_fail("packet %d of %d is not on both links", i, SENT);
        expect_same_but_hop(&came, &went);
    }
}
END_TEST

/* b forwards to c, which the router knows by a static route only. */
START_TEST(a_route_by_a_next_hop)
{
    struct path path = path_new("delay 3ms 2ms", "delay 3ms 2ms");
    struct host *c = path_beyond(&path);
    path_start(&path, "route 10.77.0.0/16 via 10.77.1.77\n"
                      "route 10.77.3.0/24 via 10.77.2.2\n"
                      "route 0.0.0.0/0 via 10.77.1.78\n");
    expect_ping(path.a, host_addr(c), 3);
    look_at("arp");
    expect_packets(path.net, "arp and arp[24:4] = 0x0a4d0302", 0, 0,
                   "ARP requests for a host that is behind a next hop");
}
END_TEST

START_TEST(options_are_kept)
{
    struct path path = path_new("delay 2ms 1ms", "delay 2ms 1ms");
    path_start(&path, "");
    static const uint8_t router_alert[4] = {0x94, 4, 0, 0};
    step("send a packet with an option: a header of 24 bytes");
    send_packet(&path, &(struct spec){.options = router_alert,
                                      .option_bytes = 4,
                                      .payload_bytes = 40});
    await_delivered(path.net, "ip[0] = 0x46", 2, "packets with an option");
    struct packet came, went;
    capture_nth(path.net, "ip[0] = 0x46", 1, &came);
    capture_nth(path.net, "ip[0] = 0x46", 2, &went);
    expect_same_but_hop(&came, &went);
}
END_TEST

START_TEST(stops_when_told)
{
    struct path path = path_new("delay 2ms 1ms", "delay 2ms 1ms");
    path_start(&path, "route 198.51.100.0/24 via 10.77.2.2\n");
    expect_ping(path.a, host_addr(path.b), 2);
    const char *tables = router_tables(path.proc);
    expect_contains(tables, "route 198.51.100.0/24 via 10.77.2.2 dev if1",
                    "what SIGUSR1 prints");
    expect_contains(tables, "neighbour 10.77.2.2 dev if1 mac 02:77:",
                    "what SIGUSR1 prints");
    proc_signal(path.proc, SIGTERM);
    expect_exit(path.proc, 0, PATIENCE);
}
END_TEST

START_TEST(waits_without_working)
{
    struct path path = path_new("delay 5ms 2ms", "delay 5ms 2ms");
    path_start(&path, "");
    expect_ping(path.b, "10.77.2.2", 1);
    (void)host_start(path.a, peer("ping"), "-n", "-c", "1", host_addr(path.b));
    await_delivered(path.net, "icmp and src host b", 2, "an echo reply");
    expect_idle(path.proc, SECONDS(1));
}
END_TEST

START_TEST(refuses_a_bad_configuration)
{
    struct net *net;
    struct host *desk = desk_new(&net);
    static const char text[] =
        "interface if0 mac 02:77:00:01:00:02\naddress if0 10.0.0.1/24\n";
    file_write(net, "desk:conf", text, sizeof(text) - 1);
    step("an interface that was given no TAP");
    struct proc *router =
        host_start(desk, program("router"), "conf", "if1=fd:3");
    expect_exit(router, STATUS_USAGE, PATIENCE);
    step("a line that makes no sense");
    file_write(net, "desk:conf", "\nrout 1 2\n", 10);
    router = host_start(desk, program("router"), "conf", "if0=fd:3");
    expect_exit(router, STATUS_USAGE, PATIENCE);
    expect_contains(proc_stderr(router, NULL), "conf:2:", "its message");
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(pings_go_through),
        .id = "03.3.pings_go_through",
        .title = "Two kernel hosts ping each other through the router",
        .checkpoint = 3,
        .points = 2,
        .why = "They do not know that there is no router but your program.",
        .cause = "in this order: does the host's ARP request get a reply (the "
                 "ladder shows it)?  Does the router ask for the other host?  "
                 "Does the frame it sends have the right addresses and type?",
        .see = "README.md#checkpoint-3",
    },
    {
        TEST(tcp_under_loss),
        .id = "03.3.tcp_under_loss",
        .title = "10 MB go through by TCP while both links lose packets",
        .checkpoint = 3,
        .points = 1,
        .why = "Bursts, full frames and retransmissions: real traffic.",
        .cause = "frames are lost in the router: a TAP is read once for each "
                 "poll and not until EAGAIN, a buffer is too small for 1514 "
                 "bytes, or a frame is changed where it should not be.",
        .see = "README.md#checkpoint-3",
        .load = LOAD_HEAVY,
        .time_limit_s = 60,
    },
    {
        TEST(ttl_and_checksum),
        .id = "03.3.ttl_and_checksum",
        .title = "TTL is one less, the checksum is right, nothing else changes",
        .checkpoint = 3,
        .points = 2,
        .why = "A packet with a wrong checksum is dropped by the next router, "
               "and yours will look innocent.",
        .cause = "lowering TTL changes the 16-bit word it is in, and so the "
                 "checksum; the end-around carry must be folded in, and the "
                 "update of RFC 1141 goes wrong at 0xffff.  Use equation 3 of "
                 "RFC 1624.",
        .see = "RFC 1624 section 3",
    },
    {
        TEST(a_route_by_a_next_hop),
        .id = "03.3.a_route_by_a_next_hop",
        .title = "A route through a next hop is taken, the longest one",
        .checkpoint = 3,
        .points = 1,
        .why = "Most destinations are not neighbours.",
        .cause = "ARP must ask for the next hop, not for the destination; the "
                 "IP addresses of the packet stay as they are.",
        .see = "README.md#checkpoint-3",
    },
    {
        TEST(options_are_kept),
        .id = "03.3.options_are_kept",
        .title = "A header with options is longer, and is forwarded whole",
        .checkpoint = 3,
        .points = 1,
        .why = "A header of 20 bytes is usual, not promised.",
        .cause = "the header's length is 4 times the IHL field, also for the "
                 "checksum.",
        .see = "RFC 791 section 3.1",
    },
    {
        TEST(stops_when_told),
        .id = "03.3.stops_when_told",
        .title = "SIGUSR1 prints the tables, SIGTERM ends with status 0",
        .checkpoint = 3,
        .points = 1,
        .why = "A router whose tables nobody can see cannot be mended.",
        .cause = "the neighbour that was resolved is not in the cache, or a "
                 "signal ends the program before it has cleaned up.",
        .see = "README.md#router",
    },
    {
        TEST(waits_without_working),
        .id = "03.3.waits_without_working",
        .title = "A router with nothing to do uses no CPU",
        .checkpoint = 3,
        .points = 1,
        .why = "It runs for years.",
        .cause = "the loop asks again and again instead of sleeping until the "
                 "next frame or the next timer.",
        .see = "README.md#router",
    },
    {
        TEST(refuses_a_bad_configuration),
        .id = "03.3.refuses_a_bad_configuration",
        .title = "A configuration that makes no sense is refused",
        .checkpoint = 3,
        .points = 1,
        .why = "Better no router than one that guesses.",
        .cause = "status 2 and one line, FILE:LINE: what is wrong.",
        .see = "README.md#router",
    },
};
THEME(forward_theme, tests)
