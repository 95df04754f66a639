/* Checkpoint 6: selective acknowledgement and fast retransmit. */
#include <stdio.h>

#include "common.h"

START_TEST(five_percent)
{
    enum { RATE_BPS = 4 * 1000 * 1000 };
    struct rig rig = rig_new("delay 5ms loss 5% rate 4mbit");
    struct transfer transfer = {
        .rig = &rig, .pairing = _i, .bytes = 1000 * 1000};

    transfer_run(&transfer, SECONDS(20));
    need_faults(rig.net, FATE_LOST, DATA, 20);
    struct ledger ledger = ledger_read(&rig, transfer.bytes);
    double bytes = (double)capture_bytes(rig.net, DATA);
    double best_s =
        (double)ledger.segments * (SEGMENT + 64) * 8 / RATE_BPS + 0.02;
    /* Of the file alone: OPEN may be lost twice, and then a second or three go
     * by in which nothing of this checkpoint happens. */
    double took_s = (double)(ledger.data_last_ns - ledger.data_first_ns) / 1e9;
    look_at(DATA);
    timed_transfer(&rig, &ledger, MSECONDS(100)); /* half of a time-out */
    expect_ratio_at_most(bytes / (double)transfer.bytes, 1.15,
                         "%.0f kB went over the link for a file of 1000 kB "
                         "(%u of %u segments twice or more, %u lost)",
                         bytes / 1000, ledger.resends, ledger.segments,
                         ledger.lost);
    expect_ratio_at_most(took_s / best_s, 1.6,
                         "from the first DATA to the last the file took %.2f "
                         "s; without loss this link needs %.2f s",
                         took_s, best_s);
}
END_TEST

START_TEST(fast_retransmit)
{
    struct rig rig = rig_new("delay 30ms rate 20mbit");
    struct transfer transfer = {.rig = &rig,
                                .pairing = _i,
                                .bytes = 300 * SEGMENT,
                                .initial = ISN_TEXT};

    link_script(rig.link, "drop first 1 of \"" DATA " and " SEQUENCE
                          " = 1100\" sender->receiver");
    look_at(DATA " and " SEQUENCE " = 1100");
    transfer_run(&transfer, SECONDS(15));
    struct ledger ledger = ledger_read(&rig, transfer.bytes);
    const struct entry *lost = &ledger.entries[100];
    timed_transfer(&rig, &ledger, MSECONDS(50));
    expect_equal(lost->sends, 2, "segment 100 was lost once and sent %u times",
                 lost->sends);
    expect_at_most((lost->second_ns - lost->first_ns) / 1000000, 165,
                   "segment 100 was sent again after %lld ms; later segments' "
                   "ACKs were back after 60 ms, so there was no need to wait "
                   "for the timer",
                   (long long)(lost->second_ns - lost->first_ns) / 1000000);
}
END_TEST

START_TEST(only_the_lost)
{
    static const unsigned behind[] = {0, 3, 4, 10, 20, 30, 31, 50};
    unsigned first = (unsigned)param_int("first", 100, 60, 300);
    unsigned lost[COUNT(behind)];
    struct rig rig = rig_new("delay 25ms rate 20mbit");
    struct transfer transfer = {.rig = &rig,
                                .pairing = _i,
                                .bytes = 400 * SEGMENT,
                                .initial = ISN_TEXT};

    for (size_t i = 0; i < COUNT(lost); i++) {
        char line[128];
        lost[i] = first + behind[i];
        snprintf(line, sizeof(line),
                 "drop first 1 of \"" DATA " and " SEQUENCE
                 " = %u\" sender->receiver",
                 ISN + lost[i]);
        link_script(rig.link, line);
    }
    transfer_run(&transfer, SECONDS(15));
    need_faults(rig.net, FATE_LOST, DATA, COUNT(lost));
    struct ledger ledger = ledger_read(&rig, transfer.bytes);
    look_at(DATA);
    timed_transfer(&rig, &ledger, MSECONDS(25)); /* half of a round trip */
    expect_between(ledger.resends, COUNT(lost), COUNT(lost) + 2,
                   "%u segments were sent again; exactly these 8 were lost: "
                   "%u, %u, %u, %u, %u, %u, %u, %u",
                   ledger.resends, lost[0], lost[1], lost[2], lost[3], lost[4],
                   lost[5], lost[6], lost[7]);
    untimed();
    for (size_t i = 0; i < COUNT(lost); i++)
        expect_at_least(ledger.entries[lost[i]].sends, 2,
                        "segment %u was lost and never sent again", lost[i]);
}
END_TEST

