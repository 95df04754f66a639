/* Checkpoint 4: packets that are too long for the next link. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common.h"

enum { SMALL = 576, PORT = 9999 };

/* A path whose second link has a small MTU, which the router is told. */
static struct path small_path(const char *left, const char *right)
{
    struct path path = path_new(left, right);
    link_mtu(path.right, SMALL, true);
    struct link *const links[] = {path.left, path.right};
    path.proc =
        router_start(path.net, path.router, links, 2, false, "mtu if1 576\n");
    return path;
}

static int may_fragment(struct host *host, const char *to)
{
    int fd = host_udp_connected(host, to, PORT);
    int never = IP_PMTUDISC_DONT;
    if (setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &never, sizeof(never)) < 0)
        test_infra("cannot clear DF on a socket");
    return fd;
}

/* Sends datagrams of that size, and expects each whole at b. */
static void expect_whole(struct path *path, size_t bytes, int count)
{
    static uint8_t sent[16000], got[16000];
    int rx = host_udp(path->b, PORT),
        tx = may_fragment(path->a, host_addr(path->b));
    for (size_t i = 0; i < bytes; i++)
        sent[i] = (uint8_t)(i * 31 >> 3);
    for (int i = 0; i < count; i++) {
        sent[0] = (uint8_t)i;
        step("send a datagram of %zu bytes, DF clear", bytes);
        int error = sock_sendto(tx, NULL, 0, sent, bytes);
        if (error < 0)
            test_infra("cannot send: %s", strerror(-error));
        ssize_t n = sock_recvfrom(rx, got, sizeof(got), NULL, NULL, PATIENCE);
        look_at("ip[6:2] & 0x3fff != 0");
        expect_true(n > 0,
                    "a datagram of %zu bytes never came out of its "
                    "fragments at b",
                    bytes);
        expect_bytes(got, (size_t)n, sent, bytes, "the datagram");
    }
}

static void expect_fragments(struct path *path, int low, int high)
{
    struct packet packet;
    int count = 0;
    for (uint32_t n = 0;
         capture_next(path->net, "ip[6:2] & 0x3fff != 0", n, &packet);
         n = packet.number) {
        if (packet.link != path->right)
            continue;
        size_t bytes = get16(packet.ip + 2), header = (packet.ip[0] & 15) * 4u;
        count++;
        expect_at_most((int64_t)bytes, SMALL, "length of a fragment");
        expect_equal(sum_of(packet.ip, header), 0,
                     "header checksum test of a fragment");
        if (get16(packet.ip + 6) & 0x2000)
            expect_equal((int64_t)(bytes - header) % 8, 0,
                         "data of a fragment that is not the last, modulo 8");
    }
    expect_between(count, low, high, "fragments on the second link");
}

START_TEST(fragments_what_is_too_long)
{
    struct path path = small_path("delay 3ms 2ms", "delay 3ms 2ms");
    expect_whole(&path, 1400, 3);
    expect_fragments(&path, 9, 9);
}
END_TEST

START_TEST(fragments_fragments)
{
    struct path path = small_path("delay 3ms 2ms", "delay 3ms reorder 30% 50%");
    step("a itself makes fragments of 1500 bytes, the router smaller ones");
    expect_whole(&path, 7000, 2);
    expect_fragments(&path, 26, 32);
}
END_TEST

START_TEST(fragments_copy_few_options)
{
    struct path path = small_path("delay 2ms 1ms", "delay 2ms 1ms");
    /* Router alert is copied to each fragment; record route (7) is not. */
    static const uint8_t options[12] = {7, 7, 4, 0, 0, 0, 0, 0x94, 4, 0, 0, 0};
    step("send a packet of 1000 bytes with two options");
    send_packet(&path, &(struct spec){.options = options,
                                      .option_bytes = sizeof(options),
                                      .payload_bytes = 960,
                                      .id = 99});
    const char *pieces = "ip[4:2] = 99 and ether src 02:77:00:02:00:01";
    await_delivered(path.net, pieces, 2, "fragments");
    struct packet first, second;
    capture_nth(path.net, pieces, 1, &first);
    capture_nth(path.net, pieces, 2, &second);
    expect_equal(first.ip[0], 0x48,
                 "version and header length of the first "
                 "fragment, which has all options");
    expect_equal(second.ip[0], 0x46,
                 "version and header length of the second, "
                 "which has those marked for copying");
    expect_bytes(second.ip + IP4_BYTES, 4, options + 7, 4,
                 "option of the second fragment");
}
END_TEST

