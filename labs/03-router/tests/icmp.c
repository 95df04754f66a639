/* Checkpoint 4: what a router says, to real hosts and in detail. */
#include <stdio.h>
#include <string.h>

#include "common.h"

/* The ICMP message in a captured packet, its IP header being right. */
static const uint8_t *icmp_of(const struct packet *packet, const char *what)
{
    size_t header = (size_t)(packet->ip[0] & 15) * 4;
    size_t total = get16(packet->ip + 2);
    expect_equal(sum_of(packet->ip, header), 0, "%s: IP header checksum test",
                 what);
    expect_equal(sum_of(packet->ip + header, total - header), 0,
                 "%s: ICMP checksum test", what);
    return packet->ip + header;
}

/* An error about a packet of a's that begins with `ip`. */
static struct packet expect_error(struct path *path, unsigned type,
                                  unsigned code, const uint8_t *ip,
                                  const char *what)
{
    char filter[96];
    snprintf(filter, sizeof(filter),
             "icmp[0] = %u and icmp[1] = %u and dst host a", type, code);
    struct packet packet = await_packet(path->net, filter, what);
    const uint8_t *icmp = icmp_of(&packet, what);
    expect_equal(get32(packet.ip + 12), 0x0a4d0102,
                 "%s: its source, the router's address towards a", what);
    expect_at_least(packet.ip[8], 32, "%s: its TTL", what);
    expect_at_most(get16(packet.ip + 2), 576, "%s: its length", what);
    expect_bytes(icmp + 8, 28, ip, 28,
                 "the packet that the error quotes (header and 8 bytes)");
    return packet;
}

START_TEST(answers_pings)
{
    struct path path = path_new("delay 5ms 2ms", "delay 5ms 2ms");
    path_start(&path, "");
    expect_ping(path.a, "10.77.1.2", 5);
    step("its other address, from the same side");
    expect_ping(path.a, "10.77.2.1", 5);
    expect_ping(path.b, "10.77.2.1", 2);
    struct packet reply;
    if (!capture_nth(path.net,
                     "icmp[0] = 0 and src host 10.77.2.1 and dst host a", 1,
                     &reply))
        test_fail("no echo reply comes to a from 10.77.2.1, which it asked");
    icmp_of(&reply, "an echo reply");
    step("an echo request whose checksum is wrong is no request");
    uint8_t icmp[64];
    make_icmp(icmp, 8, 0, sizeof(icmp));
    icmp[20] ^= 1;
    int before = capture_count(path.net, "icmp[0] = 0");
    send_packet(&path, &(struct spec){.destination = "10.77.1.2",
                                      .protocol = PROTO_ICMP,
                                      .payload = icmp,
                                      .payload_bytes = sizeof(icmp)});
    send_marker(&path);
    expect_equal(capture_count(path.net, "icmp[0] = 0"), before,
                 "echo replies after a request with a wrong checksum");
}
END_TEST

START_TEST(traceroute_sees_it)
{
    struct path path = path_new("delay 5ms 2ms", "delay 10ms 3ms");
    path_start(&path, "");
    /* One probe at a time: b's kernel limits the errors it sends. */
    struct proc *trace = host_start(path.a, peer("traceroute"), "-n", "-N", "1",
                                    "-q", "1", "-w", "2", host_addr(path.b));
    expect_exit(trace, 0, SECONDS(15));
    const char *said = proc_stdout(trace, NULL);
    const char *first = strstr(said, "\n 1  10.77.1.2 ");
    const char *second = strstr(said, "\n 2  10.77.2.2 ");
    expect_true(first != NULL,
                "hop 1 of traceroute should be 10.77.1.2; it printed: %.200s",
                strchr(said, '\n') ? strchr(said, '\n') + 1 : said);
    expect_true(second != NULL,
                "hop 2 of traceroute should be 10.77.2.2; it printed: %.200s",
                strchr(said, '\n') ? strchr(said, '\n') + 1 : said);
    step("and mtr, which counts losses");
    struct proc *mtr = host_start(path.a, peer("mtr"), "-n", "-r", "-c", "2",
                                  "-i", "0.2", host_addr(path.b));
    expect_exit(mtr, 0, SECONDS(15));
    expect_contains(proc_stdout(mtr, NULL), "10.77.1.2", "what mtr prints");
}
END_TEST

START_TEST(ttl_1_is_not_forwarded)
{
    struct path path = path_new("delay 3ms 2ms", "delay 3ms 2ms");
    path_start(&path, "");
    uint8_t frame[FRAME_ROOM];
    struct spec spec = {.ttl = 1, .id = 77, .payload_bytes = 900};
    make_packet(&path, &spec, frame);
    send_marker(&path);
    step("send a packet of 928 bytes with TTL 1");
    send_packet(&path, &spec);
    expect_error(&path, 11, 0, frame + ETHER_BYTES, "\"time exceeded\"");
    send_marker(&path);
    expect_packets(path.net, "ip[4:2] = 77 and udp and not icmp", 1, 1,
                   "packets with TTL 1 on the links (one was sent, on the "
                   "first)");
}
END_TEST

