/* Checkpoint 1: stop and wait on a link that loses nothing. */
#include "common.h"

START_TEST(one_segment)
{
    struct rig rig = rig_new("delay 5ms");
    struct transfer transfer = {.rig = &rig, .pairing = _i, .bytes = 1000};

    look_at(OURS);
    transfer_run(&transfer, SECONDS(5));
}
END_TEST

START_TEST(every_size)
{
    const size_t sizes[] = {0, 1, SEGMENT, SEGMENT + 1,
                            (size_t)param_int("bytes", 50 * 1000, 2, 200000)};
    struct rig rig = rig_new("delay 1ms");

    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct transfer transfer = {
            .rig = &rig, .pairing = _i, .bytes = sizes[i]};
        step("send a file of %zu bytes: %u segments", sizes[i],
             segments_of(sizes[i]));
        transfer_run(&transfer, SECONDS(5));
    }
}
END_TEST

START_TEST(stop_and_wait)
{
    struct rig rig = rig_new("delay 5ms");
    struct transfer transfer = {
        .rig = &rig, .pairing = _i, .bytes = 20 * SEGMENT, .window = "1"};

    transfer_run(&transfer, SECONDS(10));
    expect_under_way_at_most(&rig, 1);
}
END_TEST

/* Judges every datagram on the link as an outsider would. */
static void expect_sound(struct rig *rig)
{
    struct packet packet = {0};
    struct wire wire;
    uint32_t connection = 0;

    step("check: every datagram is one of the handout's");
    while (capture_next(rig->net, "udp", packet.number, &packet)) {
        if (!message_read(&wire, packet.payload, packet.payload_bytes))
            test_fail("packet #%u is not a sound datagram: magic, version, "
                      "lengths or CRC-32C are wrong",
                      packet.number);
        if (!connection)
            connection = wire.connection;
        if (wire.connection != connection)
            test_fail("packet #%u has connection id %08x; the transfer began "
                      "with %08x",
                      packet.number, wire.connection, connection);
    }
}

START_TEST(wire_format)
{
    struct rig rig = rig_new("delay 2ms");
    struct wire open[2] = {0};

    for (int i = 0; i < 2; i++) {
        struct transfer transfer = {
            .rig = &rig, .pairing = _i, .bytes = 5 * SEGMENT};
        struct packet packet = {0};
        transfer_run(&transfer, SECONDS(5));
        expect_true(
            capture_nth(rig.net, OPEN, 1, &packet) &&
                message_read(&open[i], packet.payload, packet.payload_bytes),
            "there is no sound OPEN on the link");
        if (i == 0) {
            expect_sound(&rig);
            expect_packets(rig.net, DATA, 5, 5, "DATA of a 5-segment file");
            expect_order(rig.net, OPEN, DATA, "OPEN comes first");
            expect_order(rig.net, DATA, FIN, "FIN comes last");
            rig = rig_new("delay 2ms");
        }
    }
    expect_true(open[0].connection != open[1].connection,
                "two transfers had the same connection id %08x: it must be "
                "random",
                open[0].connection);
    expect_true(open[0].sequence != open[1].sequence,
                "two transfers began with the same sequence number %u: it must "
                "be random unless -i says otherwise",
                open[0].sequence);
}
END_TEST

START_TEST(command_line)
{
    struct rig rig = rig_new("");
    struct transfer transfer = {.rig = &rig, .bytes = 10};
    const char *address = host_addr(rig.receiver);

    step("a sensible command line is taken");
    transfer_run(&transfer, SECONDS(5));
    step("leave out arguments, or give senseless ones");
    expect_exit(host_start(rig.sender, program("rsend")), EXIT_USAGE,
                SECONDS(5));
    expect_exit(host_start(rig.sender, program("rsend"), "-w", "0", address,
                           PORT, "in.bin"),
                EXIT_USAGE, SECONDS(5));
    expect_exit(host_start(rig.receiver, program("rrecv"), "-b", "many", PORT,
                           "out.bin"),
                EXIT_USAGE, SECONDS(5));
    expect_exit(host_start(rig.receiver, program("rrecv"), "70000", "out.bin"),
                EXIT_USAGE, SECONDS(5));
    step("name a file that does not exist");
    expect_exit(
        host_start(rig.sender, program("rsend"), address, PORT, "absent.bin"),
        EXIT_TROUBLE, SECONDS(5));
}
END_TEST

START_TEST(waiting_is_idle)
{
    struct rig rig = rig_new("delay 5ms");
    struct transfer transfer = {.rig = &rig, .bytes = 10};

    ready_rrecv(&transfer);
    step("nobody sends anything");
    expect_idle(transfer.rx, SECONDS(1));
    expect_running(transfer.rx);
}
END_TEST

static const struct lab_test tests[] = {
    {TEST(one_segment), .id = "08.1.one_segment",
     .title = "a file of one segment arrives", .checkpoint = 1, .points = 3,
     .why = "everything else in this lab is built on one OPEN, one DATA, one "
            "FIN and their ACKs",
     .cause = "the two programs do not agree on a datagram: compare the header "
              "in the capture with the layout in wire.h, byte by byte",
     .see = "README.md#the-protocol", .variants = variants_pairing},
    {TEST(every_size), .id = "08.1.every_size", .figures = "bytes",
     .title = "files of 0 bytes, 1 byte, exactly one segment and many arrive",
     .checkpoint = 1, .points = 2,
     .why = "empty files and files that fill their last segment are where "
            "off-by-one errors live",
     .cause = "the number of segments is (bytes + 1163) / 1164; an empty file "
              "has none, and FIN follows OPEN at once",
     .see = "README.md#the-protocol", .variants = variants_pairing},
    {TEST(stop_and_wait), .id = "08.1.stop_and_wait",
     .title = "with -w 1 each segment waits for the ACK of the one before",
     .checkpoint = 1, .points = 2,
     .why = "a window that is not kept floods whoever asked for it",
     .cause = "the sender sends on before the ACK of the last segment is in",
     .see = "README.md#sending"},
    {TEST(wire_format), .id = "08.1.wire_format",
     .title = "every datagram is as the handout says, ids and numbers are "
              "random",
     .checkpoint = 1, .points = 2,
     .why = "a fixed format is what lets your sender work with anybody's "
            "receiver; random numbers are what keeps strangers out",
     .cause = "a field in the wrong place or byte order, a CRC that includes "
              "its own field, or an id that is a constant",
     .see = "README.md#the-protocol"},
    {TEST(command_line), .id = "08.1.command_line",
     .title = "a senseless command line ends with 2, a missing file with 1",
     .checkpoint = 1, .points = 1,
     .why = "scripts can only react to what the exit status tells apart",
     .cause = "a number is taken without looking at its limits, or main "
              "returns the same status for everything",
     .see = "README.md#the-programs"},
    {TEST(waiting_is_idle), .id = "08.1.waiting_is_idle",
     .title = "a receiver to which nobody sends uses no CPU", .checkpoint = 1,
     .points = 2,
     .why = "a program that spins drains batteries and takes the CPU from "
            "those who have work",
     .cause = "recvfrom with MSG_DONTWAIT in a loop: wait in poll(2), with the "
              "next timer as its time-out",
     .see = "README.md#the-programs"},
};

THEME(basics_theme, tests);
