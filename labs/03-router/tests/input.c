/* Checkpoint 3: what a router must not forward. */
#include <string.h>

#include "common.h"

enum { PORT = 9999 };

/* Sends each spec and then a good packet; none may appear on the far link. */
static void expect_none_crosses(struct path *path, const struct spec *specs,
                                size_t count, const char *what)
{
    send_marker(path); /* resolves neighbours, and shows that it forwards */
    for (size_t i = 0; i < count; i++) {
        const char *source = specs[i].source, *to = specs[i].destination;
        step("send a packet from %s to %s", source ? source : "a",
             to ? to : "b");
        send_packet(path, &specs[i]);
    }
    send_marker(path);
    look_at("udp dst port 9999");
    expect_equal(capture_count(path->net, "udp dst port 9999"), (int)count,
                 "%s: packets seen on the links (%zu were sent, on the first "
                 "one)",
                 what, count);
}

START_TEST(martians_are_dropped)
{
    struct path path = path_new("delay 2ms 1ms", "delay 2ms 1ms");
    path_start(&path, "route 0.0.0.0/0 via 10.77.2.2\n");
    static const struct spec specs[] = {
        {.source = "127.0.0.1"},        {.source = "0.0.0.0"},
        {.source = "0.1.2.3"},          {.source = "224.0.0.5"},
        {.source = "255.255.255.255"},  {.source = "240.0.0.1"},
        {.source = "169.254.7.7"},      {.source = "10.77.2.1"},
        {.source = "10.77.1.255"},      {.destination = "127.0.0.1"},
        {.destination = "0.0.0.7"},     {.destination = "240.0.0.1"},
        {.destination = "169.254.1.1"}, {.destination = "224.0.1.1"},
    };
    expect_none_crosses(&path, specs, sizeof(specs) / sizeof(specs[0]),
                        "packets from or to addresses that cannot be");
}
END_TEST

START_TEST(broadcasts_stay)
{
    struct path path = path_new("delay 2ms 1ms", "delay 2ms 1ms");
    path_start(&path, "route 0.0.0.0/0 via 10.77.2.2\n");
    static const struct spec specs[] = {
        {.destination = "255.255.255.255"},
        {.destination = "10.77.1.255"},
        {.destination = "10.77.2.255"}, /* directed, from afar */
    };
    expect_none_crosses(&path, specs, 3, "broadcasts");
    expect_packets(path.net, "arp[24:4] = 0x0a4d02ff", 0, 0,
                   "ARP requests for b's broadcast address, 10.77.2.255");
    step("a frame to all, and one to another station, with b's IP address");
    static const uint8_t other[] = {0x02, 0x66, 0x66, 0x66, 0x66, 0x66};
    uint8_t frame[FRAME_ROOM];
    size_t bytes = make_packet(&path, &(struct spec){.id = 7}, frame);
    memset(frame, 0xff, 6);
    send_raw(&path, frame, bytes);
    memcpy(frame, other, sizeof(other));
    send_raw(&path, frame, bytes);
    send_marker(&path);
    look_at("ip[4:2] = 7");
    expect_equal(capture_count(path.net, "ip[4:2] = 7 and udp"), 2,
                 "packets whose frame was not for the router, on the links (2 "
                 "were sent, on the first one)");
}
END_TEST

/* Offsets from the IP header, and what is put there. */
struct damage {
    const char *what;
    int at;
    uint8_t value;
    bool seal;  /* make the checksum right again */
    size_t cut; /* bytes that are missing at the end */
};

static void send_damaged(struct path *path, const struct damage *damage)
{
    uint8_t frame[FRAME_ROOM], *ip = frame + ETHER_BYTES;
    size_t bytes =
        make_packet(path, &(struct spec){.payload_bytes = 60}, frame);
    ip[damage->at] = damage->value;
    if (damage->seal) {
        put16(ip + 10, 0);
        put16(ip + 10, sum_of(ip, (size_t)(ip[0] & 15) * 4));
    }
    step("send a packet with %s", damage->what);
    send_raw(path, frame, bytes - damage->cut);
}

