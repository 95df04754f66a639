/* Checkpoint 2: what is lost, doubled or damaged on the way. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "common.h"

START_TEST(loss)
{
    long percent = param_int("loss", 10, 5, 20);
    long segments = param_int("segments", 100, 60, 300);
    char profile[64];
    snprintf(profile, sizeof(profile), "delay 5ms loss %ld%% rate 20mbit",
             percent);
    struct rig rig = rig_new(profile);
    struct transfer transfer = {
        .rig = &rig, .pairing = _i, .bytes = (size_t)segments * SEGMENT};

    transfer_run(&transfer, SECONDS(25));
    need_faults(rig.net, FATE_LOST, DATA, 3);
    need_faults(rig.net, FATE_LOST, ACK, 1);
}
END_TEST

START_TEST(duplicates)
{
    struct rig rig = rig_new("delay 5ms duplicate 10% rate 20mbit");
    struct transfer transfer = {
        .rig = &rig, .pairing = _i, .bytes = 200 * SEGMENT};

    transfer_run(&transfer, SECONDS(15));
    need_faults(rig.net, FATE_DUPLICATE, DATA, 5);
    need_faults(rig.net, FATE_DUPLICATE, ACK, 1);
}
END_TEST

START_TEST(corruption)
{
    struct rig rig = rig_new("delay 5ms corrupt 10% rate 20mbit");
    struct transfer transfer = {
        .rig = &rig, .pairing = _i, .bytes = 150 * SEGMENT};

    rig_let_damage_through(&rig);
    transfer_run(&transfer, SECONDS(25));
    need_faults(rig.net, FATE_CORRUPT, "udp", 10);
}
END_TEST

START_TEST(first_data_lost)
{
    struct rig rig = rig_new("delay 5ms");
    struct transfer transfer = {
        .rig = &rig, .pairing = _i, .bytes = 10 * SEGMENT, .window = "1"};

    link_script(rig.link, "drop first 1 of \"" DATA "\" sender->receiver");
    look_at(DATA);
    because("nothing watches the time: the first DATA was lost, no ACK will "
            "ever come for it, and the sender waits for one");
    transfer_run(&transfer, SECONDS(8));
    need_faults(rig.net, FATE_LOST, DATA, 1);
}
END_TEST

START_TEST(every_third_ack_lost)
{
    struct rig rig = rig_new("delay 5ms");
    struct transfer transfer = {
        .rig = &rig, .pairing = _i, .bytes = 12 * SEGMENT, .window = "1"};

    link_script(rig.link, "drop every 3 of \"" ACK "\" receiver->sender");
    because("the segment came a second time because its ACK was lost: the "
            "receiver must throw it away, and must acknowledge it again");
    transfer_run(&transfer, SECONDS(12));
    need_faults(rig.net, FATE_LOST, ACK, 3);
}
END_TEST

/* Sends three segments; the second is damaged in one byte after another. */
START_TEST(damaged_data_is_not_taken)
{
    static const size_t at[] = {0, 3, 8, 11, 33, 40, 1199};
    struct rig rig = rig_new("delay 2ms");
    struct transfer transfer = {.rig = &rig};
    struct peer peer = peer_sender(&rig, 0xfeed0001);
    struct peer wrong = peer_sender(&rig, 0xfeed0001); /* another port */
    uint8_t payload[SEGMENT] = {0};
    struct wire ack;

    ready_rrecv(&transfer);
    step("send OPEN 100 with a source port that was damaged on the way: no CRC "
         "covers it");
    peer_say(&wrong, &(struct wire){.type = WIRE_OPEN, .sequence = 100});
    because("the first OPEN came from a port that nobody has.  An OPEN alone "
            "binds nobody: until something follows, the next takes its place");
    peer_open(&peer, 100);
    because_registered();
    for (size_t i = 0; i < COUNT(at); i++) {
        step("send DATA 101 with one bit of byte %zu flipped", at[i]);
        peer_say_damaged(&peer,
                         &(struct wire){.type = WIRE_DATA,
                                        .sequence = 101,
                                        .payload = payload,
                                        .payload_bytes = sizeof(payload)},
                         at[i]);
    }
    step("send PING: what does the receiver want next?");
    peer_say(&peer, &(struct wire){
                        .type = WIRE_PING, .sequence = 101, .timestamp = 77});
    do
        expect_true(peer_hear(&peer, WIRE_ACK, &ack, SECONDS(2)),
                    "rrecv did not answer PING within 2 s");
    while (ack.echo != 77);
    expect_equal(ack.ack, 101,
                 "after damaged copies of DATA 101 the receiver wants %u: it "
                 "has believed a datagram whose CRC-32C is wrong",
                 ack.ack);
    expect_equal(ack.sack_count, 0,
                 "after damaged copies of DATA 101 the receiver reports ranges "
                 "that nobody sent: it has believed a damaged header");
}
END_TEST

