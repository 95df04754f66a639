/* Checkpoint 3: many segments under way. */
#include <stdio.h>

#include "common.h"

START_TEST(fills_the_pipe)
{
    struct rig rig = rig_new("delay 50ms rate 10mbit");
    struct transfer transfer = {
        .rig = &rig, .pairing = _i, .bytes = 4 * 1000 * 1000};

    transfer_run(&transfer, SECONDS(15));
    struct ledger ledger = ledger_read(&rig, transfer.bytes);
    double goodput = file_goodput_bps(&ledger, transfer.bytes);
    timed_goodput(&rig, &ledger, transfer.bytes, 8e6,
                  MSECONDS(100)); /* a round trip */
    expect_ratio_at_least(goodput / 10e6, 0.8,
                          "4 MB took %.2f s: %.2f Mbit/s of the link's 10; "
                          "at least 8 are expected",
                          (double)(ledger.last_ns - ledger.first_ns) / 1e9,
                          goodput / 1e6);
}
END_TEST

START_TEST(window_is_kept)
{
    struct rig rig = rig_new("delay 10ms loss 2%");
    struct transfer transfer = {
        .rig = &rig, .pairing = _i, .bytes = 150 * SEGMENT, .window = "8"};

    transfer_run(&transfer, SECONDS(15));
    expect_under_way_at_most(&rig, 8);
    expect_window_respected(&rig);
}
END_TEST

START_TEST(sequence_wraps)
{
    enum { SEGMENTS = 120 };
    int before = (int)param_int("before_wrap", 36, 25, 100);
    uint32_t initial = UINT32_MAX - (uint32_t)before + 1;
    char text[16];
    snprintf(text, sizeof(text), "%u", initial);
    struct rig rig = rig_new("delay 5ms loss 3% reorder 10% rate 20mbit");
    struct transfer transfer = {.rig = &rig,
                                .pairing = _i,
                                .bytes = SEGMENTS * SEGMENT,
                                .initial = text};

    transfer_run(&transfer, SECONDS(15));
    struct ledger ledger = ledger_read(&rig, transfer.bytes);
    expect_equal(ledger.initial, initial,
                 "with -i %s the first sequence number was %u", text,
                 ledger.initial);
    expect_packets(rig.net, DATA " and " SEQUENCE " < 100", SEGMENTS - before,
                   200, "DATA numbered beyond the wrap");
}
END_TEST

/* The most memory that a transfer of so many bytes takes in one program. */
static void measure(struct rig *rig, size_t bytes, int64_t peak_bytes[2])
{
    struct transfer transfer = {.rig = rig, .bytes = bytes};
    struct proc_end end[2];

    transfer_run(&transfer, SECONDS(25));
    proc_wait(transfer.tx, SECONDS(1), &end[0]);
    proc_wait(transfer.rx, SECONDS(1), &end[1]);
    for (int i = 0; i < 2; i++)
        peak_bytes[i] = end[i].peak_rss_bytes;
}

START_TEST(memory_stays_flat)
{
    enum { MEGABYTE = 1000 * 1000, SMALL = 4, LARGE = 24 };
    static const char *const names[] = {"rsend", "rrecv"};
    struct rig rig = rig_new("");
    int64_t small_bytes[2], large_bytes[2];

    measure(&rig, SMALL * MEGABYTE, small_bytes);
    measure(&rig, LARGE * MEGABYTE, large_bytes);
    for (int i = 0; i < 2; i++)
        expect_ratio_at_most(
            (double)(large_bytes[i] - small_bytes[i]) / 1e6, 3,
            "%s needs %.1f MB for a file of 4 MB and %.1f MB for "
            "one of 24 MB; the difference should be below 3 MB",
            names[i], (double)small_bytes[i] / 1e6,
            (double)large_bytes[i] / 1e6);
}
END_TEST

static const struct lab_test tests[] = {
    {TEST(fills_the_pipe), .id = "08.3.fills_the_pipe", .lasts_s = 4,
     .title = "80 % of a link of 10 Mbit/s with 100 ms round trip is used",
     .checkpoint = 3, .points = 4,
     .why = "with one segment a round trip this link carries 0.09 Mbit/s: the "
            "window decides what a long path is worth",
     .cause = "too few segments under way: rate x round trip is 125 kB, 107 "
              "segments; or the window starts to slide only when all of it is "
              "acknowledged",
     .see = "README.md#sending", .time_limit_s = 40, .needs = NEEDS_THROUGHPUT,
     .variants = variants_pairing},
    {TEST(window_is_kept), .id = "08.3.window_is_kept",
     .title = "with -w 8 never more than 8 segments are without an ACK",
     .checkpoint = 3, .points = 2,
     .why = "the window is the promise not to overrun; retransmissions are "
            "where it is broken",
     .cause = "next - first counts from a first that moves before the ACK is "
              "in, or is kept in bytes here and in segments there",
     .see = "README.md#sending", .variants = variants_pairing},
    {TEST(sequence_wraps), .id = "08.3.sequence_wraps",
     .figures = "before_wrap",
     .title = "sequence numbers wrap from 4294967295 to 0 in mid-file",
     .checkpoint = 3, .points = 2,
     .why = "at 1 Gbit/s a 32-bit counter of bytes wraps every 34 s; systems "
            "have died of it after months of test runs that were too short",
     .cause = "numbers are compared with <: only their difference, as a signed "
              "32-bit number, says which comes first",
     .see = "RFC 1982 section 3", .variants = variants_pairing},
    {TEST(memory_stays_flat), .id = "08.3.memory_stays_flat",
     .title = "memory does not grow with the file", .checkpoint = 3,
     .points = 2,
     .why = "whoever keeps something for every segment cannot send large files",
     .cause = "the whole file is in memory, or each segment's timer or buffer "
              "outlives its ACK",
     .see = "README.md#limits", .time_limit_s = 60, .load = LOAD_HEAVY,
     .needs = NEEDS_THROUGHPUT},
};

THEME(window_theme, tests);