START_TEST(malformed_packets_are_dropped)
{
    struct path path = path_new("delay 2ms 1ms", "delay 2ms 1ms");
    path_start(&path, "");
    static const struct damage damages[] = {
        {"a wrong checksum", 10, 0x5a, false, 0},
        {"version 5", 0, 0x55, true, 0},
        {"a header of 16 bytes", 0, 0x44, true, 0},
        {"a total length that is less than the header", 3, 19, true, 0},
        {"a total length beyond the frame", 3, 200, true, 0},
        {"its last 30 bytes missing", 8, 64, true, 30},
    };
    enum { COUNT = sizeof(damages) / sizeof(damages[0]) };
    send_marker(&path);
    for (int i = 0; i < COUNT; i++)
        send_damaged(&path, &damages[i]);
    step("send 13 and 20 bytes that are no packet");
    uint8_t frame[60];
    make_packet(&path, &(struct spec){.payload_bytes = 2}, frame);
    send_raw(&path, frame, ETHER_BYTES + 6);
    send_raw(&path, frame, ETHER_BYTES + 19);
    send_marker(&path);
    expect_running(path.proc);
    expect_packets(
        path.net,
        "ip and ether src 02:77:00:02:00:01 and not udp dst port 7777", 0, 0,
        "packets that the router sent to b, but the good ones");
}
END_TEST

START_TEST(padding_is_not_forwarded)
{
    struct path path = path_new("delay 2ms 1ms", "delay 2ms 1ms");
    path_start(&path, "");
    uint8_t frame[FRAME_ROOM];
    size_t bytes =
        make_packet(&path, &(struct spec){.payload_bytes = 2}, frame);
    memset(frame + bytes, 0xee, 60 - bytes);
    step("send a packet of %zu bytes in a frame of 60", bytes - ETHER_BYTES);
    send_raw(&path, frame, 60);
    await_delivered(path.net, "udp dst port 9999", 2, "the packet");
    struct packet packet;
    capture_nth(path.net, "udp dst port 9999", 2, &packet);
    expect_equal((int64_t)packet.length_bytes, (int64_t)bytes,
                 "length of the frame that was sent on");
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(martians_are_dropped),
        .id = "03.3.martians_are_dropped",
        .title = "Packets from and to addresses that cannot be are dropped",
        .checkpoint = 3,
        .points = 1,
        .why = "An answer to 127.0.0.1 goes to whoever answers: this is how "
               "one host is made to talk to itself from afar.",
        .cause = "check source and destination before the routing table is "
                 "asked; a default route matches everything.",
        .see = "RFC 1812 section 5.3.7",
    },
    {
        TEST(broadcasts_stay),
        .id = "03.3.broadcasts_stay",
        .title = "Broadcasts, and frames for others, are not forwarded",
        .checkpoint = 3,
        .points = 1,
        .why = "Directed broadcasts made one ping into thousands (smurf).",
        .cause = "the broadcast address of a connected net, on whichever side; "
                 "or the frame's own destination is not looked at.",
        .see = "RFC 2644",
    },
    {
        TEST(malformed_packets_are_dropped),
        .id = "03.3.malformed_packets_are_dropped",
        .title = "A packet is checked before it is believed",
        .checkpoint = 3,
        .points = 1,
        .why = "Every length field in a packet is a claim of a stranger.",
        .cause = "in this order: 20 bytes are there, version 4, the header's "
                 "length is at least 20 and fits the total, the total fits "
                 "what was received, the checksum is right.",
        .see = "RFC 1812 section 5.2.2",
    },
    {
        TEST(padding_is_not_forwarded),
        .id = "03.3.padding_is_not_forwarded",
        .title = "What follows the packet in its frame stays behind",
        .checkpoint = 3,
        .points = 1,
        .why = "Padding is memory of somebody's machine; and the next link may "
               "be smaller than the padded frame.",
        .cause = "the packet's length is its total length field, not what "
                 "read() returned: Ethernet pads frames to 60 bytes.",
        .see = "RFC 894",
    },
};
THEME(input_theme, tests)
