/* Checkpoint 7: a receiver that cannot keep up. */
#include <stdlib.h>
#include <string.h>

#include "common.h"

START_TEST(slow_disk)
{
    struct rig rig = rig_new("delay 10ms rate 10mbit");
    struct transfer transfer = {.rig = &rig,
                                .pairing = _i,
                                .bytes = 350 * 1000,
                                .buffer = "32",
                                .rate = "250000"};

    transfer_run(&transfer, SECONDS(15));
    look_at(ACK);
    expect_packets(rig.net, ACK " and " WINDOW " > 32", 0, 0,
                   "ACKs that offer more than the 32 segments of -b 32");
    expect_at_least(capture_count(rig.net, ACK " and " WINDOW " < 5"), 1,
                    "the disk takes 250 kB/s, the link brings 1250: the "
                    "window should have closed, and no ACK offered less than "
                    "5 segments of 32");
    expect_window_respected(&rig);
    struct ledger ledger = ledger_read(&rig, transfer.bytes);
    double seconds = (double)(ledger.last_ns - ledger.first_ns) / 1e9;
    expect_ratio_at_least(seconds, 1.2,
                          "350 kB were written in %.2f s with -r 250000: that "
                          "disk was not slow",
                          seconds);
}
END_TEST

/* Hears DATA until none has come for a while; returns how many numbers beyond
 * the highest of before were used. */
static unsigned hear_new(struct peer *peer, uint32_t *highest, uint32_t *stamp)
{
    unsigned count = 0;
    struct wire data;

    while (peer_hear(peer, WIRE_DATA, &data, MSECONDS(120))) {
        *stamp = data.timestamp;
        if (seq_distance(*highest, data.sequence) <= 0)
            continue;
        *highest = data.sequence;
        count++;
    }
    return count;
}

START_TEST(window_is_not_overrun)
{
    struct rig rig = rig_new("delay 2ms");
    struct transfer transfer = {.rig = &rig, .bytes = 100 * SEGMENT};
    struct peer peer = peer_receiver(&rig);

    file_random(rig.net, "sender:in.bin", transfer.bytes);
    start_rsend(&transfer);
    struct wire open = peer_accept(&peer, 5);
    uint32_t highest = open.sequence, stamp = 0;
    timed_from_open(&rig, MSECONDS(80)); /* hear_new() is patient for 120 */
    unsigned count = hear_new(&peer, &highest, &stamp);
    expect_equal(count, 5, "a window of 5 segments, and rsend sent %u", count);
    step("acknowledge two of them; the window is now 3: no new room");
    peer_say(&peer, &(struct wire){.type = WIRE_ACK,
                                   .ack = open.sequence + 3,
                                   .window = 3,
                                   .echo = stamp});
    count = hear_new(&peer, &highest, &stamp);
    expect_equal(count, 0,
                 "ACK %u with a window of 3 ends where the window before "
                 "ended, and rsend sent %u new segments",
                 3, count);
    step("acknowledge all five, and offer room for four more");
    peer_say(&peer, &(struct wire){.type = WIRE_ACK,
                                   .ack = open.sequence + 6,
                                   .window = 4,
                                   .echo = stamp});
    count = hear_new(&peer, &highest, &stamp);
    expect_equal(count, 4, "room for 4 more segments, and rsend sent %u",
                 count);
    step("the very first ACK comes again: it has been overtaken by all others");
    peer_say(&peer, &(struct wire){.type = WIRE_ACK,
                                   .ack = open.sequence + 1,
                                   .window = 5,
                                   .echo = open.timestamp});
    count = hear_new(&peer, &highest, &stamp);
    expect_equal(count, 0,
                 "an old ACK opens nothing: its window began at its own "
                 "number; rsend sent %u new segments",
                 count);
}
END_TEST

START_TEST(closed_window_is_probed)
{
    struct rig rig = rig_new("delay 2ms");
    struct transfer transfer = {.rig = &rig, .bytes = 20 * SEGMENT};
    struct peer peer = peer_receiver(&rig);
    uint32_t stamp = 0;
    struct wire ping;

    file_random(rig.net, "sender:in.bin", transfer.bytes);
    start_rsend(&transfer);
    struct wire open = peer_accept(&peer, 4);
    uint32_t highest = open.sequence;
    hear_new(&peer, &highest, &stamp);
    step("acknowledge four segments and close the window");
    struct wire closed = {
        .type = WIRE_ACK, .ack = open.sequence + 5, .window = 0, .echo = stamp};
    peer_say(&peer, &closed);
    expect_true(peer_hear(&peer, WIRE_PING, &ping, SECONDS(4)),
                "the window is closed and rsend does not ask (PING) whether it "
                "has opened: if the ACK that opens it is lost, both wait for "
                "ever");
    expect_idle(transfer.tx, SECONDS(1));
    int pings = capture_count(rig.net, PING);
    look_at(PING);
    timed_from_open(&rig, MSECONDS(80)); /* hear_new() is patient for 120 */
    expect_at_most(pings, 8,
                   "rsend asked %d times within about a second; the questions "
                   "back off as the timer does",
                   pings);
    expect_equal(capture_count(rig.net, DATA), 4,
                 "rsend sent DATA into a closed window");
}
END_TEST

