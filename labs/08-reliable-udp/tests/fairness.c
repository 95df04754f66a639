/* Checkpoint 9: the path belongs to others too. */
#include <stdio.h>

#include "common.h"

static void start_second(struct rig *rig, int pairing, struct proc *procs[2])
{
    procs[0] = host_start(rig->receiver, PAIR_RECEIVER(pairing, "rrecv"),
                          "9001", "out2.bin");
    proc_await_udp(procs[0], 9001);
    procs[1] = host_start(rig->sender, PAIR_SENDER(pairing, "rsend"),
                          host_addr(rig->receiver), "9001", "in.bin");
}

/* Bytes of DATA that arrived for a port between two points in time. */
static double arrived_bytes(struct net *net, int port, int64_t from_ns,
                            int64_t to_ns)
{
    struct packet packet = {0};
    double bytes = 0;
    char filter[80];

    snprintf(filter, sizeof(filter), DATA " and dst port %d", port);
    while (capture_next(net, filter, packet.number, &packet))
        if (packet.fate & FATE_DELIVERED && packet.delivered_ns >= from_ns &&
            packet.delivered_ns <= to_ns)
            bytes += (double)packet.payload_bytes;
    return bytes;
}

/* When the first and the last DATA for a port arrived. */
static void span(struct net *net, int port, int64_t *first_ns, int64_t *last_ns)
{
    struct packet packet = {0};
    char filter[80];

    snprintf(filter, sizeof(filter), DATA " and dst port %d", port);
    *first_ns = 0;
    while (capture_next(net, filter, packet.number, &packet)) {
        if (!(packet.fate & FATE_DELIVERED))
            continue;
        if (!*first_ns)
            *first_ns = packet.delivered_ns;
        *last_ns = packet.delivered_ns;
    }
}

/* The full queue may drop the second's OPEN, and again its copies: a second, or
 * three, in which it is not there to be shared with.  That is nobody's fault,
 * unless the first had made it a flood. */
static void need_overlap(struct net *net, int64_t overlap_ns)
{
    int sent = capture_count(net, DATA);
    int dropped = capture_count_fate(net, FATE_OVERFLOW, DATA);

    if (overlap_ns < MSECONDS(1500) && dropped * 10 <= sent &&
        capture_count_fate(net, FATE_OVERFLOW, OPEN) > 0)
        test_infra("OPEN was dropped so often that the two transfers shared "
                   "the link for %.1f s after the first second only",
                   (double)overlap_ns / 1e9);
}

START_TEST(two_share_a_link)
{
    struct rig rig = rig_new("delay 10ms rate 10mbit limit 30");
    struct transfer transfer = {
        .rig = &rig, .pairing = _i, .bytes = 4000 * 1000};
    struct proc *second[2];
    int64_t first_ns[2] = {0}, last_ns[2] = {0};

    transfer_begin(&transfer);
    start_second(&rig, _i, second);
    transfer_end(&transfer, SECONDS(15));
    expect_exit(second[1], EXIT_WHOLE, SECONDS(10));
    for (int i = 0; i < 2; i++)
        span(rig.net, PORT_NUMBER + i, &first_ns[i], &last_ns[i]);
    int64_t from_ns = first_ns[0] > first_ns[1] ? first_ns[0] : first_ns[1];
    from_ns += SECONDS(1); /* who came first has had its advantage by then */
    int64_t to_ns = last_ns[0] < last_ns[1] ? last_ns[0] : last_ns[1];
    need_overlap(rig.net, to_ns - from_ns);
    double shares[2];
    for (int i = 0; i < 2; i++)
        shares[i] = arrived_bytes(rig.net, PORT_NUMBER + i, from_ns, to_ns);
    /* So long the queue of 30 packets keeps the link busy on its own. */
    timed(rig.net, from_ns - SECONDS(1), to_ns, MSECONDS(30));
    double seconds = (double)(to_ns - from_ns) / 1e9;
    expect_ratio_at_least(jain_index(shares, 2), 0.9,
                          "a second after both had begun one got %.2f Mbit/s "
                          "and the other %.2f of 10",
                          shares[0] * 8e-6 / seconds,
                          shares[1] * 8e-6 / seconds);
    expect_ratio_at_least((shares[0] + shares[1]) * 8 / seconds / 10e6, 0.75,
                          "together they used %.2f Mbit/s of 10",
                          (shares[0] + shares[1]) * 8e-6 / seconds);
}
END_TEST

