/* Checkpoint 8, second half: datagrams of others, old ones and forged ones. */
#include "common.h"

static void say_old(struct peer *old)
{
    uint8_t fin[WIRE_FIN_BYTES] = {0};

    for (uint32_t i = 0; i < 5; i++)
        peer_say_data(old, 500 + i, 'o');
    peer_say(old, &(struct wire){.type = WIRE_FIN,
                                 .sequence = 505,
                                 .payload = fin,
                                 .payload_bytes = sizeof(fin)});
    peer_say(old, &(struct wire){.type = WIRE_DONE, .sequence = 506});
    peer_say(old, &(struct wire){.type = WIRE_RESET,
                                 .sequence = 506,
                                 .code = WIRE_ABORTED});
}

/* The same connection id and plausible numbers, from another port. */
static void say_forged(struct peer *forger, const struct wire *open)
{
    uint8_t fin[WIRE_FIN_BYTES] = {0};

    for (uint32_t i = 1; i < 300; i += 3)
        peer_say_data(forger, open->sequence + i, 'f');
    peer_say(forger, &(struct wire){.type = WIRE_FIN,
                                    .sequence = open->sequence + 301,
                                    .payload = fin,
                                    .payload_bytes = sizeof(fin)});
    peer_say(forger, &(struct wire){.type = WIRE_RESET,
                                    .sequence = open->sequence + 150,
                                    .code = WIRE_ABORTED});
}

START_TEST(strays_are_ignored)
{
    struct rig rig = rig_new("delay 5ms rate 5mbit");
    struct transfer transfer = {
        .rig = &rig, .pairing = _i, .bytes = 300 * SEGMENT};
    struct peer old = peer_sender(&rig, 0x01d01d01);

    file_random(rig.net, "sender:in.bin", transfer.bytes);
    ready_rrecv(&transfer);
    step("an OPEN of long ago arrives, and nothing follows it");
    peer_say(&old, &(struct wire){.type = WIRE_OPEN, .sequence = 400});
    expect_true(capture_await(rig.net, OPEN, 1, SECONDS(2)), "no OPEN");
    start_rsend(&transfer);
    expect_true(capture_await(rig.net, DATA, 20, SECONDS(5)),
                "fewer than 20 segments were sent in 5 s: a stray OPEN must "
                "not keep others out");
    step("datagrams of an old connection arrive in mid-transfer");
    say_old(&old);
    struct packet packet = {0};
    struct wire data = {0};
    expect_true(capture_nth(rig.net, DATA, 1, &packet) &&
                    message_read(&data, packet.payload, packet.payload_bytes),
                "the first DATA is not sound");
    step("forged ones with the right connection id arrive from another port");
    struct peer forger = peer_sender(&rig, data.connection);
    say_forged(&forger, &(struct wire){.sequence = data.sequence - 1});
    transfer_end(&transfer, SECONDS(8));
}
END_TEST

/* On a slow machine a program needs a while until it says its first word; when
 * the first transfer is over by then, nobody had to be refused. */
static void need_both_at_once(struct rig *rig)
{
    struct packet open = {0}, done = {0};
    struct wire first = {0}, other = {0};

    if (!capture_nth(rig->net, DONE, 1, &done))
        return;
    while (capture_next(rig->net, OPEN, open.number, &open)) {
        (void)message_read(&other, open.payload, open.payload_bytes);
        if (first.connection == 0)
            first = other;
        if (other.connection != first.connection)
            break;
    }
    if (other.connection != first.connection && open.number > done.number)
        test_infra("the first transfer was over when the second rsend sent its "
                   "first OPEN");
}

START_TEST(two_senders)
{
    struct rig rig = rig_new("delay 10ms rate 1mbit");
    struct transfer first = {
        .rig = &rig, .pairing = _i, .bytes = 150 * SEGMENT};
    struct proc_end ends[2] = {0};
    bool ended = true;

    file_random(rig.net, "sender:in.bin", first.bytes);
    ready_rrecv(&first);
    step("two rsend on one host send to one rrecv at the same time");
    struct transfer second = first;
    start_rsend(&first);
    start_rsend(&second);
    look_at(RESET);
    for (int i = 0; i < 2; i++)
        ended &= proc_wait(i ? second.tx : first.tx, SECONDS(10), &ends[i]);
    need_both_at_once(&rig);
    expect_true(ended, "rsend did not end within 10 s");
    step("they ended with status %d and %d", ends[0].exit_code,
         ends[1].exit_code);
    expect_true(
        (ends[0].exit_code == EXIT_WHOLE && ends[1].exit_code == EXIT_RESET) ||
            (ends[1].exit_code == EXIT_WHOLE &&
             ends[0].exit_code == EXIT_RESET),
        "two transfers to one rrecv ended with status %d and %d; one "
        "should succeed (0), the other be refused (4)",
        ends[0].exit_code, ends[1].exit_code);
    expect_exit(first.rx, EXIT_WHOLE, SECONDS(8));
    expect_same_file(rig.net, "sender:in.bin", "receiver:out.bin");
}
END_TEST