START_TEST(lost_window_update)
{
    struct rig rig = rig_new("delay 5ms");
    struct transfer transfer = {.rig = &rig,
                                .pairing = _i,
                                .bytes = 30 * SEGMENT,
                                .buffer = "10",
                                .rate = "200000"};

    step("lose every ACK by which the receiver says on its own (echo 0) that "
         "it has room again");
    link_script(rig.link,
                "drop all of \"" ACK " and udp[32:4] = 0\" receiver->sender");
    look_at(OURS);
    transfer_run(&transfer, SECONDS(15));
    int lost = capture_count_fate(rig.net, FATE_LOST, ACK);
    expect_at_least(lost, 1,
                    "the receiver's window was closed and it never said by "
                    "itself (an ACK with echo 0) that it had room again");
}
END_TEST

/* Says DATA 101..112, whatever the window. */
static void overrun(struct peer *peer, uint32_t from)
{
    for (uint32_t i = from; i <= 112; i++)
        peer_say_data(peer, i, (uint8_t)i);
}

/* Asks what is wanted next. */
static struct wire ask(struct peer *peer, uint32_t stamp)
{
    struct wire ack;

    peer_say(peer, &(struct wire){
                       .type = WIRE_PING, .sequence = 113, .timestamp = stamp});
    do
        expect_true(peer_hear(peer, WIRE_ACK, &ack, SECONDS(2)),
                    "rrecv did not answer PING within 2 s");
    while (ack.echo != stamp);
    return ack;
}

/* Says FIN 113 until it is acknowledged: at first there may be no room. */
static void say_fin(struct peer *peer, const uint8_t *file, size_t bytes)
{
    int64_t deadline_ns = clock_now_ns() + SECONDS(5);
    uint8_t fin[WIRE_FIN_BYTES];
    struct wire ack = {0};

    put_be64(fin, bytes);
    put_be32(fin + 8, message_crc(0, file, bytes));
    step("send FIN until it is acknowledged");
    while (ack.ack != 114) {
        expect_true(clock_now_ns() < deadline_ns,
                    "FIN was not acknowledged within 5 s, though every segment "
                    "had been");
        peer_say(peer, &(struct wire){.type = WIRE_FIN,
                                      .sequence = 113,
                                      .payload = fin,
                                      .payload_bytes = sizeof(fin)});
        (void)peer_hear(peer, WIRE_ACK, &ack, MSECONDS(100)); /* or again */
    }
}

START_TEST(no_room_no_ack)
{
    struct rig rig = rig_new("delay 1ms");
    struct transfer transfer = {.rig = &rig, .buffer = "4", .rate = "30000"};
    struct peer peer = peer_sender(&rig, 0xfeed0003);
    uint8_t expected[12 * SEGMENT];
    size_t bytes;

    ready_rrecv(&transfer);
    peer_open(&peer, 100);
    step("send 12 segments at once to a receiver with room for 4");
    overrun(&peer, 101);
    struct wire ack = ask(&peer, 0x10001);
    expect_at_most(ack.ack, 109,
                   "ACK %u: with room for 4 segments and a disk that takes one "
                   "each 39 ms, rrecv cannot have kept that many",
                   ack.ack);
    for (uint32_t stamp = 0x10003; ack.ack < 113; stamp += 2) {
        if (ack.window)
            peer_say_data(&peer, ack.ack, (uint8_t)ack.ack);
        ack = ask(&peer, stamp);
    }
    for (uint32_t i = 0; i < 12; i++)
        memset(expected + i * SEGMENT, (int)(101 + i), SEGMENT);
    say_fin(&peer, expected, sizeof(expected));
    char *got = file_read(rig.net, "receiver:out.bin", &bytes);
    expect_bytes(got, got ? bytes : 0, expected, sizeof(expected),
                 "receiver:out.bin once FIN was acknowledged");
    free(got);
}
END_TEST

static const struct lab_test tests[] = {
    {TEST(slow_disk), .id = "08.7.slow_disk",
     .title = "a receiver with a slow disk closes its window", .checkpoint = 7,
     .points = 2,
     .why = "the network is faster than most disks; who does not say stop "
            "throws away what was paid for",
     .cause = "the window is a constant: it is what is free of -b, counted "
              "from the cumulative ACK on",
     .see = "README.md#receiving", .variants = variants_pairing},
    {TEST(window_is_not_overrun), .id = "08.7.window_is_not_overrun",
     .title = "the sender stops where the window ends", .checkpoint = 7,
     .points = 2,
     .why = "what is sent beyond the window is thrown away over there",
     .cause = "the window is added to what was sent last instead of to the "
              "cumulative ACK, or one side counts bytes",
     .see = "RFC 9293 section 3.8.6"},
    {TEST(closed_window_is_probed), .id = "08.7.closed_window_is_probed",
     .title = "a closed window is probed, ever more rarely, without spinning",
     .checkpoint = 7, .points = 2,
     .why = "ACKs are not acknowledged: the one that opens the window may be "
            "lost",
     .cause = "the timer runs only while something is under way, or the loop "
              "does not wait while it may not send",
     .see = "RFC 9293 section 3.8.6.1"},
    {TEST(lost_window_update), .id = "08.7.lost_window_update",
     .title = "the transfer survives the loss of every window update",
     .checkpoint = 7, .points = 2,
     .why = "this deadlock takes one lost packet, and months to be understood",
     .cause = "no PING is sent, or rrecv does not answer it with its window "
              "of now",
     .see = "RFC 9293 section 3.8.6.1", .time_limit_s = 45,
     .variants = variants_pairing},
    {TEST(no_room_no_ack), .id = "08.7.no_room_no_ack",
     .title = "what the receiver had no room for it does not acknowledge",
     .checkpoint = 7, .points = 2,
     .why = "an ACK is a promise: the sender forgets the segment",
     .cause = "the segment is dropped, and the ACK is sent as if it were not",
     .see = "README.md#receiving"},
};

THEME(flow_theme, tests);