/* How many different segments come before any is acknowledged. */
static unsigned first_burst(struct peer *peer, uint32_t *stamp)
{
    uint32_t highest = 0;
    unsigned count = 0;
    struct wire data;

    while (peer_hear(peer, WIRE_DATA, &data, MSECONDS(100))) {
        if (count && seq_distance(highest, data.sequence) <= 0)
            break; /* it has begun to send again */
        highest = data.sequence;
        *stamp = data.timestamp;
        count++;
    }
    return count;
}

START_TEST(gentle_start)
{
    struct rig rig = rig_new("delay 10ms");
    struct transfer transfer = {.rig = &rig, .bytes = 1000 * SEGMENT};
    struct peer peer = peer_receiver(&rig);
    uint32_t stamp = 0;

    file_random(rig.net, "sender:in.bin", transfer.bytes);
    start_rsend(&transfer);
    struct wire open = peer_accept(&peer, 1000);
    look_at(DATA);
    timed_from_open(&rig, MSECONDS(80)); /* silence of 100 ms ends a burst */
    unsigned count = first_burst(&peer, &stamp);
    expect_between(count, 2, 10,
                   "rsend sent %u segments before the first was acknowledged; "
                   "2 to 10 are expected at the start",
                   count);
    step("acknowledge them all");
    peer_say(&peer, &(struct wire){.type = WIRE_ACK,
                                   .ack = open.sequence + 1 + count,
                                   .window = 1000,
                                   .echo = stamp});
    unsigned next = first_burst(&peer, &stamp);
    expect_between(next, count, 2 * count + 1,
                   "after %u segments were acknowledged rsend sent %u: slow "
                   "start sends at most twice as many, and not fewer",
                   count, next);
}
END_TEST

START_TEST(small_queue)
{
    struct rig rig = rig_new("delay 10ms rate 10mbit limit 25");
    struct transfer transfer = {
        .rig = &rig, .pairing = _i, .bytes = 2000 * 1000};

    transfer_run(&transfer, SECONDS(15));
    struct ledger ledger = ledger_read(&rig, transfer.bytes);
    int dropped = capture_count_fate(rig.net, FATE_OVERFLOW, DATA);
    double goodput = file_goodput_bps(&ledger, transfer.bytes);
    timed_transfer(&rig, &ledger, MSECONDS(30)); /* what the queue holds */
    expect_ratio_at_most(
        (double)dropped / ledger.segments, 0.1,
        "a queue of 25 packets dropped %d of %u segments; at most "
        "10 %% are expected",
        dropped, ledger.segments);
    timed_goodput(&rig, &ledger, transfer.bytes, 6e6, MSECONDS(30));
    expect_ratio_at_least(goodput / 10e6, 0.6,
                          "%.2f Mbit/s of 10 through a short queue",
                          goodput / 1e6);
}
END_TEST

static const struct lab_test tests[] = {
    {TEST(two_share_a_link), .id = "08.9.two_share_a_link", .lasts_s = 7,
     .title = "two transfers share a link fairly and use it", .checkpoint = 9,
     .points = 3,
     .why = "the sender that does not yield gets all, until everybody does "
            "the same and nobody gets anything",
     .cause = "no window follows the losses, or it is cut for each lost "
              "segment instead of once a round trip",
     .see = "RFC 5681 section 3, RFC 8085 section 3.1", .time_limit_s = 45,
     .needs = NEEDS_THROUGHPUT, .variants = variants_pairing},
    {TEST(gentle_start), .id = "08.9.gentle_start",
     .title = "a transfer starts with at most 10 segments and then doubles",
     .checkpoint = 9, .points = 2,
     .why = "nobody knows the path yet; the first burst must not be a flood",
     .cause = "the receiver's window is taken for the path's",
     .see = "RFC 6928 section 2"},
    {TEST(small_queue), .id = "08.9.small_queue",
     .title = "a short queue is neither flooded nor feared", .checkpoint = 9,
     .points = 1,
     .why = "cheap routers have short queues; pouring a window into them loses "
            "most of it",
     .cause = "the window is not cut on loss, or cut to nothing each time",
     .see = "RFC 5681 section 3.1", .needs = NEEDS_THROUGHPUT,
     .variants = variants_pairing},
};

THEME(fairness_theme, tests);
