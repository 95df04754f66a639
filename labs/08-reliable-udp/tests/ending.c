/* Checkpoint 8, first half: how a transfer ends, in good and bad order. */
#include <string.h>

#include "common.h"

START_TEST(fin_lost)
{
    struct rig rig = rig_new("delay 5ms");
    struct transfer transfer = {
        .rig = &rig, .pairing = _i, .bytes = 10 * SEGMENT};

    link_script(rig.link, "drop first 2 of \"" FIN "\" sender->receiver");
    look_at(FIN);
    transfer_run(&transfer, SECONDS(8));
    need_faults(rig.net, FATE_LOST, FIN, 2);
}
END_TEST

/* OPEN is 1000, ten segments, FIN is 1011: its ACK says 1012. */
#define LAST_ACK ACK " and " ACKED " = 1012"

START_TEST(last_ack_lost)
{
    struct rig rig = rig_new("delay 5ms");
    struct transfer transfer = {
        .rig = &rig, .pairing = _i, .bytes = 10 * SEGMENT, .initial = ISN_TEXT};

    link_script(rig.link, "drop first 2 of \"" LAST_ACK "\" receiver->sender");
    look_at(LAST_ACK);
    transfer_run(&transfer, SECONDS(8));
    need_faults(rig.net, FATE_LOST, LAST_ACK, 2);
}
END_TEST

/* FIN arrives before the last segment does, and then its ACK is lost: whoever
 * reports FIN in a range has told the sender not to send it again. */
START_TEST(fin_overtakes)
{
    struct rig rig = rig_new("delay 5ms");
    struct transfer transfer = {
        .rig = &rig, .pairing = _i, .bytes = 10 * SEGMENT, .initial = ISN_TEXT};

    link_script(rig.link, "drop first 1 of \"" DATA " and " SEQUENCE
                          " = 1010\" sender->receiver");
    link_script(rig.link, "drop first 1 of \"" LAST_ACK "\" receiver->sender");
    look_at(OURS);
    transfer_run(&transfer, SECONDS(10));
    need_faults(rig.net, FATE_LOST, DATA, 1);
    need_faults(rig.net, FATE_LOST, LAST_ACK, 1);
}
END_TEST

START_TEST(dead_peer)
{
    struct rig rig = rig_new("delay 5ms rate 2mbit");
    struct transfer transfer = {
        .rig = &rig, .pairing = _i, .bytes = 300 * SEGMENT};
    struct proc_end end;

    transfer_begin(&transfer);
    expect_true(capture_await(rig.net, DATA, 50, SECONDS(10)),
                "fewer than 50 segments were sent in 10 s");
    step("the link goes away for good");
    link_down(rig.link);
    expect_true(!proc_wait(transfer.tx, SECONDS(4), &end),
                "rsend gave up after less than 4 s of silence: short breaks "
                "are not the end");
    expect_exit(transfer.tx, EXIT_SILENT, SECONDS(11));
    expect_exit(transfer.rx, EXIT_SILENT, SECONDS(3));
    expect_no_file(rig.net, "receiver:out.bin");
    int left = file_count(rig.net, "receiver:");
    expect_equal(left, 0, "rrecv gave up and left %d file(s) behind", left);
}
END_TEST

/* The file takes 1.9 s, so that there is time to kill rrecv in the middle. */
START_TEST(receiver_restarts)
{
    struct rig rig = rig_new("delay 5ms rate 1mbit");
    struct transfer transfer = {
        .rig = &rig, .pairing = _i, .bytes = 200 * SEGMENT};

    transfer_begin(&transfer);
    expect_true(capture_await(rig.net, DATA, 50, SECONDS(10)),
                "fewer than 50 segments were sent in 10 s");
    step("kill rrecv and start it anew");
    proc_kill(transfer.rx);
    if (capture_count(rig.net, DONE) > 0)
        test_infra("the transfer was over before rrecv was killed");
    ready_rrecv(&transfer);
    look_at(RESET);
    expect_exit(transfer.tx, EXIT_RESET, SECONDS(5));
    expect_no_file(rig.net, "receiver:out.bin");
    expect_running(transfer.rx);
    step("send the file again to the new rrecv");
    start_rsend(&transfer);
    transfer_end(&transfer, SECONDS(8));
}
END_TEST

START_TEST(disk_full)
{
    struct rig rig = rig_new("delay 5ms");
    struct transfer transfer = {
        .rig = &rig, .pairing = _i, .bytes = 600 * 1000};
    struct proc_end end;

    file_quota(rig.net, "receiver:", 200 * 1000);
    transfer_begin(&transfer);
    look_at(RESET);
    (void)proc_wait(transfer.rx, SECONDS(12), &end); /* both, then judge */
    expect_exit(transfer.tx, EXIT_RESET, SECONDS(5));
    expect_exit(transfer.rx, EXIT_TROUBLE, SECONDS(5));
    expect_no_file(rig.net, "receiver:out.bin");
}
END_TEST

