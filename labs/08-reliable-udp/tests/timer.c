/* Checkpoint 5: the retransmission timer. */
#include <stdio.h>

#include "common.h"

/* Segment 20 is lost four times in a row, and nothing else is under way: only
 * the timer can send it again. */
START_TEST(timer_backs_off)
{
    struct rig rig = rig_new("delay 10ms");
    struct transfer transfer = {.rig = &rig,
                                .pairing = _i,
                                .bytes = 30 * SEGMENT,
                                .window = "1",
                                .initial = ISN_TEXT};
    struct packet sent[5];

    link_script(rig.link, "drop first 4 of \"" DATA " and " SEQUENCE
                          " = 1020\" sender->receiver");
    look_at(DATA " and " SEQUENCE " = 1020");
    transfer_run(&transfer, SECONDS(20));
    int count = 0;
    while (count < 5 && capture_nth(rig.net, DATA " and " SEQUENCE " = 1020",
                                    count + 1, &sent[count]))
        count++;
    expect_at_least(count, 5,
                    "segment 20 was lost four times and sent %d times", count);
    /* 400 ms after 200 need not be more than 340. */
    timed(rig.net, sent[0].sent_ns, sent[4].sent_ns, MSECONDS(30));
    for (int i = 0; i < 3; i++) {
        double wait = (double)(sent[i + 1].sent_ns - sent[i].sent_ns);
        double next = (double)(sent[i + 2].sent_ns - sent[i + 1].sent_ns);
        expect_true(next >= 1.7 * wait || next >= 1.7e9,
                    "attempt %d at segment 20 came %.0f ms after the one "
                    "before, the next %.0f ms after that: each wait must be "
                    "twice the last one (up to 2 s)",
                    i + 2, wait / 1e6, next / 1e6);
    }
    double first_ms = (double)(sent[1].sent_ns - sent[0].sent_ns) / 1e6;
    expect_true(first_ms >= 150 && first_ms <= 450,
                "segment 20 was sent again after %.0f ms; on a steady path of "
                "20 ms the time-out is its least value, 200 ms",
                first_ms);
}
END_TEST

START_TEST(delay_jump)
{
    struct rig rig = rig_new("delay 20ms rate 10mbit");
    struct transfer transfer = {
        .rig = &rig, .pairing = _i, .bytes = 1200 * 1000};

    transfer_begin(&transfer);
    expect_true(capture_await(rig.net, DATA, 400, SECONDS(10)),
                "fewer than 400 segments were sent in 10 s");
    step("the path's delay jumps from 20 ms to 300 ms; nothing is lost");
    link_profile(rig.link, "delay 300ms rate 10mbit");
    transfer_end(&transfer, SECONDS(20));
    struct ledger ledger = ledger_read(&rig, transfer.bytes);
    look_at(DATA);
    timed_transfer(&rig, &ledger, MSECONDS(50));
    expect_at_most(ledger.resends, 25,
                   "%u of %u segments were sent again when the path became "
                   "slow, and not one was lost; at most 25 are expected",
                   ledger.resends, ledger.segments);
}
END_TEST

/* Three losses of segment 10 make its ACK late by more than a second.  Whoever
 * takes that for a round trip waits long when segment 11 is lost. */
START_TEST(samples_are_true)
{
    struct rig rig = rig_new("delay 10ms");
    struct transfer transfer = {.rig = &rig,
                                .pairing = _i,
                                .bytes = 30 * SEGMENT,
                                .window = "1",
                                .initial = ISN_TEXT};
    struct packet first = {0}, second = {0};

    link_script(rig.link, "drop first 3 of \"" DATA " and " SEQUENCE
                          " = 1010\" sender->receiver");
    link_script(rig.link, "drop first 1 of \"" DATA " and " SEQUENCE
                          " = 1011\" sender->receiver");
    look_at(DATA " and " SEQUENCE " = 1011");
    transfer_run(&transfer, SECONDS(20));
    need_faults(rig.net, FATE_LOST, DATA, 4);
    expect_true(
        capture_nth(rig.net, DATA " and " SEQUENCE " = 1011", 1, &first) &&
            capture_nth(rig.net, DATA " and " SEQUENCE " = 1011", 2, &second),
        "segment 11 was lost and not sent again");
    timed(rig.net, first.sent_ns, second.sent_ns, MSECONDS(200));
    expect_at_most((second.sent_ns - first.sent_ns) / 1000000, 600,
                   "segment 11 was sent again only after %lld ms; the path "
                   "takes 20 ms, and only segment 10 was ever slow: lost three "
                   "times",
                   (long long)(second.sent_ns - first.sent_ns) / 1000000);
}
END_TEST

START_TEST(link_away)
{
    struct rig rig = rig_new("delay 10ms rate 10mbit");
    struct transfer transfer = {
        .rig = &rig, .pairing = _i, .bytes = 700 * 1000};

    transfer_begin(&transfer);
    expect_true(capture_await(rig.net, DATA, 150, SECONDS(10)),
                "fewer than 150 segments were sent in 10 s");
    step("the link is away for 3 s");
    link_script(rig.link, "cut at 0s for 3s");
    transfer_end(&transfer, SECONDS(12));
    need_faults(rig.net, FATE_CUT, DATA, 2);
    int during = capture_count_fate(rig.net, FATE_CUT, DATA);
    look_at(DATA);
    timed_from_open(&rig, MSECONDS(100)); /* half of a time-out */
    expect_at_most(during, 150,
                   "%d segments were sent into the dead link in 3 s: back off, "
                   "and ask with one segment at a time",
                   during);
}
END_TEST

static const struct lab_test tests[] = {
    {TEST(timer_backs_off), .id = "08.5.timer_backs_off", .lasts_s = 4,
     .title = "each time-out in a row waits twice as long as the last",
     .checkpoint = 5, .points = 3,
     .why = "when nothing gets through, sending on at full rate is what keeps "
            "it that way",
     .cause = "the time-out is a constant, or the back-off is forgotten when "
              "the segment is sent",
     .see = "RFC 6298 section 5.5", .variants = variants_pairing},
    {TEST(delay_jump), .id = "08.5.delay_jump", .lasts_s = 5,
     .title = "a jump of the delay from 20 to 300 ms causes no storm",
     .checkpoint = 5, .points = 3,
     .why = "a route changes, a phone changes cells: all ACKs are late at "
            "once, and none is lost",
     .cause = "on a time-out everything outstanding is sent again: send one "
              "segment and let its ACK say what else is missing",
     .see = "RFC 6298 section 5.4, RFC 5682", .variants = variants_pairing},
    {TEST(samples_are_true), .id = "08.5.samples_are_true",
     .title = "retransmitted segments do not spoil the measured round trip",
     .checkpoint = 5, .points = 2,
     .why = "one wrong sample and the next loss costs seconds",
     .cause = "the round trip is measured from the first transmission: measure "
              "by the echoed timestamp, or not at all what was sent twice",
     .see = "RFC 6298 section 3 (Karn's algorithm)",
     .variants = variants_pairing},
    {TEST(link_away), .id = "08.5.link_away", .lasts_s = 4,
     .title = "a link that is away for 3 s delays the transfer, no more",
     .checkpoint = 5, .points = 2,
     .why = "lifts, tunnels, rebooting routers: the peer is fine, the path is "
            "not",
     .cause = "the sender gives up too early, floods the dead link, or waits "
              "too long when it is back",
     .see = "RFC 6298 section 5", .variants = variants_pairing},
};

THEME(timer_theme, tests);
