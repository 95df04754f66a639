/* Checkpoint 5: IPv6 across the router. */
#include <stdio.h>
#include <string.h>

#include "common.h"

enum { SMALL = 1300, PORT = 9999 };
static const char far6[] = "fd77:2::2"; /* b's address */

static struct path started6(const char *left, const char *right,
                            const char *lines)
{
    struct path path = path_new6(left, right);
    path_start(&path, lines);
    return path;
}

/* Learns both neighbours, so that nothing is in the way. */
static void warm_up(struct path *path)
{
    expect_ping(path->a, far6, 1);
}

static void expect_error6(struct path *path, unsigned type, unsigned code,
                          const uint8_t *quoted, const char *what)
{
    char filter[96];
    snprintf(filter, sizeof(filter),
             "icmp6 and ip6[40] = %u and ip6[41] = %u and dst host a", type,
             code);
    struct packet packet = await_packet(path->net, filter, what);
    expect_equal(sum6_of(packet.ip, PROTO_ICMP6), 0,
                 "%s: ICMPv6 checksum test, pseudo-header included", what);
    expect_at_most(40 + get16(packet.ip + 4), 1280, "%s: its length", what);
    expect_bytes(packet.ip + 48, 48, quoted, 48,
                 "the packet that the error quotes (its first 48 bytes)");
    uint8_t router[16] = {0xfd, 0x77, 0, 1, [15] = 2};
    expect_bytes(packet.ip + 8, 16, router, 16, "the error's source address");
}

START_TEST(ping6_goes_through)
{
    struct path path = started6("delay 10ms 2ms", "delay 5ms 2ms", "");
    expect_ping(path.a, far6, 10);
    expect_ping(path.b, host_addr6(path.a), 3);
    step("and to the router itself, both sides, and its link-local address");
    expect_ping(path.a, "fd77:1::2", 2);
    expect_ping(path.a, "fd77:2::1", 2);
    char target[64];
    snprintf(target, sizeof(target), "fe80::77:ff:fe01:2%%%s",
             host_device(path.a, path.left));
    expect_ping(path.a, target, 2);
}
END_TEST

START_TEST(tcp6_under_loss)
{
    struct path path =
        started6("delay 1ms loss 0.5%", "delay 1ms loss 0.5%", "");
    expect_tcp(path.net, path.a, path.b, far6, 2000000, SECONDS(20));
    need_faults(path.net, FATE_LOST, "ip6 and tcp", 1);
}
END_TEST

START_TEST(hop_limit_ends)
{
    struct path path = started6("delay 5ms 2ms", "delay 5ms 2ms", "");
    warm_up(&path);
    uint8_t frame[FRAME_ROOM];
    struct spec spec = {.destination = far6, .ttl = 1, .payload_bytes = 1300};
    make_packet(&path, &spec, frame);
    step("send a packet with hop limit 1");
    send_packet(&path, &spec);
    expect_error6(&path, 3, 0, frame + ETHER_BYTES, "\"time exceeded\"");
    step("and traceroute should show both hops");
    struct proc *trace = host_start(path.a, peer("traceroute"), "-6", "-n",
                                    "-N", "1", "-q", "1", "-w", "2", far6);
    expect_exit(trace, 0, SECONDS(15));
    const char *said = proc_stdout(trace, NULL);
    expect_contains(said, "\n 1  fd77:1::2 ", "traceroute's first hop");
    expect_contains(said, "\n 2  fd77:2::2 ", "traceroute's second hop");
    expect_packets(path.net, "ip6 and udp and ip6[7] = 0", 0, 0,
                   "packets with hop limit 0");
}
END_TEST

