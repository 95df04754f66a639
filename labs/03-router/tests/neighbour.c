/* Checkpoint 3: ARP, and what waits for it. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "common.h"

enum { ARP_BYTES = 28, PORT = 9999 };

/* An ARP message in its frame, from a. */
static void send_arp(struct path *path, unsigned operation, uint32_t sender,
                     uint32_t target)
{
    uint8_t frame[60] = {0}, *arp = frame + ETHER_BYTES;
    memset(frame, 0xff, 6);
    host_mac(path->a, path->left, frame + 6);
    put16(frame + 12, 0x0806);
    memcpy(arp, "\0\1\10\0\6\4", 6);
    put16(arp + 6, operation);
    memcpy(arp + 8, frame + 6, 6);
    put32(arp + 14, sender);
    put32(arp + 24, target);
    send_raw(path, frame, sizeof(frame));
}

START_TEST(answers_arp_for_its_own)
{
    struct path path = path_new("delay 2ms 1ms", "delay 2ms 1ms");
    path_start(&path, "");
    step("ask for 10.77.1.2 (its own there), 10.77.2.1 (its other side), "
         "10.77.1.77 (nobody's), 10.77.1.2 again");
    send_arp(&path, 1, 0x0a4d0101, 0x0a4d0102);
    send_arp(&path, 1, 0x0a4d0101, 0x0a4d0201);
    send_arp(&path, 1, 0x0a4d0101, 0x0a4d014d);
    send_arp(&path, 1, 0x0a4d0101, 0x0a4d0102);
    await_delivered(path.net, "arp[6:2] = 2", 2, "ARP replies");
    send_marker(&path);
    expect_packets(path.net, "arp[6:2] = 2 and src host router", 2, 2,
                   "ARP replies: two of four questions were to it");
    struct packet reply =
        await_packet(path.net, "arp[6:2] = 2", "an ARP reply");
    const uint8_t *arp = reply.data + ETHER_BYTES;
    uint8_t mac[6], router[6];
    host_mac(path.a, path.left, mac);
    host_mac(path.router, path.left, router);
    expect_bytes(reply.data, 6, mac, 6, "the reply's Ethernet destination");
    expect_bytes(arp + 8, 6, router, 6, "the sender's hardware address");
    expect_equal(get32(arp + 14), 0x0a4d0102, "the sender's IP address");
    expect_bytes(arp + 18, 6, mac, 6, "the target's hardware address");
}
END_TEST

/* Sends datagrams from a to b's port through its kernel. */
static void send_burst(struct path *path, const char *to, int count)
{
    int fd = host_udp_connected(path->a, to, PORT);
    step("send %d datagrams to %s at once", count, to);
    for (int i = 0; i < count; i++) {
        uint8_t number = (uint8_t)i;
        (void)sock_sendto(fd, NULL, 0, &number, 1);
    }
}

START_TEST(packets_wait_for_arp)
{
    struct path path = path_new("delay 5ms", "delay 20ms");
    path_start(&path, "");
    int rx = host_udp(path.b, PORT);
    enum { COUNT = 16 };
    send_burst(&path, host_addr(path.b), COUNT);
    look_at("udp or arp");
    for (int i = 0; i < COUNT; i++) {
        uint8_t number;
        ssize_t n = sock_recvfrom(rx, &number, 1, NULL, NULL, SECONDS(3));
        expect_true(n == 1,
                    "datagram %d of %d never arrived: it came while "
                    "the router was asking for b",
                    i + 1, COUNT);
        expect_equal(number, i, "number of the datagram that arrived as %d.",
                     i + 1);
    }
    expect_packets(path.net, "arp[6:2] = 1 and arp[24:4] = 0x0a4d0202", 1, 1,
                   "ARP requests for b: one question is enough");
}
END_TEST

START_TEST(the_queue_is_bounded)
{
    struct path path = path_new("delay 2ms 1ms", "delay 2ms 1ms");
    path_start(&path, "neighbour retry 400 tries 3\n");
    send_burst(&path, "10.77.2.99", 300);
    await_delivered(path.net, "arp[24:4] = 0x0a4d0263", 1, "ARP requests");
    const char *tables = router_tables(path.proc);
    const char *entry = strstr(tables, "neighbour 10.77.2.99 dev if1 asked");
    int asked = 0, waiting = 0;
    if (entry)
        sscanf(entry, "neighbour 10.77.2.99 dev if1 asked %d waiting %d",
               &asked, &waiting);
    expect_true(entry != NULL, "the tables should show 10.77.2.99 being asked "
                               "for");
    expect_between(waiting, 1, 64, "packets that wait for one neighbour");
}
END_TEST

