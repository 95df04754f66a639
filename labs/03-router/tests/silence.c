/* Checkpoint 4: when a router must say nothing. */
#include <stdio.h>
#include <string.h>

#include "common.h"

static int errors(const struct path *path)
{
    return capture_count(path->net, "icmp and src host router and "
                                    "(icmp[0] = 3 or icmp[0] = 11)");
}

/* Sends a packet that would expire here, and expects no error about it. */
static void expect_no_error(struct path *path, struct spec spec,
                            const char *what)
{
    int before = errors(path);
    spec.ttl = 1;
    step("send %s, with TTL 1", what);
    send_packet(path, &spec);
    send_marker(path);
    look_at("icmp");
    expect_equal(errors(path) - before, 0, "ICMP errors about %s", what);
}

static void expect_control(struct path *path, struct spec spec,
                           const char *what)
{
    int before = errors(path);
    spec.ttl = 1;
    step("send %s, with TTL 1: this one is answered", what);
    send_packet(path, &spec);
    send_marker(path);
    expect_equal(errors(path) - before, 1, "ICMP errors about %s", what);
}

START_TEST(no_error_about_an_error)
{
    struct path path = path_new("delay 2ms 1ms", "delay 2ms 1ms");
    path_start(&path, "icmp rate 1000 burst 1000\n");
    uint8_t icmp[64];
    struct spec spec = {.protocol = PROTO_ICMP, .payload = icmp};
    static const uint8_t types[] = {3, 4, 5, 11, 12};
    for (size_t i = 0; i < sizeof(types); i++) {
        char what[48];
        snprintf(what, sizeof(what), "an ICMP message of type %d", types[i]);
        spec.payload_bytes = make_icmp(icmp, types[i], 0, 36);
        expect_no_error(&path, spec, what);
    }
    spec.payload_bytes = make_icmp(icmp, 8, 0, 36);
    expect_control(&path, spec, "an echo request");
}
END_TEST

START_TEST(no_error_about_later_fragments)
{
    struct path path = path_new("delay 2ms 1ms", "delay 2ms 1ms");
    path_start(&path, "icmp rate 1000 burst 1000\n");
    struct spec spec = {.fragment = 0x2000 | 100, .payload_bytes = 64};
    expect_no_error(&path, spec, "a fragment with offset 800");
    spec.fragment = 50;
    expect_no_error(&path, spec, "a last fragment");
    spec.fragment = 0x2000;
    expect_control(&path, spec, "a first fragment");
}
END_TEST

START_TEST(no_error_about_broadcasts)
{
    struct path path = path_new("delay 2ms 1ms", "delay 2ms 1ms");
    path_start(&path, "icmp rate 1000 burst 1000\n");
    expect_no_error(&path, (struct spec){.destination = "255.255.255.255"},
                    "a datagram to all, for a port that nobody has");
    expect_no_error(&path, (struct spec){.destination = "10.77.1.255"},
                    "a datagram to all of the subnet");
    expect_no_error(&path, (struct spec){.destination = "224.0.0.1"},
                    "a datagram to a multicast group");
    expect_no_error(&path, (struct spec){.source = "224.0.0.1"},
                    "a datagram from a multicast group");
    expect_no_error(&path, (struct spec){.source = "0.0.0.0"},
                    "a datagram from nobody");
    expect_control(&path, (struct spec){.payload_bytes = 3},
                   "a datagram from a to b");
}
END_TEST

START_TEST(errors_are_limited)
{
    struct path path = path_new("delay 2ms 1ms", "delay 2ms 1ms");
    enum { BURST = 20, SENT = 200 };
    path_start(&path, "icmp rate 50 burst 20\n");
    send_marker(&path);
    step("send %d packets with TTL 1 at once; the limit is 20, and 50 more "
         "each second",
         SENT);
    int64_t begun_ns = clock_now_ns();
    for (int i = 0; i < SENT; i++)
        send_packet(&path, &(struct spec){.ttl = 1, .id = (uint16_t)i});
    send_marker(&path);
    expect_ping(path.a, "10.77.1.2", 1); /* the reply is behind the errors */
    int64_t spent_ms = (clock_now_ns() - begun_ns) / 1000000;
    int first = errors(&path);
    expect_between(first, BURST, BURST + 2 + (int)(spent_ms * 50 / 1000),
                   "ICMP errors for %d packets within %d ms (burst 20, rate "
                   "50/s)",
                   SENT, (int)spent_ms);
    step("wait until the bucket holds something again, send another");
    int64_t until_ns = clock_now_ns() + PATIENCE;
    while (errors(&path) == first && clock_now_ns() < until_ns) {
        send_packet(&path, &(struct spec){.ttl = 1});
        (void)capture_await(path.net, "icmp[0] = 11", first + 1, MSECONDS(30));
    }
    expect_at_least(errors(&path), first + 1, "ICMP errors after a pause");
}
END_TEST

static const struct lab_test tests[] = {
    {
        TEST(no_error_about_an_error),
        .id = "03.4.no_error_about_an_error",
        .title = "There is no error about an ICMP error",
        .checkpoint = 4,
        .points = 1,
        .why = "Two machines that answer errors with errors never stop.",
        .cause = "types 3, 4, 5, 11 and 12 are errors; echo is not, and must "
                 "be answered.",
        .see = "RFC 1122 section 3.2.2",
    },
    {
        TEST(no_error_about_later_fragments),
        .id = "03.4.no_error_about_later_fragments",
        .title = "There is an error about a first fragment only",
        .checkpoint = 4,
        .points = 1,
        .why = "One packet, one error: and the later ones have no ports by "
               "which the sender could tell whose they were.",
        .cause = "the offset is 13 bits; MF alone does not make a later one.",
        .see = "RFC 1122 section 3.2.2",
    },
    {
        TEST(no_error_about_broadcasts),
        .id = "03.4.no_error_about_broadcasts",
        .title = "There is no error about what went to many, or came from none",
        .checkpoint = 4,
        .points = 1,
        .why = "One datagram would be answered by all who heard it.",
        .cause = "the destination must be one machine's and the source too, "
                 "before anything is said.",
        .see = "RFC 1122 section 3.2.2",
    },
    {
        TEST(errors_are_limited),
        .id = "03.4.errors_are_limited",
        .title = "Errors are limited in rate",
        .checkpoint = 4,
        .points = 2,
        .why = "Making errors costs more than forwarding, so it is the way to "
               "make a router busy.",
        .cause = "a token bucket: full at first, a token for each error, "
                 "`rate` new ones a second, never more than `burst`.",
        .see = "RFC 1812 section 4.3.2.8",
    },
};
THEME(silence_theme, tests)