START_TEST(ways_to_be_unreachable)
{
    struct path path = started6("delay 3ms 2ms", "delay 3ms 2ms",
                                "neighbour retry 100 tries 2\n");
    warm_up(&path);
    uint8_t frame[FRAME_ROOM], *ip = frame + ETHER_BYTES;
    struct spec spec = {.destination = "2001:db8::1"};
    make_packet(&path, &spec, frame);
    step("send to a net that no route leads to");
    send_packet(&path, &spec);
    expect_error6(&path, 1, 0, ip, "\"no route\"");

    spec.destination = "fd77:1::2";
    make_packet(&path, &spec, frame);
    step("send to a UDP port of the router");
    send_packet(&path, &spec);
    expect_error6(&path, 1, 4, ip, "\"port unreachable\"");

    spec.protocol = 254;
    make_packet(&path, &spec, frame);
    step("send it a next header that nobody has");
    send_packet(&path, &spec);
    expect_error6(&path, 4, 1, ip, "\"parameter problem\"");

    spec = (struct spec){.destination = "fd77:2::99"};
    make_packet(&path, &spec, frame);
    ip[7]--; /* it is quoted as it was about to be sent on */
    step("send to fd77:2::99, who is not there");
    send_packet(&path, &spec);
    struct packet error = await_packet(
        path.net, "icmp6 and ip6[40] = 1 and ip6[41] = 3 and dst host a",
        "\"address unreachable\"");
    expect_bytes(error.ip + 48 + 24, 16, ip + 24, 16,
                 "destination of the packet that the error quotes");
}
END_TEST

START_TEST(says_packet_too_big)
{
    struct path path = path_new6("delay 2ms 1ms", "delay 2ms 1ms");
    struct host *c = path_beyond(&path);
    link_mtu(path.right, SMALL, true);
    path_start(&path, "mtu if1 1300\nroute fd77:3::/64 via fd77:2::2\n");
    warm_up(&path);
    uint8_t frame[FRAME_ROOM];
    struct spec spec = {.destination = far6, .payload_bytes = 1400 - 48};
    make_packet(&path, &spec, frame);
    step("send 1400 bytes towards a link of 1300");
    send_packet(&path, &spec);
    expect_error6(&path, 2, 0, frame + ETHER_BYTES, "\"packet too big\"");
    struct packet error;
    capture_nth(path.net, "icmp6 and ip6[40] = 2", 1, &error);
    expect_equal(get32(error.ip + 44), SMALL, "MTU in the message");
    step("TCP of real hosts, to c behind b, should find it too, under loss");
    link_profile(path.left, "delay 2ms 1ms loss 0.5%");
    link_profile(path.right, "delay 2ms 1ms loss 0.5%");
    expect_tcp(path.net, path.a, c, host_addr6(c), 300000, SECONDS(20));
    expect_at_least(capture_count(path.net, "icmp6 and ip6[40] = 2"), 2,
                    "\"packet too big\" messages");
    expect_packets(path.net, "ip6[6] = 44", 0, 0,
                   "fragments: a router makes none of IPv6 packets");
}
END_TEST

/* Counts errors that the router sent. */
static int errors(const struct path *path)
{
    return capture_count(path->net,
                         "icmp6 and ip6[40] < 128 and src host router");
}

static void expect_errors(struct path *path, const struct spec *spec, int count,
                          const char *what)
{
    int before = errors(path);
    step("send %s", what);
    send_packet(path, spec);
    send_marker(path);
    look_at("icmp6");
    expect_equal(errors(path) - before, count, "ICMPv6 errors about %s", what);
}

START_TEST(no_error_about_an_error)
{
    struct path path = started6("delay 2ms 1ms", "delay 2ms 1ms", "");
    warm_up(&path);
    uint8_t icmp[64];
    struct spec spec = {.destination = far6,
                        .ttl = 1,
                        .protocol = PROTO_ICMP6,
                        .payload = icmp};
    static const uint8_t types[] = {1, 2, 3, 4, 100};
    for (size_t i = 0; i < sizeof(types); i++) {
        char what[64];
        snprintf(what, sizeof(what), "an ICMPv6 error of type %d, hop limit 1",
                 types[i]);
        spec.payload_bytes = make_icmp(icmp, types[i], 0, 56);
        expect_errors(&path, &spec, 0, what);
    }
    spec.payload_bytes = make_icmp(icmp, 128, 0, 56);
    expect_errors(&path, &spec, 1, "an echo request, hop limit 1");
    expect_errors(
        &path,
        &(struct spec){.destination = far6, .source = "ff02::1", .ttl = 1}, 0,
        "a packet from a group, hop limit 1");
}
END_TEST

