/* Checkpoint 5: neighbour discovery. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "common.h"

enum { PORT = 9999, MESSAGE_BYTES = 32 };

static void fill(uint8_t *message, const struct path *path, unsigned type,
                 const char *target)
{
    memset(message, 0, MESSAGE_BYTES);
    message[0] = (uint8_t)type;
    message[4] = type == 136 ? 0x60 : 0;
    inet_pton(AF_INET6, target, message + 8);
    message[24] = type == 135 ? 1 : 2;
    message[25] = 1;
    host_mac(path->a, path->left, message + 26);
}

/* A solicitation or advertisement from a to the router. */
static void send_ndp(struct path *path, unsigned type, const char *target,
                     unsigned hop_limit)
{
    uint8_t message[MESSAGE_BYTES];
    fill(message, path, type, target);
    step("send a%s %s, hop limit %u",
         type == 135 ? " solicitation for" : "n advertisement of", target,
         hop_limit);
    send_packet(path, &(struct spec){.destination = "fd77:1::2",
                                     .ttl = (uint8_t)hop_limit,
                                     .protocol = PROTO_ICMP6,
                                     .payload = message,
                                     .payload_bytes = MESSAGE_BYTES});
}

static const char answers[] =
    "icmp6 and ip6[40] = 136 and ether src 02:77:00:01:00:02";

START_TEST(answers_solicitations)
{
    struct path path = path_new6("delay 2ms 1ms", "delay 2ms 1ms");
    path_start(&path, "");
    send_ndp(&path, 135, "fd77:1::2", 255);
    struct packet packet = await_packet(path.net, answers, "an advertisement");
    const uint8_t *message = packet.ip + IP6_BYTES;
    uint8_t target[16], mac[6];
    inet_pton(AF_INET6, "fd77:1::2", target);
    host_mac(path.router, path.left, mac);
    expect_equal(packet.ip[7], 255, "hop limit of the advertisement");
    expect_equal(sum6_of(packet.ip, PROTO_ICMP6), 0, "ICMPv6 checksum test");
    expect_equal(message[4] & 0xe0, 0xe0,
                 "flags of the advertisement: router, solicited, override");
    expect_bytes(message + 8, 16, target, 16, "its target");
    expect_equal(message[24] << 8 | message[25], 0x0201,
                 "type and length of its option");
    expect_bytes(message + 26, 6, mac, 6, "its option's hardware address");
    step("its other side's address, and nobody's, are not asked for here");
    send_ndp(&path, 135, "fd77:2::1", 255);
    send_ndp(&path, 135, "fd77:1::77", 255);
    send_marker(&path);
    expect_packets(path.net, answers, 1, 1, "advertisements for 3 questions");
}
END_TEST

START_TEST(believes_its_link_only)
{
    struct path path = path_new6("delay 2ms 1ms", "delay 2ms 1ms");
    path_start(&path, "");
    step("a solicitation from beyond a router would have a hop limit below "
         "255");
    send_ndp(&path, 135, "fd77:1::2", 254);
    uint8_t message[MESSAGE_BYTES + 8] = {0}, frame[FRAME_ROOM];
    struct spec spec = {.destination = "fd77:1::2",
                        .ttl = 255,
                        .protocol = PROTO_ICMP6,
                        .payload = message,
                        .payload_bytes = sizeof(message)};
    step("send one with an option of length 0");
    fill(message, &path, 135, "fd77:1::2");
    send_packet(&path, &spec);
    step("and one whose option is longer than the message");
    message[33] = 9;
    send_packet(&path, &spec);
    step("and one of 20 bytes, and one with a wrong checksum");
    spec.payload_bytes = 20;
    send_packet(&path, &spec);
    spec.payload_bytes = MESSAGE_BYTES;
    size_t bytes = make_packet(&path, &spec, frame);
    frame[ETHER_BYTES + IP6_BYTES + 2] ^= 1;
    send_raw(&path, frame, bytes);
    send_marker(&path);
    expect_running(path.proc);
    expect_packets(path.net, answers, 0, 0, "advertisements");
    step("the same, sound, is answered");
    send_packet(&path, &spec);
    await_delivered(path.net, answers, 1, "advertisements");
}
END_TEST