START_TEST(ways_to_be_unreachable)
{
    struct path path = path_new("delay 3ms 2ms", "delay 3ms 2ms");
    path_start(&path, "neighbour retry 100 tries 2\n");
    uint8_t frame[FRAME_ROOM], *ip = frame + ETHER_BYTES;
    struct spec spec = {.destination = "203.0.113.9", .payload_bytes = 30};
    make_packet(&path, &spec, frame);
    step("send to a net that no route leads to");
    send_packet(&path, &spec);
    expect_error(&path, 3, 0, ip, "\"net unreachable\"");

    spec.destination = "10.77.1.2";
    make_packet(&path, &spec, frame);
    step("send to a UDP port of the router");
    send_packet(&path, &spec);
    expect_error(&path, 3, 3, ip, "\"port unreachable\"");

    spec.protocol = 254;
    make_packet(&path, &spec, frame);
    step("send the router a protocol that nobody has");
    send_packet(&path, &spec);
    expect_error(&path, 3, 2, ip, "\"protocol unreachable\"");
}
END_TEST

START_TEST(host_unreachable_when_arp_fails)
{
    struct path path = path_new("delay 3ms 2ms", "delay 3ms 2ms");
    path_start(&path, "neighbour retry 100 tries 2\n");
    int fd = host_udp_connected(path.a, "10.77.2.99", 9999);
    step("send two datagrams to 10.77.2.99, who is not there");
    (void)sock_sendto(fd, NULL, 0, "x", 1);
    (void)sock_sendto(fd, NULL, 0, "y", 1);
    await_delivered(path.net, "icmp[0] = 3 and icmp[1] = 1", 2,
                    "\"host unreachable\" for each packet that waited");
    struct packet error;
    capture_nth(path.net, "icmp[0] = 3 and icmp[1] = 1", 1, &error);
    const uint8_t *quoted = icmp_of(&error, "\"host unreachable\"") + 8;
    expect_equal(get32(quoted + 16), 0x0a4d0263,
                 "destination of the packet that the error quotes");
    expect_at_least(capture_count(path.net, "arp[24:4] = 0x0a4d0263"), 2,
                    "ARP requests before it gave up");
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(answers_pings),
        .id = "03.4.answers_pings",
        .title = "All its addresses answer pings, from the address asked",
        .checkpoint = 4,
        .points = 2,
        .why = "The first thing that anybody tries.",
        .cause = "the echo reply has source and destination exchanged, type 0, "
                 "the same identifier, sequence and data, and a new checksum; "
                 "a request is an address's, on whichever link it comes.",
        .see = "RFC 792",
    },
    {
        TEST(traceroute_sees_it),
        .id = "03.4.traceroute_sees_it",
        .title = "traceroute and mtr show the router as the first hop",
        .checkpoint = 4,
        .points = 2,
        .why = "It is how people find out where packets get lost.",
        .cause = "a packet with TTL 1 must be answered by \"time exceeded\", "
                 "which quotes its header and at least 8 bytes, or the tool "
                 "cannot tell whose answer it is.",
        .see = "RFC 1812 section 4.3.2.3",
    },
    {
        TEST(ttl_1_is_not_forwarded),
        .id = "03.4.ttl_1_is_not_forwarded",
        .title = "A packet with TTL 1 ends here, and its sender is told",
        .checkpoint = 4,
        .points = 2,
        .why = "TTL is all that ends a loop.",
        .cause = "look at TTL before you lower it: 1 and 0 go no further.  The "
                 "error comes from the address towards the sender, has a TTL "
                 "of its own, and no more than 576 bytes.",
        .see = "RFC 1812 section 5.3.1",
    },
    {
        TEST(ways_to_be_unreachable),
        .id = "03.4.ways_to_be_unreachable",
        .title = "No route, no port, no protocol: each has its code",
        .checkpoint = 4,
        .points = 2,
        .why = "An error at once is a time-out saved.",
        .cause = "type 3 with code 0 (net), 3 (port), 2 (protocol).",
        .see = "RFC 1812 section 5.2.7.1",
    },
    {
        TEST(host_unreachable_when_arp_fails),
        .id = "03.4.host_unreachable_when_arp_fails",
        .title = "Who waited for a neighbour that is not there is told",
        .checkpoint = 4,
        .points = 2,
        .why = "A program then says \"no route to host\" and not, after two "
               "minutes, \"timed out\".",
        .cause = "when ARP gives up, each packet in the queue earns its sender "
                 "type 3 code 1.",
        .see = "RFC 1812 section 3.3.2",
    },
};
THEME(icmp_theme, tests)
