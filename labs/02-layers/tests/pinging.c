/* Checkpoint 7: pinger, held against the emulator's own record. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"

enum { MAX_PINGS = 1000, ICMP_AT = 34 };

/* What pinger should print: from the replies that the link delivered, in their
 * order. */
struct count {
    int sent, received, duplicates, reordered;
    int64_t rtt_min_ns;
};

static struct proc *start_pinger(struct wire *wire, const char *interval_ms,
                                 const char *wait_ms, const char *count)
{
    int fd = host_raw_socket(wire->maker, AF_INET, IPPROTO_ICMP);
    struct start_options options = {
        .fds = &fd, .fd_count = 1, .fd_env = (const char *[]){"PING_FD"}};
    const char *argv[] = {"-i",     interval_ms, "-w", wait_ms,
                          "reader", count,       NULL};
    struct proc *pinger =
        host_start_with(wire->maker, program("pinger"), &options, argv);
    close(fd);
    return pinger;
}

/* The number behind a name in what pinger printed; -1 if it is not there. */
static double printed(struct proc *pinger, const char *name)
{
    char wanted[32];
    snprintf(wanted, sizeof(wanted), "%s=", name);
    const char *at = strstr(proc_stdout(pinger, NULL), wanted);
    return at ? strtod(at + strlen(wanted), NULL) : -1;
}

/* ---- The emulator's record --------------------------------------------------
 */

struct reply {
    int64_t delivered_ns;
    unsigned sequence;
    uint32_t number; /* of the record: ties are broken by it */
};

static int by_delivery(const void *a, const void *b)
{
    const struct reply *x = a, *y = b;
    if (x->delivered_ns != y->delivered_ns)
        return x->delivered_ns < y->delivered_ns ? -1 : 1;
    return x->number < y->number ? -1 : 1;
}

static unsigned sequence_of(const struct packet *packet)
{
    const uint8_t *icmp = packet->data + ICMP_AT;
    return (unsigned)(icmp[6] << 8 | icmp[7]);
}

static size_t list_replies(struct wire *wire, struct reply *replies,
                           int64_t sent_ns[MAX_PINGS], int *sent)
{
    struct packet packet = {0};
    size_t n = 0;
    *sent = 0;
    while (capture_next(wire->net, "icmp", packet.number, &packet)) {
        bool request = packet.data[ICMP_AT] == 8;
        if (request && packet.from == wire->maker && packet.copy_of == 0) {
            sent_ns[sequence_of(&packet)] = packet.sent_ns;
            ++*sent;
        }
        if (!request && packet.to == wire->maker &&
            (packet.fate & FATE_DELIVERED) && !(packet.fate & FATE_CORRUPT))
            replies[n++] = (struct reply){packet.delivered_ns,
                                          sequence_of(&packet), packet.number};
    }
    qsort(replies, n, sizeof(*replies), by_delivery);
    return n;
}

static struct count count_of(struct wire *wire)
{
    static struct reply replies[8 * MAX_PINGS];
    static int64_t sent_ns[65536];
    static bool seen[65536];
    struct count count = {.rtt_min_ns = INT64_MAX};
    unsigned next_expected = 0;
    size_t n = list_replies(wire, replies, sent_ns, &count.sent);
    for (size_t i = 0; i < n; i++) {
        unsigned sequence = replies[i].sequence;
        if (seen[sequence]) {
            count.duplicates++;
            continue;
        }
        seen[sequence] = true;
        count.received++;
        count.reordered += sequence < next_expected;
        if (sequence >= next_expected)
            next_expected = sequence + 1;
        int64_t rtt_ns = replies[i].delivered_ns - sent_ns[sequence];
        if (rtt_ns < count.rtt_min_ns)
            count.rtt_min_ns = rtt_ns;
    }
    return count;
}

static struct count expect_right_counts(struct wire *wire, struct proc *pinger,
                                        int status)
{
    expect_exit(pinger, status, SECONDS(20));
    struct count count = count_of(wire);
    expect_equal((int64_t)printed(pinger, "sent"), count.sent,
                 "requests that pinger says it sent");
    expect_equal((int64_t)printed(pinger, "received"), count.received,
                 "requests that pinger says were answered");
    expect_equal((int64_t)printed(pinger, "lost"), count.sent - count.received,
                 "requests that pinger says were lost");
    expect_equal((int64_t)printed(pinger, "duplicates"), count.duplicates,
                 "further replies that pinger calls duplicates");
    expect_equal((int64_t)printed(pinger, "reordered"), count.reordered,
                 "replies that pinger says came behind a later one");
    return count;
}