START_TEST(packets_wait_for_ndp)
{
    struct path path = path_new6("delay 5ms", "delay 20ms");
    path_start(&path, "");
    enum { COUNT = 10 };
    int rx = host_udp(path.b, PORT);
    int tx = host_udp_connected(path.a, "fd77:2::2", PORT);
    step("send %d datagrams at once", COUNT);
    for (int i = 0; i < COUNT; i++) {
        uint8_t number = (uint8_t)i;
        (void)sock_sendto(tx, NULL, 0, &number, 1);
    }
    look_at("ip6");
    for (int i = 0; i < COUNT; i++) {
        uint8_t number = 0xff;
        ssize_t n = sock_recvfrom(rx, &number, 1, NULL, NULL, SECONDS(3));
        expect_true(n == 1, "datagram %d of %d never arrived", i + 1, COUNT);
        expect_equal(number, i, "number of the datagram that arrived as %d.",
                     i + 1);
    }
    struct packet packet = await_packet(
        path.net, "icmp6 and ip6[40] = 135 and ether src 02:77:00:02:00:01",
        "the router's solicitation");
    static const uint8_t group[6] = {0x33, 0x33, 0xff, 0, 0, 2};
    expect_bytes(packet.data, 6, group, 6,
                 "Ethernet destination of the router's solicitation: the "
                 "solicited-node group's");
    expect_equal(packet.ip[7], 255, "its hop limit");
}
END_TEST

START_TEST(unasked_advertisements_are_no_entries)
{
    struct path path = path_new6("delay 2ms 1ms", "delay 2ms 1ms");
    path_start(&path, "");
    send_ndp(&path, 136, "fd77:1::50", 255);
    send_marker(&path);
    expect_true(strstr(router_tables(path.proc), "fd77:1::50") == NULL,
                "an advertisement that nobody asked for made an entry");
    step("a solicitation makes one for its sender");
    send_ndp(&path, 135, "fd77:1::2", 255);
    await_table(path.proc, "neighbour fd77:1::1 dev if0 mac", true, PATIENCE,
                "who asks should be known");
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(answers_solicitations),
        .id = "03.5.answers_solicitations",
        .title = "Solicitations for its address on that link are answered",
        .checkpoint = 5,
        .points = 1,
        .why = "It is ARP's job, with more to get wrong.",
        .cause = "an advertisement has hop limit 255, flags R, S and O, the "
                 "target that was asked for, and an option (type 2, length 1) "
                 "with the MAC.",
        .see = "RFC 4861 section 4.4",
    },
    {
        TEST(believes_its_link_only),
        .id = "03.5.believes_its_link_only",
        .title = "A message that may come from afar is not believed",
        .checkpoint = 5,
        .points = 1,
        .why = "255 cannot be forged from beyond a router: it is the cheapest "
               "security check there is.",
        .cause = "hop limit 255, checksum, code 0, at least 24 bytes, and no "
                 "option of length 0 (a loop that adds 0 does not end).",
        .see = "RFC 4861 section 7.1.1",
    },
    {
        TEST(packets_wait_for_ndp),
        .id = "03.5.packets_wait_for_ndp",
        .title = "Packets wait while an IPv6 neighbour is asked for",
        .checkpoint = 5,
        .points = 1,
        .why = "As with ARP: the first packet counts most.",
        .cause = "the question goes to the solicited-node group: "
                 "ff02::1:ffXX:XXXX with the last 24 bits of the address, on "
                 "Ethernet 33:33:ff:XX:XX:XX.",
        .see = "RFC 4861 section 7.2.2",
    },
    {
        TEST(unasked_advertisements_are_no_entries),
        .id = "03.5.unasked_advertisements_are_no_entries",
        .title = "An advertisement that nobody asked for makes no entry",
        .checkpoint = 5,
        .points = 1,
        .why = "As with ARP.",
        .cause = "an advertisement changes an entry that exists.",
        .see = "RFC 4861 section 7.2.5",
    },
};
THEME(ndp_theme, tests)