START_TEST(fin_is_checked)
{
    struct rig rig = rig_new("delay 2ms");
    struct transfer transfer = {.rig = &rig};
    struct peer peer = peer_sender(&rig, 0xfeed0004);
    uint8_t payload[SEGMENT], fin[WIRE_FIN_BYTES];
    struct wire reset;

    ready_rrecv(&transfer);
    peer_open(&peer, 100);
    peer_say_data(&peer, 101, 'x');
    memset(payload, 'y', sizeof(payload)); /* not what was sent */
    put_be64(fin, sizeof(payload));
    put_be32(fin + 8, message_crc(0, payload, sizeof(payload)));
    step("send a FIN whose CRC is that of another file");
    peer_say(&peer, &(struct wire){.type = WIRE_FIN,
                                   .sequence = 102,
                                   .payload = fin,
                                   .payload_bytes = sizeof(fin)});
    expect_true(peer_hear(&peer, WIRE_RESET, &reset, SECONDS(3)),
                "FIN announced a CRC that is not the file's, and rrecv did not "
                "answer RESET within 3 s");
    expect_equal(reset.code, WIRE_DAMAGED,
                 "the code of RESET is %u; %d says that the file is damaged",
                 reset.code, WIRE_DAMAGED);
    expect_packets(rig.net, ACK " and " ACKED " = 103", 0, 0,
                   "ACKs of a FIN whose file is wrong");
    expect_exit(transfer.rx, EXIT_TROUBLE, SECONDS(5));
    expect_no_file(rig.net, "receiver:out.bin");
}
END_TEST

static const struct lab_test tests[] = {
    {TEST(fin_lost), .id = "08.8.fin_lost", .title = "a lost FIN is sent again",
     .checkpoint = 8, .points = 1,
     .why = "the last datagram has no later one whose ACK would tell of it",
     .cause = "FIN is sent outside the window and its timer: treat it as one "
              "more segment",
     .see = "README.md#ending", .variants = variants_pairing},
    {TEST(last_ack_lost), .id = "08.8.last_ack_lost",
     .title = "the loss of the last ACK is not a failure", .checkpoint = 8,
     .points = 2,
     .why = "the receiver is done, the sender cannot know: somebody has to "
            "stay and repeat it",
     .cause = "rrecv leaves as soon as it has acknowledged FIN: it must linger "
              "until DONE, or 5 s of silence",
     .see = "README.md#ending", .variants = variants_pairing},
    {TEST(fin_overtakes), .id = "08.8.fin_overtakes",
     .title = "a FIN that overtakes the last segment is not promised too early",
     .checkpoint = 8, .points = 1,
     .why = "the ACK of FIN says that the file is there; a range that holds "
            "FIN says it before it is true",
     .cause = "FIN is reported in a SACK range, the sender crosses it off, and "
              "nobody sends it again when the real ACK is lost",
     .see = "README.md#ending", .variants = variants_pairing},
    {TEST(dead_peer), .id = "08.8.dead_peer", .lasts_s = 11,
     .title = "a dead peer is noticed within 15 s, and nothing is left behind",
     .checkpoint = 8, .points = 2,
     .why = "a program that waits for ever looks exactly like one that works",
     .cause = "nothing measures how long the peer has been silent; each "
              "retransmission starts that clock anew",
     .see = "README.md#ending", .variants = variants_pairing},
    {TEST(receiver_restarts), .id = "08.8.receiver_restarts",
     .title = "a restarted receiver says at once that it knows nothing",
     .checkpoint = 8, .points = 2,
     .why = "half of the file is gone with the old process; success must not "
            "be reported",
     .cause = "DATA of an unknown connection is taken, or ignored: it deserves "
              "a RESET with its sequence number in the ACK field",
     .see = "README.md#strangers", .variants = variants_pairing},
    {TEST(disk_full), .id = "08.8.disk_full",
     .title = "a full disk is reported at both ends", .checkpoint = 8,
     .points = 1,
     .why = "an ACK of FIN for a file that could not be written is a lie with "
            "data loss",
     .cause = "FIN is acknowledged when it arrives, not when the file is in "
              "place; or the result of write(2) is not looked at",
     .see = "README.md#the-file", .variants = variants_pairing},
    {TEST(fin_is_checked), .id = "08.8.fin_is_checked",
     .title = "a file that is not what FIN announces is refused",
     .checkpoint = 8, .points = 1,
     .why = "each datagram's CRC was right, and still the whole may be wrong: "
            "end-to-end means the whole",
     .cause = "length and CRC of FIN are not compared with what was written",
     .see = "README.md#the-file"},
};

THEME(ending_theme, tests);