START_TEST(damaged_ack_is_not_taken)
{
    struct rig rig = rig_new("delay 2ms");
    struct transfer transfer = {.rig = &rig, .bytes = 5 * SEGMENT};
    struct peer peer = peer_receiver(&rig);
    struct proc_end end = {0};
    struct wire data;

    file_random(rig.net, "sender:in.bin", transfer.bytes);
    start_rsend(&transfer);
    struct wire open = peer_accept(&peer, 100);
    expect_true(peer_hear(&peer, WIRE_DATA, &data, SECONDS(5)),
                "rsend sent no DATA after its OPEN was acknowledged");
    step("acknowledge everything, FIN included, with a CRC that is wrong");
    peer_say_damaged(&peer,
                     &(struct wire){.type = WIRE_ACK,
                                    .ack = open.sequence + 7,
                                    .window = 100,
                                    .echo = data.timestamp},
                     28);
    bool ended = proc_wait(transfer.tx, MSECONDS(700), &end);
    expect_true(!ended,
                "rsend ended with status %d after an ACK whose CRC-32C is "
                "wrong; it must not believe a bit of it",
                end.exit_code);
    step("does it still send what was never acknowledged?");
    expect_true(peer_hear(&peer, WIRE_DATA, &data, SECONDS(4)),
                "rsend sends nothing any more: it has believed an ACK whose "
                "CRC-32C is wrong");
}
END_TEST

START_TEST(nothing_half_done)
{
    struct rig rig = rig_new("delay 5ms rate 2mbit");
    struct transfer transfer = {
        .rig = &rig, .pairing = _i, .bytes = 500 * SEGMENT};

    transfer_begin(&transfer);
    expect_true(capture_await(rig.net, DATA, 50, SECONDS(10)),
                "fewer than 50 segments were sent in 10 s");
    expect_no_file(rig.net, "receiver:out.bin");
    step("interrupt rrecv with SIGTERM in the middle of the transfer");
    proc_signal(transfer.rx, SIGTERM);
    expect_exit_nonzero(transfer.rx, SECONDS(3));
    expect_no_file(rig.net, "receiver:out.bin");
    expect_equal(file_count(rig.net, "receiver:"), 0,
                 "an interrupted rrecv left %d file(s) behind; it should have "
                 "removed what it had written so far",
                 file_count(rig.net, "receiver:"));
}
END_TEST

static const struct lab_test tests[] = {
    {TEST(loss), .id = "08.2.loss", .figures = "loss segments",
     .title = "the file arrives though 10 % of all datagrams are lost",
     .checkpoint = 2, .points = 2,
     .why = "UDP promises nothing; whoever needs a promise must send again",
     .cause = "a datagram that is sent only once somewhere: look in the ladder "
              "for one that is lost and never comes again",
     .see = "README.md#sending", .time_limit_s = 45,
     .variants = variants_pairing},
    {TEST(duplicates), .id = "08.2.duplicates",
     .title = "the file is right though 10 % of all datagrams come twice",
     .checkpoint = 2, .points = 2,
     .why = "networks duplicate, and so does every sender that resends",
     .cause = "a segment is written where it stands in the stream of "
              "datagrams, not where its sequence number says",
     .see = "README.md#receiving", .variants = variants_pairing},
    {TEST(corruption), .id = "08.2.corruption",
     .title = "the file is right though 10 % of all datagrams are damaged",
     .checkpoint = 2, .points = 2,
     .why = "UDP's 16-bit sum misses what memory and middleboxes do; a file "
            "that differs in one bit is a wrong file",
     .cause = "a field is believed before the CRC is checked, or the CRC does "
              "not cover the whole datagram",
     .see = "README.md#the-protocol", .time_limit_s = 45,
     .variants = variants_pairing},
    {TEST(first_data_lost), .id = "08.2.first_data_lost",
     .title = "the loss of the very first DATA is repaired", .checkpoint = 2,
     .points = 1, .why = "when nothing comes back, only a clock can tell",
     .cause = "the retransmission timer is not started with the first segment",
     .see = "RFC 6298 section 5.1", .variants = variants_pairing},
    {TEST(every_third_ack_lost), .id = "08.2.every_third_ack_lost",
     .title = "the loss of every third ACK does no harm", .checkpoint = 2,
     .points = 1,
     .why = "the sender cannot know whether the segment or its ACK was lost",
     .cause = "a duplicate is dropped silently: its ACK is what the sender "
              "waits for",
     .see = "README.md#receiving", .variants = variants_pairing},
    {TEST(damaged_data_is_not_taken), .id = "08.2.damaged_data",
     .title = "a receiver believes nothing of a datagram whose CRC is wrong",
     .checkpoint = 2, .points = 2,
     .why = "one flipped bit in a sequence number writes the right bytes to "
            "the wrong place",
     .cause = "the header is used before, or without, comparing the CRC-32C",
     .see = "README.md#the-protocol"},
    {TEST(damaged_ack_is_not_taken), .id = "08.2.damaged_ack",
     .title = "a sender believes nothing of an ACK whose CRC is wrong",
     .checkpoint = 2, .points = 2,
     .why = "one flipped bit in an ACK makes the sender forget what the "
            "receiver never got",
     .cause =
         "ACKs are short, and so their CRC seems not to be worth it: it is",
     .see = "README.md#the-protocol"},
    {TEST(nothing_half_done), .id = "08.2.nothing_half_done",
     .title = "OUTFILE is there whole or not at all", .checkpoint = 2,
     .points = 2,
     .why = "a half file under the right name is taken for a whole one by "
            "whoever comes next",
     .cause = "OUTFILE itself is opened for writing: write to another name, "
              "rename(2) when FIN's length and CRC agree, unlink(2) on the way "
              "out",
     .see = "README.md#the-file", .variants = variants_pairing},
};

THEME(damage_theme, tests);