START_TEST(says_what_would_fit)
{
    struct path path = small_path("delay 3ms 2ms", "delay 3ms 2ms");
    send_marker(&path);
    step("send 600 bytes with DF");
    send_packet(&path,
                &(struct spec){.fragment = 0x4000, .payload_bytes = 600 - 28});
    struct packet error = await_packet(path.net, "icmp[0] = 3 and icmp[1] = 4",
                                       "\"fragmentation needed\"");
    const uint8_t *icmp = error.ip + IP4_BYTES;
    expect_equal(get16(icmp + 6), SMALL, "next-hop MTU in the error");
    expect_equal(sum_of(icmp, get16(error.ip + 2) - IP4_BYTES), 0,
                 "ICMP checksum test");
    step("576 bytes with DF fit exactly");
    send_packet(
        &path,
        &(struct spec){.fragment = 0x4000, .id = 5, .payload_bytes = 576 - 28});
    await_delivered(path.net, "ip[4:2] = 5 and udp", 2, "a packet that fits");
    expect_packets(path.net, "ip[2:2] = 600", 1, 1,
                   "packets of 600 bytes with DF, on both links");
}
END_TEST

START_TEST(path_mtu_is_discovered)
{
    struct path path = path_new("delay 2ms loss 0.5%", "delay 2ms loss 0.5%");
    struct host *c = path_beyond(&path);
    link_mtu(path.right, SMALL, true);
    path_start(&path, "mtu if1 576\nroute 10.77.3.0/24 via 10.77.2.2\n");
    step("the small link is in the middle: neither end knows of it");
    expect_tcp(path.net, path.a, c, host_addr(c), 500000, SECONDS(20));
    expect_at_least(capture_count(path.net, "icmp[0] = 3 and icmp[1] = 4"), 1,
                    "\"fragmentation needed\" messages");
    expect_packets(path.net, "tcp and ip[6:2] & 0x3fff != 0", 0, 0,
                   "TCP segments that were cut although DF was set");
    step("tracepath should find the same");
    struct proc *tracepath =
        host_start(path.a, peer("tracepath"), "-n", host_addr(path.b));
    expect_exit(tracepath, 0, SECONDS(15));
    expect_contains(proc_stdout(tracepath, NULL), "pmtu 576",
                    "what tracepath prints");
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(fragments_what_is_too_long),
        .id = "03.4.fragments_what_is_too_long",
        .title = "A packet that is too long is cut, and is whole at its end",
        .checkpoint = 4,
        .points = 1,
        .why = "Without DF the sender relies on it.",
        .cause = "offsets count units of 8 bytes, so each piece but the last "
                 "carries a multiple of 8; MF is set on all but the last; each "
                 "has its own length and checksum.",
        .see = "README.md#too-long",
    },
    {
        TEST(fragments_fragments),
        .id = "03.4.fragments_fragments",
        .title = "A fragment that is too long is cut again",
        .checkpoint = 4,
        .points = 1,
        .why = "Links get smaller more than once on a path.",
        .cause = "the new offsets begin at the old one, and the last piece "
                 "keeps MF if the fragment had it.",
        .see = "RFC 791 section 3.2",
    },
    {
        TEST(fragments_copy_few_options),
        .id = "03.4.fragments_copy_few_options",
        .title = "Later fragments have the options that are marked for it",
        .checkpoint = 4,
        .points = 1,
        .why = "Record route in each piece would count a hop twice.",
        .cause = "the first bit of an option's type says whether it is copied; "
                 "the header of later fragments is shorter.",
        .see = "RFC 791 section 3.1",
    },
    {
        TEST(says_what_would_fit),
        .id = "03.4.says_what_would_fit",
        .title = "With DF set, the sender is told the MTU",
        .checkpoint = 4,
        .points = 1,
        .why = "All path MTU discovery lives on this number.",
        .cause = "type 3 code 4, with the next link's MTU in the last 16 bits "
                 "of the second word; exactly the MTU still fits.",
        .see = "RFC 1191 section 4",
    },
    {
        TEST(path_mtu_is_discovered),
        .id = "03.4.path_mtu_is_discovered",
        .title = "TCP of real hosts finds the path's MTU",
        .checkpoint = 4,
        .points = 1,
        .why = "When it does not, small requests work and large answers hang.",
        .cause = "the quoted packet must be byte for byte what the sender "
                 "sent, or its kernel does not believe the error.",
        .see = "RFC 1191 section 6.3",
        .load = LOAD_MEDIUM,
        .time_limit_s = 60,
    },
};
THEME(size_theme, tests)