/* ---- Tests ------------------------------------------------------------------
 */

START_TEST(counts_equal_the_emulators)
{
    struct wire wire =
        wire_new("delay 30ms 5ms loss 10% duplicate 5% reorder 20% 25%");
    struct proc *pinger = start_pinger(&wire, "5", "500", "200");
    struct count count = expect_right_counts(&wire, pinger, 0);
    need_faults(wire.net, FATE_LOST, "icmp", 10);
    need_faults(wire.net, FATE_DUPLICATE, "icmp", 5);
    if (count.reordered < 5)
        test_infra("only %d replies were reordered", count.reordered);
    expect_equal((int64_t)printed(pinger, "ignored"), 0,
                 "packets that were none of pinger's");
}
END_TEST

START_TEST(a_duplicate_is_no_reply)
{
    struct wire wire = wire_new("delay 10ms");
    link_script(wire.link, "duplicate nth 2 of \"icmp\" reader->maker");
    link_script(wire.link, "duplicate nth 4 of \"icmp\" maker->reader");
    link_script(wire.link, "drop nth 6 of \"icmp\" reader->maker");
    struct proc *pinger = start_pinger(&wire, "20", "300", "10");
    struct count count = expect_right_counts(&wire, pinger, 0);
    if (count.duplicates != 2 || count.received != 9)
        test_infra("the script had other effects than were meant");
}
END_TEST

START_TEST(a_late_reply_is_reordered)
{
    struct wire wire = wire_new("delay 5ms");
    link_script(wire.link, "hold 70ms nth 3 of \"icmp\" reader->maker");
    struct proc *pinger = start_pinger(&wire, "20", "300", "10");
    struct count count = expect_right_counts(&wire, pinger, 0);
    if (count.reordered != 1)
        test_infra("%d replies were reordered, and 1 was meant to be",
                   count.reordered);
}
END_TEST