static bool covers(const struct wire *ack, uint32_t first, uint32_t end)
{
    for (unsigned i = 0; i < ack->sack_count; i++)
        if (ack->sacks[i].first == first && ack->sacks[i].end == end)
            return true;
    return false;
}

START_TEST(ranges_are_reported)
{
    static const uint32_t order[] = {102, 104, 105, 108, 110};
    struct rig rig = rig_new("delay 2ms");
    struct transfer transfer = {.rig = &rig};
    struct peer peer = peer_sender(&rig, 0xfeed0002);
    struct wire ack = {0};

    ready_rrecv(&transfer);
    peer_open(&peer, 100);
    look_at(ACK);
    for (size_t i = 0; i < COUNT(order); i++) {
        step("send DATA %u; 101 is missing", order[i]);
        peer_say_data(&peer, order[i], 'x');
        expect_true(peer_hear(&peer, WIRE_ACK, &ack, SECONDS(1)),
                    "DATA %u came out of order and was not acknowledged at "
                    "once",
                    order[i]);
        expect_equal(ack.ack, 101, "ACK %u though 101 is missing", ack.ack);
        expect_true(ack.sack_count > 0 && ack.sacks[0].first <= order[i] &&
                        ack.sacks[0].end > order[i],
                    "the first range of the ACK for DATA %u is not the one "
                    "that holds it",
                    order[i]);
    }
    expect_true(
        ack.sack_count == 4 && covers(&ack, 110, 111) &&
            covers(&ack, 108, 109) && covers(&ack, 104, 106) &&
            covers(&ack, 102, 103),
        "102, 104, 105, 108 and 110 have arrived: the ACK should report "
        "[110,111) [108,109) [104,106) [102,103); it has %u ranges",
        ack.sack_count);
    step("fill the hole");
    peer_say_data(&peer, 101, 'x');
    expect_true(peer_hear(&peer, WIRE_ACK, &ack, SECONDS(1)),
                "DATA 101 filled the hole and was not acknowledged");
    expect_equal(ack.ack, 103, "with 101 to 102 there the ACK is %u", ack.ack);
    expect_true(!covers(&ack, 102, 103),
                "a range that the cumulative ACK covers is still reported");
}
END_TEST

static const struct lab_test tests[] = {
    {TEST(five_percent), .id = "08.6.five_percent",
     .title = "5 % loss costs at most 15 % more bytes and 60 % more time",
     .checkpoint = 6, .points = 4,
     .why = "radio links lose; what a protocol makes of it is a factor of 1.2 "
            "or of 10",
     .cause = "each loss waits for the timer, or more is sent again than was "
              "lost; the message says which of the two",
     .see = "RFC 2018 section 5, RFC 6675", .time_limit_s = 60,
     .variants = variants_pairing},
    {TEST(fast_retransmit), .id = "08.6.fast_retransmit",
     .title = "a loss in mid-stream is repaired without waiting for the timer",
     .checkpoint = 6, .points = 3,
     .why = "the ACKs of later segments tell of the hole a round trip after it "
            "was made; the timer needs three to ten times that",
     .cause = "SACK ranges are not looked at, or the receiver does not "
              "acknowledge at once what comes out of order",
     .see = "RFC 8985 section 6.2", .variants = variants_pairing},
    {TEST(only_the_lost), .id = "08.6.only_the_lost", .figures = "first",
     .title = "exactly the lost segments are sent again", .checkpoint = 6,
     .points = 3, .why = "go-back-N sends a window for a segment",
     .cause = "what SACK has reported is sent again, or a segment is declared "
              "lost anew with each ACK",
     .see = "RFC 6675 section 4", .variants = variants_pairing},
    {TEST(ranges_are_reported), .id = "08.6.ranges_are_reported",
     .title = "the receiver reports up to four ranges, the newest first",
     .checkpoint = 6, .points = 2,
     .why = "ACKs get lost too: the order makes each range be told several "
            "times",
     .cause = "ranges are not merged, not in the right order, or not dropped "
              "when the hole before them is filled",
     .see = "RFC 2018 section 4"},
};

THEME(sack_theme, tests);
