/* Checkpoint 10: datagrams that every path carries. */
#include "common.h"

#define TOO_LONG "udp and udp[4:2] > 1208"
#define FRAGMENT "ip[6:2] & 0x3fff != 0"

START_TEST(never_too_long)
{
    struct rig rig = rig_new("delay 2ms rate 50mbit");
    struct transfer transfer = {
        .rig = &rig, .pairing = _i, .bytes = 500 * SEGMENT};

    transfer_run(&transfer, SECONDS(10));
    look_at(DATA);
    expect_packets(rig.net, TOO_LONG, 0, 0, "datagrams above 1200 bytes");
    expect_packets(rig.net, FRAGMENT, 0, 0, "IP fragments");
}
END_TEST

/* Somewhere on the way 1280 bytes are the limit, and nobody says so. */
START_TEST(narrow_path)
{
    struct rig rig = {.net = net_new(_seed())};
    struct host *router;
    struct transfer transfer = {
        .rig = &rig, .pairing = _i, .bytes = 100 * SEGMENT};

    rig_describe(rig.net);
    rig.sender = net_host(rig.net, "sender");
    router = net_host(rig.net, "router");
    rig.receiver = net_host(rig.net, "receiver");
    rig.link = net_link(rig.sender, router, "delay 2ms");
    struct link *narrow = net_link(router, rig.receiver, "delay 2ms");
    host_forward(router);
    net_route_all(rig.net);
    link_mtu(narrow, 1280, false);
    transfer_run(&transfer, SECONDS(12));
    expect_packets(rig.net, FRAGMENT, 0, 0, "IP fragments");
}
END_TEST

START_TEST(padding_is_padding)
{
    static const uint8_t padding[SEGMENT];
    struct rig rig = rig_new("delay 2ms");
    struct transfer transfer = {.rig = &rig};
    struct peer peer = peer_sender(&rig, 0xfeed0007);
    struct wire ack;

    ready_rrecv(&transfer);
    peer_open(&peer, 100);
    step("send a PING of 1200 bytes, as one does to try a path");
    peer_say(&peer, &(struct wire){.type = WIRE_PING,
                                   .sequence = 101,
                                   .timestamp = 4711,
                                   .payload = padding,
                                   .payload_bytes = sizeof(padding)});
    expect_true(peer_hear(&peer, WIRE_ACK, &ack, SECONDS(2)),
                "a padded PING was not answered within 2 s");
    expect_equal(ack.echo, 4711,
                 "the answer echoes timestamp %u; it was 4711 that asked",
                 ack.echo);
    expect_equal(ack.ack, 101,
                 "a PING takes no sequence number, and now %u is wanted",
                 ack.ack);
}
END_TEST

static const struct lab_test tests[] = {
    {TEST(never_too_long), .id = "08.10.never_too_long",
     .title = "no datagram is longer than 1200 bytes, none is fragmented",
     .checkpoint = 10, .points = 2,
     .why = "1280 bytes are what IPv6 promises of every path; tunnels eat the "
            "rest of the usual 1500",
     .cause = "a segment is made as long as the local device allows; 1200 "
              "includes our header",
     .see = "RFC 8899 section 5.1.2, RFC 9000 section 14",
     .variants = variants_pairing},
    {TEST(narrow_path), .id = "08.10.narrow_path",
     .title = "a path of 1280 bytes which nobody announces is no obstacle",
     .checkpoint = 10, .points = 1,
     .why = "firewalls swallow the ICMP that would have told: a black hole "
            "which only long datagrams fall into",
     .cause = "datagrams are longer than 1252 bytes, or IP was allowed to cut "
              "them",
     .see = "RFC 8899 section 1.1", .variants = variants_pairing},
    {TEST(padding_is_padding), .id = "08.10.padding_is_padding",
     .title = "a padded PING is answered and taken for nothing else",
     .checkpoint = 10, .points = 1,
     .why = "who wants longer datagrams must first probe; this is the probe",
     .cause = "PING's payload is read as data, or PING is not answered at once",
     .see = "RFC 8899 section 4.1"},
};

THEME(mtu_theme, tests);