START_TEST(link_local_stays)
{
    struct path path = started6("delay 2ms 1ms", "delay 2ms 1ms",
                                "route ::/0 via fd77:2::2\n");
    warm_up(&path);
    static const struct spec specs[] = {
        {.destination = "fd77:2::2", .source = "fe80::1234"},
        {.destination = "fe80::99"},
        {.destination = "fd77:2::2", .source = "::1"},
        {.destination = "::1"},
        {.destination = "::"},
        {.destination = "fd77:2::2", .source = "fd77:2::1"},
        {.destination = "ff0e::5"},
    };
    enum { COUNT = sizeof(specs) / sizeof(specs[0]) };
    for (int i = 0; i < COUNT; i++) {
        step("send a packet from %s to %s",
             specs[i].source ? specs[i].source : "a", specs[i].destination);
        send_packet(&path, &specs[i]);
    }
    send_marker(&path);
    send_packet(&path, &(struct spec){.destination = far6});
    await_delivered(path.net, "ip6 and udp and src host a and dst host b", 2,
                    "a good packet");
    look_at("ip6 and udp");
    expect_equal(capture_count(path.net, "ip6 and udp and ether src "
                                         "02:77:00:02:00:01"),
                 1, "packets that the router sent on: one was good");
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(ping6_goes_through),
        .id = "03.5.ping6_goes_through",
        .title = "IPv6 pings go through, and to the router itself",
        .checkpoint = 5,
        .points = 2,
        .why = "The same hosts, the same links, another protocol.",
        .cause = "the ladder shows how far it comes: a solicitation to a "
                 "multicast group that you must hear, your advertisement, the "
                 "echo, your own solicitation on the other side.",
        .see = "README.md#checkpoint-5",
    },
    {
        TEST(tcp6_under_loss),
        .id = "03.5.tcp6_under_loss",
        .title = "2 MB go through by TCP over IPv6 on lossy links",
        .checkpoint = 5,
        .points = 1,
        .why = "Full packets, lost packets, lost solicitations.",
        .cause = "a solicitation that was lost must be sent again.",
        .see = "RFC 4861 section 7.2.2",
        .load = LOAD_MEDIUM,
        .time_limit_s = 60,
    },
    {
        TEST(hop_limit_ends),
        .id = "03.5.hop_limit_ends",
        .title = "A hop limit of 1 ends here; traceroute sees both hops",
        .checkpoint = 5,
        .points = 2,
        .why = "Loops exist in IPv6 too.",
        .cause = "type 3 code 0, with a checksum over the pseudo-header, "
                 "quoting as much as fits into 1280 bytes.",
        .see = "RFC 4443 section 3.3",
    },
    {
        TEST(ways_to_be_unreachable),
        .id = "03.5.ways_to_be_unreachable",
        .title = "No route, no neighbour, no port: each has its code",
        .checkpoint = 5,
        .points = 1,
        .why = "An error at once is a time-out saved.",
        .cause = "type 1 with code 0, 3, 4; an unknown next header is type 4 "
                 "code 1, pointing at byte 6.",
        .see = "RFC 4443 section 3.1",
    },
    {
        TEST(says_packet_too_big),
        .id = "03.5.says_packet_too_big",
        .title = "What is too long is not cut: its sender is told",
        .checkpoint = 5,
        .points = 2,
        .why = "In IPv6 there is no other way to learn a path's MTU.",
        .cause = "type 2, with the MTU in the second word; a router never "
                 "makes fragments of IPv6.",
        .see = "RFC 4443 section 3.2",
        .time_limit_s = 60,
    },
    {
        TEST(no_error_about_an_error),
        .id = "03.5.no_error_about_an_error",
        .title = "There is no error about an error, nor to a group",
        .checkpoint = 5,
        .points = 1,
        .why = "As in IPv4.",
        .cause = "types below 128 are errors, known or not.",
        .see = "RFC 4443 section 2.4",
    },
    {
        TEST(link_local_stays),
        .id = "03.5.link_local_stays",
        .title = "Link-local and impossible addresses go no further",
        .checkpoint = 5,
        .points = 1,
        .why = "fe80::1 is somebody else on each link.",
        .cause = "check scope before the table is asked: a default route "
                 "matches everything.",
        .see = "RFC 4291 section 2.5.6",
    },
};
THEME(ip6_theme, tests)