/* One after the other from one port: the address is the same, the connection
 * is not. */
START_TEST(old_port_new_transfer)
{
    struct rig rig = rig_new("delay 2ms");
    struct transfer transfer = {.rig = &rig};
    struct peer peer = peer_sender(&rig, 0xfeed0005);
    uint8_t fin[WIRE_FIN_BYTES] = {0};
    struct wire heard;

    ready_rrecv(&transfer);
    peer_open(&peer, 100);
    peer_say_data(&peer, 101, 'a');
    expect_true(peer_hear(&peer, WIRE_ACK, &heard, SECONDS(2)),
                "DATA 101 was not acknowledged within 2 s");
    step("the same address sends DATA of another connection");
    struct peer other = peer;
    other.connection = 0xfeed0006;
    peer_say_data(&other, 102, 'b');
    peer_say(&other, &(struct wire){.type = WIRE_FIN,
                                    .sequence = 102,
                                    .payload = fin,
                                    .payload_bytes = sizeof(fin)});
    step("what does the first connection want next?");
    peer_say(&peer, &(struct wire){
                        .type = WIRE_PING, .sequence = 102, .timestamp = 99});
    do
        expect_true(peer_hear(&peer, WIRE_ACK, &heard, SECONDS(2)),
                    "rrecv did not answer PING within 2 s");
    while (heard.echo != 99);
    expect_equal(heard.ack, 102,
                 "the transfer wants %u next: it has taken datagrams of "
                 "another connection because they came from the same address",
                 heard.ack);
}
END_TEST

START_TEST(forged_reset)
{
    struct rig rig = rig_new("delay 2ms");
    struct transfer transfer = {.rig = &rig, .bytes = 50 * SEGMENT};
    struct peer peer = peer_receiver(&rig);
    struct proc_end end = {0};
    struct wire data;

    file_random(rig.net, "sender:in.bin", transfer.bytes);
    start_rsend(&transfer);
    struct wire open = peer_accept(&peer, 10);
    expect_true(peer_hear(&peer, WIRE_DATA, &data, SECONDS(5)),
                "rsend sent no DATA after its OPEN was acknowledged");
    step("send RESET with another connection id, and one that names a segment "
         "which was never sent");
    peer_say(&peer, &(struct wire){.type = WIRE_RESET,
                                   .connection = open.connection ^ 0x100,
                                   .ack = data.sequence,
                                   .code = WIRE_UNKNOWN});
    peer_say(&peer, &(struct wire){.type = WIRE_RESET,
                                   .ack = open.sequence + 100000,
                                   .code = WIRE_UNKNOWN});
    bool ended = proc_wait(transfer.tx, MSECONDS(300), &end);
    expect_true(!ended, "rsend ended with status %d after a forged RESET",
                end.exit_code);
    step("send a RESET that names an outstanding segment");
    peer_say(&peer, &(struct wire){.type = WIRE_RESET,
                                   .ack = data.sequence,
                                   .code = WIRE_UNKNOWN});
    expect_exit(transfer.tx, EXIT_RESET, SECONDS(3));
}
END_TEST

static const struct lab_test tests[] = {
    {TEST(strays_are_ignored), .id = "08.8.strays_are_ignored",
     .title = "stray and forged datagrams do a transfer no harm",
     .checkpoint = 8, .points = 1,
     .why = "UDP hands you what anybody sends, and what the network has kept "
            "since yesterday",
     .cause = "a datagram is taken by its type and number alone: connection id "
              "and source address both have to be right",
     .see = "README.md#strangers", .variants = variants_pairing},
    {TEST(two_senders), .id = "08.8.two_senders",
     .title = "of two transfers from one address one is refused, none mixed",
     .checkpoint = 8, .points = 1,
     .why = "two users behind one address must not write one file together",
     .cause = "transfers are told apart by address, or the second OPEN takes "
              "the first one's place in mid-transfer",
     .see = "README.md#strangers", .variants = variants_pairing},
    {TEST(old_port_new_transfer), .id = "08.8.same_address_other_connection",
     .title = "the same address does not make it the same transfer",
     .checkpoint = 8, .points = 1,
     .why = "ports are used again within seconds; late datagrams of the last "
            "user then come from the right address",
     .cause = "the connection id is not compared",
     .see = "README.md#strangers"},
    {TEST(forged_reset), .id = "08.8.forged_reset",
     .title = "a RESET counts only if it names what is outstanding",
     .checkpoint = 8, .points = 1,
     .why = "whoever can guess a port could otherwise end any transfer",
     .cause = "RESET is obeyed without looking at the connection id or at its "
              "ACK field",
     .see = "RFC 5961 section 3"},
};

THEME(strangers_theme, tests);