START_TEST(asks_again_then_gives_up)
{
    struct path path = path_new("delay 2ms 1ms", "delay 2ms 1ms");
    path_start(&path, "neighbour retry 150 tries 3 keep 1000\n");
    send_burst(&path, "10.77.2.99", 1);
    await_table(path.proc, "neighbour 10.77.2.99", true, SECONDS(2),
                "who is being asked for should be in the tables");
    await_table(path.proc, "neighbour 10.77.2.99", false, SECONDS(4),
                "who does not answer should be given up after 3 questions");
    look_at("arp");
    expect_packets(path.net, "arp[24:4] = 0x0a4d0263", 3, 3,
                   "ARP requests for somebody who is not there");
    expect_delay_between(path.net, "arp[24:4] = 0x0a4d0263",
                         "arp[24:4] = 0x0a4d0263", MSECONDS(100), MSECONDS(900),
                         "from a question to the next");
    step("a new packet: it is asked for again");
    send_burst(&path, "10.77.2.99", 1);
    await_delivered(path.net, "arp[24:4] = 0x0a4d0263", 4, "ARP requests");
}
END_TEST

START_TEST(entries_age)
{
    struct path path = path_new("delay 2ms 1ms", "delay 2ms 1ms");
    path_start(&path, "neighbour keep 300\n");
    expect_ping(path.a, host_addr(path.b), 1);
    await_table(path.proc, "neighbour 10.77.2.2", false, SECONDS(5),
                "an entry should be forgotten after \"keep\" (300 ms)");
    expect_ping(path.a, host_addr(path.b), 1);
    expect_packets(path.net, "arp[6:2] = 1 and arp[24:4] = 0x0a4d0202", 2, 2,
                   "ARP requests for b: one before its entry ran out, one "
                   "after");
}
END_TEST

START_TEST(unasked_replies_are_no_entries)
{
    struct path path = path_new("delay 2ms 1ms", "delay 2ms 1ms");
    path_start(&path, "");
    step("tell the router of 10.77.1.50, and of its own address, unasked");
    send_arp(&path, 2, 0x0a4d0132, 0x0a4d0102);
    send_arp(&path, 2, 0x0a4d0102, 0x0a4d0102);
    step("ask it in the name of 192.0.2.1, which is not of this net");
    send_arp(&path, 1, 0xc0000201, 0x0a4d0102);
    send_marker(&path);
    const char *tables = router_tables(path.proc);
    expect_true(strstr(tables, "neighbour 10.77.1.50") == NULL,
                "an ARP reply that nobody asked for made an entry");
    expect_true(strstr(tables, "neighbour 10.77.1.2 ") == NULL,
                "an ARP reply made an entry for the router's own address");
    expect_true(strstr(tables, "neighbour 192.0.2.1") == NULL,
                "an ARP request made an entry for a stranger to the link");
    expect_true(strstr(tables, "neighbour 10.77.2.2") != NULL,
                "b, who was asked and answered, should have an entry");
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(answers_arp_for_its_own),
        .id = "03.3.answers_arp_for_its_own",
        .title = "ARP requests for its address on that link are answered",
        .checkpoint = 3,
        .points = 1,
        .why = "Whoever answers for others takes their traffic.",
        .cause = "reply if the target is an address of this very interface: "
                 "sender and target change places, and your MAC is the new "
                 "sender's.",
        .see = "RFC 826",
    },
    {
        TEST(packets_wait_for_arp),
        .id = "03.3.packets_wait_for_arp",
        .title = "Packets that come while a neighbour is asked for wait",
        .checkpoint = 3,
        .points = 1,
        .why = "The first packet to a host is a SYN: dropped, it costs its "
               "connection a second.",
        .cause = "the packet that caused the question must be kept and sent "
                 "when the answer comes; and 15 more that follow, in order, "
                 "without asking again for each.",
        .see = "RFC 1122 section 2.3.2.2",
    },
    {
        TEST(the_queue_is_bounded),
        .id = "03.3.the_queue_is_bounded",
        .title = "Few packets wait for one neighbour, however many come",
        .checkpoint = 3,
        .points = 1,
        .why = "A scan of an empty subnet must not fill the memory.",
        .cause = "drop the oldest when too many wait (the lab says 32).",
        .see = "RFC 6583",
    },
    {
        TEST(asks_again_then_gives_up),
        .id = "03.3.asks_again_then_gives_up",
        .title = "A neighbour is asked for `tries` times, `retry` apart",
        .checkpoint = 3,
        .points = 1,
        .why = "Questions get lost; and those that nobody answers must end.",
        .cause = "a timer per entry: ask, ask again, give up.  The loop must "
                 "wake for it when no packet comes.",
        .see = "RFC 1122 section 2.3.2.1",
    },
    {
        TEST(entries_age),
        .id = "03.3.entries_age",
        .title = "What is known of a neighbour is forgotten after a while",
        .checkpoint = 3,
        .points = 1,
        .why = "Machines are replaced, addresses move.",
        .cause = "each entry has an end, set when it was last confirmed.",
        .see = "RFC 1122 section 2.3.2.1",
    },
    {
        TEST(unasked_replies_are_no_entries),
        .id = "03.3.unasked_replies_are_no_entries",
        .title = "An ARP reply that nobody asked for makes no entry",
        .checkpoint = 3,
        .points = 1,
        .why = "Otherwise anybody on the link fills the cache, or becomes the "
               "router's neighbour of his choice.",
        .cause = "a reply changes entries that exist; a request to you makes "
                 "one, if its sender is of this subnet.",
        .see = "RFC 826",
    },
};
THEME(neighbour_theme, tests)
