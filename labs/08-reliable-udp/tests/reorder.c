/* Checkpoint 4: late is not lost. */
#include <stdio.h>

#include "common.h"

START_TEST(reorder_no_storm)
{
    struct rig rig = rig_new("delay 20ms reorder 25% rate 10mbit");
    struct transfer transfer = {
        .rig = &rig, .pairing = _i, .bytes = 2 * 1000 * 1000};

    transfer_run(&transfer, SECONDS(15));
    need_faults(rig.net, FATE_REORDERED, DATA, 200);
    struct ledger ledger = ledger_read(&rig, transfer.bytes);
    look_at(DATA);
    /* A round trip: nobody's patience has to cover as much beyond the first. */
    timed_transfer(&rig, &ledger, MSECONDS(40));
    expect_ratio_at_most(
        (double)ledger.needless / ledger.segments, 0.02,
        "%u of %u segments were sent again though they had only "
        "been overtaken; at most 2 %% are expected",
        ledger.needless, ledger.segments);
}
END_TEST

START_TEST(late_segment)
{
    struct rig rig = rig_new("delay 30ms rate 20mbit");
    struct transfer transfer = {.rig = &rig,
                                .pairing = _i,
                                .bytes = 400 * SEGMENT,
                                .initial = ISN_TEXT};

    unsigned late = (unsigned)param_int("segment", 200, 60, 350);
    char which[64], script[128];
    snprintf(which, sizeof(which), DATA " and " SEQUENCE " = %u", ISN + late);
    snprintf(script, sizeof(script),
             "hold 7ms first 1 of \"%s\" sender->receiver", which);
    step("hold back segment %u for 7 ms: some 14 others overtake it", late);
    link_script(rig.link, script);
    transfer_run(&transfer, SECONDS(15));
    need_faults(rig.net, FATE_HELD, DATA, 1);
    struct ledger ledger = ledger_read(&rig, transfer.bytes);
    look_at(which);
    timed_transfer(&rig, &ledger, MSECONDS(20)); /* a third of a round trip */
    expect_equal(ledger.entries[late].sends, 1,
                 "segment %u was sent %u times; it was only 7 ms late on a "
                 "path of 60 ms",
                 late, ledger.entries[late].sends);
}
END_TEST

static const struct lab_test tests[] = {
    {TEST(reorder_no_storm), .id = "08.4.reorder_no_storm",
     .title = "25 % reordering causes less than 2 % needless retransmissions",
     .checkpoint = 4, .points = 5,
     .why = "paths with several lanes reorder all day; a sender that takes "
            "late for lost sends everything twice",
     .cause = "a segment counts as lost when three later ones have arrived; "
              "wait also until it has had its time, or learn from the "
              "retransmissions that turned out to be needless",
     .see = "RFC 8985 section 3.3.2", .variants = variants_pairing},
    {TEST(late_segment), .id = "08.4.late_segment", .figures = "segment",
     .title = "a segment that 14 others overtake is not sent again",
     .checkpoint = 4, .points = 3,
     .why = "a small delay must not be answered by a retransmission and a "
            "smaller window",
     .cause = "the number of duplicate ACKs decides alone; a fraction of the "
              "round trip is a better measure of patience",
     .see = "RFC 8985 section 3.3.2", .variants = variants_pairing},
};

THEME(reorder_theme, tests);