/* The kernel's netem loses ARP as well, and who has no address asks nothing. */
static void know_reader(const struct wire *wire)
{
    uint8_t mac[6];
    host_mac(wire->reader, wire->link, mac);
    host_run(wire->maker,
             "ip neighbour replace %s dev %s lladdr "
             "%02x:%02x:%02x:%02x:%02x:%02x nud permanent",
             host_addr(wire->reader), host_device(wire->maker, wire->link),
             mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

START_TEST(silence_is_loss)
{
    struct wire wire = wire_new("delay 5ms loss 100%");
    know_reader(&wire);
    struct proc *pinger = start_pinger(&wire, "10", "200", "10");
    (void)expect_right_counts(&wire, pinger, 1);
    expect_true(strstr(proc_stdout(pinger, NULL), "rtt") == NULL,
                "without a reply there is no RTT, and pinger printed one");
}
END_TEST

START_TEST(damage_is_no_reply)
{
    struct wire wire = wire_new("delay 5ms");
    link_script(wire.link, "corrupt every 3 of \"icmp\" reader->maker");
    struct proc *pinger = start_pinger(&wire, "5", "300", "60");
    struct count count = expect_right_counts(&wire, pinger, 0);
    need_faults(wire.net, FATE_CORRUPT, "icmp", 10);
    expect_at_most(count.received, 50, "replies that came undamaged");
}
END_TEST

/* Another ping on the same host, which begins when pinger has asked all. */
START_TEST(strangers_are_ignored)
{
    struct wire wire = wire_new("delay 5ms 2ms");
    struct proc *pinger = start_pinger(&wire, "5", "2000", "20");
    if (!capture_await(wire.net, "icmp[0] = 8", 20, PATIENCE))
        test_fail("pinger should send 20 requests, and did not within 10 s");
    struct proc *ping = host_start(wire.maker, peer("ping"), "-c", "5", "-i",
                                   "0.02", host_addr(wire.reader));
    expect_exit(ping, 0, PATIENCE);
    expect_exit(pinger, 0, PATIENCE);
    expect_equal((int64_t)printed(pinger, "received"), 20,
                 "requests that were answered");
    expect_equal((int64_t)printed(pinger, "duplicates"), 0,
                 "duplicates, with a second ping on this host");
    expect_at_least((int64_t)printed(pinger, "ignored"), 1,
                    "packets of the other ping that were ignored");
}
END_TEST

/* Turns a request's addresses round. */
static void turn_round(uint8_t *frame)
{
    uint8_t swap[6];
    memcpy(swap, frame, 6);
    memcpy(frame, frame + 6, 6);
    memcpy(frame + 6, swap, 6);
    memcpy(swap, frame + 26, 4);
    memcpy(frame + 26, frame + 30, 4);
    memcpy(frame + 30, swap, 4);
}

/* Adds to a field of the ICMP header and keeps its checksum right. */
static void change16(uint8_t *icmp, size_t at, uint16_t add)
{
    uint16_t value = (uint16_t)((icmp[at] << 8 | icmp[at + 1]) + add);
    icmp[at] = (uint8_t)(value >> 8);
    icmp[at + 1] = (uint8_t)value;
}

static void sum_icmp(uint8_t *icmp, size_t bytes)
{
    uint32_t sum = 0;
    icmp[2] = icmp[3] = 0;
    for (size_t i = 0; i + 1 < bytes; i += 2)
        sum += (uint32_t)(icmp[i] << 8 | icmp[i + 1]);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = ~((sum & 0xffff) + (sum >> 16));
    icmp[2] = (uint8_t)(sum >> 8);
    icmp[3] = (uint8_t)sum;
}

/* Forged replies: to what was not asked yet, of another id, of another type. */
START_TEST(forgeries_are_ignored)
{
    static const struct {
        size_t field;
        uint16_t add;
    } changes[] = {{6, 500}, {4, 1}, {0, 0x0d00}, {0, 1}};
    struct wire wire = wire_new("delay 5ms");
    struct frame_port *port = frame_open(wire.reader, wire.link);
    struct proc *pinger = start_pinger(&wire, "30", "400", "10");
    uint8_t frame[2048];
    ssize_t n =
        frame_await(port, "icmp[0] = 8", frame, sizeof(frame), PATIENCE);
    expect_true(n > ICMP_AT + 8, "pinger should send an echo request");
    turn_round(frame);
    for (size_t i = 0; i < COUNT(changes); i++) {
        uint8_t forged[2048];
        uint8_t *icmp = forged + ICMP_AT;
        memcpy(forged, frame, (size_t)n);
        icmp[0] = 0;
        change16(icmp, changes[i].field, changes[i].add);
        sum_icmp(icmp, (size_t)n - ICMP_AT);
        step("forge a reply with field %zu changed by %u", changes[i].field,
             changes[i].add);
        if (frame_send(port, forged, (size_t)n) < 0)
            test_infra("a forged reply cannot be sent");
    }
    expect_exit(pinger, 0, PATIENCE);
    expect_equal((int64_t)printed(pinger, "received"), 10,
                 "requests that were answered");
    expect_equal((int64_t)printed(pinger, "duplicates"), 0,
                 "duplicates, with four forged replies");
    expect_equal((int64_t)printed(pinger, "ignored"), COUNT(changes),
                 "forged replies that were ignored");
}
END_TEST

START_TEST(rtt_is_the_links)
{
    struct wire wire = wire_new("delay 40ms 10ms");
    struct proc *pinger = start_pinger(&wire, "10", "400", "60");
    struct count count = expect_right_counts(&wire, pinger, 0);
    double min_ms = printed(pinger, "rtt_min"),
           avg_ms = printed(pinger, "rtt_avg"),
           max_ms = printed(pinger, "rtt_max");
    double wire_ms = (double)count.rtt_min_ns / 1e6;
    expect_true(min_ms >= wire_ms - 0.5 && min_ms <= wire_ms + 20,
                "the shortest round trip took %.2f ms on the wire, and pinger "
                "says %.2f ms",
                wire_ms, min_ms);
    expect_true(min_ms <= avg_ms && avg_ms <= max_ms,
                "rtt_min, rtt_avg and rtt_max should rise: %.2f, %.2f, %.2f",
                min_ms, avg_ms, max_ms);
}
END_TEST

START_TEST(waits_without_working)
{
    struct wire wire = wire_new("delay 20ms");
    struct proc *pinger = start_pinger(&wire, "10000", "10000", "2");
    if (!capture_await(wire.net, "icmp[0] = 0", 1, PATIENCE))
        test_fail("pinger sent no request that was answered within 10 s");
    expect_idle(pinger, MSECONDS(500));
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(counts_equal_the_emulators),
        .id = "02.7.counts_equal_the_emulators",
        .title = "On a link that loses, doubles and reorders, pinger counts "
                 "what the emulator counted",
        .checkpoint = 7,
        .points = 3,
        .why = "A measurement that is wrong when the network is bad is wrong "
               "when it matters.",
        .cause = "a reply is known by its id and sequence number alone.  The "
                 "first to a request counts, all others are duplicates; "
                 "reordered is what comes behind a reply to a later request.",
        .see = "RFC 4737 section 3",
    },
    {
        TEST(a_duplicate_is_no_reply),
        .id = "02.7.a_duplicate_is_no_reply",
        .title = "Two doubled packets and one lost make 9 of 10, not 11",
        .checkpoint = 7,
        .points = 1,
        .why = "Duplicates that count as replies hide losses.",
        .cause = "mark a request as answered by its first reply.",
        .see = "README.md#the-programs",
    },
    {
        TEST(a_late_reply_is_reordered),
        .id = "02.7.a_late_reply_is_reordered",
        .title = "One reply that is held back is one reordered reply",
        .checkpoint = 7,
        .points = 1,
        .why = "One late packet is one reordering, not three.",
        .cause = "the late one is reordered, not those that overtook it: "
                 "compare with the highest number that has been answered.",
        .see = "RFC 4737 section 3",
    },
    {
        TEST(silence_is_loss),
        .id = "02.7.silence_is_loss",
        .title = "Without a reply all is lost, and the status is 1",
        .checkpoint = 7,
        .points = 1,
        .why = "Scripts look at the status.",
        .cause = "pinger ends when its wait is over, replies or not.",
        .see = "README.md#the-programs",
    },
    {
        TEST(damage_is_no_reply),
        .id = "02.7.damage_is_no_reply",
        .title = "A damaged reply is none",
        .checkpoint = 7,
        .points = 1,
        .why = "A raw socket is given ICMP packets before anybody has "
               "verified their checksum.",
        .cause = "verify the ICMP checksum of what comes in: the kernel has "
                 "verified the IP header's only.",
        .see = "README.md#raw-sockets",
    },
    {
        TEST(strangers_are_ignored),
        .id = "02.7.strangers_are_ignored",
        .title = "Another ping's replies are ignored",
        .checkpoint = 7,
        .points = 1,
        .why = "A raw socket is given everybody's.",
        .cause = "compare the identifier before anything is counted.",
        .see = "README.md#raw-sockets",
    },
    {
        TEST(forgeries_are_ignored),
        .id = "02.7.forgeries_are_ignored",
        .title = "Replies to what was never asked are ignored",
        .checkpoint = 7,
        .points = 1,
        .why = "An index out of a packet is an index out of an array.",
        .cause = "type and code are 0, the identifier is yours, the sequence "
                 "number is below what was sent.",
        .see = "README.md#raw-sockets",
    },
    {
        TEST(rtt_is_the_links),
        .id = "02.7.rtt_is_the_links",
        .title = "The shortest round trip is the link's",
        .checkpoint = 7,
        .points = 2,
        .why = "RTT is measured per request: with several under way, the "
               "latest request is not the one that is answered.",
        .cause = "keep each request's own time of sending, of a monotonic "
                 "clock.",
        .see = "README.md#the-programs",
    },
    {
        TEST(waits_without_working),
        .id = "02.7.waits_without_working",
        .title = "pinger uses no CPU while it waits",
        .checkpoint = 7,
        .points = 1,
        .why = "Waiting is free if the kernel does it.",
        .cause = "a loop around a call that does not block: wait in ppoll, "
                 "with the next due time as its time-out.",
        .see = "README.md#checkpoint-7",
        .load = LOAD_ALONE,
    },
};
SUITE_THEME(pinging_theme, tests)
